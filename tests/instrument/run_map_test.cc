#include "instrument/run_map.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/formats.h"
#include "instrument/nearest_name.h"
#include "problems.h"

namespace lims::instrument {
namespace {

struct Entry {
  std::string position;
  v1::PositionRole role;
  std::string target = "";
  std::string sample = "";
  std::string file_name = "";
  std::string omit_reason = "";
};

std::vector<v1::RunPosition> Map(const std::vector<Entry>& entries) {
  std::vector<v1::RunPosition> map;
  for (const Entry& entry : entries) {
    v1::RunPosition& position = map.emplace_back();
    position.set_position(entry.position);
    position.set_role(entry.role);
    position.set_target(entry.target);
    position.set_sample_id(entry.sample);
    position.set_file_name(entry.file_name);
    position.set_omit_reason(entry.omit_reason);
  }
  return map;
}

v1::RawData Raw(const Importer& importer, std::string_view file) {
  Result<v1::RawData> data = importer.parse(file);
  EXPECT_TRUE(data.has_value()) << data.error().message;
  return data ? *data : v1::RawData();
}

Result<Joined> Join(const std::vector<v1::RunPosition>& map, const v1::RawData& raw) {
  return JoinWithMap(map, {{"", raw}});
}

TEST(JoinWithMap, TakesRolesFromTheMapAndValuesFromTheFile) {
  std::vector<v1::RunPosition> map = Map({{"A01", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                                          {"A2", v1::POSITION_ROLE_STANDARD, "TERT"},
                                          {"A2", v1::POSITION_ROLE_POSITIVE_CONTROL, "ACTB"},
                                          {"A3", v1::POSITION_ROLE_NTC, "", "", "", "bubble"}});
  map[0].set_dilution("10");
  const Result<Joined> joined =
      Join(map, Raw(kCqCsv,
                    "well,sample,target,task,cq,quantity\n"
                    "A1,x,TERT,UNKNOWN,20.1,5\nA1,x,ACTB,UNKNOWN,21.1,\n"
                    "A2,std,TERT,STANDARD,22.1,100\nA2,std,ACTB,UNKNOWN,Undetermined,\n"));
  ASSERT_TRUE(joined.has_value()) << joined.error().message;
  ASSERT_EQ(joined->data.size(), 4U);
  const v1::Datum& sample = joined->data[0];
  EXPECT_EQ(sample.position(), "A01");
  EXPECT_EQ(sample.role(), v1::POSITION_ROLE_SAMPLE);
  EXPECT_EQ(sample.sample_id(), "S-1");
  EXPECT_EQ(sample.name(), "x");
  EXPECT_EQ(sample.target(), "TERT");
  EXPECT_EQ(sample.value().value(), "20.1");
  EXPECT_EQ(sample.dilution(), "10");
  EXPECT_EQ(sample.vendor_quantity(), "5");
  EXPECT_EQ(sample.line(), 2);
  EXPECT_EQ(joined->data[1].sample_id(), "S-1");
  EXPECT_EQ(joined->data[1].target(), "ACTB");
  EXPECT_EQ(joined->data[2].role(), v1::POSITION_ROLE_STANDARD);
  EXPECT_EQ(joined->data[2].quantity(), "100");
  EXPECT_EQ(joined->data[3].role(), v1::POSITION_ROLE_POSITIVE_CONTROL);
  EXPECT_TRUE(joined->data[3].undetermined());
}

TEST(JoinWithMap, NamesEveryDisagreementByWell) {
  v1::RawData raw = Raw(kCqCsv,
                        "well,sample,target,cq\n"
                        "A1,other,TERT,20\nA2,s,ACTB,21\nA3,s,TERT,22\nB1,extra,TERT,23\n"
                        "A6,s,TERT,24\n");
  *raw.add_rows() = raw.rows(4);
  ExpectProblems(ProblemsOf(Join(Map({{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1", "planned"},
                                      {"A2", v1::POSITION_ROLE_NTC, "TERT"},
                                      {"A3", v1::POSITION_ROLE_SAMPLE, "", "S-2", "", "bubble"},
                                      {"A4", v1::POSITION_ROLE_SAMPLE, "TERT", "S-3"},
                                      {"A5", v1::POSITION_ROLE_SAMPLE, "TERT", "S-4", "", "lost"},
                                      {"A6", v1::POSITION_ROLE_SAMPLE, "TERT", "S-5"},
                                      {"A06", v1::POSITION_ROLE_SAMPLE, "TERT", "S-6"}}),
                                 raw)),
                 {"position A06, target TERT: is on the map twice, the first time as \"A6\"",
                  "line 2: names position A1 as \"other\", the map expects \"planned\"",
                  "line 3: well \"A2\" is on the map, but not with target \"ACTB\"",
                  "line 4: has data for position A3, which the map omits (\"bubble\")",
                  "line 5: well \"B1\" (\"extra\") is not on the map of the run",
                  "line 6: well A6, target TERT stands in line 6 already",
                  "position A2, target TERT: has no data in the file and is not omitted",
                  "position A4, target TERT: has no data in the file and is not omitted"},
                 "by well");
}

TEST(JoinWithMap, MatchesByNameWhereTheFileHasNoWells) {
  const v1::RawData raw = Raw(kPlateCsv, "group,response\nP,1\nP,2\nlot 7,3\nN,4\n");
  const Result<Joined> joined = Join(Map({{"P", v1::POSITION_ROLE_STIMULATED},
                                          {"N", v1::POSITION_ROLE_UNSTIMULATED},
                                          {"MSC", v1::POSITION_ROLE_SAMPLE, "", "S-1", "lot 7"}}),
                                     raw);
  ASSERT_TRUE(joined.has_value()) << joined.error().message;
  ASSERT_EQ(joined->data.size(), 4U);
  EXPECT_EQ(joined->data[1].role(), v1::POSITION_ROLE_STIMULATED);
  EXPECT_EQ(joined->data[2].position(), "MSC");
  EXPECT_EQ(joined->data[2].sample_id(), "S-1");
  EXPECT_EQ(joined->data[3].role(), v1::POSITION_ROLE_UNSTIMULATED);

  ExpectProblems(
      ProblemsOf(Join(Map({{"P", v1::POSITION_ROLE_STIMULATED},
                           {"P", v1::POSITION_ROLE_BLANK},
                           {"lot 7", v1::POSITION_ROLE_SAMPLE, "", "S-1", "l7"}}),
                      raw)),
      {"position P: is on the map twice", "line 4: name \"lot 7\" is not on the map of the run",
       "line 5: name \"N\" is not on the map of the run",
       "position lot 7: has no data in the file and is not omitted with a reason; "
       "submit the whole export (looked for the name \"l7\")"},
      "by name");
}

TEST(JoinWithMap, MatchesByNameWhenTheMapNamesGroupsOfAFileWithWells) {
  const v1::RawData raw =
      Raw(kPlateCsv, "group,response,plate,well\nP,1,X,A1\nP,2,X,A2\nN,4,Y,A1\n");
  const Result<Joined> joined =
      Join(Map({{"P", v1::POSITION_ROLE_STIMULATED}, {"N", v1::POSITION_ROLE_UNSTIMULATED}}), raw);
  ASSERT_TRUE(joined.has_value()) << joined.error().message;
  EXPECT_EQ(joined->data[1].position(), "A2");
  EXPECT_EQ(joined->data[1].plate(), "X");
  EXPECT_EQ(joined->data[1].role(), v1::POSITION_ROLE_STIMULATED);
}

TEST(JoinWithMap, MatchesWellsOfNamedPlates) {
  const v1::RawData raw = Raw(kPlateCsv, "group,response,plate,well\nP,1,X,A1\nN,4,Y,A1\n");
  const Result<Joined> joined =
      Join(Map({{"Y:a01", v1::POSITION_ROLE_UNSTIMULATED}, {"X:A1", v1::POSITION_ROLE_STIMULATED}}),
           raw);
  ASSERT_TRUE(joined.has_value()) << joined.error().message;
  EXPECT_EQ(joined->data[0].role(), v1::POSITION_ROLE_STIMULATED);
  EXPECT_EQ(joined->data[1].role(), v1::POSITION_ROLE_UNSTIMULATED);
}

TEST(JoinWithMap, SuggestsTheNearestNameAndTarget) {
  ExpectProblems(
      ProblemsOf(Join(Map({{"P", v1::POSITION_ROLE_STIMULATED},
                           {"LOT-7-S1", v1::POSITION_ROLE_SAMPLE, "", "LOT-7-S1"}}),
                      Raw(kPlateCsv, "group,response\nP,1\nlot 7 S1,3\nwater,4\n"))),
      {"line 3: name \"lot 7 S1\" is not on the map of the run (the nearest on it is "
       "\"LOT-7-S1\"); check that it is the right file; when the map is wrong, abort the run",
       "line 4: name \"water\" is not on the map of the run; check",
       "position LOT-7-S1: has no data in the file and is not omitted with a reason; submit the "
       "whole export (looked for the name \"LOT-7-S1\" (the nearest that the map lacks is "
       "\"lot 7 S1\"))"},
      "names");
  ExpectProblems(ProblemsOf(Join(Map({{"A1", v1::POSITION_ROLE_SAMPLE, "HPV16", "S-1"}}),
                                 Raw(kCqCsv, "well,sample,target,cq\nA1,S-1,HPV-16,20\n"))),
                 {"line 2: well \"A1\" is on the map, but not with target \"HPV-16\" (the nearest "
                  "there is \"HPV16\")",
                  "position A1, target HPV16: has no data"},
                 "targets");
}

TEST(JoinWithMap, RefusesAnotherSampleOfTheMapInAWell) {
  const auto map = Map({{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                        {"A2", v1::POSITION_ROLE_SAMPLE, "", "S-2"},
                        {"A3", v1::POSITION_ROLE_NTC}});
  EXPECT_TRUE(
      Join(map, Raw(kCqCsv, "well,sample,target,cq\nA1,S-1,T,20\nA2,second,T,21\nA3,W,T,22\n")));
  ExpectProblems(
      ProblemsOf(
          Join(map, Raw(kCqCsv, "well,sample,target,cq\nA1,S-2,T,20\nA2,S-1,T,21\nA3,S-1,T,22\n"))),
      {"line 2: names position A1 as \"S-2\", the map has \"S-1\" there",
       "line 3: names position A2 as \"S-1\", the map has \"S-2\" there",
       "line 4: names position A3 as \"S-1\", the map has a control there"},
      "swapped");
}

// "line 2 x" of each name that the map does not have, with " odd" behind it.
std::vector<std::string> OthersOf(const std::vector<v1::RunPosition>& map, const v1::RawData& raw) {
  std::vector<std::string> others;
  for (const OtherName& other : OtherNames(map, {{"", raw}})) {
    others.push_back(other.place + " " + other.name + (other.odd ? " odd" : ""));
  }
  return others;
}

TEST(OtherNames, AreThoseThatTheMapDoesNotExpect) {
  const auto map = Map({{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                        {"A2", v1::POSITION_ROLE_SAMPLE, "T", "S-2", "second"},
                        {"A2", v1::POSITION_ROLE_SAMPLE, "", "S-2"},
                        {"A3", v1::POSITION_ROLE_NTC}});
  using Texts = std::vector<std::string>;
  const std::string header = "well,sample,target,cq\n";
  EXPECT_EQ(OthersOf(map, Raw(kCqCsv, header + "A1,S-1,T,20\nA2,second,T,21\nA2,second,U,21\n"
                                               "A3,W,T,22\nB1,S-9,T,23\n")),
            (Texts{"line 4 second odd", "line 5 W"}));
  // Without ids in the file a name is anybody's own.
  EXPECT_EQ(OthersOf(map, Raw(kCqCsv, header + "A1,first,T,20\nA2,second,U,21\n")),
            (Texts{"line 2 first", "line 3 second"}));
  EXPECT_EQ(OthersOf(Map({{"P", v1::POSITION_ROLE_STIMULATED}}),
                     Raw(kPlateCsv, "group,response\nP,1\nQ,2\n")),
            Texts{});
}

TEST(OtherNames, AreOddUnlessTheyBeginWithTheIdOrWereFilledIn) {
  const auto map = Map(
      {{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1"}, {"A2", v1::POSITION_ROLE_SAMPLE, "", "S-2"}});
  for (const auto& [name, odd] :
       {std::pair("S-2 1:10", false), std::pair("s-2", false), std::pair("S-2/b", false),
        std::pair("Sample 7", false), std::pair("UNK-03", false), std::pair("12", false),
        std::pair("S-21", true), std::pair("S2", true), std::pair("sample S-2", true)}) {
    const auto others =
        OtherNames(map, {{"", Raw(kCqCsv, "well,sample,target,cq\nA1,S-1,T,20\nA2," +
                                              std::string(name) + ",T,21\n")}});
    ASSERT_EQ(others.size(), 1u) << name;
    EXPECT_EQ(others[0].odd, odd) << name;
    EXPECT_EQ(others[0].entry, &map[1]);
  }
}

TEST(JoinWithMap, RefusesAWellThatTheVendorCallsSomethingElse) {
  const std::string header = "well,sample,target,task,cq\n";
  const auto join = [&](v1::PositionRole role, const std::string& task) {
    return Join(Map({{"A1", role, "", role == v1::POSITION_ROLE_SAMPLE ? "S-1" : ""}}),
                Raw(kCqCsv, header + "A1,x,TERT," + task + ",Undetermined\n"));
  };
  const Result<Joined> turned = join(v1::POSITION_ROLE_SAMPLE, "NTC");
  ExpectProblems(
      ProblemsOf(turned),
      {"line 2: calls position A1 \"NTC\", the map has SAMPLE there; check that the plate "
       "was loaded as planned"},
      "turned");
  EXPECT_FALSE(join(v1::POSITION_ROLE_SAMPLE, "Standard"));
  EXPECT_FALSE(join(v1::POSITION_ROLE_NTC, "STANDARD"));
  EXPECT_FALSE(join(v1::POSITION_ROLE_POSITIVE_CONTROL, "ntc"));
  // Controls are often run as unknowns, and blanks of every kind as NTC.
  EXPECT_TRUE(join(v1::POSITION_ROLE_NTC, "UNKNOWN"));
  EXPECT_TRUE(join(v1::POSITION_ROLE_NO_RT, "NTC"));
  EXPECT_TRUE(join(v1::POSITION_ROLE_SAMPLE, ""));
}

TEST(NearestName, IsFoundWithinAThirdOfItsLetters) {
  const std::set<std::string> names{"HBV", "HCV", "SC-2026-0001-S1", "SC-2026-0002-S1"};
  for (const auto& [name, nearest] :
       {std::pair("hbv", "HBV"), std::pair("HB V", "HBV"), std::pair("HIV", "HBV"),
        std::pair("HPV16", ""), std::pair("SC20260002S1", "SC-2026-0002-S1"),
        std::pair("SC-2026-0003-S1", "SC-2026-0001-S1"), std::pair("", ""), std::pair("-", "")}) {
    EXPECT_EQ(NearestName(name, names), nearest) << name;
  }
  EXPECT_EQ(NearestName("A", {}), "");
}

TEST(JoinWithMap, NamesEveryPositionWhenTheFileHasNoRows) {
  ExpectProblems(
      ProblemsOf(Join(Map({{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1"}}), v1::RawData())),
      {"position A1: has no data in the file"}, "no rows");
}

TEST(JoinWithMap, NamesTheFileOfEachProblemAmongSeveral) {
  const std::vector<v1::RunPosition> map = Map({{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                                                {"A2", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                                                {"A3", v1::POSITION_ROLE_SAMPLE, "", "S-1"}});
  const v1::RawData first = Raw(kCqCsv, "well,sample,target,cq\nA1,s,TERT,20\nB1,s,TERT,21\n");
  const v1::RawData second = Raw(kCqCsv, "well,sample,target,cq\nA2,s,TERT,22\nA1,s,TERT,23\n");
  ExpectProblems(ProblemsOf(JoinWithMap(map, {{"one.csv", first}, {"two.csv", second}})),
                 {"one.csv, line 3: well \"B1\" (\"s\") is not on the map of the run",
                  "two.csv, line 3: well A1, target TERT stands in one.csv, line 2 already",
                  "position A3: has no data in any of the files"},
                 "two files");
  const auto joined = JoinWithMap(Map({{"A1", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                                       {"B1", v1::POSITION_ROLE_SAMPLE, "", "S-1"}}),
                                  {{"", first}});
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->places, (std::vector<std::string>{"line 2", "line 3"}));
}

TEST(JoinWithMap, TakesATypedPanelForTheOnePositionOfTheMap) {
  const v1::RawData raw = Raw(kPanelCsv, "line,replicate,value,unit\nVIA,1,92.1,%\nVIA,2,91.4,%\n");
  const auto joined = Join(Map({{"1", v1::POSITION_ROLE_SAMPLE, "", "S-1"}}), raw);
  ASSERT_TRUE(joined) << joined.error().message;
  ASSERT_EQ(joined->data.size(), 2U);
  EXPECT_EQ(joined->data[1].sample_id(), "S-1");
  EXPECT_EQ(joined->data[1].position(), "1");
  EXPECT_EQ(joined->data[1].target(), "VIA");
  EXPECT_EQ(joined->data[1].value().unit(), "%");
  ExpectProblems(ProblemsOf(Join(Map({{"1", v1::POSITION_ROLE_SAMPLE, "", "S-1"},
                                      {"2", v1::POSITION_ROLE_SAMPLE, "", "S-2"}}),
                                 raw)),
                 {"line 2: has no name", "line 3: has no name", "position 1: has no data",
                  "position 2: has no data"},
                 "two samples");
}

}  // namespace
}  // namespace lims::instrument
