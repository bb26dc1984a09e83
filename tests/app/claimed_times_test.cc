// Times that a person claims for a test: never without a trace, never before the sample was there.
#include "app/late_entry.h"
#include "app/second_entry.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class ClaimedTimes : public ::testing::Test {
 protected:
  static constexpr TimeUs kHour = TimeUs{3600} * 1'000'000;

  void SetUp() override {
    fixture.Prepare();
    fixture.AddLot("A", "MCB");  // its sample was taken on 2026-02-02
  }

  static v1::SubmitResultRequest Value(TimeUs started, const std::string& reason = "") {
    v1::SubmitResultRequest request = PhValue("A", "7.0");
    request.set_started_time(FormatUtc(started));
    request.set_late_reason(reason);
    return request;
  }
  Result<storage::RecordedAct> Submit(const v1::SubmitResultRequest& request) {
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  }
  Result<storage::RecordedAct> Create(const std::string& started, const std::string& reason = "") {
    return fixture.DoText<v1::CreateRunRequest>(
        "tech1", "RunService/CreateRun", &CreateRun,
        "method_id: 'M-PH' started_time: '" + started + "' late_reason: '" + reason +
            "' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
            "sample_id: 'A-S1' }");
  }
  Result<storage::RecordedAct> Clear(const std::string& user) {
    return fixture.DoText<v1::ClearLateReadingsRequest>(
        user, "RunService/ClearLateReadings", &ClearLateReadings,
        "run_id: '" + Attempt().run_id() + "' reason: 'paper worksheet seen'");
  }
  bool IsLate() { return fixture.IsBlocked("A", v1::BLOCKER_KIND_LATE_ENTRY); }
  v1::Attempt Attempt() {
    const auto attempt = fixture.site().store().Read([&](storage::Records& records) {
      return records.Get<v1::Attempt>({"A", "PH", 1});
    });
    EXPECT_TRUE(attempt);
    return attempt ? attempt->record : v1::Attempt();
  }
  static std::string FieldOf(const Result<storage::RecordedAct>& act) {
    if (act) return "done";
    return act.error().violations.empty() ? "" : act.error().violations[0].field;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(ClaimedTimes, ATestWithinTheDayIsNoLateEntry) {
  EXPECT_EQ(FieldOf(Submit(Value(fixture.now_us - 20 * kHour, "no need"))), "late_reason");
  fixture.Must(Submit(Value(fixture.now_us - 20 * kHour)));
  EXPECT_FALSE(Attempt().has_late_entry());
  EXPECT_FALSE(IsLate());
}

TEST_F(ClaimedTimes, AnOlderValueNeedsAReasonAndBlocksUntilQaClearsIt) {
  const TimeUs started = fixture.now_us - 25 * kHour;
  EXPECT_EQ(FieldOf(Submit(Value(started))), "started_time");
  EXPECT_EQ(FieldOf(Submit(Value(started, "x"))), "late_reason");
  fixture.Must(Submit(Value(started, "terminal was down")));
  EXPECT_EQ(Attempt().late_entry().reason(), "terminal was down");
  EXPECT_TRUE(IsLate());
  EXPECT_EQ(Clear("tech2").error().reason, ErrorReason::kPermissionDenied);
  fixture.Must(Clear("qa1"));
  EXPECT_FALSE(IsLate());
  EXPECT_EQ(Attempt().late_entry().cleared_by(), "qa1");
  EXPECT_EQ(Attempt().late_entry().claimed_time(), FormatUtc(started));
  EXPECT_EQ(Clear("qa1").error().reason, ErrorReason::kWrongState);
}

TEST_F(ClaimedTimes, AnOlderStartOfARunDoesTheSame) {
  const std::string started = FormatUtc(fixture.now_us - 48 * kHour);
  EXPECT_EQ(FieldOf(Create(started)), "started_time");
  fixture.Must(Create(started, "started on paper"));
  EXPECT_TRUE(IsLate());
  fixture.Must(Clear("qa1"));
  EXPECT_FALSE(IsLate());
}

TEST_F(ClaimedTimes, NoTestStartsBeforeItsSampleWasTaken) {
  const auto typed = Submit(Value(TimeUs{1769990399} * 1'000'000, "long ago"));
  ASSERT_FALSE(typed);
  EXPECT_NE(typed.error().message.find("was taken at 2026-02-02T08:00:00+08:00"),
            std::string::npos);
  EXPECT_EQ(Create("2026-02-01T23:59:59Z", "long ago").error().reason, ErrorReason::kWrongState);
  fixture.Must(Create("2026-02-02T00:00:00Z", "long ago"));
}

TEST(LateClaim, IsOlderThanTheHoursThatTheMethodAllows) {
  const auto method = FromText<v1::Method>("entry_limit_h: 4");
  const TimeUs now = SiteFixture::kStart;
  const auto late = [&](TimeUs hours) {
    return LateClaim(method, FormatUtc(now - hours * 3600 * TimeUs{1'000'000}), {}, false, now);
  };
  EXPECT_FALSE(late(4));
  ASSERT_TRUE(late(5));
  const auto asked = CheckLateReason(method, late(5), "");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_NE(asked[0].description.find("older than the 4 hours"), std::string::npos)
      << asked[0].description;
}

TEST_F(ClaimedTimes, AreMomentsThatHaveBeen) {
  EXPECT_EQ(FieldOf(Submit(Value(fixture.now_us + kHour))), "started_time");
  v1::SubmitResultRequest request = Value(fixture.now_us);
  request.set_started_time("yesterday");
  EXPECT_EQ(FieldOf(Submit(request)), "started_time");
  request.clear_started_time();
  request.set_instrument("pH meter\x1b");
  EXPECT_EQ(FieldOf(Submit(request)), "instrument");
}

TEST(LateDeclaration, IsAnyMomentButASubculture) {
  const auto method = FromText<v1::Method>(
      "observation { from: 'inoculation' subculture: 'passage' hours: 672 } "
      "setup_checks { name: 'inoculation' time: true } setup_checks { name: 'passage' time: true "
      "}");
  const TimeUs now = SiteFixture::kStart;
  const auto late = [&](const std::string& name, TimeUs hours) {
    const auto data = FromText<v1::SubmitRunRequest>(
        "setup { name: 'kit' value: '2026-01-01T00:00:00Z' } setup { name: '" + name +
        "' value: '" + FormatUtc(now - hours * 3600 * TimeUs{1'000'000}) + "' }");
    const auto found = LateDeclaration(method, data.setup(), now);
    return found ? found->field : "";
  };
  EXPECT_EQ(late("inoculation", 25), "setup[1].value");
  EXPECT_EQ(late("inoculation", 24), "");
  EXPECT_EQ(late("passage", 300), "");
}

TEST(AddLateEntry, KeepsWhatWasLateBeforeAndWaitsForQaAgain) {
  v1::Attempt attempt;
  AddLateEntry(FromText<v1::LateEntry>("claimed_time: 'C1' entered_time: 'E1' reason: 'one'"),
               &attempt);
  EXPECT_EQ(attempt.late_entry().reason(), "one");
  attempt.mutable_late_entry()->set_cleared_by("qa1");
  attempt.mutable_late_entry()->set_clear_reason("seen");
  AddLateEntry(FromText<v1::LateEntry>("claimed_time: 'C2' entered_time: 'E2' reason: 'two'"),
               &attempt);
  EXPECT_EQ(attempt.late_entry().claimed_time(), "C2");
  EXPECT_EQ(attempt.late_entry().reason(),
            "two; before that, at E1, C1: one (cleared by qa1: seen)");
  EXPECT_EQ(attempt.late_entry().cleared_by(), "");
}

TEST_F(ClaimedTimes, CopiedValuesWereMeasuredWhileTheSampleWasGood) {
  const auto copy = [&](const std::string& date) {
    auto request = FromText<v1::SubmitResultRequest>(
        "source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract laboratory' "
        "report_number: 'CL-77' performed_dates: '2026-02-10' performed_dates: '" +
        date + "' } scan { file_name: 'CL-77.pdf' content: 'scanned' } sample_id: 'W'");
    request.MergeFrom(PhValue("A", "7.0"));
    return FieldOf(Submit(request));
  };
  fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
      "tech2", "LotService/PlanSample", &PlanSample,
      "sample_id: 'W' lot_id: 'A' purpose: PURPOSE_RELEASE sampling_point: 'DP' "
      "use_by: '2026-02-20' amount { value: '1.0' unit: 'mL' }"));
  fixture.Must(fixture.DoText<v1::TakeSampleRequest>(
      "tech2", "LotService/TakeSample", &TakeSample,
      "sample_id: 'W' taken_time: '2026-02-05T08:00:00+08:00'"));
  fixture.Must(fixture.DoText<v1::ReceiveSampleRequest>(
      "sup1", "LotService/ReceiveSample", &ReceiveSample, "sample_id: 'W' condition: 'frozen'"));
  EXPECT_EQ(copy("2026-02-04"), "document.performed_dates[1]");
  EXPECT_EQ(copy("2026-02-21"), "document.performed_dates[1]");
  EXPECT_EQ(copy("2026-02-20"), "done");
}

}  // namespace
}  // namespace lims::app
