#include "support/log_editor.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "app/files.h"
#include "app/site.h"
#include "base/encoding.h"
#include "storage/log.h"
#include "storage/records.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"

namespace lims {
namespace {

using storage::Connection;

std::unique_ptr<Connection> OpenSiteDatabase(const std::string& site_dir) {
  auto db = Connection::Open(storage::DatabasePath(app::SitePaths(site_dir).server),
                             storage::OpenMode::kWriter);
  EXPECT_TRUE(db) << db.error().message;
  return *std::move(db);
}

void Execute(Connection& db, const std::string& sql) {
  const auto done = db.Execute(sql);
  EXPECT_TRUE(done) << sql << ": " << done.error().message;
}

void Run(storage::Statement& statement) {
  const auto done = statement.Run();
  EXPECT_TRUE(done) << done.error().message;
}

// Guard rails and content.
void EmptyLog(Connection& db) {
  std::string drop;
  {
    storage::Statement rows = db.Query("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
    while (*rows.Step()) drop += "DROP TRIGGER " + std::string(rows.TextColumn(0)) + ";";
  }
  for (const char* table :
       {"log_event", "log_leaf", "log_node", "log_stream", "log_request", "run_raw_file"}) {
    drop += "DELETE FROM " + std::string(table) + ";";
  }
  for (const tlog::RecordKind& kind : tlog::RecordKinds()) {
    drop += "DELETE FROM " + kind.table + ";";
  }
  Execute(db, drop);
}

}  // namespace

// A request's row is written with its first event and counts the later ones.
LogEditor::LogEditor(storage::Connection& db) : db_(db) {
  Execute(db_, "DROP TRIGGER IF EXISTS log_request_update");
}

void LogEditor::Append(const v1::Event& event, const std::string& bytes) {
  const auto index = static_cast<std::int64_t>(tree_.size());
  const auto [stream, fresh] = streams_.try_emplace(event.stream());
  if (fresh) {
    stream->second.number = static_cast<std::int64_t>(streams_.size());
    auto put = db_.Query("INSERT INTO log_stream (stream_no, name) VALUES (?1, ?2)");
    put.Bind(1, stream->second.number).BindText(2, event.stream());
    Run(put);
  }
  const Hash leaf = tlog::LeafHash(bytes);
  const std::int64_t id = storage::EventId(stream->second.number, event.pos());
  auto entry = db_.Query("INSERT INTO log_event (id, entry) VALUES (?1, ?2)");
  entry.Bind(1, id).BindText(2, bytes);
  Run(entry);
  auto place = db_.Query("INSERT INTO log_leaf (log_index, event_id, hash) VALUES (?1, ?2, ?3)");
  place.Bind(1, index).Bind(2, id).BindBlob(3, AsBytes(leaf));
  Run(place);
  tree_.Append(leaf, [&](int level, std::uint64_t n, const Hash& hash) {
    auto put = db_.Query("INSERT INTO log_node (id, hash) VALUES (?1, ?2)");
    put.Bind(1, storage::NodeId(level, n)).BindBlob(2, AsBytes(hash));
    Run(put);
  });
  stream->second.head = HexEncode(leaf);
  if (!event.request_id().empty()) {
    auto put = db_.Query(
        "INSERT INTO log_request (user_id, request_id, fingerprint, first_index, event_count) "
        "VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT DO UPDATE SET event_count = event_count + 1");
    put.BindText(1, event.actor().user_id())
        .BindText(2, event.request_id())
        .BindText(3, event.fingerprint())
        .Bind(4, event.act_index());
    Run(put);
  }
  v1::Event stored;
  if (!tlog::ParseCanonicalJson(bytes, &stored)) return;
  for (const v1::Record& record : stored.records()) {
    if (record.kind_case() == v1::Record::KIND_NOT_SET) continue;
    const auto put = storage::PutRecord(db_, tlog::MessageOf(record), index);
    EXPECT_TRUE(put) << put.error().message;
  }
}

std::string LogEditor::HeadOf(const std::string& stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? "" : found->second.head;
}

void RewriteLog(const std::string& site_dir,
                const std::function<std::string(const v1::Event&)>& rewrite) {
  const auto db = OpenSiteDatabase(site_dir);
  const auto entries = storage::Entries(*db, 0, std::numeric_limits<int>::max());
  ASSERT_TRUE(entries) << entries.error().message;
  Execute(*db, "BEGIN");
  EmptyLog(*db);
  LogEditor editor(*db);
  for (const storage::Entry& entry : *entries) {
    v1::Event event;
    ASSERT_TRUE(tlog::ParseCanonicalJson(entry.bytes, &event));
    event.set_prev(editor.HeadOf(event.stream()));
    editor.Append(event, rewrite(event));
  }
  Execute(*db, "COMMIT");
}

void SignLog(const std::string& site_dir) {
  const app::SitePaths paths(site_dir);
  const auto db = OpenSiteDatabase(site_dir);
  const auto size = storage::LogSize(*db);
  ASSERT_TRUE(size) << size.error().message;
  const auto root = tlog::RootAt(static_cast<std::uint64_t>(*size), storage::Nodes(*db));
  ASSERT_TRUE(root) << root.error().message;
  const auto seed = HexDecode(*app::ReadFile(paths.log_key));
  ASSERT_TRUE(seed);
  const SigningKey key = *SigningKey::FromSeed(*seed);
  std::string vkey = *app::ReadFile(paths.client + "/vkey");
  vkey.erase(vkey.find_last_not_of('\n') + 1);
  const std::string origin = tlog::ParseVkey(vkey)->name;
  const std::string text =
      tlog::FormatCheckpoint({origin, static_cast<std::uint64_t>(*size), *root});
  const std::string note = tlog::FormatNote({text, {tlog::SignNote(origin, key, text)}});
  ASSERT_TRUE(app::WriteFile(storage::CheckpointPath(paths.server), note));
  Execute(*db, "DELETE FROM log_checkpoint");
}

}  // namespace lims
