#include "assay/math/parallel_4pl.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "assay/math/lack_of_fit.h"
#include "assay/math/logistic_model.h"
#include "assay/math/statistics.h"

namespace lims::assay {
namespace {

// Place of ln RP in the common model, behind the FourParameterIndex of the reference curve.
constexpr std::size_t kLnRp = 4;
// Residuals smaller than this part of the responses are rounding error, not scatter.
constexpr double kRoundingError = 1e-13;
// Limits of the search for a profile limit: how often its distance from the estimate is doubled,
// and how closely it meets its condition.
constexpr int kMaxDoublings = 6;
constexpr int kMaxRootSteps = 60;
constexpr double kRootTolerance = 1e-11;

// Both preparations in one column, the reference first.
struct PooledData {
  LogDoses data;
  std::size_t reference_count = 0;
};

PooledData Pool(const LogDoses& reference, const LogDoses& test) {
  PooledData pooled{reference, reference.ln_dose.size()};
  pooled.data.ln_dose.insert(pooled.data.ln_dose.end(), test.ln_dose.begin(), test.ln_dose.end());
  pooled.data.response.insert(pooled.data.response.end(), test.response.begin(),
                              test.response.end());
  return pooled;
}

// The common curve; with `fixed_ln_rp` the potency is given and only a, d, b, ln c are fitted.
FitModel CommonModel(const PooledData& pooled, std::optional<double> fixed_ln_rp) {
  return [&pooled, fixed_ln_rp](std::span<const double> p, std::span<double> fitted,
                                std::span<double> derivatives) {
    const std::size_t count = fitted.size();
    const double ln_rp = fixed_ln_rp ? *fixed_ln_rp : p[kLnRp];
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_test = i >= pooled.reference_count;
      const LogisticTerms terms = EvaluateLogistic(
          {p[kA], p[kD], p[kB], is_test ? p[kLnC] - ln_rp : p[kLnC]}, pooled.data.ln_dose[i]);
      fitted[i] = terms.value;
      derivatives[kA * count + i] = terms.by_a;
      derivatives[kD * count + i] = terms.by_d;
      derivatives[kB * count + i] = terms.by_b;
      derivatives[kLnC * count + i] = terms.by_ln_c;
      if (!fixed_ln_rp) derivatives[kLnRp * count + i] = is_test ? -terms.by_ln_c : 0;
    }
  };
}

FitOutcome<LeastSquaresFit> FitCommonCurve(const PooledData& pooled, const LogDoses& reference,
                                           const LogDoses& test) {
  const LogisticStart start = FindStart(reference, &test);
  FitOutcome<LeastSquaresFit> outcome =
      FitLeastSquares(CommonModel(pooled, std::nullopt), pooled.data.response,
                      std::array{start.a, start.d, start.b, start.ln_c_first,
                                 start.ln_c_first - start.ln_c_second});
  if (outcome.converged() && !(outcome.fit().parameters[kB] > 0)) {
    return FitFailure{"the responses follow no sigmoid curve"};
  }
  return outcome;
}

CommonCurveFit Describe(const LeastSquaresFit& found, std::span<const double> responses) {
  CommonCurveFit common;
  common.reference = {found.parameters[kA], found.parameters[kD], found.parameters[kB],
                      found.parameters[kLnC]};
  common.standard_errors = {found.StandardError(kA), found.StandardError(kD),
                            found.StandardError(kB), found.StandardError(kLnC)};
  common.ln_relative_potency = found.parameters[kLnRp];
  common.ln_relative_potency_se = found.StandardError(kLnRp);
  common.residual_ss = found.residual_ss;
  common.residual_sd = std::sqrt(found.ResidualVariance());
  common.r_squared = RSquared(found.residual_ss, responses).value_or(0);
  common.df = found.df;
  return common;
}

// How far the best common curve of a given potency lies above the allowed rise of the residual;
// negative inside the limits, absent where that curve cannot be fitted.
std::optional<double> ProfileExcess(const PooledData& pooled, const LeastSquaresFit& common,
                                    double ln_rp, double allowed_rise) {
  const FitOutcome<LeastSquaresFit> outcome = FitLeastSquares(
      CommonModel(pooled, ln_rp), pooled.data.response, std::span(common.parameters).first(kLnRp));
  if (!outcome.converged()) return std::nullopt;
  return outcome.fit().residual_ss - common.residual_ss - allowed_rise;
}

// The ln RP on the side of `step` at which the excess is zero: a bracket by doubling, then false
// position with halving of the end that stays (Illinois).
std::optional<double> ProfileLimit(const PooledData& pooled, const LeastSquaresFit& common,
                                   double step, double allowed_rise) {
  const double estimate = common.parameters[kLnRp];
  double inside = estimate;
  double inside_excess = -allowed_rise;
  double outside = estimate;
  std::optional<double> outside_excess;
  for (int i = 0; i < kMaxDoublings; ++i, step *= 2) {
    outside = estimate + step;
    outside_excess = ProfileExcess(pooled, common, outside, allowed_rise);
    if (!outside_excess) return std::nullopt;
    if (*outside_excess >= 0) break;
    inside = outside;
    inside_excess = *outside_excess;
  }
  if (*outside_excess < 0) return std::nullopt;

  double other_excess = *outside_excess;
  for (int i = 0; i < kMaxRootSteps; ++i) {
    const double middle =
        outside - other_excess * (outside - inside) / (other_excess - inside_excess);
    const std::optional<double> excess = ProfileExcess(pooled, common, middle, allowed_rise);
    if (!excess) return std::nullopt;
    if (std::fabs(*excess) <= kRootTolerance * allowed_rise) return middle;
    if (*excess < 0) {
      inside = middle;
      inside_excess = *excess;
      other_excess /= 2;
    } else {
      outside = middle;
      other_excess = *excess;
      inside_excess /= 2;
    }
  }
  return std::nullopt;
}

std::optional<Interval> ProfileLimits(const PooledData& pooled, const LeastSquaresFit& common,
                                      double t) {
  const double allowed_rise = t * t * common.ResidualVariance();  // t^2 = F(1, n - 5)
  const double step = t * common.StandardError(kLnRp);
  const std::optional<double> lower = ProfileLimit(pooled, common, -step, allowed_rise);
  const std::optional<double> upper = ProfileLimit(pooled, common, step, allowed_rise);
  if (!lower || !upper) return std::nullopt;
  return Interval{std::exp(*lower), std::exp(*upper)};
}

// With ln c of the reference and ln RP as fitted, c test = c reference / RP; the covariances of
// both c follow from those of the logarithms. The limits r solve (c_ref - r c_test)^2 =
// t^2 var(c_ref - r c_test), which is divided here by c_test^2.
std::optional<Interval> FiellerLimits(const LeastSquaresFit& common, double t) {
  const double variance = common.ResidualVariance();
  const double ln_c = variance * common.InverseInformation(kLnC, kLnC);
  const double ln_rp = variance * common.InverseInformation(kLnRp, kLnRp);
  const double both = variance * common.InverseInformation(kLnC, kLnRp);
  const double covariance = ln_c - both;        // of ln c reference and ln c test
  const double test = ln_c - 2 * both + ln_rp;  // of ln c test
  const double rp = std::exp(common.parameters[kLnRp]);
  const double square = 1 - t * t * test;
  const double middle = 1 - t * t * covariance;
  const double discriminant = middle * middle - square * (1 - t * t * ln_c);
  if (!(square > 0) || !(discriminant >= 0)) return std::nullopt;
  const double root = std::sqrt(discriminant);
  const Interval limits{rp * (middle - root) / square, rp * (middle + root) / square};
  if (!AllFinite({limits.lower, limits.upper})) return std::nullopt;
  return limits;
}

// The ratio of two independent estimates of equal sign, given their variances.
ParameterRatio RatioOf(double test, double test_variance, double reference,
                       double reference_variance, double t) {
  const double ratio = test / reference;
  const double ln_ratio_se =
      std::sqrt(test_variance / (test * test) + reference_variance / (reference * reference));
  return {ratio, {ratio * std::exp(-t * ln_ratio_se), ratio * std::exp(t * ln_ratio_se)}};
}

double RangeOf(const FourParameterFit& fit) {
  return fit.curve.d - fit.curve.a;
}

// Variance of d - a for a residual variance of 1.
double UnitRangeVariance(const FourParameterFit& fit) {
  const LeastSquaresFit& found = fit.least_squares;
  return found.InverseInformation(kD, kD) + found.InverseInformation(kA, kA) -
         2 * found.InverseInformation(kA, kD);
}

// f = (p test - p reference) / (d - a) of the reference, for the asymptote p. By the reference's
// own p it changes by -1 / range, by its d by -f / range and by its a by f / range.
AsymptoteDifference DifferenceOf(FourParameterIndex asymptote, const FourParameterFit& reference,
                                 const FourParameterFit& test, double variance, double t) {
  const double range = RangeOf(reference);
  const double difference = ((asymptote == kA ? test.curve.a : test.curve.d) -
                             (asymptote == kA ? reference.curve.a : reference.curve.d)) /
                            range;
  const double by_a = (difference - (asymptote == kA ? 1 : 0)) / range;
  const double by_d = -(difference + (asymptote == kD ? 1 : 0)) / range;
  const LeastSquaresFit& found = reference.least_squares;
  const double unit =
      test.least_squares.InverseInformation(asymptote, asymptote) / (range * range) +
      by_a * by_a * found.InverseInformation(kA, kA) +
      by_d * by_d * found.InverseInformation(kD, kD) +
      2 * by_a * by_d * found.InverseInformation(kA, kD);
  const double half = t * std::sqrt(std::max(0.0, variance * unit));  // rounding of exact data
  return {difference, {difference - half, difference + half}};
}

PureError PureErrorWithin(std::span<const DosePoint> points) {
  std::vector<double> doses;
  std::vector<double> responses;
  for (const DosePoint& point : points) {
    doses.push_back(point.dose);
    responses.push_back(point.response);
  }
  return PureErrorOf(doses, responses);
}

FitOutcome<FTest> TestParallelism(const CommonCurveFit& common, double free_residual_ss,
                                  int free_df, std::span<const double> responses) {
  double squares = 0;
  for (const double response : responses) squares += response * response;
  if (free_residual_ss <= kRoundingError * kRoundingError * squares) {
    return FitFailure{"there is no residual error to compare with"};
  }
  return ExtraSumOfSquaresTest(common.residual_ss - free_residual_ss, common.df - free_df,
                               free_residual_ss, free_df);
}

}  // namespace

FitOutcome<ParallelComparison> CompareParallel4pl(std::span<const DosePoint> reference,
                                                  std::span<const DosePoint> test,
                                                  double confidence) {
  if (!IsConfidence(confidence)) return FitFailure{"the confidence must lie between 0 and 1"};
  const FitOutcome<FourParameterFit> reference_fit = FitFourParameter(reference);
  if (!reference_fit.converged()) return FitFailure{"reference: " + reference_fit.reason()};
  const FitOutcome<FourParameterFit> test_fit = FitFourParameter(test);
  if (!test_fit.converged()) return FitFailure{"test: " + test_fit.reason()};
  const FourParameterFit& reference_curve = reference_fit.fit();
  const FourParameterFit& test_curve = test_fit.fit();
  if (RangeOf(reference_curve) * RangeOf(test_curve) <= 0) {
    return FitFailure{"the curves of reference and test run in opposite directions"};
  }

  const LogDoses reference_data = ToLogDoses(reference);
  const LogDoses test_data = ToLogDoses(test);
  const PooledData pooled = Pool(reference_data, test_data);
  const FitOutcome<LeastSquaresFit> common_fit = FitCommonCurve(pooled, reference_data, test_data);
  if (!common_fit.converged()) return FitFailure{"common curve: " + common_fit.reason()};
  const CommonCurveFit common = Describe(common_fit.fit(), pooled.data.response);

  const double free_residual_ss = reference_curve.residual_ss + test_curve.residual_ss;
  const int free_df = reference_curve.df + test_curve.df;
  const double free_variance = free_residual_ss / free_df;
  const double free_t = TwoSidedT(confidence, free_df);
  const double t = TwoSidedT(confidence, common.df);
  const double half_width = t * common.ln_relative_potency_se;
  const PureError reference_error = PureErrorWithin(reference);
  const PureError test_error = PureErrorWithin(test);

  ParallelComparison comparison{
      .reference = reference_curve,
      .test = test_curve,
      .free_residual_ss = free_residual_ss,
      .free_residual_sd = std::sqrt(free_variance),
      .free_df = free_df,
      .common = common,
      .relative_potency = std::exp(common.ln_relative_potency),
      .delta_limits = {std::exp(common.ln_relative_potency - half_width),
                       std::exp(common.ln_relative_potency + half_width)},
      .profile_limits = ProfileLimits(pooled, common_fit.fit(), t),
      .fieller_limits = FiellerLimits(common_fit.fit(), t),
      .parallelism = TestParallelism(common, free_residual_ss, free_df, pooled.data.response),
      .lack_of_fit =
          LackOfFitTest(free_residual_ss, free_df,
                        {reference_error.ss + test_error.ss, reference_error.df + test_error.df}),
      .slope_ratio = RatioOf(
          test_curve.curve.b, free_variance * test_curve.least_squares.InverseInformation(kB, kB),
          reference_curve.curve.b,
          free_variance * reference_curve.least_squares.InverseInformation(kB, kB), free_t),
      .range_ratio = RatioOf(RangeOf(test_curve), free_variance * UnitRangeVariance(test_curve),
                             RangeOf(reference_curve),
                             free_variance * UnitRangeVariance(reference_curve), free_t),
      .a_difference = DifferenceOf(kA, reference_curve, test_curve, free_variance, free_t),
      .d_difference = DifferenceOf(kD, reference_curve, test_curve, free_variance, free_t)};
  if (!AllFinite({comparison.relative_potency, comparison.delta_limits.lower,
                  comparison.delta_limits.upper, comparison.slope_ratio.limits.lower,
                  comparison.slope_ratio.limits.upper, comparison.range_ratio.limits.lower,
                  comparison.range_ratio.limits.upper, comparison.a_difference.limits.lower,
                  comparison.a_difference.limits.upper, comparison.d_difference.limits.lower,
                  comparison.d_difference.limits.upper})) {
    return FitFailure{"the relative potency or a limit is not a finite number"};
  }
  return comparison;
}

}  // namespace lims::assay
