#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "assay/map_check.h"
#include "assay/math/four_parameter.h"
#include "assay_input.h"
#include "base/decimal.h"

namespace lims::assay {
namespace {

void AddPotencyWells(v1::AssayInput& input, v1::PositionRole role, const std::string& sample,
                     const std::string& dose, std::initializer_list<std::string> responses) {
  for (const std::string& response : responses) {
    v1::Datum& well = *input.add_data();
    well.set_role(role);
    well.set_sample_id(sample);
    well.set_name(sample);
    well.set_dose(dose);
    well.mutable_value()->set_value(response);
  }
}

// P 1000, N 100, so SI 10; a sample M 640 with inhibition 40 %.
v1::AssayInput Coculture(std::initializer_list<std::string> sample = {"640", "630", "650"},
                         const std::string& dose = "") {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-POT-LYM"
      assay: "potency"
      outputs { line_code: "POT-LYM" input: "inhibition" input_unit: "%" }
      parameters { name: "mode" value: "INHIBITION" }
    }
  )pb");
  AddPotencyWells(input, v1::POSITION_ROLE_STIMULATED, "", "", {"1000", "990", "1010"});
  AddPotencyWells(input, v1::POSITION_ROLE_UNSTIMULATED, "", "", {"100", "99", "101"});
  AddPotencyWells(input, v1::POSITION_ROLE_SAMPLE, "S1", dose, sample);
  return input;
}

void ReplaceRole(v1::AssayInput& input, v1::PositionRole role,
                 std::initializer_list<std::string> responses) {
  auto& data = *input.mutable_data();
  data.erase(std::remove_if(data.begin(), data.end(),
                            [&](const v1::Datum& well) { return well.role() == role; }),
             data.end());
  AddPotencyWells(input, role, "", "", responses);
}

TEST(PotencyInhibition, ComputesInhibitionAndStimulation) {
  const v1::Computation found = Compute(Coculture());
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(found.checks()), Names{});
  EXPECT_EQ(Detail(found.details(), "stimulation_index"), "10");
  EXPECT_EQ(Detail(found.details(), "stimulated_mean"), "1000");
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "POT-LYM"), "40");
  EXPECT_EQ(sample.reportables(0).unit(), "%");
  EXPECT_TRUE(sample.reportables(0).individuals().empty());  // a response is no percentage
  EXPECT_EQ(Detail(sample.details(), "responses"), "640, 630, 650");
}

// 100 (0.6 - 0.483) / 0.6 is 19.5 and rounds to 20; means of thirds must not lose the tie.
TEST(PotencyInhibition, TieOfRoundingSurvives) {
  v1::AssayInput input = Coculture({"0.482", "0.483", "0.484"});
  ReplaceRole(input, v1::POSITION_ROLE_STIMULATED, {"0.6", "0.59", "0.61"});
  ReplaceRole(input, v1::POSITION_ROLE_UNSTIMULATED, {"0", "0", "0"});
  EXPECT_EQ(Reported(Compute(input).samples(0), "POT-LYM"), "19.5");
}

TEST(PotencyInhibition, BlankIsTakenOffForTheStimulationIndexOnly) {
  v1::AssayInput input = Coculture();
  AddPotencyWells(input, v1::POSITION_ROLE_BLANK, "", "", {"50", "50"});
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Detail(found.details(), "stimulation_index"), "19");
  EXPECT_EQ(Reported(found.samples(0), "POT-LYM"), "40");
}

TEST(PotencyInhibition, MoreThanTheControlIsNegative) {
  EXPECT_EQ(Reported(Compute(Coculture({"1180", "1180", "1180"})).samples(0), "POT-LYM"), "-20");
}

TEST(PotencyInhibition, RunChecks) {
  struct Case {
    void (*change)(v1::AssayInput& input);
    Names failed;
  };
  const Case cases[] = {
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"300", "300", "300"});
       },
       {}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"299.9", "300", "300"});
       },
       {"stimulation_index"}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"90", "90", "90"});
       },
       {"stimulation_index"}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"0", "0", "0"});
         ReplaceRole(in, v1::POSITION_ROLE_UNSTIMULATED, {"0", "0", "0"});
       },
       {"stimulation_index"}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"1000", "1000"});
       },
       {"wells/STIMULATED"}},
      {[](auto& in) { ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {}); },
       {"wells/STIMULATED", "stimulation_index"}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_UNSTIMULATED, {"80", "100", "120"});
       },
       {}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_UNSTIMULATED, {"80", "100", "121"});
       },
       {"well_cv/UNSTIMULATED"}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "unstimulated_max", "100"); }, {}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "unstimulated_max", "99.9"); },
       {"unstimulated_mean"}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "msc_alone_max", "50"); },
       {"msc_alone_mean"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "msc_alone_max", "50");
         AddPotencyWells(in, v1::POSITION_ROLE_MSC_ALONE, "", "", {"49", "51"});
       },
       {}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "msc_alone_max", "50");
         AddPotencyWells(in, v1::POSITION_ROLE_MSC_ALONE, "", "", {"50", "51"});
       },
       {"msc_alone_mean"}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "reference_inhibition_min", "30"); },
       {"reference_inhibition"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "reference_inhibition_min", "30");
         SetParameter(*in.mutable_method(), "reference_inhibition_max", "50");
         AddPotencyWells(in, v1::POSITION_ROLE_REFERENCE, "", "", {"550", "550", "550"});
       },
       {}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "reference_inhibition_max", "49.9");
         AddPotencyWells(in, v1::POSITION_ROLE_REFERENCE, "", "", {"550", "550", "550"});
       },
       {"reference_inhibition"}},
      {[](auto& in) {
         AddPotencyWells(in, v1::POSITION_ROLE_REFERENCE, "", "", {"400", "600", "500", "900"});
       },
       {"well_cv/REFERENCE"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "background_sd_max", "5");
         AddPotencyWells(in, v1::POSITION_ROLE_BLANK, "", "", {"0", "50", "100"});
         AddPotencyWells(in, v1::POSITION_ROLE_MSC_ALONE, "", "", {"0", "50", "100"});
       },
       {}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "background_sd_max", "4.9");
         AddPotencyWells(in, v1::POSITION_ROLE_BLANK, "", "", {"0", "50", "100"});
       },
       {"background_sd/BLANK"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "background_sd_max", "5");
         AddPotencyWells(in, v1::POSITION_ROLE_MSC_ALONE, "", "", {"0", "50", "101"});
       },
       {"background_sd/MSC_ALONE"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "background_sd_max", "5");
         AddPotencyWells(in, v1::POSITION_ROLE_BLANK, "", "", {"50", "50"});
         AddPotencyWells(in, v1::POSITION_ROLE_MSC_ALONE, "", "", {"50"});
       },
       {"wells/BLANK", "wells/MSC_ALONE"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "background_sd_max", "5");
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"0", "0", "0"});
         AddPotencyWells(in, v1::POSITION_ROLE_BLANK, "", "", {"0", "0", "0"});
       },
       {"stimulation_index", "background_sd/BLANK"}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "background_sd_max", "5"); }, {}},
      {[](auto& in) { in.mutable_data(0)->mutable_value()->set_value("OVRFLW"); },
       {"readable_response/", "wells/STIMULATED"}},
      {[](auto& in) { in.mutable_data(0)->set_dilution("2"); }, {"dilution/"}},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    v1::AssayInput input = Coculture();
    cases[i].change(input);
    const v1::Computation found = Compute(input);
    Names failed = Failed(found.checks());
    Names expected = cases[i].failed;
    for (std::string& name : expected) {
      if (name.ends_with('/')) name.pop_back();
    }
    EXPECT_EQ(failed, expected) << i;
    EXPECT_EQ(found.outcome(), expected.empty() ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_RUN) << i;
    EXPECT_EQ(found.samples(0).reportables().empty(), !expected.empty()) << i;
  }
}

// Without its third well the blank is 0.05 and the index (0.6 - 0.05) / (0.29 - 0.05) = 2.29; the
// SD of the three is 0.202, a third of P.
TEST(PotencyInhibition, ABlankThatScattersMakesNoStimulationIndex) {
  v1::AssayInput input = Coculture({"0.4", "0.4", "0.4"});
  ReplaceRole(input, v1::POSITION_ROLE_STIMULATED, {"0.60", "0.60", "0.60"});
  ReplaceRole(input, v1::POSITION_ROLE_UNSTIMULATED, {"0.29", "0.29", "0.29"});
  AddPotencyWells(input, v1::POSITION_ROLE_BLANK, "", "", {"0.05", "0.05", "0.40"});
  const v1::Computation unjudged = Compute(input);
  EXPECT_EQ(unjudged.outcome(), v1::OUTCOME_VALID);  // as before there was such a check
  EXPECT_EQ(Detail(unjudged.details(), "stimulation_index").substr(0, 4), "3.51");
  SetParameter(*input.mutable_method(), "background_sd_max", "5");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(found.checks()), Names{"background_sd/BLANK"});
  const v1::Check check = CheckNamed(found.checks(), "background_sd", "BLANK");
  EXPECT_EQ(check.observed().substr(0, 6), "33.678");
  EXPECT_EQ(check.criterion(), "<= 5 %");
}

TEST(PotencyInhibition, StimulatedWellsMustExceedUnstimulatedOnesWhateverTheLimit) {
  v1::AssayInput input = Coculture();
  SetParameter(*input.mutable_method(), "stimulation_index_min", "0.5");
  ReplaceRole(input, v1::POSITION_ROLE_STIMULATED, {"90", "90", "90"});
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"stimulation_index"});
}

TEST(PotencyInhibition, SampleChecks) {
  EXPECT_EQ(Failed(Compute(Coculture({"640", "640"})).samples(0).checks()), Names{"wells"});
  const v1::Computation scattered = Compute(Coculture({"400", "640", "880"}));
  EXPECT_EQ(scattered.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(scattered.samples(0).checks()), Names{"well_cv"});
  EXPECT_EQ(scattered.samples(0).outcome(), v1::OUTCOME_INVALID_SAMPLE);
}

TEST(PotencyInhibition, ReportsAtTheDoseThatTheMethodNames) {
  v1::AssayInput input = Coculture({"640", "630", "650"}, "0.2");
  AddPotencyWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "0.1", {"820", "820", "820"});
  AddPotencyWells(input, v1::POSITION_ROLE_REFERENCE, "", "0.20", {"550", "550", "550"});
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"reported_dose"});
  SetParameter(*input.mutable_method(), "reported_dose", "0.20");
  SetParameter(*input.mutable_method(), "doses_min", "2");
  const v1::Computation found = Compute(input);
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(Reported(sample, "POT-LYM"), "40");
  EXPECT_EQ(Detail(sample.details(), "inhibition_at_0.1"), "20");
  EXPECT_EQ(Detail(found.details(), "reference_inhibition"), "50");
  EXPECT_EQ(Detail(sample.details(), "percent_of_reference"), "80");
  SetParameter(*input.mutable_method(), "doses_min", "3");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"doses"});
  SetParameter(*input.mutable_method(), "doses_min", "2");
  SetParameter(*input.mutable_method(), "reported_dose", "0.5");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"reported_dose"});
}

// 40 % against 50 % by the reference cell.
TEST(PotencyInhibition, TheInhibitionInPercentOfTheReferenceIsALine) {
  v1::AssayInput input = Coculture();
  v1::MethodOutput& output = *input.mutable_method()->add_outputs();
  output.set_line_code("POT-REF");
  output.set_input("percent_of_reference");
  output.set_input_unit("%");
  EXPECT_TRUE(CheckParameters(input.method()).empty());
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"reference_inhibition/percent_of_reference"});
  AddPotencyWells(input, v1::POSITION_ROLE_REFERENCE, "", "", {"550", "550", "550"});
  v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Reported(sample, "POT-LYM"), "40");
  EXPECT_EQ(Reported(sample, "POT-REF"), "80");
  EXPECT_EQ(sample.reportables(1).unit(), "%");

  input.mutable_method()->mutable_outputs()->DeleteSubrange(0, 1);
  EXPECT_TRUE(CheckParameters(input.method()).empty());
  sample = Compute(input).samples(0);
  EXPECT_EQ(sample.reportables_size(), 1);
  EXPECT_EQ(Reported(sample, "POT-REF"), "80");

  for (const char* response : {"1000", "1100"}) {  // inhibition 0 and below
    ReplaceRole(input, v1::POSITION_ROLE_REFERENCE, {response, response, response});
    const v1::Computation none = Compute(input);
    EXPECT_EQ(none.outcome(), v1::OUTCOME_INVALID_RUN);
    EXPECT_EQ(Failed(none.checks()), Names{"reference_inhibition/percent_of_reference"});
  }
}

TEST(PotencyInhibition, MoreOfTheProductMustNotInhibitLess) {
  v1::AssayInput input = Coculture({"640", "630", "650"}, "0.2");
  AddPotencyWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "0.1", {"639", "639", "639"});
  SetParameter(*input.mutable_method(), "reported_dose", "0.2");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
  SetParameter(*input.mutable_method(), "monotonic", "required");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"monotonic"});
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.dose() == "0.1") well.mutable_value()->set_value("640");
  }
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
}

// Wells on a curve from 0 to 2 with the given half-effect dose, `wave` above and below it.
void AddCurve(v1::AssayInput& input, v1::PositionRole role, const std::string& sample,
              double half_dose, double slope, double wave) {
  const FourParameterCurve curve{0, 2, slope, std::log(half_dose)};
  double sign = 1;
  for (const char* dose : {"0.1", "0.3", "1", "3", "10", "30", "100"}) {
    const double response = ResponseAt(curve, Decimal::Parse(dose)->ToDouble());
    for (const double shift : {sign * wave, -sign * wave}) {
      v1::Datum& well = *input.add_data();
      well.set_role(role);
      well.set_sample_id(sample);
      well.set_name(sample);
      well.set_dose(dose);
      well.mutable_value()->set_value(Decimal::FromDouble(response + shift).ToString());
      sign = -sign;
    }
  }
}

v1::AssayInput Curves(double half_dose, double slope = 1, double wave = 0.01) {
  v1::AssayInput input = FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-POT-RP"
      assay: "potency"
      outputs { line_code: "POT-RP" input: "relative_potency" input_unit: "%" }
      parameters { name: "mode" value: "RELATIVE" }
    }
  )pb");
  AddCurve(input, v1::POSITION_ROLE_REFERENCE, "REFERENCE", 3, 1, 0.01);
  AddCurve(input, v1::POSITION_ROLE_SAMPLE, "S1", half_dose, slope, wave);
  return input;
}

TEST(PotencyRelative, ReportsPercentOfTheReference) {
  const v1::Computation found = Compute(Curves(2));
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(Failed(sample.checks()), Names{});
  EXPECT_NEAR(Number(Reported(sample, "POT-RP")), 150, 1e-6);
  EXPECT_NEAR(Number(Detail(sample.details(), "rp")), 1.5, 1e-8);
  EXPECT_LT(Number(Detail(sample.details(), "rp_lower")), 1.5);
  EXPECT_GT(Number(Detail(sample.details(), "rp_upper")), 1.5);
  EXPECT_NEAR(Number(Detail(sample.details(), "b_ratio")), 1, 1e-6);
  EXPECT_GT(Number(Detail(sample.details(), "p_parallelism")), 0.9);
  EXPECT_EQ(sample.reportables(0).unit(), "%");
}

TEST(PotencyRelative, WithoutParallelismThereIsNoPotency) {
  const v1::Computation found = Compute(Curves(2, 1.5));
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"p_parallelism"});
  EXPECT_TRUE(sample.reportables().empty());
}

TEST(PotencyRelative, EquivalenceComparesWholeIntervals) {
  v1::AssayInput input = Curves(2, 1.5);
  v1::Method& method = *input.mutable_method();
  SetParameter(method, "f_test", "reported");
  SetParameter(method, "equivalence", "required");
  for (const char* name : {"b_ratio", "range_ratio"}) {
    SetParameter(method, std::string(name) + "_min", "0.8");
    SetParameter(method, std::string(name) + "_max", "1.25");
  }
  EXPECT_TRUE(CheckParameters(method).empty());
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"b_ratio"});
  // Margins that hold the ratio but not its limits.
  const v1::SampleComputation sample = Compute(input).samples(0);
  SetParameter(method, "b_ratio_max", Detail(sample.details(), "b_ratio"));
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"b_ratio"});
  SetParameter(method, "b_ratio_max", Detail(sample.details(), "b_ratio_upper"));
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
  SetParameter(method, "b_ratio_min", Detail(sample.details(), "b_ratio"));
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"b_ratio"});
}

TEST(PotencyRelative, EquivalenceComparesEachAsymptote) {
  v1::AssayInput input = Curves(2);
  v1::Method& method = *input.mutable_method();
  SetParameter(method, "equivalence", "required");
  for (const char* name : {"b_ratio", "range_ratio"}) {
    SetParameter(method, std::string(name) + "_min", "0.5");
    SetParameter(method, std::string(name) + "_max", "2");
  }
  EXPECT_EQ(Detail(Compute(input).samples(0).details(), "a_difference"), "");
  for (const char* name : {"a_difference", "d_difference"}) {
    SetParameter(method, std::string(name) + "_min", "-0.1");
    SetParameter(method, std::string(name) + "_max", "0.1");
  }
  EXPECT_TRUE(CheckParameters(method).empty());
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Failed(sample.checks()), Names{});
  EXPECT_NEAR(Number(Detail(sample.details(), "a_difference")), 0, 1e-3);
  EXPECT_NEAR(Number(Detail(sample.details(), "d_difference")), 0, 1e-3);
  // Margins that hold the difference but not its limits.
  for (const char* name : {"a_difference", "d_difference"}) {
    const std::string upper = std::string(name) + "_max";
    SetParameter(method, upper, Detail(sample.details(), std::string(name) + "_upper"));
    EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
    SetParameter(method, upper, Detail(sample.details(), name));
    EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{name});
    SetParameter(method, upper, "0.1");
  }
}

// P 2, N 0.2, so SI 10. At the lowest dose the reference responds 0.0645 +/- 0.01, a CV of 21.9 %.
TEST(PotencyRelative, ThePlateIsJudgedWhereTheMethodDemandsIt) {
  struct Case {
    void (*change)(v1::AssayInput& input);
    Names failed;
  };
  const Case cases[] = {
      {[](auto&) {}, {}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "well_cv_max", "20"); },
       {"well_cv/REFERENCE at 0.1"}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"0.6", "0.6"});
       },
       {}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"0.6", "0.599"});
       },
       {"stimulation_index"}},
      {[](auto& in) { ReplaceRole(in, v1::POSITION_ROLE_STIMULATED, {"2"}); },
       {"wells/STIMULATED"}},
      {[](auto& in) { ReplaceRole(in, v1::POSITION_ROLE_UNSTIMULATED, {}); },
       {"wells/UNSTIMULATED", "stimulation_index"}},
      {[](auto& in) {
         ReplaceRole(in, v1::POSITION_ROLE_UNSTIMULATED, {"0.1", "0.3"});
       },
       {"well_cv/UNSTIMULATED"}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "unstimulated_max", "0.19"); },
       {"unstimulated_mean"}},
      {[](auto& in) { SetParameter(*in.mutable_method(), "msc_alone_max", "0.1"); },
       {"msc_alone_mean"}},
      {[](auto& in) {
         SetParameter(*in.mutable_method(), "msc_alone_max", "0.1");
         AddPotencyWells(in, v1::POSITION_ROLE_MSC_ALONE, "", "", {"0.1", "0.1"});
       },
       {}},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    v1::AssayInput input = Curves(2);
    SetParameter(*input.mutable_method(), "plate_controls", "required");
    SetParameter(*input.mutable_method(), "wells_min", "2");
    SetParameter(*input.mutable_method(), "well_cv_max", "30");
    EXPECT_TRUE(CheckParameters(input.method()).empty());
    AddPotencyWells(input, v1::POSITION_ROLE_STIMULATED, "", "", {"2", "2"});
    AddPotencyWells(input, v1::POSITION_ROLE_UNSTIMULATED, "", "", {"0.2", "0.2"});
    cases[i].change(input);
    const v1::Computation found = Compute(input);
    EXPECT_EQ(Failed(found.checks()), cases[i].failed) << i;
    EXPECT_EQ(found.outcome(),
              cases[i].failed.empty() ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_RUN)
        << i;
  }
  v1::AssayInput input = Curves(2);
  SetParameter(*input.mutable_method(), "plate_controls", "required");
  SetParameter(*input.mutable_method(), "wells_min", "2");
  SetParameter(*input.mutable_method(), "well_cv_max", "30");
  AddPotencyWells(input, v1::POSITION_ROLE_STIMULATED, "", "", {"2", "2"});
  AddPotencyWells(input, v1::POSITION_ROLE_UNSTIMULATED, "", "", {"0.2", "0.2"});
  AddPotencyWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "0.2", {"0.18"});
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"wells/dose 0.2"});
}

TEST(PotencyRelative, PrecisionOfThePotency) {
  v1::AssayInput input = Curves(2);
  SetParameter(*input.mutable_method(), "precision_ratio_max", "1.5");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
  SetParameter(*input.mutable_method(), "precision_ratio_max", "1.001");
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_NEAR(Number(Reported(sample, "POT-RP")), 150, 1e-6);
  EXPECT_EQ(sample.reportables(0).inconclusive().substr(0, 22), "INCONCLUSIVE_PRECISION");
}

TEST(PotencyRelative, PrecisionIsThatOfTheLimitsTheMethodNames) {
  for (const char* limits : {"delta", "fieller", "profile"}) {
    v1::AssayInput input = Curves(2);
    const std::string name =
        std::string("rp") + (std::string(limits) == "delta" ? "" : "_" + std::string(limits));
    const v1::SampleComputation sample = Compute(input).samples(0);
    const double ratio = Number(Detail(sample.details(), name + "_upper")) /
                         Number(Detail(sample.details(), name + "_lower"));
    SetParameter(*input.mutable_method(), "precision_limits", limits);
    for (const auto& [factor, precise] : {std::pair(1 + 1e-9, true), std::pair(1 - 1e-9, false)}) {
      SetParameter(*input.mutable_method(), "precision_ratio_max",
                   Decimal::FromDouble(ratio * factor).ToString());
      EXPECT_EQ(Compute(input).samples(0).reportables(0).inconclusive().empty(), precise) << limits;
    }
  }
}

// Upper / lower limit 1.07 without the well, 1.24 with it.
TEST(PotencyRelative, APotencyThatIsPreciseOnlyWithoutAPointIsInconclusive) {
  v1::AssayInput input = Curves(2);
  v1::Datum& off = *input.mutable_data(20);  // of the sample at dose 3
  const Decimal response = *Decimal::Parse(off.value().value());
  off.mutable_value()->set_value((response + *Decimal::Parse("0.2")).ToString());
  SetParameter(*input.mutable_method(), "precision_ratio_max", "1.15");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{});
  EXPECT_EQ(Compute(input).samples(0).reportables(0).inconclusive().substr(0, 22),
            "INCONCLUSIVE_PRECISION");
  off.set_excluded_by("EX-1");
  const auto why = [&] { return Compute(input).samples(0).reportables(0).inconclusive(); };
  EXPECT_EQ(why(), "");  // a version of the method that does not ask
  input.mutable_method()->set_judge_with_excluded(true);
  const std::string hangs = "the verdict hangs on the points left out: with them, INCONCLUSIVE_P";
  EXPECT_EQ(why().substr(0, hangs.size()), hangs);
  SetParameter(*input.mutable_method(), "precision_ratio_max", "1.3");
  EXPECT_EQ(why(), "");
  SetParameter(*input.mutable_method(), "precision_ratio_max", "1.05");
  EXPECT_EQ(why().substr(0, 22), "INCONCLUSIVE_PRECISION");  // of its own
}

TEST(PotencyRelative, TheReferenceMustLieInsideItsRange) {
  v1::AssayInput input = Curves(2);
  SetParameter(*input.mutable_method(), "reference_c_min", "2.9");
  SetParameter(*input.mutable_method(), "reference_c_max", "3.1");
  EXPECT_EQ(Failed(Compute(input).checks()), Names{});
  SetParameter(*input.mutable_method(), "reference_c_max", "2.95");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Failed(found.checks()), Names{"reference_c/reference"});
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
}

TEST(PotencyRelative, ReportsWhatACombinationOfRunsWeighsBy) {
  const v1::SampleComputation sample = Compute(Curves(2)).samples(0);
  EXPECT_GT(Number(Detail(sample.details(), "ln_rp_se")), 0);
  EXPECT_EQ(Detail(sample.details(), "ln_rp_df"), "23");  // 28 wells, 5 parameters
}

TEST(PotencyRelative, ACurveThatCannotBeFittedIsAnOutcome) {
  v1::AssayInput sample = Curves(2);
  for (v1::Datum& well : *sample.mutable_data()) {
    if (well.role() == v1::POSITION_ROLE_SAMPLE) well.mutable_value()->set_value("1");
  }
  const v1::Computation flat = Compute(sample);
  EXPECT_EQ(flat.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(flat.samples(0).checks()), (Names{"curve_fit/sample", "parallel_fit"}));
  EXPECT_TRUE(flat.samples(0).reportables().empty());

  v1::AssayInput reference = Curves(2);
  ReplaceRole(reference, v1::POSITION_ROLE_REFERENCE, {});
  const v1::Computation none = Compute(reference);
  EXPECT_EQ(none.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(none.checks()), Names{"curve_fit/reference"});
}

TEST(PotencyRelative, CurvesMustFollowTheirWells) {
  const v1::SampleComputation sample = Compute(Curves(2, 1, 0.5)).samples(0);
  EXPECT_EQ(Failed(sample.checks()), Names{"curve_r_squared/sample"});
}

TEST(PotencyRelative, EveryWellNeedsADose) {
  v1::AssayInput input = Curves(2);
  input.mutable_data(0)->clear_dose();
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"dose/REFERENCE"});
}

TEST(Potency, SameInputGivesTheSameBytesInAnyOrderOfWells) {
  for (const v1::AssayInput& input : {Coculture(), Curves(2)}) {
    const v1::Computation found = Compute(input);
    EXPECT_EQ(Compute(input).SerializeAsString(), found.SerializeAsString());
    v1::AssayInput shuffled = input;
    std::reverse(shuffled.mutable_data()->begin(), shuffled.mutable_data()->end());
    const v1::Computation other = Compute(shuffled);
    EXPECT_EQ(other.samples(0).reportables(0).value(), found.samples(0).reportables(0).value());
    EXPECT_EQ(Detail(other.samples(0).details(), "rp_lower"),
              Detail(found.samples(0).details(), "rp_lower"));
  }
}

TEST(Potency, MethodsAreChecked) {
  const std::vector<WrongMethod> inhibition = {
      {[](auto& m) { m.clear_parameters(); }, "method.parameters"},
      {[](auto& m) { SetParameter(m, "mode", "INHIB"); }, "method.parameters[0].value"},
      {[](auto& m) { SetParameter(m, "wells_min", "three"); }, "method.parameters[1].value"},
      {[](auto& m) { SetParameter(m, "doses_min", "3"); }, "method.parameters"},
      {[](auto& m) { SetParameter(m, "reported_dose", "1:5"); }, "method.parameters[1].value"},
      {[](auto& m) { SetParameter(m, "r_squared_min", "0.9"); }, "method.parameters[1].name"},
      {[](auto& m) {
         SetParameter(m, "background_sd_max", "5");
         SetParameter(m, "wells_min", "1");
       },
       "method.parameters[1].value"},
      {[](auto& m) { m.mutable_outputs(0)->set_divisor("2"); }, "method.outputs[0].divisor"},
  };
  ExpectChecked(Coculture().method(), inhibition);
  const std::vector<WrongMethod> relative = {
      {[](auto& m) { SetParameter(m, "f_test", "reported"); }, "method.parameters[1].value"},
      {[](auto& m) { SetParameter(m, "f_test", "maybe"); }, "method.parameters[1].value"},
      {[](auto& m) { SetParameter(m, "equivalence", "required"); }, "method.parameters[1].value"},
      {[](auto& m) { SetParameter(m, "wells_min", "3"); }, "method.parameters[1].name"},
      {[](auto& m) { SetParameter(m, "background_sd_max", "5"); }, "method.parameters[1].name"},
      {[](auto& m) { SetParameter(m, "a_difference_min", "-0.1"); }, "method.parameters"},
  };
  ExpectChecked(Curves(2).method(), relative);
  v1::Method twice = Coculture().method();
  for (const char* line : {"POT-REF", "POT-REF-2"}) {
    v1::MethodOutput& output = *twice.add_outputs();
    output.set_line_code(line);
    output.set_input("percent_of_reference");
  }
  EXPECT_EQ(Fields(CheckParameters(twice)), Names{"method.outputs"});
  twice.mutable_outputs()->RemoveLast();
  twice.mutable_outputs(1)->set_factor("2");
  EXPECT_EQ(Fields(CheckParameters(twice)), Names{"method.outputs[1].factor"});
}

Positions Map(const std::vector<v1::PositionRole>& roles) {
  Positions map;
  for (const v1::PositionRole role : roles) {
    v1::RunPosition& position = *map.Add();
    position.set_position("P" + std::to_string(map.size()));
    position.set_role(role);
    if (role == v1::POSITION_ROLE_SAMPLE) position.set_sample_id("S1");
  }
  return map;
}

TEST(PotencyMap, NamesMissingControlsAndWhatThePlateDoesNotKnow) {
  v1::Method method = Coculture().method();
  SetParameter(method, "msc_alone_max", "10");
  SetParameter(method, "reference_inhibition_min", "30");
  Positions map =
      Map({v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_STIMULATED, v1::POSITION_ROLE_UNSTIMULATED,
           v1::POSITION_ROLE_MSC_ALONE, v1::POSITION_ROLE_REFERENCE, v1::POSITION_ROLE_BLANK});
  EXPECT_EQ(Sentences(CheckMap(method, map)), Names{});

  map.Mutable(0)->set_dilution("10");
  map.Mutable(1)->set_omit_reason("broken");
  map.Mutable(2)->set_role(v1::POSITION_ROLE_NTC);
  map.Mutable(5)->set_target("hTERT");
  EXPECT_EQ(Sentences(CheckMap(method, map)),
            (Names{"positions[2].role: NTC at P3 is no role of a potency assay",
                   "positions[0].dilution: 10 at P1: the dose counts every dilution",
                   "positions[5].target: \"hTERT\" at P6: a potency assay has no targets",
                   "positions: there is no STIMULATED", "positions: there is no UNSTIMULATED"}));
  EXPECT_EQ(Sentences(CheckMap(method, Map({v1::POSITION_ROLE_SAMPLE}))),
            (Names{"positions: there is no STIMULATED", "positions: there is no UNSTIMULATED",
                   "positions: there is no MSC_ALONE", "positions: there is no REFERENCE"}));
}

TEST(PotencyMap, RelativePotencyNeedsTheReference) {
  v1::Method method = Coculture().method();
  SetParameter(method, "mode", "RELATIVE");
  EXPECT_EQ(Sentences(CheckMap(method, Map({v1::POSITION_ROLE_SAMPLE}))),
            Names{"positions: there is no REFERENCE"});
  EXPECT_EQ(
      Sentences(CheckMap(method, Map({v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_REFERENCE}))),
      Names{});
  const Positions controls = Map({v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_REFERENCE,
                                  v1::POSITION_ROLE_STIMULATED, v1::POSITION_ROLE_UNSTIMULATED});
  EXPECT_EQ(
      Sentences(CheckMap(method, controls)),
      (Names{"positions[2].role: STIMULATED at P3: M-POT-LYM judges no such well; a version "
             "of it with plate_controls does",
             "positions[3].role: UNSTIMULATED at P4: M-POT-LYM judges no such well; a version "
             "of it with plate_controls does"}));
  SetParameter(method, "plate_controls", "required");
  EXPECT_EQ(Sentences(CheckMap(method, controls)), Names{});
  EXPECT_EQ(
      Sentences(CheckMap(method, Map({v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_REFERENCE}))),
      (Names{"positions: there is no STIMULATED", "positions: there is no UNSTIMULATED"}));
}

TEST(PotencyMap, ALineInPercentOfTheReferenceNeedsTheReference) {
  v1::Method method = Coculture().method();
  method.mutable_outputs(0)->set_input("percent_of_reference");
  EXPECT_EQ(Sentences(CheckMap(method, Map({v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_STIMULATED,
                                            v1::POSITION_ROLE_UNSTIMULATED}))),
            Names{"positions: there is no REFERENCE"});
}

TEST(PotencyInhibition, WellsWithoutDoseAreNoDoseBesideOthers) {
  v1::AssayInput input = Coculture({"640", "630", "650"}, "0.2");
  AddPotencyWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "0.1", {"700", "700", "700"});
  SetParameter(*input.mutable_method(), "reported_dose", "0.2");
  SetParameter(*input.mutable_method(), "doses_min", "3");
  AddPotencyWells(input, v1::POSITION_ROLE_SAMPLE, "S1", "", {"800", "800", "800"});
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"doses"});
}

}  // namespace
}  // namespace lims::assay
