// Looking at data without recording a result: allowed, but never invisible. Each look is an event
// with the hash of what was looked at.
#ifndef LIMS_APP_LOOKS_H_
#define LIMS_APP_LOOKS_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<v1::ComputeAssayResponse> ComputeAssay(Site& site, const Call& call,
                                              const v1::ComputeAssayRequest& request);
Result<v1::ImportRawResponse> ImportRaw(Site& site, const Call& call,
                                        const v1::ImportRawRequest& request);
Result<v1::ListAssaysResponse> ListAssays(Site& site, storage::Records& records,
                                          const v1::ListAssaysRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_LOOKS_H_
