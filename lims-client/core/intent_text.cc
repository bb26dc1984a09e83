#include "core/intent_text.h"

#include <sstream>

#include "core/render.h"

namespace lims::client {
namespace {

std::string OfReview(const v1::ReviewIntent& review) {
  return review.line_codes().empty()
             ? "review every result of lot " + review.lot_id() + " that waits for it"
             : "review the results of lot " + review.lot_id() + " for " +
                   Joined(review.line_codes());
}

std::string OfMethods(const v1::ApproveMethodIntent& approval) {
  return "approve method " + Joined(approval.methods(), [](const v1::MethodVersion& method) {
           return method.method_id() + "/" + std::to_string(method.version());
         });
}

std::vector<std::string> OfFacts(const v1::DeclareFactIntent& declaration) {
  std::vector<std::string> lines = {"declare of lot " + declaration.lot_id() + ":"};
  for (const v1::FactDeclaration& fact : declaration.facts()) {
    lines.push_back(fact.fact() + " = " + fact.value() + ", document " + fact.document());
  }
  return lines;
}

std::vector<std::string> OfAttestations(const v1::AttestIntent& attestation) {
  std::vector<std::string> lines = {"attest of lot " + attestation.lot_id() + ":"};
  for (const v1::AttestationStatement& each : attestation.attestations()) {
    lines.push_back(each.code() + ", document " + each.document());
  }
  return lines;
}

std::string OfRelease(const v1::ReleaseIntent& release) {
  const std::string verb = release.decision() == v1::DECISION_RELEASE ? "release"
                           : release.decision() == v1::DECISION_CONDITIONAL_RELEASE
                               ? "release conditionally"
                               : EnumName(release.decision());
  const std::string sites =
      release.receiving_sites().empty() ? "" : " for " + Joined(release.receiving_sites());
  return verb + " lot " + release.lot_id() + sites + ", " +
         (release.remarks().empty() ? "without remarks" : "remarks: " + release.remarks());
}

template <typename ForReason>
std::string Because(const std::string& what, const ForReason& intent) {
  return what + " lot " + intent.lot_id() + ", reason: " + intent.reason();
}

}  // namespace

std::vector<std::string> IntentText(const v1::Intent& intent) {
  switch (intent.act_case()) {
    case v1::Intent::kReview:
      return {OfReview(intent.review())};
    case v1::Intent::kApproveMethod:
      return {OfMethods(intent.approve_method())};
    case v1::Intent::kApproveSpecification:
      return {"approve revision " + std::to_string(intent.approve_specification().revision()) +
              " of the specification of " + intent.approve_specification().product_id()};
    case v1::Intent::kDeclareFact:
      return OfFacts(intent.declare_fact());
    case v1::Intent::kAttest:
      return OfAttestations(intent.attest());
    case v1::Intent::kRelease:
      return {OfRelease(intent.release())};
    case v1::Intent::kReject:
      return {Because("reject", intent.reject())};
    case v1::Intent::kHold:
      return {Because("hold", intent.hold())};
    case v1::Intent::kUnhold:
      return {Because("lift hold " + std::to_string(intent.unhold().number()) + " of",
                      intent.unhold())};
    case v1::Intent::kWithdraw:
      return {Because("withdraw the release of", intent.withdraw())};
    case v1::Intent::kRecall:
      return {Because("recall", intent.recall())};
    case v1::Intent::ACT_NOT_SET:
      break;
  }
  std::vector<std::string> lines;
  std::istringstream fields(RenderMessage(intent));
  for (std::string line; std::getline(fields, line);) lines.push_back(line);
  return lines;
}

}  // namespace lims::client
