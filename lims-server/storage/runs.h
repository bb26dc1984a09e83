// Queries about runs.
#ifndef LIMS_STORAGE_RUNS_H_
#define LIMS_STORAGE_RUNS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/db.h"

namespace lims::storage {

// A number that no run has yet: one above the newest stream's. Runs are streams, so it grows with
// each run; it leaves gaps.
Result<std::int64_t> NextRunNumber(Connection& db);

// Identifiers of the runs that are open, in order.
Result<std::vector<std::string>> OpenRuns(Connection& db);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_RUNS_H_
