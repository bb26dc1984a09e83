#include "storage/wal_mover.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "support/temporary_folder.h"

namespace lims::storage {
namespace {

TEST(WalMover, BoundsTheWalUnderLoadAndLosesNothing) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "lims.db").string();
  constexpr int kRows = 60'000;
  std::uintmax_t longest = 0;
  {
    auto writer = *Connection::Open(path, OpenMode::kWriter);
    ASSERT_TRUE(writer->Execute("CREATE TABLE row(id INTEGER PRIMARY KEY, text TEXT NOT NULL)"));
    auto mover = *WalMover::Open(*writer, path);
    // A page a row, as many rows as make the WAL too long several times, without any pause.
    for (int id = 0; id < kRows;) {
      ASSERT_TRUE(writer->Execute("BEGIN"));
      for (const int end = id + 100; id < end; ++id) {
        auto insert = writer->Query("INSERT INTO row VALUES(?1, ?2)");
        insert.Bind(1, id).BindText(2, std::to_string(id) + std::string(3900, 'x'));
        ASSERT_TRUE(insert.Run());
      }
      ASSERT_TRUE(writer->Execute("COMMIT"));
      mover->AfterCommit();
      longest = std::max(longest, std::filesystem::file_size(path + "-wal"));
    }
    mover->MoveAll();
  }
  // Less than what was written: it began anew on the way.
  EXPECT_LT(longest, std::uintmax_t{kRows} * 4096 * 3 / 4);
  auto reader = *Connection::Open(path, OpenMode::kReader);
  auto count = reader->Query(
      "SELECT count(*), sum(length(text)), sum(CAST(substr(text, 1, 5) AS INTEGER) <> id AND id > "
      "9999) FROM row");
  ASSERT_TRUE(*count.Step());
  EXPECT_EQ(count.IntColumn(0), kRows);
  EXPECT_EQ(count.IntColumn(2), 0);
  EXPECT_TRUE(reader->StructureProblems()->empty());
}

}  // namespace
}  // namespace lims::storage
