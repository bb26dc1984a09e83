// Verdicts that the method, not the limit, makes inconclusive.
#include "app/judging.h"

#include "support/site_fixture.h"

namespace lims::app {
namespace {

v1::Result Judged(const std::string& reportable) {
  v1::SpecificationText text;
  *text.add_lines() = PhLine("PH", "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }");
  const auto lot = FromText<v1::Lot>("lot_id: 'A' kind: LOT_KIND_MCB");
  const auto attempt = FromText<v1::Attempt>("lot_id: 'A' number: 1 purpose: PURPOSE_RELEASE");
  v1::SampleComputation sample;
  sample.set_outcome(v1::OUTCOME_VALID);
  *sample.add_reportables() = FromText<v1::Reportable>("line_code: 'PH' " + reportable);
  const auto results = JudgeSample(lot, attempt, sample, text, v1::RESULT_SOURCE_INSTRUMENT_FILE);
  EXPECT_TRUE(results && results->size() == 1);
  return results && !results->empty() ? results->front() : v1::Result();
}

TEST(Judging, WhatTheMethodCallsInconclusiveIsSoOnBothSidesOfTheLimit) {
  for (const char* value : {"7.0", "9.0"}) {
    const v1::Result result =
        Judged("value: '" + std::string(value) + "' inconclusive: 'too wide'");
    EXPECT_EQ(result.verdict(), v1::VERDICT_INCONCLUSIVE);
    EXPECT_EQ(result.explanation(), "too wide");
    EXPECT_EQ(result.value_reported(), value);
  }
}

TEST(Judging, AVerdictThatHangsOnAnExclusionIsInconclusive) {
  struct Case {
    const char* value;
    const char* with_excluded;
    v1::Verdict verdict;
  };
  const Case cases[] = {
      {"7.5", "7.55", v1::VERDICT_PASS},
      {"7.5", "7.7", v1::VERDICT_INCONCLUSIVE},
      {"7.7", "7.5", v1::VERDICT_INCONCLUSIVE},
      {"7.7", "7.9", v1::VERDICT_OOS_SUSPECTED},
  };
  for (const Case& each : cases) {
    const v1::Result result = Judged("value: '" + std::string(each.value) +
                                     "' value_with_excluded: '" + each.with_excluded + "'");
    EXPECT_EQ(result.verdict(), each.verdict) << each.value << " " << each.with_excluded;
    EXPECT_EQ(result.value_with_excluded(), each.with_excluded);
    EXPECT_EQ(result.value_reported(), each.value);
  }
  EXPECT_EQ(Judged("value: '7.5' value_with_excluded: '7.7'").explanation(),
            "the verdict hangs on the points left out: 7.5 is at least 6.8 and at most 7.6; with "
            "them, 7.7 is not at most 7.6");
}

// By a limit that is a fact, or by a document that the line is judged by.
v1::Verdict JudgedWithout(const std::string& fact, const std::string& value,
                          const std::string& purpose) {
  v1::SpecificationText text;
  *text.add_lines() = PhLine("PH", "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }");
  if (fact == "lowest") {
    v1::Bound& lower = *text.mutable_lines(0)->mutable_criteria(0)->mutable_lower();
    lower.clear_value();
    lower.set_fact(fact);
  } else {
    *text.add_facts() = FromText<v1::FactDefinition>("fact: '" + fact +
                                                     "' type: FACT_TYPE_DOCUMENT "
                                                     "used_by_lines: 'PH'");
  }
  const auto lot = FromText<v1::Lot>("lot_id: 'A' kind: LOT_KIND_MCB");
  const auto attempt = FromText<v1::Attempt>("lot_id: 'A' number: 1 purpose: PURPOSE_" + purpose +
                                             " undeclared_facts: '" + fact + "'");
  v1::SampleComputation sample;
  sample.set_outcome(v1::OUTCOME_VALID);
  *sample.add_reportables() = FromText<v1::Reportable>("line_code: 'PH' value: '" + value + "'");
  const auto results = JudgeSample(lot, attempt, sample, text, v1::RESULT_SOURCE_DIRECT);
  EXPECT_TRUE(results && results->size() == 1);
  return results && !results->empty() ? results->front().verdict() : v1::VERDICT_UNSPECIFIED;
}

TEST(Judging, WhatHangsOnAFactThatNobodyDeclaresAnyMoreNeverPasses) {
  for (const char* value : {"7.0", "9.0"}) {
    EXPECT_EQ(JudgedWithout("lowest", value, "RELEASE"), v1::VERDICT_CANNOT_DECIDE);
    EXPECT_EQ(JudgedWithout("lowest", value, "INVESTIGATION"), v1::VERDICT_REPORT_ONLY);
  }
  EXPECT_EQ(JudgedWithout("profile", "7.0", "RELEASE"), v1::VERDICT_CANNOT_DECIDE);
  EXPECT_EQ(JudgedWithout("profile", "9.0", "RELEASE"), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(JudgedWithout("profile", "7.0", "INVESTIGATION"), v1::VERDICT_PASS);
}

}  // namespace
}  // namespace lims::app
