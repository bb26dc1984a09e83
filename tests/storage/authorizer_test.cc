// What the connections of a served site do not do, whatever statement reaches them.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "storage/store.h"
#include "support/temporary_folder.h"

namespace lims::storage {
namespace {

class Authorizer : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        Store::Open({folder.path().string(), {"UTC", 0, "boot", "build"}, 1}, FixedClock(1'000'000),
                    *SigningKey::FromSeed(std::string(32, 'k')), "test/audit");
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    // Rows in every table of the log; a checkpoint is stored with the next batch.
    for (int i = 0; i < 3; ++i) Act();
  }

  void Act() {
    ActInfo info;
    info.actor.set_user_id("u");
    info.act = v1::ACT_REGISTER_LOT;
    info.request_id = NewUuid();
    info.fingerprint = "f";
    const auto act = store->writer().Execute(std::move(info), [this](Transaction& tx) {
      v1::Lot lot;
      lot.set_lot_id("L" + std::to_string(++lots_));
      tx.Put(lot);
      return Result<void>();
    });
    EXPECT_TRUE(act) << act.error().message;
  }

  Result<void> Write(const std::string& sql) {
    return store->writer().ExecuteRaw([&](Connection& db) { return db.Execute(sql); });
  }
  Result<void> Read(const std::string& sql) {
    return store->Read([&](Records& records) { return records.db().Execute(sql); });
  }
  static void ExpectRefused(const Result<void>& done, const std::string& sql,
                            std::string_view says) {
    ASSERT_FALSE(done) << sql;
    EXPECT_NE(done.error().message.find(says), std::string::npos)
        << sql << ": " << done.error().message;
  }

  // The schema and the whole log, to compare.
  std::string Content() {
    std::string content;
    const auto read = store->Read([&](Records& records) -> Result<void> {
      for (const char* sql :
           {"SELECT type, name, sql FROM sqlite_schema ORDER BY name",
            "SELECT id, entry FROM log_event ORDER BY id",
            "SELECT stream_no, name FROM log_stream ORDER BY stream_no",
            "SELECT log_index, event_id, hex(hash) FROM log_leaf ORDER BY log_index",
            "SELECT id, hex(hash) FROM log_node ORDER BY id",
            "SELECT user_id, request_id, first_index FROM log_request ORDER BY request_id"}) {
        Statement rows = records.db().Query(sql);
        for (;;) {
          LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
          if (!more) break;
          for (int i = 0; i < rows.Columns(); ++i) {
            content += std::string(rows.TextColumn(i)) + "|";
          }
          content += "\n";
        }
      }
      return {};
    });
    EXPECT_TRUE(read) << read.error().message;
    return content;
  }

  TemporaryFolder folder;
  std::unique_ptr<Store> store;
  int lots_ = 0;
};

TEST_F(Authorizer, TheSchemaTheSettingsAndOtherFilesAreOutOfReach) {
  const std::string other = (folder.path() / "other.db").string();
  const std::string before = Content();
  for (const std::string& sql : std::vector<std::string>{
           "DROP TRIGGER log_event_delete", "DROP TABLE lot", "DROP INDEX run_open",
           "ALTER TABLE lot RENAME TO lots", "ALTER TABLE lot ADD COLUMN further",
           "CREATE TABLE further (x)", "CREATE TEMP TABLE further (x)",
           "CREATE TRIGGER further BEFORE INSERT ON lot BEGIN SELECT 1; END",
           "CREATE TEMP TRIGGER further BEFORE INSERT ON lot BEGIN SELECT 1; END",
           "CREATE VIEW further AS SELECT 1", "ATTACH '" + other + "' AS other", "DETACH main",
           "PRAGMA writable_schema=ON", "PRAGMA Writable_Schema=1", "PRAGMA recursive_triggers=OFF",
           "PRAGMA synchronous=OFF", "PRAGMA user_version=9", "REINDEX", "ANALYZE"}) {
    ExpectRefused(Write(sql), sql, "not authorized");
    ExpectRefused(Read(sql), sql, "not authorized");
  }
  ExpectRefused(Write("DELETE FROM sqlite_schema"), "rows of the schema", "may not be modified");
  ExpectRefused(Write("VACUUM INTO '" + other + "'"), "a copy", "");
  ExpectRefused(Read("ROLLBACK; VACUUM INTO '" + other + "'"), "a copy", "authoriz");
  EXPECT_FALSE(std::filesystem::exists(other));
  EXPECT_EQ(Content(), before);
}

TEST_F(Authorizer, TheLogOnlyGrows) {
  const std::string before = Content();
  const std::vector<std::pair<std::string, std::string>> tables = {
      {"log_event", "entry"}, {"log_stream", "name"},     {"log_leaf", "hash"},
      {"log_node", "hash"},   {"log_checkpoint", "note"}, {"log_request", "fingerprint"}};
  for (const auto& [table, column] : tables) {
    for (const std::string& sql : std::vector<std::string>{
             "UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table,
             "REPLACE INTO " + table + " SELECT * FROM " + table,
             "INSERT OR REPLACE INTO " + table + " SELECT * FROM " + table}) {
      ExpectRefused(Write(sql), sql, "the log is append-only");
    }
  }
  ExpectRefused(Read("INSERT INTO log_stream (stream_no, name) VALUES (99, 'x')"), "a reader",
                "readonly");
  EXPECT_EQ(Content(), before);
  Act();
  EXPECT_NE(Content(), before);
}

}  // namespace
}  // namespace lims::storage
