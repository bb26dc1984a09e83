#include "assay/math/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace lims::assay {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
constexpr double kMax = std::numeric_limits<double>::max();

TEST(Statistics, WorkedExample) {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(Mean(values).value(), 5);
  EXPECT_DOUBLE_EQ(SampleSd(values).value(), std::sqrt(32.0 / 7));
}

TEST(Statistics, KeepsASmallSpreadOnALargeOffset) {
  const std::vector<double> values = {1e9 + 1, 1e9 + 2, 1e9 + 3};
  EXPECT_EQ(Mean(values).value(), 1e9 + 2);
  EXPECT_EQ(SampleSd(values).value(), 1);
}

TEST(Statistics, TheMeanOfManyEqualValuesIsThatValue) {
  // The plain sum of these is 99.9999999999986.
  EXPECT_EQ(Mean(std::vector<double>(1000, 0.1)).value(), 0.1);
}

TEST(Statistics, RSquaredComparesWithTheSpreadAboutTheMean) {
  EXPECT_DOUBLE_EQ(RSquared(0.5, std::vector<double>{1, 2, 3}).value(), 0.75);
  EXPECT_FALSE(RSquared(0.5, std::vector<double>{2, 2, 2}).has_value());
}

TEST(Statistics, WhatIsNotDefinedIsAbsent) {
  const std::vector<double> none;
  const std::vector<double> one = {3};
  EXPECT_FALSE(Mean(none).has_value());
  EXPECT_FALSE(SampleSd(one).has_value());
  EXPECT_FALSE(Mean(std::vector<double>{1, kUndefined}).has_value());
  EXPECT_FALSE(Mean(std::vector<double>{kMax, kMax}).has_value());
  EXPECT_FALSE(SampleSd(std::vector<double>{-kMax, kMax}).has_value());
}

TEST(Statistics, AllFiniteFindsTheOneThatIsNot) {
  EXPECT_TRUE(AllFinite({0, -1, kMax}));
  EXPECT_FALSE(AllFinite({0, kUndefined}));
  EXPECT_FALSE(AllFinite({std::numeric_limits<double>::infinity()}));
}

}  // namespace
}  // namespace lims::assay
