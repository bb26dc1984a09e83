// Electronic signatures: an intent becomes the manifest that is shown, the manifest signed becomes
// the act. What is done under each meaning stands in signed_acts.cc.
#ifndef LIMS_APP_SIGNING_H_
#define LIMS_APP_SIGNING_H_

#include <string>
#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/access_service.pb.h"

namespace lims::app {

Result<v1::PrepareSignatureResponse> PrepareSignature(Site& site, const Call& call,
                                                      const v1::PrepareSignatureRequest& request);
// Opens the signer's key with the password before it plans: slow by design.
Result<Plan> Sign(Site& site, const Call& call, const v1::SignRequest& request);

// What an intent rests on and means, from the records as they are now.
struct SignedAct {
  v1::Act act = v1::ACT_UNSPECIFIED;
  std::string subject;    // stream
  std::string statement;  // the sentence that the signer accepts
  std::vector<v1::ShownRecord> shown;
  std::string reason;
  v1::Role role = v1::ROLE_UNSPECIFIED;  // it is signed in; unspecified for the first that may
};

// Reads everything that the signer must see. Refuses what could not be done anyway, with all
// blockers or violations; who may sign is decided in PerformAct.
Result<SignedAct> DescribeAct(storage::Records& records, const v1::Intent& intent,
                              const std::string& signature_id, TimeUs now, int zone_offset_minutes);

// Checks segregation for the signer and puts the after-images.
Result<void> PerformAct(storage::Transaction& tx, const v1::Intent& intent,
                        const v1::Signature& signature);

}  // namespace lims::app

#endif  // LIMS_APP_SIGNING_H_
