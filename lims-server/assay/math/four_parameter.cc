#include "assay/math/four_parameter.h"

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "assay/math/logistic_model.h"
#include "assay/math/statistics.h"

namespace lims::assay {

double ResponseAt(const FourParameterCurve& curve, double dose) {
  return EvaluateLogistic(curve, std::log(dose)).value;
}

FitOutcome<FourParameterFit> FitFourParameter(std::span<const DosePoint> points) {
  if (std::optional<std::string> problem = DataProblem(points)) {
    return FitFailure{std::move(*problem)};
  }
  const LogDoses data = ToLogDoses(points);
  const LogisticStart start = FindStart(data, nullptr);
  const FitModel model = [&data](std::span<const double> p, std::span<double> fitted,
                                 std::span<double> derivatives) {
    const std::size_t count = fitted.size();
    for (std::size_t i = 0; i < count; ++i) {
      const LogisticTerms terms = EvaluateLogistic({p[kA], p[kD], p[kB], p[kLnC]}, data.ln_dose[i]);
      fitted[i] = terms.value;
      derivatives[kA * count + i] = terms.by_a;
      derivatives[kD * count + i] = terms.by_d;
      derivatives[kB * count + i] = terms.by_b;
      derivatives[kLnC * count + i] = terms.by_ln_c;
    }
  };
  const FitOutcome<LeastSquaresFit> outcome = FitLeastSquares(
      model, data.response, std::array{start.a, start.d, start.b, start.ln_c_first});
  if (!outcome.converged()) return FitFailure{outcome.reason()};

  FourParameterFit fit;
  fit.least_squares = outcome.fit();
  const LeastSquaresFit& found = fit.least_squares;
  fit.curve = {found.parameters[kA], found.parameters[kD], found.parameters[kB],
               found.parameters[kLnC]};
  if (!(fit.curve.b > 0)) return FitFailure{"the responses follow no sigmoid curve"};
  fit.standard_errors = {found.StandardError(kA), found.StandardError(kD), found.StandardError(kB),
                         found.StandardError(kLnC)};
  fit.residual_ss = found.residual_ss;
  fit.residual_sd = std::sqrt(found.ResidualVariance());
  fit.df = found.df;
  fit.r_squared = RSquared(found.residual_ss, data.response).value_or(0);
  return fit;
}

}  // namespace lims::assay
