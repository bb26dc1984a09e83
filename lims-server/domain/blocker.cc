#include "domain/blocker.h"

#include <utility>

namespace lims::domain {

void AddBlocker(BlockerList& list, v1::BlockerKind kind, std::string what, v1::Role who,
                std::string description) {
  v1::Blocker& blocker = list.emplace_back();
  blocker.set_kind(kind);
  blocker.set_what(std::move(what));
  blocker.set_description(std::move(description));
  blocker.set_who(who);
}

}  // namespace lims::domain
