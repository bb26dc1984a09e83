#include "base/decimal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace lims {
namespace {

Decimal D(std::string_view text) {
  return Decimal::Parse(text).value();
}

TEST(Decimal, PrintsTheDigitsAsEntered) {
  for (std::string_view text :
       {"0", "0.0", "0.00", "-0", "-0.0", "5.2", "5.20", "-5.200", "100", "0.50", "1234567890",
        "9999999999999999999999999999999999", "0.0000000000000000000000000000000001",
        "-1234567890123456789012345678901234", "1.234567890123456789012345678901234"}) {
    EXPECT_EQ(D(text).ToString(), text);
  }
}

TEST(Decimal, PrintsOtherFormsPlain) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"+5.20", "5.20"},
      {"007", "7"},
      {"00.50", "0.50"},
      {"1e7", "10000000"},
      {"4.5E-3", "0.0045"},
      {"1.23E+002", "123"},
      {"1.230e1", "12.30"},
      {"12e-4", "0.0012"},
      {"0e5", "0"},
      {"0e-3", "0.000"},
      {"1e33", "1000000000000000000000000000000000"},
      {"1e34", "1E+34"},
      {"1.50e40", "1.50E+40"},
      {"1e-34", "0.0000000000000000000000000000000001"},
      {"1e-35", "1E-35"},
      {"-1.5e-40", "-1.5E-40"},
      {"0e-40", "0E-40"},
      {"1e399", "1E+399"},
      {"1e-400", "1E-400"}};
  for (const auto& [in, out] : cases) {
    EXPECT_EQ(D(in).ToString(), out);
    EXPECT_EQ(D(out), D(in));
    EXPECT_EQ(D(out).ToString(), out);
  }
}

TEST(Decimal, RefusesWhatIsNoNumberAndSaysWhy) {
  constexpr std::string_view outside =
      "is outside the range of numbers: below 1e400 in size, no digit smaller than 1e-400";
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "is empty; a number is needed"},
      {"1,5", "has a comma; write the decimal point as . and no separators"},
      {"1,000.5", "has a comma; write the decimal point as . and no separators"},
      {"NaN", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"inf", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"-Infinity", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"--1", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"+-1", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"-", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"1.2.3", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"1 000", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"0x10", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"1e", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"1e+", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"1e1.5", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"e5", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"95%", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"<0.50", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"１２", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {"−5", "is not a number; write it like 12, -0.50 or 4.5E-3"},
      {" 1", "has a blank before or after the number"},
      {"1 ", "has a blank before or after the number"},
      {".5", "has no digit before the point; write 0 there, as in 0.5"},
      {"-.5", "has no digit before the point; write 0 there, as in 0.5"},
      {"5.", "has no digit after the point; leave the point out"},
      {"1e400", outside},
      {"10e399", outside},
      {"1e-401", outside},
      {"1e99999999999999999999", outside},
      {"0e-99999999999999999999", outside},
      {"12345678901234567890123456789012345", "has more than 34 digits"},
      {"1.2345678901234567890123456789012345", "has more than 34 digits"},
      {"0.00000000000000000000000000000000000", "has more than 34 digits"},
  };
  for (const auto& [text, problem] : cases) {
    const auto number = Decimal::Parse(text);
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_EQ(number.error().message, "number: \"" + text + "\" " + std::string(problem));
  }
  EXPECT_FALSE(Decimal::Parse(std::string_view("1\0", 2)));
}

TEST(Decimal, ComparesByValue) {
  EXPECT_EQ(D("5.2"), D("5.20"));
  EXPECT_EQ(D("0"), D("-0.00"));
  EXPECT_EQ(D("1e3"), D("1000.000"));
  EXPECT_LT(D("-5.2"), D("-5.1"));
  EXPECT_LT(D("0.496"), D("0.50"));
  EXPECT_GT(D("1e300"), D("9999999999999999999999999999999999"));
  EXPECT_GT(D("1e-300"), D("0"));
  EXPECT_TRUE(D("0.9799") < D("0.980"));
}

TEST(Decimal, KnowsItsSignAndPlaces) {
  EXPECT_TRUE(D("-0.01").negative());
  EXPECT_FALSE(D("-0.00").negative());
  EXPECT_TRUE(D("-0.00").zero());
  EXPECT_TRUE(Decimal().zero());
  EXPECT_EQ(Decimal().ToString(), "0");
  EXPECT_EQ(D("5.20").decimals(), 2);
  EXPECT_EQ(D("1e7").decimals(), 0);
  EXPECT_EQ(D("4.5e-3").decimals(), 4);
}

struct RoundingCase {
  std::string_view value;
  int decimals;
  std::string_view half_even;
  std::string_view half_up;
};

// Values that meet or miss a limit according to the rule of the specification line: exact ties, and
// values that only a second rounding would turn into ties.
constexpr RoundingCase kVerdictTies[] = {
    {"94.5", 0, "94", "95"},   {"84.5", 0, "84", "85"},  {"2.5", 0, "2", "3"},
    {"2.05", 1, "2.0", "2.1"}, {"94.46", 0, "94", "94"}, {"95.46", 0, "95", "95"},
    {"89.5", 0, "90", "90"},
};

constexpr RoundingCase kMoreRoundings[] = {
    {"8.53459", 2, "8.53", "8.53"},  // never through 8.5346 and 8.535
    {"-94.5", 0, "-94", "-95"},      // the absolute value is rounded
    {"-2.05", 1, "-2.0", "-2.1"},
    {"2.0500000000000000001", 1, "2.1", "2.1"},
    {"2.0499999999999999999", 1, "2.0", "2.0"},
    {"0.5", 0, "0", "1"},
    {"-0.4", 0, "0", "0"},  // never minus zero
    {"-0.0", 1, "0.0", "0.0"},
    {"9.995", 2, "10.00", "10.00"},
    {"9.985", 2, "9.98", "9.99"},
    {"1250", -2, "1200", "1300"},
    {"49", -2, "0", "0"},
    {"50", -2, "0", "100"},
    {"5.2", 3, "5.200", "5.200"},
    {"1e3", 1, "1000.0", "1000.0"},
    {"7", -1000000, "0", "0"},
    {"9999999999999999999999999999999999", 0, "9999999999999999999999999999999999",
     "9999999999999999999999999999999999"},
    {"999999999999999999999999999999999.5", 0, "1000000000000000000000000000000000",
     "1000000000000000000000000000000000"},
    // No room for 33 places in 34 digits: as many as fit.
    {"12", 33, "12.00000000000000000000000000000000", "12.00000000000000000000000000000000"},
    {"1234567890123456789012345678901234", 1000000, "1234567890123456789012345678901234",
     "1234567890123456789012345678901234"},
};

TEST(Decimal, RoundsTheTiesThatFlipVerdicts) {
  for (const auto& [value, decimals, half_even, half_up] : kVerdictTies) {
    EXPECT_EQ(D(value).Round(decimals, Rounding::kHalfEven).ToString(), half_even) << value;
    EXPECT_EQ(D(value).Round(decimals, Rounding::kHalfUp).ToString(), half_up) << value;
  }
}

TEST(Decimal, RoundedTieDecidesTheLimit) {
  enum class Bound { kAtLeast, kAtMost };
  const struct {
    Bound bound;
    std::string_view limit, value;
    bool passes_half_even, passes_half_up;
  } cases[] = {
      {Bound::kAtLeast, "95", "94.5", false, true},
      {Bound::kAtLeast, "85", "84.5", false, true},
      {Bound::kAtMost, "2", "2.5", true, false},
      {Bound::kAtMost, "2.0", "2.05", true, false},
      {Bound::kAtLeast, "95", "94.46", false, false},
      {Bound::kAtLeast, "96", "95.46", false, false},
      {Bound::kAtLeast, "90", "89.5", true, true},
  };
  for (const auto& [bound, limit_text, value, passes_half_even, passes_half_up] : cases) {
    const Decimal limit = D(limit_text);
    const auto passes = [&](Rounding rounding) {
      const Decimal rounded = D(value).Round(limit.decimals(), rounding);
      return bound == Bound::kAtLeast ? rounded >= limit : rounded <= limit;
    };
    EXPECT_EQ(passes(Rounding::kHalfEven), passes_half_even) << value;
    EXPECT_EQ(passes(Rounding::kHalfUp), passes_half_up) << value;
  }
}

TEST(Decimal, RoundsOnceFromAllDigits) {
  for (const auto& [value, decimals, half_even, half_up] : kMoreRoundings) {
    EXPECT_EQ(D(value).Round(decimals, Rounding::kHalfEven).ToString(), half_even) << value;
    EXPECT_EQ(D(value).Round(decimals, Rounding::kHalfUp).ToString(), half_up) << value;
  }
}

TEST(Decimal, RoundingTwiceWouldPassWhatRoundingOnceFails) {
  const Decimal limit = D("95");
  const Decimal value = D("94.46");
  EXPECT_LT(value.Round(0, Rounding::kHalfUp), limit);
  EXPECT_GE(value.Round(1, Rounding::kHalfUp).Round(0, Rounding::kHalfUp), limit);
}

TEST(Decimal, CalculatesExactlyWithin34Digits) {
  EXPECT_EQ((D("0.1") + D("0.2")).ToString(), "0.3");
  EXPECT_EQ((D("1.20") + D("3")).ToString(), "4.20");
  EXPECT_EQ((D("1.20") - D("1.2")).ToString(), "0.00");
  EXPECT_EQ((D("1.20") * D("-3")).ToString(), "-3.60");
  EXPECT_EQ((D("0") * D("-3")).ToString(), "0");
  EXPECT_EQ((-D("5.20")).ToString(), "-5.20");
  EXPECT_EQ((-D("0.0")).ToString(), "0.0");
  EXPECT_EQ(Abs(D("-5.20")).ToString(), "5.20");
  EXPECT_EQ(Abs(D("-0")).ToString(), "0");
  EXPECT_EQ(Divide(D("6"), D("2"))->ToString(), "3");
  EXPECT_EQ(Divide(D("1"), D("8"))->ToString(), "0.125");
  EXPECT_EQ(Divide(D("2"), D("3"))->ToString(), "0.6666666666666666666666666666666667");
  EXPECT_EQ(Sqrt(D("2")).ToString(), "1.414213562373095048801688724209698");
  EXPECT_EQ(Sqrt(D("6.25")).ToString(), "2.5");
  EXPECT_EQ(Sqrt(D("-0")).ToString(), "0");
  EXPECT_EQ(Decimal::FromInt(std::numeric_limits<std::int64_t>::min()).ToString(),
            "-9223372036854775808");
}

TEST(Decimal, RoundsLongResultsHalfEvenTo34Digits) {
  const Decimal ones = D("1000000000000000000000000000000001");
  EXPECT_EQ((ones + D("0.5")).ToString(), "1000000000000000000000000000000002");
  EXPECT_EQ((ones - D("0.5")).ToString(), "1000000000000000000000000000000000");
}

TEST(Decimal, RefusesCalculationsWithoutAResult) {
  EXPECT_EQ(Divide(D("1"), D("0.00")).error().reason, ErrorReason::kInvalidArgument);
  EXPECT_FALSE(Divide(D("0"), D("0")));
  EXPECT_THROW(Sqrt(D("-1")), std::domain_error);
  EXPECT_THROW(
      {
        Decimal product = D("1e399");
        for (int i = 0; i < 20; ++i) product = product * D("1e399");
      },
      std::overflow_error);
}

TEST(Decimal, TakesTheShortestDigitsOfADouble) {
  const std::pair<double, std::string_view> cases[] = {
      {0.1, "0.1"},
      {2.05, "2.05"},
      {100.0, "100"},
      {-0.0, "0"},
      {1.0 / 3.0, "0.3333333333333333"},
      {1e22, "10000000000000000000000"},
      {5e-324, "5E-324"},
      {-1.7976931348623157e308, "-1.7976931348623157E+308"}};
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(Decimal::FromDouble(value).ToString(), text);
    EXPECT_EQ(D(text).ToDouble(), value);
  }
  EXPECT_THROW(Decimal::FromDouble(std::nan("")), std::domain_error);
  EXPECT_THROW(Decimal::FromDouble(std::numeric_limits<double>::infinity()), std::domain_error);
}

}  // namespace
}  // namespace lims
