#include "domain/next_attempt.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lims/v1/run_service.pb.h"
#include "support/text_proto.h"

namespace lims::domain {
namespace {

const char kPlain[] = "method_id: 'M-PH' repeat_invalid_budget: 1";
const char kRepeated[] =
    "method_id: 'M-TERT' repeat_invalid_budget: 1 method_repeat { count: 1 instruction: 'afresh' }";
const char kRepeatedTwice[] = "method_repeat { count: 2 instruction: 'afresh' }";
const char kPlanned[] =
    "method_id: 'M-RP' repeat_invalid_budget: 1 run_plan { runs: 3 } method_repeat { count: 1 }";

struct NextCase {
  std::string name;
  std::string method;
  std::string attempts;  // of a GetRunResponse, for its list of attempts
  std::string next;      // the attempt; empty when refused
  std::string said;
};

// An attempt of the history.
std::string Made(int number, const std::string& kind, const std::string& rest) {
  return "attempts { panel: 'P' lot_id: 'L' number: " + std::to_string(number) +
         " kind: ATTEMPT_KIND_" + kind + " " + rest + " } ";
}

const std::string kValid = "outcome: OUTCOME_VALID ";
const std::string kInvalid = "outcome: OUTCOME_INVALID_RUN ";
const std::string kInvalidSample = "outcome: OUTCOME_INVALID_SAMPLE ";
const std::string kAborted = "outcome: OUTCOME_ABORTED ";
const std::string kUnclear = "outcome: OUTCOME_VALID repeat_because: '1 of 3' ";
const std::string kLost =
    kInvalidSample +
    "repeat_because: 'control lost' invalid_lines { line_code: 'X' control_lost: true } "
    "invalid_lines { line_code: 'Y' } ";
const std::string kRun1 = "planned_number: 1 planned_total: 3 ";
const std::string kRun2 = "planned_number: 2 planned_total: 3 ";
const std::string kRun3 = "planned_number: 3 planned_total: 3 ";

class NextAttemptTest : public testing::TestWithParam<NextCase> {};

TEST_P(NextAttemptTest, IsWhatTheMethodPrescribes) {
  const auto history = FromText<v1::GetRunResponse>(GetParam().attempts);
  const auto method = FromText<v1::Method>(GetParam().method);
  std::vector<const v1::Attempt*> attempts;
  for (const v1::Attempt& attempt : history.attempts()) attempts.push_back(&attempt);
  const auto next = NextAttempt(attempts, method);
  if (!GetParam().next.empty()) {
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->DebugString(), FromText<v1::Attempt>(GetParam().next).DebugString());
    return;
  }
  ASSERT_FALSE(next) << next->DebugString();
  EXPECT_EQ(next.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(next.error().message.find(GetParam().said), std::string::npos) << next.error().message;
}

const NextCase kCases[] = {
    {"First", kPlain, "", "kind: ATTEMPT_KIND_ORIGINAL", ""},
    {"Open", kPlain, Made(1, "ORIGINAL", "run_id: 'R-1'"), "", "still open in run R-1"},
    {"AfterAPass", kPlain, Made(1, "ORIGINAL", kValid), "", "approved plan"},
    {"AfterAnInvalidRun", kPlain, Made(1, "ORIGINAL", kInvalid),
     "kind: ATTEMPT_KIND_REPEAT_INVALID", ""},
    {"AfterAnInvalidSample", kPlain, Made(1, "ORIGINAL", kInvalidSample),
     "kind: ATTEMPT_KIND_REPEAT_INVALID", ""},
    {"AfterAnAbortedRun", kPlain, Made(1, "ORIGINAL", kAborted),
     "kind: ATTEMPT_KIND_REPEAT_INVALID", ""},
    {"BudgetUsed", kPlain, Made(1, "ORIGINAL", kInvalid) + Made(2, "REPEAT_INVALID", kInvalid), "",
     "allows 1 repeat after an invalid or aborted attempt and 1 is used; QA decides"},
    {"NoBudget", "repeat_invalid_budget: 0", Made(1, "ORIGINAL", kAborted), "", "allows 0 repeats"},
    {"AfterAValidRepeat", kPlain, Made(1, "ORIGINAL", kInvalid) + Made(2, "REPEAT_INVALID", kValid),
     "", "approved plan"},

    {"Inconclusive", kRepeated, Made(1, "ORIGINAL", kUnclear), "kind: ATTEMPT_KIND_METHOD_REPEAT",
     ""},
    {"ConclusiveUnderAMethodWithRepeat", kRepeated, Made(1, "ORIGINAL", kValid), "",
     "approved plan"},
    {"InconclusiveSample", kRepeated,
     Made(1, "ORIGINAL", kInvalidSample + "repeat_because: 'control lost'"),
     "kind: ATTEMPT_KIND_METHOD_REPEAT", ""},
    {"AfterTheMethodsRepeat", kRepeated,
     Made(1, "ORIGINAL", kUnclear) + Made(2, "METHOD_REPEAT", kValid), "", "approved plan"},
    {"InconclusiveAgain", kRepeated,
     Made(1, "ORIGINAL", kUnclear) + Made(2, "METHOD_REPEAT", kUnclear), "",
     "allows 1 repeat after an inconclusive attempt and 1 is used; QA decides"},
    {"InvalidMethodRepeat", kRepeated,
     Made(1, "ORIGINAL", kUnclear) + Made(2, "METHOD_REPEAT", kInvalid),
     "kind: ATTEMPT_KIND_REPEAT_INVALID stands_for: ATTEMPT_KIND_METHOD_REPEAT", ""},
    {"InconclusiveInPlaceOfTheMethodsRepeat", kRepeated,
     Made(1, "ORIGINAL", kUnclear) + Made(2, "METHOD_REPEAT", kInvalid) +
         Made(3, "REPEAT_INVALID", "stands_for: ATTEMPT_KIND_METHOD_REPEAT " + kUnclear),
     "", "1 is used; QA decides"},
    {"InconclusiveAfterAnInvalidRun", kRepeated,
     Made(1, "ORIGINAL", kInvalid) + Made(2, "REPEAT_INVALID", kUnclear),
     "kind: ATTEMPT_KIND_METHOD_REPEAT", ""},

    {"ControlLost", kRepeated, Made(1, "ORIGINAL", kLost),
     "kind: ATTEMPT_KIND_METHOD_REPEAT lost_controls: 'X'", ""},
    {"InvalidRepeatOfALostControl", kRepeated,
     Made(1, "ORIGINAL", kLost) + Made(2, "METHOD_REPEAT", kInvalid + "lost_controls: 'X'"),
     "kind: ATTEMPT_KIND_REPEAT_INVALID stands_for: ATTEMPT_KIND_METHOD_REPEAT lost_controls: 'X'",
     ""},
    {"ControlLostAgain", kRepeatedTwice,
     Made(1, "ORIGINAL", kLost) + Made(2, "METHOD_REPEAT", kLost + "lost_controls: 'X'"),
     "kind: ATTEMPT_KIND_METHOD_REPEAT lost_controls: 'X'", ""},
    {"ControlLostWhereTheFirstWasInconclusive", kRepeatedTwice,
     Made(1, "ORIGINAL", kUnclear) + Made(2, "METHOD_REPEAT", kLost),
     "kind: ATTEMPT_KIND_METHOD_REPEAT", ""},

    {"FirstPlanned", kPlanned, "",
     "kind: ATTEMPT_KIND_PLANNED_RUN planned_number: 1 planned_total: 3", ""},
    {"SecondPlanned", kPlanned, Made(1, "PLANNED_RUN", kRun1 + kValid),
     "kind: ATTEMPT_KIND_PLANNED_RUN planned_number: 2 planned_total: 3", ""},
    {"InvalidPlanned", kPlanned,
     Made(2, "PLANNED_RUN", kRun2 + kInvalid) + Made(1, "PLANNED_RUN", kRun1 + kValid),
     "kind: ATTEMPT_KIND_REPEAT_INVALID stands_for: ATTEMPT_KIND_PLANNED_RUN "
     "planned_number: 2 planned_total: 3",
     ""},
    {"RepeatedPlannedCounts", kPlanned,
     Made(1, "PLANNED_RUN", kRun1 + kInvalid) +
         Made(2, "REPEAT_INVALID", kRun1 + kValid + "stands_for: ATTEMPT_KIND_PLANNED_RUN"),
     "kind: ATTEMPT_KIND_PLANNED_RUN planned_number: 2 planned_total: 3", ""},
    {"PlanComplete", kPlanned,
     Made(1, "PLANNED_RUN", kRun1 + kValid) + Made(2, "PLANNED_RUN", kRun2 + kValid) +
         Made(3, "PLANNED_RUN", kRun3 + kValid),
     "", "approved plan"},
    {"PlanTooWide", kPlanned,
     Made(1, "PLANNED_RUN", kRun1 + kValid) + Made(2, "PLANNED_RUN", kRun2 + kValid) +
         Made(3, "PLANNED_RUN", kRun3 + kUnclear),
     "kind: ATTEMPT_KIND_METHOD_REPEAT", ""},
    {"FurtherRunConclusive", kPlanned,
     Made(1, "PLANNED_RUN", kRun1 + kValid) + Made(2, "PLANNED_RUN", kRun2 + kValid) +
         Made(3, "PLANNED_RUN", kRun3 + kUnclear) + Made(4, "METHOD_REPEAT", kValid),
     "", "approved plan"},
    {"PlanThatCameAfterAnInvalidTest", kPlanned, Made(1, "ORIGINAL", kInvalid),
     "kind: ATTEMPT_KIND_REPEAT_INVALID stands_for: ATTEMPT_KIND_PLANNED_RUN "
     "planned_number: 1 planned_total: 3",
     ""},
    {"PlanThatCameAfterAPass", kPlanned, Made(1, "ORIGINAL", kValid), "", "approved plan"},
};

INSTANTIATE_TEST_SUITE_P(Cases, NextAttemptTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(StepOf, IsThatOfTheAttemptInWhosePlaceItStands) {
  v1::Attempt attempt;
  attempt.set_kind(v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(StepOf(attempt), v1::ATTEMPT_KIND_METHOD_REPEAT);
  attempt.set_kind(v1::ATTEMPT_KIND_REPEAT_INVALID);
  EXPECT_EQ(StepOf(attempt), v1::ATTEMPT_KIND_ORIGINAL);
  attempt.set_stands_for(v1::ATTEMPT_KIND_PLANNED_RUN);
  EXPECT_EQ(StepOf(attempt), v1::ATTEMPT_KIND_PLANNED_RUN);
}

TEST(VersionUnderWay, IsThatOfTheFirstUntilThePlanOrTheRepeatIsDone) {
  const auto version = [](const std::string& attempts) {
    const auto history = FromText<v1::GetRunResponse>(attempts);
    std::vector<const v1::Attempt*> list;
    for (const v1::Attempt& attempt : history.attempts()) list.push_back(&attempt);
    return VersionUnderWay(list);
  };
  const std::string v7 = "method_version: 7 ";
  EXPECT_EQ(version(""), 0);
  EXPECT_EQ(version(Made(1, "ORIGINAL", v7 + kInvalid)), 0);
  EXPECT_EQ(version(Made(1, "ORIGINAL", v7 + kUnclear)), 7);
  EXPECT_EQ(version(Made(1, "ORIGINAL", "method_version: 6 " + kInvalid) +
                    Made(2, "REPEAT_INVALID", v7 + kUnclear)),
            7);
  EXPECT_EQ(version(Made(2, "METHOD_REPEAT", v7 + kInvalid) + Made(1, "ORIGINAL", v7 + kUnclear)),
            7);
  EXPECT_EQ(version(Made(1, "PLANNED_RUN", v7 + kInvalid + kRun1)), 7);
}

}  // namespace
}  // namespace lims::domain
