// What is due in the laboratory, by whom, until when; and the hand-over list of a shift.
#ifndef LIMS_APP_WORK_H_
#define LIMS_APP_WORK_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<v1::ListWorkResponse> ListWork(Site& site, storage::Records& records,
                                      const v1::ListWorkRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_WORK_H_
