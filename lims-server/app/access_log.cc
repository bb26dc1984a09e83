#include "app/access_log.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "base/time.h"

namespace lims::app {
namespace {

// Of one user, method and reason this many different ones a minute are listed by themselves, and of
// all together so many; what is beyond is one more entry that counts.
constexpr std::ptrdiff_t kListedOfEach = 100;
constexpr std::size_t kListedOfAll = 1000;
constexpr std::size_t kLostKept = 100;
// An id is shorter; what is asked for need not be one.
constexpr std::size_t kMaxValueBytes = 200;

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

bool AccessLog::HasRoom(const Key& key) const {
  if (repeats_.size() >= kListedOfAll) return false;
  const auto& [act, user, method, reason, about] = key;
  const auto first = repeats_.lower_bound(Key{act, user, method, reason, ""});
  std::ptrdiff_t listed = 0;
  for (auto each = first; each != repeats_.end() && listed < kListedOfEach; ++each) {
    const auto& [other_act, other_user, other_method, other_reason, ignored] = each->first;
    if (std::tie(other_act, other_user, other_method, other_reason) !=
        std::tie(act, user, method, reason)) {
      break;
    }
    ++listed;
  }
  return listed < kListedOfEach;
}

void AccessLog::Count(const Call& call, v1::Act act, const std::string& reason, Details details,
                      const Details& about) {
  const std::int64_t minute = clock_.MonotonicUs() / kMinute;
  std::string apart;
  for (const auto& [name, value] : about) apart += name + "=" + value + "\n";
  const std::lock_guard lock(mutex_);
  Key key{act, call.user_id, call.method, reason, std::move(apart)};
  if (about.empty() || repeats_.contains(key) || HasRoom(key)) {
    details.insert(details.end(), about.begin(), about.end());
  } else {
    std::get<4>(key).clear();
    details.emplace_back("others", "more than are listed in a minute, counted together");
  }
  const auto [found, fresh] = repeats_.try_emplace(std::move(key));
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
  Count(call, v1::ACT_REFUSED, reason, {{"method", call.method}, {"reason", reason}},
        {{"message", WithoutHidden(error.message)}});
}

void AccessLog::NoteForeignSession(const Call& call, const Error& error) {
  Call unproven = call;
  unproven.user_id.clear();
  Count(unproven, v1::ACT_REFUSED, "session of " + call.user_id + " on " + call.terminal,
        {{"method", call.method},
         {"reason", std::string(ErrorReasonName(error.reason))},
         {"message", error.message},
         {"user", call.user_id}},
        {});
}

void AccessLog::NoteRead(const Call& call, const Details& objects) {
  Count(call, v1::ACT_READ, "", {{"method", call.method}}, objects);
}

void AccessLog::Flush() {
  const std::int64_t minute = clock_.MonotonicUs() / kMinute;
  const std::lock_guard lock(mutex_);
  for (auto each = repeats_.begin(); each != repeats_.end();) {
    if (each->second.minute == minute) {
      ++each;
      continue;
    }
    RecordRepeats(std::get<0>(each->first), each->second);
    each = repeats_.erase(each);
  }
}

void AccessLog::FlushAll() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, repeats] : repeats_) RecordRepeats(std::get<0>(key), repeats);
  repeats_.clear();
}

void AccessLog::NoteLost(const Call& call, v1::Act act, const Details& details,
                         const Error& error) {
  std::string line = v1::Act_Name(act) + " by " + (call.user_id.empty() ? "nobody" : call.user_id) +
                     " on " + call.terminal;
  for (const auto& [name, value] : details) line += ", " + name + " " + value;
  // A value of a request may hold anything; this stays one line.
  line = WithoutHidden(line + ": " + error.message);
  const std::lock_guard lock(lost_mutex_);
  if (lost_.size() < kLostKept) {
    lost_.push_back(std::move(line));
  } else {
    ++lost_unlisted_;
  }
}

std::vector<std::string> AccessLog::TakeLost() {
  const std::lock_guard lock(lost_mutex_);
  std::vector<std::string> lost = std::exchange(lost_, {});
  if (lost_unlisted_ > 0) lost.push_back(std::to_string(lost_unlisted_) + " more");
  lost_unlisted_ = 0;
  return lost;
}

AccessLog::Details NamedIn(const google::protobuf::Message& request) {
  using google::protobuf::FieldDescriptor;
  AccessLog::Details named;
  const auto* descriptor = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const std::string& name = field->name();
    const bool names_a_record = name.ends_with("_id") || name == "line_code" || name == "stream" ||
                                name == "index" || name == "version" || name == "revision";
    if (!names_a_record || name == "request_id" || field->is_repeated()) continue;
    // The first log index is 0; another number at 0 was not asked for.
    if (name != "index" && !reflection->HasField(request, field)) continue;
    std::string value;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        value = reflection->GetString(request, field);
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        value = std::to_string(reflection->GetInt32(request, field));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        value = std::to_string(reflection->GetInt64(request, field));
        break;
      default:
        continue;
    }
    if (value.size() > kMaxValueBytes) value = "(" + std::to_string(value.size()) + " bytes)";
    named.emplace_back(name, WithoutHidden(value));
  }
  return named;
}

}  // namespace lims::app
