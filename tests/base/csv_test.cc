#include "base/csv.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/parse_csv.h"

namespace lims {
namespace {

constexpr std::array<std::string_view, 2> kRequired{"well", "cq"};
constexpr std::array<std::string_view, 1> kOptional{"note"};

// Every violation as "field: description".
std::vector<std::string> ProblemsOf(std::string_view bytes) {
  std::vector<std::string> lines;
  const Result<CsvTable> table = ParseCsv(bytes, kRequired, kOptional);
  if (table) return lines;
  EXPECT_EQ(table.error().reason, ErrorReason::kInvalidArgument);
  for (const Violation& violation : table.error().violations) {
    lines.push_back(violation.field + ": " + violation.description);
  }
  return lines;
}

// Rows and fields as "line|a|b;line|a|b".
std::string Rows(std::string_view text, char delimiter) {
  CsvReader reader(text, delimiter);
  CsvRow row;
  std::string all;
  while (reader.Next(row)) {
    if (!all.empty()) all += ';';
    all += std::to_string(row.line);
    for (const CsvField& field : row.fields) all += '|' + field.text;
  }
  return all;
}

struct Split {
  std::string_view text;
  char delimiter;
  std::string_view rows;
};

TEST(CsvReader, SplitsRowsAndFields) {
  const Split cases[] = {
      {"", ',', ""},
      {"a,b", ',', "1|a|b"},
      {"a,b\n", ',', "1|a|b"},
      {"a,b\r\nc,d\re,f\ng,h", ',', "1|a|b;2|c|d;3|e|f;4|g|h"},
      {"a,\n,b\n", ',', "1|a|;2||b"},
      {"a,b,", ',', "1|a|b|"},
      {"a;b,c", ';', "1|a|b,c"},
      {"a\t\tc", '\t', "1|a||c"},
      {" a , b\t\n", ',', "1|a|b"},
      {"\"a,b\",\"c\"\"d\"", ',', "1|a,b|c\"d"},
      {"\"a\r\nb\",c\nd,e", ',', "1|a\nb|c;3|d|e"},
      {"\" a \" ,b", ',', "1| a |b"},
      {"\"\",b", ',', "1||b"},
      {"a\n\nb", ',', "1|a;2|;3|b"},
  };
  for (const Split& c : cases) EXPECT_EQ(Rows(c.text, c.delimiter), c.rows) << c.text;
}

TEST(CsvReader, KnowsLineAndColumnOfFieldsBehindALineBreakInQuotes) {
  CsvReader reader("x,\"a\nb\",c\nd,e,f\n", ',', 10);
  CsvRow row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.fields[1].line, 10);
  EXPECT_EQ(row.fields[2].line, 11);
  EXPECT_EQ(row.fields[2].column, 3);
  EXPECT_EQ(row.source, "x,\"a\nb\",c");
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.line, 12);
  EXPECT_TRUE(row.ends_with_line_break);
  EXPECT_FALSE(reader.Next(row));
}

TEST(CsvReader, ReportsQuotesAndKeepsTheText) {
  CsvReader reader("5\" pipe,\"a\"b,\"open\nrest", ',');
  CsvRow row;
  ASSERT_TRUE(reader.Next(row));
  ASSERT_EQ(row.problems.size(), 3U);
  EXPECT_EQ(row.fields[0].text, "5\" pipe");
  EXPECT_EQ(row.fields[1].text, "ab");
  EXPECT_EQ(row.fields[2].text, "open\nrest");
  EXPECT_FALSE(row.problems[1].swallows_rest);
  EXPECT_TRUE(row.problems[2].swallows_rest);
  EXPECT_EQ(row.problems[2].column, 3);
  EXPECT_FALSE(row.ends_with_line_break);
}

TEST(CsvReader, StopsStoringFieldsOfAnEndlessRow) {
  const std::string text = std::string(1'000'000, ',') + "\na,b\n";
  CsvReader reader(text, ',');
  CsvRow row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_LE(row.fields.size(), 1000U);
  EXPECT_EQ(row.problems.size(), 1U);
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.line, 2);
  EXPECT_EQ(row.fields.size(), 2U);
}

TEST(ReadCsv, ReadsColumnsByNameInAnyOrderAndDelimiter) {
  const std::string_view files[] = {
      "well,cq\nA1,20.1\n",
      "cq,well\n20.1,A1",
      "\xef\xbb\xbfWell,CQ\r\nA1,20.1\r\n",
      "sep=;\nwell;cq\nA1;20.1\n",
      "sep=;;\r\nwell;cq;\r\nA1;20.1;\r\n;;\r\n",
      "well\tcq\nA1\t20.1\n",
      "\n\nwell,cq\n\n,\nA1,20.1\n",
      std::string_view("\xff\xfew\0e\0l\0l\0,\0c\0q\0\n\0A\0"
                       "1\0,\0"
                       "2\0"
                       "0\0.\0"
                       "1\0",
                       32),
  };
  for (std::string_view file : files) {
    const Result<CsvTable> table = ParseCsv(file, kRequired, kOptional);
    ASSERT_TRUE(table.has_value()) << file << table.error().message;
    ASSERT_EQ(table->rows.size(), 1U) << file;
    EXPECT_EQ(table->At(table->rows[0], "well").text, "A1") << file;
    EXPECT_EQ(table->At(table->rows[0], "cq").text, "20.1") << file;
    EXPECT_FALSE(table->Has("note"));
    EXPECT_EQ(table->At(table->rows[0], "note").text, "");
    EXPECT_EQ(table->At(table->rows[0], "note").column, 0);
  }
}

TEST(ReadCsv, KeepsTheLineNumberBehindASeparatorLineAndEmptyLines) {
  const Result<CsvTable> table =
      ParseCsv("\nsep=,\n\nwell,cq\nA1,1\n\nA2,2\n", kRequired, kOptional);
  ASSERT_TRUE(table.has_value());
  ASSERT_EQ(table->rows.size(), 2U);
  EXPECT_EQ(table->rows[0].line, 5);
  EXPECT_EQ(table->At(table->rows[1], "cq").line, 7);
  EXPECT_EQ(table->At(table->rows[1], "cq").column, 2);
}

struct Refusal {
  std::string_view file;
  std::vector<std::string_view> places;  // the start of every violation, in order
};

TEST(ReadCsv, NamesEveryProblemWithItsPlace) {
  const Refusal cases[] = {
      {"", {"file: is empty; a header with the columns well, cq is needed"}},
      {"\n \n", {"file: is empty"}},
      {"well,cq\n", {"file: has a header but no rows"}},
      {"well\nA1\n", {"line 1: the header has no column \"cq\""}},
      {"wel,c\nA1,2\n",
       {"line 1, column 1: the column \"wel\" is not known; the columns are well, cq and, if "
        "wanted, note",
        "line 1, column 2: the column \"c\" is not known",
        "line 1: the header has no column \"well\"", "line 1: the header has no column \"cq\""}},
      {"well,cq,Well\nA1,2,A1\n", {"line 1, column 3: the column \"Well\" stands twice"}},
      {"well,,cq\nA1,,2\n", {"line 1, column 2: the column \"\" is not known"}},
      {"well,cq\nA1\nA2,2,3\nA3,3\nA4,4,,5\n",
       {"line 2: has 1 field, the header has 2; the row is cut",
        "line 3: has 3 fields, the header has 2; put text", "line 5: has 4 fields"}},
      {"well,cq\nA\"1,2\nA2,\"3\"x\nA3,\"4\nA4,5\n",
       {"line 2, column 1: a double quote stands inside", "line 3, column 2: there is text behind",
        "line 4, column 2: a double quote opens here and is never closed"}},
      {"well,cq\nA1,2\nB\xe9,3\n", {"line 3: holds bytes that are not UTF-8"}},
      {std::string_view("well,cq\nA1,\0", 12), {"line 2: holds a zero byte"}},
      {"PK\x03\x04rest", {"file: is a workbook or zip archive"}},
      {std::string_view("\xfe\xff\0w", 4), {"file: is UTF-16 big-endian"}},
      {std::string_view("\xff\xfew\0\x00\xd8x\0", 8), {"line 1: holds bytes that are not UTF-16"}},
      {std::string_view("\xff\xfe\x00\xdcx\0", 6), {"line 1: holds bytes that are not UTF-16"}},
      {std::string_view("\xff\xfew\0e", 5), {"line 1: holds bytes that are not UTF-16"}},
  };
  for (const Refusal& c : cases) {
    const std::vector<std::string> problems = ProblemsOf(c.file);
    ASSERT_EQ(problems.size(), c.places.size()) << c.file;
    for (std::size_t i = 0; i < problems.size(); ++i) {
      EXPECT_EQ(problems[i].substr(0, c.places[i].size()), c.places[i]) << c.file;
    }
  }
}

TEST(ReadCsv, RefusesMoreRowsThanTheCap) {
  std::string file = "well,cq\n";
  for (std::size_t i = 0; i < kMaxTableRows; ++i) file += "A1,2\n";
  EXPECT_TRUE(ParseCsv(file, kRequired, kOptional).has_value());
  file += "A1,2\n";
  const std::vector<std::string> problems = ProblemsOf(file);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].substr(0, 47), "line 200002: a file may have at most 200000 row");
}

TEST(ReadCsv, StopsAtAThousandProblems) {
  std::string file = "well,cq\n";
  for (int i = 0; i < 1500; ++i) file += "A1\n";
  const Result<CsvTable> table = ParseCsv(file, kRequired, kOptional);
  ASSERT_FALSE(table.has_value());
  ASSERT_EQ(table.error().violations.size(), 1000U);
  EXPECT_EQ(table.error().violations.back().field, "line 1001");
  EXPECT_EQ(table.error().message.substr(0, 43), "at least 1000 problems, first line 2: has 1");
}

TEST(ReadCsv, KeepsTheGoodRowsBesideTheProblems) {
  FileProblems problems;
  const CsvTable table = ReadCsv("well,cq\nA1\nA2,2\n", kRequired, kOptional, problems);
  EXPECT_FALSE(problems.empty());
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.At(table.rows[0], "well").text, "A2");
}

TEST(CsvHeaderNames, RecognisesAHeaderByItsColumns) {
  EXPECT_TRUE(CsvHeaderNames("Well;note;CQ\nrest", kRequired));
  EXPECT_TRUE(CsvHeaderNames("sep=;\nwell;cq\n", kRequired));
  EXPECT_FALSE(CsvHeaderNames("well,cqs\n", kRequired));
  EXPECT_FALSE(CsvHeaderNames("", kRequired));
  EXPECT_FALSE(CsvHeaderNames("PK\x03\x04", kRequired));
  // Cut inside a character far behind the header.
  std::string long_file = "well,cq\n" + std::string(8183, 'x');
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(CsvHeaderNames(long_file + "\xe6\xa0\xb7\xe5\x93\x81", kRequired)) << i;
    long_file.insert(long_file.size(), "y");
  }
}

}  // namespace
}  // namespace lims
