#include "instrument/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/text.h"

namespace lims::instrument {
namespace {

// Longer ones are no names that a person typed.
constexpr std::size_t kLongest = 64;

std::string Plain(std::string_view name) {
  std::string plain = AsciiLower(name);
  std::erase_if(plain, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  return plain;
}

// Letters to insert, remove or change.
std::size_t Edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearestName(std::string_view name, const std::set<std::string>& names) {
  const std::string plain = Plain(name);
  std::string nearest;
  std::size_t fewest = 0;
  if (plain.empty() || plain.size() > kLongest) return nearest;
  for (const std::string& candidate : names) {
    const std::string other = Plain(candidate);
    if (other.size() > kLongest) continue;
    const std::size_t edits = Edits(plain, other);
    if (3 * edits > std::max(plain.size(), other.size())) continue;
    if (!nearest.empty() && edits >= fewest) continue;
    nearest = candidate;
    fewest = edits;
  }
  return nearest;
}

}  // namespace lims::instrument
