// What the checks of a plate's map share, before there are data.
#ifndef LIMS_ASSAY_MAP_CHECK_H_
#define LIMS_ASSAY_MAP_CHECK_H_

#include <span>
#include <string_view>
#include <vector>

#include "assay/registry.h"
#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::assay {

// Whether a dilution of the map is none.
bool IsNeat(std::string_view dilution);

// Names each position whose role is none of `roles`: "NO_RT at W6 is no role of a virus panel" for
// the test "a virus panel".
void CheckRoles(const Positions& positions, std::span<const v1::PositionRole> roles,
                std::string_view test, std::vector<Violation>& violations);

// Names each position with a dilution; `why` says what the method wants instead.
void CheckNeat(const Positions& positions, std::string_view why,
               std::vector<Violation>& violations);

// Whether a position of this role that is not omitted has `target`, or leaves it to the file.
bool HasWell(const Positions& positions, v1::PositionRole role, std::string_view target);

// The map of a test whose values are read or typed for each sample: no control is on it, for
// nothing would judge it, and each target is something that the method takes.
std::vector<Violation> CheckEnteredMap(const v1::Method& method, const Positions& positions);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MAP_CHECK_H_
