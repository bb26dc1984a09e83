#include <gtest/gtest.h>

#include <algorithm>

#include "assay/map_check.h"
#include "assay_input.h"

namespace lims::assay {
namespace {

void AddWells(v1::AssayInput& input, v1::PositionRole role, const std::string& sample,
              const std::string& target, const std::vector<std::string>& cqs) {
  for (const std::string& cq : cqs) {
    v1::Datum& well = *input.add_data();
    well.set_role(role);
    well.set_sample_id(sample);
    well.set_target(target);
    well.set_position("W" + std::to_string(input.data_size()));
    if (cq.empty()) {
      well.set_undetermined(true);
    } else {
      well.mutable_value()->set_value(cq);
    }
  }
}

v1::Method TertMethod() {
  return FromText<v1::Method>(R"pb(
    method_id: "M-TERT"
    assay: "rt_qpcr"
    outputs {
      line_code: "TERT"
      input: "hTERT"
      codes: [ "NOT_DETECTED", "INDETERMINATE", "DETECTED" ]
    }
    parameters { name: "target" value: "hTERT" }
    parameters { name: "reference_target" value: "GAPDH" }
    parameters { name: "cq_cutoff" value: "38" }
    parameters { name: "positive_control_cq_min" value: "20" }
    parameters { name: "positive_control_cq_max" value: "28" }
    parameters { name: "reference_cq_min" value: "14" }
    parameters { name: "reference_cq_max" value: "22" }
    parameters { name: "reference_difference_max" value: "2" }
    formats: "quantstudio_text"
  )pb");
}

// The controls of a valid plate.
v1::AssayInput Controls() {
  v1::AssayInput input;
  *input.mutable_method() = TertMethod();
  AddWells(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "", "hTERT", {"24.659", "24.696", "24.557"});
  AddWells(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "", "GAPDH", {"17.285", "17.385", "17.374"});
  AddWells(input, v1::POSITION_ROLE_NEGATIVE_CONTROL, "", "hTERT", {"", "", ""});
  AddWells(input, v1::POSITION_ROLE_NEGATIVE_CONTROL, "", "GAPDH", {"18.127", "18.099", "18.045"});
  AddWells(input, v1::POSITION_ROLE_NO_RT, "", "hTERT", {""});
  AddWells(input, v1::POSITION_ROLE_NO_RT, "", "GAPDH", {""});
  AddWells(input, v1::POSITION_ROLE_EXTRACTION_BLANK, "", "hTERT", {"", ""});
  AddWells(input, v1::POSITION_ROLE_NTC, "", "hTERT", {"", ""});
  AddWells(input, v1::POSITION_ROLE_NTC, "", "GAPDH", {"", ""});
  return input;
}

v1::AssayInput Plate(std::initializer_list<std::string> target,
                     std::initializer_list<std::string> reference = {"17.779", "17.859",
                                                                     "17.890"}) {
  v1::AssayInput input = Controls();
  AddWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "hTERT", target);
  AddWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "GAPDH", reference);
  return input;
}

void RemoveRole(v1::AssayInput& input, v1::PositionRole role, const std::string& target) {
  auto& data = *input.mutable_data();
  data.erase(std::remove_if(data.begin(), data.end(),
                            [&](const v1::Datum& well) {
                              return well.role() == role && well.target() == target;
                            }),
             data.end());
}

// The first well of that role and target.
v1::Datum& Well(v1::AssayInput& input, v1::PositionRole role, const std::string& target) {
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() == role && well.target() == target) return well;
  }
  ADD_FAILURE() << "no such well";
  return *input.add_data();
}

void SetCq(v1::Datum& well, const std::string& cq) {
  well.set_undetermined(cq.empty());
  well.mutable_value()->set_value(cq);
}

TEST(RtQpcr, ClassifiesByReplicatesWithASignal) {
  struct Case {
    std::initializer_list<std::string> cqs;
    const char* code;
    const char* signals;
  };
  const Case cases[] = {
      {{"", "", ""}, "NOT_DETECTED", "0/3"},
      {{"38.001", "39.2", ""}, "NOT_DETECTED", "0/3"},
      {{"", "36.1", ""}, "INDETERMINATE", "1/3"},
      {{"36.4", "36.1", ""}, "INDETERMINATE", "2/3"},
      {{"36.4", "36.1", "38.5"}, "INDETERMINATE", "2/3"},
      {{"30.1", "30.2", "30.3"}, "DETECTED", "3/3"},
      {{"38", "38.0", "38.000"}, "DETECTED", "3/3"},
      {{"30.1", "30.2", "30.3", ""}, "INDETERMINATE", "3/4"},
  };
  for (const Case& each : cases) {
    const v1::Computation found = Compute(Plate(each.cqs));
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << each.code;
    EXPECT_EQ(Failed(found.checks()), Names{});
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID) << each.code;
    EXPECT_EQ(Reported(sample, "TERT"), each.code);
    EXPECT_EQ(Detail(sample.details(), "signals"), each.signals);
    EXPECT_TRUE(sample.flags().empty());
  }
}

TEST(RtQpcr, ASignalInSomeWellsIsRepeatedOnceAsTheMethodSays) {
  struct Case {
    std::initializer_list<std::string> cqs;
    bool repeat;
    const char* code;
    const char* inconclusive;
  };
  const Case cases[] = {
      {{"", "36.1", ""}, false, "INDETERMINATE", "1 of 3 wells with Cq <= 38"},
      {{"", "36.1", ""}, true, "DETECTED", ""},
      {{"36.2", "36.1", ""}, true, "DETECTED", ""},
      {{"", "", ""}, true, "NOT_DETECTED", ""},
      {{"30.1", "30.2", "30.3"}, true, "DETECTED", ""},
      {{"30.1", "30.2", "30.3"}, false, "DETECTED", ""},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = Plate(each.cqs);
    v1::MethodRepeat& rule = *input.mutable_method()->mutable_method_repeat();
    rule.set_count(1);
    rule.set_instruction("from a fresh extraction");
    rule.set_same_sample(true);
    rule.set_code_when_again("DETECTED");
    EXPECT_TRUE(CheckParameters(input.method()).empty());
    v1::SampleFacts& facts = *input.add_facts();
    facts.set_sample_id("S1");
    facts.set_method_repeat(each.repeat);
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Reported(sample, "TERT"), each.code);
    EXPECT_EQ(sample.reportables(0).inconclusive(), each.inconclusive);
  }
}

TEST(RtQpcr, TheCodeOfARepeatIsOneOfTheMethod) {
  v1::Method method = TertMethod();
  method.mutable_method_repeat()->set_count(1);
  method.mutable_method_repeat()->set_instruction("afresh");
  method.mutable_method_repeat()->set_same_sample(true);
  method.mutable_method_repeat()->set_code_when_again("POSITIVE");
  EXPECT_EQ(Fields(CheckParameters(method)), Names{"method.method_repeat.code_when_again"});
}

TEST(RtQpcr, ASpikedControlThatComesLateVoidsTheSample) {
  const auto plate = [](const std::string& sample) {
    v1::AssayInput input = Plate({"", "", ""});
    SetParameter(*input.mutable_method(), "spike_target", "SPIKE");
    SetParameter(*input.mutable_method(), "spike_shift_max", "1");
    AddWells(input, v1::POSITION_ROLE_NTC, "", "SPIKE", {"27.0", "27.2"});
    if (!sample.empty()) AddWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "SPIKE", {sample});
    return input;
  };
  EXPECT_TRUE(CheckParameters(plate("").method()).empty());
  EXPECT_EQ(Failed(Compute(plate("28.1")).samples(0).checks()), Names{});
  for (const char* late : {"28.101", "25.9", ""}) {
    const v1::Computation found = Compute(plate(late));
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Failed(found.samples(0).checks()), Names{"spike_shift/SPIKE"}) << late;
    EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_INVALID_SAMPLE);
  }
}

v1::AssayInput RelativePlate(std::initializer_list<std::string> target) {
  v1::AssayInput input = Plate(target, {"18", "18", "18"});
  v1::Method& method = *input.mutable_method();
  method.mutable_outputs(0)->clear_codes();
  method.mutable_outputs(0)->set_input_unit("%");
  SetParameter(method, "mode", "relative");
  SetParameter(method, "loq", "0.1");
  // dCq of the control is 7.
  RemoveRole(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "hTERT");
  RemoveRole(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "GAPDH");
  AddWells(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "", "hTERT", {"24", "24.5", "23.5"});
  AddWells(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "", "GAPDH", {"17", "17", "17"});
  return input;
}

TEST(RtQpcr, RelativeToTheControlByTheReferenceGene) {
  struct Case {
    std::initializer_list<std::string> cqs;
    const char* reported;
  };
  // dCq 10, so 2^-(10 - 7) of the control.
  const Case cases[] = {
      {{"28.2", "27.8", "28"}, "12.5"}, {{"25", "25", "25"}, "100"},
      {{"35", "35.1", "34.9"}, "<0.1"},  // 2^-10 is 0.098 %
      {{"", "", ""}, "<0.1"},           {{"35.2", "", ""}, "<0.1"},
      {{"28", "28", ""}, ""},
  };
  for (const Case& each : cases) {
    const v1::AssayInput input = RelativePlate(each.cqs);
    EXPECT_TRUE(CheckParameters(input.method()).empty());
    const v1::Computation found = Compute(input);
    EXPECT_EQ(Failed(found.checks()), Names{});
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(Reported(sample, "TERT"), each.reported);
    EXPECT_EQ(Detail(sample.details(), "control_delta_cq"), "7.0");
    if (*each.reported != 0) continue;
    EXPECT_EQ(Failed(sample.checks()), Names{"quantifiable/hTERT"});
    EXPECT_EQ(sample.repeat_because(), "2 of 3 wells with Cq <= 38");
  }
}

TEST(RtQpcr, RelativeModeNeedsReferenceControlAndLimit) {
  const v1::Method good = RelativePlate({"", "", ""}).method();
  v1::Method method = good;
  SetParameter(method, "loq", "lowest_standard");
  EXPECT_FALSE(CheckParameters(method).empty());
  method = good;
  SetParameter(method, "required_controls", "NTC");
  EXPECT_FALSE(CheckParameters(method).empty());
  method = good;
  SetParameter(method, "reference_target", "none");
  EXPECT_FALSE(CheckParameters(method).empty());
}

TEST(RtQpcr, RunChecksAreMadePerTarget) {
  const v1::Computation found = Compute(Plate({"", "", ""}));
  EXPECT_EQ(CheckNamed(found.checks(), "ntc", "hTERT").criterion(), "no well with Cq <= 38");
  EXPECT_TRUE(CheckNamed(found.checks(), "ntc", "GAPDH").ok());
  EXPECT_EQ(CheckNamed(found.checks(), "positive_control", "hTERT").criterion(),
            "every well with Cq <= 38 and Cq >= 20 and <= 28");
  EXPECT_TRUE(CheckNamed(found.checks(), "no_rt", "hTERT").ok());
  EXPECT_TRUE(CheckNamed(found.checks(), "extraction_blank", "hTERT").ok());
  EXPECT_TRUE(CheckNamed(found.checks(), "negative_control", "hTERT").ok());
}

TEST(RtQpcr, AFailedControlVoidsEverySample) {
  struct Case {
    v1::PositionRole role;
    const char* target;
    const char* cq;
    const char* check;
  };
  const Case cases[] = {
      {v1::POSITION_ROLE_NTC, "hTERT", "31.200", "ntc/hTERT"},
      {v1::POSITION_ROLE_NTC, "hTERT", "38", "ntc/hTERT"},
      {v1::POSITION_ROLE_NTC, "GAPDH", "36", "ntc/GAPDH"},
      {v1::POSITION_ROLE_NO_RT, "hTERT", "35", "no_rt/hTERT"},
      {v1::POSITION_ROLE_EXTRACTION_BLANK, "hTERT", "35", "extraction_blank/hTERT"},
      {v1::POSITION_ROLE_NEGATIVE_CONTROL, "hTERT", "35", "negative_control/hTERT"},
      {v1::POSITION_ROLE_POSITIVE_CONTROL, "hTERT", "", "positive_control/hTERT"},
      {v1::POSITION_ROLE_POSITIVE_CONTROL, "hTERT", "19.999", "positive_control/hTERT"},
      {v1::POSITION_ROLE_POSITIVE_CONTROL, "hTERT", "28.001", "positive_control/hTERT"},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = Plate({"", "", ""});
    AddWells(input, v1::POSITION_ROLE_SAMPLE, "S2", "hTERT", {"36.1", "", ""});
    AddWells(input, v1::POSITION_ROLE_SAMPLE, "S2", "GAPDH", {"17.7"});
    SetCq(Well(input, each.role, each.target), each.cq);
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN) << each.check;
    EXPECT_EQ(Failed(found.checks()), Names{each.check});
    ASSERT_EQ(found.samples_size(), 2);
    for (const v1::SampleComputation& sample : found.samples()) {
      EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_RUN);
      EXPECT_TRUE(sample.reportables().empty());
    }
    EXPECT_TRUE(found.samples(0).flags().empty());
    ASSERT_EQ(found.samples(1).flags_size(), 1);
    EXPECT_EQ(found.samples(1).flags(0), "UNEXPECTED_POSITIVE");
  }
}

TEST(RtQpcr, ASignalBeyondTheCutOffIsNone) {
  v1::AssayInput input = Plate({"", "", ""});
  SetCq(Well(input, v1::POSITION_ROLE_NTC, "hTERT"), "38.001");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID);
}

TEST(RtQpcr, ASignalIsFlaggedWhenTheSetupFailsToo) {
  v1::AssayInput input = Plate({"36.1", "", ""});
  v1::SetupCheck& check = *input.mutable_method()->add_setup_checks();
  check.set_name("rin");
  check.set_min("7");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_SETUP);
  EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_INVALID_SETUP);
  EXPECT_EQ(found.samples(0).flags_size(), 1);
}

TEST(RtQpcr, AMissingRequiredControlVoidsTheRun) {
  const std::pair<v1::PositionRole, const char*> controls[] = {
      {v1::POSITION_ROLE_NTC, "ntc/hTERT"},
      {v1::POSITION_ROLE_NO_RT, "no_rt/hTERT"},
      {v1::POSITION_ROLE_EXTRACTION_BLANK, "extraction_blank/hTERT"},
      {v1::POSITION_ROLE_POSITIVE_CONTROL, "positive_control/hTERT"},
      {v1::POSITION_ROLE_NEGATIVE_CONTROL, "negative_control/hTERT"}};
  for (const auto& [role, check] : controls) {
    v1::AssayInput input = Plate({"", "", ""});
    RemoveRole(input, role, "hTERT");
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN) << check;
    EXPECT_EQ(Failed(found.checks()), Names{check});
    SetParameter(*input.mutable_method(), "required_controls", "none");
    EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID) << check;
  }
}

TEST(RtQpcr, RequiredControlsCanBeNamed) {
  v1::AssayInput input = Plate({"", "", ""});
  RemoveRole(input, v1::POSITION_ROLE_NO_RT, "hTERT");
  SetParameter(*input.mutable_method(), "required_controls", "NTC, POSITIVE_CONTROL");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID);
  RemoveRole(input, v1::POSITION_ROLE_NTC, "hTERT");
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"ntc/hTERT"});
}

TEST(RtQpcr, SampleChecks) {
  struct Case {
    std::initializer_list<std::string> target;
    std::initializer_list<std::string> reference;
    Names failed;
  };
  const Case cases[] = {
      {{"", ""}, {"17.8"}, {"replicates/hTERT"}},
      {{}, {"17.8"}, {"replicates/hTERT"}},
      {{"", "", ""}, {}, {"reference_cq/GAPDH", "reference_difference/GAPDH"}},
      {{"", "", ""}, {"17.8", ""}, {"reference_cq/GAPDH", "reference_difference/GAPDH"}},
      {{"", "", ""}, {"13.999"}, {"reference_cq/GAPDH", "reference_difference/GAPDH"}},
      {{"", "", ""}, {"19.34"}, {}},
      {{"", "", ""}, {"19.36"}, {"reference_difference/GAPDH"}},
      {{"30.0", "30.5", "31.0"}, {"17.8"}, {}},
      {{"30.0", "30.5", "31.001"}, {"17.8"}, {"replicate_sd/hTERT"}},
      {{"30.0", "34.0", ""}, {"17.8"}, {}},
      {{"", "", ""}, {"17.0", "18.0", "18.5"}, {"replicate_sd/GAPDH"}},
  };
  for (const Case& each : cases) {
    const v1::Computation found = Compute(Plate(each.target, each.reference));
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Failed(sample.checks()), each.failed);
    EXPECT_EQ(sample.outcome(),
              each.failed.empty() ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_SAMPLE);
    EXPECT_EQ(sample.reportables().empty(), !each.failed.empty());
  }
}

// A positive is not repeated away because its wells lie far apart; the reference gene is measured.
TEST(RtQpcr, ASignalInEveryWellIsDetectedHoweverFarApart) {
  struct Case {
    std::initializer_list<std::string> target;
    std::initializer_list<std::string> reference;
    const char* code;
    Names failed;
  };
  const Case cases[] = {
      {{"35.1", "36.4", "37.2"}, {"17.8"}, "DETECTED", {}},
      {{"30", "32", "34"}, {"17.8"}, "DETECTED", {}},
      {{"35.1", "37.2", ""}, {"17.8"}, "INDETERMINATE", {}},
      {{"35.1", "37.2", "38.1"}, {"17.8"}, "INDETERMINATE", {}},
      {{"35.1", "36.4", "37.2"}, {"17.0", "18.0", "18.5"}, "", {"replicate_sd/GAPDH"}},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = Plate(each.target, each.reference);
    SetParameter(*input.mutable_method(), "replicate_sd_of", "quantified");
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Failed(sample.checks()), each.failed);
    EXPECT_EQ(Reported(sample, "TERT"), each.code);
    EXPECT_EQ(sample.flags_size(), each.failed.empty() ? 0 : 1);
  }
}

TEST(RtQpcr, WithoutReferenceOnTheControlThereIsNoDifference) {
  v1::AssayInput input = Plate({"", "", ""});
  RemoveRole(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "GAPDH");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Failed(found.checks()), Names{"positive_control/GAPDH"});
  EXPECT_EQ(Failed(found.samples(0).checks()), Names{"reference_difference/GAPDH"});
}

// A damaged value must not pass for "nothing found".
TEST(RtQpcr, UnreadableWellsVoidTheRun) {
  for (const char* cq : {"n/a", "-3", "0", "1e999"}) {
    v1::AssayInput input = Plate({"", "", ""});
    v1::Datum& well = Well(input, v1::POSITION_ROLE_SAMPLE, "hTERT");
    well.set_undetermined(false);
    well.mutable_value()->set_value(cq);
    EXPECT_EQ(Failed(Compute(input).checks()), Names{"readable_cq/hTERT"}) << cq;
  }
  v1::AssayInput empty = Plate({"", "", ""});
  Well(empty, v1::POSITION_ROLE_SAMPLE, "hTERT").set_undetermined(false);
  EXPECT_EQ(Failed(Compute(empty).checks()), Names{"readable_cq/hTERT"});
}

TEST(RtQpcr, OtherTargetsVoidTheRun) {
  v1::AssayInput input = Plate({"", "", ""});
  AddWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "hTert", {"30"});
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"known_target/hTert"});
}

TEST(RtQpcr, TheOnlyTargetNeedsNoName) {
  v1::AssayInput input = Plate({"", "36", ""});
  input.mutable_method()->mutable_parameters()->DeleteSubrange(0, 1);
  EXPECT_EQ(Reported(Compute(input).samples(0), "TERT"), "INDETERMINATE");
  AddWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "TERC", {"30"});
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_RUN);
}

// Five levels, ten-fold, slope exactly -3.3 and intercept 40; a sample of 1000.
v1::AssayInput Quantitative(std::initializer_list<std::string> sample) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-RNASEP"
      assay: "rt_qpcr"
      outputs { line_code: "RNASEP" input: "RNase P" input_unit: "{copies}" }
      parameters { name: "mode" value: "absolute" }
      parameters { name: "target" value: "RNase P" }
    }
    properties { name: "vendor_curve" value: "other: slope -1, intercept 2, R2 3, efficiency 4" }
    properties {
      name: "vendor_curve"
      value: "RNase P: slope -3.300, intercept 40.000, R2 1.000, efficiency 100.9"
    }
  )pb");
  const std::pair<const char*, std::vector<std::string>> levels[] = {
      {"10", {"36.71", "36.69"}},
      {"100", {"33.41", "33.39"}},
      {"1000", {"30.11", "30.09"}},
      {"10000", {"26.81", "26.79"}},
      {"100000", {"23.51", "23.49"}}};
  for (const auto& [quantity, cqs] : levels) {
    const int first = input.data_size();
    AddWells(input, v1::POSITION_ROLE_STANDARD, "", "RNase P", cqs);
    for (int i = first; i < input.data_size(); ++i) input.mutable_data(i)->set_quantity(quantity);
  }
  AddWells(input, v1::POSITION_ROLE_NTC, "", "RNase P", {"", ""});
  AddWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "RNase P", sample);
  return input;
}

TEST(RtQpcr, ReadsAQuantityFromTheCurve) {
  v1::AssayInput input = Quantitative({"30.1", "30.05", "30.15"});
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() == v1::POSITION_ROLE_SAMPLE) well.set_vendor_quantity("1001.5");
  }
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Failed(found.checks()), Names{});
  EXPECT_NEAR(Number(Detail(found.details(), "slope")), -3.3, 1e-9);
  EXPECT_NEAR(Number(Detail(found.details(), "intercept")), 40, 1e-9);
  EXPECT_NEAR(Number(Detail(found.details(), "efficiency_percent")), 100.923300, 1e-4);
  EXPECT_EQ(Detail(found.details(), "vendor_slope"), "-3.300");
  EXPECT_EQ(Detail(found.details(), "vendor_efficiency_percent"), "100.9");
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(Failed(sample.checks()), Names{});
  EXPECT_NEAR(Number(Reported(sample, "RNASEP")), 1000, 1e-6);
  EXPECT_EQ(sample.reportables(0).unit(), "{copies}");
  EXPECT_TRUE(sample.reportables(0).individuals().empty());  // a Cq is no quantity
  EXPECT_EQ(Detail(sample.details(), "cq"), "30.1 (W13), 30.05 (W14), 30.15 (W15)");
  EXPECT_GT(Number(Detail(sample.details(), "quantity_upper")), 1000);
  EXPECT_LT(Number(Detail(sample.details(), "quantity_lower")), 1000);
  // The mean of three quantities exceeds the quantity of the mean Cq.
  EXPECT_GT(Number(Detail(sample.details(), "quantity_mean")), 1000.1);
  EXPECT_EQ(Detail(sample.details(), "vendor_quantity_mean"), "1001.5");
}

TEST(RtQpcr, DilutionMultipliesTheQuantity) {
  v1::AssayInput input = Quantitative({"30.1", "30.1", "30.1"});
  const int last = input.data_size() - 1;
  for (int i = last - 2; i <= last; ++i) input.mutable_data(i)->set_dilution("10");
  EXPECT_NEAR(Number(Reported(Compute(input).samples(0), "RNASEP")), 10000, 1e-5);
  input.mutable_data(last)->set_dilution("5");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"dilution/RNase P"});
}

TEST(RtQpcr, BelowTheLimitOfQuantificationIsNoNumber) {
  struct Case {
    std::initializer_list<std::string> cqs;
    const char* loq;
    const char* reported;
    Names failed;
  };
  const Case cases[] = {
      {{"37.5", "37.5", "37.5"}, "lowest_standard", "<10", {}},
      {{"33.5", "33.5", "33.5"}, "100", "<100", {}},
      {{"", "", ""}, "100", "<100", {}},
      {{"37", "37.9", ""}, "100", "<100", {}},
      {{"30", "30", ""}, "100", "", {"quantifiable/RNase P"}},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = Quantitative(each.cqs);
    SetParameter(*input.mutable_method(), "loq", each.loq);
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Failed(sample.checks()), each.failed);
    EXPECT_EQ(Reported(sample, "RNASEP"), each.reported);
  }
}

TEST(RtQpcr, CurvesThatProveNothingVoidTheRun) {
  v1::AssayInput flat = Quantitative({"30.1", "30.1", "30.1"});
  for (v1::Datum& well : *flat.mutable_data()) {
    if (well.role() == v1::POSITION_ROLE_STANDARD) well.mutable_value()->set_value("30");
  }
  EXPECT_EQ(Failed(Compute(flat).checks()), Names{"curve_fit/RNase P"});

  v1::AssayInput none = Quantitative({"30.1", "30.1", "30.1"});
  RemoveRole(none, v1::POSITION_ROLE_STANDARD, "RNase P");
  EXPECT_EQ(Failed(Compute(none).checks()), (Names{"standards/RNase P", "curve_fit/RNase P"}));

  v1::AssayInput gap = Quantitative({"30.1", "30.1", "30.1"});
  SetCq(*gap.mutable_data(0), "");
  EXPECT_EQ(Failed(Compute(gap).checks()), Names{"standards/RNase P"});
  EXPECT_EQ(Compute(gap).outcome(), v1::OUTCOME_INVALID_RUN);

  v1::AssayInput unknown = Quantitative({"30.1", "30.1", "30.1"});
  unknown.mutable_data(0)->clear_quantity();
  EXPECT_EQ(Failed(Compute(unknown).checks()), Names{"standards/RNase P"});

  v1::AssayInput scattered = Quantitative({"30.1", "30.1", "30.1"});
  SetCq(*scattered.mutable_data(0), "30");
  EXPECT_EQ(Failed(Compute(scattered).checks()),
            (Names{"curve_slope/RNase P", "curve_r_squared/RNase P"}));

  v1::AssayInput strict = Quantitative({"30.1", "30.1", "30.1"});
  SetParameter(*strict.mutable_method(), "efficiency_max", "100");
  EXPECT_EQ(Failed(Compute(strict).checks()), Names{"curve_efficiency/RNase P"});
}

TEST(RtQpcr, SameInputGivesTheSameBytesAndOrderDoesNotMatter) {
  const v1::AssayInput input = Quantitative({"30.1", "30.05", "30.15"});
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Compute(input).SerializeAsString(), found.SerializeAsString());
  v1::AssayInput shuffled = input;
  auto& data = *shuffled.mutable_data();
  for (int turn = 1; turn < data.size(); ++turn) {
    std::rotate(data.begin(), data.begin() + 3, data.end());
    std::swap(data[0], data[turn]);
    const v1::Computation other = Compute(shuffled);
    for (int i = 0; i < found.details_size(); ++i) {
      EXPECT_EQ(other.details(i).value(), found.details(i).value()) << found.details(i).name();
    }
    EXPECT_EQ(Reported(other.samples(0), "RNASEP"), Reported(found.samples(0), "RNASEP"));
  }
}

TEST(RtQpcr, UnusableParametersAreAnOutcome) {
  v1::AssayInput input = Plate({"", "", ""});
  SetParameter(*input.mutable_method(), "cq_cutoff", "38,5");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(found.checks()), Names{"parameters"});
  EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_INVALID_RUN);
}

TEST(RtQpcr, MethodsAreChecked) {
  const std::vector<WrongMethod> changes = {
      {[](auto& m) { SetParameter(m, "mode", "comparative"); }, "method.parameters[8].value"},
      {[](auto& m) { SetParameter(m, "speed", "1"); }, "method.parameters[8].name"},
      {[](auto& m) { SetParameter(m, "cq_cutoff", "38,5"); }, "method.parameters[2].value"},
      {[](auto& m) { SetParameter(m, "target", ""); }, "method.parameters[0].value"},
      {[](auto& m) { SetParameter(m, "reference_target", "hTERT"); }, "method.parameters[1].value"},
      {[](auto& m) { SetParameter(m, "positive_control_cq_max", "19"); },
       "method.parameters[4].value"},
      {[](auto& m) { SetParameter(m, "replicates", "0"); }, "method.parameters[8].value"},
      {[](auto& m) { SetParameter(m, "replicates", "2.5"); }, "method.parameters[8].value"},
      {[](auto& m) { SetParameter(m, "replicate_sd_of", "some"); }, "method.parameters[8].value"},
      {[](auto& m) { SetParameter(m, "required_controls", "NTC,WATER"); },
       "method.parameters[8].value"},
      {[](auto& m) { SetParameter(m, "slope_min", "-4"); }, "method.parameters[8].name"},
      {[](auto& m) { *m.add_parameters() = m.parameters(0); }, "method.parameters[8].name"},
      {[](auto& m) { m.mutable_outputs(0)->set_factor("2"); }, "method.outputs[0].factor"},
      {[](auto& m) { m.mutable_outputs(0)->set_codes(0, "NEGATIVE"); }, "method.outputs[0].codes"},
      {[](auto& m) { m.clear_outputs(); }, "method.outputs"},
      {[](auto& m) { m.add_formats("plate_csv"); }, "method.formats[1]"},
  };
  ExpectChecked(TertMethod(), changes);
  EXPECT_TRUE(CheckParameters(Quantitative({}).method()).empty());
  v1::Method coded = Quantitative({}).method();
  coded.mutable_outputs(0)->add_codes("DETECTED");
  EXPECT_EQ(Fields(CheckParameters(coded)), Names{"method.outputs[0].codes"});
}

// Far enough diluted nothing is detected, and the release would rest on it.
TEST(RtQpcr, ADilutedWellIsNoEvidenceUnlessAQuantityCountsIt) {
  v1::AssayInput input = Plate({"", "", ""});
  Well(input, v1::POSITION_ROLE_SAMPLE, "hTERT").set_dilution("1000");
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"dilution/hTERT"});
  Well(input, v1::POSITION_ROLE_SAMPLE, "hTERT").set_dilution("1");
  EXPECT_EQ(Reported(Compute(input).samples(0), "TERT"), "NOT_DETECTED");
}

TEST(RtQpcr, ASignalIsFlaggedWhenItsOwnSampleIsInvalid) {
  const v1::SampleComputation sample = Compute(Plate({"30", "32", "34"})).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  ASSERT_EQ(sample.flags_size(), 1);
  EXPECT_EQ(sample.flags(0), "UNEXPECTED_POSITIVE");
}

Positions Map(const v1::AssayInput& input) {
  Positions map;
  for (const v1::Datum& well : input.data()) {
    v1::RunPosition& position = *map.Add();
    position.set_position(well.position());
    position.set_role(well.role());
    position.set_sample_id(well.sample_id());
    position.set_target(well.target());
  }
  return map;
}

TEST(RtQpcrMap, NamesMissingControlsAndUnknownTargets) {
  const v1::AssayInput input = Plate({"", "", ""});
  EXPECT_EQ(Sentences(CheckMap(input.method(), Map(input))), Names{});

  Positions map = Map(input);
  for (v1::RunPosition& position : map) {
    if (position.role() == v1::POSITION_ROLE_NTC && position.target() == "hTERT") {
      position.set_omit_reason("bubble");
    }
  }
  map.Mutable(0)->set_target("hTRT");
  map.Mutable(1)->set_role(v1::POSITION_ROLE_PROCESS_CONTROL);
  map.Mutable(2)->set_dilution("10");
  EXPECT_EQ(Sentences(CheckMap(input.method(), map)),
            (Names{"positions[1].role: PROCESS_CONTROL at W2 is no role of an RT-qPCR",
                   "positions[2].dilution: 10 at W3: the method knows undiluted wells only",
                   "positions[0].target: \"hTRT\" at W1 is none of the targets of M-TERT: hTERT, "
                   "GAPDH",
                   "positions: there is no NTC of hTERT"}));
}

TEST(RtQpcrMap, EverySampleHasTheTargetAndTheReferenceGene) {
  v1::AssayInput input = Plate({"", "", ""}, {});
  AddWells(input, v1::POSITION_ROLE_SAMPLE, "S2", "GAPDH", {"17.7"});
  EXPECT_EQ(Sentences(CheckMap(input.method(), Map(input))),
            (Names{"positions: sample S1 has no well of GAPDH",
                   "positions: sample S2 has no well of hTERT"}));
  RemoveRole(input, v1::POSITION_ROLE_POSITIVE_CONTROL, "GAPDH");
  EXPECT_EQ(CheckMap(input.method(), Map(input)).size(), 3u);
}

// Positions may be names and leave targets to the file; an only target is what the map says first.
TEST(RtQpcrMap, LeavesTargetsToTheFileAndNeedsStandardsForQuantities) {
  v1::Method method = TertMethod();
  SetParameter(method, "mode", "absolute");
  SetParameter(method, "target", "only");
  SetParameter(method, "reference_target", "none");
  Positions map;
  for (const v1::PositionRole role : {v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_NTC}) {
    v1::RunPosition& position = *map.Add();
    position.set_position("P" + std::to_string(map.size()));
    position.set_role(role);
    if (role == v1::POSITION_ROLE_SAMPLE) position.set_sample_id("S1");
  }
  EXPECT_EQ(Sentences(CheckMap(method, map)), Names{"positions: there is no STANDARD"});
  map.Add()->set_role(v1::POSITION_ROLE_STANDARD);
  EXPECT_EQ(Sentences(CheckMap(method, map)), Names{});
  map.Mutable(0)->set_target("RNase P");
  map.Mutable(0)->set_dilution("10");
  map.Mutable(1)->set_target("IPC");
  EXPECT_EQ(Fields(CheckMap(method, map)), (Names{"positions[1].target", "positions"}));
}

}  // namespace
}  // namespace lims::assay
