#include <gtest/gtest.h>

#include "assay_input.h"

namespace lims::assay {
namespace {

v1::AssayInput CellCount() {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-CELL-COUNT"
      assay: "generic_value"
      outputs {
        line_code: "VIA"
        input: "VIA"
        input_unit: "%"
        replicates_min: 3
        replicates_max: 3
        combination: COMBINATION_MEAN
        spread_rule: SPREAD_RULE_CV_PERCENT
        spread_max: "10"
      }
      outputs {
        line_code: "VCN"
        input: "VCN"
        input_unit: "{cells}/mL"
        replicates_min: 3
        replicates_max: 3
        combination: COMBINATION_MEAN
        spread_rule: SPREAD_RULE_CV_PERCENT
        spread_max: "10"
        factor: "fill_volume_label"
        divisor: "10000000"
      }
    }
  )pb");
  AddValues(input, "S1", "VIA", {"92.1", "91.4", "93.0"});
  AddValues(input, "S1", "VCN", {"10300000", "10100000", "10500000"});
  AddFact(input, "S1", "fill_volume_label", "5.0");
  return input;
}

// Endotoxin in a solution and per kilogram and hour.
v1::AssayInput Endotoxin(std::initializer_list<std::string> values) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-BET"
      assay: "generic_value"
      outputs {
        line_code: "BET"
        input: "BET"
        input_unit: "[iU]/mL"
        replicates_min: 1
        replicates_max: 2
        combination: COMBINATION_MEAN
      }
      outputs {
        line_code: "BET-KG"
        input: "BET"
        combination: COMBINATION_MEAN
        factor: "max_hourly_dose_volume"
        divisor: "min_patient_weight"
        needs_fact: "dose_basis_declared"
      }
    }
  )pb");
  AddValues(input, "S1", "BET", values);
  AddFact(input, "S1", "max_hourly_dose_volume", "50.0");
  AddFact(input, "S1", "min_patient_weight", "40.0");
  AddFact(input, "S1", "dose_basis_declared", "yes");
  return input;
}

// One output "X" with the given further fields.
v1::AssayInput OneOutput(const std::string& fields, std::initializer_list<std::string> values) {
  v1::AssayInput input = FromText<v1::AssayInput>(
      "method { method_id: \"M-X\" assay: \"generic_value\" outputs { line_code: \"X\" input: "
      "\"X\" input_unit: \"mg\" " +
      fields + " } }");
  AddValues(input, "S1", "X", values);
  return input;
}

TEST(GenericValue, MeansAndScalesTheCellCount) {
  const v1::Computation found = Compute(CellCount());
  EXPECT_EQ(found.assay(), "generic_value");
  EXPECT_EQ(found.assay_version(), "2");
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  ASSERT_EQ(found.samples_size(), 1);
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "VIA"), "92.16666666666666666666666666666667");
  EXPECT_EQ(Reported(sample, "VCN"), "5.15");
  EXPECT_EQ(sample.reportables(0).unit(), "%");
  EXPECT_EQ(sample.reportables(1).unit(), "");
  EXPECT_EQ(sample.reportables(0).individuals(1), "91.4");
  EXPECT_TRUE(sample.reportables(1).individuals().empty());  // in the unit of the entries
  EXPECT_EQ(Failed(sample.checks()), Names{});
  EXPECT_EQ(CheckNamed(sample.checks(), "replicates", "VIA").criterion(), ">= 3 and <= 3");
  EXPECT_TRUE(
      CheckNamed(sample.checks(), "replicate_cv", "VIA").observed().starts_with("0.8702502289704"));
}

// Three thirds times a fill volume: the tie of rounding must survive.
TEST(GenericValue, DividesOnceAtTheEnd) {
  v1::AssayInput input =
      OneOutput("combination: COMBINATION_MEAN replicates_min: 3 factor: \"3\" divisor: \"2\"",
                {"0.7", "0.6", "0.77"});
  EXPECT_EQ(Reported(Compute(input).samples(0), "X"), "1.035");
}

TEST(GenericValue, SpreadIsComparedByItsFullValue) {
  struct Case {
    const char* rule;
    std::initializer_list<std::string> values;
    bool ok;
  };
  const Case cases[] = {
      {"SPREAD_RULE_CV_PERCENT spread_max: \"10\"", {"9", "10", "11"}, true},
      {"SPREAD_RULE_CV_PERCENT spread_max: \"10\"", {"9", "10", "11.00001"}, false},
      {"SPREAD_RULE_CV_PERCENT spread_max: \"10\"", {"0", "0", "0"}, true},
      {"SPREAD_RULE_CV_PERCENT spread_max: \"10\"", {"-1", "0", "1"}, false},
      {"SPREAD_RULE_RANGE spread_max: \"5\"", {"1460", "1465.0", "1463"}, true},
      {"SPREAD_RULE_RANGE spread_max: \"5\"", {"1460", "1465.1", "1463"}, false},
  };
  for (const Case& each : cases) {
    const v1::Computation found = Compute(OneOutput(
        std::string("combination: COMBINATION_MEAN replicates_min: 3 spread_rule: ") + each.rule,
        each.values));
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(sample.outcome(), each.ok ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_SAMPLE)
        << each.rule;
    EXPECT_EQ(sample.reportables_size(), each.ok ? 1 : 0) << each.rule;
  }
}

TEST(GenericValue, OneBadLineVoidsThePanel) {
  v1::AssayInput input = CellCount();
  input.mutable_data(0)->mutable_value()->set_value("60");
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"replicate_cv/VIA"});
  EXPECT_TRUE(sample.reportables().empty());
}

TEST(GenericValue, EachReplicateMayHaveToComply) {
  EXPECT_EQ(
      Reported(Compute(OneOutput("combination: COMBINATION_EACH_LOWEST", {"5.1", "5.0", "5.2"}))
                   .samples(0),
               "X"),
      "5.0");
  EXPECT_EQ(
      Reported(
          Compute(OneOutput("combination: COMBINATION_EACH_HIGHEST", {"0", "2", "1"})).samples(0),
          "X"),
      "2");
}

// A second reading of a position must not be averaged with the first where the method takes one.
TEST(GenericValue, EveryReadingOfAPositionIsAReplicate) {
  v1::AssayInput input = OneOutput(
      "replicates_min: 1 replicates_max: 1 combination: COMBINATION_MEAN", {"7.7", "7.2"});
  for (v1::Datum& datum : *input.mutable_data()) datum.set_position("1");
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"replicates/X"});
}

TEST(GenericValue, QualifiedValues) {
  struct Case {
    const char* combination;
    std::initializer_list<std::string> values;
    const char* reported;  // "" when they cannot be combined
  };
  const Case cases[] = {
      {"COMBINATION_MEAN", {"<0.50"}, "<0.50"},
      {"COMBINATION_MEAN", {">1000"}, ">1000"},
      {"COMBINATION_MEAN", {"<0.50", "<0.30"}, "<0.40"},
      {"COMBINATION_MEAN", {"<0.50", "0.30"}, ""},
      {"COMBINATION_MEAN", {"0.30", "<0.50"}, ""},
      {"COMBINATION_MEAN", {"<0.50", ">0.30"}, ""},
      {"COMBINATION_EACH_LOWEST", {">5", ">7"}, ">5"},
      {"COMBINATION_EACH_HIGHEST", {"<5", "<7"}, "<7"},
      {"COMBINATION_EACH_HIGHEST", {"<5", "7"}, ""},
  };
  for (const Case& each : cases) {
    const v1::SampleComputation sample =
        Compute(OneOutput(std::string("combination: ") + each.combination, each.values)).samples(0);
    EXPECT_EQ(Reported(sample, "X"), each.reported);
    EXPECT_EQ(Failed(sample.checks()),
              std::string(each.reported).empty() ? Names{"qualifiers_alike/X"} : Names{});
  }
}

TEST(GenericValue, QualifierSurvivesAPositiveScaleOnly) {
  EXPECT_EQ(Reported(Compute(OneOutput("combination: COMBINATION_MEAN factor: \"4\" divisor: \"8\"",
                                       {"<0.50"}))
                         .samples(0),
                     "X"),
            "<0.25");
  for (const char* scale : {"factor: \"-2\"", "divisor: \"-2\""}) {
    const std::string fields = std::string("combination: COMBINATION_MEAN ") + scale;
    EXPECT_EQ(Failed(Compute(OneOutput(fields, {"<0.50"})).samples(0).checks()), Names{"scale/X"});
    EXPECT_EQ(Failed(Compute(OneOutput(fields, {"0.50"})).samples(0).checks()), Names{});
  }
}

TEST(GenericValue, ProductOfAnotherOutputUsesItsUnroundedValue) {
  const v1::SampleComputation sample = Compute(Endotoxin({"0.120", "0.125"})).samples(0);
  EXPECT_EQ(Reported(sample, "BET"), "0.1225");
  EXPECT_EQ(Reported(sample, "BET-KG"), "0.153125");
  const v1::SampleComputation censored = Compute(Endotoxin({"<0.050", "<0.050"})).samples(0);
  EXPECT_EQ(Reported(censored, "BET"), "<0.050");
  EXPECT_EQ(Reported(censored, "BET-KG"), "<0.0625");
  EXPECT_EQ(censored.reportables(0).individuals(0), "<0.050");
}

TEST(GenericValue, OutputWaitsForItsFact) {
  for (const char* value : {"no", ""}) {
    v1::AssayInput input = Endotoxin({"0.120"});
    input.mutable_facts(0)->mutable_facts(2)->set_value(value);
    if (std::string(value).empty()) input.mutable_facts(0)->mutable_facts()->RemoveLast();
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(sample.reportables_size(), 1);
    EXPECT_TRUE(Detail(sample.details(), "not_calculated").starts_with("BET-KG: dose_basis"));
  }
}

TEST(GenericValue, MissingOrZeroFactCannotScale) {
  v1::AssayInput input = CellCount();
  input.clear_facts();
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"scale/VCN"});
  AddFact(input, "S2", "fill_volume_label", "5.0");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"scale/VCN"});
  v1::AssayInput zero = Endotoxin({"0.1"});
  zero.mutable_facts(0)->mutable_facts(1)->set_value("0.0");
  EXPECT_EQ(Failed(Compute(zero).samples(0).checks()), Names{"scale/BET-KG"});
}

TEST(GenericValue, CopiedValueMustEqualTheFact) {
  struct Case {
    const char* fact;
    bool ok;
  };
  for (const Case& each : {Case{"5", true}, {"5.0", true}, {"6", false}, {"five", false}}) {
    v1::AssayInput input =
        OneOutput("combination: COMBINATION_MEAN equals_fact: \"passage\"", {"5"});
    AddFact(input, "S1", "passage", each.fact);
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Failed(sample.checks()), each.ok ? Names{} : Names{"equals_fact/X"}) << each.fact;
  }
}

// Entries are checked before; a calculation must stand whatever is stored.
TEST(GenericValue, DataThatWereNeverCheckedAreInvalid) {
  const std::string mean = "combination: COMBINATION_MEAN replicates_min: 2 replicates_max: 2";
  EXPECT_EQ(Failed(Compute(OneOutput(mean, {"1,5", "1"})).samples(0).checks()), Names{"numbers/X"});
  EXPECT_EQ(Failed(Compute(OneOutput(mean, {"1"})).samples(0).checks()), Names{"replicates/X"});
  EXPECT_EQ(Failed(Compute(OneOutput(mean, {"1", "2", "3"})).samples(0).checks()),
            Names{"replicates/X"});
  v1::AssayInput unknown = OneOutput(mean, {"1", "2"});
  AddValues(unknown, "S1", "Y", {"3"});
  EXPECT_EQ(Failed(Compute(unknown).samples(0).checks()), Names{"known_target/Y"});
  EXPECT_EQ(Compute(unknown).samples(0).outcome(), v1::OUTCOME_INVALID_SAMPLE);
}

TEST(GenericValue, SameInputGivesTheSameBytesInAnyOrderOfReplicates) {
  const v1::AssayInput input = CellCount();
  const std::string bytes = Compute(input).SerializeAsString();
  EXPECT_EQ(Compute(input).SerializeAsString(), bytes);
  v1::AssayInput shuffled = input;
  shuffled.mutable_data()->SwapElements(0, 5);
  shuffled.mutable_data()->SwapElements(1, 2);
  EXPECT_EQ(Compute(shuffled).SerializeAsString(), bytes);
}

TEST(GenericValue, SamplesAreJudgedApart) {
  v1::AssayInput input = CellCount();
  AddValues(input, "S2", "VIA", {"10", "50", "90"});
  AddValues(input, "S2", "VCN", {"1", "1", "1"});
  AddFact(input, "S2", "fill_volume_label", "5.0");
  const v1::Computation found = Compute(input);
  ASSERT_EQ(found.samples_size(), 2);
  EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(found.samples(1).outcome(), v1::OUTCOME_INVALID_SAMPLE);
}

TEST(GenericValue, MethodsAreChecked) {
  const std::vector<WrongMethod> changes = {
      {[](auto& m) { SetParameter(m, "speed", "1"); }, "method.parameters[0].name"},
      {[](auto& m) { m.clear_outputs(); }, "method.outputs"},
      {[](auto& m) { m.mutable_outputs(0)->add_codes("A"); }, "method.outputs[0].codes"},
      {[](auto& m) { m.mutable_outputs(0)->clear_combination(); }, "method.outputs[0].combination"},
      {[](auto& m) { m.add_formats("cq_csv"); }, "method.formats[0]"},
  };
  ExpectChecked(CellCount().method(), changes);
  ExpectChecked(Endotoxin({}).method(),
                {{[](auto& m) { m.mutable_outputs(1)->add_lowest_setup("dilution"); },
                  "method.outputs[1].lowest_setup"}});
}

}  // namespace
}  // namespace lims::assay
