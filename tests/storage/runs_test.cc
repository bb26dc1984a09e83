// Runs are found by the files that were submitted in them.
#include "storage/runs.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "storage/migrate.h"
#include "storage/store.h"
#include "support/temporary_folder.h"

namespace lims::storage {
namespace {

// The schema that made the table.
constexpr int kSchemaOfRawFiles = 7;

class RunsByFile : public ::testing::Test {
 protected:
  using Names = std::vector<std::string>;

  void SetUp() override { Open(); }
  void Open() {
    auto opened =
        Store::Open({folder.path(), {"UTC", 0, "boot", "build"}, 1}, FixedClock(1'000'000),
                    *SigningKey::FromSeed(std::string(32, 'k')), "test/audit");
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
  }

  void Put(const std::string& run_id, const Names& hashes, const std::string& remark = "") {
    ActInfo info;
    info.act = v1::ACT_SUBMIT_RUN;
    const auto act = store->writer().Execute(std::move(info), [&](Transaction& tx) {
      v1::Run run;
      run.set_run_id(run_id);
      run.set_abort_reason(remark);
      for (const std::string& sha256 : hashes) run.add_raw_files()->set_sha256(sha256);
      tx.Put(run);
      return Result<void>();
    });
    ASSERT_TRUE(act) << act.error().message;
  }

  Names RunsOf(const std::string& sha256) {
    const auto runs =
        store->Read([&](Records& records) { return RunsOfFile(records.db(), sha256); });
    EXPECT_TRUE(runs);
    return runs ? *runs : Names();
  }

  // Closes the store, takes the table back to what a server of an earlier schema left, runs `sql`
  // on the file and applies the migration that makes the table.
  void Upgrade(const std::string& sql) {
    store.reset();
    {
      auto db = Connection::Open(DatabasePath(folder.path()), OpenMode::kWriter);
      ASSERT_TRUE(db) << db.error().message;
      const auto upgraded = (*db)->Execute("DROP TABLE run_raw_file;" + sql +
                                           MigrationTexts()[kSchemaOfRawFiles - 1]);
      ASSERT_TRUE(upgraded) << upgraded.error().message;
    }
    Open();
  }

  TemporaryFolder folder;
  std::unique_ptr<Store> store;
};

TEST_F(RunsByFile, AreThoseInWhichItWasSubmitted) {
  Put("R-2", {"aa", "bb"});
  Put("R-1", {"bb"});
  Put("R-3", {}, "bb");
  EXPECT_EQ(RunsOf("aa"), Names{"R-2"});
  EXPECT_EQ(RunsOf("bb"), (Names{"R-1", "R-2"}));
  EXPECT_EQ(RunsOf("b"), Names());
}

TEST_F(RunsByFile, AreNamedOnceWhateverFollowsTheSubmission) {
  Put("R-1", {});
  EXPECT_EQ(RunsOf("aa"), Names());
  Put("R-1", {"aa", "aa"});
  Put("R-1", {"aa", "aa"}, "one more image");
  EXPECT_EQ(RunsOf("aa"), Names{"R-1"});
}

TEST_F(RunsByFile, OfEarlierSchemasAreReadFromTheLog) {
  Put("R-1", {"aa"});
  Put("R-1", {"aa", "bb"}, "a later image");
  Put("R-2", {"bb", "bb"});
  Put("R-3", {}, "bb");
  Upgrade("");
  EXPECT_EQ(RunsOf("aa"), Names{"R-1"});
  EXPECT_EQ(RunsOf("bb"), (Names{"R-1", "R-2"}));
}

TEST_F(RunsByFile, ADamagedEventDoesNotKeepTheSiteFromItsUpgrade) {
  Put("R-1", {"aa"});
  Put("R-2", {"aa"});
  Upgrade(
      "DROP TRIGGER log_event_update; UPDATE log_event SET entry = substr(entry, 2) "
      "WHERE entry LIKE '%R-1%';");
  EXPECT_EQ(RunsOf("aa"), Names{"R-2"});
}

}  // namespace
}  // namespace lims::storage
