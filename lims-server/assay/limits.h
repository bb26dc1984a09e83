// Windows of validity criteria and the checks made with them; full values are compared.
#ifndef LIMS_ASSAY_LIMITS_H_
#define LIMS_ASSAY_LIMITS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

// The bounds themselves comply.
struct Limits {
  std::optional<Decimal> min;
  std::optional<Decimal> max;
  std::string unit = "";  // UCUM code, printed after the numbers

  bool any() const { return min.has_value() || max.has_value(); }
  bool Hold(const Decimal& value) const;
  std::string Text() const;  // ">= 95 and <= 105 %"
};

// "95 %"; the number alone without a unit.
std::string WithUnit(std::string_view number, std::string_view unit);

v1::Check MakeCheck(std::string_view name, std::string_view scope, std::string observed,
                    std::string criterion, bool ok);
// Fails with `absent` as what was observed when there is no value.
v1::Check LimitCheck(std::string_view name, std::string_view scope,
                     const std::optional<Decimal>& value, const Limits& limits,
                     std::string_view absent = "none");
// Whether there are enough: `fewest` or more.
v1::Check CountCheck(std::string_view name, std::string_view scope, std::size_t count, int fewest);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_LIMITS_H_
