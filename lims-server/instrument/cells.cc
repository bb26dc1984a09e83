#include "instrument/cells.h"

#include <fmt/format.h>

#include <optional>

#include "base/decimal.h"
#include "base/text.h"
#include "instrument/well.h"

namespace lims::instrument {

namespace {

// The number of a cell, or nullopt after adding the problem.
std::optional<Decimal> ReadNumber(const CsvField& cell, std::string_view name,
                                  FileProblems& problems) {
  if (cell.text.empty()) {
    problems.Add(cell.line, cell.column,
                 fmt::format("{} is empty; an empty cell is never taken as zero", name));
    return std::nullopt;
  }
  Result<Decimal> number = Decimal::Parse(cell.text);
  if (!number) {
    problems.Add(cell.line, cell.column, fmt::format("{} {}", name, WhatIsWrong(number.error())));
    return std::nullopt;
  }
  return *number;
}

}  // namespace

void CheckText(const CsvField& cell, std::string_view name, Presence presence,
               FileProblems& problems, std::size_t max_bytes) {
  if (cell.text.empty()) {
    if (presence == Presence::kRequired) {
      problems.Add(cell.line, cell.column, fmt::format("{} is empty", name));
    }
  } else if (auto problem = TextProblem(cell.text, max_bytes)) {
    problems.Add(cell.line, cell.column, fmt::format("{} {}", name, *problem));
  }
}

bool IsWord(std::string_view text, std::string_view word) {
  return AsciiLower(text) == word;
}

void CheckWell(const CsvField& cell, std::string_view name, FileProblems& problems) {
  if (!CanonicalWell(cell.text)) {
    problems.Add(cell.line, cell.column,
                 cell.text.empty() ? fmt::format("{} is empty", name)
                                   : fmt::format("{} {} is not a well; write it like A1 or H12",
                                                 name, QuotedForMessage(cell.text)));
  }
}

bool CheckNumber(const CsvField& cell, std::string_view name, FileProblems& problems) {
  return ReadNumber(cell, name, problems).has_value();
}

bool CheckNotNegative(const CsvField& cell, std::string_view name, FileProblems& problems) {
  const std::optional<Decimal> number = ReadNumber(cell, name, problems);
  if (number && number->negative()) {
    problems.Add(cell.line, cell.column, fmt::format("{} {} is below zero", name, cell.text));
    return false;
  }
  return number.has_value();
}

void ReadCq(const CsvField& cell, std::string_view name, v1::RawRow& row, FileProblems& problems) {
  if (IsWord(cell.text, "undetermined")) {
    row.set_undetermined(true);
    return;
  }
  if (cell.text.empty()) {
    problems.Add(cell.line, cell.column,
                 fmt::format("{} is empty; it is a number of cycles or Undetermined", name));
    return;
  }
  const std::optional<Decimal> cycles = ReadNumber(cell, name, problems);
  if (!cycles) return;
  if (cycles->negative() || cycles->zero()) {
    problems.Add(cell.line, cell.column,
                 fmt::format("{} {} is no number of cycles; where nothing was found it is "
                             "Undetermined",
                             name, cell.text));
    return;
  }
  row.mutable_value()->set_value(cell.text);
}

void SeenKeys::Check(std::string_view plate, std::string_view position, std::string_view target,
                     const CsvField& cell, const std::string& what, FileProblems& problems) {
  const auto [seen, is_new] = lines_.try_emplace(
      {std::string(plate), std::string(position), std::string(target)}, cell.line);
  if (!is_new) {
    problems.Add(
        cell.line, cell.column,
        fmt::format("{} stands in line {} already; each may stand once", what, seen->second));
  }
}

void SeenKeys::CheckTarget(const CsvField& well, std::string_view target, FileProblems& problems) {
  const auto name = CanonicalWell(well.text);
  if (!name) return;
  Check("", *name, target, well,
        fmt::format("well {} with target {}", *name, QuotedForMessage(target)), problems);
}

}  // namespace lims::instrument
