#include "instrument/well.h"

#include <cstddef>

#include "base/text.h"

namespace lims::instrument {

std::optional<std::string> CanonicalWell(std::string_view text) {
  constexpr int kRows = 32;
  constexpr int kColumns = 48;
  std::string well;
  int row = 0;
  std::size_t at = 0;
  for (; at < text.size() && at < 2; ++at) {
    const char upper =
        text[at] >= 'a' && text[at] <= 'z' ? static_cast<char>(text[at] - 'a' + 'A') : text[at];
    if (upper < 'A' || upper > 'Z') break;
    row = row * 26 + (upper - 'A' + 1);
    well += upper;
  }
  const std::string_view digits = text.substr(at);
  if (row == 0 || row > kRows || digits.empty() || digits.size() > 2) return std::nullopt;
  int column = 0;
  for (char c : digits) {
    if (!IsDigit(c)) return std::nullopt;
    column = column * 10 + (c - '0');
  }
  if (column == 0 || column > kColumns) return std::nullopt;
  return well + std::to_string(column);
}

}  // namespace lims::instrument
