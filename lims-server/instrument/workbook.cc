#include "instrument/workbook.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <pugixml.hpp>

namespace lims::instrument {
namespace {

// More than any instrument writes; what is packed may grow beyond all bounds.
constexpr zip_int64_t kMaxParts = 1000;
constexpr std::uint64_t kMaxPartBytes = std::uint64_t{64} << 20;
constexpr std::size_t kMaxRows = 200'000;
constexpr std::size_t kMaxColumns = 1000;
constexpr std::size_t kMaxCells = 2'000'000;
constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;  // a text may stand in many cells

constexpr std::string_view kWorkbookPart = "xl/workbook.xml";
constexpr std::string_view kExportAgain = "export the run again and submit that file";

Error Damaged(std::string_view what) {
  return InvalidArgument("file", fmt::format("{}; {}", what, kExportAgain));
}

std::string_view LocalName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

// Child elements of this name, with whatever prefix.
std::vector<pugi::xml_node> Children(const pugi::xml_node& parent, std::string_view name) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node& child : parent.children()) {
    if (LocalName(child) == name) found.push_back(child);
  }
  return found;
}

pugi::xml_node Child(const pugi::xml_node& parent, std::string_view name) {
  const auto found = Children(parent, name);
  return found.empty() ? pugi::xml_node() : found.front();
}

// The text of a string, in one piece or in runs of differing fonts; a run has no runs.
std::string TextOf(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& child : node.children()) {
    if (LocalName(child) == "t") text += child.text().get();
    if (LocalName(child) != "r") continue;
    for (const pugi::xml_node& piece : Children(child, "t")) text += piece.text().get();
  }
  return text;
}

class Archive {
 public:
  static Result<Archive> Open(std::string_view bytes) {
    Archive archive;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* zip = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
    if (zip == nullptr && source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    if (zip == nullptr) return Damaged("is damaged or not whole");
    archive.zip_.reset(zip);
    if (zip_get_num_entries(zip, 0) > kMaxParts)
      return Damaged("has more parts than a spreadsheet");
    return archive;
  }

  // nullopt when there is no such part.
  Result<std::optional<pugi::xml_document>> Part(const std::string& name) {
    zip_stat_t stat;
    if (zip_stat(zip_.get(), name.c_str(), 0, &stat) != 0) {
      return std::optional<pugi::xml_document>();
    }
    if ((stat.valid & ZIP_STAT_SIZE) == 0 || stat.size > kMaxPartBytes) {
      return Damaged("is larger than any instrument writes");
    }
    std::string text(stat.size, '\0');
    zip_file_t* file = zip_fopen(zip_.get(), name.c_str(), 0);
    // The checksum is compared by the read that finds the end, and by no other.
    char behind = 0;
    const bool whole =
        file != nullptr &&
        zip_fread(file, text.data(), text.size()) == static_cast<zip_int64_t>(text.size()) &&
        zip_fread(file, &behind, 1) == 0;
    if (file != nullptr && zip_fclose(file) != 0) return Damaged("is damaged or not whole");
    std::optional<pugi::xml_document> document(std::in_place);
    if (!whole || !document->load_buffer(text.data(), text.size())) {
      return Damaged(fmt::format("is damaged in {}", name));
    }
    return document;
  }

 private:
  struct Close {
    void operator()(zip_t* zip) const { zip_discard(zip); }
  };
  std::unique_ptr<zip_t, Close> zip_;
};

// 3 for "C12"; 0 for what is no cell.
std::size_t ColumnOf(std::string_view reference) {
  std::size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z') break;
    column = column * 26 + static_cast<std::size_t>(c - 'A' + 1);
    if (column > kMaxColumns) return 0;
  }
  return column;
}

std::size_t NumberOf(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

class SheetReader {
 public:
  explicit SheetReader(std::vector<std::string> strings) : strings_(std::move(strings)) {}

  Result<void> Read(const pugi::xml_node& data, Sheet& sheet) const {
    int line = 0;
    std::size_t cell_count = 0;
    std::size_t text_bytes = 0;
    for (const pugi::xml_node& row : Children(data, "row")) {
      const std::size_t number = NumberOf(row.attribute("r").value());
      line = number == 0 ? line + 1 : static_cast<int>(std::min(number, kMaxRows));
      std::vector<CsvField> cells;
      for (const pugi::xml_node& cell : Children(row, "c")) {
        const pugi::xml_attribute place = cell.attribute("r");
        const std::size_t column = place ? ColumnOf(place.value()) : cells.size() + 1;
        if (column == 0 || column > kMaxColumns) return Damaged("has more columns than are read");
        while (cells.size() < column) {
          cells.push_back({"", line, static_cast<int>(cells.size() + 1)});
        }
        LIMS_ASSIGN_OR_RETURN(cells[column - 1].text, CellText(cell));
        text_bytes += cells[column - 1].text.size();
        if (text_bytes > kMaxTextBytes) return Damaged("is larger than any instrument writes");
      }
      cell_count += cells.size();
      if (cell_count > kMaxCells) return Damaged("has more cells than are read");
      const bool any = std::any_of(cells.begin(), cells.end(),
                                   [](const CsvField& cell) { return !cell.text.empty(); });
      if (any) sheet.rows.push_back(std::move(cells));
      if (sheet.rows.size() > kMaxRows) return Damaged("has more rows than are read");
    }
    return {};
  }

 private:
  Result<std::string> CellText(const pugi::xml_node& cell) const {
    const std::string_view type = cell.attribute("t").value();
    if (type == "inlineStr") return TextOf(Child(cell, "is"));
    const std::string value = Child(cell, "v").text().get();
    if (type == "s" && !value.empty()) {
      const std::size_t index = NumberOf(value);
      if (index < strings_.size()) return strings_[index];
      return Damaged("is damaged: it lacks texts of its cells");
    }
    if (type == "b") return std::string(value == "1" ? "TRUE" : "FALSE");
    return value;
  }

  const std::vector<std::string> strings_;
};

// The part that holds the sheet of this relationship.
Result<std::string> PartOf(Archive& archive, std::string_view relationship) {
  LIMS_ASSIGN_OR_RETURN(const auto links, archive.Part("xl/_rels/workbook.xml.rels"));
  if (!links) return Damaged("is damaged: it does not say where its sheets are");
  for (const pugi::xml_node& link : Children(Child(*links, "Relationships"), "Relationship")) {
    if (relationship != link.attribute("Id").value()) continue;
    const std::string target = link.attribute("Target").value();
    return target.starts_with('/') ? target.substr(1) : "xl/" + target;
  }
  return Damaged("is damaged: it does not say where its sheets are");
}

}  // namespace

bool IsWorkbook(std::string_view bytes) {
  return bytes.starts_with("PK\x03\x04") && bytes.find(kWorkbookPart) != std::string_view::npos;
}

Result<std::vector<std::string>> SheetNames(std::string_view bytes) {
  LIMS_ASSIGN_OR_RETURN(Archive archive, Archive::Open(bytes));
  LIMS_ASSIGN_OR_RETURN(const auto workbook, archive.Part(std::string(kWorkbookPart)));
  if (!workbook) return Damaged("is no spreadsheet");
  std::vector<std::string> names;
  for (const pugi::xml_node& entry :
       Children(Child(Child(*workbook, "workbook"), "sheets"), "sheet")) {
    names.emplace_back(entry.attribute("name").value());
  }
  return names;
}

Result<Sheet> ReadSheet(std::string_view bytes, const std::vector<std::string_view>& names) {
  LIMS_ASSIGN_OR_RETURN(Archive archive, Archive::Open(bytes));
  LIMS_ASSIGN_OR_RETURN(const auto workbook, archive.Part(std::string(kWorkbookPart)));
  if (!workbook) return Damaged("is no spreadsheet");
  const auto entries = Children(Child(Child(*workbook, "workbook"), "sheets"), "sheet");
  for (const std::string_view name : names) {
    for (const pugi::xml_node& entry : entries) {
      if (name != entry.attribute("name").value()) continue;
      std::string relationship;
      for (const pugi::xml_attribute& attribute : entry.attributes()) {
        const std::string_view key = attribute.name();
        if (key.substr(key.find(':') + 1) == "id") relationship = attribute.value();
      }
      LIMS_ASSIGN_OR_RETURN(const std::string part, PartOf(archive, relationship));
      LIMS_ASSIGN_OR_RETURN(const auto text, archive.Part(part));
      if (!text) return Damaged(fmt::format("is damaged: the sheet {} is missing", name));
      LIMS_ASSIGN_OR_RETURN(const auto shared, archive.Part("xl/sharedStrings.xml"));
      std::vector<std::string> strings;
      if (shared) {
        for (const pugi::xml_node& item : Children(Child(*shared, "sst"), "si")) {
          strings.push_back(TextOf(item));
        }
      }
      Sheet sheet;
      sheet.name = std::string(name);
      LIMS_RETURN_IF_ERROR(SheetReader(std::move(strings))
                               .Read(Child(Child(*text, "worksheet"), "sheetData"), sheet));
      return sheet;
    }
  }
  return Damaged(fmt::format("has no sheet {}", fmt::join(names, " or ")));
}

}  // namespace lims::instrument
