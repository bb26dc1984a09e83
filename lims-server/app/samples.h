// Samples until they are received: asked for, taken, received or rejected.
#ifndef LIMS_APP_SAMPLES_H_
#define LIMS_APP_SAMPLES_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::app {

Result<Plan> PlanSample(Site& site, const Call& call, const v1::PlanSampleRequest& request);
Result<Plan> CancelSample(Site& site, const Call& call, const v1::CancelSampleRequest& request);
Result<Plan> TakeSample(Site& site, const Call& call, const v1::TakeSampleRequest& request);
Result<Plan> ReceiveSample(Site& site, const Call& call, const v1::ReceiveSampleRequest& request);
Result<Plan> RejectSample(Site& site, const Call& call, const v1::RejectSampleRequest& request);

Result<v1::GetSampleResponse> GetSample(Site& site, storage::Records& records,
                                        const v1::GetSampleRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_SAMPLES_H_
