// The one place every call passes: certificate and session become a Call, what this build does not
// know of the request is refused, as is what hides in texts that are recorded or signed; the use
// case runs where it may block, its outcome becomes the reply. Handlers never run longer than a few
// microseconds on gRPC's own threads.
#ifndef LIMS_RPC_ADAPTER_H_
#define LIMS_RPC_ADAPTER_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
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
    return StartRead(
        *context, method, *request, response,
        [this, request, response, use_case](storage::Records& records) -> Result<void> {
          LIMS_ASSIGN_OR_RETURN(*response, use_case(site_, records, *request));
          return {};
        });
  }

  // `use_case(site, call, request)` on a pool gives the response itself.
  template <typename Request, typename Response, typename UseCase>
  grpc::ServerUnaryReactor* Direct(grpc::CallbackServerContext* context, const char* method,
                                   const Request* request, Response* response, bool needs_session,
                                   Workers& pool, UseCase use_case) {
    std::optional<std::string_view> request_id;
    if constexpr (requires { request->request_id(); }) request_id = request->request_id();
    return StartDirect(*context, method, *request, request_id, needs_session, pool,
                       [this, request, response, use_case](const app::Call& call) -> Result<void> {
                         LIMS_RETURN_IF_ERROR(app::RequirePlainTexts(*request));
                         LIMS_ASSIGN_OR_RETURN(*response, use_case(site_, call, *request));
                         return {};
                       });
  }

  // A write: `use_case(site, call, request)` gives a Plan, the writer records it.
  template <typename Request, typename Response, typename UseCase>
  grpc::ServerUnaryReactor* Write(grpc::CallbackServerContext* context, const char* method,
                                  const Request* request, Response* response, UseCase use_case,
                                  Planning planning = Planning::kInline) {
    return StartWrite(*context, method, *request, request->request_id(), response, planning,
                      [this, request, use_case](const app::Call& call) {
                        return use_case(site_, call, *request);
                      });
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
  using Message = google::protobuf::Message;
  using PlanMaker = std::function<Result<app::Plan>(const app::Call&)>;
  struct WriteAttempt {
    grpc::ServerUnaryReactor* reactor;
    app::Call call;
    std::string request_id;
    std::string fingerprint;
    Message* response;
    PlanMaker plan;
    Planning planning;
    int tries_left;
  };

  // Read, Direct and Write without their types: each method of a service would compile them anew.
  grpc::ServerUnaryReactor* StartRead(grpc::CallbackServerContext& context, const char* method,
                                      const Message& request, Message* response,
                                      std::function<Result<void>(storage::Records&)> read);
  Result<void> ReadFor(const app::Call& call, const Message& request, Message* response,
                       const std::function<Result<void>(storage::Records&)>& read);
  grpc::ServerUnaryReactor* StartDirect(grpc::CallbackServerContext& context, const char* method,
                                        const Message& request,
                                        std::optional<std::string_view> request_id,
                                        bool needs_session, Workers& pool,
                                        std::function<Result<void>(const app::Call&)> work);
  grpc::ServerUnaryReactor* StartWrite(grpc::CallbackServerContext& context, const char* method,
                                       const Message& request, const std::string& request_id,
                                       Message* response, Planning planning, PlanMaker plan);
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
