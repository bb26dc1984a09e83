// Lack of fit: is what a model leaves over larger than the scatter of replicates?
#ifndef LIMS_ASSAY_MATH_LACK_OF_FIT_H_
#define LIMS_ASSAY_MATH_LACK_OF_FIT_H_

#include <span>

#include "assay/math/distributions.h"

namespace lims::assay {

// Scatter of replicates around the mean of their level.
struct PureError {
  double ss = 0;
  int df = 0;  // points minus distinct levels
};

// `levels` and `responses` are of equal length; points share a level when the values are equal.
PureError PureErrorOf(std::span<const double> levels, std::span<const double> responses);

// Splits the residual of a model into lack of fit and pure error and compares the two.
FitOutcome<FTest> LackOfFitTest(double residual_ss, int residual_df, const PureError& pure_error);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_LACK_OF_FIT_H_
