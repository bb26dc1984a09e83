#include "base/json.h"

#include <fmt/format.h>

#include <cstring>

#include "base/text.h"

namespace lims {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// The letter of the two-character escape of a control character; 0 when it has none.
constexpr char ShortEscape(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\f':
      return 'f';
    case '\r':
      return 'r';
    default:
      return 0;
  }
}

// Characters that stand for themselves inside a string: ASCII but controls, quote and backslash.
constexpr std::array<bool, 256> PlainTable() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
  return table;
}
constexpr std::array<bool, 256> kPlain = PlainTable();

constexpr std::uint64_t EachByte(std::uint64_t value) {
  return value * 0x0101010101010101;
}

// Whether all eight characters are plain.
bool ArePlain(std::uint64_t eight) {
  const auto any_below = [](std::uint64_t bytes, std::uint64_t limit) {
    return (bytes - EachByte(limit)) & ~bytes & EachByte(0x80);
  };
  return ((eight & EachByte(0x80)) | any_below(eight, 0x20) | any_below(eight ^ EachByte('"'), 1) |
          any_below(eight ^ EachByte('\\'), 1)) == 0;
}

// The position behind the plain characters that start at `position`.
std::size_t SkipPlain(std::string_view text, std::size_t position) {
  std::uint64_t eight = 0;
  for (; position + sizeof eight <= text.size(); position += sizeof eight) {
    std::memcpy(&eight, text.data() + position, sizeof eight);
    if (!ArePlain(eight)) break;
  }
  while (position < text.size() && kPlain[static_cast<unsigned char>(text[position])]) ++position;
  return position;
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = SkipPlain(utf8, 0); i < utf8.size(); i = SkipPlain(utf8, i + 1)) {
    const char c = utf8[i];
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x80) continue;
    out.append(utf8, copied, i - copied);
    copied = i + 1;
    out += '\\';
    if (code >= 0x20) {
      out += c;
    } else if (const char letter = ShortEscape(c)) {
      out += letter;
    } else {
      out += "u00";
      out += kHexDigits[code >> 4];
      out += kHexDigits[code & 0x0f];
    }
  }
  out.append(utf8, copied);
  out += '"';
}

JsonReader::JsonReader(std::string_view text) : text_(text) {}

bool JsonReader::RefuseAt(std::size_t position, std::string_view what) {
  if (ok()) problem_ = fmt::format("byte {}: {}", position, what);
  // Nothing is left to read, so every later call fails without a check of its own.
  text_ = {};
  position_ = 0;
  depth_ = 0;
  return false;
}

bool JsonReader::Refuse(std::string_view what) {
  return RefuseAt(position_, what);
}

bool JsonReader::Take(char c) {
  if (position_ >= text_.size() || text_[position_] != c) return false;
  ++position_;
  return true;
}

bool JsonReader::Begin(char opening, std::string_view what) {
  if (!Take(opening)) return Refuse(what);
  if (depth_ == kJsonMaxDepth) return RefuseAt(position_ - 1, "nested more than 32 deep");
  levels_[depth_++] = Level{};
  return true;
}

bool JsonReader::BeginObject() {
  return Begin('{', "an object is needed here");
}

bool JsonReader::BeginArray() {
  return Begin('[', "an array is needed here");
}

bool JsonReader::NextMember(char closing, std::string_view what) {
  if (depth_ == 0) return Refuse("nothing is open here");
  Level& level = levels_[depth_ - 1];
  if (Take(closing)) {
    --depth_;
    return false;
  }
  if (!level.first && !Take(',')) return Refuse(what);
  level.first = false;
  return true;
}

bool JsonReader::NextKey(std::string& key) {
  if (!NextMember('}', "a comma or } is needed here")) return false;
  const std::size_t start = position_;
  if (!Take('"')) return Refuse("a key is needed here");
  position_ = SkipPlain(text_, position_);
  const std::string_view found = text_.substr(start + 1, position_ - start - 1);
  if (!Take('"')) return Refuse("a key may hold plain ASCII characters only");
  if (!Take(':')) return Refuse("a colon is needed here");
  Level& level = levels_[depth_ - 1];
  if (level.has_key && found <= level.last_key) {
    return RefuseAt(start, "keys must ascend, each at most once");
  }
  level.has_key = true;
  level.last_key = found;
  key.assign(found);
  return true;
}

bool JsonReader::NextElement() {
  return NextMember(']', "a comma or ] is needed here");
}

bool JsonReader::ReadEscape(std::string& value) {
  const std::size_t start = position_ - 1;
  const std::string_view rest = text_.substr(position_);
  if (rest.starts_with('"') || rest.starts_with('\\')) {
    value += rest.front();
    ++position_;
    return true;
  }
  for (char c = 0; c < 0x20; ++c) {
    const char letter = ShortEscape(c);
    const bool matches = letter != 0
                             ? rest.starts_with(letter)
                             : rest.size() >= 5 && rest.starts_with("u00") &&
                                   rest[3] == kHexDigits[static_cast<unsigned char>(c) >> 4] &&
                                   rest[4] == kHexDigits[static_cast<unsigned char>(c) & 0x0f];
    if (matches) {
      value += c;
      position_ += letter != 0 ? 1 : 5;
      return true;
    }
  }
  return RefuseAt(start, "this escape is not the canonical one");
}

bool JsonReader::ReadString(std::string& value) {
  if (!Take('"')) return Refuse("a string is needed here");
  value.clear();
  while (true) {
    const std::size_t start = position_;
    position_ = SkipPlain(text_, position_);
    while (position_ < text_.size() && static_cast<unsigned char>(text_[position_]) >= 0x80) {
      char32_t code_point = 0;
      const std::size_t length = DecodeUtf8(text_.substr(position_), code_point);
      if (length == 0) return Refuse("malformed UTF-8");
      position_ = SkipPlain(text_, position_ + length);
    }
    value.append(text_, start, position_ - start);
    if (Take('"')) return true;
    if (position_ >= text_.size()) return Refuse("the string does not end");
    if (!Take('\\')) return Refuse("a control character must be escaped");
    if (!ReadEscape(value)) return false;
  }
}

bool JsonReader::ReadInteger(std::int64_t& value) {
  const std::size_t start = position_;
  const bool minus = Take('-');
  const std::size_t first = position_;
  std::int64_t magnitude = 0;
  for (; position_ < text_.size() && IsDigit(text_[position_]); ++position_) {
    magnitude = magnitude * 10 + (text_[position_] - '0');
    if (magnitude > kJsonMaxInteger) return RefuseAt(start, "the integer is over 2^53-1");
  }
  const std::size_t digits = position_ - first;
  if (digits == 0) return RefuseAt(start, "an integer is needed here");
  if (text_[first] == '0' && (digits > 1 || minus)) {
    return RefuseAt(start, "an integer has no leading zero and zero no sign");
  }
  value = minus ? -magnitude : magnitude;
  return true;
}

bool JsonReader::ReadBool(bool& value) {
  const std::string_view rest = text_.substr(position_);
  for (const auto& [word, meaning] :
       {std::pair{std::string_view("true"), true}, std::pair{std::string_view("false"), false}}) {
    if (!rest.starts_with(word)) continue;
    position_ += word.size();
    value = meaning;
    return true;
  }
  return Refuse("true or false is needed here");
}

bool JsonReader::AtEnd() {
  if (!ok()) return false;
  if (depth_ > 0 || position_ == 0) return Refuse("the text ends too early");
  if (position_ < text_.size()) return Refuse("nothing may follow here");
  return true;
}

}  // namespace lims
