#include "assay/run_combination.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "assay_input.h"

namespace lims::assay {
namespace {

// From a table of Student's t.
constexpr double kT1 = 12.706204736432095;
constexpr double kT20 = 2.085963447265837;

RunValue OneRun(const std::string& value, const std::string& ln_se = "",
                const std::string& df = "") {
  RunValue run{value, {}};
  for (const auto& [name, text] : {std::pair(kLnSe, ln_se), std::pair(kLnDf, df)}) {
    if (text.empty()) continue;
    v1::NamedValue& detail = *run.details.Add();
    detail.set_name(std::string(name));
    detail.set_value(text);
  }
  return run;
}

v1::RunPlan Plan(const std::string& combination, const std::string& rest = "") {
  return FromText<v1::RunPlan>("runs: 2 combination: RUN_COMBINATION_" + combination + " " + rest);
}

TEST(RunCombination, MeanIsExact) {
  const std::vector<RunValue> runs{OneRun("84"), OneRun("84.0"), OneRun("88")};
  const CombinedRuns combined = CombineRuns(Plan("MEAN"), runs);
  EXPECT_EQ(combined.value, "85.33333333333333333333333333333333");
  EXPECT_EQ(combined.inconclusive, "");
  EXPECT_EQ(Detail(combined.details, "runs"), "3");
  const std::vector<RunValue> tie{OneRun("19.0"), OneRun("20.0")};
  EXPECT_EQ(CombineRuns(Plan("MEAN"), tie).value, "19.5");
}

// Whichever of the runs it is.
TEST(RunCombination, ARunThatIsInconclusiveByItselfLeavesTheCombinationSo) {
  for (const std::size_t place : {0u, 1u}) {
    std::vector<RunValue> runs{OneRun("84"), OneRun("88")};
    v1::NamedValue& detail = *runs[place].details.Add();
    detail.set_name(std::string(kRunInconclusive));
    detail.set_value("hangs on a point");
    EXPECT_EQ(CombineRuns(Plan("MEAN"), runs).inconclusive, "hangs on a point");
  }
}

TEST(RunCombination, MeanOfLogarithmsHasTheLimitsOfTheSpread) {
  const std::vector<RunValue> runs{OneRun("80"), OneRun("125")};
  const CombinedRuns combined = CombineRuns(Plan("LOG_MEAN"), runs);
  EXPECT_NEAR(Number(combined.value), 100, 1e-9);
  const double half = kT1 * std::log(1.25);
  EXPECT_NEAR(Number(Detail(combined.details, "combined_lower")), 100 * std::exp(-half), 1e-6);
  EXPECT_NEAR(Number(Detail(combined.details, "combined_upper")), 100 * std::exp(half), 1e-3);
}

// Weights 100 and 25: the mean of the logarithms lies a fifth of the way to the second run.
TEST(RunCombination, WeighsByTheVarianceOfEachRun) {
  const std::vector<RunValue> runs{OneRun("100", "0.1", "10"), OneRun("121", "0.2", "10")};
  const CombinedRuns combined = CombineRuns(Plan("LOG_WEIGHTED"), runs);
  const double mean = 100 * std::pow(1.21, 0.2);
  EXPECT_NEAR(Number(combined.value), mean, 1e-9);
  const double half = kT20 / std::sqrt(125.0);
  EXPECT_NEAR(Number(Detail(combined.details, "combined_lower")), mean * std::exp(-half), 1e-9);
  EXPECT_NEAR(Number(Detail(combined.details, "combined_upper")), mean * std::exp(half), 1e-9);
  const double chi_squared = 20 * std::log(1.21) * std::log(1.21);
  EXPECT_NEAR(Number(Detail(combined.details, "heterogeneity_chi_squared")), chi_squared, 1e-9);
  EXPECT_NEAR(Number(Detail(combined.details, "heterogeneity_p")),
              std::erfc(std::sqrt(chi_squared / 2)), 1e-9);
}

TEST(RunCombination, OneRunIsItsOwnValue) {
  const std::vector<RunValue> one{OneRun("106.29151963", "0.013865052", "27")};
  const CombinedRuns combined = CombineRuns(Plan("LOG_WEIGHTED"), one);
  EXPECT_EQ(combined.value, "106.29151963");
  EXPECT_NEAR(Number(Detail(combined.details, "combined_lower")), 103.31027, 1e-4);
  EXPECT_NEAR(Number(Detail(combined.details, "combined_upper")), 109.35881, 1e-4);
  EXPECT_EQ(Detail(combined.details, "heterogeneity_p"), "");
}

TEST(RunCombination, PrecisionIsJudgedWithoutTheLimitOfTheLine) {
  const std::vector<RunValue> runs{OneRun("80"), OneRun("125")};
  const CombinedRuns wide = CombineRuns(Plan("LOG_MEAN", "precision_ratio_max: '2.4375'"), runs);
  EXPECT_EQ(wide.inconclusive.substr(0, 22), "INCONCLUSIVE_PRECISION");
  EXPECT_NEAR(Number(wide.value), 100, 1e-9);  // shown all the same
  const std::vector<RunValue> close{OneRun("99.9"), OneRun("100")};
  EXPECT_EQ(CombineRuns(Plan("LOG_MEAN", "precision_ratio_max: '2.4375'"), close).inconclusive, "");
  // A mean whose lower limit is below zero has no ratio.
  const std::vector<RunValue> scattered{OneRun("10"), OneRun("20")};
  EXPECT_NE(CombineRuns(Plan("MEAN", "precision_ratio_max: '9'"), scattered).inconclusive, "");
  // The ratio itself complies.
  const std::vector<RunValue> one{OneRun("100", "0.1", "10")};
  const std::string ratio =
      Detail(CombineRuns(Plan("LOG_WEIGHTED", "precision_ratio_max: '9'"), one).details,
             "precision_ratio");
  EXPECT_EQ(
      CombineRuns(Plan("LOG_WEIGHTED", "precision_ratio_max: '" + ratio + "'"), one).inconclusive,
      "");
}

TEST(RunCombination, RunsThatDoNotAgreeAreInconclusive) {
  const std::vector<RunValue> runs{OneRun("100", "0.01", "10"), OneRun("121", "0.01", "10")};
  EXPECT_EQ(CombineRuns(Plan("LOG_WEIGHTED"), runs).inconclusive, "");
  EXPECT_NE(CombineRuns(Plan("LOG_WEIGHTED", "heterogeneity_p_min: '0.05'"), runs).inconclusive,
            "");
}

// The mean of 5 and 40 is 22.5, their SD 35 / sqrt(2); of 30 and 31, the CV is 2.3 %.
TEST(RunCombination, MeansOfRunsThatLieApartAreInconclusive) {
  const std::string cv = "spread_rule: SPREAD_RULE_CV_PERCENT spread_max: '30'";
  const std::vector<RunValue> apart{OneRun("5"), OneRun("40")};
  const CombinedRuns combined = CombineRuns(Plan("MEAN", cv), apart);
  EXPECT_EQ(combined.value, "22.5");  // shown all the same
  EXPECT_EQ(combined.inconclusive, "the runs do not agree: CV 109.994 %, asked <= 30");
  EXPECT_NEAR(Number(Detail(combined.details, "runs_cv")), 3500 / std::sqrt(2) / 22.5, 1e-9);
  EXPECT_EQ(CombineRuns(Plan("MEAN"), apart).inconclusive, "");
  const std::vector<RunValue> close{OneRun("30"), OneRun("31")};
  EXPECT_EQ(CombineRuns(Plan("MEAN", cv), close).inconclusive, "");
  EXPECT_EQ(CombineRuns(Plan("MEAN", cv), std::vector{OneRun("5")}).inconclusive, "");
  EXPECT_NE(CombineRuns(Plan("LOG_MEAN", cv), apart).inconclusive, "");
  EXPECT_EQ(CombineRuns(Plan("MEAN", cv), std::vector{OneRun("-5"), OneRun("5")}).inconclusive,
            "the runs do not agree: their mean is zero, so that they have no CV");
  const std::string range = "spread_rule: SPREAD_RULE_RANGE spread_max: '1'";
  EXPECT_EQ(CombineRuns(Plan("MEAN", range), close).inconclusive, "");  // 1 itself complies
  EXPECT_EQ(
      CombineRuns(Plan("MEAN", range), std::vector{OneRun("30"), OneRun("31.5")}).inconclusive,
      "the runs do not agree: range 1.500, asked <= 1");
}

// A further run may settle what two left open: the SD of 52, 80 and 66 is 14.
TEST(RunCombination, AFurtherRunMayBringTheSdBelowItsLimit) {
  const std::string sd = "spread_rule: SPREAD_RULE_SD spread_max: '15'";
  std::vector<RunValue> runs{OneRun("52"), OneRun("80")};
  EXPECT_EQ(CombineRuns(Plan("MEAN", sd), runs).inconclusive,
            "the runs do not agree: SD 19.799, asked <= 15");
  runs.push_back(OneRun("66"));
  const CombinedRuns combined = CombineRuns(Plan("MEAN", sd), runs);
  EXPECT_EQ(combined.inconclusive, "");
  EXPECT_EQ(combined.value, "66");
  EXPECT_EQ(Detail(combined.details, "runs_sd"), "14");
}

TEST(RunCombination, WhatCannotBeCombinedIsInconclusive) {
  const std::vector<std::tuple<const char*, RunValue, const char*>> cases = {
      {"MEAN", OneRun("DETECTED"), "is no number"},
      {"LOG_MEAN", OneRun("-3"), "has no logarithm"},
      {"LOG_MEAN", OneRun("0"), "has no logarithm"},
      {"LOG_WEIGHTED", OneRun("100"), "to weigh it by"},
      {"LOG_WEIGHTED", OneRun("100", "0", "10"), "to weigh it by"},
      {"LOG_WEIGHTED", OneRun("100", "0.1", "0"), "to weigh it by"},
  };
  for (const auto& [combination, run, said] : cases) {
    const std::vector<RunValue> runs{OneRun("100", "0.1", "10"), run};
    const CombinedRuns combined = CombineRuns(Plan(combination), runs);
    EXPECT_EQ(combined.value, "") << run.value;
    EXPECT_NE(combined.inconclusive.find(said), std::string::npos) << combined.inconclusive;
  }
}

v1::Method PlannedMethod() {
  return FromText<v1::Method>(R"pb(
    method_id: "M-POT-RP"
    assay: "potency"
    outputs { line_code: "POT-RP" input: "relative_potency" input_unit: "%" }
    parameters { name: "mode" value: "RELATIVE" }
    setup_checks { name: "pbmc_donor" text: true }
    setup_checks { name: "amount" min: "1" }
    run_plan {
      runs: 3
      combination: RUN_COMBINATION_LOG_WEIGHTED
      precision_ratio_max: "2.4"
      heterogeneity_p_min: "0.05"
      distinct_setup: "pbmc_donor"
    }
    method_repeat { count: 1 instruction: "as a further run" fresh_setup: "pbmc_donor" }
    exclusion_rules { rule: "EX-1" meaning: "a bubble" }
    exclusions_max: 1
    judge_with_excluded: true
  )pb");
}

TEST(RunCombination, PlansOfMethodsAreChecked) {
  const std::vector<WrongMethod> changes = {
      {[](auto& m) { m.mutable_run_plan()->clear_combination(); }, "method.run_plan.combination"},
      {[](auto& m) { m.mutable_run_plan()->set_runs(0); }, "method.run_plan.runs"},
      {[](auto& m) { m.mutable_run_plan()->set_runs(21); }, "method.run_plan.runs"},
      {[](auto& m) { m.mutable_run_plan()->set_precision_ratio_max("0"); },
       "method.run_plan.precision_ratio_max"},
      {[](auto& m) { m.mutable_run_plan()->set_heterogeneity_p_min("p"); },
       "method.run_plan.heterogeneity_p_min"},
      {[](auto& m) { m.mutable_run_plan()->set_combination(v1::RUN_COMBINATION_LOG_MEAN); },
       "method.run_plan.heterogeneity_p_min"},
      {[](auto& m) {
         m.mutable_run_plan()->set_combination(v1::RUN_COMBINATION_MEAN);
         m.mutable_run_plan()->clear_heterogeneity_p_min();
         m.mutable_run_plan()->set_runs(1);
       },
       "method.run_plan.precision_ratio_max"},
      {[](auto& m) {
         m.mutable_run_plan()->set_spread_rule(v1::SPREAD_RULE_RANGE);
         m.mutable_run_plan()->set_spread_max("5");
       },
       "method.run_plan.spread_rule"},
      {[](auto& m) {
         m.mutable_run_plan()->set_combination(v1::RUN_COMBINATION_MEAN);
         m.mutable_run_plan()->clear_heterogeneity_p_min();
         m.mutable_run_plan()->set_spread_rule(v1::SPREAD_RULE_SD);
       },
       "method.run_plan.spread_max"},
      {[](auto& m) {
         m.mutable_run_plan()->set_combination(v1::RUN_COMBINATION_MEAN);
         m.mutable_run_plan()->clear_heterogeneity_p_min();
         m.mutable_run_plan()->set_spread_rule(v1::SPREAD_RULE_RANGE);
         m.mutable_run_plan()->set_spread_max("5");
       },
       "method.run_plan.spread_rule"},
      {[](auto& m) {
         m.mutable_run_plan()->set_combination(v1::RUN_COMBINATION_MEAN);
         m.mutable_run_plan()->clear_heterogeneity_p_min();
         m.mutable_run_plan()->clear_precision_ratio_max();
         m.mutable_run_plan()->set_runs(1);
         m.mutable_run_plan()->set_spread_rule(v1::SPREAD_RULE_RANGE);
         m.mutable_run_plan()->set_spread_max("5");
       },
       "method.run_plan.spread_rule"},
      {[](auto& m) { m.mutable_run_plan()->set_spread_max("5"); }, "method.run_plan.spread_max"},
      {[](auto& m) { m.mutable_outputs(0)->add_codes("PASS"); }, "method.outputs[0].codes"},
      {[](auto& m) { m.mutable_run_plan()->set_distinct_setup(0, "donor"); },
       "method.run_plan.distinct_setup[0]"},
      {[](auto& m) { m.mutable_method_repeat()->set_count(0); }, "method.method_repeat.count"},
      {[](auto& m) { m.mutable_method_repeat()->clear_instruction(); },
       "method.method_repeat.instruction"},
      {[](auto& m) { m.mutable_method_repeat()->set_fresh_setup(0, "donor"); },
       "method.method_repeat.fresh_setup[0]"},
      {[](auto& m) {
         m.mutable_method_repeat()->set_larger_setup("pbmc_donor");
         m.mutable_method_repeat()->set_larger_factor("2");
       },
       "method.method_repeat.larger_setup"},
      {[](auto& m) {
         m.mutable_method_repeat()->set_larger_setup("amount");
         m.mutable_method_repeat()->set_larger_factor("1");
       },
       "method.method_repeat.larger_factor"},
      {[](auto& m) { m.mutable_method_repeat()->set_larger_setup("amount"); },
       "method.method_repeat.larger_factor"},
      {[](auto& m) { m.mutable_method_repeat()->set_other_sample(true); },
       "method.method_repeat.other_sample"},
      {[](auto& m) { m.mutable_method_repeat()->set_same_sample(true); },
       "method.method_repeat.same_sample"},
      {[](auto& m) { SetParameter(m, "precision_ratio_max", "2"); }, "method.parameters[1].value"},
      {[](auto& m) { m.set_exclusions_max(0); }, "method.exclusions_max"},
      {[](auto& m) { m.set_judge_with_excluded(false); }, "method.judge_with_excluded"},
      {[](auto& m) {
         m.clear_exclusion_rules();
         m.set_exclusions_max(0);
       },
       "method.judge_with_excluded"},
      {[](auto& m) { m.mutable_exclusion_rules(0)->clear_meaning(); },
       "method.exclusion_rules[0].meaning"},
      {[](auto& m) { *m.add_exclusion_rules() = m.exclusion_rules(0); },
       "method.exclusion_rules[1].rule"},
  };
  ExpectChecked(PlannedMethod(), changes);
}

}  // namespace
}  // namespace lims::assay
