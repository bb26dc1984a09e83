// A virus panel from the plate to what QA sees: targets that are invalid alone, prescribed repeats,
// holds on everything of the same bank.
#include "app/recompute.h"
#include "app/system_holds.h"
#include "app/virus_plate_fixture.h"

namespace lims::app {
namespace {

class VirusPanelRun : public VirusPanelSite {
 protected:
  std::vector<v1::Hold> Holds(const std::string& lot) { return List<v1::Hold>(lot); }

  // A file with another name wherever `name` stands.
  static std::string Renamed(std::string file, const std::string& name, const std::string& as) {
    for (std::size_t at = file.find(name); at != std::string::npos;
         at = file.find(name, at + as.size())) {
      file.replace(at, name.size(), as);
    }
    return file;
  }

  // "lot: reason" of every hold that is not lifted.
  Texts Held(const std::vector<std::string>& lots) {
    Texts held;
    for (const std::string& lot : lots) {
      for (const v1::Hold& hold : Holds(lot)) {
        if (hold.lifted_signature_id().empty()) held.push_back(lot + ": " + hold.reason());
      }
    }
    return held;
  }

  Texts Family(const std::string& lot) {
    auto family = fixture.site().store().Read(
        [&](storage::Records& records) { return BankFamily(records, lot); });
    EXPECT_TRUE(family);
    return family ? *family : Texts();
  }

  Result<storage::RecordedAct> Lift(const std::string& lot, int number) {
    return fixture.SignIntent("qa1", "unhold { lot_id: '" + lot + "' number: " +
                                         std::to_string(number) + " reason: 'investigated' }");
  }
};

TEST_F(VirusPanelRun, ContaminatedTargetIsRepeatedAloneForEveryLot) {
  VirusPlate plate = PlateOf({"A-S1", "B-S1"});
  plate.Set("NTC", "HBV", "34.2");
  const v1::Run run = Play(plate);
  EXPECT_EQ(run.outcome(), v1::OUTCOME_VALID);
  for (const char* lot : {"A", "B"}) {
    EXPECT_EQ(Attempt(lot, 1).outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Blockers(lot, "REPEAT_DUE NOT_TESTED REPEATS_EXHAUSTED"), Texts{"REPEAT_DUE V-HBV"});
    ASSERT_EQ(List<v1::Result>(lot).size(), 1u);
    EXPECT_EQ(List<v1::Result>(lot)[0].line_code(), "V-HPV");
  }
  EXPECT_EQ(Held({"A", "B", "BANK"}), Texts{});
  Play(PlateOf({"A-S1"}));
  EXPECT_EQ(Attempt("A", 2).kind(), v1::ATTEMPT_KIND_REPEAT_INVALID);
  EXPECT_EQ(Blockers("A", "REPEAT_DUE NOT_TESTED"), Texts{});
  EXPECT_EQ(Blockers("B", "REPEAT_DUE NOT_TESTED"), Texts{"REPEAT_DUE V-HBV"});
  EXPECT_FALSE(Create(PlateOf({"A-S1"}).Map()));
}

TEST_F(VirusPanelRun, LostControlLeadsToTheRepeatAtTwoDilutions) {
  VirusPlate plate = PlateOf({"A-S1"});
  plate.AddSample("A-S1", 2, "10");
  const auto diluted = Create(plate.Map());
  ASSERT_FALSE(diluted);
  ASSERT_EQ(diluted.error().violations.size(), 1u);
  EXPECT_NE(diluted.error().violations[0].description.find("has diluted wells of HBV, HPV, IC"),
            std::string::npos);
  plate = PlateOf({"A-S1"});
  plate.Set("A-S1", "IC", "33.1");
  EXPECT_EQ(Play(plate).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Attempt("A", 1).outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Attempt("A", 1).repeat_because(), "internal control lost (HBV, HPV)");
  EXPECT_EQ(Blockers("A", "REPEAT_DUE"), (Texts{"REPEAT_DUE V-HBV", "REPEAT_DUE V-HPV"}));

  const auto two_wells = Create(PlateOf({"A-S1"}).Map());
  ASSERT_FALSE(two_wells);
  EXPECT_EQ(two_wells.error().reason, ErrorReason::kInvalidArgument);
  // Undiluted alone it would use up the one repeat that there is.
  const auto undiluted = Create(PlateOf({"A-S1"}, 3).Map());
  ASSERT_FALSE(undiluted);
  EXPECT_EQ(undiluted.error().violations.size(), 2u);
  EXPECT_NE(undiluted.error().violations[0].description.find("at 1:10"), std::string::npos);
  VirusPlate repeat = PlateOf({"A-S1"}, 3);
  repeat.AddSample("A-S1", 2, "10");
  repeat.Set("A-S1", "IC", "28.6");
  Play(repeat);
  EXPECT_EQ(Attempt("A", 2).kind(), v1::ATTEMPT_KIND_METHOD_REPEAT);
  EXPECT_EQ(Attempt("A", 2).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Blockers("A", "REPEAT_DUE"), Texts{});
}

// Without its internal control HBV shows a signal in one well, HPV in none. The control is lost in
// the repeat too: at 1:10 HPV is clear, and the signal of HBV stays open.
TEST_F(VirusPanelRun, DilutionAnswersTheLineThatLostItsControlAndNoIndeterminate) {
  VirusPlate plate = PlateOf({"A-S1"});
  plate.Add("SAMPLE", "A-S1", "HBV", "37.0");
  plate.Set("A-S1", "IC", "33.1");
  Play(plate);
  EXPECT_EQ(Stored<v1::Result>({"A", "V-HBV", 1}).value_reported(), "INDETERMINATE");
  VirusPlate repeat = PlateOf({"A-S1"}, 3);
  repeat.Set("A-S1", "IC", "33.5");
  repeat.AddSample("A-S1", 2, "10");
  Play(repeat);
  const v1::Attempt attempt = Attempt("A", 2);
  ASSERT_EQ(attempt.lost_controls_size(), 1);
  EXPECT_EQ(attempt.lost_controls(0), "V-HPV");
  EXPECT_EQ(Stored<v1::Result>({"A", "V-HPV", 2}).value_reported(), "NEGATIVE");
  ASSERT_EQ(attempt.invalid_lines_size(), 1);
  EXPECT_EQ(attempt.invalid_lines(0).line_code(), "V-HBV");
  EXPECT_EQ(attempt.invalid_lines(0).outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Blockers("A", "REPEAT_DUE REPEATS_EXHAUSTED"), Texts{"REPEATS_EXHAUSTED V-HBV"});

  std::int64_t results = 0;
  const auto differing = fixture.site().store().Read(
      [&](storage::Records& records) { return RecomputeAll(records, &results); });
  ASSERT_TRUE(differing);
  EXPECT_EQ(*differing, Texts{});
  EXPECT_EQ(results, 2);
}

TEST_F(VirusPanelRun, IndeterminateTwiceIsPositive) {
  VirusPlate plate = PlateOf({"A-S1"});
  plate.Add("SAMPLE", "A-S1", "HBV", "37.0");
  Play(plate);
  EXPECT_EQ(Blockers("A", "INCONCLUSIVE"), Texts{"INCONCLUSIVE V-HBV"});
  EXPECT_EQ(Held({"A"}), Texts{});
  VirusPlate repeat = PlateOf({"A-S1"}, 3);
  repeat.Add("SAMPLE", "A-S1", "HBV", "37.1");
  Play(repeat);
  const v1::Result result = Stored<v1::Result>({"A", "V-HBV", 2});
  EXPECT_EQ(result.value_reported(), "POSITIVE");
  EXPECT_EQ(result.verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(Held({"A", "BANK", "B"}), (Texts{"A: biosafety event: V-HBV POSITIVE",
                                             "BANK: biosafety event of lot A: V-HBV POSITIVE",
                                             "B: biosafety event of lot A: V-HBV POSITIVE"}));
}

TEST_F(VirusPanelRun, PositiveHoldsEverythingOfTheBankInTheSameAct) {
  VirusPlate plate = PlateOf({"A-S1", "B-S1"});
  plate.Set("A-S1", "HBV", "28.0");
  plate.Set("B-S1", "HPV", "29.0");
  Play(plate);
  EXPECT_EQ(
      Held({"A", "B", "BANK"}),
      (Texts{"A: biosafety event: V-HBV POSITIVE", "A: biosafety event of lot B: V-HPV POSITIVE",
             "B: biosafety event of lot A: V-HBV POSITIVE", "B: biosafety event: V-HPV POSITIVE",
             "BANK: biosafety event of lot A: V-HBV POSITIVE",
             "BANK: biosafety event of lot B: V-HPV POSITIVE"}));
  const v1::Hold hold = Holds("BANK")[0];
  EXPECT_EQ(hold.cause_lot_id(), "A");
  ASSERT_EQ(hold.cause_lines_size(), 1);
  EXPECT_EQ(hold.cause_lines(0), "V-HBV");
  EXPECT_EQ(hold.kind(), v1::HOLD_KIND_BIOSAFETY);
  // Lifted one by one.
  SiteFixture::Must(Lift("BANK", 1));
  EXPECT_EQ(Held({"BANK"}), Texts{"BANK: biosafety event of lot B: V-HPV POSITIVE"});
  EXPECT_EQ(Held({"A"}).size(), 2u);
}

TEST_F(VirusPanelRun, FamilyIsEverythingFromTheSameAncestors) {
  fixture.AddLot("WCB", "WCB", "parents { lot_id: 'BANK' }", "Q");
  AddProduct("C", "WCB");
  fixture.AddLot("OTHER", "MCB", "", "Q");
  AddProduct("D", "OTHER");
  EXPECT_EQ(Family("C"), (Texts{"WCB", "BANK", "A", "B"}));
  EXPECT_EQ(Family("A"), (Texts{"BANK", "B", "WCB", "C"}));
  EXPECT_EQ(Family("BANK"), (Texts{"A", "B", "WCB", "C"}));
  EXPECT_EQ(Family("D"), Texts{"OTHER"});
  SiteFixture::Must(fixture.SignIntent("qa1", "reject { lot_id: 'B' reason: 'broken bag' }"));
  EXPECT_EQ(Family("A"), (Texts{"BANK", "WCB", "C"}));
}

TEST_F(VirusPanelRun, UnexpectedPositiveHoldsTheLotUntilAValidRepeat) {
  VirusPlate plate = PlateOf({"A-S1"});
  plate.Set("A-S1", "HBV", "28.0");
  plate.Set("NTC", "HBV", "29.0");
  Play(plate);
  EXPECT_EQ(Held({"A", "B", "BANK"}),
            Texts{"A: unexpected positive: V-HBV in a test that does not count, run " +
                  Attempt("A", 1).run_id()});
  const auto early = Lift("A", 1);
  ASSERT_FALSE(early);
  EXPECT_NE(early.error().message.find("stands until a valid repeat of V-HBV"), std::string::npos);
  // A test for another purpose is no answer.
  fixture.AddSample("A", "A-S2", "TRAINING");
  Play(PlateOf({"A-S2"}));
  EXPECT_FALSE(Lift("A", 1));
  Play(PlateOf({"A-S1"}));
  // Both stay: the first in the details of its attempt.
  EXPECT_EQ(Stored<v1::Result>({"A", "V-HBV", 3}).value_reported(), "NEGATIVE");
  EXPECT_EQ(Attempt("A", 1).invalid_lines(0).reason().substr(0, 10), "ntc of HBV");
  SiteFixture::Must(Lift("A", 1));
  EXPECT_EQ(Held({"A"}), Texts{});
}

// HBV shows in a test that does not count; the other sample of the same plate, and the next plate,
// are tested for HPV alone.
TEST_F(VirusPanelRun, UnexpectedPositiveIsAnsweredByAnotherRunOfTheSameLine) {
  const auto only_hpv = [](VirusPlate& plate, const std::string& sample) {
    for (int i = 0; i < 2; ++i) plate.Add("SAMPLE", sample, "HPV", "");
    plate.Add("SAMPLE", sample, "IC", "28.6");
  };
  for (const char* sample : {"A-S2", "A-S3"}) fixture.AddSample("A", sample, "STABILITY");
  VirusPlate plate = PlateOf({"A-S2"});
  only_hpv(plate, "A-S3");
  plate.Set("A-S2", "HBV", "28.0");
  plate.Set("NTC", "HBV", "29.0");
  Play(plate);
  ASSERT_EQ(Held({"A"}).size(), 1u);
  EXPECT_EQ(Attempt("A", 2).outcome(), v1::OUTCOME_VALID);
  EXPECT_FALSE(Lift("A", 1));

  VirusPlate next;
  only_hpv(next, "A-S3");
  next.AddControls();
  Play(next);
  EXPECT_EQ(Attempt("A", 3).outcome(), v1::OUTCOME_VALID);
  const auto early = Lift("A", 1);
  ASSERT_FALSE(early);
  EXPECT_NE(early.error().message.find("stands until a valid repeat of V-HBV"), std::string::npos)
      << early.error().message;

  Play(PlateOf({"A-S3"}));
  SiteFixture::Must(Lift("A", 1));
}

TEST_F(VirusPanelRun, PositiveAndUnexpectedPositiveOfOneLotAreOneHold) {
  VirusPlate plate = PlateOf({"A-S1"});
  plate.Set("A-S1", "HBV", "28.0");
  plate.Set("A-S1", "HPV", "28.0");
  plate.Set("NTC", "HBV", "29.0");
  Play(plate);
  ASSERT_EQ(Holds("A").size(), 1u);
  EXPECT_EQ(Holds("A")[0].cause_lines_size(), 2);
}

TEST_F(VirusPanelRun, SpikedSampleHoldsItsOwnLotAlone) {
  fixture.AddSample("A", "A-S2", "VALIDATION");
  VirusPlate plate = PlateOf({"A-S2"});
  plate.Set("A-S2", "HBV", "28.0");
  Play(plate);
  EXPECT_EQ(Held({"A", "B", "BANK"}), Texts{"A: biosafety event: V-HBV POSITIVE"});
}

TEST_F(VirusPanelRun, MapMustHaveControlsTargetsAndEveryLine) {
  const auto refused = [&](const v1::CreateRunRequest& map) {
    Texts found;
    const auto created = Create(map);
    EXPECT_FALSE(created);
    if (created) return found;
    EXPECT_EQ(created.error().reason, ErrorReason::kInvalidArgument);
    for (const Violation& violation : created.error().violations) {
      found.push_back(violation.description);
    }
    return found;
  };
  v1::CreateRunRequest map = PlateOf({"A-S1"}).Map();
  map.mutable_positions(0)->set_target("HCV");
  map.mutable_positions()->RemoveLast();
  EXPECT_EQ(refused(map), (Texts{"\"HCV\" at A1 is none of the targets of M-V: HBV, HPV, IC",
                                 "there is no PROCESS_CONTROL of HPV"}));
  map = PlateOf({"A-S1", "B-S1"}).Map();
  map.mutable_positions(0)->set_omit_reason("bubble");
  map.mutable_positions(5)->set_target("HPV");
  map.mutable_positions(6)->set_target("HPV");
  EXPECT_EQ(refused(map),
            (Texts{"sample A-S1 has 1 undiluted wells of HBV for line V-HBV; the method asks for 2",
                   "sample B-S1 has 0 undiluted wells of HBV for line V-HBV; the method asks for "
                   "2"}));
  map = PlateOf({"A-S1"}).Map();
  *map.mutable_positions(1) = map.positions(0);
  map.mutable_positions(3)->set_position("A3");
  map.mutable_positions(3)->set_target("HBV");
  map.mutable_positions(3)->set_sample_id("B-S1");
  EXPECT_EQ(refused(map), (Texts{"A1 stands on the map twice",
                                 "A3 holds A-S1 already: one position holds one sample"}));
}

TEST_F(VirusPanelRun, MapWritesAWellInOneWay) {
  v1::CreateRunRequest map = PlateOf({"A-S1"}).Map();
  map.mutable_positions(1)->set_position("A01");  // of the same target as A1
  map.mutable_positions(5)->set_position("a04");  // a control, where A4 holds the sample
  const auto created = Create(map);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, ErrorReason::kInvalidArgument);
  Texts found;
  for (const Violation& violation : created.error().violations) {
    found.push_back(violation.field + ": " + violation.description);
  }
  EXPECT_EQ(found, (Texts{"positions[1].position: A01 is the same well as A1, which is on the map "
                          "already: write a well in one way",
                          "positions[5].position: a04 is the same well as A4, which is on the map "
                          "already: write a well in one way"}));
  SiteFixture::Must(Create(PlateOf({"A-S1"}).Map()));
}

TEST_F(VirusPanelRun, PlateOfAnotherLotIsRefusedByTheNamesOfItsWells) {
  SiteFixture::Must(fixture.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &RegisterLot,
      "lot_id: 'REF' kind: LOT_KIND_REFERENCE product_id: 'Q' expiry: '2027-02' "
      "manufacture_time: '2026-02-01T08:00:00+08:00'"));
  const VirusPlate plate = PlateOf({"A-S1"});
  const std::string run = SiteFixture::RunOf(Create(plate.Map()));
  // What is wrong with the file when each `name` in it is `as`.
  const auto problems = [&](const std::string& name, const std::string& as) {
    v1::SubmitRunRequest request;
    request.set_run_id(run);
    request.add_files()->set_file_name("plate.csv");
    request.mutable_files(0)->set_content(Renamed(plate.File(), name, as));
    const auto refused = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
    Texts found;
    EXPECT_FALSE(refused);
    if (refused) return found;
    EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument);
    for (const Violation& violation : refused.error().violations) {
      found.push_back(violation.field + " " + violation.description);
    }
    return found;
  };
  const auto says = [](const Texts& found, const std::string& text) {
    return !found.empty() && found[0].find(text) != std::string::npos;
  };
  const Texts other = problems("A-S1", "B-S1");
  EXPECT_EQ(other.size(), 5u);  // two wells of each virus, one of the internal control
  EXPECT_TRUE(says(other,
                   "line 2 names position A1 as \"B-S1\", which is a sample of lot B; the map has "
                   "\"A-S1\" there"))
      << other[0];
  EXPECT_TRUE(says(problems("A-S1", "B-S1 r2"), "which is a sample of lot B"));
  EXPECT_TRUE(says(problems("A-S1", "B"), "as \"B\", which is the number of a lot"));
  EXPECT_TRUE(says(problems("A1,A-S1", "A1,tube"),
                   "as \"tube\", and other wells by the ids of their samples"));
  EXPECT_TRUE(says(problems("control", "B-S1"), "the map has NTC there"));
  EXPECT_EQ(Attempt("A", 1).outcome(), v1::OUTCOME_UNSPECIFIED);
  // Its own id with an addition, the lot's own number and a reference lot among the controls say
  // nothing else than the map.
  Submit(run, "plate.csv",
         Renamed(Renamed(plate.File(), "A1,A-S1", "A1,A-S1 r1"), "control", "REF"));
  EXPECT_EQ(Attempt("A", 1).outcome(), v1::OUTCOME_VALID);
}

TEST_F(VirusPanelRun, BytesOfAnotherLotsRunAreNoMeasurementOfThisOne) {
  const auto start = [&](const std::string& sample) {
    return SiteFixture::RunOf(Create(PlateOf({sample}).Map()));
  };
  const std::string bytes = Renamed(PlateOf({"A-S1"}).File(), "A-S1", "Sample 1");
  const std::string first = Submit(start("A-S1"), "plate.csv", bytes).run_id();
  v1::SubmitRunRequest request;
  request.set_run_id(start("B-S1"));
  request.add_files()->set_file_name("copy.csv");
  request.mutable_files(0)->set_content(bytes);
  const auto refused = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "files");
  EXPECT_EQ(refused.error().violations[0].description,
            "copy.csv was submitted in run " + first +
                " already, as attempt 1 of V of lot A: it judges the lots on the map of that run, "
                "not lot B; see it with lims run show " +
                first);
  // Who is trained may calculate them again.
  fixture.AddSample("B", "B-S2", "TRAINING");
  Submit(start("B-S2"), "plate.csv", bytes);
  // Nor does it keep a lot from its own plate.
  const std::string trained = Renamed(PlateOf({"B-S1"}).File(), "B-S1", "Sample 2");
  Submit(start("B-S2"), "plate.csv", trained);
  fixture.AddSample("A", "A-S9", "STABILITY");
  Submit(start("A-S9"), "plate.csv", trained);
}

TEST_F(VirusPanelRun, IsJudgedFromItsFileNotFromTypedReadings) {
  const VirusPlate plate = PlateOf({"A-S1"});
  const std::string run = SiteFixture::RunOf(Create(plate.Map()));
  const std::string named = "run_id: '" + run + "' ";
  const auto read = fixture.DoText<v1::RecordReadingRequest>(
      "tech1", "RunService/RecordReading", &RecordReading,
      named + "observed_time: '" + FormatUtc(fixture.now_us) +
          "' entries { position: 'A1' target: 'HBV' value { value: '45' } }");
  const auto submitted =
      fixture.DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun, named);
  for (const auto* act : {&read, &submitted}) {
    ASSERT_FALSE(*act);
    EXPECT_EQ(act->error().reason, ErrorReason::kWrongState);
    EXPECT_NE(act->error().message.find("--input FILE"), std::string::npos);
  }
}

TEST_F(VirusPanelRun, FileWithAnotherNameOrAWellTwiceChangesNothing) {
  const VirusPlate plate = PlateOf({"A-S1", "B-S1"});
  const std::string run = SiteFixture::RunOf(Create(plate.Map()));
  std::string file = plate.File();
  file.replace(file.find("A1,A-S1"), 7, "A1,B-S1");
  v1::SubmitRunRequest request;
  request.set_run_id(run);
  request.add_files()->set_file_name("plate.csv");
  request.mutable_files(0)->set_content(file + "A1,A-S1,HBV,30\nB7,C-S1,HBV,30\n");
  const auto twice = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().violations.size(), 1u);  // the file itself is wrong
  request.mutable_files(0)->set_content(file + "B7,C-S1,HBV,30\n");
  const auto refused = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().violations.size(), 2u);
  EXPECT_EQ(Attempt("A", 1).outcome(), v1::OUTCOME_UNSPECIFIED);
  Submit(run, "plate.csv", plate.File());
  EXPECT_EQ(Attempt("A", 1).outcome(), v1::OUTCOME_VALID);
}

class TaggedControlRun : public VirusPanelRun {
 protected:
  std::string MoreOfMethod() const override {
    return "parameters { name: 'tag_target' value: 'TAG' }";
  }
  static VirusPlate TaggedPlate(const std::vector<std::string>& samples) {
    VirusPlate plate = PlateOf(samples);
    for (const std::string& sample : samples) plate.Add("SAMPLE", sample, "TAG", "");
    for (const char* control : {"NTC", "EXTRACTION_BLANK"}) plate.Add(control, "", "TAG", "");
    plate.Add("PROCESS_CONTROL", "", "TAG", "30.5");
    return plate;
  }
};

// One sample has taken up the process control; the other one of the same lot beside it is clear.
TEST_F(TaggedControlRun, CrossTalkOfOneSampleIsNotAnsweredByTheSampleBesideIt) {
  for (const char* sample : {"A-S2", "A-S3"}) fixture.AddSample("A", sample, "STABILITY");
  VirusPlate plate = TaggedPlate({"A-S2", "A-S3"});
  plate.Set("A-S2", "HPV", "31.0");
  plate.Set("A-S2", "TAG", "31.5");
  Play(plate);
  EXPECT_EQ(Held({"A"}), Texts{"A: unexpected positive: V-HPV in a test that does not count, run " +
                               Attempt("A", 1).run_id()});
  EXPECT_EQ(Attempt("A", 2).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Stored<v1::Result>({"A", "V-HPV", 2}).value_reported(), "NEGATIVE");
  EXPECT_FALSE(Lift("A", 1));
  Play(TaggedPlate({"A-S2"}));
  SiteFixture::Must(Lift("A", 1));
}

class BankOfProducts : public VirusPanelSite {
 protected:
  void SetUp() override {
    VirusPanelSite::SetUp();
    Play(PlateOf({"BANK-S1"}));
    SiteFixture::Must(fixture.SignIntent("rev1", "review { lot_id: 'BANK' }"));
    SiteFixture::Must(
        fixture.SignIntent("qp1", "release { lot_id: 'BANK' decision: DECISION_RELEASE }"));
  }
  Texts OfParents(const std::string& lot) {
    return Blockers(lot, "PARENT_NOT_RELEASED PARENT_OOS");
  }
};

TEST_F(BankOfProducts, WithdrawnBankBlocksEveryChildInTheNextCall) {
  EXPECT_EQ(OfParents("A"), Texts{});
  const std::string withdraw = "withdraw { lot_id: 'BANK' reason: 'donor serology late' }";
  EXPECT_FALSE(fixture.SignIntent("tech1", withdraw));
  SiteFixture::Must(fixture.SignIntent("qa1", withdraw));
  EXPECT_EQ(fixture.Lot("BANK").disposition(), v1::DISPOSITION_WITHDRAWN);
  for (const char* lot : {"A", "B"}) EXPECT_EQ(OfParents(lot), Texts{"PARENT_NOT_RELEASED BANK"});
  EXPECT_FALSE(fixture.SignIntent("qa1", withdraw));
  const auto decisions = List<v1::ReleaseDecision>("BANK");
  ASSERT_EQ(decisions.size(), 2u);
  EXPECT_EQ(decisions[1].decision(), v1::DECISION_WITHDRAW);
  EXPECT_EQ(decisions[1].remarks(), "donor serology late");
  // What was reviewed for the release that was withdrawn is reviewed again for another one.
  const std::string release = "release { lot_id: 'BANK' decision: DECISION_RELEASE }";
  const auto early = fixture.SignIntent("qp1", release);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, ErrorReason::kNotReleasable);
  EXPECT_TRUE(early.error().violations[0].field.starts_with("NOT_REVIEWED"));
  SiteFixture::Must(fixture.SignIntent("rev1", "review { lot_id: 'BANK' }"));
  SiteFixture::Must(fixture.SignIntent("qp1", release));
  EXPECT_EQ(OfParents("A"), Texts{});
}

TEST_F(BankOfProducts, HeldBankBlocksItsChildrenUntilLifted) {
  SiteFixture::Must(fixture.SignIntent("qa1", "hold { lot_id: 'BANK' reason: 'a question' }"));
  EXPECT_EQ(OfParents("B"), Texts{"PARENT_NOT_RELEASED BANK"});
  SiteFixture::Must(
      fixture.SignIntent("qa1", "unhold { lot_id: 'BANK' number: 1 reason: 'answered' }"));
  EXPECT_EQ(OfParents("B"), Texts{});
}

TEST_F(BankOfProducts, LaterFailingResultOfTheBankBlocksItsChildren) {
  fixture.AddSample("BANK", "BANK-S2", "STABILITY");
  VirusPlate plate = PlateOf({"BANK-S2"});
  plate.Set("BANK-S2", "HPV", "29.0");
  Play(plate);
  EXPECT_EQ(OfParents("A"), (Texts{"PARENT_NOT_RELEASED BANK", "PARENT_OOS BANK"}));
  // The hold may be lifted; the result stays.
  SiteFixture::Must(
      fixture.SignIntent("qa1", "unhold { lot_id: 'BANK' number: 1 reason: 'investigated' }"));
  EXPECT_EQ(OfParents("A"), Texts{"PARENT_OOS BANK"});
}

TEST_F(BankOfProducts, SpikedSampleOfTheBankBlocksNothingButItsHold) {
  fixture.AddSample("BANK", "BANK-S2", "TRAINING");
  VirusPlate plate = PlateOf({"BANK-S2"});
  plate.Set("BANK-S2", "HPV", "29.0");
  Play(plate);
  EXPECT_EQ(OfParents("A"), Texts{"PARENT_NOT_RELEASED BANK"});
}

}  // namespace
}  // namespace lims::app
