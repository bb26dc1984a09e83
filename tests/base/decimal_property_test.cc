#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/decimal.h"

namespace lims {
namespace {

// A number in two independent forms: its text, and its value times 10^kScale.
constexpr int kScale = 10;

struct Model {
  std::string text;
  __int128 scaled;
  int decimals;
};

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::string PlainText(std::int64_t digits, int decimals) {
  std::string text = std::to_string(digits < 0 ? -digits : digits);
  const auto places = static_cast<std::size_t>(decimals);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  if (places > 0) text.insert(text.size() - places, 1, '.');
  return (digits < 0 ? "-" : "") + text;
}

Model AnyModel() {
  // Small numbers often, so that ties and equal values occur.
  const std::int64_t bound = *rc::gen::element<std::int64_t>(30, 2000, 1'000'000'000'000'000);
  const std::int64_t digits = *rc::gen::inRange(-bound, bound);
  const int decimals = *rc::gen::inRange(0, kScale + 1);
  return {PlainText(digits, decimals), digits * PowerOfTen(kScale - decimals), decimals};
}

Decimal Parsed(std::string_view text) {
  return Decimal::Parse(text).value();
}

RC_GTEST_PROP(Decimal, TextComesBackUnchanged, ()) {
  const Model model = AnyModel();
  const Decimal number = Parsed(model.text);
  RC_ASSERT(number.ToString() == model.text);
  RC_ASSERT(number.decimals() == model.decimals);
  RC_ASSERT(number.negative() == (model.scaled < 0));
  RC_ASSERT(number.zero() == (model.scaled == 0));
}

RC_GTEST_PROP(Decimal, EveryPrintedNumberReadsBack, ()) {
  const std::string mantissa =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789")));
  RC_PRE(!mantissa.empty());
  RC_PRE(mantissa.size() <= 34U);
  const int exponent = *rc::gen::inRange(-366, 366);
  const Decimal number = Parsed(mantissa + "e" + std::to_string(exponent));
  const Decimal again = Parsed(number.ToString());
  RC_ASSERT(again == number);
  RC_ASSERT(again.ToString() == number.ToString());
}

RC_GTEST_PROP(Decimal, OrdersLikeScaledIntegers, ()) {
  const Model a = AnyModel();
  const Model b = AnyModel();
  RC_ASSERT((Parsed(a.text) <=> Parsed(b.text)) == (a.scaled <=> b.scaled));
  RC_ASSERT((Parsed(a.text) == Parsed(b.text)) == (a.scaled == b.scaled));
}

RC_GTEST_PROP(Decimal, AddsLikeScaledIntegers, ()) {
  const Model a = AnyModel();
  const Model b = AnyModel();
  const Decimal unit = Parsed("1e-10");
  const auto scaled = [&](__int128 value) {
    return (Decimal::FromInt(static_cast<std::int64_t>(value / 1'000'000'000)) * Parsed("1e9") +
            Decimal::FromInt(static_cast<std::int64_t>(value % 1'000'000'000))) *
           unit;
  };
  RC_ASSERT(Parsed(a.text) + Parsed(b.text) == scaled(a.scaled + b.scaled));
  RC_ASSERT(Parsed(a.text) - Parsed(b.text) == scaled(a.scaled - b.scaled));
  RC_ASSERT(Parsed(a.text) - Parsed(b.text) == -(Parsed(b.text) - Parsed(a.text)));
}

// The rule in integers: quotient and remainder of the absolute value, a half goes to the even
// quotient or up.
__int128 RoundModel(__int128 scaled, int places, Rounding rounding) {
  const __int128 unit = PowerOfTen(kScale - places);
  const __int128 magnitude = scaled < 0 ? -scaled : scaled;
  __int128 quotient = magnitude / unit;
  const __int128 twice = magnitude % unit * 2;
  const bool half_goes_up = rounding == Rounding::kHalfUp || quotient % 2 != 0;
  if (twice > unit || (twice == unit && half_goes_up)) ++quotient;
  return scaled < 0 ? -quotient : quotient;
}

RC_GTEST_PROP(Decimal, RoundsLikeScaledIntegers, ()) {
  const Model model = AnyModel();
  const int places = *rc::gen::inRange(0, std::min(kScale, model.decimals + 3) + 1);
  for (Rounding rounding : {Rounding::kHalfEven, Rounding::kHalfUp}) {
    const auto expected = static_cast<std::int64_t>(RoundModel(model.scaled, places, rounding));
    RC_ASSERT(Parsed(model.text).Round(places, rounding).ToString() == PlainText(expected, places));
  }
}

RC_GTEST_PROP(Decimal, RoundingOnceIsNearestAndRoundingTwiceMayNotBe, ()) {
  const Decimal value = Parsed(AnyModel().text);
  const int places = *rc::gen::inRange(0, kScale);
  const Decimal half_unit = Parsed("5e-" + std::to_string(places + 1));
  for (Rounding rounding : {Rounding::kHalfEven, Rounding::kHalfUp}) {
    const Decimal once = value.Round(places, rounding);
    const Decimal twice = value.Round(places + 1, rounding).Round(places, rounding);
    RC_ASSERT(Abs(once - value) <= half_unit);
    RC_ASSERT(Abs(twice - value) >= Abs(once - value));
    RC_ASSERT(once.Round(places, rounding).ToString() == once.ToString());
    RC_CLASSIFY(once != twice, "differs");
  }
}

RC_GTEST_PROP(Decimal, DivisionAndRootUndoTheirInverse, ()) {
  const Decimal a = Parsed(AnyModel().text);
  const Decimal b = Parsed(AnyModel().text);
  RC_PRE(!b.zero());
  RC_ASSERT(Divide(a * b, b).value() == a);
  RC_ASSERT(Sqrt(b * b) == Abs(b));
}

RC_GTEST_PROP(Decimal, DoublesComeBackBitEqual, (std::uint64_t bits)) {
  const auto value = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(value));
  const Decimal number = Decimal::FromDouble(value);
  RC_ASSERT(number.ToDouble() == value);
  RC_ASSERT(Parsed(number.ToString()).ToDouble() == value);
}

}  // namespace
}  // namespace lims
