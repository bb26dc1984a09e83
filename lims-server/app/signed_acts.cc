#include "app/signed_acts.h"

namespace lims::app {

Result<SignedAct> DescribeAct(storage::Records& records, const v1::Intent& intent,
                              const std::string& signature_id, TimeUs now,
                              int zone_offset_minutes) {
  switch (intent.act_case()) {
    case v1::Intent::kReview:
      return DescribeReview(records, intent.review());
    case v1::Intent::kApproveMethod:
      return DescribeApproveMethod(records, intent.approve_method(), signature_id, now,
                                   zone_offset_minutes);
    case v1::Intent::kApproveSpecification:
      return DescribeApproveSpecification(records, intent.approve_specification(), now,
                                          zone_offset_minutes);
    case v1::Intent::kDeclareFact:
      return DescribeFacts(records, intent.declare_fact());
    case v1::Intent::kAttest:
      return DescribeAttest(records, intent.attest());
    case v1::Intent::kRelease:
      return DescribeRelease(records, intent.release(), now, zone_offset_minutes);
    case v1::Intent::kReject:
      return DescribeReject(records, intent.reject());
    case v1::Intent::kHold:
      return DescribeHold(records, intent.hold());
    case v1::Intent::kUnhold:
      return DescribeUnhold(records, intent.unhold());
    case v1::Intent::kWithdraw:
      return DescribeWithdraw(records, intent.withdraw());
    case v1::Intent::kRecall:
      return DescribeRecall(records, intent.recall());
    case v1::Intent::ACT_NOT_SET:
      break;
  }
  return InvalidArgument("intent", "names no act");
}

Result<void> PerformAct(storage::Transaction& tx, const v1::Intent& intent,
                        const v1::Signature& signature) {
  switch (intent.act_case()) {
    case v1::Intent::kReview:
      return PerformReview(tx, intent.review(), signature);
    case v1::Intent::kApproveMethod:
      return PerformApproveMethod(tx, intent.approve_method(), signature);
    case v1::Intent::kApproveSpecification:
      return PerformApproveSpecification(tx, intent.approve_specification(), signature);
    case v1::Intent::kDeclareFact:
      return PerformFacts(tx, intent.declare_fact(), signature);
    case v1::Intent::kAttest:
      return PerformAttest(tx, intent.attest(), signature);
    case v1::Intent::kRelease:
      return PerformRelease(tx, intent.release(), signature);
    case v1::Intent::kReject:
      return PerformReject(tx, intent.reject(), signature);
    case v1::Intent::kHold:
      return PerformHold(tx, intent.hold(), signature);
    case v1::Intent::kUnhold:
      return PerformUnhold(tx, intent.unhold(), signature);
    case v1::Intent::kWithdraw:
      return PerformWithdraw(tx, intent.withdraw(), signature);
    case v1::Intent::kRecall:
      return PerformRecall(tx, intent.recall(), signature);
    case v1::Intent::ACT_NOT_SET:
      break;
  }
  return InvalidArgument("intent", "names no act");
}

}  // namespace lims::app
