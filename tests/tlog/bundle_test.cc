// A bundle written with this library, judged by the Go verifier and by the shell script.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "tlog/lines.h"
#include "tlog/memory_log.h"
#include "tlog/proof.h"
#include "tlog/signer.h"

namespace lims::tlog {
namespace {

namespace fs = std::filesystem;

void Write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Replace(const fs::path& path, const std::string& from, const std::string& to) {
  std::string text = Read(path);
  const std::size_t place = text.find(from);
  ASSERT_NE(place, std::string::npos) << path;
  Write(path, text.replace(place, from.size(), to));
}

// What a command printed on both streams, and its exit code.
struct Outcome {
  int exit_code;
  std::string output;
};

Outcome Execute(const std::string& command, const fs::path& scratch) {
  const fs::path output = scratch / "output";
  const int status = std::system(("{ " + command + "; } >" + output.string() + " 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Read(output)};
}

class Bundle : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = fs::path(testing::TempDir()) / ("bundle-" + std::to_string(getpid()));
    fs::create_directories(scratch_);
    has_tools_ = Execute("go version && openssl version", scratch_).exit_code == 0;
    if (!has_tools_) return;
    const Outcome build =
        Execute("cd " LIMS_SOURCE_DIR
                "/tests/integration/verifier && GO111MODULE=off GOFLAGS= "
                "GOPATH=/usr/share/gocode GOCACHE=" LIMS_BINARY_DIR "/go-cache go build -o " +
                    (scratch_ / "verifier").string() + " .",
                scratch_);
    ASSERT_EQ(build.exit_code, 0) << build.output;
  }
  static void TearDownTestSuite() { fs::remove_all(scratch_); }

  void SetUp() override {
    if (!has_tools_) GTEST_SKIP() << "needs the programs go and openssl";
  }

  // A log of `size` entries with an earlier checkpoint. The last of the listed events is the last
  // of the log, the export, as an earlier version recorded it: it does not say where streams end.
  // Of the others, every other one is redacted.
  fs::path WriteBundle(std::uint64_t size, std::uint64_t earlier_size,
                       const std::vector<std::uint64_t>& listed) {
    const fs::path dir = scratch_ / "bundle";
    fs::remove_all(dir);
    MemoryLog log(size - 1);
    const std::string exported =
        R"({"act":"ACT_EXPORT","details":[{"name":"lot","value":"SC-2026-0007"}],)"
        R"("stream":"access/2026-09-21"})";
    log.Append(exported);
    const SigningKey key = SigningKey::FromSeed(std::string(32, 'k')).value();
    Write(dir / "vkey", FormatVkey(kOrigin, key.public_key()) + "\n");

    Signer signer(SigningKey::FromSeed(key.seed()).value(), kOrigin, 0, EmptyRoot());
    Write(dir / "checkpoint.earlier",
          signer.Sign(0, {kOrigin, earlier_size, log.root(earlier_size)}, {}).value());
    const std::vector<Hash> consistency =
        ConsistencyProof(earlier_size, size, log.reader()).value();
    const std::string checkpoint =
        signer.Sign(earlier_size, {kOrigin, size, log.root(size)}, consistency).value();
    Write(dir / "checkpoint", checkpoint);
    std::string lines;
    for (const Hash& hash : consistency) lines += FormatHash(hash) + "\n";
    Write(dir / "consistency", lines);

    std::string events;
    for (const std::uint64_t index : listed) {
      const std::string number = std::to_string(index);
      const bool is_export = index == size - 1;
      const bool redacted = index % 2 == 1 && !is_export;
      if (!redacted) {
        Write(dir / "entries" / (number + ".json"), is_export ? exported : "entry-" + number);
      }
      Write(
          dir / "proofs" / number,
          FormatTlogProof({index, InclusionProof(index, size, log.reader()).value(), checkpoint}));
      events += events.empty() ? "" : ",";
      events += R"({"index":)" + number + R"(,"leaf":")" + HexEncode(log.leaf(index)) + "\"";
      events += redacted ? "}" : R"(,"entry":"entries/)" + number + R"(.json"})";
    }
    Write(dir / "lot", "SC-2026-0007\n");
    Write(dir / "streams.json",
          R"({"lot":"SC-2026-0007","export_index":)" + std::to_string(size - 1) +
              R"(,"streams":[{"stream":"lot/SC-2026-0007","head":)" +
              std::to_string(listed.size() - 1) + R"(,"events":[)" + events + "]}]}");
    return dir;
  }

  // Both judges must agree and print `output` somewhere. The script tells what it cannot prove
  // complete from what is whole, the Go verifier does not ask.
  void ExpectVerdict(const fs::path& dir, bool holds, const std::string& output) {
    const std::pair<std::string, int> judges[] = {
        {(scratch_ / "verifier").string(), holds ? 0 : 1},
        {"sh " LIMS_SOURCE_DIR "/deploy/verify-bundle.sh", holds ? 6 : 5}};
    for (const auto& [judge, exit_code] : judges) {
      const Outcome outcome = Execute(judge + " " + dir.string(), scratch_);
      EXPECT_EQ(outcome.exit_code, exit_code) << judge << "\n" << outcome.output;
      EXPECT_NE(outcome.output.find(output), std::string::npos) << judge << "\n" << outcome.output;
    }
  }

  static fs::path scratch_;
  static bool has_tools_;
};

fs::path Bundle::scratch_;
bool Bundle::has_tools_ = false;

TEST_F(Bundle, VerifiesWithForeignTools) {
  ExpectVerdict(WriteBundle(13, 5, {0, 3, 6, 7, 11, 12}), true,
                "verified 6 events, checkpoint size 13, earlier size 5\n");
  ExpectVerdict(WriteBundle(1, 1, {0}), true,
                "verified 1 events, checkpoint size 1, earlier size 1\n");
  ExpectVerdict(WriteBundle(70, 64, {63, 64, 69}), true,
                "verified 3 events, checkpoint size 70, earlier size 64\n");
}

TEST_F(Bundle, ConsistencyOfAllSmallSizesVerifiesWithForeignTools) {
  for (std::uint64_t size = 1; size <= 6; ++size) {
    for (std::uint64_t earlier = 1; earlier <= size; ++earlier) {
      ExpectVerdict(WriteBundle(size, earlier, {size - 1}), true,
                    "verified 1 events, checkpoint size " + std::to_string(size) +
                        ", earlier size " + std::to_string(earlier));
    }
  }
}

// What the script's tools would each read in another way.
TEST_F(Bundle, ListThatCanBeReadInTwoWaysIsRefusedByTheScript) {
  const std::string entry = R"(,"entry":"entries/6.json")";
  const std::string leaf = R"("leaf":")" + HexEncode(LeafHash("entry-6")) + "\"";
  const std::pair<std::string, std::string> forms[] = {
      {entry, R"(,"entry")"},
      {entry, ",\"entry\"\r:\"\""},
      {R"("index":6,)" + leaf + entry, R"("index":6,)" + leaf + entry + R"(,"index":0)"},
      {R"("index":6,)" + leaf, leaf + R"(,"index":6)"},
  };
  for (const auto& [from, to] : forms) {
    SCOPED_TRACE(to);
    const fs::path dir = WriteBundle(13, 5, {0, 3, 6, 7, 11, 12});
    Replace(dir / "streams.json", from, to);
    const Outcome outcome =
        Execute("sh " LIMS_SOURCE_DIR "/deploy/verify-bundle.sh " + dir.string(), scratch_);
    EXPECT_EQ(outcome.exit_code, 5) << outcome.output;
    EXPECT_NE(outcome.output.find("not as an export writes it"), std::string::npos)
        << outcome.output;
  }
}

TEST_F(Bundle, TamperingIsFoundByForeignTools) {
  using Tamper = std::function<void(const fs::path&)>;
  const std::vector<std::pair<std::string, Tamper>> attacks = {
      {"event 6", [](const fs::path& dir) { Replace(dir / "entries/6.json", "6", "7"); }},
      {"event 6", [](const fs::path& dir) { Write(dir / "entries/6.json", "entry-6\n"); }},
      // A redacted event with another leaf hash.
      {"event 7",
       [](const fs::path& dir) {
         Replace(dir / "streams.json", R"("index":7,"leaf":")" + HexEncode(LeafHash("entry-7")),
                 R"("index":7,"leaf":")" + HexEncode(LeafHash("entry-9")));
       }},
      // An event under another index, with its proof copied along or not.
      {"event 9",
       [](const fs::path& dir) {
         Replace(dir / "streams.json", R"("index":7,)", R"("index":9,)");
         fs::copy_file(dir / "proofs/7", dir / "proofs/9");
       }},
      {"event 9",
       [](const fs::path& dir) {
         Replace(dir / "streams.json", R"("index":7,)", R"("index":9,)");
         Write(dir / "proofs/9", Read(dir / "proofs/7"));
         Replace(dir / "proofs/9", "index 7", "index 9");
       }},
      {"event 7", [](const fs::path& dir) { fs::remove(dir / "proofs/7"); }},
      {"event 3",
       [](const fs::path& dir) {
         const std::string proof = Read(dir / "proofs/3");
         const std::size_t hash = proof.find('\n', proof.find('\n') + 1) + 1;
         Write(dir / "proofs/3", proof.substr(0, hash) + proof.substr(hash + 45));
       }},
      {"checkpoint", [](const fs::path& dir) { Replace(dir / "checkpoint", "\n13\n", "\n12\n"); }},
      {"checkpoint",
       [](const fs::path& dir) { Replace(dir / "checkpoint.earlier", "\n5\n", "\n4\n"); }},
      // A right signature of the right key, but over another log.
      {"checkpoint.earlier",
       [](const fs::path& dir) {
         Signer signer(SigningKey::FromSeed(std::string(32, 'k')).value(), kOrigin, 0, EmptyRoot());
         Write(dir / "checkpoint.earlier",
               signer.Sign(0, {kOrigin, 5, LeafHash("fork")}, {}).value());
       }},
      {"checkpoint.earlier",
       [](const fs::path& dir) {
         const std::string proof = Read(dir / "consistency");
         Write(dir / "consistency", proof.substr(45));
       }},
      {"vkey", [](const fs::path& dir) { Replace(dir / "vkey", "site1", "site2"); }},
      {"checkpoint",
       [](const fs::path& dir) {
         Write(dir / "vkey", FormatVkey(kOrigin, SigningKey::Generate().public_key()) + "\n");
       }},
      {"streams.json",
       [](const fs::path& dir) {
         Write(dir / "streams.json", R"({"lot":"SC-2026-0007","export_index":12,"streams":[]})");
       }},
  };
  for (std::size_t i = 0; i < attacks.size(); ++i) {
    SCOPED_TRACE("attack " + std::to_string(i));
    const fs::path dir = WriteBundle(13, 5, {0, 3, 6, 7, 11, 12});
    attacks[i].second(dir);
    ExpectVerdict(dir, false, attacks[i].first);
  }
}

}  // namespace
}  // namespace lims::tlog
