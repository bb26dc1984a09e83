// The frames of a commit, gathered into few writes: whoever reads the file then finds them.
#include <gtest/gtest.h>

#include <filesystem>

#include "storage/db.h"
#include "support/temporary_folder.h"

namespace lims::storage {
namespace {

class WalFrames : public ::testing::Test {
 protected:
  void Must(const std::string& sql) {
    const auto done = writer->Execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  static std::int64_t Number(Connection& db, const std::string& sql) {
    Statement rows = db.Query(sql);
    EXPECT_TRUE(rows.Step());
    return rows.IntColumn(0);
  }

  // What a server finds after a kill: the files as they are now, with no process that knows more.
  std::unique_ptr<Connection> AfterAKill() {
    const std::string copy = (folder.path() / "killed.db").string();
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(file + suffix, copy + suffix,
                                 std::filesystem::copy_options::overwrite_existing);
    }
    std::filesystem::remove(copy + "-shm");
    return *Connection::Open(copy, OpenMode::kSnapshot);
  }

  TemporaryFolder folder;
  const std::string file = (folder.path() / "a.db").string();
  std::unique_ptr<Connection> writer = *Connection::Open(file, OpenMode::kWriter);
};

TEST_F(WalFrames, OfEveryCommitAreInTheFileWhenItReturns) {
  Must("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  const auto reader = *Connection::Open(file, OpenMode::kReader);
  for (int commits = 1; commits <= 30; ++commits) {
    // From one page to more than are gathered at a time.
    Must("BEGIN IMMEDIATE");
    for (int row = 0; row < commits * commits; ++row) {
      Must("INSERT INTO t (text) VALUES (hex(zeroblob(300)))");
    }
    Must("COMMIT");
    const std::int64_t rows = Number(*writer, "SELECT count(*) FROM t");
    EXPECT_EQ(Number(*reader, "SELECT count(*) FROM t"), rows);
    const auto killed = AfterAKill();
    EXPECT_EQ(Number(*killed, "SELECT count(*) FROM t"), rows);
    EXPECT_TRUE(killed->StructureProblems()->empty());
    if (commits % 10 == 0) writer->Checkpoint();  // the next commit begins the WAL anew
  }
}

// A transaction larger than the cache writes pages before its end, and some of them again.
TEST_F(WalFrames, WrittenAnewWithinATransactionAreRight) {
  Must("PRAGMA cache_size=10");
  Must("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  Must("BEGIN IMMEDIATE");
  for (int row = 0; row < 500; ++row) Must("INSERT INTO t (text) VALUES (hex(zeroblob(500)))");
  for (int pass = 0; pass < 3; ++pass) {
    for (int row = 1; row <= 500; row += 7) {
      Must("UPDATE t SET text = text || 'x' WHERE n = " + std::to_string(row));
    }
  }
  Must("COMMIT");
  const auto killed = AfterAKill();
  EXPECT_EQ(Number(*killed, "SELECT count(*) FROM t"), 500);
  EXPECT_EQ(Number(*killed, "SELECT sum(length(text) - 1000) FROM t"), 72 * 3);
  EXPECT_TRUE(killed->StructureProblems()->empty());
}

TEST_F(WalFrames, OfATransactionThatWasTakenBackHarmNoLaterOne) {
  Must("PRAGMA cache_size=10");
  Must("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  for (int round = 1; round <= 5; ++round) {
    Must("BEGIN IMMEDIATE");
    for (int row = 0; row < 100 * round; ++row) {
      Must("INSERT INTO t (text) VALUES (hex(randomblob(500)))");
    }
    Must("ROLLBACK");
    Must("INSERT INTO t (text) VALUES ('kept')");
    EXPECT_EQ(Number(*AfterAKill(), "SELECT count(*) FROM t"), round);
  }
  EXPECT_TRUE(AfterAKill()->StructureProblems()->empty());
}

}  // namespace
}  // namespace lims::storage
