#include "app/late_entry.h"

#include <algorithm>
#include <utility>

#include "app/call.h"

namespace lims::app {
namespace {

constexpr int kDefaultEntryLimitHours = 24;

// Moments of the setup that the method asks for, of those names that count.
template <typename Counts>
std::vector<ClaimedTime> SetupTimes(const v1::Method& method, const SetupValues& setup,
                                    Counts counts) {
  std::vector<ClaimedTime> times;
  for (int i = 0; i < setup.size(); ++i) {
    const auto& checks = method.setup_checks();
    const bool is_time = std::any_of(checks.begin(), checks.end(), [&](const auto& check) {
      return check.time() && check.name() == setup[i].name();
    });
    if (!is_time || !counts(setup[i].name())) continue;
    times.push_back({"setup[" + std::to_string(i) + "].value", setup[i].value()});
  }
  return times;
}

std::optional<ClaimedTime> FirstLate(const v1::Method& method, std::vector<ClaimedTime> claims,
                                     TimeUs now) {
  for (ClaimedTime& claim : claims) {
    const Result<TimeUs> time = ParseTime(claim.time);
    if (time && now - *time > EntryLimitHours(method) * kHour) return std::move(claim);
  }
  return std::nullopt;
}

}  // namespace

int EntryLimitHours(const v1::Method& method) {
  return method.entry_limit_h() == 0 ? kDefaultEntryLimitHours : method.entry_limit_h();
}

std::optional<ClaimedTime> LateClaim(const v1::Method& method, const std::string& started_time,
                                     const SetupValues& setup, bool start_decides, TimeUs now) {
  const std::string& until = method.observation().until();
  std::vector<ClaimedTime> claims;
  if (!until.empty()) {
    claims = SetupTimes(method, setup, [&](const std::string& name) { return name == until; });
  }
  if (claims.empty() || start_decides) {
    claims = SetupTimes(method, setup, [](const std::string&) { return true; });
    claims.insert(claims.begin(), {"started_time", started_time});
  }
  return FirstLate(method, std::move(claims), now);
}

std::optional<ClaimedTime> LateDeclaration(const v1::Method& method, const SetupValues& setup,
                                           TimeUs now) {
  const std::string& subculture = method.observation().subculture();
  return FirstLate(
      method,
      SetupTimes(method, setup, [&](const std::string& name) { return name != subculture; }), now);
}

std::vector<Violation> CheckLateReason(const v1::Method& method,
                                       const std::optional<ClaimedTime>& late,
                                       const std::string& reason) {
  const std::string limit = std::to_string(EntryLimitHours(method)) + " hours";
  if (late && reason.empty()) {
    return {{late->field, late->time + " is older than the " + limit +
                              " that the method allows for an entry: say why with --late-reason; "
                              "QA then clears it"}};
  }
  if (!late && !reason.empty()) {
    return {{"late_reason", "is for what is older than " + limit + ", and this is not"}};
  }
  if (!late) return {};
  const Result<void> stated = RequireReason("late_reason", reason);
  return stated ? std::vector<Violation>() : stated.error().violations;
}

v1::LateEntry LateEntryOf(const ClaimedTime& late, const std::string& reason, TimeUs now,
                          int zone_offset_minutes) {
  v1::LateEntry entry;
  entry.set_claimed_time(late.time);
  entry.set_entered_time(FormatLocal(now, zone_offset_minutes));
  entry.set_reason(reason);
  return entry;
}

void AddLateEntry(v1::LateEntry entry, v1::Attempt* attempt) {
  if (attempt->has_late_entry()) {
    const v1::LateEntry& before = attempt->late_entry();
    entry.set_reason(entry.reason() + "; before that, at " + before.entered_time() + ", " +
                     before.claimed_time() + ": " + before.reason() +
                     (before.cleared_by().empty() ? ""
                                                  : " (cleared by " + before.cleared_by() + ": " +
                                                        before.clear_reason() + ")"));
  }
  *attempt->mutable_late_entry() = std::move(entry);
}

bool ClearLateEntries(storage::Transaction& tx, const std::string& user, const std::string& reason,
                      const std::vector<storage::Stored<v1::Attempt>>& attempts) {
  bool found = false;
  for (const auto& stored : attempts) {
    if (!stored.record.has_late_entry() || !stored.record.late_entry().cleared_by().empty()) {
      continue;
    }
    v1::Attempt attempt = stored.record;
    attempt.mutable_late_entry()->set_cleared_by(user);
    attempt.mutable_late_entry()->set_clear_reason(reason);
    tx.Put(std::move(attempt));
    found = true;
  }
  return found;
}

}  // namespace lims::app
