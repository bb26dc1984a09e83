// Reading the log: events by stream or index, tree nodes, checkpoints, requests.
#ifndef LIMS_STORAGE_LOG_H_
#define LIMS_STORAGE_LOG_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "storage/db.h"
#include "tlog/merkle.h"

namespace lims::storage {

// An event's place and exact bytes.
struct Entry {
  std::int64_t index = 0;
  Hash leaf{};
  std::string bytes;
};

// Rows of a stream stand together: id = stream number << 24 | position.
constexpr int kPositionBits = 24;
constexpr int kWholeStream = 1 << kPositionBits;  // the limit that takes every event of a stream
constexpr std::int64_t EventId(std::int64_t stream_no, std::int64_t pos) {
  return stream_no << kPositionBits | pos;
}
constexpr std::int64_t NodeId(int level, std::uint64_t n) {
  return static_cast<std::int64_t>(level) << 40 | static_cast<std::int64_t>(n);
}

// Number of events.
Result<std::int64_t> LogSize(Connection& db);
// Time of the newest event; 0 of an empty log.
Result<TimeUs> NewestTime(Connection& db);
// Number of a stream, nullopt when it has no event.
Result<std::optional<std::int64_t>> StreamNumber(Connection& db, std::string_view stream);
// The newest event of a stream.
struct StreamHead {
  std::int64_t stream_no = 0;
  std::int64_t pos = -1;  // -1: none yet
  Hash leaf{};
};
// nullopt when the stream does not exist.
Result<std::optional<StreamHead>> HeadOf(Connection& db, std::string_view stream);
// An event of a stream: the log index that stands in it, and its exact bytes.
struct StreamEntry {
  std::int64_t index = 0;
  std::string bytes;
};
// At most `limit` events of a stream from position `first`.
Result<std::vector<StreamEntry>> StreamEntries(Connection& db, std::string_view stream,
                                               std::int64_t first, int limit);
// Position of a stream's first event after this log index; behind its end when there is none.
Result<std::int64_t> PositionAfter(Connection& db, std::string_view stream, std::int64_t index);
// At most `limit` events of the whole log from index `first`.
Result<std::vector<Entry>> Entries(Connection& db, std::int64_t first, int limit);
// Reads stored subtree hashes; the connection must outlive it.
tlog::NodeReader Nodes(Connection& db);
// The newest stored checkpoint of at most `size` events; nullopt when there is none.
Result<std::optional<std::string>> StoredCheckpoint(Connection& db, std::int64_t size);

// What a request id stands for.
struct RequestRecord {
  std::string fingerprint;
  std::int64_t first_index = 0;
  int event_count = 0;
};
Result<std::optional<RequestRecord>> FindRequest(Connection& db, std::string_view user_id,
                                                 std::string_view request_id);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_LOG_H_
