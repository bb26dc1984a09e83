// Names of wells on plates of up to 1536 wells.
#ifndef LIMS_INSTRUMENT_WELL_H_
#define LIMS_INSTRUMENT_WELL_H_

#include <optional>
#include <string>
#include <string_view>

namespace lims::instrument {

// "A1" for "A1", "a1" and "A01"; rows A to AF, columns 1 to 48. nullopt for anything else.
std::optional<std::string> CanonicalWell(std::string_view text);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_WELL_H_
