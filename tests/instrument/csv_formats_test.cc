#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "instrument/formats.h"
#include "problems.h"

namespace lims::instrument {
namespace {

struct Refusal {
  const Importer& importer;
  std::string_view file;
  std::vector<std::string_view> problems;
};

void ExpectRefusals(const std::vector<Refusal>& cases) {
  for (const Refusal& c : cases) {
    ExpectProblems(ProblemsOf(c.importer.parse(c.file)), c.problems, c.file);
  }
}

TEST(CqCsv, ReadsCyclesTasksAndQuantities) {
  const Result<v1::RawData> data = kCqCsv.parse(
      "well,sample,target,task,cq,quantity\n"
      "A1,S-1,TERT,UNKNOWN,27.10,5720.5\n"
      "A2,,TERT,NTC,undetermined,\n"
      "A3,STD1,TERT,Standard,25.0,20000\n");
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->format(), "cq_csv");
  EXPECT_EQ(data->parser_version(), "2");
  ASSERT_EQ(data->rows_size(), 3);
  const v1::RawRow& unknown = data->rows(0);
  EXPECT_EQ(unknown.position(), "A1");
  EXPECT_EQ(unknown.name(), "S-1");
  EXPECT_EQ(unknown.target(), "TERT");
  EXPECT_EQ(unknown.task(), "UNKNOWN");
  EXPECT_EQ(unknown.value().value(), "27.10");
  EXPECT_EQ(unknown.value().unit(), "");
  EXPECT_EQ(unknown.vendor_quantity(), "5720.5");
  EXPECT_EQ(unknown.quantity(), "");
  EXPECT_EQ(unknown.line(), 2);
  EXPECT_TRUE(data->rows(1).undetermined());
  EXPECT_EQ(data->rows(1).value().value(), "");
  EXPECT_EQ(data->rows(2).quantity(), "20000");
  EXPECT_EQ(data->rows(2).vendor_quantity(), "");
}

TEST(CqCsv, TakesAQuantityWithoutTaskAsKnown) {
  const Result<v1::RawData> data =
      kCqCsv.parse("well,sample,target,cq,quantity\nA1,S,T,27,100\nA2,S,T,28,\n");
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(data->rows(0).quantity(), "100");
  EXPECT_EQ(data->rows(1).quantity(), "");
}

TEST(CqCsv, NamesEveryBadCell) {
  ExpectRefusals({
      {kCqCsv, "", {"file: is empty; a header with the columns well, sample, target, cq"}},
      {kCqCsv,
       "group,response\nP,1\n",
       {"line 1, column 1: the column \"group\" is not known", "line 1, column 2: ",
        "line 1: the header has no column \"well\"", "line 1: the header has no column \"sample\"",
        "line 1: the header has no column \"target\"", "line 1: the header has no column \"cq\""}},
      {kCqCsv,
       "well,sample,target,cq,quantity\n"
       "A1,S,T,27.1,1\n"
       "A01,S,T,\"27,1\",1\n"
       "Z9,S,T,NaN,1\n"
       "A2,S,,,1\n"
       "A3,S,T,0,-1\n"
       "A4,S,T,-3.5,1 000\n"
       "A5,S,T,12345678901234567890123456789012345,1\n"
       "A6,S,T\n"
       "A7,a\xe2\x80\xae"
       "b,T,N/A,\n",
       {"line 9: has 3 fields, the header has 5; the row is cut",
        "line 3, column 4: cq \"27,1\" has a comma",
        "line 3, column 1: well A1 with target \"T\" stands in line 2 already",
        "line 4, column 4: cq \"NaN\" is not a number", "line 5, column 3: target is empty",
        "line 5, column 4: cq is empty; it is a number of cycles or Undetermined",
        "line 6, column 4: cq 0 is no number of cycles",
        "line 6, column 5: quantity -1 is below zero",
        "line 7, column 4: cq -3.5 is no number of cycles",
        "line 7, column 5: quantity \"1 000\" is not a number",
        "line 8, column 4: cq \"12345678901234567890123456789012345\" has more than 34 digits",
        "line 10, column 2: sample holds U+202E", "line 10, column 4: cq \"N/A\" is not a number"}},
      {kCqCsv,
       "well,sample,target,cq\nAG1,S,T,1\nA49,S,T,1\n1,S,T,1\nA,S,T,1\n,S,T,1\nA0,S,T,1\n",
       {"line 2, column 1: well \"AG1\" is not a well; write it like A1 or H12",
        "line 3, column 1: well \"A49\"", "line 4, column 1: well \"1\"",
        "line 5, column 1: well \"A\"", "line 6, column 1: well is empty",
        "line 7, column 1: well \"A0\""}},
  });
}

TEST(PlateCsv, ReadsGroupsWithAndWithoutWells) {
  const Result<v1::RawData> plain = kPlateCsv.parse("group,response\nP,1.250\nP,-0.03\n");
  ASSERT_TRUE(plain.has_value());
  ASSERT_EQ(plain->rows_size(), 2);
  EXPECT_EQ(plain->rows(0).name(), "P");
  EXPECT_EQ(plain->rows(0).value().value(), "1.250");
  EXPECT_EQ(plain->rows(1).value().value(), "-0.03");
  EXPECT_EQ(plain->rows(0).position(), "");

  const Result<v1::RawData> wells =
      kPlateCsv.parse("plate,well,group,response\n1,A1,P,1\n2,A1,P,1\n");
  ASSERT_TRUE(wells.has_value()) << wells.error().message;
  EXPECT_EQ(wells->rows(1).plate(), "2");
  EXPECT_EQ(wells->rows(1).position(), "A1");
}

TEST(PlateCsv, NamesEveryBadCell) {
  ExpectRefusals({
      {kPlateCsv,
       "group,response\n,1\nP,\nP,1e999\nP\n",
       {"line 5: has 1 field", "line 2, column 1: group is empty",
        "line 3, column 2: response is empty; an empty cell is never taken as zero",
        "line 4, column 2: response \"1e999\" is outside the range"}},
      {kPlateCsv,
       "group,response,plate,well\nP,1,1,A1\nP,2,1,A01\nP,3,,B1\nP,4,1,\n",
       {"line 3, column 4: well A1 of plate \"1\" stands in line 2 already",
        "line 4, column 3: plate is empty", "line 5, column 4: well is empty"}},
  });
}

TEST(DoseResponseCsv, ReadsPreparationsAndDoses) {
  const Result<v1::RawData> data =
      kDoseResponseCsv.parse("preparation;dose;response\nREF;0;0.10\nTEST;2.5E-3;1.1\n");
  ASSERT_TRUE(data.has_value());
  ASSERT_EQ(data->rows_size(), 2);
  EXPECT_EQ(data->rows(0).name(), "REF");
  EXPECT_EQ(data->rows(0).dose(), "0");
  EXPECT_EQ(data->rows(0).value().value(), "0.10");
  EXPECT_EQ(data->rows(1).dose(), "2.5E-3");
}

TEST(DoseResponseCsv, NamesEveryBadCell) {
  ExpectRefusals({
      {kDoseResponseCsv,
       "preparation,dose,response\nREF,-1,0.1\n,,\nREF,,\nREF,.5,5.\n",
       {"line 2, column 2: dose -1 is below zero", "line 4, column 2: dose is empty",
        "line 4, column 3: response is empty",
        "line 5, column 2: dose \".5\" has no digit before the point",
        "line 5, column 3: response \"5.\" has no digit after the point"}},
  });
}

TEST(PanelCsv, ReadsValuesQualifiersCodesAndDescriptions) {
  const Result<v1::RawData> data = kPanelCsv.parse(
      "line,replicate,value,unit,description\n"
      "PH,1,7.20,[pH],\n"
      "ENDO,1,<0.50,[iU]/mL,\n"
      "ENDO,2,> 12,[iU]/mL,\n"
      "APP,1,DOES_NOT_CONFORM,,\"clumps, brown\"\n");
  ASSERT_TRUE(data.has_value()) << data.error().message;
  ASSERT_EQ(data->rows_size(), 4);
  EXPECT_EQ(data->rows(0).target(), "PH");
  EXPECT_EQ(data->rows(0).replicate(), "1");
  EXPECT_EQ(data->rows(0).value().value(), "7.20");
  EXPECT_EQ(data->rows(0).value().unit(), "[pH]");
  EXPECT_EQ(data->rows(0).value().qualifier(), v1::QUALIFIER_UNSPECIFIED);
  EXPECT_EQ(data->rows(1).value().value(), "0.50");
  EXPECT_EQ(data->rows(1).value().qualifier(), v1::QUALIFIER_LESS_THAN);
  EXPECT_EQ(data->rows(2).value().value(), "12");
  EXPECT_EQ(data->rows(2).value().qualifier(), v1::QUALIFIER_GREATER_THAN);
  EXPECT_EQ(data->rows(3).value().value(), "DOES_NOT_CONFORM");
  EXPECT_EQ(data->rows(3).description(), "clumps, brown");
}

TEST(PanelCsv, NamesEveryBadCell) {
  ExpectRefusals({
      {kPanelCsv,
       "line,replicate,value,unit\n"
       "PH,1,,[pH]\n"
       "PH,0,7.1,[pH]\n"
       "PH,1.5,7.1,[pH]\n"
       "PH,2,7.1,[pH]\n"
       "PH,2,7.2,[pH]\n"
       "PH,3,\"7,1\",[pH]\n"
       "PH,4,NaN,[pH]\n"
       "PH,5,NAN,[pH]\n"
       "PH,6,<,[pH]\n"
       "PH,7,<=5,[pH]\n"
       "PH,8,<ABSENT,[pH]\n"
       "PH,9,5 mL,[pH]\n"
       ",10,5,[pH]\n"
       "PH,,5,[pH]\n",
       {"line 2, column 3: value is empty; type a value or leave the row out",
        "line 3, column 2: replicate \"0\" is not a whole number from 1 on",
        "line 4, column 2: replicate \"1.5\"",
        "line 6, column 1: line \"PH\" with replicate \"2\" stands in line 5 already",
        "line 7, column 3: value \"7,1\" has a comma", "line 8, column 3: value \"NaN\" is not a",
        "line 9, column 3: value \"NAN\" is not a", "line 10, column 3: value \"\" is empty",
        "line 11, column 3: value \"=5\" is not a", "line 12, column 3: value \"ABSENT\" is not a",
        "line 13, column 3: value \"5 mL\" is not a", "line 14, column 1: line is empty",
        "line 15, column 2: replicate \"\" is not a whole number"}},
  });
}

}  // namespace
}  // namespace lims::instrument
