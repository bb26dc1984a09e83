#include "domain/in_force.h"

namespace lims::domain {
namespace {

constexpr std::size_t kDateSize = std::string_view("2026-03-31").size();

bool HasCome(std::string_view date, TimeUs at, int zone_offset_minutes) {
  if (date.size() != kDateSize) return false;
  const Result<TimeUs> end = ParseDate(date, zone_offset_minutes);
  return end && at > *end - kDay;
}

}  // namespace

bool InForce(std::string_view effective_date, const v1::PaperApproval& paper_approval,
             v1::VersionState state, TimeUs at, int zone_offset_minutes) {
  return state == v1::VERSION_STATE_APPROVED &&
         (HasCome(effective_date, at, zone_offset_minutes) ||
          HasCome(paper_approval.date(), at, zone_offset_minutes));
}

bool IsDate(std::string_view text) {
  return text.size() == kDateSize && ParseDate(text, 0).has_value();
}

Result<TimeUs> ExpiryEnd(std::string_view expiry, int zone_offset_minutes) {
  if (expiry.find('T') != std::string_view::npos) return ParseTime(expiry);
  return ParseDate(expiry, zone_offset_minutes);
}

bool Expired(std::string_view expiry, TimeUs at, int zone_offset_minutes) {
  if (expiry.empty()) return false;
  const Result<TimeUs> end = ExpiryEnd(expiry, zone_offset_minutes);
  return !end || at > *end;
}

}  // namespace lims::domain
