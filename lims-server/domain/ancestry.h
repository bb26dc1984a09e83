// The lots that a lot rests on: its parents, theirs, and the lots that its facts name.
#ifndef LIMS_DOMAIN_ANCESTRY_H_
#define LIMS_DOMAIN_ANCESTRY_H_

#include "domain/blocker.h"
#include "domain/lot_index.h"
#include "domain/lot_view.h"

namespace lims::domain {

// Whether a fact that names a lot is needed. Such a lot (end-of-production cells) qualifies the
// bank without being a parent, so every drug product needs it, and no bank does: the
// end-of-production cells are themselves made from the bank.
bool NamedLotNeeded(const v1::FactDefinition& definition, v1::LotKind kind);

// Appends a blocker for each of these lots that is not registered, not released, on hold, out of
// specification, of the wrong kind, or had expired when its child was made, and one for a drug
// product without bank.
void AddAncestryBlockers(const LotView& view, const LotIndex& index, int zone_offset_minutes,
                         BlockerList& blockers);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_ANCESTRY_H_
