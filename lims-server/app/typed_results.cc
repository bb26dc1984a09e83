#include "app/typed_results.h"

#include <algorithm>
#include <utility>

#include "app/attempt_results.h"
#include "app/judging.h"
#include "app/run_input.h"
#include "app/system_holds.h"
#include "assay/observation.h"
#include "assay/registry.h"
#include "domain/plausibility.h"

namespace lims::app {

Result<std::string> PanelOf(const v1::SpecificationText& specification, const v1::Lot& lot,
                            const std::string& asked, std::string* method_id) {
  for (const v1::SpecificationLine& line : specification.lines()) {
    if (line.line_code() != asked && line.panel() != asked) continue;
    if (LineFor(specification, line.line_code(), lot.kind()) == nullptr) continue;
    *method_id = line.method_id();
    return line.panel();
  }
  return InvalidArgument("panel", "the specification of lot " + lot.lot_id() +
                                      " has no line or panel " + asked + " for this kind of lot");
}

Result<void> CheckPlausibility(const v1::Method& method, const v1::SpecificationText& specification,
                               const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries,
                               bool confirmed) {
  auto doubts = domain::EntryDoubts(method, specification.lines(), entries, confirmed);
  if (doubts.empty()) return {};
  return InvalidArguments(std::move(doubts));
}

Result<void> CheckPlausibility(const v1::Method& method, const v1::SpecificationText& specification,
                               const std::vector<v1::Result>& results, bool confirmed) {
  std::vector<Violation> doubts;
  for (const v1::MethodOutput& output : method.outputs()) {
    if (output.factor().empty() && output.divisor().empty()) continue;
    for (const v1::Result& result : results) {
      if (result.line_code() != output.line_code()) continue;
      for (const v1::SpecificationLine& line : specification.lines()) {
        if (line.line_code() != result.line_code()) continue;
        auto doubt =
            domain::ValueDoubt(line, result.line_code(), result.value_reported(), confirmed);
        if (doubt) doubts.push_back(*std::move(doubt));
      }
    }
  }
  if (doubts.empty()) return {};
  return InvalidArguments(std::move(doubts));
}

std::vector<Violation> UnreportedLines(
    const v1::Method& method, const v1::SpecificationText& specification,
    const std::vector<v1::NamedValue>& facts,
    const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries) {
  std::vector<Violation> unreported;
  for (const v1::MethodOutput& output : method.outputs()) {
    for (const v1::SpecificationLine& line : specification.lines()) {
      const v1::Applicability& when = line.applicability();
      const bool applies = line.line_code() == output.line_code() &&
                           std::any_of(facts.begin(), facts.end(), [&](const v1::NamedValue& fact) {
                             return fact.name() == when.fact() && fact.value() == when.value();
                           });
      const bool entered = std::any_of(
          entries.begin(), entries.end(),
          [&](const v1::TypedEntry& entry) { return entry.input() == line.line_code(); });
      if (!applies || entered) continue;
      unreported.push_back({"entries", line.line_code() + " is missing: it applies, as " +
                                           when.fact() + " is " + when.value()});
    }
  }
  return unreported;
}

Result<void> RefuseUnfinished(const std::string& what, const std::vector<std::string>& missing) {
  if (missing.empty()) return {};
  std::vector<Violation> violations;
  for (const std::string& each : missing) violations.push_back({what, each});
  return MakeError(ErrorReason::kWrongState, what + " is not finished", std::move(violations));
}

Result<std::vector<v1::Result>> JudgeEntries(storage::Records& records, const LotMethod& method,
                                             const v1::Lot& lot,
                                             const v1::SpecificationText& specification,
                                             int zone_offset_minutes, v1::Run* run,
                                             v1::Attempt* attempt) {
  v1::AssayInput input = TypedValues(method.record, *run, *attempt);
  run->set_input_sha256(InputDigest(input, method.canonical));
  const LentMethod lent(method.record, &input);
  LIMS_RETURN_IF_ERROR(RefuseUnfinished("panel " + attempt->panel(),
                                        assay::Unfinished(input, {}, zone_offset_minutes)));
  const v1::Computation computation = assay::Compute(input);
  run->set_state(v1::RUN_STATE_SUBMITTED);
  RecordRunFindings(computation, run);
  RecordSampleFindings(computation.samples(0), attempt);
  return ResultsOfAttempt(records, method.record, lot, computation.samples(0), specification,
                          SourceOf(*run, *attempt), attempt);
}

Result<void> RecordJudged(storage::Transaction& tx, const v1::Method& method,
                          const v1::SpecificationText& specification,
                          std::vector<v1::Result> results, v1::Run run, v1::Attempt attempt) {
  SystemHolds holds(tx);
  LIMS_RETURN_IF_ERROR(holds.AddResults(specification, results, run.run_id()));
  LIMS_RETURN_IF_ERROR(holds.AddUnexpected(method, attempt));
  holds.Put();
  LIMS_RETURN_IF_ERROR(FailConditional(tx, attempt.lot_id(), results));
  tx.Put(std::move(run));
  for (v1::Result& result : results) tx.Put(std::move(result));
  tx.Put(std::move(attempt));
  return {};
}

v1::ResultSource SourceOf(const v1::Run& run, const v1::Attempt& attempt) {
  if (attempt.source() != v1::RESULT_SOURCE_UNSPECIFIED) return attempt.source();
  return run.raw_files().empty() ? v1::RESULT_SOURCE_DIRECT : v1::RESULT_SOURCE_INSTRUMENT_FILE;
}

}  // namespace lims::app
