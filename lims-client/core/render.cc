#include "core/render.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <numeric>

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

std::string WithoutEndBlanks(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void AppendFields(const ordered_json& json, const std::string& indent, std::string* out);

void AppendValue(const std::string& name, const ordered_json& value, const std::string& indent,
                 std::string* out) {
  if (value.is_object()) {
    *out += indent + name + ":\n";
    AppendFields(value, indent + "  ", out);
    return;
  }
  const std::string whole = value.is_string() ? value.get<std::string>() : value.dump();
  std::string_view text = whole;
  if (text.find('\n') == std::string_view::npos) {
    *out += indent + name + ": " + Printable(text) + "\n";
    return;
  }
  *out += indent + name + ":\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    *out += WithoutEndBlanks(indent + "  " + Printable(text.substr(0, end))) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
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

using Row = std::vector<std::string>;

constexpr std::size_t kGap = 2;  // between columns

// Bytes of the text up to the first place where a line may end: behind blanks, and beside a wide
// character.
std::size_t PieceEnd(std::string_view text) {
  bool after_wide = false;
  for (std::size_t at = 0; at < text.size();) {
    char32_t c = 0;
    const std::size_t size = std::max<std::size_t>(DecodeUtf8(text.substr(at), c), 1);
    if (c == ' ') return std::min(text.find_first_not_of(' ', at), text.size());
    const bool wide = Among(c, kWide);
    if (at > 0 && (wide || (after_wide && !Among(c, kNoWidth)))) return at;
    after_wide = after_wide || wide;
    at += size;
  }
  return text.size();
}

// The text in lines of at most `width` columns where its pieces allow that.
std::vector<std::string> Folded(std::string_view text, std::size_t width) {
  if (DisplayWidth(text) <= width) return {std::string(text)};
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::string piece(text.substr(0, PieceEnd(text)));
    text.remove_prefix(piece.size());
    if (!line.empty() && DisplayWidth(WithoutEndBlanks(line + piece)) > width) {
      lines.push_back(WithoutEndBlanks(std::move(line)));
      line.clear();
    }
    line += piece;
  }
  lines.push_back(std::move(line));
  return lines;
}

std::size_t WidestPiece(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    const std::string piece(text.substr(0, PieceEnd(text)));
    text.remove_prefix(piece.size());
    widest = std::max(widest, DisplayWidth(WithoutEndBlanks(piece)));
  }
  return widest;
}

// For each column, the most that `measure` finds in its cells.
std::vector<std::size_t> Measured(const std::vector<Row>& rows,
                                  std::size_t (*measure)(std::string_view)) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], measure(row[i]));
    }
  }
  return widths;
}

// Narrows the widest columns until all fit; false when their pieces do not.
bool Narrow(const std::vector<std::size_t>& narrowest, std::size_t width,
            std::vector<std::size_t>* widths) {
  std::size_t total = std::accumulate(widths->begin(), widths->end(), kGap * (widths->size() - 1));
  for (; total > width; --total) {
    std::size_t widest = widths->size();
    for (std::size_t i = 0; i < widths->size(); ++i) {
      if ((*widths)[i] == narrowest[i]) continue;
      if (widest == widths->size() || (*widths)[i] > (*widths)[widest]) widest = i;
    }
    if (widest == widths->size()) return false;
    --(*widths)[widest];
  }
  return true;
}

std::string Laid(const std::vector<Row>& rows, const std::vector<std::size_t>& widths) {
  std::string out;
  for (const Row& row : rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      cells.push_back(Folded(row[i], widths[i]));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      std::string text;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::string cell = line < cells[i].size() ? cells[i][line] : "";
        text += cell;
        text.append(std::max(widths[i], DisplayWidth(cell)) - DisplayWidth(cell) + kGap, ' ');
      }
      out += WithoutEndBlanks(std::move(text)) + "\n";
    }
  }
  return out;
}

// A block for each row: its cells one below the other, beside their headers.
std::string CellByCell(const std::vector<Row>& rows, std::size_t width) {
  std::string out;
  std::size_t label = 0;
  for (const std::string& name : rows.front()) label = std::max(label, DisplayWidth(name));
  for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
    std::vector<Row> cells;
    for (std::size_t i = 0; i < row->size(); ++i) {
      if (!(*row)[i].empty()) cells.push_back({rows.front()[i], (*row)[i]});
    }
    out += out.empty() ? "" : "\n";
    out += Laid(cells, {label, std::max(width, label + kGap) - label - kGap});
  }
  return out;
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

std::size_t OutputWidth() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::string RenderTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  std::vector<Row> lines = {header};
  for (const auto& row : rows) {
    Row cells;
    std::transform(row.begin(), row.end(), std::back_inserter(cells), Printable);
    lines.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths = Measured(lines, DisplayWidth);
  if (width == 0) return Laid(lines, widths);
  if (rows.empty()) return Laid(lines, widths) + "none\n";
  return Narrow(Measured(lines, WidestPiece), width, &widths) ? Laid(lines, widths)
                                                              : CellByCell(lines, width);
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
    const std::string phrase = Phrase(violation);
    if (error.message != phrase) out += "  " + Printable(phrase) + "\n";
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
