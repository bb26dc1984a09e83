#include "storage/log.h"

#include "tlog/event_bytes.h"

namespace lims::storage {

Result<std::int64_t> LogSize(Connection& db) {
  Statement rows = db.Query("SELECT log_index FROM log_leaf ORDER BY log_index DESC LIMIT 1");
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  return found ? rows.IntColumn(0) + 1 : 0;
}

Result<TimeUs> NewestTime(Connection& db) {
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, LogSize(db));
  LIMS_ASSIGN_OR_RETURN(const auto last, Entries(db, size - 1, 1));
  v1::Event event;
  if (!last.empty()) LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(last[0].bytes, &event));
  return event.time_us();
}

Result<std::optional<std::int64_t>> StreamNumber(Connection& db, std::string_view stream) {
  Statement rows = db.Query("SELECT stream_no FROM log_stream WHERE name = ?1");
  rows.BindText(1, stream);
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  if (!found) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(rows.IntColumn(0));
}

Result<std::optional<StreamHead>> HeadOf(Connection& db, std::string_view stream) {
  LIMS_ASSIGN_OR_RETURN(const auto number, StreamNumber(db, stream));
  if (!number) return std::optional<StreamHead>();
  StreamHead head;
  head.stream_no = *number;
  Statement rows = db.Query(
      "SELECT id, entry FROM log_event WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1");
  rows.Bind(1, EventId(*number, 0)).Bind(2, EventId(*number + 1, 0) - 1);
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  if (found) {
    head.pos = rows.IntColumn(0) - EventId(*number, 0);
    head.leaf = tlog::LeafHash(rows.TextColumn(1));
  }
  return std::optional<StreamHead>(head);
}

Result<std::vector<StreamEntry>> StreamEntries(Connection& db, std::string_view stream,
                                               std::int64_t first, int limit) {
  std::vector<StreamEntry> entries;
  LIMS_ASSIGN_OR_RETURN(const auto number, StreamNumber(db, stream));
  if (!number) return entries;
  Statement rows =
      db.Query("SELECT entry FROM log_event WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3");
  rows.Bind(1, EventId(*number, first)).Bind(2, EventId(*number + 1, 0) - 1).Bind(3, limit);
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return entries;
    const std::string_view bytes = rows.TextColumn(0);
    entries.push_back({tlog::IndexOf(bytes), std::string(bytes)});
  }
}

Result<std::int64_t> PositionAfter(Connection& db, std::string_view stream, std::int64_t index) {
  LIMS_ASSIGN_OR_RETURN(const auto head, HeadOf(db, stream));
  if (!head) return 0;
  std::int64_t first = 0;
  std::int64_t end = head->pos + 1;
  while (first < end) {
    const std::int64_t middle = first + (end - first) / 2;
    Statement rows = db.Query("SELECT entry FROM log_event WHERE id = ?1");
    rows.Bind(1, EventId(head->stream_no, middle));
    LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return MakeError(ErrorReason::kDataLoss, "an event of the stream is missing");
    if (tlog::IndexOf(rows.TextColumn(0)) > index) {
      end = middle;
    } else {
      first = middle + 1;
    }
  }
  return first;
}

Result<std::vector<Entry>> Entries(Connection& db, std::int64_t first, int limit) {
  Statement rows = db.Query(
      "SELECT l.log_index, l.hash, e.entry FROM log_leaf l JOIN log_event e ON e.id = l.event_id "
      "WHERE l.log_index >= ?1 ORDER BY l.log_index LIMIT ?2");
  rows.Bind(1, first).Bind(2, limit);
  std::vector<Entry> entries;
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return entries;
    Entry entry;
    entry.index = rows.IntColumn(0);
    if (const auto hash = HashFromBytes(rows.BlobColumn(1))) entry.leaf = *hash;
    entry.bytes = rows.TextColumn(2);
    entries.push_back(std::move(entry));
  }
}

tlog::NodeReader Nodes(Connection& db) {
  return [&db](int level, std::uint64_t n) -> std::optional<Hash> {
    Statement rows = level == 0 ? db.Query("SELECT hash FROM log_leaf WHERE log_index = ?1")
                                : db.Query("SELECT hash FROM log_node WHERE id = ?1");
    rows.Bind(1, level == 0 ? static_cast<std::int64_t>(n) : NodeId(level, n));
    const auto found = rows.Step();
    if (!found || !*found) return std::nullopt;
    return HashFromBytes(rows.BlobColumn(0));
  };
}

Result<std::optional<std::string>> StoredCheckpoint(Connection& db, std::int64_t size) {
  Statement rows =
      db.Query("SELECT note FROM log_checkpoint WHERE size <= ?1 ORDER BY size DESC LIMIT 1");
  rows.Bind(1, size);
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(rows.TextColumn(0));
}

Result<std::optional<RequestRecord>> FindRequest(Connection& db, std::string_view user_id,
                                                 std::string_view request_id) {
  Statement rows = db.Query(
      "SELECT fingerprint, first_index, event_count FROM log_request "
      "WHERE user_id = ?1 AND request_id = ?2");
  rows.BindText(1, user_id).BindText(2, request_id);
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  if (!found) return std::optional<RequestRecord>();
  return std::optional<RequestRecord>(RequestRecord{
      std::string(rows.TextColumn(0)), rows.IntColumn(1), static_cast<int>(rows.IntColumn(2))});
}

}  // namespace lims::storage
