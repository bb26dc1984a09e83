#include "core/render.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/encoding.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::client {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

struct CodePoints {
  char32_t first;
  char32_t last;
};

// Wide and full-width blocks of Unicode's East Asian Width, as far as the laboratory's texts go.
constexpr CodePoints kWide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},  {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr CodePoints kNoWidth[] = {{0x0300, 0x036F}, {0x200B, 0x200F}, {0xFE00, 0xFE0F}};

template <std::size_t kCount>
bool Among(char32_t c, const CodePoints (&ranges)[kCount]) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const CodePoints& range) { return c >= range.first && c <= range.last; });
}

bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// One value of a field: element `index` of a repeated field, or the field itself for index -1.
ordered_json ScalarJson(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ToJson(repeated ? reflection->GetRepeatedMessage(message, field, index)
                             : reflection->GetMessage(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(*field->enum_type(),
                      repeated ? reflection->GetRepeatedEnumValue(message, field, index)
                               : reflection->GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return repeated ? reflection->GetRepeatedInt32(message, field, index)
                      : reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return repeated ? reflection->GetRepeatedInt64(message, field, index)
                      : reflection->GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return repeated ? reflection->GetRepeatedBool(message, field, index)
                      : reflection->GetBool(message, field);
    default: {
      std::string text = repeated ? reflection->GetRepeatedString(message, field, index)
                                  : reflection->GetString(message, field);
      return field->type() == FieldDescriptor::TYPE_BYTES ? Base64Encode(text) : text;
    }
  }
}

void AppendFields(const ordered_json& json, const std::string& indent, std::string* out);

void AppendValue(const std::string& name, const ordered_json& value, const std::string& indent,
                 std::string* out) {
  if (value.is_object()) {
    *out += indent + name + ":\n";
    AppendFields(value, indent + "  ", out);
    return;
  }
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  *out += indent + name + ": " + Printable(text) + "\n";
}

bool IsUnset(const ordered_json& value) {
  return value.is_null() || value == "" || value == 0 || value == false ||
         (value.is_array() && value.empty());
}

void AppendFields(const ordered_json& json, const std::string& indent, std::string* out) {
  for (const auto& [name, value] : json.items()) {
    if (IsUnset(value)) continue;
    if (!value.is_array()) {
      AppendValue(name, value, indent, out);
      continue;
    }
    for (const ordered_json& element : value) AppendValue(name, element, indent, out);
  }
}

}  // namespace

std::size_t DisplayWidth(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    char32_t c = 0;
    const std::size_t size = DecodeUtf8(utf8, c);
    if (size == 0 || !Among(c, kNoWidth)) width += size != 0 && Among(c, kWide) ? 2U : 1U;
    utf8.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char32_t c = 0;
    const std::size_t size = DecodeUtf8(text, c);
    if (size == 0) {
      out += '?';
    } else if (IsControl(c)) {
      out += ' ';
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string RenderTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines = {header};
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    std::transform(row.begin(), row.end(), std::back_inserter(cells), Printable);
    lines.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths(header.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(line[i]));
    }
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += line[i];
      text.append(widths[i] - DisplayWidth(line[i]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string RenderSection(const std::vector<std::string>& header,
                          const std::vector<std::vector<std::string>>& rows) {
  return rows.empty() ? "" : "\n" + RenderTable(header, rows);
}

std::string EnumName(const EnumDescriptor& type, int number) {
  return number == 0 ? "" : v1::EnumWord(type, number);
}

bool ParseEnumName(const EnumDescriptor& type, std::string_view name, int* number) {
  std::string upper(v1::EnumPrefix(type));
  std::transform(name.begin(), name.end(), std::back_inserter(upper), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByName(upper);
  if (value == nullptr || value->number() == 0) return false;
  *number = value->number();
  return true;
}

std::string EnumNames(const EnumDescriptor& type, int except) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0 || type.value(i)->number() == except) continue;
    if (!names.empty()) names += ", ";
    names += EnumName(type, type.value(i)->number());
  }
  return names;
}

ordered_json ToJson(const Message& message) {
  ordered_json json = ordered_json::object();
  const google::protobuf::Descriptor* type = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->is_repeated()) {
      ordered_json list = ordered_json::array();
      for (int j = 0; j < reflection->FieldSize(message, field); ++j) {
        list.push_back(ScalarJson(message, field, j));
      }
      json[field->name()] = std::move(list);
    } else if (!field->has_presence() || reflection->HasField(message, field)) {
      json[field->name()] = ScalarJson(message, field, -1);
    }
  }
  return json;
}

std::string RenderMessage(const Message& message) {
  std::string out;
  AppendFields(ToJson(message), "", &out);
  return out;
}

ordered_json ErrorJson(const Error& error) {
  ordered_json violations = ordered_json::array();
  for (const Violation& violation : error.violations) {
    violations.push_back({{"field", violation.field}, {"description", violation.description}});
  }
  return {{"error",
           {{"reason", ErrorReasonName(error.reason)},
            {"message", error.message},
            {"violations", std::move(violations)}}}};
}

std::string RenderError(const Error& error) {
  std::string out = "lims: " + std::string(ErrorReasonName(error.reason)) + ": " +
                    Printable(error.message) + "\n";
  for (const Violation& violation : error.violations) {
    if (error.message == violation.field + ": " + violation.description) continue;
    out += "  " + Printable(violation.field) + ": " + Printable(violation.description) + "\n";
  }
  return out;
}

int ExitCode(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kInvalidArgument:
    case ErrorReason::kRequestIdReused:
    case ErrorReason::kTooLarge:
    case ErrorReason::kUnimplementedFormat:
      return 2;
    case ErrorReason::kNotFound:
    case ErrorReason::kAlreadyExists:
    case ErrorReason::kUnauthenticated:
    case ErrorReason::kPermissionDenied:
    case ErrorReason::kWrongState:
    case ErrorReason::kSegregation:
    case ErrorReason::kChanged:
    case ErrorReason::kAccountLocked:
    case ErrorReason::kWrongCredentials:
    case ErrorReason::kPasswordMustChange:
    case ErrorReason::kNotReleasable:
      return 3;
    case ErrorReason::kBusy:
    case ErrorReason::kUnavailable:
      return 4;
    case ErrorReason::kDataLoss:
    case ErrorReason::kVerificationFailed:
      return 5;
    case ErrorReason::kUnspecified:
    case ErrorReason::kInternal:
      break;
  }
  return 1;
}

}  // namespace lims::client
