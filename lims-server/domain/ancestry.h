// The lots that a lot rests on: its parents, theirs, and the lots that its facts name.
#ifndef LIMS_DOMAIN_ANCESTRY_H_
#define LIMS_DOMAIN_ANCESTRY_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/blocker.h"
#include "domain/lot_index.h"
#include "domain/lot_view.h"

namespace lims::domain {

// Whether a fact that names a lot is needed. Such a lot (end-of-production cells) qualifies the
// bank without being a parent, so every drug product needs it, and no bank does: the
// end-of-production cells are themselves made from the bank.
bool NamedLotNeeded(const v1::FactDefinition& definition, v1::LotKind kind);

// The banks (MCB, WCB) that a lot was made from, and itself when it is one; of its ancestors those
// that `related` holds. Only a lot of one of the same banks says something about a lot that names
// it.
std::set<std::string> BanksOf(const v1::Lot& lot, const std::vector<RelatedLot>& related);

// Why a fact goes on naming this lot: the lot, or one that it alone was made from, is out of
// specification, on hold, or was released or to be released and is not any more. nullopt while none
// is: then another lot may be named in its place.
std::optional<std::string> WhyNamedLotStays(const LotView& view, const std::string& lot_id);

// Appends a blocker for each of these lots that is not registered, not released, on hold, out of
// specification, of the wrong kind, of other banks, or had expired when its child was made, and one
// for a drug product without bank.
void AddAncestryBlockers(const LotView& view, const LotIndex& index, int zone_offset_minutes,
                         BlockerList& blockers);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_ANCESTRY_H_
