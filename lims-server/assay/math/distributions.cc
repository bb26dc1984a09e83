#include "assay/math/distributions.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace lims::assay {
namespace {

namespace policies = boost::math::policies;

// Errors come back as NaN or infinity, which the callers turn into a reason.
using Quiet = policies::policy<policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::overflow_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>>;

}  // namespace

bool IsConfidence(double confidence) {
  return confidence > 0 && confidence < 1;
}

double TwoSidedT(double confidence, int df) {
  const boost::math::students_t_distribution<double, Quiet> t(df);
  return boost::math::quantile(boost::math::complement(t, (1 - confidence) / 2));
}

double ChiSquaredP(double chi_squared, int df) {
  const boost::math::chi_squared_distribution<double, Quiet> distribution(df);
  return boost::math::cdf(boost::math::complement(distribution, chi_squared));
}

FitOutcome<FTest> ExtraSumOfSquaresTest(double extra_ss, int extra_df, double error_ss,
                                        int error_df) {
  if (extra_df < 1 || error_df < 1) {
    return FitFailure{"too few points leave no degrees of freedom for the F test"};
  }
  if (!(error_ss > 0)) return FitFailure{"there is no residual error to compare with"};
  FTest test;
  test.df_numerator = extra_df;
  test.df_denominator = error_df;
  test.f = std::fmax(extra_ss, 0.0) / extra_df / (error_ss / error_df);
  const boost::math::fisher_f_distribution<double, Quiet> distribution(extra_df, error_df);
  test.p = boost::math::cdf(boost::math::complement(distribution, test.f));
  if (!std::isfinite(test.f) || !std::isfinite(test.p)) {
    return FitFailure{"the F test gives no finite number"};
  }
  return test;
}

}  // namespace lims::assay
