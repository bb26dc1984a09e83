// Quantities for an amount of RNA or of the reference gene, of what a sample should have none of,
// and what is told beside "not detected".
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "assay/map_check.h"
#include "assay_input.h"

namespace lims::assay {
namespace {

void AddCqs(v1::AssayInput& input, v1::PositionRole role, const std::string& target,
            const std::vector<std::string>& cqs, const std::string& quantity = "") {
  for (const std::string& cq : cqs) {
    v1::Datum& well = *input.add_data();
    well.set_role(role);
    well.set_target(target);
    well.set_quantity(quantity);
    well.set_position("W" + std::to_string(input.data_size()));
    if (role == v1::POSITION_ROLE_SAMPLE) well.set_sample_id("S1");
    well.set_undetermined(cq.empty());
    well.mutable_value()->set_value(cq);
  }
}

// Cq = 40 - 3.3 log10 of the copies.
void AddStandards(v1::AssayInput& input, const std::string& target) {
  AddCqs(input, v1::POSITION_ROLE_STANDARD, target, {"36.71", "36.69"}, "10");
  AddCqs(input, v1::POSITION_ROLE_STANDARD, target, {"33.41", "33.39"}, "100");
  AddCqs(input, v1::POSITION_ROLE_STANDARD, target, {"30.11", "30.09"}, "1000");
  AddCqs(input, v1::POSITION_ROLE_STANDARD, target, {"26.81", "26.79"}, "10000");
}

v1::AssayInput Absolute(const std::vector<std::string>& sample) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-TERT-Q"
      assay: "rt_qpcr"
      outputs { line_code: "TERT-Q" input: "hTERT" input_unit: "{copies}/ug" }
      parameters { name: "mode" value: "absolute" }
      parameters { name: "target" value: "hTERT" }
    }
  )pb");
  AddStandards(input, "hTERT");
  AddCqs(input, v1::POSITION_ROLE_NTC, "hTERT", {"", ""});
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "hTERT", sample);
  return input;
}

v1::AssayInput PerRna(const std::vector<std::string>& sample, const std::string& ng) {
  v1::AssayInput input = Absolute(sample);
  SetParameter(*input.mutable_method(), "normalise_to", "rna");
  *input.mutable_method()->add_setup_checks() = FromText<v1::SetupCheck>(
      "name: 'rna_per_well' min: '1' unit: 'ng' meaning: 'RNA in an undiluted well'");
  v1::NamedValue& declared = *input.add_setup();
  declared.set_name("rna_per_well");
  declared.set_value(ng);
  return input;
}

// 1000 copies in the RNA of 50 ng.
TEST(RtQpcrAmount, CopiesForAMicrogramOfRna) {
  v1::AssayInput input = PerRna({"30.1", "30.05", "30.15"}, "50");
  EXPECT_TRUE(CheckParameters(input.method()).empty());
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Failed(found.checks()), Names{});
  EXPECT_NEAR(Number(Reported(found.samples(0), "TERT-Q")), 20000, 1e-4);
  EXPECT_EQ(found.samples(0).reportables(0).unit(), "{copies}/ug");
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() == v1::POSITION_ROLE_SAMPLE) well.set_dilution("10");
  }
  EXPECT_NEAR(Number(Reported(Compute(input).samples(0), "TERT-Q")), 200000, 1e-3);
}

TEST(RtQpcrAmount, ALimitOfQuantificationIsScaledToo) {
  v1::AssayInput input = PerRna({"", "", ""}, "50");
  SetParameter(*input.mutable_method(), "loq", "100");
  EXPECT_EQ(Reported(Compute(input).samples(0), "TERT-Q"), "<2000");
}

TEST(RtQpcrAmount, WithoutTheAmountOfRnaThereIsNoQuantity) {
  for (const char* ng : {"", "0"}) {
    const v1::Computation found = Compute(PerRna({"30.1", "30.1", "30.1"}, ng));
    EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_SETUP) << ng;
    EXPECT_TRUE(found.samples(0).reportables().empty()) << ng;
  }
  v1::Method method = PerRna({}, "50").method();
  method.mutable_setup_checks(0)->set_min("0");
  EXPECT_EQ(Fields(CheckParameters(method)), Names{"method.parameters[2].value"});
  method.clear_setup_checks();
  EXPECT_EQ(Fields(CheckParameters(method)), Names{"method.parameters[2].value"});
}

v1::AssayInput PerReference(const std::vector<std::string>& reference) {
  v1::AssayInput input = Absolute({"30.1", "30.1", "30.1"});
  SetParameter(*input.mutable_method(), "normalise_to", "reference");
  SetParameter(*input.mutable_method(), "reference_target", "GAPDH");
  AddStandards(input, "GAPDH");
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "GAPDH", reference);
  return input;
}

// 1000 copies beside 10000 of the reference gene.
TEST(RtQpcrAmount, CopiesForAThousandOfTheReferenceGene) {
  v1::AssayInput input = PerReference({"26.8", "26.75", "26.85"});
  EXPECT_TRUE(CheckParameters(input.method()).empty());
  v1::Computation found = Compute(input);
  EXPECT_EQ(Failed(found.checks()), Names{});
  EXPECT_EQ(Failed(found.samples(0).checks()), Names{});
  EXPECT_NEAR(Number(Reported(found.samples(0), "TERT-Q")), 100, 1e-6);
  EXPECT_NEAR(Number(Detail(found.details(), "reference_slope")), -3.3, 1e-9);
  EXPECT_NEAR(Number(Detail(found.samples(0).details(), "reference_quantity")), 10000, 1e-4);
  // The reference gene in wells diluted 1:10: 100000 copies undiluted.
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() == v1::POSITION_ROLE_SAMPLE && well.target() == "GAPDH") {
      well.set_dilution("10");
    }
  }
  EXPECT_NEAR(Number(Reported(Compute(input).samples(0), "TERT-Q")), 10, 1e-7);
}

TEST(RtQpcrAmount, TooLittleOfTheReferenceGeneNormalisesNothing) {
  for (const std::vector<std::string>& reference :
       {std::vector<std::string>{"37.5", "37.5", "37.5"}, {"26.8", "26.8", ""}}) {
    const v1::SampleComputation sample = Compute(PerReference(reference)).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
    const Names failed = Failed(sample.checks());
    EXPECT_NE(std::find(failed.begin(), failed.end(), "reference_quantity/GAPDH"), failed.end());
  }
}

TEST(RtQpcrAmount, TheReferenceGeneNeedsAGoodCurveOfItsOwn) {
  v1::AssayInput input = PerReference({"26.8", "26.8", "26.8"});
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() == v1::POSITION_ROLE_STANDARD && well.target() == "GAPDH" &&
        well.quantity() == "10") {
      well.mutable_value()->set_value("38");
    }
  }
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"curve_slope/GAPDH"});
  Positions map;
  for (const v1::Datum& well : input.data()) {
    v1::RunPosition& position = *map.Add();
    position.set_position(well.position());
    position.set_role(well.role());
    position.set_sample_id(well.sample_id());
    position.set_target(well.target());
    if (well.role() == v1::POSITION_ROLE_STANDARD && well.target() == "GAPDH") {
      position.set_omit_reason("broken");
    }
  }
  EXPECT_EQ(Sentences(CheckMap(input.method(), map)),
            Names{"positions: there is no STANDARD of GAPDH"});
  SetParameter(*input.mutable_method(), "reference_target", "none");
  EXPECT_EQ(Fields(CheckParameters(input.method())), Names{"method.parameters[2].value"});
}

// In percent of a control; 0.1 % is a Cq of 34.966.
v1::AssayInput Relative(const std::vector<std::string>& sample) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-TERT-R"
      assay: "rt_qpcr"
      outputs { line_code: "TERT-R" input: "hTERT" input_unit: "%" }
      parameters { name: "mode" value: "relative" }
      parameters { name: "target" value: "hTERT" }
      parameters { name: "reference_target" value: "GAPDH" }
      parameters { name: "cq_cutoff" value: "38" }
      parameters { name: "loq" value: "0.1" }
      parameters { name: "required_controls" value: "NTC,POSITIVE_CONTROL" }
      parameters { name: "positive_control_cq_max" value: "28" }
    }
  )pb");
  AddCqs(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "hTERT", {"24", "24.5", "23.5"});
  AddCqs(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "GAPDH", {"17", "17", "17"});
  AddCqs(input, v1::POSITION_ROLE_NTC, "hTERT", {"", ""});
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "hTERT", sample);
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "GAPDH", {"18", "18", "18"});
  return input;
}

void ExpectNoTarget(v1::Method& method) {
  SetParameter(method, "target_expected", "no");
  method.mutable_method_repeat()->set_count(1);
  method.mutable_method_repeat()->set_instruction("from a fresh extraction");
  method.mutable_method_repeat()->set_same_sample(true);
}

// Of the first well.
void SetCqOf(v1::AssayInput& input, v1::PositionRole role, const std::string& cq) {
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() != role || well.target() != "hTERT") continue;
    well.set_undetermined(cq.empty());
    well.mutable_value()->set_value(cq);
    return;
  }
}

struct SpreadCase {
  std::vector<std::string> cqs;
  const char* reported;  // "" where the spread voids the sample
};

TEST(RtQpcrAmount, SpreadIsJudgedWhereAQuantityRestsOnIt) {
  const std::vector<SpreadCase> cases = {
      {{"35.1", "36.4", "37.2"}, "<0.1"}, {{"34.97", "36.4", "37.2"}, "<0.1"},
      {{"34.96", "36.4", "37.2"}, ""},    {{"28.2", "27.8", "29"}, ""},
      {{"28.2", "27.8", "28"}, "12.5"},
  };
  for (const SpreadCase& each : cases) {
    v1::AssayInput input = Relative(each.cqs);
    SetParameter(*input.mutable_method(), "replicate_sd_of", "quantified");
    EXPECT_TRUE(CheckParameters(input.method()).empty());
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Reported(sample, "TERT-R"), each.reported);
    EXPECT_EQ(Failed(sample.checks()), *each.reported == 0 ? Names{"replicate_sd/hTERT"} : Names{});
  }
  const v1::SampleComputation late = Compute(Relative({"35.1", "36.4", "37.2"})).samples(0);
  EXPECT_EQ(Failed(late.checks()), Names{"replicate_sd/hTERT"});
}

struct WeakCase {
  std::vector<std::string> cqs;
  bool repeat;
  const char* inconclusive;
};

TEST(RtQpcrAmount, AFewWeakSignalsOfWhatShouldNotBeThereAreRepeated) {
  const std::vector<WeakCase> cases = {
      {{"35.2", "", ""}, false, "1 of 3 wells with Cq <= 38"},
      {{"35.2", "36.0", ""}, false, "2 of 3 wells with Cq <= 38"},
      {{"35.2", "35.1", "35.3"}, false, ""},
      {{"38.1", "", ""}, false, ""},
      {{"", "", ""}, false, ""},
      {{"", "", ""}, true, ""},
      {{"35.2", "", ""}, true, ""},
  };
  for (const WeakCase& each : cases) {
    v1::AssayInput input = Relative(each.cqs);
    v1::SampleFacts& facts = *input.add_facts();
    facts.set_sample_id("S1");
    facts.set_method_repeat(each.repeat);
    EXPECT_EQ(Compute(input).samples(0).reportables(0).inconclusive(), "");
    ExpectNoTarget(*input.mutable_method());
    EXPECT_TRUE(CheckParameters(input.method()).empty());
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Reported(sample, "TERT-R"), "<0.1");
    EXPECT_EQ(sample.reportables(0).inconclusive(), each.inconclusive);
    EXPECT_TRUE(sample.flags().empty());
  }
}

struct UnexpectedCase {
  v1::PositionRole role;  // whose first well has this Cq
  const char* cq;
  std::vector<std::string> sample;
  bool flagged;
};

TEST(RtQpcrAmount, AQuantityIsUnexpectedFromItsLimitOnInWhatDoesNotCount) {
  constexpr auto kNtc = v1::POSITION_ROLE_NTC;
  constexpr auto kPositive = v1::POSITION_ROLE_POSITIVE_CONTROL;
  const std::vector<UnexpectedCase> cases = {
      {kNtc, "31.2", {"34.96", "", ""}, true},
      {kNtc, "31.2", {"34.97", "", ""}, false},
      {kNtc, "31.2", {"28", "28", "28"}, true},
      {kNtc, "31.2", {"38.1", "", ""}, false},
      // Nothing that holds shows how little it is.
      {kPositive, "", {"37", "", ""}, true},
      {kPositive, "28.001", {"37", "", ""}, true},
      {kPositive, "", {"", "", ""}, false},
      // Two signals of three are no quantity: the sample alone is invalid.
      {kNtc, "", {"28", "28", ""}, true},
  };
  for (const UnexpectedCase& each : cases) {
    SCOPED_TRACE(each.cq + (" " + each.sample[0]));
    v1::AssayInput input = Relative(each.sample);
    SetCqOf(input, each.role, each.cq);
    EXPECT_TRUE(Compute(input).samples(0).flags().empty());
    ExpectNoTarget(*input.mutable_method());
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_NE(sample.outcome(), v1::OUTCOME_VALID);
    ASSERT_EQ(sample.flags_size(), each.flagged ? 1 : 0);
    if (each.flagged) {
      EXPECT_EQ(sample.flags(0), "UNEXPECTED_POSITIVE");
    }
  }
}

// The lowest standard has a Cq of 36.7.
TEST(RtQpcrAmount, StandardsSayWhereSpreadAndUnexpectedSignalsBegin) {
  for (const auto& [first, below] : {std::pair("36.72", true), std::pair("36.68", false)}) {
    v1::AssayInput input = Absolute({first, "38.5", "39.9"});
    SetParameter(*input.mutable_method(), "replicate_sd_of", "quantified");
    ExpectNoTarget(*input.mutable_method());
    EXPECT_TRUE(CheckParameters(input.method()).empty());
    v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Reported(sample, "TERT-Q"), below ? "<10" : "");
    EXPECT_EQ(Failed(sample.checks()), below ? Names{} : Names{"replicate_sd/hTERT"});
    EXPECT_EQ(sample.flags_size(), below ? 0 : 1);

    SetCqOf(input, v1::POSITION_ROLE_NTC, "30");
    sample = Compute(input).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_RUN);
    EXPECT_EQ(sample.flags_size(), below ? 0 : 1);
    SetCqOf(input, v1::POSITION_ROLE_STANDARD, "");
    EXPECT_EQ(Compute(input).samples(0).flags_size(), 1);
  }
}

v1::AssayInput Qualitative() {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-TERT"
      assay: "rt_qpcr"
      outputs { line_code: "TERT" input: "hTERT" }
      parameters { name: "target" value: "hTERT" }
      parameters { name: "reference_target" value: "GAPDH" }
      parameters { name: "required_controls" value: "none" }
    }
  )pb");
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "hTERT", {"", "", ""});
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "GAPDH", {"17.7", "17.8"});
  return input;
}

TEST(RtQpcrAmount, WhatShouldNotBeThereNeedsAQuantityAndARepeat) {
  v1::Method method = Relative({}).method();
  SetParameter(method, "target_expected", "no");
  EXPECT_EQ(Fields(CheckParameters(method)), Names{"method.parameters[7].value"});
  method = Qualitative().method();
  SetParameter(method, "target_expected", "no");
  EXPECT_EQ(Fields(CheckParameters(method)), Names{"method.parameters[3].name"});
}

TEST(RtQpcrAmount, NotDetectedSaysBelowWhichLimit) {
  v1::AssayInput input = Qualitative();
  EXPECT_EQ(Detail(Compute(input).samples(0).details(), "lod"), "");
  SetParameter(*input.mutable_method(), "lod", "10");
  EXPECT_TRUE(CheckParameters(input.method()).empty());
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Reported(sample, "TERT"), "NOT_DETECTED");
  EXPECT_EQ(Detail(sample.details(), "lod"), "10");
  EXPECT_EQ(sample.details(0).unit(), "{copies}");
}

TEST(RtQpcrAmount, WellsOfTheReferenceGeneAreCounted) {
  v1::AssayInput input = Qualitative();
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
  SetParameter(*input.mutable_method(), "reference_replicates", "3");
  EXPECT_TRUE(CheckParameters(input.method()).empty());
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"replicates/GAPDH"});
  AddCqs(input, v1::POSITION_ROLE_SAMPLE, "GAPDH", {"17.9"});
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
}

}  // namespace
}  // namespace lims::assay
