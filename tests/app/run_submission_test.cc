// What a run is refused for, from its map to its data.
#include "support/refusal.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class RunSubmission : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({PhMethod("PHF", "formats: 'panel_csv'")});
    fixture.AddLot("A", "MCB");
  }

  Result<storage::RecordedAct> Create(const std::string& method,
                                      const std::vector<std::string>& samples) {
    v1::CreateRunRequest request;
    request.set_method_id(method);
    for (const std::string& sample : samples) {
      v1::RunPosition& position = *request.add_positions();
      position.set_position("P" + std::to_string(request.positions_size()));
      position.set_role(v1::POSITION_ROLE_SAMPLE);
      position.set_sample_id(sample);
    }
    return fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request);
  }

  // Lot S, of a product that is tested by this method alone.
  void AddTested(const v1::Method& method, const std::string& line) {
    fixture.AddMethods({method});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "R" name_en: "Product" name_zh: "产品" }
      specification { product_id: "R" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-4" date: "2026-01-01" } })");
    *text.add_lines() = PhLine(line, R"(number: "1"
      gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
    fixture.AddSpecification(text);
    fixture.AddLot("S", "MCB", "", "R");
  }

  // Of a run of sample A-S1, with one file for each content.
  Result<storage::RecordedAct> Submit(const std::string& run,
                                      const std::vector<std::string>& contents) {
    v1::SubmitRunRequest request;
    request.set_run_id(run);
    for (const std::string& content : contents) {
      v1::RawFileContent& file = *request.add_files();
      file.set_file_name("ph-" + std::to_string(request.files_size()) + ".csv");
      file.set_content("line,replicate,value,unit\n" + content);
    }
    return fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  }

  std::string NewRun(const std::string& sample = "A-S1", const std::string& method = "M-PHF") {
    return fixture.RunOf(Create(method, {sample}));
  }

  // At position P1 of a run.
  Result<storage::RecordedAct> Read(const std::string& run, const std::string& value,
                                    const std::string& more = "",
                                    const std::string& target = "PH") {
    return fixture.DoText<v1::RecordReadingRequest>(
        "tech1", "RunService/RecordReading", &RecordReading,
        "run_id: '" + run + "' observed_time: '" + FormatUtc(fixture.now_us) +
            "' entries { position: 'P1' target: '" + target + "' value { value: '" + value +
            "' unit: '[pH]' } } " + more);
  }
  Result<storage::RecordedAct> Abort(const std::string& run) {
    return fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                               "run_id: '" + run + "' reason: 'electrode broke'");
  }

  static std::vector<std::string> Violations(const Result<storage::RecordedAct>& act,
                                             ErrorReason reason) {
    std::vector<std::string> found;
    EXPECT_FALSE(act);
    if (act) return found;
    EXPECT_EQ(act.error().reason, reason) << act.error().message;
    for (const Violation& violation : act.error().violations) {
      found.push_back(violation.field + ": " + violation.description);
    }
    return found;
  }

  using Texts = std::vector<std::string>;
  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(RunSubmission, RefusesAFileInAnotherUnitThanTheMethods) {
  const std::string run = NewRun();
  EXPECT_EQ(Violations(Submit(run, {"PHF,1,7.2,mV\n"}), ErrorReason::kInvalidArgument),
            Texts{"line 2, unit: PHF 7.2 at position P1 is given in [pH], not in \"mV\""});
  EXPECT_EQ(Violations(Submit(run, {"PHF,1,7.2,\n"}), ErrorReason::kInvalidArgument),
            Texts{"line 2, unit: PHF 7.2 at position P1: the unit [pH] is missing"});
  EXPECT_EQ(
      Violations(Submit(run, {"PHF,1,ALKALINE,[pH]\nOSM,1,290,\n"}), ErrorReason::kInvalidArgument)
          .size(),
      2u);
  fixture.Must(Submit(run, {"PHF,1,7.2,[pH]\n"}));
}

TEST_F(RunSubmission, NamesTheFileOfEachValueAmongSeveral) {
  const std::string run = NewRun();
  EXPECT_EQ(Violations(Submit(run, {"PHF,1,7.2,[pH]\n", "PHF,1,7.2,[pH]\nPHF,2,7.3,mV\n"}),
                       ErrorReason::kInvalidArgument),
            Texts{"file 2 (ph-2.csv), line 3, unit: PHF 7.3 at position P1 is given in [pH], not "
                  "in \"mV\""});
  EXPECT_EQ(Violations(Submit(run, {"PHF,0,7.2,[pH]\n", "PHF,1,7.2,[pH]\nPHF,0,7.3,[pH]\n"}),
                       ErrorReason::kInvalidArgument),
            (Texts{"file 1 (ph-1.csv), line 2, column 2: replicate \"0\" is not a whole number "
                   "from 1 on",
                   "file 2 (ph-2.csv), line 3, column 2: replicate \"0\" is not a whole number "
                   "from 1 on"}));
}

TEST_F(RunSubmission, RefusesAReadingInAnotherUnitAlsoWhereFilesAreTaken) {
  const auto reading = [run = NewRun(), seen = FormatUtc(fixture.now_us)](const std::string& unit) {
    return "run_id: '" + run + "' observed_time: '" + seen +
           "' entries { position: 'P1' target: 'PHF' value { value: '7.0' unit: '" + unit + "' } }";
  };
  EXPECT_EQ(Violations(fixture.DoText<v1::RecordReadingRequest>("tech1", "RunService/RecordReading",
                                                                &RecordReading, reading("mV")),
                       ErrorReason::kInvalidArgument),
            Texts{"entries[0].unit: PHF is given in [pH], not in \"mV\""});
  fixture.Must(fixture.DoText<v1::RecordReadingRequest>("tech1", "RunService/RecordReading",
                                                        &RecordReading, reading("[pH]")));
}

TEST_F(RunSubmission, TakesOneNumberAtAPlaceWhereTheMethodTakesOne) {
  const std::string run = NewRun("A-S1", "M-PH");
  fixture.Must(Read(run, "6.5"));
  fixture.now_us += 1'000'000;
  const auto second = Violations(Read(run, "7.2"), ErrorReason::kInvalidArgument);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].find("entries[0].position: P1 "), 0u) << second[0];
  fixture.Must(Submit(run, {}));
  const auto result = fixture.site().store().Read([](storage::Records& records) {
    return records.Get<v1::Result>({"A", "PH", std::int64_t{1}});
  });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->record.verdict(), v1::VERDICT_OOS_SUSPECTED);
}

TEST_F(RunSubmission, IsNotStoppedOnceItShowsAFailingValue) {
  const std::string passing = NewRun("A-S1", "M-PH");
  fixture.Must(Read(passing, "7.2"));
  fixture.Must(Abort(passing));
  const std::string failing = NewRun("A-S1", "M-PH");
  fixture.Must(Read(failing, "6.5"));
  const auto stopped = Abort(failing);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(stopped.error().message.find("PH 6.5 for lot A, out of specification"),
            std::string::npos)
      << stopped.error().message;
  fixture.Must(Submit(failing, {}));
}

TEST_F(RunSubmission, IsNotStoppedForTheLotThatFails) {
  fixture.AddLot("B", "MCB");
  const std::string run = fixture.RunOf(Create("M-PH", {"A-S1", "B-S1"}));
  fixture.Must(fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      "run_id: '" + run + "' observed_time: '" + FormatUtc(fixture.now_us) +
          "' entries { position: 'P1' target: 'PH' value { value: '7.0' unit: '[pH]' } } "
          "entries { position: 'P2' target: 'PH' value { value: '6.5' unit: '[pH]' } }"));
  EXPECT_NE(Words(Abort(run)).find("PH 6.5 for lot B, out of specification"), std::string::npos);
}

TEST_F(RunSubmission, IsStoppedWhateverATrainingSampleShows) {
  fixture.AddSample("A", "A-S2", "TRAINING");
  const std::string run = NewRun("A-S2", "M-PH");
  fixture.Must(Read(run, "6.5"));
  fixture.Must(Abort(run));
}

TEST_F(RunSubmission, HasAMapOfSamples) {
  const std::vector<std::string> too_many(2001, "A-S1");
  EXPECT_EQ(Words(Create("M-PH", {})), "positions: a run needs a map with at least one position");
  EXPECT_EQ(Words(Create("M-PH", too_many)), "positions: a map has at most 2000 positions");
}

TEST_F(RunSubmission, IsNotStoppedWhenItFailsWithTheRunBeforeIt) {
  AddTested(PhMethod("TWO", "run_plan { runs: 2 combination: RUN_COMBINATION_MEAN }"), "TWO");
  const std::string first = NewRun("S-S1", "M-TWO");
  fixture.Must(Read(first, "8.0", "", "TWO"));
  EXPECT_FALSE(Abort(first));
  fixture.Must(Submit(first, {}));
  const std::string second = NewRun("S-S1", "M-TWO");
  fixture.Must(Read(second, "7.4", "", "TWO"));
  const auto stopped = Abort(second);
  ASSERT_FALSE(stopped);
  EXPECT_NE(stopped.error().message.find("TWO 7.7 for lot S, out of specification"),
            std::string::npos)
      << stopped.error().message;
  fixture.Must(Submit(second, {}));
}

TEST_F(RunSubmission, IsNotStoppedWhenTheFirstOfTwoNumbersFails) {
  v1::Method method = PhMethod("PHD");
  method.mutable_outputs(0)->set_replicates_min(2);
  method.mutable_outputs(0)->set_replicates_max(2);
  AddTested(method, "PHD");
  const std::string run = NewRun("S-S1", "M-PHD");
  fixture.Must(Read(run, "6.0", "", "PHD"));
  EXPECT_FALSE(Abort(run));
  EXPECT_FALSE(Submit(run, {}));  // one number is no value of this method
  fixture.now_us += 1'000'000;
  fixture.Must(Read(run, "7.2", "", "PHD"));
  fixture.Must(Submit(run, {}));
}

TEST_F(RunSubmission, TestsOtherSamplesOfALotBesideItsSampleForRelease) {
  fixture.AddSample("A", "A-S2", "STABILITY");
  fixture.AddSample("A", "A-S3", "STABILITY");
  fixture.AddSample("A", "A-S4", "RELEASE");
  EXPECT_NE(Create("M-PH", {"A-S1", "A-S4"}).error().message.find("another sample for release"),
            std::string::npos);
  const std::string run = fixture.RunOf(Create("M-PH", {"A-S2", "A-S1", "A-S3"}));
  fixture.Must(fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      "run_id: '" + run + "' observed_time: '" + FormatUtc(fixture.now_us) +
          "' entries { position: 'P1' target: 'PH' value { value: '6.5' unit: '[pH]' } } "
          "entries { position: 'P2' target: 'PH' value { value: '7.0' unit: '[pH]' } } "
          "entries { position: 'P3' target: 'PH' value { value: '7.1' unit: '[pH]' } }"));
  const auto submitted = Submit(run, {});
  fixture.Must(submitted);
  v1::SubmitRunResponse judged;
  FillResponse(*submitted, &judged);
  ASSERT_EQ(judged.attempts_size(), 3);
  ASSERT_EQ(judged.results_size(), 3);
  const std::vector<std::string> values{"6.5", "7.0", "7.1"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(judged.attempts(i).number(), i + 1);
    EXPECT_EQ(judged.results(i).attempt_number(), i + 1);
    EXPECT_EQ(judged.results(i).value_reported(), values[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(judged.attempts(1).sample_id(), "A-S1");
  EXPECT_EQ(judged.attempts(1).purpose(), v1::PURPOSE_RELEASE);
}

TEST_F(RunSubmission, AsksAboutAnImplausibleReading) {
  const std::string run = NewRun("A-S1", "M-PH");
  EXPECT_EQ(Violations(Read(run, "72"), ErrorReason::kInvalidArgument),
            Texts{"entries[0].value.plausibility: 72 is higher than 10.0, which is unusual for PH; "
                  "is it what was observed?"});
  fixture.Must(Read(run, "72", "plausibility_confirmed: true"));
}

TEST_F(RunSubmission, AsksAboutAReadingForItsOwnLotOnly) {
  fixture.AddLot("B", "MCB");
  const std::string run = fixture.RunOf(Create("M-PH", {"A-S1", "B-S1"}));
  const auto asked = fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      "run_id: '" + run + "' observed_time: '" + FormatUtc(fixture.now_us) +
          "' entries { position: 'P1' target: 'PH' value { value: '7.0' unit: '[pH]' } } "
          "entries { position: 'P2' target: 'PH' value { value: '72' unit: '[pH]' } }");
  EXPECT_EQ(Violations(asked, ErrorReason::kInvalidArgument),
            Texts{"entries[1].value.plausibility: 72 is higher than 10.0, which is unusual for PH; "
                  "is it what was observed?"});
}

TEST_F(RunSubmission, AsksAboutAnImplausibleCalculatedValue) {
  v1::Method method = PhMethod("PHS");
  method.mutable_outputs(0)->set_divisor("10");
  AddTested(method, "PHS");
  v1::SubmitResultRequest request = PhValue("S", "720", "PHS");
  EXPECT_EQ(Violations(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request),
                       ErrorReason::kInvalidArgument),
            Texts{"PHS.plausibility: 72.0 is higher than 10.0, which is unusual for PHS; is it "
                  "what was observed?"});
  request.set_plausibility_confirmed(true);
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request));
}

TEST_F(RunSubmission, RefusesTheFileThatAnotherRunOfTheLotWasJudgedFrom) {
  const auto refused = [&](const std::string& content, const std::string& judged) {
    const std::string run = NewRun();
    const auto act = Submit(run, {content});
    EXPECT_FALSE(act);
    EXPECT_TRUE(act || act.error().message.find("in run " + judged) != std::string::npos);
    fixture.Must(Abort(run));
  };
  fixture.AddSample("A", "A-S2", "TRAINING");
  const std::string training = NewRun("A-S2");
  fixture.Must(Submit(training, {"PHF,1,7.2,[pH]\n"}));
  refused("PHF,1,7.2,[pH]\n", training);
  const std::string other = NewRun("A-S2");
  fixture.Must(Submit(other, {"PHF,1,7.2,[pH]\nPHF,2,7.3,[pH]\n"}));  // invalid: two numbers
  refused("PHF,1,7.2,[pH]\nPHF,2,7.3,[pH]\n", other);
}

TEST_F(RunSubmission, TypedFiguresOfTwoLotsMayBeAlike) {
  fixture.AddLot("B", "MCB");
  fixture.Must(Submit(NewRun(), {"PHF,1,7.2,[pH]\n"}));
  fixture.Must(Submit(NewRun("B-S1"), {"PHF,1,7.2,[pH]\n"}));
}

TEST_F(RunSubmission, RefusesAControlThatNobodyJudgesAndATargetThatTheMethodLacks) {
  const std::string sample =
      "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE sample_id: 'A-S1' ";
  const auto create = [&](const std::string& rest) {
    return fixture.DoText<v1::CreateRunRequest>("tech1", "RunService/CreateRun", &CreateRun,
                                                sample + rest);
  };
  EXPECT_EQ(
      Violations(create("target: 'OSM' } positions { position: 'BUFFER' role: POSITION_ROLE_BLANK "
                        "target: 'PH' }"),
                 ErrorReason::kInvalidArgument),
      (Texts{"positions[0].target: \"OSM\" at 1: M-PH takes PH",
             "positions[1].role: BLANK at BUFFER: nothing judges a control on this map; what M-PH "
             "asks of its controls is declared with --setup"}));
  fixture.Must(create("target: 'PH' }"));
}

TEST_F(RunSubmission, TypedValuesAreOfTheOnlySampleForReleaseOrOfTheOneThatIsNamed) {
  fixture.AddLot("B", "MCB");
  fixture.AddSample("A", "A-S2", "STABILITY");  // comes into question only when it is named
  v1::SubmitResultRequest request = PhValue("A", "7.0");
  request.set_sample_id("B-S1");
  const auto foreign = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().violations[0].field, "sample_id");
  EXPECT_NE(foreign.error().message.find("is of lot B"), std::string::npos);
  fixture.Must(fixture.SubmitPh("A", "7.0"));
  fixture.AddSample("B", "B-S2", "RELEASE");
  const auto unnamed = fixture.SubmitPh("B", "7.0");
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().violations[0].field, "sample_id");
  EXPECT_NE(unnamed.error().message.find("name one"), std::string::npos);
}

TEST_F(RunSubmission, NamesEverySampleThatCannotBeTestedAtOnce) {
  const std::string made = "lot_id: 'B' manufacture_time: '2026-02-01T08:00:00+08:00'";
  fixture.Must(fixture.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &RegisterLot,
      made + " kind: LOT_KIND_MCB product_id: 'P' expiry: '2027-02'"));
  for (const char* plan : {"sample_id: 'B-S1' lot_id: 'B' purpose: PURPOSE_TRAINING",
                           "sample_id: 'A-S2' lot_id: 'A' purpose: PURPOSE_RELEASE"}) {
    fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
        "tech2", "LotService/PlanSample", &PlanSample,
        plan + std::string(" sampling_point: 'DP' amount { value: '1' unit: 'mL' }")));
  }
  v1::Method method = PhMethod("NEW");
  method.set_validation_state(v1::VALIDATION_STATE_NOT_VALIDATED);
  fixture.AddMethods({method});
  EXPECT_EQ(
      Violations(Create("M-NEW", {"A-S2", "B-S1", "NONE", "A-S1"}), ErrorReason::kWrongState),
      (Texts{
          "positions[0].sample_id: sample A-S2 is PLANNED: only a received sample is tested; take "
          "it with lims sample take, or cancel it with lims sample cancel",
          "positions[0].sample_id: method M-NEW version 1 is NOT_VALIDATED: it gives no results "
          "for release; test a sample of purpose VALIDATION or TRAINING",
          "positions[1].sample_id: sample B-S1 is PLANNED: only a received sample is tested; take "
          "it with lims sample take, or cancel it with lims sample cancel",
          "positions[2].sample_id: sample NONE does not exist",
          "positions[3].sample_id: method M-NEW version 1 is NOT_VALIDATED: it gives no results "
          "for release; test a sample of purpose VALIDATION or TRAINING"}));
}

TEST_F(RunSubmission, NamesAnalystsWhoHaveAnAccount) {
  const auto created = fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-PH' analysts: ['tech2', 'nobody'] positions { position: 'P1' "
      "role: POSITION_ROLE_SAMPLE sample_id: 'A-S1' }");
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message, "analysts: there is no user nobody");
}

TEST_F(RunSubmission, TakesAFileAsItsBytesOrAsAnUpload) {
  v1::SubmitRunRequest request;
  request.set_run_id(NewRun());
  v1::RawFileContent& file = *request.add_files();
  file.set_file_name("ph.csv");
  file.set_content("line,replicate,value,unit\nPHF,1,7.2,[pH]\n");
  file.set_sha256(std::string(64, 'a'));
  const auto both = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  EXPECT_EQ(Fields(both), Texts{"files[0]"}) << Words(both);
}

TEST_F(RunSubmission, RefusesAnotherMethodThanTheLines) {
  v1::Method other = PhMethod("PH");
  other.set_method_id("M-PH-QUICK");
  other.set_panel("QUICK");
  fixture.AddMethods({other});
  for (const std::string purpose : {"RELEASE", "STABILITY", "VALIDATION"}) {
    const std::string sample = "A-" + purpose;
    fixture.AddSample("A", sample, purpose);
    EXPECT_EQ(Words(Create("M-PH-QUICK", {sample})),
              "positions[0].sample_id: line PH of lot A is tested by method M-PH, not by "
              "M-PH-QUICK: create the run with that method");
  }
}

TEST_F(RunSubmission, NamesTheRunItsStateAndTheNextStep) {
  const std::string run = NewRun();
  const auto open = Create("M-PHF", {"A-S1"});
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().message,
            "positions[0].sample_id: attempt 1 of PHF on lot A is still open in run " + run +
                ": finish that with lims run submit or lims run abort");
  const auto nothing = Submit(run, {});
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().message.find("run " + run + " has neither"), std::string::npos);
  fixture.Must(Submit(run, {"PHF,1,7.2,[pH]\n"}));
  const auto again = Submit(run, {"PHF,1,7.2,[pH]\n"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "run " + run +
                                       " is SUBMITTED: only an open run is submitted; see its "
                                       "results with lims run show");
}

}  // namespace
}  // namespace lims::app
