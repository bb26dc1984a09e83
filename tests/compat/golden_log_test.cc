// Logs of earlier releases are read, replayed and verified by this build.
#include "compat/golden_log.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "app/verify.h"
#include "support/every_record.h"
#include "tlog/event_bytes.h"
#include "tlog/record.h"

namespace lims {
namespace {

// What a log holds, by name.
struct Kinds {
  std::set<std::string> records;
  std::set<std::string> acts;
};

// Every event is read and written again as it stands; the whole is replayed and verified.
Kinds ExpectReadable(const GoldenLog& log) {
  Kinds kinds;
  EXPECT_GT(log.events.size(), 50u);
  for (const std::string& bytes : log.events) {
    v1::Event event;
    const auto parsed = tlog::ParseCanonicalJson(bytes, &event);
    EXPECT_TRUE(parsed) << bytes << ": " << parsed.error().message;
    if (!parsed) continue;
    EXPECT_EQ(tlog::CanonicalJson(event), bytes);
    kinds.acts.insert(v1::Act_Name(event.act()));
    for (const v1::Record& record : event.records()) {
      kinds.records.insert(tlog::KindOf(tlog::MessageOf(record).GetDescriptor()).table);
    }
  }
  TemporaryFolder folder;
  MakeSite(log, folder.path());
  const auto report = app::VerifySite({folder.path(), "", true});
  EXPECT_TRUE(report) << report.error().message;
  if (!report) return kinds;
  for (const tlog::Finding& finding : report->findings) {
    // Credentials are in no log.
    EXPECT_EQ(tlog::FindingName(finding.kind), "CREDENTIAL_ALTERED") << tlog::FindingJson(finding);
  }
  EXPECT_EQ(report->events, static_cast<std::int64_t>(log.events.size()));
  EXPECT_GT(report->results_recomputed, 0);
  return kinds;
}

TEST(GoldenLog, OfEveryReleaseIsReadReplayedAndVerified) {
  int releases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LIMS_SOURCE_DIR "/tests/compat")) {
    if (!entry.is_directory()) continue;
    SCOPED_TRACE(entry.path());
    const Kinds kinds = ExpectReadable(ReadGoldenLog(entry.path()));
    EXPECT_GE(kinds.records.size(), 22u);
    EXPECT_GE(kinds.acts.size(), 20u);
    ++releases;
  }
  EXPECT_GE(releases, 1);
}

// The log that becomes the golden one when this build is released: CONTRIBUTING.md says how.
TEST(GoldenLog, OfThisBuildHasEveryKindOfRecord) {
  TemporaryFolder folder;
  {
    app::SiteFixture fixture(folder.path());
    app::PlayEveryRecordKind(fixture);
  }
  const GoldenLog log = GoldenLogOf(folder.path());
  const Kinds kinds = ExpectReadable(log);
  EXPECT_EQ(kinds.records.size(), tlog::RecordKinds().size());
  EXPECT_GE(kinds.acts.size(), 30u);
  if (const char* out = std::getenv("LIMS_GOLDEN_LOG")) WriteGoldenLog(log, out);
}

}  // namespace
}  // namespace lims
