// Dates that decide: since when a version is in force, until when a lot may be used.
#ifndef LIMS_DOMAIN_IN_FORCE_H_
#define LIMS_DOMAIN_IN_FORCE_H_

#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "lims/v1/common.pb.h"

namespace lims::domain {

// Whether a method version or specification revision is in force at `at`: approved, and its
// effective date or its earlier approval on paper has come, by the site's local date. Of several
// in force the newest counts; choosing it is the caller's part.
bool InForce(std::string_view effective_date, const v1::PaperApproval& paper_approval,
             v1::VersionState state, TimeUs at, int zone_offset_minutes);

// "YYYY-MM-DD" of a day that exists.
bool IsDate(std::string_view text);

// The last moment of an expiry: an RFC 3339 time, or a date or month, which end with their last
// local day. INVALID_ARGUMENT otherwise.
Result<TimeUs> ExpiryEnd(std::string_view expiry, int zone_offset_minutes);

// Whether an expiry has passed at `at`; an empty one never has, one that cannot be read always.
bool Expired(std::string_view expiry, TimeUs at, int zone_offset_minutes);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_IN_FORCE_H_
