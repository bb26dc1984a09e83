#include "rpc/watch.h"

#include <chrono>
#include <deque>
#include <exception>
#include <optional>
#include <set>
#include <utility>

#include "rpc/adapter.h"

namespace lims::rpc {
namespace {

using std::chrono::steady_clock;

// How often it is looked whether a session ended or a sign of life is due.
constexpr std::chrono::milliseconds kTick{1000};

std::string Resume(const std::string& why, std::int64_t position) {
  return why + ": watch again after log index " + std::to_string(position);
}

}  // namespace

class LotWatches::Watch final : public grpc::ServerWriteReactor<v1::WatchLotResponse> {
 public:
  Watch(LotWatches& owner, grpc::CallbackServerContext& context, const CallLimits& limits,
        const v1::WatchLotRequest& request)
      : owner_(owner),
        context_(context),
        limits_(limits),
        watched_(app::NamedIn(request)),
        follower_(request) {}

  void OnWriteDone(bool ok) override {
    stuck_.reset();
    std::unique_lock lock(owner_.mutex_);
    writing_ = false;
    if (!ok) RequestEnd(grpc::Status(grpc::StatusCode::CANCELLED, "the terminal went away"));
    if (ready_.empty() && (dirty_ || ending_)) owner_.Wake();
    Proceed(std::move(lock));
  }

  void OnCancel() override {
    std::unique_lock lock(owner_.mutex_);
    RequestEnd(grpc::Status(grpc::StatusCode::CANCELLED, "the call was cancelled"));
    Proceed(std::move(lock));
  }

  void OnDone() override { owner_.Remove(this); }

  void End(const Error& error) {
    std::unique_lock lock(owner_.mutex_);
    RequestEnd(ToStatus(error));
    Proceed(std::move(lock));
  }

  // Without the lock: on the thread that reads. Everything that is new, or why the call ends.
  Result<std::vector<v1::WatchLotResponse>> Read(app::Site& site, storage::Records& records,
                                                 app::WatchedLots* lots) try {
    LIMS_RETURN_IF_ERROR(site.TerminalName(call_.terminal_sha256));
    LIMS_ASSIGN_OR_RETURN(const v1::Role role, app::RoleForRead(records, call_));
    if (role == v1::ROLE_AUDITOR && !noted_) site.access_log().NoteRead(call_, watched_);
    noted_ = true;
    return follower_.Read(site, records, lots);
  } catch (const std::exception& fault) {
    return Adapter::Incident(fault.what());
  }

  // Takes what was read; a sign of life when there is nothing for too long.
  void Deliver(std::vector<v1::WatchLotResponse> responses) {
    std::unique_lock lock(owner_.mutex_);
    reading_ = false;
    if (!done_) owner_.Follow(this);
    if (follower_.behind()) dirty_ = true;
    const auto now = steady_clock::now();
    for (v1::WatchLotResponse& response : responses) ready_.push_back(std::move(response));
    if (ready_.empty() && !dirty_ && now >= life_due_) {
      ready_.emplace_back().set_log_index(follower_.position());
    }
    if (!ready_.empty()) life_due_ = now + limits_.heartbeat;
    Proceed(std::move(lock));
  }

  // Under the lock.
  bool IsDue(steady_clock::time_point now) const {
    return !reading_ && !writing_ && ready_.empty() && !ending_ && (dirty_ || now >= life_due_);
  }

  app::Call call_;

  // Members below: under the owner's lock.
  void RequestEnd(grpc::Status status) {
    if (ending_) return;
    ending_ = true;
    end_ = std::move(status);
    ready_.clear();
  }

  // Does what comes next, without the lock: one message, or the end.
  void Proceed(std::unique_lock<std::mutex> lock) {
    if (writing_ || finished_) return;
    if (ending_) {
      finished_ = true;
      lock.unlock();
      Finish(end_);
      return;
    }
    if (ready_.empty()) return;
    writing_ = true;
    current_ = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    stuck_.emplace(context_, limits_.silence,
                   Resume("the terminal takes nothing", current_.log_index() - 1));
    StartWrite(&current_);
  }

  bool dirty_ = true;      // a commit concerns it since it was read for last
  bool reading_ = false;   // the thread works for it
  bool admitted_ = false;  // it stands in the owner's lists
  bool done_ = false;
  std::set<std::string> followed_;

 private:
  LotWatches& owner_;
  grpc::CallbackServerContext& context_;
  const CallLimits& limits_;
  const app::AccessLog::Details watched_;
  app::LotFollower follower_;  // of the reading thread
  bool noted_ = false;         // of the reading thread

  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
  grpc::Status end_;
  std::deque<v1::WatchLotResponse> ready_;
  steady_clock::time_point life_due_ = steady_clock::now() + limits_.heartbeat;

  v1::WatchLotResponse current_;    // on its way
  std::optional<CallLimit> stuck_;  // while it is

  friend class LotWatches;
};

LotWatches::~LotWatches() {
  if (!thread_.joinable()) return;
  adapter_.site().OnCommitted({});
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

grpc::ServerWriteReactor<v1::WatchLotResponse>* LotWatches::Start(
    grpc::CallbackServerContext& context, const v1::WatchLotRequest& request) {
  std::call_once(started_, [this] {
    adapter_.site().OnCommitted([this](const storage::RecordedAct& act) { NoteCommit(act); });
    thread_ = std::thread([this] { Loop(); });
  });
  const auto watch = std::make_shared<Watch>(*this, context, adapter_.limits(), request);
  auto call = adapter_.Identify(context, "lims.v1.LotService/WatchLot");
  if (call) watch->call_ = *call;
  if (const auto known = app::RequireKnownContent(request); call && !known) call = known.error();
  std::unique_lock lock(mutex_);
  watches_[watch.get()] = watch;  // until its OnDone
  ++count_;
  const auto admitted = call ? Admit(watch) : Result<void>(call.error());
  if (!admitted) {
    watch->RequestEnd(ToStatus(admitted.error()));
    watch->Proceed(std::move(lock));
  }
  return watch.get();
}

Result<void> LotWatches::Admit(const WatchPtr& watch) {
  if (stopping_) {
    return MakeError(ErrorReason::kUnavailable, "the server is stopping: watch again in a moment");
  }
  int& count = of_terminal_[watch->call_.terminal_sha256];
  if (count >= kMaxOfTerminal) {
    return MakeError(ErrorReason::kBusy, "terminal " + watch->call_.terminal + " watches " +
                                             std::to_string(count) +
                                             " lots already: end one of them first");
  }
  ++count;
  watch->admitted_ = true;
  Wake();
  return {};
}

void LotWatches::Wake() {
  wake_ = true;
  woken_.notify_one();
}

void LotWatches::Follow(Watch* watch) {
  if (watch->followed_ == watch->follower_.streams()) return;
  Unfollow(watch);
  watch->followed_ = watch->follower_.streams();
  for (const std::string& stream : watch->followed_) followers_[stream].insert(watch);
}

void LotWatches::Unfollow(Watch* watch) {
  for (const std::string& stream : watch->followed_) {
    const auto found = followers_.find(stream);
    found->second.erase(watch);
    if (found->second.empty()) followers_.erase(found);
  }
  watch->followed_.clear();
}

void LotWatches::Remove(Watch* watch) {
  WatchPtr last;  // freed after the lock
  const std::lock_guard lock(mutex_);
  watch->done_ = true;
  Unfollow(watch);
  if (watch->admitted_) {
    const auto count = of_terminal_.find(watch->call_.terminal_sha256);
    if (--count->second == 0) of_terminal_.erase(count);
  }
  const auto found = watches_.find(watch);
  last = std::move(found->second);
  watches_.erase(found);
  --count_;
}

void LotWatches::EndAll() {
  std::vector<WatchPtr> all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [watch, shared] : watches_) all.push_back(shared);
  }
  for (const WatchPtr& watch : all) {
    watch->End(MakeError(ErrorReason::kUnavailable,
                         "the server is stopping: watch again after the last log index"));
  }
}

void LotWatches::NoteCommit(const storage::RecordedAct& act) {
  if (count_ == 0) return;
  const std::lock_guard lock(mutex_);
  bool concerned = false;
  for (const v1::Event& event : act.events) {
    if (const auto found = followers_.find(event.stream()); found != followers_.end()) {
      for (Watch* watch : found->second) watch->dirty_ = true;
      concerned = true;
    }
    // Somebody may have lost the right to watch.
    for (const v1::Record& record : event.records()) {
      if (!record.has_user() && !record.has_terminal()) continue;
      for (const auto& [watch, shared] : watches_) watch->dirty_ = true;
      concerned = true;
    }
    concerned = concerned || event.act() == v1::ACT_LOG_OUT;
  }
  if (concerned) Wake();
}

void LotWatches::Loop() {
  for (;;) {
    std::vector<WatchPtr> due;
    {
      std::unique_lock lock(mutex_);
      if (watches_.empty()) {
        woken_.wait(lock, [this] { return wake_; });
      } else {
        woken_.wait_for(lock, kTick, [this] { return wake_; });
      }
      wake_ = false;
      if (ended_) return;
      due = TakeDue();
    }
    EndExpired();
    if (!due.empty()) ReadFor(due);
  }
}

std::vector<LotWatches::WatchPtr> LotWatches::TakeDue() {
  const auto now = steady_clock::now();
  std::vector<WatchPtr> due;
  for (const auto& [watch, shared] : watches_) {
    if (!watch->admitted_ || !watch->IsDue(now)) continue;
    watch->dirty_ = false;
    watch->reading_ = true;
    due.push_back(shared);
  }
  return due;
}

void LotWatches::EndExpired() {
  std::vector<std::pair<WatchPtr, Error>> expired;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [watch, shared] : watches_) {
      if (!watch->admitted_) continue;
      const auto open = adapter_.site().sessions().CheckOpen(watch->call_.session);
      if (!open) expired.emplace_back(shared, open.error());
    }
  }
  for (const auto& [watch, error] : expired) watch->End(error);
}

void LotWatches::ReadFor(const std::vector<WatchPtr>& due) {
  std::vector<Result<std::vector<v1::WatchLotResponse>>> read;
  const auto done = adapter_.site().store().Read([&](storage::Records& records) -> Result<void> {
    app::WatchedLots lots;
    for (const WatchPtr& watch : due) read.push_back(watch->Read(adapter_.site(), records, &lots));
    return {};
  });
  for (std::size_t i = 0; i < due.size(); ++i) {
    const Error* error = !done ? &done.error() : !read[i] ? &read[i].error() : nullptr;
    if (error != nullptr) {
      adapter_.site().access_log().NoteRefusal(due[i]->call_, *error);
      due[i]->End(*error);
      continue;
    }
    due[i]->Deliver(*std::move(read[i]));
  }
}

}  // namespace lims::rpc
