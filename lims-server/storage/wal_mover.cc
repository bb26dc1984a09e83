#include "storage/wal_mover.h"

#include <chrono>
#include <utility>

namespace lims::storage {
namespace {

// Frames after which the WAL is moved even under load; about 16 MB. Fewer make more work, since
// pages that change often are moved each time; more delay the start after a kill, when the whole
// WAL is read: three times as many by some 100 ms.
constexpr int kLongWal = 4000;
// What came during a pass is moved by another pass, until it is so little that the writer can wait
// for it.
constexpr int kShortRest = 300;

}  // namespace

Result<std::unique_ptr<WalMover>> WalMover::Open(Connection& writer, const std::string& path) {
  std::unique_ptr<WalMover> mover(new WalMover(writer));
  for (auto* connection : {&mover->mover_, &mover->holder_, &mover->next_holder_}) {
    LIMS_ASSIGN_OR_RETURN(*connection, Connection::Open(path, OpenMode::kReader));
  }
  return mover;
}

void WalMover::AfterCommit() {
  if (!pass_.valid()) {
    if (writer_.WalFrames() > kLongWal) BeginPass();
    return;
  }
  if (pass_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  const int rest = writer_.WalFrames() - moved_;
  const bool lessens = rest < pass_frames_ / 2;  // else the acts come as fast as they are moved
  if (rest > kShortRest && lessens) {
    pass_.get();
    BeginPass();
  } else {
    End();
  }
}

void WalMover::MoveAll() {
  if (pass_.valid()) {
    End();
  } else {
    writer_.Checkpoint();
  }
}

void WalMover::BeginPass() {
  // The last commit is not moved yet, so that this reads from the WAL and not only from the file.
  const bool held = !!next_holder_->Execute("BEGIN; SELECT 1 FROM sqlite_schema");
  (void)holder_->Execute("ROLLBACK");
  holder_.swap(next_holder_);
  if (!held) {
    End();
    return;
  }
  pass_frames_ = writer_.WalFrames() - moved_;
  moved_ = writer_.WalFrames();
  pass_ = std::async(std::launch::async, [this] {
    mover_->Checkpoint();
    // SQLite flushes the file only when the whole WAL was moved, which would be left to the writer.
    mover_->FlushFile();
  });
}

void WalMover::End() {
  if (pass_.valid()) pass_.get();
  (void)holder_->Execute("ROLLBACK");
  // The rest, which came meanwhile; then the next commit starts the WAL anew.
  writer_.Checkpoint();
  moved_ = 0;
}

}  // namespace lims::storage
