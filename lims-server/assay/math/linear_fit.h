// Ordinary least squares line y = intercept + slope x, and reading x back from responses.
#ifndef LIMS_ASSAY_MATH_LINEAR_FIT_H_
#define LIMS_ASSAY_MATH_LINEAR_FIT_H_

#include <optional>
#include <span>

#include "assay/math/distributions.h"
#include "assay/math/fit_outcome.h"

namespace lims::assay {

struct LinearFit {
  double intercept = 0;
  double slope = 0;
  double intercept_se = 0;
  double slope_se = 0;
  double r = 0;  // correlation, with the sign of the slope
  double r_squared = 0;
  double residual_ss = 0;
  double residual_sd = 0;
  int df = 0;  // points - 2
  double mean_x = 0;
  double mean_y = 0;
  double sxx = 0;  // sum of squares of x about its mean
};

// Every point counts alone: replicates are not averaged first. Fails below 3 points, when x or y
// does not vary, or when a value is not finite.
FitOutcome<LinearFit> FitLine(std::span<const double> x, std::span<const double> y);

struct InversePrediction {
  double x = 0;
  double standard_error = 0;  // by the delta method; counts the error of the line and of the mean
  Interval delta_limits;
  // Fieller's limits; absent when the slope does not differ from zero at this confidence (g >= 1),
  // when they are not an interval.
  std::optional<Interval> fieller_limits;
  double g = 0;  // (t * slope_se / slope)^2
};

// The x at which the line reaches the mean of `responses`, new readings with the same scatter as
// the points of the line. Fails without responses, when one is not finite, or when the slope is
// zero.
FitOutcome<InversePrediction> PredictX(const LinearFit& line, std::span<const double> responses,
                                       double confidence);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_LINEAR_FIT_H_
