// The four-parameter logistic curve of one preparation.
#ifndef LIMS_ASSAY_MATH_FOUR_PARAMETER_H_
#define LIMS_ASSAY_MATH_FOUR_PARAMETER_H_

#include <span>

#include "assay/math/fit_outcome.h"
#include "assay/math/least_squares.h"

namespace lims::assay {

// One well: a dose or concentration (zero is a control without preparation) and its response.
struct DosePoint {
  double dose = 0;
  double response = 0;
};

// y = d + (a - d) / (1 + exp(b (ln x - ln c))) with b > 0: a is the response at dose zero, d the
// response at unlimited dose, c the dose of half effect. The curve rises when d > a.
struct FourParameterCurve {
  double a = 0;
  double d = 0;
  double b = 0;
  double ln_c = 0;
};

double ResponseAt(const FourParameterCurve& curve, double dose);

// Places of the parameters in the covariance of a fit.
enum FourParameterIndex : std::size_t { kA = 0, kD = 1, kB = 2, kLnC = 3 };

struct FourParameterFit {
  FourParameterCurve curve;
  FourParameterCurve standard_errors;
  double residual_ss = 0;
  double residual_sd = 0;
  double r_squared = 0;
  int df = 0;                     // points - 4
  LeastSquaresFit least_squares;  // parameters in the order of FourParameterIndex
};

// Unweighted, every well counting alone. Fails on a dose that is negative or not finite, below 4
// distinct doses or 5 points, when the response does not vary, when the fit does not converge, or
// when the doses do not determine every parameter.
FitOutcome<FourParameterFit> FitFourParameter(std::span<const DosePoint> points);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_FOUR_PARAMETER_H_
