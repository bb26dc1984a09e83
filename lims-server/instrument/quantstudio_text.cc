// The text export of QuantStudio and ViiA 7 RT-PCR software (tab- or comma-separated) for
// standard curve, relative standard curve, comparative CT and presence/absence experiments.
// Only the head and the section [Results] are read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "base/text.h"
#include "base/text_encoding.h"
#include "instrument/cells.h"
#include "instrument/formats.h"
#include "instrument/quantstudio_sections.h"
#include "instrument/statements.h"
#include "instrument/well.h"

namespace lims::instrument {

namespace {

constexpr std::string_view kExportAgain =
    "export the run again with the results table, as text, and submit that file";
constexpr std::size_t kMaxPropertyBytes = 4096;
constexpr std::size_t kMaxOmittedNamed = 20;
constexpr std::size_t kMaxCurves = 100;

// The columns that are read.
enum Column {
  kWell,
  kSample,
  kTarget,
  kTask,
  kCq,
  kQuantity,
  kOmit,
  kCall,
  kSlope,
  kIntercept,
  kRSquared,
  kEfficiency,
  kColumnCount
};

struct ColumnName {
  Column column;
  std::string_view plain;
  std::string_view printed;
  bool required;
};

constexpr std::array kColumnNames{
    ColumnName{kWell, "well position", "Well Position", true},
    ColumnName{kSample, "sample name", "Sample Name", true},
    ColumnName{kTarget, "target name", "Target Name", true},
    ColumnName{kTask, "task", "Task", true},
    ColumnName{kCq, "ct", "CT", true},
    ColumnName{kCq, "cq", "Cq", true},
    ColumnName{kQuantity, "quantity", "Quantity", false},
    ColumnName{kOmit, "omit", "Omit", false},
    ColumnName{kCall, "call", "Call", false},
    ColumnName{kSlope, "slope", "Slope", false},
    ColumnName{kIntercept, "y-intercept", "Y-Intercept", false},
    ColumnName{kRSquared, "r(superscript 2)", "R(superscript 2)", false},
    ColumnName{kRSquared, "r2", "R2", false},
    ColumnName{kEfficiency, "efficiency", "Efficiency", false},
};

void AddProperty(std::string name, std::string value, int line, v1::RawData& data,
                 FileProblems& problems) {
  if (data.properties_size() == kMaxStatements) {
    problems.Add(line, 0,
                 fmt::format("is statement {} of the file; a QuantStudio text export has far fewer",
                             kMaxStatements + 1));
    return;
  }
  if (name.size() > kMaxPropertyBytes || value.size() > kMaxPropertyBytes) {
    problems.Add(line, 0, fmt::format("is longer than {} bytes", kMaxPropertyBytes));
    return;
  }
  v1::NamedValue& property = *data.add_properties();
  property.set_name(std::move(name));
  property.set_value(std::move(value));
}

// Keeps a statement as printed; an expired calibration also under its printed name.
void KeepStatement(const KeyValue& pair, v1::RawData& data, FileProblems& problems) {
  std::string name = SnakeCase(pair.key);
  if (name.empty()) return;
  AddProperty(std::move(name), pair.value, pair.line, data, problems);
  constexpr std::string_view kPrefix = "Calibration ";
  constexpr std::string_view kSuffix = " is expired";
  std::string_view what = pair.key;
  if (what.starts_with(kPrefix) && what.ends_with(kSuffix) &&
      what.size() > kPrefix.size() + kSuffix.size() &&
      (IsWord(pair.value, "yes") || IsWord(pair.value, "true"))) {
    what.remove_prefix(kPrefix.size());
    what.remove_suffix(kSuffix.size());
    AddProperty(std::string(kCalibrationExpired), std::string(what), pair.line, data, problems);
  }
}

// "5720.562" for "5,720.562". A comma is a thousands separator only when a point follows: "1,250"
// could as well be 1.250 of a system that writes the decimal comma.
std::optional<std::string> WithoutThousandsSeparators(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return std::string(text);
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return std::nullopt;
  std::string number;
  std::size_t group = 0;
  bool first = true;
  for (char c : text.substr(0, point)) {
    if (c != ',') {
      number += c;
      ++group;
      continue;
    }
    if (first ? group == 0 || group > 3 : group != 3) return std::nullopt;
    first = false;
    group = 0;
  }
  if (group != 3) return std::nullopt;
  return number.append(text.substr(point));
}

// Reads the section [Results] row by row.
class ResultsReader {
 public:
  ResultsReader(const Section& section, v1::RawData& data, FileProblems& problems)
      : reader_(section.body, Delimiter(section.body), section.line + 1),
        section_line_(section.line),
        data_(data),
        problems_(problems) {
    columns_.fill(kAbsent);
  }

  void Read() {
    if (!ReadHeader()) return;
    CsvRow row;
    while (!problems_.full() && reader_.Next(row)) {
      KeyValue statement;
      statement.line = row.line;
      if (row.blank() && row.problems.empty()) continue;
      if (row.fields[0].text.find('=') != std::string::npos &&
          SplitKeyValue(row.source, statement)) {
        KeepStatement(statement, data_, problems_);
      } else if (data_.rows_size() == static_cast<int>(kMaxTableRows)) {
        problems_.Add(row.line, 0, fmt::format("a file may have at most {} rows", kMaxTableRows));
        return;
      } else {
        ReadRow(row);
        most_cells_ = std::max(most_cells_, row.fields.size());
      }
    }
    if (data_.rows_size() == 0 && omitted_.empty() && problems_.empty()) {
      problems_.Add(section_line_, 0,
                    fmt::format("the section [Results] has no row with a CT; {}", kExportAgain));
    }
    KeepOmitted();
  }

 private:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  static char Delimiter(std::string_view body) {
    const std::size_t start = std::min(body.find_first_not_of("\r\n"), body.size());
    const std::string_view header = body.substr(start, body.find_first_of("\r\n", start) - start);
    return header.find('\t') == std::string_view::npos ? ',' : '\t';
  }

  // Finds the columns; false when a row cannot be read by them.
  bool ReadHeader() {
    CsvRow row;
    do {
      if (!reader_.Next(row)) {
        problems_.Add(section_line_, 0,
                      fmt::format("the section [Results] has no header: the export is cut; {}",
                                  kExportAgain));
        return false;
      }
    } while (row.blank());
    bool found_all = true;
    for (const CsvField& field : row.fields) {
      const std::string plain = PlainHeader(field.text);
      const auto known =
          std::find_if(kColumnNames.begin(), kColumnNames.end(),
                       [&plain](const ColumnName& name) { return name.plain == plain; });
      if (known == kColumnNames.end()) continue;
      if (columns_[known->column] != kAbsent) {
        problems_.Add(field.line, field.column,
                      fmt::format("the column {} stands twice in the header; {}", known->printed,
                                  kExportAgain));
        found_all = false;
      }
      columns_[known->column] = static_cast<std::size_t>(field.column) - 1;
    }
    for (const ColumnName& name : kColumnNames) {
      // CT and Cq name one column.
      if (!name.required || columns_[name.column] != kAbsent || name.plain == "cq") continue;
      problems_.Add(row.line, 0,
                    fmt::format("the results table has no column {}{}; {}", name.printed,
                                ExperimentType(), kExportAgain));
      found_all = false;
    }
    return found_all;
  }

  std::string ExperimentType() const {
    for (const v1::NamedValue& property : data_.properties()) {
      if (property.name() == "experiment_type") {
        return fmt::format(
            " (the experiment type is {}; read are standard curve, comparative CT "
            "and presence/absence)",
            QuotedForMessage(property.value()));
      }
    }
    return "";
  }

  // Null when the file has no such column or the row ends before it.
  const CsvField* Cell(const CsvRow& row, Column column) const {
    return columns_[column] < row.fields.size() ? &row.fields[columns_[column]] : nullptr;
  }

  std::string Text(const CsvRow& row, Column column) const {
    const CsvField* cell = Cell(row, column);
    return cell == nullptr ? std::string() : cell->text;
  }

  // Column 0 stands for the whole row.
  bool IsRead(int column) const {
    return column == 0 || Contains(columns_, static_cast<std::size_t>(column) - 1);
  }

  // Whether the file ends inside this row. The last row of a whole export ends with a line break
  // or at least has as many cells as any before it, the last one of them of no importance here.
  bool IsCut(const CsvRow& row) const {
    return !row.ends_with_line_break && (most_cells_ == 0 || row.fields.size() < most_cells_ ||
                                         IsRead(row.fields.back().column));
  }

  void ReadRow(const CsvRow& row) {
    for (const CsvProblem& problem : row.problems) {
      // Vendors do not always double the quotes inside a comment.
      if (problem.swallows_rest || IsRead(problem.column)) {
        problems_.Add(problem.line, problem.column, problem.description);
      }
    }
    const CsvField* cq = Cell(row, kCq);
    if (IsCut(row)) {
      problems_.Add(
          row.line, 0,
          fmt::format("the file ends inside this row: the export is cut; {}", kExportAgain));
      return;
    }
    const bool named = !Text(row, kSample).empty() || !Text(row, kTarget).empty();
    if (!named && (cq == nullptr || cq->text.empty())) {
      // An empty well; anything else without a well is no row of this table.
      if (!CanonicalWell(Text(row, kWell))) {
        problems_.Add(row.line, 0,
                      fmt::format("is neither a row of the results table nor a statement "
                                  "\"Key = Value\"; {}",
                                  kExportAgain));
      }
      return;
    }
    if (cq == nullptr) {
      problems_.Add(row.line, 0,
                    fmt::format("the row ends before its CT (column {}): the export is cut; {}",
                                columns_[kCq] + 1, kExportAgain));
      return;
    }
    const bool omitted = IsWord(Text(row, kOmit), "true");
    if (omitted) {
      omitted_.push_back(WithoutHidden(fmt::format("{} {}", Text(row, kWell), Text(row, kTarget))));
      if (cq->text.empty()) return;
    }
    AddRow(row, *cq);
    KeepCurve(row);
  }

  void AddRow(const CsvRow& row, const CsvField& cq) {
    v1::RawRow& raw = *data_.add_rows();
    raw.set_line(row.line);
    // The row reaches to its CT; columns behind it may be missing, those before it are there.
    for (const auto& [column, name] :
         {std::pair(kSample, "Sample Name"), std::pair(kTarget, "Target Name"),
          std::pair(kTask, "Task")}) {
      if (const CsvField* cell = Cell(row, column)) {
        CheckText(*cell, name, Presence::kMayBeEmpty, problems_);
      }
    }
    raw.set_name(Text(row, kSample));
    raw.set_target(Text(row, kTarget));
    raw.set_task(Text(row, kTask));
    if (const CsvField* call = Cell(row, kCall)) {
      CheckText(*call, "Call", Presence::kMayBeEmpty, problems_);
      raw.set_call(call->text);
    }
    const CsvField* cell = Cell(row, kWell);
    const CsvField well = cell == nullptr ? CsvField{"", row.line, 0} : *cell;
    CheckWell(well, "Well Position", problems_);
    raw.set_position(well.text);
    seen_.CheckTarget(well, raw.target(), problems_);
    ReadCq(cq, "CT", raw, problems_);
    const CsvField* quantity = Cell(row, kQuantity);
    if (quantity != nullptr && !quantity->text.empty()) ReadQuantity(*quantity, raw);
  }

  void ReadQuantity(const CsvField& cell, v1::RawRow& raw) {
    CsvField number = cell;
    if (auto plain = WithoutThousandsSeparators(cell.text)) {
      number.text = std::move(*plain);
    } else {
      problems_.Add(cell.line, cell.column,
                    fmt::format("Quantity {} has a comma that may be a decimal comma; set the "
                                "software to the decimal point and export the run again",
                                QuotedForMessage(cell.text)));
      return;
    }
    if (!CheckNotNegative(number, "Quantity", problems_)) return;
    if (IsWord(raw.task(), "standard")) {
      raw.set_quantity(number.text);
    } else {
      raw.set_vendor_quantity(number.text);
    }
  }

  // The vendor repeats its curve in every row of the target. It is kept for people to look at.
  void KeepCurve(const CsvRow& row) {
    if (Text(row, kSlope).empty() || curves_.size() == kMaxCurves) return;
    std::string curve = fmt::format("{}: slope {}, intercept {}, R2 {}, efficiency {}",
                                    Text(row, kTarget), Text(row, kSlope), Text(row, kIntercept),
                                    Text(row, kRSquared), Text(row, kEfficiency));
    if (Contains(curves_, curve)) return;
    curves_.push_back(curve);
    AddProperty("vendor_curve", std::move(curve), row.line, data_, problems_);
  }

  void KeepOmitted() {
    if (omitted_.empty()) return;
    std::string wells;
    for (std::size_t i = 0; i < std::min(omitted_.size(), kMaxOmittedNamed); ++i) {
      wells += (i == 0 ? "" : ", ") + omitted_[i];
    }
    if (omitted_.size() > kMaxOmittedNamed) {
      wells += fmt::format(" and {} more", omitted_.size() - kMaxOmittedNamed);
    }
    AddProperty(std::string(kOmittedWells), std::move(wells), section_line_, data_, problems_);
  }

  CsvReader reader_;
  int section_line_;
  v1::RawData& data_;
  FileProblems& problems_;
  std::array<std::size_t, kColumnCount> columns_;  // index of the field in a row, or kAbsent
  std::size_t most_cells_ = 0;                     // number of fields of the longest row so far
  SeenKeys seen_;
  std::vector<std::string> omitted_;
  std::vector<std::string> curves_;
};

bool Recognises(std::string_view bytes) {
  const std::string text = DecodeTextStart(bytes);
  const std::size_t start = std::min(text.find_first_not_of("\r\n \t"), text.size());
  const std::string_view line =
      std::string_view(text).substr(start, text.find_first_of("\r\n", start) - start);
  KeyValue pair;
  return line.starts_with('*') && SplitKeyValue(line.substr(1), pair);
}

Result<v1::RawData> Parse(std::string_view bytes) {
  LIMS_ASSIGN_OR_RETURN(const std::string text, DecodeText(bytes));
  if (text.find_first_not_of("\r\n \t") == std::string::npos) {
    return InvalidArgument("file", fmt::format("is empty; {}", kExportAgain));
  }
  FileProblems problems;
  v1::RawData data;
  data.set_format(std::string(kQuantStudioText.format));
  data.set_parser_version(std::string(kQuantStudioText.version));
  const QuantStudioText file = SplitQuantStudioText(text, problems);
  for (const KeyValue& pair : file.head) KeepStatement(pair, data, problems);
  const auto results =
      std::find_if(file.sections.begin(), file.sections.end(),
                   [](const Section& section) { return section.name == "Results"; });
  if (results != file.sections.end()) {
    ResultsReader(*results, data, problems).Read();
  } else if (problems.empty()) {
    problems.Add(0, 0, fmt::format("has no section [Results]; {}", kExportAgain));
  }
  if (!problems.empty()) return std::move(problems).ToError();
  return data;
}

}  // namespace

constinit const Importer kQuantStudioText{
    .format = "quantstudio_text",
    .version = "2",
    .description = "text export of QuantStudio RT-PCR software with the section [Results]",
    .recognises = Recognises,
    .parse = Parse};

}  // namespace lims::instrument
