#include "domain/attestation_scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/contains.h"
#include "domain/lot_index.h"

namespace lims::domain {
namespace {

bool SharesGate(const v1::AttestationLine& attestation, const v1::SpecificationLine& line,
                v1::LotKind kind) {
  const auto of_kind = [kind](const v1::GateAssignment& gate) {
    return Contains(gate.lot_kinds(), kind);
  };
  return std::any_of(attestation.gates().begin(), attestation.gates().end(), [&](const auto& one) {
    return of_kind(one) &&
           std::any_of(line.gates().begin(), line.gates().end(), [&](const auto& other) {
             return of_kind(other) && other.gate() == one.gate();
           });
  });
}

}  // namespace

std::vector<const Stored<v1::Attempt>*> CoveredAttempts(const v1::AttestationLine& line,
                                                        const LotView& view) {
  std::vector<const Stored<v1::Attempt>*> covered;
  if (!line.covers_attempts()) return covered;
  for (const auto& attempt : view.attempts) {
    const bool of_gate = std::any_of(view.lines.begin(), view.lines.end(), [&](const auto& each) {
      return each.panel() == attempt.record.panel() &&
             SharesGate(line, each, view.lot.record.kind());
    });
    if (of_gate) covered.push_back(&attempt);
  }
  return covered;
}

std::optional<std::string> WhyLapsed(const v1::AttestationLine& line, const LotView& view,
                                     const Stored<v1::Attestation>& attested) {
  if (attested.etag < LastWithdrawal(view)) return "it was signed before the withdrawal";
  for (const auto* attempt : CoveredAttempts(line, view)) {
    if (attempt->etag < attested.etag) continue;
    return fmt::format("attempt {} of {} (run {}) came or changed after the signature",
                       attempt->record.number(), attempt->record.panel(), attempt->record.run_id());
  }
  if (!line.since_conditional_release()) return std::nullopt;
  for (const auto& decision : view.decisions) {
    if (decision.record.decision() == v1::DECISION_CONDITIONAL_RELEASE &&
        decision.etag > attested.etag) {
      return "it was signed before the conditional release and covers the time since";
    }
  }
  return std::nullopt;
}

}  // namespace lims::domain
