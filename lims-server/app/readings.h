// Readings of an open run, as they are made.
#ifndef LIMS_APP_READINGS_H_
#define LIMS_APP_READINGS_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

// Growth or another positive places a hold at once; a reading that comes late needs a reason and
// blocks the lots of the run until it is cleared.
Result<Plan> RecordReading(Site& site, const Call& call, const v1::RecordReadingRequest& request);
Result<Plan> ClearLateReadings(Site& site, const Call& call,
                               const v1::ClearLateReadingsRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_READINGS_H_
