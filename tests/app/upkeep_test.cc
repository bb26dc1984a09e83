// What the server does by itself: its clock is watched, uploads that nobody used go.
#include "app/upkeep.h"

#include "app/verify.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "storage/log.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kHourUs = 3600 * kSecondUs;

class UpkeepTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SiteFixture made(folder.path());
    wall_us = made.now_us + kHourUs;
    made.Close();
    Open();
  }
  void Open() {
    auto opened = Site::Open(folder.path(),
                             Clock([this] { return wall_us; }, [this] { return monotonic_us; }));
    ASSERT_TRUE(opened) << opened.error().message;
    site = *std::move(opened);
    upkeep.emplace(*site);
  }
  void Close() {
    upkeep.reset();
    site.reset();
  }
  // Both clocks go on.
  void Advance(std::int64_t us) {
    wall_us += us;
    monotonic_us += us;
  }

  // In the access stream.
  std::vector<v1::Event> ClockSteps() {
    const auto entries = site->store().Read(
        [&](storage::Records& records) { return storage::Entries(records.db(), 0, 1000); });
    std::vector<v1::Event> steps;
    for (const storage::Entry& entry : *entries) {
      v1::Event event;
      EXPECT_TRUE(tlog::ParseCanonicalJson(entry.bytes, &event));
      if (event.act() == v1::ACT_CLOCK_STEP && event.stream() != "clock") steps.push_back(event);
    }
    return steps;
  }

  std::string Upload(const std::string& bytes) {
    const std::string sha256 = HexEncode(Sha256(bytes));
    const auto stored = StoreRawFile(*site, sha256, bytes);
    EXPECT_TRUE(stored) << stored.error().message;
    return sha256;
  }
  // An act names the file.
  void Use(const std::string& sha256) {
    const auto used = site->writer().Execute({}, [&](storage::Transaction& tx) -> Result<void> {
      v1::Run run;
      run.set_run_id("R-1");
      run.add_raw_files()->set_sha256(sha256);
      tx.Put(run);
      return {};
    });
    EXPECT_TRUE(used) << used.error().message;
  }
  Result<std::string> Bytes(const std::string& sha256) {
    return site->store().Read(
        [&](storage::Records& records) { return storage::GetBlob(records.db(), sha256); });
  }
  std::int64_t Count(const std::string& table) {
    return *site->store().Read([&](storage::Records& records) -> Result<std::int64_t> {
      storage::Statement count = records.db().Query("SELECT count(*) FROM " + table);
      LIMS_RETURN_IF_ERROR(count.Step());
      return count.IntColumn(0);
    });
  }
  void ExpectVerifies() {
    const auto report = VerifySite({folder.path(), "", false});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
  }

  TemporaryFolder folder;
  std::int64_t wall_us = 0;
  std::int64_t monotonic_us = 0;
  std::unique_ptr<Site> site;
  std::optional<Upkeep> upkeep;
};

TEST_F(UpkeepTest, AClockThatRunsIsNoStep) {
  for (int i = 0; i < 10; ++i) {
    upkeep->Tick();
    Advance(i * kSecondUs);
    wall_us += 2 * kSecondUs - 10;  // within what is allowed
  }
  upkeep->Tick();
  EXPECT_TRUE(ClockSteps().empty());
}

TEST_F(UpkeepTest, AClockSetForwardIsRecordedOnce) {
  Advance(kSecondUs);
  wall_us += 2 * kSecondUs + 10;
  upkeep->Tick();
  Advance(kSecondUs);
  upkeep->Tick();
  const auto steps = ClockSteps();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].stream().substr(0, 7), "access/");
  EXPECT_EQ(steps[0].actor().user_id(), "");
  ASSERT_EQ(steps[0].details_size(), 3);
  EXPECT_EQ(steps[0].details(0).name(), "step_us");
  EXPECT_EQ(steps[0].details(0).value(), std::to_string(2 * kSecondUs + 10));
  ExpectVerifies();
}

TEST_F(UpkeepTest, AClockSetBackHoweverLittleIsRecorded) {
  Advance(kSecondUs);
  wall_us -= 1000;
  upkeep->Tick();
  auto steps = ClockSteps();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].details(0).value(), "-1000");
  const TimeUs recorded = steps[0].time_us();
  wall_us -= kHourUs;
  const std::string to = FormatLocal(wall_us, 480);
  upkeep->Tick();
  steps = ClockSteps();
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[1].details(0).value(), std::to_string(-kHourUs));
  EXPECT_EQ(steps[1].details(1).value(), FormatLocal(wall_us + kHourUs, 480));
  EXPECT_EQ(steps[1].details(2).value(), to);
  EXPECT_GE(steps[1].time_us(), recorded);
}

TEST_F(UpkeepTest, AClockSetBackWhileTheServerWasStoppedIsRecorded) {
  Close();
  wall_us -= kHourUs / 2;
  monotonic_us = 7;  // another boot
  Open();
  upkeep->Tick();
  upkeep->Tick();
  const auto steps = ClockSteps();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].details(2).value(), FormatLocal(wall_us, 480));
}

TEST_F(UpkeepTest, ARepeatedRefusalIsCountedInTheLogWhenItsMinuteIsOver) {
  Call call;
  call.method = "lims.v1.LotService/GetLot";
  call.user_id = "tech1";
  const auto counts = [&] {
    const auto entries = site->store().Read(
        [&](storage::Records& records) { return storage::Entries(records.db(), 0, 1000); });
    std::vector<std::string> repeated;
    for (const storage::Entry& entry : *entries) {
      v1::Event event;
      EXPECT_TRUE(tlog::ParseCanonicalJson(entry.bytes, &event));
      for (const v1::Detail& detail : event.details()) {
        if (detail.name() == "repeated") repeated.push_back(detail.value());
      }
    }
    return repeated;
  };
  for (int i = 0; i < 3; ++i) {
    site->access_log().NoteRefusal(call, MakeError(ErrorReason::kPermissionDenied, "not yours"));
  }
  upkeep->Tick();
  ASSERT_TRUE(site->writer().ExecuteRaw([](storage::Connection&) { return Result<void>(); }));
  EXPECT_TRUE(counts().empty());
  Advance(60 * kSecondUs);
  upkeep->Tick();
  ASSERT_TRUE(site->writer().ExecuteRaw([](storage::Connection&) { return Result<void>(); }));
  EXPECT_EQ(counts(), std::vector<std::string>{"2"});
}

TEST_F(UpkeepTest, AnUploadThatNoEventNamesGoesAfterADay) {
  // 17 chunks: more than one step removes.
  const std::string lost = Upload(std::string(17 * storage::kChunkBytes, 'a'));
  const std::string used = Upload("used");
  Use(used);
  Advance(24 * kHourUs);
  upkeep->Tick();
  EXPECT_TRUE(Bytes(lost));  // a day, not longer
  Advance(kHourUs + 1);
  upkeep->Tick();
  EXPECT_EQ(Bytes(lost).error().reason, ErrorReason::kNotFound);
  EXPECT_EQ(Count("blob_chunk"), 2);  // what is left of it, and the other's
  upkeep->Tick();
  EXPECT_EQ(Count("blob_chunk"), 1);
  EXPECT_EQ(Count("blob_upload"), 0);
  EXPECT_EQ(Bytes(used).value(), "used");
  ExpectVerifies();
  // And may come again.
  EXPECT_EQ(Upload(std::string(17 * storage::kChunkBytes, 'a')), lost);
  EXPECT_TRUE(Bytes(lost));
}

TEST_F(UpkeepTest, UploadsAreLookedForAtTheStartAndEveryHour) {
  const std::string early = Upload("early");
  Advance(kHourUs);
  const std::string late = Upload("late");
  Advance(24 * kHourUs);
  Close();
  Open();
  upkeep->Tick();
  EXPECT_FALSE(Bytes(early));
  EXPECT_TRUE(Bytes(late));
  upkeep->Tick();  // finds nothing more: again in an hour
  Advance(kHourUs - 1);
  upkeep->Tick();
  EXPECT_TRUE(Bytes(late));
  Advance(1);
  upkeep->Tick();
  EXPECT_FALSE(Bytes(late));
}

TEST_F(UpkeepTest, AFileThatIsUploadedAgainWaitsAnotherDay) {
  const std::string bytes(17 * storage::kChunkBytes, 'a');
  const std::string file = Upload(bytes);
  Advance(23 * kHourUs);
  Upload(bytes);
  Advance(2 * kHourUs);
  upkeep->Tick();
  EXPECT_TRUE(Bytes(file));
  // Also when half of it has been removed.
  Advance(24 * kHourUs);
  upkeep->Tick();
  EXPECT_FALSE(Bytes(file));
  Upload(bytes);
  for (int i = 0; i < 3; ++i) upkeep->Tick();
  EXPECT_TRUE(Bytes(file).value() == bytes);
}

TEST_F(UpkeepTest, AFileThatAnEventNamesStaysHoweverOftenItIsUploaded) {
  const std::string file = Upload("used");
  Use(file);
  Upload("used");
  // A file that came inside an act may have been uploaded before.
  const std::string inside = Upload("inside");
  ASSERT_TRUE(site->writer().Execute({}, [&](storage::Transaction& tx) -> Result<void> {
    tx.PutBlob(inside, "inside");
    tx.Note("access/2026-03-01", {});
    return {};
  }));
  Advance(100 * kHourUs);
  for (int i = 0; i < 3; ++i) upkeep->Tick();
  EXPECT_TRUE(Bytes(file));
  EXPECT_TRUE(Bytes(inside));
  EXPECT_EQ(Count("blob_upload"), 0);
  ExpectVerifies();
}

TEST_F(UpkeepTest, AnActNamesNoFileThatWentWhileItWasPlanned) {
  ASSERT_TRUE(site->writer().Execute({}, [](storage::Transaction& tx) -> Result<void> {
    tx.Put(
        FromText<v1::User>("user_id: 'tech1' state: USER_STATE_ACTIVE grants { "
                           "role: ROLE_TECHNICIAN confirmed_by: 'admin1' }"));
    tx.Put(FromText<v1::Method>("method_id: 'M' version: 1 assay: 'potency' formats: 'plate_csv'"));
    tx.Put(
        FromText<v1::Run>("run_id: 'R' method_id: 'M' method_version: 1 state: RUN_STATE_OPEN "
                          "position_count: 1"));
    tx.Put(FromText<v1::RunPosition>(
        "run_id: 'R' position: 'A' role: POSITION_ROLE_SAMPLE sample_id: 'S'"));
    return {};
  }));
  v1::SubmitRunRequest request;
  request.set_run_id("R");
  request.add_files()->set_file_name("plate.csv");
  request.mutable_files(0)->set_sha256(Upload("group,response\nA,1\n"));
  Call call;
  call.method = "lims.v1.RunService/SubmitRun";
  call.user_id = "tech1";
  const auto plan = SubmitRun(*site, call, request);
  ASSERT_TRUE(plan) << plan.error().message;
  Advance(25 * kHourUs);
  upkeep->Tick();
  const auto act = site->writer().Execute(InfoOf(call, plan->act, "", ""), plan->run);
  ASSERT_FALSE(act);
  EXPECT_EQ(act.error().reason, ErrorReason::kChanged);
  // Made anew, the plan says what to do.
  EXPECT_EQ(SubmitRun(*site, call, request).error().reason, ErrorReason::kNotFound);
}

}  // namespace
}  // namespace lims::app
