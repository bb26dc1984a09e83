// The spread of values by the rule that a method names.
#ifndef LIMS_ASSAY_SPREAD_H_
#define LIMS_ASSAY_SPREAD_H_

#include <optional>
#include <span>
#include <string_view>

#include "base/decimal.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

struct Spread {
  std::string_view name;         // "CV", "range" or "SD"
  std::string_view id;           // the same as part of the name of a check: "cv"
  bool percent = false;          // else in the unit of the values
  std::optional<Decimal> value;  // absent for the CV of values whose mean is zero
};

// Of two values or more, by a rule that is not unspecified.
Spread SpreadOf(v1::SpreadRule rule, std::span<const Decimal> values);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_SPREAD_H_
