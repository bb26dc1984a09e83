// Which attempt may come next for a panel of a lot, by what the method prescribes.
#ifndef LIMS_DOMAIN_NEXT_ATTEMPT_H_
#define LIMS_DOMAIN_NEXT_ATTEMPT_H_

#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::domain {

// The step of the method that an attempt makes. A repeat of an invalid attempt makes the step of
// the one in whose place it stands: it is then RUN 2 of 3, or the repeat from a fresh extraction.
v1::AttemptKind StepOf(const v1::Attempt& attempt);

// Why an attempt could not answer a line although it may be valid for others; nullptr when it
// could.
const v1::InvalidLine* InvalidIn(const v1::Attempt& attempt, std::string_view line_code);

// Kind, stands_for, planned_number, planned_total and lost_controls of the attempt after
// `same_panel_same_purpose`, in any order; nothing else is set. WRONG_STATE while one is open, when
// a budget is used up, and after a valid attempt that leaves nothing to do (a pass included: more
// testing needs a plan approved beforehand). A valid attempt leaves its invalid lines to do, those
// without a conclusive answer from before.
Result<v1::Attempt> NextAttempt(const std::vector<const v1::Attempt*>& same_panel_same_purpose,
                                const v1::Method& method);

// The method's version under which the panel goes on: while a plan or a prescribed repeat is under
// way, the one that it began with; 0 when the version in force is free to be taken.
int VersionUnderWay(const std::vector<const v1::Attempt*>& same_panel_same_purpose);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_NEXT_ATTEMPT_H_
