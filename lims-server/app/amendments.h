// Amending typed values after they were judged: proposed with evidence by one person, confirmed by
// another. Imported raw data are never amended, and no verdict comes or goes as out of
// specification.
#ifndef LIMS_APP_AMENDMENTS_H_
#define LIMS_APP_AMENDMENTS_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

Result<Plan> AmendResult(Site& site, const Call& call, const v1::AmendResultRequest& request);
Result<Plan> ConfirmAmendment(Site& site, const Call& call,
                              const v1::ConfirmAmendmentRequest& request);
Result<Plan> DeclineAmendment(Site& site, const Call& call,
                              const v1::DeclineAmendmentRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_AMENDMENTS_H_
