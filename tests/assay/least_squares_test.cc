#include "assay/math/least_squares.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace lims::assay {
namespace {

const std::vector<double> kTimes = {0, 1, 2, 3, 4, 5};

// y = p0 exp(p1 x)
void Decay(std::span<const double> p, std::span<double> fitted, std::span<double> derivatives) {
  for (std::size_t i = 0; i < fitted.size(); ++i) {
    const double e = std::exp(p[1] * kTimes[i]);
    fitted[i] = p[0] * e;
    derivatives[i] = e;
    derivatives[fitted.size() + i] = p[0] * kTimes[i] * e;
  }
}

std::vector<double> DecayAt(double start, double rate) {
  std::vector<double> values;
  for (const double time : kTimes) values.push_back(start * std::exp(rate * time));
  return values;
}

TEST(LeastSquares, RecoversTheParametersOfExactData) {
  const auto outcome = FitLeastSquares(Decay, DecayAt(7, -0.4), std::array{1.0, -1.0});
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  EXPECT_NEAR(outcome.fit().parameters[0], 7, 1e-12);
  EXPECT_NEAR(outcome.fit().parameters[1], -0.4, 1e-13);
  EXPECT_EQ(outcome.fit().df, 4);
}

TEST(LeastSquares, StandardErrorsOfALinearModelAreThoseOfTheLine) {
  // y = p0 + p1 x on the points 1..5: (J'J)^-1 = {{55, -15}, {-15, 5}} / 50.
  const FitModel line = [](std::span<const double> p, std::span<double> fitted,
                           std::span<double> derivatives) {
    for (std::size_t i = 0; i < 5; ++i) {
      const double x = static_cast<double>(i + 1);
      fitted[i] = p[0] + p[1] * x;
      derivatives[i] = 1;
      derivatives[5 + i] = x;
    }
  };
  const auto outcome =
      FitLeastSquares(line, std::vector<double>{2, 4, 5, 4, 5}, std::array{0.0, 0.0});
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  const LeastSquaresFit& fit = outcome.fit();
  EXPECT_NEAR(fit.parameters[0], 2.2, 1e-13);
  EXPECT_NEAR(fit.parameters[1], 0.6, 1e-13);
  EXPECT_NEAR(fit.residual_ss, 2.4, 1e-13);
  EXPECT_NEAR(fit.InverseInformation(0, 0), 1.1, 1e-13);
  EXPECT_NEAR(fit.InverseInformation(0, 1), -0.3, 1e-13);
  EXPECT_NEAR(fit.InverseInformation(1, 0), -0.3, 1e-13);
  EXPECT_NEAR(fit.InverseInformation(1, 1), 0.1, 1e-13);
  EXPECT_NEAR(fit.StandardError(1), std::sqrt(0.08), 1e-13);
}

TEST(LeastSquares, SameInputGivesTheSameBits) {
  std::vector<double> responses = DecayAt(7, -0.4);
  responses[2] += 0.3;
  responses[4] -= 0.2;
  const auto first = FitLeastSquares(Decay, responses, std::array{1.0, -1.0});
  ASSERT_TRUE(first.converged());
  for (int i = 0; i < 3; ++i) {
    const auto again = FitLeastSquares(Decay, responses, std::array{1.0, -1.0});
    ASSERT_TRUE(again.converged());
    EXPECT_EQ(again.fit().parameters, first.fit().parameters);
    EXPECT_EQ(again.fit().inverse_information, first.fit().inverse_information);
  }
}

TEST(LeastSquares, FailuresSayWhy) {
  EXPECT_EQ(FitLeastSquares(Decay, std::vector<double>{1, 2}, std::array{1.0, -1.0}).reason(),
            "too few points: the model needs at least 3");

  std::vector<double> broken = DecayAt(7, -0.4);
  broken[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(FitLeastSquares(Decay, broken, std::array{1.0, -1.0}).reason(),
            "a response is not a finite number");

  // Only the sum of the two parameters shows in the data.
  const FitModel twins = [](std::span<const double> p, std::span<double> fitted,
                            std::span<double> derivatives) {
    for (std::size_t i = 0; i < fitted.size(); ++i) {
      fitted[i] = (p[0] + p[1]) * kTimes[i];
      derivatives[i] = kTimes[i];
      derivatives[fitted.size() + i] = kTimes[i];
    }
  };
  EXPECT_EQ(FitLeastSquares(twins, DecayAt(7, -0.4), std::array{1.0, 1.0}).reason(),
            "the points do not determine every parameter of the model");

  const FitModel idle = [](std::span<const double> p, std::span<double> fitted,
                           std::span<double> derivatives) {
    for (std::size_t i = 0; i < fitted.size(); ++i) {
      fitted[i] = p[0] * kTimes[i];
      derivatives[i] = kTimes[i];
      derivatives[fitted.size() + i] = 0;
    }
  };
  EXPECT_EQ(FitLeastSquares(idle, DecayAt(7, -0.4), std::array{1.0, 1.0}).reason(),
            "the points do not determine every parameter of the model");

  const FitModel endless = [](std::span<const double>, std::span<double> fitted,
                              std::span<double> derivatives) {
    for (double& value : fitted) value = std::numeric_limits<double>::infinity();
    for (double& value : derivatives) value = 1;
  };
  EXPECT_EQ(FitLeastSquares(endless, DecayAt(7, -0.4), std::array{1.0, 1.0}).reason(),
            "the search met numbers that are not finite");
}

}  // namespace
}  // namespace lims::assay
