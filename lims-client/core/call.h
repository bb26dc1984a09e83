// Unary calls by message type: every request message belongs to exactly one RPC, so it names it.
#ifndef LIMS_CLIENT_CORE_CALL_H_
#define LIMS_CLIENT_CORE_CALL_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"

namespace grpc {
class Channel;
}

namespace lims::client {

inline constexpr std::chrono::seconds kDeadline{10};
// For calls that carry or compute on whole files.
inline constexpr std::chrono::seconds kLongDeadline{60};

// The RPC that takes this request. A message that is no request of lims.v1 aborts.
const google::protobuf::MethodDescriptor& MethodOf(const google::protobuf::Message& request);
// "/lims.v1.LotService/RegisterLot"
std::string PathOf(const google::protobuf::MethodDescriptor& method);
// The RPC at such a path; nullptr for none of this program.
const google::protobuf::MethodDescriptor* MethodByPath(const std::string& path);

// Calls it and fills `response`, which must be of the RPC's response type. `session` may be empty.
// UNAVAILABLE when no answer came in time.
Result<void> CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response,
                       std::chrono::seconds deadline = kDeadline);

template <typename Response>
Result<Response> Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                      const google::protobuf::Message& request,
                      std::chrono::seconds deadline = kDeadline) {
  Response response;
  LIMS_RETURN_IF_ERROR(CallUnary(channel, session, request, &response, deadline));
  return response;
}

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_CALL_H_
