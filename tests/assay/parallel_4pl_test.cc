#include "assay/math/parallel_4pl.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "assay/math/logistic_model.h"

namespace lims::assay {
namespace {

constexpr FourParameterCurve kCurve = {.a = 0.1, .d = 2.3, .b = 1.15, .ln_c = 1.8};
// Deviations of the 14 wells of one preparation, fixed so that each replicate pair differs.
constexpr double kScatter[] = {0.02,  -0.01, 0.03,   -0.02, -0.04, 0.01,  0.00,
                               -0.03, 0.02,  -0.015, 0.035, 0.01,  -0.02, 0.025};

FourParameterCurve MorePotent(double potency) {
  FourParameterCurve curve = kCurve;
  curve.ln_c -= std::log(potency);
  return curve;
}

// 7 doses in duplicate; `scatter` scales the fixed deviations, `turn` begins with another of them.
std::vector<DosePoint> Preparation(const FourParameterCurve& curve, double scatter,
                                   std::size_t turn = 0) {
  std::vector<DosePoint> points;
  for (const double dose : {0.2, 0.6, 2.0, 6.0, 20.0, 60.0, 200.0}) {
    for (int replicate = 0; replicate < 2; ++replicate) {
      const double deviation = kScatter[(points.size() + turn) % std::size(kScatter)];
      points.push_back({dose, ResponseAt(curve, dose) + scatter * deviation});
    }
  }
  return points;
}

ParallelComparison Compare(const std::vector<DosePoint>& reference,
                           const std::vector<DosePoint>& test) {
  auto outcome = CompareParallel4pl(reference, test, 0.95);
  EXPECT_TRUE(outcome.converged()) << outcome.reason();
  return outcome.fit();
}

TEST(Parallel4pl, RecoversThePotencyOfExactData) {
  for (const double potency : {0.25, 0.8, 1.0, 2.0, 5.0}) {
    const ParallelComparison found =
        Compare(Preparation(kCurve, 0), Preparation(MorePotent(potency), 0));
    EXPECT_NEAR(found.relative_potency, potency, 1e-10 * potency);
    EXPECT_NEAR(found.common.ln_relative_potency, std::log(potency), 1e-10);
    EXPECT_NEAR(found.common.reference.ln_c, kCurve.ln_c, 1e-10);
    EXPECT_NEAR(found.slope_ratio.ratio, 1, 1e-10);
    EXPECT_NEAR(found.range_ratio.ratio, 1, 1e-10);
    EXPECT_EQ(found.free_df, 28 - 8);
    EXPECT_EQ(found.common.df, 28 - 5);
  }
}

TEST(Parallel4pl, ExactDataLeaveNothingToTestParallelismWith) {
  const ParallelComparison found = Compare(Preparation(kCurve, 0), Preparation(MorePotent(2), 0));
  ASSERT_FALSE(found.parallelism.converged());
  EXPECT_EQ(found.parallelism.reason(), "there is no residual error to compare with");
}

TEST(Parallel4pl, APreparationAgainstItselfHasPotencyOne) {
  const std::vector<DosePoint> points = Preparation(kCurve, 1);
  const ParallelComparison found = Compare(points, points);
  EXPECT_NEAR(found.relative_potency, 1, 1e-12);
  EXPECT_NEAR(found.delta_limits.lower * found.delta_limits.upper, 1, 1e-12);
  EXPECT_LT(found.delta_limits.lower, 1);
  ASSERT_TRUE(found.profile_limits.has_value());
  EXPECT_NEAR(found.profile_limits->lower * found.profile_limits->upper, 1, 1e-8);
  ASSERT_TRUE(found.parallelism.converged());
  EXPECT_NEAR(found.parallelism.fit().f, 0, 1e-10);
  EXPECT_NEAR(found.parallelism.fit().p, 1, 1e-10);
  EXPECT_EQ(found.slope_ratio.ratio, 1);
  EXPECT_EQ(found.range_ratio.ratio, 1);
  EXPECT_NEAR(found.slope_ratio.limits.lower * found.slope_ratio.limits.upper, 1, 1e-12);
}

// 0.11 and 0.44 of a range of 2.2.
TEST(Parallel4pl, AsymptotesDifferInPartsOfTheRangeOfTheReference) {
  FourParameterCurve other = kCurve;
  other.a = 0.21;
  other.d = 2.74;
  const ParallelComparison found = Compare(Preparation(kCurve, 0), Preparation(other, 0));
  EXPECT_NEAR(found.a_difference.difference, 0.05, 1e-9);
  EXPECT_NEAR(found.d_difference.difference, 0.2, 1e-9);
  const std::vector<DosePoint> points = Preparation(kCurve, 1);
  const ParallelComparison same = Compare(points, points);
  const double range = same.reference.curve.d - same.reference.curve.a;
  const double a = TwoSidedT(0.95, 20) * std::sqrt(2) * same.reference.standard_errors.a / range;
  const double d = TwoSidedT(0.95, 20) * std::sqrt(2) * same.reference.standard_errors.d / range;
  EXPECT_NEAR(same.a_difference.limits.lower, -a, 1e-12);
  EXPECT_NEAR(same.a_difference.limits.upper, a, 1e-12);
  EXPECT_NEAR(same.d_difference.limits.lower, -d, 1e-12);
  EXPECT_NEAR(same.d_difference.limits.upper, d, 1e-12);
}

// The limits, by steps of each estimate instead of derivatives.
TEST(Parallel4pl, TheErrorOfADifferenceCountsThatOfTheRange) {
  FourParameterCurve other = kCurve;
  other.d = 3.4;
  const ParallelComparison found = Compare(Preparation(kCurve, 1), Preparation(other, 1, 5));
  const auto difference = [&](double a, double d, double test_d) {
    return (found.test.curve.d + test_d - found.reference.curve.d - d) /
           (found.reference.curve.d + d - found.reference.curve.a - a);
  };
  constexpr double kStep = 1e-6;
  const double by_a = (difference(kStep, 0, 0) - difference(-kStep, 0, 0)) / (2 * kStep);
  const double by_d = (difference(0, kStep, 0) - difference(0, -kStep, 0)) / (2 * kStep);
  const double by_test = (difference(0, 0, kStep) - difference(0, 0, -kStep)) / (2 * kStep);
  const auto& reference = found.reference.least_squares;
  const double unit = by_a * by_a * reference.InverseInformation(kA, kA) +
                      by_d * by_d * reference.InverseInformation(kD, kD) +
                      2 * by_a * by_d * reference.InverseInformation(kA, kD) +
                      by_test * by_test * found.test.least_squares.InverseInformation(kD, kD);
  const double half = TwoSidedT(0.95, 20) * found.free_residual_sd * std::sqrt(unit);
  EXPECT_NEAR(found.d_difference.limits.upper - found.d_difference.difference, half, 1e-8);
}

TEST(Parallel4pl, ExchangingThePreparationsInvertsEveryRatio) {
  const std::vector<DosePoint> first = Preparation(kCurve, 1);
  const std::vector<DosePoint> second = Preparation(MorePotent(1.7), 1, 5);
  const ParallelComparison there = Compare(first, second);
  const ParallelComparison back = Compare(second, first);
  EXPECT_NEAR(there.relative_potency * back.relative_potency, 1, 1e-10);
  EXPECT_NEAR(there.delta_limits.lower * back.delta_limits.upper, 1, 1e-10);
  EXPECT_NEAR(there.profile_limits->lower * back.profile_limits->upper, 1, 1e-8);
  EXPECT_NEAR(there.fieller_limits->lower * back.fieller_limits->upper, 1, 1e-8);
  EXPECT_NEAR(there.slope_ratio.limits.lower * back.slope_ratio.limits.upper, 1, 1e-10);
  EXPECT_NEAR(there.range_ratio.limits.upper * back.range_ratio.limits.lower, 1, 1e-10);
  EXPECT_NEAR(there.parallelism.fit().f, back.parallelism.fit().f, 1e-9);
}

TEST(Parallel4pl, PotencyFollowsTheScaleOfTheDosesAndNotThatOfTheResponses) {
  const std::vector<DosePoint> reference = Preparation(kCurve, 1);
  const std::vector<DosePoint> test = Preparation(MorePotent(1.7), 1, 5);
  const ParallelComparison plain = Compare(reference, test);

  std::vector<DosePoint> diluted = test;
  for (DosePoint& point : diluted) point.dose *= 8;
  EXPECT_NEAR(Compare(reference, diluted).relative_potency, plain.relative_potency / 8, 1e-9);

  std::vector<DosePoint> reference_counts = reference;
  std::vector<DosePoint> test_counts = test;
  for (DosePoint& point : reference_counts) point.response = 7000 - 1000 * point.response;
  for (DosePoint& point : test_counts) point.response = 7000 - 1000 * point.response;
  const ParallelComparison counts = Compare(reference_counts, test_counts);
  EXPECT_NEAR(counts.relative_potency, plain.relative_potency, 1e-9);
  EXPECT_NEAR(counts.delta_limits.upper, plain.delta_limits.upper, 1e-9);
  EXPECT_NEAR(counts.parallelism.fit().p, plain.parallelism.fit().p, 1e-9);
}

TEST(Parallel4pl, AnotherSlopeOrRangeIsFound) {
  FourParameterCurve steeper = kCurve;
  steeper.b *= 2;
  const ParallelComparison slope = Compare(Preparation(kCurve, 1), Preparation(steeper, 1, 3));
  EXPECT_LT(slope.parallelism.fit().p, 1e-6);
  EXPECT_GT(slope.slope_ratio.limits.lower, 1.25);
  EXPECT_NEAR(slope.slope_ratio.ratio, 2, 0.2);

  FourParameterCurve higher = kCurve;
  higher.d += 1;
  const ParallelComparison range = Compare(Preparation(kCurve, 1), Preparation(higher, 1, 3));
  EXPECT_LT(range.parallelism.fit().p, 1e-6);
  EXPECT_GT(range.range_ratio.limits.lower, 1.25);
  EXPECT_NEAR(range.range_ratio.ratio, 3.2 / 2.2, 0.1);
}

TEST(Parallel4pl, LimitsAndTestFollowFromTheSumsOfSquares) {
  const ParallelComparison found =
      Compare(Preparation(kCurve, 1), Preparation(MorePotent(1.7), 1, 5));
  EXPECT_NEAR(std::log(found.delta_limits.upper / found.relative_potency),
              TwoSidedT(0.95, 23) * found.common.ln_relative_potency_se, 1e-12);
  ASSERT_TRUE(found.parallelism.converged());
  const FTest& test = found.parallelism.fit();
  EXPECT_EQ(test.df_numerator, 3);
  EXPECT_EQ(test.df_denominator, 20);
  const double rise = found.common.residual_ss - found.free_residual_ss;
  EXPECT_NEAR(test.f, rise / 3 / (found.free_residual_ss / 20), 1e-10);
}

// With little scatter the residual is a parabola around the estimate, where both methods agree.
TEST(Parallel4pl, ProfileAndDeltaLimitsMeetWhenTheScatterIsSmall) {
  const ParallelComparison found =
      Compare(Preparation(kCurve, 0.01), Preparation(MorePotent(1.7), 0.01, 5));
  ASSERT_TRUE(found.profile_limits.has_value());
  const double width = std::log(found.delta_limits.upper / found.delta_limits.lower);
  EXPECT_NEAR(std::log(found.profile_limits->lower / found.delta_limits.lower) / width, 0, 1e-3);
  EXPECT_NEAR(std::log(found.profile_limits->upper / found.delta_limits.upper) / width, 0, 1e-3);
}

// At Fieller's limits r the distance c reference - r c test is t times its own standard error. Here
// both c come from a fit that has them, not their ratio, as parameters.
TEST(Parallel4pl, FiellersLimitsLieWhereTheDistanceIsAsLargeAsItsError) {
  const ParallelComparison found =
      Compare(Preparation(kCurve, 4), Preparation(MorePotent(1.7), 4, 5));
  ASSERT_TRUE(found.fieller_limits.has_value());
  const double rp = found.relative_potency;
  EXPECT_LT(found.fieller_limits->lower, rp);
  EXPECT_GT(found.fieller_limits->upper, rp);
  // Beyond the delta method: the interval is not symmetric on the log scale.
  EXPECT_GT(std::fabs(std::log(found.fieller_limits->lower * found.fieller_limits->upper) -
                      2 * std::log(rp)),
            1e-6);
  const double t = TwoSidedT(0.95, found.common.df);
  const double reference_variance =
      std::pow(found.common.standard_errors.ln_c, 2);  // of ln c reference
  const double rp_variance = std::pow(found.common.ln_relative_potency_se, 2);
  // var ln c test follows from exchanging the preparations.
  const ParallelComparison back =
      Compare(Preparation(MorePotent(1.7), 4, 5), Preparation(kCurve, 4));
  const double test_variance = std::pow(back.common.standard_errors.ln_c, 2);
  const double covariance = (reference_variance + test_variance - rp_variance) / 2;
  for (const double limit : {found.fieller_limits->lower, found.fieller_limits->upper}) {
    const double distance = rp - limit;  // in units of c test
    const double variance =
        rp * rp * reference_variance - 2 * limit * rp * covariance + limit * limit * test_variance;
    EXPECT_NEAR(distance * distance, t * t * variance, 1e-7 * t * t * variance);
  }
}

// The same curve written with its range d - a as a parameter, which gives that a standard error
// of its own.
double RangeErrorForUnitVariance(const std::vector<DosePoint>& points,
                                 const FourParameterCurve& start) {
  const LogDoses data = ToLogDoses(points);
  const FitModel model = [&data](std::span<const double> p, std::span<double> fitted,
                                 std::span<double> derivatives) {
    const std::size_t count = fitted.size();
    for (std::size_t i = 0; i < count; ++i) {
      const LogisticTerms terms =
          EvaluateLogistic({p[1] - p[0], p[1], p[2], p[3]}, data.ln_dose[i]);
      fitted[i] = terms.value;
      derivatives[i] = -terms.by_a;
      derivatives[count + i] = terms.by_a + terms.by_d;
      derivatives[2 * count + i] = terms.by_b;
      derivatives[3 * count + i] = terms.by_ln_c;
    }
  };
  const auto outcome = FitLeastSquares(model, data.response,
                                       std::array{start.d - start.a, start.d, start.b, start.ln_c});
  EXPECT_TRUE(outcome.converged());
  return std::sqrt(outcome.fit().InverseInformation(0, 0)) / outcome.fit().parameters[0];
}

TEST(Parallel4pl, RangeRatioLimitsCountTheCovarianceOfTheAsymptotes) {
  const std::vector<DosePoint> reference = Preparation(kCurve, 1);
  const std::vector<DosePoint> test = Preparation(MorePotent(1.7), 1, 5);
  const ParallelComparison found = Compare(reference, test);
  const double se =
      found.free_residual_sd * std::hypot(RangeErrorForUnitVariance(reference, kCurve),
                                          RangeErrorForUnitVariance(test, kCurve));
  EXPECT_NEAR(std::log(found.range_ratio.limits.upper / found.range_ratio.ratio),
              TwoSidedT(0.95, 20) * se, 1e-9);
}

TEST(Parallel4pl, RatioLimitsComeFromThePooledScatter) {
  const ParallelComparison found =
      Compare(Preparation(kCurve, 1), Preparation(MorePotent(1.7), 3, 5));
  EXPECT_NEAR(found.free_residual_sd,
              std::sqrt((found.reference.residual_ss + found.test.residual_ss) / 20), 1e-12);
  // Relative standard error of b for a residual SD of 1.
  const auto unit_error = [](const FourParameterFit& fit) {
    return fit.standard_errors.b / fit.residual_sd / fit.curve.b;
  };
  const double se =
      found.free_residual_sd * std::hypot(unit_error(found.reference), unit_error(found.test));
  EXPECT_NEAR(std::log(found.slope_ratio.limits.upper / found.slope_ratio.ratio),
              TwoSidedT(0.95, 20) * se, 1e-10);
}

TEST(Parallel4pl, LimitsWidenWithTheConfidence) {
  const std::vector<DosePoint> reference = Preparation(kCurve, 1);
  const std::vector<DosePoint> test = Preparation(MorePotent(1.7), 1, 5);
  const auto narrow = CompareParallel4pl(reference, test, 0.90);
  const auto wide = CompareParallel4pl(reference, test, 0.99);
  ASSERT_TRUE(narrow.converged() && wide.converged());
  EXPECT_LT(wide.fit().delta_limits.lower, narrow.fit().delta_limits.lower);
  EXPECT_GT(wide.fit().profile_limits->upper, narrow.fit().profile_limits->upper);
  EXPECT_GT(wide.fit().slope_ratio.limits.upper, narrow.fit().slope_ratio.limits.upper);
}

TEST(Parallel4pl, SameInputGivesTheSameBits) {
  const std::vector<DosePoint> reference = Preparation(kCurve, 1);
  const std::vector<DosePoint> test = Preparation(MorePotent(1.7), 1, 5);
  const ParallelComparison first = Compare(reference, test);
  const ParallelComparison again = Compare(reference, test);
  EXPECT_EQ(again.relative_potency, first.relative_potency);
  EXPECT_EQ(again.delta_limits.lower, first.delta_limits.lower);
  EXPECT_EQ(again.profile_limits->upper, first.profile_limits->upper);
  EXPECT_EQ(again.parallelism.fit().p, first.parallelism.fit().p);
  EXPECT_EQ(again.range_ratio.limits.upper, first.range_ratio.limits.upper);
}

TEST(Parallel4pl, WithoutReplicatesThereIsNoLackOfFitTest) {
  std::vector<DosePoint> points;
  for (const DosePoint& point : Preparation(kCurve, 1)) {
    if (points.empty() || points.back().dose != point.dose) points.push_back(point);
  }
  const ParallelComparison found = Compare(points, points);
  EXPECT_FALSE(found.lack_of_fit.converged());
  EXPECT_EQ(found.free_df, 14 - 8);
}

TEST(Parallel4pl, FailuresSayWhichCurveAndWhy) {
  const std::vector<DosePoint> good = Preparation(kCurve, 1);
  FourParameterCurve falling = kCurve;
  std::swap(falling.a, falling.d);
  const std::vector<DosePoint> flat = {{1, 2}, {2, 2}, {4, 2}, {8, 2}, {16, 2}};
  const std::vector<DosePoint> few(good.begin(), good.begin() + 6);
  struct Case {
    std::vector<DosePoint> reference;
    std::vector<DosePoint> test;
    double confidence;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {flat, good, 0.95, "reference: the response does not vary"},
      {good, flat, 0.95, "test: the response does not vary"},
      {few, good, 0.95, "reference: too few doses: 3 distinct, at least 4 are needed"},
      {good, few, 0.95, "test: too few doses: 3 distinct, at least 4 are needed"},
      {good, Preparation(falling, 1), 0.95,
       "the curves of reference and test run in opposite directions"},
      {good, good, 1, "the confidence must lie between 0 and 1"},
  };
  for (const Case& c : cases) {
    const auto outcome = CompareParallel4pl(c.reference, c.test, c.confidence);
    ASSERT_FALSE(outcome.converged()) << c.reason;
    EXPECT_EQ(outcome.reason(), c.reason);
  }
}

}  // namespace
}  // namespace lims::assay
