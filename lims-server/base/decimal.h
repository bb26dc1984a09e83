// Exact decimal numbers for limits, typed values, readings and reportable values.
#ifndef LIMS_BASE_DECIMAL_H_
#define LIMS_BASE_DECIMAL_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lims {

enum class Rounding {
  kHalfEven,  // GB/T 8170 and ChP: an exact half goes to the even digit
  kHalfUp,    // USP and Ph. Eur.: an exact half goes away from zero
};

// A finite IEEE 754 decimal128: at most 34 significant digits, and the digits as entered are kept
// ("5.20" prints "5.20"). There is no NaN and no infinity. A zero keeps its minus sign only as
// typed; no calculation gives minus zero.
class Decimal {
 public:
  Decimal();  // 0

  // [+-]digits[.digits][e[+-]digits] with at most 34 digits, leading zeros not counted, below 1e400
  // in size and without a digit smaller than 1e-400. INVALID_ARGUMENT (field "number") says what is
  // wrong and how to write it.
  static Result<Decimal> Parse(std::string_view text);
  static Decimal FromInt(std::int64_t value);
  // The shortest digits that read back as `value`. Throws std::domain_error unless it is finite.
  static Decimal FromDouble(double value);

  // The digits kept, in plain notation; "1.5E+40" only when that would need more than 34 digits.
  // Text accepted by Parse comes back unchanged unless it has a plus sign, needless leading zeros
  // or an exponent.
  std::string ToString() const;
  // Digits after the point as printed in plain notation.
  int decimals() const;

  // By value: 5.2 equals 5.20.
  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal& other) const;

  // Rounds the absolute value once, from all its digits, to `decimals` places (negative: to tens,
  // hundreds, …). A number with fewer places is filled up with zeros as far as 34 digits allow.
  Decimal Round(int decimals, Rounding rounding) const;

  bool negative() const;  // below zero
  bool zero() const;

  // The nearest double; for declared fits only.
  double ToDouble() const;

  // Exact when 34 digits are enough, else rounded half-even to 34. Throw std::overflow_error for a
  // result of 1e6145 or more, which takes a chain of products at the edge of what Parse accepts.
  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  Decimal operator-() const;

  // Rounded like the operators; INVALID_ARGUMENT (field "divisor") when `divisor` is zero.
  friend Result<Decimal> Divide(const Decimal& dividend, const Decimal& divisor);
  friend Decimal Abs(const Decimal& value);
  // 34 digits. Throws std::domain_error when `value` is negative.
  friend Decimal Sqrt(const Decimal& value);

 private:
  using Bits = std::array<std::uint64_t, 2>;  // decimal128, binary integer encoding, low half first
  explicit Decimal(const Bits& bits) : bits_(bits) {}
  // The result of a calculation: refuses what is not finite, drops the sign of zero.
  static Decimal Calculated(Bits bits);

  Bits bits_;
};

Decimal operator+(const Decimal& a, const Decimal& b);
Decimal operator-(const Decimal& a, const Decimal& b);
Decimal operator*(const Decimal& a, const Decimal& b);
Result<Decimal> Divide(const Decimal& dividend, const Decimal& divisor);
Decimal Abs(const Decimal& value);
Decimal Sqrt(const Decimal& value);

}  // namespace lims

#endif  // LIMS_BASE_DECIMAL_H_
