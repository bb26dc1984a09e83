// Which state may follow which.
#ifndef LIMS_DOMAIN_LIFECYCLE_H_
#define LIMS_DOMAIN_LIFECYCLE_H_

#include "lims/v1/lot.pb.h"
#include "lims/v1/release.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::domain {

// VOIDED has a further condition that the lot's record does not show: no sample but cancelled ones.
bool MayBecome(v1::Disposition from, v1::Disposition to);
bool MayBecome(v1::SampleState from, v1::SampleState to);
bool MayBecome(v1::RunState from, v1::RunState to);

// Whether a lot is in quarantine or conditionally released: tested for release, with facts about it
// still to be declared. It never becomes so again.
bool IsUndecided(v1::Disposition disposition);

// What a lot becomes by a decision at a gate; DISPOSITION_UNSPECIFIED when a lot of this kind has
// no such decision. A rejection needs no gate.
v1::Disposition DispositionAfter(v1::Decision decision, v1::Gate gate, v1::LotKind kind);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_LIFECYCLE_H_
