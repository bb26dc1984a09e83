// Queries about runs.
#ifndef LIMS_STORAGE_RUNS_H_
#define LIMS_STORAGE_RUNS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/db.h"

namespace lims::storage {

// Identifiers of the runs that are open, in order.
Result<std::vector<std::string>> OpenRuns(Connection& db);

// Identifiers of the runs that a file was submitted in, in order, and perhaps of runs whose record
// has its hash for another reason. Reads the runs only when an act names the file already.
Result<std::vector<std::string>> RunsOfFile(Connection& db, std::string_view sha256);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_RUNS_H_
