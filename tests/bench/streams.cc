#include "streams.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>

#include "base/random.h"
#include "core/call.h"
#include "core/channel.h"
#include "lims/v1/lot_service.grpc.pb.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "now.h"

namespace lims::bench {
namespace {

void Require(bool holds, const std::string& otherwise) {
  if (holds) return;
  std::cerr << "bench: " << otherwise << "\n";
  std::exit(1);
}

// When each watcher got the newest blockers, and up to which log index.
class Watching {
 public:
  Watching(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
           const std::string& lot, int watchers)
      : stub_(v1::LotService::NewStub(channel)), seen_(static_cast<std::size_t>(watchers), -1) {
    v1::WatchLotRequest request;
    request.set_lot_id(lot);
    for (int i = 0; i < watchers; ++i) {
      auto& context = contexts_.emplace_back(std::make_unique<grpc::ClientContext>());
      context->AddMetadata("authorization", session);
      threads_.emplace_back([this, i, request, calling = context.get()] {
        const auto reader = stub_->WatchLot(calling, request);
        v1::WatchLotResponse message;
        while (reader->Read(&message)) {
          if (!message.has_blockers()) continue;
          const std::lock_guard lock(mutex_);
          seen_[static_cast<std::size_t>(i)] = message.log_index();
          changed_.notify_all();
        }
        reader->Finish();
      });
    }
  }
  ~Watching() {
    for (const auto& context : contexts_) context->TryCancel();
    for (std::thread& thread : threads_) thread.join();
  }

  // Until every watcher has blockers of this log index or later.
  bool WaitFor(std::int64_t index) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      return std::all_of(seen_.begin(), seen_.end(), [&](auto seen) { return seen >= index; });
    });
  }

 private:
  std::unique_ptr<v1::LotService::Stub> stub_;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> seen_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::vector<double> WatchLatencies(const client::TerminalIdentity& identity,
                                   const std::string& session, int watchers,
                                   const std::vector<v1::SubmitResultRequest>& requests) {
  const auto channel = client::OpenChannel(identity);
  Watching watching(channel, session, requests.front().lot_id(), watchers);
  Require(watching.WaitFor(0), "no watcher got blockers");
  std::vector<double> took;
  for (v1::SubmitResultRequest request : requests) {
    request.set_request_id(NewUuid());
    const double start = NowSeconds();
    const auto response = client::Call<v1::SubmitResultResponse>(channel, session, request);
    Require(!!response, response ? "" : response.error().message);
    Require(watching.WaitFor(response->receipt().log_index()), "a watcher got no new blockers");
    took.push_back((NowSeconds() - start) * 1000);
  }
  std::sort(took.begin(), took.end());
  return took;
}

double StreamedRate(const client::TerminalIdentity& identity, const std::string& session,
                    double seconds, int together,
                    const std::function<v1::SubmitResultRequest()>& next) {
  const auto channel = client::OpenChannel(identity);
  const auto stub = v1::RunService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(4));
  context.AddMetadata("authorization", session);
  const auto stream = stub->SubmitResults(&context);
  v1::SubmitResultsRequest request;
  const auto send = [&] {
    request.clear_items();
    for (int i = 0; i < together; ++i) {
      v1::SubmitResultRequest* item = request.add_items();
      *item = next();
      item->set_request_id(NewUuid());
    }
    Require(stream->Write(request), "the stream was ended");
  };
  const double start = NowSeconds();
  send();
  send();
  send();
  int items = 0;
  int sent = 3;
  v1::SubmitResultsResponse response;
  for (int answered = 0; answered < sent; ++answered) {
    Require(stream->Read(&response), "the stream was ended");
    for (const v1::SubmitResultOutcome& outcome : response.outcomes()) {
      Require(outcome.has_response(), outcome.error().message());
    }
    items += response.outcomes_size();
    if (NowSeconds() - start < seconds) {
      send();
      ++sent;
    }
  }
  const double took = NowSeconds() - start;
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  Require(status.ok(), status.error_message());
  return items / took;
}

}  // namespace lims::bench
