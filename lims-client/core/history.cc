#include "core/history.h"

#include <algorithm>
#include <map>

#include "base/time.h"
#include "core/render.h"
#include "tlog/event_bytes.h"
#include "tlog/record.h"

namespace lims::client {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

// Also of a kind that this program does not know yet.
bool IsEmpty(const v1::Record& record) {
  return record.kind_case() == v1::Record::KIND_NOT_SET;
}

std::string TextOf(const ordered_json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string Who(const v1::Event& event) {
  if (event.actor().user_id().empty()) return "server";
  return event.actor().user_id() + " " + event.actor().name() + " (" +
         EnumName(event.actor().role()) + ")";
}

std::string Why(const v1::Event& event) {
  const v1::Reason& reason = event.reason();
  if (reason.code().empty()) return reason.text();
  return reason.code() + (reason.text().empty() ? "" : ": " + reason.text());
}

// What an act was signed with; empty for an act without signature.
v1::Signature SignatureOf(const v1::Event& event) {
  for (const v1::Record& record : event.records()) {
    if (record.has_signature()) return record.signature();
  }
  return {};
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

// Keeps the last after-image of each record.
class Images {
 public:
  void Apply(const v1::Record& record, std::vector<FieldChange>* changes) {
    if (IsEmpty(record)) return;
    const Message& message = tlog::MessageOf(record);
    const std::string name = tlog::NameOf(message);
    ordered_json image = ToJson(message);
    const auto before = images_.find(name);
    const bool is_new = before == images_.end();
    const Descriptor* type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const std::string& field = type->field(i)->name();
      const ordered_json to = image.value(field, ordered_json());
      const ordered_json from =
          is_new ? ordered_json() : before->second.value(field, ordered_json());
      if (is_new ? !IsSet(message, type->field(i)) : from == to) continue;
      changes->push_back(
          {name, field, is_new ? std::nullopt : std::optional(TextOf(from)), TextOf(to)});
    }
    images_[name] = std::move(image);
  }

 private:
  std::map<std::string, ordered_json> images_;
};

}  // namespace

std::string RecordName(const v1::Record& record) {
  return IsEmpty(record) ? "" : tlog::NameOf(tlog::MessageOf(record));
}

Result<v1::Event> ParseEvent(const std::string& entry) {
  v1::Event event;
  LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry, &event));
  return event;
}

Result<std::set<std::string>> RunsOf(const std::vector<v1::LogEntry>& entries) {
  std::set<std::string> runs;
  for (const v1::LogEntry& entry : entries) {
    LIMS_ASSIGN_OR_RETURN(const v1::Event event, ParseEvent(entry.entry()));
    for (const v1::Record& record : event.records()) {
      if (record.has_attempt()) runs.insert(record.attempt().run_id());
    }
  }
  return runs;
}

Result<std::vector<HistoryEntry>> BuildHistory(const std::vector<v1::LogEntry>& entries,
                                               const std::string& lot) {
  std::vector<HistoryEntry> history;
  for (const v1::LogEntry& entry : entries) {
    LIMS_ASSIGN_OR_RETURN(v1::Event event, ParseEvent(entry.entry()));
    history.push_back({std::move(event), {}});
  }
  std::sort(history.begin(), history.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return a.event.index() < b.event.index();
  });
  Images images;
  for (HistoryEntry& entry : history) {
    for (const v1::Record& record : entry.event.records()) {
      const bool of_other_lot = record.has_run_position() &&
                                !record.run_position().lot_id().empty() &&
                                record.run_position().lot_id() != lot;
      if (!of_other_lot) images.Apply(record, &entry.changes);
    }
  }
  return history;
}

std::string EventTime(const v1::Event& event) {
  return FormatLocal(event.time_us(), event.zone_offset_minutes()) + " " + event.zone();
}

ordered_json HistoryJson(const std::string& lot, const std::vector<HistoryEntry>& history) {
  ordered_json events = ordered_json::array();
  for (const HistoryEntry& entry : history) {
    const v1::Event& event = entry.event;
    const v1::Signature signature = SignatureOf(event);
    ordered_json changes = ordered_json::array();
    for (const FieldChange& change : entry.changes) {
      changes.push_back({{"record", change.record},
                         {"field", change.field},
                         {"old", change.from ? ordered_json(*change.from) : ordered_json(nullptr)},
                         {"new", change.to}});
    }
    events.push_back({{"index", event.index()},
                      {"when", EventTime(event)},
                      {"who", event.actor().user_id()},
                      {"name", event.actor().name()},
                      {"role", EnumName(event.actor().role())},
                      {"terminal", event.terminal()},
                      {"session_of", signature.session_user_id()},
                      {"act", EnumName(event.act())},
                      {"stream", event.stream()},
                      {"changes", std::move(changes)},
                      {"why", Why(event)},
                      {"comment", signature.comment()}});
  }
  return {{"lot", lot}, {"events", std::move(events)}};
}

std::string RenderHistory(const std::vector<HistoryEntry>& history) {
  std::string out;
  for (const HistoryEntry& entry : history) {
    const v1::Event& event = entry.event;
    const v1::Signature signature = SignatureOf(event);
    out += std::to_string(event.index()) + "  " + EventTime(event) + "  " + EnumName(event.act()) +
           "\n    who: " + Printable(Who(event)) + "  terminal: " + Printable(event.terminal());
    if (!signature.session_user_id().empty()) {
      out += "  in the session of: " + Printable(signature.session_user_id());
    }
    out += "\n";
    if (!Why(event).empty()) out += "    why: " + Printable(Why(event)) + "\n";
    if (!signature.comment().empty()) {
      out += "    comment: " + Printable(signature.comment()) + "\n";
    }
    for (const FieldChange& change : entry.changes) {
      out += "    " +
             Printable(change.record + "  " + change.field + ": " +
                       (change.from ? *change.from + " -> " : "") + change.to) +
             "\n";
    }
  }
  return out;
}

}  // namespace lims::client
