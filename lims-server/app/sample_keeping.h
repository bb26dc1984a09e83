// What happens to a sample in the laboratory: divided, thawed, handed over, retained, destroyed.
#ifndef LIMS_APP_SAMPLE_KEEPING_H_
#define LIMS_APP_SAMPLE_KEEPING_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::app {

// The sample, in a state from which it may become `to`; it has the state that it had.
Result<v1::Sample> SampleToMove(storage::Records& records, const std::string& sample_id,
                                v1::SampleState to);

Result<Plan> AliquotSample(Site& site, const Call& call, const v1::AliquotSampleRequest& request);
Result<Plan> ThawSample(Site& site, const Call& call, const v1::ThawSampleRequest& request);
Result<Plan> HandOverSample(Site& site, const Call& call, const v1::HandOverSampleRequest& request);
Result<Plan> AcceptSample(Site& site, const Call& call, const v1::AcceptSampleRequest& request);
Result<Plan> RetainSample(Site& site, const Call& call, const v1::RetainSampleRequest& request);
Result<Plan> DisposeSample(Site& site, const Call& call, const v1::DisposeSampleRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_SAMPLE_KEEPING_H_
