// Which state may follow which, and which kind of attempt may come next.
#ifndef LIMS_DOMAIN_LIFECYCLE_H_
#define LIMS_DOMAIN_LIFECYCLE_H_

#include <vector>

#include "base/result.h"
#include "lims/v1/lot.pb.h"
#include "lims/v1/release.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::domain {

// VOIDED has a further condition that the lot's record does not show: no sample was taken yet.
bool MayBecome(v1::Disposition from, v1::Disposition to);
bool MayBecome(v1::SampleState from, v1::SampleState to);
bool MayBecome(v1::RunState from, v1::RunState to);

// What a lot becomes by a decision at a gate; DISPOSITION_UNSPECIFIED when a lot of this kind has
// no such decision. A rejection needs no gate.
v1::Disposition DispositionAfter(v1::Decision decision, v1::Gate gate, v1::LotKind kind);

// The kind of the next attempt after `same_panel_same_purpose`, in any order. WRONG_STATE while
// one is open, after a valid one (a pass included: more testing needs a plan approved beforehand)
// and when the method's budget of repeats after invalid attempts is used up.
Result<v1::AttemptKind> NextAttemptKind(
    const std::vector<const v1::Attempt*>& same_panel_same_purpose, int repeat_invalid_budget);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_LIFECYCLE_H_
