// Draws that are the same everywhere for the same seed.
#ifndef LIMS_TESTS_APP_WALK_CHANCE_H_
#define LIMS_TESTS_APP_WALK_CHANCE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string_view>

#include "app/walk_model.h"

namespace lims::walk {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::size_t Below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool OneIn(std::size_t count) { return Below(count) == 0; }
  template <typename List>
  const auto& Of(const List& list) {
    return *std::next(list.begin(), static_cast<std::ptrdiff_t>(Below(list.size())));
  }
  // An index, each with its weight.
  template <std::size_t n>
  std::size_t Weighted(const std::array<int, n>& weights) {
    int sum = 0;
    for (const int weight : weights) sum += weight;
    int at = static_cast<int>(Below(static_cast<std::size_t>(sum)));
    std::size_t index = 0;
    while (at >= weights[index]) at -= weights[index++];
    return index;
  }

 private:
  std::mt19937_64 engine_;
};

// A value of the line with that verdict.
inline const Value& ValueOf(std::string_view line, Verdict wanted, Chance* chance) {
  for (;;) {
    const Value& value = chance->Of(kValues);
    if (value.line == line && value.verdict == wanted) return value;
  }
}

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALK_CHANCE_H_
