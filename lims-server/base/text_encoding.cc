#include "base/text_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/text.h"

namespace lims {

namespace {

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
constexpr std::string_view kUtf16LeMark = "\xff\xfe";
constexpr std::string_view kUtf16BeMark = "\xfe\xff";
constexpr std::size_t kStartBytes = 8192;

void AppendUtf8(std::string& text, std::uint32_t c) {
  const auto byte = [&text](std::uint32_t value) { text.push_back(static_cast<char>(value)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6);
    byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3f));
    byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3f));
    byte(0x80 | (c >> 6 & 0x3f));
    byte(0x80 | (c & 0x3f));
  }
}

std::uint32_t Utf16Unit(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[at])) |
         static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[at + 1])) << 8;
}

bool IsLeadSurrogate(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}

bool IsTrailSurrogate(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

// The line, from 1, on which `text` ends; a carriage return with its line feed counts once.
std::ptrdiff_t LineAtEnd(std::string_view text) {
  std::ptrdiff_t line = 1 + std::count(text.begin(), text.end(), '\n');
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && !text.substr(i + 1).starts_with('\n')) ++line;
  }
  return line;
}

Error Unreadable(std::string_view readable, std::string_view encoding) {
  return InvalidArgument(
      fmt::format("line {}", LineAtEnd(readable)),
      fmt::format("holds bytes that are not {} text; save or export the file again as \"UTF-8\"",
                  encoding));
}

Result<std::string> FromUtf16Le(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    if (at + 1 == bytes.size()) return Unreadable(text, "UTF-16");
    std::uint32_t unit = Utf16Unit(bytes, at);
    if (IsTrailSurrogate(unit)) return Unreadable(text, "UTF-16");
    if (IsLeadSurrogate(unit)) {
      const bool paired = at + 3 < bytes.size() && IsTrailSurrogate(Utf16Unit(bytes, at + 2));
      if (!paired) return Unreadable(text, "UTF-16");
      at += 2;
      unit = 0x10000 + ((unit - 0xd800) << 10) + (Utf16Unit(bytes, at) - 0xdc00);
    }
    AppendUtf8(text, unit);
  }
  return text;
}

// The longest start of `bytes` that is valid UTF-8.
std::string_view ValidUtf8Start(std::string_view bytes) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    char32_t code_point = 0;
    const std::size_t length = DecodeUtf8(rest, code_point);
    if (length == 0) break;
    rest.remove_prefix(length);
  }
  return bytes.substr(0, bytes.size() - rest.size());
}

}  // namespace

Result<std::string> DecodeText(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04")) {
    return InvalidArgument(
        "file", "is a workbook or zip archive, not text; export it as text or CSV and submit that");
  }
  if (bytes.starts_with(kUtf16BeMark)) {
    return InvalidArgument("file",
                           "is UTF-16 big-endian text, which is not read; save it as \"UTF-8\"");
  }
  std::string text;
  if (bytes.starts_with(kUtf16LeMark)) {
    LIMS_ASSIGN_OR_RETURN(text, FromUtf16Le(bytes.substr(kUtf16LeMark.size())));
  } else {
    if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
    const std::string_view valid = ValidUtf8Start(bytes);
    if (valid.size() != bytes.size()) return Unreadable(valid, "UTF-8");
    text = bytes;
  }
  if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
    return InvalidArgument(
        fmt::format("line {}", LineAtEnd(std::string_view(text).substr(0, zero))),
        "holds a zero byte, so the file is no text; export it as text or CSV");
  }
  return text;
}

std::string DecodeTextStart(std::string_view bytes) {
  std::string_view start = bytes.substr(0, kStartBytes);
  if (start.size() < bytes.size()) {
    // The cut may fall inside a character.
    if (start.starts_with(kUtf16LeMark)) {
      if (IsLeadSurrogate(Utf16Unit(start, start.size() - 2))) start.remove_suffix(2);
    } else {
      for (int i = 0; i < 3 && ValidUtf8Start(start).size() != start.size(); ++i) {
        start.remove_suffix(1);
      }
    }
  }
  Result<std::string> text = DecodeText(start);
  return text ? std::move(*text) : std::string();
}

}  // namespace lims
