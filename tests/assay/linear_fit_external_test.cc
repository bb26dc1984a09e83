// Lines against NIST and qPCR standard curves against the results of two statistics programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "assay/external_data.h"
#include "assay/math/lack_of_fit.h"
#include "assay/math/linear_fit.h"

namespace lims::assay {
namespace {

TEST(ExternalLinearFit, NorrisAgreesWithNist) {
  const auto path = ExternalFile("nist/Norris.dat");
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  std::vector<double> x;
  std::vector<double> y;
  const std::vector<std::string> lines = ReadLines(path);
  for (std::size_t i = 60; i < lines.size(); ++i) {
    const std::vector<double> numbers = NumbersOf(lines[i]);
    if (numbers.size() != 2) continue;
    y.push_back(numbers[0]);
    x.push_back(numbers[1]);
  }
  ASSERT_EQ(x.size(), 36U);
  const auto outcome = FitLine(x, y);
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  const LinearFit& line = outcome.fit();
  EXPECT_NEAR(line.intercept, -0.262323073774029, 1e-12);
  EXPECT_NEAR(line.slope, 1.00211681802045, 2e-14);
  EXPECT_NEAR(line.intercept_se, 0.232818234301152, 1e-12);
  EXPECT_NEAR(line.slope_se, 0.429796848199937e-03, 1e-15);
  EXPECT_NEAR(line.residual_sd, 0.884796396144373, 1e-12);
  EXPECT_NEAR(line.r_squared, 0.999993745883712, 1e-14);
  EXPECT_EQ(line.df, 34);
}

void ExpectFitted(double actual, const nlohmann::json& expected, const std::string& what) {
  const double value = expected.get<double>();
  EXPECT_NEAR(actual, value, 1e-7 * std::fabs(value)) << what;
}

// Fits and reads back as the reference did: wells one by one, the decadic logarithm of quantity.
void ExpectStandardCurve(const std::vector<double>& quantities, const std::vector<double>& cq,
                         const nlohmann::json& reference) {
  std::vector<double> log_quantities;
  for (const double quantity : quantities) log_quantities.push_back(std::log10(quantity));
  const auto outcome = FitLine(log_quantities, cq);
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  const LinearFit& line = outcome.fit();
  const nlohmann::json& expected = reference["results"];
  ExpectFitted(line.slope, expected["slope"], "slope");
  ExpectFitted(line.intercept, expected["intercept"], "intercept");
  ExpectFitted(line.slope_se, expected["se_slope"], "se slope");
  ExpectFitted(line.intercept_se, expected["se_intercept"], "se intercept");
  ExpectFitted(line.r_squared, expected["R2"], "R2");
  ExpectFitted(line.residual_sd, expected["residual_sd"], "residual SD");
  ExpectFitted(line.mean_x, expected["mean_log10_q"], "mean");
  ExpectFitted(line.sxx, expected["Sxx"], "Sxx");
  ExpectFitted(100 * (std::pow(10, -1 / line.slope) - 1), expected["efficiency_percent"],
               "efficiency");

  const auto lack_of_fit =
      LackOfFitTest(line.residual_ss, line.df, PureErrorOf(log_quantities, cq));
  ASSERT_TRUE(lack_of_fit.converged());
  ExpectFitted(lack_of_fit.fit().f, expected["lack_of_fit"]["F"], "lack of fit F");
  ExpectFitted(lack_of_fit.fit().p, expected["lack_of_fit"]["p"], "lack of fit p");

  for (const nlohmann::json& inverse : expected["inverse"]) {
    const std::string sample = inverse["sample"];
    const auto read =
        PredictX(line, reference["inputs"]["unknown"][sample].get<std::vector<double>>(), 0.95);
    ASSERT_TRUE(read.converged()) << read.reason();
    ExpectFitted(read.fit().x, inverse["log10_quantity"], sample);
    ExpectFitted(std::pow(10, read.fit().x), inverse["quantity"], sample);
    ExpectFitted(read.fit().standard_error, inverse["se_log10"], sample + " se");
    const Interval& delta = read.fit().delta_limits;
    ExpectFitted(std::pow(10, delta.lower), inverse["ci95_delta"][0], sample + " delta lower");
    ExpectFitted(std::pow(10, delta.upper), inverse["ci95_delta"][1], sample + " delta upper");
    ASSERT_TRUE(read.fit().fieller_limits.has_value());
    const Interval& fieller = *read.fit().fieller_limits;
    ExpectFitted(std::pow(10, fieller.lower), inverse["ci95_fieller"][0], sample + " Fieller");
    ExpectFitted(std::pow(10, fieller.upper), inverse["ci95_fieller"][1], sample + " Fieller");
  }
}

TEST(ExternalLinearFit, StandardCurvesAgreeWithTheReference) {
  for (const std::string file :
       {"ref_quantstudio_da_QS7_example06.json", "ref_quantstudio_example04_standard_curve.json",
        "ref_stepone_std_rdml.json"}) {
    SCOPED_TRACE(file);
    const auto path = ExternalFile("qpcr/" + file);
    if (!std::filesystem::exists(path)) GTEST_SKIP();
    const nlohmann::json reference = ReadJson(path);
    ExpectStandardCurve(reference["inputs"]["quantity"].get<std::vector<double>>(),
                        reference["inputs"]["cq"].get<std::vector<double>>(), reference);
  }
}

TEST(ExternalLinearFit, PublishedCqValuesGiveThePublishedSlopes) {
  const auto table = ExternalFile("qpcr/data_vermeulen_methods_cq.tsv");
  if (!std::filesystem::exists(table)) GTEST_SKIP();
  const std::vector<std::string> lines = ReadLines(table);
  const std::map<std::string, std::string> references = {
      {"MYCN(4)", "ref_vermeulen_MYCN4_standard_curve.json"},
      {"HPRT1", "ref_vermeulen_HPRT1_standard_curve.json"}};
  for (const auto& [target, file] : references) {
    SCOPED_TRACE(target);
    const std::vector<std::string> header = SplitFields(lines[0], ';');
    const auto column =
        static_cast<std::size_t>(std::find(header.begin(), header.end(), target) - header.begin());
    ASSERT_LT(column, header.size());
    std::vector<double> quantities;
    std::vector<double> cq;
    std::string method;
    for (const std::string& line : lines) {
      const std::vector<std::string> fields = SplitFields(line, ';');
      if (fields.size() > 1 && fields[0] == "method") method = fields[1];
      if (method != "Standard-Cq" || fields.size() <= column || !fields[2].starts_with("STD_")) {
        continue;
      }
      quantities.push_back(ToNumber(fields[2].substr(4)));
      cq.push_back(ToNumber(fields[column]));
    }
    ASSERT_EQ(cq.size(), 15U);
    ExpectStandardCurve(quantities, cq, ReadJson(ExternalFile("qpcr/" + file)));
  }
}

TEST(ExternalLinearFit, TextExportGivesTheReferenceCurve) {
  const auto table = ExternalFile("qpcr/quantstudio_rtpcr_example04.txt");
  if (!std::filesystem::exists(table)) GTEST_SKIP();
  std::map<std::string, std::size_t> columns;
  std::vector<double> quantities;
  std::vector<double> cq;
  bool in_results = false;
  for (const std::string& line : ReadLines(table)) {
    const std::vector<std::string> fields = SplitFields(line, '\t');
    if (in_results && columns.empty()) {
      for (std::size_t i = 0; i < fields.size(); ++i) columns[fields[i]] = i;
      continue;
    }
    if (line == "[Results]") in_results = true;
    if (columns.empty() || fields.size() <= columns["Quantity"]) continue;
    if (fields[columns["Task"]] != "STANDARD") continue;
    std::string quantity = fields[columns["Quantity"]];
    std::erase(quantity, ',');
    quantities.push_back(ToNumber(quantity));
    cq.push_back(ToNumber(fields[columns["CT"]]));
  }
  ASSERT_EQ(cq.size(), 20U);
  ExpectStandardCurve(quantities, cq,
                      ReadJson(ExternalFile("qpcr/ref_quantstudio_example04_standard_curve.json")));
}

}  // namespace
}  // namespace lims::assay
