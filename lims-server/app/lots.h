// Lots and samples.
#ifndef LIMS_APP_LOTS_H_
#define LIMS_APP_LOTS_H_

#include "app/call.h"
#include "app/site.h"
#include "domain/lot_view.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::app {

Result<Plan> RegisterLot(Site& site, const Call& call, const v1::RegisterLotRequest& request);
Result<Plan> ConfirmLot(Site& site, const Call& call, const v1::ConfirmLotRequest& request);
Result<Plan> VoidLot(Site& site, const Call& call, const v1::VoidLotRequest& request);
Result<Plan> PlanSample(Site& site, const Call& call, const v1::PlanSampleRequest& request);
Result<Plan> CancelSample(Site& site, const Call& call, const v1::CancelSampleRequest& request);
Result<Plan> TakeSample(Site& site, const Call& call, const v1::TakeSampleRequest& request);
Result<Plan> ReceiveSample(Site& site, const Call& call, const v1::ReceiveSampleRequest& request);
Result<Plan> RejectSample(Site& site, const Call& call, const v1::RejectSampleRequest& request);

Result<v1::ListLotsResponse> ListLots(Site& site, storage::Records& records,
                                      const v1::ListLotsRequest& request);
Result<v1::GetLotResponse> GetLot(Site& site, storage::Records& records,
                                  const v1::GetLotRequest& request);
Result<v1::GetBlockersResponse> GetBlockers(Site& site, storage::Records& records,
                                            const v1::GetBlockersRequest& request);
Result<v1::GetSampleResponse> GetSample(Site& site, storage::Records& records,
                                        const v1::GetSampleRequest& request);

// What stands between a lot and a gate; unspecified for the final gate of its kind.
v1::GetBlockersResponse BlockersOf(Site& site, const domain::LotView& view, v1::Gate gate);

// Results of a lot outside their limits, for whatever purpose but validation and training.
Result<std::vector<storage::Stored<v1::Result>>> OutOfSpecification(storage::Records& records,
                                                                    const std::string& lot_id);

// Everything that decides about a lot. NOT_FOUND when there is no such lot.
Result<domain::LotView> LoadLotView(storage::Records& records, const std::string& lot_id);

}  // namespace lims::app

#endif  // LIMS_APP_LOTS_H_
