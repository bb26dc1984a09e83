#include "echo_server.h"

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <cstdio>

#include "app/files.h"
#include "base/tls_policy.h"
#include "lims/v1/run_service.grpc.pb.h"

namespace lims::bench {
namespace {

class EchoService final : public v1::RunService::CallbackService {
 public:
  explicit EchoService(v1::SubmitResultResponse response) : response_(std::move(response)) {}

  grpc::ServerUnaryReactor* SubmitResult(grpc::CallbackServerContext* context,
                                         const v1::SubmitResultRequest* /*request*/,
                                         v1::SubmitResultResponse* response) override {
    *response = response_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  v1::SubmitResultResponse response_;
};

}  // namespace

int ServeEcho(const std::string& site_dir, const std::string& response_file) {
  RequireTls13();
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  v1::SubmitResultResponse response;
  response.ParseFromString(*app::ReadFile(response_file));
  EchoService service(std::move(response));
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = *app::ReadFile(site_dir + "/server/ca.pem");
  options.pem_key_cert_pairs.push_back({*app::ReadFile(site_dir + "/server/server.key"),
                                        *app::ReadFile(site_dir + "/server/server.pem")});
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::printf("on port %d, echo\n", port);
  std::fflush(stdout);
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  server->Shutdown();
  return 0;
}

}  // namespace lims::bench
