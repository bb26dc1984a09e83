// Moves the write-ahead log (WAL) into the database file, under load beside the writing thread.
// SQLite before 3.51.3 can lose pages when a connection starts the WAL anew while another one moves
// it. So while the second connection here moves frames, a third one holds a read transaction on
// what is moved: as long as it does, nobody can start the WAL anew.
#ifndef LIMS_STORAGE_WAL_MOVER_H_
#define LIMS_STORAGE_WAL_MOVER_H_

#include <future>
#include <memory>
#include <string>

#include "base/result.h"
#include "storage/db.h"

namespace lims::storage {

// All calls come from the thread of the writing connection, outside its transactions.
class WalMover {
 public:
  static Result<std::unique_ptr<WalMover>> Open(Connection& writer, const std::string& path);

  // After a commit: begins a move when the WAL is long, goes on with one or ends it. Waits for a
  // few milliseconds at most.
  void AfterCommit();
  // In a pause: moves everything, so that a burst starts with an empty WAL.
  void MoveAll();

 private:
  explicit WalMover(Connection& writer) : writer_(writer) {}
  // Moves and flushes, beside the writer, what is in the WAL now.
  void BeginPass();
  void End();

  Connection& writer_;
  std::unique_ptr<Connection> mover_;
  std::unique_ptr<Connection> holder_;       // of the read transaction
  std::unique_ptr<Connection> next_holder_;  // takes over before the next pass
  std::future<void> pass_;                   // valid while a move is under way
  int moved_ = 0;                            // frames that this move has passed or passes now
  int pass_frames_ = 0;                      // of the pass
};

}  // namespace lims::storage

#endif  // LIMS_STORAGE_WAL_MOVER_H_
