#include "assay/spread.h"

#include "assay/exact.h"

namespace lims::assay {

Spread SpreadOf(v1::SpreadRule rule, std::span<const Decimal> values) {
  switch (rule) {
    case v1::SPREAD_RULE_CV_PERCENT:
      return {.name = "CV", .id = "cv", .percent = true, .value = CvPercentOf(values)};
    case v1::SPREAD_RULE_SD:
      return {.name = "SD", .id = "sd", .value = SdOf(values)};
    default:
      return {.name = "range", .id = "range", .value = RangeOf(values)};
  }
}

}  // namespace lims::assay
