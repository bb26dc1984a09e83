// Runs, typed results and raw files.
#ifndef LIMS_APP_RUNS_H_
#define LIMS_APP_RUNS_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<Plan> CreateRun(Site& site, const Call& call, const v1::CreateRunRequest& request);
Result<Plan> RecordReading(Site& site, const Call& call, const v1::RecordReadingRequest& request);
// Parses and calculates on a snapshot, before it plans; the plan answers CHANGED when a record it
// computed from changed since, and is then made anew.
Result<Plan> SubmitRun(Site& site, const Call& call, const v1::SubmitRunRequest& request);
Result<Plan> AbortRun(Site& site, const Call& call, const v1::AbortRunRequest& request);
Result<Plan> SubmitResult(Site& site, const Call& call, const v1::SubmitResultRequest& request);

Result<v1::GetRunResponse> GetRun(Site& site, storage::Records& records,
                                  const v1::GetRunRequest& request);
Result<v1::ListResultsResponse> ListResults(Site& site, storage::Records& records,
                                            const v1::ListResultsRequest& request);

// Stores a raw file whose hash was checked, chunk by chunk, so that other acts pass between.
Result<void> StoreRawFile(Site& site, const std::string& sha256, const std::string& bytes);

}  // namespace lims::app

#endif  // LIMS_APP_RUNS_H_
