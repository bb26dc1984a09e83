// What stands between a lot and a release decision.
#ifndef LIMS_DOMAIN_RELEASABILITY_H_
#define LIMS_DOMAIN_RELEASABILITY_H_

#include <vector>

#include "base/time.h"
#include "domain/lot_view.h"
#include "lims/v1/release.pb.h"

namespace lims::domain {

// The full list, empty exactly when the decision at `gate` is possible at `now`: what concerns the
// whole lot first, then lines and attestations in their printed order. GATE_UNSPECIFIED means the
// final gate of the lot's kind. The same view gives the same list.
//
// Whatever is not known blocks: an undeclared applicability is not a "no", a lot that is not in
// `view.related` is not released, a method that is not in `view.methods` allows no repeat. A line
// once out of specification in a valid release attempt blocks at every gate, whatever later
// attempts say and whether or not the line still applies.
//
// At GATE_S1 a line that only the final release needs must have a test that runs, or one that came
// to a conclusive result; it waits for no review.
std::vector<v1::Blocker> Blockers(const LotView& view, v1::Gate gate, TimeUs now,
                                  int zone_offset_minutes);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_RELEASABILITY_H_
