// Submitting typed values for one sample.
#ifndef LIMS_APP_SUBMIT_RESULT_H_
#define LIMS_APP_SUBMIT_RESULT_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<Plan> SubmitResult(Site& site, const Call& call, const v1::SubmitResultRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_SUBMIT_RESULT_H_
