#include "domain/plausibility.h"

#include <gtest/gtest.h>

namespace lims::domain {
namespace {

v1::SpecificationLine LineWithRange(const std::string& code, const std::string& lowest,
                                    const std::string& highest) {
  v1::SpecificationLine line;
  line.set_line_code(code);
  line.set_plausible_min(lowest);
  line.set_plausible_max(highest);
  return line;
}

std::optional<Violation> Doubt(const v1::SpecificationLine& line, const char* value,
                               bool confirmed = false) {
  return ValueDoubt(line, "value", value, confirmed);
}

TEST(Plausibility, AsksAboutAValueOutsideTheRangeOfItsLine) {
  const v1::SpecificationLine line = LineWithRange("PH", "4.0", "10.0");
  for (const char* value : {"4", "4.0", "7.2", "10.00"}) {
    EXPECT_FALSE(Doubt(line, value)) << value;
  }
  for (const char* value : {"3.99", "72", "-7.2", "10.0001"}) {
    EXPECT_TRUE(Doubt(line, value)) << value;
    EXPECT_FALSE(Doubt(line, value, true)) << value;
  }
  EXPECT_EQ(Doubt(line, "72")->field, "value.plausibility");
  EXPECT_EQ(Doubt(line, "72")->description,
            "72 is higher than 10.0, which is unusual for PH; is it what was observed?");
}

TEST(Plausibility, AsksNothingWhereTheLineHasNoBoundOrTheValueIsNoNumber) {
  EXPECT_FALSE(Doubt(LineWithRange("X", "", ""), "1e30"));
  EXPECT_FALSE(Doubt(LineWithRange("X", "0", ""), "1e30"));
  EXPECT_TRUE(Doubt(LineWithRange("X", "0", ""), "-1"));
  EXPECT_FALSE(Doubt(LineWithRange("X", "0", "1"), "NOT_DETECTED"));
}

TEST(Plausibility, RefusesWhatCannotBeAlsoWhenItIsConfirmed) {
  v1::SpecificationLine line = LineWithRange("VIA", "20", "99");
  line.set_possible_min("0");
  line.set_possible_max("100");
  for (const char* value : {"0", "20", "99.5", "100.0"}) {
    EXPECT_FALSE(Doubt(line, value, true)) << value;
  }
  for (const char* value : {"-0.1", "100.4"}) EXPECT_TRUE(Doubt(line, value, true)) << value;
  const auto refused = Doubt(line, "100.4", true);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->field, "value");
  EXPECT_EQ(refused->description,
            "100.4 is higher than 100, which VIA cannot be: enter what was observed");
}

TEST(Plausibility, NamesEachEntryToAskAbout) {
  v1::Method method;
  auto* viability = method.add_outputs();
  viability->set_line_code("VIA");
  viability->set_input("viability");
  auto* count = method.add_outputs();
  count->set_line_code("VCN");
  count->set_input("cells_per_ml");
  count->set_divisor("10000000");
  google::protobuf::RepeatedPtrField<v1::SpecificationLine> lines;
  *lines.Add() = LineWithRange("VIA", "0", "100");
  *lines.Add() = LineWithRange("VCN", "0.1", "100.0");
  google::protobuf::RepeatedPtrField<v1::TypedEntry> entries;
  const auto add = [&](const char* input, const char* value) {
    v1::TypedEntry& entry = *entries.Add();
    entry.set_input(input);
    entry.mutable_value()->set_value(value);
  };
  add("viability", "90.1");
  add("viability", "901");
  add("VIA", "100.4");
  add("cells_per_ml", "12000000");
  const auto doubts = EntryDoubts(method, lines, entries, false);
  ASSERT_EQ(doubts.size(), 2u);
  EXPECT_EQ(doubts[0].field, "entries[1].value.plausibility");
  EXPECT_EQ(doubts[1].field, "entries[2].value.plausibility");
}

}  // namespace
}  // namespace lims::domain
