#include "assay/math/linear_fit.h"

#include <cmath>
#include <cstddef>

#include "assay/math/statistics.h"

namespace lims::assay {
FitOutcome<LinearFit> FitLine(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) return FitFailure{"x and y differ in length"};
  if (x.size() < 3) return FitFailure{"a line needs at least 3 points"};
  const std::optional<double> mean_x = Mean(x);
  const std::optional<double> mean_y = Mean(y);
  if (!mean_x || !mean_y) return FitFailure{"a value of the line is not a finite number"};

  // Sums about the means: as accurate as an orthogonal factorisation for one predictor.
  double sxx = 0;
  double sxy = 0;
  double syy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - *mean_x;
    const double dy = y[i] - *mean_y;
    sxx += dx * dx;
    sxy += dx * dy;
    syy += dy * dy;
  }
  if (!(sxx > 0)) return FitFailure{"x does not vary"};
  if (!(syy > 0)) return FitFailure{"y does not vary"};

  LinearFit line;
  line.mean_x = *mean_x;
  line.mean_y = *mean_y;
  line.sxx = sxx;
  line.slope = sxy / sxx;
  line.intercept = *mean_y - line.slope * *mean_x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double residual = (y[i] - *mean_y) - line.slope * (x[i] - *mean_x);
    line.residual_ss += residual * residual;
  }
  const double count = static_cast<double>(x.size());
  line.df = static_cast<int>(x.size()) - 2;
  line.residual_sd = std::sqrt(line.residual_ss / line.df);
  line.slope_se = line.residual_sd / std::sqrt(sxx);
  line.intercept_se = line.residual_sd * std::sqrt(1 / count + *mean_x * *mean_x / sxx);
  line.r_squared = std::fmax(1 - line.residual_ss / syy, 0.0);
  line.r = std::copysign(std::sqrt(line.r_squared), line.slope);
  if (!AllFinite(
          {sxx, syy, line.intercept, line.slope, line.intercept_se, line.slope_se, line.r})) {
    return FitFailure{"the line gives no finite numbers"};
  }
  return line;
}

FitOutcome<InversePrediction> PredictX(const LinearFit& line, std::span<const double> responses,
                                       double confidence) {
  if (!IsConfidence(confidence)) return FitFailure{"the confidence must lie between 0 and 1"};
  const std::optional<double> response = Mean(responses);
  if (!response) return FitFailure{"there is no finite response to read back"};
  if (line.slope == 0) return FitFailure{"the slope of the line is zero"};

  const double points = static_cast<double>(line.df + 2);
  const double scatter = 1 / static_cast<double>(responses.size()) + 1 / points;
  const double distance = (*response - line.mean_y) / line.slope;
  const double t = TwoSidedT(confidence, line.df);
  const double step = line.residual_sd / std::fabs(line.slope);

  InversePrediction found;
  found.x = line.mean_x + distance;
  found.standard_error = step * std::sqrt(scatter + distance * distance / line.sxx);
  found.delta_limits = {found.x - t * found.standard_error, found.x + t * found.standard_error};
  found.g = t * t * line.slope_se * line.slope_se / (line.slope * line.slope);
  if (found.g < 1) {
    const double centre = line.mean_x + distance / (1 - found.g);
    const double half_width = t * step *
                              std::sqrt((1 - found.g) * scatter + distance * distance / line.sxx) /
                              (1 - found.g);
    found.fieller_limits = Interval{centre - half_width, centre + half_width};
  }
  const Interval limits = found.fieller_limits.value_or(found.delta_limits);
  if (!AllFinite({found.x, found.standard_error, found.g, found.delta_limits.lower,
                  found.delta_limits.upper, limits.lower, limits.upper})) {
    return FitFailure{"the value read back is not a finite number"};
  }
  return found;
}

}  // namespace lims::assay
