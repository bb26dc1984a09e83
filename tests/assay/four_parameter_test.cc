#include "assay/math/four_parameter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace lims::assay {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<DosePoint> PointsOn(const FourParameterCurve& curve, std::vector<double> doses) {
  std::vector<DosePoint> points;
  for (const double dose : doses) points.push_back({dose, ResponseAt(curve, dose)});
  return points;
}

TEST(FourParameterCurve, TakesItsKnownValues) {
  const FourParameterCurve curve = {.a = 1, .d = 5, .b = 2, .ln_c = std::log(10.0)};
  EXPECT_EQ(ResponseAt(curve, 0), 1);
  EXPECT_DOUBLE_EQ(ResponseAt(curve, 10), 3);
  EXPECT_DOUBLE_EQ(ResponseAt(curve, 30), 5 - 4 / (1 + 9.0));
  EXPECT_DOUBLE_EQ(ResponseAt(curve, 1e300), 5);
}

TEST(FourParameterFit, RecoversTheParametersOfExactData) {
  const std::vector<std::vector<double>> designs = {
      {0.1, 0.3, 1, 3, 10, 30, 100, 300},
      {0, 0, 1, 2, 4, 8, 16, 32, 64},
      {0.5, 0.5, 2, 2, 8, 8, 32, 32, 128, 128},
  };
  const std::vector<FourParameterCurve> curves = {
      {.a = 0.05, .d = 2.4, .b = 1.1, .ln_c = std::log(7.0)},    // rising
      {.a = 98, .d = 4, .b = 0.8, .ln_c = std::log(5.0)},        // falling
      {.a = 0, .d = 1, .b = 2.5, .ln_c = std::log(12.0)},        // steep
      {.a = -40, .d = 1e6, .b = 0.7, .ln_c = std::log(20.0)},    // luminescence counts
      {.a = 2e-12, .d = 1e-12, .b = 1.5, .ln_c = std::log(9.0)}  // amounts in mol
  };
  for (const std::vector<double>& doses : designs) {
    for (const FourParameterCurve& truth : curves) {
      const auto outcome = FitFourParameter(PointsOn(truth, doses));
      ASSERT_TRUE(outcome.converged()) << outcome.reason();
      const FourParameterFit& fit = outcome.fit();
      const double range = std::fabs(truth.d - truth.a);
      EXPECT_NEAR(fit.curve.a, truth.a, 1e-10 * range);
      EXPECT_NEAR(fit.curve.d, truth.d, 1e-10 * range);
      EXPECT_NEAR(fit.curve.b, truth.b, 1e-10);
      EXPECT_NEAR(fit.curve.ln_c, truth.ln_c, 1e-10);
      EXPECT_NEAR(fit.r_squared, 1, 1e-14);
      EXPECT_EQ(fit.df, static_cast<int>(doses.size()) - 4);
    }
  }
}

// The residuals +e, -e of each pair of replicates cancel, so the curve of the exact data is also
// the least squares curve of these.
TEST(FourParameterFit, SymmetricScatterLeavesTheCurveAndGivesTheResidual) {
  const FourParameterCurve truth = {.a = 0.1, .d = 2.1, .b = 1.2, .ln_c = std::log(6.0)};
  std::vector<DosePoint> points;
  for (const double dose : {0.2, 0.6, 2.0, 6.0, 20.0, 60.0, 200.0}) {
    points.push_back({dose, ResponseAt(truth, dose) + 0.03});
    points.push_back({dose, ResponseAt(truth, dose) - 0.03});
  }
  const auto outcome = FitFourParameter(points);
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  EXPECT_NEAR(outcome.fit().curve.ln_c, truth.ln_c, 1e-10);
  EXPECT_NEAR(outcome.fit().curve.b, truth.b, 1e-10);
  EXPECT_NEAR(outcome.fit().residual_ss, 14 * 0.03 * 0.03, 1e-13);
  EXPECT_NEAR(outcome.fit().residual_sd, std::sqrt(14 * 0.03 * 0.03 / 10), 1e-13);
  EXPECT_GT(outcome.fit().standard_errors.b, 0);
}

TEST(FourParameterFit, FailuresSayWhy) {
  struct Case {
    std::string name;
    std::vector<DosePoint> points;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {"empty", {}, "too few doses: 0 distinct, at least 4 are needed"},
      {"three doses",
       {{1, 1}, {1, 1.1}, {2, 2}, {2, 2.1}, {4, 3}, {4, 3.1}},
       "too few doses: 3 distinct, at least 4 are needed"},
      {"four points",
       {{1, 0.1}, {2, 0.5}, {4, 1.5}, {8, 1.9}},
       "too few points: the model needs at least 5"},
      {"negative dose",
       {{-1, 0.1}, {2, 0.5}, {4, 1.5}, {8, 1.9}, {16, 2}},
       "a dose is negative or not a finite number"},
      {"infinite dose",
       {{INFINITY, 0.1}, {2, 0.5}, {4, 1.5}, {8, 1.9}, {16, 2}},
       "a dose is negative or not a finite number"},
      {"missing response",
       {{1, kNan}, {2, 0.5}, {4, 1.5}, {8, 1.9}, {16, 2}},
       "a response is not a finite number"},
      {"constant response",
       {{1, 2}, {2, 2}, {4, 2}, {8, 2}, {16, 2}},
       "the response does not vary"},
      {"step without a dose on the slope",
       {{1, 0}, {2, 0}, {4, 0}, {8, 1}, {16, 1}, {32, 1}},
       "the points do not determine every parameter of the model"},
      {"straight line without asymptotes",
       {{1, 1}, {2, 2}, {4, 4}, {8, 8}, {16, 16}, {32, 32}},
       "the fit does not converge"},
  };
  for (const Case& c : cases) {
    const auto outcome = FitFourParameter(c.points);
    ASSERT_FALSE(outcome.converged()) << c.name;
    EXPECT_EQ(outcome.reason(), c.reason) << c.name;
  }
}

}  // namespace
}  // namespace lims::assay
