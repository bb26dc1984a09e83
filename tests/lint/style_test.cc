// House rules that a reader of one line can check; each failure says what to do instead.
#include <gtest/gtest.h>

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lint/source_tree.h"

namespace lims {
namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxLines = 700;

// A call or word that is not used, what to use instead, and where it may stand all the same.
struct Banned {
  std::string_view word;
  std::string_view instead;
  std::vector<std::string_view> except;
};

const std::vector<Banned>& BannedInCode() {
  static const std::vector<Banned> banned = {
      {"stod(", "Decimal::Parse, or std::from_chars inside a fit", {}},
      {"stof(", "Decimal::Parse, or std::from_chars inside a fit", {}},
      {"strtod(", "Decimal::Parse, or std::from_chars inside a fit", {}},
      {"atof(", "Decimal::Parse, or std::from_chars inside a fit", {}},
      {"localtime(", "base/time.h with the site's offset", {}},
      {"localtime_r(", "base/time.h with the site's offset", {}},
      {"rand(", "base/random.h", {}},
      {"srand(", "base/random.h", {}},
      {"using namespace", "the names, one by one", {}},
      {"sleep(", "a condition to wait for", {}},
      {"usleep(", "a condition to wait for", {}},
      {"nanosleep(", "a condition to wait for", {}},
      {"sleep_for", "a condition to wait for", {}},
      {"sleep_until", "a condition to wait for", {}},
      // The clock itself, the time inside a UUID, and deadlines of gRPC.
      {"system_clock",
       "base/clock.h",
       {"lims-server/base/clock.cc", "lims-server/base/random.cc", "lims-server/rpc/",
        "lims-client/core/", "tests/rpc/", "tests/client/", "tests/integration/", "tests/bench/"}},
  };
  return banned;
}

// app/verify.cc compares the tables with the log from outside the ledger, so it reads them itself.
const std::vector<std::string_view> kSqlHomes = {"lims-server/storage/",
                                                 "lims-server/app/verify.cc"};
const std::vector<std::string_view> kSql = {"SELECT ", "INSERT INTO ", "DELETE FROM ",
                                            "CREATE TABLE "};
const std::vector<std::string_view> kUnfinished = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X",
    "HA"
    "CK"};
// Paths of one machine, and places that packages were once fetched from.
const std::vector<std::string_view> kMachine = {"/home/",
                                                "/root/",
                                                "/wo"
                                                "rk/",
                                                "/Users/",
                                                "\"resolved\":",
                                                "registry."
                                                "npmjs",
                                                "proxy.golang.org",
                                                "deb.debian"
                                                ".org"};

std::size_t Columns(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return columns;
}

// LIMS_BASE_ERROR_H_ for lims-server/base/error.h.
std::string GuardOf(std::string_view path) {
  constexpr std::string_view kServer = "lims-server/";
  if (path.starts_with(kServer)) path.remove_prefix(kServer.size());
  std::string guard = path.starts_with("lims-") ? "" : "LIMS_";
  for (const char c : path) {
    const auto letter = static_cast<unsigned char>(c);
    guard += std::isalnum(letter) != 0 ? static_cast<char>(std::toupper(letter)) : '_';
  }
  return guard + "_";
}

std::vector<std::string> CodeProblems(const SourceFile& file) {
  std::vector<std::string> problems;
  if (file.lines.size() > kMaxLines) {
    problems.push_back(file.path + " has " + std::to_string(file.lines.size()) +
                       " lines: split it by what it is about");
  }
  const bool product = StartsWithOneOf(file.path, {"lims-server/", "lims-client/"});
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    if (Columns(line) > kMaxColumns) {
      problems.push_back(At(file, i, "over 100 columns: run clang-format -i, or break it"));
    }
    for (const Banned& banned : BannedInCode()) {
      if (!HasWord(line, banned.word) || StartsWithOneOf(file.path, banned.except)) continue;
      problems.push_back(
          At(file, i,
             std::string(banned.word) + " is not used here: take " + std::string(banned.instead)));
    }
    if (!product || StartsWithOneOf(file.path, kSqlHomes)) continue;
    for (const std::string_view keyword : kSql) {
      if (HasWord(line, keyword)) {
        problems.push_back(At(file, i, "SQL outside storage/: add a query there"));
      }
    }
  }
  if (file.path.ends_with(".h")) {
    if (file.lines.empty() || !file.lines[0].starts_with("//")) {
      problems.push_back(At(file, 0, "a header starts with a comment that says what it is for"));
    }
    bool guarded = false;
    for (const std::string& line : file.lines) guarded |= line == "#ifndef " + GuardOf(file.path);
    if (!guarded)
      problems.push_back(At(file, 0, "the include guard must be " + GuardOf(file.path)));
  }
  return problems;
}

std::vector<std::string> TextProblems(const SourceFile& file) {
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    for (const std::string_view mark : kUnfinished) {
      if (HasWord(file.lines[i], mark)) {
        problems.push_back(At(file, i, std::string(mark) + ": do it, or open an issue"));
      }
    }
    for (const std::string_view place : kMachine) {
      if (file.lines[i].find(place) != std::string::npos) {
        problems.push_back(At(file, i, std::string(place) + ": true on one machine only"));
      }
    }
  }
  return problems;
}

// "TEST(Suite, Name)" and its kin: names are facts in CamelCase.
std::vector<std::string> TestNameProblems(const SourceFile& file) {
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    if (!line.starts_with("TEST(") && !line.starts_with("TEST_") && !line.starts_with("RC_")) {
      continue;
    }
    const std::size_t open = line.find('(');
    const std::size_t end = line.find_first_of(",)", line.find(',', open) + 1);
    if (line.find('_', open) < end) {
      problems.push_back(At(file, i, "a test is named by a fact in CamelCase, no underscore"));
    }
  }
  return problems;
}

TEST(Style, CodeKeepsTheHouseRules) {
  const auto files = SourceFiles({"lims-server", "lims-client", "tests"}, {".cc", ".h"});
  ASSERT_GT(files.size(), 150u);
  for (const SourceFile& file : files) {
    for (const std::string& problem : CodeProblems(file)) ADD_FAILURE() << problem;
  }
}

TEST(Style, NothingIsUnfinishedOrTiedToOneMachine) {
  auto files = SourceFiles({"proto", "lims-server", "lims-client", "schemas", "tests", "deploy"},
                           {".cc", ".h", ".proto", "CMakeLists.txt", ".md", ".sh", ".sql", ".go",
                            ".js", ".json", ".textproto", "run", "quickstart"});
  for (const std::string name : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md",
                                 "CMakeLists.txt", "CMakePresets.json"}) {
    files.push_back(ReadSourceFile(name));
    EXPECT_FALSE(files.back().lines.empty()) << name << " is missing";
  }
  for (const SourceFile& file : files) {
    for (const std::string& problem : TextProblems(file)) ADD_FAILURE() << problem;
  }
}

TEST(Style, TestsAreNamedByFacts) {
  for (const SourceFile& file : SourceFiles({"tests"}, {"_test.cc"})) {
    for (const std::string& problem : TestNameProblems(file)) ADD_FAILURE() << problem;
  }
}

TEST(Style, BrokenRulesAreFound) {
  struct Case {
    std::string path;
    std::string text;
    std::size_t problems;
  };
  const std::string path = "lims-server/app/lots.cc";
  const std::vector<Case> code = {
      {path, "int x = 1;", 0},
      {path, std::string(100, 'x'), 0},
      {path, std::string(101, 'x'), 1},
      {path, "// " + std::string(300, '\xbf'), 0},
      {path, std::string(701, '\n'), 1},
      {path, "double x = std::stod(text);", 1},
      {path, "int operand(int);", 0},
      {path, "int x = rand();", 1},
      {path, "using namespace std;", 1},
      {path, "std::this_thread::sleep_for(second);", 1},
      {path, "const auto now = std::chrono::system_clock::now();", 1},
      {"lims-server/rpc/server.cc", "Shutdown(std::chrono::system_clock::now());", 0},
      {path, "db.Query(\"SELECT * FROM lot\");", 1},
      {"lims-server/storage/log.cc", "db.Query(\"SELECT * FROM lot\");", 0},
      {"lims-server/app/lots.h", "// Lots.\n#ifndef LIMS_APP_LOTS_H_", 0},
      {"lims-server/app/lots.h", "#ifndef LIMS_APP_LOTS_H_", 1},
      {"lims-server/app/lots.h", "// Lots.\n#ifndef LOTS_H_", 1},
      {"lims-client/core/site.h", "// A site.\n#ifndef LIMS_CLIENT_CORE_SITE_H_", 0},
      {"tests/tlog/memory_log.h", "// A log.\n#ifndef LIMS_TESTS_TLOG_MEMORY_LOG_H_", 0},
  };
  for (const Case& test : code) {
    EXPECT_EQ(CodeProblems(MakeSourceFile(test.path, test.text)).size(), test.problems)
        << test.path << ": " << test.text;
  }
  for (const std::string line : {"// TODO: later", "see /home/me/notes", "\"resolved\": \"x\""}) {
    EXPECT_EQ(TextProblems(MakeSourceFile(path, line)).size(), 1u) << line;
  }
  EXPECT_EQ(TextProblems(MakeSourceFile(path, "name + \".XXXXXX\"")).size(), 0u);
  EXPECT_EQ(TestNameProblems(MakeSourceFile(path, "TEST(Lot, Is_Wrong) {")).size(), 1u);
  EXPECT_EQ(TestNameProblems(MakeSourceFile(path, "TEST_F(Lot, IsRight) {")).size(), 0u);
  EXPECT_EQ(TestNameProblems(MakeSourceFile(path, "RC_GTEST_PROP(A, B, (x_t c)) {")).size(), 0u);
}

}  // namespace
}  // namespace lims
