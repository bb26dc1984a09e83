#include "app/system_holds.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "app/judging.h"
#include "assay/observation.h"
#include "domain/next_attempt.h"

namespace lims::app {
namespace {

// nullptr when a fail of the line is no biosafety event.
const v1::SpecificationLine* BiosafetyLine(const v1::SpecificationText& specification,
                                           const std::string& line_code) {
  for (const v1::SpecificationLine& line : specification.lines()) {
    if (line.line_code() == line_code && line.biosafety()) return &line;
  }
  return nullptr;
}

bool MayBeSpiked(v1::Purpose purpose) {
  return purpose == v1::PURPOSE_VALIDATION || purpose == v1::PURPOSE_TRAINING;
}

bool IsUnexpected(const v1::Attempt& attempt) {
  const auto& flags = attempt.flags();
  return std::find(flags.begin(), flags.end(), assay::kFlagUnexpectedPositive) != flags.end();
}

std::vector<std::string> LinesOf(const v1::Method& method) {
  std::vector<std::string> lines;
  for (const v1::MethodOutput& output : method.outputs()) lines.push_back(output.line_code());
  return lines;
}

// The lines that showed the positive, where the assay tells them apart; else none.
std::vector<std::string> LinesWithSignal(const v1::Attempt& attempt) {
  std::vector<std::string> lines;
  for (const v1::InvalidLine& line : attempt.invalid_lines()) {
    if (line.signal()) lines.push_back(line.line_code());
  }
  return lines;
}

}  // namespace

Result<std::vector<std::string>> BankFamily(storage::Records& records, const std::string& lot_id) {
  std::vector<std::string> family = {lot_id};
  std::set<std::string> seen = {lot_id};
  std::set<std::string> over;
  const auto add = [&](const std::string& id) {
    if (seen.insert(id).second) family.push_back(id);
  };
  const auto visit = [&](const std::string& id) -> Result<std::optional<v1::Lot>> {
    LIMS_ASSIGN_OR_RETURN(auto lot, records.Find<v1::Lot>({id}));
    if (!lot || lot->record.disposition() == v1::DISPOSITION_REJECTED ||
        lot->record.disposition() == v1::DISPOSITION_VOIDED) {
      over.insert(id);
    }
    if (!lot) return std::optional<v1::Lot>();
    return std::optional<v1::Lot>(std::move(lot->record));
  };
  // Up to the first ancestors, then down from all of them.
  for (std::size_t i = 0; i < family.size(); ++i) {
    LIMS_ASSIGN_OR_RETURN(const auto lot, visit(family[i]));
    if (!lot) continue;
    for (const v1::LotParent& parent : lot->parents()) add(parent.lot_id());
  }
  const std::size_t ancestors = family.size();
  for (std::size_t i = 0; i < family.size(); ++i) {
    if (i >= ancestors) LIMS_RETURN_IF_ERROR(visit(family[i]));
    LIMS_ASSIGN_OR_RETURN(const auto children, records.List<v1::LotChild>({family[i]}));
    for (const auto& child : children) add(child.record.lot_id());
  }
  std::erase_if(family, [&](const std::string& id) { return id == lot_id || over.contains(id); });
  return family;
}

SystemHolds::Cause SystemHolds::CauseOf(const v1::Attempt& attempt) {
  Cause cause;
  cause.lot_id = attempt.lot_id();
  cause.run_id = attempt.run_id();
  return cause;
}

void SystemHolds::AddTo(const v1::Result& result, Cause* cause) {
  cause->lot_id = result.lot_id();
  cause->lines.push_back(result.line_code());
  cause->text +=
      (cause->text.empty() ? "" : ", ") + result.line_code() + " " + result.value_reported();
}

// What fails on a biosafety line holds the family, and the banks with it.
Result<void> SystemHolds::HoldBanks(const v1::SpecificationText& specification,
                                    const std::vector<v1::Result>& results,
                                    const std::string& run_id) {
  Cause cause;
  cause.kind = v1::HOLD_KIND_QUALITY;
  cause.event = "failing result";
  cause.run_id = run_id;
  for (const v1::Result& result : results) {
    if (result.verdict() == v1::VERDICT_OOS_SUSPECTED && !MayBeSpiked(result.purpose()) &&
        BiosafetyLine(specification, result.line_code()) == nullptr) {
      AddTo(result, &cause);
    }
  }
  if (cause.lines.empty()) return {};
  LIMS_ASSIGN_OR_RETURN(const auto failing, tx_.records().GetShared<v1::Lot>({cause.lot_id}));
  const bool qualifies = std::any_of(specification.facts().begin(), specification.facts().end(),
                                     [&](const v1::FactDefinition& fact) {
                                       return fact.type() == v1::FACT_TYPE_LOT &&
                                              !fact.used_by_lines().empty() &&
                                              fact.lot_kind() == failing->record.kind();
                                     });
  if (!qualifies) return {};
  std::vector<std::string> made_from = {cause.lot_id};
  std::set<std::string> seen = {cause.lot_id};
  for (std::size_t i = 0; i < made_from.size(); ++i) {
    LIMS_ASSIGN_OR_RETURN(const auto lot, tx_.records().GetShared<v1::Lot>({made_from[i]}));
    const v1::LotKind kind = lot->record.kind();
    if (kind == v1::LOT_KIND_MCB || kind == v1::LOT_KIND_WCB) {
      LIMS_RETURN_IF_ERROR(Hold(made_from[i], cause));
    }
    for (const v1::LotParent& parent : lot->record.parents()) {
      if (seen.insert(parent.lot_id()).second) made_from.push_back(parent.lot_id());
    }
  }
  return {};
}

Result<void> SystemHolds::AddResults(const v1::SpecificationText& specification,
                                     const std::vector<v1::Result>& results,
                                     const std::string& run_id) {
  Cause cause;
  cause.run_id = run_id;
  bool spiked = false;
  for (const v1::Result& result : results) {
    if (result.verdict() != v1::VERDICT_OOS_SUSPECTED) continue;
    const v1::SpecificationLine* line = BiosafetyLine(specification, result.line_code());
    if (line == nullptr) continue;
    AddTo(result, &cause);
    if (!line->hold_reviews().empty()) {
      cause.text +=
          fmt::format(" (review {} before lifting)", fmt::join(line->hold_reviews(), ", "));
    }
    spiked = MayBeSpiked(result.purpose());
  }
  if (!cause.lines.empty()) {
    LIMS_RETURN_IF_ERROR(Hold(cause.lot_id, cause));
    if (spiked) return {};
    LIMS_ASSIGN_OR_RETURN(const auto family, BankFamily(tx_.records(), cause.lot_id));
    for (const std::string& relative : family) LIMS_RETURN_IF_ERROR(Hold(relative, cause));
  }
  return HoldBanks(specification, results, run_id);
}

Result<void> SystemHolds::AddPositive(const v1::SpecificationText& specification,
                                      const v1::Method& method, const v1::Attempt& attempt,
                                      const std::string& what) {
  Cause cause = CauseOf(attempt);
  cause.text = attempt.panel() + " " + what + ", run " + attempt.run_id();
  const bool concerned = std::any_of(
      method.outputs().begin(), method.outputs().end(), [&](const v1::MethodOutput& output) {
        return BiosafetyLine(specification, output.line_code()) != nullptr;
      });
  if (!concerned) return {};
  cause.lines = LinesOf(method);
  return Hold(cause.lot_id, cause);
}

Result<void> SystemHolds::AddUnexpected(const v1::Method& method, const v1::Attempt& attempt) {
  if (!IsUnexpected(attempt)) return {};
  Cause cause = CauseOf(attempt);
  cause.lines = LinesWithSignal(attempt);
  const bool all = cause.lines.empty();
  if (all) cause.lines = LinesOf(method);
  cause.event = "unexpected positive";
  cause.text = (all ? attempt.panel() : fmt::format("{}", fmt::join(cause.lines, ", "))) +
               " in a test that does not count, run " + attempt.run_id();
  return Hold(cause.lot_id, cause);
}

// One hold for a run, its lot, the lot held and what it names: lines that the readings held are not
// held again by the result, and another line is named by a hold of its own.
Result<void> SystemHolds::Hold(const std::string& lot_id, const Cause& cause) {
  LIMS_ASSIGN_OR_RETURN(const auto stored, tx_.records().List<v1::Hold>({lot_id}));
  std::vector<v1::Hold>& added = holds_[lot_id];
  const auto same = [&](const v1::Hold& hold) {
    return hold.run_id() == cause.run_id && hold.cause_lot_id() == cause.lot_id &&
           hold.lifted_signature_id().empty();
  };
  std::set<std::string> named;
  for (const auto& hold : stored) {
    if (!same(hold.record)) continue;
    named.insert(hold.record.cause_lines().begin(), hold.record.cause_lines().end());
  }
  if (std::all_of(cause.lines.begin(), cause.lines.end(),
                  [&](const std::string& line) { return named.contains(line); })) {
    return {};
  }
  const auto twice = std::find_if(added.begin(), added.end(), same);
  if (twice != added.end()) {
    for (const std::string& line : cause.lines) twice->add_cause_lines(line);
    twice->set_reason(twice->reason() + "; " + cause.text);
    return {};
  }
  v1::Hold& hold = added.emplace_back();
  hold.set_lot_id(lot_id);
  hold.set_number(static_cast<int>(stored.size() + added.size()));
  hold.set_kind(cause.kind);
  hold.set_reason(cause.event + (lot_id == cause.lot_id ? "" : " of lot " + cause.lot_id) + ": " +
                  cause.text);
  hold.set_run_id(cause.run_id);
  hold.set_cause_lot_id(cause.lot_id);
  for (const std::string& line : cause.lines) hold.add_cause_lines(line);
  return {};
}

void SystemHolds::Put() {
  for (auto& [lot_id, holds] : holds_) {
    for (v1::Hold& hold : holds) tx_.Put(std::move(hold));
  }
  holds_.clear();
}

Result<void> RequireAnswered(storage::Records& records, const v1::Hold& hold) {
  if (hold.run_id().empty() || hold.cause_lot_id() != hold.lot_id()) return {};
  LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({hold.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot.record));
  LIMS_ASSIGN_OR_RETURN(const auto results, records.List<v1::Result>({hold.lot_id()}));
  const auto answers = [&](const v1::Attempt& later, const std::string& line) {
    if (domain::InvalidIn(later, line) != nullptr) return false;
    // A line that the lot is not judged by gets no result.
    return LineFor(*specification, line, lot.record.kind()) == nullptr ||
           std::any_of(results.begin(), results.end(), [&](const auto& result) {
             return result.record.line_code() == line &&
                    result.record.attempt_number() == later.number();
           });
  };
  LIMS_ASSIGN_OR_RETURN(const auto of_run, records.ListBy<v1::Attempt>("run_id", hold.run_id()));
  for (const auto& stored : of_run) {
    const v1::Attempt& attempt = stored.record;
    if (attempt.lot_id() != hold.lot_id() || !IsUnexpected(attempt)) continue;
    const std::vector<std::string> lines = LinesWithSignal(attempt);
    LIMS_ASSIGN_OR_RETURN(const auto attempts,
                          records.List<v1::Attempt>({attempt.lot_id(), attempt.panel()}));
    const bool answered = std::any_of(attempts.begin(), attempts.end(), [&](const auto& later) {
      return later.record.number() > attempt.number() &&
             later.record.run_id() != attempt.run_id() &&  // no other sample beside it
             later.record.purpose() == attempt.purpose() &&
             later.record.outcome() == v1::OUTCOME_VALID &&
             (lines.empty() ? later.record.invalid_lines().empty()
                            : std::all_of(lines.begin(), lines.end(), [&](const auto& line) {
                                return answers(later.record, line);
                              }));
    });
    if (answered) continue;
    return WrongState(
        "hold " + std::to_string(hold.number()) + " of lot " + hold.lot_id() +
        " stands until a valid repeat of " +
        (lines.empty() ? attempt.panel() : fmt::format("{}", fmt::join(lines, ", "))) +
        " has answered: attempt " + std::to_string(attempt.number()) + " of " + attempt.panel() +
        " showed a positive and did not count");
  }
  return {};
}

}  // namespace lims::app
