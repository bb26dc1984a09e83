// Who may log in, and what is recorded of those who may not.
#include "app/access.h"

#include <future>
#include <thread>

#include "lims/v1/audit_service.pb.h"
#include "storage/log.h"
#include "support/refusal.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

class Access : public ::testing::Test {
 protected:
  Access() {
    fixture.SetAdministratorsPasswords();
    fixture.AddPerson("tech1", v1::ROLE_TECHNICIAN);
    fixture.AddPerson("qa1", v1::ROLE_QA);
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
  static constexpr char kCode[] = "another one-time code";
  Result<storage::RecordedAct> Unlock(const std::string& by, const std::string& user = "tech1") {
    return fixture.DoText<v1::UnlockUserRequest>(
        by, "AccessService/UnlockUser", &UnlockUser,
        "user_id: '" + user + "' one_time_code: '" + kCode + "' reason: 'forgot the password'");
  }
  Result<storage::RecordedAct> Grant(const std::string& by, v1::Role role) {
    v1::GrantRoleRequest request;
    request.set_user_id("tech1");
    request.set_role(role);
    return fixture.Do(by, "AccessService/GrantRole", &GrantRole, request);
  }
  Result<storage::RecordedAct> Confirm(const std::string& by, const std::string& user = "tech1",
                                       const std::vector<v1::Role>& roles = {}) {
    v1::ConfirmUserRequest request;
    request.set_user_id(user);
    for (const v1::Role role : roles) request.add_roles(role);
    return fixture.Do(by, "AccessService/ConfirmUser", &ConfirmUser, request);
  }
  Result<storage::RecordedAct> Revoke(const std::string& by, v1::Role role,
                                      const std::string& user = "tech1") {
    v1::RevokeRoleRequest request;
    request.set_user_id(user);
    request.set_role(role);
    request.set_reason("moved to another laboratory");
    return fixture.Do(by, "AccessService/RevokeRole", &RevokeRole, request);
  }
  v1::User User(const std::string& user) {
    const auto found = fixture.site().store().Read(
        [&](storage::Records& records) { return records.Get<v1::User>({user}); });
    EXPECT_TRUE(found);
    return found ? found->record : v1::User();
  }
  std::vector<v1::Role> Roles() { return ConfirmedRoles(User("tech1")); }
  Result<storage::RecordedAct> Disable(const std::string& user = "tech1") {
    v1::DisableUserRequest request;
    request.set_user_id(user);
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
  EXPECT_TRUE(NewEvents().empty());  // the minute is not over
  fixture.now_us += kMinute;
  fixture.site().access_log().Flush();
  events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(DetailOf(events[0], "repeated"), "99");
  fixture.site().access_log().Flush();
  EXPECT_TRUE(NewEvents().empty());  // said once
}

class Noted : public Access {
 protected:
  void Refuse(const std::string& message) {
    log().NoteRefusal(fixture.As("qp1", "ReleaseService/Sign"),
                      MakeError(ErrorReason::kNotReleasable, message));
  }
  void Read(const google::protobuf::Message& request) {
    log().NoteRead(fixture.As("auditor1", "LotService/GetLot"), NamedIn(request));
  }
  AccessLog& log() { return fixture.site().access_log(); }
};

TEST_F(Noted, RefusalsForTwoLotsInOneMinuteAreBothRecorded) {
  for (const char* lot : {"A", "B", "A"}) Refuse(std::string("lot ") + lot + " has blockers");
  auto events = NewEvents();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(DetailOf(events[0], "message"), "lot A has blockers");
  EXPECT_EQ(DetailOf(events[1], "message"), "lot B has blockers");
  log().FlushAll();  // the server stops within the minute
  events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(DetailOf(events[0], "message"), "lot A has blockers");
  EXPECT_EQ(DetailOf(events[0], "repeated"), "1");
}

TEST_F(Noted, ARefusalThatNamesSomethingElseEachTimeDoesNotFloodTheLog) {
  constexpr int kRefused = 5000;
  for (int i = 0; i < kRefused; ++i) Refuse("lot L-" + std::to_string(i) + " has blockers");
  auto events = NewEvents();
  ASSERT_LT(events.size(), 200u);
  EXPECT_EQ(DetailOf(events.back(), "message"), "");
  EXPECT_NE(DetailOf(events.back(), "others"), "");
  std::size_t told = events.size();
  fixture.now_us += kMinute;
  log().Flush();
  events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  told += static_cast<std::size_t>(std::stoi(DetailOf(events[0], "repeated")));
  EXPECT_EQ(told, static_cast<std::size_t>(kRefused));
  Refuse("lot L-4999 has blockers");  // another minute
  events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(DetailOf(events[0], "message"), "lot L-4999 has blockers");
}

TEST_F(Noted, ReadsOfTwoLotsInOneMinuteAreTwoNotesThatNameThem) {
  for (const char* lot : {"A", "B", "A"}) {
    v1::GetLotRequest request;
    request.set_lot_id(lot);
    Read(request);
  }
  const auto events = NewEvents();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].act(), v1::ACT_READ);
  EXPECT_EQ(DetailOf(events[0], "lot_id"), "A");
  EXPECT_EQ(DetailOf(events[1], "lot_id"), "B");
}

TEST_F(Noted, ARequestNamesRecordsAndNothingElse) {
  v1::ListResultsRequest results;
  results.set_lot_id("A");
  results.set_line_code("PH");
  results.set_page_token("cGFnZQ");
  results.set_page_size(7);
  EXPECT_EQ(NamedIn(results), (AccessLog::Details{{"lot_id", "A"}, {"line_code", "PH"}}));
  v1::GetSpecificationRequest specification;
  specification.set_product_id("P");
  EXPECT_EQ(NamedIn(specification), (AccessLog::Details{{"product_id", "P"}}));
  EXPECT_EQ(NamedIn(v1::ProveEventRequest()), (AccessLog::Details{{"index", "0"}}));
  EXPECT_TRUE(NamedIn(v1::ListLotsRequest()).empty());
  v1::GetLotRequest long_id;
  long_id.set_lot_id(std::string(100'000, 'x'));
  EXPECT_EQ(NamedIn(long_id), (AccessLog::Details{{"lot_id", "(100000 bytes)"}}));
}

TEST_F(Noted, WhatTheFullQueueDidNotTakeIsTold) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::thread pause([&] {
    EXPECT_TRUE(fixture.site().writer().ExecuteRaw([&](storage::Connection&) {
      begun.set_value();
      go_on.get_future().wait();
      return Result<void>();
    }));
  });
  begun.get_future().wait();
  for (int i = 0; i < 4096; ++i) {
    storage::Command filler;
    filler.run = [](storage::Transaction&) -> Result<void> { return WrongState("never meant"); };
    filler.done = [](const Result<storage::RecordedAct>&) {};
    fixture.site().writer().Enqueue(std::move(filler));
  }
  EXPECT_TRUE(log().TakeLost().empty());
  Refuse("lot A\nhas blockers");
  go_on.set_value();
  pause.join();
  const std::vector<std::string> lost = log().TakeLost();
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_NE(lost[0].find("ACT_REFUSED by qp1 on console"), std::string::npos) << lost[0];
  EXPECT_NE(lost[0].find("lot A?has blockers"), std::string::npos) << lost[0];
  EXPECT_TRUE(log().TakeLost().empty());
}

TEST_F(Access, ALockHoldsAfterARestart) {
  Lock();
  fixture.Close();
  fixture.Open();
  EXPECT_EQ(Refusal("tech1"), ErrorReason::kAccountLocked);
}

TEST_F(Access, WhoeverIsLetInAgainHasFivePasswordsAgain) {
  Lock();
  fixture.Must(Unlock("admin1"));
  fixture.Must(Confirm("admin2"));
  EXPECT_EQ(Refusal("tech1", "mistyped"), ErrorReason::kWrongCredentials);
  EXPECT_TRUE(LogIn("tech1", kCode));
}

TEST_F(Access, APasswordIsNotSetOnACredentialThatWasReplacedMeanwhile) {
  v1::SetPasswordRequest request;
  request.set_request_id(NewUuid());
  request.set_password(kPassword);
  request.set_new_password("the words of whoever had the old one");
  const Call call = fixture.As("tech1", "AccessService/SetPassword");
  auto planned = app::SetPassword(fixture.site(), call, request);  // the hash takes its time
  ASSERT_TRUE(planned);
  fixture.Must(Unlock("admin1"));
  fixture.Must(Confirm("admin2"));
  const auto late = fixture.Record(call, request.request_id(), request, std::move(planned));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, ErrorReason::kChanged);
  EXPECT_TRUE(LogIn("tech1", kCode));
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

TEST_F(Access, ANewCodeOpensNothingUntilASecondPersonConfirmsIt) {
  for (const bool locked : {false, true}) {
    if (locked) Lock();
    for (const std::string second : {"admin2", "qa1"}) {
      fixture.Must(Unlock("admin1"));
      EXPECT_EQ(User("tech1").state(), v1::USER_STATE_PROPOSED);
      EXPECT_TRUE(User("tech1").vkey().empty());
      EXPECT_EQ(Refusal("tech1", kCode), ErrorReason::kWrongState);
      EXPECT_EQ(Refusal("tech1", kPassword), ErrorReason::kWrongCredentials);
      v1::SetPasswordRequest set;
      set.set_password(kCode);
      set.set_new_password("chosen by the administrator");
      const auto taken = fixture.Do("tech1", "AccessService/SetPassword", &app::SetPassword, set);
      ASSERT_FALSE(taken);
      EXPECT_EQ(taken.error().reason, ErrorReason::kWrongState);
      EXPECT_EQ(Confirm("admin1").error().reason, ErrorReason::kSegregation);
      fixture.Must(Confirm(second));
      const auto opened = LogIn("tech1", kCode);
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_TRUE(opened->password_must_change());
      SetPassword(kCode, kPassword);
      EXPECT_EQ(User("tech1").state(), v1::USER_STATE_ACTIVE);
      EXPECT_EQ(Roles(), std::vector<v1::Role>{v1::ROLE_TECHNICIAN});
    }
  }
}

// Of two administrators none could confirm the code of the other.
TEST_F(Access, QaConfirmsTheNewCodeOfAnAdministrator) {
  fixture.Must(Unlock("admin1", "admin2"));
  EXPECT_EQ(Confirm("admin1", "admin2").error().reason, ErrorReason::kSegregation);
  fixture.Must(Confirm("qa1", "admin2"));
  EXPECT_TRUE(LogIn("admin2", kCode));
}

TEST_F(Access, ACodeThatWaitsIsReplacedAndThenAnotherThanItsLastGiverConfirms) {
  fixture.Must(Unlock("admin1"));
  fixture.Must(Unlock("admin2"));
  EXPECT_EQ(Confirm("admin2").error().reason, ErrorReason::kSegregation);
  fixture.Must(Confirm("admin1"));
  EXPECT_TRUE(LogIn("tech1", kCode));
}

TEST_F(Access, EachAdministratorConfirmsWhatTheOtherProposed) {
  fixture.Must(Grant("admin1", v1::ROLE_REVIEWER));
  fixture.Must(Grant("admin2", v1::ROLE_LAB_SUPERVISOR));
  fixture.Must(Confirm("admin1", "tech1", {v1::ROLE_LAB_SUPERVISOR}));
  EXPECT_EQ(Roles(), (std::vector<v1::Role>{v1::ROLE_TECHNICIAN, v1::ROLE_LAB_SUPERVISOR}));
  EXPECT_EQ(Confirm("admin1").error().reason, ErrorReason::kSegregation);
  EXPECT_EQ(Confirm("admin1", "tech1", {v1::ROLE_REVIEWER}).error().reason,
            ErrorReason::kSegregation);
  fixture.Must(Confirm("admin2", "tech1", {v1::ROLE_REVIEWER}));
  EXPECT_EQ(Roles().size(), 3u);
  EXPECT_EQ(Confirm("admin2").error().reason, ErrorReason::kWrongState);
}

// Proposed while the other administrator was asked to confirm the first.
TEST_F(Access, ARoleIsConfirmedByWhoHasSeenIt) {
  fixture.Must(Grant("admin1", v1::ROLE_REVIEWER));
  fixture.Must(Grant("admin1", v1::ROLE_QP));
  EXPECT_EQ(Words(Confirm("admin2")),
            "roles: name with --role what you have seen and confirm; for tech1 wait: REVIEWER, QP");
  EXPECT_EQ(Words(Confirm("admin2", "tech1", {v1::ROLE_QA})),
            "roles: QA does not wait for confirmation");
  fixture.Must(Confirm("admin2", "tech1", {v1::ROLE_REVIEWER}));
  EXPECT_EQ(Roles(), (std::vector<v1::Role>{v1::ROLE_TECHNICIAN, v1::ROLE_REVIEWER}));
  // Beside the code of the other administrator, one's own proposal is not passed over in silence.
  fixture.Must(Unlock("admin1"));
  fixture.Must(Grant("admin2", v1::ROLE_LAB_SUPERVISOR));
  EXPECT_EQ(Confirm("admin2", "tech1", {v1::ROLE_LAB_SUPERVISOR}).error().reason,
            ErrorReason::kSegregation);
  EXPECT_EQ(Words(Confirm("qa1", "tech1", {v1::ROLE_QP})),
            "roles: QP is confirmed by an account administrator");
  fixture.Must(Confirm("qa1"));
  EXPECT_EQ(Roles().size(), 2u);
}

// The account would be opened with the code of whoever confirms it.
TEST_F(Access, ConfirmingARoleOfTheOtherOpensNoAccountOfOnesOwn) {
  fixture.Must(fixture.DoText<v1::AddUserRequest>(
      "admin1", "AccessService/AddUser", &AddUser,
      "user_id: 'new1' name: 'New One' role: ROLE_TECHNICIAN one_time_code: '" +
          std::string(kCode) + "'"));
  v1::GrantRoleRequest grant;
  grant.set_user_id("new1");
  grant.set_role(v1::ROLE_QP);
  fixture.Must(fixture.Do("admin2", "AccessService/GrantRole", &GrantRole, grant));
  fixture.Must(Confirm("admin1", "new1", {v1::ROLE_QP}));
  EXPECT_EQ(Refusal("new1", kCode), ErrorReason::kWrongState);
  fixture.Must(Confirm("admin2", "new1", {v1::ROLE_TECHNICIAN}));
  EXPECT_TRUE(LogIn("new1", kCode));
}

TEST_F(Access, AnAccountProposedBeforeCodesHadTheirGiverIsOpenedWithItsRole) {
  v1::User user = User("tech1");
  user.set_state(v1::USER_STATE_PROPOSED);
  user.mutable_grants(0)->clear_confirmed_by();
  storage::ActInfo info;
  info.act = v1::ACT_START_SERVER;
  EXPECT_TRUE(fixture.site().writer().Execute(std::move(info), [&](storage::Transaction& tx) {
    tx.Put(user);
    return Result<void>();
  }));
  EXPECT_EQ(Confirm("admin1").error().reason, ErrorReason::kSegregation);
  fixture.Must(Confirm("admin2", "tech1", {v1::ROLE_TECHNICIAN}));
  EXPECT_EQ(User("tech1").state(), v1::USER_STATE_INITIAL);
}

TEST_F(Access, OneAdministratorEndsARoleOrDeclinesAProposal) {
  fixture.Must(Grant("admin1", v1::ROLE_REVIEWER));
  fixture.Must(Revoke("admin2", v1::ROLE_REVIEWER));
  EXPECT_EQ(Confirm("admin2").error().reason, ErrorReason::kWrongState);
  SkipToEnd();
  fixture.Must(Revoke("admin1", v1::ROLE_TECHNICIAN));
  EXPECT_TRUE(Roles().empty());
  const auto events = NewEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].act(), v1::ACT_REVOKE_ROLE);
  EXPECT_EQ(events[0].stream(), "user/tech1");
  EXPECT_EQ(events[0].reason().text(), "moved to another laboratory");
  EXPECT_EQ(Revoke("admin1", v1::ROLE_TECHNICIAN).error().reason, ErrorReason::kNotFound);
  // It comes back as any role is given: by two.
  fixture.Must(Grant("admin1", v1::ROLE_TECHNICIAN));
  EXPECT_TRUE(Roles().empty());
  fixture.Must(Confirm("admin2", "tech1", {v1::ROLE_TECHNICIAN}));
  EXPECT_EQ(Roles(), std::vector<v1::Role>{v1::ROLE_TECHNICIAN});
}

// Two give a role: one left alone could never get a second.
TEST_F(Access, TwoAdministratorsRemainWhenAnAccountEnds) {
  for (const char* user : {"admin2", "admin1"}) {
    const auto last = Disable(user);
    ASSERT_FALSE(last) << user;
    EXPECT_EQ(last.error().reason, ErrorReason::kWrongState);
    EXPECT_NE(last.error().message.find("confirm another account administrator first"),
              std::string::npos)
        << last.error().message;
    EXPECT_EQ(User(user).state(), v1::USER_STATE_ACTIVE);
  }
  fixture.Must(Disable("qa1"));
  fixture.AddPerson("admin3", v1::ROLE_ACCOUNT_ADMIN);
  fixture.Must(Unlock("admin1", "admin3"));  // waits for confirmation, so it does not count
  EXPECT_EQ(Disable("admin2").error().reason, ErrorReason::kWrongState);
  fixture.Must(Confirm("admin2", "admin3"));
  v1::SetPasswordRequest set;
  set.set_password(kCode);
  set.set_new_password(kPassword);
  fixture.Must(fixture.Do("admin3", "AccessService/SetPassword", &app::SetPassword, set));
  fixture.Must(Disable("admin2"));
  EXPECT_EQ(Disable("admin3").error().reason, ErrorReason::kWrongState);
}

TEST_F(Access, TwoAdministratorsRemainWhenARoleIsTakenAway) {
  for (const char* user : {"admin2", "admin1"}) {
    const auto last = Revoke("admin1", v1::ROLE_ACCOUNT_ADMIN, user);
    ASSERT_FALSE(last) << user;
    EXPECT_EQ(last.error().reason, ErrorReason::kWrongState);
    EXPECT_EQ(ConfirmedRoles(User(user)), std::vector<v1::Role>{v1::ROLE_ACCOUNT_ADMIN});
  }
  fixture.AddPerson("admin3", v1::ROLE_ACCOUNT_ADMIN);
  fixture.Must(Revoke("admin1", v1::ROLE_ACCOUNT_ADMIN, "admin2"));
  EXPECT_EQ(Revoke("admin1", v1::ROLE_ACCOUNT_ADMIN, "admin3").error().reason,
            ErrorReason::kWrongState);
}

// A proposal gives nothing yet.
TEST_F(Access, AProposedAdministratorIsDeclinedByOne) {
  fixture.Must(fixture.DoText<v1::AddUserRequest>(
      "admin1", "AccessService/AddUser", &AddUser,
      "user_id: 'new1' name: 'New One' role: ROLE_ACCOUNT_ADMIN one_time_code: '" +
          std::string(kCode) + "'"));
  fixture.Must(Revoke("admin2", v1::ROLE_ACCOUNT_ADMIN, "new1"));
  fixture.Must(Disable("new1"));
}

TEST_F(Access, NothingIsConfirmedOnAnEndedAccount) {
  fixture.Must(Grant("admin1", v1::ROLE_REVIEWER));
  fixture.Must(Disable());
  const auto confirmed = Confirm("admin2");
  ASSERT_FALSE(confirmed);
  EXPECT_EQ(confirmed.error().reason, ErrorReason::kWrongState);
  EXPECT_NE(confirmed.error().message.find("DISABLED"), std::string::npos);
}

}  // namespace
}  // namespace lims::app
