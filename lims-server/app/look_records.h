// Looks at data while a run is open: recorded with every lot on that run, so that data which were
// looked at and not submitted stand between the lot and its release.
#ifndef LIMS_APP_LOOK_RECORDS_H_
#define LIMS_APP_LOOK_RECORDS_H_

#include <functional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

// What was looked at.
struct Looked {
  std::string assay;           // calculator, or importer of a file that was only read
  std::string content_sha256;  // hex
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  // Whether data looked at so could be those of an open run.
  std::function<bool(const v1::Run& run, const v1::Method& method)> concerns;
};

// Adds the look to every lot on an open run that it concerns: the cost goes with the open runs, not
// with the log. Nothing where the same bytes were submitted for that lot and panel before.
Result<void> RecordLooks(storage::Transaction& tx, const std::string& user_id,
                         int zone_offset_minutes, const Looked& looked);

// The bytes of looks at the lot of this attempt that are submitted now, in `run`: for the panel and
// purpose that were open when somebody looked.
Result<void> MarkSubmitted(storage::Transaction& tx, const v1::Attempt& attempt,
                           const v1::Run& run);

// INVALID_ARGUMENT when a file of `run` was submitted in another run for the panel of one of these
// attempts: one measurement is one attempt, and judges the lots on its own map. Of other lots,
// validation and training may look at it again, and figures that are typed may be alike.
Result<void> RefuseSameData(storage::Transaction& tx, const v1::Method& method, const v1::Run& run,
                            const std::vector<v1::Attempt>& attempts);

Result<Plan> ClearLook(Site& site, const Call& call, const v1::ClearLookRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_LOOK_RECORDS_H_
