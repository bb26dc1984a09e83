// A lot for people.
#ifndef LIMS_CLIENT_CLI_LOT_VIEW_H_
#define LIMS_CLIENT_CLI_LOT_VIEW_H_

#include <string>

#include "lims/v1/lot_service.pb.h"

namespace lims::client {

std::string RenderLot(const v1::GetLotResponse& response);
std::string RenderBlockers(const v1::GetBlockersResponse& response);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_LOT_VIEW_H_
