#include "rpc/server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>

#include "app/files.h"
#include "rpc/adapter.h"
#include "rpc/services.h"

namespace lims::rpc {
namespace {

constexpr int kMaxReceiveBytes = 1 << 20;
constexpr int kMaxSendBytes = 4 << 20;
constexpr int kMaxMetadataBytes = 8 << 10;
constexpr int kMaxStreams = 64;
constexpr std::size_t kMemoryBytes = std::size_t{512} << 20;
constexpr int kMinuteMs = 60'000;

// TLS with a certificate asked from every client; only TLS 1.3, because main sets that for the
// whole process.
Result<std::shared_ptr<grpc::ServerCredentials>> Credentials(const app::SitePaths& paths) {
  using grpc::experimental::IdentityKeyCertPair;
  IdentityKeyCertPair pair;
  LIMS_ASSIGN_OR_RETURN(pair.private_key, app::ReadFile(paths.key));
  LIMS_ASSIGN_OR_RETURN(pair.certificate_chain, app::ReadFile(paths.certificate));
  LIMS_ASSIGN_OR_RETURN(const std::string ca, app::ReadFile(paths.ca_certificate));
  auto provider = std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
      ca, std::vector<IdentityKeyCertPair>{pair});
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

struct Server::Parts {
  Parts(app::Site& site, CallLimits limits) : adapter(site, limits) {}
  std::vector<std::unique_ptr<grpc::Service>> services;
  Adapter adapter;  // after the services: its workers may still finish their calls
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  if (parts_->server != nullptr) Drain(0);
}

int Server::port() const { return parts_->port; }

Result<std::unique_ptr<Server>> Server::Start(app::Site& site, const std::string& address,
                                              CallLimits limits) {
  auto parts = std::make_unique<Parts>(site, limits);
  for (auto make : {MakeAccessService, MakeSignatureService, MakeCatalogueService, MakeLotService,
                    MakeRunService, MakeAuditService, MakeSystemService}) {
    parts->services.push_back(make(parts->adapter));
  }
  LIMS_ASSIGN_OR_RETURN(auto credentials, Credentials(site.paths()));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, credentials, &parts->port);
  for (const auto& service : parts->services) builder.RegisterService(service.get());
  builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  builder.SetMaxSendMessageSize(kMaxSendBytes);
  // The library unpacks a message before it looks at its size.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kMinuteMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kMinuteMs / 3);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinuteMs / 2);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 15 * kMinuteMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 12 * 60 * kMinuteMs);
  grpc::ResourceQuota quota("lims");
  quota.Resize(kMemoryBytes);
  builder.SetResourceQuota(quota);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->port == 0) {
    return MakeError(ErrorReason::kUnavailable,
                     "cannot listen on " + address + ": the address is in use or not ours");
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

void Server::Drain(int seconds) {
  if (auto* health = parts_->server->GetHealthCheckService()) health->SetServingStatus(false);
  parts_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  parts_->server.reset();
}

}  // namespace lims::rpc
