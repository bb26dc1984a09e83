// Observations of an open run: recorded as they happen, late ones with a reason, growth at once.
#include "app/readings.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "app/call.h"
#include "app/judging.h"
#include "app/late_entry.h"
#include "app/run_input.h"
#include "app/run_rules.h"
#include "app/second_entry.h"
#include "app/system_holds.h"
#include "assay/entries.h"
#include "assay/observation.h"
#include "assay/registry.h"
#include "assay/setup.h"
#include "domain/plausibility.h"

namespace lims::app {
namespace {

std::string EntryField(int i, std::string_view name) {
  return "entries[" + std::to_string(i) + "]." + std::string(name);
}

// The position and target of an entry whose place is known.
std::string PlaceKey(const v1::ReadingEntry& entry) {
  return entry.position() + "\n" + entry.target();
}

// Everything that a reading is checked against. Moved, never copied: the indexes point into it.
struct OpenRun {
  OpenRun() = default;
  OpenRun(OpenRun&&) = default;
  OpenRun& operator=(OpenRun&&) = default;

  storage::Stored<v1::Run> run;
  v1::Method method;
  std::vector<storage::Stored<v1::RunPosition>> positions;
  std::vector<storage::Stored<v1::Reading>> readings;
  std::vector<storage::Stored<v1::Attempt>> attempts;
  std::unordered_map<std::string_view, std::vector<const v1::RunPosition*>> at;  // by position
  std::unordered_map<std::string, const v1::Reading*> last;                      // by PlaceKey
  std::set<std::string> positive;  // PlaceKeys that were read so
};

Result<OpenRun> LoadRunToRead(storage::Records& records, const std::string& run_id) {
  OpenRun open;
  LIMS_ASSIGN_OR_RETURN(open.run, records.Get<v1::Run>({run_id}));
  if (open.run.record.state() != v1::RUN_STATE_OPEN) return NotOpen(open.run.record, "read");
  if (open.run.record.position_count() == 0) return WaitsForSecondEntry(open.run.record);
  LIMS_ASSIGN_OR_RETURN(auto method, records.Get<v1::Method>({open.run.record.method_id(),
                                                              open.run.record.method_version()}));
  open.method = std::move(method.record);
  LIMS_ASSIGN_OR_RETURN(open.positions, records.List<v1::RunPosition>({run_id}));
  LIMS_ASSIGN_OR_RETURN(open.readings, records.List<v1::Reading>({run_id}));
  LIMS_ASSIGN_OR_RETURN(open.attempts, records.ListBy<v1::Attempt>("run_id", run_id));
  for (const auto& position : open.positions) {
    open.at[position.record.position()].push_back(&position.record);
  }
  for (const auto& reading : open.readings) {
    for (const v1::ReadingEntry& entry : reading.record.entries()) {
      open.last[PlaceKey(entry)] = &reading.record;
      if (assay::IsPositive(open.method, entry.target(), entry.value().value())) {
        open.positive.insert(PlaceKey(entry));
      }
    }
  }
  return open;
}

// The place on the map that an entry means: a position alone is enough when it stands there once.
// nullptr when there is none, or several.
const v1::RunPosition* PlaceOf(const OpenRun& open, const v1::ReadingEntry& entry) {
  const auto places = open.at.find(entry.position());
  if (places == open.at.end()) return nullptr;
  const v1::RunPosition* found = nullptr;
  for (const v1::RunPosition* place : places->second) {
    if (place->target() == entry.target() || place->target().empty()) return place;
    if (!entry.target().empty()) continue;
    if (found != nullptr) return nullptr;
    found = place;
  }
  return found;
}

// For an entry that PlaceOf does not find.
std::string WhyNoPlace(const OpenRun& open, const v1::ReadingEntry& entry) {
  const auto places = open.at.find(entry.position());
  if (places != open.at.end() && entry.target().empty()) {
    std::string targets;
    for (const v1::RunPosition* place : places->second) {
      targets += (targets.empty() ? "" : ", ") + place->target();
    }
    return entry.position() + " is read for " + targets + ": name the target of each value";
  }
  return entry.position() + " is not on the run's map" +
         (entry.target().empty() ? "" : " with target " + entry.target()) +
         ": see it with lims run show " + open.run.record.run_id();
}

// The newest reading of a place; nullptr when it was not read yet.
const v1::Reading* LastReading(const OpenRun& open, const v1::ReadingEntry& entry) {
  const auto last = open.last.find(PlaceKey(entry));
  return last == open.last.end() ? nullptr : last->second;
}

// Fills in what the map knows of the entries and names every one that does not fit it.
std::vector<Violation> PlaceEntries(const OpenRun& open, TimeUs observed, v1::Reading* reading) {
  std::vector<Violation> refused;
  std::set<std::string> seen;
  for (int i = 0; i < reading->entries_size(); ++i) {
    v1::ReadingEntry& entry = *reading->mutable_entries(i);
    const v1::RunPosition* place = PlaceOf(open, entry);
    if (place == nullptr) {
      refused.push_back({EntryField(i, "position"), WhyNoPlace(open, entry)});
      continue;
    }
    if (!place->omit_reason().empty()) {
      refused.push_back({EntryField(i, "position"), entry.position() + " is omitted on the map (" +
                                                        place->omit_reason() + ")"});
    }
    if (entry.target().empty()) entry.set_target(place->target());
    if (!seen.insert(PlaceKey(entry)).second) {
      refused.push_back({EntryField(i, "position"), entry.position() + " is read twice"});
    }
    const v1::Reading* last = LastReading(open, entry);
    if (last == nullptr) continue;
    const Result<TimeUs> before = ParseTime(last->observed_time());
    if (before && observed < *before) {
      refused.push_back({EntryField(i, "position"),
                         entry.position() + " was read later already, at " + last->observed_time() +
                             " (reading " + std::to_string(last->number()) +
                             "): readings go forward in time"});
    }
  }
  return refused;
}

// Numbers beyond those that make one value: another one would turn a value into an invalid test.
std::vector<Violation> CheckNumbers(const OpenRun& open, const v1::Reading& reading) {
  std::map<std::pair<std::string, std::string>, int> known;  // by sample and target
  const auto count = [&](const v1::ReadingEntry& entry) -> int* {
    const v1::RunPosition* place = PlaceOf(open, entry);
    if (place == nullptr) return nullptr;
    int& numbers = known[{place->sample_id(), entry.target()}];
    ++numbers;
    return &numbers;
  };
  for (const auto& earlier : open.readings) {
    for (const v1::ReadingEntry& entry : earlier.record.entries()) count(entry);
  }
  std::vector<Violation> refused;
  for (int i = 0; i < reading.entries_size(); ++i) {
    const v1::ReadingEntry& entry = reading.entries(i);
    const int* numbers = count(entry);
    for (const v1::MethodOutput& output : open.method.outputs()) {
      const int most = output.replicates_max();
      if (numbers == nullptr || output.input() != entry.target() || !output.codes().empty() ||
          most == 0 || *numbers <= most) {
        continue;
      }
      refused.push_back({EntryField(i, "position"),
                         entry.position() + " would give " + std::to_string(*numbers) +
                             " values of " + entry.target() + ", and the method takes " +
                             std::to_string(most) +
                             ": what was read stands; submit it with lims run submit"});
      break;
    }
  }
  return refused;
}

// What is wrong with the moment itself.
std::vector<Violation> CheckObserved(const OpenRun& open, TimeUs observed) {
  std::vector<Violation> refused;
  const v1::Run& run = open.run.record;
  const Result<TimeUs> started = ParseTime(run.started_time());
  if (started && observed < *started) {
    refused.push_back({"observed_time", "lies before the start of the run, " + run.started_time()});
  }
  const std::string& from = open.method.observation().from();
  for (const v1::NamedValue& value : run.setup()) {
    const Result<TimeUs> time = ParseTime(value.value());
    if (from.empty() || value.name() != from || !time || observed >= *time) continue;
    refused.push_back({"observed_time", "lies before " + from + ", " + value.value()});
  }
  return refused;
}

// The first entry of a sample that is positive where nothing was before, as people are told of it;
// empty when there is none.
std::string NewPositiveOf(const OpenRun& open, const v1::Reading& reading,
                          const std::string& sample_id) {
  for (const v1::ReadingEntry& entry : reading.entries()) {
    const v1::RunPosition* place = PlaceOf(open, entry);
    if (place == nullptr || place->role() != v1::POSITION_ROLE_SAMPLE ||
        place->sample_id() != sample_id || open.positive.contains(PlaceKey(entry)) ||
        !assay::IsPositive(open.method, entry.target(), entry.value().value())) {
      continue;
    }
    return entry.value().value() + " at " + entry.position() + ", reading " +
           std::to_string(reading.number());
  }
  return "";
}

// One violation for each number outside the possible or, unless confirmed, the plausible range of
// its sample's lines.
Result<void> CheckPlausibility(storage::Records& records, const OpenRun& open,
                               const v1::Reading& reading, bool confirmed) {
  std::vector<Violation> doubts;
  for (const auto& attempt : open.attempts) {
    LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({attempt.record.lot_id()}));
    LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot.record));
    for (int i = 0; i < reading.entries_size(); ++i) {
      const v1::ReadingEntry& entry = reading.entries(i);
      const v1::RunPosition* place = PlaceOf(open, entry);
      if (place == nullptr || place->sample_id() != attempt.record.sample_id()) continue;
      auto doubt = domain::EntryDoubt(open.method, specification->lines(), entry.target(),
                                      EntryField(i, "value"), entry.value().value(), confirmed);
      if (doubt) doubts.push_back(*std::move(doubt));
    }
  }
  if (doubts.empty()) return {};
  return InvalidArguments(std::move(doubts));
}

// The run with one more reading, as a calculator takes it.
RunRecords With(const OpenRun& open, const v1::Reading& reading) {
  RunRecords run{open.method, open.run.record, {}, {}, {}};
  for (const auto& row : open.positions) run.positions.push_back(row.record);
  for (const auto& row : open.readings) run.readings.push_back(row.record);
  for (const auto& row : open.attempts) run.attempts.push_back(row.record);
  run.readings.push_back(reading);
  return run;
}

// What the run shows with this reading, as if it were submitted now: a positive stands or does not
// for what was observed and declared so far. What is still to be declared fails nothing.
v1::Computation ComputeWith(const OpenRun& open, const v1::Reading& reading) {
  RunRecords run = With(open, reading);
  run.method = assay::MethodForOpenRun(std::move(run.method), run.run.setup());
  return assay::Compute(ReadSoFar(run));
}

// The positives of a sample, judged; what else it reports is no verdict yet. An error when the
// specification cannot judge them, which is no reason to refuse what was read.
Result<std::vector<v1::Result>> JudgePositives(const OpenRun& open, const v1::Lot& lot,
                                               const v1::Attempt& attempt,
                                               const v1::SpecificationText& specification,
                                               const v1::Computation& computation) {
  for (v1::SampleComputation sample : computation.samples()) {
    if (sample.sample_id() != attempt.sample_id()) continue;
    auto& reportables = *sample.mutable_reportables();
    reportables.erase(std::remove_if(reportables.begin(), reportables.end(),
                                     [&](const v1::Reportable& each) {
                                       return !assay::IsPositive(open.method, each.line_code(),
                                                                 each.value());
                                     }),
                      reportables.end());
    return JudgeSample(lot, attempt, sample, specification, v1::RESULT_SOURCE_DIRECT);
  }
  return std::vector<v1::Result>();
}

// Every positive acts when it is read as it will when the run is submitted, which other lots may
// delay, with all that was positive before it. One that is read again acts no second time.
Result<void> ActOnReading(storage::Transaction& tx, const OpenRun& open, const v1::Reading& reading,
                          bool new_analyst) {
  SystemHolds holds(tx);
  std::optional<v1::Computation> computation;
  for (const auto& stored : open.attempts) {
    v1::Attempt attempt = stored.record;
    // Who has read a run has worked on it, whether it is submitted or aborted later.
    if (new_analyst) AddPerson(reading.observed_by(), attempt.mutable_analysts());
    if (!reading.late_reason().empty()) attempt.add_late_readings(reading.number());
    const std::string positive = NewPositiveOf(open, reading, attempt.sample_id());
    if (!positive.empty()) {
      if (attempt.positive_reading().empty()) attempt.set_positive_reading(positive);
      LIMS_ASSIGN_OR_RETURN(const auto lot, tx.records().Get<v1::Lot>({attempt.lot_id()}));
      LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(tx.records(), lot.record));
      if (!computation) computation = ComputeWith(open, reading);
      const auto results = JudgePositives(open, lot.record, attempt, *specification, *computation);
      if (results && std::any_of(results->begin(), results->end(), [](const auto& result) {
            return result.verdict() == v1::VERDICT_OOS_SUSPECTED;
          })) {
        LIMS_RETURN_IF_ERROR(FailConditional(tx, attempt.lot_id(), *results));
        LIMS_RETURN_IF_ERROR(holds.AddResults(*specification, *results, attempt.run_id()));
      } else {
        LIMS_RETURN_IF_ERROR(holds.AddPositive(*specification, open.method, attempt, positive));
      }
    }
    if (attempt.SerializeAsString() != stored.record.SerializeAsString()) tx.Put(attempt);
  }
  holds.Put();
  return {};
}

// The late readings that QA names as seen. One that came meanwhile is not among them, and stays.
Result<std::set<std::int32_t>> LateToClear(const v1::ClearLateReadingsRequest& request,
                                           const std::vector<storage::Stored<v1::Reading>>& all) {
  const std::string run = "run " + request.run_id();
  std::set<std::int32_t> waiting;
  std::string listed;
  for (const auto& reading : all) {
    if (reading.record.late_reason().empty() || !reading.record.cleared_by().empty()) continue;
    waiting.insert(reading.record.number());
    listed += (listed.empty() ? "" : ", ") + std::to_string(reading.record.number());
  }
  if (waiting.empty()) {
    return WrongState(run + " has no late reading that waits for QA: see them with lims run show " +
                      request.run_id());
  }
  if (request.numbers().empty()) {
    return InvalidArgument(
        "numbers", "name with --readings what you have seen; of " + run + " wait: " + listed);
  }
  std::vector<Violation> refused;
  for (int i = 0; i < request.numbers_size(); ++i) {
    if (waiting.contains(request.numbers(i))) continue;
    refused.push_back({"numbers[" + std::to_string(i) + "]",
                       "reading " + std::to_string(request.numbers(i)) + " of " + run +
                           " is none that waits for QA; these do: " + listed});
  }
  if (!refused.empty()) return InvalidArguments(std::move(refused));
  return std::set<std::int32_t>(request.numbers().begin(), request.numbers().end());
}

}  // namespace

Result<Plan> RecordReading(Site& site, const Call& call, const v1::RecordReadingRequest& request) {
  std::vector<Violation> violations;
  const auto observed = ParseTime(request.observed_time());
  if (!observed) {
    violations.push_back({"observed_time", WhatIsWrong(observed.error())});
  } else if (*observed > site.clock().Now()) {
    violations.push_back({"observed_time", "lies in the future"});
  }
  if (request.entries().empty()) violations.push_back({"entries", "nothing was observed"});
  std::set<std::string> seen;
  for (int i = 0; i < request.entries_size(); ++i) {
    const v1::ReadingEntry& entry = request.entries(i);
    if (entry.value().value().empty()) {
      violations.push_back(
          {EntryField(i, "value"), "must not be empty: an empty cell is never zero"});
    }
    if (!seen.insert(PlaceKey(entry)).second) {
      violations.push_back({EntryField(i, "position"), entry.position() + " is read twice"});
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_RECORD_READING;
  plan.reason.set_text(request.late_reason());
  plan.run = [call, request, observed = *observed, offset = site.record().zone_offset_minutes()](
                 storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(OpenRun open, LoadRunToRead(tx.records(), request.run_id()));
    LIMS_RETURN_IF_ERROR(RefuseWithoutFile(open.run.record, open.method));
    v1::Reading reading;
    reading.set_run_id(request.run_id());
    reading.set_number(static_cast<int>(open.readings.size()) + 1);
    reading.set_observed_time(request.observed_time());
    reading.set_observed_by(call.user_id);
    reading.set_entered_time(FormatLocal(tx.now(), offset));
    *reading.mutable_entries() = request.entries();

    std::optional<ClaimedTime> late;
    if (tx.now() - observed > EntryLimitHours(open.method) * kHour) {
      late = {"observed_time", request.observed_time()};
    }
    std::vector<Violation> refused = CheckObserved(open, observed);
    Append(CheckLateReason(open.method, late, request.late_reason()), &refused);
    Append(PlaceEntries(open, observed, &reading), &refused);
    Append(CheckNumbers(open, reading), &refused);
    // What is not on the map is refused as that alone: it has no target.
    const auto off_map = [&](const std::string& field) {
      for (int i = 0; i < reading.entries_size(); ++i) {
        const v1::ReadingEntry& entry = reading.entries(i);
        if (field != EntryField(i, "target")) continue;
        return entry.target().empty() && PlaceOf(open, entry) == nullptr;
      }
      return false;
    };
    for (Violation& violation : assay::CheckReadings(open.method, reading.entries())) {
      if (!off_map(violation.field)) refused.push_back(std::move(violation));
    }
    if (!refused.empty()) return InvalidArguments(std::move(refused));
    LIMS_RETURN_IF_ERROR(
        CheckPlausibility(tx.records(), open, reading, request.plausibility_confirmed()));
    if (assay::IsReadByCourse(open.method)) {
      RunRecords run = With(open, reading);
      LIMS_RETURN_IF_ERROR(PinOpenFacts(tx.records(), &run));
      refused = assay::CheckCourses(ReadSoFar(run), reading.entries(), offset);
      if (!refused.empty()) return InvalidArguments(std::move(refused));
    }
    if (late) reading.set_late_reason(request.late_reason());
    tx.Put(reading);
    const bool new_analyst = AddPerson(call.user_id, open.run.record.mutable_analysts());
    if (new_analyst) tx.Put(open.run.record);
    return ActOnReading(tx, open, reading, new_analyst);
  };
  return plan;
}

Result<Plan> ClearLateReadings(Site&, const Call& call,
                               const v1::ClearLateReadingsRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_CLEAR_LATE_READINGS;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const auto run, tx.records().Get<v1::Run>({request.run_id()}));
    LIMS_ASSIGN_OR_RETURN(auto readings, tx.records().List<v1::Reading>({request.run_id()}));
    const auto& analysts = run.record.analysts();
    if (std::find(analysts.begin(), analysts.end(), call.user_id) != analysts.end()) {
      return MakeError(ErrorReason::kSegregation,
                       "you worked on run " + request.run_id() + ": another QA officer clears it");
    }
    LIMS_ASSIGN_OR_RETURN(auto attempts,
                          tx.records().ListBy<v1::Attempt>("run_id", request.run_id()));
    if (request.numbers().empty() &&
        ClearLateEntries(tx, call.user_id, request.reason(), attempts)) {
      return {};
    }
    LIMS_ASSIGN_OR_RETURN(const std::set<std::int32_t> cleared, LateToClear(request, readings));
    for (auto& reading : readings) {
      if (!cleared.contains(reading.record.number())) continue;
      reading.record.set_cleared_by(call.user_id);
      reading.record.set_clear_reason(request.reason());
      tx.Put(std::move(reading.record));
    }
    for (auto& attempt : attempts) {
      google::protobuf::RepeatedField<std::int32_t> late;
      late.Swap(attempt.record.mutable_late_readings());
      for (const std::int32_t number : late) {
        if (cleared.contains(number)) {
          attempt.record.add_cleared_readings(number);
        } else {
          attempt.record.add_late_readings(number);
        }
      }
      tx.Put(std::move(attempt.record));
    }
    return {};
  };
  return plan;
}

}  // namespace lims::app
