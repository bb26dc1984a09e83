// Student's t, Fisher's F and chi-squared, and the tests and limits made of them.
#ifndef LIMS_ASSAY_MATH_DISTRIBUTIONS_H_
#define LIMS_ASSAY_MATH_DISTRIBUTIONS_H_

#include "assay/math/fit_outcome.h"

namespace lims::assay {

struct Interval {
  double lower = 0;
  double upper = 0;
};

// Whether `confidence` (0.95 for 95 %) lies strictly between 0 and 1.
bool IsConfidence(double confidence);

// The t with P(|T| <= t) = confidence. Needs IsConfidence(confidence) and df >= 1.
double TwoSidedT(double confidence, int df);

// P(X >= chi_squared) with df degrees of freedom. Needs chi_squared >= 0 and df >= 1.
double ChiSquaredP(double chi_squared, int df);

struct FTest {
  double f = 0;
  int df_numerator = 0;
  int df_denominator = 0;
  double p = 0;  // P(F >= f): small when the extra terms explain more than chance would
};

// Does leaving out `extra_df` terms raise the sum of squares by more than error explains?
// `extra_ss` is that rise, `error_ss` the sum of squares of the fuller model. Fails when a df is
// below 1 or when the error is zero, which leaves nothing to compare with.
FitOutcome<FTest> ExtraSumOfSquaresTest(double extra_ss, int extra_df, double error_ss,
                                        int error_df);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_DISTRIBUTIONS_H_
