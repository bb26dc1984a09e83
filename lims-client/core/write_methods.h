// The RPCs that change records: what the outbox keeps until there is a definitive answer.
#ifndef LIMS_CLIENT_CORE_WRITE_METHODS_H_
#define LIMS_CLIENT_CORE_WRITE_METHODS_H_

#include <google/protobuf/message.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace lims::client {

// Empty messages of one RPC.
struct WriteMethod {
  const google::protobuf::Message* request;
  const google::protobuf::Message* response;
};

// Looks (ComputeAssay, ImportRaw, ExportLot) are recorded too but not among these: they leave no
// record behind that somebody waits for.
std::span<const WriteMethod> WriteMethods();
// By its path "/lims.v1.LotService/RegisterLot"; nullptr for none.
const WriteMethod* FindWriteMethod(std::string_view path);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_WRITE_METHODS_H_
