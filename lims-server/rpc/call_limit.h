// Every call has an end. gRPC itself ends a call at the client's deadline; here is the server's own
// for calls without one, and for uploads that fall silent.
#ifndef LIMS_RPC_CALL_LIMIT_H_
#define LIMS_RPC_CALL_LIMIT_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>

#include <chrono>
#include <functional>
#include <string>

namespace lims::rpc {

struct CallLimits {
  std::chrono::milliseconds unary{10'000};      // a call without a deadline
  std::chrono::milliseconds transfer{300'000};  // an upload or export; the furthest deadline
  std::chrono::milliseconds silence{10'000};    // between two messages of an upload; for a message
                                                // that the terminal does not take
  std::chrono::milliseconds heartbeat{15'000};  // between signs of life of a stream
};

// Whether the client set a deadline. One further away than any call takes is none.
bool HasDeadline(const grpc::CallbackServerContext& context, const CallLimits& limits);

// While it lives, the call ends with DEADLINE_EXCEEDED once the time is over: the client has its
// answer, reads and writes fail, and the handler still calls Finish, as at a client's deadline.
class CallLimit {
 public:
  // `before_end` runs first, on a thread of gRPC, also when the handler has been destroyed
  // meanwhile.
  CallLimit(grpc::CallbackServerContext& context, std::chrono::milliseconds after,
            std::string message, std::function<void()> before_end = {});

 private:
  grpc::Alarm alarm_;  // cancelled when destroyed
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_CALL_LIMIT_H_
