#include "core/bundle_verifier.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <functional>

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
  std::string session_user = {};  // of the review
  std::string comment = {};
  std::string run_of_attempt = "R1";
  std::function<void(v1::Event*)> export_event = {};
  bool longer = false;        // an event more in every other stream
  std::string stranger = {};  // a stream that comes after the heads are named
  bool names_heads = true;    // false for an export of an earlier version
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

constexpr int kPositions = 3;  // of the run's map: one of this lot, two of another

v1::Record Run() {
  v1::Record record;
  record.mutable_run()->set_run_id("R1");
  record.mutable_run()->set_position_count(kPositions);
  return record;
}

v1::Record SubmittedRun(SyntheticLog* log) {
  v1::Record record = Run();
  v1::Run* run = record.mutable_run();
  v1::RawFile* file = run->add_raw_files();
  file->set_sha256(log->AddBlob(kRawFile));
  file->set_size_bytes(sizeof kRawFile - 1);
  return record;
}

v1::Record Position(const std::string& lot, const std::string& well) {
  v1::Record record;
  record.mutable_run_position()->set_run_id("R1");
  record.mutable_run_position()->set_position(well);
  record.mutable_run_position()->set_lot_id(lot);
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

const std::set<std::string> kOtherStreams = {"lot/BANK-1", "method/M-PH", "product/P",
                                             "run/R1",     "site",        "specification/P/1",
                                             "user/rev",   "user/tech"};

// Log indexes of interest.
constexpr std::int64_t kRunIndex = 7;
constexpr std::int64_t kOwnPositionsIndex = 8;
constexpr std::int64_t kOtherLotsIndex = 9;
constexpr std::int64_t kSubmitIndex = 10;  // of the run
constexpr std::int64_t kLastLotIndex = 12;
constexpr std::int64_t kFirstAccessIndex = 13;
constexpr std::int64_t kExportIndex = 14;
constexpr std::int64_t kLongerRunIndex = 18;  // where other streams are longer
constexpr std::uint64_t kLogSize = 15;

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
  const auto of_creation = [](v1::Event* event) { event->set_act_index(7); };
  log.Append("run/R1", "tech", v1::ACT_CREATE_RUN, {Run()});                              // 7
  log.Append("run/R1", "tech", v1::ACT_CREATE_RUN, {Position(kLot, "A1")}, of_creation);  // 8
  log.Append("run/R1", "tech", v1::ACT_CREATE_RUN,
             {Position("SC-2026-0008", "A2"), Position("SC-2026-0008", "A3")}, of_creation);  // 9
  log.Append("run/R1", "tech", v1::ACT_SUBMIT_RUN, {SubmittedRun(&log)});                     // 10
  log.Append(kLotStream, "tech", v1::ACT_SUBMIT_RUN,
             {Attempt(changes.run_of_attempt), ResultOfPh()});  // 11
  v1::Record signature = log.Sign("rev", changes.reviewer_key, kLotStream, v1::MEANING_REVIEW,
                                  changes.session_user, changes.comment);
  if (changes.signature) changes.signature(&signature);
  log.Append(kLotStream, "rev", v1::ACT_REVIEW_RESULTS, {signature}, changes.last_lot_event);  // 12
  log.Append("access/2026-09-21", "other", v1::ACT_LOG_IN, {});                                // 13
  const SyntheticLog::Entry head = log.streams().at(kLotStream).back();
  if (changes.longer) {
    log.Append("product/P", "tech", v1::ACT_READ, {});  // 14
    for (const std::string& stream : kOtherStreams) log.Append(stream, "tech", v1::ACT_READ, {});
  }
  const std::string heads = changes.names_heads ? log.NameHeads({kOtherLotsIndex}) : "";
  if (!changes.stranger.empty()) log.Append(changes.stranger, "tech", v1::ACT_READ, {});
  log.Append("access/2026-09-21", "aud", v1::ACT_EXPORT, {}, [&](v1::Event* event) {  // 14
    const std::pair<const char*, std::string> details[] = {
        {"lot", kLot},
        {"head_pos", "2"},
        {"head_leaf", HexEncode(tlog::LeafHash(head.bytes))},
        {tlog::kHeadsDetail, heads}};
    for (const auto& [name, value] : details) {
      if (value.empty()) continue;
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

// Exit code of the script for inspectors.
int ShellVerdict(const TemporaryFolder& folder) {
  const std::string script = std::string("sh ") + LIMS_SOURCE_DIR + "/deploy/verify-bundle.sh " +
                             folder.path().string() + " >/dev/null 2>&1";
  const int status = std::system(script.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Of both judges, which must agree.
int Verdict(const TemporaryFolder& folder) {
  const int verdict = ExitCode(VerifyBundle(folder.path(), {}));
  EXPECT_EQ(ShellVerdict(folder), verdict);
  return verdict;
}

TEST(BundleVerifier, CompleteBundleHasNoFinding) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  const BundleReport report = VerifyBundle(folder.path(), {});
  EXPECT_EQ(Names(report), Set{}) << RenderReport(report);
  EXPECT_EQ(report.lot, kLot);
  EXPECT_EQ(report.log_size, kLogSize);
  EXPECT_EQ(report.earlier_size, 3U);
  EXPECT_EQ(report.events, 15);
  EXPECT_EQ(report.redacted, 2);
  EXPECT_EQ(report.streams, 9);
  EXPECT_EQ(report.signatures, 1);
  EXPECT_EQ(report.blobs, 2);
  const auto json = ReportJson(report);
  EXPECT_EQ(json["verified"], true);
  EXPECT_EQ(json["every_stream_complete"], true);
  EXPECT_EQ(json["export"]["index"], kExportIndex);
  EXPECT_EQ(json["export"]["who"], "aud");
  EXPECT_EQ(json["checkpoint_compared"], false);
  EXPECT_EQ(RenderReport(report).find("NOT PROVED COMPLETE"), std::string::npos);
  EXPECT_EQ(Verdict(folder), 0);
}

TEST(BundleVerifier, SaysOfWhenTheBundleIsAndThatNewerEventsMayExist) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  const std::string as_of = ", event 14, exported by aud: newer events may exist";
  EXPECT_NE(
      RenderReport(VerifyBundle(folder.path(), {})).find(as_of + "; compare with --checkpoint"),
      std::string::npos);
  const BundleReport compared =
      VerifyBundle(folder.path(), {.checkpoint = MakeLog({}).Checkpoint(kLogSize)});
  EXPECT_NE(RenderReport(compared).find(as_of + "\n"), std::string::npos) << RenderReport(compared);
  EXPECT_EQ(ReportJson(compared)["checkpoint_compared"], true);
}

TEST(BundleVerifier, ExportAloneOfTheDaysAccessLogIsEnough) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  std::string list = folder.Read("streams.json");
  const std::size_t from = list.find("{\"index\":13");
  list.erase(from, list.find("{\"index\":14") - from);
  folder.Write("streams.json", list);
  std::filesystem::remove(folder.path() / "proofs/13");
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
      {"entries/14.json", "ENTRY_ALTERED", flip},
      {"proofs/9", "NOT_INCLUDED", swap("index 9", "index 8")},
      {"proofs/9", "NOT_INCLUDED", flip},
      {"checkpoint", "CHECKPOINT_SIGNATURE", swap("\n15\n", "\n12\n")},
      {"checkpoint.earlier", "CHECKPOINT_SIGNATURE", swap("\n3\n", "\n4\n")},
      {"consistency", "CHECKPOINT_INCONSISTENT", [](const std::string&) { return ""; }},
      {"vkey", "CHECKPOINT_SIGNATURE", flip},
      {"lot", "MANIFEST_MISMATCH", swap("0007", "0008")},
      {"lot", "MANIFEST_MISMATCH", [](const std::string&) { return ""; }},
      {"streams.json", "MANIFEST_MISMATCH", [](const std::string&) { return "{}"; }},
      {"streams.json", "HEAD_MISMATCH", swap("\"export_index\":14", "\"export_index\":13")},
      {"heads", "HEAD_MISMATCH", flip},
      {"heads", "HEAD_MISMATCH", swap("3 ", "2 ")},
      {"heads", "HEAD_MISMATCH", swap(" 9 run/R1", " 9,10 run/R1")},
      {"heads", "HEAD_MISMATCH", [](const std::string&) { return ""; }},
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
  const std::pair<const char*, const char*> cases[] = {{"entries/11.json", "ENTRY_MISSING"},
                                                       {"proofs/9", "NOT_INCLUDED"},
                                                       {"proofs/8", "NOT_INCLUDED"},
                                                       {"heads", "HEAD_MISMATCH"},
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
  EXPECT_EQ(FindingsOf(folder), (Set{"BLOB_ALTERED", "SIGNATURE_INVALID"}));
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

TEST(BundleVerifier, FirstEntryIsLeftOutWhileItWaitsAndNoLonger) {
  const std::string hash = HexEncode(Sha256("sealed"));
  for (const v1::Outcome outcome : {v1::OUTCOME_UNSPECIFIED, v1::OUTCOME_ABORTED}) {
    const auto copied = [&](v1::Event* event) {
      for (const v1::Outcome each : {v1::OUTCOME_UNSPECIFIED, outcome}) {
        v1::Record* record = event->add_records();
        *record = Attempt("R1");
        record->mutable_attempt()->mutable_sealed_entries()->set_sha256(hash);
        record->mutable_attempt()->mutable_sealed_entries()->set_size_bytes(6);
        record->mutable_attempt()->set_outcome(each);
      }
    };
    const bool waits = outcome == v1::OUTCOME_UNSPECIFIED;
    const TemporaryFolder folder;
    WriteBundle(folder, {.last_lot_event = copied});
    const BundleReport report = VerifyBundle(folder.path(), {});
    EXPECT_EQ(Names(report), waits ? Set{} : Set{"BLOB_MISSING"});
    EXPECT_EQ(report.sealed, waits ? 1 : 0);
    EXPECT_EQ(RenderReport(report).find("sealed: 1") != std::string::npos, waits);
    folder.Write("blobs/" + hash, "sealed");  // as an earlier version exported it
    EXPECT_EQ(FindingsOf(folder), Set{});
    folder.Write("blobs/" + hash, "SEALED");
    EXPECT_EQ(FindingsOf(folder), Set{"BLOB_ALTERED"});
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
  WriteBundle(folder, {.redacted = {kLastLotIndex - 1}});
  EXPECT_TRUE(FindingsOf(folder).contains("ENTRY_MISSING"));
}

TEST(BundleVerifier, LastEventOfTheLotCannotBeCutOff) {
  const TemporaryFolder folder;
  WriteBundle(folder);
  std::string list = folder.Read("streams.json");
  const std::size_t from = list.find(",{\"index\":12");
  list.erase(from, list.find('}', from) + 1 - from);
  list.replace(list.find("\"head\":2"), 8, "\"head\":1");
  folder.Write("streams.json", list);
  std::filesystem::remove(folder.path() / "entries/12.json");
  std::filesystem::remove(folder.path() / "proofs/12");
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
      [](v1::Event* e) { e->mutable_details(3)->set_value(std::string(64, '0')); },
  };
  for (const auto& tamper : cases) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.export_event = tamper});
    EXPECT_EQ(FindingsOf(folder), Set{"HEAD_MISMATCH"});
  }
  const std::function<void(v1::Event*)> no_export[] = {
      [](v1::Event* e) { e->clear_details(); },
      [](v1::Event* e) { e->set_act(v1::ACT_READ); },
  };
  for (const auto& tamper : no_export) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.export_event = tamper});
    EXPECT_EQ(FindingsOf(folder), (Set{"FILE_UNEXPECTED", "HEAD_MISMATCH"}));
  }
}

// Takes the last event of a stream out of the bundle, with everything that is its own.
void CutTail(const TemporaryFolder& folder, const std::string& stream) {
  auto list = nlohmann::ordered_json::parse(folder.Read("streams.json"));
  for (auto& each : list["streams"]) {
    if (each["stream"] != stream) continue;
    each["head"] = each["head"].get<int>() - 1;
    const std::string index = std::to_string(each["events"].back()["index"].get<int>());
    each["events"].erase(each["events"].size() - 1);
    std::filesystem::remove(folder.path() / ("entries/" + index + ".json"));
    std::filesystem::remove(folder.path() / ("proofs/" + index));
  }
  folder.Write("streams.json", list.dump());
}

TEST(BundleVerifier, LastEventOfAnyStreamCannotBeCutOff) {
  for (const std::string& stream : kOtherStreams) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.longer = true});
    ASSERT_EQ(FindingsOf(folder), Set{}) << stream;
    CutTail(folder, stream);
    const BundleReport report = VerifyBundle(folder.path(), {});
    ASSERT_EQ(report.findings.size(), 1U) << RenderReport(report);
    EXPECT_EQ(report.findings[0].kind, tlog::FindingKind::kHeadMismatch) << stream;
    EXPECT_EQ(report.findings[0].stream, stream);
    EXPECT_EQ(Verdict(folder), 5) << stream;
  }
}

TEST(BundleVerifier, StreamThatOnlyTheExportNamesMustBeThere) {
  const TemporaryFolder folder;
  WriteBundle(folder, {.longer = true, .dropped = {"product/P"}});
  EXPECT_EQ(FindingsOf(folder), Set{"STREAM_MISSING"});
  EXPECT_EQ(Verdict(folder), 5);
}

TEST(BundleVerifier, StreamThatTheExportDoesNotNameIsFound) {
  const TemporaryFolder folder;
  WriteBundle(folder, {.stranger = "lot/SC-2026-0009"});
  EXPECT_EQ(FindingsOf(folder), Set{"HEAD_MISMATCH"});
}

TEST(BundleVerifier, OnlyWhatTheExportLeavesOutMayBeLeftOut) {
  // What the lot's own result rests on: the run, its position, the raw data.
  for (const std::int64_t index : {kRunIndex, kOwnPositionsIndex, kSubmitIndex}) {
    const TemporaryFolder folder;
    WriteBundle(folder, {.redacted = {index}});
    if (index == kSubmitIndex) {
      std::filesystem::remove(folder.path() / ("blobs/" + HexEncode(Sha256(kRawFile))));
    }
    const BundleReport report = VerifyBundle(folder.path(), {});
    ASSERT_EQ(report.findings.size(), 1U) << RenderReport(report);
    EXPECT_EQ(report.findings[0].kind, tlog::FindingKind::kEntryMissing);
    EXPECT_EQ(report.findings[0].index, index);
    EXPECT_EQ(Verdict(folder), 5) << index;
  }
}

TEST(BundleVerifier, ExportOfAnEarlierVersionSaysWhatItDoesNotProve) {
  const TemporaryFolder folder;
  WriteBundle(folder, {.names_heads = false});
  const BundleReport report = VerifyBundle(folder.path(), {});
  EXPECT_EQ(Names(report), Set{}) << RenderReport(report);
  EXPECT_EQ(ReportJson(report)["every_stream_complete"], false);
  EXPECT_NE(RenderReport(report).find("NOT PROVED COMPLETE"), std::string::npos);
  EXPECT_EQ(Verdict(folder), 6);
  // What holds no positions of other lots.
  for (const std::int64_t index : {std::int64_t{3}, std::int64_t{5}, kRunIndex}) {
    const TemporaryFolder other;
    WriteBundle(other, {.names_heads = false, .redacted = {index}});
    EXPECT_TRUE(FindingsOf(other).contains("ENTRY_MISSING")) << index;
  }
  // What comes after the events that made the run; more than there are positions of other lots.
  for (const std::set<std::int64_t>& indexes :
       {std::set{kLongerRunIndex}, std::set{kSubmitIndex, kLongerRunIndex}}) {
    const TemporaryFolder other;
    WriteBundle(other, {.longer = true, .names_heads = false, .redacted = indexes});
    EXPECT_TRUE(FindingsOf(other).contains("ENTRY_MISSING"));
  }
}

TEST(BundleVerifier, SignatureCoversWhoseSessionItWasAndTheRemark) {
  const TemporaryFolder folder;
  WriteBundle(folder, {.session_user = "tech", .comment = "seen with the team"});
  EXPECT_EQ(FindingsOf(folder), Set{});
  const std::function<void(v1::Record*)> cases[] = {
      [](v1::Record* r) { r->mutable_signature()->clear_session_user_id(); },
      [](v1::Record* r) { r->mutable_signature()->set_session_user_id("rev"); },
      [](v1::Record* r) { r->mutable_signature()->clear_comment(); },
      [](v1::Record* r) { r->mutable_signature()->set_comment("seen alone"); },
  };
  for (const auto& change : cases) {
    const TemporaryFolder other;
    WriteBundle(other, {.signature = change, .session_user = "tech", .comment = "seen together"});
    EXPECT_EQ(FindingsOf(other), Set{"SIGNATURE_INVALID"});
  }
  const TemporaryFolder unknown;
  WriteBundle(unknown, {.session_user = "ghost"});
  EXPECT_EQ(FindingsOf(unknown), Set{"STREAM_MISSING"});
}

TEST(BundleVerifier, SignatureMustHoldInEveryPart) {
  const std::function<void(v1::Record*)> cases[] = {
      [](v1::Record* r) { r->mutable_signature()->set_subject("lot/SC-2026-0008"); },
      [](v1::Record* r) { r->mutable_signature()->set_meaning(v1::MEANING_RELEASE); },
      [](v1::Record* r) { r->mutable_signature()->set_user_id("tech"); },
      [](v1::Record* r) { r->mutable_signature()->set_name("Somebody Else"); },
      [](v1::Record* r) { r->mutable_signature()->set_role(v1::ROLE_QP); },
      [](v1::Record* r) { r->mutable_signature()->set_session_user_id("tech"); },
      [](v1::Record* r) { r->mutable_signature()->set_comment("a remark"); },
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
  EXPECT_EQ(FindingsOf(folder, {.checkpoint = log.Checkpoint(kLogSize)}), Set{});
  const BundleReport uncovered = VerifyBundle(folder.path(), {.checkpoint = log.Checkpoint(7)});
  EXPECT_TRUE(uncovered.findings.empty());
  EXPECT_FALSE(uncovered.compared);
  EXPECT_EQ(uncovered.not_covered, 7u);
  EXPECT_EQ(ExitCode(uncovered), 6);
  EXPECT_NE(RenderReport(uncovered).find("NOT COMPARED with the checkpoint given, of size 7"),
            std::string::npos);
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
  EXPECT_EQ(Verdict(folder), 5);
}

// What one reader takes for one thing and another reader for another.
TEST(BundleVerifier, ListThatCanBeReadInTwoWaysIsFound) {
  const std::string export_index = R"("export_index":14,)";
  const std::pair<std::string, std::string> forms[] = {
      {export_index, ""},  // would pass for an export that names nothing
      {export_index, export_index + export_index},
      {R"({"lot":)", R"({"lot":"SC-2026-0008","lot":)"},
      {R"({"lot":)", R"({"released":true,"lot":)"},
      {export_index, R"("export_index":14.0,)"},
      {R"({"index":6,)", R"({"index":5,"index":6,)"},
      {R"("entry":"entries/6.json")", R"("entry":"entries/7.json","entry":"entries/6.json")"},
      {R"("entry":"entries/6.json")", R"("entry":"entries/../entries/6.json")"},
      {R"("entry":"entries/6.json")", R"("entry":"entries/7.json")"},
      {R"({"index":6,)", R"({"index":06,)"},
      {R"("head":2,)", R"("head":3,)"},
      {R"({"lot":)", "{\r\n\"lot\":"},
      {R"({"lot":)", "{\xff\"lot\":"},
      {R"({"lot":)", std::string("{\0\"lot\":", 8)},
  };
  for (const auto& [from, to] : forms) {
    SCOPED_TRACE(to);
    const TemporaryFolder folder;
    WriteBundle(folder);
    std::string list = folder.Read("streams.json");
    ASSERT_NE(list.find(from), std::string::npos);
    folder.Write("streams.json", list.replace(list.find(from), from.size(), to));
    EXPECT_EQ(Verdict(folder), 5);
  }
}

TEST(BundleVerifier, WhatIsNoRegularFileIsFoundAndKeepsNobodyWaiting) {
  namespace fs = std::filesystem;
  const TemporaryFolder linked;
  WriteBundle(linked);
  const fs::path entry = linked.path() / "entries/6.json";
  fs::rename(entry, linked.path() / "elsewhere");
  fs::create_symlink("../elsewhere", entry);
  EXPECT_TRUE(FindingsOf(linked).contains("FILE_UNEXPECTED"));

  const TemporaryFolder hidden;  // a folder that is not walked through
  WriteBundle(hidden);
  fs::create_directory_symlink("/", hidden.path() / "more");
  EXPECT_EQ(FindingsOf(hidden), Set{"FILE_UNEXPECTED"});

  for (const char* name : {"vkey", "streams.json", "heads", "entries/6.json", "entries/14.json",
                           "proofs/6", "checkpoint"}) {
    const TemporaryFolder piped;
    WriteBundle(piped);
    fs::remove(piped.path() / name);
    ASSERT_EQ(::mkfifo((piped.path() / name).c_str(), S_IRUSR | S_IWUSR), 0);
    EXPECT_EQ(Verdict(piped), 5) << name;
    fs::remove(piped.path() / name);
    fs::create_symlink("/dev/zero", piped.path() / name);
    EXPECT_EQ(Verdict(piped), 5) << name;
  }
}

TEST(BundleVerifier, FileOverTheLimitIsFoundAndNotRead) {
  for (const char* name : {"streams.json", "checkpoint", "entries/6.json"}) {
    const TemporaryFolder folder;
    WriteBundle(folder);
    std::filesystem::resize_file(folder.path() / name, std::uintmax_t{1} << 40);
    EXPECT_EQ(ExitCode(VerifyBundle(folder.path(), {})), 5) << name;
  }
}

}  // namespace
}  // namespace lims::client
