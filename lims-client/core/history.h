// What happened to a record, from its events: who, when, where, why, and each field old and new.
#ifndef LIMS_CLIENT_CORE_HISTORY_H_
#define LIMS_CLIENT_CORE_HISTORY_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/event.pb.h"

namespace lims::client {

struct FieldChange {
  std::string record;               // "sample/SC-2026-0007-S1"
  std::string field;                // proto name
  std::optional<std::string> from;  // nullopt when the record is new
  std::string to;
};

struct HistoryEntry {
  v1::Event event;
  std::vector<FieldChange> changes;
};

// Kind and key of a record in an event: "result/SC-2026-0007/PH/1". An empty record gives "".
std::string RecordName(const v1::Record& record);

// Reads the exact bytes of an event.
Result<v1::Event> ParseEvent(const std::string& entry);

// The runs that the lot's events name.
Result<std::set<std::string>> RunsOf(const std::vector<v1::LogEntry>& entries);

// Merges events by log index and finds what each changed. `entries` hold whole streams from their
// first event on, each event once; positions of other lots than `lot` in shared runs are left out.
Result<std::vector<HistoryEntry>> BuildHistory(const std::vector<v1::LogEntry>& entries,
                                               const std::string& lot);

// 2026-11-22T13:24:00.123+08:00 Asia/Shanghai
std::string EventTime(const v1::Event& event);

nlohmann::ordered_json HistoryJson(const std::string& lot,
                                   const std::vector<HistoryEntry>& history);
std::string RenderHistory(const std::vector<HistoryEntry>& history);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_HISTORY_H_
