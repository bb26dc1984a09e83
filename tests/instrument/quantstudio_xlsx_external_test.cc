// Real workbooks against what their vendor's software says of them.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "instrument/formats.h"
#include "instrument/registry.h"
#include "problems.h"
#include "support/model_files.h"

namespace lims::instrument {
namespace {

using nlohmann::json;

std::filesystem::path DataFile(std::string_view path) {
  return std::filesystem::path(LIMS_SHARED_DIR) / "data" / path;
}

TEST(ExternalQuantStudioXlsx, KeepsEveryCallOfAPresencePlate) {
  const auto path = DataFile("virus/diomni_v4.3_presence_absence_HPV.xlsx");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const std::string bytes = ReadFile(path);
  const auto importer = FindImporter("auto", bytes, "run.xlsx");
  ASSERT_TRUE(importer) << importer.error().message;
  EXPECT_EQ((*importer)->format, "quantstudio_xlsx");
  const Result<v1::RawData> data = (*importer)->parse(bytes);
  ASSERT_TRUE(data) << data.error().message;
  const json calls =
      json::parse(ReadFile(DataFile("virus/ref_diomni_v4.3_presence_absence_HPV.json")))["calls"];
  ASSERT_EQ(static_cast<std::size_t>(data->rows_size()), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const v1::RawRow& row = data->rows(static_cast<int>(i));
    const json& call = calls[i];
    EXPECT_EQ(row.position(), call["Well"]);
    EXPECT_EQ(row.name(), call["Sample"]);
    EXPECT_EQ(row.task(), call["Sample type"]);
    EXPECT_EQ(row.target(), call["Target"]);
    EXPECT_EQ(row.call(), call["Call"]);
    EXPECT_EQ(row.description(), call["Quality issue(s)"]);
    EXPECT_EQ(row.undetermined() ? "UNDETERMINED" : row.value().value(), call["Cq"]);
    EXPECT_EQ(row.line(), 30 + static_cast<int>(i));
  }
  EXPECT_EQ(data->properties(0).name(), "file_name");
}

struct Workbook {
  std::string_view path;
  int rows;
  std::string_view first;  // Cq of the first row
};

TEST(ExternalQuantStudioXlsx, ReadsTheResultsOfOtherPrograms) {
  for (const Workbook& each :
       {Workbook{"qpcr/quantstudio_da_QS7_standard_curve_example06.xlsx", 96, "27.101834459407705"},
        Workbook{"qpcr/quantstudio_rtpcr_example10.xlsx", 8, "25.5"}}) {
    const auto path = DataFile(each.path);
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
    const Result<v1::RawData> data = kQuantStudioXlsx.parse(ReadFile(path));
    ASSERT_TRUE(data) << each.path << " " << ProblemsOf(data)[0];
    EXPECT_EQ(data->rows_size(), each.rows) << each.path;
    EXPECT_EQ(data->rows(0).value().value(), each.first) << each.path;
    EXPECT_EQ(data->rows(0).position(), "A1") << each.path;
  }
}

TEST(ExternalQuantStudioXlsx, RefusesACutOrChangedFileAndNamesWhy) {
  const auto path = DataFile("virus/diomni_v4.3_presence_absence_HPV.xlsx");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const std::string bytes = ReadFile(path);
  for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{4000}}) {
    ExpectProblems(ProblemsOf(kQuantStudioXlsx.parse(bytes.substr(0, size))),
                   {"file: is damaged or not whole"}, std::to_string(size));
  }
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 997) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    refused += kQuantStudioXlsx.parse(changed) ? 0 : 1;  // and never crashes
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace lims::instrument
