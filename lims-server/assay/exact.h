// Sums, spreads and quotients of exact decimals.
#ifndef LIMS_ASSAY_EXACT_H_
#define LIMS_ASSAY_EXACT_H_

#include <optional>
#include <span>

#include "base/decimal.h"

namespace lims::assay {

// A quotient that is divided once, when its value is asked for, so that a value that lies exactly
// on a limit or on a tie of rounding stays there. The denominator is not zero.
struct Quotient {
  Decimal numerator;
  Decimal denominator = Decimal::FromInt(1);

  Decimal Value() const;
};

Quotient operator-(const Quotient& a, const Quotient& b);
// `b` is not zero.
Quotient operator/(const Quotient& a, const Quotient& b);

Decimal SumOf(std::span<const Decimal> values);
// Of one value or more.
Quotient MeanOf(std::span<const Decimal> values);
// Highest minus lowest, of one value or more.
Decimal RangeOf(std::span<const Decimal> values);
// Denominator n - 1; of two values or more.
Decimal SdOf(std::span<const Decimal> values);
// 100 SD / |mean|, of two values or more; 0 when they are all equal, absent when only their mean
// is zero.
std::optional<Decimal> CvPercentOf(std::span<const Decimal> values);
// 100 SD / `whole`, of two values or more; absent unless `whole` is above zero.
std::optional<Decimal> SdPercentOf(std::span<const Decimal> values, const Quotient& whole);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_EXACT_H_
