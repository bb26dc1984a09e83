#include "tlog/lines.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace lims::tlog {

std::optional<std::string_view> TakeLine(std::string_view* text) {
  const std::size_t end = text->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::optional<Hash> ParseHash(std::string_view text) {
  const std::optional<std::string> bytes = Base64Decode(text);
  Hash hash;
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string FormatHash(const Hash& hash) {
  return Base64Encode(AsBytes(hash));
}

}  // namespace lims::tlog
