#include "storage/runs.h"

namespace lims::storage {

Result<std::int64_t> NextRunNumber(Connection& db) {
  Statement rows = db.Query("SELECT coalesce(max(stream_no), 0) + 1 FROM log_stream");
  LIMS_RETURN_IF_ERROR(rows.Step());
  return rows.IntColumn(0);
}

}  // namespace lims::storage
