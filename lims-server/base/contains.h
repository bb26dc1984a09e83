// Whether a list holds a value: std::ranges::contains of C++23.
#ifndef LIMS_BASE_CONTAINS_H_
#define LIMS_BASE_CONTAINS_H_

#include <algorithm>
#include <iterator>

namespace lims {

template <typename List, typename Value>
bool Contains(const List& list, const Value& value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

}  // namespace lims

#endif  // LIMS_BASE_CONTAINS_H_
