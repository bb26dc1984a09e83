// Queries about runs, their files by hash, and results.
#ifndef LIMS_STORAGE_RUNS_H_
#define LIMS_STORAGE_RUNS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/run.pb.h"
#include "storage/db.h"

namespace lims::storage {

// Identifiers of the runs that are open, in order.
Result<std::vector<std::string>> OpenRuns(Connection& db);

// Identifiers of the lots with a result that is out of specification, for whatever purpose, in
// order.
Result<std::vector<std::string>> LotsOutOfSpecification(Connection& db);

// Identifiers of the runs that a file was submitted in, in order.
Result<std::vector<std::string>> RunsOfFile(Connection& db, std::string_view sha256);

// The rows by which RunsOfFile finds this run: part of putting its record.
Result<void> PutRawFiles(Connection& db, const v1::Run& run);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_RUNS_H_
