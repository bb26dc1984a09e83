#include "core/bundle_verifier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <optional>

#include "client/synthetic_log.h"
#include "support/temporary_folder.h"

namespace lims::client {
namespace {

constexpr char kLotStream[] = "lot/SC-2026-0007";
constexpr char kRawFile[] = "Well,Cq\nA1,23.4\n";

// What a test may change before the bundle is made.
struct Changes {
  std::function<void(v1::Event*)> last_lot_event = {};  // spoils an event before it is logged
  std::function<void(v1::Record*)> signature = {};
  char reviewer_key = 'r';
  std::string run_of_attempt = "R1";
  std::function<void(v1::Event*)> export_event = {};
  std::set<std::int64_t> redacted = {};
  std::set<std::string> dropped = {};
  std::uint64_t earlier = 3;
};

v1::Record Lot() {
  v1::Record record;
  v1::Lot* lot = record.mutable_lot();
  lot->set_lot_id(kLot);
  lot->set_product_id("P");
  lot->set_specification_revision(1);
  lot->add_parents()->set_lot_id("BANK-1");
  return record;
}

v1::Record Run(SyntheticLog* log) {
  v1::Record record;
  v1::Run* run = record.mutable_run();
  run->set_run_id("R1");
  v1::RawFile* file = run->add_raw_files();
  file->set_sha256(log->AddBlob(kRawFile));
  file->set_size_bytes(sizeof kRawFile - 1);
  return record;
}

v1::Record OtherLotsPosition() {
  v1::Record record;
  record.mutable_run_position()->set_run_id("R1");
  record.mutable_run_position()->set_lot_id("SC-2026-0008");
  return record;
}

v1::Record Attempt(const std::string& run) {
  v1::Record record;
  v1::Attempt* attempt = record.mutable_attempt();
  attempt->set_lot_id(kLot);
  attempt->set_run_id(run);
  attempt->set_method_id("M-PH");
  return record;
}

v1::Record ResultOfPh() {
  v1::Record record;
  record.mutable_result()->set_lot_id(kLot);
  record.mutable_result()->set_line_code("PH");
  return record;
}

v1::Record LineOfPh() {
  v1::Record record;
  record.mutable_specification_line()->set_line_code("PH");
  record.mutable_specification_line()->set_method_id("M-PH");
  return record;
}

v1::Record Named(const std::function<void(v1::Record*)>& fill) {
  v1::Record record;
  fill(&record);
  return record;
}

// Log indexes of interest.
constexpr std::int64_t kOtherLotsIndex = 8;
constexpr std::int64_t kLastLotIndex = 10;
constexpr std::int64_t kFirstAccessIndex = 11;

SyntheticLog MakeLog(const Changes& changes) {
  SyntheticLog log;
  log.Append("site", "", v1::ACT_INIT_SITE, {log.Site()});                     // 0
  log.Append("user/tech", "", v1::ACT_SET_PASSWORD, {log.User("tech", 't')});  // 1
  log.Append("user/rev", "", v1::ACT_SET_PASSWORD, {log.User("rev", 'r')});    // 2
  log.Append("method/M-PH", "tech", v1::ACT_IMPORT_METHOD,
             {Named([](v1::Record* r) { r->mutable_method()->set_method_id("M-PH"); })});  // 3
  log.Append("specification/P/1", "tech", v1::ACT_IMPORT_SPECIFICATION, {LineOfPh()});     // 4
  log.Append("lot/BANK-1", "tech", v1::ACT_REGISTER_LOT,
             {Named([](v1::Record* r) { r->mutable_lot()->set_lot_id("BANK-1"); })});  // 5
  log.Append(kLotStream, "tech", v1::ACT_REGISTER_LOT, {Lot()});                       // 6
  log.Append("run/R1", "tech", v1::ACT_CREATE_RUN, {Run(&log)});                       // 7
  log.Append("run/R1", "tech", v1::ACT_CREATE_RUN, {OtherLotsPosition()});             // 8
  log.Append(kLotStream, "tech", v1::ACT_SUBMIT_RUN,
             {Attempt(changes.run_of_attempt), ResultOfPh()});  // 9
  v1::Record signature = log.Sign("rev", changes.reviewer_key, kLotStream, v1::MEANING_REVIEW);
  if (changes.signature) changes.signature(&signature);
  log.Append(kLotStream, "rev", v1::ACT_REVIEW_RESULTS, {signature}, changes.last_lot_event);  // 10
  log.Append("access/2026-09-21", "other", v1::ACT_LOG_IN, {});                                // 11
  const SyntheticLog::Entry head = log.streams().at(kLotStream).back();
  log.Append("access/2026-09-21", "aud", v1::ACT_EXPORT, {}, [&](v1::Event* event) {  // 12
    const std::pair<const char*, std::string> details[] = {
        {"lot", kLot}, {"head_pos", "2"}, {"head_leaf", HexEncode(tlog::LeafHash(head.bytes))}};
    for (const auto& [name, value] : details) {
      v1::Detail* detail = event->add_details();
      detail->set_name(name);
      detail->set_value(value);
    }
    if (changes.export_event) changes.export_event(event);
  });
  return log;
}

void WriteBundle(const TemporaryFolder& folder, const Changes& changes = {}) {
  std::set<std::int64_t> redacted = changes.redacted;
  redacted.insert({kOtherLotsIndex, kFirstAccessIndex});
  MakeLog(changes).WriteBundle(folder, changes.earlier, redacted, changes.dropped);
}

std::set<std::string> Names(const BundleReport& report) {
  std::set<std::string> names;
  for (const tlog::Finding& finding : report.findings) {
    names.insert(std::string(tlog::FindingName(finding.kind)));
  }
  return names;
}

std::set<std::string> FindingsOf(const TemporaryFolder& folder, const VerifyOptions& options = {}) {
  return Names(VerifyBundle(folder.path(), options));
}

using Set = std::set<std::string>;

TEST(BundleVerifier, CompleteBundleHasNoFinding) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  const BundleReport report = VerifyBundle(folder.path(), {});
  EXPECT_EQ(Names(report), Set{}) << RenderReport(report);
  EXPECT_EQ(report.lot, kLot);
  EXPECT_EQ(report.log_size, 13U);
  EXPECT_EQ(report.earlier_size, 3U);
  EXPECT_EQ(report.events, 13);
  EXPECT_EQ(report.redacted, 2);
  EXPECT_EQ(report.streams, 9);
  EXPECT_EQ(report.signatures, 1);
  EXPECT_EQ(report.blobs, 2);
  EXPECT_EQ(ReportJson(report)["verified"], true);
  const std::string script = std::string("sh ") + LIMS_SOURCE_DIR + "/deploy/verify-bundle.sh " +
                             folder.path().string() + " >/dev/null";
  EXPECT_EQ(std::system(script.c_str()), 0);
}

TEST(BundleVerifier, ExportAloneOfTheDaysAccessLogIsEnough) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  std::string list = folder.Read("streams.json");
  const std::size_t from = list.find("{\"index\":11");
  list.erase(from, list.find("{\"index\":12") - from);
  folder.Write("streams.json", list);
  std::filesystem::remove(folder.path() / "proofs/11");
  EXPECT_EQ(FindingsOf(folder), Set{});
}

TEST(BundleVerifier, EveryChangedFileIsFound) {
  struct Case {
    const char* file;
    const char* finding;
    std::function<std::string(std::string)> change;
  };
  const auto flip = [](std::string text) {
    text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    return text;
  };
  const auto swap = [](const std::string& from, const std::string& to) {
    return [from, to](std::string text) { return text.replace(text.find(from), from.size(), to); };
  };
  const Case cases[] = {
      {"entries/6.json", "ENTRY_ALTERED", swap("BANK-1", "BANK-2")},
      {"entries/12.json", "ENTRY_ALTERED", flip},
      {"proofs/9", "NOT_INCLUDED", swap("index 9", "index 8")},
      {"proofs/9", "NOT_INCLUDED", flip},
      {"checkpoint", "CHECKPOINT_SIGNATURE", swap("\n13\n", "\n12\n")},
      {"checkpoint.earlier", "CHECKPOINT_SIGNATURE", swap("\n3\n", "\n4\n")},
      {"consistency", "CHECKPOINT_INCONSISTENT", [](const std::string&) { return ""; }},
      {"vkey", "CHECKPOINT_SIGNATURE", flip},
      {"lot", "MANIFEST_MISMATCH", swap("0007", "0008")},
      {"streams.json", "MANIFEST_MISMATCH", [](const std::string&) { return "{}"; }},
      {"streams.json", "HEAD_MISMATCH", swap("\"export_index\":12", "\"export_index\":11")},
      {"streams.json", "STREAM_INCOMPLETE", swap("\"head\":2", "\"head\":3")},
      {"streams.json", "MANIFEST_MISMATCH", swap("{\"index\":6,", "{\"index\":7,")},
  };
  for (const Case& c : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder);
    folder.Write(c.file, c.change(folder.Read(c.file)));
    EXPECT_TRUE(FindingsOf(folder).contains(c.finding)) << c.file << " " << c.finding;
  }
}

TEST(BundleVerifier, EveryMissingFileIsFound) {
  const TemporaryFolder whole;
  WriteBundle(whole);
  int files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(whole.path())) {
    if (!file.is_regular_file()) continue;
    const TemporaryFolder folder;
    WriteBundle(folder);
    std::filesystem::remove(folder.path() / file.path().lexically_relative(whole.path()));
    EXPECT_FALSE(FindingsOf(folder).empty()) << file.path();
    ++files;
  }
  EXPECT_GT(files, 25);
}

TEST(BundleVerifier, MissingPartsHaveTheirNames) {
  const std::pair<const char*, const char*> cases[] = {{"entries/9.json", "ENTRY_MISSING"},
                                                       {"proofs/9", "NOT_INCLUDED"},
                                                       {"proofs/8", "NOT_INCLUDED"},
                                                       {"checkpoint", "CHECKPOINT_SIGNATURE"}};
  for (const auto& [file, finding] : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder);
    std::filesystem::remove(folder.path() / file);
    EXPECT_TRUE(FindingsOf(folder).contains(finding)) << file;
  }
}

TEST(BundleVerifier, StrangeFileIsUnexpected) {
  for (const char* file : {"readme.txt", "entries/99.json", "blobs/00", "proofs/99"}) {
    const TemporaryFolder folder;
    WriteBundle(folder);
    folder.Write(file, "x");
    EXPECT_EQ(FindingsOf(folder), Set{"FILE_UNEXPECTED"}) << file;
  }
}

TEST(BundleVerifier, BlobMustBeThereAndUnchanged) {
  const std::string blob = "blobs/" + HexEncode(Sha256(kRawFile));
  const TemporaryFolder missing;
  WriteBundle(missing);
  std::filesystem::remove(missing.path() / blob);
  EXPECT_EQ(FindingsOf(missing), Set{"BLOB_MISSING"});
  const TemporaryFolder altered;
  WriteBundle(altered);
  altered.Write(blob, "Well,Cq\nA1,13.4\n");
  EXPECT_EQ(FindingsOf(altered), Set{"BLOB_ALTERED"});
}

TEST(BundleVerifier, BlobMustHaveTheSizeOfItsRecord) {
  const TemporaryFolder folder;
  WriteBundle(folder,
              {.signature = [](v1::Record* r) { r->mutable_signature()->set_manifest_bytes(1); }});
  EXPECT_EQ(FindingsOf(folder), Set{"BLOB_ALTERED"});
}

TEST(BundleVerifier, HashOfWhatIsNeverStoredNamesNoBlob) {
  const std::string hash = HexEncode(Sha256("x"));
  const std::function<void(v1::Record*)> cases[] = {
      [&](v1::Record* r) { r->mutable_run()->set_input_sha256(hash); },
      [&](v1::Record* r) { r->mutable_method()->set_text_sha256(hash); },
      [&](v1::Record* r) { r->mutable_specification()->set_text_sha256(hash); },
  };
  for (const auto& fill : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.last_lot_event = [&](v1::Event* e) { fill(e->add_records()); }});
    folder.Write("blobs/" + hash, "x");
    EXPECT_EQ(FindingsOf(folder), Set{"FILE_UNEXPECTED"});
  }
}

TEST(BundleVerifier, EveryNamedStreamMustBeThere) {
  for (const char* stream : {"run/R1", "method/M-PH", "specification/P/1", "lot/BANK-1",
                             "user/tech", "user/rev", "site"}) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.dropped = {stream}});
    EXPECT_TRUE(FindingsOf(folder).contains("STREAM_MISSING")) << stream;
  }
  const TemporaryFolder folder;
  WriteBundle(folder, {.run_of_attempt = "R2"});
  EXPECT_EQ(FindingsOf(folder), Set{"STREAM_MISSING"});
}

TEST(BundleVerifier, EventOfTheLotIsNeverRedacted) {
  const TemporaryFolder folder;
  WriteBundle(folder, {.redacted = {9}});
  EXPECT_TRUE(FindingsOf(folder).contains("ENTRY_MISSING"));
}

TEST(BundleVerifier, LastEventOfTheLotCannotBeCutOff) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  std::string list = folder.Read("streams.json");
  const std::size_t from = list.find(",{\"index\":10");
  list.erase(from, list.find('}', from) + 1 - from);
  list.replace(list.find("\"head\":2"), 8, "\"head\":1");
  folder.Write("streams.json", list);
  std::filesystem::remove(folder.path() / "entries/10.json");
  std::filesystem::remove(folder.path() / "proofs/10");
  EXPECT_TRUE(FindingsOf(folder).contains("HEAD_MISMATCH"));
}

TEST(BundleVerifier, LoggedEventMustStandInItsPlace) {
  const std::function<void(v1::Event*)> cases[] = {
      [](v1::Event* e) { e->set_pos(e->pos() + 1); },
      [](v1::Event* e) { e->set_prev(std::string(64, '0')); },
      [](v1::Event* e) { e->clear_prev(); },
      [](v1::Event* e) { e->set_index(e->index() + 1); },
      [](v1::Event* e) { e->set_stream("lot/SC-2026-0008"); },
  };
  for (const auto& tamper : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.last_lot_event = tamper});
    EXPECT_TRUE(FindingsOf(folder).contains("CHAIN_BROKEN"));
  }
}

TEST(BundleVerifier, ExportMustNameTheHeadOfThisLot) {
  const std::function<void(v1::Event*)> cases[] = {
      [](v1::Event* e) { e->mutable_details(0)->set_value("SC-2026-0008"); },
      [](v1::Event* e) { e->mutable_details(1)->set_value("1"); },
      [](v1::Event* e) { e->mutable_details(2)->set_value(std::string(64, '0')); },
      [](v1::Event* e) { e->clear_details(); },
      [](v1::Event* e) { e->set_act(v1::ACT_READ); },
  };
  for (const auto& tamper : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.export_event = tamper});
    EXPECT_EQ(FindingsOf(folder), Set{"HEAD_MISMATCH"});
  }
}

TEST(BundleVerifier, SignatureMustHoldInEveryPart) {
  const std::function<void(v1::Record*)> cases[] = {
      [](v1::Record* r) { r->mutable_signature()->set_subject("lot/SC-2026-0008"); },
      [](v1::Record* r) { r->mutable_signature()->set_meaning(v1::MEANING_RELEASE); },
      [](v1::Record* r) { r->mutable_signature()->set_user_id("tech"); },
      [](v1::Record* r) { r->mutable_signature()->set_signature_id("0"); },
      [](v1::Record* r) { r->mutable_signature()->set_note("no note"); },
      [](v1::Record* r) {  // the signer's line alone
        std::string* note = r->mutable_signature()->mutable_note();
        note->erase(note->rfind("\u2014"));
      },
  };
  for (const auto& change : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.signature = change});
    EXPECT_EQ(FindingsOf(folder), Set{"SIGNATURE_INVALID"});
  }
  const TemporaryFolder folder;
  WriteBundle(folder, {.reviewer_key = 'x'});
  EXPECT_EQ(FindingsOf(folder), Set{"SIGNATURE_INVALID"});
}

TEST(BundleVerifier, OutsideCheckpointMustBeCovered) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  const SyntheticLog log = MakeLog({});
  EXPECT_EQ(FindingsOf(folder, {.checkpoint = log.Checkpoint(3)}), Set{});
  EXPECT_EQ(FindingsOf(folder, {.checkpoint = log.Checkpoint(13)}), Set{});
  EXPECT_EQ(FindingsOf(folder, {.checkpoint = log.Checkpoint(7)}), Set{"CHECKPOINT_INCONSISTENT"});
  EXPECT_EQ(FindingsOf(folder, {.checkpoint = "no note"}), Set{"CHECKPOINT_SIGNATURE"});
  SyntheticLog other;
  for (int i = 0; i < 3; ++i) other.Append("site", "", v1::ACT_INIT_SITE, {other.Site()});
  EXPECT_EQ(FindingsOf(folder, {.checkpoint = other.Checkpoint(3)}),
            Set{"CHECKPOINT_INCONSISTENT"});
}

TEST(BundleVerifier, OutsideKeyBeatsTheBundlesOwn) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  EXPECT_EQ(FindingsOf(folder, {.vkey = MakeLog({}).vkey()}), Set{});
  const std::string other =
      tlog::FormatVkey(kOrigin, SigningKey::FromSeed(std::string(32, 'z'))->public_key());
  EXPECT_EQ(FindingsOf(folder, {.vkey = other}), Set{"CHECKPOINT_SIGNATURE"});
}

TEST(BundleVerifier, EmptyFolderIsNotVerified) {
  const TemporaryFolder folder;
  EXPECT_FALSE(FindingsOf(folder).empty());
}

}  // namespace
}  // namespace lims::client
