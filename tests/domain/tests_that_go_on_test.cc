// A conditional release supposes that the tests which only the final one needs have been started.
#include "domain/blocker_cases.h"

namespace lims::domain {
namespace {

class TestsThatGoOn : public testing::TestWithParam<Case> {};

TEST_P(TestsThatGoOn, BlockWhereTheyDoNotRun) {
  ExpectBlockers(GetParam());
}

// STER is needed at S2 only.
const Case kTestsThatGoOn[] = {
    {"NotStarted",
     [](LotView& v) { v.attempts.erase(v.attempts.begin() + 2); },
     {"NOT_TESTED STER"},
     {"NOT_TESTED STER"}},
    {"TestedForAnotherPurposeOnly",
     [](LotView& v) { AttemptOf(v, "STER").set_purpose(v1::PURPOSE_TRAINING); },
     {"NOT_TESTED STER"},
     {"NOT_TESTED STER"}},
    {"ForAnotherKindOfLot",
     [](LotView& v) {
       v.lines[3].mutable_gates(0)->set_lot_kinds(0, v1::LOT_KIND_REFERENCE);
       v.attempts.erase(v.attempts.begin() + 2);
     },
     {},
     {}},
    {"ThatDoesNotApply",
     [](LotView& v) {
       v.lines[3].mutable_applicability()->set_fact("fresh_product");
       v.lines[3].mutable_applicability()->set_value("yes");
       v.attempts.erase(v.attempts.begin() + 2);
     },
     {},
     {}},
    {"ThatAppliesByAnUndeclaredFact",
     [](LotView& v) {
       v.lines[3].mutable_applicability()->set_fact("bovine_material_used");
       v.lines[3].mutable_applicability()->set_value("yes");
     },
     {"FACT_MISSING bovine_material_used"},
     {"FACT_MISSING bovine_material_used"}},
    {"FactUsedByALine",
     [](LotView& v) { v.fact_definitions[4].set_used_by_lines(0, "STER"); },
     {"FACT_MISSING bovine_material_used"},
     {"FACT_MISSING bovine_material_used"}},
    {"FactChanged",
     [](LotView& v) {
       *AttemptOf(v, "STER").add_facts() = v.attempts[1].record.facts(0);
       SetFact(v, "fill_volume_label", "6.0");
       v.attempts[1].record.clear_facts();
     },
     {"FACT_CHANGED fill_volume_label"},
     {"FACT_CHANGED fill_volume_label"}},
    {"Invalid",
     [](LotView& v) { SetOutcome(v, "STER", v1::OUTCOME_INVALID_RUN); },
     {"REPEAT_DUE STER"},
     {"REPEAT_DUE STER"}},
    {"Aborted",
     [](LotView& v) { SetOutcome(v, "STER", v1::OUTCOME_ABORTED); },
     {"REPEAT_DUE STER"},
     {"REPEAT_DUE STER"}},
    {"RepeatRuns",
     [](LotView& v) {
       SetOutcome(v, "STER", v1::OUTCOME_INVALID_RUN);
       v.attempts.push_back(
           Store<v1::Attempt>("panel: 'STER' number: 2 run_id: 'R-9' purpose: PURPOSE_RELEASE"));
     },
     {},
     {"RUN_OPEN STER"}},
    {"InvalidTwice",
     [](LotView& v) {
       SetOutcome(v, "STER", v1::OUTCOME_INVALID_SETUP);
       v.attempts.push_back(Store<v1::Attempt>(
           "panel: 'STER' number: 2 kind: ATTEMPT_KIND_REPEAT_INVALID purpose: PURPOSE_RELEASE "
           "method_id: 'M-STER' method_version: 1 outcome: OUTCOME_INVALID_SAMPLE"));
     },
     {"REPEATS_EXHAUSTED STER"},
     {"REPEATS_EXHAUSTED STER"}},
    {"CannotDecide",
     [](LotView& v) { ResultOf(v, "STER").record.set_verdict(v1::VERDICT_CANNOT_DECIDE); },
     {"CANNOT_DECIDE STER"},
     {"CANNOT_DECIDE STER"}},
    {"PlannedRunIsDue",
     [](LotView& v) {
       AttemptOf(v, "STER").set_planned_number(1);
       AttemptOf(v, "STER").set_planned_total(2);
     },
     {"PLANNED_RUN_DUE STER"},
     {"PLANNED_RUN_DUE STER"}},
    {"PlannedRunRuns",
     [](LotView& v) {
       AttemptOf(v, "STER").set_planned_number(1);
       AttemptOf(v, "STER").set_planned_total(2);
       v.attempts.push_back(
           Store<v1::Attempt>("panel: 'STER' number: 2 run_id: 'R-9' purpose: PURPOSE_RELEASE "
                              "planned_number: 2 planned_total: 2"));
     },
     {},
     {"RUN_OPEN STER"}},
    {"OpenRunOfAPanelWithLinesOfBothGates",
     [](LotView& v) {
       v.lines[3].set_panel("PH");
       SetOutcome(v, "PH", v1::OUTCOME_UNSPECIFIED);
       DropResult(v, "STER");
     },
     {"RUN_OPEN PH"},
     {"RUN_OPEN PH", "RUN_OPEN STER"}},
    {"RunOpen",
     [](LotView& v) { SetOutcome(v, "STER", v1::OUTCOME_UNSPECIFIED); },
     {},
     {"RUN_OPEN STER"}},
    {"RunOpenForAnotherPurpose",
     [](LotView& v) {
       v.attempts.push_back(
           Store<v1::Attempt>("panel: 'STER' number: 2 run_id: 'R-9' purpose: PURPOSE_STABILITY"));
     },
     {"RUN_OPEN R-9"},
     {"RUN_OPEN R-9"}},
    {"GrowthReadInARun",
     [](LotView& v) {
       SetOutcome(v, "STER", v1::OUTCOME_UNSPECIFIED);
       AttemptOf(v, "STER").set_positive_reading("GROWTH at T1, reading 1");
     },
     {"POSITIVE_READING R-STER1"},
     {"POSITIVE_READING R-STER1", "RUN_OPEN STER"}},
    {"CopiedValues",
     [](LotView& v) {
       SetOutcome(v, "STER", v1::OUTCOME_UNSPECIFIED);
       AttemptOf(v, "STER").mutable_sealed_entries();
     },
     {"SECOND_ENTRY_DUE STER"},
     {"SECOND_ENTRY_DUE STER"}},
    {"Inconclusive",
     [](LotView& v) { ResultOf(v, "STER").record.set_verdict(v1::VERDICT_INCONCLUSIVE); },
     {"INCONCLUSIVE STER"},
     {"INCONCLUSIVE STER"}},
};

INSTANTIATE_TEST_SUITE_P(OfTheLaterGate, TestsThatGoOn, testing::ValuesIn(kTestsThatGoOn),
                         CaseName);

}  // namespace
}  // namespace lims::domain
