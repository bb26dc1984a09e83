// Attempts that are valid for some lines of their panel and invalid for others.
#include <gtest/gtest.h>

#include "domain/next_attempt.h"
#include "domain/releasability.h"
#include "lot_fixture.h"

namespace lims::domain {
namespace {

// Every blocker of these lines at the final gate, as "KIND LINE".
std::vector<std::string> BlockersOf(const LotView& view, const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  for (const v1::Blocker& blocker : Blockers(view, v1::GATE_S2, kNow, kZone)) {
    if (std::find(lines.begin(), lines.end(), blocker.what()) == lines.end()) continue;
    found.push_back(v1::BlockerKind_Name(blocker.kind()).substr(13) + " " + blocker.what());
  }
  return found;
}

class InvalidLines : public testing::Test {
 protected:
  // A panel of two lines on the lot; nothing is tested yet.
  InvalidLines() {
    for (const char* code : {"HV-HBV", "HV-HCV"}) {
      view.lines.push_back(FromText<v1::SpecificationLine>(
          "line_code: '" + std::string(code) +
          "' panel: 'HV' method_id: 'M-HV' "
          "gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }"));
    }
    v1::Method& method = view.methods.emplace_back();
    method.set_method_id("M-HV");
    method.set_version(1);
    method.set_repeat_invalid_budget(1);
    method.mutable_method_repeat()->set_count(1);
    method.mutable_method_repeat()->set_instruction("undiluted and at 1:10");
  }

  // A valid, reviewed attempt: a verdict for each line, unspecified for an invalid one.
  v1::Attempt& AddAttempt(int number, v1::Verdict hbv, v1::Verdict hcv) {
    Stored<v1::Attempt>& attempt = view.attempts.emplace_back();
    attempt.record = FromText<v1::Attempt>(
        "panel: 'HV' kind: ATTEMPT_KIND_ORIGINAL purpose: PURPOSE_RELEASE method_id: 'M-HV' "
        "method_version: 1 outcome: OUTCOME_VALID analysts: 'tech'");
    attempt.record.set_number(number);
    attempt.record.set_run_id("R-" + std::to_string(number));
    if (number > 1) attempt.record.set_kind(v1::ATTEMPT_KIND_REPEAT_INVALID);
    for (const auto& [line, verdict] : {std::pair("HV-HBV", hbv), std::pair("HV-HCV", hcv)}) {
      if (verdict == v1::VERDICT_UNSPECIFIED) {
        v1::InvalidLine& invalid = *attempt.record.add_invalid_lines();
        invalid.set_line_code(line);
        invalid.set_outcome(v1::OUTCOME_INVALID_RUN);
        invalid.set_reason("ntc of " + std::string(line) + ": 31.2");
        continue;
      }
      Stored<v1::Result>& result = view.results.emplace_back();
      result.etag = 100 + number;
      result.record.set_line_code(line);
      result.record.set_panel("HV");
      result.record.set_attempt_number(number);
      result.record.set_verdict(verdict);
      result.record.set_purpose(v1::PURPOSE_RELEASE);
      v1::ReviewedResult& reviewed = *view.reviews.emplace_back().record.add_results();
      reviewed.set_line_code(line);
      reviewed.set_attempt_number(number);
      reviewed.set_etag(result.etag);
    }
    return attempt.record;
  }

  std::vector<std::string> Open() const { return BlockersOf(view, {"HV-HBV", "HV-HCV"}); }

  Result<v1::Attempt> Next() const {
    std::vector<const v1::Attempt*> attempts;
    for (const auto& attempt : view.attempts) {
      if (attempt.record.panel() == "HV") attempts.push_back(&attempt.record);
    }
    return NextAttempt(attempts, view.methods.back());
  }

  using Names = std::vector<std::string>;
  LotView view = ReleasableLot();
};

constexpr auto kNoAnswer = v1::VERDICT_UNSPECIFIED;
constexpr auto kPassed = v1::VERDICT_PASS;

TEST_F(InvalidLines, LeaveARepeatForThemselvesOnly) {
  AddAttempt(1, kNoAnswer, kPassed);
  EXPECT_EQ(Open(), Names{"REPEAT_DUE HV-HBV"});
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->kind(), v1::ATTEMPT_KIND_REPEAT_INVALID);
  for (const v1::Blocker& blocker : Blockers(view, v1::GATE_S2, kNow, kZone)) {
    if (blocker.what() != "HV-HBV") continue;
    EXPECT_EQ(blocker.description(),
              "attempt 1 does not count (invalid: ntc of HV-HBV: 31.2); repeat it");
  }
  AddAttempt(2, kPassed, kPassed);
  EXPECT_EQ(Open(), Names{});
  EXPECT_FALSE(Next());
}

TEST_F(InvalidLines, AreAnsweredByAnEarlierConclusiveAttempt) {
  AddAttempt(1, kNoAnswer, kPassed);
  AddAttempt(2, kPassed, kNoAnswer);
  EXPECT_EQ(Open(), Names{});
  EXPECT_FALSE(Next());
}

TEST_F(InvalidLines, AreNotAnsweredByAnInconclusiveAttempt) {
  AddAttempt(1, v1::VERDICT_INCONCLUSIVE, kPassed).set_repeat_because("HV-HBV: 1 of 2 wells");
  AddAttempt(2, kNoAnswer, kPassed).set_kind(v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Open(), Names{"REPEAT_DUE HV-HBV"});
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->kind(), v1::ATTEMPT_KIND_REPEAT_INVALID);
  EXPECT_EQ(Next()->stands_for(), v1::ATTEMPT_KIND_METHOD_REPEAT);
}

// An answer from before the doubt does not settle it.
TEST_F(InvalidLines, OfTheRepeatOfADoubtAreRepeated) {
  AddAttempt(1, kPassed, kNoAnswer);
  AddAttempt(2, v1::VERDICT_INCONCLUSIVE, kPassed).set_repeat_because("HV-HBV: 1 of 2 wells");
  AddAttempt(3, kNoAnswer, kPassed).set_kind(v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Open(), Names{"REPEATS_EXHAUSTED HV-HBV"});  // attempt 2 was the one that is allowed
  view.methods.back().set_repeat_invalid_budget(2);
  EXPECT_EQ(Open(), Names{"REPEAT_DUE HV-HBV"});
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->stands_for(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  AddAttempt(4, kPassed, kPassed).set_stands_for(v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Open(), Names{});
  EXPECT_FALSE(Next());
}

TEST_F(InvalidLines, AreNotAnsweredByAnAttemptThatDoesNotCount) {
  view.methods.back().set_repeat_invalid_budget(3);
  AddAttempt(1, kNoAnswer, kPassed);
  AddAttempt(2, kNoAnswer, kNoAnswer).set_outcome(v1::OUTCOME_ABORTED);
  view.attempts.back().record.clear_invalid_lines();  // an aborted run says nothing of its lines
  AddAttempt(3, kNoAnswer, kPassed);
  EXPECT_EQ(Open(), Names{"REPEAT_DUE HV-HBV"});
  EXPECT_TRUE(Next());
}

TEST_F(InvalidLines, EndWithTheBudget) {
  AddAttempt(1, kNoAnswer, kPassed);
  AddAttempt(2, kNoAnswer, kPassed);
  EXPECT_EQ(Open(), Names{"REPEATS_EXHAUSTED HV-HBV"});
  EXPECT_FALSE(Next());
}

TEST_F(InvalidLines, AreRepeatedAsTheVersionInForceAllows) {
  AddAttempt(1, kNoAnswer, kPassed);
  AddAttempt(2, kNoAnswer, kPassed);
  v1::Method second = view.methods.back();
  second.set_version(2);
  second.set_state(v1::VERSION_STATE_APPROVED);
  second.set_effective_date("2999-01-01");
  second.set_repeat_invalid_budget(3);
  view.methods.push_back(second);
  EXPECT_EQ(Open(), Names{"REPEATS_EXHAUSTED HV-HBV"});
  view.methods.back().set_effective_date("2000-01-01");
  EXPECT_EQ(Open(), Names{"REPEAT_DUE HV-HBV"});
  // A plan that has begun goes on under the version that it began with.
  view.attempts.back().record.set_planned_number(2);
  view.attempts.back().record.set_planned_total(2);
  EXPECT_EQ(Open(), Names{"REPEATS_EXHAUSTED HV-HBV"});
}

TEST_F(InvalidLines, OfALostControlLeaveTheRepeatOfTheMethod) {
  AddAttempt(1, kNoAnswer, kPassed).set_repeat_because("internal control lost (HBV)");
  EXPECT_EQ(Open(), Names{"REPEAT_DUE HV-HBV"});
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
}

TEST_F(InvalidLines, DoNotHideWhatWasFoundBefore) {
  AddAttempt(1, v1::VERDICT_OOS_SUSPECTED, kNoAnswer);
  AddAttempt(2, kNoAnswer, kPassed);
  EXPECT_EQ(Open(), Names{"OOS HV-HBV"});
}

}  // namespace
}  // namespace lims::domain
