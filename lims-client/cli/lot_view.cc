#include "cli/lot_view.h"

#include <vector>

#include "base/decimal.h"
#include "core/render.h"
#include "core/shapes.h"
#include "lims/v1/words.h"

namespace lims::client {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// "A-S1", with what the test used up of it where that was declared: "A-S1 (0.5 mL)".
std::string SampleOf(const v1::Attempt& attempt) {
  if (!attempt.has_used()) return attempt.sample_id();
  const std::string& unit = attempt.used().unit();
  return attempt.sample_id() + " (" + attempt.used().value() + (unit.empty() ? "" : " ") + unit +
         ")";
}

std::string AttemptRows(const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts) {
  Rows rows;
  for (const v1::Attempt& attempt : attempts) {
    rows.push_back({attempt.panel(), std::to_string(attempt.number()), EnumName(attempt.kind()),
                    SampleOf(attempt), EnumName(attempt.purpose()), attempt.run_id(),
                    EnumName(attempt.outcome()), Joined(FlagsOf(attempt))});
  }
  return RenderSection({"PANEL", "ATTEMPT", "KIND", "SAMPLE", "PURPOSE", "RUN", "OUTCOME", "FLAGS"},
                       rows);
}

std::string Results(const google::protobuf::RepeatedPtrField<v1::Result>& results) {
  Rows rows;
  for (const v1::Result& result : results) {
    rows.push_back({result.line_code(), std::to_string(result.attempt_number()),
                    EnumName(result.qualifier()), result.value_reported(), result.unit(),
                    EnumName(result.verdict()), result.criterion(),
                    Joined(result.flags(), FlagText),
                    Joined(result.attempts(), [](int number) { return std::to_string(number); })});
  }
  return RenderSection({"LINE", "ATTEMPT", "QUALIFIER", "REPORTED", "UNIT", "VERDICT", "CRITERION",
                        "FLAGS", "RESTS ON ATTEMPTS"},
                       rows);
}

std::string Value(const v1::TypedEntry& entry) {
  return v1::QualifierSign(entry.value().qualifier()) + entry.value().value() +
         (entry.value().unit().empty() ? "" : " " + entry.value().unit());
}

std::string Amendments(const google::protobuf::RepeatedPtrField<v1::Amendment>& amendments) {
  Rows rows;
  for (const v1::Amendment& amendment : amendments) {
    for (const v1::AmendedEntry& pair : amendment.entries()) {
      rows.push_back({std::to_string(amendment.number()), EnumName(amendment.state()),
                      pair.before().input(), std::to_string(amendment.attempt_number()),
                      Value(pair.before()), Value(pair.after()), EnumName(amendment.reason_code()),
                      amendment.reason(), amendment.evidence().file_name(), amendment.proposed_by(),
                      amendment.decided_by()});
    }
  }
  return RenderSection({"AMENDMENT", "STATE", "LINE", "ATTEMPT", "WAS", "IS", "CODE", "REASON",
                        "EVIDENCE", "PROPOSED BY", "DECIDED BY"},
                       rows);
}

std::string BecomeOf(const v1::Look& look) {
  if (!look.submitted_run_id().empty()) return "submitted in " + look.submitted_run_id();
  if (look.cleared_by().empty()) return "waits for QA";
  return "cleared by " + look.cleared_by() + ": " + look.clear_reason();
}

std::string Looks(const google::protobuf::RepeatedPtrField<v1::Look>& looks) {
  Rows rows;
  for (const v1::Look& look : looks) {
    rows.push_back({std::to_string(look.number()), look.user_id(), look.time(), look.assay(),
                    look.run_id(), look.content_sha256().substr(0, 12), BecomeOf(look)});
  }
  return RenderSection({"LOOK", "USER", "TIME", "BY", "RUN", "SHA-256", "WHAT BECAME OF IT"}, rows);
}

// One that names none was typed before certificates did, and speaks for every line.
std::string WhatFor(const v1::ExternalCertificate& certificate) {
  return certificate.lines().empty() ? "every line" : Joined(certificate.lines());
}

std::string Certificates(
    const google::protobuf::RepeatedPtrField<v1::ExternalCertificate>& certificates) {
  Rows rows;
  for (const v1::ExternalCertificate& certificate : certificates) {
    // The second person reads number, issuer, day and lines from the paper.
    const bool typed_twice = !certificate.confirmed_by().empty();
    rows.push_back(
        {typed_twice ? certificate.certificate_number() : "waits for the second entry",
         typed_twice ? certificate.issuer() : "", typed_twice ? certificate.issued_date() : "",
         typed_twice ? WhatFor(certificate) : "", certificate.file_sha256().substr(0, 12),
         certificate.entered_by(), certificate.confirmed_by()});
  }
  return RenderSection(
      {"CERTIFICATE", "ISSUER", "ISSUED", "FOR", "SHA-256", "COPIED BY", "CONFIRMED BY"}, rows);
}

// What is left of the amount; the amount itself when nothing was taken off.
std::string LeftOf(const v1::Sample& sample) {
  const auto amount = Decimal::Parse(sample.amount().value());
  const auto used = Decimal::Parse(sample.used().value());
  return amount && used ? (*amount - *used).ToString() : sample.amount().value();
}

// "2026-03", "2 h after thawing", or both.
std::string WindowOf(const v1::Sample& sample) {
  std::string out = sample.use_by();
  if (sample.post_thaw_h() > 0) {
    out += (out.empty() ? "" : ", ") + std::to_string(sample.post_thaw_h()) + " h after thawing";
  }
  return out;
}

std::string Samples(const google::protobuf::RepeatedPtrField<v1::Sample>& samples) {
  Rows rows;
  for (const v1::Sample& sample : samples) {
    rows.push_back({sample.sample_id(), EnumName(sample.purpose()), EnumName(sample.state()),
                    sample.sampling_point(), sample.container(), sample.amount().value(),
                    LeftOf(sample), sample.amount().unit(), sample.storage(), sample.taken_by(),
                    sample.custodian(), sample.handed_to(), WindowOf(sample),
                    sample.thawed_time()});
  }
  return RenderSection({"SAMPLE", "PURPOSE", "STATE", "POINT", "CONTAINER", "AMOUNT", "LEFT",
                        "UNIT", "STORAGE", "TAKEN BY", "KEEPER", "HANDED TO", "USE BY", "THAWED"},
                       rows);
}

}  // namespace

std::string RenderLot(const v1::GetLotResponse& response) {
  std::string out = RenderMessage(response.lot());
  for (const v1::Hold& hold : response.holds()) {
    if (hold.lifted_signature_id().empty()) {
      out +=
          "on hold: hold " + std::to_string(hold.number()) + ", " + Printable(hold.reason()) + "\n";
    }
  }
  Rows rows;
  for (const v1::LotFact& fact : response.facts()) {
    rows.push_back({fact.fact(), fact.value(), fact.document()});
  }
  out += RenderSection({"FACT", "VALUE", "DOCUMENT"}, rows);
  rows.clear();
  for (const v1::Hold& hold : response.holds()) {
    rows.push_back({std::to_string(hold.number()), EnumName(hold.kind()), hold.reason(),
                    hold.placed_by(),
                    hold.lifted_signature_id().empty() ? "holds" : hold.lift_reason()});
  }
  out += RenderSection({"HOLD", "KIND", "REASON", "PLACED BY", "LIFTED"}, rows);
  out += Samples(response.samples());
  out += Certificates(response.certificates());
  out += AttemptRows(response.attempts());
  out += Results(response.results());
  out += Amendments(response.amendments());
  out += Looks(response.looks());
  rows.clear();
  for (const v1::Review& review : response.reviews()) {
    const auto name_of = [](const v1::ReviewedResult& result) {
      return result.line_code() + "/" + std::to_string(result.attempt_number());
    };
    rows.push_back(
        {std::to_string(review.number()), review.reviewer(), Joined(review.results(), name_of)});
  }
  out += RenderSection({"REVIEW", "REVIEWER", "RESULTS"}, rows);
  rows.clear();
  for (const v1::Attestation& attestation : response.attestations()) {
    rows.push_back({attestation.code(), attestation.document(), attestation.user_id(),
                    EnumName(attestation.role())});
  }
  out += RenderSection({"ATTESTATION", "DOCUMENT", "USER", "ROLE"}, rows);
  rows.clear();
  for (const v1::ReleaseDecision& decision : response.decisions()) {
    rows.push_back({std::to_string(decision.number()), EnumName(decision.decision()),
                    EnumName(decision.disposition()), decision.user_id(),
                    Joined(decision.receiving_sites()), decision.remarks()});
  }
  out += RenderSection({"DECISION", "WHAT", "DISPOSITION", "USER", "RECEIVING SITES", "REMARKS"},
                       rows);
  rows.clear();
  for (const v1::SignerComment& comment : response.comments()) {
    rows.push_back({comment.user_id(), EnumName(comment.meaning()), comment.signature_id(),
                    comment.comment()});
  }
  out += RenderSection({"REMARK OF", "SIGNED FOR", "SIGNATURE", "REMARK"}, rows);
  rows.clear();
  for (const v1::EvidenceChange& change : response.changes_since_release()) {
    rows.push_back({std::to_string(change.decision_number()), change.record(), change.change()});
  }
  return out + RenderSection({"CHANGED SINCE DECISION", "RECORD", "WHAT"}, rows);
}

std::string RenderBlockers(const v1::GetBlockersResponse& response) {
  std::string out = Printable(response.lot_id()) + " " + EnumName(response.disposition()) +
                    ", gate " + EnumName(response.gate()) + ": " +
                    (response.releasable() ? "releasable" : "not releasable") + "\n";
  Rows rows;
  for (const v1::Blocker& blocker : response.blockers()) {
    rows.push_back(
        {EnumName(blocker.kind()), blocker.what(), EnumName(blocker.who()), blocker.description()});
  }
  out += RenderSection({"BLOCKER", "WHAT", "WHO", "NEXT STEP"}, rows);
  const std::string others = AttemptRows(response.other_tests());
  return out + (others.empty() ? "" : "\nother tests on this lot:" + others);
}

}  // namespace lims::client
