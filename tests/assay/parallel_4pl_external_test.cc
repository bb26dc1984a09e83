// Relative potencies of published assays against results of two independent statistics programs.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "assay/external_data.h"
#include "assay/math/parallel_4pl.h"

namespace lims::assay {
namespace {

// Where a preparation stands in a table: its rows carry `label` in `label_column`.
struct Selection {
  std::size_t label_column;
  std::size_t dose_column;
  std::size_t response_column;
  std::string reference_label;
  std::string test_label;
};

std::vector<DosePoint> PointsOf(const std::vector<std::string>& lines, const Selection& where,
                                const std::string& label) {
  std::vector<DosePoint> points;
  for (const std::string& line : lines) {
    const std::vector<std::string> fields = SplitFields(line, ',');
    if (fields.size() <= where.response_column || fields[where.label_column] != label) continue;
    points.push_back(
        {ToNumber(fields[where.dose_column]), ToNumber(fields[where.response_column])});
  }
  return points;
}

// The references carry 8 significant digits.
void ExpectNumber(double actual, const nlohmann::json& expected, const std::string& what) {
  const double value = expected.get<double>();
  EXPECT_NEAR(actual, value, 2e-7 * std::fabs(value)) << what;
}

void ExpectInterval(const Interval& actual, const nlohmann::json& expected,
                    const std::string& what) {
  ExpectNumber(actual.lower, expected[0], what + " lower");
  ExpectNumber(actual.upper, expected[1], what + " upper");
}

void ExpectFTest(const FTest& actual, const nlohmann::json& expected) {
  ExpectNumber(actual.f, expected["F"], "F");
  ExpectNumber(actual.p, expected["p"], "p");
}

void ExpectFreeFit(const FourParameterFit& actual, const nlohmann::json& expected) {
  ExpectNumber(actual.curve.a, expected["A"], "A");
  ExpectNumber(actual.curve.d, expected["D"], "D");
  ExpectNumber(actual.curve.b, expected["B"], "B");
  ExpectNumber(actual.curve.ln_c, expected["lnEC50"], "ln EC50");
  ExpectNumber(actual.residual_ss, expected["RSS"], "RSS");
}

void ExpectAgreement(const std::string& table_name, const Selection& where,
                     const std::string& reference_name) {
  const auto table = ExternalFile("potency/" + table_name);
  const auto expected_file = ExternalFile("potency/" + reference_name);
  if (!std::filesystem::exists(table) || !std::filesystem::exists(expected_file)) GTEST_SKIP();
  const nlohmann::json expected = ReadJson(expected_file)["results"];
  const std::vector<std::string> lines = ReadLines(table);

  const auto outcome = CompareParallel4pl(PointsOf(lines, where, where.reference_label),
                                          PointsOf(lines, where, where.test_label), 0.95);
  ASSERT_TRUE(outcome.converged()) << outcome.reason();
  const ParallelComparison& actual = outcome.fit();

  const nlohmann::json& free = expected["unrestricted"];
  ExpectFreeFit(actual.reference, free["standard"]);
  ExpectFreeFit(actual.test, free["test"]);
  ExpectNumber(actual.free_residual_ss, free["RSS"], "free RSS");
  ExpectNumber(actual.free_residual_sd, free["residual_sd"], "free residual SD");
  EXPECT_EQ(actual.free_df, free["df"].get<int>());

  const nlohmann::json& common = expected["restricted"];
  ExpectNumber(actual.common.reference.a, common["A"], "A");
  ExpectNumber(actual.common.reference.d, common["D"], "D");
  ExpectNumber(actual.common.reference.b, common["B"], "B");
  ExpectNumber(actual.common.reference.ln_c, common["lnEC50_standard"], "ln EC50");
  ExpectNumber(actual.common.standard_errors.a, common["se_A"], "se A");
  ExpectNumber(actual.common.standard_errors.d, common["se_D"], "se D");
  ExpectNumber(actual.common.standard_errors.b, common["se_B"], "se B");
  ExpectNumber(actual.common.standard_errors.ln_c, common["se_lnEC50_standard"], "se ln EC50");
  ExpectNumber(actual.common.ln_relative_potency, common["ln_RP"], "ln RP");
  ExpectNumber(actual.common.ln_relative_potency_se, common["se_ln_RP"], "se ln RP");
  ExpectNumber(actual.common.residual_ss, common["RSS"], "RSS");
  ExpectNumber(actual.common.residual_sd, common["residual_sd"], "residual SD");
  ExpectNumber(actual.common.r_squared, common["R2"], "R2");
  EXPECT_EQ(actual.common.df, common["df"].get<int>());

  ExpectNumber(actual.relative_potency, expected["relative_potency"], "RP");
  ExpectInterval(actual.delta_limits, expected["ci95_delta_log"], "delta");
  ASSERT_TRUE(actual.profile_limits.has_value());
  ExpectInterval(*actual.profile_limits, expected["ci95_profile_F"], "profile");
  ASSERT_TRUE(actual.parallelism.converged()) << actual.parallelism.reason();
  ExpectFTest(actual.parallelism.fit(), expected["parallelism"]);
  EXPECT_EQ(actual.parallelism.fit().df_denominator, expected["parallelism"]["df2"].get<int>());
  ASSERT_EQ(actual.lack_of_fit.converged(), expected.contains("lack_of_fit_unrestricted"));
  if (actual.lack_of_fit.converged()) {
    ExpectFTest(actual.lack_of_fit.fit(), expected["lack_of_fit_unrestricted"]);
  }
}

TEST(ExternalParallel4pl, DnaseRuns4And5AreParallel) {
  ExpectAgreement("DNase_runs_1-6.csv", {0, 1, 2, "4", "5"}, "ref_DNase_run4_vs_run5.json");
}

TEST(ExternalParallel4pl, DnaseRuns1And2AreNotParallel) {
  ExpectAgreement("DNase_runs_1-6.csv", {0, 1, 2, "1", "2"}, "ref_DNase_run1_vs_run2.json");
}

TEST(ExternalParallel4pl, WhiteMustardLiesAtTheLimit) {
  ExpectAgreement("S.alba.csv", {1, 0, 2, "Glyphosate", "Bentazone"},
                  "ref_S.alba_bentazone_vs_glyphosate.json");
}

TEST(ExternalParallel4pl, VinclozolinHasWideLimits) {
  ExpectAgreement("vinclozolin_10828_10904.csv", {0, 1, 2, "10828", "10904"},
                  "ref_vinclozolin_10904_vs_10828.json");
}

TEST(ExternalParallel4pl, SpinachIsNotParallel) {
  ExpectAgreement("spinach.csv", {0, 2, 3, "4", "5"}, "ref_spinach_curve5_vs_curve4.json");
}

}  // namespace
}  // namespace lims::assay
