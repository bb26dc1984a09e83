// A potency run is one plate: its controls say nothing of another, nor do the cells of its donor.
#include "assay/one_plate.h"

#include <gtest/gtest.h>

#include "assay/entries.h"
#include "assay_input.h"

namespace lims::assay {
namespace {

v1::Method MethodOf(const std::string& assay) {
  v1::Method method;
  method.set_method_id("M-POT-LYM");
  method.set_assay(assay);
  SetParameter(method, "mode", "INHIBITION");
  return method;
}

// P, N and then samples at the given places.
Positions PotencyMapAt(const std::vector<std::string>& places) {
  Positions map;
  for (const std::string& place : places) {
    v1::RunPosition& position = *map.Add();
    position.set_position(place);
    position.set_role(map.size() == 1   ? v1::POSITION_ROLE_STIMULATED
                      : map.size() == 2 ? v1::POSITION_ROLE_UNSTIMULATED
                                        : v1::POSITION_ROLE_SAMPLE);
  }
  return map;
}

TEST(OnePlate, AMapNamesThePlatesBesideTheFirst) {
  const v1::Method method = MethodOf("potency");
  const std::string why =
      ": controls, reference and samples of a run stand on one plate, with cells of one donor; "
      "plan a run for each plate";
  EXPECT_EQ(
      Sentences(
          CheckMap(method, PotencyMapAt({"P1:A1", "P1:A2", "P2:A1", "P2:A2", "P1:A3", "P3:AF48"}))),
      (Names{"positions[2].position: \"P2:A1\" stands on another plate than \"P1:A1\"" + why,
             "positions[5].position: \"P3:AF48\" stands on another plate than \"P1:A1\"" + why}));
  const std::vector<std::vector<std::string>> one_plate = {
      {"P1:A1", "P1:A2", "P1:H12"}, {"A1", "A2", "P1:A3"}, {"P", "N", "LOT-1:0.2", "LOT-2:0.2"}};
  for (const auto& places : one_plate) {
    EXPECT_EQ(Sentences(CheckMap(method, PotencyMapAt(places))), Names{}) << places[2];
  }
}

TEST(OnePlate, DataOfSeveralPlatesAreRefused) {
  google::protobuf::RepeatedPtrField<v1::Datum> data;
  for (const char* plate : {"", "P1", "P1", "P2", "P2", "P3", ""}) data.Add()->set_plate(plate);
  const std::vector<std::string> places = {"line 2", "line 3", "line 4", "line 5",
                                           "line 6", "line 7", "line 8"};
  const auto violations = CheckData(MethodOf("potency"), data, places);
  EXPECT_EQ(Fields(violations), (Names{"line 5", "line 7"}));
  EXPECT_EQ(
      violations.front().description,
      "is of plate \"P2\", line 3 of \"P1\": controls, reference and samples of a run stand on "
      "one plate, with cells of one donor; submit the data of one, or abort the run with a "
      "reason and plan one for each plate");
  EXPECT_TRUE(CheckData(MethodOf("rt_qpcr"), data, places).empty());
  data.DeleteSubrange(3, 3);
  EXPECT_TRUE(CheckData(MethodOf("potency"), data, {"2", "3", "4", "5"}).empty());
}

}  // namespace
}  // namespace lims::assay
