// Repeats that a method prescribes, and values that come from several planned runs.
#include "app/lot_view.h"
#include "app/sample_keeping.h"
#include "app/signed_acts.h"
#include "app/verify.h"
#include "domain/releasability.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

// SEEN: a doubtful observation is repeated once from another extraction. MEAN: a pH from three
// runs. WIDE: a pH from two, whose limits must lie close; one further run when they do not. APART:
// the mean of two, whose CV must be small; one further run when it is not. DOUBLE: as SEEN, but
// repeated with twice the sample, of which another may be taken. CELLS: a sample that is toxic is
// repeated at twice the dilution.
v1::Method SeenMethod() {
  v1::Method method = FromText<v1::Method>(R"(
    method_id: 'M-SEEN' version: 1 name_en: 'Seen' name_zh: '观察' panel: 'SEEN'
    assay: 'generic_observation' validation_state: VALIDATION_STATE_CONFIRMED
    outputs { line_code: 'SEEN' input: 'SEEN' replicates_min: 1 replicates_max: 1
              combination: COMBINATION_WORST codes: ['NONE', 'DOUBTFUL', 'SEEN'] }
    setup_checks { name: 'extraction' text: true meaning: 'Batch of the extraction' }
    method_repeat { count: 1 instruction: 'from a fresh extraction' fresh_setup: 'extraction'
                    same_sample: true }
    repeat_invalid_budget: 1 clause: 'in-house' source: 'test'
    effective_date: '2026-01-02' paper_approval { document: 'QA-1' date: '2026-01-01' })");
  return method;
}

v1::Method DoubleMethod() {
  v1::Method method = SeenMethod();
  method.set_method_id("M-DOUBLE");
  method.set_panel("DOUBLE");
  method.mutable_outputs(0)->set_line_code("DOUBLE");
  method.mutable_outputs(0)->set_input("DOUBLE");
  *method.mutable_setup_checks(0) =
      FromText<v1::SetupCheck>("name: 'amount' min: '1' unit: 'mL' meaning: 'Sample inoculated'");
  *method.mutable_method_repeat() = FromText<v1::MethodRepeat>(
      "count: 1 instruction: 'with double the amount of sample' larger_setup: 'amount' "
      "larger_factor: '2' other_sample: true");
  return method;
}

v1::Method CellsMethod() {
  v1::Method method = SeenMethod();
  method.set_method_id("M-CELLS");
  method.set_panel("CELLS");
  v1::MethodOutput& output = *method.mutable_outputs(0);
  output.set_line_code("CELLS");
  output.set_input("CELLS");
  output.set_codes(1, "TOXIC");
  output.add_invalid_codes("TOXIC");
  *method.mutable_setup_checks(0) =
      FromText<v1::SetupCheck>("name: 'dilution' min: '1' meaning: 'Dilution of the sample'");
  *method.mutable_method_repeat() = FromText<v1::MethodRepeat>(
      "count: 1 instruction: 'at the dilution that the cells tolerate' larger_setup: 'dilution' "
      "larger_factor: '2' after_invalid_codes: true same_sample: true");
  return method;
}

v1::Method MeanMethod() {
  return PhMethod("MEAN",
                  "setup_checks { name: 'meter' text: true meaning: 'pH meter' } "
                  "run_plan { runs: 3 combination: RUN_COMBINATION_MEAN distinct_setup: 'meter' }");
}

class AttemptPlan : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({SeenMethod(), DoubleMethod(), CellsMethod(), MeanMethod(),
                        PhMethod("WIDE",
                                 "run_plan { runs: 2 combination: RUN_COMBINATION_LOG_MEAN "
                                 "precision_ratio_max: '1.5' } "
                                 "method_repeat { count: 1 instruction: 'as a further run' }"),
                        PhMethod("APART",
                                 "run_plan { runs: 2 combination: RUN_COMBINATION_MEAN "
                                 "spread_rule: SPREAD_RULE_CV_PERCENT spread_max: '7' } "
                                 "method_repeat { count: 1 instruction: 'as a further run' }")});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" } }
      lines { line_code: 'SEEN' number: '1' name_en: 'Seen' name_zh: '观察' panel: 'SEEN'
        method_id: 'M-SEEN' result_kind: RESULT_KIND_OBSERVATION
        criteria { accepted_codes: 'NONE' inconclusive_codes: 'DOUBTFUL' }
        codes { code: 'NONE' text_en: 'None' text_zh: '无' }
        codes { code: 'DOUBTFUL' text_en: 'Doubtful' text_zh: '可疑' }
        codes { code: 'SEEN' text_en: 'Seen' text_zh: '有' }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
        verdict_mode: VERDICT_MODE_JUDGED clause: 'in-house' source: 'test' })");
    v1::SpecificationLine doubled = text.lines(0);
    doubled.set_line_code("DOUBLE");
    doubled.set_number("5");
    doubled.set_panel("DOUBLE");
    doubled.set_method_id("M-DOUBLE");
    *text.add_lines() = doubled;
    v1::SpecificationLine cells = text.lines(0);
    cells.set_line_code("CELLS");
    cells.set_number("6");
    cells.set_panel("CELLS");
    cells.set_method_id("M-CELLS");
    cells.mutable_codes()->DeleteSubrange(1, 1);
    cells.mutable_criteria(0)->clear_inconclusive_codes();
    *text.add_lines() = cells;
    const std::string bank = "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }";
    *text.add_lines() = PhLine("MEAN", "number: '2' " + bank);
    *text.add_lines() = PhLine("WIDE", "number: '3' " + bank);
    *text.add_lines() = PhLine("APART", "number: '4' " + bank);
    fixture.AddSpecification(text);
    fixture.AddLot("A", "MCB", "", "Q");
    ASSERT_FALSE(HasFailure());
  }

  // A typed value; `setup` is "name=value" or empty.
  Result<v1::SubmitResultResponse> Enter(const std::string& panel, const std::string& value,
                                         const std::string& setup = "",
                                         const std::string& user = "tech1",
                                         const std::string& sample = "") {
    v1::SubmitResultRequest request = PhValue("A", value, panel);
    request.set_sample_id(sample);
    if (panel == "SEEN" || panel == "DOUBLE" || panel == "CELLS") {
      request.mutable_entries(0)->mutable_value()->clear_unit();
    }
    if (!setup.empty()) {
      v1::NamedValue& declared = *request.add_setup();
      declared.set_name(setup.substr(0, setup.find('=')));
      declared.set_value(setup.substr(setup.find('=') + 1));
    }
    const auto act = fixture.Do(user, "RunService/SubmitResult", &SubmitResult, request);
    if (!act) return act.error();
    v1::SubmitResultResponse response;
    FillResponse(*act, &response);
    return response;
  }

  // One that counts.
  Result<v1::SubmitResultResponse> Submit(const std::string& panel, const std::string& value,
                                          const std::string& setup = "",
                                          const std::string& user = "tech1",
                                          const std::string& sample = "") {
    auto response = Enter(panel, value, setup, user, sample);
    if (!response) return response;
    EXPECT_EQ(response->attempt().outcome(), v1::OUTCOME_VALID) << response->DebugString();
    EXPECT_EQ(response->results_size(), 1);
    return response;
  }

  // A run of SEEN on the sample that comes to nothing.
  void BeginAndAbortSeen(const std::string& sample, const std::string& extraction) {
    const auto begun = fixture.DoText<v1::CreateRunRequest>(
        "tech1", "RunService/CreateRun", &CreateRun,
        "method_id: 'M-SEEN' setup { name: 'extraction' value: '" + extraction +
            "' } positions { position: '1' role: POSITION_ROLE_SAMPLE sample_id: '" + sample +
            "' }");
    fixture.Must(begun);
    v1::CreateRunResponse run;
    FillResponse(*begun, &run);
    fixture.Must(fixture.DoText<v1::AbortRunRequest>(
        "sup1", "RunService/AbortRun", &AbortRun,
        "run_id: '" + run.run().run_id() + "' reason: 'power failure'"));
  }

  void ExpectRefused(const Result<v1::SubmitResultResponse>& submitted, const std::string& said) {
    ASSERT_FALSE(submitted) << submitted->DebugString();
    EXPECT_EQ(submitted.error().reason, ErrorReason::kWrongState);
    EXPECT_NE(submitted.error().message.find(said), std::string::npos) << submitted.error().message;
  }

  // "INCONCLUSIVE SEEN TECHNICIAN" of each blocker on the panel but a missing review.
  std::vector<std::string> Blockers(const std::string& panel) {
    std::vector<std::string> found;
    const auto view = fixture.site().store().Read(
        [](storage::Records& records) { return LoadLotView(records, "A"); });
    EXPECT_TRUE(view);
    if (!view) return found;
    for (const v1::Blocker& blocker : domain::Blockers(*view, v1::GATE_BANK, fixture.now_us, 480)) {
      if (blocker.what() != panel || blocker.kind() == v1::BLOCKER_KIND_NOT_REVIEWED) continue;
      found.push_back(v1::BlockerKind_Name(blocker.kind()).substr(13) + " " +
                      v1::Role_Name(blocker.who()).substr(5));
    }
    return found;
  }

  // Everything that was recorded comes out again.
  void ExpectReproduced(std::int64_t results) {
    fixture.Close();
    const auto report = VerifySite({folder.path(), "", true});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
    EXPECT_EQ(report->results_recomputed, results);
  }

  using Texts = std::vector<std::string>;
  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

std::vector<int> Attempts(const v1::Result& result) {
  return {result.attempts().begin(), result.attempts().end()};
}

TEST_F(AttemptPlan, ADoubtIsRepeatedOnceFromAnotherExtraction) {
  const auto first = Submit("SEEN", "DOUBTFUL", "extraction=E1");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->results(0).verdict(), v1::VERDICT_INCONCLUSIVE);
  EXPECT_EQ(first->attempt().repeat_because(), "SEEN: DOUBTFUL is neither pass nor fail");
  EXPECT_EQ(Blockers("SEEN"), Texts{"INCONCLUSIVE TECHNICIAN"});

  ExpectRefused(Submit("SEEN", "NONE", "extraction=E1"),
                "extraction E1 was used in attempt 1 of SEEN on lot A (run R-");
  const auto undeclared = Submit("SEEN", "NONE");
  ASSERT_FALSE(undeclared);
  EXPECT_EQ(undeclared.error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(undeclared.error().violations[0].field, "setup");
  const auto second = Submit("SEEN", "NONE", "extraction=E2");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(Attempts(second->results(0)), (std::vector<int>{1, 2}));
  EXPECT_EQ(second->results(0).explanation(),
            "NONE is an accepted observation; the repeat that the method prescribes after attempt "
            "1");
  EXPECT_EQ(Blockers("SEEN"), Texts{});
  ExpectRefused(Submit("SEEN", "NONE", "extraction=E3"), "needs an approved plan");
  ExpectReproduced(2);
}

TEST_F(AttemptPlan, TheSameNumberOrMomentWrittenOtherwiseIsNoOther) {
  ASSERT_TRUE(Submit("MEAN", "7.2", "meter=5"));
  ExpectRefused(Submit("MEAN", "7.3", "meter=5.0"), "meter 5 was used in attempt 1");
  ASSERT_TRUE(Submit("MEAN", "7.3", "meter=2026-02-01T08:00:00+08:00"));
  ExpectRefused(Submit("MEAN", "7.4", "meter=2026-02-01T00:00:00Z"), "was used in attempt 2");
  ASSERT_TRUE(Submit("MEAN", "7.4", "meter=5.1"));
}

TEST_F(AttemptPlan, TheSameNameInOtherLettersIsNoOther) {
  ASSERT_TRUE(Submit("SEEN", "DOUBTFUL", "extraction=E1"));
  ExpectRefused(Submit("SEEN", "NONE", "extraction=e1"), "extraction E1 was used in attempt 1");
  const auto padded = Submit("SEEN", "NONE", "extraction=E1 ");
  ASSERT_FALSE(padded);
  EXPECT_EQ(padded.error().violations[0].field, "setup[0].value");
  ASSERT_TRUE(Submit("MEAN", "7.5", "meter=ä A"));
  ExpectRefused(Submit("MEAN", "7.5", "meter=ä a"), "every run of the plan needs another");
}

TEST_F(AttemptPlan, ADoubtMayBeRepeatedWithMoreSample) {
  ASSERT_TRUE(Submit("DOUBLE", "DOUBTFUL", "amount=2.5"));
  ExpectRefused(Submit("DOUBLE", "NONE", "amount=4.99"),
                "amount 4.99 is less than 2 times the 2.5 of attempt 1 of DOUBLE on lot A (run R-");
  const auto second = Submit("DOUBLE", "NONE", "amount=5");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_PASS);
}

TEST_F(AttemptPlan, AToxicSampleIsRepeatedDiluted) {
  const auto undeclared = Enter("CELLS", "TOXIC");
  ASSERT_FALSE(undeclared);
  EXPECT_EQ(undeclared.error().violations[0].field, "setup");
  const auto first = Enter("CELLS", "TOXIC", "dilution=1");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->attempt().outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(first->attempt().repeat_because(), "CELLS: TOXIC (CELLS)");
  EXPECT_EQ(first->results_size(), 0);
  EXPECT_EQ(Blockers("CELLS"), Texts{"REPEAT_DUE TECHNICIAN"});
  ExpectRefused(Enter("CELLS", "NONE", "dilution=1.9"),
                "dilution 1.9 is less than 2 times the 1 of attempt 1 of CELLS on lot A (run R-");
  const auto second = Submit("CELLS", "NONE", "dilution=2");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(Blockers("CELLS"), Texts{});
  ExpectReproduced(1);
}

TEST_F(AttemptPlan, ADoubtIsSettledByTheSampleThatWasInDoubt) {
  fixture.AddSample("A", "A-S2");
  const auto submit = [&](const std::string& panel, const std::string& value,
                          const std::string& setup, const std::string& sample) {
    return Submit(panel, value, setup, "tech1", sample);
  };
  // An aborted test says nothing of its sample: another one may take its place.
  BeginAndAbortSeen("A-S2", "E0");
  const auto first = submit("SEEN", "DOUBTFUL", "extraction=E1", "A-S1");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->attempt().kind(), v1::ATTEMPT_KIND_REPEAT_INVALID);

  ExpectRefused(
      submit("SEEN", "NONE", "extraction=E2", "A-S2"),
      "attempt 2 of SEEN on lot A was made of sample A-S1: the repeat that the method "
      "prescribes is made of it or of what was divided from A-S1; A-S2 is another sample");
  fixture.Must(fixture.DoText<v1::AliquotSampleRequest>(
      "sup1", "LotService/AliquotSample", &AliquotSample,
      "sample_id: 'A-S1' aliquot_id: 'A-S1-1' container: '2' storage: 'R3' "
      "amount { value: '0.5' unit: 'mL' }"));
  const auto second = submit("SEEN", "NONE", "extraction=E2", "A-S1-1");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
}

TEST_F(AttemptPlan, AnotherSampleIsRepeatedWhereTheMethodAllowsItOrPlansRuns) {
  fixture.AddSample("A", "A-S2");
  ASSERT_TRUE(Submit("DOUBLE", "DOUBTFUL", "amount=2.5", "tech1", "A-S1"));
  const auto doubled = Submit("DOUBLE", "NONE", "amount=5", "tech1", "A-S2");
  ASSERT_TRUE(doubled) << doubled.error().message;
  EXPECT_EQ(doubled->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  ASSERT_TRUE(Submit("WIDE", "8.9", "", "tech1", "A-S1"));
  ASSERT_TRUE(Submit("WIDE", "9.4", "", "tech1", "A-S1"));
  const auto further = Submit("WIDE", "9.1", "", "tech1", "A-S2");
  ASSERT_TRUE(further) << further.error().message;
  EXPECT_EQ(further->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
}

// A version that was approved before the field goes on as it was.
TEST_F(AttemptPlan, AnotherSampleIsRepeatedWhereTheMethodIsOlder) {
  ASSERT_TRUE(fixture.site().writer().Execute({}, [](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto method, tx.records().Get<v1::Method>({"M-SEEN", 1}));
    method.record.mutable_method_repeat()->clear_same_sample();
    tx.Put(std::move(method.record));
    return {};
  }));
  fixture.AddSample("A", "A-S2");
  ASSERT_TRUE(Submit("SEEN", "DOUBTFUL", "extraction=E1", "tech1", "A-S1"));
  const auto second = Submit("SEEN", "NONE", "extraction=E2", "tech1", "A-S2");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_PASS);
}

TEST_F(AttemptPlan, AnInvalidRepeatIsMadeAgainOfTheSampleInDoubt) {
  fixture.AddSample("A", "A-S2");
  ASSERT_TRUE(Submit("SEEN", "DOUBTFUL", "extraction=E1", "tech1", "A-S1"));
  BeginAndAbortSeen("A-S1", "E2");
  ExpectRefused(Submit("SEEN", "NONE", "extraction=E2", "tech1", "A-S2"),
                "was made of sample A-S1");
  ASSERT_TRUE(Submit("SEEN", "NONE", "extraction=E2", "tech1", "A-S1"));
}

TEST_F(AttemptPlan, ARepeatThatFailsHasFailed) {
  ASSERT_TRUE(Submit("SEEN", "DOUBTFUL", "extraction=E1"));
  const auto second = Submit("SEEN", "SEEN", "extraction=E2");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(Blockers("SEEN"), Texts{"OOS QA"});
  ExpectRefused(Submit("SEEN", "NONE", "extraction=E3"), "needs an approved plan");
}

TEST_F(AttemptPlan, ADoubtAgainIsForQaToDecide) {
  ASSERT_TRUE(Submit("SEEN", "DOUBTFUL", "extraction=E1"));
  ASSERT_TRUE(Submit("SEEN", "DOUBTFUL", "extraction=E2"));
  EXPECT_EQ(Blockers("SEEN"), Texts{"INCONCLUSIVE QA"});
  ExpectRefused(Submit("SEEN", "NONE", "extraction=E3"), "QA decides");
}

TEST_F(AttemptPlan, AFailureIsNotRepeated) {
  ASSERT_TRUE(Submit("SEEN", "SEEN", "extraction=E1"));
  ExpectRefused(Submit("SEEN", "NONE", "extraction=E2"), "needs an approved plan");
  EXPECT_EQ(Blockers("SEEN"), Texts{"OOS QA"});
}

TEST_F(AttemptPlan, ThreeRunsAreJudgedTogether) {
  for (const auto& [value, meter] : {std::pair("7.7", "A"), std::pair("7.6", "B")}) {
    const auto run = Submit("MEAN", value, std::string("meter=") + meter);
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_EQ(run->attempt().kind(), v1::ATTEMPT_KIND_PLANNED_RUN);
    EXPECT_EQ(run->attempt().planned_total(), 3);
    EXPECT_EQ(run->results(0).verdict(), v1::VERDICT_REPORT_ONLY);
    EXPECT_EQ(run->results(0).value_raw(), value);
    EXPECT_EQ(Blockers("MEAN"), Texts{"PLANNED_RUN_DUE TECHNICIAN"});
  }
  ExpectRefused(Submit("MEAN", "7.5", "meter=A"), "every run of the plan needs another");
  const auto last = Submit("MEAN", "7.5", "meter=C");
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_EQ(last->attempt().planned_number(), 3);
  const v1::Result& result = last->results(0);
  EXPECT_EQ(result.value_reported(), "7.6");
  EXPECT_EQ(result.verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(Attempts(result), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(result.individuals_size(), 3);
  ASSERT_EQ(result.flags_size(), 1);  // 7.7 of the first run
  EXPECT_EQ(result.flags(0), "INDIVIDUAL_BELOW_LIMIT");
  // 7.7 lies above the limit: what is signed says so in words.
  EXPECT_NE(Text(result).find("[INDIVIDUAL_BELOW_LIMIT: a single value outside the limit]"),
            std::string::npos)
      << Text(result);
  EXPECT_EQ(Blockers("MEAN"), Texts{});
  ExpectRefused(Submit("MEAN", "7.5", "meter=D"), "needs an approved plan");
  ExpectReproduced(3);
}

TEST_F(AttemptPlan, WhoMadeOneRunDoesNotReviewTheirCombination) {
  ASSERT_TRUE(Submit("MEAN", "7.2", "meter=A", "sup1"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  ASSERT_TRUE(Submit("MEAN", "7.2", "meter=B"));
  ASSERT_TRUE(Submit("MEAN", "7.2", "meter=C"));
  const auto refused = fixture.SignIntent("sup1", "review { lot_id: 'A' }");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kSegregation);
  EXPECT_NE(refused.error().message.find("attempt 1 of MEAN"), std::string::npos);
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
}

TEST_F(AttemptPlan, APlanGoesOnUnderTheVersionThatItBeganWith) {
  ASSERT_TRUE(Submit("MEAN", "7.2", "meter=A"));
  ASSERT_TRUE(Submit("MEAN", "7.3", "meter=B"));
  v1::Method second = MeanMethod();
  second.set_version(2);
  second.mutable_run_plan()->set_runs(2);
  second.clear_paper_approval();
  second.set_effective_date("2026-03-01");
  fixture.AddMethods({second});
  fixture.AddLot("B", "MCB", "", "Q");
  const auto map = [](const std::string& lot, const std::string& position) {
    return "positions { position: '" + position +
           "' role: POSITION_ROLE_SAMPLE target: 'MEAN' "
           "sample_id: '" +
           lot + "-S1' } ";
  };
  const auto create = [&](const std::string& positions) {
    return fixture.DoText<v1::CreateRunRequest>("tech1", "RunService/CreateRun", &CreateRun,
                                                "method_id: 'M-MEAN' " + positions);
  };
  const auto both = create(map("A", "1") + map("B", "2"));
  ASSERT_FALSE(both);
  EXPECT_NE(both.error().message.find("lot B is tested by version 2"), std::string::npos)
      << both.error().message;
  const auto later = create(map("B", "1"));
  fixture.Must(later);
  v1::CreateRunResponse begun;
  FillResponse(*later, &begun);
  EXPECT_EQ(begun.attempts(0).method_version(), 2);
  EXPECT_EQ(begun.attempts(0).planned_total(), 2);
  EXPECT_EQ(Blockers("MEAN"), Texts{"PLANNED_RUN_DUE TECHNICIAN"});
  const auto last = Submit("MEAN", "7.4", "meter=C");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->attempt().method_version(), 1);
  EXPECT_EQ(last->attempt().planned_number(), 3);
  EXPECT_EQ(last->results(0).value_reported(), "7.3");
}

TEST_F(AttemptPlan, ARunGoesByTheVersionOfItsSampleForRelease) {
  ASSERT_TRUE(Submit("MEAN", "7.2", "meter=A"));
  v1::Method second = MeanMethod();
  second.set_version(2);
  second.clear_paper_approval();
  second.set_effective_date("2026-03-01");
  fixture.AddMethods({second});
  fixture.AddSample("A", "A-S2", "STABILITY");
  const auto run = fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-MEAN' "
      "positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'MEAN' sample_id: 'A-S2' } "
      "positions { position: '2' role: POSITION_ROLE_SAMPLE target: 'MEAN' sample_id: 'A-S1' }");
  fixture.Must(run);
  EXPECT_EQ(fixture.ShowRun(fixture.RunOf(run)).run().method_version(), 1);
}

TEST_F(AttemptPlan, RunsThatFailTogetherHaveFailed) {
  ASSERT_TRUE(Submit("MEAN", "7.7", "meter=A"));
  ASSERT_TRUE(Submit("MEAN", "7.7", "meter=B"));
  const auto last = Submit("MEAN", "7.6", "meter=C");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->results(0).value_reported(), "7.7");
  EXPECT_EQ(last->results(0).verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(Blockers("MEAN"), Texts{"OOS QA"});
  ExpectRefused(Submit("MEAN", "7.2", "meter=D"), "needs an approved plan");
}

// Whatever the value: these two fail by far, and are too wide all the same.
TEST_F(AttemptPlan, TooWideARangeAsksForAFurtherRunWhateverTheLimit) {
  ASSERT_TRUE(Submit("WIDE", "8.9"));
  const auto second = Submit("WIDE", "9.4");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_INCONCLUSIVE);
  EXPECT_EQ(Blockers("WIDE"), Texts{"INCONCLUSIVE TECHNICIAN"});
  const auto third = Submit("WIDE", "9.0");
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_EQ(third->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Attempts(third->results(0)), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(third->results(0).value_reported(), "9.1");
  EXPECT_EQ(third->results(0).individuals(1), "9.4");  // the run's own, not the combination
  EXPECT_EQ(third->results(0).verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(Blockers("WIDE"), Texts{"OOS QA"});
  ExpectReproduced(3);
}

// The mean of 6.8 and 7.8 complies; a CV of 9.7 % is none all the same. With 7.3 it is 6.8 %.
TEST_F(AttemptPlan, AMeanOfRunsThatLieApartAsksForAFurtherRunWhateverTheLimit) {
  ASSERT_TRUE(Submit("APART", "6.8"));
  const auto second = Submit("APART", "7.8");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->results(0).value_reported(), "7.3");
  EXPECT_EQ(second->results(0).verdict(), v1::VERDICT_INCONCLUSIVE);
  EXPECT_EQ(second->attempt().repeat_because(),
            "APART: the runs do not agree: CV 9.686 %, asked <= 7");
  EXPECT_EQ(Blockers("APART"), Texts{"INCONCLUSIVE TECHNICIAN"});
  const auto third = Submit("APART", "7.3");
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_EQ(third->attempt().kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(third->results(0).verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(Blockers("APART"), Texts{});
  ExpectReproduced(3);
}

}  // namespace
}  // namespace lims::app
