#include "storage/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <future>

namespace lims::storage {
namespace {

constexpr std::size_t kQueueLimit = 4096;  // commands; more are answered BUSY
constexpr std::size_t kBatchLimit = 512;   // commands of one commit
// A WAL of this many frames is moved into the file in a pause.
constexpr int kWalInPause = 200;
constexpr std::chrono::milliseconds kPause{50};
// Commits go on while a flush runs, and the next flush serves all of them: on a slow disk an act
// waits for the flush under way and its own, not for a third.
constexpr std::uint64_t kMaxUnflushed = 8;

Error OutcomeUnknown() {
  return MakeError(ErrorReason::kUnavailable,
                   "the disk failed and it is unknown whether the act was recorded: the server "
                   "stops; repeat the same request when it is back");
}

Error Busy() {
  return MakeError(ErrorReason::kBusy, "the server is busy: try again in a moment");
}

// Others are told after a fault of one who is.
template <typename Tell>
void TellGuarded(const Tell& tell) {
  try {
    tell();
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "telling of an act ended by a fault: %s\n", fault.what());
  }
}

}  // namespace

Writer::Writer(Connection& db, std::unique_ptr<WalMover> wal_mover, std::unique_ptr<Ledger> ledger,
               tlog::Signer signer, std::string origin, std::int64_t signed_size, int checkpoint_fd)
    : db_(db),
      wal_mover_(std::move(wal_mover)),
      ledger_(std::move(ledger)),
      signer_(std::move(signer)),
      origin_(std::move(origin)),
      checkpoint_fd_(checkpoint_fd),
      committed_size_(static_cast<std::uint64_t>(signed_size)) {
  reply_thread_ = std::thread([this] { ReplyLoop(); });
  flush_thread_ = std::thread([this] { FlushLoop(); });
  write_thread_ = std::thread([this] { WriteLoop(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queued_.notify_one();
  write_thread_.join();
  {
    const std::lock_guard lock(flush_mutex_);
    commits_end_ = true;
  }
  committed_.notify_one();
  flush_thread_.join();
  {
    const std::lock_guard lock(reply_mutex_);
    flushes_end_ = true;
  }
  replied_.notify_one();
  reply_thread_.join();
  if (!failed_) {
    (void)StoreCheckpoint();
    wal_mover_->MoveAll();
  }
  ::close(checkpoint_fd_);
}

bool Writer::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::string Writer::LatestCheckpoint() const {
  const std::lock_guard lock(mutex_);
  return latest_checkpoint_;
}

Result<void> Writer::AwaitFlush() {
  std::unique_lock lock(mutex_);
  // One that was begun may have failed meanwhile, and then nobody saw it.
  flushed_.wait(lock, [this, seen = commits_begun_] {
    return failed_ || commits_flushed_ >= std::min(seen, commits_begun_);
  });
  if (failed_) return MakeError(ErrorReason::kUnavailable, "the disk failed: the server stops");
  return {};
}

void Writer::Fail() {
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
  }
  queued_.notify_one();
  flushed_.notify_all();
}

void Writer::Enqueue(Command command) {
  std::optional<Error> refusal;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || failed_) {
      refusal = MakeError(ErrorReason::kUnavailable,
                          "the server is stopping: repeat the same request later");
    } else if (queue_.size() >= kQueueLimit) {
      refusal = Busy();
    } else {
      queue_.push_back({std::move(command), nullptr});
      wake = MayRun();
    }
  }
  if (refusal) {
    command.done(*std::move(refusal));
  } else if (wake) {
    queued_.notify_one();
  }
}

Result<RecordedAct> Writer::Execute(ActInfo info, std::function<Result<void>(Transaction&)> run) {
  std::promise<Result<RecordedAct>> promise;
  auto future = promise.get_future();
  Enqueue({std::move(info), std::move(run),
           [&promise](Result<RecordedAct> result) { promise.set_value(std::move(result)); }});
  return future.get();
}

Result<void> Writer::ExecuteRaw(std::function<Result<void>(Connection&)> work) {
  std::promise<Result<RecordedAct>> promise;
  auto future = promise.get_future();
  Command command;
  command.done = [&promise](Result<RecordedAct> result) { promise.set_value(std::move(result)); };
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || failed_) {
      return MakeError(ErrorReason::kUnavailable, "the server is stopping");
    }
    if (queue_.size() >= kQueueLimit) return Busy();
    queue_.push_back({std::move(command), std::move(work)});
  }
  queued_.notify_one();
  LIMS_RETURN_IF_ERROR(future.get());
  return {};
}

bool Writer::MayRun() const {
  return failed_ || commits_begun_ - commits_flushed_ < kMaxUnflushed;
}

void Writer::WriteLoop() {
  for (;;) {
    std::vector<Pending> commands;
    {
      std::unique_lock lock(mutex_);
      const auto has_work = [this] { return stopping_ || (!queue_.empty() && MayRun()); };
      if (db_.WalFrames() > kWalInPause && !queued_.wait_for(lock, kPause, has_work)) {
        lock.unlock();
        wal_mover_->MoveAll();
        lock.lock();
      }
      queued_.wait(lock, has_work);
      if (queue_.empty()) return;
      // When nothing is being flushed half goes first, so that the rest is judged during its flush.
      const bool flushing = commits_begun_ != commits_flushed_;
      const std::size_t share = flushing ? queue_.size() : (queue_.size() + 1) / 2;
      const std::size_t count = std::min(share, kBatchLimit);
      commands.assign(std::make_move_iterator(queue_.begin()),
                      std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(count)));
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    }
    WriteBatch(std::move(commands));
  }
}

Result<RecordedAct> Writer::RunOne(Pending& pending) try {
  if (pending.raw) {
    LIMS_RETURN_IF_ERROR(pending.raw(db_));
    return RecordedAct{};
  }
  LIMS_ASSIGN_OR_RETURN(auto known, ledger_->FindAct(pending.command.info));
  if (known) return *std::move(known);
  Transaction transaction = ledger_->Begin(pending.command.info);
  LIMS_RETURN_IF_ERROR(pending.command.run(transaction));
  return ledger_->Apply(std::move(transaction));
} catch (const std::exception& fault) {
  return MakeError(ErrorReason::kInternal, fault.what());
}

Result<std::vector<Result<RecordedAct>>> Writer::TryBatch(std::vector<Pending>& commands) {
  LIMS_RETURN_IF_ERROR(db_.Execute("BEGIN IMMEDIATE"));
  std::vector<Result<RecordedAct>> outcomes;
  outcomes.reserve(commands.size());
  for (Pending& pending : commands) {
    const std::int64_t size_before = ledger_->size();
    Result<RecordedAct> outcome = RunOne(pending);
    // A refusal has written nothing. A failure while writing spoils the transaction.
    const bool spoiled = !outcome && (ledger_->size() != size_before ||
                                      outcome.error().reason == ErrorReason::kUnavailable ||
                                      outcome.error().reason == ErrorReason::kDataLoss ||
                                      outcome.error().reason == ErrorReason::kInternal ||
                                      outcome.error().reason == ErrorReason::kTooLarge);
    if (spoiled) return std::move(outcome).error();
    outcomes.push_back(std::move(outcome));
  }
  LIMS_RETURN_IF_ERROR(AppendActs(outcomes));
  LIMS_RETURN_IF_ERROR(StoreCheckpoint());
  LIMS_RETURN_IF_ERROR(Commit());
  return outcomes;
}

Result<void> Writer::AppendActs(std::vector<Result<RecordedAct>>& outcomes) try {
  LIMS_RETURN_IF_ERROR(ledger_->AppendStaged());
  for (Result<RecordedAct>& outcome : outcomes) {
    if (outcome && !outcome->replayed && !outcome->events.empty()) {
      outcome->first_leaf = ledger_->RecentLeaf(outcome->first_index);
    }
  }
  return {};
} catch (const std::exception& fault) {
  return MakeError(ErrorReason::kInternal, fault.what());
}

Result<void> Writer::Commit() {
  {
    const std::lock_guard lock(mutex_);
    ++commits_begun_;
  }
  auto committed = db_.Execute("COMMIT");
  if (!committed) {
    if (db_.OutcomeUnknown()) {
      Fail();
    } else {
      {
        const std::lock_guard lock(mutex_);
        --commits_begun_;
      }
      flushed_.notify_all();
    }
  }
  return committed;
}

Result<void> Writer::StoreCheckpoint() {
  std::optional<std::pair<std::uint64_t, std::string>> unstored;
  {
    const std::lock_guard lock(mutex_);
    unstored.swap(unstored_checkpoint_);
  }
  if (!unstored) return {};
  Statement put =
      db_.Query("INSERT INTO log_checkpoint (size, note) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
  put.Bind(1, static_cast<std::int64_t>(unstored->first)).BindText(2, unstored->second);
  return put.Run();
}

void Writer::WriteBatch(std::vector<Pending> commands) {
  if (failed()) {
    RefuseAll(std::move(commands), OutcomeUnknown());
    return;
  }
  auto outcomes = TryBatch(commands);
  if (outcomes) {
    auto growth = TakeGrowth();
    if (!growth) {
      Fail();
      RefuseAll(std::move(commands), growth.error());
      return;
    }
    PassOn({std::move(commands), *std::move(outcomes), true, *std::move(growth), ""});
    wal_mover_->AfterCommit();
    return;
  }
  // A disk full rolls back by itself; without the log as it was nothing may follow.
  (void)db_.Execute("ROLLBACK");
  if (!failed() && !ledger_->Reload()) Fail();
  if (failed()) {
    RefuseAll(std::move(commands), OutcomeUnknown());
    return;
  }
  if (commands.size() == 1) {
    RefuseAll(std::move(commands), outcomes.error());
    return;
  }
  // One bad act must not refuse its neighbours: each gets a transaction of its own.
  for (Pending& pending : commands) {
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, [this] { return MayRun(); });
    }
    std::vector<Pending> single;
    single.push_back(std::move(pending));
    WriteBatch(std::move(single));
  }
}

Result<std::optional<Writer::Growth>> Writer::TakeGrowth() try {
  const tlog::Tree& tree = ledger_->tree();
  if (tree.size() == committed_size_) return std::optional<Growth>();
  Growth growth{committed_size_, {origin_, tree.size(), tree.Root()}, {}};
  LIMS_ASSIGN_OR_RETURN(
      growth.proof, tlog::ConsistencyProof(growth.old_size, tree.size(), ledger_->RecentNodes()));
  ledger_->MarkProven();
  committed_size_ = tree.size();
  return std::optional<Growth>(std::move(growth));
} catch (const std::exception&) {
  return OutcomeUnknown();
}

void Writer::PassOn(Batch batch) {
  {
    const std::lock_guard lock(flush_mutex_);
    to_flush_.push_back(std::move(batch));
  }
  committed_.notify_one();
}

void Writer::RefuseAll(std::vector<Pending> commands, const Error& error) {
  std::vector<Result<RecordedAct>> outcomes(commands.size(), Result<RecordedAct>(error));
  PassOn({std::move(commands), std::move(outcomes), false, std::nullopt, ""});
}

void Writer::FlushLoop() {
  for (;;) {
    std::vector<Batch> batches;
    {
      std::unique_lock lock(flush_mutex_);
      committed_.wait(lock, [this] { return commits_end_ || !to_flush_.empty(); });
      if (to_flush_.empty()) return;
      batches.swap(to_flush_);
    }
    if (auto done = FlushAndSign(batches); !done) {
      Fail();
      for (Batch& batch : batches) {
        batch.outcomes.assign(batch.commands.size(), Result<RecordedAct>(done.error()));
      }
    }
    {
      const std::lock_guard lock(reply_mutex_);
      std::move(batches.begin(), batches.end(), std::back_inserter(to_answer_));
    }
    replied_.notify_one();
  }
}

Result<void> Writer::FlushAndSign(std::vector<Batch>& batches) try {
  const auto commits = static_cast<std::uint64_t>(std::count_if(
      batches.begin(), batches.end(), [](const Batch& each) { return each.committed; }));
  // A batch that only refused waits for the commits before it, too.
  const bool wrote = std::any_of(batches.begin(), batches.end(), [](const Batch& each) {
    return each.growth || (each.committed && std::any_of(each.commands.begin(), each.commands.end(),
                                                         [](const Pending& p) { return !!p.raw; }));
  });
  if (failed()) return OutcomeUnknown();
  if (wrote && !db_.Flush()) return OutcomeUnknown();
  for (Batch& batch : batches) {
    if (batch.growth) {
      LIMS_ASSIGN_OR_RETURN(batch.checkpoint, Sign(*batch.growth));
    } else {
      batch.checkpoint = LatestCheckpoint();
    }
  }
  bool held_up = false;
  {
    const std::lock_guard lock(mutex_);
    held_up = !MayRun();
    commits_flushed_ += commits;
  }
  if (held_up) queued_.notify_one();
  flushed_.notify_all();
  return {};
} catch (const std::exception&) {
  return OutcomeUnknown();
}

Result<std::string> Writer::Sign(const Growth& growth) {
  LIMS_ASSIGN_OR_RETURN(std::string note,
                        signer_.Sign(growth.old_size, growth.checkpoint, growth.proof));
  // Not flushed: after a power cut it may be older than the log, never newer.
  const auto size = static_cast<off_t>(note.size());
  if (::pwrite(checkpoint_fd_, note.data(), note.size(), 0) != size ||
      ::ftruncate(checkpoint_fd_, size) != 0) {
    return MakeError(ErrorReason::kUnavailable, "cannot write the checkpoint file");
  }
  const std::lock_guard lock(mutex_);
  latest_checkpoint_ = note;
  unstored_checkpoint_ = {growth.checkpoint.size, note};
  return note;
}

void Writer::ReplyLoop() {
  for (;;) {
    std::vector<Batch> batches;
    {
      std::unique_lock lock(reply_mutex_);
      replied_.wait(lock, [this] { return flushes_end_ || !to_answer_.empty(); });
      if (to_answer_.empty()) return;
      batches.swap(to_answer_);
    }
    for (Batch& batch : batches) {
      for (std::size_t i = 0; i < batch.commands.size(); ++i) {
        Result<RecordedAct>& outcome = batch.outcomes[i];
        if (outcome) outcome->checkpoint = batch.checkpoint;
        if (watcher_ && outcome && !outcome->events.empty()) {
          TellGuarded([&] { watcher_(*outcome); });
        }
        TellGuarded([&] { batch.commands[i].command.done(std::move(outcome)); });
      }
    }
  }
}

}  // namespace lims::storage
