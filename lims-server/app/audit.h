// The log as auditors and terminals read it, and the bundle that proves a lot's history offline.
#ifndef LIMS_APP_AUDIT_H_
#define LIMS_APP_AUDIT_H_

#include <string>
#include <utility>
#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/audit_service.pb.h"

namespace lims::app {

Result<v1::ListEventsResponse> ListEvents(Site& site, storage::Records& records,
                                          const v1::ListEventsRequest& request);
Result<v1::GetCheckpointResponse> GetCheckpoint(Site& site, storage::Records& records,
                                                const v1::GetCheckpointRequest& request);
Result<v1::ProveEventResponse> ProveEvent(Site& site, storage::Records& records,
                                          const v1::ProveEventRequest& request);

// A file of a bundle: path inside it, bytes.
using BundleFile = std::pair<std::string, std::string>;

// Records the export with the lot's head, then collects every file of the bundle: the lot's stream
// from 0 to its head, every stream that its records name, manifests and raw files, an inclusion
// proof for every event, and the consistency of an earlier checkpoint with the present one.
Result<std::vector<BundleFile>> ExportLot(Site& site, const Call& call,
                                          const v1::ExportLotRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_AUDIT_H_
