// The logistic standard curve of a plate reader: the instrument's own rounded parameters and the
// same fit to 8 digits.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "assay/external_data.h"
#include "assay/math/four_parameter.h"

namespace lims::assay {
namespace {

TEST(ExternalFourParameter, KineticStandardCurveAgreesWithTheReference) {
  const auto table = ExternalFile("endotoxin/gen5_kinetic_mean_slope_standard_curve.txt");
  const auto reference = ExternalFile("endotoxin/ref_gen5_kinetic.json");
  if (!std::filesystem::exists(table) || !std::filesystem::exists(reference)) GTEST_SKIP();

  std::vector<double> concentrations;
  std::vector<DosePoint> points;
  for (const std::string& line : ReadLines(table)) {
    const std::vector<std::string> fields = SplitFields(line, '\t');
    if (fields.size() != 14) continue;
    if (concentrations.empty() && fields[13] == "Conc/Dil") {
      for (std::size_t i = 1; i < 13; ++i) concentrations.push_back(ToNumber(fields[i]));
    }
    if ((fields[0] == "A" || fields[0] == "B") && fields[13] == "Mean V [420]") {
      for (std::size_t i = 1; i < 13; ++i) {
        points.push_back({concentrations[i - 1], ToNumber(fields[i])});
      }
    }
  }
  ASSERT_EQ(points.size(), 24U);

  const auto outcome = FitFourParameter(points);
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  const FourParameterFit& fit = outcome.fit();
  const nlohmann::json expected = ReadJson(reference)["four_pl"];
  const auto expect = [&](double actual, const std::string& name) {
    const double value = expected[name].get<double>();
    EXPECT_NEAR(actual, value, 1e-7 * value) << name;
  };
  expect(fit.curve.a, "A");
  expect(fit.curve.b, "B");
  expect(std::exp(fit.curve.ln_c), "C");
  expect(fit.curve.d, "D");
  expect(fit.residual_ss, "RSS");
  expect(fit.r_squared, "R2");
}

}  // namespace
}  // namespace lims::assay
