// What people type at a terminal for an RPC, and to sign.
#ifndef LIMS_PROTO_LIMS_V1_COMMANDS_H_
#define LIMS_PROTO_LIMS_V1_COMMANDS_H_

#include <google/protobuf/descriptor.h>

#include <string>

#include "lims/v1/options.pb.h"
#include "lims/v1/release.pb.h"

namespace lims::v1 {

// "run submit"; empty where no one command stands for the RPC.
inline std::string CommandOf(const google::protobuf::MethodDescriptor& method) {
  return method.options().GetExtension(command);
}

// "result review"; empty without a meaning, or with one that this build does not know.
inline std::string CommandOf(Meaning meaning) {
  const auto* value = Meaning_descriptor()->FindValueByNumber(meaning);
  return value == nullptr ? "" : value->options().GetExtension(signing_command);
}

}  // namespace lims::v1

#endif  // LIMS_PROTO_LIMS_V1_COMMANDS_H_
