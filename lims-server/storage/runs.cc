#include "storage/runs.h"

namespace lims::storage {

Result<std::vector<std::string>> OpenRuns(Connection& db) {
  // The literal is what lets the partial index answer; 1 is RUN_STATE_OPEN.
  Statement rows = db.Query("SELECT run_id FROM run WHERE state = 1 ORDER BY run_id");
  std::vector<std::string> runs;
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return runs;
    runs.emplace_back(rows.TextColumn(0));
  }
}

}  // namespace lims::storage
