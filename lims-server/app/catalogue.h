// Methods and specifications: imported as drafts, handed in, approved by signature.
#ifndef LIMS_APP_CATALOGUE_H_
#define LIMS_APP_CATALOGUE_H_

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/catalogue_service.pb.h"

namespace lims::app {

Result<Plan> ImportMethod(Site& site, const Call& call, const v1::ImportMethodRequest& request);
Result<Plan> SubmitMethod(Site& site, const Call& call, const v1::SubmitMethodRequest& request);
Result<Plan> ImportSpecification(Site& site, const Call& call,
                                 const v1::ImportSpecificationRequest& request);
Result<Plan> SubmitSpecification(Site& site, const Call& call,
                                 const v1::SubmitSpecificationRequest& request);

Result<v1::ListMethodsResponse> ListMethods(Site& site, storage::Records& records,
                                            const v1::ListMethodsRequest& request);
Result<v1::GetMethodResponse> GetMethod(Site& site, storage::Records& records,
                                        const v1::GetMethodRequest& request);
Result<v1::ListSpecificationsResponse> ListSpecifications(
    Site& site, storage::Records& records, const v1::ListSpecificationsRequest& request);
Result<v1::GetSpecificationResponse> GetSpecification(Site& site, storage::Records& records,
                                                      const v1::GetSpecificationRequest& request);

// The newest version of a method that is in force at `at`; NOT_FOUND in words otherwise.
Result<std::shared_ptr<const v1::Method>> MethodInForce(storage::Records& records,
                                                        const std::string& method_id, TimeUs at,
                                                        int zone_offset_minutes);
// The newest revision of a product's specification in force at `at`.
Result<storage::Stored<v1::Specification>> SpecificationInForce(storage::Records& records,
                                                                const std::string& product_id,
                                                                TimeUs at, int zone_offset_minutes);

// Head, lines, attestations and facts of one revision, in printed order.
Result<v1::SpecificationText> LoadSpecificationContent(storage::Records& records,
                                                       const std::string& product_id, int revision);
// The same with its product.
Result<v1::SpecificationText> LoadSpecification(storage::Records& records,
                                                const std::string& product_id, int revision);

// SHA-256 of what an approver answers for, hex: over the canonical JSON of a method or of a
// specification's head, lines, attestations and facts, without state, author, approval and this
// hash, so that anybody can calculate it again from the records.
std::string TextSha256(v1::Method method);
std::string TextSha256(v1::SpecificationText text);

}  // namespace lims::app

#endif  // LIMS_APP_CATALOGUE_H_
