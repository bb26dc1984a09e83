// Finds the name that a person probably meant.
#ifndef LIMS_INSTRUMENT_NEAREST_NAME_H_
#define LIMS_INSTRUMENT_NEAREST_NAME_H_

#include <set>
#include <string>
#include <string_view>

namespace lims::instrument {

// The name of fewest edits, without regard to ASCII case, blanks, dashes and underscores; empty
// when even that differs in more than a third of its letters. Of several the first in order.
std::string NearestName(std::string_view name, const std::set<std::string>& names);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_NEAREST_NAME_H_
