// The ledger: an act becomes events in the log and rows in the record tables, in one transaction.
#ifndef LIMS_STORAGE_LEDGER_H_
#define LIMS_STORAGE_LEDGER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/sha256.h"
#include "lims/v1/event.pb.h"
#include "storage/blobs.h"
#include "storage/db.h"
#include "storage/log.h"
#include "storage/records.h"
#include "tlog/merkle.h"

namespace lims::storage {

// Largest event, in bytes; anything larger is a blob named by hash.
constexpr std::size_t kMaxEventBytes = std::size_t{60} << 10;

// What every event of this server says about where it was made.
struct Origin {
  std::string zone;  // IANA name of the site's zone
  int zone_offset_minutes = 0;
  std::string boot_id;
  std::string build;
};

// Who does what, why, under which request id.
struct ActInfo {
  v1::Actor actor;
  std::string terminal;
  std::string terminal_sha256;
  v1::Act act = v1::ACT_UNSPECIFIED;
  v1::Reason reason;
  std::string request_id;   // empty for acts of the server itself
  std::string fingerprint;  // hex
};

// The fingerprint of an act that seals something: over the request's own and the sealed bytes with
// their random number. By the request's own alone, whoever reads the log and knows the rest of the
// request could try values until it comes out.
std::string SealedFingerprint(const std::string& fingerprint, std::string_view sealed);

// An act as it stands in the log.
struct RecordedAct {
  std::int64_t first_index = 0;
  std::vector<v1::Event> events;
  Hash first_leaf{};  // filled in when its events are appended
  bool replayed = false;
  std::string checkpoint;  // covers the act; filled in after COMMIT
};

class Ledger;

// One act in the making. Reads see the state before it; what is put is applied only when the act
// succeeds as a whole, so a refused act leaves nothing behind.
class Transaction {
 public:
  Transaction(Ledger& ledger, ActInfo info, TimeUs now);

  Records& records() { return records_; }
  Connection& db() { return records_.db(); }
  ActInfo& info() { return info_; }
  TimeUs now() const { return now_; }
  // This act and those after it have the clock's time, also where it lies before that of the newest
  // event: the log had run ahead of a clock that was wrong.
  void FollowClock();
  // Events in the log before this act.
  std::int64_t log_size() const;
  // The number of the next stream that is made. No stream was made under it or a higher one.
  std::int64_t next_stream_no() const;
  // The newest event of a stream; nullopt when the stream does not exist.
  Result<std::optional<StreamHead>> HeadOf(const std::string& stream);
  // The event at this index of the log, also one of the same batch.
  Result<v1::Event> EventAt(std::int64_t index);

  // After-image of a record.
  template <typename T>
  void Put(T&& record) {
    static_cast<std::remove_cvref_t<T>&>(*AddRecord(record)) = std::forward<T>(record);
  }
  void Put(const google::protobuf::Message& record) { AddRecord(record)->MergeFrom(record); }
  // An event without records, for the access streams.
  void Note(std::string stream, std::vector<std::pair<std::string, std::string>> details);
  void PutBlob(std::string sha256, std::string bytes);
  void PutCredential(Credential credential);

 private:
  friend class Ledger;
  struct PendingEvent {
    std::string stream;
    std::string group;  // records that may be shown to a stranger together
    v1::Event event;
    std::size_t size = 0;
  };
  // An empty record of the same kind in the event it belongs to.
  google::protobuf::Message* AddRecord(const google::protobuf::Message& record);
  PendingEvent& EventFor(const std::string& stream, const std::string& group, std::size_t size);

  Ledger& ledger_;
  Records records_;
  ActInfo info_;
  TimeUs now_;
  bool follows_clock_ = false;
  std::vector<PendingEvent> events_;
  std::vector<std::pair<std::string, std::string>> blobs_;
  std::vector<Credential> credentials_;
};

// Appends acts through the writing connection, many in one database transaction: the rows of an act
// are written when it is applied, so that the next act reads them; what it adds to the log, which
// no rule reads, is written together with that of the others. Not for concurrent use.
class Ledger {
 public:
  // Reads the tree's peaks from the database.
  static Result<std::unique_ptr<Ledger>> Open(Connection& db, Origin origin, Clock clock);

  // The act that the same user made under this request id before; nullopt for a new one.
  // REQUEST_ID_REUSED when the content differs.
  Result<std::optional<RecordedAct>> FindAct(const ActInfo& info);
  Transaction Begin(ActInfo info);
  // Writes the rows and stages the events, which stay where they are in the act. The database
  // transaction is the caller's; after an error it must be rolled back and Reload called.
  Result<RecordedAct> Apply(Transaction transaction);
  // Writes what is staged: events, leaves, nodes, requests. Must come before the end of the
  // database transaction.
  Result<void> AppendStaged();
  Result<void> Reload();

  // Events in the log, staged ones included.
  std::int64_t size() const { return size_; }
  // Leaf of an event that was appended after the last MarkProven.
  Hash RecentLeaf(std::int64_t index) const;
  // Of what is appended.
  const tlog::Tree& tree() const { return tree_; }
  // Nodes for a consistency proof from the size at the last MarkProven to now: peaks of that time
  // and everything appended since from memory, the rest from the database.
  tlog::NodeReader RecentNodes();
  void MarkProven();

 private:
  friend class Transaction;
  struct StagedEvent {
    v1::Event* event;
    StreamHead* head;
  };
  struct StagedRequest {
    std::string user_id;
    std::string request_id;
    std::string fingerprint;
    std::int64_t first_index = 0;
    std::int64_t event_count = 0;
  };
  // What a staged event becomes.
  struct LogRow {
    std::int64_t id = 0;
    std::string entry;
    std::int64_t index = 0;
    Hash leaf{};
  };

  Ledger(Connection& db, Origin origin, Clock clock)
      : db_(db), origin_(std::move(origin)), clock_(std::move(clock)) {}
  // The newest event of a stream, which is made when there is none.
  Result<StreamHead*> Head(const std::string& stream);
  Result<void> Stage(v1::Event& event);
  Result<std::vector<LogRow>> TakeStagedEvents(std::vector<std::pair<std::int64_t, Hash>>* nodes);

  Connection& db_;
  Origin origin_;
  Clock clock_;
  tlog::Tree tree_;
  TimeUs last_time_ = 0;
  std::int64_t next_stream_no_ = 1;
  std::int64_t size_ = 0;
  std::unordered_map<std::string, StreamHead> heads_;
  RowCache rows_;
  std::vector<StagedEvent> staged_events_;
  std::vector<StagedRequest> staged_requests_;
  std::unordered_map<std::int64_t, Hash> recent_nodes_;
};

}  // namespace lims::storage

#endif  // LIMS_STORAGE_LEDGER_H_
