// The one place every call passes: certificate and session become a Call, the use case runs where
// it may block, its outcome becomes the reply. Handlers never run longer than a few microseconds
// on gRPC's own threads.
#ifndef LIMS_RPC_ADAPTER_H_
#define LIMS_RPC_ADAPTER_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "app/call.h"
#include "app/site.h"
#include "rpc/call_limit.h"
#include "rpc/status.h"
#include "rpc/workers.h"

namespace lims::rpc {

// Where a write is planned.
enum class Planning {
  kInline,    // field checks only: on gRPC's thread
  kWorker,    // reads and calculates first; planned anew when a record changed meanwhile
  kPassword,  // hashes passwords: on the small pool that bounds memory and CPU for it
};

class LotWatches;

class Adapter {
 public:
  Adapter(app::Site& site, CallLimits limits);
  ~Adapter();

  app::Site& site() { return site_; }
  Workers& workers() { return workers_; }
  const CallLimits& limits() const { return limits_; }

  // Who calls. Every call but LogIn needs a session; with a one-time code only SetPassword and
  // LogOut are open.
  Result<app::Call> Identify(const grpc::CallbackServerContext& context, std::string method,
                             bool needs_session = true);

  // A read on a snapshot: `use_case(site, records, request)`, for whoever may. What auditors read
  // is recorded with the records that the request names. An answer that no message holds is refused
  // in words: the library's own refusal names only bytes.
  template <typename Request, typename Response, typename UseCase>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, const char* method,
                                 const Request* request, Response* response, UseCase use_case) {
    return Direct(context, method, request, response, true, workers_,
                  [use_case](app::Site& site, const app::Call& call,
                             const Request& asked) -> Result<Response> {
                    LIMS_ASSIGN_OR_RETURN(
                        Response answer,
                        site.store().Read([&](storage::Records& records) -> Result<Response> {
                          LIMS_ASSIGN_OR_RETURN(const v1::Role role,
                                                app::RoleForRead(records, call));
                          if (role == v1::ROLE_AUDITOR)
                            site.access_log().NoteRead(call, app::NamedIn(asked));
                          return use_case(site, records, asked);
                        }));
                    LIMS_RETURN_IF_ERROR(CheckReplySize(answer.ByteSizeLong()));
                    return answer;
                  });
  }

  // `use_case(site, call, request)` on a pool gives the response itself.
  template <typename Request, typename Response, typename UseCase>
  grpc::ServerUnaryReactor* Direct(grpc::CallbackServerContext* context, const char* method,
                                   const Request* request, Response* response, bool needs_session,
                                   Workers& pool, UseCase use_case) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    auto call = Identify(*context, method, needs_session);
    if (!call) return Refuse(reactor, app::Call{}, call.error());
    if constexpr (requires { request->request_id(); }) {
      if (auto checked = CheckRequestId(request->request_id()); !checked) {
        return Refuse(reactor, *call, checked.error());
      }
    }
    auto work = [this, reactor, request, response, use_case, call = *std::move(call),
                 limit = LimitUnary(*context)] {
      Guarded(reactor, call, [&]() -> Result<void> {
        LIMS_ASSIGN_OR_RETURN(*response, use_case(site_, call, *request));
        return {};
      });
    };
    if (!pool.Post(std::move(work))) return Refuse(reactor, app::Call{}, Busy());
    return reactor;
  }

  // A write: `use_case(site, call, request)` gives a Plan, the writer records it.
  template <typename Request, typename Response, typename UseCase>
  grpc::ServerUnaryReactor* Write(grpc::CallbackServerContext* context, const char* method,
                                  const Request* request, Response* response, UseCase use_case,
                                  Planning planning = Planning::kInline) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    auto call = Identify(*context, method);
    if (!call) return Refuse(reactor, app::Call{}, call.error());
    if (!HasDeadline(*context, limits_)) {
      return Refuse(reactor, *call,
                    InvalidArgument("deadline", "a write needs one, at most five minutes away"));
    }
    if (auto checked = CheckRequestId(request->request_id()); !checked) {
      return Refuse(reactor, *call, checked.error());
    }
    auto fingerprint = app::Fingerprint(method, *request);
    if (!fingerprint) return Refuse(reactor, *call, fingerprint.error());
    auto attempt = std::make_shared<WriteAttempt>(WriteAttempt{
        reactor, *std::move(call), request->request_id(), *std::move(fingerprint), response,
        [this, request, use_case](const app::Call& who) { return use_case(site_, who, *request); },
        planning, 3});
    if (planning == Planning::kInline) {
      PlanAndSubmit(std::move(attempt));
    } else {
      PostPlanning(std::move(attempt));
    }
    return reactor;
  }

  // INTERNAL with an incident id, which the server's log explains.
  static Error Incident(const char* what);
  // What the caller is told of an error: of a fault of the program only its incident id.
  static Error Told(Error error);
  // INVALID_ARGUMENT when it is not a UUID in lower case.
  static Result<void> CheckRequestId(std::string_view request_id);

  Workers& passwords() { return passwords_; }
  LotWatches& lot_watches() { return *lot_watches_; }
  // Finishes with the error, and records it when it is a refusal.
  grpc::ServerUnaryReactor* Refuse(grpc::ServerUnaryReactor* reactor, const app::Call& call,
                                   const Error& error);

 private:
  struct WriteAttempt {
    grpc::ServerUnaryReactor* reactor;
    app::Call call;
    std::string request_id;
    std::string fingerprint;
    google::protobuf::Message* response;
    std::function<Result<app::Plan>(const app::Call&)> plan;
    Planning planning;
    int tries_left;
  };

  static Error Busy();
  // TOO_LARGE for what no message holds.
  static Result<void> CheckReplySize(std::size_t bytes);
  // The server's end of a call that the client gave none; else nullptr.
  std::shared_ptr<CallLimit> LimitUnary(grpc::CallbackServerContext& context) const;
  // Runs `work`, turns an exception into INTERNAL with an incident id, finishes once.
  void Guarded(grpc::ServerUnaryReactor* reactor, const app::Call& call,
               const std::function<Result<void>()>& work);
  void PostPlanning(std::shared_ptr<WriteAttempt> attempt);
  void PlanAndSubmit(std::shared_ptr<WriteAttempt> attempt);
  Result<std::string> Fingerprint(const std::string& certificate_pem);

  app::Site& site_;
  const CallLimits limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> certificate_digests_;  // by PEM
  Workers workers_;
  Workers passwords_;
  std::unique_ptr<LotWatches> lot_watches_;
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_ADAPTER_H_
