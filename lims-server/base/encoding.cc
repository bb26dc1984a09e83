#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lims {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> ReverseTable(std::string_view digits) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kHexValues = ReverseTable(kHexDigits);
constexpr auto kBase64Values = ReverseTable(kBase64Digits);

std::uint32_t Byte(char c) {
  return static_cast<std::uint8_t>(c);
}

}  // namespace

std::string HexEncode(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char c : bytes) {
    text += kHexDigits[Byte(c) >> 4];
    text += kHexDigits[Byte(c) & 0x0f];
  }
  return text;
}

std::string HexEncode(const Hash& hash) {
  return HexEncode(AsBytes(hash));
}

std::optional<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint8_t high = kHexValues[Byte(text[i])];
    const std::uint8_t low = kHexValues[Byte(text[i + 1])];
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::optional<Hash> HashFromHex(std::string_view text) {
  Hash hash;
  const auto bytes = HexDecode(text);
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string Base64Encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = Byte(bytes[i]) << 16;
    if (count > 1) group |= Byte(bytes[i + 1]) << 8;
    if (count > 2) group |= Byte(bytes[i + 2]);
    text += kBase64Digits[group >> 18];
    text += kBase64Digits[group >> 12 & 0x3f];
    text += count > 1 ? kBase64Digits[group >> 6 & 0x3f] : '=';
    text += count > 2 ? kBase64Digits[group & 0x3f] : '=';
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;

  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < digits; ++k) {
      const std::uint8_t value = kBase64Values[Byte(text[i + k])];
      if (value == kNoDigit) return std::nullopt;
      group |= std::uint32_t{value} << (18 - 6 * k);
    }
    const std::size_t count = digits - 1;
    if ((group & (0xffffffU >> (8 * count))) != 0) return std::nullopt;
    for (std::size_t k = 0; k < count; ++k) bytes += static_cast<char>(group >> (16 - 8 * k));
  }
  return bytes;
}

}  // namespace lims
