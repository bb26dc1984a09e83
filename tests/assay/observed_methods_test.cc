// Culture, animal, mycoplasma and karyotype tests by the model methods of schemas/methods: what
// must be entered under its own name, and what decides instead of a number that somebody typed.
#include <gtest/gtest.h>

#include <algorithm>

#include "assay/entries.h"
#include "assay/observation.h"
#include "assay/setup.h"
#include "assay_input.h"
#include "lims/v1/run_service.pb.h"
#include "support/model_files.h"

namespace lims::assay {
namespace {

// 2026-03-01T00:00:00Z
constexpr TimeUs kInoculated = TimeUs{1772323200} * 1'000'000;

v1::AssayInput InputOf(const std::string& method_id) {
  v1::AssayInput input;
  *input.mutable_method() =
      ReadTextProto<v1::Method>(kSchemas / "methods" / (method_id + ".textproto"));
  // Everything declared as it should be.
  for (const v1::SetupCheck& check : input.method().setup_checks()) {
    v1::NamedValue& value = *input.add_setup();
    value.set_name(check.name());
    value.set_unit(check.unit());
    value.set_value(check.accepted().empty() ? check.min() : check.accepted(0));
    if (check.text()) value.set_value("L-1");
    if (check.expiry()) value.set_value("2035-12");
  }
  return input;
}

void SetValue(v1::AssayInput& input, const std::string& name, const std::string& value) {
  for (v1::NamedValue& declared : *input.mutable_setup()) {
    if (declared.name() == name) return declared.set_value(value);
  }
  ADD_FAILURE() << "no setup value " << name;
}

void SetDay(v1::AssayInput& input, const std::string& name, TimeUs after) {
  SetValue(input, name, FormatUtc(kInoculated + after));
}

v1::AssayInput Mycoplasma(TimeUs last_look) {
  v1::AssayInput input = InputOf("M-MYCO-C");
  SetDay(input, "inoculation_end", 0);
  SetDay(input, "last_look", last_look);
  AddValues(input, "A", "CULTURE", {"NEGATIVE"});
  AddValues(input, "A", "DNA_STAIN", {"NEGATIVE"});
  return input;
}

TEST(ObservedMethods, MycoplasmaIsNegativeOnlyAfterTwentyOneFullDays) {
  EXPECT_EQ(Unfinished(Mycoplasma(21 * kDay), {}, 0), Names{});
  const v1::Computation found = Compute(Mycoplasma(21 * kDay));
  EXPECT_EQ(Failed(found.checks()), Names{});
  EXPECT_EQ(Reported(found.samples(0), "MYCO-C"), "NEGATIVE");
  for (const TimeUs early : {TimeUs{0}, kDay, 21 * kDay - 1}) {
    EXPECT_EQ(Unfinished(Mycoplasma(early), {}, 0).size(), 2u);
    EXPECT_TRUE(Compute(Mycoplasma(early)).samples(0).reportables().empty());
  }
}

// A lot beside every expiry, and an expiry where something critical may run out.
TEST(ObservedMethods, CriticalReagentsAreDeclaredByLotAndInDate) {
  for (const char* id : {"M-BET", "M-BSA", "M-FLOW-ID", "M-HV-PCR", "M-MYCO-C", "M-MYCO-N",
                         "M-PERT", "M-POT-LYM", "M-POT-RP", "M-STER", "M-STER-R", "M-TERT"}) {
    const v1::Method method = InputOf(id).method();
    EXPECT_TRUE(AsksForExpiry(method)) << id;
    EXPECT_TRUE(std::any_of(method.setup_checks().begin(), method.setup_checks().end(),
                            [](const v1::SetupCheck& check) {
                              return check.text() && check.name().find("_lot") != std::string::npos;
                            }))
        << id;
  }
  v1::AssayInput input = InputOf("M-FLOW-ID");
  input.set_start_date("2026-04-01");
  SetValue(input, "antibody_panel_expiry", "2026-03");
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"antibody_panel_expiry"});
}

TEST(ObservedMethods, NoMethodAsksForATypedNumberOfDays) {
  for (const auto& [id, method] : ReadMethods()) {
    for (const v1::SetupCheck& check : method.setup_checks()) {
      EXPECT_TRUE(check.unit() != "d" || check.typed_only()) << id << " " << check.name();
    }
  }
}

TEST(ObservedMethods, TwoStainsAreNotCultureAndStain) {
  const v1::Method method = InputOf("M-MYCO-C").method();
  const auto entries = [](std::initializer_list<std::pair<const char*, int>> names) {
    google::protobuf::RepeatedPtrField<v1::TypedEntry> typed;
    for (const auto& [name, replicate] : names) {
      v1::TypedEntry& entry = *typed.Add();
      entry.set_input(name);
      entry.set_replicate(replicate);
      entry.mutable_value()->set_value("NEGATIVE");
    }
    return typed;
  };
  EXPECT_EQ(Sentences(CheckEntries(method, entries({{"CULTURE", 1}, {"DNA_STAIN", 1}}))), Names{});
  EXPECT_EQ(Sentences(CheckEntries(method, entries({{"DNA_STAIN", 1}, {"DNA_STAIN", 2}}))),
            Names{"entries: CULTURE replicate 1 is missing"});
  EXPECT_EQ(
      Sentences(CheckEntries(method, entries({{"MYCO-C", 1}, {"CULTURE", 1}, {"DNA_STAIN", 1}}))),
      Names{"entries[0].input: M-MYCO-C takes no \"MYCO-C\"; it takes CULTURE, DNA_STAIN"});

  v1::AssayInput input = InputOf("M-MYCO-C");
  SetDay(input, "inoculation_end", 0);
  SetDay(input, "last_look", 28 * kDay);
  AddValues(input, "A", "DNA_STAIN", {"NEGATIVE", "NEGATIVE"});
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()), Names{"replicates/CULTURE"});

  const auto positions = FromText<v1::GetRunResponse>(
                             "positions { position: '1' target: 'DNA_STAIN' sample_id: 'A' "
                             "role: POSITION_ROLE_SAMPLE } positions { position: '2' "
                             "target: 'MYCO-C' sample_id: 'A' role: POSITION_ROLE_SAMPLE }")
                             .positions();
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, positions, "A", nullptr)),
            Names{"positions: sample A has 0 positions for CULTURE; the method asks for 1"});
}

v1::AssayInput VirusCulture(TimeUs subculture, TimeUs last_look) {
  v1::AssayInput input = InputOf("M-AVA-CULT");
  SetDay(input, "inoculation_end", 0);
  SetDay(input, "subculture", subculture);
  SetDay(input, "last_look", last_look);
  SetValue(input, "cultures", "18");
  for (const char* cells : {"VERO", "HUMAN_DIPLOID", "SAME_TISSUE"}) {
    AddValues(input, "A", cells, {"NO_CPE"});
  }
  for (const char* cells : {"CHICKEN", "GUINEA_PIG", "HUMAN_O"}) {
    for (const char* temperature : {"_4C", "_20-25C"}) {
      AddValues(input, "A", std::string(cells) + temperature, {"NO_ADSORPTION"});
    }
  }
  return input;
}

TEST(ObservedMethods, CultureAndSubcultureTakeFourteenFullDaysEach) {
  const v1::Computation found = Compute(VirusCulture(14 * kDay, 28 * kDay));
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(found.samples(0), "AVA-V"), "NO_CPE");
  EXPECT_EQ(Reported(found.samples(0), "HAD"), "NO_ADSORPTION");

  // Subcultured late: four weeks after the inoculation are not two weeks of the subculture.
  EXPECT_EQ(Unfinished(VirusCulture(20 * kDay, 28 * kDay), {}, 0).size(), 9u);
  EXPECT_EQ(Unfinished(VirusCulture(20 * kDay, 34 * kDay), {}, 0), Names{});
  // Subcultured early: nothing makes good for the first culture.
  const v1::Computation early = Compute(VirusCulture(14 * kDay - 1, 40 * kDay));
  EXPECT_EQ(early.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(early.checks()), Names{"subculture_after"});

  v1::AssayInput positive = VirusCulture(14 * kDay - 1, 15 * kDay);
  positive.mutable_data(1)->mutable_value()->set_value("CPE");
  EXPECT_EQ(Unfinished(positive, {}, 0), Names{});
  EXPECT_EQ(Reported(Compute(positive).samples(0), "AVA-V"), "CPE");
}

TEST(ObservedMethods, EveryCellLineAndEveryRedCellIsAskedFor) {
  v1::AssayInput input = VirusCulture(14 * kDay, 28 * kDay);
  input.mutable_data(1)->set_target("VERO");
  input.mutable_data(8)->set_target("CHICKEN_4C");
  EXPECT_EQ(Failed(Compute(input).samples(0).checks()),
            (Names{"replicates/HUMAN_DIPLOID", "replicates/HUMAN_O_20-25C"}));
}

TEST(ObservedMethods, LostCulturesAreAShareOfThoseInoculated) {
  v1::AssayInput input = VirusCulture(14 * kDay, 28 * kDay);
  SetValue(input, "cultures_lost", "3");
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_VALID);
  SetValue(input, "cultures_lost", "4");
  EXPECT_EQ(Failed(Compute(input).checks()), Names{"cultures_lost"});
}

struct Groups {
  int suckling_lost = 0;
  int suckling_dead_early = 0;
  int suckling = 20;
  int evidence = 0;
};

v1::AssayInput Animals(const Groups& groups) {
  v1::AssayInput input = InputOf("M-AVA-A");
  SetDay(input, "inoculation_end", 0);
  SetDay(input, "last_look", 14 * kDay);
  for (const char* group : {"suckling_mice", "adult_mice", "eggs_allantoic", "eggs_yolk_sac"}) {
    SetValue(input, std::string("control_") + group, "20");
    SetValue(input, std::string("control_") + group + "_survivors", "16");
  }
  const auto add = [&](const std::string& target, int count, const Groups& states) {
    for (int i = 0; i < count; ++i) {
      std::string state = "HEALTHY";
      if (i < states.suckling_lost) state = "LOST";
      if (i >= count - states.suckling_dead_early) state = "DEAD_WITHIN_24H";
      if (i < states.evidence) state = "EVIDENCE";
      AddValues(input, "A", target, {state});
      input.mutable_data(input.data_size() - 1)->set_replicate(std::to_string(i + 1));
    }
  };
  add("SUCKLING_MICE", groups.suckling, groups);
  for (const char* target : {"ADULT_MICE", "EGGS_YOLK_SAC", "EGGS_ALLANTOIC"}) add(target, 10, {});
  return input;
}

TEST(ObservedMethods, SurvivalIsCountedFromTheAnimals) {
  struct Case {
    Groups groups;
    const char* reported;
    const char* counted;
  };
  const Case cases[] = {
      {{}, "NO_EVIDENCE", "SUCKLING_MICE: 20 of 20, 0 died within a day"},
      {{4}, "NO_EVIDENCE", "SUCKLING_MICE: 16 of 20, 0 died within a day"},
      {{5}, "SURVIVAL_BELOW_80", "SUCKLING_MICE: 15 of 20, 0 died within a day"},
      // 80 % of those counted
      {{3, 4}, "NO_EVIDENCE", "SUCKLING_MICE: 13 of 16, 4 died within a day"},
      {{4, 4}, "SURVIVAL_BELOW_80", "SUCKLING_MICE: 12 of 16, 4 died within a day"},
      {{0, 5},
       "SURVIVAL_BELOW_80",
       "SUCKLING_MICE: 15 of 20, 5 died within a day, too many to leave out"},
      {{9, 0, 20, 1}, "EVIDENCE", "SUCKLING_MICE: 11 of 20, 0 died within a day"},
  };
  for (const Case& each : cases) {
    const v1::SampleComputation sample = Compute(Animals(each.groups)).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID) << each.counted;
    EXPECT_EQ(Reported(sample, "AVA-A"), each.reported) << each.counted;
    EXPECT_EQ(Detail(sample.details(), "survival"), each.counted);
  }
}

TEST(ObservedMethods, GroupsHaveTheirAnimalsAndControlsSurvive) {
  EXPECT_EQ(Failed(Compute(Animals({0, 0, 19})).samples(0).checks()),
            Names{"replicates/SUCKLING_MICE"});
  v1::AssayInput input = Animals({});
  SetValue(input, "control_adult_mice_survivors", "15");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(found.checks()), Names{"control_adult_mice_survivors"});
  SetDay(input, "last_look", 13 * kDay);
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 50u);
}

TEST(ObservedMethods, NineOfTenOfThePositiveGroupAreAShareOfIt) {
  struct Case {
    const char* group;
    const char* with_tumour;
    Names failed;
  };
  for (const Case& each :
       {Case{"10", "9", {}}, Case{"10", "10", {}}, Case{"20", "18", {}},
        Case{"10", "8", {"positive_group_with_tumour"}},
        Case{"20", "9", {"positive_group_with_tumour"}},
        Case{"10", "11", {"positive_group_with_tumour"}}, Case{"9", "9", {"positive_group"}}}) {
    v1::AssayInput input = InputOf("M-TUMOR");
    SetValue(input, "positive_group", each.group);
    SetValue(input, "positive_group_with_tumour", each.with_tumour);
    for (int i = 0; i < 10; ++i) {
      AddValues(input, "A", "TUMOR", {"NO_TUMOUR"});
      input.mutable_data(i)->set_replicate(std::to_string(i + 1));
    }
    const v1::Computation found = Compute(input);
    EXPECT_EQ(Failed(found.checks()), each.failed) << each.with_tumour << " of " << each.group;
    EXPECT_EQ(Reported(found.samples(0), "TUMOR"), each.failed.empty() ? "NO_TUMOUR" : "");
  }
}

// An animal that was read on several days is one animal, and what it had, it had.
TEST(ObservedMethods, AnAnimalCountsOnceByTheWorstThatWasRead) {
  v1::AssayInput input = Animals({});
  int place = 0;
  for (v1::Datum& datum : *input.mutable_data()) {
    datum.set_position("P" + std::to_string(++place));
    datum.set_observed_time(FormatUtc(kInoculated + 14 * kDay));
  }
  for (int i = 0; i < 5; ++i) {
    v1::Datum earlier = input.data(i);
    earlier.mutable_value()->set_value("LOST");
    earlier.set_observed_time(FormatUtc(kInoculated + 3 * kDay));
    *input.add_data() = earlier;
  }
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Detail(sample.details(), "survival"), "SUCKLING_MICE: 15 of 20, 0 died within a day");
  EXPECT_EQ(Reported(sample, "AVA-A"), "SURVIVAL_BELOW_80");
}

v1::AssayInput Karyotype(const std::string& code, const std::string& same_gain,
                         const std::string& same_loss) {
  v1::AssayInput input = InputOf("M-KARYO");
  SetValue(input, "cells_with_same_gain_or_structural_change", same_gain);
  SetValue(input, "cells_with_same_loss", same_loss);
  AddValues(input, "A", "KARYO", {code});
  return input;
}

TEST(ObservedMethods, CountsOfAClonalAbnormalityContradictAnyOtherCode) {
  EXPECT_EQ(Unfinished(Karyotype("NORMAL_46XX", "1", "2"), {}, 0), Names{});
  EXPECT_EQ(Unfinished(Karyotype("NORMAL_46XX", "2", "0"), {}, 0),
            Names{"cells_with_same_gain_or_structural_change is 2 {metaphases}, which is "
                  "CLONAL_ABNORMALITY; any other code asks for >= 0 and <= 1 {metaphases}: correct "
                  "what was typed wrongly"});
  EXPECT_EQ(Unfinished(Karyotype("NORMAL_46XX", "0", "3"), {}, 0).size(), 1u);
  const v1::AssayInput clonal = Karyotype("CLONAL_ABNORMALITY", "2", "0");
  EXPECT_EQ(Unfinished(clonal, {}, 0), Names{});
  EXPECT_EQ(Reported(Compute(clonal).samples(0), "KARYO"), "CLONAL_ABNORMALITY");
}

TEST(ObservedMethods, ANegativeStainContradictsAllThreePositive) {
  const auto stained = [](const std::string& code, const std::string& chondrogenesis) {
    v1::AssayInput input = InputOf("M-DIFF");
    SetValue(input, "chondrogenesis", chondrogenesis);
    AddValues(input, "A", "DIFF", {code});
    return input;
  };
  EXPECT_EQ(Unfinished(stained("ALL_THREE_POSITIVE", "POSITIVE"), {}, 0), Names{});
  EXPECT_EQ(Unfinished(stained("ALL_THREE_POSITIVE", "NEGATIVE"), {}, 0),
            Names{"chondrogenesis is NEGATIVE, which agrees with NOT_ALL_THREE_POSITIVE and not "
                  "with ALL_THREE_POSITIVE: correct what was typed wrongly"});
  v1::AssayInput none = stained("ALL_THREE_POSITIVE", "NEGATIVE");
  SetValue(none, "osteogenesis", "NEGATIVE");
  SetValue(none, "adipogenesis", "NEGATIVE");
  EXPECT_EQ(Unfinished(none, {}, 0).size(), 3u);
  const v1::AssayInput negative = stained("NOT_ALL_THREE_POSITIVE", "NEGATIVE");
  EXPECT_EQ(Unfinished(negative, {}, 0), Names{});
  const v1::SampleComputation sample = Compute(negative).samples(0);
  EXPECT_EQ(Reported(sample, "DIFF"), "NOT_ALL_THREE_POSITIVE");
  EXPECT_TRUE(sample.flags().empty());
}

TEST(ObservedMethods, ASexThatDoesNotAgreeWithAmelogeninIsFlagged) {
  struct Case {
    const char* code;
    const char* amelogenin;
    Names flags;
  };
  for (const Case& each :
       {Case{"NORMAL_46XX", "XX", {}}, Case{"NORMAL_46XY", "XY", {}},
        Case{"NORMAL_46XX", "XY", {"SEX_DISAGREES"}}, Case{"NORMAL_46XY", "XX", {"SEX_DISAGREES"}},
        Case{"CLONAL_ABNORMALITY", "XY", {}}}) {
    v1::AssayInput input = Karyotype(each.code, "0", "0");
    SetValue(input, "amelogenin", each.amelogenin);
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Names(sample.flags().begin(), sample.flags().end()), each.flags) << each.code;
  }
}

// MVD = c L / lambda, with c = 1 and L = 0.50
TEST(ObservedMethods, EndotoxinIsNotDilutedBeyondTheMaximumValidDilution) {
  struct Case {
    const char* dilution;
    const char* lambda;
    Names failed;
  };
  for (const Case& each : {Case{"100", "0.005", {}}, Case{"101", "0.005", {"lowest_standard"}},
                           Case{"10", "0.05", {}}, Case{"11", "0.05", {"lowest_standard"}},
                           Case{"0.01", "0.05", {"dilution"}}, Case{"1", "0.05", {}}}) {
    v1::AssayInput input = InputOf("M-BET");
    SetValue(input, "dilution", each.dilution);
    SetValue(input, "lowest_standard", each.lambda);
    AddValues(input, "A", "BET", {"<0.050", "<0.050"});
    EXPECT_EQ(Failed(Compute(input).checks()), each.failed) << each.dilution;
  }
}

TEST(ObservedMethods, PartsAndCodesAreCheckedWithTheirMethod) {
  ExpectChecked(
      InputOf("M-AVA-A").method(),
      {{[](auto& m) { m.mutable_outputs(0)->mutable_survival()->set_survivor_code("ALIVE"); },
        "method.outputs[0].survival.survivor_code"},
       {[](auto& m) { m.mutable_outputs(0)->mutable_survival()->set_percent_min("101"); },
        "method.outputs[0].survival.percent_min"},
       {[](auto& m) { m.mutable_outputs(0)->mutable_survival()->clear_excluded_percent_max(); },
        "method.outputs[0].survival.excluded_percent_max"},
       {[](auto& m) { m.mutable_outputs(0)->mutable_survival()->clear_below_code(); },
        "method.outputs[0].survival.below_code"}});
  ExpectChecked(InputOf("M-DIFF").method(),
                {{[](auto& m) { m.mutable_outputs(0)->add_lowest_setup("osteogenesis"); },
                  "method.outputs[0].lowest_setup"}});
  ExpectChecked(InputOf("M-BET").method(),
                {{[](auto& m) { m.mutable_outputs(0)->add_targets()->set_name("TUBE"); },
                  "method.outputs[0].targets"},
                 {[](auto& m) { m.mutable_setup_checks(0)->set_code_otherwise("GROWTH"); },
                  "method.setup_checks[0]"}});
}

}  // namespace
}  // namespace lims::assay
