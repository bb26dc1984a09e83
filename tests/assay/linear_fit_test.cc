#include "assay/math/linear_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace lims::assay {
namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// Worked by hand: means 3 and 4, Sxx 10, Sxy 6, Syy 6, residual sum of squares 6 - 36/10.
LinearFit HandWorkedLine() {
  const std::vector<double> x = {1, 2, 3, 4, 5};
  const std::vector<double> y = {2, 4, 5, 4, 5};
  const auto outcome = FitLine(x, y);
  EXPECT_TRUE(outcome.converged());
  return outcome.fit();
}

TEST(LinearFit, HandWorkedExample) {
  const LinearFit line = HandWorkedLine();
  EXPECT_NEAR(line.slope, 0.6, 1e-15);
  EXPECT_NEAR(line.intercept, 2.2, 1e-15);
  EXPECT_NEAR(line.residual_ss, 2.4, 1e-14);
  EXPECT_NEAR(line.residual_sd, std::sqrt(0.8), 1e-15);
  EXPECT_NEAR(line.slope_se, std::sqrt(0.8 / 10), 1e-15);
  EXPECT_NEAR(line.intercept_se, std::sqrt(0.8 * (1.0 / 5 + 9.0 / 10)), 1e-15);
  EXPECT_NEAR(line.r_squared, 0.6, 1e-15);
  EXPECT_NEAR(line.r, std::sqrt(0.6), 1e-15);
  EXPECT_EQ(line.df, 3);
  EXPECT_EQ(line.mean_x, 3);
  EXPECT_EQ(line.mean_y, 4);
  EXPECT_EQ(line.sxx, 10);
}

TEST(LinearFit, AnExactLineIsRecovered) {
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<double> y = {40, 36.5, 33, 29.5};
  const auto outcome = FitLine(x, y);
  ASSERT_TRUE(outcome.converged());
  EXPECT_EQ(outcome.fit().slope, -3.5);
  EXPECT_EQ(outcome.fit().intercept, 40);
  EXPECT_EQ(outcome.fit().r_squared, 1);
  EXPECT_EQ(outcome.fit().r, -1);
  EXPECT_EQ(outcome.fit().slope_se, 0);
}

TEST(LinearFit, FailuresSayWhy) {
  struct Case {
    std::vector<double> x;
    std::vector<double> y;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {{1, 2}, {1, 2}, "a line needs at least 3 points"},
      {{1, 2, 3}, {1, 2}, "x and y differ in length"},
      {{2, 2, 2}, {1, 2, 3}, "x does not vary"},
      {{1, 2, 3}, {4, 4, 4}, "y does not vary"},
      {{1, kNotANumber, 3}, {1, 2, 3}, "a value of the line is not a finite number"},
      {{1, 2, 3}, {1, INFINITY, 3}, "a value of the line is not a finite number"},
      {{-1e200, 0, 1e200}, {1, 2, 3}, "the line gives no finite numbers"},
  };
  for (const Case& c : cases) {
    const auto outcome = FitLine(c.x, c.y);
    ASSERT_FALSE(outcome.converged()) << c.reason;
    EXPECT_EQ(outcome.reason(), c.reason);
  }
}

TEST(InversePrediction, HandWorkedExample) {
  const LinearFit line = HandWorkedLine();
  const std::vector<double> responses = {4.5, 4.7};  // mean 4.6, one unit of x above the centre
  const auto outcome = PredictX(line, responses, 0.95);
  ASSERT_TRUE(outcome.converged());
  EXPECT_NEAR(outcome.fit().x, 4, 1e-13);
  EXPECT_NEAR(outcome.fit().standard_error,
              std::sqrt(0.8) / 0.6 * std::sqrt(1.0 / 2 + 1.0 / 5 + 1.0 / 10), 1e-13);
}

TEST(InversePrediction, FiellerLimitsSolveTheirEquation) {
  const LinearFit line = HandWorkedLine();
  const double confidence = 0.6;
  const std::vector<double> responses = {5.3};
  const auto outcome = PredictX(line, responses, confidence);
  ASSERT_TRUE(outcome.converged());
  ASSERT_TRUE(outcome.fit().fieller_limits.has_value());
  const double t = TwoSidedT(confidence, 3);
  for (const double x :
       {outcome.fit().fieller_limits->lower, outcome.fit().fieller_limits->upper}) {
    const double difference = responses[0] - line.intercept - line.slope * x;
    const double variance = 0.8 * (1 + 1.0 / 5 + (x - 3) * (x - 3) / 10);
    EXPECT_NEAR(difference * difference, t * t * variance, 1e-12);
  }
  EXPECT_LT(outcome.fit().fieller_limits->lower, outcome.fit().x);
  EXPECT_GT(outcome.fit().fieller_limits->upper, outcome.fit().x);
}

TEST(InversePrediction, WithoutASlopeThereIsNoFiellerInterval) {
  const auto outcome = PredictX(HandWorkedLine(), std::vector<double>{5}, 0.95);
  ASSERT_TRUE(outcome.converged());
  EXPECT_GT(outcome.fit().g, 1);
  EXPECT_FALSE(outcome.fit().fieller_limits.has_value());
}

TEST(InversePrediction, FailuresSayWhy) {
  const LinearFit line = HandWorkedLine();
  const std::vector<double> one = {4.6};
  EXPECT_EQ(PredictX(line, std::vector<double>{}, 0.95).reason(),
            "there is no finite response to read back");
  EXPECT_EQ(PredictX(line, std::vector<double>{kNotANumber}, 0.95).reason(),
            "there is no finite response to read back");
  EXPECT_EQ(PredictX(line, one, 95).reason(), "the confidence must lie between 0 and 1");
  LinearFit flat = line;
  flat.slope = 0;
  EXPECT_EQ(PredictX(flat, one, 0.95).reason(), "the slope of the line is zero");
}

}  // namespace
}  // namespace lims::assay
