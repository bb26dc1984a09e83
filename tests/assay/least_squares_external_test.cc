// The nonlinear solver against certified values, from both starting points of each set.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "assay/external_data.h"
#include "assay/math/least_squares.h"

namespace lims::assay {
namespace {

using Row = std::span<double>;
using Values = std::span<const double>;

// Value of a model at x; fills its derivatives by each parameter.
using Formula = std::function<double(Values b, double x, Row derivatives)>;

double SaturatingGrowth(Values b, double x, Row g) {
  const double e = std::exp(-b[1] * x);
  g[0] = 1 - e;
  g[1] = b[0] * x * e;
  return b[0] * (1 - e);
}

double Power(Values b, double x, Row g) {
  g[0] = std::pow(x, b[1]);
  g[1] = b[0] * g[0] * std::log(x);
  return b[0] * g[0];
}

double Logistic(Values b, double x, Row g) {
  const double e = std::exp(b[1] - b[2] * x);
  g[0] = 1 / (1 + e);
  g[1] = -b[0] * e / ((1 + e) * (1 + e));
  g[2] = -g[1] * x;
  return b[0] / (1 + e);
}

double SkewLogistic(Values b, double x, Row g) {
  const double e = std::exp(b[1] - b[2] * x);
  const double share = std::pow(1 + e, -1 / b[3]);
  g[0] = share;
  g[1] = -b[0] * share * e / ((1 + e) * b[3]);
  g[2] = -g[1] * x;
  g[3] = b[0] * share * std::log(1 + e) / (b[3] * b[3]);
  return b[0] * share;
}

double Rational(Values b, double x, Row g) {
  const double top = x * x + x * b[1];
  const double bottom = x * x + x * b[2] + b[3];
  g[0] = top / bottom;
  g[1] = b[0] * x / bottom;
  g[2] = -b[0] * top * x / (bottom * bottom);
  g[3] = -b[0] * top / (bottom * bottom);
  return b[0] * top / bottom;
}

struct Certified {
  std::vector<double> starts[2];
  std::vector<double> parameters;
  std::vector<double> standard_errors;
  double residual_ss = 0;
  std::vector<double> x;
  std::vector<double> y;
};

Certified ReadCertified(const std::filesystem::path& path) {
  Certified set;
  bool in_data = false;
  for (const std::string& line : ReadLines(path)) {
    const std::vector<double> numbers = NumbersOf(line);
    if (in_data && numbers.size() == 2) {
      set.y.push_back(numbers[0]);
      set.x.push_back(numbers[1]);
    }
    if (line.starts_with("  b") && numbers.size() == 4) {
      set.starts[0].push_back(numbers[0]);
      set.starts[1].push_back(numbers[1]);
      set.parameters.push_back(numbers[2]);
      set.standard_errors.push_back(numbers[3]);
    }
    if (line.starts_with("Residual Sum of Squares:")) set.residual_ss = numbers.at(0);
    if (line.starts_with("Data:") && numbers.empty()) in_data = true;
  }
  return set;
}

TEST(ExternalLeastSquares, SigmoidAndOtherCurvesAgreeWithNist) {
  const std::vector<std::pair<std::string, Formula>> sets = {{"Rat42", Logistic},
                                                             {"Rat43", SkewLogistic},
                                                             {"Misra1a", SaturatingGrowth},
                                                             {"DanWood", Power},
                                                             {"MGH09", Rational}};
  for (const auto& [name, formula] : sets) {
    const auto path = ExternalFile("nist/" + name + ".dat");
    if (!std::filesystem::exists(path)) GTEST_SKIP();
    const Certified set = ReadCertified(path);
    const std::size_t size = set.parameters.size();
    const FitModel model = [&](Values b, std::span<double> fitted, std::span<double> derivatives) {
      std::vector<double> row(size);
      for (std::size_t i = 0; i < fitted.size(); ++i) {
        fitted[i] = formula(b, set.x[i], row);
        for (std::size_t k = 0; k < size; ++k) derivatives[k * fitted.size() + i] = row[k];
      }
    };
    for (const std::vector<double>& start : set.starts) {
      SCOPED_TRACE(name + " from " + std::to_string(start[0]));
      const auto outcome = FitLeastSquares(model, set.y, start);
      ASSERT_TRUE(outcome.converged()) << outcome.reason();
      const LeastSquaresFit& fit = outcome.fit();
      EXPECT_NEAR(fit.residual_ss, set.residual_ss, 2e-10 * set.residual_ss);
      for (std::size_t k = 0; k < size; ++k) {
        EXPECT_NEAR(fit.parameters[k], set.parameters[k], 2e-10 * std::fabs(set.parameters[k]));
        EXPECT_NEAR(fit.StandardError(k), set.standard_errors[k], 2e-9 * set.standard_errors[k]);
      }
    }
  }
}

}  // namespace
}  // namespace lims::assay
