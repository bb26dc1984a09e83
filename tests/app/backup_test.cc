// A backup is the site as it was, and one that is anything else is not restored.
#include "app/backup.h"

#include <filesystem>
#include <thread>

#include "app/backup_manifest.h"
#include "app/files.h"
#include "app/notices.h"
#include "base/encoding.h"
#include "storage/log.h"
#include "support/site_fixture.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

namespace fs = std::filesystem;

// A site with some history and a backup of it, made once; every test works on copies.
class Backup : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    original = new TemporaryFolder();
    SiteFixture fixture(original->path() / "site");
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
    fixture.Must(fixture.SubmitPh("A", "7.2"));
    fixture.Close();
    const auto made = BackUpSite({Original("site"), Original("backup")}, fixture.clock());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->findings.empty()) << FormatReport(*made);
    EXPECT_GT(made->events, 40);
  }
  static void TearDownTestSuite() { delete original; }

  void SetUp() override { fs::copy(Original("backup"), backup, fs::copy_options::recursive); }

  static std::string Original(const std::string& name) { return original->path() / name; }

  Result<VerifyReport> Restore(const std::string& checkpoint = "") {
    return RestoreSite({backup, "", site, checkpoint}, FixedClock(SiteFixture::kStart));
  }

  // Refused with this finding; nothing is left.
  void ExpectFound(tlog::FindingKind kind, const std::string& stream,
                   const std::string& checkpoint = "") {
    const auto report = Restore(checkpoint);
    ASSERT_TRUE(report) << report.error().message;
    bool found = false;
    for (const tlog::Finding& finding : report->findings) {
      found = found || (finding.kind == kind && finding.stream == stream);
    }
    EXPECT_TRUE(found) << FormatReport(*report);
    EXPECT_FALSE(fs::exists(site));
    EXPECT_FALSE(fs::exists(site + ".restoring"));
  }

  void FlipByte(const std::string& path, std::size_t at) {
    auto bytes = ReadFile(path);
    ASSERT_TRUE(bytes);
    (*bytes)[at] = static_cast<char>((*bytes)[at] ^ 1);
    ASSERT_TRUE(WriteFile(path, *bytes));
  }

  // Makes the manifest name what is there, as somebody would who alters a backup with care.
  void NameAgain(const std::string& file) {
    const std::string path = backup + "/" + kManifestFile;
    auto manifest = ParseManifest(*ReadFile(path));
    ASSERT_TRUE(manifest);
    for (BackupFile& each : manifest->files) {
      if (each.path != file) continue;
      const std::string bytes = *ReadFile(backup + "/" + file);
      each.bytes = static_cast<std::int64_t>(bytes.size());
      each.sha256 = Sha256(bytes);
    }
    ASSERT_TRUE(WriteFile(path, FormatManifest(*manifest)));
  }

  static TemporaryFolder* original;
  TemporaryFolder folder;
  const std::string backup = folder.path() / "backup";
  const std::string site = folder.path() / "restored";
};
TemporaryFolder* Backup::original = nullptr;

TEST_F(Backup, HoldsEveryFilePrivatelyAndItsKeysApart) {
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(backup)) {
    if (entry.is_directory()) continue;
    ++files;
    EXPECT_EQ(fs::status(Original("backup") / fs::relative(entry.path(), backup)).permissions(),
              fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
    EXPECT_EQ(entry.path().extension() == ".key", entry.path().parent_path().filename() == "keys")
        << entry.path();
  }
  EXPECT_EQ(files, static_cast<int>(BackedUpFiles().size()) + 1);
}

TEST_F(Backup, IsRestoredToASiteThatServesOn) {
  const auto report = Restore();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
  EXPECT_EQ(VerifySite({Original("site"), "", false})->root, report->root);
  SiteFixture fixture(site);
  fixture.now_us = SiteFixture::kStart + TimeUs{86'400} * 1'000'000;
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_QUARANTINE);
  fixture.AddLot("B", "MCB");
  RecordNotices(fixture.site());
  RecordNotices(fixture.site());  // nothing is left to record
  fixture.Close();
  const auto verified = VerifySite({site, "", true});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_TRUE(verified->findings.empty()) << FormatReport(*verified);

  const auto db = storage::Connection::Open(site + "/server/lims.db", storage::OpenMode::kSnapshot);
  const auto entries = storage::Entries(**db, report->events, 1000);
  int restores = 0;
  for (const storage::Entry& entry : *entries) {
    v1::Event event;
    ASSERT_TRUE(tlog::ParseCanonicalJson(entry.bytes, &event));
    if (event.act() != v1::ACT_RESTORE) continue;
    ++restores;
    EXPECT_EQ(event.details(2).name(), "events");
    EXPECT_EQ(event.details(2).value(), std::to_string(report->events));
  }
  EXPECT_EQ(restores, 1);
}

TEST_F(Backup, MayHaveItsKeysElsewhere) {
  fs::rename(backup + "/keys", folder.path() / "safe");
  ExpectFound(tlog::FindingKind::kFileMissing, "keys/log.key");
  const auto report =
      RestoreSite({backup, folder.path() / "safe", site, ""}, FixedClock(SiteFixture::kStart));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
}

TEST_F(Backup, IsNotRestoredOverAnything) {
  fs::create_directories(site);
  ASSERT_TRUE(WriteFile(site + "/note", "mine"));
  EXPECT_EQ(Restore().error().reason, ErrorReason::kAlreadyExists);
  fs::remove(site + "/note");
  EXPECT_TRUE(Restore());
  EXPECT_EQ(Restore().error().reason, ErrorReason::kAlreadyExists);
  EXPECT_EQ(BackUpSite({site, backup}, FixedClock(0)).error().reason, ErrorReason::kAlreadyExists);
}

TEST_F(Backup, WithAFlippedByteInAnyFileIsFound) {
  for (const SiteFile& file : BackedUpFiles()) {
    const std::string name(file.in_backup);
    const std::string path = backup + "/" + name;
    const std::size_t middle = fs::file_size(path) / 2;
    FlipByte(path, middle);
    ExpectFound(tlog::FindingKind::kFileAltered, name);
    FlipByte(path, middle);
  }
  FlipByte(backup + "/MANIFEST", 40);
  EXPECT_FALSE(Restore());
}

TEST_F(Backup, CutShortOrWithoutItsManifestIsFound) {
  const std::string database = backup + "/server/lims.db";
  fs::resize_file(database, fs::file_size(database) - 4096);
  ExpectFound(tlog::FindingKind::kFileAltered, "server/lims.db");
  NameAgain("server/lims.db");
  EXPECT_FALSE(Restore() && Restore()->findings.empty());
  fs::remove(database);
  ExpectFound(tlog::FindingKind::kFileMissing, "server/lims.db");
  fs::remove(backup + "/MANIFEST");
  const auto refused = Restore();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("not finished"), std::string::npos);
}

// Hashes that fit say nothing: the log and what the server signed do.
TEST_F(Backup, AlteredTogetherWithItsManifestIsFound) {
  {
    const auto db =
        storage::Connection::Open(backup + "/server/lims.db", storage::OpenMode::kScratch);
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->Execute("UPDATE lot SET disposition = 3 WHERE lot_id = 'A'"));
  }
  NameAgain("server/lims.db");
  ExpectFound(tlog::FindingKind::kRecordAltered, "lot/A");
  fs::copy_file(Original("backup") + "/server/lims.db", backup + "/server/lims.db",
                fs::copy_options::overwrite_existing);
  NameAgain("server/lims.db");
  // Another site's keys.
  ASSERT_TRUE(WriteFile(backup + "/keys/log.key", HexEncode(SigningKey::Generate().seed())));
  NameAgain("keys/log.key");
  ExpectFound(tlog::FindingKind::kFileAltered, "keys/log.key");
  fs::copy_file(Original("backup") + "/keys/log.key", backup + "/keys/log.key",
                fs::copy_options::overwrite_existing);
  NameAgain("keys/log.key");
  ASSERT_TRUE(WriteFile(backup + "/keys/signature.key", HexEncode(SigningKey::Generate().seed())));
  NameAgain("keys/signature.key");
  ExpectFound(tlog::FindingKind::kFileAltered, "keys/signature.key");
}

// The manifest's own claim about the log must be the server's.
TEST_F(Backup, WhoseLogTheServerDidNotSignIsFound) {
  const std::string path = backup + "/" + kManifestFile;
  auto manifest = ParseManifest(*ReadFile(path));
  ASSERT_TRUE(manifest);
  manifest->checkpoint[manifest->checkpoint.size() / 2] ^= 1;
  ASSERT_TRUE(WriteFile(path, FormatManifest(*manifest)));
  ExpectFound(tlog::FindingKind::kCheckpointSignature, kManifestFile);
}

TEST_F(Backup, ThatIsOlderThanAnOutsideCheckpointIsFound) {
  SiteFixture fixture(Original("site"));
  fixture.now_us += TimeUs{3600} * 1'000'000;
  fixture.AddLot("LATER", "MCB");
  fixture.Close();
  const std::string newest = Original("site") + "/server/checkpoint";
  ExpectFound(tlog::FindingKind::kLogTruncated, "log", newest);
  // An older one is passed.
  const auto report = Restore(backup + "/server/checkpoint");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
}

TEST_F(Backup, MadeDuringWritesIsTheLogUpToItsSize) {
  const std::string busy = folder.path() / "busy";
  SiteFixture fixture(busy);
  fixture.Prepare();
  fixture.AddLot("L", "MCB");
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      fixture.AddSample("L", "L-T" + std::to_string(i), "STABILITY");
      ++written;
    }
  });
  for (int round = 0; round < 3; ++round) {
    const int before = written;
    while (written < before + 5) std::this_thread::yield();
    const std::string out = folder.path() / ("online" + std::to_string(round));
    const auto made = BackUpSite({busy, out}, FixedClock(SiteFixture::kStart));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->findings.empty()) << FormatReport(*made);
    // The checkpoint that covers it is the server's, of this size or later.
    const auto manifest = ParseManifest(*ReadFile(out + "/" + kManifestFile));
    ASSERT_TRUE(manifest);
    EXPECT_EQ(static_cast<std::int64_t>(manifest->size), made->events);
  }
  stop = true;
  writer.join();
  fixture.Close();
  const auto whole =
      storage::Connection::Open(busy + "/server/lims.db", storage::OpenMode::kSnapshot);
  for (int round = 0; round < 3; ++round) {
    const std::string out = folder.path() / ("online" + std::to_string(round));
    const auto copy =
        storage::Connection::Open(out + "/server/lims.db", storage::OpenMode::kSnapshot);
    const std::int64_t size = *storage::LogSize(**copy);
    ASSERT_GT(size, 0);
    const auto copied = storage::Entries(**copy, 0, static_cast<int>(size) + 1);
    const auto written_then = storage::Entries(**whole, 0, static_cast<int>(size));
    ASSERT_EQ(copied->size(), written_then->size());
    for (std::size_t i = 0; i < copied->size(); ++i) {
      ASSERT_EQ((*copied)[i].bytes, (*written_then)[i].bytes) << i;
    }
    const std::string restored = out + "-restored";
    const auto report = RestoreSite({out, "", restored, ""}, FixedClock(SiteFixture::kStart));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
  }
}

}  // namespace
}  // namespace lims::app
