// Whatever is changed behind the server's back is found and named.
#include "app/verify.h"

#include <sqlite3.h>

#include <chrono>
#include <future>
#include <thread>

#include "app/files.h"
#include "support/every_record.h"
#include "support/log_editor.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

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
    PlayEveryRecordKind(fixture);
    ASSERT_FALSE(HasFailure());
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

  // The one event that `change` changes, in a log that is consistent and signed again: only whoever
  // has the server's key can do that.
  void RewriteOneEvent(const std::function<bool(const v1::Event&)>& is_it,
                       const std::function<void(v1::Event&)>& change) {
    RewriteEvents([&](v1::Event event) {
      if (is_it(event)) change(event);
      return tlog::CanonicalJson(event);
    });
  }
  void RewriteEvents(const std::function<std::string(const v1::Event&)>& rewrite) {
    RewriteLog(site, rewrite);
    SignLog(site);
  }

  // That nothing but this is found.
  void ExpectOnly(tlog::FindingKind kind, const std::string& stream, const std::string& words) {
    const auto findings = Findings();
    ASSERT_EQ(findings.size(), 1u) << (findings.empty() ? "" : tlog::FindingJson(findings[0]));
    EXPECT_EQ(tlog::FindingName(findings[0].kind), tlog::FindingName(kind));
    EXPECT_EQ(findings[0].stream, stream);
    EXPECT_NE(findings[0].detail.find(words), std::string::npos) << findings[0].detail;
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
  EXPECT_EQ(report->results_recomputed, 4);
  EXPECT_GT(report->signatures, 5);
}

// The cases come from the schema: each column of each record table.
TEST_F(Verify, FindsAnyColumnOfAnyRecordTableChanged) {
  for (const tlog::RecordKind& kind : tlog::RecordKinds()) {
    const std::string& table = kind.table;
    EXPECT_NE(Query(site, "SELECT count(*) FROM " + table)[0], "0") << table << " has no row";
    for (const std::string& column :
         Query(site, "SELECT name FROM pragma_table_info('" + table + "')")) {
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

TEST_F(Verify, FindsAnEventThatNoLeafNames) {
  Tamper(site, "INSERT INTO log_event (id, entry) SELECT max(id) + 1, entry FROM log_event");
  Tamper(site, "INSERT INTO log_event (id, entry) SELECT max(id) + 1, entry FROM log_event");
  Tamper(site, "INSERT INTO log_event (id, entry) SELECT min(id) - 1, entry FROM log_event");
  const auto findings = Findings();
  EXPECT_EQ(findings.size(), 3u);
  EXPECT_TRUE(Finds(tlog::FindingKind::kRecordUnlogged, findings));
}

TEST_F(Verify, OfAnEventThatClaimsTheLastPlaceOfItsStreamComesToAnEnd) {
  Tamper(site,
         "UPDATE log_event SET entry = replace(entry, '\"pos\":1,', '\"pos\":16777215,') "
         "WHERE id & 16777215 = 1 AND (id >> 24) & 1 = 1");
  const auto findings = Findings();
  EXPECT_TRUE(Finds(tlog::FindingKind::kEntryMisplaced, findings));
  EXPECT_FALSE(Finds(tlog::FindingKind::kRecordUnlogged, findings));
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

TEST_F(Verify, FindsNothingInALogThatIsRewrittenAsItWas) {
  RewriteEvents([](const v1::Event& event) { return tlog::CanonicalJson(event); });
  EXPECT_TRUE(Findings(true).empty());
}

// Whoever owns the database can make everything in it agree again, but not sign it.
TEST_F(Verify, FindsAnEventEditedWithAllHashesAndRowsMadeToAgree) {
  int edited = 0;
  RewriteLog(site, [&](const v1::Event& event) {
    std::string bytes = tlog::CanonicalJson(event);
    for (std::size_t at = bytes.find("\"7.2\""); at != std::string::npos;
         at = bytes.find("\"7.2\"", at)) {
      bytes.replace(at, 5, "\"7.4\"");
      ++edited;
    }
    return bytes;
  });
  EXPECT_GT(edited, 0);
  const auto findings = Findings();
  EXPECT_FALSE(findings.empty());
  for (const tlog::Finding& finding : findings) {
    EXPECT_EQ(tlog::FindingName(finding.kind), "CHECKPOINT_INCONSISTENT")
        << tlog::FindingJson(finding);
  }
  // The server does not start on it.
  const auto opened = Site::Open(site, FixedClock(TimeUs{1772323200} * 1'000'000));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("CHECKPOINT_INCONSISTENT"), std::string::npos);
}

bool IsReviewOfA(const v1::Event& event) {
  return event.act() == v1::ACT_REVIEW_RESULTS && event.stream() == "lot/A";
}

TEST_F(Verify, FindsAChainThatIsBrokenAlthoughEveryHashAgrees) {
  RewriteOneEvent(IsReviewOfA, [](v1::Event& event) { event.set_prev(std::string(64, '0')); });
  ExpectOnly(tlog::FindingKind::kChainBroken, "lot/A", "does not follow position");
}

TEST_F(Verify, FindsAnEventThatNoServerWrites) {
  RewriteEvents([](const v1::Event& event) {
    const std::string bytes = tlog::CanonicalJson(event);
    // The same content with a blank in it: read back, it would give other bytes.
    return event.act() == v1::ACT_ABORT_RUN ? bytes.substr(0, 1) + " " + bytes.substr(1) : bytes;
  });
  EXPECT_TRUE(Finds(tlog::FindingKind::kEventMalformed, Findings()));
}

TEST_F(Verify, FindsAnEmptyRecordAndOneOfAnotherStream) {
  RewriteOneEvent(IsReviewOfA, [](v1::Event& event) { event.add_records(); });
  ExpectOnly(tlog::FindingKind::kEventMalformed, "lot/A", "has an empty record");
  RewriteOneEvent(IsReviewOfA, [](v1::Event& event) {
    event.mutable_records()->RemoveLast();
    v1::Hold& hold = *event.add_records()->mutable_hold();
    hold.set_lot_id("B");
    hold.set_number(1);
  });
  ExpectOnly(tlog::FindingKind::kEventMalformed, "lot/A", "hold/B/1 belongs to stream lot/B");
}

v1::Signature& SignatureIn(v1::Event& event) {
  for (v1::Record& record : *event.mutable_records()) {
    if (record.has_signature()) return *record.mutable_signature();
  }
  ADD_FAILURE() << "the event has no signature";
  return *event.add_records()->mutable_signature();
}

TEST_F(Verify, FindsASignatureThatDoesNotVerify) {
  struct Case {
    const char* words;
    void (*change)(v1::Signature& signature);
  };
  const Case cases[] = {
      {"", [](v1::Signature& s) { s.set_note("no note"); }},
      {"not signed with the key of tech1", [](v1::Signature& s) { s.set_user_id("tech1"); }},
      {"not signed with the key of rev1",
       [](v1::Signature& s) {
         std::string& note = *s.mutable_note();
         note.replace(note.find("rev1"), 4, "rev2");
       }},
      {"not signed by the server",
       [](v1::Signature& s) { s.mutable_note()->erase(s.note().rfind("\u2014")); }},
      {"its note says something else", [](v1::Signature& s) { s.set_session_user_id("tech1"); }},
      {"its note says something else", [](v1::Signature& s) { s.set_comment("a remark"); }},
      {"its note says something else", [](v1::Signature& s) { s.set_role(v1::ROLE_QP); }},
  };
  for (const Case& each : cases) {
    std::filesystem::remove_all(site);
    SetUp();
    RewriteOneEvent(IsReviewOfA, [&](v1::Event& event) { each.change(SignatureIn(event)); });
    ExpectOnly(tlog::FindingKind::kSignatureInvalid, "lot/A", each.words);
  }
}

TEST_F(Verify, FindsAManifestThatIsNotTheSignedOne) {
  RewriteOneEvent(IsReviewOfA,
                  [](v1::Event& event) { SignatureIn(event).set_meaning(v1::MEANING_RELEASE); });
  ExpectOnly(tlog::FindingKind::kManifestMismatch, "lot/A", "is of another signature");
  std::filesystem::remove_all(site);
  SetUp();
  // The text of another signature, which is there as well.
  std::string other;
  RewriteEvents([&](v1::Event event) {
    if (event.act() == v1::ACT_RELEASE_LOT) {
      for (v1::Record& record : *event.mutable_records()) {
        if (record.has_signature()) other = record.signature().manifest_sha256();
      }
    }
    if (IsReviewOfA(event)) SignatureIn(event).set_manifest_sha256(other);
    return tlog::CanonicalJson(event);
  });
  ExpectOnly(tlog::FindingKind::kManifestMismatch, "lot/A", "names another manifest");
}

}  // namespace
}  // namespace lims::app
