// The one thread that writes. Acts queue up; all that wait are recorded in one durable commit, then
// one checkpoint is signed, then every caller is answered.
#ifndef LIMS_STORAGE_WRITER_H_
#define LIMS_STORAGE_WRITER_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "storage/ledger.h"
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
  struct Options {
    std::size_t queue_limit = 4096;      // commands; more are answered BUSY
    std::size_t batch_limit = 512;       // commands of one commit
    std::string checkpoint_path;         // the signer's memory outside the database
  };

  // Takes over the ledger's connection. The first checkpoint is signed with the first act.
  Writer(Connection& db, std::unique_ptr<Ledger> ledger, std::unique_ptr<tlog::Signer> signer,
         std::string origin, std::int64_t signed_size, Options options);
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
  // A batch after its commit. It travels to the reply thread whole, so that the writing thread
  // neither copies nor frees.
  struct Answered {
    std::vector<Pending> batch;
    std::vector<Result<RecordedAct>> outcomes;  // one for each command
    std::string checkpoint;
  };

  void WriteLoop();
  void ReplyLoop();
  void WriteBatch(std::vector<Pending> batch);
  // Runs the batch in one transaction and gives one outcome for each command; an error when it has
  // to be rolled back as a whole.
  Result<std::vector<Result<RecordedAct>>> TryBatch(std::vector<Pending>& batch);
  Result<RecordedAct> RunOne(Pending& pending);
  Result<std::string> SignCheckpoint();
  void Send(std::vector<Pending> batch, std::vector<Result<RecordedAct>> outcomes,
            std::string checkpoint);
  void SendToAll(std::vector<Pending> batch, const Error& error);

  Connection& db_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<tlog::Signer> signer_;
  const std::string origin_;
  const Options options_;
  int checkpoint_fd_ = -1;
  std::int64_t signed_size_;
  std::string unstored_checkpoint_;  // signed after the last commit, stored with the next
  std::int64_t unstored_size_ = 0;
  std::function<void(const RecordedAct&)> watcher_;

  mutable std::mutex mutex_;
  std::condition_variable queued_;
  std::vector<Pending> queue_;
  std::size_t wake_at_ = 1;  // commands that the writing thread waits for
  bool stopping_ = false;
  bool failed_ = false;
  std::string latest_checkpoint_;

  std::mutex reply_mutex_;
  std::condition_variable replied_;
  std::vector<Answered> answered_;
  bool replies_end_ = false;

  // Gathering: how long the last commits took and how many acts they held.
  double mean_commit_us_ = 0;
  std::size_t last_batch_ = 0;
  std::size_t batch_before_ = 0;

  std::thread reply_thread_;
  std::thread write_thread_;
};

}  // namespace lims::storage

#endif  // LIMS_STORAGE_WRITER_H_
