#include "base/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/contains.h"
#include "base/text.h"
#include "base/text_encoding.h"

namespace lims {

namespace {

constexpr std::size_t kMaxListedProblems = 1000;
constexpr std::size_t kMaxFieldsPerRow = 1000;
constexpr std::array kDelimiters{',', ';', '\t'};

std::string_view FirstLine(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

// The text after leading line breaks, and how many lines those are.
std::string_view SkipEmptyLines(std::string_view text, int& lines) {
  while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) {
    text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
    ++lines;
  }
  return text;
}

char CommonestDelimiter(std::string_view line) {
  char best = kDelimiters[0];
  std::ptrdiff_t most = 0;
  for (char delimiter : kDelimiters) {
    const std::ptrdiff_t count = std::count(line.begin(), line.end(), delimiter);
    if (count > most) {
      best = delimiter;
      most = count;
    }
  }
  return best;
}

// A reader placed at the header of a table.
CsvReader OpenTable(std::string_view text) {
  int line = 1;
  text = SkipEmptyLines(text, line);
  const std::string first = AsciiLower(FirstLine(text));
  // Spreadsheets fill a short line up with delimiters: "sep=;;;;".
  if (first.size() >= 5 && first.starts_with("sep=") && Contains(kDelimiters, first[4]) &&
      first.find_first_not_of(first[4], 4) == std::string::npos) {
    return {SkipEmptyLines(text.substr(first.size()), line), first[4], line};
  }
  return {text, CommonestDelimiter(first), line};
}

std::vector<std::string> LowerNames(const CsvRow& row) {
  std::vector<std::string> names;
  for (const CsvField& field : row.fields) names.push_back(AsciiLower(field.text));
  // Delimiters behind the last name are what spreadsheets add.
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

// Adds what is wrong with the header; false when the columns cannot be told by it.
bool CheckHeader(const CsvRow& row, const std::vector<std::string>& names,
                 std::span<const std::string_view> required,
                 std::span<const std::string_view> optional, FileProblems& problems) {
  bool trusted = row.problems.empty();
  std::string known = fmt::format("{}", fmt::join(required, ", "));
  if (!optional.empty()) known += fmt::format(" and, if wanted, {}", fmt::join(optional, ", "));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const CsvField& field = row.fields[i];
    if (Contains(std::span(names).first(i), names[i])) {
      problems.Add(field.line, field.column,
                   fmt::format("the column {} stands twice in the header; keep one",
                               QuotedForMessage(field.text)));
      trusted = false;
    } else if (!Contains(required, names[i]) && !Contains(optional, names[i])) {
      problems.Add(field.line, field.column,
                   fmt::format("the column {} is not known; the columns are {}",
                               QuotedForMessage(field.text), known));
      trusted = false;
    }
  }
  for (std::string_view name : required) {
    if (!Contains(names, name)) {
      problems.Add(row.line, 0,
                   fmt::format("the header has no column \"{}\"; the columns are {}", name, known));
      trusted = false;
    }
  }
  return trusted;
}

// Adds what is wrong with the shape of a row; false when there is something.
bool CheckShape(CsvRow& row, std::size_t columns, FileProblems& problems) {
  for (const CsvProblem& problem : row.problems) {
    problems.Add(problem.line, problem.column, problem.description);
  }
  const auto extra = [&row, columns] {
    return row.fields.size() > columns && row.fields.back().text.empty();
  };
  while (extra()) row.fields.pop_back();
  if (row.fields.size() == columns) return row.problems.empty();
  // Quotes that went wrong explain a wrong number of fields.
  if (row.problems.empty()) {
    const bool few = row.fields.size() < columns;
    problems.Add(row.line, 0,
                 fmt::format("has {} field{}, the header has {}; {}", row.fields.size(),
                             row.fields.size() == 1 ? "" : "s", columns,
                             few ? "the row is cut or a separator is missing"
                                 : "put text that holds the separator in double quotes"));
  }
  return false;
}

}  // namespace

void FileProblems::Add(int line, int column, std::string description) {
  std::string field = line == 0     ? "file"
                      : column == 0 ? fmt::format("line {}", line)
                                    : fmt::format("line {}, column {}", line, column);
  Add(std::move(field), std::move(description));
}

void FileProblems::Add(std::string field, std::string description) {
  if (!full()) violations_.push_back({std::move(field), std::move(description)});
}

bool FileProblems::full() const {
  return violations_.size() == kMaxListedProblems;
}

Error FileProblems::ToError() && {
  std::string message = violations_[0].field + ": " + violations_[0].description;
  if (violations_.size() > 1) {
    message = fmt::format("{}{} problems, first {}", full() ? "at least " : "", violations_.size(),
                          message);
  }
  return MakeError(ErrorReason::kInvalidArgument, std::move(message), std::move(violations_));
}

bool CsvRow::blank() const {
  return std::all_of(fields.begin(), fields.end(),
                     [](const CsvField& field) { return field.text.empty(); });
}

CsvReader::CsvReader(std::string_view text, char delimiter, int first_line)
    : text_(text), delimiter_(delimiter), line_(first_line) {}

bool CsvReader::Next(CsvRow& row) {
  if (at_ == text_.size()) return false;
  row.line = line_;
  row.fields.clear();
  row.problems.clear();
  const std::size_t start = at_;
  for (int column = 1;; ++column) {
    row.fields.push_back(ReadField(column, row));
    if (at_ == text_.size() || text_[at_] != delimiter_) break;
    if (row.fields.size() == kMaxFieldsPerRow) {
      row.problems.push_back({row.line, 0,
                              fmt::format("a row may have at most {} fields; this is not the kind "
                                          "of file that is expected here",
                                          kMaxFieldsPerRow),
                              false});
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      break;
    }
    ++at_;
  }
  row.source = text_.substr(start, at_ - start);
  row.ends_with_line_break = at_ != text_.size();
  if (row.ends_with_line_break) SkipLineBreak();
  return true;
}

CsvField CsvReader::ReadField(int column, CsvRow& row) {
  CsvField field;
  field.line = line_;
  field.column = column;
  SkipBlanks();
  if (at_ < text_.size() && text_[at_] == '"') {
    ReadQuoted(field, row);
  } else {
    ReadUnquoted(field, row);
  }
  return field;
}

void CsvReader::ReadQuoted(CsvField& field, CsvRow& row) {
  ++at_;
  for (;;) {
    const std::size_t stop = std::min(text_.find_first_of("\"\r\n", at_), text_.size());
    field.text += text_.substr(at_, stop - at_);
    at_ = stop;
    if (at_ == text_.size()) {
      row.problems.push_back(
          {field.line, field.column, "a double quote opens here and is never closed", true});
      return;
    }
    if (text_[at_] != '"') {
      field.text += '\n';
      SkipLineBreak();
    } else if (text_.substr(at_).starts_with("\"\"")) {
      field.text += '"';
      at_ += 2;
    } else {
      ++at_;
      break;
    }
  }
  SkipBlanks();
  if (!AtFieldEnd()) {
    row.problems.push_back({field.line, field.column,
                            "there is text behind the closing double quote; write a double quote "
                            "inside a quoted field twice",
                            false});
    while (!AtFieldEnd()) field.text += text_[at_++];
  }
}

void CsvReader::ReadUnquoted(CsvField& field, CsvRow& row) {
  const std::size_t start = at_;
  while (!AtFieldEnd()) ++at_;
  std::string_view text = text_.substr(start, at_ - start);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  field.text = text;
  if (text.find('"') != std::string_view::npos) {
    row.problems.push_back({field.line, field.column,
                            "a double quote stands inside a field that does not begin with one; "
                            "quote the whole field and write the inner quote twice",
                            false});
  }
}

void CsvReader::SkipBlanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t') &&
         text_[at_] != delimiter_) {
    ++at_;
  }
}

void CsvReader::SkipLineBreak() {
  at_ += text_.substr(at_).starts_with("\r\n") ? 2U : 1U;
  ++line_;
}

bool CsvReader::AtFieldEnd() const {
  return at_ == text_.size() || text_[at_] == delimiter_ || text_[at_] == '\r' ||
         text_[at_] == '\n';
}

bool CsvTable::Has(std::string_view column) const {
  return Contains(header, column);
}

const CsvField& CsvTable::At(const CsvRow& row, std::string_view column) const {
  static const CsvField absent;
  const auto found = std::find(header.begin(), header.end(), column);
  return found == header.end() ? absent
                               : row.fields[static_cast<std::size_t>(found - header.begin())];
}

CsvTable ReadCsv(std::string_view bytes, std::span<const std::string_view> required,
                 std::span<const std::string_view> optional, FileProblems& problems) {
  CsvTable table;
  const Result<std::string> text = DecodeText(bytes);
  if (!text) {
    for (const Violation& violation : text.error().violations) {
      problems.Add(violation.field, violation.description);
    }
    return table;
  }
  CsvReader reader = OpenTable(*text);
  CsvRow row;
  do {
    if (!reader.Next(row)) {
      problems.Add(0, 0,
                   fmt::format("is empty; a header with the columns {} is needed",
                               fmt::join(required, ", ")));
      return table;
    }
  } while (row.blank());
  table.header = LowerNames(row);
  const bool trusted = CheckHeader(row, table.header, required, optional, problems);

  bool any = false;
  while (!problems.full() && reader.Next(row)) {
    if (row.blank() && row.problems.empty()) continue;
    any = true;
    const bool good = CheckShape(row, table.header.size(), problems);
    if (!trusted || !good) continue;
    if (table.rows.size() == kMaxTableRows) {
      problems.Add(row.line, 0,
                   fmt::format("a file may have at most {} rows; split it", kMaxTableRows));
      break;
    }
    row.source = {};
    table.rows.push_back(std::move(row));
  }
  if (!any) problems.Add(0, 0, "has a header but no rows");
  return table;
}

bool CsvHeaderNames(std::string_view bytes, std::span<const std::string_view> columns) {
  const std::string text = DecodeTextStart(bytes);
  CsvReader reader = OpenTable(text);
  CsvRow row;
  if (!reader.Next(row)) return false;
  const std::vector<std::string> names = LowerNames(row);
  return std::all_of(columns.begin(), columns.end(),
                     [&names](std::string_view column) { return Contains(names, column); });
}

}  // namespace lims
