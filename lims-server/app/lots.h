// Lots: their registration, and what stands in the way of their release.
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

Result<v1::ListLotsResponse> ListLots(Site& site, storage::Records& records,
                                      const v1::ListLotsRequest& request);
Result<v1::GetLotResponse> GetLot(Site& site, storage::Records& records,
                                  const v1::GetLotRequest& request);
Result<v1::GetBlockersResponse> GetBlockers(Site& site, storage::Records& records,
                                            const v1::GetBlockersRequest& request);

// What stands between a lot and a gate; unspecified for the final gate of its kind.
v1::GetBlockersResponse BlockersOf(Site& site, const domain::LotView& view, v1::Gate gate);

}  // namespace lims::app

#endif  // LIMS_APP_LOTS_H_
