// The hand-over list of a shift: what happened on runs and lots, and which runs it leaves open.
#ifndef LIMS_APP_SHIFT_H_
#define LIMS_APP_SHIFT_H_

#include <string>

#include "base/time.h"
#include "lims/v1/run_service.pb.h"
#include "storage/records.h"

namespace lims::app {

// Adds the events since a moment, oldest first, then the runs that are open now; of one lot when
// `lot_id` names one. INVALID_ARGUMENT when the moment lies too many events back.
Result<void> AddShift(storage::Records& records, TimeUs since, TimeUs now, int zone_offset_minutes,
                      const std::string& lot_id, v1::ListWorkResponse* response);

}  // namespace lims::app

#endif  // LIMS_APP_SHIFT_H_
