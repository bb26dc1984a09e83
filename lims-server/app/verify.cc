#include "app/verify.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "app/checkpoint_file.h"
#include "app/files.h"
#include "app/recompute.h"
#include "app/site.h"
#include "base/encoding.h"
#include "storage/log.h"
#include "storage/migrate.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"
#include "tlog/named_files.h"
#include "tlog/note.h"
#include "tlog/signature_note.h"

namespace lims::app {
namespace {

using storage::Connection;
using storage::OpenMode;
using storage::Statement;
using tlog::FindingKind;

// More of one kind are counted, not listed: the first ones tell where to look.
constexpr int kMaxListed = 1000;
// The server writes a checkpoint within microseconds.
constexpr std::chrono::milliseconds kCheckpointWait{500};
constexpr char kLastCheckpoint[] = "the signer's last checkpoint";

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A root that somebody signed, to be compared when the tree has that size.
struct ExpectedRoot {
  Hash root{};
  std::string source;
};

// The number of an event's stream and its position there.
std::pair<std::int64_t, std::int64_t> PlaceOf(std::int64_t event_id) {
  return {event_id >> storage::kPositionBits,
          event_id & ((std::int64_t{1} << storage::kPositionBits) - 1)};
}

class Verification {
 public:
  Verification(Connection& db, VerifyReport* report) : db_(db), records_(db), report_(report) {}

  Result<void> Run(const VerifyOptions& options);

 private:
  void Add(FindingKind kind, std::int64_t index, std::string stream, std::string detail) {
    if (++counts_[kind] <= kMaxListed) {
      report_->findings.push_back({kind, index, std::move(stream), std::move(detail)});
    }
  }

  Result<void> LoadSite(const SitePaths& paths, const std::string& checkpoint_file);
  void Expect(const std::string& note, const std::string& source);
  Result<void> CheckHashes();
  Result<void> Replay();
  Result<void> CheckUnlistedEvents();
  void ReplayEvent(std::int64_t index, std::int64_t event_id, const std::string& bytes,
                   const Hash& leaf);
  void CheckSignature(const v1::Event& event, const v1::Signature& signature);
  Result<void> CompareTables();
  Result<void> CompareTable(const std::string& table, const std::vector<std::string>& key,
                            FindingKind altered, FindingKind missing, FindingKind unlogged);
  Result<void> CheckBlobs();
  Result<void> CheckCredentials();

  Connection& db_;
  storage::Records records_;
  VerifyReport* report_;
  std::unique_ptr<Connection> scratch_;
  v1::Site site_;
  std::optional<tlog::VerifierKey> log_key_;
  std::optional<tlog::VerifierKey> signature_key_;
  std::multimap<std::int64_t, ExpectedRoot> expected_;
  std::map<FindingKind, int> counts_;
  // Replay state.
  struct StreamState {
    std::int64_t number = 0;
    std::int64_t next_pos = 0;
    std::string leaf_hex;
  };
  std::unordered_map<std::string, StreamState> streams_;
  std::unordered_map<std::int64_t, std::int64_t> ends_;  // behind the last position, by number
  std::map<std::string, std::string> vkeys_;             // by user, as of the event
  std::map<std::string, std::int64_t> blobs_;            // hash -> first event that names it
};

Result<void> Verification::Run(const VerifyOptions& options) {
  LIMS_RETURN_IF_ERROR(LoadSite(SitePaths(options.site_dir), options.checkpoint_file));
  const double start = Seconds();
  LIMS_RETURN_IF_ERROR(CheckHashes());
  const double hashed = Seconds();
  LIMS_RETURN_IF_ERROR(Replay());
  LIMS_RETURN_IF_ERROR(CompareTables());
  LIMS_RETURN_IF_ERROR(CheckBlobs());
  LIMS_RETURN_IF_ERROR(CheckCredentials());
  report_->hash_seconds = hashed - start;
  report_->replay_seconds = Seconds() - hashed;
  if (options.recompute) {
    LIMS_ASSIGN_OR_RETURN(const std::vector<std::string> differing,
                          RecomputeAll(records_, &report_->results_recomputed));
    for (const std::string& name : differing) {
      Add(FindingKind::kResultNotReproduced, -1, name, "calculated again, it differs");
    }
  }
  for (const auto& [kind, count] : counts_) {
    if (count > kMaxListed) {
      report_->findings.push_back({kind, -1, "", std::to_string(count - kMaxListed) + " more"});
    }
  }
  return {};
}

// The log's key comes from the key file of the site, not from the database that is verified.
Result<void> Verification::LoadSite(const SitePaths& paths, const std::string& checkpoint_file) {
  LIMS_ASSIGN_OR_RETURN(std::string vkey, ReadFile(paths.client + "/vkey"));
  vkey.erase(vkey.find_last_not_of("\n") + 1);
  LIMS_ASSIGN_OR_RETURN(log_key_, tlog::ParseVkey(vkey));
  const std::string last = storage::CheckpointPath(paths.server);
  const auto checkpoint = ReadCheckpointFile(last, *log_key_, 0, kCheckpointWait);
  if (checkpoint) {
    Expect(checkpoint->note, kLastCheckpoint);
  } else if (checkpoint.error().reason == ErrorReason::kNotFound) {
    Add(FindingKind::kLogTruncated, -1, last, "the signer's last checkpoint is missing");
  } else {
    Add(FindingKind::kCheckpointSignature, -1, kLastCheckpoint, checkpoint.error().message);
  }
  if (!checkpoint_file.empty()) {
    LIMS_ASSIGN_OR_RETURN(const std::string outside, ReadFile(checkpoint_file));
    Expect(outside, checkpoint_file);
  }
  LIMS_ASSIGN_OR_RETURN(Statement rows, db_.Prepare("SELECT size, note FROM log_checkpoint"));
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) break;
    const std::string source = "stored checkpoint " + std::to_string(rows.IntColumn(0));
    const std::string note(rows.TextColumn(1));
    Expect(note, source);
    const auto opened = tlog::OpenCheckpoint(note, *log_key_);
    if (opened && static_cast<std::int64_t>(opened->size) != rows.IntColumn(0)) {
      Add(FindingKind::kCheckpointInconsistent, rows.IntColumn(0), "log_checkpoint",
          source + " is of size " + std::to_string(opened->size));
    }
  }
  return {};
}

void Verification::Expect(const std::string& note, const std::string& source) {
  const auto checkpoint = tlog::OpenCheckpoint(note, *log_key_);
  if (!checkpoint) {
    Add(FindingKind::kCheckpointSignature, -1, source, checkpoint.error().message);
    return;
  }
  expected_.emplace(static_cast<std::int64_t>(checkpoint->size),
                    ExpectedRoot{checkpoint->root, source});
}

// Reads the stored nodes of all levels side by side, each level in order: the tree completes them
// in that order.
class NodeCursor {
 public:
  explicit NodeCursor(Connection& db) : db_(db) {}

  // The stored hash; empty when there is none.
  std::string_view Stored(int level, std::uint64_t n) {
    while (static_cast<int>(levels_.size()) < level) {
      const int next = static_cast<int>(levels_.size()) + 1;
      levels_.push_back(
          {db_.Query("SELECT id, hash FROM log_node WHERE id BETWEEN " +
                     std::to_string(storage::NodeId(next, 0)) + " AND " +
                     std::to_string(storage::NodeId(next + 1, 0) - 1) + " ORDER BY id"),
           -1});
    }
    Level& at = levels_[static_cast<std::size_t>(level - 1)];
    const std::int64_t id = storage::NodeId(level, n);
    while (at.id < id) {
      const auto more = at.rows.Step();
      at.id = more && *more ? at.rows.IntColumn(0) : std::numeric_limits<std::int64_t>::max();
    }
    return at.id == id ? at.rows.BlobColumn(1) : std::string_view();
  }

 private:
  struct Level {
    Statement rows;
    std::int64_t id;  // of the current row
  };
  Connection& db_;
  std::vector<Level> levels_;
};

Result<void> Verification::CheckHashes() {
  LIMS_ASSIGN_OR_RETURN(
      Statement rows,
      db_.Prepare("SELECT l.log_index, l.hash, e.entry FROM log_leaf l "
                  "LEFT JOIN log_event e ON e.id = l.event_id ORDER BY l.log_index"));
  NodeCursor nodes(db_);
  tlog::Tree tree;
  auto expected = expected_.begin();
  const auto compare_roots = [&] {
    for (; expected != expected_.end() && expected->first <= static_cast<std::int64_t>(tree.size());
         ++expected) {
      if (expected->first == static_cast<std::int64_t>(tree.size()) &&
          tree.Root() != expected->second.root) {
        Add(FindingKind::kCheckpointInconsistent, expected->first, "log",
            "the log does not extend " + expected->second.source);
      }
    }
  };
  std::int64_t node_count = 0;
  std::int64_t next = 0;  // index after the leaf at hand
  // Made once: making one costs an allocation.
  const tlog::NodeSink compare_node = [&](int level, std::uint64_t n, const Hash& hash) {
    ++node_count;
    if (nodes.Stored(level, n) != AsBytes(hash)) {
      Add(FindingKind::kNodeAltered, next - 1, "log_node",
          "node " + std::to_string(level) + "/" + std::to_string(n));
    }
  };
  compare_roots();
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) break;
    const std::int64_t index = rows.IntColumn(0);
    for (; next < index; ++next) {
      Add(FindingKind::kEntryMissing, next, "log", "no leaf has this index");
    }
    next = index + 1;
    const Hash leaf = HashFromBytes(rows.BlobColumn(1)).value_or(Hash{});
    if (rows.IsNull(2)) {
      Add(FindingKind::kEntryMissing, index, "log", "the event of this leaf is not there");
    } else if (tlog::LeafHash(rows.TextColumn(2)) != leaf) {
      Add(FindingKind::kEntryAltered, index, "log", "the bytes do not have the leaf's hash");
    }
    tree.Append(leaf, compare_node);
    compare_roots();
  }
  for (; expected != expected_.end(); ++expected) {
    Add(FindingKind::kLogTruncated, static_cast<std::int64_t>(tree.size()), "log",
        expected->second.source + " covers " + std::to_string(expected->first) +
            " events, the log has " + std::to_string(tree.size()));
  }
  report_->events = static_cast<std::int64_t>(tree.size());
  report_->root = HexEncode(tree.Root());
  LIMS_ASSIGN_OR_RETURN(Statement count, db_.Prepare("SELECT count(*) FROM log_node"));
  LIMS_RETURN_IF_ERROR(count.Step());
  if (count.IntColumn(0) > node_count) {
    Add(FindingKind::kNodeAltered, -1, "log",
        std::to_string(count.IntColumn(0) - node_count) + " nodes that no leaf completes");
  }
  return {};
}

Result<void> Verification::Replay() {
  // An empty name is a private temporary file.
  LIMS_ASSIGN_OR_RETURN(scratch_, Connection::Open("", OpenMode::kScratch));
  LIMS_RETURN_IF_ERROR(storage::Migrate(*scratch_));
  LIMS_RETURN_IF_ERROR(scratch_->Execute("DROP TRIGGER log_request_update"));
  LIMS_RETURN_IF_ERROR(scratch_->Execute("BEGIN"));
  LIMS_ASSIGN_OR_RETURN(
      Statement rows, db_.Prepare("SELECT l.log_index, l.event_id, e.entry, l.hash FROM log_leaf l "
                                  "JOIN log_event e ON e.id = l.event_id ORDER BY l.log_index"));
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) break;
    const Hash leaf = HashFromBytes(rows.BlobColumn(3)).value_or(Hash{});
    ReplayEvent(rows.IntColumn(0), rows.IntColumn(1), std::string(rows.TextColumn(2)), leaf);
  }
  LIMS_RETURN_IF_ERROR(CheckUnlistedEvents());
  for (const auto& [name, state] : streams_) {
    Statement put =
        scratch_->Query("INSERT OR IGNORE INTO log_stream (stream_no, name) VALUES (?1, ?2)");
    put.Bind(1, state.number).BindText(2, name);
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  return scratch_->Execute("COMMIT");
}

// What no leaf names stands behind the events of its stream, or in no stream. Asked for stream by
// stream: counting all events would read each of them once more.
Result<void> Verification::CheckUnlistedEvents() {
  for (std::int64_t from = std::numeric_limits<std::int64_t>::min();;) {
    Statement rows = db_.Query("SELECT id FROM log_event WHERE id >= ?1 ORDER BY id LIMIT 1");
    rows.Bind(1, from);
    LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return {};
    const std::int64_t id = rows.IntColumn(0);
    const auto [number, pos] = PlaceOf(id);
    const auto end = ends_.find(number);
    if (end != ends_.end() && pos < end->second) {
      from = storage::EventId(number, 0) + end->second;
    } else {
      Add(FindingKind::kRecordUnlogged, -1, "log_event/" + std::to_string(id),
          "no leaf names this event");
      if (id == std::numeric_limits<std::int64_t>::max()) return {};
      from = id + 1;
    }
  }
}

void Verification::ReplayEvent(std::int64_t index, std::int64_t event_id, const std::string& bytes,
                               const Hash& leaf) {
  const auto [number, pos] = PlaceOf(event_id);
  std::int64_t& end = ends_[number];
  end = std::max(end, pos + 1);
  v1::Event event;
  if (auto parsed = tlog::ParseCanonicalJson(bytes, &event); !parsed) {
    Add(FindingKind::kEventMalformed, index, "log", parsed.error().message);
    return;
  }
  if (event.index() != index || event.pos() != pos) {
    Add(FindingKind::kEntryMisplaced, index, event.stream(),
        "says index " + std::to_string(event.index()) + " and position " +
            std::to_string(event.pos()));
  }
  auto [state, fresh] = streams_.try_emplace(event.stream(), StreamState{number, 0, ""});
  if (state->second.number != number) {
    Add(FindingKind::kEntryMisplaced, index, event.stream(),
        "stands among another stream's events");
  }
  if (event.pos() != state->second.next_pos || event.prev() != state->second.leaf_hex) {
    Add(FindingKind::kChainBroken, index, event.stream(),
        "does not follow position " + std::to_string(state->second.next_pos - 1));
  }
  state->second.next_pos = event.pos() + 1;
  state->second.leaf_hex = HexEncode(leaf);

  if (!event.request_id().empty()) {
    // The first event of an act carries what the table says; the others count.
    Statement put = scratch_->Query(
        "INSERT INTO log_request (user_id, request_id, fingerprint, first_index, event_count) "
        "VALUES (?1, ?2, ?3, ?4, 1) "
        "ON CONFLICT DO UPDATE SET event_count = event_count + 1");
    put.BindText(1, event.actor().user_id())
        .BindText(2, event.request_id())
        .BindText(3, event.fingerprint())
        .Bind(4, event.act_index());
    if (auto stored = put.Run(); !stored) {
      Add(FindingKind::kEventMalformed, index, event.stream(), stored.error().message);
    }
  }
  for (const v1::Record& record : event.records()) {
    if (record.kind_case() == v1::Record::KIND_NOT_SET) {
      Add(FindingKind::kEventMalformed, index, event.stream(), "has an empty record");
      continue;
    }
    const google::protobuf::Message& message = tlog::MessageOf(record);
    if (tlog::StreamOf(message) != event.stream()) {
      Add(FindingKind::kEventMalformed, index, event.stream(),
          tlog::NameOf(message) + " belongs to stream " + tlog::StreamOf(message));
    }
    if (auto put = storage::PutRecord(*scratch_, message, index); !put) {
      Add(FindingKind::kEventMalformed, index, event.stream(), put.error().message);
    }
    if (record.has_site()) {
      site_ = record.site();
      if (auto key = tlog::ParseVkey(site_.signature_vkey())) signature_key_ = *key;
    }
    if (record.has_user()) vkeys_[record.user().user_id()] = record.user().vkey();
    if (record.has_signature()) CheckSignature(event, record.signature());
    for (const tlog::NamedFile& file : tlog::NamedFiles(record)) blobs_.emplace(file.sha256, index);
  }
}

void Verification::CheckSignature(const v1::Event& event, const v1::Signature& signature) {
  ++report_->signatures;
  blobs_.emplace(signature.manifest_sha256(), event.index());
  const auto bad = [&](FindingKind kind, std::string detail) {
    Add(kind, event.index(), event.stream(), signature.signature_id() + ": " + std::move(detail));
  };
  const auto note = tlog::ParseNote(signature.note());
  if (!note) return bad(FindingKind::kSignatureInvalid, note.error().message);
  const auto user_key = tlog::ParseVkey(vkeys_[signature.user_id()]);
  if (!user_key || !tlog::VerifyNote(*note, *user_key)) {
    return bad(FindingKind::kSignatureInvalid, "not signed with the key of " + signature.user_id());
  }
  if (!signature_key_ || !tlog::VerifyNote(*note, *signature_key_)) {
    return bad(FindingKind::kSignatureInvalid, "not signed by the server");
  }
  if (note->text.find("\nrecord-sha256: " + signature.manifest_sha256() + "\n") ==
      std::string::npos) {
    return bad(FindingKind::kManifestMismatch, "the note names another manifest");
  }
  const auto bytes = storage::GetBlob(db_, signature.manifest_sha256());
  v1::Manifest manifest;
  if (!bytes || !tlog::ParseCanonicalJson(*bytes, &manifest)) return;  // found with the blobs
  if (manifest.signature_id() != signature.signature_id() ||
      manifest.subject() != signature.subject() || manifest.meaning() != signature.meaning()) {
    bad(FindingKind::kManifestMismatch, "the manifest is of another signature");
  } else if (note->text !=
             tlog::SignatureNoteText(site_.origin(), signature, manifest,
                                     {event.time_us(), event.zone(), event.zone_offset_minutes(),
                                      event.terminal_sha256()})) {
    bad(FindingKind::kSignatureInvalid, "its note says something else than its records");
  }
}

Result<void> Verification::CompareTables() {
  for (const tlog::RecordKind& kind : tlog::RecordKinds()) {
    std::vector<std::string> key;
    for (const auto* field : kind.key) key.push_back(field->name());
    LIMS_RETURN_IF_ERROR(CompareTable(kind.table, key, FindingKind::kRecordAltered,
                                      FindingKind::kRecordMissing, FindingKind::kRecordUnlogged));
  }
  LIMS_RETURN_IF_ERROR(CompareTable("run_raw_file", {"sha256", "run_id"},
                                    FindingKind::kRecordAltered, FindingKind::kRecordMissing,
                                    FindingKind::kRecordUnlogged));
  LIMS_RETURN_IF_ERROR(CompareTable("log_request", {"user_id", "request_id"},
                                    FindingKind::kRequestAltered, FindingKind::kRequestAltered,
                                    FindingKind::kRequestAltered));
  return CompareTable("log_stream", {"stream_no"}, FindingKind::kStreamAltered,
                      FindingKind::kStreamAltered, FindingKind::kStreamAltered);
}

// One pass over both tables in key order; every column counts.
Result<void> Verification::CompareTable(const std::string& table,
                                        const std::vector<std::string>& key, FindingKind altered,
                                        FindingKind missing, FindingKind unlogged) {
  std::string order;
  for (const std::string& column : key) order += (order.empty() ? "" : ", ") + column;
  const std::string sql = "SELECT * FROM " + table + " ORDER BY " + order;
  LIMS_ASSIGN_OR_RETURN(Statement live, db_.Prepare(sql));
  LIMS_ASSIGN_OR_RETURN(Statement replayed, scratch_->Prepare(sql));
  const auto name = [&](const Statement& row) {
    std::string text = table;
    for (std::size_t i = 0; i < key.size(); ++i) {
      text += "/" + std::string(row.TextColumn(static_cast<int>(i)));
    }
    return text;
  };
  // Key columns come first in every table, so they compare like the order of the rows: integers by
  // value, text by bytes.
  const auto compare_keys = [&](const Statement& a, const Statement& b) {
    for (std::size_t i = 0; i < key.size(); ++i) {
      const int column = static_cast<int>(i);
      if (a.IsInteger(column) && b.IsInteger(column)) {
        if (a.IntColumn(column) != b.IntColumn(column)) {
          return a.IntColumn(column) < b.IntColumn(column) ? -1 : 1;
        }
      } else if (const int order_of = a.TextColumn(column).compare(b.TextColumn(column))) {
        return order_of;
      }
    }
    return 0;
  };
  LIMS_ASSIGN_OR_RETURN(bool has_live, live.Step());
  LIMS_ASSIGN_OR_RETURN(bool has_replayed, replayed.Step());
  while (has_live || has_replayed) {
    const int order_of = !has_live ? 1 : !has_replayed ? -1 : compare_keys(live, replayed);
    if (order_of < 0) {
      Add(unlogged, -1, name(live), "no event made this row");
    } else if (order_of > 0) {
      Add(missing, -1, name(replayed), "the log gives this row, the table does not have it");
    } else {
      ++report_->rows;
      for (int column = 0; column < live.Columns(); ++column) {
        if (live.BlobColumn(column) != replayed.BlobColumn(column)) {
          Add(altered, -1, name(live),
              "column " + live.ColumnName(column) + " differs from the log");
          break;
        }
      }
    }
    if (order_of <= 0) {
      LIMS_ASSIGN_OR_RETURN(has_live, live.Step());
    }
    if (order_of >= 0) {
      LIMS_ASSIGN_OR_RETURN(has_replayed, replayed.Step());
    }
  }
  return {};
}

Result<void> Verification::CheckBlobs() {
  for (const auto& [sha256, index] : blobs_) {
    ++report_->blobs;
    const auto bytes = storage::GetBlob(db_, sha256);
    if (!bytes) {
      Add(FindingKind::kBlobMissing, index, "blob/" + sha256, "an event names this file");
    } else if (HexEncode(Sha256(*bytes)) != sha256) {
      Add(FindingKind::kBlobAltered, index, "blob/" + sha256, "the bytes do not have this hash");
    }
  }
  return {};
}

Result<void> Verification::CheckCredentials() {
  storage::Records replayed(*scratch_);
  LIMS_ASSIGN_OR_RETURN(const auto users, replayed.List<v1::User>({}));
  std::set<std::string> known;
  for (const auto& user : users) {
    known.insert(user.record.user_id());
    LIMS_ASSIGN_OR_RETURN(const auto credential,
                          storage::FindCredential(db_, user.record.user_id()));
    if (!credential || storage::CredentialDigest(*credential) != user.record.credential_sha256()) {
      Add(FindingKind::kCredentialAltered, user.etag, "credential/" + user.record.user_id(),
          credential ? "is not the one that the log names" : "is missing");
    }
  }
  LIMS_ASSIGN_OR_RETURN(Statement rows, db_.Prepare("SELECT user_id FROM credential"));
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return {};
    const std::string user(rows.TextColumn(0));
    if (!known.contains(user)) {
      Add(FindingKind::kCredentialAltered, -1, "credential/" + user,
          "belongs to no user of the log");
    }
  }
}

}  // namespace

Result<VerifyReport> VerifySite(const VerifyOptions& options) {
  const std::string database = storage::DatabasePath(SitePaths(options.site_dir).server);
  if (!std::filesystem::exists(database)) {
    return MakeError(ErrorReason::kNotFound, options.site_dir + " has no site");
  }
  LIMS_ASSIGN_OR_RETURN(auto db, Connection::Open(database, OpenMode::kSnapshot));
  // One read transaction: the site may be served meanwhile.
  LIMS_RETURN_IF_ERROR(db->Execute("BEGIN"));
  VerifyReport report;
  Verification verification(*db, &report);
  LIMS_RETURN_IF_ERROR(verification.Run(options));
  return report;
}

std::string FormatReport(const VerifyReport& report) {
  std::string json =
      "{\"verified\":" + std::string(report.findings.empty() ? "true" : "false") +
      ",\"events\":" + std::to_string(report.events) + ",\"root\":\"" + report.root +
      "\",\"rows\":" + std::to_string(report.rows) + ",\"blobs\":" + std::to_string(report.blobs) +
      ",\"signatures\":" + std::to_string(report.signatures) +
      ",\"results_recomputed\":" + std::to_string(report.results_recomputed) + ",\"findings\":[";
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    json += (i == 0 ? "\n" : ",\n") + tlog::FindingJson(report.findings[i]);
  }
  return json + "]}";
}

}  // namespace lims::app
