// Workbooks that are packed here: what is read of a whole one, and that a cut, changed or
// incomplete one is refused.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/formats.h"
#include "instrument/registry.h"
#include "instrument/statements.h"
#include "problems.h"
#include "support/workbook.h"

namespace lims::instrument {
namespace {

using Parts = WorkbookParts;

constexpr char kWorkbook[] = "xl/workbook.xml";
constexpr char kLinks[] = "xl/_rels/workbook.xml.rels";
constexpr char kTexts[] = "xl/sharedStrings.xml";
constexpr char kSheet[] = "xl/worksheets/sheet2.xml";

// Texts of one place and of several, in cells with and without their place; numbers and truths; one
// well left out; prefixes, and a sheet named from the root.
Parts WholeParts() {
  return {
      {"[Content_Types].xml", "<Types/>"},
      {kWorkbook, R"(<workbook xmlns:r="r"><sheets><sheet name="Notes" r:id="rId1"/>)"
                  R"(<sheet name="Target Call" r:id="rId2"/></sheets></workbook>)"},
      {kLinks, R"(<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>)"
               R"(<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>)"},
      {"xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"},
      {kTexts,
       "<x:sst><x:si><x:t>Well</x:t></x:si><x:si><x:t>Sample</x:t></x:si>"
       "<x:si><x:t>Target</x:t></x:si><x:si><x:t>Sample type</x:t></x:si>"
       "<x:si><x:t>Cq</x:t></x:si><x:si><x:t>Call</x:t></x:si><x:si><x:t>Omit</x:t></x:si>"
       "<x:si><x:t>S-1</x:t></x:si><x:si><x:r><x:t>H</x:t></x:r><x:r><x:t>BV</x:t></x:r></x:si>"
       "<x:si><x:t>UNDETERMINED</x:t></x:si><x:si><x:t>NEGATIVE</x:t></x:si></x:sst>"},
      {kSheet,
       R"(<worksheet><sheetData>)"
       R"(<row r="1"><c t="inlineStr"><is><t>Run End Data/Time</t></is></c>)"
       R"(<c t="inlineStr"><is><t>2026-03-02 07:35</t></is></c></row>)"
       R"(<row r="3"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c>)"
       R"(<c t="s"><v>3</v></c><c t="s"><v>4</v></c><c t="s"><v>5</v></c>)"
       R"(<c t="s"><v>6</v></c></row>)"
       R"(<row r="4"><c t="inlineStr"><is><t>A1</t></is></c><c t="s"><v>7</v></c>)"
       R"(<c t="s"><v>8</v></c><c t="inlineStr"><is><t>UNKNOWN</t></is></c><c><v>31.2</v></c>)"
       R"(<c t="s"><v>10</v></c><c t="b"><v>0</v></c></row>)"
       R"(<row r="5"><c r="A5" t="inlineStr"><is><t>A2</t></is></c><c r="C5" t="s"><v>8</v></c>)"
       R"(<c r="E5" t="s"><v>9</v></c></row>)"
       R"(<row r="6"><c r="A6" t="inlineStr"><is><t>A3</t></is></c><c r="B6" t="s"><v>7</v></c>)"
       R"(<c r="C6" t="s"><v>8</v></c><c r="G6" t="b"><v>1</v></c></row>)"
       R"(</sheetData></worksheet>)"},
  };
}

void Replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

TEST(QuantStudioXlsx, ReadsTheRowsOfItsSheetWithTheirLines) {
  const std::string bytes = PackWorkbook(WholeParts());
  const auto importer = FindImporter("auto", bytes, "run.xlsx");
  ASSERT_TRUE(importer) << importer.error().message;
  EXPECT_EQ((*importer)->format, "quantstudio_xlsx");
  const Result<v1::RawData> data = (*importer)->parse(bytes);
  ASSERT_TRUE(data) << data.error().message;
  ASSERT_EQ(data->rows_size(), 2) << data->DebugString();
  const v1::RawRow& first = data->rows(0);
  EXPECT_EQ(first.position(), "A1");
  EXPECT_EQ(first.name(), "S-1");
  EXPECT_EQ(first.target(), "HBV");
  EXPECT_EQ(first.task(), "UNKNOWN");
  EXPECT_EQ(first.value().value(), "31.2");
  EXPECT_EQ(first.call(), "NEGATIVE");
  EXPECT_EQ(first.line(), 4);
  const v1::RawRow& second = data->rows(1);
  EXPECT_EQ(second.position(), "A2");
  EXPECT_EQ(second.name(), "");
  EXPECT_EQ(second.target(), "HBV");
  EXPECT_TRUE(second.undetermined());
  EXPECT_EQ(second.line(), 5);
  ASSERT_EQ(data->properties_size(), 2);
  EXPECT_EQ(data->properties(0).name(), kRunEndTime);
  EXPECT_EQ(data->properties(0).value(), "2026-03-02 07:35");
  EXPECT_EQ(data->properties(1).name(), kOmittedWells);
  EXPECT_EQ(data->properties(1).value(), "A3 HBV");
}

TEST(QuantStudioXlsx, AWorkbookWithoutItsSheetsIsOfNoFormat) {
  Parts parts = WholeParts();
  Replace(parts[kWorkbook], "Target Call", "Budget");
  EXPECT_FALSE(FindImporter("auto", PackWorkbook(parts), "budget.xlsx"));
}

struct BrokenWorkbook {
  const char* name;
  std::function<void(Parts&)> change;
  std::string_view problem;
};

TEST(QuantStudioXlsx, NamesWhatAWorkbookLacks) {
  const auto replace = [](const char* part, std::string_view from, std::string_view to) {
    return [=](Parts& parts) { Replace(parts[part], from, to); };
  };
  const auto erase = [](const char* part) { return [=](Parts& parts) { parts.erase(part); }; };
  const std::vector<BrokenWorkbook> cases = {
      {"none of its sheets", replace(kWorkbook, "Target Call", "Budget"),
       "file: has no sheet Target Call or Primary_result or Results"},
      {"no workbook", erase(kWorkbook), "file: is no spreadsheet"},
      {"no links", erase(kLinks), "file: is damaged: it does not say where its sheets are"},
      {"no link of the sheet", replace(kLinks, "rId2", "rId9"),
       "file: is damaged: it does not say where its sheets are"},
      {"no sheet", erase(kSheet), "file: is damaged: the sheet Target Call is missing"},
      {"half a sheet", [](Parts& parts) { parts[kSheet].resize(parts[kSheet].size() / 2); },
       "file: is damaged in xl/worksheets/sheet2.xml"},
      {"no texts", erase(kTexts), "file: is damaged: it lacks texts of its cells"},
      {"a text too few", replace(kTexts, "<x:si><x:t>NEGATIVE</x:t></x:si>", ""),
       "file: is damaged: it lacks texts of its cells"},
      {"a cell far out", replace(kSheet, "\"G6\"", "\"ZZZ6\""),
       "file: has more columns than are read"},
      {"no column names", replace(kTexts, "Well", "Wells"),
       "file: the sheet Target Call has no row of column names"},
      {"no Cq", replace(kTexts, "Cq", "Rn"), "line 3: has no column cq"},
      {"a Cq that is none", replace(kSheet, "31.2", "0"), "line 4, column 5: Cq 0 is no number"},
      {"a well twice", replace(kSheet, "A2", "A1"),
       "line 5, column 1: well A1 with target \"HBV\" stands in line 4 already"},
      {"no wells",
       [](Parts& parts) {
         std::string& sheet = parts[kSheet];
         const std::size_t first = sheet.find("<row r=\"4\">");
         sheet.erase(first, sheet.find("</sheetData>") - first);
       },
       "file: the sheet Target Call has no wells"},
  };
  for (const BrokenWorkbook& each : cases) {
    Parts parts = WholeParts();
    each.change(parts);
    ExpectProblems(ProblemsOf(kQuantStudioXlsx.parse(PackWorkbook(parts))), {each.problem},
                   each.name);
  }
}

TEST(QuantStudioXlsx, RefusesAFileThatIsCutAnywhere) {
  const std::string bytes = PackWorkbook(WholeParts());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    ExpectProblems(ProblemsOf(kQuantStudioXlsx.parse(bytes.substr(0, size))),
                   {"file: is damaged or not whole"}, std::to_string(size));
  }
}

// What is not read, such as the times of the parts, may change; what is read never does.
TEST(QuantStudioXlsx, AChangedByteIsRefusedOrChangesNothing) {
  const Parts parts = WholeParts();
  for (const zip_int32_t compression : {ZIP_CM_DEFLATE, ZIP_CM_STORE}) {
    const std::string bytes = PackWorkbook(parts, compression);
    const Result<v1::RawData> whole = kQuantStudioXlsx.parse(bytes);
    ASSERT_TRUE(whole) << whole.error().message;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 0x55);
      const Result<v1::RawData> data = kQuantStudioXlsx.parse(changed);
      if (data) {
        EXPECT_EQ(data->DebugString(), whole->DebugString()) << at;
      } else {
        ++refused;
      }
    }
    if (compression == ZIP_CM_STORE) {
      EXPECT_GE(refused, parts.at(kSheet).size() + parts.at(kTexts).size());
    }
  }
}

TEST(QuantStudioXlsx, RefusesAPartThatUnpacksBeyondAllBounds) {
  Parts parts = WholeParts();
  parts[kSheet].append((std::size_t{64} << 20) + 1, ' ');
  const std::string bytes = PackWorkbook(parts);
  EXPECT_LT(bytes.size(), std::size_t{1} << 20);
  ExpectProblems(ProblemsOf(kQuantStudioXlsx.parse(bytes)),
                 {"file: is larger than any instrument writes"}, "");
}

TEST(QuantStudioXlsx, RefusesCellsAndTextsBeyondAllBounds) {
  std::string rows;
  for (int i = 0; i < 2001; ++i) rows += "<row><c r=\"ALL1\"><v>1</v></c></row>";
  Parts parts = ResultsWorkbook({});
  Replace(parts["xl/worksheets/sheet1.xml"], "<sheetData>", "<sheetData>" + rows);
  ExpectProblems(ProblemsOf(kQuantStudioXlsx.parse(PackWorkbook(parts))),
                 {"file: has more cells than are read"}, "2001 rows of 1000 cells");
  rows.clear();
  for (int i = 0; i < 65; ++i) rows += "<row><c t=\"s\"><v>0</v></c></row>";
  parts = ResultsWorkbook({});
  Replace(parts["xl/worksheets/sheet1.xml"], "<sheetData>", "<sheetData>" + rows);
  parts[kTexts] = "<sst><si><t>" + std::string(std::size_t{1} << 20, 'x') + "</t></si></sst>";
  ExpectProblems(ProblemsOf(kQuantStudioXlsx.parse(PackWorkbook(parts))),
                 {"file: is larger than any instrument writes"}, "one MiB in 65 cells");
}

// A run of text has no runs, however deep a file nests them.
TEST(QuantStudioXlsx, ReadsRunsOfATextOneLevelDeep) {
  Parts parts = WholeParts();
  Replace(parts[kTexts], "</x:sst>",
          "<x:si><x:r><x:t>U</x:t><x:r><x:t>no</x:t></x:r></x:r><x:r><x:t>1</x:t></x:r></x:si>"
          "</x:sst>");
  Replace(parts[kSheet], "<c t=\"inlineStr\"><is><t>UNKNOWN</t></is></c>",
          "<c t=\"s\"><v>11</v></c>");
  const Result<v1::RawData> data = kQuantStudioXlsx.parse(PackWorkbook(parts));
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->rows(0).task(), "U1");
  parts = ResultsWorkbook({{"Well", "Sample", "Target", "Cq"}, {"A1", "S-1", "HBV", "31.2"}});
  parts[kTexts] = NestedTexts(100'000);
  EXPECT_TRUE(kQuantStudioXlsx.parse(PackWorkbook(parts)));
}

// Of wells that were left out only the names are kept, and these are texts like any others.
TEST(QuantStudioXlsx, NamesOmittedWellsWholeAndCountsTheRest) {
  const auto omitting = [](int wells, const std::string& target) {
    std::vector<std::vector<std::string>> rows = {{"Well", "Sample", "Target", "Cq", "Omit"},
                                                  {"A1", "S-1", "HBV", "31.2", "false"}};
    rows.resize(rows.size() + static_cast<std::size_t>(wells), {"P24", "x", target, "", "true"});
    return kQuantStudioXlsx.parse(PackWorkbook(ResultsWorkbook(rows)));
  };
  // 20 bytes for the first and 22 for each further one: 181 are 3980 of 4000 bytes.
  for (const auto& [wells, ending] :
       {std::pair(1, ""), std::pair(181, ""), std::pair(182, " and 1 more"),
        std::pair(400, " and 219 more")}) {
    const Result<v1::RawData> data = omitting(wells, "aβ-肌动蛋白");
    ASSERT_TRUE(data) << data.error().message;
    std::string expected;
    for (int i = 0; i < std::min(wells, 181); ++i) expected += ", P24 aβ-肌动蛋白";
    ASSERT_EQ(data->properties_size(), 1);
    EXPECT_EQ(data->properties(0).name(), kOmittedWells);
    EXPECT_EQ(data->properties(0).value(), expected.substr(2) + ending);
    EXPECT_EQ(StatementFlags(*data),
              (std::vector<std::string>{"WELLS_OMITTED: " + expected.substr(2) + ending}));
  }
  ExpectProblems(ProblemsOf(omitting(1, "\xb5-actin")),
                 {"line 3, column 3: Target is not valid UTF-8 text"}, "another encoding");
  ExpectProblems(ProblemsOf(omitting(1, "ac\u202etin")),
                 {"line 3, column 3: Target holds U+202E, which changes the direction"}, "hidden");
}

}  // namespace
}  // namespace lims::instrument
