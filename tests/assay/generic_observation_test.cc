#include <gtest/gtest.h>

#include "assay_input.h"

namespace lims::assay {
namespace {

v1::AssayInput VirusPcr(std::initializer_list<std::string> codes) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-HV-PCR"
      assay: "generic_observation"
      outputs {
        line_code: "HV-HBV"
        input: "HV-HBV"
        replicates_min: 2
        combination: COMBINATION_WORST
        codes: [ "NEGATIVE", "INDETERMINATE", "POSITIVE" ]
      }
    }
  )pb");
  AddValues(input, "S1", "HV-HBV", codes);
  return input;
}

TEST(GenericObservation, ReportsTheWorstCode) {
  struct Case {
    std::initializer_list<std::string> codes;
    const char* worst;
  };
  const Case cases[] = {
      {{"NEGATIVE", "NEGATIVE"}, "NEGATIVE"},
      {{"NEGATIVE", "INDETERMINATE"}, "INDETERMINATE"},
      {{"POSITIVE", "NEGATIVE", "INDETERMINATE"}, "POSITIVE"},
  };
  for (const Case& each : cases) {
    const v1::SampleComputation sample = Compute(VirusPcr(each.codes)).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Reported(sample, "HV-HBV"), each.worst);
    EXPECT_EQ(static_cast<std::size_t>(sample.reportables(0).individuals_size()),
              each.codes.size());
  }
}

TEST(GenericObservation, TooFewReplicatesAreInvalid) {
  const v1::SampleComputation sample = Compute(VirusPcr({"NEGATIVE"})).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"replicates/HV-HBV"});
  EXPECT_TRUE(sample.reportables().empty());
}

TEST(GenericObservation, UnknownCodesAreInvalid) {
  for (const char* code : {"negative", ""}) {
    const v1::SampleComputation sample = Compute(VirusPcr({"NEGATIVE", code})).samples(0);
    EXPECT_EQ(Failed(sample.checks()), Names{"codes/HV-HBV"});
    EXPECT_TRUE(sample.reportables().empty());
  }
}

// A tube that is read on two days is one tube.
TEST(GenericObservation, ReadingsOfOnePositionAreOneReplicate) {
  v1::AssayInput input = VirusPcr({"NEGATIVE", "NEGATIVE", "POSITIVE"});
  input.mutable_data(0)->set_position("T1");
  input.mutable_data(1)->set_position("T1");
  input.mutable_data(2)->set_position("T1");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"replicates/HV-HBV"});
  input.mutable_data(2)->set_position("T2");
  EXPECT_EQ(Reported(Compute(input).samples(0), "HV-HBV"), "POSITIVE");
}

// Culture of a sample on indicator cells, with adsorption at its end.
v1::AssayInput Culture(std::initializer_list<std::string> cpe,
                       std::initializer_list<std::string> adsorption) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-AVA"
      assay: "generic_observation"
      outputs {
        line_code: "AVA-V"
        input: "AVA-V"
        replicates_min: 2
        combination: COMBINATION_WORST
        codes: [ "NO_CPE", "TOXIC", "CPE" ]
        positive_codes: "CPE"
        invalid_codes: "TOXIC"
      }
      outputs {
        line_code: "HAD"
        input: "HAD"
        replicates_min: 1
        combination: COMBINATION_WORST
        codes: [ "NO_ADSORPTION", "ADSORPTION" ]
        positive_codes: "ADSORPTION"
      }
      setup_checks { name: "cells_qualified" accepted: "yes" }
      setup_checks {
        name: "observation_days"
        min: "14"
        unit: "d"
        failure: CHECK_FAILURE_INVALID_RUN
        waived_when_positive: true
      }
      setup_checks { name: "control_healthy" accepted: "yes" failure: CHECK_FAILURE_INVALID_RUN }
    }
    setup { name: "cells_qualified" value: "yes" }
    setup { name: "observation_days" value: "14" unit: "d" }
    setup { name: "control_healthy" value: "yes" }
  )pb");
  AddValues(input, "S1", "AVA-V", cpe);
  AddValues(input, "S1", "HAD", adsorption);
  return input;
}

TEST(GenericObservation, APositiveStandsHoweverShortTheObservation) {
  v1::AssayInput input = Culture({"NO_CPE", "CPE"}, {});
  input.mutable_setup(1)->set_value("4");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(found.checks()), Names{"observation_days"});
  EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(found.samples(0), "AVA-V"), "CPE");
  EXPECT_EQ(Reported(found.samples(0), "HAD"), "");
}

TEST(GenericObservation, ANegativeThatWasCutShortIsAnInvalidRun) {
  v1::AssayInput input = Culture({"NO_CPE", "NO_CPE"}, {"NO_ADSORPTION"});
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID);
  input.mutable_setup(1)->set_value("13");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_TRUE(Compute(input).samples(0).reportables().empty());
  EXPECT_TRUE(Compute(input).samples(0).flags().empty());
}

// Nothing negative is reported beside a positive of a test that was cut short.
TEST(GenericObservation, OnlyThePositiveLineIsReportedOfATestThatWasCutShort) {
  v1::AssayInput input = Culture({"CPE", "CPE"}, {"NO_ADSORPTION"});
  EXPECT_EQ(Compute(input).samples(0).reportables_size(), 2);
  input.mutable_setup(1)->set_value("4");
  ASSERT_EQ(Compute(input).samples(0).reportables_size(), 1);
  EXPECT_EQ(Compute(input).samples(0).reportables(0).line_code(), "AVA-V");
}

TEST(GenericObservation, APositiveInATestThatDoesNotCountIsFlagged) {
  struct Case {
    int setup;
    v1::Outcome outcome;
  };
  for (const Case& each : {Case{0, v1::OUTCOME_INVALID_SETUP}, Case{2, v1::OUTCOME_INVALID_RUN}}) {
    v1::AssayInput input = Culture({"NO_CPE", "CPE"}, {"NO_ADSORPTION"});
    input.mutable_setup(each.setup)->set_value("no");
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(sample.outcome(), each.outcome);
    EXPECT_TRUE(sample.reportables().empty());
    EXPECT_EQ(Names(sample.flags().begin(), sample.flags().end()), Names{"UNEXPECTED_POSITIVE"});
  }
}

TEST(GenericObservation, AToxicSampleIsInvalidUnlessAPositiveWasSeen) {
  const v1::SampleComputation toxic =
      Compute(Culture({"NO_CPE", "TOXIC"}, {"NO_ADSORPTION"})).samples(0);
  EXPECT_EQ(toxic.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(toxic.checks()), Names{"sample_fit/AVA-V"});
  const v1::SampleComputation both =
      Compute(Culture({"CPE", "TOXIC"}, {"NO_ADSORPTION"})).samples(0);
  EXPECT_EQ(both.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(both, "AVA-V"), "CPE");
}

TEST(GenericObservation, TargetMayBeLeftOutWithOneOutput) {
  v1::AssayInput input = VirusPcr({"NEGATIVE", "POSITIVE"});
  for (v1::Datum& datum : *input.mutable_data()) datum.clear_target();
  EXPECT_EQ(Reported(Compute(input).samples(0), "HV-HBV"), "POSITIVE");
}

TEST(GenericObservation, SameInputGivesTheSameBytes) {
  const v1::AssayInput input = VirusPcr({"NEGATIVE", "POSITIVE"});
  EXPECT_EQ(Compute(input).SerializeAsString(), Compute(input).SerializeAsString());
}

TEST(GenericObservation, MethodsAreChecked) {
  const std::vector<WrongMethod> changes = {
      {[](auto& m) { SetParameter(m, "speed", "1"); }, "method.parameters[0].name"},
      {[](auto& m) { m.clear_outputs(); }, "method.outputs"},
      {[](auto& m) { m.mutable_outputs(0)->clear_codes(); }, "method.outputs[0].codes"},
      {[](auto& m) { m.mutable_outputs(0)->set_combination(v1::COMBINATION_MEAN); },
       "method.outputs[0].combination"},
      {[](auto& m) { m.mutable_outputs(0)->set_needs_fact("x"); }, "method.outputs[0].needs_fact"},
      {[](auto& m) { m.mutable_outputs(0)->set_input_unit("%"); }, "method.outputs[0].input_unit"},
  };
  ExpectChecked(VirusPcr({}).method(), changes);
}

}  // namespace
}  // namespace lims::assay
