#include "rpc/call_limit.h"

#include <grpc/grpc.h>

#include <utility>

namespace lims::rpc {

bool HasDeadline(const grpc::CallbackServerContext& context, const CallLimits& limits) {
  return context.deadline() <= std::chrono::system_clock::now() + limits.transfer;
}

CallLimit::CallLimit(grpc::CallbackServerContext& context, std::chrono::milliseconds after,
                     std::string message, std::function<void()> before_end) {
  // The C call, which may outlive context and handler: no race with their end. The callback runs
  // once, whether the time is over or the alarm was cancelled.
  grpc_call* call = context.c_call();
  grpc_call_ref(call);
  alarm_.Set(std::chrono::system_clock::now() + after,
             [call, message = std::move(message), before_end = std::move(before_end)](bool over) {
               if (over) {
                 if (before_end) before_end();
                 grpc_call_cancel_with_status(call, GRPC_STATUS_DEADLINE_EXCEEDED, message.c_str(),
                                              nullptr);
               }
               grpc_call_unref(call);
             });
}

}  // namespace lims::rpc
