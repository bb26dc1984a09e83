// Submitting typed values for one sample.
#include "app/submit_result.h"

#include <algorithm>
#include <optional>

#include "app/attempt_results.h"
#include "app/judging.h"
#include "app/late_entry.h"
#include "app/run_input.h"
#include "app/run_rules.h"
#include "app/second_entry.h"
#include "app/typed_results.h"
#include "assay/entries.h"
#include "assay/observation.h"
#include "assay/setup.h"
#include "base/message_limits.h"
#include "base/text.h"
#include "domain/sample_rules.h"

namespace lims::app {
namespace {

// When a typed test was started: as the person says, else when its observation began, else at the
// beginning of the first day that a copied document names; empty for now.
std::string StartOf(const v1::Method& method, const v1::SubmitResultRequest& request,
                    int zone_offset_minutes) {
  if (!request.started_time().empty()) return request.started_time();
  for (const v1::NamedValue& value : request.setup()) {
    if (method.has_observation() && value.name() == method.observation().from()) {
      return value.value();
    }
  }
  const auto& days = request.document().performed_dates();
  if (!IsCopied(request.source()) || days.empty()) return "";
  const auto first = ParseTime(*std::min_element(days.begin(), days.end()) + "T00:00:00Z");
  return first ? FormatLocal(*first - zone_offset_minutes * kMinute, zone_offset_minutes) : "";
}

// Nobody types what an instrument's file holds; but a report may stand for the run.
Result<void> RefuseTyped(const v1::Method& method, const std::string& panel,
                         v1::ResultSource source) {
  if (method.formats().empty() || StandsForRun(method, source)) return {};
  std::string why =
      "panel " + panel + " takes an instrument file: lims run create, then lims run submit";
  if (method.lines_from_report()) {
    why +=
        "; what a contract laboratory reports of each line is copied with lims result submit "
        "--source CONTRACT_LAB";
  } else if (IsCopied(source)) {
    why += "; method " + method.method_id() + " takes no report in its place";
  }
  return InvalidArgument("panel", std::move(why));
}

// What is not declared costs a test that is done, so it is asked for; but what was positive acts at
// once.
std::vector<Violation> UndeclaredSetup(const v1::Method& method,
                                       const v1::SubmitResultRequest& request) {
  std::vector<Violation> undeclared = assay::UndeclaredSetup(method, request.setup());
  if (undeclared.empty()) return undeclared;
  v1::AssayInput input;
  const LentMethod lent(method, &input);
  for (v1::Datum& datum : assay::DataOfEntries(method, request.entries(), request.sample_id())) {
    *input.add_data() = std::move(datum);
  }
  *input.mutable_setup() = request.setup();
  return assay::SetupToDeclare(method, input, {});
}

}  // namespace

Result<Plan> SubmitResult(Site& site, const Call& call, const v1::SubmitResultRequest& request) {
  const int offset = site.record().zone_offset_minutes();
  if (!request.started_time().empty()) {
    const Result<TimeUs> started = ParseTime(request.started_time());
    if (!started) return InvalidArgument("started_time", WhatIsWrong(started.error()));
    if (*started > site.clock().Now()) {
      return InvalidArgument("started_time", "lies in the future");
    }
  }
  if (const auto problem = TextProblem(request.instrument(), kMaxNameBytes)) {
    return InvalidArgument("instrument", *problem);
  }
  if (auto violations = CheckSource(request, site.clock().Now(), offset); !violations.empty()) {
    return InvalidArguments(std::move(violations));
  }
  Plan plan;
  plan.act = v1::ACT_SUBMIT_RESULT;
  plan.reason.set_text(request.late_reason());
  plan.run = [call, request, offset](storage::Transaction& tx) -> Result<void> {
    storage::Records& records = tx.records();
    LIMS_ASSIGN_OR_RETURN(const auto lot, records.GetShared<v1::Lot>({request.lot_id()}));
    LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot->record));
    std::string method_id;
    LIMS_ASSIGN_OR_RETURN(const std::string panel,
                          PanelOf(*specification, lot->record, request.panel(), &method_id));
    LIMS_ASSIGN_OR_RETURN(const auto found,
                          SampleToTest(records, request.lot_id(), request.sample_id()));
    const v1::Sample& sample = *found;
    LIMS_ASSIGN_OR_RETURN(const auto stored,
                          MethodToUse(records, method_id, sample, tx.now(), offset));
    LIMS_RETURN_IF_ERROR(RefuseTyped(*stored, panel, request.source()));
    const bool copied = IsCopied(request.source());
    const std::string start = StartOf(*stored, request, offset);
    TestMoment moment;
    if (!copied) moment = MomentOf(start, tx.now(), offset, {call.user_id});
    moment.begins = start.empty();
    LIMS_ASSIGN_OR_RETURN(v1::Attempt attempt,
                          NextAttempt(records, *stored, sample, lot->record, moment));
    const auto lot_method =
        SharedMethodForLot(stored, specification, lot->record.kind(), request.source());
    const v1::Method& method = lot_method->record;
    if (method.has_observation() && method.observation().until().empty()) {
      return InvalidArgument("panel", "panel " + panel +
                                          " is recorded reading by reading: lims run create, "
                                          "then lims run read");
    }
    auto violations = assay::CheckEntries(method, request.entries());
    for (Violation& violation :
         CheckRunSetup(method, request.setup(), request.started_time(), tx.now())) {
      violations.push_back(std::move(violation));
    }
    Append(UndeclaredSetup(method, request), &violations);
    attempt.add_analysts(call.user_id);
    if (!copied) {  // those of a document have no accounts
      LIMS_ASSIGN_OR_RETURN(auto unknown, AddNamedAnalysts(records, call, method, request.setup(),
                                                           attempt.mutable_analysts()));
      Append(std::move(unknown), &violations);
    }
    std::optional<ClaimedTime> late;  // copied values have their document and a second entry
    if (copied) {
      Append(CheckPerformed(request.document(), sample, offset), &violations);
    } else {
      const bool start_decides = domain::WhyNotTested(sample, tx.now(), offset).has_value();
      // A start that the setup declares is among its times.
      late = LateClaim(method, request.started_time(), request.setup(), start_decides, tx.now());
    }
    Append(CheckLateReason(method, late, request.late_reason()), &violations);
    if (!violations.empty()) return InvalidArguments(std::move(violations));
    if (late) {
      *attempt.mutable_late_entry() = LateEntryOf(*late, request.late_reason(), tx.now(), offset);
    }
    LIMS_RETURN_IF_ERROR(RequireOtherSetup(records, method, {attempt}, request.setup()));
    LIMS_ASSIGN_OR_RETURN(
        const std::string smaller,
        WhySmallerThanFirst(records, method, attempt, request.entries_size(), request.used()));
    if (!smaller.empty()) return WrongState(smaller);
    LIMS_RETURN_IF_ERROR(CheckPlausibility(method, *specification, request.entries(),
                                           request.plausibility_confirmed()));

    if (request.has_used()) {
      v1::Sample rest = sample;
      LIMS_RETURN_IF_ERROR(domain::TakePart(request.used(), "used", &rest));
      *attempt.mutable_used() = request.used();
      tx.Put(std::move(rest));
    }

    LIMS_ASSIGN_OR_RETURN(const auto facts, FactsFor(records, method, *specification, lot->record));
    PinFacts(method, *specification, lot->record, facts, &attempt);
    if (attempt.purpose() == v1::PURPOSE_RELEASE) {
      LIMS_RETURN_IF_ERROR(RequireFacts(method, *specification, lot->record, attempt));
    }
    if (StandsForRun(*stored, request.source())) {
      auto unreported = UnreportedLines(method, *specification, facts, request.entries());
      if (!unreported.empty()) return InvalidArguments(std::move(unreported));
    }
    const std::string run_id = NewRunId(tx);
    v1::Run run;
    run.set_run_id(run_id);
    run.set_method_id(method.method_id());
    run.set_method_version(method.version());
    run.set_started_time(InZoneOfSite(start, tx.now(), offset));
    *run.mutable_analysts() = attempt.analysts();
    run.set_instrument(request.instrument());
    *run.mutable_setup() = request.setup();
    attempt.set_run_id(run_id);
    *attempt.mutable_entries() = request.entries();
    if (IsCopied(request.source())) {
      return RecordFirstEntry(tx, call, request, std::move(run), std::move(attempt));
    }
    LIMS_ASSIGN_OR_RETURN(auto results, JudgeEntries(records, *lot_method, lot->record,
                                                     *specification, offset, &run, &attempt));
    LIMS_RETURN_IF_ERROR(
        CheckPlausibility(method, *specification, results, request.plausibility_confirmed()));
    return RecordJudged(tx, method, *specification, std::move(results), std::move(run),
                        std::move(attempt));
  };
  return plan;
}

}  // namespace lims::app
