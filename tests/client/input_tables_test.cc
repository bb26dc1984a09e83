#include "core/input_tables.h"

#include <gtest/gtest.h>

#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::client {
namespace {

TEST(InputTables, RunMapNamesRolesWithoutPrefix) {
  const auto map = ParseRunMap(
      "position,role,sample,target,file_name,dilution,omit_reason\n"
      "A1,SAMPLE,S1,HPRT,unk 1,10,\n"
      "A2,NTC,,HPRT,,,\n"
      "A3,SAMPLE,S1,GAPDH,,,bubble in the well\n");
  ASSERT_TRUE(map);
  ASSERT_EQ(map->size(), 3U);
  EXPECT_EQ((*map)[0].role(), v1::POSITION_ROLE_SAMPLE);
  EXPECT_EQ((*map)[0].sample_id(), "S1");
  EXPECT_EQ((*map)[0].file_name(), "unk 1");
  EXPECT_EQ((*map)[0].dilution(), "10");
  EXPECT_EQ((*map)[1].role(), v1::POSITION_ROLE_NTC);
  EXPECT_EQ((*map)[2].omit_reason(), "bubble in the well");
}

TEST(InputTables, EveryProblemOfARunMapIsNamedAtItsPlace) {
  const auto map = ParseRunMap(
      "position,role,sample\n"
      "A1,SAMPEL,S1\n"
      ",NTC,\n"
      "A3,SAMPLE,\n");
  ASSERT_FALSE(map);
  ASSERT_EQ(map.error().violations.size(), 3U);
  EXPECT_EQ(map.error().violations[0].field, "line 2, column 2");
  EXPECT_NE(map.error().violations[0].description.find("EXTRACTION_BLANK"), std::string::npos);
  EXPECT_EQ(map.error().violations[1].field, "line 3, column 1");
  EXPECT_EQ(map.error().violations[2].field, "line 4, column 3");
}

TEST(InputTables, UnknownColumnIsRefused) {
  EXPECT_FALSE(ParseRunMap("position,role,sampel\nA1,NTC,\n"));
  EXPECT_FALSE(ParseRunMap("position\nA1\n"));
  EXPECT_FALSE(ParseRunMap(""));
}

TEST(InputTables, AColumnThatStandsTwiceIsRefusedInEveryTable) {
  const auto expect_refused = [](const auto& table, const char* place) {
    ASSERT_FALSE(table);
    ASSERT_EQ(table.error().violations.size(), 1U) << table.error().message;
    EXPECT_EQ(table.error().violations[0].field, place);
    EXPECT_NE(table.error().violations[0].description.find("stands twice"), std::string::npos);
  };
  expect_refused(ParseRunMap("position,role,role\nA1,NTC,SAMPLE\n"), "line 1, column 3");
  expect_refused(ParseTypedEntries("line,value,value\nPH,7.1,7.2\n"), "line 1, column 3");
  expect_refused(ParseReadings("position,value,position\nFTM-1,GROWTH,FTM-2\n"),
                 "line 1, column 3");
  expect_refused(ParseFacts("fact,fact,value,document\ndose,1,2,D-1\n"), "line 1, column 2");
  expect_refused(ParseAttestations("code,document,document\nGMP,D-1,D-2\n"), "line 1, column 3");
}

TEST(InputTables, ReplicatesAreCountedForEachLine) {
  const auto entries = ParseTypedEntries(
      "line,replicate,value,unit\nVOL,,5.0,mL\nPH,,7.2,\nVOL,,5.1,mL\nVOL,7,<5,\n");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[0].replicate(), 1);
  EXPECT_EQ((*entries)[1].replicate(), 1);
  EXPECT_EQ((*entries)[2].replicate(), 2);
  EXPECT_EQ((*entries)[3].replicate(), 7);
  EXPECT_EQ((*entries)[2].value().value(), "5.1");
  EXPECT_EQ((*entries)[2].value().unit(), "mL");
  EXPECT_EQ((*entries)[3].value().qualifier(), v1::QUALIFIER_LESS_THAN);
  for (const char* wrong : {"0", "-1", "1.0", "x", "99999999999"}) {
    EXPECT_FALSE(ParseTypedEntries(std::string("line,replicate,value\nPH,") + wrong + ",7\n"))
        << wrong;
  }
}

TEST(InputTables, BlankIsNeverAValue) {
  EXPECT_FALSE(ParseTypedEntries("line,value\nPH,\n"));
  EXPECT_FALSE(ParseReadings("position,value\nT1,\n"));
  EXPECT_FALSE(ParseFacts("fact,value,document\npassage,,DOC-1\n"));
  EXPECT_FALSE(ParseAttestations("code,document\nBPR-REVIEW,\n"));
}

TEST(InputTables, OtherTablesReadTheirColumns) {
  const auto readings =
      ParseReadings("position,value,description,target\nB1,GROWTH,turbid,aerobic\n");
  ASSERT_TRUE(readings);
  EXPECT_EQ((*readings)[0].value().value(), "GROWTH");
  EXPECT_EQ((*readings)[0].description(), "turbid");
  EXPECT_EQ((*readings)[0].target(), "aerobic");
  const auto facts = ParseFacts("fact,value,document\nmax_passage,6,BPR-1\n");
  ASSERT_TRUE(facts);
  EXPECT_EQ((*facts)[0].fact(), "max_passage");
  EXPECT_EQ((*facts)[0].document(), "BPR-1");
  EXPECT_EQ(ParseAttestations("code,document\nA,B\n")->at(0).code(), "A");
}

TEST(InputTables, EachRowOfAResultTableIsASubmission) {
  const auto requests = ParseResultTable(
      "lot,line,value,sample,unit,setup\n"
      "L1,PH,7.2,S1,[pH],calibration_points=2; calibration_slope=99.1 %\n"
      "L2,PH,<5,,,\n");
  ASSERT_TRUE(requests) << requests.error().message;
  ASSERT_EQ(requests->size(), 2U);
  const v1::SubmitResultRequest& first = requests->front();
  EXPECT_EQ(first.lot_id(), "L1");
  EXPECT_EQ(first.panel(), "PH");
  EXPECT_EQ(first.sample_id(), "S1");
  EXPECT_EQ(first.entries(0).input(), "PH");
  EXPECT_EQ(first.entries(0).value().unit(), "[pH]");
  ASSERT_EQ(first.setup_size(), 2);
  EXPECT_EQ(first.setup(1).name(), "calibration_slope");
  EXPECT_EQ(first.setup(1).unit(), "%");
  EXPECT_EQ(requests->at(1).entries(0).value().qualifier(), v1::QUALIFIER_LESS_THAN);
  EXPECT_FALSE(ParseResultTable("lot,line,value\nL1,PH,\n"));
  EXPECT_FALSE(ParseResultTable("lot,line,value,setup\nL1,PH,7,points\n"));
}

TEST(InputTables, MeasuredValueKeepsItsDigits) {
  const v1::MeasuredValue less = ParseMeasuredValue(" < 0.50 ", "[iU]/mL");
  EXPECT_EQ(less.value(), "0.50");
  EXPECT_EQ(less.qualifier(), v1::QUALIFIER_LESS_THAN);
  EXPECT_EQ(less.unit(), "[iU]/mL");
  EXPECT_EQ(ParseMeasuredValue(">1000", "").qualifier(), v1::QUALIFIER_GREATER_THAN);
  EXPECT_EQ(ParseMeasuredValue("NO_GROWTH", "").value(), "NO_GROWTH");
  const v1::MeasuredValue amount = ParseAmount("1.0 mL");
  EXPECT_EQ(amount.value(), "1.0");
  EXPECT_EQ(amount.unit(), "mL");
  EXPECT_EQ(ParseAmount("3").unit(), "");
  EXPECT_EQ(ParseAmount("5.0mL").value(), "5.0");
  EXPECT_EQ(ParseAmount("5.0mL").unit(), "mL");
  EXPECT_EQ(ParseAmount("1,5 mL").value(), "1,5");  // the server says what is wrong with it
  EXPECT_EQ(ParseAmount("mL").value(), "mL");
}

TEST(InputTables, SetupValueTakesAUnitBehindANumberOnly) {
  EXPECT_EQ(ParseNamedValue("--setup", "slope=99.1 %")->value(), "99.1");
  EXPECT_EQ(ParseNamedValue("--setup", "slope=99.1 %")->unit(), "%");
  EXPECT_EQ(ParseNamedValue("--setup", "kit=LAL K-5")->value(), "LAL K-5");
  EXPECT_EQ(ParseNamedValue("--setup", "kit=LAL K-5")->unit(), "");
  EXPECT_EQ(ParseNamedValue("--setup", "note=a=b")->value(), "a=b");
  EXPECT_EQ(ParseNamedValue("--setup", "expiry=2026-03")->value(), "2026-03");
  EXPECT_FALSE(ParseNamedValue("--setup", "slope"));
  EXPECT_FALSE(ParseNamedValue("--setup", "=1"));
}

TEST(InputTables, SetupValuesKeepTheirOrderAndAWrongOneIsNamed) {
  EXPECT_EQ(ParseNamedValues("--setup", {})->size(), 0);
  const auto values = ParseNamedValues("--setup", {"slope=99.1 %", "kit=K-5"});
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 2);
  EXPECT_EQ(values->Get(0).name(), "slope");
  EXPECT_EQ(values->Get(1).value(), "K-5");
  const auto wrong = ParseNamedValues("--setup", {"slope=99.1 %", "kit"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "--setup: 'kit' is not name=value");
}

TEST(InputTables, TextFileErrorsNameFileLineAndColumn) {
  v1::Method method;
  ASSERT_TRUE(ParseTextFile("m.textproto", "method_id: \"M-PH\"\nversion: 1\n", &method));
  EXPECT_EQ(method.method_id(), "M-PH");
  const auto wrong = ParseTextFile("m.textproto", "method_id: \"M-PH\"\nversoin: 1\n", &method);
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("m.textproto"), std::string::npos);
  ASSERT_FALSE(wrong.error().violations.empty());
  EXPECT_EQ(wrong.error().violations[0].field.rfind("line 2, column", 0), 0U);
}

// The last of two would win unseen.
TEST(InputTables, AFieldThatStandsTwiceInATextFileIsRefused) {
  const struct {
    std::string text;
    std::string place;
  } cases[] = {
      {"method_id: \"M-PH\"\nversion: 1\nversion: 2\n", "line 3, column"},
      {"method_id: \"M-PH\"\nobservation { hours: 1 }\nobservation { hours: 2 }\n",
       "line 3, column"},
      {"outputs { line_code: \"PH\"\nline_code: \"OSM\" }\n", "line 2, column"},
  };
  for (const auto& each : cases) {
    v1::Method method;
    const auto wrong = ParseTextFile("m.textproto", each.text, &method);
    ASSERT_FALSE(wrong) << each.text;
    ASSERT_FALSE(wrong.error().violations.empty());
    EXPECT_EQ(wrong.error().violations[0].field.rfind(each.place, 0), 0U)
        << wrong.error().violations[0].field;
    EXPECT_NE(wrong.error().violations[0].description.find("multiple times"), std::string::npos)
        << wrong.error().violations[0].description;
  }
  v1::SpecificationText specification;
  EXPECT_FALSE(
      ParseTextFile("s.textproto", "product { product_id: \"P\" }\nproduct {}\n", &specification));
}

}  // namespace
}  // namespace lims::client
