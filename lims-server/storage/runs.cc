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

Result<std::vector<std::string>> LotsOutOfSpecification(Connection& db) {
  // Likewise; 2 is VERDICT_OOS_SUSPECTED.
  Statement rows = db.Query("SELECT DISTINCT lot_id FROM result WHERE verdict = 2 ORDER BY lot_id");
  return Texts(rows);
}

Result<std::vector<std::string>> RunsOfFile(Connection& db, std::string_view sha256) {
  Statement rows = db.Query("SELECT run_id FROM run_raw_file WHERE sha256 = ?1 ORDER BY run_id");
  rows.BindText(1, sha256);
  return Texts(rows);
}

Result<void> PutRawFiles(Connection& db, const v1::Run& run) {
  for (const v1::RawFile& file : run.raw_files()) {
    Statement put = db.Query(
        "INSERT INTO run_raw_file (sha256, run_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    put.LendText(1, file.sha256()).LendText(2, run.run_id());
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  return {};
}

}  // namespace lims::storage
