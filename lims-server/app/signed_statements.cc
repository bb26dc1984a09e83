#include "app/signed_acts.h"

#include <algorithm>
#include <optional>
#include <set>

#include "app/lots.h"
#include "base/decimal.h"
#include "base/encoding.h"
#include "base/text.h"
#include "domain/refusal.h"
#include "domain/segregation.h"

namespace lims::app {
namespace {

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
    default:
      return "has no type";
  }
}

// Statements are made about a lot whose final release is still to be decided.
Result<void> RequireOpen(const v1::Lot& lot, const std::string& what) {
  if (lot.disposition() == v1::DISPOSITION_QUARANTINE ||
      lot.disposition() == v1::DISPOSITION_CONDITIONALLY_RELEASED) {
    return {};
  }
  return domain::RefuseState("lot " + lot.lot_id(), lot.disposition(),
                             what + " while a lot is in quarantine or conditionally released; " +
                                 domain::NextStep(lot.disposition()));
}

// The line whose test, or the decision that, rests on the fact as it is known, when another value
// is declared now; empty when none does.
std::string DecidedBy(const domain::LotView& view, const v1::FactDeclaration& declared) {
  const auto known = std::find_if(view.facts.begin(), view.facts.end(), [&](const auto& each) {
    return each.record.fact() == declared.fact();
  });
  if (known == view.facts.end() || known->record.value() == declared.value()) return "";
  for (const v1::SpecificationLine& line : view.lines) {
    if (line.applicability().fact() != declared.fact()) continue;
    const std::string applies =
        line.line_code() + " is " +
        (known->record.value() == line.applicability().value() ? "" : "not ") + "tested";
    if (view.lot.record.disposition() != v1::DISPOSITION_QUARANTINE) {
      return applies + ", and the lot was released on it";
    }
    const auto tested =
        std::find_if(view.attempts.begin(), view.attempts.end(), [&](const auto& attempt) {
          return attempt.record.panel() == line.panel() &&
                 attempt.record.purpose() == v1::PURPOSE_RELEASE;
        });
    if (tested != view.attempts.end()) {
      return applies + ", and run " + tested->record.run_id() + " tested it";
    }
  }
  return "";
}

}  // namespace

Result<SignedAct> DescribeFacts(storage::Records& records, const v1::DeclareFactIntent& intent) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  if (intent.facts().empty()) return InvalidArgument("intent.declare_fact.facts", "names no fact");
  LIMS_RETURN_IF_ERROR(RequireOpen(view.lot.record, "facts are declared"));
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
      violations.push_back(
          {field + ".fact", "the specification defines no fact " + declared.fact()});
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
          violations.push_back(
              {field + ".value", "declare " + other.fact() + " first, or with it"});
        }
      }
    }
    for (const auto& attempt : view.attempts) {
      for (const v1::NamedValue& pinned : attempt.record.facts()) {
        if (pinned.name() == declared.fact() && pinned.value() != declared.value() &&
            attempt.record.outcome() == v1::OUTCOME_VALID) {
          violations.push_back(
              {field + ".value", declared.fact() + " decided attempt " + attempt.record.panel() +
                                     " " + std::to_string(attempt.record.number()) + " as " +
                                     pinned.value() + ": it cannot change"});
        }
      }
    }
    if (const std::string decided = DecidedBy(view, declared); !decided.empty()) {
      violations.push_back(
          {field + ".value", declared.fact() + " decided that " + decided + ": it cannot change"});
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

Result<SignedAct> DescribeAttest(storage::Records& records, const v1::AttestIntent& intent) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  SignedAct act;
  act.act = v1::ACT_ATTEST;
  act.subject = "lot/" + intent.lot_id();
  act.statement = "I attest these statements about the lot from the named documents";
  ShowLot(view, &act.shown);
  const auto role_word = [](v1::Role role) {
    return domain::StateWord(*v1::Role_descriptor(), role);
  };
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
    if (act.role == v1::ROLE_UNSPECIFIED) act.role = line->role();
    if (line->role() != act.role) {
      violations.push_back(
          {field + ".code", statement.code() + " is attested by " + role_word(line->role()) +
                                ", the first by " + role_word(act.role) +
                                ": a signature is given in one role, sign them apart"});
    }
    if (statement.document().empty() || TextProblem(statement.document(), 200)) {
      violations.push_back(
          {field + ".document", "give the number of the " + line->document_kind()});
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
  LIMS_RETURN_IF_ERROR(RequireOpen(view.lot.record, "attestations are given"));
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

}  // namespace lims::app
