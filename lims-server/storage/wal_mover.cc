#include "storage/wal_mover.h"

#include <chrono>

namespace lims::storage {
namespace {

// Frames after which the WAL is moved even under load; about 64 MB. Fewer make more work, since
// pages that change often are moved each time; after a kill, reading the WAL delays the start by
// some 60 ms.
constexpr int kLongWal = 16000;

}  // namespace

Result<std::unique_ptr<WalMover>> WalMover::Open(Connection& writer, const std::string& path) {
  std::unique_ptr<WalMover> mover(new WalMover(writer));
  LIMS_ASSIGN_OR_RETURN(mover->mover_, Connection::Open(path, OpenMode::kReader));
  LIMS_ASSIGN_OR_RETURN(mover->holder_, Connection::Open(path, OpenMode::kReader));
  return mover;
}

void WalMover::AfterCommit() {
  if (move_.valid()) {
    if (move_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) End();
  } else if (writer_.WalFrames() > kLongWal) {
    Begin();
  }
}

void WalMover::MoveAll() {
  if (move_.valid()) {
    End();
  } else {
    writer_.Checkpoint();
  }
}

void WalMover::Begin() {
  // The last commit is not moved yet, so that this reads from the WAL and not only from the file.
  if (holder_->Execute("BEGIN; SELECT 1 FROM sqlite_schema")) {
    move_ = std::async(std::launch::async, [this] { mover_->Checkpoint(); });
  } else {
    (void)holder_->Execute("ROLLBACK");
    writer_.Checkpoint();
  }
}

void WalMover::End() {
  move_.get();
  (void)holder_->Execute("ROLLBACK");
  // The rest, which came meanwhile; then the next commit starts the WAL anew.
  writer_.Checkpoint();
}

}  // namespace lims::storage
