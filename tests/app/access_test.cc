// Who may log in, and what is recorded of those who may not.
#include "app/access.h"

#include "storage/log.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

class Access : public ::testing::Test {
 protected:
  Access() {
    fixture.SetAdministratorsPasswords();
    fixture.AddPerson("tech1", v1::ROLE_TECHNICIAN);
    SkipToEnd();
  }

  Result<v1::LogInResponse> LogIn(const std::string& user, const std::string& password) {
    v1::LogInRequest request;
    request.set_user_id(user);
    request.set_password(password);
    return app::LogIn(fixture.site(), fixture.As("", "AccessService/LogIn"), request);
  }
  ErrorReason Refusal(const std::string& user, const std::string& password = kPassword) {
    const auto response = LogIn(user, password);
    EXPECT_FALSE(response);
    return response ? ErrorReason::kUnspecified : response.error().reason;
  }
  void SetPassword(const std::string& old_password, const std::string& new_password) {
    v1::SetPasswordRequest request;
    request.set_password(old_password);
    request.set_new_password(new_password);
    fixture.Must(fixture.Do("tech1", "AccessService/SetPassword", &app::SetPassword, request));
  }
  void Lock() {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Refusal("tech1", "wrong"), ErrorReason::kWrongCredentials);
    }
  }
  Result<storage::RecordedAct> Disable() {
    v1::DisableUserRequest request;
    request.set_user_id("tech1");
    request.set_reason("left the company");
    return fixture.Do("admin1", "AccessService/DisableUser", &DisableUser, request);
  }

  // What came since the last call.
  std::vector<v1::Event> NewEvents() {
    EXPECT_TRUE(
        fixture.site().writer().ExecuteRaw([](storage::Connection&) { return Result<void>(); }));
    const auto entries = fixture.site().store().Read(
        [&](storage::Records& records) { return storage::Entries(records.db(), seen_, 1000); });
    std::vector<v1::Event> events;
    for (const storage::Entry& entry : *entries) {
      EXPECT_TRUE(tlog::ParseCanonicalJson(entry.bytes, &events.emplace_back()));
    }
    seen_ += static_cast<std::int64_t>(events.size());
    return events;
  }
  void SkipToEnd() { NewEvents(); }
  static std::string DetailOf(const v1::Event& event, const std::string& name) {
    for (const v1::Detail& detail : event.details()) {
      if (detail.name() == name) return detail.value();
    }
    return "";
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  std::int64_t seen_ = 0;
};

TEST_F(Access, TheSamePasswordComposedAndDecomposedLogsIn) {
  const std::string composed = "un mot tr\u00e8s secret\u00e9";
  const std::string decomposed = "un mot tre\u0300s secrete\u0301";
  SetPassword(kPassword, composed);
  EXPECT_TRUE(LogIn("tech1", composed));
  EXPECT_TRUE(LogIn("tech1", decomposed));
  // The one asked for with the change is the same too; and the change keeps either.
  SetPassword(decomposed, decomposed + "!");
  EXPECT_TRUE(LogIn("tech1", composed + "!"));
  EXPECT_TRUE(LogIn("tech1", decomposed + "!"));
  EXPECT_EQ(Refusal("tech1", "un mot tres secrete!"), ErrorReason::kWrongCredentials);
}

TEST_F(Access, ANewPasswordIsCountedAsComposed) {
  v1::SetPasswordRequest request;
  request.set_password(kPassword);
  // 14 letters, one more when the accent counts.
  request.set_new_password("fourteen lette\u0301");
  const auto short_one =
      fixture.Do("tech1", "AccessService/SetPassword", &app::SetPassword, request);
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().violations[0].field, "new_password");
}

TEST_F(Access, ARightPasswordOnALockedAccountIsRecordedOnceAMinute) {
  Lock();
  SkipToEnd();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Refusal("tech1"), ErrorReason::kAccountLocked);
  auto events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].act(), v1::ACT_REFUSED);
  EXPECT_EQ(events[0].stream().substr(0, 7), "access/");
  EXPECT_EQ(events[0].actor().user_id(), "tech1");
  EXPECT_EQ(events[0].actor().name(), "Name of tech1");
  EXPECT_EQ(DetailOf(events[0], "method"), "lims.v1.AccessService/LogIn");
  EXPECT_EQ(DetailOf(events[0], "reason"), "ACCOUNT_LOCKED");
  EXPECT_EQ(events[0].ShortDebugString().find(kPassword), std::string::npos);
  fixture.site().access_log().Flush();
  events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(DetailOf(events[0], "repeated"), "99");
}

TEST_F(Access, ALockHoldsAfterARestart) {
  Lock();
  fixture.Close();
  fixture.Open();
  EXPECT_EQ(Refusal("tech1"), ErrorReason::kAccountLocked);
}

TEST_F(Access, AnEndedAccountAnswersAndIsRecordedLikeAWrongPassword) {
  fixture.Must(Disable());
  SkipToEnd();
  EXPECT_EQ(Refusal("tech1"), ErrorReason::kWrongCredentials);
  const auto events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].act(), v1::ACT_LOG_IN_FAILED);
  EXPECT_EQ(DetailOf(events[0], "user"), "tech1");
}

TEST_F(Access, NothingIsConfirmedOnAnEndedAccount) {
  v1::GrantRoleRequest grant;
  grant.set_user_id("tech1");
  grant.set_role(v1::ROLE_REVIEWER);
  fixture.Must(fixture.Do("admin1", "AccessService/GrantRole", &GrantRole, grant));
  fixture.Must(Disable());
  v1::ConfirmUserRequest confirm;
  confirm.set_user_id("tech1");
  const auto confirmed = fixture.Do("admin2", "AccessService/ConfirmUser", &ConfirmUser, confirm);
  ASSERT_FALSE(confirmed);
  EXPECT_EQ(confirmed.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(confirmed.error().message.find("DISABLED"), std::string::npos);
}

}  // namespace
}  // namespace lims::app
