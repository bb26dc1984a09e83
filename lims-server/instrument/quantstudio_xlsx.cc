// The workbook of QuantStudio RT-PCR, Design & Analysis and Diomni software: the sheet with a row
// for each well and target. Calls of presence/absence experiments stand in a sheet of their own,
// with the Cq.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/contains.h"
#include "instrument/cells.h"
#include "instrument/formats.h"
#include "instrument/quantstudio_sections.h"
#include "instrument/statements.h"
#include "instrument/workbook.h"

namespace lims::instrument {

namespace {

const std::vector<std::string_view> kSheets{"Target Call", "Primary_result", "Results"};
constexpr std::string_view kExportAgain = "export the run again with its results and submit that";
constexpr std::size_t kMaxProperties = 100;
// As many bytes of omitted wells are named as a statement may have.
constexpr std::size_t kMaxOmittedBytes = 4000;

class CallSheet {
 public:
  CallSheet(const Sheet& sheet, v1::RawData& data, FileProblems& problems)
      : sheet_(sheet), data_(data), problems_(problems) {}

  void Read() {
    bool header = false;
    for (const std::vector<CsvField>& row : sheet_.rows) {
      if (!header && PlainHeader(row.front().text) == "well") {
        header = true;
        for (const CsvField& cell : row) {
          columns_.try_emplace(NameOf(cell), cell.column - 1);
        }
        if (!RequireColumns(row.front().line)) return;
        continue;
      }
      if (header) {
        ReadRow(row);
      } else {
        KeepStatement(row);
      }
    }
    if (!header) {
      problems_.Add(
          0, 0,
          fmt::format("the sheet {} has no row of column names; {}", sheet_.name, kExportAgain));
    }
    if (header && data_.rows().empty()) {
      problems_.Add(0, 0, fmt::format("the sheet {} has no wells; {}", sheet_.name, kExportAgain));
    }
    KeepOmitted();
  }

 private:
  // One name for what the programs name differently.
  static std::string NameOf(const CsvField& header) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOther{
        {{"sample name", "sample"},
         {"target name", "target"},
         {"ct", "cq"},
         {"sample type", "task"}}};
    std::string name = PlainHeader(header.text);
    for (const auto& [other, own] : kOther) {
      if (name == other) name = own;
    }
    return name;
  }

  bool RequireColumns(int line) {
    bool whole = true;
    for (const std::string_view name : {"sample", "target", "cq"}) {
      if (columns_.contains(std::string(name))) continue;
      problems_.Add(line, 0, fmt::format("has no column {}; {}", name, kExportAgain));
      whole = false;
    }
    return whole;
  }

  // An empty cell at its place when the row or the sheet does not have it.
  CsvField At(const std::vector<CsvField>& row, std::string_view name) const {
    const auto column = columns_.find(std::string(name));
    if (column == columns_.end()) return {"", row.front().line, 0};
    const auto index = static_cast<std::size_t>(column->second);
    if (index < row.size()) return row[index];
    return {"", row.front().line, column->second + 1};
  }

  void KeepStatement(const std::vector<CsvField>& row) {
    if (row.size() < 2 || row[1].text.empty()) return;
    const std::string name = SnakeCase(row[0].text);
    if (name.empty() || data_.properties_size() == static_cast<int>(kMaxProperties)) return;
    CheckText(row[1], row[0].text, Presence::kMayBeEmpty, problems_, 4096);
    v1::NamedValue& property = *data_.add_properties();
    // One of the programs prints "Data/Time".
    property.set_name(name == "run_end_data_time" || name == "run_end_date_time"
                          ? std::string(kRunEndTime)
                          : name);
    property.set_value(row[1].text);
  }

  void ReadRow(const std::vector<CsvField>& cells) {
    // The well by name: in some workbooks the column Well is a number.
    CsvField well = At(cells, "well position");
    if (well.text.empty()) well = At(cells, "well");
    const CsvField sample = At(cells, "sample");
    const CsvField target = At(cells, "target");
    const CsvField cq = At(cells, "cq");
    if (sample.text.empty() && target.text.empty() && cq.text.empty()) return;  // an empty well
    const CsvField task = At(cells, "task");
    CsvField call = At(cells, "call");
    if (call.text.empty()) call = At(cells, "amp status");
    const CsvField issues = At(cells, "quality issue(s)");
    if (IsWord(At(cells, "omit").text, "true")) {
      NoteOmitted(well.text + " " + target.text);
      if (cq.text.empty()) {
        CheckText(well, "Well", Presence::kMayBeEmpty, problems_);
        CheckText(target, "Target", Presence::kMayBeEmpty, problems_);
        return;
      }
    }
    v1::RawRow& row = *data_.add_rows();
    row.set_line(well.line);
    CheckWell(well, "Well", problems_);
    CheckText(sample, "Sample", Presence::kMayBeEmpty, problems_);
    CheckText(target, "Target", Presence::kRequired, problems_);
    CheckText(task, "Task", Presence::kMayBeEmpty, problems_);
    CheckText(call, "Call", Presence::kMayBeEmpty, problems_);
    CheckText(issues, "Quality issue(s)", Presence::kMayBeEmpty, problems_, 2000);
    row.set_position(well.text);
    row.set_name(sample.text);
    row.set_target(target.text);
    row.set_task(task.text);
    row.set_call(call.text);
    row.set_description(issues.text);
    ReadCq(cq, "Cq", row, problems_);
    seen_.CheckTarget(well, target.text, problems_);
  }

  void NoteOmitted(const std::string& well) {
    const std::string named = (omitted_.empty() ? "" : ", ") + well;
    if (omitted_not_named_ > 0 || omitted_.size() + named.size() > kMaxOmittedBytes) {
      ++omitted_not_named_;
    } else {
      omitted_ += named;
    }
  }

  void KeepOmitted() {
    if (omitted_.empty() && omitted_not_named_ == 0) return;
    v1::NamedValue& property = *data_.add_properties();
    property.set_name(std::string(kOmittedWells));
    property.set_value(omitted_ + (omitted_not_named_ == 0
                                       ? ""
                                       : fmt::format(" and {} more", omitted_not_named_)));
  }

  const Sheet& sheet_;
  v1::RawData& data_;
  FileProblems& problems_;
  std::map<std::string, int> columns_;  // index of the cell in a row, by lower-case name
  SeenKeys seen_;
  std::string omitted_;  // "A1 TERT, A2 TERT"
  int omitted_not_named_ = 0;
};

// A workbook that cannot be opened may be one of these: reading it says what is wrong.
bool Recognises(std::string_view bytes) {
  if (!IsWorkbook(bytes)) return false;
  const Result<std::vector<std::string>> names = SheetNames(bytes);
  return !names || std::any_of(names->begin(), names->end(),
                               [](const std::string& name) { return Contains(kSheets, name); });
}

Result<v1::RawData> Parse(std::string_view bytes) {
  LIMS_ASSIGN_OR_RETURN(const Sheet sheet, ReadSheet(bytes, kSheets));
  FileProblems problems;
  v1::RawData data;
  data.set_format(std::string(kQuantStudioXlsx.format));
  data.set_parser_version(std::string(kQuantStudioXlsx.version));
  CallSheet(sheet, data, problems).Read();
  if (!problems.empty()) return std::move(problems).ToError();
  return data;
}

}  // namespace

constinit const Importer kQuantStudioXlsx{
    .format = "quantstudio_xlsx",
    .version = "2",
    .description = "workbook (.xlsx) of QuantStudio, Design & Analysis or Diomni software",
    .recognises = Recognises,
    .parse = Parse};

}  // namespace lims::instrument
