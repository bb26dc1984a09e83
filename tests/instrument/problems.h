// Compares the violations of an error with what a test expects.
#ifndef LIMS_TESTS_INSTRUMENT_PROBLEMS_H_
#define LIMS_TESTS_INSTRUMENT_PROBLEMS_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lims::instrument {

// Every violation as "field: description"; empty for a value.
template <typename T>
std::vector<std::string> ProblemsOf(const Result<T>& result) {
  std::vector<std::string> problems;
  if (result) return problems;
  EXPECT_EQ(result.error().reason, ErrorReason::kInvalidArgument);
  for (const Violation& violation : result.error().violations) {
    problems.push_back(violation.field + ": " + violation.description);
  }
  return problems;
}

// Each problem must begin with the expected text, in order.
inline void ExpectProblems(const std::vector<std::string>& problems,
                           const std::vector<std::string_view>& expected,
                           std::string_view context) {
  EXPECT_EQ(problems.size(), expected.size()) << context;
  for (std::size_t i = 0; i < problems.size() || i < expected.size(); ++i) {
    const std::string_view found = i < problems.size() ? std::string_view(problems[i]) : "nothing";
    const std::string_view wanted = i < expected.size() ? expected[i] : "nothing more";
    EXPECT_EQ(found.substr(0, wanted.size()), wanted) << context;
  }
}

}  // namespace lims::instrument

#endif  // LIMS_TESTS_INSTRUMENT_PROBLEMS_H_
