// Unweighted nonlinear least squares for small models, to the last digits and deterministic.
#ifndef LIMS_ASSAY_MATH_LEAST_SQUARES_H_
#define LIMS_ASSAY_MATH_LEAST_SQUARES_H_

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "assay/math/fit_outcome.h"

namespace lims::assay {

// Fills, for the given parameters, the fitted value of every point and the derivative of each by
// each parameter: of point i by parameter k at derivatives[k * points + i].
using FitModel = std::function<void(std::span<const double> parameters, std::span<double> fitted,
                                    std::span<double> derivatives)>;

struct LeastSquaresFit {
  std::vector<double> parameters;
  // (J'J)^-1, row by row; times the residual variance it is the covariance of the parameters.
  std::vector<double> inverse_information;
  double residual_ss = 0;
  int df = 0;  // points - parameters

  double InverseInformation(std::size_t i, std::size_t k) const {
    return inverse_information[i * parameters.size() + k];
  }
  double ResidualVariance() const { return residual_ss / df; }
  double StandardError(std::size_t parameter) const;
};

// Levenberg-Marquardt from `start`, then Gauss-Newton steps down to rounding error. Fails when
// df would be below 1, when no minimum is reached, when the points do not determine every
// parameter, or when a number is not finite.
FitOutcome<LeastSquaresFit> FitLeastSquares(const FitModel& model,
                                            std::span<const double> responses,
                                            std::span<const double> start);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_LEAST_SQUARES_H_
