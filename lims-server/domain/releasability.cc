#include "domain/releasability.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "domain/ancestry.h"
#include "domain/attestation_scope.h"
#include "domain/blocker.h"
#include "domain/entry_blockers.h"
#include "domain/gates.h"
#include "domain/in_force.h"
#include "domain/lifecycle.h"
#include "domain/lot_index.h"
#include "domain/next_attempt.h"
#include "domain/refusal.h"
#include "domain/segregation.h"
#include "lims/v1/words.h"

namespace lims::domain {
namespace {

constexpr std::string_view kYes = "yes";

class Judging {
 public:
  Judging(const LotView& view, v1::Gate gate, TimeUs now, int zone_offset_minutes)
      : view_(view),
        index_(view),
        lot_(view.lot.record),
        gate_(gate == v1::GATE_UNSPECIFIED ? FinalGate(lot_.kind()) : gate),
        now_(now),
        zone_offset_minutes_(zone_offset_minutes) {
    for (const v1::SpecificationLine& line : view.lines) {
      if (Tested(line)) tested_lines_.insert(line.line_code());
    }
  }

  BlockerList Run() && {
    for (const v1::SpecificationLine& line : view_.lines) JudgeLine(line);
    JudgeAttestations();
    JudgeLot();
    AddAncestryBlockers(view_, index_, zone_offset_minutes_, lot_blockers_);
    JudgeHolds();
    JudgeFactsDeclared();
    JudgeFactsUnchanged();
    JudgeOpenRuns();
    JudgeReadings();
    AddEntryBlockers(view_, lot_blockers_);
    std::move(line_blockers_.begin(), line_blockers_.end(), std::back_inserter(lot_blockers_));
    return std::move(lot_blockers_);
  }

 private:
  void JudgeLot();
  void JudgeHolds();
  void JudgeFactsDeclared();
  void JudgeFactsUnchanged();
  void JudgeOpenRuns();
  void JudgeReadings();
  void JudgeLine(const v1::SpecificationLine& line);
  void JudgeTested(const v1::SpecificationLine& line);
  void JudgeInvalid(const v1::SpecificationLine& line,
                    const std::vector<const v1::Attempt*>& attempts);
  void JudgeLineInvalid(const v1::SpecificationLine& line,
                        const std::vector<const v1::Attempt*>& attempts);
  bool JudgePlan(const v1::SpecificationLine& line,
                 const std::vector<const v1::Attempt*>& attempts);
  void JudgeResult(const v1::SpecificationLine& line,
                   const std::vector<const v1::Attempt*>& attempts);
  void JudgeInconclusive(const v1::SpecificationLine& line,
                         const std::vector<const v1::Attempt*>& attempts, const v1::Result& result);
  void JudgeOutOfSpecification(const v1::SpecificationLine& line);
  void JudgeReviewed(const v1::SpecificationLine& line);
  void JudgeAttestations();

  bool MadeUnderItsSpecification() const;
  const v1::Method& NextMethod(const std::vector<const v1::Attempt*>& attempts) const;
  bool FactNeeded(const v1::FactDefinition& definition) const;

  bool Gated(const v1::SpecificationLine& line) const {
    return NeededAt(gate_, lot_.kind(), line.gates());
  }
  // A conditional release supposes tests that go on after it: of lines that only the final one
  // needs.
  bool GoesOn(const v1::SpecificationLine& line) const {
    return gate_ == v1::GATE_S1 && !Gated(line) && NeededAt(v1::GATE_S2, lot_.kind(), line.gates());
  }
  bool Tested(const v1::SpecificationLine& line) const { return Gated(line) || GoesOn(line); }
  void AddLot(v1::BlockerKind kind, std::string what, v1::Role who, std::string description) {
    AddBlocker(lot_blockers_, kind, std::move(what), who, std::move(description));
  }
  void AddLine(v1::BlockerKind kind, const v1::SpecificationLine& line, v1::Role who,
               std::string description) {
    AddBlocker(line_blockers_, kind, line.line_code(), who, std::move(description));
  }

  const LotView& view_;
  const LotIndex index_;
  const v1::Lot& lot_;
  const v1::Gate gate_;
  const TimeUs now_;
  const int zone_offset_minutes_;
  std::unordered_set<std::string_view> tested_lines_;   // for this lot's kind at this gate
  std::set<std::string_view> deciding_facts_;           // undeclared, and a line applies by them
  std::vector<const v1::Attempt*> resting_on_;          // valid attempts that lines rest on
  std::unordered_set<const v1::Attempt*> judged_open_;  // open attempts of lines
  BlockerList lot_blockers_;
  BlockerList line_blockers_;  // and those of attestations after them
};

bool Judging::MadeUnderItsSpecification() const {
  const v1::Specification& specification = view_.specification.record;
  const Result<TimeUs> made = ParseTime(lot_.manufacture_time());
  return made && specification.product_id() == lot_.product_id() &&
         specification.revision() == lot_.specification_revision() &&
         InForce(specification.effective_date(), specification.paper_approval(),
                 specification.state(), *made, zone_offset_minutes_);
}

void Judging::JudgeLot() {
  const std::string& lot_id = lot_.lot_id();
  if (lot_.confirmed_by().empty()) {
    AddLot(v1::BLOCKER_KIND_NOT_CONFIRMED, lot_id, v1::ROLE_TECHNICIAN,
           "a second person must confirm manufacture date and parents from the batch record");
  }
  if (!MadeUnderItsSpecification()) {
    AddLot(v1::BLOCKER_KIND_SPECIFICATION_NOT_IN_FORCE,
           fmt::format("{}/{}", lot_.product_id(), lot_.specification_revision()), v1::ROLE_QA,
           "the specification that judges this lot was not in force when the lot was made");
  }
  if (!HasGate(lot_.kind(), gate_)) {
    AddLot(v1::BLOCKER_KIND_NOT_REGISTERED, lot_id, v1::ROLE_QA,
           "a lot of this kind has no such release decision");
  } else if (gate_ == v1::GATE_S1 && !view_.specification.record.conditional_release_registered()) {
    AddLot(v1::BLOCKER_KIND_NOT_REGISTERED, lot_id, v1::ROLE_QA,
           "conditional release is not registered for this product; wait for the final release");
  }
  const v1::Disposition target =
      gate_ == v1::GATE_S1 ? v1::DISPOSITION_CONDITIONALLY_RELEASED : v1::DISPOSITION_RELEASED;
  if (!MayBecome(lot_.disposition(), target)) {
    AddLot(v1::BLOCKER_KIND_DISPOSITION, lot_id, v1::ROLE_QA,
           fmt::format("a lot that is {} cannot become {}; {}", v1::EnumWord(lot_.disposition()),
                       v1::EnumWord(target), NextStep(lot_.disposition())));
  }
  if (Expired(lot_.expiry(), now_, zone_offset_minutes_)) {
    AddLot(v1::BLOCKER_KIND_EXPIRED, lot_id, v1::ROLE_QA,
           fmt::format("the lot expired ({}); reject it", lot_.expiry()));
  }
}

void Judging::JudgeHolds() {
  for (const auto& hold : view_.holds) {
    if (!hold.record.lifted_signature_id().empty()) continue;
    AddLot(v1::BLOCKER_KIND_HOLD, std::to_string(hold.record.number()), v1::ROLE_QA,
           fmt::format("hold {} is not lifted: {}", hold.record.number(), hold.record.reason()));
  }
}

bool Judging::FactNeeded(const v1::FactDefinition& definition) const {
  if (deciding_facts_.contains(definition.fact())) return true;
  if (!definition.needed_when().empty() && index_.Fact(definition.needed_when()) != kYes) {
    return false;
  }
  if (definition.type() == v1::FACT_TYPE_LOT) return NamedLotNeeded(definition, lot_.kind());
  const auto& users = definition.used_by_lines();
  return std::any_of(users.begin(), users.end(),
                     [&](const std::string& code) { return tested_lines_.contains(code); });
}

void Judging::JudgeFactsDeclared() {
  for (const v1::FactDefinition& definition : view_.fact_definitions) {
    if (index_.Fact(definition.fact()) || !FactNeeded(definition)) continue;
    AddLot(v1::BLOCKER_KIND_FACT_MISSING, definition.fact(), v1::ROLE_QA,
           fmt::format("declare this fact about the lot: {}", definition.meaning()));
    deciding_facts_.erase(definition.fact());
  }
  for (const std::string_view fact : deciding_facts_) {
    AddLot(v1::BLOCKER_KIND_FACT_MISSING, std::string(fact), v1::ROLE_QA,
           "lines apply by this fact, which the specification does not define");
  }
}

void Judging::JudgeFactsUnchanged() {
  std::unordered_set<std::string_view> shown;
  for (const v1::Attempt* attempt : resting_on_) {
    for (const v1::NamedValue& used : attempt->facts()) {
      const std::optional<std::string> now = index_.Fact(used.name());
      if (now == used.value() || !shown.insert(used.name()).second) continue;
      AddLot(v1::BLOCKER_KIND_FACT_CHANGED, used.name(), v1::ROLE_QA,
             fmt::format("attempt {} of {} was computed with {}, the fact is now {}",
                         attempt->number(), attempt->panel(), used.value(),
                         now.value_or("not declared")));
    }
  }
}

// Runs that no line above judges: for other purposes, or for panels that nothing needs.
void Judging::JudgeOpenRuns() {
  std::unordered_set<std::string_view> shown;
  for (const auto& stored : view_.attempts) {
    const v1::Attempt& attempt = stored.record;
    if (attempt.outcome() != v1::OUTCOME_UNSPECIFIED || judged_open_.contains(&attempt)) continue;
    if (!shown.insert(attempt.run_id()).second) continue;
    if (attempt.has_sealed_entries()) {
      AddLot(v1::BLOCKER_KIND_SECOND_ENTRY_DUE, attempt.run_id(), v1::ROLE_TECHNICIAN,
             SecondEntryDue(attempt));
      continue;
    }
    AddLot(
        v1::BLOCKER_KIND_RUN_OPEN, attempt.run_id(), v1::ROLE_TECHNICIAN,
        fmt::format("run {} of {} is open; submit or abort it", attempt.run_id(), attempt.panel()));
  }
}

// What was read blocks before there is a result, for whatever purpose.
void Judging::JudgeReadings() {
  for (const auto& stored : view_.attempts) {
    const v1::Attempt& attempt = stored.record;
    if (!attempt.positive_reading().empty() && attempt.outcome() == v1::OUTCOME_UNSPECIFIED) {
      AddLot(v1::BLOCKER_KIND_POSITIVE_READING, attempt.run_id(), v1::ROLE_TECHNICIAN,
             fmt::format("run {} of {} shows {}; it is never aborted: submit it as soon as every "
                         "lot on it is read to its end",
                         attempt.run_id(), attempt.panel(), attempt.positive_reading()));
    }
    if (attempt.has_late_entry() && attempt.late_entry().cleared_by().empty()) {
      AddLot(v1::BLOCKER_KIND_LATE_ENTRY, attempt.run_id(), v1::ROLE_QA,
             fmt::format("run {} of {} was entered late, at {} what was done at {} ({}); QA clears "
                         "it with lims run clear {}",
                         attempt.run_id(), attempt.panel(), attempt.late_entry().entered_time(),
                         attempt.late_entry().claimed_time(), attempt.late_entry().reason(),
                         attempt.run_id()));
    }
    if (!attempt.late_readings().empty()) {
      AddLot(v1::BLOCKER_KIND_LATE_ENTRY, attempt.run_id(), v1::ROLE_QA,
             fmt::format("reading {} of run {} was entered late; QA clears it with lims run clear "
                         "{} --readings {}",
                         fmt::join(attempt.late_readings(), ", "), attempt.run_id(),
                         attempt.run_id(), fmt::join(attempt.late_readings(), ",")));
    }
  }
}

void Judging::JudgeLine(const v1::SpecificationLine& line) {
  JudgeOutOfSpecification(line);
  if (!Tested(line)) return;
  const v1::Applicability& applicability = line.applicability();
  if (!applicability.fact().empty()) {
    const std::optional<std::string> fact = index_.Fact(applicability.fact());
    if (!fact) deciding_facts_.insert(applicability.fact());
    if (fact != applicability.value()) return;
  }
  JudgeTested(line);
  if (Gated(line)) JudgeReviewed(line);
}

void Judging::JudgeOutOfSpecification(const v1::SpecificationLine& line) {
  std::vector<std::int32_t> attempts;
  for (const auto* result : index_.CountingResults(line.line_code())) {
    if (result->record.verdict() == v1::VERDICT_OOS_SUSPECTED) {
      attempts.push_back(result->record.attempt_number());
    }
  }
  if (attempts.empty()) return;
  AddLine(v1::BLOCKER_KIND_OOS, line, v1::ROLE_QA,
          fmt::format(
              "out of specification in attempt {}; no later result takes this away: QA holds or "
              "rejects the lot",
              fmt::join(attempts, ", ")));
}

void Judging::JudgeTested(const v1::SpecificationLine& line) {
  const std::vector<const v1::Attempt*>& attempts = index_.ReleaseAttempts(line.panel());
  if (attempts.empty()) {
    if (gate_ == v1::GATE_BANK && IsCertified(view_, line.line_code())) return;
    const std::string_view missing =
        GoesOn(line)
            ? "no release test was started, and a conditional release supposes that it runs"
            : "no release test yet";
    AddLine(v1::BLOCKER_KIND_NOT_TESTED, line, v1::ROLE_TECHNICIAN,
            fmt::format("{}; test it by {}", missing, line.method_id()));
    return;
  }
  const v1::Attempt& newest = *attempts.back();
  switch (newest.outcome()) {
    case v1::OUTCOME_UNSPECIFIED:
      judged_open_.insert(&newest);
      if (newest.has_sealed_entries()) {
        AddLine(v1::BLOCKER_KIND_SECOND_ENTRY_DUE, line, v1::ROLE_TECHNICIAN,
                SecondEntryDue(newest));
        return;
      }
      if (GoesOn(line)) return;
      AddLine(
          v1::BLOCKER_KIND_RUN_OPEN, line, v1::ROLE_TECHNICIAN,
          fmt::format("attempt {} is in run {}, which is open", newest.number(), newest.run_id()));
      return;
    case v1::OUTCOME_VALID:
      if (InvalidIn(newest, line.line_code()) != nullptr) return JudgeLineInvalid(line, attempts);
      if (JudgePlan(line, attempts)) JudgeResult(line, attempts);
      return;
    default:
      JudgeInvalid(line, attempts);
  }
}

// The newest attempt answers other lines of its panel, but not this one: an earlier conclusive
// answer stands.
void Judging::JudgeLineInvalid(const v1::SpecificationLine& line,
                               const std::vector<const v1::Attempt*>& attempts) {
  const auto& results = index_.CountingResults(line.line_code());
  if (results.empty() || results.back()->record.verdict() == v1::VERDICT_INCONCLUSIVE) {
    return JudgeInvalid(line, attempts);
  }
  std::vector<const v1::Attempt*> answered = attempts;
  while (answered.back()->number() != results.back()->record.attempt_number()) answered.pop_back();
  JudgeResult(line, answered);
}

// "aborted", "invalid", "invalid: ntc of HBV: 31.2 (C7)".
std::string WhyInvalid(const v1::Attempt& attempt, const v1::SpecificationLine& line) {
  if (attempt.outcome() == v1::OUTCOME_ABORTED) return "aborted";
  const v1::InvalidLine* why = InvalidIn(attempt, line.line_code());
  return why == nullptr ? "invalid" : "invalid: " + why->reason();
}

void Judging::JudgeInvalid(const v1::SpecificationLine& line,
                           const std::vector<const v1::Attempt*>& attempts) {
  const v1::Attempt& newest = *attempts.back();
  const v1::Method& method = NextMethod(attempts);
  const Result<v1::Attempt> next = NextAttempt(attempts, method);
  if (next) {
    std::string what = next->kind() == v1::ATTEMPT_KIND_METHOD_REPEAT
                           ? fmt::format("the repeat that the method prescribes is due: {}",
                                         method.method_repeat().instruction())
                           : "repeat it";
    if (next->planned_number() > 0) {
      what += fmt::format(" as run {} of {}", next->planned_number(), next->planned_total());
    }
    AddLine(v1::BLOCKER_KIND_REPEAT_DUE, line, v1::ROLE_TECHNICIAN,
            fmt::format("attempt {} does not count ({}); {}", newest.number(),
                        WhyInvalid(newest, line), what));
  } else {
    AddLine(v1::BLOCKER_KIND_REPEATS_EXHAUSTED, line, v1::ROLE_QA,
            fmt::format("attempt {} does not count ({}), and {}", newest.number(),
                        WhyInvalid(newest, line), next.error().message));
  }
}

// The version by which a panel is tested next: what may be done and what is due agree. The newest
// in force, but that of a plan or prescribed repeat that has begun.
const v1::Method& Judging::NextMethod(const std::vector<const v1::Attempt*>& attempts) const {
  static const v1::Method kUnknown;
  const v1::Attempt& newest = *attempts.back();
  const bool bound = VersionUnderWay(attempts) != 0;
  const v1::Method* found = &kUnknown;
  for (const v1::Method& method : view_.methods) {
    if (method.method_id() != newest.method_id() || method.version() < found->version()) continue;
    if (method.version() == newest.method_version() ||
        (!bound && InForce(method.effective_date(), method.paper_approval(), method.state(), now_,
                           zone_offset_minutes_))) {
      found = &method;
    }
  }
  return *found;
}

// Whether the runs that the method plans are complete; until then no value of them is judged.
bool Judging::JudgePlan(const v1::SpecificationLine& line,
                        const std::vector<const v1::Attempt*>& attempts) {
  const v1::Attempt& newest = *attempts.back();
  if (newest.planned_number() == newest.planned_total()) return true;
  const Result<v1::Attempt> next = NextAttempt(attempts, NextMethod(attempts));
  if (next && next->kind() == v1::ATTEMPT_KIND_PLANNED_RUN) {
    AddLine(v1::BLOCKER_KIND_PLANNED_RUN_DUE, line, v1::ROLE_TECHNICIAN,
            fmt::format("run {} of {} is due: the method {} judges {} runs together",
                        next->planned_number(), next->planned_total(), newest.method_id(),
                        next->planned_total()));
  } else {
    AddLine(v1::BLOCKER_KIND_PLANNED_RUN_DUE, line, v1::ROLE_QA,
            fmt::format("run {} of {} is the newest; QA decides how the plan goes on",
                        newest.planned_number(), newest.planned_total()));
  }
  return false;
}

void Judging::JudgeInconclusive(const v1::SpecificationLine& line,
                                const std::vector<const v1::Attempt*>& attempts,
                                const v1::Result& result) {
  const v1::Attempt& newest = *attempts.back();
  const std::string found = fmt::format("attempt {}: {}", newest.number(), result.explanation());
  if (newest.repeat_because().empty()) {
    AddLine(v1::BLOCKER_KIND_INCONCLUSIVE, line, v1::ROLE_QA,
            found + "; the method prescribes no repeat: QA decides what follows");
    return;
  }
  const v1::Method& method = NextMethod(attempts);
  if (const Result<v1::Attempt> next = NextAttempt(attempts, method); next) {
    AddLine(v1::BLOCKER_KIND_INCONCLUSIVE, line, v1::ROLE_TECHNICIAN,
            fmt::format("{}; the repeat that the method prescribes is due: {}", found,
                        method.method_repeat().instruction()));
  } else {
    AddLine(v1::BLOCKER_KIND_INCONCLUSIVE, line, v1::ROLE_QA,
            fmt::format("{}; {}", found, next.error().message));
  }
}

void Judging::JudgeResult(const v1::SpecificationLine& line,
                          const std::vector<const v1::Attempt*>& attempts) {
  const v1::Attempt& attempt = *attempts.back();
  const auto& results = index_.CountingResults(line.line_code());
  if (results.empty() || results.back()->record.attempt_number() != attempt.number()) {
    AddLine(v1::BLOCKER_KIND_NOT_TESTED, line, v1::ROLE_QA,
            fmt::format("attempt {} of {} is valid but gave no result for this line, and nothing "
                        "may follow a valid attempt: QA ends the lot with lims release reject",
                        attempt.number(), attempt.panel()));
    return;
  }
  if (resting_on_.empty() || resting_on_.back() != &attempt) resting_on_.push_back(&attempt);
  const v1::Result& result = results.back()->record;
  switch (result.verdict()) {
    case v1::VERDICT_PASS:
    case v1::VERDICT_REPORT_ONLY:
    case v1::VERDICT_OOS_SUSPECTED:  // has its own blocker
      return;
    case v1::VERDICT_INCONCLUSIVE:
      return JudgeInconclusive(line, attempts, result);
    case v1::VERDICT_CANNOT_DECIDE:
      AddLine(v1::BLOCKER_KIND_CANNOT_DECIDE, line, v1::ROLE_QA,
              fmt::format("attempt {}: {}", attempt.number(), result.explanation()));
      return;
    default:
      AddLine(v1::BLOCKER_KIND_NOT_TESTED, line, v1::ROLE_QA,
              fmt::format("attempt {} has no verdict", attempt.number()));
  }
}

void Judging::JudgeReviewed(const v1::SpecificationLine& line) {
  std::vector<std::int32_t> waiting;
  for (const auto* result : index_.CountingResults(line.line_code())) {
    if (!index_.Reviewed(*result)) waiting.push_back(result->record.attempt_number());
  }
  if (waiting.empty()) return;
  AddLine(v1::BLOCKER_KIND_NOT_REVIEWED, line, v1::ROLE_REVIEWER,
          fmt::format("the result of attempt {} waits for review{}", fmt::join(waiting, ", "),
                      LastWithdrawal(view_) < 0 ? "" : "; the withdrawal ended earlier ones"));
}

void Judging::JudgeAttestations() {
  for (const v1::AttestationLine& line : view_.attestation_lines) {
    if (!NeededAt(gate_, lot_.kind(), line.gates())) continue;
    const auto attested = std::find_if(view_.attestations.begin(), view_.attestations.end(),
                                       [&](const auto& attestation) {
                                         return attestation.record.code() == line.code() &&
                                                attestation.record.role() == line.role();
                                       });
    std::string why;
    if (attested != view_.attestations.end()) {
      if (const auto conflict = AttesterConflict(line, view_, attested->record.user_id())) {
        why = *conflict + "; another person attests: ";
      } else if (const auto lapsed = WhyLapsed(line, view_, *attested)) {
        why = *lapsed + "; attest again: ";
      } else {
        continue;
      }
    }
    AddBlocker(line_blockers_, v1::BLOCKER_KIND_NOT_ATTESTED, line.code(), line.role(),
               fmt::format("{}{} ({})", why.empty() ? "attest: " : why, line.name_en(),
                           line.document_kind()));
  }
}

}  // namespace

std::vector<v1::Blocker> Blockers(const LotView& view, v1::Gate gate, TimeUs now,
                                  int zone_offset_minutes) {
  return Judging(view, gate, now, zone_offset_minutes).Run();
}

}  // namespace lims::domain
