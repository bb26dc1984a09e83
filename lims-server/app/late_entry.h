// Times of a test that a person claims: recorded as a late entry when they lie further back than
// the method allows, as late readings are.
#ifndef LIMS_APP_LATE_ENTRY_H_
#define LIMS_APP_LATE_ENTRY_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

using SetupValues = google::protobuf::RepeatedPtrField<v1::NamedValue>;

// How far back an observation or a start may lie when it is entered.
int EntryLimitHours(const v1::Method& method);

// A moment that a person claims, with the field of the request that says it.
struct ClaimedTime {
  std::string field;
  std::string time;
};

// The claimed moment that makes a test a late entry; nullopt when it is entered in time. The start
// of a test that was observed until a declared moment lies back by nature, so only that moment
// counts for it, unless `start_decides`: the sample could not be tested now.
std::optional<ClaimedTime> LateClaim(const v1::Method& method, const std::string& started_time,
                                     const SetupValues& setup, bool start_decides, TimeUs now);

// The claimed moment among setup values that come with the data of a run: what its hours count from
// above all, which is declared when it happens. A subculture lies back by nature.
std::optional<ClaimedTime> LateDeclaration(const v1::Method& method, const SetupValues& setup,
                                           TimeUs now);

// A late entry has a reason, and nothing else has one; the field is late_reason or the claim's.
std::vector<Violation> CheckLateReason(const v1::Method& method,
                                       const std::optional<ClaimedTime>& late,
                                       const std::string& reason);

v1::LateEntry LateEntryOf(const ClaimedTime& late, const std::string& reason, TimeUs now,
                          int zone_offset_minutes);

// Puts a further late entry into an attempt. What its reason says of the one before is kept, and QA
// clears both.
void AddLateEntry(v1::LateEntry entry, v1::Attempt* attempt);

// Clears what of these attempts of a run waits for QA; false when nothing does.
bool ClearLateEntries(storage::Transaction& tx, const std::string& user, const std::string& reason,
                      const std::vector<storage::Stored<v1::Attempt>>& attempts);

}  // namespace lims::app

#endif  // LIMS_APP_LATE_ENTRY_H_
