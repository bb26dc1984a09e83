#include "assay/math/distributions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace lims::assay {
namespace {

TEST(Distributions, THasItsClosedFormsForOneAndTwoDegreesOfFreedom) {
  for (const double confidence : {0.5, 0.9, 0.95, 0.99}) {
    EXPECT_NEAR(TwoSidedT(confidence, 1), std::tan(std::numbers::pi * confidence / 2), 1e-9);
    EXPECT_NEAR(TwoSidedT(confidence, 2), confidence * std::sqrt(2 / (1 - confidence * confidence)),
                1e-12);
  }
}

TEST(Distributions, FHasItsClosedFormForTwoNumeratorDegreesOfFreedom) {
  // Error variance 1, so f = extra_ss / 2; P(F >= f) = (1 + 2 f / df)^(-df / 2).
  for (const int df : {1, 2, 10, 60}) {
    for (const double f : {0.1, 1.0, 4.0, 19.0}) {
      const auto test = ExtraSumOfSquaresTest(2 * f, 2, df, df);
      ASSERT_TRUE(test.converged()) << test.reason();
      EXPECT_DOUBLE_EQ(test.fit().f, f);
      EXPECT_NEAR(test.fit().p, std::pow(1 + 2 * f / df, -df / 2.0), 1e-12);
      EXPECT_EQ(test.fit().df_numerator, 2);
      EXPECT_EQ(test.fit().df_denominator, df);
    }
  }
}

TEST(Distributions, FWithOneNumeratorDegreeOfFreedomIsTSquared) {
  const double t = TwoSidedT(0.95, 7);
  const auto test = ExtraSumOfSquaresTest(t * t, 1, 7, 7);
  ASSERT_TRUE(test.converged());
  EXPECT_NEAR(test.fit().p, 0.05, 1e-12);
}

TEST(Distributions, ARiseBelowZeroByRoundingIsZero) {
  const auto test = ExtraSumOfSquaresTest(-1e-18, 3, 1, 10);
  ASSERT_TRUE(test.converged());
  EXPECT_EQ(test.fit().f, 0);
  EXPECT_EQ(test.fit().p, 1);
}

TEST(Distributions, AnFTestWithoutErrorOrDegreesOfFreedomFails) {
  EXPECT_EQ(ExtraSumOfSquaresTest(1, 3, 0, 10).reason(),
            "there is no residual error to compare with");
  EXPECT_FALSE(ExtraSumOfSquaresTest(1, 0, 1, 10).converged());
  EXPECT_FALSE(ExtraSumOfSquaresTest(1, 3, 1, 0).converged());
  EXPECT_FALSE(
      ExtraSumOfSquaresTest(std::numeric_limits<double>::quiet_NaN(), 3, 1, 0).converged());
  EXPECT_FALSE(ExtraSumOfSquaresTest(std::numeric_limits<double>::infinity(), 3, 1, 5).converged());
}

TEST(Distributions, AConfidenceLiesStrictlyBetweenZeroAndOne) {
  EXPECT_TRUE(IsConfidence(0.95));
  for (const double wrong : {0.0, 1.0, -0.1, 95.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(IsConfidence(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace lims::assay
