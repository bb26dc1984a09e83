// Files behind a run as its reviewers read them: raw data, documents that values were copied from,
// evidence of amendments. A sealed first entry is none of them.
#ifndef LIMS_APP_RUN_FILES_H_
#define LIMS_APP_RUN_FILES_H_

#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

// Adds them to a response that holds the run and its attempts.
Result<void> AddRunFiles(storage::Records& records, v1::GetRunResponse* response);

// A part of one; NOT_FOUND for a file that is not behind the run.
Result<v1::ReadRunFileResponse> ReadRunFile(Site& site, storage::Records& records,
                                            const v1::ReadRunFileRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_RUN_FILES_H_
