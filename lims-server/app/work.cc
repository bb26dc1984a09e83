// The worklist: what is due, by whom, until when.
#include "app/work.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "app/lot_view.h"
#include "app/run_input.h"
#include "app/shift.h"
#include "app/system_holds.h"
#include "assay/observation.h"
#include "domain/gates.h"
#include "domain/in_force.h"
#include "domain/releasability.h"
#include "lims/v1/words.h"
#include "storage/log.h"
#include "storage/runs.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

// As many as a line of a terminal holds.
std::string Joined(const std::set<std::string>& texts) {
  constexpr std::size_t kMostNamed = 8;
  std::string joined;
  std::size_t named = 0;
  for (const std::string& text : texts) {
    if (++named > kMostNamed) {
      return joined + " and " + std::to_string(texts.size() - kMostNamed) + " more";
    }
    joined += (joined.empty() ? "" : ", ") + text;
  }
  return joined;
}

class WorkList {
 public:
  WorkList(storage::Records& records, TimeUs now, int offset_minutes, std::string lot_id)
      : records_(records), now_(now), offset_minutes_(offset_minutes), lot_id_(std::move(lot_id)) {}

  // What the lot that is asked for may rest on: itself, what it was made from, what its facts name.
  // Nothing else is followed to what rests on it.
  Result<void> FindGrounds() {
    if (lot_id_.empty()) return {};
    grounds_ = {lot_id_};
    std::vector<std::string> made_from = {lot_id_};
    for (std::size_t i = 0; i < made_from.size(); ++i) {
      LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Find<v1::Lot>({made_from[i]}));
      if (!lot) continue;
      for (const v1::LotParent& parent : lot->record.parents()) {
        if (grounds_.insert(parent.lot_id()).second) made_from.push_back(parent.lot_id());
      }
    }
    LIMS_ASSIGN_OR_RETURN(const auto facts, records_.List<v1::LotFact>({lot_id_}));
    for (const auto& fact : facts) grounds_.insert(fact.record.value());
    return {};
  }

  Result<void> AddRuns() {
    LIMS_ASSIGN_OR_RETURN(const auto open, storage::OpenRuns(records_.db()));
    for (const std::string& run_id : open) LIMS_RETURN_IF_ERROR(AddRun(run_id));
    return {};
  }

  // Lots that are still decided on.
  Result<void> AddLots() {
    for (const auto disposition :
         {v1::DISPOSITION_QUARANTINE, v1::DISPOSITION_CONDITIONALLY_RELEASED,
          v1::DISPOSITION_CONDITIONAL_FAILED}) {
      LIMS_ASSIGN_OR_RETURN(
          const auto lots,
          records_.ListBy<v1::Lot>("disposition", static_cast<std::int64_t>(disposition)));
      for (const auto& lot : lots) {
        if (!lot_id_.empty() && lot.record.lot_id() != lot_id_) continue;
        LIMS_RETURN_IF_ERROR(AddLot(lot.record));
      }
    }
    return {};
  }

  // Released lots, and those whose release was withdrawn, that are on hold: nothing else asks about
  // them. Holds are few beside lots, so the holds are read.
  Result<void> AddHolds() {
    LIMS_ASSIGN_OR_RETURN(const auto holds, records_.List<v1::Hold>({}));
    for (const auto& hold : holds) {
      if (!hold.record.lifted_signature_id().empty()) continue;
      const std::string& lot_id = hold.record.lot_id();
      LIMS_RETURN_IF_ERROR(AddRestingOn(lot_id, "is on hold", hold.etag));
      if (!lot_id_.empty() && lot_id != lot_id_) continue;
      LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Get<v1::Lot>({lot_id}));
      const v1::Disposition disposition = lot.record.disposition();
      if (disposition == v1::DISPOSITION_RELEASED || disposition == v1::DISPOSITION_WITHDRAWN) {
        LIMS_RETURN_IF_ERROR(AddHold(hold, disposition));
      }
    }
    return {};
  }

  // Released lots that rest on one that is no longer released or failed since, or failed since
  // themselves: no blocker asks for what QA decides about them.
  Result<void> AddFailedSince() {
    for (const auto disposition : {v1::DISPOSITION_WITHDRAWN, v1::DISPOSITION_RECALLED,
                                   v1::DISPOSITION_REJECTED, v1::DISPOSITION_CONDITIONAL_FAILED}) {
      LIMS_ASSIGN_OR_RETURN(
          const auto lots,
          records_.ListBy<v1::Lot>("disposition", static_cast<std::int64_t>(disposition)));
      for (const auto& lot : lots) {
        LIMS_RETURN_IF_ERROR(
            AddRestingOn(lot.record.lot_id(), "is " + v1::EnumWord(disposition), lot.etag));
      }
    }
    LIMS_ASSIGN_OR_RETURN(const auto failing, storage::LotsOutOfSpecification(records_.db()));
    for (const std::string& lot_id : failing) {
      if (!MayConcern(lot_id)) continue;
      LIMS_ASSIGN_OR_RETURN(const auto results, OutOfSpecification(records_, lot_id));
      if (results.empty()) continue;  // samples that may be spiked
      const auto newest =
          std::max_element(results.begin(), results.end(),
                           [](const auto& a, const auto& b) { return a.etag < b.etag; });
      const std::string why = "is out of specification in " + newest->record.line_code();
      LIMS_RETURN_IF_ERROR(AddReleased(lot_id, lot_id, why, newest->etag));
      LIMS_RETURN_IF_ERROR(AddRestingOn(lot_id, why, newest->etag));
    }
    return {};
  }

  // At most `size` items behind the key `after`, and the key to go on from: an item that stays as
  // it is stands on one page, whatever comes or goes meanwhile. By time, what has none at the end.
  void MoveTo(const std::string& after, std::size_t size, v1::ListWorkResponse* response) {
    std::sort(due_.begin(), due_.end(), [](const Due& a, const Due& b) { return a.key < b.key; });
    auto next =
        std::upper_bound(due_.begin(), due_.end(), after,
                         [](const std::string& key, const Due& due) { return key < due.key; });
    for (; size > 0 && next != due_.end(); --size, ++next) {
      *response->add_items() = std::move(next->item);
      if (size == 1 && std::next(next) != due_.end()) {
        response->set_next_page_token(PageToken(next->key));
      }
    }
  }

 private:
  struct Due {
    std::string key;  // what the item is: moment, kind and what it concerns
    v1::WorkItem item;
  };

  void Add(v1::WorkItem item, std::optional<TimeUs> time) {
    if (time) {
      item.set_due_time(FormatLocal(*time, offset_minutes_));
      item.set_overdue(*time < now_);
    }
    std::string key =
        fmt::format("{} {:020} {:02} {:02} {}", time ? 0 : 1, time.value_or(0),
                    static_cast<int>(item.kind()), static_cast<int>(item.who()), item.run_id());
    for (const std::string& lot : item.lot_ids()) key += ' ' + lot;
    key += ' ' + item.panel() + ' ' + item.text();
    due_.push_back({std::move(key), std::move(item)});
  }

  Result<void> AddRun(const std::string& run_id) {
    LIMS_ASSIGN_OR_RETURN(const RunRecords run, LoadOpenRun(records_, run_id));
    v1::WorkItem item;
    std::set<std::string> lots;
    std::string positive;
    for (const v1::Attempt& attempt : run.attempts) {
      lots.insert(attempt.lot_id());
      item.set_panel(attempt.panel());
      if (!attempt.positive_reading().empty()) {
        positive = attempt.positive_reading() + " for lot " + attempt.lot_id();
      }
    }
    if (!lot_id_.empty() && !lots.contains(lot_id_)) return {};
    item.set_run_id(run_id);
    item.set_method_id(run.run.method_id());
    item.set_who(v1::ROLE_TECHNICIAN);
    for (const std::string& lot : lots) item.add_lot_ids(lot);
    AddOpen(run, positive, std::move(item));
    return {};
  }

  void AddOpen(const RunRecords& run, const std::string& positive, v1::WorkItem item) {
    if (run.run.position_count() == 0) return;  // waits for its second entry, as a blocker says
    const v1::AssayInput input = ReadSoFar(run);
    const bool finished =
        !run.method.has_observation() ||
        (!run.readings.empty() && assay::Unfinished(input, run.positions, offset_minutes_).empty());
    if (finished) {
      item.set_kind(v1::WORK_KIND_SUBMIT);
      item.set_text(positive.empty() ? "submit its data: lims run submit"
                                     : positive + ": submit it, lims run submit");
      // A positive acts from the moment when it was seen.
      return Add(std::move(item),
                 positive.empty() ? std::nullopt : EndOf(run.readings.back().observed_time()));
    }
    const std::string last = run.readings.empty()
                                 ? "not read yet"
                                 : "last read " + run.readings.back().observed_time() + " by " +
                                       run.readings.back().observed_by();
    const auto next = assay::NextReading(input, now_);
    item.set_kind(next && next->last ? v1::WORK_KIND_LAST_LOOK : v1::WORK_KIND_LOOK);
    std::string text = next && next->last ? "last reading: lims run read, then lims run submit"
                                          : "reading: lims run read";
    if (!next) text += "; " + run.method.observation().from() + " is not declared";
    if (!positive.empty()) text += "; " + positive;
    item.set_text(text + "; " + last);
    Add(std::move(item), next ? std::optional(next->time) : std::nullopt);
    // The last reading is due from that moment on, the others around it.
    if (next && next->last) due_.back().item.set_overdue(next->latest < now_);
  }

  bool MayConcern(const std::string& lot_id) const {
    return lot_id_.empty() || grounds_.contains(lot_id);
  }

  // Every lot made from `failed`, and every lot whose facts name it.
  Result<void> AddRestingOn(const std::string& failed, const std::string& why, std::int64_t since) {
    if (!MayConcern(failed)) return {};
    std::vector<std::string> made = {failed};
    std::set<std::string> seen = {failed};
    for (std::size_t i = 0; i < made.size(); ++i) {
      LIMS_ASSIGN_OR_RETURN(const auto children, records_.List<v1::LotChild>({made[i]}));
      for (const auto& child : children) {
        if (!seen.insert(child.record.lot_id()).second) continue;
        made.push_back(child.record.lot_id());
        LIMS_RETURN_IF_ERROR(AddReleased(made.back(), failed, why, since));
      }
    }
    LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Get<v1::Lot>({failed}));
    if (lot.record.kind() != v1::LOT_KIND_EOPC) return {};
    LIMS_ASSIGN_OR_RETURN(const auto family, BankFamily(records_, failed));
    for (const std::string& relative : family) {
      LIMS_ASSIGN_OR_RETURN(const auto facts, records_.List<v1::LotFact>({relative}));
      const bool named = std::any_of(facts.begin(), facts.end(), [&](const auto& fact) {
        return fact.record.value() == failed;
      });
      if (named) LIMS_RETURN_IF_ERROR(AddReleased(relative, failed, why, since));
    }
    return {};
  }

  // Nothing for a lot that is not released. A hold that was placed since is what is due, and has
  // its own item until it is lifted with a reason.
  Result<void> AddReleased(const std::string& lot_id, const std::string& failed,
                           const std::string& why, std::int64_t since) {
    if (!lot_id_.empty() && lot_id != lot_id_) return {};
    LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Get<v1::Lot>({lot_id}));
    const bool released = lot.record.disposition() == v1::DISPOSITION_RELEASED;
    if (!released && lot.record.disposition() != v1::DISPOSITION_CONDITIONALLY_RELEASED) return {};
    LIMS_ASSIGN_OR_RETURN(const auto holds, records_.List<v1::Hold>({lot_id}));
    for (const auto& hold : holds) {
      if (hold.record.lifted_signature_id().empty()) return {};
      LIMS_ASSIGN_OR_RETURN(const auto placed,
                            records_.Find<v1::Signature>({hold.record.placed_signature_id()}));
      if ((placed ? placed->etag : hold.etag) > since) return {};
    }
    v1::WorkItem item;
    item.set_kind(v1::WORK_KIND_DECIDE);
    item.set_who(v1::ROLE_QA);
    item.add_lot_ids(lot_id);
    item.set_text(fmt::format("a {}released lot {}{}; lims release hold{}",
                              released ? "" : "conditionally ",
                              lot_id == failed ? "" : "rests on " + failed + ", which ", why,
                              released ? ", withdraw or recall" : " or reject"));
    return AddSince(since, std::move(item));
  }

  // Due since an event.
  Result<void> AddSince(std::int64_t index, v1::WorkItem item) {
    LIMS_ASSIGN_OR_RETURN(const auto entry, storage::Entries(records_.db(), index, 1));
    v1::Event event;
    if (!entry.empty()) LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry[0].bytes, &event));
    Add(std::move(item), event.time_us());
    return {};
  }

  Result<void> AddHold(const storage::Stored<v1::Hold>& hold, v1::Disposition disposition) {
    const bool released = disposition == v1::DISPOSITION_RELEASED;
    v1::WorkItem item;
    item.set_kind(v1::WORK_KIND_DECIDE);
    item.set_who(v1::ROLE_QA);
    item.add_lot_ids(hold.record.lot_id());
    item.set_text(fmt::format(
        "{} on hold, hold {}: {}; lims release unhold{}",
        released ? "a released lot is" : "a lot whose release was withdrawn is",
        hold.record.number(), hold.record.reason(), released ? ", withdraw or recall" : ""));
    // An open hold was written once, by the event that placed it.
    return AddSince(hold.etag, std::move(item));
  }

  // What a blocker asks for; unspecified when the lot only waits for another one.
  static v1::WorkKind KindOf(const v1::Blocker& blocker) {
    const bool at_the_bench = blocker.who() == v1::ROLE_TECHNICIAN;
    switch (blocker.kind()) {
      case v1::BLOCKER_KIND_NOT_TESTED:
        return at_the_bench ? v1::WORK_KIND_TEST : v1::WORK_KIND_DECIDE;
      case v1::BLOCKER_KIND_REPEAT_DUE:
      case v1::BLOCKER_KIND_INCONCLUSIVE:
      case v1::BLOCKER_KIND_PLANNED_RUN_DUE:
        return at_the_bench ? v1::WORK_KIND_REPEAT : v1::WORK_KIND_DECIDE;
      case v1::BLOCKER_KIND_SECOND_ENTRY_DUE:
        return v1::WORK_KIND_SUBMIT;
      case v1::BLOCKER_KIND_LATE_ENTRY:
      case v1::BLOCKER_KIND_LOOK_NOT_SUBMITTED:
        return v1::WORK_KIND_CLEAR;
      case v1::BLOCKER_KIND_NOT_REVIEWED:
        return v1::WORK_KIND_REVIEW;
      case v1::BLOCKER_KIND_NOT_CONFIRMED:
      case v1::BLOCKER_KIND_AMENDMENT_OPEN:
      case v1::BLOCKER_KIND_CERTIFICATE_NOT_CONFIRMED:
        return v1::WORK_KIND_CONFIRM;
      case v1::BLOCKER_KIND_FACT_MISSING:
        return v1::WORK_KIND_DECLARE;
      case v1::BLOCKER_KIND_NOT_ATTESTED:
        return v1::WORK_KIND_ATTEST;
      case v1::BLOCKER_KIND_OOS:
      case v1::BLOCKER_KIND_HOLD:
      case v1::BLOCKER_KIND_EXPIRED:
      case v1::BLOCKER_KIND_REPEATS_EXHAUSTED:
      case v1::BLOCKER_KIND_CANNOT_DECIDE:
      case v1::BLOCKER_KIND_FACT_CHANGED:
        return v1::WORK_KIND_DECIDE;
      default:
        return v1::WORK_KIND_UNSPECIFIED;
    }
  }

  // Said of all that waits at once; empty where each blocker says what to do itself.
  static std::string_view TogetherAs(v1::WorkKind kind) {
    switch (kind) {
      case v1::WORK_KIND_REVIEW:
        return "results wait for review, lims result review: ";
      case v1::WORK_KIND_DECLARE:
        return "facts to declare, lims lot fact: ";
      case v1::WORK_KIND_ATTEST:
        return "attestations are missing, lims attest: ";
      default:
        return "";
    }
  }

  Result<void> AddLot(const v1::Lot& lot) {
    LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records_, lot.lot_id()));
    for (const auto& sample : view.samples) AddSample(sample.record);
    const bool sampled = std::any_of(view.samples.begin(), view.samples.end(),
                                     [](const auto& sample) { return IsTestable(sample.record); });
    std::map<std::string, const v1::SpecificationLine*> lines;
    for (const v1::SpecificationLine& line : view.lines) lines[line.line_code()] = &line;
    // One item for a kind, role and panel; what TogetherAs names is one item of the lot.
    std::map<std::tuple<int, int, std::string>, std::set<std::string>> what;
    std::map<std::tuple<int, int, std::string>, v1::WorkItem> items;
    const std::vector<v1::Blocker> blockers =
        domain::Blockers(view, domain::FinalGate(lot.kind()), now_, offset_minutes_);
    for (const v1::Blocker& blocker : blockers) {
      const v1::WorkKind kind = KindOf(blocker);
      if (kind == v1::WORK_KIND_UNSPECIFIED || (kind == v1::WORK_KIND_TEST && !sampled)) continue;
      const bool together = !TogetherAs(kind).empty();
      const auto line = lines.find(blocker.what());
      const std::string panel = together || line == lines.end() ? "" : line->second->panel();
      const std::tuple key(static_cast<int>(kind), static_cast<int>(blocker.who()),
                           together ? "" : panel + blocker.description());
      v1::WorkItem& item = items[key];
      if (what[key].empty()) {
        item.set_kind(kind);
        item.set_who(blocker.who());
        item.add_lot_ids(lot.lot_id());
        item.set_panel(panel);
        if (blocker.kind() == v1::BLOCKER_KIND_LATE_ENTRY) item.set_run_id(blocker.what());
        if (!panel.empty()) item.set_method_id(line->second->method_id());
        item.set_text(blocker.description());
      }
      // A number or a run stands in the description; a line does not.
      if (together || line != lines.end()) what[key].insert(blocker.what());
    }
    if (blockers.empty()) {
      v1::WorkItem& item = items[{}];
      item.set_kind(v1::WORK_KIND_RELEASE);
      item.set_who(v1::ROLE_QP);
      item.add_lot_ids(lot.lot_id());
      item.set_text("nothing stands in the way of its release: lims release prepare");
    }
    // What is left to do is of use until the lot expires.
    const std::optional<TimeUs> expiry = EndOf(lot.expiry());
    const std::optional<TimeUs> samples_end = SamplesEnd(view);
    for (auto& [key, item] : items) {
      const std::string_view together = TogetherAs(item.kind());
      if (!together.empty()) {
        item.set_text(std::string(together) + Joined(what[key]));
      } else if (!what[key].empty()) {
        item.set_text(Joined(what[key]) + ": " + item.text());
      }
      std::optional<TimeUs> until = expiry;
      const bool tests = item.kind() == v1::WORK_KIND_TEST || item.kind() == v1::WORK_KIND_REPEAT;
      if (tests && samples_end) until = std::min(until.value_or(*samples_end), *samples_end);
      Add(std::move(item), until);
    }
    return {};
  }

  // A sample that somebody waits for.
  void AddSample(const v1::Sample& sample) {
    std::string text = "sample " + sample.sample_id();
    if (sample.state() == v1::SAMPLE_STATE_PLANNED) {
      text += " is asked for: lims sample take, or lims sample cancel";
    } else if (sample.state() == v1::SAMPLE_STATE_TAKEN) {
      text += " was taken: lims sample receive, or lims sample reject";
    } else if (!sample.handed_to().empty()) {
      text += " was handed to " + sample.handed_to() + ", who takes it over: lims sample accept";
    } else {
      return;
    }
    v1::WorkItem item;
    item.set_kind(v1::WORK_KIND_RECEIVE);
    item.set_who(v1::ROLE_TECHNICIAN);
    item.add_lot_ids(sample.lot_id());
    item.set_text(std::move(text));
    Add(std::move(item), EndOf(sample.use_by()));
  }

  // The last moment of an expiry; absent when there is none.
  std::optional<TimeUs> EndOf(const std::string& expiry) const {
    const Result<TimeUs> end = domain::ExpiryEnd(expiry, offset_minutes_);
    return end ? std::optional(*end) : std::nullopt;
  }

  // The last moment at which a received sample may be tested; absent when one has no limit.
  std::optional<TimeUs> SamplesEnd(const domain::LotView& view) const {
    std::optional<TimeUs> end;
    for (const auto& sample : view.samples) {
      if (!IsTestable(sample.record)) continue;
      const auto until = EndOf(sample.record.use_by());
      if (!until) return std::nullopt;
      end = std::max(end.value_or(*until), *until);
    }
    return end;
  }

  static bool IsTestable(const v1::Sample& sample) {
    return sample.purpose() == v1::PURPOSE_RELEASE && sample.state() == v1::SAMPLE_STATE_RECEIVED;
  }

  storage::Records& records_;
  const TimeUs now_;
  const int offset_minutes_;
  const std::string lot_id_;       // that is asked for; empty for all
  std::set<std::string> grounds_;  // of lot_id_
  std::vector<Due> due_;
};

}  // namespace

Result<v1::ListWorkResponse> ListWork(Site& site, storage::Records& records,
                                      const v1::ListWorkRequest& request) {
  const TimeUs now = site.clock().Now();
  const int offset = site.record().zone_offset_minutes();
  if (!request.lot_id().empty()) {
    LIMS_RETURN_IF_ERROR(records.Get<v1::Lot>({request.lot_id()}));
  }
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(const std::string after, ParsePageToken(request.page_token()));
  v1::ListWorkResponse response;
  if (!request.since().empty() && after.empty()) {
    const Result<TimeUs> since = ParseTime(request.since());
    if (!since) return InvalidArgument("since", WhatIsWrong(since.error()));
    LIMS_RETURN_IF_ERROR(AddShift(records, *since, now, offset, request.lot_id(), &response));
  }
  WorkList work(records, now, offset, request.lot_id());
  LIMS_RETURN_IF_ERROR(work.FindGrounds());
  LIMS_RETURN_IF_ERROR(work.AddRuns());
  LIMS_RETURN_IF_ERROR(work.AddLots());
  LIMS_RETURN_IF_ERROR(work.AddHolds());
  LIMS_RETURN_IF_ERROR(work.AddFailedSince());
  work.MoveTo(after, static_cast<std::size_t>(size), &response);
  return response;
}

}  // namespace lims::app
