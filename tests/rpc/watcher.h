// A terminal that follows a lot, read on a thread of its own.
#ifndef LIMS_TESTS_RPC_WATCHER_H_
#define LIMS_TESTS_RPC_WATCHER_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/status.h"
#include "lims/v1/lot_service.grpc.pb.h"

namespace lims::rpc {

class Watcher {
 public:
  Watcher(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
          const v1::WatchLotRequest& request)
      : stub_(v1::LotService::NewStub(channel)) {
    context_.AddMetadata("authorization", session);
    reader_ = stub_->WatchLot(&context_, request);
    thread_ = std::thread([this] { Read(); });
  }
  ~Watcher() {
    context_.TryCancel();
    thread_.join();
  }

  // Whether the messages so far become such within some seconds and before the call ends.
  bool WaitFor(const std::function<bool(const std::vector<v1::WatchLotResponse>&)>& holds) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20),
                      [&] { return status_.has_value() || holds(messages_); });
    return holds(messages_);
  }
  // Blockers have come, at least so often.
  bool WaitForBlockers(int times) {
    return WaitFor([times](const auto& messages) {
      int found = 0;
      for (const v1::WatchLotResponse& each : messages) found += each.has_blockers();
      return found >= times;
    });
  }
  // How the call ended; nullopt when it goes on.
  std::optional<grpc::Status> WaitForEnd() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return status_.has_value(); });
    return status_;
  }
  void Cancel() { context_.TryCancel(); }

  std::vector<v1::WatchLotResponse> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<std::int64_t> Indices() {
    std::vector<std::int64_t> indices;
    for (const v1::WatchLotResponse& each : messages()) {
      if (each.has_event()) indices.push_back(each.event().index());
    }
    return indices;
  }
  v1::GetBlockersResponse LastBlockers() {
    v1::GetBlockersResponse blockers;
    for (const v1::WatchLotResponse& each : messages()) {
      if (each.has_blockers()) blockers = each.blockers();
    }
    return blockers;
  }

 private:
  void Read() {
    v1::WatchLotResponse message;
    while (reader_->Read(&message)) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
      changed_.notify_all();
    }
    const grpc::Status status = reader_->Finish();
    const std::lock_guard lock(mutex_);
    status_ = status;
    changed_.notify_all();
  }

  std::unique_ptr<v1::LotService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchLotResponse>> reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<v1::WatchLotResponse> messages_;
  std::optional<grpc::Status> status_;
  std::thread thread_;
};

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_WATCHER_H_
