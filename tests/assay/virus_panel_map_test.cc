#include <gtest/gtest.h>

#include <string>

#include "assay/map_check.h"
#include "assay_input.h"
#include "virus_panel_method.h"

namespace lims::assay {
namespace {

void AddPosition(Positions& map, v1::PositionRole role, const std::string& target,
                 const std::string& sample = "", const std::string& dilution = "") {
  v1::RunPosition& position = *map.Add();
  position.set_position("W" + std::to_string(map.size()));
  position.set_role(role);
  position.set_target(target);
  position.set_sample_id(sample);
  position.set_dilution(dilution);
}

Positions WholeMap() {
  Positions map;
  for (const char* target : {"HPV", "HBV"}) {
    for (const auto role : {kBlank, kNtc, kPositiveRole}) AddPosition(map, role, target);
    for (int i = 0; i < 2; ++i) AddPosition(map, kSampleRole, target, kSample);
  }
  AddPosition(map, kProcess, "HPV");
  AddPosition(map, kSampleRole, "IC", kSample);
  AddPosition(map, kSampleRole, "CELL", kSample);
  AddPosition(map, kSampleRole, "TAG", kSample);
  return map;
}

TEST(VirusPanelMap, NamesWhatItLacks) {
  const v1::Method method = PanelMethod();
  EXPECT_EQ(Sentences(CheckMap(method, WholeMap())), Names{});
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, WholeMap(), kSample, nullptr)), Names{});

  Positions map = WholeMap();
  map.Mutable(1)->set_omit_reason("bubble");
  map.Mutable(3)->set_target("HPV-16");
  map.Mutable(5)->set_role(v1::POSITION_ROLE_NO_RT);
  map.Mutable(10)->set_target("HBV");
  map.Mutable(8)->set_dilution("100");
  EXPECT_EQ(
      Sentences(CheckMap(method, map)),
      (Names{"positions[3].target: \"HPV-16\" at W4 is none of the targets of M-V: HPV, HBV, IC, "
             "CELL, TAG",
             "positions[5].role: NO_RT at W6 is no role of a virus panel",
             "positions[8].dilution: the method knows undiluted wells and 1:10",
             "positions[10].target: the process control does not carry HBV",
             "positions: there is no PROCESS_CONTROL of HPV", "positions: there is no NTC of HPV",
             "positions: there is no EXTRACTION_BLANK of HBV"}));
}

TEST(VirusPanelMap, SampleHasEveryTargetOfItsLot) {
  const v1::Method method = PanelMethod();
  Positions map = WholeMap();
  map.Mutable(3)->set_omit_reason("bubble");
  map.Mutable(12)->set_target("IC");
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, map, kSample, nullptr)),
            (Names{"positions: sample A-S1 has 1 undiluted wells of HPV for line V-HPV; the method "
                   "asks for 2",
                   "positions: sample A-S1 has no well of the cellular gene CELL"}));
  map = WholeMap();
  map.RemoveLast();
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, map, kSample, nullptr)),
            Names{"positions: sample A-S1 has no well of the tag TAG"});
  map = WholeMap();
  AddPosition(map, kSampleRole, "HPV", kSample, "10");
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, map, kSample, nullptr)),
            (Names{"positions: sample A-S1 has diluted wells of HPV; only the repeat of an attempt "
                   "that lost its internal control has them",
                   "positions: sample A-S1 has no well of the internal control IC at 1:10"}));
}

// Once for each target: what took the internal control away may take the virus away.
TEST(VirusPanelMap, RepeatAfterALostControlIsUndilutedAndDiluted) {
  const v1::Method method = PanelMethod();
  v1::Attempt repeated = FromText<v1::Attempt>("number: 1 checks { name: 'internal_control' }");
  Positions map = WholeMap();
  for (const char* target : {"HPV", "HBV"}) AddPosition(map, kSampleRole, target, kSample);
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, map, kSample, &repeated)),
            (Names{"positions: sample A-S1 has 0 wells of HPV at 1:10; attempt 1 lost its internal "
                   "control, so its repeat has 2 besides the undiluted ones",
                   "positions: sample A-S1 has 0 wells of HBV at 1:10; attempt 1 lost its internal "
                   "control, so its repeat has 2 besides the undiluted ones"}));
  for (const char* target : {"HPV", "HPV", "HBV", "HBV", "IC"}) {
    AddPosition(map, kSampleRole, target, kSample, "10");
  }
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, map, kSample, &repeated)), Names{});
  // The undiluted wells are three all the same, and any other repeat is undiluted alone.
  EXPECT_EQ(CheckSampleOnMap(method, WholeMap(), kSample, &repeated).size(), 4u);
  repeated.mutable_checks(0)->set_ok(true);
  EXPECT_EQ(Sentences(CheckSampleOnMap(method, map, kSample, &repeated)),
            Names{"positions: sample A-S1 has diluted wells of HBV, HPV, IC; only the repeat of an "
                  "attempt that lost its internal control has them"});
  EXPECT_EQ(CheckSampleOnMap(method, WholeMap(), kSample, &repeated).size(), 2u);
}

TEST(VirusPanelMap, ExtractionBlankHasTheInternalControlWhereTheMethodAsksForIt) {
  v1::Method method = PanelMethod();
  SetParameter(method, "ic_in_extraction_blank", "yes");
  Positions map = WholeMap();
  const Names lacking{"positions: there is no EXTRACTION_BLANK of the internal control IC"};
  EXPECT_EQ(Sentences(CheckMap(method, map)), lacking);
  AddPosition(map, kBlank, "IC");
  EXPECT_EQ(Sentences(CheckMap(method, map)), Names{});
  map.rbegin()->set_omit_reason("bubble");
  EXPECT_EQ(Sentences(CheckMap(method, map)), lacking);
}

TEST(VirusPanelMap, ProcessControlHasItsTagWhereTheMethodAsksForIt) {
  v1::Method method = PanelMethod();
  SetParameter(method, "tag_in_process_control", "yes");
  Positions map = WholeMap();
  EXPECT_EQ(Sentences(CheckMap(method, map)),
            Names{"positions: there is no PROCESS_CONTROL of the tag TAG"});
  AddPosition(map, kProcess, "TAG");
  EXPECT_EQ(Sentences(CheckMap(method, map)), Names{});
}

}  // namespace
}  // namespace lims::assay
