// Sessions end by the clock that the server is given; the wire is tested in tests/integration.
#include "app/sessions.h"

#include <gtest/gtest.h>

namespace lims::app {
namespace {

constexpr std::int64_t kOneSecondUs = 1'000'000;
constexpr std::int64_t kIdleUs = 10 * 60 * kOneSecondUs;
constexpr std::int64_t kAbsoluteUs = 12 * 3600 * kOneSecondUs;

class SessionsTest : public testing::Test {
 protected:
  std::string Open(const std::string& user = "tech1", const std::string& terminal = "t1") {
    return sessions_.Open(user, "Name of " + user, terminal, false);
  }
  Result<void> Check(const std::string& token, const std::string& terminal = "t1") {
    Call call;
    call.terminal_sha256 = terminal;
    return sessions_.Check(token, &call);
  }
  void ExpectEnded(const std::string& token, const std::string& terminal = "t1") {
    const auto checked = Check(token, terminal);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().reason, ErrorReason::kUnauthenticated);
    EXPECT_NE(checked.error().message.find("log in"), std::string::npos);
  }

  std::int64_t now_us_ = 0;
  Sessions sessions_{Clock([] { return std::int64_t{0}; }, [this] { return now_us_; })};
};

TEST_F(SessionsTest, SaysWhoActs) {
  const std::string token = sessions_.Open("tech1", "Technician One", "t1", true);
  Call call;
  call.terminal_sha256 = "t1";
  ASSERT_TRUE(sessions_.Check(token, &call));
  EXPECT_EQ(call.user_id, "tech1");
  EXPECT_EQ(call.user_name, "Technician One");
  EXPECT_EQ(call.session, token);
  EXPECT_TRUE(call.password_must_change);
}

TEST_F(SessionsTest, LastsTenIdleMinutes) {
  const std::string token = Open();
  now_us_ += kIdleUs;
  EXPECT_TRUE(Check(token));
  now_us_ += kIdleUs + 1;
  ExpectEnded(token);
  now_us_ -= kIdleUs;
  ExpectEnded(token);  // for good
}

TEST_F(SessionsTest, LastsTwelveHoursHoweverBusy) {
  const std::string token = Open();
  while (now_us_ + kIdleUs <= kAbsoluteUs) {
    now_us_ += kIdleUs;
    ASSERT_TRUE(Check(token)) << now_us_;
  }
  now_us_ = kAbsoluteUs + 1;
  ExpectEnded(token);
}

TEST_F(SessionsTest, IsBoundToItsTerminal) {
  const std::string token = Open();
  ExpectEnded(token, "t2");
  EXPECT_TRUE(Check(token));
}

TEST_F(SessionsTest, UseOnAnotherTerminalDoesNotKeepItAlive) {
  const std::string token = Open();
  now_us_ += kIdleUs;
  ExpectEnded(token, "t2");
  now_us_ += 1;
  ExpectEnded(token);
}

TEST_F(SessionsTest, OneSessionAUser) {
  const std::string earlier = Open();
  const std::string colleague = Open("tech2");
  const std::string later = Open();
  ExpectEnded(earlier);
  EXPECT_TRUE(Check(later));
  EXPECT_TRUE(Check(colleague));
}

TEST_F(SessionsTest, EndsWithLogOutAccountAndTerminal) {
  const std::string logged_out = Open("a");
  const std::string locked = Open("b");
  const std::string revoked = Open("c", "t2");
  const std::string other = Open("d");
  sessions_.Close(logged_out);
  sessions_.CloseUser("b");
  sessions_.CloseTerminal("t2");
  ExpectEnded(logged_out);
  ExpectEnded(locked);
  ExpectEnded(revoked, "t2");
  EXPECT_TRUE(Check(other));
}

TEST_F(SessionsTest, NoTokenIsNoSession) {
  ExpectEnded("");
  ExpectEnded(std::string(64, '0'));
}

TEST_F(SessionsTest, FifthWrongPasswordInARowLocksTheUser) {
  for (int i = 1; i < 5; ++i) EXPECT_FALSE(sessions_.CountFailure("tech1", "t1")) << i;
  EXPECT_TRUE(sessions_.CountFailure("tech1", "t1"));
  sessions_.ForgetFailures("tech1", "t1");
  EXPECT_FALSE(sessions_.CountFailure("tech1", "t1"));
}

TEST_F(SessionsTest, TerminalWaitsAMinuteAfterTenWrongPasswords) {
  for (int i = 0; i < 9; ++i) sessions_.CountFailure("user" + std::to_string(i), "t1");
  EXPECT_FALSE(sessions_.TerminalMustWait("t1"));
  sessions_.CountFailure("user9", "t1");
  EXPECT_TRUE(sessions_.TerminalMustWait("t1"));
  EXPECT_FALSE(sessions_.TerminalMustWait("t2"));
  now_us_ += 60 * kOneSecondUs - 1;
  EXPECT_TRUE(sessions_.TerminalMustWait("t1"));
  now_us_ += 1;
  EXPECT_FALSE(sessions_.TerminalMustWait("t1"));
}

}  // namespace
}  // namespace lims::app
