// Typed values of a panel, one row a replicate: line,replicate,value,unit and, if wanted,
// description.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/contains.h"
#include "base/decimal.h"
#include "base/text.h"
#include "instrument/csv_import.h"
#include "instrument/formats.h"

namespace lims::instrument {

namespace {

constexpr std::array<std::string_view, 4> kRequired{"line", "replicate", "value", "unit"};
constexpr std::array<std::string_view, 1> kOptional{"description"};
constexpr std::size_t kMaxDescriptionBytes = 2000;
constexpr std::array<std::string_view, 5> kNoCodes{"NAN", "INF", "INFINITY", "NA", "NULL"};

bool Recognises(std::string_view bytes) {
  return CsvHeaderNames(bytes, kRequired);
}

// A whole number from 1 to 9999 without leading zeros.
bool IsReplicate(std::string_view text) {
  return !text.empty() && text.size() <= 4 && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), IsDigit);
}

// An observation code as methods define them: NO_GROWTH. The words that programs write for a
// number they do not have are none.
bool IsCode(std::string_view text) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return !text.empty() && text.size() <= 64 && is_upper(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [is_upper](char c) { return is_upper(c) || c == '_' || IsDigit(c); }) &&
         !Contains(kNoCodes, text);
}

// What is wrong with a value whose text does not parse, or nullopt.
std::optional<std::string> ReadValue(std::string_view text, v1::MeasuredValue& value) {
  if (text.empty()) return "is empty; type a value or leave the row out, empty is never zero";
  if (text.front() == '<' || text.front() == '>') {
    value.set_qualifier(text.front() == '<' ? v1::QUALIFIER_LESS_THAN : v1::QUALIFIER_GREATER_THAN);
    text.remove_prefix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
  } else if (IsCode(text)) {
    value.set_value(std::string(text));
    return std::nullopt;
  }
  const Result<Decimal> number = Decimal::Parse(text);
  if (!number) return WhatIsWrong(number.error());
  value.set_value(std::string(text));
  return std::nullopt;
}

Result<v1::RawData> Parse(std::string_view bytes) {
  SeenKeys seen;
  return ImportCsv(kPanelCsv, bytes, kRequired, kOptional,
                   [&seen](const TableRow& cells, v1::RawRow& row, FileProblems& problems) {
                     const CsvField& line = cells["line"];
                     const CsvField& replicate = cells["replicate"];
                     const CsvField& value = cells["value"];
                     CheckText(line, "line", Presence::kRequired, problems);
                     row.set_target(line.text);
                     if (!IsReplicate(replicate.text)) {
                       problems.Add(replicate.line, replicate.column,
                                    fmt::format("replicate {} is not a whole number from 1 on",
                                                QuotedForMessage(replicate.text)));
                     }
                     row.set_replicate(replicate.text);
                     if (const auto problem = ReadValue(value.text, *row.mutable_value())) {
                       problems.Add(value.line, value.column, fmt::format("value {}", *problem));
                     }
                     CheckText(cells["unit"], "unit", Presence::kMayBeEmpty, problems);
                     row.mutable_value()->set_unit(cells["unit"].text);
                     CheckText(cells["description"], "description", Presence::kMayBeEmpty, problems,
                               kMaxDescriptionBytes);
                     row.set_description(cells["description"].text);
                     seen.Check(
                         "", replicate.text, line.text, line,
                         fmt::format("line {} with replicate {}", QuotedForMessage(line.text),
                                     QuotedForMessage(replicate.text)),
                         problems);
                   });
}

}  // namespace

constinit const Importer kPanelCsv{
    .format = "panel_csv",
    .version = "1",
    .description =
        "CSV with the columns line,replicate,value,unit and, if wanted, description; "
        "a value may begin with < or >",
    .recognises = Recognises,
    .parse = Parse};

}  // namespace lims::instrument
