#include "load.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/random.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "now.h"

namespace lims::bench {

double LoadResult::Rate() const {
  return static_cast<double>(latencies_us.size()) / seconds;
}

double LoadResult::Percentile(double share) const {
  if (latencies_us.empty()) return 0;
  return latencies_us[static_cast<std::size_t>(share *
                                               static_cast<double>(latencies_us.size() - 1))];
}

struct Terminals::Terminal {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::RunService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  v1::SubmitResultRequest request;
  v1::SubmitResultResponse response;
  double sent = 0;
  LoadResult result;
};

Terminals::Terminals(const client::TerminalIdentity& identity, std::string session, int count)
    : session_(std::move(session)) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity.ca_pem;
  options.pem_private_key = identity.key_pem;
  options.pem_cert_chain = identity.certificate_pem;
  for (int i = 0; i < count; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    auto terminal = std::make_unique<Terminal>();
    terminal->channel =
        grpc::CreateCustomChannel(identity.server, grpc::SslCredentials(options), arguments);
    terminal->stub = v1::RunService::NewStub(terminal->channel);
    terminals_.push_back(std::move(terminal));
  }
  for (const auto& terminal : terminals_) {
    terminal->channel->WaitForConnected(std::chrono::system_clock::now() +
                                        std::chrono::seconds(20));
  }
}

Terminals::~Terminals() = default;

LoadResult Terminals::Run(double seconds, const std::function<v1::SubmitResultRequest(int)>& next) {
  std::mutex mutex;
  std::condition_variable ended;
  int running = static_cast<int>(terminals_.size());
  const double start = NowSeconds();
  std::function<void(int)> send = [&](int index) {
    Terminal& terminal = *terminals_[static_cast<std::size_t>(index)];
    terminal.context = std::make_unique<grpc::ClientContext>();
    terminal.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    terminal.context->AddMetadata("authorization", session_);
    terminal.request = next(index);
    terminal.request.set_request_id(NewUuid());
    terminal.sent = NowSeconds();
    terminal.stub->async()->SubmitResult(
        terminal.context.get(), &terminal.request, &terminal.response,
        [&, index](const grpc::Status& status) {
          Terminal& answered = *terminals_[static_cast<std::size_t>(index)];
          const double now = NowSeconds();
          if (status.ok()) {
            answered.result.latencies_us.push_back((now - answered.sent) * 1e6);
          } else if (answered.result.refused++ == 0) {
            answered.result.first_refusal = status.error_message();
          }
          if (now - start < seconds) {
            send(index);
            return;
          }
          const std::lock_guard lock(mutex);
          if (--running == 0) ended.notify_one();
        });
  };
  for (int i = 0; i < static_cast<int>(terminals_.size()); ++i) send(i);
  {
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return running == 0; });
  }
  LoadResult all;
  all.seconds = NowSeconds() - start;
  for (const auto& terminal : terminals_) {
    LoadResult one = std::move(terminal->result);
    terminal->result = {};
    all.latencies_us.insert(all.latencies_us.end(), one.latencies_us.begin(),
                            one.latencies_us.end());
    if (all.refused == 0) all.first_refusal = one.first_refusal;
    all.refused += one.refused;
  }
  std::sort(all.latencies_us.begin(), all.latencies_us.end());
  return all;
}

}  // namespace lims::bench
