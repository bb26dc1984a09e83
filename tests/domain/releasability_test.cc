#include "domain/releasability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "domain/blocker_cases.h"

namespace lims::domain {
namespace {

TEST(Releasability, IsGivenExactlyWhenNothingIsLeft) {
  const LotView view = ReleasableLot();
  EXPECT_EQ(At(v1::GATE_S1, view), Names{});
  EXPECT_EQ(At(v1::GATE_S2, view), Names{});
  EXPECT_EQ(At(v1::GATE_UNSPECIFIED, view), Names{});
}

class BlockerTest : public testing::TestWithParam<Case> {};

TEST_P(BlockerTest, Appears) {
  ExpectBlockers(GetParam());
}

const Case kLotCases[] = {
    {"NotConfirmed",
     [](LotView& v) { v.lot.record.clear_confirmed_by(); },
     {"NOT_CONFIRMED DP-1"},
     {"NOT_CONFIRMED DP-1"}},
    {"SpecificationTooYoung",
     [](LotView& v) { v.specification.record.set_effective_date("2026-03-02"); },
     {"SPECIFICATION_NOT_IN_FORCE P/1"},
     {"SPECIFICATION_NOT_IN_FORCE P/1"}},
    {"SpecificationNotApproved",
     [](LotView& v) { v.specification.record.set_state(v1::VERSION_STATE_SUBMITTED); },
     {"SPECIFICATION_NOT_IN_FORCE P/1"},
     {"SPECIFICATION_NOT_IN_FORCE P/1"}},
    {"SpecificationOfAnotherRevision",
     [](LotView& v) { v.specification.record.set_revision(2); },
     {"SPECIFICATION_NOT_IN_FORCE P/1"},
     {"SPECIFICATION_NOT_IN_FORCE P/1"}},
    {"ManufactureTimeUnreadable",
     [](LotView& v) {
       v.lot.record.set_manufacture_time("");
       v.related[0].lot.clear_expiry();
     },
     {"SPECIFICATION_NOT_IN_FORCE P/1"},
     {"SPECIFICATION_NOT_IN_FORCE P/1"}},
    {"ConditionalReleaseNotRegistered",
     [](LotView& v) { v.specification.record.clear_conditional_release_registered(); },
     {"NOT_REGISTERED DP-1"},
     {}},
    {"Rejected",
     [](LotView& v) { v.lot.record.set_disposition(v1::DISPOSITION_REJECTED); },
     {"DISPOSITION DP-1"},
     {"DISPOSITION DP-1"}},
    {"AlreadyReleased",
     [](LotView& v) { v.lot.record.set_disposition(v1::DISPOSITION_RELEASED); },
     {"DISPOSITION DP-1"},
     {"DISPOSITION DP-1"}},
    {"ConditionallyReleased",
     [](LotView& v) { v.lot.record.set_disposition(v1::DISPOSITION_CONDITIONALLY_RELEASED); },
     {"DISPOSITION DP-1"},
     {}},
    {"ConditionalReleaseFailed",
     [](LotView& v) { v.lot.record.set_disposition(v1::DISPOSITION_CONDITIONAL_FAILED); },
     {"DISPOSITION DP-1"},
     {"DISPOSITION DP-1"}},
    {"Withdrawn",
     [](LotView& v) { v.lot.record.set_disposition(v1::DISPOSITION_WITHDRAWN); },
     {"DISPOSITION DP-1"},
     {}},
    {"WithdrawnSinceEverythingWasSigned",
     [](LotView& v) {
       v.lot.record.set_disposition(v1::DISPOSITION_WITHDRAWN);
       v.decisions = {Store<v1::ReleaseDecision>("decision: DECISION_RELEASE", 29),
                      Store<v1::ReleaseDecision>("decision: DECISION_WITHDRAW", 30)};
     },
     {"DISPOSITION DP-1", "NOT_REVIEWED PH", "NOT_REVIEWED VOL", "NOT_ATTESTED BPR-REVIEW"},
     {"NOT_REVIEWED PH", "NOT_REVIEWED VOL", "NOT_REVIEWED STER", "NOT_REVIEWED OSM",
      "NOT_ATTESTED BPR-REVIEW", "NOT_ATTESTED AT-RUNS-S2"}},
    {"SignedAgainSinceItWasWithdrawn",
     [](LotView& v) {
       v.lot.record.set_disposition(v1::DISPOSITION_WITHDRAWN);
       v.decisions = {Store<v1::ReleaseDecision>("decision: DECISION_WITHDRAW", 30)};
       v.reviews[0].etag = 31;
       for (auto& attestation : v.attestations) attestation.etag = 32;
     },
     {"DISPOSITION DP-1"},
     {}},
    {"ExpiredByDate",
     [](LotView& v) { v.lot.record.set_expiry("2026-05-31"); },
     {"EXPIRED DP-1"},
     {"EXPIRED DP-1"}},
    {"ExpiresToday", [](LotView& v) { v.lot.record.set_expiry("2026-06-01"); }, {}, {}},
    {"ExpiredByTheHour",
     [](LotView& v) { v.lot.record.set_expiry("2026-06-01T11:59:59+08:00"); },
     {"EXPIRED DP-1"},
     {"EXPIRED DP-1"}},
    {"NoParent",
     [](LotView& v) { v.lot.record.clear_parents(); },
     {"PARENT_MISSING DP-1"},
     {"PARENT_MISSING DP-1"}},
    {"NoBankAmongTheParents",
     [](LotView& v) {
       v.related[0].lot.set_kind(v1::LOT_KIND_HARVEST);
       v.related[0].lot.clear_parents();
     },
     {"PARENT_MISSING DP-1"},
     {"PARENT_MISSING DP-1"}},
    {"ParentNotRegistered",
     [](LotView& v) { v.related.erase(v.related.begin()); },
     {"PARENT_NOT_RELEASED WCB-1"},
     {"PARENT_NOT_RELEASED WCB-1"}},
    {"ParentInQuarantine",
     [](LotView& v) { v.related[0].lot.set_disposition(v1::DISPOSITION_QUARANTINE); },
     {"PARENT_NOT_RELEASED WCB-1"},
     {"PARENT_NOT_RELEASED WCB-1"}},
    {"ParentHeld",
     [](LotView& v) { v.related[0].held = true; },
     {"PARENT_NOT_RELEASED WCB-1"},
     {"PARENT_NOT_RELEASED WCB-1"}},
    {"ParentOutOfSpecificationSince",
     [](LotView& v) { v.related[0].out_of_specification.emplace_back().set_line_code("HV-HBV"); },
     {"PARENT_OOS WCB-1"},
     {"PARENT_OOS WCB-1"}},
    {"GrandparentOutOfSpecificationSince",
     [](LotView& v) { v.related[1].out_of_specification.emplace_back().set_line_code("HV-HBV"); },
     {"PARENT_OOS MCB-1"},
     {"PARENT_OOS MCB-1"}},
    {"ParentExpiredAtManufacture",
     [](LotView& v) { v.related[0].lot.set_expiry("2026-02"); },
     {"PARENT_NOT_RELEASED WCB-1"},
     {"PARENT_NOT_RELEASED WCB-1"}},
    {"ParentExpiredSince", [](LotView& v) { v.related[0].lot.set_expiry("2026-04"); }, {}, {}},
    {"GrandparentWithdrawn",
     [](LotView& v) { v.related[1].lot.set_disposition(v1::DISPOSITION_WITHDRAWN); },
     {"PARENT_NOT_RELEASED MCB-1"},
     {"PARENT_NOT_RELEASED MCB-1"}},
    {"LotIsItsOwnParent",
     [](LotView& v) { v.lot.record.mutable_parents(0)->set_lot_id("DP-1"); },
     {"PARENT_NOT_RELEASED DP-1"},
     {"PARENT_NOT_RELEASED DP-1"}},
    {"NamedLotInQuarantine",
     [](LotView& v) { v.related[2].lot.set_disposition(v1::DISPOSITION_QUARANTINE); },
     {"PARENT_NOT_RELEASED EOPC-1"},
     {"PARENT_NOT_RELEASED EOPC-1"}},
    {"NamedLotOfAnotherKind",
     [](LotView& v) { SetFact(v, "eopc_lot", "WCB-1"); },
     {"PARENT_NOT_RELEASED WCB-1"},
     {"PARENT_NOT_RELEASED WCB-1"}},
    {"NamedLotOfAnotherBank",
     [](LotView& v) { v.related[2].lot.clear_parents(); },
     {"PARENT_NOT_RELEASED EOPC-1"},
     {"PARENT_NOT_RELEASED EOPC-1"}},
    {"NamedLotOfTheSameMasterBank",
     [](LotView& v) { v.related[2].lot.mutable_parents(0)->set_lot_id("MCB-1"); },
     {},
     {}},
    {"NamedLotNotRegistered",
     [](LotView& v) { SetFact(v, "eopc_lot", "EOPC-9"); },
     {"PARENT_NOT_RELEASED EOPC-9"},
     {"PARENT_NOT_RELEASED EOPC-9"}},
    {"Held",
     [](LotView& v) {
       v.holds = {Store<v1::Hold>("number: 1 lifted_signature_id: 'a'"),
                  Store<v1::Hold>("number: 2 reason: 'freezer alarm'")};
     },
     {"HOLD 2"},
     {"HOLD 2"}},
    {"FactMissing",
     [](LotView& v) { DropFact(v, "fill_volume_label"); },
     {"FACT_MISSING fill_volume_label", "FACT_CHANGED fill_volume_label"},
     {"FACT_MISSING fill_volume_label", "FACT_CHANGED fill_volume_label"}},
    {"ApplicabilityUndeclared",
     [](LotView& v) { DropFact(v, "fresh_product"); },
     {"FACT_MISSING fresh_product"},
     {"FACT_MISSING fresh_product"}},
    {"ApplicabilityUndefined",
     [](LotView& v) {
       DropFact(v, "fresh_product");
       v.fact_definitions.erase(v.fact_definitions.begin());
     },
     {"FACT_MISSING fresh_product"},
     {"FACT_MISSING fresh_product"}},
    {"NamedLotUndeclared",
     [](LotView& v) { DropFact(v, "eopc_lot"); },
     {"FACT_MISSING eopc_lot"},
     {"FACT_MISSING eopc_lot"}},
    {"NamedLotUsedByNoLine",
     [](LotView& v) {
       DropFact(v, "eopc_lot");
       v.fact_definitions[3].clear_used_by_lines();
     },
     {},
     {}},
    {"FactNeededByAnotherFact",
     [](LotView& v) { SetFact(v, "fresh_product", "yes"); },
     {"FACT_MISSING transport_hours", "NOT_TESTED GRAM"},
     {"FACT_MISSING transport_hours", "NOT_TESTED GRAM"}},
    {"FactChanged",
     [](LotView& v) { SetFact(v, "fill_volume_label", "6.0"); },
     {"FACT_CHANGED fill_volume_label"},
     {"FACT_CHANGED fill_volume_label"}},
    {"OpenRunForStability",
     [](LotView& v) {
       v.attempts.push_back(
           Store<v1::Attempt>("panel: 'PH' number: 2 run_id: 'R-9' purpose: PURPOSE_STABILITY"));
     },
     {"RUN_OPEN R-9"},
     {"RUN_OPEN R-9"}},
    {"OpenRunOfTwoPanels",
     [](LotView& v) {
       for (const char* panel : {"PH", "PI"}) {
         v.attempts.push_back(
             Store<v1::Attempt>("number: 2 run_id: 'R-9' purpose: PURPOSE_STABILITY"));
         v.attempts.back().record.set_panel(panel);
       }
     },
     {"RUN_OPEN R-9"},
     {"RUN_OPEN R-9"}},
    {"LateReading",
     [](LotView& v) { AttemptOf(v, "PH").add_late_readings(2); },
     {"LATE_ENTRY R-PH1"},
     {"LATE_ENTRY R-PH1"}},
    {"LateEntry",
     [](LotView& v) { AttemptOf(v, "PH").mutable_late_entry()->set_claimed_time("2026-01-01"); },
     {"LATE_ENTRY R-PH1"},
     {"LATE_ENTRY R-PH1"}},
    {"LateEntryThatIsCleared",
     [](LotView& v) { AttemptOf(v, "PH").mutable_late_entry()->set_cleared_by("qa1"); },
     {},
     {}},
    {"PositiveReading",
     [](LotView& v) {
       v.attempts.push_back(
           Store<v1::Attempt>("panel: 'PH' number: 2 run_id: 'R-9' purpose: PURPOSE_STABILITY "
                              "positive_reading: 'GROWTH at T1, reading 1'"));
     },
     {"RUN_OPEN R-9", "POSITIVE_READING R-9"},
     {"RUN_OPEN R-9", "POSITIVE_READING R-9"}},
    {"PositiveReadingOfAJudgedRun",
     [](LotView& v) { AttemptOf(v, "PH").set_positive_reading("GROWTH at T1, reading 1"); },
     {},
     {}},
};

const Case kLineCases[] = {
    {"NotTested",
     [](LotView& v) { v.attempts.erase(v.attempts.begin()); },
     {"NOT_TESTED PH"},
     {"NOT_TESTED PH"}},
    {"TestedForAnotherPurposeOnly",
     [](LotView& v) { AttemptOf(v, "PH").set_purpose(v1::PURPOSE_TRAINING); },
     {"NOT_TESTED PH"},
     {"NOT_TESTED PH"}},
    {"NoResultOfAValidAttempt",
     [](LotView& v) { DropResult(v, "PH"); },
     {"NOT_TESTED PH"},
     {"NOT_TESTED PH"}},
    {"NoResultOfTheNewestValidAttempt",
     [](LotView& v) {
       AddValidAttempt(v, "PH", 2, "PH", v1::VERDICT_PASS, 20);
       v.results.pop_back();
     },
     {"NOT_TESTED PH"},
     {"NOT_TESTED PH"}},
    {"ResultOfAnInvalidAttempt",
     [](LotView& v) {
       AttemptOf(v, "PH").set_outcome(v1::OUTCOME_INVALID_RUN);
       ResultOf(v, "PH").record.set_verdict(v1::VERDICT_OOS_SUSPECTED);
     },
     {"REPEAT_DUE PH"},
     {"REPEAT_DUE PH"}},
    {"NoVerdict",
     [](LotView& v) { ResultOf(v, "PH").record.clear_verdict(); },
     {"NOT_TESTED PH"},
     {"NOT_TESTED PH"}},
    {"RunOpen",
     [](LotView& v) { SetOutcome(v, "PH", v1::OUTCOME_UNSPECIFIED); },
     {"RUN_OPEN PH"},
     {"RUN_OPEN PH"}},
    {"Invalid",
     [](LotView& v) { SetOutcome(v, "PH", v1::OUTCOME_INVALID_RUN); },
     {"REPEAT_DUE PH"},
     {"REPEAT_DUE PH"}},
    {"Aborted",
     [](LotView& v) { SetOutcome(v, "PH", v1::OUTCOME_ABORTED); },
     {"REPEAT_DUE PH"},
     {"REPEAT_DUE PH"}},
    {"InvalidTwice",
     [](LotView& v) {
       SetOutcome(v, "PH", v1::OUTCOME_INVALID_SETUP);
       v.attempts.push_back(Store<v1::Attempt>(
           "panel: 'PH' number: 2 kind: ATTEMPT_KIND_REPEAT_INVALID purpose: PURPOSE_RELEASE "
           "method_id: 'M-PH' method_version: 1 outcome: OUTCOME_INVALID_SAMPLE"));
     },
     {"REPEATS_EXHAUSTED PH"},
     {"REPEATS_EXHAUSTED PH"}},
    {"InvalidWithUnknownMethod",
     [](LotView& v) {
       SetOutcome(v, "PH", v1::OUTCOME_INVALID_RUN);
       AttemptOf(v, "PH").set_method_version(7);
     },
     {"REPEATS_EXHAUSTED PH"},
     {"REPEATS_EXHAUSTED PH"}},
    {"ValidAfterInvalid",
     [](LotView& v) {
       SetOutcome(v, "PH", v1::OUTCOME_INVALID_RUN);
       AddValidAttempt(v, "PH", 2, "PH", v1::VERDICT_PASS, 20);
       AddReview(v, "PH", 2, 20);
     },
     {},
     {}},
    {"OutOfSpecification",
     [](LotView& v) { ResultOf(v, "PH").record.set_verdict(v1::VERDICT_OOS_SUSPECTED); },
     {"OOS PH"},
     {"OOS PH"}},
    {"OutOfSpecificationThenPass",
     [](LotView& v) {
       ResultOf(v, "PH").record.set_verdict(v1::VERDICT_OOS_SUSPECTED);
       AddValidAttempt(v, "PH", 2, "PH", v1::VERDICT_PASS, 20);
       AddReview(v, "PH", 2, 20);
     },
     {"OOS PH"},
     {"OOS PH"}},
    {"OutOfSpecificationThenOpen",
     [](LotView& v) {
       ResultOf(v, "PH").record.set_verdict(v1::VERDICT_OOS_SUSPECTED);
       v.attempts.push_back(
           Store<v1::Attempt>("panel: 'PH' number: 2 run_id: 'R-9' purpose: PURPOSE_RELEASE"));
     },
     {"OOS PH", "RUN_OPEN PH"},
     {"OOS PH", "RUN_OPEN PH"}},
    {"OutOfSpecificationOfTheLaterGate",
     [](LotView& v) { ResultOf(v, "STER").record.set_verdict(v1::VERDICT_OOS_SUSPECTED); },
     {"OOS STER"},
     {"OOS STER"}},
    {"OutOfSpecificationOfALineThatNoLongerApplies",
     [](LotView& v) { AddValidAttempt(v, "GRAM", 1, "GRAM", v1::VERDICT_OOS_SUSPECTED, 20); },
     {"OOS GRAM"},
     {"OOS GRAM"}},
    {"OutOfSpecificationInTraining",
     [](LotView& v) {
       AddValidAttempt(v, "GRAM", 1, "GRAM", v1::VERDICT_OOS_SUSPECTED, 20);
       v.attempts.back().record.set_purpose(v1::PURPOSE_TRAINING);
     },
     {},
     {}},
    {"InconclusiveSuperseded",
     [](LotView& v) {
       ResultOf(v, "PH").record.set_verdict(v1::VERDICT_INCONCLUSIVE);
       AddValidAttempt(v, "PH", 2, "PH", v1::VERDICT_PASS, 20);
       AddReview(v, "PH", 2, 20);
     },
     {},
     {}},
    {"InconclusiveSupersededNotReviewed",
     [](LotView& v) {
       ResultOf(v, "PH").record.set_verdict(v1::VERDICT_INCONCLUSIVE);
       AddValidAttempt(v, "PH", 2, "PH", v1::VERDICT_PASS, 20);
       v.reviews.clear();
       AddReview(v, "PH", 2, 20);
     },
     {"NOT_REVIEWED PH", "NOT_REVIEWED VOL"},
     {"NOT_REVIEWED PH", "NOT_REVIEWED VOL", "NOT_REVIEWED STER", "NOT_REVIEWED OSM"}},
    {"InconclusiveThenOutOfSpecification",
     [](LotView& v) {
       ResultOf(v, "PH").record.set_verdict(v1::VERDICT_INCONCLUSIVE);
       AddValidAttempt(v, "PH", 2, "PH", v1::VERDICT_OOS_SUSPECTED, 20);
       AddReview(v, "PH", 2, 20);
     },
     {"OOS PH"},
     {"OOS PH"}},
    {"CannotDecide",
     [](LotView& v) { ResultOf(v, "PH").record.set_verdict(v1::VERDICT_CANNOT_DECIDE); },
     {"CANNOT_DECIDE PH"},
     {"CANNOT_DECIDE PH"}},
    {"NotReviewed",
     [](LotView& v) { v.reviews.clear(); },
     {"NOT_REVIEWED PH", "NOT_REVIEWED VOL"},
     {"NOT_REVIEWED PH", "NOT_REVIEWED VOL", "NOT_REVIEWED STER", "NOT_REVIEWED OSM"}},
    {"ChangedAfterReview",
     [](LotView& v) { ResultOf(v, "PH").etag = 99; },
     {"NOT_REVIEWED PH"},
     {"NOT_REVIEWED PH"}},
    {"ReviewedAgain",
     [](LotView& v) {
       ResultOf(v, "PH").etag = 99;
       AddReview(v, "PH", 1, 99);
     },
     {},
     {}},
    {"NotAttested",
     [](LotView& v) { v.attestations.clear(); },
     {"NOT_ATTESTED BPR-REVIEW"},
     {"NOT_ATTESTED BPR-REVIEW", "NOT_ATTESTED AT-RUNS-S2"}},
    {"AttestedInAnotherRole",
     [](LotView& v) { v.attestations[0].record.set_role(v1::ROLE_QP); },
     {"NOT_ATTESTED BPR-REVIEW"},
     {"NOT_ATTESTED BPR-REVIEW"}},
    {"AnAttemptOfItsGateCameAfterTheAttestation",
     [](LotView& v) { v.attempts[2].etag = 21; },
     {},
     {"NOT_ATTESTED AT-RUNS-S2"}},
    {"AnAttemptOfAnotherGateCameAfterTheAttestation",
     [](LotView& v) { v.attempts[0].etag = 21; },
     {},
     {}},
    {"AttestedSinceTheConditionalReleaseWasBeforeIt",
     [](LotView& v) {
       v.attestation_lines[1].set_since_conditional_release(true);
       v.decisions = {Store<v1::ReleaseDecision>("decision: DECISION_CONDITIONAL_RELEASE", 21)};
     },
     {},
     {"NOT_ATTESTED AT-RUNS-S2"}},
    {"AttestedSinceTheConditionalReleaseIsAfterIt",
     [](LotView& v) {
       v.attestation_lines[1].set_since_conditional_release(true);
       v.decisions = {Store<v1::ReleaseDecision>("decision: DECISION_CONDITIONAL_RELEASE", 19)};
     },
     {},
     {}},
    {"AttestedByWhoTestedTheLotAfterwards",
     [](LotView& v) { v.attempts[0].record.add_analysts("sup"); },
     {},
     {"NOT_ATTESTED AT-RUNS-S2"}},
};

INSTANTIATE_TEST_SUITE_P(OfTheLot, BlockerTest, testing::ValuesIn(kLotCases), CaseName);
INSTANTIATE_TEST_SUITE_P(OfALine, BlockerTest, testing::ValuesIn(kLineCases), CaseName);

v1::Method& MethodNamed(LotView& view, const std::string& id) {
  return *std::find_if(view.methods.begin(), view.methods.end(),
                       [&](const v1::Method& method) { return method.method_id() == id; });
}

// The one blocker of a line.
v1::Blocker OnlyBlocker(const LotView& view, const std::string& line) {
  v1::Blocker found;
  for (const v1::Blocker& blocker : Blockers(view, v1::GATE_S2, kNow, kZone)) {
    if (blocker.what() != line) continue;
    EXPECT_TRUE(found.what().empty()) << blocker.description();
    found = blocker;
  }
  return found;
}

TEST(Blockers, SayWhoMakesTheRepeatThatTheMethodPrescribes) {
  LotView view = ReleasableLot();
  ResultOf(view, "PH").record.set_verdict(v1::VERDICT_INCONCLUSIVE);
  ResultOf(view, "PH").record.set_explanation("1 of 3 wells");
  v1::Blocker blocker = OnlyBlocker(view, "PH");
  EXPECT_EQ(blocker.who(), v1::ROLE_QA);
  EXPECT_NE(blocker.description().find("prescribes no repeat"), std::string::npos);

  v1::MethodRepeat& repeat = *MethodNamed(view, "M-PH").mutable_method_repeat();
  repeat.set_count(1);
  repeat.set_instruction("from a fresh extraction");
  AttemptOf(view, "PH").set_repeat_because("PH: 1 of 3 wells");
  blocker = OnlyBlocker(view, "PH");
  EXPECT_EQ(blocker.kind(), v1::BLOCKER_KIND_INCONCLUSIVE);
  EXPECT_EQ(blocker.who(), v1::ROLE_TECHNICIAN);
  EXPECT_EQ(blocker.description(),
            "attempt 1: 1 of 3 wells; the repeat that the method prescribes is due: from a fresh "
            "extraction");

  AddValidAttempt(view, "PH", 2, "PH", v1::VERDICT_INCONCLUSIVE, 20);
  AddReview(view, "PH", 2, 20);
  view.attempts.back().record.set_kind(v1::ATTEMPT_KIND_METHOD_REPEAT);
  view.attempts.back().record.set_repeat_because("PH: 2 of 3 wells");
  blocker = OnlyBlocker(view, "PH");
  EXPECT_EQ(blocker.who(), v1::ROLE_QA);
  EXPECT_NE(blocker.description().find("1 is used; QA decides"), std::string::npos);
}

TEST(Blockers, NameThePlannedRunThatIsDue) {
  LotView view = ReleasableLot();
  MethodNamed(view, "M-PH").mutable_run_plan()->set_runs(2);
  v1::Attempt& first = AttemptOf(view, "PH");
  first.set_kind(v1::ATTEMPT_KIND_PLANNED_RUN);
  first.set_planned_number(1);
  first.set_planned_total(2);
  ResultOf(view, "PH").record.set_verdict(v1::VERDICT_REPORT_ONLY);
  v1::Blocker blocker = OnlyBlocker(view, "PH");
  EXPECT_EQ(blocker.kind(), v1::BLOCKER_KIND_PLANNED_RUN_DUE);
  EXPECT_EQ(blocker.who(), v1::ROLE_TECHNICIAN);
  EXPECT_EQ(blocker.description().substr(0, 19), "run 2 of 2 is due: ");

  AddValidAttempt(view, "PH", 2, "PH", v1::VERDICT_PASS, 20);
  AddReview(view, "PH", 2, 20);
  v1::Attempt& second = view.attempts.back().record;
  second.set_kind(v1::ATTEMPT_KIND_PLANNED_RUN);
  second.set_planned_number(2);
  second.set_planned_total(2);
  EXPECT_TRUE(At(v1::GATE_S2, view).empty());
  second.set_outcome(v1::OUTCOME_INVALID_RUN);
  blocker = OnlyBlocker(view, "PH");
  EXPECT_EQ(blocker.kind(), v1::BLOCKER_KIND_REPEAT_DUE);
  EXPECT_NE(blocker.description().find("run 2 of 2"), std::string::npos);
}

TEST(Releasability, AsksByItsMeaningForAFactThatOnlyDecidesWhichLinesApply) {
  LotView view = ReleasableLot();
  DropFact(view, "fresh_product");
  for (v1::FactDefinition& definition : view.fact_definitions) definition.clear_used_by_lines();
  const v1::Blocker blocker = OnlyBlocker(view, "fresh_product");
  EXPECT_EQ(blocker.kind(), v1::BLOCKER_KIND_FACT_MISSING);
  EXPECT_TRUE(blocker.description().starts_with("declare this fact about the lot: "))
      << blocker.description();
}

LotView BankInQuarantine() {
  LotView view = ReleasableLot();
  view.lot.record = view.related[0].lot;
  view.lot.record.set_product_id("P");
  view.lot.record.set_specification_revision(1);
  view.lot.record.set_confirmed_by("sup");
  view.lot.record.set_disposition(v1::DISPOSITION_QUARANTINE);
  view.lot.record.set_manufacture_time("2026-02-01T08:00:00+08:00");
  view.related.erase(view.related.begin());
  view.facts.clear();
  view.attempts[1].record.clear_facts();
  return view;
}

TEST(Releasability, OfABankNeedsTheLinesOfItsKindAndItsParents) {
  LotView view = BankInQuarantine();
  EXPECT_EQ(At(v1::GATE_BANK, view), Names{"NOT_ATTESTED BANK-REC"});
  EXPECT_EQ(At(v1::GATE_UNSPECIFIED, view), Names{"NOT_ATTESTED BANK-REC"});
  view.attestations[0].record.set_code("BANK-REC");
  EXPECT_EQ(At(v1::GATE_BANK, view), Names{});
  view.related[0].lot.set_disposition(v1::DISPOSITION_QUARANTINE);
  EXPECT_EQ(At(v1::GATE_BANK, view), Names{"PARENT_NOT_RELEASED MCB-1"});
}

TEST(Releasability, OfABankDoesNotWaitForTheCellsMadeFromIt) {
  LotView view = BankInQuarantine();
  view.lot.record.set_kind(v1::LOT_KIND_MCB);
  for (const std::string& blocker : At(v1::GATE_BANK, view)) {
    EXPECT_NE(blocker, "FACT_MISSING eopc_lot");
  }
  EXPECT_EQ(At(v1::GATE_BANK, view),
            (Names{"FACT_MISSING bovine_material_used", "NOT_TESTED KARYO"}));
}

TEST(Releasability, OfAKindWithoutTheGateIsNotRegistered) {
  LotView view = BankInQuarantine();
  view.attestations[0].record.set_code("BANK-REC");
  EXPECT_EQ(At(v1::GATE_S1, view), Names{"NOT_REGISTERED WCB-1"});
  EXPECT_EQ(At(v1::GATE_S2, view), Names{"NOT_REGISTERED WCB-1"});
  EXPECT_EQ(At(v1::GATE_BANK, ReleasableLot())[0], "NOT_REGISTERED DP-1");
}

TEST(Releasability, OfAHarvestNeedsNoLine) {
  LotView view = BankInQuarantine();
  view.lot.record.set_kind(v1::LOT_KIND_HARVEST);
  view.attempts.clear();
  view.results.clear();
  EXPECT_EQ(At(v1::GATE_UNSPECIFIED, view), Names{});
  view.lot.record.clear_confirmed_by();
  EXPECT_EQ(At(v1::GATE_UNSPECIFIED, view), Names{"NOT_CONFIRMED WCB-1"});
}

TEST(Releasability, ListsTheLotThenLinesThenAttestations) {
  LotView view = ReleasableLot();
  view.lot.record.clear_confirmed_by();
  view.holds = {Store<v1::Hold>("number: 1")};
  view.facts.clear();
  view.attempts.clear();
  view.results.clear();
  view.attestations.clear();
  const Names expected{"NOT_CONFIRMED DP-1",
                       "HOLD 1",
                       "FACT_MISSING fresh_product",
                       "FACT_MISSING fill_volume_label",
                       "FACT_MISSING eopc_lot",
                       "NOT_TESTED PH",
                       "NOT_TESTED VOL",
                       "NOT_TESTED STER",
                       "NOT_TESTED OSM",
                       "NOT_ATTESTED BPR-REVIEW",
                       "NOT_ATTESTED AT-RUNS-S2"};
  EXPECT_EQ(At(v1::GATE_S2, view), expected);
}

TEST(Releasability, SharesOneAttemptAmongTheLinesOfAPanel) {
  LotView view = ReleasableLot();
  view.lines[1].set_panel("PH");
  view.results[1].record.set_panel("PH");
  EXPECT_EQ(At(v1::GATE_S1, view), Names{});
  view.attempts[0].record.set_outcome(v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(At(v1::GATE_S1, view), (Names{"REPEAT_DUE PH", "REPEAT_DUE VOL"}));
}

}  // namespace
}  // namespace lims::domain
