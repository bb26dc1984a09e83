// What the model methods of schemas/methods ask for, each limit from both sides: a method that asks
// for less fails here.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "assay/outputs.h"
#include "model_input.h"

namespace lims::assay {
namespace {

constexpr v1::Outcome kRun = v1::OUTCOME_INVALID_RUN;
constexpr v1::Outcome kSetup = v1::OUTCOME_INVALID_SETUP;

// The worst value that is allowed, or all that are; one that is refused, and what it makes of the
// run. What is judged per another value is judged per 100.
struct Limit {
  const char* method;
  const char* value;
  const char* allowed;
  const char* refused;
  v1::Outcome outcome;
};

const Limit kLimits[] = {
    {"M-ABX", "spike_recovery", "70", "69.9", kRun},
    {"M-ABX", "spike_recovery", "130", "130.1", kRun},
    {"M-ABX", "limit_of_detection", "0", "-0.1", kSetup},
    {"M-AVA-A", "animals_identified", "yes", "no", kSetup},
    {"M-AVA-A", "control_suckling_mice", "1", "0", kSetup},
    {"M-AVA-A", "control_suckling_mice_survivors", "80", "79", kRun},
    {"M-AVA-A", "control_suckling_mice_survivors", "100", "101", kRun},
    {"M-AVA-A", "control_adult_mice", "1", "0", kSetup},
    {"M-AVA-A", "control_adult_mice_survivors", "80", "79", kRun},
    {"M-AVA-A", "control_adult_mice_survivors", "100", "101", kRun},
    {"M-AVA-A", "control_eggs_allantoic", "1", "0", kSetup},
    {"M-AVA-A", "control_eggs_allantoic_survivors", "80", "79", kRun},
    {"M-AVA-A", "control_eggs_allantoic_survivors", "100", "101", kRun},
    {"M-AVA-A", "control_eggs_yolk_sac", "1", "0", kSetup},
    {"M-AVA-A", "control_eggs_yolk_sac_survivors", "80", "79", kRun},
    {"M-AVA-A", "control_eggs_yolk_sac_survivors", "100", "101", kRun},
    {"M-AVA-CULT", "sample_amount_ok", "yes", "no", kSetup},
    {"M-AVA-CULT", "indicator_cells_qualified", "yes", "no", kSetup},
    {"M-AVA-CULT", "negative_control_healthy", "yes", "no", kRun},
    {"M-AVA-CULT", "every_virus_control_shows_cpe", "yes", "no", kRun},
    {"M-AVA-CULT", "cultures", "1", "0", kSetup},
    {"M-AVA-CULT", "cultures_lost", "0", "-1", kRun},
    {"M-AVA-CULT", "cultures_lost", "20", "21", kRun},
    {"M-AVA-CULT", "haemadsorption_positive_control_ok", "yes", "no", kRun},
    {"M-AVA-CULT", "haemadsorption_negative_control_ok", "yes", "no", kRun},
    {"M-AVA-CULT", "sample_dilution", "1", "0.9", kSetup},
    {"M-AVA-CULT", "toxicity_shown_by_dilution", "yes,no", "maybe", kSetup},
    {"M-BET", "standard_points", "3", "2", kRun},
    {"M-BET", "correlation_absolute", "0.980", "0.979", kRun},
    {"M-BET", "correlation_absolute", "1", "1.001", kRun},
    {"M-BET", "dilution", "1", "0.9", kRun},
    {"M-BET", "lowest_standard", "0.0001", "0.00009", kRun},
    {"M-BET", "lowest_standard", "0.50", "0.51", kRun},
    {"M-BET", "spike_recovery", "50", "49.9", kRun},
    {"M-BET", "spike_recovery", "200", "200.1", kRun},
    {"M-BET", "negative_control_below_lowest_standard", "yes", "no", kRun},
    {"M-BOV", "culture_positive_control_ok", "yes", "no", kRun},
    {"M-BOV", "culture_negative_control_ok", "yes", "no", kRun},
    {"M-BOV", "haemadsorption_positive_control_ok", "yes", "no", kRun},
    {"M-BOV", "haemadsorption_negative_control_ok", "yes", "no", kRun},
    {"M-BOV", "agent_positive_controls_ok", "yes", "no", kRun},
    {"M-BOV", "agent_negative_controls_ok", "yes", "no", kRun},
    {"M-BSA", "spike_recovery", "70", "69.9", kRun},
    {"M-BSA", "spike_recovery", "130", "130.1", kRun},
    {"M-BSA", "limit_of_detection", "0", "-0.1", kSetup},
    {"M-CELL-COUNT", "control_beads_in_range", "yes", "no", kRun},
    {"M-DIFF", "undifferentiated_control_negative", "yes", "no", kRun},
    {"M-DIFF", "osteogenesis", "POSITIVE,NEGATIVE", "DOUBTFUL", kSetup},
    {"M-DIFF", "adipogenesis", "POSITIVE,NEGATIVE", "DOUBTFUL", kSetup},
    {"M-DIFF", "chondrogenesis", "POSITIVE,NEGATIVE", "DOUBTFUL", kSetup},
    {"M-DMSO", "system_suitability_ok", "yes", "no", kRun},
    {"M-ENZ-COL", "spike_recovery", "70", "69.9", kRun},
    {"M-ENZ-COL", "spike_recovery", "130", "130.1", kRun},
    {"M-ENZ-CYT", "spike_recovery", "70", "69.9", kRun},
    {"M-ENZ-CYT", "spike_recovery", "130", "130.1", kRun},
    {"M-ENZ-TRY", "spike_recovery", "70", "69.9", kRun},
    {"M-ENZ-TRY", "spike_recovery", "130", "130.1", kRun},
    {"M-FLOW-ID", "live_single_cells", "10000", "9999", kRun},
    {"M-FLOW-ID", "control_ok", "yes", "no", kRun},
    {"M-FLOW-ID", "compensation_ok", "yes", "no", kRun},
    {"M-FLOW-ID", "gated_on_live_cells", "yes", "no", kSetup},
    {"M-GRAM", "control_slides_ok", "yes", "no", kRun},
    {"M-IMM", "control_ok", "yes", "no", kRun},
    {"M-IMP", "live_single_cells", "10000", "9999", kRun},
    {"M-IMP", "control_ok", "yes", "no", kRun},
    {"M-IMP", "compensation_ok", "yes", "no", kRun},
    {"M-KARYO", "metaphases", "20", "19", kRun},
    {"M-KARYO", "cells_with_same_gain_or_structural_change", "0", "-1", kRun},
    {"M-KARYO", "cells_with_same_gain_or_structural_change", "1", "2", kRun},
    {"M-KARYO", "cells_with_same_loss", "0", "-1", kRun},
    {"M-KARYO", "cells_with_same_loss", "2", "3", kRun},
    {"M-KARYO", "amelogenin", "XX,XY", "X", kSetup},
    {"M-MORPH", "image_kept", "yes", "no", kSetup},
    {"M-MYCO-C", "cells_and_supernatant_at_harvest", "yes", "no", kSetup},
    {"M-MYCO-C", "sample_amount", "0.1", "0.09", kSetup},
    {"M-MYCO-C", "culture_positive_control_ok", "yes", "no", kRun},
    {"M-MYCO-C", "culture_negative_control_ok", "yes", "no", kRun},
    {"M-MYCO-C", "stain_positive_control_ok", "yes", "no", kRun},
    {"M-MYCO-C", "stain_negative_control_ok", "yes", "no", kRun},
    {"M-MYCO-N", "cells_and_supernatant_at_harvest", "yes", "no", kSetup},
    {"M-MYCO-N", "controls_as_expected", "3", "2", kRun},
    {"M-MYCO-N", "controls_as_expected", "3", "4", kRun},
    {"M-MYCO-N", "internal_control_ok", "yes", "no", kRun},
    {"M-PERT", "standard_curve_ok", "yes", "no", kRun},
    {"M-PERT", "no_enzyme_control_ok", "yes", "no", kRun},
    {"M-PERT", "background_rt_units", "0.001", "0.0009", kSetup},
    {"M-PERT", "rt_units", "0", "-1", kSetup},
    {"M-PERT", "rt_units", "200", "201", kSetup},
    {"M-PH", "calibration_points", "2", "1", kSetup},
    {"M-PH", "calibration_slope", "95", "94.9", kSetup},
    {"M-PH", "calibration_slope", "105", "105.1", kSetup},
    {"M-POR", "culture_positive_control_ok", "yes", "no", kRun},
    {"M-POR", "culture_negative_control_ok", "yes", "no", kRun},
    {"M-POR", "haemadsorption_positive_control_ok", "yes", "no", kRun},
    {"M-POR", "haemadsorption_negative_control_ok", "yes", "no", kRun},
    {"M-POR", "agent_positive_controls_ok", "yes", "no", kRun},
    {"M-POR", "agent_negative_controls_ok", "yes", "no", kRun},
    {"M-POT-IDO", "standard_curve_r_squared", "0.98", "0.979", kRun},
    {"M-POT-IDO", "standard_curve_r_squared", "1", "1.001", kRun},
    {"M-POT-TNF", "stimulation_index_ok", "yes", "no", kRun},
    {"M-RCV", "controls_ok", "yes", "no", kRun},
    {"M-SOFTAGAR", "positive_control_colonies", "1", "0", kRun},
    {"M-SPEC", "positive_control_ok", "yes", "no", kRun},
    {"M-SPEC", "negative_control_ok", "yes", "no", kRun},
    {"M-STER-R", "bottles_ok", "yes", "no", kRun},
    {"M-STER-R", "positive_control_ok", "yes", "no", kRun},
    {"M-STER-R", "negative_control_aerobic_ok", "yes", "no", kRun},
    {"M-STER-R", "negative_control_anaerobic_ok", "yes", "no", kRun},
    {"M-STER", "media_growth_promotion_ok", "yes", "no", kSetup},
    {"M-STER", "suitability_shown", "yes", "no", kSetup},
    {"M-STER", "sample_amount_ok", "yes", "no", kSetup},
    {"M-STER", "temperatures_in_range", "yes", "no", kRun},
    {"M-STER", "environmental_monitoring_ok", "yes", "no", kRun},
    {"M-STER", "procedure_review_ok", "yes", "no", kRun},
    {"M-STER", "positive_control_cfu", "100", "101", kRun},
    {"M-STER", "interim_looks_made", "yes,no", "maybe", kSetup},
    {"M-STER", "negative_control_ftm_no_growth", "yes", "no", kRun},
    {"M-STER", "negative_control_tsb_no_growth", "yes", "no", kRun},
    {"M-STER", "positive_control_growth_day", "0", "-0.1", kRun},
    {"M-STER", "positive_control_growth_day", "5", "5.1", kRun},
    {"M-STR", "str_loci", "16", "15", kRun},
    {"M-STR", "amelogenin", "XX,XY", "X", kRun},
    {"M-STR", "positive_control_ok", "yes", "no", kRun},
    {"M-STR", "negative_control_ok", "yes", "no", kRun},
    {"M-STR", "peaks_above_threshold", "yes", "no", kRun},
    {"M-TRAP", "heat_inactivated_control_negative", "yes", "no", kRun},
    {"M-TRAP", "positive_cell_positive", "yes", "no", kRun},
    {"M-TUMOR", "positive_group", "10", "9", kRun},
    {"M-TUMOR", "positive_group_with_tumour", "90", "89", kRun},
    {"M-TUMOR", "positive_group_with_tumour", "100", "101", kRun},
    {"M-VPM", "units_inspected", "1", "0", kSetup},
};

// As declared by somebody with nothing to complain of. Nothing is measured yet.
v1::AssayInput Declared(const std::string& method_id) {
  v1::AssayInput input = InputOf(method_id);
  const v1::Method& method = input.method();
  for (const v1::SetupCheck& check : method.setup_checks()) {
    if (check.time()) {
      const bool last = check.name() == method.observation().until();
      const bool subculture = check.name() == method.observation().subculture();
      SetDay(input, check.name(), last ? 60 * kDay : subculture ? 14 * kDay : 0);
    } else if (check.min().empty() && !check.max().empty()) {
      SetValue(input, check.name(), check.max());
    } else if (!check.per().empty()) {
      SetValue(input, check.per(), "100");
      const Decimal share = *Decimal::Parse(check.max());
      SetValue(input, check.name(), (share * Decimal::FromInt(100)).ToString());
    }
  }
  return input;
}

bool IsTypedMethod(const v1::Method& method) {
  return method.assay().starts_with("generic_") || method.assay() == "sterility";
}

std::set<std::string> AllowedTexts(const Limit& limit) {
  std::set<std::string> texts;
  std::string text;
  for (const char* c = limit.allowed; *c != 0; ++c) {
    if (*c != ',') {
      text += *c;
      continue;
    }
    texts.insert(text);
    text.clear();
  }
  texts.insert(text);
  return texts;
}

TEST(ModelLimits, WhatIsDeclaredAsItShouldBeLeavesEveryRunValid) {
  for (const auto& [id, method] : ReadMethods()) {
    if (!IsTypedMethod(method)) continue;
    const v1::Computation found = Compute(Declared(id));
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << id;
    EXPECT_EQ(Failed(found.checks()), Names{}) << id;
  }
}

TEST(ModelLimits, TheFirstValueBeyondALimitIsRefused) {
  for (const Limit& limit : kLimits) {
    const std::string name = std::string(limit.method) + " " + limit.value;
    const auto check_of = [&](const std::string& value, v1::Outcome* outcome) {
      v1::AssayInput input = Declared(limit.method);
      SetValue(input, limit.value, value);
      const v1::Computation found = Compute(input);
      *outcome = found.outcome();
      return CheckNamed(found.checks(), limit.value);
    };
    v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
    for (const std::string& text : AllowedTexts(limit)) {
      EXPECT_TRUE(check_of(text, &outcome).ok()) << name << " " << text;
    }
    EXPECT_FALSE(check_of(limit.refused, &outcome).ok()) << name << " " << limit.refused;
    EXPECT_EQ(outcome, limit.outcome) << name;
  }
}

TEST(ModelLimits, EveryLimitAndEveryAcceptedTextIsInTheTable) {
  for (const auto& [id, method] : ReadMethods()) {
    if (!IsTypedMethod(method)) continue;
    for (const v1::SetupCheck& check : method.setup_checks()) {
      int limits = 0;
      for (const Limit& limit : kLimits) {
        if (id != limit.method || check.name() != limit.value) continue;
        ++limits;
        if (check.accepted().empty()) continue;
        EXPECT_EQ(AllowedTexts(limit),
                  std::set<std::string>(check.accepted().begin(), check.accepted().end()))
            << id << " " << check.name();
      }
      const int bounds = (check.min().empty() ? 0 : 1) + (check.max().empty() ? 0 : 1);
      EXPECT_EQ(limits, check.accepted().empty() ? bounds : 1) << id << " " << check.name();
    }
  }
}

// Of the methods with a code that acts at once: any other failure leaves the positive as it is.
TEST(ModelLimits, OnlyTheseTakeAPositiveAway) {
  Names found;
  for (const auto& [id, method] : ReadMethods()) {
    if (!IsTypedMethod(method)) continue;
    bool acts = false;
    for (const v1::MethodOutput& output : method.outputs()) {
      acts = acts || !output.positive_codes().empty();
    }
    for (const v1::SetupCheck& check : method.setup_checks()) {
      if (!acts || check.waived_when_positive()) continue;
      std::string text = id + " " + check.name();
      for (const std::string& part : check.concerns()) text += " " + part;
      found.push_back(text);
    }
  }
  const Names expected = {
      "M-AVA-A animals_identified",
      "M-AVA-A control_suckling_mice SUCKLING_MICE",
      "M-AVA-A control_suckling_mice_survivors SUCKLING_MICE",
      "M-AVA-A control_adult_mice ADULT_MICE",
      "M-AVA-A control_adult_mice_survivors ADULT_MICE",
      "M-AVA-A control_eggs_allantoic EGGS_ALLANTOIC",
      "M-AVA-A control_eggs_allantoic_survivors EGGS_ALLANTOIC",
      "M-AVA-A control_eggs_yolk_sac EGGS_YOLK_SAC",
      "M-AVA-A control_eggs_yolk_sac_survivors EGGS_YOLK_SAC",
      "M-AVA-CULT indicator_cells_qualified",
      "M-AVA-CULT negative_control_healthy AVA-V",
      "M-AVA-CULT haemadsorption_negative_control_ok HAD",
      "M-BOV culture_negative_control_ok CYTOPATHIC_EFFECT",
      "M-BOV haemadsorption_negative_control_ok HAEMADSORPTION",
      "M-BOV agent_negative_controls_ok BVDV BADV BPYV BPV BTV REOVIRUS RABIES PI3",
      "M-GRAM control_slides_ok",
      "M-MYCO-C culture_negative_control_ok CULTURE",
      "M-MYCO-C stain_negative_control_ok DNA_STAIN",
      "M-MYCO-N controls_as_expected",
      "M-PERT standard_curve_ok",
      "M-PERT no_enzyme_control_ok",
      "M-POR culture_negative_control_ok CYTOPATHIC_EFFECT",
      "M-POR haemadsorption_negative_control_ok HAEMADSORPTION",
      "M-POR agent_negative_controls_ok PCV1 PCV2 PPV PADV TGEV PRRSV PERV",
      "M-RCV controls_ok",
      "M-SPEC positive_control_ok",
      "M-SPEC negative_control_ok",
      "M-STER negative_control_ftm_no_growth",
      "M-STER negative_control_tsb_no_growth",
      "M-STER-R negative_control_aerobic_ok",
      "M-STER-R negative_control_anaerobic_ok",
      "M-STR positive_control_ok",
      "M-STR negative_control_ok",
      "M-STR peaks_above_threshold",
      "M-TRAP heat_inactivated_control_negative",
  };
  EXPECT_EQ(found, expected);
}

TEST(ModelLimits, NoPartIsEnteredLessOftenThanTheMethodSays) {
  std::map<std::string, int> found;
  for (const auto& [id, method] : ReadMethods()) {
    if (!IsTypedMethod(method)) continue;
    for (const v1::MethodOutput& output : method.outputs()) {
      if (SourceOf(method, output) != nullptr) continue;
      for (const OutputPart& part : PartsOf(output)) {
        if (part.replicates_min > 1) found[id + " " + part.name] = part.replicates_min;
      }
    }
  }
  const std::map<std::string, int> expected = {
      {"M-ABX ABX", 2},
      {"M-APP APP", 2},
      {"M-AVA-A SUCKLING_MICE", 20},
      {"M-AVA-A ADULT_MICE", 10},
      {"M-AVA-A EGGS_YOLK_SAC", 10},
      {"M-AVA-A EGGS_ALLANTOIC", 10},
      {"M-BET BET", 2},
      {"M-BSA BSA", 2},
      {"M-CELL-COUNT VIA", 3},
      {"M-CELL-COUNT VCN", 3},
      {"M-DMSO DMSO", 2},
      {"M-ENZ-COL ENZ-COL", 2},
      {"M-ENZ-CYT ENZ-CYT", 2},
      {"M-ENZ-TRY ENZ-TRY", 2},
      {"M-MYCO-N MYCO-N", 2},
      {"M-OSM OSM", 2},
      {"M-PDT PDT", 3},
      {"M-PERT PERT", 3},
      {"M-POT-IDO POT-IDO", 3},
      {"M-POT-TNF POT-TNF", 3},
      {"M-SOFTAGAR SOFTAGAR", 3},
      {"M-TUMOR TUMOR", 10},
      {"M-VOL VOL", 3},
  };
  EXPECT_EQ(found, expected);
}

TEST(ModelLimits, NoTestIsObservedLessLongThanTheMethodSays) {
  std::map<std::string, std::vector<int>> found;
  for (const auto& [id, method] : ReadMethods()) {
    if (!method.has_observation()) continue;
    const v1::ObservationPlan& plan = method.observation();
    found[id] = {plan.hours(), plan.short_hours(), plan.transfer_hours(), plan.subculture_after_h(),
                 plan.subculture_hours()};
  }
  const std::map<std::string, std::vector<int>> expected = {
      {"M-AVA-A", {336, 0, 0, 0, 0}},  {"M-AVA-CULT", {672, 0, 0, 336, 336}},
      {"M-BOV", {504, 0, 0, 0, 0}},    {"M-MYCO-C", {504, 0, 0, 0, 0}},
      {"M-POR", {504, 0, 0, 0, 0}},    {"M-STER", {336, 0, 96, 0, 0}},
      {"M-STER-R", {168, 48, 0, 0, 0}}};
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace lims::assay
