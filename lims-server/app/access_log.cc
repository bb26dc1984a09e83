#include "app/access_log.h"

#include "base/time.h"

namespace lims::app {
namespace {

// Beyond this many different refusals the counts are written out and forgotten.
constexpr std::size_t kMaxCounted = 1000;

bool IsRecorded(ErrorReason reason) {
  return reason == ErrorReason::kPermissionDenied || reason == ErrorReason::kWrongState ||
         reason == ErrorReason::kSegregation || reason == ErrorReason::kNotReleasable ||
         reason == ErrorReason::kPasswordMustChange || reason == ErrorReason::kAccountLocked;
}

}  // namespace

void AccessLog::RecordRepeats(v1::Act act, Repeats& repeats) {
  if (repeats.unrecorded == 0) return;
  Details details = repeats.details;
  details.emplace_back("repeated", std::to_string(repeats.unrecorded));
  record_(repeats.call, act, std::move(details));
  repeats.unrecorded = 0;
}

void AccessLog::Count(const Call& call, v1::Act act, const std::string& reason, Details details) {
  const std::int64_t minute = clock_.MonotonicUs() / kMinute;
  const std::lock_guard lock(mutex_);
  if (repeats_.size() > kMaxCounted) {
    for (auto& [key, repeats] : repeats_) RecordRepeats(std::get<0>(key), repeats);
    repeats_.clear();
  }
  const auto [found, fresh] = repeats_.try_emplace(Key{act, call.user_id, call.method, reason});
  Repeats& repeats = found->second;
  if (!fresh && repeats.minute == minute) {
    ++repeats.unrecorded;
    return;
  }
  RecordRepeats(act, repeats);
  repeats = {call, details, minute, 0};
  record_(call, act, std::move(details));
}

void AccessLog::NoteRefusal(const Call& call, const Error& error) {
  if (!IsRecorded(error.reason)) return;
  const std::string reason(ErrorReasonName(error.reason));
  Count(call, v1::ACT_REFUSED, reason,
        {{"method", call.method}, {"reason", reason}, {"message", error.message}});
}

void AccessLog::NoteForeignSession(const Call& call, const Error& error) {
  Call unproven = call;
  unproven.user_id.clear();
  Count(unproven, v1::ACT_REFUSED, "session of " + call.user_id + " on " + call.terminal,
        {{"method", call.method},
         {"reason", std::string(ErrorReasonName(error.reason))},
         {"message", error.message},
         {"user", call.user_id}});
}

void AccessLog::NoteRead(const Call& call) {
  Count(call, v1::ACT_READ, "", {{"method", call.method}});
}

void AccessLog::Flush() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, repeats] : repeats_) RecordRepeats(std::get<0>(key), repeats);
  repeats_.clear();
}

}  // namespace lims::app
