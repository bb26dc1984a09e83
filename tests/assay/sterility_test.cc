// Sterility by the model methods of schemas/methods.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "assay/entries.h"
#include "assay/observation.h"
#include "assay/setup.h"
#include "assay_input.h"
#include "lims/v1/run_service.pb.h"

namespace lims::assay {
namespace {

constexpr TimeUs kMinute = TimeUs{60} * 1'000'000;
constexpr TimeUs kHour = 60 * kMinute;
constexpr TimeUs kDay = 24 * kHour;
// 2026-03-01T00:00:00Z: the end of inoculation.
constexpr TimeUs kStart = TimeUs{1772323200} * 1'000'000;

v1::Method ModelMethod(const std::string& id) {
  const auto path =
      std::filesystem::path(LIMS_SOURCE_DIR) / "schemas" / "methods" / (id + ".textproto");
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return FromText<v1::Method>(text.str());
}

void Declare(v1::AssayInput& input, const std::string& name, const std::string& value,
             const std::string& unit = "") {
  for (v1::NamedValue& known : *input.mutable_setup()) {
    if (known.name() == name) return known.set_value(value);
  }
  v1::NamedValue& declared = *input.add_setup();
  declared.set_name(name);
  declared.set_value(value);
  declared.set_unit(unit);
}

v1::Datum& Read(v1::AssayInput& input, const std::string& position, TimeUs after,
                const std::string& code) {
  v1::Datum& datum = *input.add_data();
  datum.set_position(position);
  datum.set_target(position.substr(0, 3));
  datum.set_role(v1::POSITION_ROLE_SAMPLE);
  if (position.ends_with("NEG")) datum.set_role(v1::POSITION_ROLE_NEGATIVE_CONTROL);
  if (position.ends_with("POS")) datum.set_role(v1::POSITION_ROLE_POSITIVE_CONTROL);
  if (datum.role() == v1::POSITION_ROLE_SAMPLE) {
    datum.set_sample_id(position.ends_with("B") ? "B" : "A");
  }
  datum.mutable_value()->set_value(code);
  datum.set_observed_time(FormatUtc(kStart + after));
  return datum;
}

// Product and negative controls in both media.
void ReadClear(v1::AssayInput& input, TimeUs after) {
  for (const char* position : {"FTM-A", "TSB-A", "FTM-NEG", "TSB-NEG"}) {
    Read(input, position, after, "NO_GROWTH");
  }
}

v1::AssayInput Started() {
  v1::AssayInput input;
  *input.mutable_method() = ModelMethod("M-STER");
  Declare(input, "inoculation_end", FormatUtc(kStart));
  for (const char* name :
       {"media_growth_promotion_ok", "suitability_shown", "sample_amount_ok",
        "temperatures_in_range", "environmental_monitoring_ok", "procedure_review_ok"}) {
    Declare(input, name, "yes");
  }
  Declare(input, "positive_control_cfu", "62", "{CFU}");
  for (const char* medium : {"ftm", "tsb"}) {
    Declare(input, medium + std::string("_lot"), "M-1");
    Declare(input, medium + std::string("_expiry"), "2026-03");
  }
  input.set_start_date("2026-03-01");
  return input;
}

// Every look of the plan, nothing grew but the positive control.
v1::AssayInput Complete() {
  v1::AssayInput input = Started();
  for (const int day : {1, 3, 5, 7, 10, 14}) ReadClear(input, day * kDay);
  Read(input, "FTM-POS", 2 * kDay, "GROWTH");
  return input;
}

v1::SampleComputation Only(const v1::Computation& found) {
  EXPECT_EQ(found.samples_size(), 1);
  return found.samples_size() == 1 ? found.samples(0) : v1::SampleComputation();
}

TEST(Sterility, NoGrowthOverFourteenFullDaysIsReported) {
  const v1::Computation found = Compute(Complete());
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(found.checks()), Names{});
  const v1::SampleComputation sample = Only(found);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "STER"), "NO_GROWTH");
  EXPECT_EQ(sample.reportables(0).individuals_size(), 2);
  EXPECT_TRUE(sample.flags().empty());
  EXPECT_EQ(CheckNamed(sample.checks(), "incubation").observed(), "14 d 0 h 0 min at FTM-A");
  EXPECT_TRUE(Unfinished(Complete(), {}, 0).empty());
}

v1::AssayInput Loaded() {
  v1::AssayInput input;
  *input.mutable_method() = ModelMethod("M-STER-R");
  Declare(input, "loading_end", FormatUtc(kStart));
  Declare(input, "bottles_ok", "yes");
  for (const char* bottle : {"aerobic_bottle", "anaerobic_bottle"}) {
    Declare(input, bottle + std::string("_lot"), "B-1");
    Declare(input, bottle + std::string("_expiry"), "2026-03");
  }
  return input;
}

// A fresh product is read at its end after 48 h, when its positive control may still have time.
TEST(Sterility, AnUngrownPositiveControlIsWaitedForWhileItHasTime) {
  v1::AssayInput input = Loaded();
  v1::SampleFacts& facts = *input.add_facts();
  facts.set_sample_id("A");
  v1::NamedValue& fresh = *facts.add_facts();
  fresh.set_name("fresh_product");
  fresh.set_value("yes");
  for (const char* bottle : {"AEROBIC", "ANAEROBIC"}) {
    for (const v1::PositionRole role :
         {v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_NEGATIVE_CONTROL}) {
      v1::Datum& datum =
          Read(input, std::string(bottle) + (role == v1::POSITION_ROLE_SAMPLE ? "-A" : "-NEG"),
               2 * kDay, "NO_GROWTH");
      datum.set_target(bottle);
    }
  }
  Read(input, "AEROBIC-POS", 2 * kDay, "NO_GROWTH").set_target("AEROBIC");
  const std::vector<std::string> waits = Unfinished(input, {}, 480);
  ASSERT_EQ(waits.size(), 1u);
  EXPECT_EQ(waits[0],
            "positive control AEROBIC-POS shows no growth yet: read it until it does, or until "
            "2026-03-06T08:00:00.000+08:00");
  v1::AssayInput grown = input;
  Read(grown, "AEROBIC-POS", 3 * kDay, "GROWTH").set_target("AEROBIC");
  EXPECT_TRUE(Unfinished(grown, {}, 480).empty());
  EXPECT_EQ(Compute(grown).outcome(), v1::OUTCOME_VALID);
  Read(input, "AEROBIC-POS", 5 * kDay, "NO_GROWTH").set_target("AEROBIC");
  EXPECT_TRUE(Unfinished(input, {}, 480).empty());
  EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_RUN);
}

// Fourteen calendar days are not fourteen times 24 hours.
TEST(Sterility, AMicrosecondTooEarlyIsNoVerdict) {
  v1::AssayInput input = Complete();
  for (v1::Datum& datum : *input.mutable_data()) {
    if (datum.position() == "TSB-A" && datum.observed_time() == FormatUtc(kStart + 14 * kDay)) {
      datum.set_observed_time(FormatUtc(kStart + 14 * kDay - 1));
    }
  }
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"incubation"});
  EXPECT_EQ(CheckNamed(sample.checks(), "incubation").observed(), "13 d 23 h 59 min at TSB-A");
  EXPECT_TRUE(sample.reportables().empty());
  ASSERT_EQ(Unfinished(input, {}, 480).size(), 1u);
  EXPECT_EQ(
      Unfinished(input, {}, 480)[0],
      "TSB-A was last seen 13 d 23 h 59 min after inoculation_end; its last reading is due from "
      "2026-03-15T08:00:00.000+08:00 on");
}

TEST(Sterility, AnyDayBeforeTheEndIsUnfinished) {
  for (const int day : {1, 3, 9, 13}) {
    v1::AssayInput input = Started();
    ReadClear(input, day * kDay);
    Read(input, "FTM-POS", day * kDay, "GROWTH");
    EXPECT_EQ(Unfinished(input, {}, 0).size(), 4u) << day;
    EXPECT_NE(Only(Compute(input)).outcome(), v1::OUTCOME_VALID) << day;
  }
}

TEST(Sterility, AMissedLookIsANoteAndNoFailure) {
  v1::AssayInput input = Started();
  for (const int day : {1, 3, 7, 10, 14}) ReadClear(input, day * kDay);
  Read(input, "FTM-POS", 2 * kDay, "GROWTH");
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "STER"), "NO_GROWTH");
  ASSERT_EQ(sample.flags_size(), 1);
  EXPECT_EQ(sample.flags(0), kFlagReadingMissed);
  EXPECT_EQ(Detail(sample.details(), "look_missed"), "120 h: FTM-A, TSB-A");
}

// Whatever day it is, whatever was declared or not: growth is reported as growth.
TEST(Sterility, GrowthIsNeverAnInvalidSetup) {
  struct Case {
    const char* what;
    void (*change)(v1::AssayInput& input);
  };
  const Case cases[] = {
      {"nothing", [](auto&) {}},
      {"nothing declared", [](auto& in) { in.clear_setup(); }},
      {"suitability not shown", [](auto& in) { Declare(in, "suitability_shown", "no"); }},
      {"too little sample", [](auto& in) { Declare(in, "sample_amount_ok", "no"); }},
      {"temperatures", [](auto& in) { Declare(in, "temperatures_in_range", "no"); }},
      {"ground (b), to be proven",
       [](auto& in) { Declare(in, "environmental_monitoring_ok", "no"); }},
      {"ground (c), to be proven", [](auto& in) { Declare(in, "procedure_review_ok", "no"); }},
      {"inoculum", [](auto& in) { Declare(in, "positive_control_cfu", "250"); }},
      {"medium expired", [](auto& in) { Declare(in, "tsb_expiry", "2026-02"); }},
      {"one medium only", [](auto& in) { in.mutable_data()->DeleteSubrange(0, 1); }},
      {"controls not read", [](auto& in) { in.mutable_data()->DeleteSubrange(2, 3); }},
  };
  for (const int day : {1, 3, 9, 14, 20}) {
    for (const Case& each : cases) {
      v1::AssayInput input = Started();
      ReadClear(input, day * kDay);
      input.mutable_data(1)->mutable_value()->set_value("GROWTH");
      Read(input, "FTM-POS", day * kDay, "NO_GROWTH");
      each.change(input);
      const v1::Computation found = Compute(input);
      EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << each.what << " day " << day;
      const v1::SampleComputation sample = Only(found);
      EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID) << each.what << " day " << day;
      EXPECT_EQ(Reported(sample, "STER"), "GROWTH") << each.what << " day " << day;
      EXPECT_TRUE(Unfinished(input, {}, 0).empty()) << each.what << " day " << day;
    }
  }
}

TEST(Sterility, GrowthThatLooksClearLaterStaysGrowth) {
  v1::AssayInput input = Complete();
  input.mutable_data(4)->mutable_value()->set_value("GROWTH");  // FTM-A, day 3
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(Reported(sample, "STER"), "GROWTH");
  EXPECT_EQ(Detail(sample.details(), "time_to_positive"), "FTM-A: GROWTH after 3 d 0 h 0 min");
}

TEST(Sterility, GrowthInTheNegativeControlInvalidatesTheRunAndKeepsTheGrowthInSight) {
  v1::AssayInput clear = Complete();
  Read(clear, "TSB-NEG", 14 * kDay, "GROWTH");
  EXPECT_EQ(Compute(clear).outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Failed(Compute(clear).checks()), Names{"negative_control/TSB"});
  EXPECT_TRUE(Only(Compute(clear)).flags().empty());

  v1::AssayInput grown = clear;
  Read(grown, "TSB-A", 14 * kDay, "GROWTH");
  const v1::SampleComputation sample = Only(Compute(grown));
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_TRUE(sample.reportables().empty());
  ASSERT_EQ(sample.flags_size(), 1);
  EXPECT_EQ(sample.flags(0), kFlagUnexpectedPositive);
}

TEST(Sterility, ControlsDecideOverATestWithoutGrowth) {
  struct Case {
    const char* what;
    void (*change)(v1::AssayInput& input);
    v1::Outcome outcome;
    const char* failed;
  };
  const Case cases[] = {
      {"positive control too late",
       [](auto& in) {
         in.mutable_data()->rbegin()->set_observed_time(FormatUtc(kStart + 121 * kHour));
       },
       v1::OUTCOME_INVALID_RUN, "positive_control/FTM-POS"},
      {"positive control on the last hour",
       [](auto& in) {
         in.mutable_data()->rbegin()->set_observed_time(FormatUtc(kStart + 120 * kHour));
       },
       v1::OUTCOME_VALID, ""},
      {"positive control without growth",
       [](auto& in) { in.mutable_data()->rbegin()->mutable_value()->set_value("NO_GROWTH"); },
       v1::OUTCOME_INVALID_RUN, "positive_control/FTM-POS"},
      {"no positive control", [](auto& in) { in.mutable_data()->RemoveLast(); },
       v1::OUTCOME_INVALID_RUN, "positive_control"},
      {"negative control not seen at the end",
       [](auto& in) { in.mutable_data()->DeleteSubrange(22, 1); }, v1::OUTCOME_INVALID_RUN,
       "negative_control/FTM"},
      {"inoculum too large", [](auto& in) { Declare(in, "positive_control_cfu", "101"); },
       v1::OUTCOME_INVALID_RUN, "positive_control_cfu"},
      {"suitability", [](auto& in) { Declare(in, "suitability_shown", "no"); },
       v1::OUTCOME_INVALID_SETUP, "suitability_shown"},
      {"growth promotion", [](auto& in) { Declare(in, "media_growth_promotion_ok", "no"); },
       v1::OUTCOME_INVALID_SETUP, "media_growth_promotion_ok"},
      {"medium expired", [](auto& in) { Declare(in, "ftm_expiry", "2026-02-28"); },
       v1::OUTCOME_INVALID_SETUP, "ftm_expiry"},
      {"temperatures", [](auto& in) { Declare(in, "temperatures_in_range", "no"); },
       v1::OUTCOME_INVALID_RUN, "temperatures_in_range"},
      {"ground (b)", [](auto& in) { Declare(in, "environmental_monitoring_ok", "no"); },
       v1::OUTCOME_INVALID_RUN, "environmental_monitoring_ok"},
      {"ground (c)", [](auto& in) { Declare(in, "procedure_review_ok", "no"); },
       v1::OUTCOME_INVALID_RUN, "procedure_review_ok"},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = Complete();
    each.change(input);
    const v1::Computation found = Compute(input);
    EXPECT_EQ(found.outcome(), each.outcome) << each.what;
    EXPECT_EQ(Failed(found.checks()), *each.failed == 0 ? Names{} : Names{each.failed})
        << each.what;
    EXPECT_EQ(Only(found).reportables().empty(), each.outcome != v1::OUTCOME_VALID) << each.what;
  }
}

TEST(Sterility, TurbidProductIsTransferredAndSeenFourDaysMore) {
  v1::AssayInput input = Complete();
  Read(input, "FTM-A", 14 * kDay + kHour, "TURBID");
  EXPECT_EQ(Failed(Only(Compute(input)).checks()), Names{"incubation"});
  ASSERT_EQ(Unfinished(input, {}, 0).size(), 1u);
  EXPECT_EQ(Unfinished(input, {}, 0)[0],
            "FTM-A is turbid at its end, 14 d 1 h 0 min after inoculation_end: transfer to fresh "
            "medium, read TRANSFERRED, and go on for 96 h");
  Read(input, "FTM-A", 14 * kDay + 2 * kHour, "TRANSFERRED");
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 1u);
  v1::AssayInput early = input;
  Read(early, "FTM-A", 18 * kDay + 2 * kHour - 1, "NO_GROWTH");
  EXPECT_EQ(Only(Compute(early)).outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Unfinished(early, {}, 0).size(), 1u);
  v1::AssayInput done = input;
  Read(done, "FTM-A", 18 * kDay + 2 * kHour, "NO_GROWTH");
  EXPECT_EQ(Only(Compute(done)).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(Only(Compute(done)), "STER"), "NO_GROWTH");
  Read(input, "FTM-A", 16 * kDay, "GROWTH");
  EXPECT_EQ(Reported(Only(Compute(input)), "STER"), "GROWTH");
}

// Slow growers come late: what was transferred before the end tells nothing about it.
TEST(Sterility, ATransferBeforeTheEndDoesNotCount) {
  v1::AssayInput input = Complete();
  input.mutable_data(16)->mutable_value()->set_value("TRANSFERRED");  // FTM-A, day 10
  input.mutable_data(20)->mutable_value()->set_value("TURBID");       // day 14
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 1u);
  EXPECT_EQ(Only(Compute(input)).outcome(), v1::OUTCOME_INVALID_SAMPLE);

  v1::AssayInput short_of_the_end = Started();
  ReadClear(short_of_the_end, 9 * kDay);
  short_of_the_end.mutable_data(0)->mutable_value()->set_value("TRANSFERRED");
  Read(short_of_the_end, "FTM-POS", 2 * kDay, "GROWTH");
  ReadClear(short_of_the_end, 13 * kDay + 12 * kHour);
  EXPECT_EQ(Unfinished(short_of_the_end, {}, 0).size(), 4u);
}

// What the newest reading of a position is refused for.
Names RefusedReading(const v1::AssayInput& input) {
  google::protobuf::RepeatedPtrField<v1::ReadingEntry> entries;
  entries.Add()->set_position(input.data().rbegin()->position());
  entries.Mutable(0)->set_target(input.data().rbegin()->target());
  return Sentences(CheckCourses(input, entries, 480));
}

TEST(Sterility, ATransferIsReadFromTheEndOn) {
  for (const TimeUs after : {10 * kDay, 14 * kDay - 1, 14 * kDay}) {
    v1::AssayInput input = Complete();
    input.mutable_data()->DeleteSubrange(20, 4);  // day 14
    Read(input, "FTM-A", after, "TRANSFERRED");
    EXPECT_EQ(RefusedReading(input),
              after == 14 * kDay
                  ? Names{}
                  : Names{"entries[0].value: FTM-A is transferred at its end, from "
                          "2026-03-15T08:00:00.000+08:00 on, for what grows late grows in the "
                          "vessel itself: read TURBID until then"});
  }
}

// Of a run that was read before such transfers were refused; one that was judged stays as it is.
TEST(Sterility, AFreshVesselThatWasMadeTooEarlyHasItsHoursAsWell) {
  v1::AssayInput input = Complete();
  Read(input, "FTM-A", 13 * kDay, "TRANSFERRED");
  EXPECT_EQ(Unfinished(input, {}, 480),
            Names{"FTM-A was last seen 14 d 0 h 0 min after inoculation_end; its last reading, of "
                  "the fresh vessel too, is due from 2026-03-18T08:00:00.000+08:00 on"});
  EXPECT_EQ(LastReading(input), kStart + 17 * kDay);
  EXPECT_EQ(Reported(Only(Compute(input)), "STER"), "NO_GROWTH");
  Read(input, "FTM-A", 17 * kDay, "NO_GROWTH");
  EXPECT_EQ(Unfinished(input, {}, 480), Names{});
}

TEST(Sterility, ANegativeControlIsNotMadeTurbidByProduct) {
  const std::string why =
      "TSB-NEG is a negative control, without product that could make it TURBID: what is turbid "
      "there grew; read GROWTH";
  for (const char* position : {"FTM-A", "FTM-POS", "TSB-NEG"}) {
    v1::AssayInput input = Complete();
    Read(input, position, 14 * kDay + kHour, "TURBID");
    const bool control = position == std::string("TSB-NEG");
    EXPECT_EQ(RefusedReading(input), control ? Names{"entries[0].value: " + why} : Names{});
    if (control) {
      EXPECT_EQ(Unfinished(input, {}, 0), Names{why});
    }
  }
}

TEST(Sterility, OneLotGrowsAndTheOtherGoesOn) {
  v1::AssayInput input = Started();
  ReadClear(input, 3 * kDay);
  Read(input, "FTM-B", 3 * kDay, "GROWTH");
  Read(input, "TSB-B", 3 * kDay, "NO_GROWTH");
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 4u);  // tubes of A and the negative controls
  const v1::Computation found = Compute(input);
  ASSERT_EQ(found.samples_size(), 2);
  EXPECT_NE(found.samples(0).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(found.samples(1).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(found.samples(1), "STER"), "GROWTH");
}

TEST(Sterility, APositionThatWasNeverReadIsMissing) {
  std::vector<v1::RunPosition> map;
  for (const char* position : {"FTM-A", "TSB-A", "TSB-2A", "FTM-NEG", "TSB-NEG", "FTM-POS"}) {
    v1::RunPosition& place = map.emplace_back();
    place.set_position(position);
    place.set_target(std::string(position).substr(0, 3));
    place.set_role(v1::POSITION_ROLE_SAMPLE);
    if (place.position().ends_with("NEG")) place.set_role(v1::POSITION_ROLE_NEGATIVE_CONTROL);
    if (place.position().ends_with("POS")) place.set_role(v1::POSITION_ROLE_POSITIVE_CONTROL);
    if (place.role() == v1::POSITION_ROLE_SAMPLE) place.set_sample_id("A");
  }
  EXPECT_EQ(Unfinished(Complete(), map, 0), Names{"position TSB-2A was never read: lims run read"});
  map[2].set_omit_reason("tube broken before inoculation");
  EXPECT_EQ(Unfinished(Complete(), map, 0), Names{});
}

TEST(Sterility, TheNextReadingFollowsThePlan) {
  v1::AssayInput input = Started();
  const auto next = [&](TimeUs after) { return NextReading(input, kStart + after); };
  EXPECT_EQ(next(0)->time, kStart + kDay);
  ReadClear(input, kDay);
  EXPECT_EQ(next(25 * kHour)->time, kStart + 3 * kDay);
  EXPECT_FALSE(next(25 * kHour)->last);
  EXPECT_EQ(next(4 * kDay + 1)->time, kStart + 5 * kDay);  // the one of day 3 is missed by now
  EXPECT_EQ(next(12 * kDay)->time, kStart + 14 * kDay);
  EXPECT_TRUE(next(12 * kDay)->last);
  Read(input, "TSB-A", 14 * kDay, "TRANSFERRED");
  EXPECT_EQ(next(14 * kDay)->time, kStart + 18 * kDay);
  input.clear_setup();
  EXPECT_FALSE(next(0));
}

TEST(Sterility, TheLastReadingIsKnownFromTheStart) {
  v1::AssayInput input = Started();
  EXPECT_EQ(LastReading(input), kStart + 14 * kDay);
  ReadClear(input, kDay);
  EXPECT_EQ(LastReading(input), kStart + 14 * kDay);
  Read(input, "TSB-A", 14 * kDay, "TRANSFERRED");
  EXPECT_EQ(LastReading(input), kStart + 18 * kDay);
  input.clear_setup();
  EXPECT_EQ(LastReading(input), std::nullopt);
}

// A finished test that is typed is judged by the same hours.
v1::AssayInput Typed(TimeUs last_look, const std::string& ftm, const std::string& tsb) {
  v1::AssayInput input = Started();
  Declare(input, "last_look", FormatUtc(kStart + last_look));
  Declare(input, "interim_looks_made", "yes");
  Declare(input, "negative_control_ftm_no_growth", "yes");
  Declare(input, "negative_control_tsb_no_growth", "yes");
  Declare(input, "positive_control_growth_day", "2", "d");
  AddValues(input, "A", "FTM", {ftm});
  AddValues(input, "A", "TSB", {tsb});
  return input;
}

TEST(Sterility, TypedAtTheEndIsJudgedByTheSameHours) {
  const v1::SampleComputation done = Only(Compute(Typed(14 * kDay, "NO_GROWTH", "NO_GROWTH")));
  EXPECT_EQ(Reported(done, "STER"), "NO_GROWTH");
  EXPECT_TRUE(done.flags().empty());
  const v1::AssayInput early = Typed(14 * kDay - 1, "NO_GROWTH", "NO_GROWTH");
  EXPECT_EQ(Only(Compute(early)).outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Unfinished(early, {}, 0).size(), 2u);

  const v1::AssayInput grown = Typed(3 * kDay, "NO_GROWTH", "GROWTH");
  EXPECT_EQ(Reported(Only(Compute(grown)), "STER"), "GROWTH");
  EXPECT_TRUE(Unfinished(grown, {}, 0).empty());
  v1::AssayInput contaminated = grown;
  Declare(contaminated, "negative_control_tsb_no_growth", "no");
  EXPECT_EQ(Only(Compute(contaminated)).outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Only(Compute(contaminated)).flags(0), kFlagUnexpectedPositive);
}

google::protobuf::RepeatedPtrField<v1::TypedEntry> Tubes(
    std::initializer_list<std::pair<const char*, int>> names) {
  google::protobuf::RepeatedPtrField<v1::TypedEntry> typed;
  for (const auto& [name, replicate] : names) {
    v1::TypedEntry& entry = *typed.Add();
    entry.set_input(name);
    entry.set_replicate(replicate);
    entry.mutable_value()->set_value("NO_GROWTH");
  }
  return typed;
}

TEST(Sterility, TwoTubesOfOneMediumAreNotBothMedia) {
  const v1::Method method = ModelMethod("M-STER");
  EXPECT_EQ(Sentences(CheckEntries(method, Tubes({{"FTM", 1}, {"TSB", 1}}))), Names{});
  EXPECT_EQ(Sentences(CheckEntries(method, Tubes({{"FTM", 1}, {"FTM", 2}}))),
            Names{"entries: TSB replicate 1 is missing"});
  EXPECT_EQ(Sentences(CheckEntries(method, Tubes({{"STER", 1}, {"FTM", 1}, {"TSB", 1}}))),
            Names{"entries[0].input: M-STER takes no \"STER\"; it takes FTM, TSB"});
  EXPECT_EQ(Sentences(CheckEntries(ModelMethod("M-STER-R"), Tubes({{"AEROBIC", 1}}))),
            Names{"entries: ANAEROBIC replicate 1 is missing"});

  v1::AssayInput input = Typed(14 * kDay, "NO_GROWTH", "NO_GROWTH");
  input.mutable_data(1)->set_target("FTM");
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"replicates/TSB"});
}

TEST(Sterility, ATypedTestHasANegativeControlInEachMedium) {
  for (const char* control : {"negative_control_ftm_no_growth", "negative_control_tsb_no_growth"}) {
    v1::AssayInput input = Typed(14 * kDay, "NO_GROWTH", "NO_GROWTH");
    Declare(input, control, "no");
    EXPECT_EQ(Compute(input).outcome(), v1::OUTCOME_INVALID_RUN);
    EXPECT_EQ(Failed(Compute(input).checks()), Names{control});
  }
}

TEST(Sterility, InterimLooksThatATypedTestMissedAreANoteAndNoFailure) {
  v1::AssayInput input = Typed(14 * kDay, "NO_GROWTH", "NO_GROWTH");
  Declare(input, "interim_looks_made", "no");
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "STER"), "NO_GROWTH");
  EXPECT_EQ(Names(sample.flags().begin(), sample.flags().end()),
            Names{std::string(kFlagReadingMissed)});
  // What grew is not looked at again.
  input = Typed(3 * kDay, "NO_GROWTH", "GROWTH");
  Declare(input, "interim_looks_made", "no");
  EXPECT_TRUE(Only(Compute(input)).flags().empty());
  EXPECT_EQ(MethodForReadings(ModelMethod("M-STER")).setup_checks_size(),
            ModelMethod("M-STER").setup_checks_size() - 5);
}

// A version that was approved without them: any two entries under the name of the line.
TEST(Sterility, AMethodWithoutTypedMediaFindsWhatItFound) {
  v1::AssayInput input = Typed(14 * kDay, "NO_GROWTH", "NO_GROWTH");
  input.mutable_method()->mutable_outputs(0)->clear_targets();
  input.mutable_method()->mutable_outputs(0)->set_replicates_min(2);
  for (v1::Datum& datum : *input.mutable_data()) datum.set_target("STER");
  EXPECT_EQ(Fields(CheckParameters(input.method())), Names{});
  EXPECT_EQ(Reported(Only(Compute(input)), "STER"), "NO_GROWTH");
  EXPECT_EQ(CheckNamed(Only(Compute(input)).checks(), "replicates", "STER").observed(), "2");
}

v1::AssayInput Bottles(TimeUs last) {
  v1::AssayInput input = Loaded();
  for (const char* target : {"AEROBIC", "ANAEROBIC"}) {
    Read(input, std::string(target) + "-A", last, "NO_GROWTH").set_target(target);
    Read(input, std::string(target) + "-NEG", last, "NO_GROWTH").set_target(target);
  }
  Read(input, "AEROBIC-POS", 30 * kHour, "GROWTH").set_target("AEROBIC");
  return input;
}

TEST(Sterility, AutomatedCultureIsNegativeToItsDayOnly) {
  const v1::SampleComputation sample = Only(Compute(Bottles(7 * kDay)));
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "STER-R"), "NO_GROWTH");
  EXPECT_EQ(sample.flags(0), "NEGATIVE_TO_DATE");
  EXPECT_EQ(Only(Compute(Bottles(7 * kDay - 1))).outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Unfinished(Bottles(7 * kDay - 1), {}, 0).size(), 4u);
}

TEST(Sterility, FreshProductIsReadAfterFortyEightHours) {
  v1::AssayInput input = Bottles(48 * kHour);
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 4u);
  EXPECT_EQ(NextReading(input, kStart)->time, kStart + 7 * kDay);
  AddFact(input, "A", "fresh_product", "no");
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 4u);
  input.mutable_facts(0)->mutable_facts(0)->set_value("yes");
  EXPECT_EQ(Unfinished(input, {}, 0), Names{});
  EXPECT_EQ(NextReading(input, kStart)->time, kStart + 48 * kHour);
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(Reported(sample, "STER-R"), "NO_GROWTH");
  EXPECT_EQ(CheckNamed(sample.checks(), "incubation").criterion(), ">= 48 h from loading_end");

  v1::AssayInput early = Bottles(48 * kHour - 1);
  AddFact(early, "A", "fresh_product", "yes");
  EXPECT_EQ(Unfinished(early, {}, 0).size(), 4u);
  EXPECT_NE(Only(Compute(early)).outcome(), v1::OUTCOME_VALID);
}

// The negative control goes on for the lot that goes on.
TEST(Sterility, AFrozenLotBesideAFreshOneWaitsSevenDays) {
  v1::AssayInput input = Bottles(48 * kHour);
  AddFact(input, "A", "fresh_product", "yes");
  for (const char* target : {"AEROBIC", "ANAEROBIC"}) {
    Read(input, std::string(target) + "-B", 48 * kHour, "NO_GROWTH").set_target(target);
  }
  AddFact(input, "B", "fresh_product", "no");
  EXPECT_EQ(Unfinished(input, {}, 0).size(), 4u);  // bottles of B and the negative controls
}

// What is still to be read decides, whichever vessels were read first.
TEST(Sterility, TheEndIsKnownBeforeTheFirstReading) {
  v1::AssayInput input = Loaded();
  AddFact(input, "A", "fresh_product", "yes");
  EXPECT_EQ(NextReading(input, kStart)->time, kStart + 48 * kHour);
  Read(input, "AEROBIC-NEG", 20 * kHour, "NO_GROWTH").set_target("AEROBIC");
  EXPECT_EQ(LastReading(input), kStart + 48 * kHour);
  Read(input, "AEROBIC-A", 20 * kHour, "NO_GROWTH").set_target("AEROBIC");
  EXPECT_EQ(LastReading(input), kStart + 48 * kHour);
  AddFact(input, "B", "fresh_product", "no");  // not read yet
  EXPECT_EQ(LastReading(input), kStart + 7 * kDay);
}

// What is read of a filter's medium is read as of an inoculated one; nothing but the way in
// differs.
TEST(Sterility, MembraneFiltrationIsJudgedByTheSameHoursControlsAndTransfer) {
  const auto filtered = [](v1::AssayInput input) {
    SetParameter(*input.mutable_method(), "kind", "membrane_filtration");
    return input;
  };
  EXPECT_EQ(Fields(CheckParameters(filtered(Complete()).method())), Names{});
  const v1::SampleComputation sample = Only(Compute(filtered(Complete())));
  EXPECT_EQ(Reported(sample, "STER"), "NO_GROWTH");
  EXPECT_TRUE(sample.flags().empty());  // the full test, not negative to date

  v1::AssayInput turbid = filtered(Complete());
  Read(turbid, "FTM-A", 14 * kDay + kHour, "TURBID");
  EXPECT_EQ(Unfinished(turbid, {}, 0).size(), 1u);
  Read(turbid, "FTM-A", 14 * kDay + 2 * kHour, "TRANSFERRED");
  Read(turbid, "FTM-A", 18 * kDay + 2 * kHour, "GROWTH");
  EXPECT_EQ(Reported(Only(Compute(turbid)), "STER"), "GROWTH");

  v1::AssayInput control = filtered(Complete());
  Read(control, "TSB-NEG", 14 * kDay, "GROWTH");
  EXPECT_EQ(Compute(control).outcome(), v1::OUTCOME_INVALID_RUN);
}

TEST(Sterility, AutomatedCultureTellsTheTimeToDetection) {
  v1::AssayInput input = Bottles(37 * kHour + 24 * kMinute);
  input.mutable_data(0)->mutable_value()->set_value("GROWTH");
  const v1::SampleComputation sample = Only(Compute(input));
  EXPECT_EQ(Reported(sample, "STER-R"), "GROWTH");
  EXPECT_EQ(Detail(sample.details(), "time_to_positive"),
            "AEROBIC-A: GROWTH after 1 d 13 h 24 min");
  EXPECT_NE(Detail(sample.details(), "next_step"), "");
}

TEST(Sterility, MapsHoldProductAndControlsInEachMedium) {
  const auto map = [](const std::string& text) {
    return FromText<v1::GetRunResponse>(text).positions();
  };
  const std::string product =
      "positions { position: 'F' target: 'FTM' role: POSITION_ROLE_SAMPLE sample_id: 'A' }"
      "positions { position: 'T' target: 'TSB' role: POSITION_ROLE_SAMPLE sample_id: 'A' }";
  const std::string controls =
      "positions { position: 'FN' target: 'FTM' role: POSITION_ROLE_NEGATIVE_CONTROL }"
      "positions { position: 'TN' target: 'TSB' role: POSITION_ROLE_NEGATIVE_CONTROL }"
      "positions { position: 'FP' target: 'FTM' role: POSITION_ROLE_POSITIVE_CONTROL }";
  const v1::Method method = ModelMethod("M-STER");
  EXPECT_EQ(Fields(CheckMap(method, map(product + controls))), Names{});
  EXPECT_EQ(CheckMap(method, map(product)).size(), 3u);
  EXPECT_EQ(CheckMap(method, map(controls + "positions { position: 'F' target: 'FTM' role: "
                                            "POSITION_ROLE_SAMPLE sample_id: 'A' }"))[0]
                .description,
            "sample A has 0 positions in TSB; the method asks for 1");
  EXPECT_EQ(Fields(CheckMap(method, map(product + controls +
                                        "positions { position: 'X' target: 'LB' role: "
                                        "POSITION_ROLE_NTC }"))),
            (Names{"positions[5].role", "positions[5].target"}));
}

TEST(Sterility, MethodsAreChecked) {
  const std::vector<WrongMethod> changes = {
      {[](auto& m) { SetParameter(m, "kind", "filtration"); }, "method.parameters[0].value"},
      {[](auto& m) {
         SetParameter(m, "media", "FTM,FTM");
         m.mutable_outputs(0)->clear_targets();
       },
       "method.parameters"},
      {[](auto& m) { m.mutable_parameters()->DeleteSubrange(3, 1); }, "method.parameters"},
      {[](auto& m) { m.clear_outputs(); }, "method.outputs"},
      {[](auto& m) { m.mutable_outputs(0)->clear_positive_codes(); },
       "method.outputs[0].positive_codes"},
      {[](auto& m) { m.mutable_outputs(0)->set_combination(v1::COMBINATION_MEAN); },
       "method.outputs[0].combination"},
      {[](auto& m) { m.mutable_outputs(0)->mutable_targets()->RemoveLast(); },
       "method.outputs[0].targets"},
      {[](auto& m) { m.mutable_outputs(0)->add_targets()->set_name("LB"); },
       "method.outputs[0].targets"},
      {[](auto& m) { m.mutable_outputs(0)->mutable_survival(); }, "method.outputs[0].survival"},
      {[](auto& m) { m.clear_observation(); }, "method.observation"},
      {[](auto& m) { SetParameter(m, "kind", "automated_culture"); },
       "method.observation.unreadable_code"},
  };
  ExpectChecked(ModelMethod("M-STER"), changes);
}

TEST(Sterility, SameInputGivesTheSameBytes) {
  EXPECT_EQ(Compute(Complete()).SerializeAsString(), Compute(Complete()).SerializeAsString());
}

}  // namespace
}  // namespace lims::assay
