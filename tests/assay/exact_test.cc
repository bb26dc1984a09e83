#include "assay/exact.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace lims::assay {
namespace {

std::vector<Decimal> Decimals(std::initializer_list<std::string> texts) {
  std::vector<Decimal> decimals;
  for (const std::string& text : texts) decimals.push_back(Decimal::Parse(text).value());
  return decimals;
}

TEST(Exact, MeanKeepsTheTieThatADoubleLoses) {
  EXPECT_EQ(MeanOf(Decimals({"2.04", "2.06"})).Value().ToString(), "2.05");
  EXPECT_EQ(MeanOf(Decimals({"94.3", "94.5", "94.7"})).Value(), Decimal::Parse("94.5").value());
}

TEST(Exact, MeanOfThirdsHas34Digits) {
  EXPECT_EQ(MeanOf(Decimals({"1", "0", "0"})).Value().ToString(),
            "0.3333333333333333333333333333333333");
}

TEST(Exact, QuotientsOfThirdsDivideOnce) {
  const Quotient third = MeanOf(Decimals({"1", "0", "0"}));
  const Quotient half = MeanOf(Decimals({"1", "0"}));
  EXPECT_EQ((half - third).Value(), Divide(Decimal::FromInt(1), Decimal::FromInt(6)).value());
  EXPECT_EQ((third / third).Value(), Decimal::FromInt(1));
}

TEST(Exact, StandardDeviationOfKnownNumbers) {
  EXPECT_EQ(SdOf(Decimals({"1", "2", "3"})), Decimal::FromInt(1));
  EXPECT_TRUE(SdOf(Decimals({"24.659", "24.659"})).zero());
}

// Mean 10 and SD 1: exactly 10 %, where binary arithmetic may land on either side.
TEST(Exact, CvAtItsLimitIsTheLimit) {
  EXPECT_EQ(*CvPercentOf(Decimals({"9", "10", "11"})), Decimal::FromInt(10));
  EXPECT_EQ(*CvPercentOf(Decimals({"0.09", "0.10", "0.11"})), Decimal::FromInt(10));
  EXPECT_EQ(*CvPercentOf(Decimals({"-9", "-10", "-11"})), Decimal::FromInt(10));
}

TEST(Exact, CvOfZeros) {
  EXPECT_TRUE(CvPercentOf(Decimals({"0", "0.0"}))->zero());
  EXPECT_FALSE(CvPercentOf(Decimals({"-1", "1"})).has_value());
}

// SD 50 beside a third of 3000: exactly 5 %.
TEST(Exact, SdInPercentOfAMean) {
  const Quotient mean = MeanOf(Decimals({"900", "1000", "1100"}));
  EXPECT_EQ(*SdPercentOf(Decimals({"0", "50", "100"}), mean), Decimal::FromInt(5));
  EXPECT_TRUE(SdPercentOf(Decimals({"7", "7"}), mean)->zero());
  for (const char* whole : {"0", "-1"}) {
    EXPECT_FALSE(SdPercentOf(Decimals({"7", "8"}), {Decimal::Parse(whole).value()})) << whole;
  }
}

TEST(Exact, Range) {
  EXPECT_EQ(RangeOf(Decimals({"1462", "1467", "1465"})), Decimal::FromInt(5));
}

}  // namespace
}  // namespace lims::assay
