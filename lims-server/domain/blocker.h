// Writing a list of blockers; shared by the rules that find them.
#ifndef LIMS_DOMAIN_BLOCKER_H_
#define LIMS_DOMAIN_BLOCKER_H_

#include <string>
#include <vector>

#include "lims/v1/common.pb.h"
#include "lims/v1/lot.pb.h"
#include "lims/v1/release.pb.h"

namespace lims::domain {

using BlockerList = std::vector<v1::Blocker>;

// `who` is the role that can clear it; `description` says what is wrong and the next step.
void AddBlocker(BlockerList& list, v1::BlockerKind kind, std::string what, v1::Role who,
                std::string description);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_BLOCKER_H_
