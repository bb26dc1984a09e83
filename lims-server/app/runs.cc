#include "app/runs.h"

#include <set>

#include "app/attempt_results.h"
#include "app/call.h"
#include "app/judging.h"
#include "app/run_files.h"
#include "app/run_input.h"
#include "app/run_rules.h"
#include "app/second_entry.h"
#include "assay/registry.h"
#include "domain/lifecycle.h"
#include "domain/segregation.h"

namespace lims::app {
namespace {

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

}  // namespace

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
