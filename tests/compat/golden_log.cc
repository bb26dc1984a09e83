#include "compat/golden_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/files.h"
#include "app/site.h"
#include "base/encoding.h"
#include "storage/blobs.h"
#include "storage/log.h"
#include "storage/migrate.h"
#include "support/log_editor.h"
#include "tlog/event_bytes.h"

namespace lims {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> ReadLines(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

GoldenLog ReadGoldenLog(const fs::path& folder) {
  GoldenLog log;
  log.events = ReadLines(folder / "events.jsonl");
  for (const std::string& line : ReadLines(folder / "files.jsonl")) {
    log.files.push_back(nlohmann::json::parse(line).get<std::string>());
  }
  log.vkey = ReadAll(folder / "vkey");
  log.checkpoint = ReadAll(folder / "checkpoint");
  return log;
}

void WriteGoldenLog(const GoldenLog& log, const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream events(folder / "events.jsonl", std::ios::binary);
  for (const std::string& event : log.events) events << event << "\n";
  std::ofstream files(folder / "files.jsonl", std::ios::binary);
  for (const std::string& file : log.files) files << nlohmann::json(file).dump() << "\n";
  std::ofstream(folder / "vkey", std::ios::binary) << log.vkey;
  std::ofstream(folder / "checkpoint", std::ios::binary) << log.checkpoint;
}

GoldenLog GoldenLogOf(const std::string& site_dir) {
  const app::SitePaths paths(site_dir);
  GoldenLog log;
  const auto db =
      storage::Connection::Open(storage::DatabasePath(paths.server), storage::OpenMode::kSnapshot);
  EXPECT_TRUE(db) << db.error().message;
  const auto entries = storage::Entries(**db, 0, std::numeric_limits<int>::max());
  EXPECT_TRUE(entries) << entries.error().message;
  for (const storage::Entry& entry : *entries) log.events.push_back(entry.bytes);
  auto rows = (*db)->Query("SELECT sha256 FROM blob ORDER BY sha256");
  while (*rows.Step()) {
    const auto bytes = storage::GetBlob(**db, rows.TextColumn(0));
    EXPECT_TRUE(bytes) << bytes.error().message;
    log.files.push_back(*bytes);
  }
  log.vkey = ReadAll(paths.client + "/vkey");
  log.checkpoint = ReadAll(storage::CheckpointPath(paths.server));
  return log;
}

void MakeSite(const GoldenLog& log, const std::string& site_dir) {
  const app::SitePaths paths(site_dir);
  fs::create_directories(paths.server);
  fs::create_directories(paths.client);
  ASSERT_TRUE(app::WriteFile(paths.client + "/vkey", log.vkey));
  ASSERT_TRUE(app::WriteFile(storage::CheckpointPath(paths.server), log.checkpoint));
  const auto db =
      storage::Connection::Open(storage::DatabasePath(paths.server), storage::OpenMode::kWriter);
  ASSERT_TRUE(db) << db.error().message;
  ASSERT_TRUE(storage::Migrate(**db));
  ASSERT_TRUE((*db)->Execute("BEGIN"));
  LogEditor editor(**db);
  for (const std::string& bytes : log.events) {
    v1::Event event;
    const auto parsed = tlog::ParseCanonicalJson(bytes, &event);
    ASSERT_TRUE(parsed) << bytes << ": " << parsed.error().message;
    editor.Append(event, bytes);
  }
  for (const std::string& file : log.files) {
    const std::string sha256 = HexEncode(Sha256(file));
    ASSERT_LE(file.size(), storage::kChunkBytes);
    ASSERT_TRUE(storage::PutChunk(**db, sha256, 0, file));
    ASSERT_TRUE(
        storage::FinishBlob(**db, sha256, static_cast<std::int64_t>(file.size()), 1'000'000));
  }
  ASSERT_TRUE((*db)->Execute("COMMIT"));
}

}  // namespace lims
