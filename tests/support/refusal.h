// What a refusal says, for tests; nothing of an act that was done.
#ifndef LIMS_TESTS_SUPPORT_REFUSAL_H_
#define LIMS_TESTS_SUPPORT_REFUSAL_H_

#include <string>
#include <vector>

#include "base/result.h"

namespace lims {

template <typename T>
std::string Words(const Result<T>& act) {
  return act ? "" : act.error().message;
}

// Of each violation, in order.
template <typename T>
std::vector<std::string> Fields(const Result<T>& act) {
  std::vector<std::string> fields;
  if (act) return fields;
  for (const Violation& violation : act.error().violations) fields.push_back(violation.field);
  return fields;
}

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_REFUSAL_H_
