#include "rpc/server.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "base/clock.h"
#include "base/message_limits.h"
#include "base/x509.h"
#include "rpc/adapter.h"
#include "rpc/certificates.h"
#include "rpc/services.h"
#include "rpc/watch.h"

namespace lims::rpc {
namespace {

constexpr int kMaxMetadataBytes = 8 << 10;
constexpr int kMaxStreams = 64;
constexpr std::size_t kMemoryBytes = std::size_t{512} << 20;
constexpr int kMinuteMs = 60'000;
// No call but a watch lasts longer, and a watch goes on over a new connection.
constexpr int kConnectionGraceMs = 5 * kMinuteMs;
// Of synchronous handlers. Ours are none: it bounds what a library might add.
constexpr int kMaxThreads = 16;

}  // namespace

struct Server::Parts {
  Parts(app::Site& served, CallLimits limits)
      : site(served), certificates(served.paths()), adapter(served, limits) {}
  app::Site& site;
  Certificates certificates;
  std::vector<std::unique_ptr<grpc::Service>> services;
  Adapter adapter;  // after the services: its workers may still finish their calls
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::vector<app::AccessLog::Details> unrecorded;  // renewals of certificates
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  if (parts_->server != nullptr) Drain(0);
}

int Server::port() const {
  return parts_->port;
}

Result<std::unique_ptr<Server>> Server::Start(app::Site& site, const std::string& address,
                                              CallLimits limits) {
  auto parts = std::make_unique<Parts>(site, limits);
  for (auto make : {MakeAccessService, MakeSignatureService, MakeCatalogueService, MakeLotService,
                    MakeRunService, MakeAuditService, MakeSystemService}) {
    parts->services.push_back(make(parts->adapter));
  }
  LIMS_RETURN_IF_ERROR(parts->certificates.Load(SystemClock().Now()));
  // A debugging aid of gRPC's mutexes that Debian leaves on: every lock order in one global graph.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, parts->certificates.MakeCredentials(), &parts->port);
  for (const auto& service : parts->services) builder.RegisterService(service.get());
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxRequestBytes));
  builder.SetMaxSendMessageSize(static_cast<int>(kMaxReplyBytes));
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
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kConnectionGraceMs);
  grpc::ResourceQuota quota("lims");
  quota.Resize(kMemoryBytes);
  quota.SetMaxThreads(kMaxThreads);
  builder.SetResourceQuota(quota);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || parts->port == 0) {
    return MakeError(ErrorReason::kUnavailable,
                     "cannot listen on " + address + ": the address is in use or not ours");
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

void Server::RefreshCertificates() {
  TakeCertificates();
  std::vector<app::AccessLog::Details>& renewals = parts_->unrecorded;
  while (!renewals.empty()) {
    const auto recorded =
        parts_->site.NoteAccess(app::Call(), v1::ACT_RENEW_CERTIFICATE, renewals.front());
    if (!recorded) {
      spdlog::error("the new certificate is in use and not yet in the log: {}",
                    recorded.error().message);
      return;
    }
    renewals.erase(renewals.begin());
  }
}

void Server::TakeCertificates() {
  const auto taken = parts_->certificates.Refresh(SystemClock().Now());
  if (!taken) {
    spdlog::error("certificates stay as they are; {}: {}", taken.error().violations[0].field,
                  WhatIsWrong(taken.error()));
    return;
  }
  if (!*taken) return;
  Certificates::Content content = parts_->certificates.content();
  const auto certificate = CertificateSha256(content.server.certificate_pem);
  const auto ca = CertificateSha256(content.ca.certificate_pem);
  const auto expires = CertificateNotAfter(content.server.certificate_pem);
  if (!certificate || !ca || !expires) return;  // they were checked
  spdlog::info("new connections get certificate {}, good until {}, and CA {}", *certificate,
               FormatUtc(*expires), *ca);
  parts_->unrecorded.push_back({{"certificate_sha256", *certificate},
                                {"good_until", FormatUtc(*expires)},
                                {"ca_sha256", *ca}});
  parts_->site.SetCa(std::move(content.ca));
}

void Server::Drain(int seconds) {
  if (auto* health = parts_->server->GetHealthCheckService()) health->SetServingStatus(false);
  parts_->adapter.lot_watches().EndAll();
  parts_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
  parts_->server.reset();
}

}  // namespace lims::rpc
