// The log as auditors and terminals read it.
#ifndef LIMS_APP_AUDIT_H_
#define LIMS_APP_AUDIT_H_

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

}  // namespace lims::app

#endif  // LIMS_APP_AUDIT_H_
