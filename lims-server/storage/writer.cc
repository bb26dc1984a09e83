#include "storage/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>

namespace lims::storage {
namespace {

// Frames after which the WAL is moved into the file even under load; about 4 MB.
constexpr int kCheckpointFrames = 1000;
// While nothing waits, a shorter WAL is moved too, so that a burst starts with an empty one.
constexpr int kIdleCheckpointFrames = 200;
// Share of a mean commit that a batch waits for more acts (measured: more costs latency).
constexpr double kGatherShare = 0.3;

double NowUs() {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Writer::Writer(Connection& db, std::unique_ptr<Ledger> ledger, std::unique_ptr<tlog::Signer> signer,
               std::string origin, std::int64_t signed_size, Options options)
    : db_(db),
      ledger_(std::move(ledger)),
      signer_(std::move(signer)),
      origin_(std::move(origin)),
      options_(std::move(options)),
      signed_size_(signed_size) {
  if (!options_.checkpoint_path.empty()) {
    checkpoint_fd_ = ::open(options_.checkpoint_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  }
  reply_thread_ = std::thread([this] { ReplyLoop(); });
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
    const std::lock_guard lock(reply_mutex_);
    replies_end_ = true;
  }
  replied_.notify_one();
  reply_thread_.join();
  if (!failed_) {
    if (!unstored_checkpoint_.empty()) {
      Statement put = db_.Query(
          "INSERT INTO log_checkpoint (size, note) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
      put.Bind(1, unstored_size_).BindText(2, unstored_checkpoint_);
      (void)put.Run();
    }
    db_.Checkpoint();
  }
  if (checkpoint_fd_ >= 0) ::close(checkpoint_fd_);
}

bool Writer::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::string Writer::LatestCheckpoint() const {
  const std::lock_guard lock(mutex_);
  return latest_checkpoint_;
}

void Writer::Enqueue(Command command) {
  ErrorReason refusal = ErrorReason::kUnspecified;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || failed_) {
      refusal = ErrorReason::kUnavailable;
    } else if (queue_.size() >= options_.queue_limit) {
      refusal = ErrorReason::kBusy;
    } else {
      queue_.push_back({std::move(command), nullptr});
    }
  }
  if (refusal == ErrorReason::kUnspecified) {
    queued_.notify_one();
  } else {
    command.done(MakeError(refusal, refusal == ErrorReason::kBusy
                                        ? "the server is busy: try again in a moment"
                                        : "the server is stopping: repeat the same request later"));
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
    queue_.push_back({std::move(command), std::move(work)});
  }
  queued_.notify_one();
  LIMS_RETURN_IF_ERROR(future.get());
  return {};
}

void Writer::WriteLoop() {
  for (;;) {
    std::vector<Pending> batch;
    {
      std::unique_lock lock(mutex_);
      if (queue_.empty() && !stopping_ && db_.WalFrames() > kIdleCheckpointFrames) {
        // Nothing waits: a good moment to shorten the WAL.
        lock.unlock();
        db_.Checkpoint();
        lock.lock();
      }
      queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      // Callers come in cohorts: those answered by the last two commits are on their way back.
      const std::size_t expected = std::min(last_batch_ + batch_before_, options_.batch_limit);
      if (queue_.size() < expected && !stopping_) {
        queued_.wait_for(
            lock,
            std::chrono::microseconds(static_cast<std::int64_t>(mean_commit_us_ * kGatherShare)),
            [&] { return stopping_ || queue_.size() >= expected; });
      }
      const std::size_t count = std::min(queue_.size(), options_.batch_limit);
      batch.assign(std::make_move_iterator(queue_.begin()),
                   std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(count)));
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    }
    batch_before_ = last_batch_;
    last_batch_ = batch.size();
    WriteBatch(std::move(batch));
  }
}

Result<RecordedAct> Writer::RunOne(Pending& pending) {
  if (pending.raw) {
    LIMS_RETURN_IF_ERROR(pending.raw(db_));
    return RecordedAct{};
  }
  LIMS_ASSIGN_OR_RETURN(auto known, ledger_->FindAct(pending.command.info));
  if (known) return *std::move(known);
  Transaction transaction = ledger_->Begin(pending.command.info);
  LIMS_RETURN_IF_ERROR(pending.command.run(transaction));
  return ledger_->Apply(std::move(transaction));
}

Result<void> Writer::TryBatch(std::vector<Pending>& batch, std::vector<Reply>& replies) {
  LIMS_RETURN_IF_ERROR(db_.Execute("BEGIN IMMEDIATE"));
  for (Pending& pending : batch) {
    const std::uint64_t size_before = ledger_->tree().size();
    Result<RecordedAct> result = RunOne(pending);
    // A refusal has written nothing. A failure while writing spoils the transaction.
    const bool spoiled = !result && (ledger_->tree().size() != size_before ||
                                     result.error().reason == ErrorReason::kUnavailable ||
                                     result.error().reason == ErrorReason::kDataLoss ||
                                     result.error().reason == ErrorReason::kTooLarge);
    if (spoiled) return std::move(result).error();
    replies.push_back({pending.command.done, std::move(result)});
  }
  if (!unstored_checkpoint_.empty()) {
    Statement put =
        db_.Query("INSERT INTO log_checkpoint (size, note) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    put.Bind(1, unstored_size_).BindText(2, unstored_checkpoint_);
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  const double start = NowUs();
  if (auto committed = db_.Execute("COMMIT"); !committed) {
    if (db_.OutcomeUnknown()) {
      const std::lock_guard lock(mutex_);
      failed_ = true;
    }
    return committed;
  }
  const double took = NowUs() - start;
  mean_commit_us_ = mean_commit_us_ == 0 ? took : 0.8 * mean_commit_us_ + 0.2 * took;
  unstored_checkpoint_.clear();
  return {};
}

void Writer::WriteBatch(std::vector<Pending> batch) {
  std::vector<Reply> replies;
  replies.reserve(batch.size());
  auto written = TryBatch(batch, replies);
  if (!written) {
    const Error error = written.error();
    (void)db_.Execute("ROLLBACK");
    replies.clear();
    if (failed()) {
      for (Pending& pending : batch) {
        replies.push_back(
            {pending.command.done,
             MakeError(ErrorReason::kUnavailable,
                       "the disk failed and it is unknown whether the act was recorded: the "
                       "server stops; repeat the same request when it is back")});
      }
      Send(std::move(replies));
      return;
    }
    (void)ledger_->Reload();
    // One bad act must not refuse its neighbours: each gets a transaction of its own.
    if (batch.size() > 1) {
      for (Pending& pending : batch) {
        std::vector<Pending> single;
        single.push_back(std::move(pending));
        WriteBatch(std::move(single));
      }
      return;
    }
    replies.push_back({batch[0].command.done, error});
    Send(std::move(replies));
    return;
  }
  if (static_cast<std::int64_t>(ledger_->tree().size()) != signed_size_) {
    auto checkpoint = SignCheckpoint();
    if (!checkpoint) {
      {
        const std::lock_guard lock(mutex_);
        failed_ = true;
      }
      const Error error = checkpoint.error();
      for (Reply& reply : replies) reply.result = error;
      Send(std::move(replies));
      return;
    }
    unstored_checkpoint_ = *checkpoint;
    unstored_size_ = signed_size_;
    const std::lock_guard lock(mutex_);
    latest_checkpoint_ = *std::move(checkpoint);
  }
  for (Reply& reply : replies) {
    if (reply.result) reply.result->checkpoint = LatestCheckpoint();
  }
  Send(std::move(replies));
  if (db_.WalFrames() > kCheckpointFrames) db_.Checkpoint();
}

Result<std::string> Writer::SignCheckpoint() {
  const auto old_size = static_cast<std::uint64_t>(signed_size_);
  const tlog::Checkpoint next{origin_, ledger_->tree().size(), ledger_->tree().Root()};
  LIMS_ASSIGN_OR_RETURN(const auto proof,
                        tlog::ConsistencyProof(old_size, next.size, ledger_->RecentNodes()));
  LIMS_ASSIGN_OR_RETURN(std::string note, signer_->Sign(old_size, next, proof));
  signed_size_ = static_cast<std::int64_t>(next.size);
  ledger_->MarkSigned();
  if (checkpoint_fd_ >= 0) {
    // Not flushed: after a power cut it may be older than the log, never newer.
    if (::pwrite(checkpoint_fd_, note.data(), note.size(), 0) !=
            static_cast<ssize_t>(note.size()) ||
        ::ftruncate(checkpoint_fd_, static_cast<off_t>(note.size())) != 0) {
      return MakeError(ErrorReason::kUnavailable, "cannot write " + options_.checkpoint_path);
    }
  }
  return note;
}

void Writer::Send(std::vector<Reply> replies) {
  {
    const std::lock_guard lock(reply_mutex_);
    replies_.insert(replies_.end(), std::make_move_iterator(replies.begin()),
                    std::make_move_iterator(replies.end()));
  }
  replied_.notify_one();
}

void Writer::ReplyLoop() {
  for (;;) {
    std::vector<Reply> replies;
    {
      std::unique_lock lock(reply_mutex_);
      replied_.wait(lock, [this] { return replies_end_ || !replies_.empty(); });
      if (replies_.empty()) return;
      replies.swap(replies_);
    }
    for (Reply& reply : replies) {
      if (watcher_ && reply.result && !reply.result->events.empty()) watcher_(*reply.result);
      reply.done(std::move(reply.result));
    }
  }
}

}  // namespace lims::storage
