#include "app/amendments.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "app/call.h"
#include "app/judging.h"
#include "app/kept_files.h"
#include "app/run_rules.h"
#include "app/typed_results.h"
#include "assay/entries.h"
#include "domain/refusal.h"
#include "domain/segregation.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

// An attempt with everything that its entries are judged by.
struct Judged {
  v1::Lot lot;
  std::shared_ptr<const v1::SpecificationText> specification;
  LotMethod method;
  v1::Attempt attempt;
  v1::Run run;
  std::vector<v1::Result> results;
};

std::string NameOf(const v1::Attempt& attempt) {
  return "attempt " + std::to_string(attempt.number()) + " of " + attempt.panel() + " on lot " +
         attempt.lot_id();
}

Result<Judged> LoadLot(storage::Records& records, const std::string& lot_id) {
  Judged judged;
  LIMS_ASSIGN_OR_RETURN(auto lot, records.Get<v1::Lot>({lot_id}));
  judged.lot = std::move(lot.record);
  const v1::Disposition disposition = judged.lot.disposition();
  if (disposition != v1::DISPOSITION_QUARANTINE &&
      disposition != v1::DISPOSITION_CONDITIONALLY_RELEASED) {
    return domain::RefuseState(
        "lot " + lot_id, disposition,
        "its results are no longer amended; " + domain::NextStep(disposition));
  }
  LIMS_ASSIGN_OR_RETURN(judged.specification, SpecificationOf(records, judged.lot));
  return judged;
}

Result<void> LoadAttempt(storage::Records& records, v1::Attempt attempt, Judged* judged) {
  LIMS_ASSIGN_OR_RETURN(auto run, records.Get<v1::Run>({attempt.run_id()}));
  judged->run = std::move(run.record);
  LIMS_ASSIGN_OR_RETURN(const auto method,
                        records.Get<v1::Method>({attempt.method_id(), attempt.method_version()}));
  judged->method =
      MethodForLot(method.record, *judged->specification, judged->lot.kind(), attempt.source());
  LIMS_ASSIGN_OR_RETURN(auto results, records.List<v1::Result>({attempt.lot_id()}));
  for (auto& row : results) {
    if (row.record.panel() == attempt.panel() && row.record.attempt_number() == attempt.number()) {
      judged->results.push_back(std::move(row.record));
    }
  }
  judged->attempt = std::move(attempt);
  return {};
}

// The newest attempt of a panel, for release when there is one. Later attempts rest on earlier
// ones.
Result<v1::Attempt> NewestAttempt(storage::Records& records, const std::string& lot_id,
                                  const std::string& panel) {
  LIMS_ASSIGN_OR_RETURN(auto attempts, records.List<v1::Attempt>({lot_id, panel}));
  v1::Attempt* newest = nullptr;
  for (auto& row : attempts) {
    const bool release = row.record.purpose() == v1::PURPOSE_RELEASE;
    if (newest == nullptr || release || newest->purpose() != v1::PURPOSE_RELEASE) {
      newest = &row.record;
    }
  }
  if (newest == nullptr) {
    return WrongState("lot " + lot_id + " has no result of " + panel +
                      ": submit it with lims result submit");
  }
  return std::move(*newest);
}

Result<void> RequireAmendable(const v1::Attempt& attempt) {
  if (attempt.outcome() == v1::OUTCOME_UNSPECIFIED) {
    return WrongState(NameOf(attempt) + " is open in run " + attempt.run_id() +
                      ": only judged values are amended");
  }
  if (attempt.entries().empty()) {
    return WrongState(NameOf(attempt) +
                      " was not typed: imported raw data and readings are never amended; when they "
                      "are wrong, QA decides");
  }
  if (attempt.outcome() != v1::OUTCOME_VALID) {
    return WrongState(NameOf(attempt) + " is " + v1::EnumWord(attempt.outcome()) +
                      ": it does not count and is repeated, not amended");
  }
  return {};
}

// Puts the new values in their places and keeps the old ones beside them.
Result<std::vector<v1::AmendedEntry>> Exchange(const v1::AmendResultRequest& request,
                                               v1::Attempt* attempt) {
  std::vector<Violation> violations;
  std::vector<v1::AmendedEntry> amended;
  auto& entries = *attempt->mutable_entries();
  for (int i = 0; i < request.entries_size(); ++i) {
    const v1::TypedEntry& after = request.entries(i);
    const auto place = std::find_if(entries.begin(), entries.end(), [&](const auto& each) {
      return each.input() == after.input() && each.replicate() == after.replicate();
    });
    const std::string field = "entries[" + std::to_string(i) + "]";
    const std::string name = after.input() + " replicate " + std::to_string(after.replicate());
    if (place == entries.end()) {
      violations.push_back({field + ".input", name + " was not typed in " + NameOf(*attempt)});
      continue;
    }
    const bool twice = std::any_of(amended.begin(), amended.end(), [&](const auto& each) {
      return each.after().input() == after.input() && each.after().replicate() == after.replicate();
    });
    if (twice) {
      violations.push_back({field + ".input", name + " is amended twice"});
    } else if (place->SerializeAsString() == after.SerializeAsString()) {
      violations.push_back({field + ".value", name + " is what was typed already"});
    }
    v1::AmendedEntry& pair = amended.emplace_back();
    *pair.mutable_before() = *place;
    *pair.mutable_after() = after;
    *place = after;
  }
  if (request.entries().empty()) violations.push_back({"entries", "name the values that change"});
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  return amended;
}

// A verdict that is out of specification neither goes nor comes by an amendment.
Result<void> RefuseOutOfSpecification(const v1::Result& before, const v1::Result& after) {
  if (before.SerializeAsString() == after.SerializeAsString()) return {};
  for (const auto* result : {&before, &after}) {
    if (result->verdict() != v1::VERDICT_OOS_SUSPECTED) continue;
    return WrongState(
        result->line_code() + " is out of specification " +
        (result == &before ? "before" : "after") + " the amendment (" + result->value_reported() +
        " against " + result->criterion() +
        "): such a value is not amended; tell QA, who holds the lot with lims release "
        "hold or rejects it with lims release reject");
  }
  return {};
}

const v1::Result* FindLine(const std::vector<v1::Result>& results, const std::string& line_code) {
  const auto found = std::find_if(results.begin(), results.end(), [&](const v1::Result& each) {
    return each.line_code() == line_code;
  });
  return found == results.end() ? nullptr : &*found;
}

// What the amended entries give. Refused when they change more than values within specification.
Result<std::vector<v1::Result>> JudgeAgain(storage::Records& records, int offset, Judged* judged) {
  LIMS_ASSIGN_OR_RETURN(auto results,
                        JudgeEntries(records, judged->method, judged->lot, *judged->specification,
                                     offset, &judged->run, &judged->attempt));
  if (judged->attempt.outcome() != v1::OUTCOME_VALID) {
    return WrongState("with these values " + NameOf(judged->attempt) + " would be " +
                      v1::EnumWord(judged->attempt.outcome()) +
                      ": whether a test counts is not amended; QA holds the lot with lims release "
                      "hold and decides");
  }
  for (const v1::Result& after : results) {
    const v1::Result* before = FindLine(judged->results, after.line_code());
    LIMS_RETURN_IF_ERROR(
        RefuseOutOfSpecification(before == nullptr ? v1::Result() : *before, after));
  }
  for (const v1::Result& before : judged->results) {
    if (FindLine(results, before.line_code()) != nullptr) continue;
    return WrongState("with these values " + NameOf(judged->attempt) + " would no longer answer " +
                      before.line_code() +
                      ": what a test reports is not amended; QA holds the lot with lims release "
                      "hold and decides");
  }
  return results;
}

// The proposal that is to be decided on, with the attempt that it changes.
Result<Judged> LoadProposal(storage::Records& records, const std::string& lot_id, int number,
                            v1::Amendment* amendment) {
  LIMS_ASSIGN_OR_RETURN(Judged judged, LoadLot(records, lot_id));
  LIMS_ASSIGN_OR_RETURN(auto found, records.Get<v1::Amendment>({lot_id, number}));
  *amendment = std::move(found.record);
  if (amendment->state() != v1::AMENDMENT_STATE_PROPOSED) {
    return domain::RefuseState("amendment " + std::to_string(number) + " of lot " + lot_id,
                               amendment->state(),
                               "it was decided on by " + amendment->decided_by() +
                                   "; propose another with lims result "
                                   "amend");
  }
  LIMS_ASSIGN_OR_RETURN(auto attempt, records.Get<v1::Attempt>({lot_id, amendment->panel(),
                                                                amendment->attempt_number()}));
  LIMS_RETURN_IF_ERROR(LoadAttempt(records, std::move(attempt.record), &judged));
  return judged;
}

}  // namespace

Result<Plan> AmendResult(Site& site, const Call& call, const v1::AmendResultRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  std::vector<Violation> violations = CheckFile("evidence", request.evidence());
  if (request.reason_code() == v1::AMENDMENT_REASON_UNSPECIFIED ||
      !v1::AmendmentReason_IsValid(request.reason_code())) {
    violations.push_back({"reason_code",
                          "must be given: TYPING_ERROR, TRANSPOSED, WRONG_UNIT, "
                          "SOURCE_CORRECTED"});
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  const int offset = site.record().zone_offset_minutes();
  Plan plan;
  plan.act = v1::ACT_AMEND_RESULT;
  plan.reason.set_code(v1::EnumWord(request.reason_code()));
  plan.reason.set_text(request.reason());
  plan.run = [call, request, offset](storage::Transaction& tx) -> Result<void> {
    storage::Records& records = tx.records();
    LIMS_ASSIGN_OR_RETURN(Judged judged, LoadLot(records, request.lot_id()));
    std::string method_id;
    LIMS_ASSIGN_OR_RETURN(const std::string panel,
                          PanelOf(*judged.specification, judged.lot, request.panel(), &method_id));
    LIMS_ASSIGN_OR_RETURN(v1::Attempt newest, NewestAttempt(records, request.lot_id(), panel));
    LIMS_RETURN_IF_ERROR(RequireAmendable(newest));
    LIMS_RETURN_IF_ERROR(LoadAttempt(records, std::move(newest), &judged));
    LIMS_ASSIGN_OR_RETURN(const auto earlier, records.List<v1::Amendment>({request.lot_id()}));
    for (const auto& each : earlier) {
      if (each.record.state() == v1::AMENDMENT_STATE_PROPOSED && each.record.panel() == panel) {
        return WrongState("amendment " + std::to_string(each.record.number()) + " of lot " +
                          request.lot_id() + " waits for " + panel +
                          " already: another person decides on it first with lims result confirm "
                          "or lims result decline");
      }
    }
    const int attempt_number = judged.attempt.number();
    LIMS_ASSIGN_OR_RETURN(const auto amended, Exchange(request, &judged.attempt));
    if (auto problems = assay::CheckEntries(judged.method.record, judged.attempt.entries());
        !problems.empty()) {
      return InvalidArguments(std::move(problems));
    }
    LIMS_RETURN_IF_ERROR(CheckPlausibility(judged.method.record, *judged.specification,
                                           request.entries(), request.plausibility_confirmed()));
    LIMS_RETURN_IF_ERROR(JudgeAgain(records, offset, &judged));
    LIMS_ASSIGN_OR_RETURN(const v1::RawFile evidence, KeepFile(tx, "evidence", request.evidence()));
    v1::Amendment amendment;
    amendment.set_lot_id(request.lot_id());
    amendment.set_number(static_cast<int>(earlier.size()) + 1);
    amendment.set_state(v1::AMENDMENT_STATE_PROPOSED);
    amendment.set_panel(panel);
    amendment.set_attempt_number(attempt_number);
    for (const v1::AmendedEntry& entry : amended) *amendment.add_entries() = entry;
    amendment.set_reason_code(request.reason_code());
    amendment.set_reason(request.reason());
    *amendment.mutable_evidence() = evidence;
    amendment.set_proposed_by(call.user_id);
    tx.Put(std::move(amendment));
    return {};
  };
  return plan;
}

Result<Plan> ConfirmAmendment(Site& site, const Call& call,
                              const v1::ConfirmAmendmentRequest& request) {
  const int offset = site.record().zone_offset_minutes();
  Plan plan;
  plan.act = v1::ACT_CONFIRM_AMENDMENT;
  plan.run = [call, request, offset](storage::Transaction& tx) -> Result<void> {
    storage::Records& records = tx.records();
    v1::Amendment amendment;
    LIMS_ASSIGN_OR_RETURN(Judged judged,
                          LoadProposal(records, request.lot_id(), request.number(), &amendment));
    if (const auto conflict = domain::AmendmentConflict(amendment.proposed_by(), call.user_id)) {
      return MakeError(ErrorReason::kSegregation, *conflict);
    }
    LIMS_ASSIGN_OR_RETURN(const v1::Attempt newest,
                          NewestAttempt(records, request.lot_id(), amendment.panel()));
    if (newest.number() != amendment.attempt_number()) {
      return WrongState(
          NameOf(newest) + " came after the proposal and rests on attempt " +
          std::to_string(amendment.attempt_number()) +
          ": only the newest attempt is amended; decline it with lims result decline");
    }
    v1::Attempt& attempt = judged.attempt;
    for (const v1::AmendedEntry& pair : amendment.entries()) {
      auto& entries = *attempt.mutable_entries();
      const auto place = std::find_if(entries.begin(), entries.end(), [&](const auto& each) {
        return each.SerializeAsString() == pair.before().SerializeAsString();
      });
      if (place == entries.end()) {
        return MakeError(ErrorReason::kChanged, "the values changed since they were proposed");
      }
      *place = pair.after();
    }
    LIMS_ASSIGN_OR_RETURN(const auto results, JudgeAgain(records, offset, &judged));
    attempt.add_amendments(amendment.number());
    AddPerson(amendment.proposed_by(), attempt.mutable_amenders());
    AddPerson(call.user_id, attempt.mutable_amenders());
    amendment.set_state(v1::AMENDMENT_STATE_CONFIRMED);
    amendment.set_decided_by(call.user_id);
    tx.Put(judged.run);
    for (const v1::Result& result : results) {
      const v1::Result* before = FindLine(judged.results, result.line_code());
      if (before != nullptr && before->SerializeAsString() != result.SerializeAsString()) {
        *amendment.add_results_before() = *before;
      }
      tx.Put(result);  // also one that stayed the same: what was reviewed rests on other values now
    }
    tx.Put(attempt);
    tx.Put(std::move(amendment));
    return {};
  };
  return plan;
}

Result<Plan> DeclineAmendment(Site&, const Call& call, const v1::DeclineAmendmentRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_DECLINE_AMENDMENT;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    v1::Amendment amendment;
    LIMS_RETURN_IF_ERROR(
        LoadProposal(tx.records(), request.lot_id(), request.number(), &amendment));
    amendment.set_state(v1::AMENDMENT_STATE_DECLINED);
    amendment.set_decided_by(call.user_id);
    amendment.set_decline_reason(request.reason());
    tx.Put(std::move(amendment));
    return {};
  };
  return plan;
}

}  // namespace lims::app
