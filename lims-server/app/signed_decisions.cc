#include "app/signed_acts.h"

#include <algorithm>
#include <set>

#include "app/call.h"
#include "app/lot_view.h"
#include "app/run_input.h"
#include "app/system_holds.h"
#include "assay/observation.h"
#include "base/text.h"
#include "domain/gates.h"
#include "domain/lifecycle.h"
#include "domain/refusal.h"
#include "domain/releasability.h"
#include "domain/segregation.h"
#include "lims/v1/words.h"
#include "storage/blobs.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

// ", remark: …" of the signer; empty for none.
Result<std::string> RemarkOf(storage::Records& records, const std::string& signature_id) {
  LIMS_ASSIGN_OR_RETURN(const auto signature, records.Find<v1::Signature>({signature_id}));
  if (!signature || signature->record.comment().empty()) return std::string();
  return ", remark: " + signature->record.comment();
}

Result<void> ShowEvidence(storage::Records& records, const domain::LotView& view,
                          std::vector<v1::ShownRecord>* shown) {
  ShowLot(view, shown);
  Show(shown, view.specification.record, view.specification.etag,
       view.specification.record.title_en() + ": " + view.specification.record.basis());
  for (const auto& fact : view.facts) {
    Show(shown, fact.record, fact.etag,
         fact.record.fact() + " = " + fact.record.value() + " by " + fact.record.document());
  }
  for (const auto& sample : view.samples) {
    Show(shown, sample.record, sample.etag,
         v1::EnumWord(sample.record.purpose()) + " from " + sample.record.sampling_point() +
             ", taken by " + sample.record.taken_by() + ": " + v1::EnumWord(sample.record.state()));
  }
  for (const auto& attempt : view.attempts) {
    Show(shown, attempt.record, attempt.etag, Text(attempt.record));
  }
  for (const auto& result : view.results)
    Show(shown, result.record, result.etag, Text(result.record));
  for (const auto& review : view.reviews) {
    LIMS_ASSIGN_OR_RETURN(const std::string remark,
                          RemarkOf(records, review.record.signature_id()));
    Show(shown, review.record, review.etag,
         std::to_string(review.record.results_size()) + " results reviewed by " +
             review.record.reviewer() + remark);
  }
  for (const auto& attestation : view.attestations) {
    LIMS_ASSIGN_OR_RETURN(const std::string remark,
                          RemarkOf(records, attestation.record.signature_id()));
    Show(shown, attestation.record, attestation.etag,
         "attested by " + attestation.record.user_id() + ", document " +
             attestation.record.document() + remark);
  }
  for (const auto& amendment : view.amendments) {
    Show(shown, amendment.record, amendment.etag, Text(amendment.record));
  }
  for (const auto& look : view.looks) Show(shown, look.record, look.etag, Text(look.record));
  for (const auto& certificate : view.certificates) {
    Show(shown, certificate.record, certificate.etag, Text(certificate.record));
  }
  ShowHolds(view, shown);
  for (const auto& decision : view.decisions) {
    Show(shown, decision.record, decision.etag,
         v1::EnumWord(decision.record.decision()) + " by " + decision.record.user_id());
  }
  for (const domain::RelatedLot& related : view.related) {
    std::string text = Text(related.lot) + (related.held ? " (held)" : "");
    std::set<std::string> failing;  // a line may have failed in several attempts
    for (const v1::Result& result : related.out_of_specification) {
      failing.insert(result.line_code());
    }
    for (const std::string& line : failing) text += " (out of specification in " + line + ")";
    Show(shown, related.lot, 0, std::move(text));
  }
  return {};
}

// Without the records that go on after a release: the lot itself, its decisions, its samples, the
// runs that a conditional release left open.
ShownRecords EvidenceOf(const ShownRecords& shown, const std::string& lot_id) {
  ShownRecords evidence;
  for (const v1::ShownRecord& each : shown) {
    const std::string kind = each.record().substr(0, each.record().find('/'));
    if (kind != "release_decision" && kind != "sample" && kind != "run" &&
        each.record() != "lot/" + lot_id) {
      *evidence.Add() = each;
    }
  }
  return evidence;
}

// Tests that a conditional release supposes: without blockers, whatever is open is one of them.
// What they are due for changes with a reading at most, so that it stays as shown until it is
// signed.
Result<void> ShowTestsThatGoOn(storage::Records& records, const domain::LotView& view, int offset,
                               std::vector<v1::ShownRecord>* shown) {
  for (const auto& attempt : view.attempts) {
    if (attempt.record.outcome() != v1::OUTCOME_UNSPECIFIED) continue;
    const std::string& run_id = attempt.record.run_id();
    LIMS_ASSIGN_OR_RETURN(const auto stored, records.Get<v1::Run>({run_id}));
    LIMS_ASSIGN_OR_RETURN(const RunRecords run, LoadOpenRun(records, run_id));
    std::string text =
        attempt.record.panel() + " goes on after this release; started " + run.run.started_time();
    if (const auto last = assay::LastReading(ReadSoFar(run))) {
      text += ", last reading due from " + FormatLocal(*last, offset) + " on";
    } else if (run.method.has_observation()) {
      text += ", " + run.method.observation().from() + " is not declared";
    }
    Show(shown, run.run, stored.etag, std::move(text));
  }
  return {};
}

Result<void> Decide(storage::Transaction& tx, const domain::LotView& view, v1::Decision decision,
                    v1::Disposition disposition, const std::string& remarks,
                    const v1::Signature& signature, v1::ReleaseDecision record = {}) {
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

// What an act on a lot says that needs a reason; what it rests on is still to be shown.
template <typename Intent>
SignedAct ForReason(v1::Act kind, const Intent& intent, const std::string& statement) {
  SignedAct act;
  act.act = kind;
  act.subject = "lot/" + intent.lot_id();
  act.statement = statement + ": " + intent.reason();
  act.reason = intent.reason();
  return act;
}

// A decision that needs no empty blocker list, only its reason: the lot becomes `becomes`. `only`
// says which lots can.
template <typename Intent>
Result<SignedAct> DescribeEnd(storage::Records& records, const Intent& intent,
                              const std::string& verb, v1::Act act, v1::Disposition becomes,
                              const std::string& statement, const std::string& only) {
  LIMS_RETURN_IF_ERROR(RequireReason("intent." + verb + ".reason", intent.reason()));
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  const v1::Disposition disposition = view.lot.record.disposition();
  if (!domain::MayBecome(disposition, becomes)) {
    return domain::RefuseState("lot " + intent.lot_id(), disposition,
                               only + "; " + domain::NextStep(disposition));
  }
  SignedAct signed_act = ForReason(act, intent, statement);
  LIMS_RETURN_IF_ERROR(ShowEvidence(records, view, &signed_act.shown));
  return signed_act;
}

template <typename Intent>
Result<void> PerformEnd(storage::Transaction& tx, const Intent& intent, v1::Decision decision,
                        v1::Disposition becomes, const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(tx.records(), intent.lot_id()));
  return Decide(tx, view, decision, becomes, intent.reason(), signature);
}

// What is typed with a release: free text, and who is to be told when a conditional one fails.
std::vector<Violation> CheckReleaseTexts(const v1::ReleaseIntent& intent) {
  constexpr std::size_t kMaxBytes = 500;
  std::vector<Violation> violations;
  if (const auto problem = TextProblem(intent.remarks(), kMaxBytes)) {
    violations.push_back({"intent.release.remarks", *problem});
  }
  const std::string field = "intent.release.receiving_sites";
  const bool conditional = intent.decision() == v1::DECISION_CONDITIONAL_RELEASE;
  if (conditional == intent.receiving_sites().empty()) {
    violations.push_back({field, conditional ? "name who receives doses: --receiving-site NAME"
                                             : "are named for a conditional release only"});
  }
  std::set<std::string> seen;
  for (int i = 0; i < intent.receiving_sites_size(); ++i) {
    const std::string& site = intent.receiving_sites(i);
    const std::string item = field + "[" + std::to_string(i) + "]";
    if (site.empty()) violations.push_back({item, "is empty"});
    if (const auto problem = TextProblem(site, kMaxBytes)) violations.push_back({item, *problem});
    if (!seen.insert(site).second) violations.push_back({item, site + " is named twice"});
  }
  return violations;
}

}  // namespace

Result<SignedAct> DescribeRelease(storage::Records& records, const v1::ReleaseIntent& intent,
                                  TimeUs now, int offset) {
  if (intent.decision() != v1::DECISION_RELEASE &&
      intent.decision() != v1::DECISION_CONDITIONAL_RELEASE) {
    return InvalidArgument("intent.release.decision", "must be RELEASE or CONDITIONAL_RELEASE");
  }
  if (auto violations = CheckReleaseTexts(intent); !violations.empty()) {
    return InvalidArguments(std::move(violations));
  }
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  const v1::LotKind kind = view.lot.record.kind();
  const v1::Gate gate = domain::GateOf(intent.decision(), kind);
  if (domain::DispositionAfter(intent.decision(), gate, kind) == v1::DISPOSITION_UNSPECIFIED) {
    return InvalidArgument("intent.release.decision",
                           "a lot of kind " + v1::EnumWord(kind) + " has no such decision");
  }
  const auto blockers = domain::Blockers(view, gate, now, offset);
  if (!blockers.empty()) {
    std::vector<Violation> violations;
    for (const v1::Blocker& blocker : blockers) {
      violations.push_back(
          {v1::EnumWord(blocker.kind()) + " " + blocker.what(), blocker.description()});
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
  LIMS_RETURN_IF_ERROR(ShowEvidence(records, view, &act.shown));
  if (intent.decision() == v1::DECISION_CONDITIONAL_RELEASE) {
    LIMS_RETURN_IF_ERROR(ShowTestsThatGoOn(records, view, offset, &act.shown));
  }
  return act;
}

Result<void> PerformRelease(storage::Transaction& tx, const v1::ReleaseIntent& intent,
                            const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(tx.records(), intent.lot_id()));
  if (const auto conflict = domain::ReleaserConflict(view, signature.user_id())) {
    return MakeError(ErrorReason::kSegregation, *conflict);
  }
  const v1::LotKind kind = view.lot.record.kind();
  v1::ReleaseDecision decided;
  *decided.mutable_receiving_sites() = intent.receiving_sites();
  return Decide(
      tx, view, intent.decision(),
      domain::DispositionAfter(intent.decision(), domain::GateOf(intent.decision(), kind), kind),
      intent.remarks(), signature, std::move(decided));
}

Result<void> AddChangesSinceRelease(storage::Records& records, const domain::LotView& view,
                                    v1::GetLotResponse* response) {
  const auto release =
      std::find_if(view.decisions.rbegin(), view.decisions.rend(), [](const auto& decision) {
        return decision.record.decision() == v1::DECISION_RELEASE ||
               decision.record.decision() == v1::DECISION_CONDITIONAL_RELEASE;
      });
  if (release == view.decisions.rend()) return {};
  LIMS_ASSIGN_OR_RETURN(const auto signature,
                        records.Get<v1::Signature>({release->record.signature_id()}));
  LIMS_ASSIGN_OR_RETURN(const std::string bytes,
                        storage::GetBlob(records.db(), signature.record.manifest_sha256()));
  v1::Manifest manifest;
  LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(bytes, &manifest));
  std::vector<v1::ShownRecord> shown;
  LIMS_RETURN_IF_ERROR(ShowEvidence(records, view, &shown));
  ShownRecords before = EvidenceOf(manifest.shown(), view.lot.record.lot_id());
  const ShownRecords now =
      EvidenceOf(ShownRecords(shown.begin(), shown.end()), view.lot.record.lot_id());
  // Related lots are shown without etag; what was signed was as it is until something changed
  // since.
  std::set<std::string> changed;
  for (const domain::RelatedLot& related : view.related) {
    if (related.etag > release->etag) changed.insert(tlog::NameOf(related.lot));
  }
  // A later version of this program may word the same record differently.
  for (v1::ShownRecord& was : before) {
    const auto same = std::find_if(now.begin(), now.end(), [&was](const v1::ShownRecord& is) {
      return is.etag() == was.etag() && is.record() == was.record();
    });
    if (same != now.end() && !changed.contains(was.record())) was.set_text(same->text());
  }
  for (Violation& difference : Differences(before, now)) {
    v1::EvidenceChange* change = response->add_changes_since_release();
    change->set_decision_number(release->record.number());
    change->set_record(std::move(difference.field));
    change->set_change(std::move(difference.description));
  }
  return {};
}

Result<SignedAct> DescribeReject(storage::Records& records, const v1::RejectIntent& intent) {
  return DescribeEnd(records, intent, "reject", v1::ACT_REJECT_LOT, v1::DISPOSITION_REJECTED,
                     "I reject this lot", "only a lot that is not finally released is rejected");
}

Result<SignedAct> DescribeHold(storage::Records& records, const v1::HoldIntent& intent) {
  LIMS_RETURN_IF_ERROR(RequireReason("intent.hold.reason", intent.reason()));
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  SignedAct act = ForReason(v1::ACT_HOLD_LOT, intent, "I hold this lot");
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
  LIMS_ASSIGN_OR_RETURN(const auto hold, records.Get<v1::Hold>({intent.lot_id(), intent.number()}));
  if (!hold.record.lifted_signature_id().empty()) {
    return WrongState("hold " + std::to_string(intent.number()) + " of lot " + intent.lot_id() +
                      " is lifted already: see the others with lims lot show");
  }
  LIMS_RETURN_IF_ERROR(RequireAnswered(records, hold.record));
  SignedAct act = ForReason(v1::ACT_UNHOLD_LOT, intent, "I lift this hold");
  Show(&act.shown, hold.record, hold.etag, Text(hold.record));
  return act;
}

Result<void> PerformReject(storage::Transaction& tx, const v1::RejectIntent& intent,
                           const v1::Signature& signature) {
  return PerformEnd(tx, intent, v1::DECISION_REJECT, v1::DISPOSITION_REJECTED, signature);
}

Result<SignedAct> DescribeWithdraw(storage::Records& records, const v1::WithdrawIntent& intent) {
  return DescribeEnd(records, intent, "withdraw", v1::ACT_WITHDRAW_LOT, v1::DISPOSITION_WITHDRAWN,
                     "I withdraw the release of this lot", "only a release is withdrawn");
}

Result<void> PerformWithdraw(storage::Transaction& tx, const v1::WithdrawIntent& intent,
                             const v1::Signature& signature) {
  return PerformEnd(tx, intent, v1::DECISION_WITHDRAW, v1::DISPOSITION_WITHDRAWN, signature);
}

Result<SignedAct> DescribeRecall(storage::Records& records, const v1::RecallIntent& intent) {
  return DescribeEnd(records, intent, "recall", v1::ACT_RECALL_LOT, v1::DISPOSITION_RECALLED,
                     "I recall this lot",
                     "only a lot that was released, or failed after its conditional release, is "
                     "recalled");
}

Result<void> PerformRecall(storage::Transaction& tx, const v1::RecallIntent& intent,
                           const v1::Signature& signature) {
  return PerformEnd(tx, intent, v1::DECISION_RECALL, v1::DISPOSITION_RECALLED, signature);
}

Result<void> PerformUnhold(storage::Transaction& tx, const v1::UnholdIntent& intent,
                           const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(auto hold, tx.records().Get<v1::Hold>({intent.lot_id(), intent.number()}));
  hold.record.set_lifted_signature_id(signature.signature_id());
  hold.record.set_lift_reason(intent.reason());
  tx.Put(hold.record);
  return {};
}

}  // namespace lims::app
