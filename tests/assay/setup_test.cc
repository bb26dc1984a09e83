#include "assay/setup.h"

#include <gtest/gtest.h>

#include "assay_input.h"

namespace lims::assay {
namespace {

v1::AssayInput PhInput() {
  return FromText<v1::AssayInput>(R"pb(
    method {
      method_id: "M-PH"
      assay: "generic_value"
      outputs {
        line_code: "PH"
        input: "PH"
        input_unit: "[pH]"
        replicates_min: 1
        combination: COMBINATION_MEAN
      }
      setup_checks { name: "calibration_points" min: "2" }
      setup_checks { name: "calibration_slope" min: "95" max: "105" unit: "%" }
      setup_checks {
        name: "probe"
        accepted: [ "A", "B" ]
      }
    }
    data {
      role: POSITION_ROLE_SAMPLE
      sample_id: "S1"
      target: "PH"
      value { value: "7.2" }
    }
    data {
      role: POSITION_ROLE_SAMPLE
      sample_id: "S2"
      target: "PH"
      value { value: "7.3" }
    }
    setup { name: "calibration_points" value: "2" }
    setup { name: "calibration_slope" value: "95.0" unit: "%" }
    setup { name: "probe" value: "B" }
  )pb");
}

TEST(Setup, AcceptableValuesLeaveTheRunValid) {
  const v1::Computation found = Compute(PhInput());
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  ASSERT_EQ(found.checks_size(), 3);
  EXPECT_EQ(found.checks(1).observed(), "95.0 %");
  EXPECT_EQ(found.checks(1).criterion(), ">= 95 and <= 105 %");
  EXPECT_EQ(found.checks(2).criterion(), "A or B");
}

TEST(Setup, OneBadValueMakesEverySampleInvalid) {
  struct Case {
    const char* what;
    void (*change)(v1::AssayInput& input);
    const char* observed;
    int check;
  };
  const Case cases[] = {
      {"missing", [](auto& in) { in.mutable_setup()->DeleteSubrange(0, 1); }, "missing", 0},
      {"below by full value", [](auto& in) { in.mutable_setup(1)->set_value("94.9999"); },
       "94.9999 %", 1},
      {"above", [](auto& in) { in.mutable_setup(1)->set_value("105.1"); }, "105.1 %", 1},
      {"no number", [](auto& in) { in.mutable_setup(1)->set_value("98,6"); }, "98,6 %", 1},
      {"other unit", [](auto& in) { in.mutable_setup(1)->set_unit("mV"); }, "95.0 mV", 1},
      {"not accepted", [](auto& in) { in.mutable_setup(2)->set_value("b"); }, "b", 2},
      {"twice", [](auto& in) { *in.add_setup() = in.setup(2); }, "B, declared twice", 2},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = PhInput();
    each.change(input);
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_SETUP) << each.what;
    EXPECT_FALSE(found.checks(each.check).ok()) << each.what;
    EXPECT_EQ(found.checks(each.check).observed(), each.observed) << each.what;
    ASSERT_EQ(found.samples_size(), 2) << each.what;
    for (const v1::SampleComputation& sample : found.samples()) {
      EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SETUP) << each.what;
      EXPECT_TRUE(sample.reportables().empty()) << each.what;
    }
  }
}

TEST(Setup, AFailureMakesWhatTheMethodSays) {
  v1::AssayInput input = PhInput();
  input.mutable_method()->mutable_setup_checks(1)->set_failure(v1::CHECK_FAILURE_INVALID_RUN);
  input.mutable_setup(1)->set_value("90");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_RUN);
  input.mutable_setup(2)->set_value("C");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_SETUP);
}

TEST(Setup, AMomentIsATimeWithZone) {
  v1::AssayInput input = PhInput();
  v1::SetupCheck& check = *input.mutable_method()->add_setup_checks();
  check.set_name("calibrated");
  check.set_time(true);
  v1::NamedValue& value = *input.add_setup();
  value.set_name("calibrated");
  value.set_value("2026-03-01T08:00:00+08:00");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID);
  EXPECT_TRUE(CheckSetupValues(input.method(), input.setup()).empty());
  value.set_value("2026-03-01 08:00");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_SETUP);
  EXPECT_EQ(Fields(CheckSetupValues(input.method(), input.setup())), Names{"setup[3].value"});
}

TEST(Setup, WhatOnlyTypedValuesAskForIsNotAskedOfReadings) {
  v1::AssayInput input = PhInput();
  v1::SetupCheck& check = *input.mutable_method()->add_setup_checks();
  check.set_name("last_look");
  check.set_time(true);
  check.set_typed_only(true);
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_SETUP);
  for (v1::Datum& datum : *input.mutable_data()) datum.set_position("A" + datum.sample_id());
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(MethodForReadings(input.method()).setup_checks_size(), 3);
}

TEST(Setup, WhatIsNoDeclarationIsBadInput) {
  v1::AssayInput input = PhInput();
  input.mutable_setup(0)->set_value("two");
  input.mutable_setup(1)->set_unit("mV");
  *input.add_setup() = input.setup(2);
  input.add_setup()->set_name("colour");
  input.mutable_setup(2)->set_value("B\a");
  EXPECT_EQ(Fields(CheckSetupValues(input.method(), input.setup())),
            (Names{"setup[0].value", "setup[1].unit", "setup[2].value", "setup[3].name",
                   "setup[4].name"}));
}

TEST(Setup, AnswersOtherThanYesAndNoAreBadInput) {
  for (const bool either : {false, true}) {
    v1::AssayInput input = PhInput();
    v1::SetupCheck& check = *input.mutable_method()->add_setup_checks();
    check.set_name("image_kept");
    check.add_accepted("yes");
    if (either) check.add_accepted("no");
    v1::NamedValue& value = *input.add_setup();
    value.set_name("image_kept");
    for (const char* word : {"yes", "no"}) {
      value.set_value(word);
      EXPECT_TRUE(CheckSetupValues(input.method(), input.setup()).empty()) << word;
    }
    for (const std::string word : {"Yes", "NO", "yes ", "y", "", "yes\a"}) {
      value.set_value(word);
      EXPECT_EQ(Fields(CheckSetupValues(input.method(), input.setup())), Names{"setup[3].value"})
          << word;
    }
    value.set_value("Yes");
    EXPECT_EQ(CheckSetupValues(input.method(), input.setup())[0].description,
              "image_kept: \"Yes\" is neither yes nor no");
    // A run that is recorded with it recomputes as before.
    EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_SETUP);
  }
}

TEST(Setup, OtherWordsThanTheAcceptedAreADeclarationWhereNotOnlyYesAndNoAreAccepted) {
  v1::AssayInput input = PhInput();
  input.mutable_setup(2)->set_value("C");
  EXPECT_TRUE(CheckSetupValues(input.method(), input.setup()).empty());
  input.mutable_method()->mutable_setup_checks(2)->add_accepted("yes");
  EXPECT_TRUE(CheckSetupValues(input.method(), input.setup()).empty());
}

TEST(Setup, WhatIsNotDeclaredIsAskedForWithItsWordsAndUnit) {
  v1::AssayInput input = PhInput();
  v1::SetupCheck& check = *input.mutable_method()->add_setup_checks();
  check.set_name("image_kept");
  check.add_accepted("yes");
  input.clear_setup();
  const auto undeclared = UndeclaredSetup(input.method(), input.setup());
  ASSERT_EQ(undeclared.size(), 4u);
  const char* const ends[] = {"=VALUE", "=VALUE (in %)", "=VALUE (A or B)", "=VALUE (yes or no)"};
  for (std::size_t i = 0; i < undeclared.size(); ++i) {
    EXPECT_TRUE(undeclared[i].description.ends_with(ends[i])) << undeclared[i].description;
  }
}

TEST(Setup, UnacceptableAndMissingValuesAreNoBadInput) {
  v1::AssayInput input = PhInput();
  input.mutable_setup()->DeleteSubrange(0, 1);
  input.mutable_setup(0)->set_value("12");
  EXPECT_TRUE(CheckSetupValues(input.method(), input.setup()).empty());
}

// The run is started on 2026-03-31, whatever the day of the entry.
TEST(Setup, AReagentIsInDateUntilTheEndOfItsLastDay) {
  struct Case {
    const char* expiry;
    bool ok;
  };
  for (const Case& each : {Case{"2026-03-31", true}, Case{"2026-03-30", false},
                           Case{"2026-03", true}, Case{"2026-02", false}, Case{"2027-01", true},
                           Case{"2026-02-30", false}, Case{"soon", false}, Case{"", false}}) {
    v1::AssayInput input = PhInput();
    v1::SetupCheck& asked = *input.mutable_method()->add_setup_checks();
    asked.set_name("buffer_expiry");
    asked.set_expiry(true);
    input.set_start_date("2026-03-31");
    v1::NamedValue& declared = *input.add_setup();
    declared.set_name("buffer_expiry");
    declared.set_value(each.expiry);
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), each.ok ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_SETUP)
        << each.expiry;
    EXPECT_EQ(CheckNamed(found.checks(), "buffer_expiry").criterion(), "not before 2026-03-31");
    const bool is_date =
        std::string(each.expiry).starts_with("202") && each.expiry != std::string("2026-02-30");
    EXPECT_EQ(CheckSetupValues(input.method(), input.setup()).empty(), is_date) << each.expiry;
  }
}

TEST(Setup, ANumberMayBeJudgedPerAnotherOrTimesAnother) {
  struct Case {
    bool per;
    const char* value;
    const char* other;
    bool ok;
  };
  const Case cases[] = {
      {true, "4", "5", true},      {true, "3.9999", "5", false}, {true, "2", "3", false},
      {true, "5", "5", true},      {true, "6", "5", false},      {true, "0", "0", false},
      {true, "4", "-5", false},    {true, "4", "many", false},   {false, "4", "0.2", true},
      {false, "4", "0.19", false}, {false, "4", "0.25", true},   {false, "4", "0.26", false},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = PhInput();
    v1::SetupCheck& asked = *input.mutable_method()->add_setup_checks();
    asked.set_name("survivors");
    asked.set_min("0.80");
    asked.set_max("1");
    (each.per ? asked.mutable_per() : asked.mutable_times())->assign("animals");
    for (const auto& [name, value] :
         {std::pair("survivors", each.value), std::pair("animals", each.other)}) {
      v1::NamedValue& declared = *input.add_setup();
      declared.set_name(name);
      declared.set_value(value);
    }
    const v1::Check check = CheckNamed(Compute(input).checks(), "survivors");
    EXPECT_EQ(check.ok(), each.ok) << each.value << " " << each.other;
    EXPECT_EQ(check.criterion(),
              each.per ? "per animals: >= 0.80 and <= 1" : "times animals: >= 0.80 and <= 1");
  }
}

TEST(Setup, WhatIsNotDeclaredYetFailsNothingInAnOpenRun) {
  v1::AssayInput input = PhInput();
  for (const char* other : {"per: 'animals'", "times: 'animals'"}) {
    *input.mutable_method()->add_setup_checks() =
        FromText<v1::SetupCheck>("name: 'survivors' min: '0.80' " + std::string(other));
  }
  input.mutable_method()->add_setup_checks()->set_name("later");
  const auto names = [&] {
    Names found;
    const v1::Method method = MethodForOpenRun(input.method(), input.setup());
    for (const v1::SetupCheck& check : method.setup_checks()) found.push_back(check.name());
    return found;
  };
  const auto declare = [&](const char* name) {
    v1::NamedValue& declared = *input.add_setup();
    declared.set_name(name);
    declared.set_value("5");
  };
  const Names before = {"calibration_points", "calibration_slope", "probe"};
  EXPECT_EQ(names(), before);
  declare("survivors");
  EXPECT_EQ(names(), before);  // of how many is still unknown
  declare("animals");
  EXPECT_EQ(names(),
            (Names{"calibration_points", "calibration_slope", "probe", "survivors", "survivors"}));
}

}  // namespace
}  // namespace lims::assay
