// The signatures of permission_cases.h.
#include <utility>

#include "rpc/permission_cases.h"

namespace lims::rpc {
namespace {

using State = SignatureCase::State;

constexpr auto kRefusedByState = ErrorReason::kWrongState;

std::string OfLot(const RecordsInState& records, const std::string& act, const std::string& rest) {
  return act + " { lot_id: '" + records.lot() + "' " + rest + "}";
}

std::string Short(v1::Disposition disposition) {
  return v1::Disposition_Name(disposition).substr(12);
}

// An intent about a lot that is of one disposition when it is prepared and gets each after it.
// `refused` says what the refusal names, empty for no refusal.
std::vector<State> ForDispositions(const std::string& act, const std::string& rest,
                                   const std::function<std::string(v1::Disposition)>& refused,
                                   v1::Disposition prepared_as = v1::DISPOSITION_QUARANTINE) {
  std::vector<State> states;
  for (int i = v1::DISPOSITION_QUARANTINE; i <= v1::Disposition_MAX; ++i) {
    const auto disposition = static_cast<v1::Disposition>(i);
    const std::string says = refused(disposition);
    State state;
    state.name = Short(disposition);
    if (says.empty()) {
      state.intent = [=](RecordsInState& records, const std::string&) {
        records.Lot(disposition);
        return OfLot(records, act, rest);
      };
    } else {
      state.intent = [=](RecordsInState& records, const std::string&) {
        records.Lot(prepared_as);
        return OfLot(records, act, rest);
      };
      state.then = [=](RecordsInState& records) { records.SetDisposition(disposition); };
      state.outcome = state.signing = kRefusedByState;
      state.says = says;
    }
    states.push_back(std::move(state));
  }
  return states;
}

bool IsOpen(v1::Disposition disposition) {
  return disposition == v1::DISPOSITION_QUARANTINE ||
         disposition == v1::DISPOSITION_CONDITIONALLY_RELEASED;
}

std::vector<State> ReviewStates() {
  const auto reviewed_by = [](const std::string& analyst) {
    return [analyst](RecordsInState& records, const std::string& caller) {
      records.Lot(v1::DISPOSITION_QUARANTINE);
      records.Result(analyst == "caller" ? caller : analyst);
      return OfLot(records, "review", "");
    };
  };
  State waits{"waits for review", reviewed_by("other1"), nullptr, kDone, kDone, ""};
  State own{"made by the caller",      reviewed_by("caller"), nullptr, kDone,
            ErrorReason::kSegregation, "may not review"};
  State reviewed{
      "reviewed as it is", reviewed_by("other1"), [](RecordsInState& records) { records.Review(); },
      kRefusedByState,     kRefusedByState,       "waits for review"};
  return {waits, own, reviewed};
}

std::vector<State> ApprovalStates(bool of_method) {
  const auto make = [of_method](RecordsInState& records, const std::string& author) {
    constexpr auto kSubmitted = v1::VERSION_STATE_SUBMITTED;
    if (of_method) {
      return "approve_method { methods { method_id: '" + records.Method(kSubmitted, author) +
             "' version: 1 } }";
    }
    return "approve_specification { product_id: '" + records.Specification(kSubmitted, author) +
           "' revision: 1 }";
  };
  std::vector<State> states;
  states.push_back(
      {"SUBMITTED",
       [make](RecordsInState& records, const std::string&) { return make(records, "other1"); },
       nullptr, kDone, kDone, ""});
  states.push_back(
      {"drafted by the caller",
       [make](RecordsInState& records, const std::string& caller) { return make(records, caller); },
       nullptr, kDone, ErrorReason::kSegregation, "may not approve"});
  for (const v1::VersionState state :
       {v1::VERSION_STATE_DRAFT, v1::VERSION_STATE_APPROVED, v1::VERSION_STATE_SUPERSEDED}) {
    const std::string name = v1::VersionState_Name(state).substr(14);
    const auto made = std::make_shared<std::string>();
    states.push_back({name,
                      [=](RecordsInState& records, const std::string&) {
                        const std::string intent = make(records, "other1");
                        const std::size_t from = intent.find('\'') + 1;
                        *made = intent.substr(from, intent.find('\'', from) - from);
                        return intent;
                      },
                      [=](RecordsInState& records) {
                        if (of_method) {
                          records.SetMethodState(*made, state);
                        } else {
                          records.SetSpecificationState(*made, state);
                        }
                      },
                      kRefusedByState, kRefusedByState, name});
  }
  return states;
}

std::vector<State> ReleaseStates() {
  const auto release = [](const std::string& analyst, const std::string& reviewer) {
    return [=](RecordsInState& records, const std::string& caller) {
      records.ReleasableBank(analyst == "caller" ? caller : analyst,
                             reviewer == "caller" ? caller : reviewer);
      return OfLot(records, "release", "decision: DECISION_RELEASE ");
    };
  };
  const auto sampled_by_caller = [](RecordsInState& records, const std::string& caller) {
    records.ReleasableBank();
    records.Sample(v1::SAMPLE_STATE_RECEIVED, caller);
    return OfLot(records, "release", "decision: DECISION_RELEASE ");
  };
  const auto not_releasable = ErrorReason::kNotReleasable;
  const auto segregation = ErrorReason::kSegregation;
  std::vector<State> states = {
      {"no blocker", release("other1", "other2"), nullptr, kDone, kDone, ""},
      {"analyst of the lot", release("caller", "other2"), nullptr, kDone, segregation, "worked on"},
      {"reviewer of the lot", release("other1", "caller"), nullptr, kDone, segregation, "reviewed"},
      {"sampler of the lot", sampled_by_caller, nullptr, kDone, segregation, "took sample"},
      {"a hold", release("other1", "other2"), [](RecordsInState& records) { records.Hold(false); },
       not_releasable, not_releasable, "HOLD"},
  };
  for (int i = v1::DISPOSITION_CONDITIONALLY_RELEASED; i <= v1::Disposition_MAX; ++i) {
    const auto disposition = static_cast<v1::Disposition>(i);
    // Final release follows the conditional one, and a withdrawal by a new decision.
    const bool allowed = disposition == v1::DISPOSITION_CONDITIONALLY_RELEASED ||
                         disposition == v1::DISPOSITION_WITHDRAWN;
    State state;
    state.name = Short(disposition);
    if (allowed) {
      state.intent = [=](RecordsInState& records, const std::string& caller) {
        const std::string intent = release("other1", "other2")(records, caller);
        records.SetDisposition(disposition);
        return intent;
      };
    } else {
      state.intent = release("other1", "other2");
      state.then = [=](RecordsInState& records) { records.SetDisposition(disposition); };
      state.outcome = state.signing = not_releasable;
      state.says = "DISPOSITION";
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace

std::vector<SignatureCase> SignatureCases() {
  const auto attest = [](const std::string& code) {
    return ForDispositions("attest", "attestations { code: '" + code + "' document: 'D-1' } ",
                           [](v1::Disposition disposition) {
                             return IsOpen(disposition) || disposition == v1::DISPOSITION_WITHDRAWN
                                        ? ""
                                        : "quarantine";
                           });
  };
  const auto unhold = [](bool lifted) {
    return [lifted](RecordsInState& records, const std::string&) {
      records.Lot(v1::DISPOSITION_QUARANTINE);
      records.Hold(lifted);
      return OfLot(records, "unhold", "number: 1 reason: 'answered' ");
    };
  };
  return {
      {v1::MEANING_REVIEW, "RS", "RS", ReviewStates()},
      {v1::MEANING_APPROVE_METHOD, "Q", "Q", ApprovalStates(true)},
      {v1::MEANING_APPROVE_SPECIFICATION, "Q", "Q", ApprovalStates(false)},
      {v1::MEANING_DECLARE_FACT, "Q", "Q",
       ForDispositions(
           "declare_fact", "facts { fact: 'frozen' value: 'no' document: 'D-1' } ",
           [](v1::Disposition disposition) { return IsOpen(disposition) ? "" : "quarantine"; })},
      // Whoever attests may prepare; each line is signed by the role that it names.
      {v1::MEANING_ATTEST, "SQP", "Q", attest("BPR")},
      {v1::MEANING_ATTEST, "SQP", "S", attest("LAB")},
      {v1::MEANING_ATTEST, "SQP", "P", attest("CERT")},
      {v1::MEANING_RELEASE, "P", "P", ReleaseStates()},
      {v1::MEANING_REJECT, "QP", "QP",
       ForDispositions("reject", "reason: 'out of range' ",
                       [](v1::Disposition disposition) {
                         return IsOpen(disposition) ||
                                        disposition == v1::DISPOSITION_CONDITIONAL_FAILED ||
                                        disposition == v1::DISPOSITION_WITHDRAWN
                                    ? ""
                                    : Short(disposition);
                       })},
      {v1::MEANING_WITHDRAW, "QP", "QP",
       ForDispositions(
           "withdraw", "reason: 'bank contaminated' ",
           [](v1::Disposition disposition) {
             return disposition == v1::DISPOSITION_RELEASED ? "" : Short(disposition);
           },
           v1::DISPOSITION_RELEASED)},
      {v1::MEANING_RECALL, "QP", "QP",
       ForDispositions(
           "recall", "reason: 'growth after shipment' ",
           [](v1::Disposition disposition) {
             return disposition == v1::DISPOSITION_RELEASED ||
                            disposition == v1::DISPOSITION_CONDITIONAL_FAILED
                        ? ""
                        : Short(disposition);
           },
           v1::DISPOSITION_RELEASED)},
      // A hold overlays any disposition.
      {v1::MEANING_HOLD, "Q", "Q",
       ForDispositions("hold", "reason: 'a question' ", [](auto) { return ""; })},
      {v1::MEANING_UNHOLD,
       "Q",
       "Q",
       {{"holds", unhold(false), nullptr, kDone, kDone, ""},
        {"lifted", unhold(false), [](RecordsInState& records) { records.Hold(true); },
         kRefusedByState, kRefusedByState, "lifted already"}}},
  };
}

}  // namespace lims::rpc
