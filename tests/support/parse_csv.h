// A table that must have no problem, for tests.
#ifndef LIMS_TESTS_SUPPORT_PARSE_CSV_H_
#define LIMS_TESTS_SUPPORT_PARSE_CSV_H_

#include <span>
#include <string_view>
#include <utility>

#include "base/csv.h"
#include "base/result.h"

namespace lims {

// The table, or an error with every problem.
inline Result<CsvTable> ParseCsv(std::string_view bytes, std::span<const std::string_view> required,
                                 std::span<const std::string_view> optional) {
  FileProblems problems;
  CsvTable table = ReadCsv(bytes, required, optional, problems);
  if (!problems.empty()) return std::move(problems).ToError();
  return table;
}

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_PARSE_CSV_H_
