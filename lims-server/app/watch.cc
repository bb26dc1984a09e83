#include "app/watch.h"

#include <algorithm>
#include <limits>

#include "app/lot_view.h"
#include "app/lots.h"
#include "base/time.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"
#include "tlog/record.h"

namespace lims::app {
namespace {

constexpr int kMaxEvents = 256;

// Whether a record of a run's stream is about another lot.
bool IsOfAnotherLot(const google::protobuf::Message& message, const std::string& lot_id) {
  const auto* field = message.GetDescriptor()->FindFieldByName("lot_id");
  if (field == nullptr) return false;
  const std::string text = tlog::FieldText(message, field);
  return !text.empty() && text != lot_id;
}

// An event as a follower sees it; without records when all of them are about other lots.
v1::WatchedEvent Describe(v1::Event event, const std::string& lot_id) {
  v1::WatchedEvent watched;
  watched.set_index(event.index());
  watched.set_time(FormatLocal(event.time_us(), event.zone_offset_minutes()));
  *watched.mutable_actor() = std::move(*event.mutable_actor());
  watched.set_terminal(event.terminal());
  watched.set_act(event.act());
  if (event.has_reason()) *watched.mutable_reason() = std::move(*event.mutable_reason());
  for (const v1::Record& record : event.records()) {
    const google::protobuf::Message& message = tlog::MessageOf(record);
    if (IsOfAnotherLot(message, lot_id)) continue;
    const std::string name = tlog::NameOf(message);
    const std::size_t slash = name.find('/');
    v1::ChangedRecord* changed = watched.add_records();
    changed->set_kind(name.substr(0, slash));
    changed->set_key(name.substr(slash + 1));
  }
  return watched;
}

std::set<std::string> HistoryStreams(const domain::LotView& view, const std::string& lot_id) {
  std::set<std::string> streams = {"lot/" + lot_id};
  for (const auto& attempt : view.attempts) streams.insert("run/" + attempt.record.run_id());
  return streams;
}

}  // namespace

Result<void> LotFollower::Start(storage::Records& records) {
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  position_ = request_.has_after_index() ? request_.after_index() : size - 1;
  if (position_ < -1 || position_ >= size) {
    return InvalidArgument("after_index",
                           "the log has " + std::to_string(size) + " events, the caller saw " +
                               std::to_string(position_ + 1) + ": if it was shortened, call QA");
  }
  started_ = true;
  return {};
}

Result<std::vector<v1::Event>> LotFollower::NextEvents(storage::Records& records,
                                                       const domain::LotView& view) {
  struct Read {
    std::string stream;
    v1::Event event;
  };
  std::vector<Read> found;
  // Beyond the last event of a stream that has more, the order of the others is not known.
  std::int64_t horizon = std::numeric_limits<std::int64_t>::max();
  for (const std::string& stream : HistoryStreams(view, request_.lot_id())) {
    auto next = next_pos_.find(stream);
    if (next == next_pos_.end()) {
      LIMS_ASSIGN_OR_RETURN(const std::int64_t first,
                            storage::PositionAfter(records.db(), stream, position_));
      next = next_pos_.emplace(stream, first).first;
    }
    LIMS_ASSIGN_OR_RETURN(const auto entries,
                          storage::StreamEntries(records.db(), stream, next->second, kMaxEvents));
    for (const storage::StreamEntry& entry : entries) {
      Read& read = found.emplace_back(Read{stream, {}});
      LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry.bytes, &read.event));
    }
    if (static_cast<int>(entries.size()) == kMaxEvents) {
      horizon = std::min(horizon, found.back().event.index());
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Read& a, const Read& b) { return a.event.index() < b.event.index(); });
  std::vector<v1::Event> events;
  for (Read& read : found) {
    if (read.event.index() > horizon || events.size() == kMaxEvents) break;
    next_pos_[read.stream] = read.event.pos() + 1;
    events.push_back(std::move(read.event));
  }
  behind_ = events.size() < found.size() || horizon != std::numeric_limits<std::int64_t>::max();
  return events;
}

Result<std::vector<v1::WatchLotResponse>> LotFollower::Read(Site& site, storage::Records& records,
                                                            WatchedLots* lots) {
  const std::string& lot_id = request_.lot_id();
  if (!started_) LIMS_RETURN_IF_ERROR(Start(records));
  auto known = lots->find(lot_id);
  if (known == lots->end()) {
    LIMS_ASSIGN_OR_RETURN(domain::LotView loaded, LoadLotView(records, lot_id));
    known = lots->emplace(lot_id, WatchedLot{std::move(loaded), {}}).first;
  }
  const domain::LotView& view = known->second.view;
  LIMS_ASSIGN_OR_RETURN(std::vector<v1::Event> events, NextEvents(records, view));
  std::vector<v1::WatchLotResponse> responses;
  for (v1::Event& event : events) {
    position_ = event.index();
    const bool has_records = event.records_size() > 0;
    v1::WatchedEvent watched = Describe(std::move(event), lot_id);
    if (has_records && watched.records().empty()) continue;
    v1::WatchLotResponse& response = responses.emplace_back();
    response.set_log_index(position_);
    *response.mutable_event() = std::move(watched);
  }
  if (behind_) return responses;
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  position_ = size - 1;

  streams_ = HistoryStreams(view, lot_id);
  for (const auto& related : view.related) streams_.insert("lot/" + related.lot.lot_id());
  for (const v1::Method& method : view.methods) streams_.insert("method/" + method.method_id());
  auto judged = known->second.blockers.find(request_.gate());
  if (judged == known->second.blockers.end()) {
    judged =
        known->second.blockers.emplace(request_.gate(), BlockersOf(site, view, request_.gate()))
            .first;
  }
  std::string bytes = judged->second.SerializeAsString();
  if (bytes != last_blockers_) {
    last_blockers_ = std::move(bytes);
    v1::WatchLotResponse& response = responses.emplace_back();
    response.set_log_index(position_);
    *response.mutable_blockers() = judged->second;
  }
  return responses;
}

}  // namespace lims::app
