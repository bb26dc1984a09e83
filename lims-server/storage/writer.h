// The writer: acts queue up, and three threads pass them on in batches. One thread runs what waits
// and commits it; one flushes the commits to disk and then signs the checkpoint that covers them;
// one answers the callers. The next batch runs while the one before is flushed. Nothing is answered
// or shown before it is on disk.
#ifndef LIMS_STORAGE_WRITER_H_
#define LIMS_STORAGE_WRITER_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/ledger.h"
#include "storage/wal_mover.h"
#include "tlog/checkpoint.h"
#include "tlog/signer.h"

namespace lims::storage {

// One act to record. `run` decides inside the transaction: it reads, checks and puts, or refuses
// with an error and leaves nothing behind. It may be called again when a batch fails, so it has no
// effect but through the Transaction. `done` is called once, on the reply thread, after the commit.
struct Command {
  ActInfo info;
  std::function<Result<void>(Transaction&)> run;
  std::function<void(Result<RecordedAct>)> done;
};

class Writer {
 public:
  // Takes over the ledger's connection and the open file of the signer's memory outside the
  // database. The first checkpoint is signed with the first act.
  Writer(Connection& db, std::unique_ptr<WalMover> wal_mover, std::unique_ptr<Ledger> ledger,
         tlog::Signer signer, std::string origin, std::int64_t signed_size, int checkpoint_fd);
  // Records everything queued, then stops.
  ~Writer();

  // Never blocks. BUSY and UNAVAILABLE are answered through `done` on the calling thread.
  void Enqueue(Command command);
  // Enqueues and waits; for tests and for acts of the server itself.
  Result<RecordedAct> Execute(ActInfo info, std::function<Result<void>(Transaction&)> run);
  // Work on the writing connection that is no act: storing chunks of a blob. Waits for its commit.
  Result<void> ExecuteRaw(std::function<Result<void>(Connection&)> work);

  // The newest signed checkpoint; empty before the first act.
  std::string LatestCheckpoint() const;
  // Waits until every commit that a reader may have seen by now is on disk.
  Result<void> AwaitFlush();
  // Called after each commit with the acts it recorded, on the reply thread.
  void OnCommitted(std::function<void(const RecordedAct&)> watcher) {
    watcher_ = std::move(watcher);
  }
  // True after a commit whose outcome is unknown: the process must end and recover.
  bool failed() const;

 private:
  struct Pending {
    Command command;
    std::function<Result<void>(Connection&)> raw;
  };
  // What the log grew by in a commit; signed when it is on disk.
  struct Growth {
    std::uint64_t old_size = 0;
    tlog::Checkpoint checkpoint;
    std::vector<Hash> proof;  // consistency of the two sizes
  };
  // A batch on its way. It travels whole, so that the writing thread neither copies nor frees.
  struct Batch {
    std::vector<Pending> commands;
    std::vector<Result<RecordedAct>> outcomes;  // one for each command
    bool committed = false;                     // false when it was refused as a whole
    std::optional<Growth> growth;
    std::string checkpoint;  // signed
  };

  // Another batch may be run beside what is being flushed. Under mutex_.
  bool MayRun() const;
  void WriteLoop();
  void FlushLoop();
  void ReplyLoop();
  void WriteBatch(std::vector<Pending> commands);
  // Runs the batch in one transaction and gives one outcome for each command; an error when it has
  // to be rolled back as a whole.
  Result<std::vector<Result<RecordedAct>>> TryBatch(std::vector<Pending>& commands);
  Result<RecordedAct> RunOne(Pending& pending);
  // Writes what the acts add to the log.
  Result<void> AppendActs(std::vector<Result<RecordedAct>>& outcomes);
  Result<void> Commit();
  // Inserts the newest signed checkpoint that is not stored yet.
  Result<void> StoreCheckpoint();
  Result<std::optional<Growth>> TakeGrowth();
  Result<void> FlushAndSign(std::vector<Batch>& batches);
  Result<std::string> Sign(const Growth& growth);
  void PassOn(Batch batch);
  void RefuseAll(std::vector<Pending> commands, const Error& error);
  // What is on disk is unknown: nothing is accepted any more.
  void Fail();

  Connection& db_;
  std::unique_ptr<WalMover> wal_mover_;
  std::unique_ptr<Ledger> ledger_;
  tlog::Signer signer_;
  const std::string origin_;
  const int checkpoint_fd_;
  std::uint64_t committed_size_;  // of the log, when growth was taken last
  std::function<void(const RecordedAct&)> watcher_;

  mutable std::mutex mutex_;
  std::condition_variable queued_;   // for the writing thread
  std::condition_variable flushed_;  // for readers
  std::vector<Pending> queue_;
  bool stopping_ = false;
  bool failed_ = false;
  std::string latest_checkpoint_;
  std::optional<std::pair<std::uint64_t, std::string>> unstored_checkpoint_;  // size and note
  std::uint64_t commits_begun_ = 0;  // may be seen by readers
  std::uint64_t commits_flushed_ = 0;

  std::mutex flush_mutex_;
  std::condition_variable committed_;
  std::vector<Batch> to_flush_;
  bool commits_end_ = false;

  std::mutex reply_mutex_;
  std::condition_variable replied_;
  std::vector<Batch> to_answer_;
  bool flushes_end_ = false;

  std::thread reply_thread_;
  std::thread flush_thread_;
  std::thread write_thread_;
};

}  // namespace lims::storage

#endif  // LIMS_STORAGE_WRITER_H_
