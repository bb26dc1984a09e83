#include "rpc/submit_stream.h"
#include "app/submit_result.h"

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>

namespace lims::rpc {
namespace {

constexpr int kMaxItems = 100;
// Messages of one stream that are being recorded or answered: enough to plan one while others are
// flushed.
constexpr int kMaxUnderWay = 4;
constexpr char kItemMethod[] = "lims.v1.RunService/SubmitResult";

class SubmitStream final
    : public grpc::ServerBidiReactor<v1::SubmitResultsRequest, v1::SubmitResultsResponse> {
 public:
  SubmitStream(Adapter& adapter, grpc::CallbackServerContext& context)
      : adapter_(adapter), context_(context) {
    if (auto open = Open(); !open) {
      if (!call_.user_id.empty()) adapter.site().access_log().NoteRefusal(call_, open.error());
      std::unique_lock lock(mutex_);
      RequestEnd(ToStatus(open.error()));
      Proceed(std::move(lock));
      return;
    }
    Proceed(std::unique_lock(mutex_));
  }

  void OnReadDone(bool ok) override {
    silence_.reset();
    if (ok) Take();
    std::unique_lock lock(mutex_);
    reading_ = false;
    if (!ok) all_read_ = true;
    Proceed(std::move(lock));
  }

  void OnWriteDone(bool ok) override {
    stuck_.reset();
    std::unique_lock lock(mutex_);
    writing_ = false;
    if (!ok) {
      gone_ = true;
      RequestEnd(grpc::Status(grpc::StatusCode::CANCELLED, "the terminal went away"));
    }
    Proceed(std::move(lock));
  }

  void OnDone() override { delete this; }

 private:
  // The items of one message on their way.
  struct Batch {
    app::Call call;
    v1::SubmitResultsRequest request;
    v1::SubmitResultsResponse response;
    std::atomic<int> missing = 0;  // outcomes
  };

  Result<void> Open() {
    LIMS_ASSIGN_OR_RETURN(call_, adapter_.Identify(context_, "lims.v1.RunService/SubmitResults"));
    LIMS_RETURN_IF_ERROR(adapter_.site().store().Read(
        [&](storage::Records& records) { return app::RoleForRead(records, call_); }));
    if (!HasDeadline(context_, adapter_.limits())) {
      return InvalidArgument("deadline", "a write needs one, at most five minutes away");
    }
    return {};
  }

  // Hands the message that was read to a worker, which takes them in order.
  void Take() {
    auto batch = std::make_shared<Batch>();
    batch->request.Swap(&message_);
    batch->call = call_;
    const int items = batch->request.items_size();
    std::optional<Error> refusal;
    // Each item is looked at by itself.
    if (!v1::SubmitResultsRequest::GetReflection()->GetUnknownFields(batch->request).empty()) {
      refusal = InvalidArgument("message", "unknown fields");
    } else if (items == 0 || items > kMaxItems) {
      refusal =
          InvalidArgument("items", "must be 1 to " + std::to_string(kMaxItems) + " in one message");
    } else if (auto open = adapter_.site().sessions().Check(call_.session, &batch->call); !open) {
      refusal = open.error();
    }
    batch->missing = items;
    for (int i = 0; i < items; ++i) batch->response.add_outcomes();
    std::unique_lock lock(mutex_);
    if (refusal) {
      RequestEnd(ToStatus(*refusal));
      return;
    }
    ++under_way_;
    to_plan_.push_back(std::move(batch));
    if (planning_) return;
    planning_ = true;
    lock.unlock();
    if (adapter_.workers().Post([this] { PlanAll(); })) return;
    lock.lock();
    planning_ = false;
    under_way_ -= static_cast<int>(to_plan_.size());
    to_plan_.clear();
    RequestEnd(ToStatus(MakeError(ErrorReason::kBusy, "the server is busy: send the rest again")));
  }

  void PlanAll() {
    std::unique_lock lock(mutex_);
    while (!to_plan_.empty()) {
      const std::shared_ptr<Batch> batch = std::move(to_plan_.front());
      to_plan_.pop_front();
      lock.unlock();
      Submit(batch);
      lock.lock();
    }
    planning_ = false;
    Proceed(std::move(lock));
  }

  void Submit(const std::shared_ptr<Batch>& batch) {
    batch->call.method = kItemMethod;
    for (int i = 0; i < batch->request.items_size(); ++i) {
      batch->response.mutable_outcomes(i)->set_request_id(batch->request.items(i).request_id());
      const Result<void> submitted = SubmitItem(batch, i);
      if (!submitted) Answer(batch, i, submitted.error());
    }
  }

  Result<void> SubmitItem(const std::shared_ptr<Batch>& batch, int i) try {
    const v1::SubmitResultRequest& item = batch->request.items(i);
    LIMS_RETURN_IF_ERROR(Adapter::CheckRequestId(item.request_id()));
    LIMS_ASSIGN_OR_RETURN(std::string fingerprint, app::Fingerprint(kItemMethod, item));
    LIMS_ASSIGN_OR_RETURN(app::Plan plan, app::SubmitResult(adapter_.site(), batch->call, item));
    adapter_.site().Submit(
        batch->call, item.request_id(), std::move(fingerprint),
        app::WithPlainTexts(std::move(plan), item),
        [this, batch, i](Result<storage::RecordedAct> act) { Answer(batch, i, std::move(act)); });
    return {};
  } catch (const std::exception& fault) {
    return Adapter::Incident(fault.what());
  }

  // The last outcome of a message sends them all, also after a fault in filling it.
  void Answer(const std::shared_ptr<Batch>& batch, int item, Result<storage::RecordedAct> act) {
    v1::SubmitResultOutcome* outcome = batch->response.mutable_outcomes(item);
    const auto refuse = [&](const Error& error) {
      outcome->clear_response();
      outcome->mutable_error()->ParseFromString(ToStatus(error).error_details());
    };
    try {
      if (act) {
        app::FillResponse(*std::move(act), outcome->mutable_response());
      } else {
        const Error error = Adapter::Told(std::move(act).error());
        adapter_.site().access_log().NoteRefusal(call_, error);
        refuse(error);
      }
    } catch (const std::exception& fault) {
      refuse(Adapter::Incident(fault.what()));
    }
    if (--batch->missing > 0) return;
    std::unique_lock lock(mutex_);
    --under_way_;
    ready_.push_back(std::move(batch->response));
    Proceed(std::move(lock));
  }

  // Below: under the lock.
  void RequestEnd(grpc::Status status) {
    if (ending_) return;
    ending_ = true;
    end_ = std::move(status);
  }

  // Does what comes next, without the lock: reads, writes, ends. Nothing is ended while another
  // thread is about to start something, so that the object lives until it has.
  void Proceed(std::unique_lock<std::mutex> lock) {
    for (;;) {
      if (finished_) return;
      const bool answered = under_way_ == 0 && !planning_ && !writing_ && (ready_.empty() || gone_);
      if (answered && starting_ == 0 && (ending_ || all_read_)) {
        finished_ = true;  // a read may be open: the end of the call ends it
        grpc::Status end = end_;
        lock.unlock();
        Finish(std::move(end));
        return;
      }
      const bool room = under_way_ + static_cast<int>(ready_.size()) < kMaxUnderWay;
      const bool read = !ending_ && !all_read_ && !reading_ && room;
      const bool write = !gone_ && !writing_ && !ready_.empty();
      if (!read && !write) return;
      reading_ = reading_ || read;
      writing_ = writing_ || write;
      if (write) {
        current_ = std::move(ready_.front());
        ready_.pop_front();
      }
      ++starting_;
      lock.unlock();
      if (write) {
        stuck_.emplace(context_, adapter_.limits().silence,
                       "the terminal takes no answers: send again what has none");
        StartWrite(&current_);
      }
      if (read) {
        silence_.emplace(context_, adapter_.limits().silence,
                         "nothing came for a while: send the rest in a new call");
        StartRead(&message_);
      }
      lock.lock();
      --starting_;
    }
  }

  Adapter& adapter_;
  grpc::CallbackServerContext& context_;
  app::Call call_;

  std::mutex mutex_;
  std::deque<std::shared_ptr<Batch>> to_plan_;
  bool planning_ = false;  // a worker does
  int under_way_ = 0;      // messages without all outcomes
  bool reading_ = false;
  bool writing_ = false;
  bool all_read_ = false;  // the terminal sends no more
  bool ending_ = false;    // once everything under way is answered
  bool gone_ = false;      // nobody takes answers
  bool finished_ = false;
  int starting_ = 0;  // threads that start a read or write
  grpc::Status end_;
  std::deque<v1::SubmitResultsResponse> ready_;

  v1::SubmitResultsRequest message_;   // being read
  v1::SubmitResultsResponse current_;  // being written
  std::optional<CallLimit> silence_;
  std::optional<CallLimit> stuck_;
};

}  // namespace

grpc::ServerBidiReactor<v1::SubmitResultsRequest, v1::SubmitResultsResponse>* StartSubmitStream(
    Adapter& adapter, grpc::CallbackServerContext& context) {
  return new SubmitStream(adapter, context);
}

}  // namespace lims::rpc
