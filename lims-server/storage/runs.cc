#include "storage/runs.h"

namespace lims::storage {

namespace {

Result<std::vector<std::string>> Texts(Statement& rows) {
  std::vector<std::string> texts;
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return texts;
    texts.emplace_back(rows.TextColumn(0));
  }
}

}  // namespace

Result<std::vector<std::string>> OpenRuns(Connection& db) {
  // The literal is what lets the partial index answer; 1 is RUN_STATE_OPEN.
  Statement rows = db.Query("SELECT run_id FROM run WHERE state = 1 ORDER BY run_id");
  return Texts(rows);
}

Result<std::vector<std::string>> RunsOfFile(Connection& db, std::string_view sha256) {
  {
    // What waits for an act that names it has a row in blob_upload.
    Statement named = db.Query(
        "SELECT 1 FROM blob WHERE sha256 = ?1 AND NOT EXISTS "
        "(SELECT 1 FROM blob_upload WHERE blob_upload.sha256 = blob.sha256)");
    named.BindText(1, sha256);
    LIMS_ASSIGN_OR_RETURN(const bool found, named.Step());
    if (!found) return std::vector<std::string>();
  }
  Statement rows = db.Query("SELECT run_id FROM run WHERE instr(record, ?1) > 0 ORDER BY run_id");
  rows.BindBlob(1, sha256);
  return Texts(rows);
}

}  // namespace lims::storage
