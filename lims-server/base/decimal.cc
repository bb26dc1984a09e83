#include "base/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <stdexcept>

#include "base/text.h"

// The build of the library that takes operands by value and rounding and flags as parameters.
#define DECIMAL_CALL_BY_REFERENCE 0
#define DECIMAL_GLOBAL_ROUNDING 0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>

namespace lims {
namespace {

using Coefficient = unsigned __int128;

constexpr int kMaxDigits = 34;
// What Parse accepts holds every double and leaves room for products.
constexpr int kMaxParsedExponent = 400;

// Layout of decimal128 in binary integer encoding: sign, 14 bits of biased exponent, 113 bits of
// coefficient. 34 digits always fit in them, so the second form of the encoding does not occur.
constexpr int kExponentBias = 6176;
constexpr int kMaxExponent = 6111;
constexpr int kHighCoefficientBits = 49;
constexpr std::uint64_t kHighCoefficientMask = (std::uint64_t{1} << kHighCoefficientBits) - 1;
constexpr std::uint64_t kExponentMask = 0x3fff;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

using Bits = std::array<std::uint64_t, 2>;

struct Parts {
  bool minus;
  Coefficient coefficient;
  int exponent;  // of ten, of the last digit
};

Parts Unpack(const Bits& bits) {
  return {(bits[1] & kSignBit) != 0, Coefficient{bits[1] & kHighCoefficientMask} << 64 | bits[0],
          static_cast<int>(bits[1] >> kHighCoefficientBits & kExponentMask) - kExponentBias};
}

Bits Pack(const Parts& parts) {
  const auto biased = static_cast<std::uint64_t>(parts.exponent + kExponentBias);
  return {static_cast<std::uint64_t>(parts.coefficient),
          (parts.minus ? kSignBit : 0) | biased << kHighCoefficientBits |
              static_cast<std::uint64_t>(parts.coefficient >> 64)};
}

BID_UINT128 ToBid(const Bits& bits) {
  BID_UINT128 number;
  number.w[0] = bits[0];
  number.w[1] = bits[1];
  return number;
}

Bits FromBid(const BID_UINT128& number) {
  return {number.w[0], number.w[1]};
}

std::string Digits(Coefficient value) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

Error NotANumber(std::string_view text, std::string_view problem) {
  return InvalidArgument("number", fmt::format("{} {}", QuotedForMessage(text), problem));
}

// How many digits `text` begins with.
std::size_t CountDigits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) -
                                  text.begin());
}

// Why `text` is refused, for the commonest mistakes.
std::string_view FormProblem(std::string_view text) {
  if (text.empty()) return "is empty; a number is needed";
  if (text.front() == ' ' || text.back() == ' ') return "has a blank before or after the number";
  if (text.find(',') != std::string_view::npos) {
    return "has a comma; write the decimal point as . and no separators";
  }
  std::string_view digits = text;
  if (digits.front() == '+' || digits.front() == '-') digits.remove_prefix(1);
  if (digits.starts_with('.')) return "has no digit before the point; write 0 there, as in 0.5";
  if (digits.ends_with('.')) return "has no digit after the point; leave the point out";
  return "is not a number; write it like 12, -0.50 or 4.5E-3";
}

}  // namespace

Decimal::Decimal() : bits_(Pack({false, 0, 0})) {}

Result<Decimal> Decimal::Parse(std::string_view text) {
  std::string_view rest = text;
  const bool minus = rest.starts_with('-');
  if (minus || rest.starts_with('+')) rest.remove_prefix(1);

  const std::string_view whole = rest.substr(0, CountDigits(rest));
  rest.remove_prefix(whole.size());
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = rest.substr(0, CountDigits(rest));
    rest.remove_prefix(fraction.size());
    if (fraction.empty()) return NotANumber(text, FormProblem(text));
  }
  if (whole.empty()) return NotANumber(text, FormProblem(text));

  int exponent = 0;
  bool exponent_too_large = false;
  if (rest.starts_with('e') || rest.starts_with('E')) {
    rest.remove_prefix(1);
    const bool exponent_minus = rest.starts_with('-');
    if (exponent_minus || rest.starts_with('+')) rest.remove_prefix(1);
    const std::size_t count = CountDigits(rest);
    if (count == 0) return NotANumber(text, FormProblem(text));
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + count, exponent);
    exponent_too_large = code != std::errc() || exponent > 2 * kMaxParsedExponent;
    if (exponent_minus) exponent = -exponent;
    rest.remove_prefix(count);
  }
  if (!rest.empty()) return NotANumber(text, FormProblem(text));

  const std::size_t leading_zeros = std::min(whole.find_first_not_of('0'), whole.size());
  if (whole.size() - leading_zeros + fraction.size() > kMaxDigits) {
    return NotANumber(text, "has more than 34 digits");
  }
  Coefficient coefficient = 0;
  for (std::string_view part : {whole, fraction}) {
    for (char c : part) coefficient = coefficient * 10 + static_cast<Coefficient>(c - '0');
  }
  exponent -= static_cast<int>(fraction.size());
  const int leading_exponent =
      coefficient == 0 ? exponent : exponent + static_cast<int>(Digits(coefficient).size()) - 1;
  if (exponent_too_large || exponent < -kMaxParsedExponent ||
      leading_exponent >= kMaxParsedExponent) {
    return NotANumber(
        text, "is outside the range of numbers: below 1e400 in size, no digit smaller than 1e-400");
  }
  if (coefficient == 0) exponent = std::min(exponent, 0);
  return Decimal(Pack({minus, coefficient, exponent}));
}

Decimal Decimal::FromInt(std::int64_t value) {
  return Decimal(FromBid(bid128_from_int64(value)));
}

Decimal Decimal::FromDouble(double value) {
  if (!std::isfinite(value)) throw std::domain_error("a number that is not finite");
  std::array<char, 32> buffer;
  const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                         std::chars_format::scientific);
  const auto size = static_cast<std::size_t>(end - buffer.data());
  return Calculated(Parse({buffer.data(), size}).value().bits_);
}

Decimal Decimal::Calculated(Bits bits) {
  const BID_UINT128 number = ToBid(bits);
  if (bid128_isFinite(number) == 0) throw std::overflow_error("a number over 1e6144");
  if (bid128_isZero(number) != 0) {
    bits = Pack({false, 0, std::min(Unpack(bits).exponent, 0)});
  }
  return Decimal(bits);
}

std::string Decimal::ToString() const {
  const auto [minus, coefficient, exponent] = Unpack(bits_);
  std::string text = Digits(coefficient);
  const int count = static_cast<int>(text.size());
  if (exponent < -kMaxDigits || count + exponent > kMaxDigits) {
    const int leading_exponent = exponent + count - 1;
    if (count > 1) text.insert(1, 1, '.');
    text += fmt::format("E{:+}", leading_exponent);
  } else if (exponent >= 0) {
    text.append(static_cast<std::size_t>(exponent), '0');
  } else {
    const auto places = static_cast<std::size_t>(-exponent);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, 1, '.');
  }
  if (minus) text.insert(0, 1, '-');
  return text;
}

int Decimal::decimals() const {
  return std::max(0, -Unpack(bits_).exponent);
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  _IDEC_flags flags = 0;
  const BID_UINT128 a = ToBid(bits_);
  const BID_UINT128 b = ToBid(other.bits_);
  if (bid128_quiet_less(a, b, &flags) != 0) return std::strong_ordering::less;
  if (bid128_quiet_greater(a, b, &flags) != 0) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

bool Decimal::operator==(const Decimal& other) const {
  _IDEC_flags flags = 0;
  return bid128_quiet_equal(ToBid(bits_), ToBid(other.bits_), &flags) != 0;
}

Decimal Decimal::Round(int decimals, Rounding rounding) const {
  const auto [minus, coefficient, exponent] = Unpack(bits_);
  int target = -std::clamp(decimals, -kMaxExponent, kMaxExponent);
  if (target < exponent) {
    const int room = kMaxDigits - static_cast<int>(Digits(coefficient).size());
    target = std::max(target, exponent - room);
  }
  const BID_UINT128 quantum = ToBid(Pack({false, 1, target}));
  _IDEC_flags flags = 0;
  return Calculated(FromBid(bid128_quantize(
      ToBid(bits_), quantum,
      rounding == Rounding::kHalfEven ? BID_ROUNDING_TO_NEAREST : BID_ROUNDING_TIES_AWAY, &flags)));
}

bool Decimal::negative() const {
  return Unpack(bits_).minus && !zero();
}

bool Decimal::zero() const {
  return Unpack(bits_).coefficient == 0;
}

double Decimal::ToDouble() const {
  _IDEC_flags flags = 0;
  return bid128_to_binary64(ToBid(bits_), BID_ROUNDING_TO_NEAREST, &flags);
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  _IDEC_flags flags = 0;
  return Decimal::Calculated(
      FromBid(bid128_add(ToBid(a.bits_), ToBid(b.bits_), BID_ROUNDING_TO_NEAREST, &flags)));
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  _IDEC_flags flags = 0;
  return Decimal::Calculated(
      FromBid(bid128_sub(ToBid(a.bits_), ToBid(b.bits_), BID_ROUNDING_TO_NEAREST, &flags)));
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  _IDEC_flags flags = 0;
  return Decimal::Calculated(
      FromBid(bid128_mul(ToBid(a.bits_), ToBid(b.bits_), BID_ROUNDING_TO_NEAREST, &flags)));
}

Decimal Decimal::operator-() const {
  return Calculated(FromBid(bid128_negate(ToBid(bits_))));
}

Result<Decimal> Divide(const Decimal& dividend, const Decimal& divisor) {
  if (divisor.zero()) return InvalidArgument("divisor", "is zero; nothing can be divided by it");
  _IDEC_flags flags = 0;
  return Decimal::Calculated(FromBid(
      bid128_div(ToBid(dividend.bits_), ToBid(divisor.bits_), BID_ROUNDING_TO_NEAREST, &flags)));
}

Decimal Abs(const Decimal& value) {
  return Decimal::Calculated(FromBid(bid128_abs(ToBid(value.bits_))));
}

Decimal Sqrt(const Decimal& value) {
  if (value.negative()) throw std::domain_error("the square root of a negative number");
  _IDEC_flags flags = 0;
  return Decimal::Calculated(
      FromBid(bid128_sqrt(ToBid(value.bits_), BID_ROUNDING_TO_NEAREST, &flags)));
}

}  // namespace lims
