// Calculates everything ever recorded again from its stored input.
#ifndef LIMS_APP_RECOMPUTE_H_
#define LIMS_APP_RECOMPUTE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/records.h"

namespace lims::app {

// Names the records ("result/SC-1/PH/1", "attempt/…", "run/…") whose recorded findings differ from
// what this build calculates; `results` counts the results that were compared.
Result<std::vector<std::string>> RecomputeAll(storage::Records& records, std::int64_t* results);

}  // namespace lims::app

#endif  // LIMS_APP_RECOMPUTE_H_
