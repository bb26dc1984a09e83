#include "instrument/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "instrument/formats.h"

namespace lims::instrument {
namespace {

struct Example {
  std::string_view format;
  std::string_view file;
};

constexpr Example kExamples[] = {
    {"quantstudio_text", "* Block Type = 96-Well Block\n"},
    {"quantstudio_xlsx", "PK\x03\x04 xl/workbook.xml"},
    {"cq_csv", "well,sample,target,cq\n"},
    {"plate_csv", "Group;Response\r\n"},
    {"dose_response_csv", "sep=,\npreparation,dose,response\n"},
    {"panel_csv", "\xef\xbb\xbfline,replicate,value,unit,description\n"},
};

TEST(Registry, RecognisesEveryFormatByItsStart) {
  ASSERT_EQ(Importers().size(), std::size(kExamples));
  for (const Example& example : kExamples) {
    for (std::string_view automatic : {"auto", ""}) {
      const Result<const Importer*> found = FindImporter(automatic, example.file, "f.txt");
      ASSERT_TRUE(found.has_value()) << example.file << found.error().message;
      EXPECT_EQ((*found)->format, example.format);
    }
    int recognised = 0;
    for (const Importer& importer : Importers()) {
      recognised += importer.recognises(example.file) ? 1 : 0;
    }
    EXPECT_EQ(recognised, 1) << example.file;
  }
}

TEST(Registry, NamesAreUniqueAndDescribed) {
  std::set<std::string_view> names;
  for (const Importer& importer : Importers()) {
    EXPECT_TRUE(names.insert(importer.format).second) << importer.format;
    EXPECT_FALSE(importer.version.empty());
    EXPECT_FALSE(importer.description.empty());
  }
}

TEST(Registry, RefusesAFileOfAnotherFormat) {
  const Result<const Importer*> found = FindImporter("cq_csv", "group,response\nP,1\n", "f.csv");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(found.error().message.substr(0, 44), "format: the file is plate_csv, not cq_csv; c");
}

TEST(Registry, LeavesABrokenFileToTheNamedImporter) {
  const Result<const Importer*> found = FindImporter("cq_csv", "wel,cq\n", "f.csv");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ((*found)->format, "cq_csv");
}

TEST(Registry, SaysThatAFileIsEmptyWhateverFormatIsNamed) {
  for (std::string_view format : {"auto", "", "cq_csv"}) {
    const Result<const Importer*> none = FindImporter(format, "", "plate 7.csv");
    ASSERT_FALSE(none.has_value()) << format;
    EXPECT_EQ(none.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_EQ(none.error().message, "file: \"plate 7.csv\" is empty; export it again");
  }
}

TEST(Registry, ListsTheFormatsWhenNoneFits) {
  const Result<const Importer*> unknown = FindImporter("excel", "group,response\n", "f.csv");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().reason, ErrorReason::kInvalidArgument);
  for (std::string_view file : {"a,b\n1,2\n", "PK\x03\x04", "\xff\xd8\xff"}) {
    const Result<const Importer*> none = FindImporter("auto", file, "plate 7.xlsx");
    ASSERT_FALSE(none.has_value()) << file;
    EXPECT_EQ(none.error().reason, ErrorReason::kUnimplementedFormat);
    EXPECT_NE(none.error().message.find("\"plate 7.xlsx\""), std::string::npos);
    for (const Example& example : kExamples) {
      EXPECT_NE(none.error().message.find(example.format), std::string::npos);
      EXPECT_NE(unknown.error().message.find(example.format), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace lims::instrument
