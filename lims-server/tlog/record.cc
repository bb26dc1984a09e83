#include "tlog/record.h"

#include <cstdlib>
#include <unordered_map>

#include "lims/v1/options.pb.h"

namespace lims::tlog {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// `pattern`: "lot/{lot_id}".
std::vector<RecordKind::StreamPart> ReadStream(const std::string& pattern,
                                               const Descriptor& descriptor) {
  std::vector<RecordKind::StreamPart> parts;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t open = pattern.find('{', at);
    parts.push_back({pattern.substr(at, open - at)});
    if (open == std::string::npos) break;
    const std::size_t close = pattern.find('}', open);
    parts.back().field = descriptor.FindFieldByName(pattern.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return parts;
}

std::vector<RecordKind> ReadKinds() {
  std::vector<RecordKind> kinds;
  const Descriptor* record = v1::Record::descriptor();
  for (int i = 0; i < record->field_count(); ++i) {
    RecordKind kind;
    kind.field = record->field(i);
    kind.descriptor = kind.field->message_type();
    const v1::RecordOptions& options = kind.descriptor->options().GetExtension(v1::record);
    kind.table = options.table();
    kind.stream = ReadStream(options.stream(), *kind.descriptor);
    for (const auto& name : options.key()) {
      kind.key.push_back(kind.descriptor->FindFieldByName(name));
    }
    for (const auto& name : options.columns()) {
      kind.columns.push_back(kind.descriptor->FindFieldByName(name));
    }
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

// The field of the oneof that is set.
const FieldDescriptor* SetField(const v1::Record& record) {
  static const auto* oneof = v1::Record::descriptor()->oneof_decl(0);
  const FieldDescriptor* field =
      v1::Record::GetReflection()->GetOneofFieldDescriptor(record, oneof);
  if (field == nullptr) std::abort();
  return field;
}

}  // namespace

std::span<const RecordKind> RecordKinds() {
  static const std::vector<RecordKind>* kinds = new std::vector<RecordKind>(ReadKinds());
  return *kinds;
}

const RecordKind& KindOf(const Descriptor* descriptor) {
  static const auto* by_descriptor = [] {
    auto* map = new std::unordered_map<const Descriptor*, const RecordKind*>();
    for (const RecordKind& kind : RecordKinds()) map->emplace(kind.descriptor, &kind);
    return map;
  }();
  const auto found = by_descriptor->find(descriptor);
  if (found == by_descriptor->end()) std::abort();
  return *found->second;
}

const Message& MessageOf(const v1::Record& record) {
  return v1::Record::GetReflection()->GetMessage(record, SetField(record));
}

Message* ReleaseRecord(v1::Record* record) {
  return v1::Record::GetReflection()->ReleaseMessage(record, SetField(*record));
}

Message* MutableRecord(v1::Record* record, const Descriptor* kind) {
  return v1::Record::GetReflection()->MutableMessage(record, KindOf(kind).field);
}

std::string FieldText(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(message, field)->name();
    default:
      std::abort();
  }
}

std::string StreamOf(const Message& message) {
  std::string stream;
  for (const RecordKind::StreamPart& part : KindOf(message.GetDescriptor()).stream) {
    stream += part.text;
    if (part.field != nullptr) stream += FieldText(message, part.field);
  }
  return stream;
}

std::string NameOf(const Message& message) {
  const RecordKind& kind = KindOf(message.GetDescriptor());
  std::string name = kind.table;
  for (const FieldDescriptor* field : kind.key) {
    name += '/';
    name += FieldText(message, field);
  }
  return name;
}

}  // namespace lims::tlog
