// Aborting a run, and reading runs and what they gave.
#ifndef LIMS_APP_RUNS_H_
#define LIMS_APP_RUNS_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<Plan> AbortRun(Site& site, const Call& call, const v1::AbortRunRequest& request);

Result<v1::GetRunResponse> GetRun(Site& site, storage::Records& records,
                                  const v1::GetRunRequest& request);
Result<v1::ListResultsResponse> ListResults(Site& site, storage::Records& records,
                                            const v1::ListResultsRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_RUNS_H_
