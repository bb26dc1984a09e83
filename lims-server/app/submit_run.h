// Submitting the data of a run: raw files, or what was read.
#ifndef LIMS_APP_SUBMIT_RUN_H_
#define LIMS_APP_SUBMIT_RUN_H_

#include <string>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

// Parses and calculates on a snapshot, before it plans; the plan answers CHANGED when a record it
// computed from changed since, and is then made anew.
Result<Plan> SubmitRun(Site& site, const Call& call, const v1::SubmitRunRequest& request);

// Stores a raw file whose hash was checked, chunk by chunk, so that other acts pass between.
Result<void> StoreRawFile(Site& site, const std::string& sha256, const std::string& bytes);

}  // namespace lims::app

#endif  // LIMS_APP_SUBMIT_RUN_H_
