#include "app/runs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "app/attempt_results.h"
#include "app/call.h"
#include "app/catalogue.h"
#include "app/judging.h"
#include "app/late_entry.h"
#include "app/run_files.h"
#include "app/run_input.h"
#include "app/run_rules.h"
#include "app/second_entry.h"
#include "assay/registry.h"
#include "assay/setup.h"
#include "base/decimal.h"
#include "base/text.h"
#include "domain/lifecycle.h"
#include "domain/next_attempt.h"
#include "domain/sample_rules.h"
#include "domain/segregation.h"
#include "instrument/run_map.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

constexpr int kMaxPositions = 2000;

void CheckPosition(const v1::RunPosition& position, int i, std::set<std::string>* seen,
                   std::vector<Violation>* violations) {
  const std::string field = "positions[" + std::to_string(i) + "].";
  if (position.position().empty() || TextProblem(position.position(), 64)) {
    violations->push_back({field + "position", "must name a position of the run"});
  }
  if (!seen->insert(position.position() + "\n" + position.target()).second) {
    violations->push_back({field + "position", position.position() + " stands on the map twice"});
  }
  if (position.role() == v1::POSITION_ROLE_UNSPECIFIED) {
    violations->push_back({field + "role", "must be given: SAMPLE, STANDARD, NTC, …"});
  }
  if ((position.role() == v1::POSITION_ROLE_SAMPLE) == position.sample_id().empty()) {
    violations->push_back({field + "sample", position.sample_id().empty()
                                                 ? "a position with role SAMPLE names its sample"
                                                 : "only a position with role SAMPLE names one"});
  }
  for (const auto& [name, text] :
       {std::pair("target", &position.target()), std::pair("file_name", &position.file_name())}) {
    if (const auto problem = TextProblem(*text, kMaxNameBytes)) {
      violations->push_back({field + name, *problem});
    }
  }
  if (!position.omit_reason().empty()) {
    const auto stated = RequireReason(field + "omit_reason", position.omit_reason());
    if (!stated) violations->push_back(stated.error().violations[0]);
  }
  if (!position.dilution().empty()) {
    const auto dilution = Decimal::Parse(position.dilution());
    if (!dilution) {
      violations->push_back({field + "dilution", WhatIsWrong(dilution.error())});
    } else if (*dilution < Decimal::FromInt(1)) {
      violations->push_back({field + "dilution", "is a factor of 1 or more: 10 for 1:10"});
    }
  }
}

// A position may be read for several targets, but it holds one sample.
void CheckContents(const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions,
                   std::vector<Violation>* violations) {
  std::map<std::string, const v1::RunPosition*> first;
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const auto [known, is_new] = first.try_emplace(position.position(), &position);
    const v1::RunPosition& other = *known->second;
    if (is_new || other.sample_id() == position.sample_id()) continue;
    const std::string role = v1::EnumWord(other.role());
    violations->push_back({"positions[" + std::to_string(i) + "].position",
                           position.position() + " holds " +
                               (other.sample_id().empty() ? role : other.sample_id()) +
                               " already: one position holds one sample"});
  }
}

// For a method that reads files: "A1" and "A01" are one well of them, which CheckContents takes for
// two positions.
std::vector<Violation> CheckWells(
    const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions) {
  std::vector<Violation> violations;
  std::map<std::string, const v1::RunPosition*> first;
  std::map<std::pair<std::string, std::string>, std::string> spelled;  // well and target: first as
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const std::string well = instrument::MapWell(position.position());
    const v1::RunPosition& other = *first.try_emplace(well, &position).first->second;
    const auto [known, is_new] =
        spelled.try_emplace({well, position.target()}, position.position());
    const bool twice = !is_new && known->second != position.position();
    const bool other_content =
        other.position() != position.position() && other.sample_id() != position.sample_id();
    if (!twice && !other_content) continue;
    violations.push_back({"positions[" + std::to_string(i) + "].position",
                          position.position() + " is the same well as " +
                              (twice ? known->second : other.position()) +
                              ", which is on the map already: write a well in one way"});
  }
  return violations;
}

// Growth is decided on, never stopped: aborting would make it an attempt that does not count.
Result<void> RefusePositive(const v1::Attempt& attempt) {
  if (attempt.positive_reading().empty()) return {};
  return WrongState("run " + attempt.run_id() + " shows " + attempt.positive_reading() +
                    " for lot " + attempt.lot_id() +
                    ": it is not aborted; submit it with lims run submit");
}

// What a run shows until now: its readings, or the first entry of values copied from a document,
// unless a second person read the document otherwise. Numbers of which some are still to come count
// as they are.
Result<v1::Computation> ComputeUntilNow(storage::Records& records, RunRecords& run) {
  run.method.clear_setup_checks();  // a value fails whatever else is still to be declared
  for (v1::MethodOutput& output : *run.method.mutable_outputs()) output.set_replicates_min(1);
  for (v1::Attempt& attempt : run.attempts) {
    LIMS_RETURN_IF_ERROR(PinFacts(records, run.method, &attempt));
    if (!attempt.has_sealed_entries() || attempt.reentries_refused() > 0) continue;
    LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({attempt.lot_id()}));
    LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot.record));
    LIMS_ASSIGN_OR_RETURN(*attempt.mutable_entries(), FirstEntry(records, attempt));
    return assay::Compute(TypedInput(
        MethodForLot(run.method, *specification, lot.record.kind(), attempt.source()).record,
        run.run, attempt));
  }
  if (run.readings.empty()) return v1::Computation();
  LIMS_ASSIGN_OR_RETURN(const PlacedInput placed, RunInput(run, {}));
  return assay::Compute(placed.input);
}

// What fails is decided on, never stopped: aborting would open the way to a repeat. It may fail
// alone, or with the runs of its plan before it.
Result<void> RefuseOutOfSpecification(storage::Records& records, RunRecords run) {
  LIMS_ASSIGN_OR_RETURN(const v1::Computation computation, ComputeUntilNow(records, run));
  for (v1::Attempt& attempt : run.attempts) {
    // Their samples may be spiked; every other failure counts for the lot or for its children.
    if (attempt.purpose() == v1::PURPOSE_VALIDATION || attempt.purpose() == v1::PURPOSE_TRAINING) {
      continue;
    }
    LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({attempt.lot_id()}));
    LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot.record));
    for (const v1::SampleComputation& sample : computation.samples()) {
      if (sample.sample_id() != attempt.sample_id()) continue;
      LIMS_ASSIGN_OR_RETURN(auto results, JudgeSample(lot.record, attempt, sample, *specification,
                                                      v1::RESULT_SOURCE_DIRECT));
      LIMS_ASSIGN_OR_RETURN(const auto combined,
                            ResultsOfAttempt(records, run.method, lot.record, sample,
                                             *specification, v1::RESULT_SOURCE_DIRECT, &attempt));
      results.insert(results.end(), combined.begin(), combined.end());
      for (const v1::Result& result : results) {
        if (result.verdict() != v1::VERDICT_OOS_SUSPECTED) continue;
        // Nothing of a sealed entry is told but this.
        if (attempt.has_sealed_entries()) {
          return WrongState("run " + run.run.run_id() +
                            " holds values that were copied once, and nobody has shown that they "
                            "were typed wrongly: it is aborted only after a second person's entry "
                            "with lims result second differed");
        }
        return WrongState("run " + run.run.run_id() + " shows " + result.line_code() + " " +
                          result.value_reported() + " for lot " + attempt.lot_id() +
                          ", out of specification (" + result.criterion() +
                          "): it is not aborted; finish it and submit it with lims run submit");
      }
    }
  }
  return {};
}

// What the sample of an attempt lacks on the map. Tests for other purposes than release may leave
// lines out.
Result<std::vector<Violation>> MissingOnMap(
    storage::Records& records, const v1::Method& method, const v1::Attempt& attempt,
    const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions) {
  if (attempt.purpose() != v1::PURPOSE_RELEASE) return std::vector<Violation>();
  LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({attempt.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot.record));
  LIMS_ASSIGN_OR_RETURN(const auto earlier,
                        records.Shared<v1::Attempt>({attempt.lot_id(), attempt.panel()}));
  const v1::Attempt* repeated = nullptr;
  if (domain::StepOf(attempt) == v1::ATTEMPT_KIND_METHOD_REPEAT) {
    for (const auto& each : *earlier) {
      const bool prescribes =
          each.record.purpose() == attempt.purpose() && !each.record.repeat_because().empty();
      if (!prescribes) continue;
      if (repeated == nullptr || repeated->number() < each.record.number()) repeated = &each.record;
    }
  }
  return assay::CheckSampleOnMap(MethodForLot(method, *specification, lot.record.kind()).record,
                                 positions, attempt.sample_id(), repeated);
}

// Takes off the samples what the run uses up of them, and notes it in their attempts.
Result<std::vector<Violation>> UseUp(storage::Transaction& tx, const v1::CreateRunRequest& request,
                                     std::vector<v1::Attempt>* attempts) {
  std::vector<Violation> refused;
  for (int i = 0; i < request.uses_size(); ++i) {
    const v1::SampleUse& use = request.uses(i);
    const std::string field = "uses[" + std::to_string(i) + "]";
    const auto attempt = std::find_if(attempts->begin(), attempts->end(), [&](const auto& each) {
      return each.sample_id() == use.sample_id();
    });
    if (attempt == attempts->end() || attempt->has_used()) {
      refused.push_back({field + ".sample_id",
                         attempt == attempts->end()
                             ? "sample " + use.sample_id() + " is not on the map"
                             : "sample " + use.sample_id() + " is named twice: give one amount"});
      continue;
    }
    LIMS_ASSIGN_OR_RETURN(auto sample, tx.records().Get<v1::Sample>({use.sample_id()}));
    if (const auto taken = domain::TakePart(use.amount(), field + ".amount", &sample.record);
        !taken) {
      if (taken.error().violations.empty()) return taken.error();
      refused.push_back(taken.error().violations[0]);
      continue;
    }
    *attempt->mutable_used() = use.amount();
    tx.Put(std::move(sample.record));
  }
  return refused;
}

// The version by which the first sample for release on the map is tested.
Result<std::shared_ptr<const v1::Method>> MethodOfRun(storage::Records& records,
                                                      const v1::CreateRunRequest& request,
                                                      TimeUs now, int offset) {
  for (const v1::RunPosition& position : request.positions()) {
    if (position.sample_id().empty()) continue;
    LIMS_ASSIGN_OR_RETURN(const auto sample, records.Find<v1::Sample>({position.sample_id()}));
    if (!sample || sample->record.purpose() != v1::PURPOSE_RELEASE) continue;
    return MethodToUse(records, request.method_id(), sample->record, now, offset);
  }
  return MethodInForce(records, request.method_id(), now, offset);
}

Result<void> CheckStarted(const Site& site, const std::string& started) {
  LIMS_ASSIGN_OR_RETURN(const TimeUs time, ParseTime(started));
  if (time > site.clock().Now()) return InvalidArgument("started_time", "lies in the future");
  return {};
}

}  // namespace

Result<Plan> CreateRun(Site& site, const Call& call, const v1::CreateRunRequest& request) {
  const int offset = site.record().zone_offset_minutes();
  std::vector<Violation> violations;
  std::set<std::string> seen;
  if (request.positions().empty()) {
    violations.push_back({"positions", "a run needs a map with at least one position"});
  }
  if (request.positions_size() > kMaxPositions) {
    violations.push_back({"positions", "a map has at most 2000 positions"});
  }
  for (int i = 0; i < request.positions_size(); ++i) {
    CheckPosition(request.positions(i), i, &seen, &violations);
  }
  CheckContents(request.positions(), &violations);
  if (const auto problem = TextProblem(request.instrument(), kMaxNameBytes)) {
    violations.push_back({"instrument", *problem});
  }
  if (!request.started_time().empty()) {
    if (const auto started = CheckStarted(site, request.started_time()); !started) {
      violations.push_back({"started_time", WhatIsWrong(started.error())});
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_CREATE_RUN;
  plan.reason.set_text(request.late_reason());
  plan.run = [call, request, offset](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const auto method, MethodOfRun(tx.records(), request, tx.now(), offset));
    std::vector<Violation> refused = CheckRunSetup(
        assay::MethodForReadings(*method), request.setup(), request.started_time(), tx.now());
    const std::optional<ClaimedTime> late =
        LateClaim(*method, request.started_time(), request.setup(), true, tx.now());
    Append(CheckLateReason(*method, late, request.late_reason()), &refused);
    Append(assay::CheckMap(*method, request.positions()), &refused);
    if (!method->formats().empty()) {
      Append(CheckWells(request.positions()), &refused);
    }
    const auto analysts = Analysts(tx.records(), call, request.analysts());
    if (!analysts) {
      if (analysts.error().reason != ErrorReason::kInvalidArgument) return analysts.error();
      const auto& unknown = analysts.error().violations;
      refused.insert(refused.end(), unknown.begin(), unknown.end());
    }
    v1::Run run;
    if (analysts) run.mutable_analysts()->Assign(analysts->begin(), analysts->end());
    LIMS_ASSIGN_OR_RETURN(auto unknown, AddNamedAnalysts(tx.records(), call, *method,
                                                         request.setup(), run.mutable_analysts()));
    Append(std::move(unknown), &refused);
    if (!refused.empty()) return InvalidArguments(std::move(refused));
    const std::string run_id = NewRunId(tx);
    run.set_run_id(run_id);
    run.set_method_id(method->method_id());
    run.set_method_version(method->version());
    run.set_state(v1::RUN_STATE_OPEN);
    run.set_started_time(InZoneOfSite(request.started_time(), tx.now(), offset));
    run.set_instrument(request.instrument());
    *run.mutable_setup() = request.setup();
    run.set_assay(method->assay());
    run.set_position_count(request.positions_size());
    tx.Put(run);

    std::vector<Violation> missing;
    std::map<std::string, std::string> lot_of;  // by sample
    std::vector<v1::Attempt> attempts;
    std::set<std::string> with_release_sample;  // lots with a sample for release on the map
    std::map<std::string, int> attempts_of;     // by lot
    for (int i = 0; i < request.positions_size(); ++i) {
      const std::string& sample = request.positions(i).sample_id();
      if (sample.empty() || lot_of.contains(sample)) continue;
      auto next = [&]() -> Result<v1::Attempt> {
        LIMS_ASSIGN_OR_RETURN(const auto tested, tx.records().Get<v1::Sample>({sample}));
        LIMS_ASSIGN_OR_RETURN(const auto lot, tx.records().Get<v1::Lot>({tested.record.lot_id()}));
        LIMS_ASSIGN_OR_RETURN(const auto own, MethodToUse(tx.records(), request.method_id(),
                                                          tested.record, tx.now(), offset));
        if (tested.record.purpose() == v1::PURPOSE_RELEASE && own->version() != method->version()) {
          return WrongState("lot " + lot.record.lot_id() + " is tested by version " +
                            std::to_string(own->version()) + " of method " + own->method_id() +
                            ", another lot on the map by version " +
                            std::to_string(method->version()) +
                            ": a plan or repeat goes on under the version that it began with; "
                            "create a run for each");
        }
        TestMoment moment = MomentOf(request.started_time(), tx.now(), offset, *analysts);
        moment.begins = true;
        return NextAttempt(tx.records(), *method, tested.record, lot.record, moment);
      }();
      if (!next) {
        const std::string field = "positions[" + std::to_string(i) + "].sample";
        if (next.error().violations.empty()) missing.push_back({field, next.error().message});
        for (const Violation& each : next.error().violations) {
          missing.push_back({field, each.description});
        }
        lot_of[sample] = "";
        continue;
      }
      v1::Attempt& attempt = *next;
      lot_of[sample] = attempt.lot_id();
      // Other samples of a lot may stand beside its sample for release.
      attempt.set_number(attempt.number() + attempts_of[attempt.lot_id()]++);
      const bool for_release = attempt.purpose() == v1::PURPOSE_RELEASE;
      if (for_release && !with_release_sample.insert(attempt.lot_id()).second) {
        missing.push_back(
            {"positions[" + std::to_string(i) + "].sample",
             "the map has another sample for release of lot " + attempt.lot_id() +
                 ": a run tests one; plan what is to be compared with another purpose"});
      }
      LIMS_ASSIGN_OR_RETURN(auto lacks,
                            MissingOnMap(tx.records(), *method, attempt, request.positions()));
      Append(std::move(lacks), &refused);
      const auto vessels = std::count_if(
          request.positions().begin(), request.positions().end(), [&](const auto& position) {
            return position.sample_id() == sample && position.omit_reason().empty();
          });
      const auto use =
          std::find_if(request.uses().begin(), request.uses().end(),
                       [&](const v1::SampleUse& each) { return each.sample_id() == sample; });
      LIMS_ASSIGN_OR_RETURN(
          std::string smaller,
          WhySmallerThanFirst(tx.records(), *method, attempt, static_cast<int>(vessels),
                              use == request.uses().end() ? v1::MeasuredValue() : use->amount()));
      if (!smaller.empty()) {
        missing.push_back({"positions[" + std::to_string(i) + "].sample", std::move(smaller)});
      }
      LIMS_ASSIGN_OR_RETURN(auto stale,
                            StaleSetup(tx.records(), *method, attempt, request.setup()));
      Append(std::move(stale), &missing);
      attempt.set_run_id(run_id);
      *attempt.mutable_analysts() = run.analysts();
      if (late) {
        *attempt.mutable_late_entry() = LateEntryOf(*late, request.late_reason(), tx.now(), offset);
      }
      attempts.push_back(std::move(attempt));
    }
    if (attempts.empty() && missing.empty()) {
      missing.push_back({"positions", "no position holds a sample"});
    }
    if (!missing.empty()) return WrongStates(std::move(missing));
    LIMS_ASSIGN_OR_RETURN(auto uses, UseUp(tx, request, &attempts));
    Append(std::move(uses), &refused);
    if (!refused.empty()) return InvalidArguments(std::move(refused));
    for (const v1::RunPosition& asked : request.positions()) {
      v1::RunPosition position = asked;
      position.set_run_id(run_id);
      position.set_lot_id(lot_of[asked.sample_id()]);
      tx.Put(position);
    }
    for (const v1::Attempt& attempt : attempts) tx.Put(attempt);
    return {};
  };
  return plan;
}

Result<Plan> AbortRun(Site&, const Call& call, const v1::AbortRunRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_ABORT_RUN;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto run, tx.records().Get<v1::Run>({request.run_id()}));
    if (!domain::MayBecome(run.record.state(), v1::RUN_STATE_ABORTED)) {
      return NotOpen(run.record, "aborted");
    }
    run.record.set_state(v1::RUN_STATE_ABORTED);
    run.record.set_outcome(v1::OUTCOME_ABORTED);
    run.record.set_abort_reason(request.reason());
    tx.Put(run.record);
    LIMS_ASSIGN_OR_RETURN(auto attempts,
                          tx.records().ListBy<v1::Attempt>("run_id", request.run_id()));
    for (const auto& attempt : attempts) {
      LIMS_RETURN_IF_ERROR(RefusePositive(attempt.record));
      if (const auto conflict = domain::FirstEntryConflict(attempt.record, call.user_id)) {
        return MakeError(ErrorReason::kSegregation, *conflict);
      }
    }
    LIMS_ASSIGN_OR_RETURN(RunRecords stopped, LoadRun(tx.records(), request.run_id()));
    LIMS_RETURN_IF_ERROR(RefuseOutOfSpecification(tx.records(), std::move(stopped)));
    for (auto& attempt : attempts) {
      attempt.record.set_outcome(v1::OUTCOME_ABORTED);
      attempt.record.set_abort_reason(request.reason());
      tx.Put(attempt.record);
    }
    return {};
  };
  return plan;
}

namespace {

Result<void> AddResults(storage::Records& records, v1::GetRunResponse* response) {
  for (const v1::Attempt& attempt : response->attempts()) {
    LIMS_ASSIGN_OR_RETURN(const auto results, records.List<v1::Result>({attempt.lot_id()}));
    for (const auto& result : results) {
      if (result.record.panel() == attempt.panel() &&
          result.record.attempt_number() == attempt.number()) {
        *response->add_results() = result.record;
      }
    }
  }
  return {};
}

}  // namespace

Result<v1::GetRunResponse> GetRun(Site&, storage::Records& records,
                                  const v1::GetRunRequest& request) {
  v1::GetRunResponse response;
  LIMS_ASSIGN_OR_RETURN(auto run, records.Get<v1::Run>({request.run_id()}));
  *response.mutable_run() = std::move(run.record);
  LIMS_ASSIGN_OR_RETURN(auto positions, records.List<v1::RunPosition>({request.run_id()}));
  for (auto& position : positions) *response.add_positions() = std::move(position.record);
  LIMS_ASSIGN_OR_RETURN(auto readings, records.List<v1::Reading>({request.run_id()}));
  for (auto& reading : readings) *response.add_readings() = std::move(reading.record);
  LIMS_ASSIGN_OR_RETURN(auto attempts, records.ListBy<v1::Attempt>("run_id", request.run_id()));
  for (auto& attempt : attempts) *response.add_attempts() = std::move(attempt.record);
  LIMS_RETURN_IF_ERROR(AddRunFiles(records, &response));
  LIMS_RETURN_IF_ERROR(AddResults(records, &response));
  return response;
}

Result<v1::ListResultsResponse> ListResults(Site&, storage::Records& records,
                                            const v1::ListResultsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(const std::string after, ParsePageToken(request.page_token()));
  LIMS_RETURN_IF_ERROR(records.Get<v1::Lot>({request.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto results, records.List<v1::Result>({request.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto attempts, records.List<v1::Attempt>({request.lot_id()}));
  v1::ListResultsResponse response;
  bool past = after.empty();
  std::string last;
  std::set<std::string> panels;
  for (const auto& result : results) {
    const std::string key = tlog::NameOf(result.record);
    if (!past) {
      past = key == after;
      continue;
    }
    if (!request.line_code().empty() && result.record.line_code() != request.line_code()) continue;
    if (response.results_size() == size) {
      response.set_next_page_token(PageToken(last));
      break;
    }
    last = key;
    panels.insert(result.record.panel());
    *response.add_results() = result.record;
  }
  for (const auto& attempt : attempts) {
    if (request.line_code().empty() || panels.contains(attempt.record.panel()) ||
        attempt.record.panel() == request.line_code()) {
      *response.add_attempts() = attempt.record;
    }
  }
  return response;
}

}  // namespace lims::app
