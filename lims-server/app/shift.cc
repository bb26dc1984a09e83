#include "app/shift.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log.h"
#include "storage/runs.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

constexpr int kPageOfEvents = 500;
// What a hand-over list reads at most; a longer time is no shift.
constexpr std::int64_t kMostEvents = 20'000;

// An act on a run in a shift; empty for others.
std::string_view RunWord(v1::Act act) {
  switch (act) {
    case v1::ACT_CREATE_RUN:
      return "STARTED";
    case v1::ACT_RECORD_READING:
      return "READ";
    case v1::ACT_SUBMIT_RUN:
    case v1::ACT_SUBMIT_RESULT:
      return "SUBMITTED";
    case v1::ACT_ABORT_RUN:
      return "ABORTED";
    case v1::ACT_CLEAR_LATE_READINGS:
      return "CLEARED";
    default:
      return "";
  }
}

// An act on a lot that changes hands or what was entered; empty for others.
std::string_view LotWord(v1::Act act) {
  switch (act) {
    case v1::ACT_HAND_OVER_SAMPLE:
      return "HANDED_OVER";
    case v1::ACT_ACCEPT_SAMPLE:
      return "TAKEN_OVER";
    case v1::ACT_REENTER_RESULT:
    case v1::ACT_CONFIRM_CERTIFICATE:
      return "ENTERED_AGAIN";
    case v1::ACT_REFUSE_REENTRY:
      return "ENTRIES_DIFFER";
    case v1::ACT_AMEND_RESULT:
      return "AMENDMENT_PROPOSED";
    case v1::ACT_CONFIRM_AMENDMENT:
      return "AMENDMENT_CONFIRMED";
    case v1::ACT_DECLINE_AMENDMENT:
      return "AMENDMENT_DECLINED";
    default:
      return "";
  }
}

// What follows the kind in the event's stream: the run of "run/R-000042"; empty for another kind.
std::string SubjectOf(const v1::Event& event, std::string_view kind) {
  return event.stream().starts_with(kind) ? event.stream().substr(kind.size()) : "";
}

// What an act on a lot concerned.
std::string ConcernOf(const v1::Event& event) {
  std::string text;
  for (const v1::Record& record : event.records()) {
    if (record.has_sample()) {
      text = "sample " + record.sample().sample_id();
      if (!record.sample().handed_to().empty()) text += " to " + record.sample().handed_to();
    } else if (record.has_external_certificate()) {
      text = "external certificate";
    } else if (record.has_attempt()) {
      if (text.empty()) text = tlog::NameOf(record.attempt());
    } else if (record.has_amendment()) {
      text = "amendment " + std::to_string(record.amendment().number()) + " of " +
             record.amendment().panel() + " attempt " +
             std::to_string(record.amendment().attempt_number());
    }
  }
  return text;
}

// Events since a moment, oldest first.
Result<std::vector<v1::Event>> EventsSince(storage::Records& records, TimeUs since) {
  std::vector<v1::Event> events;
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  bool reached = false;
  for (std::int64_t end = size; end > 0 && !reached; end -= kPageOfEvents) {
    if (size - end >= kMostEvents) {
      return InvalidArgument("since", "lies more than " + std::to_string(kMostEvents) +
                                          " events back: name a later moment");
    }
    const std::int64_t first = std::max<std::int64_t>(0, end - kPageOfEvents);
    LIMS_ASSIGN_OR_RETURN(const auto entries,
                          storage::Entries(records.db(), first, static_cast<int>(end - first)));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      v1::Event event;
      LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry->bytes, &event));
      reached = event.time_us() < since;
      if (reached) break;
      events.push_back(std::move(event));
    }
  }
  std::reverse(events.begin(), events.end());
  return events;
}

// What happened on runs and lots since a moment, and what is open now.
class HandOverList {
 public:
  HandOverList(storage::Records& records, int offset_minutes, std::string lot_id,
               v1::ListWorkResponse* response)
      : records_(records),
        offset_minutes_(offset_minutes),
        lot_id_(std::move(lot_id)),
        response_(*response) {}

  Result<void> AddEvents(TimeUs since) {
    LIMS_ASSIGN_OR_RETURN(const auto events, EventsSince(records_, since));
    std::set<std::int64_t> acts;
    for (const v1::Event& event : events) {
      const std::string run_id = SubjectOf(event, "run/");
      const std::string lot_id = SubjectOf(event, "lot/");
      const std::string_view what = !run_id.empty()   ? RunWord(event.act())
                                    : !lot_id.empty() ? LotWord(event.act())
                                                      : "";
      if (what.empty() || !acts.insert(event.act_index()).second) continue;
      v1::ShiftItem item;
      item.set_time(FormatLocal(event.time_us(), offset_minutes_));
      item.set_user_id(event.actor().user_id());
      item.set_what(std::string(what));
      item.set_lot_id(lot_id);
      item.set_run_id(run_id);
      if (run_id.empty()) {
        LIMS_ASSIGN_OR_RETURN(*item.mutable_run_id(), RunOfConcern(event));
      }
      std::string text = lot_id.empty() ? ReadingOf(event) : ConcernOf(event);
      const std::string& reason = event.reason().text();
      if (!reason.empty()) text += (text.empty() ? "" : ": ") + reason;
      item.set_text(std::move(text));
      LIMS_RETURN_IF_ERROR(Add(std::move(item)));
    }
    return {};
  }

  Result<void> AddOpenRuns(TimeUs now) {
    LIMS_ASSIGN_OR_RETURN(const auto open, storage::OpenRuns(records_.db()));
    for (const std::string& run_id : open) {
      LIMS_ASSIGN_OR_RETURN(const auto run, records_.Get<v1::Run>({run_id}));
      v1::ShiftItem item;
      item.set_time(FormatLocal(now, offset_minutes_));
      item.set_what("LEFT_OPEN");
      item.set_run_id(run_id);
      item.set_text("started " + run.record.started_time());
      LIMS_RETURN_IF_ERROR(Add(std::move(item)));
    }
    return {};
  }

 private:
  static std::string ReadingOf(const v1::Event& event) {
    for (const v1::Record& record : event.records()) {
      if (!record.has_reading()) continue;
      return "reading " + std::to_string(record.reading().number()) + ", observed " +
             record.reading().observed_time();
    }
    return "";
  }

  // The run that what an act on a lot concerned belongs to; empty when there is none.
  Result<std::string> RunOfConcern(const v1::Event& event) {
    for (const v1::Record& record : event.records()) {
      if (record.has_attempt()) return record.attempt().run_id();
      if (!record.has_amendment()) continue;
      // A proposal changes no attempt yet.
      const v1::Amendment& amendment = record.amendment();
      LIMS_ASSIGN_OR_RETURN(const auto attempt,
                            records_.Get<v1::Attempt>({amendment.lot_id(), amendment.panel(),
                                                       amendment.attempt_number()}));
      return attempt.record.run_id();
    }
    return std::string();
  }

  // Whether the list is of every lot, or of one that the item concerns.
  Result<bool> IsWanted(const v1::ShiftItem& item) {
    if (lot_id_.empty() || !item.lot_id().empty()) {
      return lot_id_.empty() || item.lot_id() == lot_id_;
    }
    const auto [known, is_new] = of_lot_.try_emplace(item.run_id(), false);
    if (is_new) {
      LIMS_ASSIGN_OR_RETURN(const auto attempts,
                            records_.ListBy<v1::Attempt>("run_id", item.run_id()));
      known->second = std::any_of(attempts.begin(), attempts.end(), [&](const auto& attempt) {
        return attempt.record.lot_id() == lot_id_;
      });
    }
    return known->second;
  }

  Result<void> Add(v1::ShiftItem item) {
    LIMS_ASSIGN_OR_RETURN(const bool wanted, IsWanted(item));
    if (!wanted) return {};
    if (!item.run_id().empty()) {
      LIMS_ASSIGN_OR_RETURN(const auto run, records_.Get<v1::Run>({item.run_id()}));
      item.set_method_id(run.record.method_id());
    }
    *response_.add_shift() = std::move(item);
    return {};
  }

  storage::Records& records_;
  const int offset_minutes_;
  const std::string lot_id_;
  v1::ListWorkResponse& response_;
  std::map<std::string, bool> of_lot_;  // by run
};

}  // namespace

Result<void> AddShift(storage::Records& records, TimeUs since, TimeUs now, int zone_offset_minutes,
                      const std::string& lot_id, v1::ListWorkResponse* response) {
  HandOverList shift(records, zone_offset_minutes, lot_id, response);
  LIMS_RETURN_IF_ERROR(shift.AddEvents(since));
  return shift.AddOpenRuns(now);
}

}  // namespace lims::app
