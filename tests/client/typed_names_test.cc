#include "core/typed_names.h"

#include <gtest/gtest.h>

namespace lims::client {
namespace {

const std::vector<TypedOption> kCreate = {
    {"RUN", {"R-1"}},
    {"--map", {"map.csv"}},
    {"--started", {}},
    {"--late-reason", {}},
    {"--setup", {"hours=4 h", "image_kept=perhaps"}, true},
    {"--use", {"A-S1=1 mL"}, true},
    {"--analyst", {"tech2"}, true},
};

TEST(TypedNames, FieldIsNamedByTheOptionThatFillsIt) {
  EXPECT_EQ(TypedName("run_id", kCreate), "RUN");
  EXPECT_EQ(TypedName("started_time", kCreate), "--started");
  EXPECT_EQ(TypedName("late_reason", kCreate), "--late-reason");
  EXPECT_EQ(TypedName("analysts[0]", kCreate), "--analyst tech2");
  EXPECT_EQ(TypedName("uses[0].sample_id", kCreate), "--use A-S1");
}

TEST(TypedNames, OneOfSeveralTextsIsNamedAsItWasTyped) {
  EXPECT_EQ(TypedName("setup[1].value", kCreate), "--setup image_kept");
  EXPECT_EQ(TypedName("setup.image_kept", kCreate), "--setup image_kept");
  EXPECT_EQ(TypedName("setup", kCreate), "--setup");
  EXPECT_EQ(TypedName("setup[7].value", kCreate), "--setup");  // none that was typed
}

TEST(TypedNames, EntryOfATableIsItsRow) {
  EXPECT_EQ(TypedName("positions[2].role", kCreate), "--map, row 3, role");
  EXPECT_EQ(TypedName("positions[2].sample_id", kCreate), "--map, row 3, sample");
  EXPECT_EQ(TypedName("positions", kCreate), "--map");
}

TEST(TypedNames, OfTwoOptionsItIsTheOneThatWasGiven) {
  const TypedOption value{"--value", {"7.2"}};
  const TypedOption input{"--input", {"values.csv"}};
  const TypedOption no_value{"--value", {}};
  const TypedOption no_input{"--input", {}};
  EXPECT_EQ(TypedName("entries[0].value", {value, no_input}), "--value");
  EXPECT_EQ(TypedName("entries[3].value.plausibility", {no_value, input}), "--input, row 4, value");
  EXPECT_EQ(TypedName("entries", {no_value, no_input}), "--value");
}

TEST(TypedNames, PartWithAnOptionOfItsOwnIsNamedByIt) {
  std::vector<TypedOption> options = {
      {"LINE", {"PH"}}, {"--value", {"7.2"}}, {"--unit", {}}, {"--input", {}}};
  EXPECT_EQ(TypedName("entries[0].unit", options), "--unit");
  EXPECT_EQ(TypedName("entries[0].input", options), "LINE");
  EXPECT_EQ(TypedName("used.value", {{"--value", {"7.2"}}, {"--use", {"1 mL"}}}), "--use");
  options[1].texts.clear();
  options[3].texts = {"values.csv"};
  EXPECT_EQ(TypedName("entries[0].unit", options), "--input, row 1, unit");
}

TEST(TypedNames, PartOfAnIntentIsFoundInsideIt) {
  const std::vector<TypedOption> fact = {
      {"LOT", {"A"}}, {"FACT", {"frozen=yes"}, true}, {"--input", {}}, {"--document", {"D-1"}}};
  EXPECT_EQ(TypedName("intent.declare_fact.facts[0].value", fact), "FACT frozen");
  EXPECT_EQ(TypedName("intent.declare_fact.lot_id", fact), "LOT");
}

TEST(TypedNames, PlaceInAFileStays) {
  const std::vector<TypedOption> submit = {{"--input", {"plate.csv"}, true}};
  EXPECT_EQ(TypedName("files[0].line 3, column 2", submit), "--input plate.csv, line 3, column 2");
  EXPECT_EQ(TypedName("files[0].file_name", submit), "--input plate.csv");
  EXPECT_EQ(TypedName("input.csv, line 3", submit), "input.csv, line 3");
}

TEST(TypedNames, WhatNoOptionFillsIsLeftAsItIs) {
  EXPECT_EQ(TypedName("method.outputs[0].codes", kCreate), "method.outputs[0].codes");
  EXPECT_EQ(TypedName("--map", kCreate), "--map");
  EXPECT_EQ(TypedName("…", kCreate), "…");
  EXPECT_EQ(TypedName("", kCreate), "");
}

TEST(TypedNames, BadInputSaysWhatToTypeInItsMessageToo) {
  const Error one = WithTypedNames(InvalidArgument("started_time", "lies ahead"), kCreate);
  EXPECT_EQ(one.message, "--started: lies ahead");
  EXPECT_EQ(one.violations[0].field, "--started");
  const Error two = WithTypedNames(
      InvalidArguments({{"started_time", "lies ahead"}, {"run_id", "is empty"}}), kCreate);
  EXPECT_EQ(two.message, "2 fields are not acceptable");
  EXPECT_EQ(two.violations[1].field, "RUN");
}

TEST(TypedNames, NamesOfRecordsStay) {
  const Error refused = WithTypedNames(WrongStates({{"positions[0].sample_id", "lot A is RELEASED"},
                                                    {"method M-PH version 1", "is a draft"}}),
                                       kCreate);
  EXPECT_EQ(refused.message, "2 things stand in the way");
  EXPECT_EQ(refused.violations[0].field, "--map, row 1, sample");
  EXPECT_EQ(refused.violations[1].field, "method M-PH version 1");
}

}  // namespace
}  // namespace lims::client
