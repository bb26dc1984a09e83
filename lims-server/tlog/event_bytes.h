// Messages as canonical JSON and back: the bytes of events. Keys are the proto field names in
// ascending order, enum values go by name, integers are JSON integers. A field at its default is
// left out; a field with presence (optional, message, member of a oneof) is written when set.
#ifndef LIMS_TLOG_EVENT_BYTES_H_
#define LIMS_TLOG_EVENT_BYTES_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lims::tlog {

// The canonical bytes of a message that this program filled. Content without canonical form (bytes,
// floating point, maps, extensions, unknown fields and enum values, integers beyond 2^53 - 1,
// malformed UTF-8, nesting over kJsonMaxDepth) is a fault of the program: std::logic_error, which
// ends the one request that met it.
// `known` is a message field that is not set in `message` and whose canonical JSON the caller kept.
struct KnownField {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::string_view text;
};
std::string CanonicalJson(const google::protobuf::Message& message, const KnownField& known = {});

// The same for a message from outside: such content is INVALID_ARGUMENT with the field's path.
Result<std::string> TryCanonicalJson(const google::protobuf::Message& message);

// Reads exactly what CanonicalJson() writes, so that writing `message` gives `json` again. Anything
// else is INVALID_ARGUMENT with the field's path and the byte offset; `message` is then undefined.
Result<void> ParseCanonicalJson(std::string_view json, google::protobuf::Message* message);

// The log index that stands in an event's canonical bytes, without reading the rest of them. Bytes
// that are no event give any number.
std::int64_t IndexOf(std::string_view event_json);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_EVENT_BYTES_H_
