// A database of an earlier schema is brought up when it is opened; one of a later build is refused.
#include <gtest/gtest.h>

#include "app/system_holds.h"
#include "app/verify.h"
#include "storage/log.h"
#include "storage/migrate.h"
#include "support/log_editor.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

namespace fs = std::filesystem;

// From this schema on lot_child rows are made with the lot.
constexpr int kSchemaOfLotChild = 5;

class Upgrade : public ::testing::Test {
 protected:
  // A bank, a lot made from it and one made from that, as servers of every schema recorded them.
  static void SetUpTestSuite() {
    original = new TemporaryFolder();
    SiteFixture fixture(original->path() / "site");
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
    fixture.AddLot("B", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
    fixture.Must(fixture.SubmitPh("A", "7.2"));
    ASSERT_FALSE(HasFailure());
  }
  static void TearDownTestSuite() { delete original; }

  static void Execute(storage::Connection& db, const std::string& sql) {
    const auto done = db.Execute(sql);
    EXPECT_TRUE(done) << sql << ": " << done.error().message;
  }
  static std::unique_ptr<storage::Connection> OpenDatabase(const std::string& site) {
    auto db = storage::Connection::Open(storage::DatabasePath(site + "/server"),
                                        storage::OpenMode::kWriter);
    EXPECT_TRUE(db) << db.error().message;
    return *std::move(db);
  }

  // The site as a server of this schema left it: what it recorded, in a database that only the
  // first migrations made.
  std::string SiteOfSchema(int schema) {
    const std::string site = folder.path() / ("schema-" + std::to_string(schema));
    fs::copy(original->path() / "site", site, fs::copy_options::recursive);
    RewriteLog(site, [&](v1::Event event) {
      for (v1::Detail& detail : *event.mutable_details()) {
        if (detail.name() == "schema") detail.set_value(std::to_string(schema));
      }
      auto& records = *event.mutable_records();
      for (int i = records.size() - 1; i >= 0 && schema < kSchemaOfLotChild; --i) {
        if (records[i].has_lot_child()) records.DeleteSubrange(i, 1);
      }
      return tlog::CanonicalJson(event);
    });
    SignLog(site);
    const std::string path = storage::DatabasePath(site + "/server");
    const std::string newest = path + ".newest";
    fs::rename(path, newest);
    const auto db = OpenDatabase(site);
    for (int i = 0; i < schema; ++i) Execute(*db, storage::MigrationTexts()[i]);
    Execute(*db, "PRAGMA user_version=" + std::to_string(schema));
    Execute(*db, "ATTACH '" + newest + "' AS newest");
    std::string copy;
    {
      auto tables = db->Query("SELECT name FROM main.sqlite_schema WHERE type = 'table'");
      while (*tables.Step()) {
        const std::string table(tables.TextColumn(0));
        copy += "INSERT INTO main." + table + " SELECT * FROM newest." + table + ";";
      }
    }
    Execute(*db, copy);
    Execute(*db, "DETACH newest");
    fs::remove(newest);
    return site;
  }

  static std::vector<std::string> FamilyOf(SiteFixture& fixture, const std::string& lot) {
    auto family = fixture.site().store().Read(
        [&](storage::Records& records) { return BankFamily(records, lot); });
    EXPECT_TRUE(family);
    std::sort(family->begin(), family->end());
    return *family;
  }
  static std::int64_t Size(SiteFixture& fixture) {
    return *fixture.site().store().Read(
        [](storage::Records& records) { return storage::LogSize(records.db()); });
  }
  static void ExpectVerifies(const std::string& site) {
    const auto report = VerifySite({site, "", true});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
  }

  static TemporaryFolder* original;
  TemporaryFolder folder;
};
TemporaryFolder* Upgrade::original = nullptr;

TEST_F(Upgrade, OfEverySchemaVerifiesAndFindsTheChildrenOfOlderLots) {
  const TimeUs later = SiteFixture::kStart + kDay;
  for (int schema = 1; schema <= storage::SchemaNumber(); ++schema) {
    SCOPED_TRACE(schema);
    const std::string site = SiteOfSchema(schema);
    {
      SiteFixture fixture(site, later);
      EXPECT_EQ(FamilyOf(fixture, "MCB-1"), (std::vector<std::string>{"A", "B"}));
      EXPECT_EQ(FamilyOf(fixture, "A"), (std::vector<std::string>{"B", "MCB-1"}));
      fixture.AddLot("C", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
      EXPECT_EQ(FamilyOf(fixture, "MCB-1"), (std::vector<std::string>{"A", "B", "C"}));
    }
    ExpectVerifies(site);
  }
}

TEST_F(Upgrade, IsRecordedOnceInTheFirstStart) {
  const std::string site = SiteOfSchema(1);
  std::int64_t size = 0;
  {
    SiteFixture fixture(site, SiteFixture::kStart + kDay);
    size = Size(fixture);
    const auto last = fixture.site().store().Read(
        [&](storage::Records& records) { return storage::Entries(records.db(), size - 3, 3); });
    for (const storage::Entry& entry : *last) {
      EXPECT_NE(entry.bytes.find("\"act\":\"ACT_START_SERVER\""), std::string::npos);
    }
    EXPECT_NE((*last)[1].bytes.find("\"stream\":\"lot/A\""), std::string::npos);
    EXPECT_NE((*last)[2].bytes.find("\"stream\":\"lot/B\""), std::string::npos);
  }
  SiteFixture again(site, SiteFixture::kStart + kDay);
  EXPECT_EQ(Size(again), size + 1);
}

TEST_F(Upgrade, OfALaterBuildsDatabaseIsRefusedAndLeavesItAlone) {
  const std::string site = folder.path() / "site";
  fs::copy(original->path() / "site", site, fs::copy_options::recursive);
  const int later = storage::SchemaNumber() + 1;
  Execute(*OpenDatabase(site), "PRAGMA user_version=" + std::to_string(later));
  const auto opened = Site::Open(site, FixedClock(SiteFixture::kStart));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message,
            "the database has schema " + std::to_string(later) + ", this build knows " +
                std::to_string(storage::SchemaNumber()) + ": use a newer build");
  ExpectVerifies(site);
}

}  // namespace
}  // namespace lims::app
