#include "assay/exact.h"

#include <algorithm>
#include <cstdint>

namespace lims::assay {
namespace {

Decimal Count(std::span<const Decimal> values) {
  return Decimal::FromInt(static_cast<std::int64_t>(values.size()));
}

// n sum(x^2) - sum(x)^2, which is n (n - 1) times the variance and exact for values as they are
// measured; rounding may push a vanishing one below zero.
Decimal ScaledVariance(std::span<const Decimal> values) {
  Decimal squares;
  for (const Decimal& value : values) squares = squares + value * value;
  const Decimal sum = SumOf(values);
  const Decimal scaled = Count(values) * squares - sum * sum;
  return scaled.negative() ? Decimal() : scaled;
}

}  // namespace

Decimal Quotient::Value() const {
  return Divide(numerator, denominator).value();
}

Quotient operator-(const Quotient& a, const Quotient& b) {
  return {a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator};
}

Quotient operator/(const Quotient& a, const Quotient& b) {
  return {a.numerator * b.denominator, a.denominator * b.numerator};
}

Decimal SumOf(std::span<const Decimal> values) {
  Decimal sum;
  for (const Decimal& value : values) sum = sum + value;
  return sum;
}

Quotient MeanOf(std::span<const Decimal> values) {
  return {SumOf(values), Count(values)};
}

Decimal RangeOf(std::span<const Decimal> values) {
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  return *highest - *lowest;
}

Decimal SdOf(std::span<const Decimal> values) {
  const Decimal n = Count(values);
  return Sqrt(Quotient{ScaledVariance(values), n * (n - Decimal::FromInt(1))}.Value());
}

std::optional<Decimal> CvPercentOf(std::span<const Decimal> values) {
  if (RangeOf(values).zero()) return Decimal();
  const Decimal sum = SumOf(values);
  if (sum.zero()) return std::nullopt;
  const Decimal n = Count(values);
  // One division before the root: a CV that equals its limit comes out as that limit.
  return Sqrt(Quotient{Decimal::FromInt(10000) * n * ScaledVariance(values),
                       (n - Decimal::FromInt(1)) * sum * sum}
                  .Value());
}

std::optional<Decimal> SdPercentOf(std::span<const Decimal> values, const Quotient& whole) {
  if (!(Decimal() < whole.Value())) return std::nullopt;
  const Decimal n = Count(values);
  return Sqrt(Quotient{
      Decimal::FromInt(10000) * ScaledVariance(values) * whole.denominator * whole.denominator,
      n * (n - Decimal::FromInt(1)) * whole.numerator * whole.numerator}
                  .Value());
}

}  // namespace lims::assay
