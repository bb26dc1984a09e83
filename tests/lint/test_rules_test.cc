// What the tests themselves must keep.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lint/source_tree.h"
#include "tlog/finding.h"

namespace lims {
namespace {

// Their label and that they may be skipped follow from the name.
TEST(TestRules, SuitesOfFilesOutsideTheRepositoryAreNamedExternal) {
  int external = 0;
  for (const SourceFile& file : SourceFiles({"tests"}, {".cc"})) {
    const bool outside = file.path.ends_with("_external_test.cc");
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      if (!line.starts_with("TEST(") && !line.starts_with("TEST_") && !line.starts_with("RC_")) {
        continue;
      }
      external += outside ? 1 : 0;
      const std::string suite = line.substr(line.find('(') + 1);
      EXPECT_EQ(suite.starts_with("External"), outside)
          << At(file, i, "External… is the name of suites in *_external_test.cc, and only there");
    }
    if (outside) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_TRUE(file.path == "tests/assay/external_data.cc" ||
                  file.lines[i].find("LIMS_SHARED_DIR") == std::string::npos)
          << At(file, i, "files outside the repository are read in *_external_test.cc only");
    }
  }
  EXPECT_GT(external, 20);
}

TEST(TestRules, EveryKindOfFindingIsExpectedByATest) {
  std::string tests;
  for (const SourceFile& file : SourceFiles({"tests"}, {"_test.cc"})) {
    for (const std::string& line : file.lines) tests += line + "\n";
  }
  std::set<std::string> kinds;
  for (const std::string& line : ReadSourceFile("lims-server/tlog/finding.h").lines) {
    if (!line.starts_with("  k") || line.find(", ") == std::string::npos) continue;
    const std::string kind = line.substr(2, line.find(',') - 2);
    const std::string name(
        tlog::FindingName(static_cast<tlog::FindingKind>(static_cast<int>(kinds.size()))));
    EXPECT_TRUE(tests.find("FindingKind::" + kind) != std::string::npos ||
                tests.find("\"" + name + "\"") != std::string::npos)
        << kind << ", " << name << ": tamper with something so that it is found";
    kinds.insert(kind);
  }
  EXPECT_GT(kinds.size(), 25u);
}

}  // namespace
}  // namespace lims
