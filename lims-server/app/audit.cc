#include "app/audit.h"

#include <algorithm>

#include "base/encoding.h"
#include "storage/log.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"
#include "tlog/proof.h"

namespace lims::app {
namespace {

// The newest checkpoint that the snapshot's log reaches.
Result<std::pair<std::string, tlog::Checkpoint>> CheckpointOf(Site& site,
                                                              storage::Records& records) {
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, tlog::ParseVkey(site.record().log_vkey()));
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  std::string note = site.writer().LatestCheckpoint();
  LIMS_ASSIGN_OR_RETURN(tlog::Checkpoint checkpoint, tlog::OpenCheckpoint(note, key));
  if (static_cast<std::int64_t>(checkpoint.size) > size) {
    LIMS_ASSIGN_OR_RETURN(const auto stored, storage::StoredCheckpoint(records.db(), size));
    if (!stored) return MakeError(ErrorReason::kUnavailable, "no checkpoint yet: try again");
    note = *stored;
    LIMS_ASSIGN_OR_RETURN(checkpoint, tlog::OpenCheckpoint(note, key));
  }
  return std::pair(std::move(note), std::move(checkpoint));
}

}  // namespace

Result<v1::ListEventsResponse> ListEvents(Site&, storage::Records& records,
                                          const v1::ListEventsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(std::int64_t start, ParseNumberToken(request.page_token()));
  if (request.start() < 0) return InvalidArgument("start", "must not be negative");
  if (request.page_token().empty()) start = request.start();
  v1::ListEventsResponse response;
  int found = 0;
  if (request.stream().empty()) {
    LIMS_ASSIGN_OR_RETURN(auto entries, storage::Entries(records.db(), start, size));
    for (storage::Entry& entry : entries) {
      v1::LogEntry* row = response.add_entries();
      row->set_index(entry.index);
      row->set_entry(std::move(entry.bytes));
    }
    found = static_cast<int>(entries.size());
  } else {
    LIMS_ASSIGN_OR_RETURN(auto entries,
                          storage::StreamEntries(records.db(), request.stream(), start, size));
    for (storage::StreamEntry& entry : entries) {
      v1::LogEntry* row = response.add_entries();
      row->set_index(entry.index);
      row->set_entry(std::move(entry.bytes));
    }
    found = static_cast<int>(entries.size());
    if (entries.empty()) {
      LIMS_ASSIGN_OR_RETURN(const auto number,
                            storage::StreamNumber(records.db(), request.stream()));
      if (!number) {
        return NotFound("stream " + request.stream() + " (streams are named lot/A, run/R-1)");
      }
    }
  }
  if (found == size) response.set_next_page_token(PageToken(std::to_string(start + size)));
  return response;
}

Result<v1::GetCheckpointResponse> GetCheckpoint(Site& site, storage::Records& records,
                                                const v1::GetCheckpointRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const auto newest, CheckpointOf(site, records));
  v1::GetCheckpointResponse response;
  response.set_checkpoint(newest.first);
  response.set_vkey(site.record().log_vkey());
  if (request.old_size() < 0 ||
      request.old_size() > static_cast<std::int64_t>(newest.second.size)) {
    LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
    if (request.old_size() > 0 && request.old_size() <= size) {
      // The caller's is signed already; what this snapshot can prove up to is older.
      return MakeError(ErrorReason::kUnavailable, "no checkpoint of that size yet: try again");
    }
    return InvalidArgument("old_size", "the log has " + std::to_string(newest.second.size) +
                                           " events, the caller saw " +
                                           std::to_string(request.old_size()) +
                                           ": it was shortened, call QA");
  }
  if (request.old_size() > 0) {
    LIMS_ASSIGN_OR_RETURN(const auto proof,
                          tlog::ConsistencyProof(static_cast<std::uint64_t>(request.old_size()),
                                                 newest.second.size, storage::Nodes(records.db())));
    for (const Hash& hash : proof) response.add_consistency_proof(HexEncode(hash));
  }
  return response;
}

Result<v1::ProveEventResponse> ProveEvent(Site& site, storage::Records& records,
                                          const v1::ProveEventRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const auto newest, CheckpointOf(site, records));
  if (request.index() < 0 || request.index() >= static_cast<std::int64_t>(newest.second.size)) {
    return InvalidArgument("index",
                           "the log has " + std::to_string(newest.second.size) + " events");
  }
  LIMS_ASSIGN_OR_RETURN(const auto entries, storage::Entries(records.db(), request.index(), 1));
  if (entries.empty()) return NotFound("event " + std::to_string(request.index()));
  tlog::TlogProof proof;
  proof.index = static_cast<std::uint64_t>(request.index());
  proof.checkpoint = newest.first;
  LIMS_ASSIGN_OR_RETURN(proof.hashes, tlog::InclusionProof(proof.index, newest.second.size,
                                                           storage::Nodes(records.db())));
  v1::ProveEventResponse response;
  response.set_entry(entries[0].bytes);
  response.set_proof(tlog::FormatTlogProof(proof));
  response.set_vkey(site.record().log_vkey());
  return response;
}

}  // namespace lims::app
