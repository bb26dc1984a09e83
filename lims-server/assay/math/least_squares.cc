#include "assay/math/least_squares.h"

#include <Eigen/Dense>
#include <cmath>
#include <unsupported/Eigen/NonLinearOptimization>

namespace lims::assay {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxEvaluations = 2000;
constexpr int kMaxPolishSteps = 50;
constexpr int kPolishPatience = 3;
constexpr double kSearchTolerance = 1e-12;
// At a minimum the residuals are orthogonal to the tangent plane of the model. The cosine between
// the two that still counts as a minimum, and the part of the responses below which a step is
// rounding error.
constexpr double kOrthogonality = 1e-6;
constexpr double kRounding = 1e-14;
// Columns scaled to length 1 that are closer to dependence than this carry no information of
// their own.
constexpr double kDependence = 1e-8;

std::span<const double> View(const VectorXd& v) {
  return {v.data(), static_cast<std::size_t>(v.size())};
}

// The shape that Eigen's Levenberg-Marquardt asks for. Residual = fitted - observed.
struct Problem {
  using Scalar = double;
  using InputType = VectorXd;
  using ValueType = VectorXd;
  using JacobianType = MatrixXd;
  enum { InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic };

  Problem(const FitModel& fitted_model, std::span<const double> responses, std::size_t parameters)
      : model(fitted_model),
        observed(static_cast<Index>(responses.size())),
        fitted(observed.size()),
        derivatives(observed.size(), static_cast<Index>(parameters)) {
    for (Index i = 0; i < observed.size(); ++i) {
      observed[i] = responses[static_cast<std::size_t>(i)];
    }
  }

  int inputs() const { return static_cast<int>(derivatives.cols()); }
  int values() const { return static_cast<int>(observed.size()); }

  void Evaluate(const VectorXd& parameters) const {
    model(View(parameters), {fitted.data(), static_cast<std::size_t>(fitted.size())},
          {derivatives.data(), static_cast<std::size_t>(derivatives.size())});
  }
  int operator()(const VectorXd& parameters, VectorXd& residuals) const {
    Evaluate(parameters);
    residuals = fitted - observed;
    return 0;
  }
  int df(const VectorXd& parameters, MatrixXd& jacobian) const {
    Evaluate(parameters);
    jacobian = derivatives;
    return 0;
  }

  const FitModel& model;
  VectorXd observed;
  mutable VectorXd fitted;
  mutable MatrixXd derivatives;
};

// The linearised problem at one set of parameters, the columns of the Jacobian scaled to length 1.
struct Linearisation {
  VectorXd scale;  // length of each column
  Eigen::ColPivHouseholderQR<MatrixXd> qr;
  VectorXd residuals;   // observed - fitted
  VectorXd step;        // Gauss-Newton step of the parameters
  double moved = 0;     // length of the change that the step predicts for the fitted values
  bool finite = false;  // false: no other member may be used
};

Linearisation Linearise(const Problem& problem, const VectorXd& parameters) {
  Linearisation local;
  problem.Evaluate(parameters);
  local.residuals = problem.observed - problem.fitted;
  const VectorXd lengths = problem.derivatives.colwise().norm();
  local.scale = (lengths.array() > 0).select(lengths, 1);  // a column of zeros shows as dependence
  local.finite = local.residuals.allFinite() && lengths.allFinite();
  if (!local.finite) return local;
  const MatrixXd scaled = problem.derivatives * local.scale.cwiseInverse().asDiagonal();
  local.qr.setThreshold(kDependence);
  local.qr.compute(scaled);
  const VectorXd scaled_step = local.qr.solve(local.residuals);
  local.moved = (scaled * scaled_step).norm();
  local.step = scaled_step.cwiseQuotient(local.scale);
  local.finite = local.step.allFinite() && std::isfinite(local.moved);
  return local;
}

// (J'J)^-1 = S^-1 P R^-1 R^-T P' S^-1 for the scaled, pivoted factorisation.
std::vector<double> InverseInformationOf(const Linearisation& local) {
  const Index size = local.scale.size();
  const MatrixXd r = local.qr.matrixR().topRows(size).triangularView<Eigen::Upper>();
  const MatrixXd r_inverse = r.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(size, size));
  const MatrixXd root =
      local.scale.cwiseInverse().asDiagonal() * (local.qr.colsPermutation() * r_inverse).eval();
  std::vector<double> inverse;
  inverse.reserve(static_cast<std::size_t>(size * size));
  for (Index i = 0; i < size; ++i) {
    for (Index k = 0; k < size; ++k) inverse.push_back(root.row(i).dot(root.row(k)));
  }
  return inverse;
}

}  // namespace

double LeastSquaresFit::StandardError(std::size_t parameter) const {
  return std::sqrt(ResidualVariance() * InverseInformation(parameter, parameter));
}

FitOutcome<LeastSquaresFit> FitLeastSquares(const FitModel& model,
                                            std::span<const double> responses,
                                            std::span<const double> start) {
  if (responses.size() <= start.size()) {
    return FitFailure{"too few points: the model needs at least " +
                      std::to_string(start.size() + 1)};
  }
  const Problem problem(model, responses, start.size());
  VectorXd parameters(static_cast<Index>(start.size()));
  for (Index k = 0; k < parameters.size(); ++k) parameters[k] = start[static_cast<std::size_t>(k)];
  const double size = problem.observed.norm();
  if (!std::isfinite(size) || !parameters.allFinite()) {
    return FitFailure{"a response is not a finite number"};
  }

  Eigen::LevenbergMarquardt<const Problem> search(problem);
  search.parameters.maxfev = kMaxEvaluations;
  search.parameters.ftol = kSearchTolerance;
  search.parameters.xtol = kSearchTolerance;
  search.minimize(parameters);

  // Close to the minimum every Gauss-Newton step is smaller than the one before, until rounding
  // error is all that is left; the parameters with the smallest step are the answer.
  Linearisation best;
  VectorXd answer;
  int best_at = 0;
  for (int i = 0; i < kMaxPolishSteps && i - best_at <= kPolishPatience; ++i) {
    Linearisation local = Linearise(problem, parameters);
    if (!local.finite) break;
    const VectorXd here = parameters;
    parameters += local.step;
    if (!best.finite || local.moved < best.moved) {
      best = std::move(local);
      answer = here;
      best_at = i;
    }
  }
  if (!best.finite) return FitFailure{"the search met numbers that are not finite"};
  if (best.moved > kOrthogonality * best.residuals.norm() + kRounding * size) {
    return FitFailure{"the fit does not converge"};
  }
  if (!best.qr.isInjective()) {
    return FitFailure{"the points do not determine every parameter of the model"};
  }

  LeastSquaresFit fit;
  fit.parameters.assign(answer.begin(), answer.end());
  fit.inverse_information = InverseInformationOf(best);
  fit.residual_ss = best.residuals.squaredNorm();
  fit.df = static_cast<int>(responses.size()) - static_cast<int>(start.size());
  for (const double number : fit.inverse_information) {
    if (!std::isfinite(number)) return FitFailure{"the standard errors are not finite"};
  }
  return fit;
}

}  // namespace lims::assay
