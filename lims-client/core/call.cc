#include "core/call.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <string>

#include "base/message_limits.h"
#include "core/status.h"

namespace lims::client {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

const MethodDescriptor& MethodOf(const Message& request) {
  const google::protobuf::FileDescriptor* file = request.GetDescriptor()->file();
  for (int i = 0; i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      const MethodDescriptor* method = file->service(i)->method(j);
      if (method->input_type() == request.GetDescriptor()) return *method;
    }
  }
  std::abort();
}

std::string PathOf(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

const MethodDescriptor* MethodByPath(const std::string& path) {
  std::string name = path;
  std::replace(name.begin(), name.end(), '/', '.');
  name.erase(0, 1);
  const MethodDescriptor* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  return method != nullptr && PathOf(*method) == path ? method : nullptr;
}

Result<void> CallUnary(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                       const Message& request, Message* response, std::chrono::seconds deadline) {
  const MethodDescriptor& method = MethodOf(request);
  if (method.output_type() != response->GetDescriptor()) std::abort();
  if (const std::size_t bytes = request.ByteSizeLong(); bytes > kMaxRequestBytes) {
    return MakeError(ErrorReason::kTooLarge,
                     "the request has " + std::to_string(bytes) + " bytes, the server takes " +
                         std::to_string(kMaxRequestBytes) + ": send less at a time");
  }
  grpc::ClientContext context;
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                    gpr_time_from_seconds(deadline.count(), GPR_TIMESPAN)));
  if (!session.empty()) context.AddMetadata("authorization", session);
  std::promise<grpc::Status> done;
  grpc::TemplatedGenericStub<Message, Message> stub(channel);
  stub.UnaryCall(&context, PathOf(method), {}, &request, response,
                 [&done](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  if (!status.ok()) return ErrorFromStatus(status);
  return {};
}

}  // namespace lims::client
