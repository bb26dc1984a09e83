// The dependency line, read from the #include lines: a folder sees only what stands left of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lint/source_tree.h"

namespace lims {
namespace {

struct Layer {
  std::string_view folder;             // paths start like this; the first match counts
  std::vector<std::string_view> sees;  // starts of the quoted includes that it may name
};

// base <- proto <- {tlog, assay, instrument, domain} <- storage <- app <- rpc <- main, and of the
// braces only domain sees tlog. The client sees proto, base and tlog.
const std::vector<Layer>& Layers() {
  static const std::vector<Layer> layers = {
      {"lims-server/base/", {"base/"}},
      {"lims-server/tlog/", {"base/", "lims/", "google/protobuf/", "tlog/"}},
      {"lims-server/assay/", {"base/", "lims/", "google/protobuf/", "assay/"}},
      {"lims-server/instrument/", {"base/", "lims/", "google/protobuf/", "instrument/"}},
      {"lims-server/domain/", {"base/", "lims/", "google/protobuf/", "tlog/", "domain/"}},
      {"lims-server/storage/",
       {"base/", "lims/", "google/protobuf/", "tlog/", "domain/", "storage/"}},
      {"lims-server/app/",
       {"base/", "lims/", "google/protobuf/", "tlog/", "assay/", "instrument/", "domain/",
        "storage/", "app/"}},
      {"lims-server/rpc/",
       {"base/", "lims/", "google/", "tlog/", "assay/", "instrument/", "domain/", "storage/",
        "app/", "rpc/"}},
      {"lims-server/main.cc",
       {"base/", "lims/", "google/", "tlog/", "assay/", "instrument/", "domain/", "storage/",
        "app/", "rpc/"}},
      {"lims-client/core/", {"base/", "lims/", "google/", "tlog/", "core/"}},
      {"lims-client/cli/", {"base/", "lims/", "google/protobuf/", "tlog/", "core/", "cli/"}},
  };
  return layers;
}

// A library and the only places that know it.
struct Home {
  std::string_view library;  // start of the include
  std::vector<std::string_view> places;
};

const std::vector<Home>& Homes() {
  static const std::vector<Home> homes = {
      {"sqlite3.h", {"lims-server/storage/db.cc", "lims-server/storage/wal_frames.cc"}},
      {"grpc", {"lims-server/rpc/", "lims-client/core/"}},
      {"openssl/", {"lims-server/base/"}},
      {"argon2.h", {"lims-server/base/password.cc"}},
      {"bid_", {"lims-server/base/decimal.cc"}},
      {"Eigen/", {"lims-server/assay/math/"}},
      {"unsupported/Eigen/", {"lims-server/assay/math/"}},
      {"boost/", {"lims-server/assay/math/"}},
      {"spdlog/", {"lims-server/rpc/", "lims-server/main.cc"}},
      {"CLI/", {"lims-server/main.cc", "lims-client/cli/"}},
      {"nlohmann/", {"lims-client/"}},
  };
  return homes;
}

const std::vector<std::string_view> kPure = {"lims-server/base/", "lims-server/tlog/",
                                             "lims-server/assay/", "lims-server/instrument/",
                                             "lims-server/domain/"};
// Threads, files and the outside world.
const std::vector<std::string_view> kImpureHeaders = {
    "thread", "future",  "condition_variable", "fstream", "filesystem", "iostream",
    "ctime",  "fcntl.h", "unistd.h",           "sys/"};
// What a clock is called. Where pure code has one: the clock that everybody is given, and the time
// inside a UUID.
const std::vector<std::string_view> kClocks = {"system_clock", "steady_clock",
                                               "high_resolution_clock"};
const std::vector<std::string_view> kClockHomes = {"lims-server/base/clock.cc",
                                                   "lims-server/base/random.cc"};

struct Include {
  std::string name;
  bool quoted = false;
};

std::optional<Include> ParseInclude(std::string_view line) {
  constexpr std::string_view kDirective = "#include ";
  if (!line.starts_with(kDirective) || line.size() < kDirective.size() + 3) return std::nullopt;
  line.remove_prefix(kDirective.size());
  const std::size_t end = line.find_first_of("\">", 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{std::string(line.substr(1, end - 1)), line[0] == '"'};
}

// What is wrong with one include of a file; empty when nothing is.
std::string IncludeProblem(std::string_view path, const Include& include) {
  for (const Home& home : Homes()) {
    if (include.name.starts_with(home.library) && !StartsWithOneOf(path, home.places)) {
      return include.name + " is known in " + std::string(home.places[0]) +
             " and the like only: go through that";
    }
  }
  if (include.name.ends_with(".grpc.pb.h") &&
      !StartsWithOneOf(path, {"lims-server/rpc/", "lims-client/core/"})) {
    return include.name + " belongs to rpc/ and the client's core: use the .pb.h";
  }
  if (StartsWithOneOf(path, kPure) && !include.quoted &&
      StartsWithOneOf(include.name, kImpureHeaders)) {
    return include.name + " in a pure folder: take the data as an argument";
  }
  if (!include.quoted) return "";
  const auto layer = std::find_if(Layers().begin(), Layers().end(), [path](const Layer& each) {
    return path.starts_with(each.folder);
  });
  if (layer == Layers().end()) return "this folder stands in no layer: add it to the table";
  if (!StartsWithOneOf(include.name, layer->sees)) {
    return include.name + " is not left of " + std::string(layer->folder) +
           " on the dependency line: move the code";
  }
  return "";
}

std::vector<std::string> LayerProblems(const SourceFile& file) {
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    if (const auto include = ParseInclude(file.lines[i])) {
      const std::string problem = IncludeProblem(file.path, *include);
      if (!problem.empty()) problems.push_back(At(file, i, problem));
    }
    if (!StartsWithOneOf(file.path, kPure) || StartsWithOneOf(file.path, kClockHomes)) continue;
    for (const std::string_view clock : kClocks) {
      if (!HasWord(file.lines[i], clock)) continue;
      problems.push_back(At(file, i, "a clock in a pure folder: take the time as an argument"));
    }
  }
  return problems;
}

TEST(Layers, EveryFileSeesOnlyWhatStandsLeftOfIt) {
  const auto files = SourceFiles({"lims-server", "lims-client"}, {".cc", ".h"});
  ASSERT_GT(files.size(), 100u);
  for (const SourceFile& file : files) {
    for (const std::string& problem : LayerProblems(file)) ADD_FAILURE() << problem;
  }
}

TEST(Layers, WrongIncludesAreFound) {
  struct Case {
    std::string path;
    std::string line;
    std::size_t problems;
  };
  const std::vector<Case> cases = {
      {"lims-server/base/text.cc", "#include \"base/text.h\"", 0},
      {"lims-server/base/text.cc", "#include \"lims/v1/lot.pb.h\"", 1},
      {"lims-server/tlog/note.cc", "#include \"domain/verdict.h\"", 1},
      {"lims-server/domain/gates.cc", "#include \"tlog/record.h\"", 0},
      {"lims-server/assay/setup.cc", "#include \"tlog/record.h\"", 1},
      {"lims-server/assay/setup.cc", "#include <fstream>", 1},
      {"lims-server/storage/log.cc", "#include \"app/site.h\"", 1},
      {"lims-server/storage/log.cc", "#include <sqlite3.h>", 1},
      {"lims-server/storage/db.cc", "#include <sqlite3.h>", 0},
      {"lims-server/app/site.cc", "#include <grpcpp/grpcpp.h>", 1},
      {"lims-server/app/site.cc", "#include \"lims/v1/lot_service.grpc.pb.h\"", 1},
      {"lims-server/rpc/server.cc", "#include <grpcpp/grpcpp.h>", 0},
      {"lims-client/cli/lot.cc", "#include \"app/lots.h\"", 1},
      {"lims-client/core/call.cc", "#include \"storage/db.h\"", 1},
      {"lims-server/report/page.cc", "#include \"base/text.h\"", 1},
      {"lims-server/domain/gates.cc", "  auto now = std::chrono::system_clock::now();", 1},
      {"lims-server/base/clock.cc", "  auto now = std::chrono::system_clock::now();", 0},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(LayerProblems(MakeSourceFile(test.path, test.line)).size(), test.problems)
        << test.path << ": " << test.line;
  }
}

}  // namespace
}  // namespace lims
