// What each signature means, what its signer is shown, and what it does.
#include <algorithm>
#include <set>

#include "app/access.h"
#include "app/lots.h"
#include "app/signing.h"
#include "base/decimal.h"
#include "base/encoding.h"
#include "base/text.h"
#include "domain/gates.h"
#include "domain/lifecycle.h"
#include "domain/releasability.h"
#include "domain/segregation.h"

namespace lims::app {
namespace {

void Show(std::vector<v1::ShownRecord>* shown, const google::protobuf::Message& record,
          std::int64_t etag, std::string text) {
  v1::ShownRecord& entry = shown->emplace_back();
  entry.set_record(tlog::NameOf(record));
  entry.set_etag(etag);
  entry.set_text(std::move(text));
}

std::string Text(const v1::Result& result) {
  const char* qualifier = result.qualifier() == v1::QUALIFIER_LESS_THAN      ? "<"
                          : result.qualifier() == v1::QUALIFIER_GREATER_THAN ? ">"
                                                                             : "";
  std::string text = qualifier + result.value_reported();
  if (!result.unit().empty()) text += " " + result.unit();
  text += " (unrounded " + result.value_raw() + ") against " + result.criterion() + ": " +
          v1::Verdict_Name(result.verdict()).substr(8);
  for (const std::string& flag : result.flags()) text += " [" + flag + "]";
  return text;
}

std::string Text(const v1::Attempt& attempt) {
  std::string text = v1::AttemptKind_Name(attempt.kind()).substr(13) + " on " +
                     attempt.sample_id() + " for " +
                     v1::Purpose_Name(attempt.purpose()).substr(8) + " in run " +
                     attempt.run_id() + ": ";
  text += attempt.outcome() == v1::OUTCOME_UNSPECIFIED
              ? "open"
              : v1::Outcome_Name(attempt.outcome()).substr(8);
  for (const v1::Check& check : attempt.checks()) {
    if (!check.ok()) text += "; failed " + check.name() + " " + check.observed();
  }
  if (!attempt.abort_reason().empty()) text += "; " + attempt.abort_reason();
  for (const std::string& flag : attempt.flags()) text += " [" + flag + "]";
  return text;
}

std::string Text(const v1::Lot& lot) {
  return v1::LotKind_Name(lot.kind()).substr(9) + " of " + lot.product_id() + ", manufactured " +
         lot.manufacture_time() + ", expires " + lot.expiry() + ": " +
         v1::Disposition_Name(lot.disposition()).substr(12);
}

std::string Text(const v1::Hold& hold) {
  return v1::HoldKind_Name(hold.kind()).substr(10) + ": " + hold.reason() +
         (hold.lifted_signature_id().empty() ? " (holds)" : " (lifted: " + hold.lift_reason() + ")");
}

void ShowHolds(const domain::LotView& view, std::vector<v1::ShownRecord>* shown) {
  for (const auto& hold : view.holds) Show(shown, hold.record, hold.etag, Text(hold.record));
}

void ShowLot(const domain::LotView& view, std::vector<v1::ShownRecord>* shown) {
  Show(shown, view.lot.record, view.lot.etag, Text(view.lot.record));
}

// ---- review

Result<SignedAct> DescribeReview(storage::Records& records, const v1::ReviewIntent& intent) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  std::set<std::pair<std::string, std::int64_t>> reviewed;  // line, etag
  for (const auto& review : view.reviews) {
    for (const v1::ReviewedResult& result : review.record.results()) {
      reviewed.emplace(result.line_code(), result.etag());
    }
  }
  std::set<std::string> asked(intent.line_codes().begin(), intent.line_codes().end());
  std::set<std::string> panels;
  SignedAct act;
  act.act = v1::ACT_REVIEW_RESULTS;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I checked these results with their raw data, calculation and method, and took "
                  "no part in making them";
  std::set<std::string> found;
  for (const auto& result : view.results) {
    const std::string& line = result.record.line_code();
    if (!asked.empty() && !asked.contains(line)) continue;
    found.insert(line);
    if (reviewed.contains({line, result.etag})) continue;
    panels.insert(result.record.panel());
    Show(&act.shown, result.record, result.etag, Text(result.record));
  }
  std::vector<Violation> violations;
  for (const std::string& line : asked) {
    if (!found.contains(line)) {
      violations.push_back({"intent.review.line_codes", "lot " + intent.lot_id() +
                                                            " has no result of line " + line});
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  if (act.shown.empty()) return WrongState("no result of the lot waits for review");
  // Invalid and repeated attempts stand beside the results that count.
  for (const auto& attempt : view.attempts) {
    if (panels.contains(attempt.record.panel())) {
      Show(&act.shown, attempt.record, attempt.etag, Text(attempt.record));
    }
  }
  return act;
}

// The results that a review covers, found again by what was shown.
std::vector<const domain::Stored<v1::Result>*> ShownResults(const domain::LotView& view,
                                                            const SignedAct& act) {
  std::set<std::string> names;
  for (const v1::ShownRecord& shown : act.shown) names.insert(shown.record());
  std::vector<const domain::Stored<v1::Result>*> results;
  for (const auto& result : view.results) {
    if (names.contains(tlog::NameOf(result.record))) results.push_back(&result);
  }
  return results;
}

Result<void> PerformReview(storage::Transaction& tx, const v1::ReviewIntent& intent,
                           const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const SignedAct act, DescribeReview(tx.records(), intent));
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(tx.records(), intent.lot_id()));
  v1::Review review;
  std::vector<const v1::Attempt*> attempts;
  for (const auto* result : ShownResults(view, act)) {
    v1::ReviewedResult* entry = review.add_results();
    entry->set_line_code(result->record.line_code());
    entry->set_attempt_number(result->record.attempt_number());
    entry->set_etag(result->etag);
    for (const auto& attempt : view.attempts) {
      if (attempt.record.panel() == result->record.panel() &&
          attempt.record.number() == result->record.attempt_number()) {
        attempts.push_back(&attempt.record);
      }
    }
  }
  if (const auto conflict = domain::ReviewerConflict(attempts, signature.user_id())) {
    return MakeError(ErrorReason::kSegregation, *conflict);
  }
  review.set_lot_id(intent.lot_id());
  review.set_number(static_cast<int>(view.reviews.size()) + 1);
  review.set_reviewer(signature.user_id());
  review.set_signature_id(signature.signature_id());
  tx.Put(review);
  return {};
}

// ---- approvals

Result<void> CheckEffectiveDate(const std::string& effective_date,
                                const v1::PaperApproval& paper_approval, TimeUs now, int offset) {
  const std::string today = FormatLocal(now, offset).substr(0, 10);
  const std::string& earliest = paper_approval.date().empty() ? today : paper_approval.date();
  if (effective_date < earliest) {
    return InvalidArgument("effective_date", effective_date + " lies before the approval of " +
                                                 earliest + ": nothing is in force earlier");
  }
  return {};
}

Result<SignedAct> DescribeApproveMethod(storage::Records& records,
                                        const v1::ApproveMethodIntent& intent,
                                        const std::string& signature_id, TimeUs now, int offset) {
  if (intent.methods().empty()) return InvalidArgument("intent.approve_method", "names no method");
  SignedAct act;
  act.act = v1::ACT_APPROVE_METHOD;
  act.subject = intent.methods_size() == 1 ? "method/" + intent.methods(0).method_id()
                                           : "approval/" + signature_id;
  act.statement = "I approve these method versions for use";
  for (const v1::MethodVersion& version : intent.methods()) {
    LIMS_ASSIGN_OR_RETURN(const auto method,
                          records.Get<v1::Method>({version.method_id(), version.version()}));
    if (method.record.state() != v1::VERSION_STATE_SUBMITTED) {
      return WrongState("method " + version.method_id() + " version " +
                        std::to_string(version.version()) + " is " +
                        v1::VersionState_Name(method.record.state()).substr(14) +
                        ": only a submitted version is approved");
    }
    LIMS_RETURN_IF_ERROR(CheckEffectiveDate(method.record.effective_date(),
                                            method.record.paper_approval(), now, offset));
    std::string text = method.record.name_en() + ", calculator " + method.record.assay() + " " +
                       method.record.assay_version() + ", effective " +
                       method.record.effective_date() + ", text SHA-256 " +
                       method.record.text_sha256();
    if (method.record.has_paper_approval()) {
      text += ", in force before electronic approval by " +
              method.record.paper_approval().document();
    }
    if (method.record.verified_by().empty()) text += ", model: verified by nobody";
    Show(&act.shown, method.record, method.etag, std::move(text));
  }
  return act;
}

Result<void> PerformApproveMethod(storage::Transaction& tx, const v1::ApproveMethodIntent& intent,
                                  const v1::Signature& signature) {
  for (const v1::MethodVersion& version : intent.methods()) {
    LIMS_ASSIGN_OR_RETURN(auto versions, tx.records().List<v1::Method>({version.method_id()}));
    for (auto& method : versions) {
      if (method.record.version() == version.version()) {
        if (const auto conflict =
                domain::ApproverConflict(method.record.author(), signature.user_id())) {
          return MakeError(ErrorReason::kSegregation, *conflict);
        }
        method.record.set_state(v1::VERSION_STATE_APPROVED);
        method.record.set_approval_signature_id(signature.signature_id());
        tx.Put(method.record);
      }
    }
  }
  return {};
}

Result<SignedAct> DescribeApproveSpecification(storage::Records& records,
                                               const v1::ApproveSpecificationIntent& intent,
                                               TimeUs now, int offset) {
  LIMS_ASSIGN_OR_RETURN(const auto head, records.Get<v1::Specification>(
                                             {intent.product_id(), intent.revision()}));
  if (head.record.state() != v1::VERSION_STATE_SUBMITTED) {
    return WrongState("the revision is " + v1::VersionState_Name(head.record.state()).substr(14) +
                      ": only a submitted revision is approved");
  }
  LIMS_RETURN_IF_ERROR(CheckEffectiveDate(head.record.effective_date(),
                                          head.record.paper_approval(), now, offset));
  SignedAct act;
  act.act = v1::ACT_APPROVE_SPECIFICATION;
  act.subject = tlog::StreamOf(head.record);
  act.statement = "I approve this specification revision";
  std::string text = head.record.title_en() + ": " + head.record.basis() + "; " +
                     std::to_string(head.record.line_count()) + " lines, " +
                     std::to_string(head.record.attestation_count()) + " attestations, " +
                     std::to_string(head.record.fact_count()) + " lot facts, effective " +
                     head.record.effective_date() + ", text SHA-256 " + head.record.text_sha256();
  if (head.record.has_paper_approval()) {
    text += ", in force before electronic approval by " + head.record.paper_approval().document();
  }
  Show(&act.shown, head.record, head.etag, std::move(text));
  return act;
}

Result<void> PerformApproveSpecification(storage::Transaction& tx,
                                         const v1::ApproveSpecificationIntent& intent,
                                         const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(auto head, tx.records().Get<v1::Specification>(
                                       {intent.product_id(), intent.revision()}));
  if (const auto conflict = domain::ApproverConflict(head.record.author(), signature.user_id())) {
    return MakeError(ErrorReason::kSegregation, *conflict);
  }
  head.record.set_state(v1::VERSION_STATE_APPROVED);
  head.record.set_approval_signature_id(signature.signature_id());
  tx.Put(head.record);
  return {};
}

// ---- lot facts

std::optional<std::string> FactProblem(storage::Records& records, const v1::FactDefinition& fact,
                                       const v1::FactDeclaration& declared,
                                       const std::string& lot_id) {
  if (const auto problem = TextProblem(declared.value(), 300)) return *problem;
  switch (fact.type()) {
    case v1::FACT_TYPE_YES_NO:
      if (declared.value() != "yes" && declared.value() != "no") return "must be yes or no";
      return std::nullopt;
    case v1::FACT_TYPE_DECIMAL:
    case v1::FACT_TYPE_INTEGER: {
      const auto number = Decimal::Parse(declared.value());
      if (!number) return number.error().message;
      const int decimals = fact.type() == v1::FACT_TYPE_INTEGER ? 0 : fact.decimals();
      if (number->decimals() != decimals) {
        return "must be written with " + std::to_string(decimals) + " decimals";
      }
      if (!fact.above().empty()) {
        const auto above = Decimal::Parse(fact.above());
        if (above && !(*number > *above)) return "must be above " + fact.above();
      }
      return std::nullopt;
    }
    case v1::FACT_TYPE_DOCUMENT: {
      const std::size_t space = declared.value().rfind(' ');
      if (space == std::string::npos || !HashFromHex(declared.value().substr(space + 1))) {
        return "must be a document number and its SHA-256: \"QC-STR-17 3f5a…\"";
      }
      return std::nullopt;
    }
    case v1::FACT_TYPE_LOT: {
      const auto lot = records.Find<v1::Lot>({declared.value()});
      if (!lot || !*lot) return "lot " + declared.value() + " is not registered";
      if (declared.value() == lot_id) return "a lot does not refer to itself";
      if (fact.lot_kind() != v1::LOT_KIND_UNSPECIFIED && (*lot)->record.kind() != fact.lot_kind()) {
        return "must be a lot of kind " + v1::LotKind_Name(fact.lot_kind()).substr(9);
      }
      return std::nullopt;
    }
    default: return "has no type";
  }
}

Result<SignedAct> DescribeFacts(storage::Records& records, const v1::DeclareFactIntent& intent) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  if (intent.facts().empty()) return InvalidArgument("intent.declare_fact.facts", "names no fact");
  const v1::Disposition disposition = view.lot.record.disposition();
  if (disposition != v1::DISPOSITION_QUARANTINE &&
      disposition != v1::DISPOSITION_CONDITIONALLY_RELEASED) {
    return WrongState("facts are declared while the lot is in quarantine");
  }
  SignedAct act;
  act.act = v1::ACT_DECLARE_FACT;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I declare these facts about the lot from the named documents";
  ShowLot(view, &act.shown);
  const auto is_declared = [&](const std::string& fact) {
    return std::any_of(view.facts.begin(), view.facts.end(),
                       [&](const auto& known) { return known.record.fact() == fact; }) ||
           std::any_of(intent.facts().begin(), intent.facts().end(),
                       [&](const auto& given) { return given.fact() == fact; });
  };
  std::vector<Violation> violations;
  std::set<std::string> seen;
  for (int i = 0; i < intent.facts_size(); ++i) {
    const v1::FactDeclaration& declared = intent.facts(i);
    const std::string field = "intent.declare_fact.facts[" + std::to_string(i) + "]";
    const auto definition =
        std::find_if(view.fact_definitions.begin(), view.fact_definitions.end(),
                     [&](const auto& each) { return each.fact() == declared.fact(); });
    if (definition == view.fact_definitions.end()) {
      violations.push_back({field + ".fact", "the specification defines no fact " + declared.fact()});
      continue;
    }
    if (!seen.insert(declared.fact()).second) {
      violations.push_back({field + ".fact", declared.fact() + " is given twice"});
    }
    if (const auto problem = FactProblem(records, *definition, declared, intent.lot_id())) {
      violations.push_back({field + ".value", declared.fact() + ": " + *problem});
    }
    if (declared.document().empty() || TextProblem(declared.document(), 200)) {
      violations.push_back({field + ".document", "name the document that shows it"});
    }
    if (declared.value() == "yes") {
      for (const v1::FactDefinition& other : view.fact_definitions) {
        if (other.needed_when() == declared.fact() && !is_declared(other.fact())) {
          violations.push_back({field + ".value", "declare " + other.fact() + " first, or with it"});
        }
      }
    }
    for (const auto& attempt : view.attempts) {
      for (const v1::NamedValue& pinned : attempt.record.facts()) {
        if (pinned.name() == declared.fact() && pinned.value() != declared.value() &&
            attempt.record.outcome() == v1::OUTCOME_VALID) {
          violations.push_back({field + ".value", declared.fact() + " decided attempt " +
                                                      attempt.record.panel() + " " +
                                                      std::to_string(attempt.record.number()) +
                                                      " as " + pinned.value() +
                                                      ": it cannot change"});
        }
      }
    }
    std::string text = declared.fact() + " = " + declared.value() + " by " + declared.document();
    for (const auto& known : view.facts) {
      if (known.record.fact() == declared.fact()) {
        text += " (was " + known.record.value() + ")";
        Show(&act.shown, known.record, known.etag, text);
        text.clear();
      }
    }
    if (!text.empty()) {
      v1::LotFact fact;
      fact.set_lot_id(intent.lot_id());
      fact.set_fact(declared.fact());
      Show(&act.shown, fact, 0, std::move(text));
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  return act;
}

Result<void> PerformFacts(storage::Transaction& tx, const v1::DeclareFactIntent& intent,
                          const v1::Signature& signature) {
  for (const v1::FactDeclaration& declared : intent.facts()) {
    v1::LotFact fact;
    fact.set_lot_id(intent.lot_id());
    fact.set_fact(declared.fact());
    fact.set_value(declared.value());
    fact.set_document(declared.document());
    fact.set_signature_id(signature.signature_id());
    tx.Put(fact);
  }
  return {};
}

// ---- attestations

Result<SignedAct> DescribeAttest(storage::Records& records, const v1::AttestIntent& intent) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  SignedAct act;
  act.act = v1::ACT_ATTEST;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I attest these statements about the lot from the named documents";
  ShowLot(view, &act.shown);
  std::vector<Violation> violations;
  if (intent.attestations().empty()) {
    violations.push_back({"intent.attest.attestations", "names no attestation"});
  }
  std::set<std::string> seen;
  for (int i = 0; i < intent.attestations_size(); ++i) {
    const v1::AttestationStatement& statement = intent.attestations(i);
    const std::string field = "intent.attest.attestations[" + std::to_string(i) + "]";
    const auto line =
        std::find_if(view.attestation_lines.begin(), view.attestation_lines.end(),
                     [&](const auto& each) { return each.code() == statement.code(); });
    if (line == view.attestation_lines.end() ||
        std::none_of(line->gates().begin(), line->gates().end(), [&](const auto& gate) {
          return std::find(gate.lot_kinds().begin(), gate.lot_kinds().end(),
                           view.lot.record.kind()) != gate.lot_kinds().end();
        })) {
      violations.push_back({field + ".code", "the specification has no attestation " +
                                                 statement.code() + " for this kind of lot"});
      continue;
    }
    if (!seen.insert(statement.code()).second) {
      violations.push_back({field + ".code", statement.code() + " is given twice"});
    }
    if (statement.document().empty() || TextProblem(statement.document(), 200)) {
      violations.push_back({field + ".document", "give the number of the " + line->document_kind()});
    }
    v1::Attestation attestation;
    attestation.set_lot_id(intent.lot_id());
    attestation.set_code(statement.code());
    std::int64_t etag = 0;
    for (const auto& given : view.attestations) {
      if (given.record.code() == statement.code()) etag = given.etag;
    }
    Show(&act.shown, attestation, etag,
         line->name_en() + " (" + line->name_zh() + "), as " +
             v1::Role_Name(line->role()).substr(5) + ", document " + statement.document());
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  if (view.lot.record.disposition() != v1::DISPOSITION_QUARANTINE &&
      view.lot.record.disposition() != v1::DISPOSITION_CONDITIONALLY_RELEASED) {
    return WrongState("attestations are given while the lot is in quarantine");
  }
  return act;
}

Result<void> PerformAttest(storage::Transaction& tx, const v1::AttestIntent& intent,
                           const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(tx.records(), intent.lot_id()));
  LIMS_ASSIGN_OR_RETURN(const auto user, tx.records().Get<v1::User>({signature.user_id()}));
  const auto roles = ConfirmedRoles(user.record);
  for (const v1::AttestationStatement& statement : intent.attestations()) {
    for (const v1::AttestationLine& line : view.attestation_lines) {
      if (line.code() != statement.code()) continue;
      if (std::find(roles.begin(), roles.end(), line.role()) == roles.end()) {
        return MakeError(ErrorReason::kPermissionDenied,
                         line.code() + " is attested by " + v1::Role_Name(line.role()).substr(5));
      }
      if (const auto conflict = domain::AttesterConflict(line, view, signature.user_id())) {
        return MakeError(ErrorReason::kSegregation, *conflict);
      }
      v1::Attestation attestation;
      attestation.set_lot_id(intent.lot_id());
      attestation.set_code(statement.code());
      attestation.set_document(statement.document());
      attestation.set_user_id(signature.user_id());
      attestation.set_role(line.role());
      attestation.set_signature_id(signature.signature_id());
      tx.Put(attestation);
    }
  }
  return {};
}

// ---- decisions

void ShowEvidence(const domain::LotView& view, std::vector<v1::ShownRecord>* shown) {
  ShowLot(view, shown);
  Show(shown, view.specification.record, view.specification.etag,
       view.specification.record.title_en() + ": " + view.specification.record.basis());
  for (const auto& fact : view.facts) {
    Show(shown, fact.record, fact.etag,
         fact.record.fact() + " = " + fact.record.value() + " by " + fact.record.document());
  }
  for (const auto& sample : view.samples) {
    Show(shown, sample.record, sample.etag,
         v1::Purpose_Name(sample.record.purpose()).substr(8) + " from " +
             sample.record.sampling_point() + ", taken by " + sample.record.taken_by() + ": " +
             v1::SampleState_Name(sample.record.state()).substr(13));
  }
  for (const auto& attempt : view.attempts) {
    Show(shown, attempt.record, attempt.etag, Text(attempt.record));
  }
  for (const auto& result : view.results) Show(shown, result.record, result.etag, Text(result.record));
  for (const auto& review : view.reviews) {
    Show(shown, review.record, review.etag,
         std::to_string(review.record.results_size()) + " results reviewed by " +
             review.record.reviewer());
  }
  for (const auto& attestation : view.attestations) {
    Show(shown, attestation.record, attestation.etag,
         "attested by " + attestation.record.user_id() + ", document " +
             attestation.record.document());
  }
  ShowHolds(view, shown);
  for (const auto& decision : view.decisions) {
    Show(shown, decision.record, decision.etag,
         v1::Decision_Name(decision.record.decision()).substr(9) + " by " +
             decision.record.user_id());
  }
  for (const domain::RelatedLot& related : view.related) {
    Show(shown, related.lot, 0, Text(related.lot) + (related.held ? " (held)" : ""));
  }
}

Result<SignedAct> DescribeRelease(storage::Records& records, const v1::ReleaseIntent& intent,
                                  TimeUs now, int offset) {
  if (intent.decision() != v1::DECISION_RELEASE &&
      intent.decision() != v1::DECISION_CONDITIONAL_RELEASE) {
    return InvalidArgument("intent.release.decision", "must be RELEASE or CONDITIONAL_RELEASE");
  }
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  const v1::LotKind kind = view.lot.record.kind();
  const v1::Gate gate = domain::GateOf(intent.decision(), kind);
  if (domain::DispositionAfter(intent.decision(), gate, kind) == v1::DISPOSITION_UNSPECIFIED) {
    return InvalidArgument("intent.release.decision", "a lot of kind " +
                                                          v1::LotKind_Name(kind).substr(9) +
                                                          " has no such decision");
  }
  const auto blockers = domain::Blockers(view, gate, now, offset);
  if (!blockers.empty()) {
    std::vector<Violation> violations;
    for (const v1::Blocker& blocker : blockers) {
      violations.push_back({v1::BlockerKind_Name(blocker.kind()).substr(13) + " " + blocker.what(),
                            blocker.description()});
    }
    const std::string count = std::to_string(blockers.size());
    return MakeError(ErrorReason::kNotReleasable,
                     "lot " + intent.lot_id() + " is not releasable: " + count +
                         (blockers.size() == 1 ? " blocker remains" : " blockers remain"),
                     std::move(violations));
  }
  SignedAct act;
  act.act = v1::ACT_RELEASE_LOT;
  act.subject = "lot/" + intent.lot_id();
  act.statement = intent.decision() == v1::DECISION_RELEASE
                      ? "I reviewed the full record of the lot and certify it for release"
                      : "I reviewed the record of the lot and certify it for conditional release";
  ShowEvidence(view, &act.shown);
  return act;
}

Result<void> Decide(storage::Transaction& tx, const domain::LotView& view, v1::Decision decision,
                    v1::Disposition disposition, const std::string& remarks,
                    const v1::Signature& signature) {
  v1::ReleaseDecision record;
  record.set_lot_id(view.lot.record.lot_id());
  record.set_number(static_cast<int>(view.decisions.size()) + 1);
  record.set_decision(decision);
  record.set_disposition(disposition);
  record.set_remarks(remarks);
  record.set_user_id(signature.user_id());
  record.set_signature_id(signature.signature_id());
  tx.Put(record);
  v1::Lot lot = view.lot.record;
  lot.set_disposition(disposition);
  tx.Put(lot);
  return {};
}

Result<void> PerformRelease(storage::Transaction& tx, const v1::ReleaseIntent& intent,
                            const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(tx.records(), intent.lot_id()));
  if (const auto conflict = domain::ReleaserConflict(view, signature.user_id())) {
    return MakeError(ErrorReason::kSegregation, *conflict);
  }
  const v1::LotKind kind = view.lot.record.kind();
  return Decide(tx, view, intent.decision(),
                domain::DispositionAfter(intent.decision(), domain::GateOf(intent.decision(), kind),
                                         kind),
                intent.remarks(), signature);
}

Result<SignedAct> DescribeReject(storage::Records& records, const v1::RejectIntent& intent) {
  LIMS_RETURN_IF_ERROR(RequireReason("intent.reject.reason", intent.reason()));
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  if (!domain::MayBecome(view.lot.record.disposition(), v1::DISPOSITION_REJECTED)) {
    return WrongState("a lot that is " +
                      v1::Disposition_Name(view.lot.record.disposition()).substr(12) +
                      " is not rejected");
  }
  SignedAct act;
  act.act = v1::ACT_REJECT_LOT;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I reject this lot: " + intent.reason();
  act.reason = intent.reason();
  ShowEvidence(view, &act.shown);
  return act;
}

Result<SignedAct> DescribeHold(storage::Records& records, const v1::HoldIntent& intent) {
  LIMS_RETURN_IF_ERROR(RequireReason("intent.hold.reason", intent.reason()));
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  SignedAct act;
  act.act = v1::ACT_HOLD_LOT;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I hold this lot: " + intent.reason();
  act.reason = intent.reason();
  ShowLot(view, &act.shown);
  ShowHolds(view, &act.shown);
  return act;
}

Result<void> PerformHold(storage::Transaction& tx, const v1::HoldIntent& intent,
                         const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const auto holds, tx.records().List<v1::Hold>({intent.lot_id()}));
  v1::Hold hold;
  hold.set_lot_id(intent.lot_id());
  hold.set_number(static_cast<int>(holds.size()) + 1);
  hold.set_kind(v1::HOLD_KIND_QUALITY);
  hold.set_reason(intent.reason());
  hold.set_placed_by(signature.user_id());
  hold.set_placed_signature_id(signature.signature_id());
  tx.Put(hold);
  return {};
}

Result<SignedAct> DescribeUnhold(storage::Records& records, const v1::UnholdIntent& intent) {
  LIMS_RETURN_IF_ERROR(RequireReason("intent.unhold.reason", intent.reason()));
  LIMS_ASSIGN_OR_RETURN(const auto hold,
                        records.Get<v1::Hold>({intent.lot_id(), intent.number()}));
  if (!hold.record.lifted_signature_id().empty()) return WrongState("the hold is lifted already");
  SignedAct act;
  act.act = v1::ACT_UNHOLD_LOT;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I lift this hold: " + intent.reason();
  act.reason = intent.reason();
  Show(&act.shown, hold.record, hold.etag, Text(hold.record));
  return act;
}

}  // namespace

Result<SignedAct> DescribeAct(storage::Records& records, const v1::Intent& intent,
                              const std::string& signature_id, TimeUs now,
                              int zone_offset_minutes) {
  switch (intent.act_case()) {
    case v1::Intent::kReview: return DescribeReview(records, intent.review());
    case v1::Intent::kApproveMethod:
      return DescribeApproveMethod(records, intent.approve_method(), signature_id, now,
                                   zone_offset_minutes);
    case v1::Intent::kApproveSpecification:
      return DescribeApproveSpecification(records, intent.approve_specification(), now,
                                          zone_offset_minutes);
    case v1::Intent::kDeclareFact: return DescribeFacts(records, intent.declare_fact());
    case v1::Intent::kAttest: return DescribeAttest(records, intent.attest());
    case v1::Intent::kRelease:
      return DescribeRelease(records, intent.release(), now, zone_offset_minutes);
    case v1::Intent::kReject: return DescribeReject(records, intent.reject());
    case v1::Intent::kHold: return DescribeHold(records, intent.hold());
    case v1::Intent::kUnhold: return DescribeUnhold(records, intent.unhold());
    case v1::Intent::ACT_NOT_SET: break;
  }
  return InvalidArgument("intent", "names no act");
}

Result<void> PerformAct(storage::Transaction& tx, const v1::Intent& intent,
                        const v1::Signature& signature) {
  switch (intent.act_case()) {
    case v1::Intent::kReview: return PerformReview(tx, intent.review(), signature);
    case v1::Intent::kApproveMethod:
      return PerformApproveMethod(tx, intent.approve_method(), signature);
    case v1::Intent::kApproveSpecification:
      return PerformApproveSpecification(tx, intent.approve_specification(), signature);
    case v1::Intent::kDeclareFact: return PerformFacts(tx, intent.declare_fact(), signature);
    case v1::Intent::kAttest: return PerformAttest(tx, intent.attest(), signature);
    case v1::Intent::kRelease: return PerformRelease(tx, intent.release(), signature);
    case v1::Intent::kReject: {
      LIMS_ASSIGN_OR_RETURN(const domain::LotView view,
                            LoadLotView(tx.records(), intent.reject().lot_id()));
      return Decide(tx, view, v1::DECISION_REJECT, v1::DISPOSITION_REJECTED,
                    intent.reject().reason(), signature);
    }
    case v1::Intent::kHold: return PerformHold(tx, intent.hold(), signature);
    case v1::Intent::kUnhold: {
      LIMS_ASSIGN_OR_RETURN(auto hold, tx.records().Get<v1::Hold>({intent.unhold().lot_id(),
                                                                   intent.unhold().number()}));
      hold.record.set_lifted_signature_id(signature.signature_id());
      hold.record.set_lift_reason(intent.unhold().reason());
      tx.Put(hold.record);
      return {};
    }
    case v1::Intent::ACT_NOT_SET: break;
  }
  return InvalidArgument("intent", "names no act");
}

}  // namespace lims::app
