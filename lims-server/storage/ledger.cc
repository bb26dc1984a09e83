#include "storage/ledger.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/sha256.h"
#include "tlog/event_bytes.h"
#include "tlog/named_files.h"

namespace lims::storage {
namespace {

// Records of a run's map are grouped by lot: an export of one lot shows the other lots' positions
// as leaf hashes only.
std::string GroupOf(const google::protobuf::Message& record) {
  if (record.GetDescriptor() == v1::RunPosition::descriptor()) {
    return static_cast<const v1::RunPosition&>(record).lot_id();
  }
  return "";
}

// JSON needs more bytes than the wire format; an event is closed well below its limit.
constexpr std::size_t kSplitBytes = kMaxEventBytes / 3;
// A stream head costs about 150 bytes of memory.
constexpr std::size_t kMaxCachedHeads = 50'000;

// Whether an act was recorded for a request with this fingerprint.
Result<bool> WasRecordedFor(Connection& db, const std::string& recorded,
                            const std::string& fingerprint, const RecordedAct& act) {
  if (recorded == fingerprint) return true;
  for (const v1::Event& event : act.events) {
    for (const v1::Record& record : event.records()) {
      const v1::RawFile seal = tlog::SealOf(record);
      if (seal.sha256().empty()) continue;
      LIMS_ASSIGN_OR_RETURN(const std::string sealed, GetBlob(db, seal.sha256()));
      if (recorded == SealedFingerprint(fingerprint, sealed)) return true;
    }
  }
  return false;
}

}  // namespace

Transaction::Transaction(Ledger& ledger, ActInfo info, TimeUs now)
    : ledger_(ledger), records_(ledger.db_, &ledger.rows_), info_(std::move(info)), now_(now) {}

void Transaction::FollowClock() {
  now_ = ledger_.clock_.Now();
  follows_clock_ = true;
}

std::int64_t Transaction::log_size() const {
  return ledger_.size_;
}

std::int64_t Transaction::next_stream_no() const {
  return ledger_.next_stream_no_;
}

Result<std::optional<StreamHead>> Transaction::HeadOf(const std::string& stream) {
  LIMS_RETURN_IF_ERROR(ledger_.AppendStaged());
  return storage::HeadOf(db(), stream);
}

Result<v1::Event> Transaction::EventAt(std::int64_t index) {
  LIMS_RETURN_IF_ERROR(ledger_.AppendStaged());
  LIMS_ASSIGN_OR_RETURN(const auto entries, Entries(db(), index, 1));
  if (entries.empty() || entries[0].index != index) {
    return MakeError(
        ErrorReason::kDataLoss,
        "event " + std::to_string(index) + " is missing from the log: run lims-server verify");
  }
  v1::Event event;
  LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entries[0].bytes, &event));
  return event;
}

Transaction::PendingEvent& Transaction::EventFor(const std::string& stream,
                                                 const std::string& group, std::size_t size) {
  for (auto it = events_.rbegin(); it != events_.rend(); ++it) {
    if (it->stream == stream && it->group == group && it->size + size <= kSplitBytes) return *it;
  }
  events_.push_back({stream, group, {}, 0});
  return events_.back();
}

google::protobuf::Message* Transaction::AddRecord(const google::protobuf::Message& record) {
  const std::size_t size = record.ByteSizeLong();
  PendingEvent& pending = EventFor(tlog::StreamOf(record), GroupOf(record), size);
  pending.size += size;
  return tlog::MutableRecord(pending.event.add_records(), record.GetDescriptor());
}

void Transaction::Note(std::string stream,
                       std::vector<std::pair<std::string, std::string>> details) {
  events_.push_back({std::move(stream), "", {}, kSplitBytes});
  for (auto& [name, value] : details) {
    v1::Detail* detail = events_.back().event.add_details();
    detail->set_name(std::move(name));
    detail->set_value(std::move(value));
  }
}

void Transaction::PutBlob(std::string sha256, std::string bytes) {
  blobs_.emplace_back(std::move(sha256), std::move(bytes));
}

void Transaction::PutCredential(Credential credential) {
  credentials_.push_back(std::move(credential));
}

Result<std::unique_ptr<Ledger>> Ledger::Open(Connection& db, Origin origin, Clock clock) {
  std::unique_ptr<Ledger> ledger(new Ledger(db, std::move(origin), std::move(clock)));
  LIMS_RETURN_IF_ERROR(ledger->Reload());
  return ledger;
}

Result<void> Ledger::Reload() {
  heads_.clear();
  rows_.Clear();
  staged_events_.clear();
  staged_requests_.clear();
  recent_nodes_.clear();
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, LogSize(db_));
  size_ = size;
  LIMS_ASSIGN_OR_RETURN(auto peaks, tlog::PeaksAt(static_cast<std::uint64_t>(size), Nodes(db_)));
  tree_ = tlog::Tree(static_cast<std::uint64_t>(size), std::move(peaks));
  Statement rows = db_.Query("SELECT coalesce(max(stream_no), 0) + 1 FROM log_stream");
  LIMS_RETURN_IF_ERROR(rows.Step());
  next_stream_no_ = rows.IntColumn(0);
  last_time_ = 0;
  if (size > 0) {
    LIMS_ASSIGN_OR_RETURN(const auto last, Entries(db_, size - 1, 1));
    v1::Event event;
    if (!last.empty() && tlog::ParseCanonicalJson(last[0].bytes, &event)) {
      last_time_ = event.time_us();
    }
  }
  return {};
}

Transaction Ledger::Begin(ActInfo info) {
  // Order is the index; time runs backwards beside it only where an act says so (FollowClock).
  last_time_ = std::max(last_time_, clock_.Now());
  return Transaction(*this, std::move(info), last_time_);
}

std::string SealedFingerprint(const std::string& fingerprint, std::string_view sealed) {
  return HexEncode(Sha256(fingerprint + "\n" + std::string(sealed)));
}

Result<std::optional<RecordedAct>> Ledger::FindAct(const ActInfo& info) {
  if (info.request_id.empty()) return std::optional<RecordedAct>();
  if (std::any_of(
          staged_requests_.begin(), staged_requests_.end(),
          [&](const StagedRequest& staged) { return staged.request_id == info.request_id; })) {
    LIMS_RETURN_IF_ERROR(AppendStaged());
  }
  LIMS_ASSIGN_OR_RETURN(const auto known, FindRequest(db_, info.actor.user_id(), info.request_id));
  if (!known) return std::optional<RecordedAct>();
  LIMS_ASSIGN_OR_RETURN(const auto entries, Entries(db_, known->first_index, known->event_count));
  RecordedAct act;
  act.first_index = known->first_index;
  act.replayed = true;
  for (const Entry& entry : entries) {
    LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry.bytes, &act.events.emplace_back()));
  }
  if (!entries.empty()) act.first_leaf = entries[0].leaf;
  LIMS_ASSIGN_OR_RETURN(const bool same,
                        WasRecordedFor(db_, known->fingerprint, info.fingerprint, act));
  if (!same) {
    return MakeError(
        ErrorReason::kRequestIdReused,
        "request id " + info.request_id + " was used before with other content: use a new one",
        {{"request_id", "stands for another act already"}});
  }
  return std::optional<RecordedAct>(std::move(act));
}

Result<StreamHead*> Ledger::Head(const std::string& stream) {
  const auto known = heads_.find(stream);
  if (known != heads_.end()) return &known->second;
  // Most streams that are not remembered are those of new runs.
  std::optional<StreamHead> head;
  Statement put = db_.Query(
      "INSERT INTO log_stream (stream_no, name) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING");
  put.Bind(1, next_stream_no_).LendText(2, stream);
  LIMS_RETURN_IF_ERROR(put.Run());
  if (db_.Changes() > 0) {
    head.emplace().stream_no = next_stream_no_++;
  } else {
    LIMS_ASSIGN_OR_RETURN(head, HeadOf(db_, stream));
  }
  return &heads_.emplace(stream, *head).first->second;
}

// The event gets its place now; what depends on the events before it comes when it is appended.
Result<void> Ledger::Stage(v1::Event& event) {
  LIMS_ASSIGN_OR_RETURN(StreamHead * head, Head(event.stream()));
  event.set_index(size_++);
  event.set_pos(++head->pos);
  staged_events_.push_back({&event, head});
  return {};
}

Result<RecordedAct> Ledger::Apply(Transaction transaction) {
  ActInfo& info = transaction.info_;
  if (transaction.follows_clock_) last_time_ = transaction.now_;
  RecordedAct act;
  act.first_index = size_;
  act.events.reserve(transaction.events_.size());  // what is staged stays in place
  for (const auto& [sha256, bytes] : transaction.blobs_) {
    for (std::size_t at = 0, n = 0; at < bytes.size() || n == 0; at += kChunkBytes, ++n) {
      LIMS_RETURN_IF_ERROR(PutChunk(db_, sha256, static_cast<int>(n),
                                    std::string_view(bytes).substr(at, kChunkBytes)));
    }
    LIMS_RETURN_IF_ERROR(
        FinishBlob(db_, sha256, static_cast<std::int64_t>(bytes.size()), transaction.now_));
    LIMS_RETURN_IF_ERROR(KeepBlob(db_, sha256));
  }
  for (const Credential& credential : transaction.credentials_) {
    LIMS_RETURN_IF_ERROR(PutCredential(db_, credential));
  }
  for (auto& pending : transaction.events_) {
    v1::Event& event = act.events.emplace_back(std::move(pending.event));
    event.set_act_index(act.first_index);
    event.set_stream(pending.stream);
    event.set_time_us(transaction.now_);
    event.set_zone(origin_.zone);
    event.set_zone_offset_minutes(origin_.zone_offset_minutes);
    event.set_boot_id(origin_.boot_id);
    event.set_mono_us(clock_.MonotonicUs());
    *event.mutable_actor() = info.actor;
    event.set_terminal(info.terminal);
    event.set_terminal_sha256(info.terminal_sha256);
    event.set_act(info.act);
    if (!info.reason.code().empty() || !info.reason.text().empty()) {
      *event.mutable_reason() = info.reason;
    }
    event.set_request_id(info.request_id);
    event.set_fingerprint(info.fingerprint);
    event.set_build(origin_.build);
    LIMS_RETURN_IF_ERROR(Stage(event));
    for (const v1::Record& record : event.records()) {
      const google::protobuf::Message& row = tlog::MessageOf(record);
      LIMS_RETURN_IF_ERROR(PutRecord(db_, row, event.index()));
      rows_.Forget(row);
      for (const tlog::NamedFile& file : tlog::NamedFiles(record)) {
        LIMS_RETURN_IF_ERROR(KeepBlob(db_, file.sha256));
      }
    }
  }
  if (!info.request_id.empty() && !act.events.empty()) {
    staged_requests_.push_back({info.actor.user_id(), info.request_id, info.fingerprint,
                                act.first_index, static_cast<std::int64_t>(act.events.size())});
  }
  return act;
}

Result<std::vector<Ledger::LogRow>> Ledger::TakeStagedEvents(
    std::vector<std::pair<std::int64_t, Hash>>* nodes) {
  std::vector<LogRow> rows;
  rows.reserve(staged_events_.size());
  for (const auto& [event, head] : staged_events_) {
    if (event->pos() > 0) event->set_prev(HexEncode(head->leaf));
    LogRow& row = rows.emplace_back();
    row.entry = tlog::CanonicalJson(*event);
    if (row.entry.size() > kMaxEventBytes) {
      return MakeError(ErrorReason::kTooLarge, "the act needs an event of " +
                                                   std::to_string(row.entry.size()) +
                                                   " bytes; the limit is 60 KiB");
    }
    row.id = EventId(head->stream_no, event->pos());
    row.index = event->index();
    row.leaf = head->leaf = tlog::LeafHash(row.entry);
    recent_nodes_.emplace(NodeId(0, static_cast<std::uint64_t>(row.index)), row.leaf);
    tree_.Append(row.leaf, [&](int level, std::uint64_t n, const Hash& hash) {
      recent_nodes_.emplace(NodeId(level, n), hash);
      nodes->emplace_back(NodeId(level, n), hash);
    });
  }
  staged_events_.clear();
  return rows;
}

Result<void> Ledger::AppendStaged() {
  std::vector<std::pair<std::int64_t, Hash>> nodes;
  LIMS_ASSIGN_OR_RETURN(const std::vector<LogRow> rows, TakeStagedEvents(&nodes));
  for (const LogRow& row : rows) {
    Statement put = db_.Query("INSERT INTO log_event (id, entry) VALUES (?1, ?2)");
    put.Bind(1, row.id).LendText(2, row.entry);
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  for (const LogRow& row : rows) {
    Statement put =
        db_.Query("INSERT INTO log_leaf (log_index, event_id, hash) VALUES (?1, ?2, ?3)");
    put.Bind(1, row.index).Bind(2, row.id).LendBlob(3, AsBytes(row.leaf));
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  for (const auto& [id, hash] : nodes) {
    Statement put = db_.Query("INSERT INTO log_node (id, hash) VALUES (?1, ?2)");
    put.Bind(1, id).LendBlob(2, AsBytes(hash));
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  for (const StagedRequest& request : staged_requests_) {
    Statement put = db_.Query(
        "INSERT INTO log_request (user_id, request_id, fingerprint, first_index, event_count) "
        "VALUES (?1, ?2, ?3, ?4, ?5)");
    put.LendText(1, request.user_id)
        .LendText(2, request.request_id)
        .LendText(3, request.fingerprint)
        .Bind(4, request.first_index)
        .Bind(5, request.event_count);
    LIMS_RETURN_IF_ERROR(put.Run());
  }
  staged_requests_.clear();
  if (heads_.size() > kMaxCachedHeads) heads_.clear();
  return {};
}

Hash Ledger::RecentLeaf(std::int64_t index) const {
  return recent_nodes_.at(NodeId(0, static_cast<std::uint64_t>(index)));
}

void Ledger::MarkProven() {
  recent_nodes_.clear();
  std::uint64_t before = 0;  // leaves left of the peak
  std::size_t peak = 0;
  for (int level = 62; level >= 0; --level) {
    if ((tree_.size() >> level & 1) == 0) continue;
    recent_nodes_.emplace(NodeId(level, before >> level), tree_.peaks()[peak++]);
    before += std::uint64_t{1} << level;
  }
}

tlog::NodeReader Ledger::RecentNodes() {
  return [this, stored = Nodes(db_)](int level, std::uint64_t n) -> std::optional<Hash> {
    const auto recent = recent_nodes_.find(NodeId(level, n));
    if (recent != recent_nodes_.end()) return recent->second;
    return stored(level, n);
  };
}

}  // namespace lims::storage
