// Who is logged in, from which terminal. In memory only: a restart means logging in again.
#ifndef LIMS_APP_SESSIONS_H_
#define LIMS_APP_SESSIONS_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/call.h"
#include "base/clock.h"
#include "base/result.h"

namespace lims::app {

class Sessions {
 public:
  explicit Sessions(Clock clock) : clock_(std::move(clock)) {}

  // Opens a session bound to the terminal and ends an earlier one of the user. The token has 256
  // random bits; only its SHA-256 is kept.
  std::string Open(std::string user_id, std::string user_name, std::string terminal_sha256,
                   bool password_must_change);
  // Fills user and flags of the call. UNAUTHENTICATED when there is no such session, it was opened
  // on another terminal (only then the user is filled in all the same: whose session it is), was
  // idle for 10 minutes or is 12 hours old.
  Result<void> Check(std::string_view token, Call* call);
  // The same for a call that goes on without its terminal doing anything: it is no use of the
  // session.
  Result<void> CheckOpen(std::string_view token);
  void Close(std::string_view token);
  void CloseUser(std::string_view user_id);
  void CloseTerminal(std::string_view terminal_sha256);

  // Wrong passwords in a row: the fifth for a user locks the account, and then true is returned; a
  // terminal that failed ten times waits a minute, so that one bad terminal cannot lock everybody.
  bool CountFailure(const std::string& user_id, const std::string& terminal_sha256);
  // After a right password.
  void ForgetFailures(const std::string& user_id, const std::string& terminal_sha256);
  // After the lock that they led to.
  void ForgetFailuresOf(const std::string& user_id);
  bool TerminalMustWait(const std::string& terminal_sha256);

 private:
  struct Session {
    std::string user_id;
    std::string user_name;
    std::string terminal_sha256;
    bool password_must_change = false;
    std::int64_t opened_us = 0;
    std::int64_t used_us = 0;
  };
  struct TerminalFailures {
    int count = 0;
    std::int64_t last_us = 0;
  };

  Clock clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Session> by_digest_;
  std::unordered_map<std::string, std::string> digest_by_user_;
  std::unordered_map<std::string, int> user_failures_;
  std::unordered_map<std::string, TerminalFailures> terminal_failures_;
};

}  // namespace lims::app

#endif  // LIMS_APP_SESSIONS_H_
