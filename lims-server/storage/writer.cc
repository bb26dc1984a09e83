#include "storage/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>

namespace lims::storage {
namespace {

// Frames after which the WAL is moved into the file even under load; about 16 MB. A page that many
// acts touched is moved once.
constexpr int kCheckpointFrames = 4000;
// After a pause a shorter WAL is moved too, so that a burst starts with an empty one.
constexpr int kIdleCheckpointFrames = 200;
constexpr std::chrono::milliseconds kPause{50};
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
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || failed_) {
      refusal = ErrorReason::kUnavailable;
    } else if (queue_.size() >= options_.queue_limit) {
      refusal = ErrorReason::kBusy;
    } else {
      queue_.push_back({std::move(command), nullptr});
      wake = queue_.size() >= wake_at_;
    }
  }
  if (refusal == ErrorReason::kUnspecified) {
    if (wake) queued_.notify_one();
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
      const auto has_work = [this] { return stopping_ || queue_.size() >= wake_at_; };
      wake_at_ = 1;
      if (db_.WalFrames() > kIdleCheckpointFrames && !queued_.wait_for(lock, kPause, has_work)) {
        lock.unlock();
        db_.Checkpoint();
        lock.lock();
      }
      queued_.wait(lock, has_work);
      if (queue_.empty()) return;
      // Callers come in cohorts: those answered by the last two commits are on their way back. One
      // caller alone waits for nobody.
      const std::size_t expected = std::min(last_batch_ + batch_before_, options_.batch_limit);
      if (expected > 2 && queue_.size() < expected) {
        wake_at_ = expected;
        queued_.wait_for(
            lock,
            std::chrono::microseconds(static_cast<std::int64_t>(mean_commit_us_ * kGatherShare)),
            has_work);
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

Result<std::vector<Result<RecordedAct>>> Writer::TryBatch(std::vector<Pending>& batch) {
  LIMS_RETURN_IF_ERROR(db_.Execute("BEGIN IMMEDIATE"));
  std::vector<Result<RecordedAct>> outcomes;
  outcomes.reserve(batch.size());
  for (Pending& pending : batch) {
    const std::uint64_t size_before = ledger_->tree().size();
    Result<RecordedAct> outcome = RunOne(pending);
    // A refusal has written nothing. A failure while writing spoils the transaction.
    const bool spoiled = !outcome && (ledger_->tree().size() != size_before ||
                                      outcome.error().reason == ErrorReason::kUnavailable ||
                                      outcome.error().reason == ErrorReason::kDataLoss ||
                                      outcome.error().reason == ErrorReason::kTooLarge);
    if (spoiled) return std::move(outcome).error();
    outcomes.push_back(std::move(outcome));
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
    return committed.error();
  }
  const double took = NowUs() - start;
  mean_commit_us_ = mean_commit_us_ == 0 ? took : 0.8 * mean_commit_us_ + 0.2 * took;
  unstored_checkpoint_.clear();
  return outcomes;
}

void Writer::WriteBatch(std::vector<Pending> batch) {
  auto outcomes = TryBatch(batch);
  if (!outcomes) {
    const Error error = outcomes.error();
    (void)db_.Execute("ROLLBACK");
    if (failed()) {
      SendToAll(std::move(batch),
                MakeError(ErrorReason::kUnavailable,
                          "the disk failed and it is unknown whether the act was recorded: the "
                          "server stops; repeat the same request when it is back"));
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
    SendToAll(std::move(batch), error);
    return;
  }
  if (static_cast<std::int64_t>(ledger_->tree().size()) != signed_size_) {
    auto checkpoint = SignCheckpoint();
    if (!checkpoint) {
      {
        const std::lock_guard lock(mutex_);
        failed_ = true;
      }
      SendToAll(std::move(batch), checkpoint.error());
      return;
    }
    unstored_checkpoint_ = *checkpoint;
    unstored_size_ = signed_size_;
    const std::lock_guard lock(mutex_);
    latest_checkpoint_ = *std::move(checkpoint);
  }
  Send(std::move(batch), *std::move(outcomes), LatestCheckpoint());
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

void Writer::Send(std::vector<Pending> batch, std::vector<Result<RecordedAct>> outcomes,
                  std::string checkpoint) {
  {
    const std::lock_guard lock(reply_mutex_);
    answered_.push_back({std::move(batch), std::move(outcomes), std::move(checkpoint)});
  }
  replied_.notify_one();
}

void Writer::SendToAll(std::vector<Pending> batch, const Error& error) {
  std::vector<Result<RecordedAct>> outcomes(batch.size(), Result<RecordedAct>(error));
  Send(std::move(batch), std::move(outcomes), "");
}

void Writer::ReplyLoop() {
  for (;;) {
    std::vector<Answered> answered;
    {
      std::unique_lock lock(reply_mutex_);
      replied_.wait(lock, [this] { return replies_end_ || !answered_.empty(); });
      if (answered_.empty()) return;
      answered.swap(answered_);
    }
    for (Answered& commit : answered) {
      for (std::size_t i = 0; i < commit.batch.size(); ++i) {
        Result<RecordedAct>& outcome = commit.outcomes[i];
        if (outcome) outcome->checkpoint = commit.checkpoint;
        if (watcher_ && outcome && !outcome->events.empty()) watcher_(*outcome);
        commit.batch[i].command.done(std::move(outcome));
      }
    }
  }
}

}  // namespace lims::storage
