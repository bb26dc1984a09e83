// Queries about runs.
#ifndef LIMS_STORAGE_RUNS_H_
#define LIMS_STORAGE_RUNS_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/db.h"

namespace lims::storage {

// Identifiers of the runs that are open, in order.
Result<std::vector<std::string>> OpenRuns(Connection& db);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_RUNS_H_
