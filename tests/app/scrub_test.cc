// The log is read again while it is served: what the disk lost is found, once.
#include "app/scrub.h"

#include <sqlite3.h>

#include "storage/log.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

class ScrubTest : public ::testing::Test {
 protected:
  // A log of more than two parts.
  void SetUp() override {
    while (LogSize() < 600) {
      fixture.Must(fixture.site().NoteAccess(Call(), v1::ACT_READ, {{"what", "a lot"}}));
    }
  }
  std::int64_t LogSize() {
    return *fixture.site().store().Read(
        [](storage::Records& records) { return storage::LogSize(records.db()); });
  }
  // Behind the back of the server, while it runs.
  void Damage(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open((folder.path() / "server/lims.db").c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db,
                           ("DROP TRIGGER IF EXISTS log_event_update; DROP TRIGGER IF EXISTS "
                            "log_event_delete;" +
                            sql)
                               .c_str(),
                           nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  static std::string EventAt(int index) {
    return "(SELECT event_id FROM log_leaf WHERE log_index = " + std::to_string(index) + ")";
  }
  // Everything that one round finds.
  std::vector<tlog::Finding> Round() {
    std::vector<tlog::Finding> all;
    for (int part = 0; part < 3; ++part) {
      const auto found = scrub.Next();
      EXPECT_TRUE(found) << found.error().message;
      if (found) all.insert(all.end(), found->begin(), found->end());
    }
    return all;
  }
  std::vector<v1::Event> Recorded() {
    const auto entries = fixture.site().store().Read(
        [](storage::Records& records) { return storage::Entries(records.db(), 0, 1000); });
    std::vector<v1::Event> found;
    for (const storage::Entry& entry : *entries) {
      v1::Event event;
      if (!tlog::ParseCanonicalJson(entry.bytes, &event)) continue;
      if (event.act() == v1::ACT_FIND_DAMAGE) found.push_back(event);
    }
    return found;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  Scrub scrub{fixture.site()};
};

TEST_F(ScrubTest, OfAnHonestLogFindsNothingHoweverOften) {
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(Round().empty());
  EXPECT_TRUE(Recorded().empty());
}

TEST_F(ScrubTest, FindsAChangedEventOfAnyPartOnceAndRecordsIt) {
  EXPECT_TRUE(Round().empty());
  Damage("UPDATE log_event SET entry = replace(entry, 'a lot', 'a lap') WHERE id IN (" +
         EventAt(20) + ", " + EventAt(599) + ")");
  const auto found = Round();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind, tlog::FindingKind::kEntryAltered);
  EXPECT_EQ(found[0].index, 20);
  EXPECT_EQ(found[1].index, 599);
  EXPECT_TRUE(Round().empty());
  const auto recorded = Recorded();
  ASSERT_EQ(recorded.size(), 2u);  // one for each part
  EXPECT_EQ(recorded[1].stream().substr(0, 7), "access/");
  EXPECT_EQ(recorded[1].actor().user_id(), "");
  ASSERT_EQ(recorded[1].details_size(), 3);
  EXPECT_EQ(recorded[1].details(0).value(), "ENTRY_ALTERED");
  EXPECT_EQ(recorded[1].details(1).value(), "599");
  EXPECT_EQ(recorded[1].details(2).value(), "0");
}

TEST_F(ScrubTest, TakesWhatCannotBeReadForNoDamageAndReadsItAgain) {
  EXPECT_TRUE(Round().empty());
  Damage("ALTER TABLE log_leaf RENAME TO away");
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto found = scrub.Next();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().reason, ErrorReason::kUnavailable);
  }
  Damage("ALTER TABLE away RENAME TO log_leaf");
  EXPECT_TRUE(Round().empty());
  EXPECT_TRUE(Recorded().empty());
}

TEST_F(ScrubTest, FindsEventsThatAreGoneAndRecordsThemTogether) {
  Damage("DELETE FROM log_event WHERE id IN (" + EventAt(30) + ", " + EventAt(31) + ")");
  const auto found = Round();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind, tlog::FindingKind::kEntryMissing);
  EXPECT_EQ(found[0].index, 30);
  EXPECT_EQ(found[1].index, 31);
  const auto recorded = Recorded();
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].details(2).value(), "1");
}

}  // namespace
}  // namespace lims::app
