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
      {[](auto& m) { m.mutable_outputs(0)->clear_line_code(); }, "method.outputs[0].line_code"},
      {[](auto& m) { m.mutable_outputs(0)->clear_input(); }, "method.outputs[0].input"},
      {[](auto& m) { m.mutable_outputs(0)->clear_codes(); }, "method.outputs[0].codes"},
      {[](auto& m) { m.mutable_outputs(0)->set_combination(v1::COMBINATION_MEAN); },
       "method.outputs[0].combination"},
      {[](auto& m) { m.mutable_outputs(0)->set_factor("2"); }, "method.outputs[0].factor"},
      {[](auto& m) { m.mutable_outputs(0)->set_input_unit("%"); }, "method.outputs[0].input_unit"},
  };
  ExpectChecked(VirusPcr({}).method(), changes);
}

}  // namespace
}  // namespace lims::assay
