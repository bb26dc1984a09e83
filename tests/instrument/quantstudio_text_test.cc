#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "instrument/formats.h"
#include "instrument/statements.h"
#include "problems.h"

namespace lims::instrument {
namespace {

constexpr std::string_view kHead =
    "* Block Type = 96-Well Block\n"
    "* Calibration Background is expired  = Yes\n"
    "* Calibration Pure Dye CY5.5 is expired = No\n"
    "* Experiment Run End Time = 2026-03-02 07:35:29 AM EDT\n"
    "* Experiment Type = Comparative C\xd1\x82 (\xce\x94\xce\x94\x43\xd1\x82)\n"
    "* Experiment Comment = first = plan\n"
    "continued\n"
    "\n"
    "[Sample Setup]\n"
    "Well\tWell Position\tSample Name\n"
    "9\tA9\tnever measured\n";  // lines 1 to 11

constexpr std::string_view kHeader =
    "Well\tWell Position\tOmit\tSample Name\tTarget Name\tTask\tCT\tQuantity\tSlope\tY-Intercept\t"
    "R(superscript 2)\tEfficiency\tComments\n";

std::string Export(std::string_view rows) {
  return std::string(kHead) + "[Results]\n" + std::string(kHeader) + std::string(rows);
}

std::string Property(const v1::RawData& data, std::string_view name) {
  std::string values;
  for (const v1::NamedValue& property : data.properties()) {
    if (property.name() == name) values += (values.empty() ? "" : "|") + property.value();
  }
  return values;
}

TEST(QuantStudioText, ReadsRowsWithTheirLines) {
  const Result<v1::RawData> data = kQuantStudioText.parse(
      Export("1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.102\t5,720.562\t-3.383\t39.814\t0.997\t97.505\n"
             "2\t  A2\tfalse\t\tTERT\tNTC\tUndetermined\n"
             "3\tA3\tfalse\tSTD\tTERT\tSTANDARD\t25.000\t1,020,000.000\t\t\t\t\t\"a\nb\"\n"
             "4\tA4\tfalse\n"
             "5\tA5\tfalse\t\t\t\t\t\t\t\t\t\t\n"
             "6\tA6\tfalse\tS-2\tTERT\tUNKNOWN\t30.1\t0.5\n"
             "\n"
             "Endogenous Control = GAPDH\n"
             "RQ Min/Max Confidence Level = 95.0\n"
             "\n"
             "[Melt Curve Raw Data]\n"
             "7\tA7\tfalse\tS-3\tTERT\tUNKNOWN\t30.1\n"));
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->format(), "quantstudio_text");
  EXPECT_EQ(data->parser_version(), "2");
  ASSERT_EQ(data->rows_size(), 4);
  EXPECT_EQ(data->rows(0).line(), 14);
  EXPECT_EQ(data->rows(0).position(), "A1");
  EXPECT_EQ(data->rows(0).name(), "S-1");
  EXPECT_EQ(data->rows(0).target(), "TERT");
  EXPECT_EQ(data->rows(0).task(), "UNKNOWN");
  EXPECT_EQ(data->rows(0).value().value(), "27.102");
  EXPECT_EQ(data->rows(0).vendor_quantity(), "5720.562");
  EXPECT_EQ(data->rows(0).quantity(), "");
  EXPECT_EQ(data->rows(1).position(), "A2");
  EXPECT_TRUE(data->rows(1).undetermined());
  EXPECT_EQ(data->rows(2).quantity(), "1020000.000");
  EXPECT_EQ(data->rows(2).vendor_quantity(), "");
  EXPECT_EQ(data->rows(3).line(), 20);  // behind a line break in a comment and two empty wells
  EXPECT_EQ(data->rows(3).vendor_quantity(), "0.5");
}

TEST(QuantStudioText, KeepsStatementsOfHeadAndTail) {
  const Result<v1::RawData> data = kQuantStudioText.parse(
      Export("1\tA1\ttrue\tS-1\tTERT\tUNKNOWN\t27.102\t1\t-3.383\t39.814\t0.997\t97.505\n"
             "2\tA2\ttrue\tS-1\tTERT\tUNKNOWN\t\n"
             "3\tA3\tfalse\tS-1\tTERT\tUNKNOWN\t27.2\t1\t-3.383\t39.814\t0.997\t97.505\n"
             "4\tA4\tfalse\tS-1\tACTB\tUNKNOWN\t27.2\t1\t-3.1\t38\t0.99\t99\n"
             "\n"
             "Stage/ Cycle where Analysis is performed = Stage 2, Step 2\n"
             "Reference Sample = a\tb\n"));
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(Property(*data, "block_type"), "96-Well Block");
  EXPECT_EQ(Property(*data, "calibration_background_is_expired"), "Yes");
  EXPECT_EQ(Property(*data, "calibration_pure_dye_cy5_5_is_expired"), "No");
  EXPECT_EQ(Property(*data, "experiment_comment"), "first = plan continued");
  EXPECT_EQ(Property(*data, "stage_cycle_where_analysis_is_performed"), "Stage 2, Step 2");
  EXPECT_EQ(Property(*data, "reference_sample"), "a\tb");
  EXPECT_EQ(Property(*data, "vendor_curve"),
            "TERT: slope -3.383, intercept 39.814, R2 0.997, efficiency 97.505|"
            "ACTB: slope -3.1, intercept 38, R2 0.99, efficiency 99");
  EXPECT_EQ(data->rows_size(), 3);  // the omitted well without CT is no row
  EXPECT_EQ(StatementFlags(*data),
            (std::vector<std::string>{"CALIBRATION_EXPIRED: Background",
                                      "FILE_TIME: 2026-03-02 07:35:29 AM EDT",
                                      "WELLS_OMITTED: A1 TERT, A2 TERT"}));
}

// Of such a row only the names are kept, in the flags of the run.
TEST(QuantStudioText, NothingHidesInAFlagOfTheRun) {
  const auto parsed =
      kQuantStudioText.parse(Export("1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t20.1\n"
                                    "2\tA2\ttrue\tS-1\tTE\u202eRT\tUNKNOWN\t\n"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(Property(*parsed, "omitted_wells"), "A2 TE?RT");
  v1::RawData data;
  v1::NamedValue& time = *data.add_properties();
  time.set_name(std::string(kRunEndTime));
  time.set_value("2026-03-02\t\u202e07:35");
  EXPECT_EQ(StatementFlags(data), (std::vector<std::string>{"FILE_TIME: 2026-03-02??07:35"}));
}

TEST(QuantStudioText, ReadsTheCommaSeparatedVariantAndOtherHeadersOfCt) {
  for (std::string_view header : {"CT", "Ct", "C\xd1\x82", "Cq"}) {
    const std::string file =
        "* Experiment Type = Standard Curve,,,,,,\r\n\r\n[Results],,,,,,\r\n"
        "Well,Well Position,Sample Name,Target Name,Task," +
        std::string(header) + ",Quantity\r\n1,A1,\"S, 1\",TERT,STANDARD,27.102,\"1,250.000\"\r\n";
    const Result<v1::RawData> data = kQuantStudioText.parse(file);
    ASSERT_TRUE(data.has_value()) << header << data.error().message;
    ASSERT_EQ(data->rows_size(), 1);
    EXPECT_EQ(data->rows(0).name(), "S, 1");
    EXPECT_EQ(data->rows(0).value().value(), "27.102");
    EXPECT_EQ(data->rows(0).quantity(), "1250.000");
    EXPECT_EQ(Property(*data, "experiment_type"), "Standard Curve");
  }
}

TEST(QuantStudioText, NamesEveryBadCell) {
  const std::string file = Export(
      "1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27,102\n"
      "2\tA2\tfalse\tS-1\tTERT\tUNKNOWN\t\n"
      "3\tA3\tfalse\tS-1\tTERT\tUNKNOWN\tNaN\t1,250\n"
      "4\tA4\tfalse\tS-1\tTERT\tUNKNOWN\t20.1\n"
      "4\tA4\tfalse\tS-1\tTERT\tUNKNOWN\t20.1\n"
      "4\tA4\tfalse\tS-1\tACTB\tUNKNOWN\t20.1\n"
      "5\tA5\tfalse\tS-1\tTERT\n"
      "6\t\tfalse\tS-1\tTERT\tUNKNOWN\t20.1\t12,34.5\n"
      "7\tA7\tfalse\tS\x01\tTERT\tUNKNOWN\t0.000\n"
      "stray text\n"
      "8\tA8\tfalse\tS-1\tTERT\tUNKNOWN\t12345678901234567890123456789012345\n"
      "9\tA9\tfalse\tS\"1\tTERT\tUNKNOWN\t21\t\t\t\t\t\t5\" of tube\n");
  ExpectProblems(
      ProblemsOf(kQuantStudioText.parse(file)),
      {"line 14, column 7: CT \"27,102\" has a comma",
       "line 15, column 7: CT is empty; it is a number of cycles or Undetermined",
       "line 16, column 7: CT \"NaN\" is not a number",
       "line 16, column 8: Quantity \"1,250\" has a comma that may be a decimal comma",
       "line 18, column 2: well A4 with target \"TERT\" stands in line 17 already",
       "line 20: the row ends before its CT (column 7): the export is cut; export the run again",
       "line 21, column 2: Well Position is empty",
       "line 21, column 8: Quantity \"12,34.5\" has a comma",
       "line 22, column 4: Sample Name holds the control character U+0001",
       "line 22, column 7: CT 0.000 is no number of cycles",
       "line 23: is neither a row of the results table nor a statement",
       "line 24, column 7: CT \"12345678901234567890123456789012345\" has more than 34 digits",
       "line 25, column 4: a double quote stands inside a field"},
      file);
}

TEST(QuantStudioText, RefusesWhatIsNoWholeExport) {
  struct Case {
    std::string file;
    std::string_view problem;
  };
  const std::string row = "1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.102\t\t\t\t\t\ttrue\n";
  const std::string whole = Export(row + row);
  const Case cases[] = {
      {"", "file: is empty; export the run again"},
      {"\n\n", "file: is empty; export the run again"},
      {"well,sample,target,cq\nA1,S,T,20\n",
       "line 1: is no line of a QuantStudio text export, which begins with lines such as"},
      {std::string(kHead), "file: has no section [Results]; export the run again"},
      {std::string(kHead) + "[Results]\n",
       "line 12: the section [Results] has no header: the export is cut"},
      {std::string(kHead) + "[Results]", "line 12: the section [Results] has no header"},
      {Export(""), "line 12: the section [Results] has no row with a CT"},
      {Export("1\tA1\tfalse\n"), "line 12: the section [Results] has no row with a CT"},
      {Export(row) + "[Results]\n",
       "line 15: the section \"Results\" stands in line 12 already; export the run again"},
      {Export(row + "2\tA2\tfalse\tS-1\tTERT\tUNKNOWN\t27.1"),
       "line 15: the file ends inside this row: the export is cut; export the run again"},
      {Export(row + "2\tA2\tfalse\tS-1\tTERT\tUNKNOWN\t27.1\t\t\t"), "line 15: the file ends"},
      {Export(row + "2\tA2\tfa"), "line 15: the file ends inside this row"},
      {Export("1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.1"), "line 14: the file ends inside this row"},
      {"* Experiment Type = Genotyping\n[Results]\nWell\tWell Position\tSample Name\tTarget Name\t"
       "Task\n",
       "line 3: the results table has no column CT (the experiment type is \"Genotyping\"; read "
       "are"},
      {"* A = B\n[Results]\nWell\tWell Position\tSample Name\tTarget Name\tTask\tCT\tCq\n",
       "line 3, column 7: the column Cq stands twice in the header"},
  };
  for (const Case& c : cases) {
    ExpectProblems(ProblemsOf(kQuantStudioText.parse(c.file)), {c.problem}, c.file);
  }
  const std::string open_quote =
      Export("1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.1\t\t\t\t\t\t\"open\n2\tA2\n");
  ExpectProblems(
      ProblemsOf(kQuantStudioText.parse(open_quote)),
      {"line 14, column 13: a double quote opens here and is never closed", "line 14: the"},
      open_quote);
}

TEST(QuantStudioText, AcceptsALastRowWithoutLineBreakWhenItIsWhole) {
  const std::string row = "1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.102\t\t\t\t\t\ttrue\n";
  const Result<v1::RawData> data = kQuantStudioText.parse(
      Export(row + "2\tA2\tfalse\tS-1\tTERT\tUNKNOWN\t27.102\t\t\t\t\t\ttrue"));
  ASSERT_TRUE(data.has_value()) << data.error().message;
  EXPECT_EQ(data->rows_size(), 2);
}

TEST(QuantStudioText, NoCutInsideTheTableGivesAValueThatTheFileDoesNotHave) {
  const std::string whole =
      "* Chemistry = TAQMAN\n[Results]\n"
      "Well\tWell Position\tSample Name\tTarget Name\tTask\tCT\tCt Mean\tQuantity\tComments\n"
      "1\tA1\tS-1\tTERT\tUNKNOWN\t27.102\t27.000\t5.5\ttrue\n"
      "2\tA2\tS-2\tTERT\tUNKNOWN\t28.301\t28.000\t7.5\ttrue\n";
  EXPECT_TRUE(kQuantStudioText.parse(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Result<v1::RawData> data = kQuantStudioText.parse(whole.substr(0, size));
    if (!data) continue;
    for (const v1::RawRow& row : data->rows()) {
      EXPECT_EQ(row.value().value(), row.position() == "A1" ? "27.102" : "28.301") << size;
      EXPECT_EQ(row.vendor_quantity(), row.position() == "A1" ? "5.5" : "7.5") << size;
    }
  }
}

TEST(QuantStudioText, BoundsStatementsAndSections) {
  std::string statements;
  for (int i = 0; i < 501; ++i) statements += "* a = b\n";
  ExpectProblems(
      ProblemsOf(kQuantStudioText.parse(statements + "[Results]\n" + std::string(kHeader) +
                                        "1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.102\n")),
      {"line 501: is statement 501 of the file"}, "statements");
  std::string sections = "* a = b\n";
  for (int i = 0; i < 101; ++i) sections += "[s" + std::to_string(i) + "]\n";
  ExpectProblems(ProblemsOf(kQuantStudioText.parse(sections)),
                 {"line 102: is one section too many"}, "sections");
  ExpectProblems(ProblemsOf(kQuantStudioText.parse("* a = " + std::string(5000, 'x') +
                                                   "\n[Results]\n" + std::string(kHeader) +
                                                   "1\tA1\tfalse\tS-1\tTERT\tUNKNOWN\t27.102\n")),
                 {"line 1: is longer than 4096 bytes"}, "long");
}

}  // namespace
}  // namespace lims::instrument
