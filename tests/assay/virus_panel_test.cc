#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "assay_input.h"
#include "virus_panel_method.h"

namespace lims::assay {
namespace {

// "31.2", "" for undetermined, "31.2 Presence" with a call of the vendor's software.
v1::Datum& AddWell(v1::AssayInput& input, v1::PositionRole role, const std::string& sample,
                   const std::string& target, const std::string& text,
                   const std::string& dilution = "") {
  v1::Datum& well = *input.add_data();
  well.set_role(role);
  well.set_sample_id(sample);
  well.set_target(target);
  well.set_position("W" + std::to_string(input.data_size()));
  well.set_dilution(dilution);
  const std::size_t blank = std::min(text.find(' '), text.size());
  if (blank < text.size()) well.set_vendor_call(text.substr(blank + 1));
  if (blank == 0) {
    well.set_undetermined(true);
  } else {
    well.mutable_value()->set_value(text.substr(0, blank));
  }
  return well;
}

void AddWells(v1::AssayInput& input, const std::string& sample, const std::string& target,
              const std::vector<std::string>& wells, const std::string& dilution = "") {
  for (const std::string& well : wells) {
    AddWell(input, kSampleRole, sample, target, well, dilution);
  }
}

struct ControlCqs {
  std::string process = "30.1";
  std::string blank;
  std::string ntc;
  std::string positive = "33.5";
};

void AddControls(v1::AssayInput& input, const std::string& target, const ControlCqs& controls) {
  if (target == "HPV") AddWell(input, kProcess, "", target, controls.process);
  AddWell(input, kBlank, "", target, controls.blank);
  AddWell(input, kNtc, "", target, controls.ntc);
  AddWell(input, kPositiveRole, "", target, controls.positive);
}

// A plate whose controls hold and whose sample has cells, but no wells of targets or of the
// internal control yet.
v1::AssayInput Plate(const ControlCqs& hpv = {}, const ControlCqs& hbv = {}) {
  v1::AssayInput input;
  *input.mutable_method() = PanelMethod();
  AddControls(input, "HPV", hpv);
  AddControls(input, "HBV", hbv);
  AddWells(input, kSample, "CELL", {"23.4"});
  return input;
}

// After an attempt in which the lines `lost` had no signal and no internal control.
void SetMethodRepeat(v1::AssayInput& input, const std::vector<std::string>& lost = {}) {
  v1::SampleFacts& facts = *input.add_facts();
  facts.set_sample_id(kSample);
  facts.set_method_repeat(true);
  facts.mutable_lost_controls()->Add(lost.begin(), lost.end());
}

// "NEGATIVE", or for a line that does not count "INVALID_RUN", "INVALID_SAMPLE".
std::string Found(const v1::SampleComputation& sample, const std::string& line) {
  for (const v1::InvalidLine& invalid : sample.invalid_lines()) {
    if (invalid.line_code() == line) return v1::Outcome_Name(invalid.outcome()).substr(8);
  }
  return Reported(sample, line);
}

bool HasFlag(const v1::SampleComputation& sample, const std::string& flag) {
  const auto& flags = sample.flags();
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

struct TruthTableRow {
  const char* name;
  std::vector<std::string> internal_control;
  std::vector<std::string> tag;
  std::vector<std::string> target;
  const char* found;
  const char* flag;
  bool repeat_due;  // by the calculator; an INDETERMINATE says it by itself
};

TEST(VirusPanel, TruthTableOfOneTarget) {
  const std::vector<TruthTableRow> rows = {
      {"control present, none", {"28.6"}, {""}, {"", ""}, "NEGATIVE", "", false},
      {"control present, all", {"28.6"}, {""}, {"36.9", "37.2"}, "POSITIVE", "", false},
      {"control present, some", {"28.6"}, {""}, {"36.9", ""}, "INDETERMINATE", "", false},
      {"control on its limit", {"32.0"}, {""}, {"", ""}, "NEGATIVE", "", false},
      {"control just behind it", {"32.1"}, {""}, {"", ""}, "INVALID_SAMPLE", "", true},
      {"control absent, none", {""}, {""}, {"", ""}, "INVALID_SAMPLE", "", true},
      {"one control well of two lost", {"28.6", ""}, {""}, {"", ""}, "INVALID_SAMPLE", "", true},
      {"control not on the plate", {}, {""}, {"", ""}, "INVALID_SAMPLE", "", true},
      {"control absent, all strong",
       {""},
       {""},
       {"21.0", "35"},
       "POSITIVE",
       "INTERNAL_CONTROL_OUTCOMPETED",
       false},
      {"control absent, all but weak", {""}, {""}, {"21.0", "35.1"}, "INDETERMINATE", "", false},
      {"control absent, some", {""}, {""}, {"21.0", ""}, "INDETERMINATE", "", false},
      {"tag and target",
       {"28.6"},
       {"31.0"},
       {"31.0", "31.1"},
       "INVALID_SAMPLE",
       "CONTROL_CROSS_TALK",
       true},
      {"tag and one well of the target",
       {""},
       {"31.0"},
       {"31.0", ""},
       "INVALID_SAMPLE",
       "CONTROL_CROSS_TALK",
       true},
      {"tag without target", {"28.6"}, {"31.0"}, {"", ""}, "NEGATIVE", "", false},
      {"on the cut-off", {"28.6"}, {""}, {"38", "38.0"}, "POSITIVE", "", false},
      {"behind the cut-off",
       {"28.6"},
       {""},
       {"38.1", ""},
       "NEGATIVE",
       "SIGNAL_BEHIND_CUTOFF",
       false},
      {"a well short", {"28.6"}, {""}, {""}, "INVALID_SAMPLE", "", false},
      {"a well short, but a signal", {"28.6"}, {""}, {"30"}, "POSITIVE", "", false},
  };
  for (const TruthTableRow& row : rows) {
    SCOPED_TRACE(row.name);
    v1::AssayInput input = Plate();
    AddWells(input, kSample, "IC", row.internal_control);
    AddWells(input, kSample, "TAG", row.tag);
    AddWells(input, kSample, "HPV", row.target);
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
    ASSERT_EQ(found.samples_size(), 1);
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(Found(sample, "V-HPV"), row.found);
    EXPECT_EQ(!sample.repeat_because().empty(), row.repeat_due) << sample.repeat_because();
    if (*row.flag != '\0') {
      EXPECT_TRUE(HasFlag(sample, row.flag));
    }
    const bool counts = !Reported(sample, "V-HPV").empty();
    EXPECT_EQ(sample.outcome(), counts ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_SAMPLE);
    const bool inconclusive = counts && !sample.reportables(0).inconclusive().empty();
    EXPECT_EQ(inconclusive, std::string(row.found) == "INDETERMINATE");
  }
}

TEST(VirusPanel, TagOfThePseudovirusExcusesOnlyWhatItCarries) {
  v1::AssayInput input = Plate();
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "TAG", {"31.0"});
  AddWells(input, kSample, "HBV", {"31.0", "31.0"});
  EXPECT_EQ(Found(Compute(input).samples(0), "V-HBV"), "POSITIVE");
}

struct ControlCase {
  const char* name;
  ControlCqs hbv;
  const char* check;
};

TEST(VirusPanel, ControlOfOneTargetInvalidatesThatTargetOnly) {
  const std::vector<ControlCase> cases = {
      {"NTC amplified", {"", "", "31.2", "33.5"}, "ntc/HBV"},
      {"NTC amplified behind the cut-off", {"", "", "39.4", "33.5"}, "ntc/HBV"},
      {"NTC called present", {"", "", " Presence", "33.5"}, "ntc/HBV"},
      {"extraction blank amplified", {"", "36.0", "", "33.5"}, "extraction_blank/HBV"},
      {"no signal of the positive control", {"", "", "", ""}, "positive_control/HBV"},
      {"positive control behind the cut-off", {"", "", "", "38.4"}, "positive_control/HBV"},
  };
  for (const ControlCase& each : cases) {
    SCOPED_TRACE(each.name);
    v1::AssayInput input = Plate(ControlCqs{}, each.hbv);
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {"", ""});
    AddWells(input, kSample, "HBV", {"", ""});
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Failed(found.checks()), Names{each.check});
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
    EXPECT_EQ(Found(sample, "V-HPV"), "NEGATIVE");
    EXPECT_EQ(Found(sample, "V-HBV"), "INVALID_RUN");
    EXPECT_EQ(sample.repeat_because(), "");
    EXPECT_TRUE(sample.flags().empty());
  }
}

TEST(VirusPanel, ProcessControlLiesInItsChart) {
  for (const std::string cq : {"26.9", "33.1", ""}) {
    v1::AssayInput input = Plate(ControlCqs{cq, "", "", "33.5"});
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {"", ""});
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN) << cq;
    EXPECT_EQ(Failed(found.checks()), (Names{"process_control/HPV", "extraction"})) << cq;
    EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_INVALID_RUN) << cq;
    EXPECT_EQ(Found(found.samples(0), "V-HPV"), "INVALID_RUN") << cq;
  }
}

TEST(VirusPanel, TagInANegativeControlInvalidatesWhatThePseudovirusCarries) {
  v1::AssayInput input = Plate();
  AddWell(input, kNtc, "", "TAG", "37");
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "HPV", {"", ""});
  AddWells(input, kSample, "HBV", {"", ""});
  const v1::Computation found = Compute(input);
  EXPECT_EQ(Failed(found.checks()), Names{"ntc/HPV"});
  EXPECT_EQ(Found(found.samples(0), "V-HPV"), "INVALID_RUN");
  EXPECT_EQ(Found(found.samples(0), "V-HBV"), "NEGATIVE");
}

TEST(VirusPanel, MissingControlDoesNotHold) {
  v1::AssayInput input;
  *input.mutable_method() = PanelMethod();
  AddWells(input, kSample, "CELL", {"23.4"});
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "HPV", {"", ""});
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(found.checks()), (Names{"process_control/HPV", "extraction_blank/HPV", "ntc/HPV",
                                           "positive_control/HPV", "extraction"}));
}

struct ExtractionCase {
  const char* name;
  const char* hpv;  // of the process control, which carries these two
  const char* hbv;
  v1::Outcome outcome;
  Names failed;
  Names found;  // of HPV, HBV, HCV
};

TEST(VirusPanel, ProcessControlLostOnEveryTargetShowsNoExtraction) {
  const std::vector<ExtractionCase> cases = {
      {"lost on none", "30.1", "30.4", v1::OUTCOME_VALID, {}, {"NEGATIVE", "NEGATIVE", "POSITIVE"}},
      {"lost on one",
       "",
       "30.4",
       v1::OUTCOME_VALID,
       {"process_control/HPV"},
       {"INVALID_RUN", "NEGATIVE", "POSITIVE"}},
      {"lost on every one",
       "",
       "33.1",
       v1::OUTCOME_INVALID_RUN,
       {"process_control/HPV", "process_control/HBV", "extraction"},
       {"INVALID_RUN", "INVALID_RUN", "INVALID_RUN"}},
  };
  for (const ExtractionCase& each : cases) {
    SCOPED_TRACE(each.name);
    v1::AssayInput input = Plate(ControlCqs{each.hpv, "", "", "33.5"});
    v1::MethodOutput& output = *input.mutable_method()->add_outputs();
    output = input.method().outputs(0);
    output.set_line_code("V-HCV");
    output.set_input("HCV");
    SetParameter(*input.mutable_method(), "process_control_targets", "HPV,HBV");
    AddWell(input, kProcess, "", "HBV", each.hbv);
    AddControls(input, "HCV", {});
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {"", ""});
    AddWells(input, kSample, "HBV", {"", ""});
    AddWells(input, kSample, "HCV", {"30", "30"});
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), each.outcome);
    EXPECT_EQ(Failed(found.checks()), each.failed);
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ((Names{Found(sample, "V-HPV"), Found(sample, "V-HBV"), Found(sample, "V-HCV")}),
              each.found);
    EXPECT_EQ(HasFlag(sample, "UNEXPECTED_POSITIVE"), each.outcome != v1::OUTCOME_VALID);
  }
}

// The extraction is that of the whole plate.
TEST(VirusPanel, ProcessControlCountsOnTargetsThatNoSampleIsTestedFor) {
  for (const std::string cq : {"30.1", ""}) {
    v1::AssayInput input = Plate(ControlCqs{cq, "", "", "33.5"});
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HBV", {"", ""});
    const v1::Computation found = Compute(input);
    EXPECT_EQ(Failed(found.checks()), cq.empty() ? Names{"extraction"} : Names{});
    EXPECT_EQ(found.outcome(), cq.empty() ? v1::OUTCOME_INVALID_RUN : v1::OUTCOME_VALID);
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(Found(sample, "V-HBV"), cq.empty() ? "INVALID_RUN" : "NEGATIVE");
    if (cq.empty()) {
      EXPECT_EQ(sample.invalid_lines(0).reason(), "extraction: none (W1)");
    }
  }
}

struct WaterCase {
  const char* name;
  v1::PositionRole role;
  const char* target;
  const char* well;
  bool clean;
};

// What is added to every well is in the water as well, and the matrix of a blank may be cells.
TEST(VirusPanel, CellsInTheWaterInvalidateTheRun) {
  const std::vector<WaterCase> cases = {
      {"no cells", kNtc, "CELL", "", true},
      {"cells", kNtc, "CELL", "34.0", false},
      {"cells, late", kNtc, "CELL", "41.5", false},
      {"called present", kNtc, "CELL", " Presence", false},
      {"cells of the blank's matrix", kBlank, "CELL", "25.0", true},
      {"internal control in every well", kNtc, "IC", "28.4", true},
  };
  for (const WaterCase& each : cases) {
    SCOPED_TRACE(each.name);
    v1::AssayInput input = Plate();
    AddWell(input, each.role, "", each.target, each.well);
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {"", ""});
    AddWells(input, kSample, "HBV", {"30", "30"});
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), each.clean ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_RUN);
    EXPECT_EQ(Failed(found.checks()), each.clean ? Names{} : Names{"ntc/CELL"});
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(Found(sample, "V-HPV"), each.clean ? "NEGATIVE" : "INVALID_RUN");
    EXPECT_EQ(Found(sample, "V-HBV"), each.clean ? "POSITIVE" : "INVALID_RUN");
    EXPECT_EQ(HasFlag(sample, "UNEXPECTED_POSITIVE"), !each.clean);
  }
}

struct BlankCase {
  const char* name;
  std::vector<std::string> internal_control;  // in the extraction blank
  bool shown;
  const char* observed;
};

TEST(VirusPanel, ExtractionBlankShowsTheInternalControlWhereTheMethodAsksForIt) {
  const std::vector<BlankCase> cases = {
      {"extracted", {"28.6"}, true, "28.6 (W12)"},
      {"on the limit", {"32.0"}, true, "32.0 (W12)"},
      {"just behind it", {"32.1"}, false, "32.1 (W12)"},
      {"lost", {""}, false, "none (W12)"},
      {"one well of two lost", {"28.6", ""}, false, "28.6 (W12), none (W13)"},
      {"called failed", {"28.6 IPC Failed"}, false, "28.6 (W12, IPC Failed)"},
      {"not on the plate", {}, false, "missing"},
  };
  for (const BlankCase& each : cases) {
    SCOPED_TRACE(each.name);
    v1::AssayInput input = Plate();
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {""});
    AddWells(input, kSample, "HBV", {"30"});
    for (const std::string& well : each.internal_control) AddWell(input, kBlank, "", "IC", well);
    EXPECT_EQ(Failed(Compute(input).checks()), Names{});
    SetParameter(*input.mutable_method(), "ic_in_extraction_blank", "yes");
    const v1::Computation found = Compute(input);
    EXPECT_EQ(CheckNamed(found.checks(), "extraction_blank", "IC").observed(), each.observed);
    EXPECT_EQ(Failed(found.checks()), each.shown ? Names{} : Names{"extraction_blank/IC"});
    EXPECT_EQ(found.outcome(), each.shown ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_RUN);
    const v1::SampleComputation& sample = found.samples(0);
    EXPECT_EQ(Found(sample, "V-HBV"), each.shown ? "POSITIVE" : "INVALID_RUN");
    EXPECT_EQ(HasFlag(sample, "UNEXPECTED_POSITIVE"), !each.shown);
    EXPECT_EQ(
        sample.invalid_lines(0).reason(),
        each.shown ? "1 of 2 wells" : "extraction_blank of IC: " + std::string(each.observed));
  }
}

TEST(VirusPanel, InternalControlInTheWellsOfABlankSpeaksForTheirTarget) {
  v1::AssayInput input = Plate();
  SetParameter(*input.mutable_method(), "ic_in_extraction_blank", "yes");
  const v1::AssayInput controls = input;
  for (const auto& [target, control] : {std::pair("HPV", "28.6"), std::pair("HBV", "")}) {
    AddWells(input, kSample, target, {"", ""});
    for (const v1::Datum& well : controls.data()) {
      if (well.role() != kBlank || well.target() != target) continue;
      AddWell(input, kBlank, "", "IC", control).set_position(well.position());
    }
  }
  AddWells(input, kSample, "IC", {"28.6"});
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(found.checks()), Names{"extraction_blank/IC"});
  EXPECT_EQ(Found(found.samples(0), "V-HPV"), "NEGATIVE");
  EXPECT_EQ(Found(found.samples(0), "V-HBV"), "INVALID_RUN");
}

TEST(VirusPanel, SignalOfAnInvalidTargetIsUnexpectedPositive) {
  v1::AssayInput input = Plate(ControlCqs{}, {"", "", "31.2", "33.5"});
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "HPV", {"", ""});
  AddWells(input, kSample, "HBV", {"", "36"});
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Found(sample, "V-HBV"), "INVALID_RUN");
  EXPECT_TRUE(sample.invalid_lines(0).signal());
  EXPECT_EQ(sample.invalid_lines(0).reason(), "ntc of HBV: 31.2 (W6)");
  EXPECT_TRUE(HasFlag(sample, "UNEXPECTED_POSITIVE"));
  EXPECT_NE(Detail(sample.details(), "HBV").find("36"), std::string::npos);
}

TEST(VirusPanel, PositiveStandsBesideALostTarget) {
  v1::AssayInput input = Plate();
  AddWells(input, kSample, "IC", {""});
  AddWells(input, kSample, "HPV", {"", ""});
  AddWells(input, kSample, "HBV", {"21", "21.1"});
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Found(sample, "V-HBV"), "POSITIVE");
  EXPECT_EQ(Found(sample, "V-HPV"), "INVALID_SAMPLE");
  EXPECT_EQ(sample.repeat_because(), "internal control lost (HPV)");
}

TEST(VirusPanel, WithoutCellsNothingIsNegative) {
  for (const bool measured : {true, false}) {
    v1::AssayInput input;
    *input.mutable_method() = PanelMethod();
    AddControls(input, "HPV", {});
    AddControls(input, "HBV", {});
    if (measured) AddWells(input, kSample, "CELL", {""});
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {"", ""});
    AddWells(input, kSample, "HBV", {"30", "30"});
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Found(sample, "V-HPV"), "INVALID_SAMPLE");
    EXPECT_EQ(Found(sample, "V-HBV"), "POSITIVE");
    EXPECT_EQ(Failed(sample.checks()), Names{"cellular_gene/CELL"});
  }
}

struct LostCase {
  const char* name;
  std::vector<std::string> internal_control;
  std::vector<std::string> tag;
  std::vector<std::string> target;
  bool lost;
};

TEST(VirusPanel, ControlLostIsWhatALineWithoutSignalIsOpenFor) {
  const std::vector<LostCase> cases = {
      {"control absent, none", {""}, {""}, {"", ""}, true},
      {"control absent, none, a well short", {""}, {""}, {""}, true},
      {"a well short", {"28.6"}, {""}, {""}, false},
      {"not confirmed", {"28.6"}, {""}, {"", " Unconfirmed"}, false},
      {"cross-talk", {""}, {"31.0"}, {"31.0", ""}, false},
  };
  for (const LostCase& each : cases) {
    SCOPED_TRACE(each.name);
    v1::AssayInput input = Plate();
    AddWells(input, kSample, "IC", each.internal_control);
    AddWells(input, kSample, "TAG", each.tag);
    AddWells(input, kSample, "HPV", each.target);
    const v1::SampleComputation sample = Compute(input).samples(0);
    ASSERT_EQ(sample.invalid_lines_size(), 1);
    EXPECT_EQ(sample.invalid_lines(0).control_lost(), each.lost);
  }
}

struct DilutedCase {
  const char* name;
  bool repeat;
  std::vector<std::string> lost;  // lines of the attempt that is repeated
  const char* control;            // in the undiluted wells
  const char* found;
};

TEST(VirusPanel, AClearDilutionAnswersOnlyTheLostControlThatIsRepeated) {
  const std::vector<DilutedCase> cases = {
      {"no repeat", false, {}, "", "INVALID_SAMPLE"},
      {"the line lost its control", true, {"V-HPV"}, "", "NEGATIVE"},
      {"two lines did", true, {"V-HBV", "V-HPV"}, "33", "NEGATIVE"},
      {"the line was indeterminate", true, {}, "", "INVALID_SAMPLE"},
      {"another line lost its control", true, {"V-HBV"}, "", "INVALID_SAMPLE"},
      {"indeterminate, now clear undiluted", true, {}, "29.0", "NEGATIVE"},
  };
  for (const DilutedCase& each : cases) {
    SCOPED_TRACE(each.name);
    v1::AssayInput input = Plate();
    if (each.repeat) SetMethodRepeat(input, each.lost);
    AddWells(input, kSample, "IC", {each.control});
    AddWells(input, kSample, "IC", {"29.1"}, "10");
    AddWells(input, kSample, "HPV", {"", "", ""});
    AddWells(input, kSample, "HPV", {"", ""}, "10");
    const v1::SampleComputation sample = Compute(input).samples(0);
    const std::string found = Found(sample, "V-HPV");
    EXPECT_EQ(found, each.found);
    EXPECT_EQ(sample.repeat_because().empty(), found == "NEGATIVE") << sample.repeat_because();
    EXPECT_EQ(HasFlag(sample, "DILUTED_RESULT"),
              found == "NEGATIVE" && std::string(each.control) != "29.0");
  }
}

// The dilution answers a lost internal control, not what the undiluted wells leave open.
TEST(VirusPanel, AClearDilutionDoesNotOverruleDoubtfulOrMissingUndilutedWells) {
  v1::AssayInput input = Plate();
  SetMethodRepeat(input, {"V-HPV"});
  AddWells(input, kSample, "IC", {"29.0"});
  AddWells(input, kSample, "IC", {"29.1"}, "10");
  AddWells(input, kSample, "HPV", {"", "", ""});
  AddWells(input, kSample, "HPV", {"", ""}, "10");
  EXPECT_EQ(Found(Compute(input).samples(0), "V-HPV"), "NEGATIVE");
  v1::AssayInput doubtful = input;
  for (v1::Datum& well : *doubtful.mutable_data()) {
    if (well.sample_id() != kSample || well.target() != "HPV" || !well.dilution().empty()) continue;
    well.set_vendor_call("Unconfirmed");
    break;
  }
  const v1::SampleComputation sample = Compute(doubtful).samples(0);
  EXPECT_EQ(Found(sample, "V-HPV"), "INVALID_SAMPLE");
  EXPECT_FALSE(HasFlag(sample, "DILUTED_RESULT"));

  auto& data = *input.mutable_data();
  data.erase(std::find_if(data.begin(), data.end(), [](const v1::Datum& well) {
    return well.sample_id() == kSample && well.target() == "HPV";
  }));
  EXPECT_EQ(Found(Compute(input).samples(0), "V-HPV"), "INVALID_SAMPLE");
}

TEST(VirusPanel, LostControlInTheRepeatIsAgainNoResult) {
  v1::AssayInput input = Plate();
  SetMethodRepeat(input, {"V-HPV"});
  AddWells(input, kSample, "IC", {"33"});
  AddWells(input, kSample, "IC", {"34"}, "10");
  AddWells(input, kSample, "HPV", {"", "", ""});
  AddWells(input, kSample, "HPV", {"", ""}, "10");
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(sample.repeat_because(), "internal control lost (HPV)");
}

TEST(VirusPanel, AnySignalInTheRepeatIsPositive) {
  for (const char* dilution : {"", "10"}) {
    v1::AssayInput input = Plate();
    SetMethodRepeat(input);
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "IC", {"28.6"}, "10");
    AddWells(input, kSample, "HPV", {"", ""});
    AddWells(input, kSample, "HPV", {"37.5"}, dilution);
    AddWells(input, kSample, "HPV", {""}, "10");
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Found(sample, "V-HPV"), "POSITIVE") << dilution;
    EXPECT_EQ(sample.reportables(0).inconclusive(), "") << dilution;
  }
}

TEST(VirusPanel, RepeatNeedsThreeWells) {
  v1::AssayInput input = Plate();
  SetMethodRepeat(input);
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "HPV", {"", ""});
  EXPECT_EQ(Found(Compute(input).samples(0), "V-HPV"), "INVALID_SAMPLE");
  AddWells(input, kSample, "HPV", {""});
  EXPECT_EQ(Found(Compute(input).samples(0), "V-HPV"), "NEGATIVE");
}

struct CallCase {
  std::vector<std::string> internal_control;
  std::vector<std::string> target;
  const char* found;
};

TEST(VirusPanel, VendorsCallIsNeverOverruledTowardsNegative) {
  const std::vector<CallCase> cases = {
      {{"28.6 IPC Succeeded"}, {" Absence", " Absence"}, "NEGATIVE"},
      {{"28.6 IPC Succeeded"}, {" Absence", " Unconfirmed"}, "INVALID_SAMPLE"},
      {{"28.6 IPC Failed"}, {" Absence", " Absence"}, "INVALID_SAMPLE"},
      {{"28.6 NEGATIVE"}, {"", ""}, "INVALID_SAMPLE"},
      {{"28.6"}, {" Presence", " Presence"}, "POSITIVE"},
      {{"28.6"}, {"39.5 POSITIVE", " NEGATIVE"}, "INDETERMINATE"},
      {{"28.6"}, {"30.1 NEGATIVE", "30.2 Absence"}, "POSITIVE"},
  };
  for (const CallCase& each : cases) {
    v1::AssayInput input = Plate();
    AddWells(input, kSample, "IC", each.internal_control);
    AddWells(input, kSample, "HPV", each.target);
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Found(sample, "V-HPV"), each.found) << each.target[0] << "|" << each.target[1];
    const std::string call =
        each.target[0].substr(std::min(each.target[0].find(' ') + 1, each.target[0].size()));
    EXPECT_NE(Detail(sample.details(), "HPV").find(call), std::string::npos);
  }
}

TEST(VirusPanel, InternalControlOfTheSameWellsSpeaksForThem) {
  v1::AssayInput input = Plate();
  for (const auto& [target, control] : {std::pair("HPV", "28.6"), std::pair("HBV", "")}) {
    for (int i = 0; i < 2; ++i) {
      const std::string well = AddWell(input, kSampleRole, kSample, target, "").position();
      AddWell(input, kSampleRole, kSample, "IC", control).set_position(well);
    }
  }
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Found(sample, "V-HPV"), "NEGATIVE");
  EXPECT_EQ(Found(sample, "V-HBV"), "INVALID_SAMPLE");
  EXPECT_EQ(Failed(sample.checks()), Names{"internal_control/IC"});
}

TEST(VirusPanel, UnknownTargetAndUnreadableWellInvalidateTheRun) {
  v1::AssayInput input = Plate();
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "HPV", {"", ""});
  AddWells(input, kSample, "HPV-16", {""});
  AddWells(input, kSample, "HBV", {"n/a", ""});
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_TRUE(CheckNamed(found.checks(), "known_target", "HPV-16").name() == "known_target");
  EXPECT_FALSE(CheckNamed(found.checks(), "readable_cq", "HBV").ok());
  EXPECT_EQ(Found(found.samples(0), "V-HPV"), "INVALID_RUN");
}

TEST(VirusPanel, SamplesOfAPlateAreJudgedEachForItself) {
  v1::AssayInput input = Plate();
  for (const auto& [sample, control, well] :
       {std::tuple("A", "28.6", ""), std::tuple("B", "33", ""), std::tuple("C", "28.6", "30")}) {
    AddWells(input, sample, "CELL", {"23"});
    AddWells(input, sample, "IC", {control});
    AddWells(input, sample, "HPV", {well, well});
  }
  const v1::Computation found = Compute(input);
  ASSERT_EQ(found.samples_size(), 4);
  EXPECT_EQ(Found(found.samples(1), "V-HPV"), "NEGATIVE");
  EXPECT_EQ(Found(found.samples(2), "V-HPV"), "INVALID_SAMPLE");
  EXPECT_EQ(Found(found.samples(3), "V-HPV"), "POSITIVE");
}

TEST(VirusPanel, LimitOfDetectionStandsBesideTheResult) {
  v1::AssayInput input = Plate();
  SetParameter(*input.mutable_method(), "lod", "HPV=50, HBV=20");
  SetParameter(*input.mutable_method(), "cq_cutoff_of", "HBV=36.5");
  AddWells(input, kSample, "IC", {"28.6"});
  AddWells(input, kSample, "HPV", {"37", "37"});
  AddWells(input, kSample, "HBV", {"37", "37"});
  const v1::SampleComputation sample = Compute(input).samples(0);
  EXPECT_EQ(Detail(sample.details(), "HBV_lod"), "20 {copies}/mL");
  EXPECT_EQ(Found(sample, "V-HPV"), "POSITIVE");
  EXPECT_EQ(Found(sample, "V-HBV"), "NEGATIVE");
}

TEST(VirusPanel, ChecksItsMethod) {
  ExpectChecked(
      PanelMethod(),
      {{[](v1::Method& m) { SetParameter(m, "process_control_targets", "HPV,HIV"); },
        "method.parameters[5].value"},
       {[](v1::Method& m) { SetParameter(m, "required_controls", "NTC,WATER"); },
        "method.parameters[10].value"},
       {[](v1::Method& m) { SetParameter(m, "cq_cutoff_of", "HBV:36"); },
        "method.parameters[10].value"},
       {[](v1::Method& m) { SetParameter(m, "lod", "HIV=50"); }, "method.parameters[10].value"},
       {[](v1::Method& m) { SetParameter(m, "ic_cq_max", "late"); }, "method.parameters[2].value"},
       {[](v1::Method& m) { SetParameter(m, "ic_in_extraction_blank", "some"); },
        "method.parameters[10].value"},
       {[](v1::Method& m) { SetParameter(m, "tag_target", "HBV"); }, "method.parameters[8].value"},
       {[](v1::Method& m) { m.mutable_outputs(1)->set_input("HPV"); }, "method.outputs[1].input"},
       {[](v1::Method& m) { m.mutable_outputs(1)->mutable_codes()->RemoveLast(); },
        "method.outputs[1].codes"},
       {[](v1::Method& m) { m.mutable_outputs(0)->set_replicates_min(2); },
        "method.outputs[0].replicates_min"}});
}

TEST(VirusPanel, ProcessControlShowsItsTagWhereTheMethodAsksForIt) {
  v1::Method method = PanelMethod();
  SetParameter(method, "tag_in_process_control", "yes");
  for (const std::string cq : {"30.5", ""}) {
    v1::AssayInput input = Plate();
    *input.mutable_method() = method;
    AddWell(input, kProcess, "", "TAG", cq);
    AddWells(input, kSample, "TAG", {""});
    AddWells(input, kSample, "IC", {"28.6"});
    AddWells(input, kSample, "HPV", {"", ""});
    AddWells(input, kSample, "HBV", {"", ""});
    const v1::Computation found = Compute(input);
    EXPECT_EQ(Failed(found.checks()), cq.empty() ? Names{"process_control_tag/HPV"} : Names{});
    EXPECT_EQ(Found(found.samples(0), "V-HPV"), cq.empty() ? "INVALID_RUN" : "NEGATIVE");
    EXPECT_EQ(Found(found.samples(0), "V-HBV"), "NEGATIVE");
  }
}

}  // namespace
}  // namespace lims::assay
