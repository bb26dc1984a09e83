// Whatever is changed behind the server's back is found and named.
#include "app/verify.h"

#include <sqlite3.h>

#include <chrono>
#include <future>
#include <thread>

#include "app/files.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

// Runs statements on a site's database as an outsider would, guard rails removed.
void Tamper(const std::string& site, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((site + "/server/lims.db").c_str(), &db), SQLITE_OK);
  char* error = nullptr;
  std::string drop;
  sqlite3_stmt* rows = nullptr;
  sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'trigger'", -1, &rows,
                     nullptr);
  while (sqlite3_step(rows) == SQLITE_ROW) {
    drop += "DROP TRIGGER " +
            std::string(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0))) + ";";
  }
  sqlite3_finalize(rows);
  EXPECT_EQ(sqlite3_exec(db, (drop + sql).c_str(), nullptr, nullptr, &error), SQLITE_OK)
      << sql << ": " << (error == nullptr ? "" : error);
  sqlite3_close(db);
}

std::vector<std::string> Query(const std::string& site, const std::string& sql) {
  sqlite3* db = nullptr;
  sqlite3_open((site + "/server/lims.db").c_str(), &db);
  sqlite3_stmt* rows = nullptr;
  sqlite3_prepare_v2(db, sql.c_str(), -1, &rows, nullptr);
  std::vector<std::string> values;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const auto* text = sqlite3_column_text(rows, 0);
    values.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
  }
  sqlite3_finalize(rows);
  sqlite3_close(db);
  return values;
}

// One site, played once; every test works on its own copy.
class Verify : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    original = new TemporaryFolder();
    SiteFixture fixture(original->path() / "site");
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
    fixture.Must(fixture.SubmitPh("A", "7.2"));
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
    fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'a question' }"));
    fixture.Must(fixture.SignIntent(
        "qa1", "attest { lot_id: 'A' attestations { code: 'BPR' document: 'B-1' } }"));
  }
  static void TearDownTestSuite() { delete original; }

  void SetUp() override {
    std::filesystem::copy(original->path() / "site", site,
                          std::filesystem::copy_options::recursive);
  }

  std::vector<tlog::Finding> Findings(bool recompute = false, const std::string& checkpoint = "") {
    const auto report = VerifySite({site, checkpoint, recompute});
    EXPECT_TRUE(report) << report.error().message;
    return report ? report->findings : std::vector<tlog::Finding>();
  }

  bool Finds(tlog::FindingKind kind, const std::vector<tlog::Finding>& findings) {
    for (const tlog::Finding& finding : findings) {
      if (finding.kind == kind) return true;
    }
    return false;
  }

  static TemporaryFolder* original;
  TemporaryFolder folder;
  const std::string site = folder.path() / "site";
};
TemporaryFolder* Verify::original = nullptr;

TEST_F(Verify, ACheckpointThatIsReadWhileItIsWrittenIsNoFinding) {
  const std::string path = site + "/server/checkpoint";
  const std::string whole = *ReadFile(path);
  const std::string half = whole.substr(0, whole.size() / 2);
  ASSERT_TRUE(WriteFile(path, half));
  std::thread server([&] {
    std::promise<void> never;
    never.get_future().wait_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(WriteFile(path, whole));
  });
  EXPECT_TRUE(Findings().empty());
  server.join();
  // One that stays so is.
  ASSERT_TRUE(WriteFile(path, half));
  EXPECT_TRUE(Finds(tlog::FindingKind::kCheckpointSignature, Findings()));
  std::filesystem::remove(path);
  EXPECT_TRUE(Finds(tlog::FindingKind::kLogTruncated, Findings()));
}

TEST_F(Verify, FindsNothingOnAnHonestSite) {
  const auto report = VerifySite({site, "", true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
  EXPECT_GT(report->events, 40);
  EXPECT_EQ(report->results_recomputed, 2);
  EXPECT_GT(report->signatures, 5);
}

// The cases come from the schema: each column of each record table that has a row.
TEST_F(Verify, FindsAnyColumnOfAnyRecordTableChanged) {
  int cases = 0;
  for (const tlog::RecordKind& kind : tlog::RecordKinds()) {
    const std::string& table = kind.table;
    for (const std::string& column :
         Query(site, "SELECT name FROM pragma_table_info('" + table + "')")) {
      if (Query(site, "SELECT count(*) FROM " + table)[0] == "0") continue;
      ++cases;
      const std::string before = folder.path() / "before.db";
      std::filesystem::copy_file(site + "/server/lims.db", before,
                                 std::filesystem::copy_options::overwrite_existing);
      // The right type for a strict table, and certainly another value.
      Tamper(site, "UPDATE " + table + " SET " + column + " = CASE typeof(" + column +
                       ") WHEN 'integer' THEN " + column + " + 1000 WHEN 'text' THEN " + column +
                       " || 'x' ELSE x'0a0178' END WHERE " + column + " = (SELECT " + column +
                       " FROM " + table + " LIMIT 1)");
      const auto findings = Findings();
      EXPECT_TRUE(Finds(tlog::FindingKind::kRecordAltered, findings) ||
                  Finds(tlog::FindingKind::kRecordUnlogged, findings))
          << table << "." << column;
      std::filesystem::copy_file(before, site + "/server/lims.db",
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }
  EXPECT_GT(cases, 60);
}

TEST_F(Verify, FindsARowRemovedOrAdded) {
  Tamper(site, "DELETE FROM result WHERE lot_id = 'A'");
  EXPECT_TRUE(Finds(tlog::FindingKind::kRecordMissing, Findings()));
  Tamper(site, "INSERT INTO hold (lot_id, number, etag, record) VALUES ('A', 9, 1, x'')");
  EXPECT_TRUE(Finds(tlog::FindingKind::kRecordUnlogged, Findings()));
}

TEST_F(Verify, FindsAnEditedEvent) {
  Tamper(site, "UPDATE log_event SET entry = replace(entry, '\"7.2\"', '\"7.4\"')");
  const auto findings = Findings();
  EXPECT_TRUE(Finds(tlog::FindingKind::kEntryAltered, findings));
  EXPECT_TRUE(Finds(tlog::FindingKind::kRecordAltered, findings));
}

TEST_F(Verify, FindsAMissingEventAndALeafWithAnotherHash) {
  Tamper(site,
         "DELETE FROM log_event WHERE id = (SELECT event_id FROM log_leaf WHERE log_index = 7)");
  EXPECT_TRUE(Finds(tlog::FindingKind::kEntryMissing, Findings()));
  Tamper(site, "UPDATE log_leaf SET hash = zeroblob(32) WHERE log_index = 9");
  const auto findings = Findings();
  EXPECT_TRUE(Finds(tlog::FindingKind::kEntryAltered, findings));
  EXPECT_TRUE(Finds(tlog::FindingKind::kCheckpointInconsistent, findings));
}

TEST_F(Verify, FindsTwoSwappedEvents) {
  Tamper(site,
         "UPDATE log_leaf SET event_id = (SELECT sum(event_id) FROM log_leaf WHERE log_index IN "
         "(11, 12)) - event_id WHERE log_index IN (11, 12)");
  const auto findings = Findings();
  EXPECT_TRUE(Finds(tlog::FindingKind::kEntryAltered, findings));
  EXPECT_TRUE(Finds(tlog::FindingKind::kEntryMisplaced, findings));
}

TEST_F(Verify, FindsAnAlteredNodeRequestAndStream) {
  Tamper(site, "UPDATE log_node SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM log_node)");
  EXPECT_TRUE(Finds(tlog::FindingKind::kNodeAltered, Findings()));
  Tamper(site, "UPDATE log_request SET fingerprint = 'x' WHERE user_id = 'tech1'");
  EXPECT_TRUE(Finds(tlog::FindingKind::kRequestAltered, Findings()));
  Tamper(site, "UPDATE log_stream SET name = 'lot/Z' WHERE name = 'lot/A'");
  EXPECT_TRUE(Finds(tlog::FindingKind::kStreamAltered, Findings()));
}

TEST_F(Verify, FindsAReplacedCredential) {
  Tamper(site,
         "UPDATE credential SET password_hash = (SELECT password_hash FROM credential WHERE "
         "user_id = 'tech1') WHERE user_id = 'qp1'");
  EXPECT_TRUE(Finds(tlog::FindingKind::kCredentialAltered, Findings()));
}

TEST_F(Verify, FindsAnAlteredOrMissingManifest) {
  Tamper(site, "UPDATE blob_chunk SET data = x'7b7d'");
  EXPECT_TRUE(Finds(tlog::FindingKind::kBlobAltered, Findings()));
  Tamper(site, "DELETE FROM blob");
  EXPECT_TRUE(Finds(tlog::FindingKind::kBlobMissing, Findings()));
}

TEST_F(Verify, FindsATruncatedLogAndARolledBackSite) {
  const std::string outside = folder.path() / "outside";
  std::filesystem::copy_file(site + "/server/checkpoint", outside);
  Tamper(site,
         "DELETE FROM log_event WHERE id = (SELECT event_id FROM log_leaf ORDER BY log_index "
         "DESC LIMIT 1); DELETE FROM log_leaf WHERE log_index = (SELECT max(log_index) FROM "
         "log_leaf)");
  EXPECT_TRUE(Finds(tlog::FindingKind::kLogTruncated, Findings()));
  // The server does not start on it either.
  const auto opened = Site::Open(site, FixedClock(TimeUs{1772323200} * 1'000'000));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason, ErrorReason::kDataLoss);
  EXPECT_NE(opened.error().message.find("LOG_TRUNCATED"), std::string::npos);
  // The whole server directory rolled back: only an outside checkpoint shows it.
  TemporaryFolder other;
  const std::string copy = other.path() / "site";
  std::filesystem::copy(original->path() / "site", copy, std::filesystem::copy_options::recursive);
  {
    SiteFixture later(copy);
    later.now_us += TimeUs{3600} * 1'000'000;
    later.Must(later.SignIntent("qa1", "hold { lot_id: 'A' reason: 'one more' }"));
  }
  const auto report = VerifySite({original->path() / "site", copy + "/server/checkpoint", false});
  ASSERT_TRUE(report);
  EXPECT_TRUE(Finds(tlog::FindingKind::kLogTruncated, report->findings));
}

}  // namespace
}  // namespace lims::app
