#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace lims {
namespace {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

constexpr bool In(const auto& ranges, char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [c](const CodePointRange& range) {
    return c >= range.first && c <= range.last;
  });
}

// C0, delete, C1, line and paragraph separator.
constexpr std::array<CodePointRange, 3> kControls{{{0x00, 0x1f}, {0x7f, 0x9f}, {0x2028, 0x2029}}};

// They change the order in which their neighbours are shown (Unicode property Bidi_Control).
constexpr std::array<CodePointRange, 4> kBidiControls{
    {{0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}}};

// Shown as nothing: two different names would look the same.
constexpr std::array<CodePointRange, 13> kInvisibles{{{0x00ad, 0x00ad},
                                                      {0x034f, 0x034f},
                                                      {0x115f, 0x1160},
                                                      {0x17b4, 0x17b5},
                                                      {0x180e, 0x180e},
                                                      {0x200b, 0x200d},
                                                      {0x2060, 0x2064},
                                                      {0x206a, 0x206f},
                                                      {0x3164, 0x3164},
                                                      {0xfeff, 0xfeff},
                                                      {0xffa0, 0xffa0},
                                                      {0xfff9, 0xfffb},
                                                      {0xe0000, 0xe007f}}};

// Shown as a blank, but neither the blank of the keyboard nor that of Chinese text.
constexpr std::array<CodePointRange, 6> kOtherBlanks{{{0x00a0, 0x00a0},
                                                      {0x1680, 0x1680},
                                                      {0x2000, 0x200a},
                                                      {0x202f, 0x202f},
                                                      {0x205f, 0x205f},
                                                      {0x2800, 0x2800}}};

constexpr std::size_t kMaxQuoted = 80;  // bytes

constexpr char32_t kBlank = 0x20;
constexpr char32_t kIdeographicBlank = 0x3000;

bool IsBlank(char32_t c) {
  return c == kBlank || c == kIdeographicBlank;
}

std::optional<std::string> CharacterProblem(char32_t c) {
  if (c >= kBlank && c < 0x7f) return std::nullopt;  // most text
  const auto code = static_cast<std::uint32_t>(c);
  if (In(kControls, c)) return fmt::format("holds the control character U+{:04X}", code);
  if (In(kBidiControls, c)) {
    return fmt::format("holds U+{:04X}, which changes the direction of the text", code);
  }
  if (In(kInvisibles, c)) return fmt::format("holds the invisible character U+{:04X}", code);
  if (In(kOtherBlanks, c)) {
    return fmt::format("holds the special blank U+{:04X}; type an ordinary blank", code);
  }
  return std::nullopt;
}

std::uint32_t Byte(char c) {
  return static_cast<std::uint8_t>(c);
}

}  // namespace

std::size_t DecodeUtf8(std::string_view text, char32_t& code_point) {
  if (text.empty()) return 0;
  const std::uint32_t lead = Byte(text[0]);
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  std::uint32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint32_t next = Byte(text[i]);
    if ((next & 0xc0) != 0x80) return 0;
    value = value << 6 | (next & 0x3f);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (overlong || surrogate || value > 0x10ffff) return 0;
  code_point = value;
  return length;
}

bool IsValidUtf8(std::string_view text) {
  for (;;) {
    std::size_t ascii = 0;
    for (std::uint64_t eight = 0; ascii + sizeof eight <= text.size(); ascii += sizeof eight) {
      std::memcpy(&eight, text.data() + ascii, sizeof eight);
      if ((eight & 0x8080808080808080) != 0) break;
    }
    while (ascii < text.size() && Byte(text[ascii]) < 0x80) ++ascii;
    text.remove_prefix(ascii);
    if (text.empty()) return true;
    char32_t code_point = 0;
    const std::size_t length = DecodeUtf8(text, code_point);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

std::optional<std::string> TextProblem(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    return fmt::format("is {} bytes long; at most {} are kept", text.size(), max_bytes);
  }
  if (text.empty()) return std::nullopt;
  bool starts = true;
  char32_t c = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = DecodeUtf8(rest, c);
    if (length == 0) return "is not valid UTF-8 text";
    if (auto problem = CharacterProblem(c)) return problem;
    if (starts && IsBlank(c)) return "starts with a blank";
    starts = false;
    rest.remove_prefix(length);
  }
  if (IsBlank(c)) return "ends with a blank";
  return std::nullopt;
}

std::string WithoutHidden(std::string_view text) {
  std::string plain;
  for (std::string_view rest = text; !rest.empty();) {
    char32_t c = 0;
    const std::size_t length = DecodeUtf8(rest, c);
    if (length == 0 || CharacterProblem(c)) {
      plain += '?';
    } else {
      plain += rest.substr(0, length);
    }
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return plain;
}

std::size_t Characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string QuotedForMessage(std::string_view text) {
  bool showable = text.size() <= kMaxQuoted;
  for (std::string_view rest = text; showable && !rest.empty();) {
    char32_t c = 0;
    const std::size_t length = DecodeUtf8(rest, c);
    showable = length != 0 && !CharacterProblem(c);
    rest.remove_prefix(length);
  }
  return showable ? fmt::format("\"{}\"", text) : "this text";
}

bool IsIdentifier(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return IsDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  return !text.empty() && text.size() <= 64 && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
         });
}

std::string_view WithoutBlanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    items.emplace_back(WithoutBlanks(text.substr(at, comma - at)));
    at = comma + 1;
  }
  return items;
}

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace lims
