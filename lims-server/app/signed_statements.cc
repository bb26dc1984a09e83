#include "app/signed_acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "app/lot_view.h"
#include "base/decimal.h"
#include "base/encoding.h"
#include "base/text.h"
#include "domain/ancestry.h"
#include "domain/attestation_scope.h"
#include "domain/lifecycle.h"
#include "domain/refusal.h"
#include "domain/segregation.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

// A failed lot of this kind from one of these banks, other than the one named: "EOPC-1 is out of
// specification in TUMOR"; empty when there is none.
Result<std::string> PassedOver(storage::Records& records, const std::set<std::string>& banks,
                               v1::LotKind kind, const std::string& named) {
  std::vector<std::string> made(banks.begin(), banks.end());
  std::set<std::string> seen = banks;
  for (std::size_t i = 0; i < made.size(); ++i) {
    LIMS_ASSIGN_OR_RETURN(const auto lot, records.GetShared<v1::Lot>({made[i]}));
    if (lot->record.kind() == kind && made[i] != named) {
      LIMS_ASSIGN_OR_RETURN(const auto failed, OutOfSpecification(records, made[i]));
      if (!failed.empty()) {
        return made[i] + " is out of specification in " + failed.front().record.line_code();
      }
    }
    LIMS_ASSIGN_OR_RETURN(const auto children, records.List<v1::LotChild>({made[i]}));
    for (const auto& child : children) {
      if (seen.insert(child.record.lot_id()).second) made.push_back(child.record.lot_id());
    }
  }
  return std::string();
}

using MaybeProblem = std::optional<std::string>;

// Why a lot cannot be what a fact of the lot names.
Result<MaybeProblem> NamedLotProblem(storage::Records& records, const v1::FactDefinition& fact,
                                     const std::string& named, const domain::LotView& view) {
  LIMS_ASSIGN_OR_RETURN(const auto registered, records.Find<v1::Lot>({named}));
  if (!registered) return MaybeProblem("lot " + named + " is not registered");
  LIMS_ASSIGN_OR_RETURN(const domain::LotView other, LoadLotView(records, named));
  const v1::Lot& lot = view.lot.record;
  if (named == lot.lot_id()) return MaybeProblem("a lot does not refer to itself");
  if (fact.lot_kind() != v1::LOT_KIND_UNSPECIFIED && other.lot.record.kind() != fact.lot_kind()) {
    return MaybeProblem("must be a lot of kind " + v1::EnumWord(fact.lot_kind()));
  }
  const auto banks = domain::BanksOf(lot, view.related);
  const auto its_banks = domain::BanksOf(other.lot.record, other.related);
  // A lot without any bank has its own blocker.
  if (!banks.empty() &&
      std::none_of(its_banks.begin(), its_banks.end(),
                   [&](const std::string& bank) { return banks.contains(bank); })) {
    return MaybeProblem("lot " + named + " comes from no bank of lot " + lot.lot_id() +
                        ": compare with the batch record");
  }
  const bool known = std::any_of(view.facts.begin(), view.facts.end(), [&](const auto& each) {
    return each.record.fact() == fact.fact() && each.record.value() == named;
  });
  if (known) return MaybeProblem();
  LIMS_ASSIGN_OR_RETURN(const std::string failed,
                        PassedOver(records, banks, fact.lot_kind(), named));
  if (failed.empty()) return MaybeProblem();
  return MaybeProblem("lot " + named + " cannot be named: " + failed +
                      ", and comes from a bank of lot " + lot.lot_id() + " as well");
}

// Why the value is none of the fact's; which lot may be named is another question.
MaybeProblem ValueProblem(const v1::FactDefinition& fact, const v1::FactDeclaration& declared) {
  if (const auto problem = TextProblem(declared.value(), 300)) return *problem;
  switch (fact.type()) {
    case v1::FACT_TYPE_YES_NO:
      if (declared.value() != "yes" && declared.value() != "no") return "must be yes or no";
      return std::nullopt;
    case v1::FACT_TYPE_DECIMAL:
    case v1::FACT_TYPE_INTEGER: {
      const auto number = Decimal::Parse(declared.value());
      if (!number) return WhatIsWrong(number.error());
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
    case v1::FACT_TYPE_LOT:
      return std::nullopt;
    default:
      return "has no type";
  }
}

Result<MaybeProblem> FactProblem(storage::Records& records, const v1::FactDefinition& fact,
                                 const v1::FactDeclaration& declared, const domain::LotView& view) {
  MaybeProblem problem = ValueProblem(fact, declared);
  if (problem || fact.type() != v1::FACT_TYPE_LOT) return problem;
  return NamedLotProblem(records, fact, declared.value(), view);
}

// What rests on the fact as it is known, when another value is declared now: the test of a line, a
// release, the failure of a lot that it names; empty when nothing does.
std::string DecidedBy(const domain::LotView& view, const v1::FactDefinition& definition,
                      const v1::FactDeclaration& declared) {
  const auto known = std::find_if(view.facts.begin(), view.facts.end(), [&](const auto& each) {
    return each.record.fact() == declared.fact();
  });
  if (known == view.facts.end() || known->record.value() == declared.value()) return "";
  const bool released = view.lot.record.disposition() != v1::DISPOSITION_QUARANTINE;
  if (definition.type() == v1::FACT_TYPE_LOT) {
    const std::string& named = known->record.value();
    if (released) return named + " speaks for the lot, and the lot was released on it";
    const auto why = domain::WhyNamedLotStays(view, named);
    return why ? named + " speaks for the lot, and " + *why : "";
  }
  for (const v1::SpecificationLine& line : view.lines) {
    if (line.applicability().fact() != declared.fact()) continue;
    const std::string applies =
        line.line_code() + " is " +
        (known->record.value() == line.applicability().value() ? "" : "not ") + "tested";
    if (released) return applies + ", and the lot was released on it";
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
  const v1::Disposition disposition = view.lot.record.disposition();
  if (!domain::IsUndecided(disposition)) {
    return domain::RefuseState(
        "lot " + intent.lot_id(), disposition,
        "facts are declared while a lot is in quarantine or conditionally released; " +
            domain::NextStep(disposition));
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
      violations.push_back(
          {field + ".fact", "the specification defines no fact " + declared.fact()});
      continue;
    }
    if (!seen.insert(declared.fact()).second) {
      violations.push_back({field + ".fact", declared.fact() + " is given twice"});
    }
    LIMS_ASSIGN_OR_RETURN(const MaybeProblem problem,
                          FactProblem(records, *definition, declared, view));
    if (problem) {
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
    if (const std::string decided = DecidedBy(view, *definition, declared); !decided.empty()) {
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
  const auto role_word = [](v1::Role role) { return v1::EnumWord(role); };
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
    std::string before;
    for (const auto& given : view.attestations) {
      if (given.record.code() != statement.code()) continue;
      etag = given.etag;
      before = " (was " + given.record.document() + " by " + given.record.user_id() + ")";
    }
    Show(&act.shown, attestation, etag,
         line->name_en() + " (" + line->name_zh() + "), as " + v1::EnumWord(line->role()) +
             ", document " + statement.document() + before);
    for (const auto* attempt : domain::CoveredAttempts(*line, view)) {
      Show(
          &act.shown, attempt->record, attempt->etag,
          fmt::format("covered by {}: attempt {} of {}, run {}", line->code(),
                      attempt->record.number(), attempt->record.panel(), attempt->record.run_id()));
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  const v1::Disposition disposition = view.lot.record.disposition();
  if (!domain::IsUndecided(disposition) && disposition != v1::DISPOSITION_WITHDRAWN) {
    return domain::RefuseState("lot " + intent.lot_id(), disposition,
                               "attestations are given while a release is still to be decided: in "
                               "quarantine, conditionally released or withdrawn; " +
                                   domain::NextStep(disposition));
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
                         line.code() + " is attested by " + v1::EnumWord(line.role()));
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
