// Relative potency of a test against a reference preparation by parallel logistic curves.
#ifndef LIMS_ASSAY_MATH_PARALLEL_4PL_H_
#define LIMS_ASSAY_MATH_PARALLEL_4PL_H_

#include <optional>
#include <span>

#include "assay/math/distributions.h"
#include "assay/math/fit_outcome.h"
#include "assay/math/four_parameter.h"

namespace lims::assay {

// A ratio test / reference of what the two free fits found, for an equivalence test.
struct ParameterRatio {
  double ratio = 0;
  Interval limits;  // delta method on the log scale, pooled residual variance, t(n - 8)
};

// A difference test - reference of one asymptote of the free fits, divided by d - a of the
// reference: the asymptote itself may be zero, where a ratio says nothing.
struct AsymptoteDifference {
  double difference = 0;
  Interval limits;  // delta method, pooled residual variance, t(n - 8)
};

// One a, d and b for both preparations, each with its own c.
struct CommonCurveFit {
  FourParameterCurve reference;
  FourParameterCurve standard_errors;
  double ln_relative_potency = 0;  // ln c of the reference minus ln c of the test
  double ln_relative_potency_se = 0;
  double residual_ss = 0;
  double residual_sd = 0;
  double r_squared = 0;
  int df = 0;  // n - 5
};

// n counts the points of both preparations. The numbers do not say whether the curves are parallel
// enough: where `parallelism` or the ratios fail their criterion, the potency means nothing.
struct ParallelComparison {
  FourParameterFit reference;  // free fits
  FourParameterFit test;
  double free_residual_ss = 0;
  double free_residual_sd = 0;
  int free_df = 0;  // n - 8

  CommonCurveFit common;
  double relative_potency = 0;  // the test is that many times as potent as the reference
  Interval delta_limits;        // exp(ln RP -/+ t(n - 5) se)
  // The potencies whose best common curve raises the residual by F(1, n - 5) times its variance;
  // absent where such a limit is not found.
  std::optional<Interval> profile_limits;
  // Fieller's limits of c reference / c test, with the covariance of both from the common fit;
  // absent where they are no interval.
  std::optional<Interval> fieller_limits;

  FitOutcome<FTest> parallelism;  // common against free curves, F(3, n - 8)
  FitOutcome<FTest> lack_of_fit;  // free curves against replicates; fails without replicates
  ParameterRatio slope_ratio;     // b test / b reference
  ParameterRatio range_ratio;     // (d - a) test / (d - a) reference
  AsymptoteDifference a_difference;
  AsymptoteDifference d_difference;
};

// Fails, saying of which curve, when a fit fails, when the free curves run in opposite directions,
// or when a number is not finite. `confidence` (0.95) is that of every interval.
FitOutcome<ParallelComparison> CompareParallel4pl(std::span<const DosePoint> reference,
                                                  std::span<const DosePoint> test,
                                                  double confidence);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_PARALLEL_4PL_H_
