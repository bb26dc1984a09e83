#include "domain/gates.h"

#include <algorithm>

#include "base/contains.h"

namespace lims::domain {

bool IsBank(v1::LotKind kind) {
  return kind == v1::LOT_KIND_MCB || kind == v1::LOT_KIND_WCB || kind == v1::LOT_KIND_EOPC;
}

bool MayBeMadeFrom(v1::LotKind kind, v1::LotKind parent) {
  return kind == v1::LOT_KIND_REFERENCE || parent == v1::LOT_KIND_MCB ||
         parent == v1::LOT_KIND_WCB || parent == v1::LOT_KIND_HARVEST;
}

bool HasGate(v1::LotKind kind, v1::Gate gate) {
  if (kind == v1::LOT_KIND_DRUG_PRODUCT && gate == v1::GATE_S1) return true;
  return gate != v1::GATE_UNSPECIFIED && gate == FinalGate(kind);
}

v1::Gate FinalGate(v1::LotKind kind) {
  if (kind == v1::LOT_KIND_UNSPECIFIED) return v1::GATE_UNSPECIFIED;
  return IsBank(kind) ? v1::GATE_BANK : v1::GATE_S2;
}

v1::Gate GateOf(v1::Decision decision, v1::LotKind kind) {
  switch (decision) {
    case v1::DECISION_RELEASE:
      return FinalGate(kind);
    case v1::DECISION_CONDITIONAL_RELEASE:
      return v1::GATE_S1;
    default:
      return v1::GATE_UNSPECIFIED;
  }
}

bool NeededAt(v1::Gate gate, v1::LotKind kind,
              const google::protobuf::RepeatedPtrField<v1::GateAssignment>& assignments) {
  return std::any_of(assignments.begin(), assignments.end(), [&](const v1::GateAssignment& entry) {
    const bool of_gate =
        entry.gate() == gate || (gate == v1::GATE_S2 && entry.gate() == v1::GATE_S1);
    return of_gate && Contains(entry.lot_kinds(), kind);
  });
}

}  // namespace lims::domain
