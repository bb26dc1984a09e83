// Which release decisions exist for which kind of lot, and what they need.
#ifndef LIMS_DOMAIN_GATES_H_
#define LIMS_DOMAIN_GATES_H_

#include <google/protobuf/repeated_field.h>

#include "lims/v1/release.pb.h"
#include "lims/v1/specification.pb.h"

namespace lims::domain {

bool IsBank(v1::LotKind kind);  // MCB, WCB or EOPC

// Whether a lot of this kind may be made from one of the other: banks and harvests are worked on,
// what a product or the end of production left may serve as reference.
bool MayBeMadeFrom(v1::LotKind kind, v1::LotKind parent);

// A bank has the bank gate, a drug product S1 and S2; a harvest or a reference is released at S2.
bool HasGate(v1::LotKind kind, v1::Gate gate);

// The gate of the decision RELEASE.
v1::Gate FinalGate(v1::LotKind kind);

// The gate of a decision; GATE_UNSPECIFIED for a rejection, which has none.
v1::Gate GateOf(v1::Decision decision, v1::LotKind kind);

// Whether a line or attestation with these assignments is needed at `gate`; S2 needs S1 as well.
bool NeededAt(v1::Gate gate, v1::LotKind kind,
              const google::protobuf::RepeatedPtrField<v1::GateAssignment>& assignments);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_GATES_H_
