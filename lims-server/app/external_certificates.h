// Certificates of other laboratories for a bank lot, copied from paper by two people.
#ifndef LIMS_APP_EXTERNAL_CERTIFICATES_H_
#define LIMS_APP_EXTERNAL_CERTIFICATES_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::app {

Result<Plan> TranscribeCertificate(Site& site, const Call& call,
                                   const v1::TranscribeCertificateRequest& request);
// The second entry; one that differs is recorded as refused.
Result<Plan> ConfirmCertificate(Site& site, const Call& call,
                                const v1::ConfirmCertificateRequest& request);

// A part of its scan, also before the second entry; NOT_FOUND for any other file.
Result<v1::ReadCertificateResponse> ReadCertificate(Site& site, storage::Records& records,
                                                    const v1::ReadCertificateRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_EXTERNAL_CERTIFICATES_H_
