#include "tlog/event_bytes.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace lims::tlog {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

struct MessagePlan;

// What the writer and the reader ask of a field for each event, looked up once.
struct FieldPlan {
  const FieldDescriptor* field;
  int number;
  std::string name;
  std::string key;  // "name": as it stands in the text
  FieldDescriptor::CppType type;
  bool repeated;
  bool supported;                // has a canonical form at all
  bool as_bytes;                 // in the wire format, with its length before it
  const OneofDescriptor* oneof;  // null for most
  const MessagePlan* message;    // of a message field, else null
};

struct MessagePlan {
  std::vector<FieldPlan> fields;       // ascending by name
  std::vector<std::size_t> by_number;  // places in `fields`, ascending by number
  bool has_extensions;
};

bool HasCanonicalForm(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_ENUM:
    case FieldDescriptor::TYPE_BOOL:
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_UINT64:
      return true;
    default:
      return false;
  }
}

// Plans by message type, made at first use. Descriptors must live as long as the program.
class PlanCache {
 public:
  const MessagePlan& For(const Descriptor* descriptor) {
    {
      std::shared_lock lock(mutex_);
      const auto found = plans_.find(descriptor);
      if (found != plans_.end()) return *found->second;
    }
    std::unique_lock lock(mutex_);
    return *Make(descriptor);
  }

 private:
  // Also makes the plans of all message types below, each once: types may contain themselves.
  const MessagePlan* Make(const Descriptor* descriptor) {
    std::unique_ptr<MessagePlan>& slot = plans_[descriptor];
    if (slot) return slot.get();
    slot = std::make_unique<MessagePlan>();
    MessagePlan* const plan = slot.get();
    plan->has_extensions = descriptor->extension_range_count() > 0;
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      const bool as_bytes = is_message || field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
      const bool supported = HasCanonicalForm(field->type()) && !field->is_map();
      plan->fields.push_back({field, field->number(), field->name(),
                              '"' + field->name() + "\":", field->cpp_type(), field->is_repeated(),
                              supported, as_bytes, field->real_containing_oneof(),
                              is_message ? Make(field->message_type()) : nullptr});
    }
    std::sort(plan->fields.begin(), plan->fields.end(),
              [](const FieldPlan& a, const FieldPlan& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < plan->fields.size(); ++i) plan->by_number.push_back(i);
    std::sort(plan->by_number.begin(), plan->by_number.end(), [plan](std::size_t a, std::size_t b) {
      return plan->fields[a].number < plan->fields[b].number;
    });
    return plan;
  }

  std::shared_mutex mutex_;
  std::unordered_map<const Descriptor*, std::unique_ptr<MessagePlan>> plans_;
};

const MessagePlan& PlanFor(const Message& message) {
  static PlanCache& cache = *new PlanCache;
  return cache.For(message.GetDescriptor());
}

// Where something was refused and why. The path grows at its front while the calls return.
class Refusal {
 public:
  bool Refuse(std::string description) {
    description_ = std::move(description);
    return false;
  }
  bool Under(const std::string& field) {
    const bool joins = path_.empty() || path_.front() == '[';
    path_.insert(0, joins ? field : field + '.');
    return false;
  }
  bool At(int index) {
    const std::string element = '[' + std::to_string(index) + ']';
    path_.insert(0, path_.empty() ? element : element + '.');
    return false;
  }
  Error ToError() const { return InvalidArgument(path_.empty() ? "message" : path_, description_); }

 private:
  std::string path_;
  std::string description_;
};

// How a value stands in the wire format.
enum WireType : std::uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kFixed32 = 5
};

// Reads bytes that protobuf just wrote, which are well formed.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes = {}) : bytes_(bytes) {}

  bool AtEnd() const { return bytes_.empty(); }
  std::uint64_t Varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  std::string_view Bytes() { return Take(Varint()); }
  void Skip(std::uint32_t wire_type) {
    if (wire_type == kVarint) {
      Varint();
    } else if (wire_type == kBytes) {
      Bytes();
    } else {
      Take(wire_type == kFixed64 ? 8 : 4);
    }
  }
  // Steps over `tag` when it is what comes next.
  bool SkipTag(std::uint64_t tag) {
    WireReader next = *this;
    if (AtEnd() || next.Varint() != tag) return false;
    *this = next;
    return true;
  }

 private:
  std::string_view Take(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

// Writes from the wire format, which generated code makes much faster than reflection tells each
// field.
class Writer {
 public:
  explicit Writer(const KnownField& known = {}) : known_(known) {}

  bool WriteWhole(const Message& message, const MessagePlan& plan) {
    const std::string wire = message.SerializePartialAsString();
    text_.reserve(3 * wire.size());  // for the names
    return WriteMessage(wire, plan);
  }

  std::string TakeText() { return std::move(text_); }
  const Refusal& refusal() const { return refusal_; }

 private:
  // Where a field that is set stands.
  struct Found {
    std::uint64_t tag = 0;  // 0 when it is not set
    WireReader value;       // at the first one
  };

  bool Descend() { return ++depth_ <= kJsonMaxDepth || refusal_.Refuse("nested too deep"); }

  bool WriteMessage(std::string_view wire, const MessagePlan& plan) {
    if (plan.has_extensions) return refusal_.Refuse("a type with extensions");
    const std::size_t first = found_.size();
    found_.resize(first + plan.fields.size());
    if (!FindFields(WireReader(wire), plan, first)) return false;
    if (!Descend()) return false;
    char separator = '{';
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      const Found found = found_[first + i];
      const FieldPlan& field = plan.fields[i];
      const bool known = found.tag == 0 && field.field == known_.field;
      if (found.tag == 0 && !known) continue;
      text_ += separator;
      separator = ',';
      text_ += field.key;
      if (known) {
        text_ += known_.text;
        continue;
      }
      WireReader value = found.value;
      if (!(field.repeated ? WriteList(found, field) : WriteValue(value, field))) {
        return refusal_.Under(field.name);
      }
    }
    if (separator == '{') text_ += '{';
    text_ += '}';
    --depth_;
    found_.resize(first);
    return true;
  }

  // False for what came with another type than the field's.
  static bool IsWrittenAs(const FieldPlan& field, std::uint32_t wire_type) {
    if (!field.supported) return wire_type != kStartGroup;
    if (field.as_bytes) return wire_type == kBytes;
    return wire_type == kVarint || (field.repeated && wire_type == kBytes);
  }

  // Notes the fields of a message in found_ from `first` on, in the order of the plan.
  bool FindFields(WireReader wire, const MessagePlan& plan, std::size_t first) {
    auto place = plan.by_number.begin();  // protobuf writes fields ascending by number
    while (!wire.AtEnd()) {
      const std::uint64_t tag = wire.Varint();
      const auto number = static_cast<int>(tag >> 3);
      const auto wire_type = static_cast<std::uint32_t>(tag & 7);
      while (place != plan.by_number.end() && plan.fields[*place].number < number) ++place;
      if (place == plan.by_number.end()) return refusal_.Refuse("unknown fields");
      const FieldPlan& field = plan.fields[*place];
      Found& found = found_[first + *place];
      if (field.number != number || found.tag != 0 || !IsWrittenAs(field, wire_type)) {
        return refusal_.Refuse("unknown fields");
      }
      found = {tag, wire};
      do wire.Skip(wire_type);
      while (field.repeated && wire.SkipTag(tag));
    }
    return true;
  }

  bool WriteList(const Found& found, const FieldPlan& field) {
    if (!Descend()) return false;
    const bool packed = (found.tag & 7) == kBytes && !field.as_bytes;
    WireReader values = found.value;
    if (packed) values = WireReader(values.Bytes());
    int size = 0;
    do {
      text_ += size == 0 ? '[' : ',';
      if (!WriteValue(values, field)) return refusal_.At(size);
      ++size;
    } while (packed ? !values.AtEnd() : values.SkipTag(found.tag));
    text_ += ']';
    --depth_;
    return true;
  }

  // Writes the value that comes next.
  bool WriteValue(WireReader& wire, const FieldPlan& plan) {
    if (!plan.supported) return refusal_.Refuse("a type of field without canonical form");
    if (plan.type == FieldDescriptor::CPPTYPE_STRING) return WriteString(wire.Bytes());
    if (plan.type == FieldDescriptor::CPPTYPE_MESSAGE) {
      return WriteMessage(wire.Bytes(), *plan.message);
    }
    const std::uint64_t value = wire.Varint();
    switch (plan.type) {
      case FieldDescriptor::CPPTYPE_ENUM:
        return WriteEnum(*plan.field->enum_type(), static_cast<int>(value));
      case FieldDescriptor::CPPTYPE_BOOL:
        text_ += value != 0 ? "true" : "false";
        return true;
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_INT64:
        return WriteInteger(static_cast<std::int64_t>(value));
      default:
        return WriteInteger(value);
    }
  }

  bool WriteString(std::string_view value) {
    if (!IsValidUtf8(value)) return refusal_.Refuse("not well-formed UTF-8");
    AppendJsonString(text_, value);
    return true;
  }

  bool WriteEnum(const EnumDescriptor& type, int number) {
    const EnumValueDescriptor* const value = type.FindValueByNumber(number);
    if (value == nullptr) return refusal_.Refuse("not a value of " + type.name());
    text_ += '"';
    text_ += value->name();
    text_ += '"';
    return true;
  }

  template <typename Integer>
  bool WriteInteger(Integer value) {
    if (std::cmp_greater(value, kJsonMaxInteger) || std::cmp_less(value, -kJsonMaxInteger)) {
      return refusal_.Refuse("an integer beyond 2^53 - 1");
    }
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    text_.append(digits, end);
    return true;
  }

  const KnownField known_;
  std::string text_;
  std::size_t depth_ = 0;
  std::vector<Found> found_;  // of the messages that are being written, the innermost last
  Refusal refusal_;
};

class Parser {
 public:
  explicit Parser(std::string_view json) : reader_(json) {}

  bool ParseWhole(Message* message, const MessagePlan& plan) {
    return ParseMessage(message, plan) && (reader_.AtEnd() || RefuseAsReader());
  }

  const Refusal& refusal() const { return refusal_; }

 private:
  bool RefuseAsReader() { return refusal_.Refuse(reader_.problem()); }
  bool RefuseAt(std::size_t position, std::string_view what) {
    return refusal_.Refuse("byte " + std::to_string(position) + ": " + std::string(what));
  }

  bool ParseMessage(Message* message, const MessagePlan& plan) {
    const Reflection& reflection = *message->GetReflection();
    if (!reader_.BeginObject()) return RefuseAsReader();
    // The reader sees to ascending keys, so both lists are walked once.
    auto field = plan.fields.begin();
    std::string key;
    while (reader_.NextKey(key)) {
      while (field != plan.fields.end() && field->name < key) ++field;
      if (field == plan.fields.end() || field->name != key) {
        RefuseAt(reader_.position() - key.size() - 3, "no such field");
        return refusal_.Under(key);
      }
      const bool parsed = field->repeated ? ParseList(message, reflection, *field)
                                          : ParseSingular(message, reflection, *field);
      if (!parsed) return refusal_.Under(field->name);
    }
    return reader_.ok() || RefuseAsReader();
  }

  bool ParseList(Message* message, const Reflection& reflection, const FieldPlan& field) {
    const std::size_t start = reader_.position();
    if (!reader_.BeginArray()) return RefuseAsReader();
    int size = 0;
    for (; reader_.NextElement(); ++size) {
      if (!ParseValue(message, reflection, field, /*single=*/false)) return refusal_.At(size);
    }
    if (!reader_.ok()) return RefuseAsReader();
    return size > 0 || RefuseAt(start, "an empty list is left out");
  }

  bool ParseSingular(Message* message, const Reflection& reflection, const FieldPlan& field) {
    const std::size_t start = reader_.position();
    if (field.oneof != nullptr && reflection.HasOneof(*message, field.oneof)) {
      return RefuseAt(start, "another field of the same choice is set");
    }
    if (!ParseValue(message, reflection, field, /*single=*/true)) return false;
    return reflection.HasField(*message, field.field) ||
           RefuseAt(start, "a field at its default is left out");
  }

  bool ParseValue(Message* message, const Reflection& reflection, const FieldPlan& plan,
                  bool single) {
    const FieldDescriptor* const field = plan.field;
    const std::size_t start = reader_.position();
    if (!plan.supported) return RefuseAt(start, "a type of field without canonical form");
    switch (plan.type) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string value;
        if (!reader_.ReadString(value)) return RefuseAsReader();
        single ? reflection.SetString(message, field, std::move(value))
               : reflection.AddString(message, field, std::move(value));
        return true;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return ParseMessage(single ? reflection.MutableMessage(message, field)
                                   : reflection.AddMessage(message, field),
                            *plan.message);
      case FieldDescriptor::CPPTYPE_ENUM: {
        std::string name;
        if (!reader_.ReadString(name)) return RefuseAsReader();
        const EnumValueDescriptor* const value = field->enum_type()->FindValueByName(name);
        // Of several names for one number only the first is ever written.
        if (value == nullptr || field->enum_type()->FindValueByNumber(value->number()) != value) {
          return RefuseAt(start, "not a value of " + field->enum_type()->name());
        }
        single ? reflection.SetEnum(message, field, value)
               : reflection.AddEnum(message, field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        bool value = false;
        if (!reader_.ReadBool(value)) return RefuseAsReader();
        single ? reflection.SetBool(message, field, value)
               : reflection.AddBool(message, field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        std::int32_t value = 0;
        if (!ParseInteger(&value)) return false;
        single ? reflection.SetInt32(message, field, value)
               : reflection.AddInt32(message, field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        std::int64_t value = 0;
        if (!ParseInteger(&value)) return false;
        single ? reflection.SetInt64(message, field, value)
               : reflection.AddInt64(message, field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        std::uint32_t value = 0;
        if (!ParseInteger(&value)) return false;
        single ? reflection.SetUInt32(message, field, value)
               : reflection.AddUInt32(message, field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        std::uint64_t value = 0;
        if (!ParseInteger(&value)) return false;
        single ? reflection.SetUInt64(message, field, value)
               : reflection.AddUInt64(message, field, value);
        return true;
      }
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        break;
    }
    std::abort();  // neither is supported
  }

  template <typename Integer>
  bool ParseInteger(Integer* value) {
    const std::size_t start = reader_.position();
    std::int64_t number = 0;
    if (!reader_.ReadInteger(number)) return RefuseAsReader();
    if (!std::in_range<Integer>(number)) {
      return RefuseAt(start, "outside the range of the field");
    }
    *value = static_cast<Integer>(number);
    return true;
  }

  JsonReader reader_;
  Refusal refusal_;
};

}  // namespace

Result<std::string> TryCanonicalJson(const Message& message) {
  Writer writer;
  if (!writer.WriteWhole(message, PlanFor(message))) return writer.refusal().ToError();
  return writer.TakeText();
}

std::string CanonicalJson(const Message& message, const KnownField& known) {
  Writer writer(known);
  if (!writer.WriteWhole(message, PlanFor(message))) {
    const Violation violation = writer.refusal().ToError().violations.at(0);
    throw std::logic_error("no canonical form: " + message.GetTypeName() + "." + violation.field +
                           ": " + violation.description);
  }
  return writer.TakeText();
}

Result<void> ParseCanonicalJson(std::string_view json, Message* message) {
  message->Clear();
  Parser parser(json);
  if (!parser.ParseWhole(message, PlanFor(*message))) return parser.refusal().ToError();
  return {};
}

std::int64_t IndexOf(std::string_view event_json) {
  constexpr std::string_view kKey = "\"index\":";
  const auto end_of_string = [&](std::size_t at) {
    for (;;) {
      at = event_json.find('"', at + 1);
      if (at == std::string_view::npos) return event_json.size();
      std::size_t escapes = 0;
      while (event_json[at - escapes - 1] == '\\') ++escapes;
      if (escapes % 2 == 0) return at;
    }
  };
  int depth = 0;
  for (std::size_t at = 0; at < event_json.size(); ++at) {
    const char c = event_json[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    // What stands behind a comma or the brace at this depth is a key.
    if (depth == 1 && event_json[at - 1] != ':' && event_json.substr(at).starts_with(kKey)) {
      std::int64_t index = 0;
      std::from_chars(event_json.data() + at + kKey.size(), event_json.data() + event_json.size(),
                      index);
      return index;
    }
    at = end_of_string(at);
  }
  return 0;  // a field at its default is left out
}

}  // namespace lims::tlog
