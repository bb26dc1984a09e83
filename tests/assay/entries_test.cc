#include "assay/entries.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "assay_input.h"

namespace lims::assay {
namespace {

v1::Method CellCount() {
  return FromText<v1::Method>(R"pb(
    method_id: "M-CELL-COUNT"
    assay: "generic_value"
    outputs {
      line_code: "VIA"
      input: "VIA"
      input_unit: "%"
      replicates_min: 3
      replicates_max: 3
      combination: COMBINATION_MEAN
    }
    outputs {
      line_code: "VCN"
      input: "viable_cells"
      input_unit: "{cells}/mL"
      replicates_min: 1
      whole_number: true
      combination: COMBINATION_MEAN
    }
    outputs { line_code: "DOSE" input: "VCN" combination: COMBINATION_MEAN factor: "weight" }
  )pb");
}

v1::TypedEntry Entry(const std::string& input, int replicate, const std::string& value,
                     const std::string& unit) {
  v1::TypedEntry entry;
  entry.set_input(input);
  entry.set_replicate(replicate);
  *entry.mutable_value() = Measured(value, unit);
  return entry;
}

using Entries = google::protobuf::RepeatedPtrField<v1::TypedEntry>;

Entries GoodEntries() {
  Entries entries;
  *entries.Add() = Entry("VIA", 1, "92.1", "%");
  *entries.Add() = Entry("VIA", 2, "91.4", "%");
  *entries.Add() = Entry("VIA", 3, "93.0", "%");
  *entries.Add() = Entry("VCN", 1, "10300000", "{cells}/mL");
  return entries;
}

TEST(Entries, LineCodesAndInputsAreBothAccepted) {
  Entries entries = GoodEntries();
  EXPECT_TRUE(CheckEntries(CellCount(), entries).empty());
  entries[3].set_input("viable_cells");
  EXPECT_TRUE(CheckEntries(CellCount(), entries).empty());
}

TEST(Entries, EachFaultIsNamed) {
  struct Case {
    void (*change)(Entries& entries);
    const char* field;
    const char* words;  // part of the description
  };
  const Case cases[] = {
      {[](auto& e) { e[1].mutable_value()->set_value("91,4"); }, "entries[1].value",
       "write the decimal point as ."},
      {[](auto& e) { e[1].mutable_value()->set_value("NaN"); }, "entries[1].value",
       "is not a number"},
      {[](auto& e) { e[1].mutable_value()->set_value(""); }, "entries[1].value",
       "empty is never zero"},
      {[](auto& e) { e[1].mutable_value()->set_value("<5"); }, "entries[1].value",
       "is not a number"},
      {[](auto& e) { e[3].mutable_value()->set_value("10300000.5"); }, "entries[3].value",
       "is not a whole number"},
      {[](auto& e) { e[0].mutable_value()->clear_unit(); }, "entries[0].unit",
       "the unit % is missing"},
      {[](auto& e) { e[0].mutable_value()->set_unit("1"); }, "entries[0].unit",
       "is given in %, not in \"1\""},
      {[](auto& e) { e.RemoveLast(); }, "entries", "viable_cells replicate 1 is missing"},
      {[](auto& e) { e.DeleteSubrange(1, 1); }, "entries",
       "VIA replicate 2 is missing; hand all of them in together (--input)"},
      {[](auto& e) { e[1].set_replicate(0); }, "entries[1].replicate", "1, 2, 3 and so on"},
      {[](auto& e) { e[1].set_replicate(2000000000); }, "entries[1].replicate",
       "1, 2, 3 and so on"},
      {[](auto& e) { e[1].set_replicate(1); }, "entries[1].replicate",
       "was already given in entries[0]"},
      {[](auto& e) { *e.Add() = Entry("VIA", 4, "92", "%"); }, "entries[4].replicate",
       "there are at most 3"},
      {[](auto& e) { *e.Add() = Entry("PH", 1, "7", ""); }, "entries[4].input",
       "takes no \"PH\"; it takes VIA, viable_cells"},
      {[](auto& e) { *e.Add() = Entry("DOSE", 1, "7", ""); }, "entries[4].input",
       "is calculated from VCN and is not typed"},
      {[](auto& e) { e[0].set_description("a\nb"); }, "entries[0].description", "description"},
      {[](auto& e) { e.Clear(); }, "entries", "VIA replicate 1 is missing"},
  };
  for (const Case& each : cases) {
    Entries entries = GoodEntries();
    each.change(entries);
    const std::vector<Violation> violations = CheckEntries(CellCount(), entries);
    EXPECT_TRUE(std::any_of(violations.begin(), violations.end(),
                            [&](const Violation& violation) {
                              return violation.field == each.field &&
                                     violation.description.find(each.words) != std::string::npos;
                            }))
        << each.field << ": " << each.words
        << (violations.empty() ? " (none)" : " first: " + violations[0].description);
  }
}

TEST(Entries, AllFaultsAreNamedAtOnce) {
  Entries entries = GoodEntries();
  entries[0].mutable_value()->set_value("92,1");
  entries[1].mutable_value()->set_unit("");
  entries.RemoveLast();
  EXPECT_EQ(Fields(CheckEntries(CellCount(), entries)),
            (Names{"entries[0].value", "entries[1].unit", "entries"}));
}

TEST(Entries, ObservationsAreCodesOfTheOutput) {
  const v1::Method method = FromText<v1::Method>(R"pb(
    method_id: "M-APP"
    outputs {
      line_code: "APP"
      input: "APP"
      replicates_min: 2
      combination: COMBINATION_WORST
      codes: [ "CONFORMS", "DOES_NOT_CONFORM" ]
      described_codes: "DOES_NOT_CONFORM"
    }
  )pb");
  Entries entries;
  *entries.Add() = Entry("APP", 1, "CONFORMS", "");
  *entries.Add() = Entry("APP", 2, "DOES_NOT_CONFORM", "");
  EXPECT_EQ(Fields(CheckEntries(method, entries)), (Names{"entries[1].description"}));
  entries[1].set_description("grey clumps");
  EXPECT_TRUE(CheckEntries(method, entries).empty());
  entries[0].mutable_value()->set_value("conforms");
  entries[1].mutable_value()->set_qualifier(v1::QUALIFIER_LESS_THAN);
  entries[1].mutable_value()->set_unit("%");
  EXPECT_EQ(Fields(CheckEntries(method, entries)),
            (Names{"entries[0].value", "entries[1].value", "entries[1].unit"}));
}

TEST(Entries, WhatDependsOnAFactMayBeLeftOut) {
  v1::Method method = CellCount();
  method.mutable_outputs(1)->set_needs_fact("counted");
  Entries entries = GoodEntries();
  entries.RemoveLast();
  EXPECT_TRUE(CheckEntries(method, entries).empty());
}

TEST(Entries, AnEmptySubmissionIsRefused) {
  v1::Method method = CellCount();
  method.mutable_outputs()->DeleteSubrange(0, 1);
  method.mutable_outputs(0)->set_needs_fact("counted");
  EXPECT_EQ(Fields(CheckEntries(method, {})), (Names{"entries"}));
}

TEST(Entries, BecomeDataOfTheSample) {
  const std::vector<v1::Datum> data = DataOfEntries(CellCount(), GoodEntries(), "S1");
  ASSERT_EQ(data.size(), 4U);
  EXPECT_EQ(data[3].sample_id(), "S1");
  EXPECT_EQ(data[3].target(), "viable_cells");
  EXPECT_EQ(data[3].role(), v1::POSITION_ROLE_SAMPLE);
  EXPECT_EQ(data[2].replicate(), "3");
  EXPECT_EQ(data[2].value().value(), "93.0");
}

TEST(Entries, DataOfARunAreCheckedAsTypedValuesAre) {
  google::protobuf::RepeatedPtrField<v1::Datum> data;
  const auto add = [&data](const std::string& target, const v1::MeasuredValue& value) {
    v1::Datum& datum = *data.Add();
    datum.set_role(v1::POSITION_ROLE_SAMPLE);
    datum.set_position("A1");
    datum.set_target(target);
    *datum.mutable_value() = value;
  };
  add("VIA", Measured("91.4", "1"));
  add("VIA", Measured("91.4", ""));
  add("VIA", Measured("91.4", "%"));
  add("viable_cells", Measured("10300000.5", "{cells}/mL"));
  add("OSM", Measured("290", ""));
  data.Add()->set_role(v1::POSITION_ROLE_BLANK);
  const std::vector<std::string> places = {"line 2", "line 3", "line 4",
                                           "line 5", "line 6", "line 7"};
  const auto violations = CheckData(CellCount(), data, places);
  ASSERT_EQ(Fields(violations),
            (Names{"line 2, unit", "line 3, unit", "line 5, value", "line 6, target"}));
  EXPECT_EQ(violations[0].description, "VIA 91.4 at position A1 is given in %, not in \"1\"");
  EXPECT_EQ(violations[1].description, "VIA 91.4 at position A1: the unit % is missing");
  v1::Method instrument = CellCount();
  instrument.set_assay("rt_qpcr");
  EXPECT_TRUE(CheckData(instrument, data, places).empty());
}

}  // namespace
}  // namespace lims::assay
