#include "rpc/adapter.h"

#include <grpcpp/security/auth_context.h>
#include <spdlog/spdlog.h>

#include <exception>

#include "app/second_entry.h"
#include "base/message_limits.h"
#include "base/random.h"
#include "base/x509.h"
#include "rpc/watch.h"

namespace lims::rpc {
namespace {

constexpr int kWorkerThreads = 4;
constexpr std::size_t kWorkerQueue = 1024;
// Argon2id takes 64 MiB and a quarter of a second each.
constexpr int kPasswordThreads = 2;
constexpr std::size_t kPasswordQueue = 64;
constexpr std::size_t kMaxCachedCertificates = 10'000;

}  // namespace

Adapter::Adapter(app::Site& site, CallLimits limits)
    : site_(site),
      limits_(limits),
      workers_(kWorkerThreads, kWorkerQueue),
      passwords_(kPasswordThreads, kPasswordQueue),
      lot_watches_(std::make_unique<LotWatches>(*this)) {}

Adapter::~Adapter() = default;

Error Adapter::Incident(const char* what) {
  const std::string id = NewUuid();
  spdlog::error("incident {}: {}", id, what);
  return MakeError(ErrorReason::kInternal,
                   "a fault of the program; tell the administrator incident " + id);
}

Error Adapter::Told(Error error) {
  return error.reason == ErrorReason::kInternal ? Incident(error.message.c_str())
                                                : std::move(error);
}

Result<void> Adapter::CheckReplySize(std::size_t bytes) {
  if (bytes <= kMaxReplyBytes) return {};
  return MakeError(ErrorReason::kTooLarge, "the answer has " + std::to_string(bytes) +
                                               " bytes, a message holds " +
                                               std::to_string(kMaxReplyBytes) +
                                               ": ask for fewer at a time, or export the lot");
}

Error Adapter::Busy() {
  return MakeError(ErrorReason::kBusy, "the server is busy: try again in a moment");
}

std::shared_ptr<CallLimit> Adapter::LimitUnary(grpc::CallbackServerContext& context) const {
  if (HasDeadline(context, limits_)) return nullptr;
  return std::make_shared<CallLimit>(context, limits_.unary,
                                     "it took longer than a call without a deadline may: try again "
                                     "in a moment, or set a deadline");
}

Result<void> Adapter::CheckRequestId(std::string_view request_id) {
  const bool uuid = request_id.size() == 36 && [&] {
    for (std::size_t i = 0; i < request_id.size(); ++i) {
      const char c = request_id[i];
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
  }();
  if (!uuid) return InvalidArgument("request_id", "must be a UUID in lower case");
  return {};
}

Result<std::string> Adapter::Fingerprint(const std::string& certificate_pem) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = certificate_digests_.find(certificate_pem);
    if (known != certificate_digests_.end()) return known->second;
  }
  LIMS_ASSIGN_OR_RETURN(std::string digest, CertificateSha256(certificate_pem));
  const std::lock_guard lock(mutex_);
  if (certificate_digests_.size() >= kMaxCachedCertificates) certificate_digests_.clear();
  certificate_digests_[certificate_pem] = digest;
  return digest;
}

Result<app::Call> Adapter::Identify(const grpc::CallbackServerContext& context, std::string method,
                                    bool needs_session) {
  app::Call call;
  call.method = std::move(method);
  const auto auth = context.auth_context();
  if (auth == nullptr) {
    return MakeError(ErrorReason::kUnauthenticated, "the connection is not secured");
  }
  const auto certificates = auth->FindPropertyValues("x509_pem_cert");
  if (certificates.empty()) {
    return MakeError(ErrorReason::kUnauthenticated, "the terminal shows no certificate");
  }
  LIMS_ASSIGN_OR_RETURN(call.terminal_sha256,
                        Fingerprint({certificates[0].data(), certificates[0].size()}));
  LIMS_ASSIGN_OR_RETURN(call.terminal, site_.TerminalName(call.terminal_sha256));
  if (!needs_session) return call;
  const auto& metadata = context.client_metadata();
  const auto token = metadata.find("authorization");
  const auto open = site_.sessions().Check(
      token == metadata.end() ? std::string_view()
                              : std::string_view(token->second.data(), token->second.size()),
      &call);
  if (!open) {
    if (!call.user_id.empty()) site_.access_log().NoteForeignSession(call, open.error());
    return open.error();
  }
  if (call.password_must_change && !call.method.ends_with("/SetPassword") &&
      !call.method.ends_with("/LogOut")) {
    const Error refusal =
        MakeError(ErrorReason::kPasswordMustChange,
                  "set a password first: lims auth passwd; a one-time code allows nothing else");
    site_.access_log().NoteRefusal(call, refusal);
    return refusal;
  }
  return call;
}

grpc::ServerUnaryReactor* Adapter::Refuse(grpc::ServerUnaryReactor* reactor, const app::Call& call,
                                          const Error& error) {
  if (!call.user_id.empty()) site_.access_log().NoteRefusal(call, error);
  reactor->Finish(ToStatus(error));
  return reactor;
}

grpc::ServerUnaryReactor* Adapter::StartRead(grpc::CallbackServerContext& context,
                                             const char* method, const Message& request,
                                             Message* response,
                                             std::function<Result<void>(storage::Records&)> read) {
  return StartDirect(context, method, request, std::nullopt, true, workers_,
                     [this, &request, response, read = std::move(read)](const app::Call& call) {
                       return ReadFor(call, request, response, read);
                     });
}

Result<void> Adapter::ReadFor(const app::Call& call, const Message& request, Message* response,
                              const std::function<Result<void>(storage::Records&)>& read) {
  LIMS_RETURN_IF_ERROR(site_.store().Read([&](storage::Records& records) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const v1::Role role, app::RoleForRead(records, call));
    if (role == v1::ROLE_AUDITOR) site_.access_log().NoteRead(call, app::NamedIn(request));
    return read(records);
  }));
  return CheckReplySize(response->ByteSizeLong());
}

grpc::ServerUnaryReactor* Adapter::StartDirect(grpc::CallbackServerContext& context,
                                               const char* method, const Message& request,
                                               std::optional<std::string_view> request_id,
                                               bool needs_session, Workers& pool,
                                               std::function<Result<void>(const app::Call&)> work) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  auto call = Identify(context, method, needs_session);
  if (!call) return Refuse(reactor, app::Call{}, call.error());
  if (request_id) {
    if (auto checked = CheckRequestId(*request_id); !checked) {
      return Refuse(reactor, *call, checked.error());
    }
  }
  auto guarded = [this, reactor, &request, work = std::move(work), call = *std::move(call),
                  limit = LimitUnary(context)] {
    Guarded(reactor, call, [&]() -> Result<void> {
      LIMS_RETURN_IF_ERROR(app::RequireKnownContent(request));
      return work(call);
    });
  };
  if (!pool.Post(std::move(guarded))) return Refuse(reactor, app::Call{}, Busy());
  return reactor;
}

grpc::ServerUnaryReactor* Adapter::StartWrite(grpc::CallbackServerContext& context,
                                              const char* method, const Message& request,
                                              const std::string& request_id, Message* response,
                                              Planning planning, PlanMaker plan) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  auto call = Identify(context, method);
  if (!call) return Refuse(reactor, app::Call{}, call.error());
  if (!HasDeadline(context, limits_)) {
    return Refuse(reactor, *call,
                  InvalidArgument("deadline", "a write needs one, at most five minutes away"));
  }
  if (auto checked = CheckRequestId(request_id); !checked) {
    return Refuse(reactor, *call, checked.error());
  }
  auto fingerprint = app::Fingerprint(method, request);
  if (!fingerprint) return Refuse(reactor, *call, fingerprint.error());
  auto checked = [&request, plan = std::move(plan)](const app::Call& caller) -> Result<app::Plan> {
    LIMS_ASSIGN_OR_RETURN(app::Plan made, plan(caller));
    return app::WithPlainTexts(std::move(made), request);
  };
  auto attempt = std::make_shared<WriteAttempt>(WriteAttempt{reactor, *std::move(call), request_id,
                                                             *std::move(fingerprint), response,
                                                             std::move(checked), planning, 3});
  if (planning == Planning::kInline) {
    PlanAndSubmit(std::move(attempt));
  } else {
    PostPlanning(std::move(attempt));
  }
  return reactor;
}

void Adapter::Guarded(grpc::ServerUnaryReactor* reactor, const app::Call& call,
                      const std::function<Result<void>()>& work) {
  try {
    if (auto done = work(); !done) {
      Refuse(reactor, call, done.error());
      return;
    }
  } catch (const std::exception& fault) {
    Refuse(reactor, call, Incident(fault.what()));
    return;
  }
  reactor->Finish(grpc::Status::OK);
}

void Adapter::PostPlanning(std::shared_ptr<WriteAttempt> attempt) {
  Workers& pool = attempt->planning == Planning::kPassword ? passwords_ : workers_;
  auto* reactor = attempt->reactor;
  if (!pool.Post([this, attempt] { PlanAndSubmit(attempt); })) {
    Refuse(reactor, app::Call{}, Busy());
  }
}

void Adapter::PlanAndSubmit(std::shared_ptr<WriteAttempt> attempt) {
  Result<app::Plan> plan = [&]() -> Result<app::Plan> {
    try {
      return attempt->plan(attempt->call);
    } catch (const std::exception& fault) {
      return Incident(fault.what());
    }
  }();
  if (!plan) {
    Refuse(attempt->reactor, attempt->call, plan.error());
    return;
  }
  const app::Call& call = attempt->call;
  site_.Submit(call, attempt->request_id, attempt->fingerprint, *std::move(plan),
               [this, attempt](Result<storage::RecordedAct> act) {
                 if (!act && act.error().reason == ErrorReason::kChanged &&
                     attempt->planning == Planning::kWorker && --attempt->tries_left > 0) {
                   PostPlanning(attempt);
                   return;
                 }
                 Guarded(attempt->reactor, attempt->call, [&]() -> Result<void> {
                   if (!act) return Told(std::move(act).error());
                   if (auto refusal = app::RefusalOf(*act)) return Told(*std::move(refusal));
                   app::FillResponse(*std::move(act), attempt->response);
                   return {};
                 });
               });
}

}  // namespace lims::rpc
