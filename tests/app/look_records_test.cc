// Looks at data while a run is open: each lot on it must see these data submitted, or QA clears.
#include "app/look_records.h"

#include "app/looks.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class LookRecords : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddLot("A", "MCB");
    fixture.AddLot("B", "MCB");
  }

  std::string Open() {
    const auto run = fixture.DoText<v1::CreateRunRequest>(
        "tech1", "RunService/CreateRun", &CreateRun,
        "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
        "sample_id: 'A-S1' } positions { position: '2' role: POSITION_ROLE_SAMPLE target: 'PH' "
        "sample_id: 'B-S1' }");
    fixture.Must(run);
    v1::CreateRunResponse response;
    FillResponse(*run, &response);
    return response.run().run_id();
  }
  void Look(const std::string& assay, const std::string& value, const std::string& id = "") {
    v1::ComputeAssayRequest request;
    request.set_request_id(id.empty() ? NewUuid() : id);
    request.set_assay(assay);
    request.set_content("line,replicate,value,unit\nPH,1," + value + ",\n");
    const auto look =
        ComputeAssay(fixture.site(), fixture.As("tech1", "CatalogueService/ComputeAssay"), request);
    ASSERT_TRUE(look) << look.error().message;
  }
  std::vector<v1::Look> LooksOf(const std::string& lot) {
    const auto rows = fixture.site().store().Read(
        [&](storage::Records& records) { return records.List<v1::Look>({lot}); });
    EXPECT_TRUE(rows);
    std::vector<v1::Look> looks;
    for (const auto& row : *rows) looks.push_back(row.record);
    return looks;
  }
  int Standing(const std::string& lot) {
    const auto blockers = fixture.Blockers(lot);
    return static_cast<int>(std::count_if(
        blockers.begin(), blockers.end(),
        [](const auto& blocker) { return blocker.kind() == v1::BLOCKER_KIND_LOOK_NOT_SUBMITTED; }));
  }
  Result<storage::RecordedAct> Clear(const std::string& lot, int number = 1) {
    return fixture.DoText<v1::ClearLookRequest>("qa1", "RunService/ClearLook", &ClearLook,
                                                "lot_id: '" + lot +
                                                    "' number: " + std::to_string(number) +
                                                    " reason: 'rehearsal with data of last year'");
  }
  void Abort(const std::string& run) {
    fixture.Must(fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                                     "run_id: '" + run + "' reason: 'broken'"));
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(LookRecords, StandBetweenEveryLotOfTheRunAndItsRelease) {
  Look("generic_value", "7.0");
  EXPECT_EQ(LooksOf("A").size(), 0u);  // no run was open
  const std::string run = Open();
  Look("generic_value", "7.1");
  Look("generic_observation", "CLEAR");  // not the assay of the open run
  ASSERT_EQ(LooksOf("A").size(), 1u);
  ASSERT_EQ(LooksOf("B").size(), 1u);
  EXPECT_EQ(LooksOf("A")[0].user_id(), "tech1");
  EXPECT_EQ(LooksOf("A")[0].run_id(), run);
  EXPECT_EQ(LooksOf("A")[0].outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Standing("A"), 1);
  EXPECT_EQ(Standing("B"), 1);
}

TEST_F(LookRecords, AtAFileThatTheRunTakesCountByWhateverCalculator) {
  fixture.AddMethods({PhMethod("PHF", "formats: 'panel_csv'")});
  fixture.Must(fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-PHF' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PHF' "
      "sample_id: 'A-S1' }"));
  Look("generic_observation", "7.1");
  EXPECT_EQ(LooksOf("A").size(), 1u);
}

TEST_F(LookRecords, AreClearedForOneLotByQaOnceTheRunIsOver) {
  const std::string run = Open();
  Look("generic_value", "7.1");
  const auto early = Clear("A");
  ASSERT_FALSE(early);
  EXPECT_NE(early.error().message.find("is still open"), std::string::npos);
  Abort(run);
  fixture.Must(Clear("A"));
  EXPECT_EQ(Standing("A"), 0);
  EXPECT_EQ(Standing("B"), 1);
  EXPECT_EQ(LooksOf("A")[0].cleared_by(), "qa1");
  EXPECT_FALSE(Clear("A"));
}

TEST_F(LookRecords, OfTheSameBytesAreOneForARunAndPerson) {
  Open();
  Look("generic_value", "7.1");
  Look("generic_value", "7.1");
  Look("generic_value", "7.2");
  EXPECT_EQ(LooksOf("A").size(), 2u);
  EXPECT_EQ(LooksOf("A")[1].number(), 2);
}

TEST_F(LookRecords, WhoseBytesAreSubmittedStandNoLonger) {
  const std::string run = Open();
  Look("generic_value", "7.1");
  Look("generic_value", "7.2");
  v1::Run submitted;
  submitted.set_run_id(run);
  submitted.add_raw_files()->set_sha256(LooksOf("A")[1].content_sha256());
  const auto mark = [&](const std::string& panel, v1::Purpose purpose) {
    v1::Attempt attempt;
    attempt.set_lot_id("A");
    attempt.set_panel(panel);
    attempt.set_purpose(purpose);
    return fixture.site().writer().Execute(
        InfoOf(fixture.As("tech1", "RunService/SubmitRun"), v1::ACT_SUBMIT_RUN, "", ""),
        [&](storage::Transaction& tx) { return MarkSubmitted(tx, attempt, submitted); });
  };
  // Another test of the same lot does not answer for the look.
  fixture.Must(mark("PH", v1::PURPOSE_TRAINING));
  fixture.Must(mark("OSM", v1::PURPOSE_RELEASE));
  EXPECT_EQ(Standing("A"), 2);
  fixture.Must(mark("PH", v1::PURPOSE_RELEASE));
  EXPECT_EQ(LooksOf("A")[1].submitted_run_id(), run);
  EXPECT_EQ(Standing("A"), 1);
  EXPECT_EQ(Standing("B"), 2);
  const auto cleared = Clear("A", 2);
  ASSERT_FALSE(cleared);
  EXPECT_NE(cleared.error().message.find("there is nothing to clear"), std::string::npos)
      << cleared.error().message;
}

}  // namespace
}  // namespace lims::app
