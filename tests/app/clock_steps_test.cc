// A clock that was set by more than a minute stops signing until two people have compared it.
#include "app/clock_steps.h"

#include "app/system.h"
#include "app/upkeep.h"
#include "app/verify.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class ClockGuard : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddLot("A", "MCB");
    upkeep.emplace(fixture.site());
  }
  // The clock is set, and the server looks at it.
  void Set(TimeUs by) {
    fixture.now_us += kSecond;
    fixture.clock_set_us += by;
    upkeep->Tick();
  }
  // The same while the server is stopped.
  void SetWhileStopped(TimeUs by) {
    upkeep.reset();
    fixture.Close();
    fixture.clock_set_us += by;
    fixture.Open();
    upkeep.emplace(fixture.site());
    upkeep->Tick();
  }
  std::string Shown() { return FormatLocal(fixture.clock().Now(), 480); }

  Result<storage::RecordedAct> Confirm(const std::string& user, int number,
                                       const std::string& reason = "radio clock: 0.1 s apart") {
    v1::ConfirmClockRequest request;
    request.set_number(number);
    request.set_reason(reason);
    return fixture.Do(user, "SystemService/ConfirmClock", &ConfirmClock, request);
  }
  Result<storage::RecordedAct> SignHold() {
    return fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'a question' }");
  }
  void ExpectSignedNow(const Result<storage::RecordedAct>& act) {
    ASSERT_TRUE(act) << act.error().message;
    EXPECT_EQ(act->events[0].time_us(), fixture.clock().Now());
    for (const v1::Event& event : act->events) {
      for (const v1::Record& record : event.records()) {
        if (!record.has_signature()) continue;
        EXPECT_NE(record.signature().note().find("signed-at: " + Shown()), std::string::npos)
            << record.signature().note();
      }
    }
  }
  void ExpectStopped(const std::string& says) {
    const auto refused = SignHold();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, ErrorReason::kWrongState);
    EXPECT_NE(refused.error().message.find(says), std::string::npos) << refused.error().message;
  }
  std::vector<v1::ClockStep> Waiting() {
    const auto info = fixture.site().store().Read([&](storage::Records& records) {
      return GetServerInfo(fixture.site(), records, v1::GetServerInfoRequest());
    });
    EXPECT_TRUE(info);
    return {info->clock_steps().begin(), info->clock_steps().end()};
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  std::optional<Upkeep> upkeep;
};

TEST_F(ClockGuard, AStepOfAMinuteStopsNothing) {
  for (const TimeUs step : {kMinute, -kMinute}) {
    Set(step);
    EXPECT_TRUE(Waiting().empty());
    fixture.Must(SignHold());
  }
}

TEST_F(ClockGuard, ALargerStepStopsSigningInEitherDirection) {
  int number = 0;
  for (const TimeUs step : {kMinute + kSecond, -(kMinute + kSecond), 3 * kDay, -3 * kDay}) {
    const std::string from = FormatLocal(fixture.clock().Now() + kSecond, 480);
    Set(step);
    ++number;
    ExpectStopped("the server's clock was set from " + from + " to " + Shown() +
                  ": nobody signs until an account administrator and QA have each compared it with "
                  "another clock and confirmed it: lims clock confirm " +
                  std::to_string(number) + " --reason TEXT");
    const auto waiting = Waiting();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].step_us(), step);
    EXPECT_EQ(waiting[0].from_time(), from);
    EXPECT_EQ(waiting[0].to_time(), Shown());
    fixture.Must(Confirm("admin1", number));
    fixture.Must(Confirm("qa1", number));
    ExpectSignedNow(SignHold());
  }
}

TEST_F(ClockGuard, AClockThatWasSetBackWhileTheServerWasStoppedStopsSigning) {
  SetWhileStopped(-(kMinute - kSecond));
  fixture.Must(SignHold());
  SetWhileStopped(-kMinute);  // from the newest event on more than a minute
  ExpectStopped("lims clock confirm 1");
  SetWhileStopped(0);  // the same step, seen again at the next start
  fixture.Must(Confirm("admin1", 1));
  fixture.Must(Confirm("qa1", 1));
  ExpectSignedNow(SignHold());
}

TEST_F(ClockGuard, OneConfirmationIsNotEnough) {
  Set(3 * kDay);
  fixture.Must(Confirm("admin1", 1));
  ExpectStopped("until QA has compared");
  const auto again = Confirm("admin2", 1);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(again.error().message.find("already by admin1"), std::string::npos);
  fixture.Must(Confirm("qa1", 1));
  fixture.Must(SignHold());

  Set(-3 * kDay);
  fixture.Must(Confirm("qa1", 2));
  ExpectStopped("until an account administrator has compared");
  fixture.Must(Confirm("admin2", 2));
  fixture.Must(SignHold());
}

TEST_F(ClockGuard, WhoConfirmedItAsQaDoesNotConfirmItAsAdministrator) {
  fixture.AddPerson("qa2", v1::ROLE_QA);
  Set(3 * kDay);
  fixture.Must(Confirm("qa2", 1));
  fixture.Must(
      fixture.DoText<v1::RevokeRoleRequest>("admin1", "AccessService/RevokeRole", &RevokeRole,
                                            "user_id: 'qa2' role: ROLE_QA reason: 'another desk'"));
  fixture.Must(fixture.DoText<v1::GrantRoleRequest>("admin1", "AccessService/GrantRole", &GrantRole,
                                                    "user_id: 'qa2' role: ROLE_ACCOUNT_ADMIN"));
  fixture.Must(fixture.DoText<v1::ConfirmUserRequest>("admin2", "AccessService/ConfirmUser",
                                                      &ConfirmUser,
                                                      "user_id: 'qa2' roles: ROLE_ACCOUNT_ADMIN"));
  EXPECT_EQ(Confirm("qa2", 1).error().reason, ErrorReason::kSegregation);
  ExpectStopped("until an account administrator has compared");
  fixture.Must(Confirm("admin1", 1));
  fixture.Must(SignHold());
}

TEST_F(ClockGuard, AConfirmationSaysWithWhatTheClockWasCompared) {
  Set(3 * kDay);
  EXPECT_EQ(Confirm("admin1", 1, "").error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(Confirm("admin1", 2).error().reason, ErrorReason::kNotFound);
  EXPECT_EQ(Confirm("qp1", 1).error().reason, ErrorReason::kPermissionDenied);
  const auto confirmed = Confirm("admin1", 1);
  fixture.Must(confirmed);
  EXPECT_EQ(confirmed->events[0].stream(), "clock");
  EXPECT_EQ(confirmed->events[0].reason().text(), "radio clock: 0.1 s apart");
  EXPECT_EQ(Waiting()[0].administrator().user_id(), "admin1");
  EXPECT_EQ(Waiting()[0].administrator().reason(), "radio clock: 0.1 s apart");
}

TEST_F(ClockGuard, WhatWasPreparedBeforeTheStepIsNotSigned) {
  v1::PrepareSignatureRequest prepare;
  *prepare.mutable_intent() = FromText<v1::Intent>("hold { lot_id: 'A' reason: 'a question' }");
  const auto prepared = PrepareSignature(
      fixture.site(), fixture.As("qa1", "SignatureService/PrepareSignature"), prepare);
  ASSERT_TRUE(prepared);
  Set(3 * kDay);
  EXPECT_EQ(fixture.SignManifest("qa1", prepared->manifest()).error().reason,
            ErrorReason::kWrongState);
  fixture.Must(Confirm("admin1", 1));
  fixture.Must(Confirm("qa1", 1));
  fixture.Must(fixture.SignManifest("qa1", prepared->manifest()));
}

// Three days ahead and set right again: what is signed then has the right date, and data that were
// entered meanwhile keep their order.
TEST_F(ClockGuard, EachStepNeedsItsOwnConfirmationsAndThenTheLogFollowsTheClock) {
  Set(3 * kDay);
  const TimeUs ahead = fixture.clock().Now();
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  Set(-3 * kDay);
  const auto sample = fixture.DoText<v1::PlanSampleRequest>(
      "tech1", "LotService/PlanSample", &PlanSample,
      "sample_id: 'A-S2' lot_id: 'A' purpose: PURPOSE_TRAINING sampling_point: 'DP' "
      "amount { value: '1' unit: 'mL' }");
  fixture.Must(sample);
  EXPECT_GE(sample->events[0].time_us(), ahead);
  fixture.Must(Confirm("admin1", 1));
  fixture.Must(Confirm("admin1", 2));
  ExpectStopped("; 2 such steps wait, see lims clock show");
  const auto first = Confirm("qa1", 1);
  fixture.Must(first);
  EXPECT_GE(first->events[0].time_us(), ahead);
  ExpectStopped("lims clock confirm 2");
  const auto last = Confirm("qa1", 2);
  fixture.Must(last);
  EXPECT_EQ(last->events[0].time_us(), fixture.clock().Now());
  EXPECT_TRUE(Waiting().empty());
  ExpectSignedNow(SignHold());

  // The next start goes on from there.
  SetWhileStopped(0);
  EXPECT_TRUE(Waiting().empty());
  ExpectSignedNow(SignHold());
  const auto report = VerifySite({folder.path(), "", true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
}

}  // namespace
}  // namespace lims::app
