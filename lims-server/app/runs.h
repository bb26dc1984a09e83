// Runs, typed results and raw files.
#ifndef LIMS_APP_RUNS_H_
#define LIMS_APP_RUNS_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<Plan> CreateRun(Site& site, const Call& call, const v1::CreateRunRequest& request);
// Growth or another positive places a hold at once; a reading that comes late needs a reason and
// blocks the lots of the run until it is cleared.
Result<Plan> RecordReading(Site& site, const Call& call, const v1::RecordReadingRequest& request);
Result<Plan> ClearLateReadings(Site& site, const Call& call,
                               const v1::ClearLateReadingsRequest& request);
// Parses and calculates on a snapshot, before it plans; the plan answers CHANGED when a record it
// computed from changed since, and is then made anew.
Result<Plan> SubmitRun(Site& site, const Call& call, const v1::SubmitRunRequest& request);
Result<Plan> AbortRun(Site& site, const Call& call, const v1::AbortRunRequest& request);
Result<Plan> SubmitResult(Site& site, const Call& call, const v1::SubmitResultRequest& request);

Result<v1::GetRunResponse> GetRun(Site& site, storage::Records& records,
                                  const v1::GetRunRequest& request);
Result<v1::ListResultsResponse> ListResults(Site& site, storage::Records& records,
                                            const v1::ListResultsRequest& request);
// What is due in the laboratory, and the hand-over list of a shift.
Result<v1::ListWorkResponse> ListWork(Site& site, storage::Records& records,
                                      const v1::ListWorkRequest& request);

// Stores a raw file whose hash was checked, chunk by chunk, so that other acts pass between.
Result<void> StoreRawFile(Site& site, const std::string& sha256, const std::string& bytes);

}  // namespace lims::app

#endif  // LIMS_APP_RUNS_H_
