#include "assay/exclusions.h"

#include <gtest/gtest.h>

#include <string>

#include "assay_input.h"
#include "lims/v1/run_service.pb.h"

namespace lims::assay {
namespace {

const char kMethod[] = R"pb(
  method_id: "M-POT-LYM"
  assay: "potency"
  outputs { line_code: "POT-LYM" input: "inhibition" input_unit: "%" }
  parameters { name: "mode" value: "INHIBITION" }
  exclusion_rules { rule: "EX-1" meaning: "a bubble" }
  exclusions_max: 1
  judge_with_excluded: true
)pb";

// P 1000, N 100; the sample's last well, D4, lies off.
v1::AssayInput Plate(const std::string& off = "820") {
  v1::AssayInput input;
  *input.mutable_method() = FromText<v1::Method>(kMethod);
  const auto add = [&](const std::string& row, v1::PositionRole role, const std::string& sample,
                       std::initializer_list<std::string> responses) {
    int column = 0;
    for (const std::string& response : responses) {
      v1::Datum& well = *input.add_data();
      well.set_plate("P1");
      well.set_position(row + std::to_string(++column));
      well.set_role(role);
      well.set_sample_id(sample);
      well.mutable_value()->set_value(response);
    }
  };
  add("A", v1::POSITION_ROLE_STIMULATED, "", {"1000", "990", "1010"});
  add("B", v1::POSITION_ROLE_UNSTIMULATED, "", {"100", "99", "101"});
  add("D", v1::POSITION_ROLE_SAMPLE, "S1", {"640", "630", "650", off});
  return input;
}

std::vector<Violation> Apply(v1::AssayInput& input, const std::string& exclusions) {
  const auto request = FromText<v1::SubmitRunRequest>(exclusions);
  return ApplyExclusions(input.method(), request.exclusions(), input.mutable_data());
}

TEST(Exclusions, TheValueIsShownWithAndWithoutThePoint) {
  v1::AssayInput input = Plate();
  EXPECT_EQ(Reported(Compute(input).samples(0), "POT-LYM"), "35");
  ASSERT_TRUE(
      Apply(input, "exclusions { position: 'P1:D4' rule: 'EX-1' reason: 'a bubble' }").empty());
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Detail(found.details(), "excluded"), "P1:D4 820 (EX-1)");
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(Reported(sample, "POT-LYM"), "40");
  EXPECT_EQ(sample.reportables(0).value_with_excluded(), "35");
  EXPECT_EQ(sample.reportables(0).inconclusive(), "");
  EXPECT_EQ(Detail(sample.details(), "value_with_excluded"), "35");
}

// The reference cell inhibits by 50 %.
TEST(Exclusions, EveryLineIsShownWithAndWithoutThePoint) {
  v1::AssayInput input = Plate();
  v1::MethodOutput& output = *input.mutable_method()->add_outputs();
  output.set_line_code("POT-REF");
  output.set_input("percent_of_reference");
  for (int i = 0; i < 3; ++i) {
    v1::Datum& well = *input.add_data();
    well.set_position("E" + std::to_string(i + 1));
    well.set_role(v1::POSITION_ROLE_REFERENCE);
    well.mutable_value()->set_value("550");
  }
  ASSERT_TRUE(
      Apply(input, "exclusions { position: 'P1:D4' rule: 'EX-1' reason: 'a bubble' }").empty());
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Reported(sample, "POT-LYM"), "40");
  EXPECT_EQ(sample.reportables(0).value_with_excluded(), "35");
  EXPECT_EQ(Reported(sample, "POT-REF"), "80");
  EXPECT_EQ(sample.reportables(1).value_with_excluded(), "70");
  EXPECT_EQ(Detail(sample.details(), "value_with_excluded_POT-LYM"), "35");
  EXPECT_EQ(Detail(sample.details(), "value_with_excluded_POT-REF"), "70");
}

TEST(Exclusions, ASampleThatCountsOnlyWithoutThePointIsInconclusive) {
  v1::AssayInput input = Plate("2000");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"well_cv"});
  ASSERT_TRUE(
      Apply(input, "exclusions { position: 'D4' rule: 'EX-1' reason: 'a bubble' }").empty());
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Reported(found.samples(0), "POT-LYM"), "40");
  EXPECT_NE(found.samples(0).reportables(0).inconclusive(), "");
  EXPECT_NE(Detail(found.samples(0).details(), "run_inconclusive"), "");
}

// A value that fails is not got rid of by leaving out so many points that nothing counts.
TEST(Exclusions, AValueThatCountsOnlyWithThePointIsInconclusive) {
  for (const std::string well : {"D4", "A1", "B3"}) {
    v1::AssayInput input = Plate();
    SetParameter(*input.mutable_method(), "wells_min", well == "D4" ? "4" : "3");
    if (well == "D4") {
      for (const auto& [row, role] : {std::pair("A4", v1::POSITION_ROLE_STIMULATED),
                                      std::pair("B4", v1::POSITION_ROLE_UNSTIMULATED)}) {
        v1::Datum& more = *input.add_data();
        more.set_position(row);
        more.set_role(role);
        more.mutable_value()->set_value(role == v1::POSITION_ROLE_STIMULATED ? "1000" : "100");
      }
    }
    const v1::Computation all = Compute(input);
    ASSERT_EQ(Reported(all.samples(0), "POT-LYM"), "35") << well;
    ASSERT_TRUE(
        Apply(input, "exclusions { position: '" + well + "' rule: 'EX-1' reason: 'a bubble' }")
            .empty());
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << well;
    ASSERT_EQ(found.samples_size(), 1);
    EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_VALID) << well;
    EXPECT_EQ(Reported(found.samples(0), "POT-LYM"), "35") << well;
    ASSERT_EQ(found.samples(0).reportables_size(), 1);
    EXPECT_NE(found.samples(0).reportables(0).inconclusive().find("hangs on keeping them"),
              std::string::npos)
        << well;
  }
}

TEST(Exclusions, ASampleWhosePointsAreAllLeftOutIsKept) {
  v1::AssayInput input = Plate();
  input.mutable_method()->set_exclusions_max(4);
  std::string exclusions;
  for (const char* well : {"D1", "D2", "D3", "D4"}) {
    exclusions +=
        std::string("exclusions { position: '") + well + "' rule: 'EX-1' reason: 'a bubble' } ";
  }
  ASSERT_TRUE(Apply(input, exclusions).empty());
  const v1::Computation found = Compute(input);
  ASSERT_EQ(found.samples_size(), 1);
  EXPECT_EQ(Reported(found.samples(0), "POT-LYM"), "35");
  EXPECT_NE(found.samples(0).reportables(0).inconclusive(), "");
}

TEST(Exclusions, OnlyARuleOfTheMethodLeavesAPointOut) {
  struct Case {
    const char* exclusions;
    const char* field;
    const char* said;
  };
  const Case cases[] = {
      {"exclusions { position: 'D4' rule: 'EX-2' reason: 'r' }", "exclusions[0].rule",
       "it has EX-1"},
      {"exclusions { position: 'D4' rule: 'EX-1' }", "exclusions[0].reason", "what happened"},
      {"exclusions { position: 'H12' rule: 'EX-1' reason: 'r' }", "exclusions[0].position",
       "no well of the data"},
      {"exclusions { position: '' rule: 'EX-1' reason: 'r' }", "exclusions[0].position", ""},
      {"exclusions { position: 'D3' rule: 'EX-1' reason: 'r' } "
       "exclusions { position: 'D4' rule: 'EX-1' reason: 'r' }",
       "exclusions[1].position", "M-POT-LYM allows 1"},
      {"exclusions { position: 'D4' rule: 'EX-1' reason: 'r' } "
       "exclusions { position: 'P1:D4' rule: 'EX-1' reason: 'r' }",
       "exclusions[1].position", "twice"},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = Plate();
    const auto violations = Apply(input, each.exclusions);
    ASSERT_EQ(Fields(violations), Names{each.field}) << each.exclusions;
    EXPECT_NE(violations[0].description.find(each.said), std::string::npos)
        << violations[0].description;
  }
  v1::AssayInput input = Plate();
  input.mutable_method()->clear_exclusion_rules();
  input.mutable_method()->set_exclusions_max(0);
  const auto violations = Apply(input, "exclusions { position: 'D4' rule: 'EX-1' reason: 'r' }");
  ASSERT_FALSE(violations.empty());
  EXPECT_NE(violations[0].description.find("has no rule"), std::string::npos);
}

TEST(Exclusions, AWellOfTwoPlatesIsNamedWithItsPlate) {
  v1::AssayInput input = Plate();
  v1::Datum other = input.data(input.data_size() - 1);
  other.set_plate("P2");
  *input.add_data() = other;
  EXPECT_EQ(Fields(Apply(input, "exclusions { position: 'D4' rule: 'EX-1' reason: 'r' }")),
            Names{"exclusions[0].position"});
  EXPECT_TRUE(Apply(input, "exclusions { position: 'P2:D4' rule: 'EX-1' reason: 'r' }").empty());
}

}  // namespace
}  // namespace lims::assay
