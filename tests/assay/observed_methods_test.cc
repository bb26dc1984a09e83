// Culture, animal, mycoplasma and karyotype tests by the model methods of schemas/methods: what
// must be entered under its own name, and what decides instead of a number that somebody typed.
#include <gtest/gtest.h>

#include <algorithm>

#include "assay/entries.h"
#include "assay/observation.h"
#include "assay/setup.h"
#include "lims/v1/run_service.pb.h"
#include "model_input.h"

namespace lims::assay {
namespace {

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

Names Flags(const v1::SampleComputation& sample) {
  return {sample.flags().begin(), sample.flags().end()};
}

// "HAD INVALID_RUN reason"
Names InvalidLines(const v1::SampleComputation& sample) {
  Names lines;
  for (const v1::InvalidLine& line : sample.invalid_lines()) {
    lines.push_back(line.line_code() + " " + v1::Outcome_Name(line.outcome()).substr(8) + " " +
                    line.reason());
  }
  return lines;
}

TEST(ObservedMethods, AControlTakesNoPositiveOfAnotherLineAway) {
  struct Case {
    const char* cells;
    const char* adsorption;
    const char* control;  // does not hold
    v1::Outcome outcome;
    const char* reported;
    Names invalid;
    Names flags;
  };
  const Names had = {"HAD INVALID_RUN haemadsorption_negative_control_ok: no"};
  const Names flagged = {"UNEXPECTED_POSITIVE"};
  const Case cases[] = {
      {"CPE",
       "NO_ADSORPTION",
       "haemadsorption_negative_control_ok",
       v1::OUTCOME_VALID,
       "CPE",
       had,
       {}},
      {"CPE", "ADSORPTION", "haemadsorption_negative_control_ok", v1::OUTCOME_VALID, "CPE", had,
       flagged},
      {"NO_CPE",
       "ADSORPTION",
       "haemadsorption_negative_control_ok",
       v1::OUTCOME_INVALID_RUN,
       "",
       {},
       flagged},
      {"NO_CPE",
       "NO_ADSORPTION",
       "haemadsorption_negative_control_ok",
       v1::OUTCOME_INVALID_RUN,
       "",
       {},
       {}},
      {"NO_CPE",
       "ADSORPTION",
       "negative_control_healthy",
       v1::OUTCOME_VALID,
       "ADSORPTION",
       {"AVA-V INVALID_RUN negative_control_healthy: no"},
       {}},
      {"CPE",
       "NO_ADSORPTION",
       "negative_control_healthy",
       v1::OUTCOME_INVALID_RUN,
       "",
       {},
       flagged},
      {"CPE",
       "NO_ADSORPTION",
       "indicator_cells_qualified",
       v1::OUTCOME_INVALID_SETUP,
       "",
       {},
       flagged},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = VirusCulture(14 * kDay, 28 * kDay);
    input.mutable_data(0)->mutable_value()->set_value(each.cells);
    input.mutable_data(3)->mutable_value()->set_value(each.adsorption);
    SetValue(input, each.control, "no");
    const v1::Computation found = Compute(input);
    const v1::SampleComputation& sample = found.samples(0);
    const std::string name = std::string(each.cells) + " " + each.adsorption + " " + each.control;
    EXPECT_EQ(found.outcome(), each.outcome) << name;
    EXPECT_EQ(sample.outcome(), each.outcome) << name;
    EXPECT_EQ(Reported(sample, "AVA-V") + Reported(sample, "HAD"), each.reported) << name;
    EXPECT_EQ(InvalidLines(sample), each.invalid) << name;
    EXPECT_EQ(Flags(sample), each.flags) << name;
  }
}

// A version that was approved without `concerns`.
TEST(ObservedMethods, AControlThatNamesNoLineSpeaksOfAll) {
  v1::AssayInput input = VirusCulture(14 * kDay, 28 * kDay);
  for (v1::SetupCheck& check : *input.mutable_method()->mutable_setup_checks()) {
    check.clear_concerns();
  }
  input.mutable_data(0)->mutable_value()->set_value("CPE");
  SetValue(input, "haemadsorption_negative_control_ok", "no");
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Flags(sample), Names{"UNEXPECTED_POSITIVE"});
  EXPECT_EQ(InvalidLines(sample), Names{});
}

TEST(ObservedMethods, AControlTakesNoPositiveOfAnotherTargetAway) {
  for (const auto& [control, outcome] :
       {std::pair("stain_negative_control_ok", v1::OUTCOME_VALID),
        std::pair("culture_negative_control_ok", v1::OUTCOME_INVALID_RUN)}) {
    v1::AssayInput input = Mycoplasma(21 * kDay);
    input.mutable_data(0)->mutable_value()->set_value("POSITIVE");
    SetValue(input, control, "no");
    const v1::SampleComputation sample = Compute(input).samples(0);
    const bool stands = outcome == v1::OUTCOME_VALID;
    EXPECT_EQ(sample.outcome(), outcome) << control;
    EXPECT_EQ(Reported(sample, "MYCO-C"), stands ? "POSITIVE" : "") << control;
    EXPECT_EQ(Flags(sample), stands ? Names{} : Names{"UNEXPECTED_POSITIVE"}) << control;
    EXPECT_EQ(InvalidLines(sample), Names{}) << control;
  }
}

TEST(ObservedMethods, AToxicSampleIsRepeatedAtTheDilutionThatTheCulturesTolerate) {
  v1::AssayInput input = VirusCulture(14 * kDay, 28 * kDay);
  input.mutable_data(0)->mutable_value()->set_value("TOXIC");
  v1::AssayInput early = input;  // on day 2, when most was not done yet
  for (const char* name : {"subculture", "last_look", "every_virus_control_shows_cpe"}) {
    for (int i = early.setup_size() - 1; i >= 0; --i) {
      if (early.setup(i).name() == name) early.mutable_setup()->DeleteSubrange(i, 1);
    }
  }
  for (const v1::AssayInput& toxic : {input, early}) {
    const v1::Computation found = Compute(toxic);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_INVALID_SAMPLE);
    EXPECT_EQ(found.samples(0).repeat_because(), "AVA-V: TOXIC (VERO)");
    EXPECT_EQ(Unfinished(toxic, {}, 0), Names{});
    EXPECT_EQ(Sentences(SetupToDeclare(toxic.method(), toxic, {})), Names{});
  }
  // The cultures may have been harmed by something else.
  v1::AssayInput unsound = early;
  SetValue(unsound, "negative_control_healthy", "no");
  EXPECT_EQ(Compute(unsound).samples(0).repeat_because(), "");
  // A positive is no reason for a repeat, whatever is toxic beside it.
  v1::AssayInput positive = early;
  positive.mutable_data(1)->mutable_value()->set_value("CPE");
  EXPECT_EQ(Reported(Compute(positive).samples(0), "AVA-V"), "CPE");
  EXPECT_EQ(Compute(positive).samples(0).repeat_because(), "");
  // A version that was approved without.
  early.mutable_method()->mutable_method_repeat()->clear_after_invalid_codes();
  EXPECT_EQ(Compute(early).outcome(), v1::OUTCOME_INVALID_SETUP);
  EXPECT_EQ(Compute(early).samples(0).repeat_because(), "");
}

TEST(ObservedMethods, WhatDilutionDoesNotTakeAwayIsNotToxic) {
  v1::AssayInput input = VirusCulture(14 * kDay, 28 * kDay);
  SetValue(input, "toxicity_shown_by_dilution", "no");
  EXPECT_EQ(Unfinished(input, {}, 0), Names{});
  input.mutable_data(0)->mutable_value()->set_value("TOXIC");
  EXPECT_EQ(
      Unfinished(input, {}, 0),
      Names{"toxicity_shown_by_dilution is no, which agrees with NO_CPE or CPE or "
            "NO_ADSORPTION or ADSORPTION and not with TOXIC: correct what was typed wrongly"});
  // What the repeat is compared with is declared, whatever else is not waited for.
  input.clear_setup();
  Names asked;
  for (const Violation& each : SetupToDeclare(input.method(), input, {})) {
    asked.push_back(each.description.substr(0, each.description.find(' ')));
  }
  EXPECT_EQ(asked, (Names{"sample_dilution", "toxicity_shown_by_dilution"}));
  input.mutable_data(0)->mutable_value()->set_value("CPE");
  EXPECT_TRUE(SetupToDeclare(input.method(), input, {}).empty());
  input.mutable_data(0)->mutable_value()->set_value("NO_CPE");
  EXPECT_EQ(SetupToDeclare(input.method(), input, {}).size(), 13u);
}

v1::AssayInput Species(const std::string& id, TimeUs last_look) {
  v1::AssayInput input = InputOf(id);
  SetDay(input, "inoculation_end", 0);
  SetDay(input, "last_look", last_look);
  for (const v1::OutputTarget& target : input.method().outputs(0).targets()) {
    AddValues(input, "A", target.name(), {"NEGATIVE"});
  }
  return input;
}

TEST(ObservedMethods, BovineAndPorcineVirusesAreCulturedForTwentyOneDaysWithControlsOfEachPart) {
  for (const std::string id : {"BOV", "POR"}) {
    const v1::AssayInput done = Species("M-" + id, 21 * kDay);
    const int parts = done.data_size();
    EXPECT_EQ(parts, id == "BOV" ? 10 : 9);
    EXPECT_EQ(Unfinished(done, {}, 0), Names{});
    EXPECT_EQ(Reported(Compute(done).samples(0), id), "NEGATIVE");
    for (const TimeUs early : {TimeUs{0}, 21 * kDay - 1}) {
      EXPECT_EQ(Unfinished(Species("M-" + id, early), {}, 0).size(),
                static_cast<std::size_t>(parts));
    }
    for (int part = 0; part < parts; ++part) {
      const char* own = part == 0   ? "culture_negative_control_ok"
                        : part == 1 ? "haemadsorption_negative_control_ok"
                                    : "agent_negative_controls_ok";
      for (const char* control :
           {"culture_negative_control_ok", "haemadsorption_negative_control_ok",
            "agent_negative_controls_ok"}) {
        v1::AssayInput input = done;
        input.mutable_data(part)->mutable_value()->set_value("POSITIVE");
        SetValue(input, control, "no");
        EXPECT_EQ(Reported(Compute(input).samples(0), id),
                  control == std::string(own) ? "" : "POSITIVE")
            << input.data(part).target() << " " << control;
      }
    }
  }
}

TEST(ObservedMethods, UnitsAboveTwiceTheBackgroundContradictNotAboveIt) {
  const auto pert = [](const std::string& code, const std::string& units) {
    v1::AssayInput input = InputOf("M-PERT");
    SetValue(input, "background_rt_units", "0.01");
    SetValue(input, "rt_units", units);
    AddValues(input, "A", "PERT", {code, code, code});
    return input;
  };
  EXPECT_EQ(Unfinished(pert("NOT_ABOVE_BACKGROUND", "0.02"), {}, 0), Names{});
  EXPECT_EQ(Compute(pert("NOT_ABOVE_BACKGROUND", "0.02")).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Unfinished(pert("NOT_ABOVE_BACKGROUND", "0.0201"), {}, 0),
            Names{"rt_units is 0.0201 {RT_units}, which is ABOVE_BACKGROUND; any other code asks "
                  "for per background_rt_units: >= 0 and <= 2: correct what was typed wrongly"});
  const v1::AssayInput above = pert("ABOVE_BACKGROUND", "5000");
  EXPECT_EQ(Unfinished(above, {}, 0), Names{});
  EXPECT_EQ(Compute(above).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(Compute(above).samples(0), "PERT"), "ABOVE_BACKGROUND");
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

TEST(ObservedMethods, EvidenceStandsUnlessTheControlsOfItsOwnGroupFail) {
  for (const char* group : {"suckling_mice", "adult_mice", "eggs_allantoic", "eggs_yolk_sac"}) {
    v1::AssayInput input = Animals({0, 0, 20, 1});
    SetValue(input, std::string("control_") + group + "_survivors", "15");
    const v1::SampleComputation sample = Compute(input).samples(0);
    const bool own = group == std::string("suckling_mice");
    EXPECT_EQ(sample.outcome(), own ? v1::OUTCOME_INVALID_RUN : v1::OUTCOME_VALID) << group;
    EXPECT_EQ(Reported(sample, "AVA-A"), own ? "" : "EVIDENCE") << group;
    EXPECT_EQ(Flags(sample), own ? Names{"UNEXPECTED_POSITIVE"} : Names{}) << group;
  }
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

// Thirteen of twenty on day 14, and thirteen of sixteen if four of them had died within a day.
v1::AssayInput AnimalsReadBefore(const std::string& code, TimeUs before) {
  v1::AssayInput input = Animals({3, 4});
  int place = 0;
  for (v1::Datum& datum : *input.mutable_data()) {
    datum.set_position("P" + std::to_string(++place));
    datum.set_observed_time(FormatUtc(kInoculated + 14 * kDay));
  }
  for (int i = 0; i < 20; ++i) {
    v1::Datum earlier = input.data(i);
    earlier.mutable_value()->set_value(code);
    earlier.set_observed_time(FormatUtc(kInoculated + before));
    *input.add_data() = earlier;
  }
  return input;
}

google::protobuf::RepeatedPtrField<v1::ReadingEntry> EntryOf(const v1::Datum& datum) {
  google::protobuf::RepeatedPtrField<v1::ReadingEntry> entries;
  v1::ReadingEntry& entry = *entries.Add();
  entry.set_position(datum.position());
  entry.set_target(datum.target());
  *entry.mutable_value() = datum.value();
  return entries;
}

TEST(ObservedMethods, AnAnimalThatWasSeenAliveLaterDidNotDieWithinADay) {
  const std::string why =
      "P17 was read HEALTHY 3 d 0 h 0 min after inoculation_end, so it did not die within a day, "
      "as DEAD_WITHIN_24H says: what was read stands; read LOST or EVIDENCE, or end the run with "
      "lims run abort";
  v1::AssayInput input = AnimalsReadBefore("HEALTHY", 3 * kDay);
  ASSERT_EQ(Unfinished(input, {}, 0).size(), 4u);
  EXPECT_EQ(Unfinished(input, {}, 0)[0], why);
  EXPECT_EQ(Sentences(CheckCourses(input, EntryOf(input.data(16)), 0)),
            Names{"entries[0].value: " + why});
  EXPECT_EQ(Sentences(CheckCourses(input, EntryOf(input.data(0)), 0)), Names{});
  // Read as lost they are counted: 13 of 20.
  for (int i = 16; i < 20; ++i) input.mutable_data(i)->mutable_value()->set_value("LOST");
  EXPECT_EQ(Unfinished(input, {}, 0), Names{});
  EXPECT_EQ(Reported(Compute(input).samples(0), "AVA-A"), "SURVIVAL_BELOW_80");

  EXPECT_EQ(Unfinished(AnimalsReadBefore("HEALTHY", kDay), {}, 0), Names{});
  EXPECT_EQ(Unfinished(AnimalsReadBefore("HEALTHY", kDay + 1), {}, 0).size(), 4u);
  // Dead first and alive afterwards: all that are healthy at the end.
  EXPECT_EQ(Unfinished(AnimalsReadBefore("DEAD_WITHIN_24H", kDay), {}, 0).size(), 13u);
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
  ExpectChecked(InputOf("M-AVA-CULT").method(),
                {{[](auto& m) { m.mutable_outputs(0)->clear_invalid_codes(); },
                  "method.method_repeat.after_invalid_codes"},
                 {[](auto& m) { m.mutable_method_repeat()->clear_same_sample(); },
                  "method.method_repeat.same_sample"},
                 {[](auto& m) { m.mutable_method_repeat()->set_other_sample(true); },
                  "method.method_repeat.same_sample"}});
  ExpectChecked(InputOf("M-DIFF").method(),
                {{[](auto& m) { m.mutable_outputs(0)->add_lowest_setup("osteogenesis"); },
                  "method.outputs[0].lowest_setup"}});
  ExpectChecked(InputOf("M-BET").method(),
                {{[](auto& m) { m.mutable_outputs(0)->add_targets()->set_name("TUBE"); },
                  "method.outputs[0].targets"},
                 {[](auto& m) { m.mutable_setup_checks(0)->set_code_otherwise("GROWTH"); },
                  "method.setup_checks[0]"},
                 {[](auto& m) { m.mutable_setup_checks(0)->add_concerns("BET"); },
                  "method.setup_checks[0]"}});
}

}  // namespace
}  // namespace lims::assay
