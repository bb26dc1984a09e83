// Opening a run: its map, and an attempt of each sample on it.
#ifndef LIMS_APP_CREATE_RUN_H_
#define LIMS_APP_CREATE_RUN_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

// The plan decides for all samples in one act: every one that cannot be tested is named.
Result<Plan> CreateRun(Site& site, const Call& call, const v1::CreateRunRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_CREATE_RUN_H_
