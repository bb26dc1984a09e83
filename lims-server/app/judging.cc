#include "app/judging.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "app/catalogue.h"
#include "assay/reported.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "domain/lifecycle.h"
#include "domain/verdict.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

constexpr std::size_t kMaxLotMethods = 256;

}  // namespace

Result<std::shared_ptr<const v1::SpecificationText>> SpecificationOf(storage::Records& records,
                                                                     const v1::Lot& lot) {
  // Approved text never changes, so one copy per revision and database serves every call.
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const v1::SpecificationText>> cache;
  LIMS_ASSIGN_OR_RETURN(const auto heads, records.Shared<v1::Specification>(
                                              {lot.product_id(), lot.specification_revision()}));
  if (heads->empty()) {
    return NotFound("specification " + lot.product_id() + " " +
                    std::to_string(lot.specification_revision()));
  }
  const v1::Specification& head = heads->front().record;
  const std::string key = head.text_sha256() + "/" + lot.product_id() + "/" +
                          std::to_string(lot.specification_revision()) + "/" +
                          head.approval_signature_id();
  {
    const std::lock_guard lock(mutex);
    if (const auto found = cache.find(key); found != cache.end()) return found->second;
  }
  LIMS_ASSIGN_OR_RETURN(v1::SpecificationText text,
                        LoadSpecification(records, lot.product_id(), lot.specification_revision()));
  auto shared = std::make_shared<const v1::SpecificationText>(std::move(text));
  const std::lock_guard lock(mutex);
  if (cache.size() >= 64) cache.clear();
  cache[key] = shared;
  return std::shared_ptr<const v1::SpecificationText>(shared);
}

namespace {

// A scale is a number or the name of a fact.
bool NamesFact(const std::string& name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9');
}

// The documents that a line is judged by, as its reference: nothing of the method or of a limit
// names them.
std::vector<const v1::FactDefinition*> DocumentsOf(const v1::SpecificationText& specification,
                                                   const v1::SpecificationLine& line) {
  std::vector<const v1::FactDefinition*> documents;
  for (const v1::FactDefinition& fact : specification.facts()) {
    const auto& users = fact.used_by_lines();
    if (fact.type() == v1::FACT_TYPE_DOCUMENT &&
        std::find(users.begin(), users.end(), line.line_code()) != users.end()) {
      documents.push_back(&fact);
    }
  }
  return documents;
}

}  // namespace

Result<std::vector<v1::NamedValue>> FactsFor(storage::Records& records, const v1::Method& method,
                                             const v1::SpecificationText& specification,
                                             const v1::Lot& lot) {
  std::set<std::string_view> names;
  const auto add = [&names](const std::string& name) {
    if (NamesFact(name)) names.insert(name);
  };
  for (const v1::MethodOutput& output : method.outputs()) {
    add(output.factor());
    add(output.divisor());
    add(output.equals_fact());
    add(output.needs_fact());
    const v1::SpecificationLine* line = LineFor(specification, output.line_code(), lot.kind());
    if (line == nullptr) continue;
    add(method.observation().short_fact());
    for (const v1::Criterion& criterion : line->criteria()) {
      add(criterion.lower().fact());
      add(criterion.upper().fact());
    }
    for (const v1::FactDefinition* document : DocumentsOf(specification, *line)) {
      add(document->fact());
      add(document->needed_when());
    }
  }
  std::vector<v1::NamedValue> facts;
  if (names.empty()) return facts;
  LIMS_ASSIGN_OR_RETURN(const auto declared, records.Shared<v1::LotFact>({lot.lot_id()}));
  for (const auto& stored : *declared) {
    if (!names.contains(stored.record.fact())) continue;
    facts.emplace_back();
    facts.back().set_name(stored.record.fact());
    facts.back().set_value(stored.record.value());
  }
  return facts;
}

namespace {

// The facts without which values of the method are not calculated or judged, of those that the
// attempt does not have.
std::set<std::string> MissingFacts(const v1::Method& method,
                                   const v1::SpecificationText& specification, const v1::Lot& lot,
                                   const v1::Attempt& attempt) {
  const auto value = [&](const std::string& name) -> std::optional<std::string> {
    const auto& facts = attempt.facts();
    const auto found = std::find_if(facts.begin(), facts.end(),
                                    [&](const auto& fact) { return fact.name() == name; });
    if (found == facts.end()) return std::nullopt;
    return found->value();
  };
  std::set<std::string> missing;
  const auto need = [&](const std::string& name) {
    if (NamesFact(name) && !value(name)) missing.insert(name);
  };
  for (const v1::MethodOutput& output : method.outputs()) {
    const v1::SpecificationLine* line = LineFor(specification, output.line_code(), lot.kind());
    if (line == nullptr) continue;
    need(output.needs_fact());
    if (!output.needs_fact().empty() && value(output.needs_fact()) != "yes") continue;
    need(output.factor());
    need(output.divisor());
    need(output.equals_fact());
    need(method.observation().short_fact());
    for (const v1::Criterion& criterion : line->criteria()) {
      need(criterion.lower().fact());
      need(criterion.upper().fact());
    }
    for (const v1::FactDefinition* document : DocumentsOf(specification, *line)) {
      const std::string& when = document->needed_when();
      need(when);
      if (when.empty() || value(when) == "yes") need(document->fact());
    }
  }
  return missing;
}

}  // namespace

Result<void> RequireFacts(const v1::Method& method, const v1::SpecificationText& specification,
                          const v1::Lot& lot, const v1::Attempt& attempt) {
  if (!domain::IsUndecided(lot.disposition())) return {};
  const std::set<std::string> missing = MissingFacts(method, specification, lot, attempt);
  if (missing.empty()) return {};
  std::vector<Violation> violations;
  for (const std::string& name : missing) {
    violations.push_back({"lot " + lot.lot_id(), "fact " + name + " is not declared, and " +
                                                     method.panel() +
                                                     " is judged with it: QA declares it first "
                                                     "with lims lot fact"});
  }
  return WrongStates(std::move(violations));
}

Result<void> PinFacts(storage::Records& records, const v1::Method& method, v1::Attempt* attempt) {
  LIMS_ASSIGN_OR_RETURN(const auto lot, records.GetShared<v1::Lot>({attempt->lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot->record));
  LIMS_ASSIGN_OR_RETURN(const auto facts, FactsFor(records, method, *specification, lot->record));
  PinFacts(method, *specification, lot->record, facts, attempt);
  return {};
}

void PinFacts(const v1::Method& method, const v1::SpecificationText& specification,
              const v1::Lot& lot, const std::vector<v1::NamedValue>& facts, v1::Attempt* attempt) {
  attempt->clear_facts();
  for (const v1::NamedValue& fact : facts) *attempt->add_facts() = fact;
  attempt->clear_undeclared_facts();
  if (domain::IsUndecided(lot.disposition())) return;
  for (const std::string& fact : MissingFacts(method, specification, lot, *attempt)) {
    attempt->add_undeclared_facts(fact);
  }
}

const v1::SpecificationLine* LineFor(const v1::SpecificationText& specification,
                                     std::string_view line_code, v1::LotKind kind) {
  for (const v1::SpecificationLine& line : specification.lines()) {
    if (line.line_code() != line_code) continue;
    for (const v1::GateAssignment& gate : line.gates()) {
      if (std::find(gate.lot_kinds().begin(), gate.lot_kinds().end(), kind) !=
          gate.lot_kinds().end()) {
        return &line;
      }
    }
  }
  return nullptr;
}

bool StandsForRun(const v1::Method& method, v1::ResultSource source) {
  return method.lines_from_report() && source == v1::RESULT_SOURCE_CONTRACT_LAB;
}

LotMethod MethodForLot(const v1::Method& method, const v1::SpecificationText& specification,
                       v1::LotKind kind, v1::ResultSource source) {
  LotMethod filtered{method, ""};
  filtered.record.clear_outputs();
  std::vector<const v1::SpecificationLine*> lines;
  for (const v1::MethodOutput& output : method.outputs()) {
    const v1::SpecificationLine* line = LineFor(specification, output.line_code(), kind);
    if (line == nullptr) continue;
    lines.push_back(line);
    *filtered.record.add_outputs() = output;
  }
  if (StandsForRun(method, source)) filtered.record = assay::MethodForReport(method, lines);
  filtered.canonical = tlog::CanonicalJson(filtered.record);
  return filtered;
}

std::shared_ptr<const LotMethod> SharedMethodForLot(
    const std::shared_ptr<const v1::Method>& method,
    const std::shared_ptr<const v1::SpecificationText>& specification, v1::LotKind kind,
    v1::ResultSource source) {
  // Held by the cache, so that an address stands for one text.
  using Key = std::tuple<std::shared_ptr<const v1::Method>,
                         std::shared_ptr<const v1::SpecificationText>, v1::LotKind, bool>;
  static std::mutex mutex;
  static std::map<Key, std::shared_ptr<const LotMethod>> cache;
  const std::lock_guard lock(mutex);
  Key key(method, specification, kind, StandsForRun(*method, source));
  const auto found = cache.find(key);
  if (found != cache.end()) return found->second;
  if (cache.size() >= kMaxLotMethods) cache.clear();
  auto made =
      std::make_shared<const LotMethod>(MethodForLot(*method, *specification, kind, source));
  return cache.emplace(std::move(key), std::move(made)).first->second;
}

namespace {

// Of the facts that limits of the line are, one that nobody will declare any more; else empty.
std::string UndeclaredLimit(const v1::Attempt& attempt, const v1::SpecificationLine& line) {
  if (line.verdict_mode() != v1::VERDICT_MODE_JUDGED) return "";
  for (const std::string& fact : attempt.undeclared_facts()) {
    for (const v1::Criterion& criterion : line.criteria()) {
      if (criterion.lower().fact() == fact || criterion.upper().fact() == fact) return fact;
    }
  }
  return "";
}

// The same of the documents that the line is judged by, which only a test for release needs.
std::string UndeclaredDocument(const v1::Attempt& attempt,
                               const v1::SpecificationText& specification,
                               const v1::SpecificationLine& line) {
  if (attempt.purpose() != v1::PURPOSE_RELEASE) return "";
  for (const v1::FactDefinition* document : DocumentsOf(specification, line)) {
    for (const std::string& fact : attempt.undeclared_facts()) {
      if (document->fact() == fact || document->needed_when() == fact) return fact;
    }
  }
  return "";
}

void LeaveUndecided(const std::string& fact, v1::Result* result) {
  result->set_verdict(result->purpose() == v1::PURPOSE_RELEASE ? v1::VERDICT_CANNOT_DECIDE
                                                               : v1::VERDICT_REPORT_ONLY);
  result->set_explanation("fact " + fact + " was not declared before the lot was decided on");
}

void MakeInconclusive(std::string why, v1::Result* result) {
  result->set_verdict(v1::VERDICT_INCONCLUSIVE);
  result->set_explanation(std::move(why));
}

// A verdict that hangs on the points left out is none.
Result<void> JudgeWithExcluded(const v1::SpecificationLine& line, v1::Reportable reportable,
                               const domain::FactLookup& facts, v1::Result* result) {
  if (reportable.value_with_excluded().empty()) return {};
  result->set_value_with_excluded(reportable.value_with_excluded());
  reportable.set_value(reportable.value_with_excluded());
  LIMS_ASSIGN_OR_RETURN(const domain::Judgement judgement, domain::Judge(line, reportable, facts));
  if (judgement.verdict == result->verdict()) return {};
  MakeInconclusive("the verdict hangs on the points left out: " + result->explanation() +
                       "; with them, " + judgement.explanation,
                   result);
  return {};
}

Result<void> JudgeByLimits(const v1::SpecificationLine& line, const v1::Reportable& reportable,
                           const domain::FactLookup& facts, v1::Result* result) {
  LIMS_ASSIGN_OR_RETURN(const domain::Judgement judgement, domain::Judge(line, reportable, facts));
  result->set_value_reported(judgement.value_reported);
  result->set_verdict(judgement.verdict);
  result->set_rounding(line.rounding());
  result->set_criterion(judgement.criterion);
  result->set_explanation(judgement.explanation);
  for (const std::string& flag : judgement.flags) result->add_flags(flag);
  return JudgeWithExcluded(line, reportable, facts, result);
}

}  // namespace

Result<std::vector<v1::Result>> JudgeSample(const v1::Lot& lot, const v1::Attempt& attempt,
                                            const v1::SampleComputation& sample,
                                            const v1::SpecificationText& specification,
                                            v1::ResultSource source) {
  std::vector<v1::Result> results;
  if (sample.outcome() != v1::OUTCOME_VALID) return results;
  const domain::FactLookup lookup = [&](std::string_view fact) -> std::optional<std::string> {
    for (const v1::NamedValue& pinned : attempt.facts()) {
      if (pinned.name() == fact) return pinned.value();
    }
    return std::nullopt;
  };
  for (const v1::Reportable& reportable : sample.reportables()) {
    v1::Result result;
    result.set_lot_id(lot.lot_id());
    result.set_line_code(reportable.line_code());
    result.set_attempt_number(attempt.number());
    result.set_panel(attempt.panel());
    result.set_value_raw(reportable.value());
    result.set_qualifier(reportable.qualifier());
    result.set_unit(reportable.unit());
    result.set_source(source);
    result.set_purpose(attempt.purpose());
    *result.mutable_individuals() = reportable.individuals();
    const v1::SpecificationLine* line = LineFor(specification, reportable.line_code(), lot.kind());
    if (line == nullptr) {
      // A panel may report more than this kind of lot is released by.
      if (attempt.purpose() == v1::PURPOSE_RELEASE) continue;
      result.set_value_reported(reportable.value());
      result.set_verdict(v1::VERDICT_REPORT_ONLY);
      result.set_criterion("report only");
      result.set_explanation("the specification has no line " + reportable.line_code() +
                             " for this lot; reported for the purpose of the sample");
      results.push_back(std::move(result));
      continue;
    }
    result.set_unit(line->unit());
    if (const std::string fact = UndeclaredLimit(attempt, *line); !fact.empty()) {
      result.set_value_reported(reportable.value());
      result.set_criterion(domain::CriterionText(*line, lookup));
      LeaveUndecided(fact, &result);
    } else {
      LIMS_RETURN_IF_ERROR(JudgeByLimits(*line, reportable, lookup, &result));
      const std::string missing = UndeclaredDocument(attempt, specification, *line);
      if (!missing.empty() && result.verdict() == v1::VERDICT_PASS) {
        LeaveUndecided(missing, &result);
      }
    }
    if (!reportable.inconclusive().empty()) MakeInconclusive(reportable.inconclusive(), &result);
    results.push_back(std::move(result));
  }
  return results;
}

Result<void> FailConditional(storage::Transaction& tx, const std::string& lot_id,
                             const std::vector<v1::Result>& results) {
  const bool failed = std::any_of(results.begin(), results.end(), [](const v1::Result& result) {
    return result.purpose() == v1::PURPOSE_RELEASE && result.verdict() == v1::VERDICT_OOS_SUSPECTED;
  });
  if (!failed) return {};
  LIMS_ASSIGN_OR_RETURN(auto lot, tx.records().Get<v1::Lot>({lot_id}));
  if (lot.record.disposition() != v1::DISPOSITION_CONDITIONALLY_RELEASED) return {};
  lot.record.set_disposition(v1::DISPOSITION_CONDITIONAL_FAILED);
  tx.Put(std::move(lot.record));
  return {};
}

void RecordRunFindings(const v1::Computation& computation, v1::Run* run) {
  run->set_assay(computation.assay());
  run->set_assay_version(computation.assay_version());
  run->set_outcome(computation.outcome());
  *run->mutable_checks() = computation.checks();
  *run->mutable_details() = computation.details();
}

void RecordSampleFindings(const v1::SampleComputation& sample, v1::Attempt* attempt) {
  attempt->set_outcome(sample.outcome());
  *attempt->mutable_checks() = sample.checks();
  *attempt->mutable_details() = sample.details();
  *attempt->mutable_flags() = sample.flags();
  *attempt->mutable_invalid_lines() = sample.invalid_lines();
}

std::string InputDigest(const v1::AssayInput& input, std::string_view method) {
  static const auto* field =
      v1::AssayInput::descriptor()->FindFieldByNumber(v1::AssayInput::kMethodFieldNumber);
  const tlog::KnownField known =
      method.empty() ? tlog::KnownField{} : tlog::KnownField{field, method};
  return HexEncode(Sha256(tlog::CanonicalJson(input, known)));
}

}  // namespace lims::app
