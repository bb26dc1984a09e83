#include "app/sessions.h"

#include "base/encoding.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/time.h"

namespace lims::app {
namespace {

constexpr TimeUs kIdleUs = 10 * kMinute;
constexpr TimeUs kAbsoluteUs = 12 * kHour;
constexpr int kUserFailures = 5;
constexpr int kTerminalFailures = 10;
constexpr TimeUs kTerminalWaitUs = kMinute;

std::string Digest(std::string_view token) {
  return std::string(AsBytes(Sha256(token)));
}

}  // namespace

std::string Sessions::Open(std::string user_id, std::string user_name, std::string terminal_sha256,
                           bool password_must_change) {
  const std::string token = HexEncode(RandomBytes(32));
  const std::string digest = Digest(token);
  const std::int64_t now = clock_.MonotonicUs();
  const std::lock_guard lock(mutex_);
  if (const auto earlier = digest_by_user_.find(user_id); earlier != digest_by_user_.end()) {
    by_digest_.erase(earlier->second);
  }
  digest_by_user_[user_id] = digest;
  by_digest_[digest] = Session{std::move(user_id),
                               std::move(user_name),
                               std::move(terminal_sha256),
                               password_must_change,
                               now,
                               now};
  return token;
}

Result<void> Sessions::Check(std::string_view token, Call* call) {
  const Error ended = MakeError(ErrorReason::kUnauthenticated, "no open session: log in again");
  if (token.empty()) return ended;
  const std::int64_t now = clock_.MonotonicUs();
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(Digest(token));
  if (found == by_digest_.end()) return ended;
  Session& session = found->second;
  if (session.terminal_sha256 != call->terminal_sha256) {
    call->user_id = session.user_id;
    return MakeError(ErrorReason::kUnauthenticated,
                     "the session was opened on another terminal: log in here");
  }
  if (now - session.used_us > kIdleUs || now - session.opened_us > kAbsoluteUs) {
    digest_by_user_.erase(session.user_id);
    by_digest_.erase(found);
    return MakeError(ErrorReason::kUnauthenticated, "the session ended: log in again");
  }
  session.used_us = now;
  call->session = token;
  call->user_id = session.user_id;
  call->user_name = session.user_name;
  call->password_must_change = session.password_must_change;
  return {};
}

Result<void> Sessions::CheckOpen(std::string_view token) {
  const std::int64_t now = clock_.MonotonicUs();
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(Digest(token));
  if (found == by_digest_.end() || now - found->second.used_us > kIdleUs ||
      now - found->second.opened_us > kAbsoluteUs) {
    return MakeError(ErrorReason::kUnauthenticated, "the session ended: log in again");
  }
  return {};
}

void Sessions::Close(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(Digest(token));
  if (found == by_digest_.end()) return;
  digest_by_user_.erase(found->second.user_id);
  by_digest_.erase(found);
}

void Sessions::CloseUser(std::string_view user_id) {
  const std::lock_guard lock(mutex_);
  const auto digest = digest_by_user_.find(std::string(user_id));
  if (digest == digest_by_user_.end()) return;
  by_digest_.erase(digest->second);
  digest_by_user_.erase(digest);
}

void Sessions::CloseTerminal(std::string_view terminal_sha256) {
  const std::lock_guard lock(mutex_);
  std::erase_if(by_digest_, [&](const auto& entry) {
    if (entry.second.terminal_sha256 != terminal_sha256) return false;
    digest_by_user_.erase(entry.second.user_id);
    return true;
  });
}

bool Sessions::CountFailure(const std::string& user_id, const std::string& terminal_sha256) {
  const std::lock_guard lock(mutex_);
  TerminalFailures& terminal = terminal_failures_[terminal_sha256];
  ++terminal.count;
  terminal.last_us = clock_.MonotonicUs();
  if (user_failures_.size() > 10'000) user_failures_.clear();  // names that nobody has
  return ++user_failures_[user_id] >= kUserFailures;
}

void Sessions::ForgetFailuresOf(const std::string& user_id) {
  const std::lock_guard lock(mutex_);
  user_failures_.erase(user_id);
}

void Sessions::ForgetFailures(const std::string& user_id, const std::string& terminal_sha256) {
  const std::lock_guard lock(mutex_);
  user_failures_.erase(user_id);
  terminal_failures_.erase(terminal_sha256);
}

bool Sessions::TerminalMustWait(const std::string& terminal_sha256) {
  const std::lock_guard lock(mutex_);
  const auto found = terminal_failures_.find(terminal_sha256);
  if (found == terminal_failures_.end() || found->second.count < kTerminalFailures) return false;
  if (clock_.MonotonicUs() - found->second.last_us < kTerminalWaitUs) return true;
  terminal_failures_.erase(found);
  return false;
}

}  // namespace lims::app
