#include "domain/blocker.h"

#include <string_view>
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

std::string DispositionName(v1::Disposition disposition) {
  constexpr std::string_view kPrefix = "DISPOSITION_";
  return v1::Disposition_Name(disposition).substr(kPrefix.size());
}

}  // namespace lims::domain
