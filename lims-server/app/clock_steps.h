// Steps of the server's clock: after one of more than a minute nobody signs until an account
// administrator and QA have each compared the clock with another.
#ifndef LIMS_APP_CLOCK_STEPS_H_
#define LIMS_APP_CLOCK_STEPS_H_

#include <memory>
#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/system_service.pb.h"

namespace lims::app {

// Records in the access stream that the clock shows `to` instead of `from`, and after a step of
// more than a minute a ClockStep that waits, in the same act. Waits for the commit.
Result<void> RecordClockStep(Site& site, TimeUs from, TimeUs to);

// The steps that wait for confirmation, by number.
using ClockSteps = std::vector<storage::Stored<v1::ClockStep>>;
Result<std::shared_ptr<const ClockSteps>> WaitingClockSteps(storage::Records& records);

// WRONG_STATE while a step waits; says which, for whom, and the command.
Result<void> RequireConfirmedClock(storage::Records& records);

// With the second confirmation of the last step that waits, the log's time follows the clock.
Result<Plan> ConfirmClock(Site& site, const Call& call, const v1::ConfirmClockRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_CLOCK_STEPS_H_
