// What the server says about itself.
#ifndef LIMS_APP_SYSTEM_H_
#define LIMS_APP_SYSTEM_H_

#include "app/site.h"
#include "lims/v1/system_service.pb.h"

namespace lims::app {

Result<v1::GetServerInfoResponse> GetServerInfo(Site& site, storage::Records& records,
                                                const v1::GetServerInfoRequest& request);
Result<v1::ListPermissionsResponse> ListPermissions(Site& site, storage::Records& records,
                                                    const v1::ListPermissionsRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_SYSTEM_H_
