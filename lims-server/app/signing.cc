#include "app/signing.h"

#include <memory>

#include "app/access.h"
#include "app/clock_steps.h"
#include "app/signed_acts.h"
#include "base/encoding.h"
#include "base/password.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/text.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"
#include "tlog/note.h"
#include "tlog/signature_note.h"

namespace lims::app {
namespace {

v1::Meaning MeaningOf(const v1::Intent& intent) {
  switch (intent.act_case()) {
    case v1::Intent::kReview:
      return v1::MEANING_REVIEW;
    case v1::Intent::kApproveMethod:
      return v1::MEANING_APPROVE_METHOD;
    case v1::Intent::kApproveSpecification:
      return v1::MEANING_APPROVE_SPECIFICATION;
    case v1::Intent::kDeclareFact:
      return v1::MEANING_DECLARE_FACT;
    case v1::Intent::kAttest:
      return v1::MEANING_ATTEST;
    case v1::Intent::kRelease:
      return v1::MEANING_RELEASE;
    case v1::Intent::kReject:
      return v1::MEANING_REJECT;
    case v1::Intent::kHold:
      return v1::MEANING_HOLD;
    case v1::Intent::kUnhold:
      return v1::MEANING_UNHOLD;
    case v1::Intent::kWithdraw:
      return v1::MEANING_WITHDRAW;
    case v1::Intent::kRecall:
      return v1::MEANING_RECALL;
    case v1::Intent::ACT_NOT_SET:
      break;
  }
  return v1::MEANING_UNSPECIFIED;
}

v1::Manifest ManifestOf(const SignedAct& act, const v1::Intent& intent,
                        const std::string& signature_id, std::int64_t log_size) {
  v1::Manifest manifest;
  manifest.set_signature_id(signature_id);
  manifest.set_meaning(MeaningOf(intent));
  manifest.set_statement(act.statement);
  manifest.set_subject(act.subject);
  *manifest.mutable_intent() = intent;
  for (const v1::ShownRecord& shown : act.shown) *manifest.add_shown() = shown;
  manifest.set_log_size(log_size);
  return manifest;
}

// Names what differs between the manifest that was shown and what the records say now.
Error ChangedSince(const v1::Manifest& shown, const v1::Manifest& now) {
  std::vector<Violation> violations = Differences(shown.shown(), now.shown());
  if (violations.empty()) violations.push_back({"manifest", "is not the one that was prepared"});
  const std::string first = violations[0].field;
  return MakeError(ErrorReason::kChanged,
                   "changed since you looked: " + first + "; look again and sign what is true now",
                   std::move(violations));
}

}  // namespace

Result<v1::PrepareSignatureResponse> PrepareSignature(Site& site, const Call& call,
                                                      const v1::PrepareSignatureRequest& request) {
  const std::string signature_id = HexEncode(RandomBytes(16));
  LIMS_ASSIGN_OR_RETURN(
      v1::PrepareSignatureResponse response,
      site.store().Read([&](storage::Records& records) -> Result<v1::PrepareSignatureResponse> {
        LIMS_RETURN_IF_ERROR(RoleForRead(records, call, MeaningOf(request.intent())));
        LIMS_RETURN_IF_ERROR(RequireConfirmedClock(records));
        LIMS_ASSIGN_OR_RETURN(const SignedAct act,
                              DescribeAct(records, request.intent(), signature_id,
                                          site.clock().Now(), site.record().zone_offset_minutes()));
        LIMS_ASSIGN_OR_RETURN(const std::int64_t log_size, storage::LogSize(records.db()));
        v1::PrepareSignatureResponse prepared;
        prepared.set_manifest(
            tlog::CanonicalJson(ManifestOf(act, request.intent(), signature_id, log_size)));
        return prepared;
      }));
  site.prepared().Add(signature_id);
  return response;
}

Result<Plan> Sign(Site& site, const Call& call, const v1::SignRequest& request) {
  v1::Manifest manifest;
  if (auto parsed = tlog::ParseCanonicalJson(request.manifest(), &manifest); !parsed) {
    return InvalidArgument("manifest",
                           "is not a manifest as it was prepared: " + parsed.error().message);
  }
  // A terminal may send another intent than it had prepared; whether it is done is decided below.
  LIMS_RETURN_IF_ERROR(RequirePlainTexts(manifest.intent()));
  if (!request.comment().empty()) {
    if (const auto problem = TextProblem(request.comment(), 2000)) {
      return InvalidArgument("comment", *problem);
    }
  }
  // The password is both components of the signature: it proves the person and opens the key.
  LIMS_ASSIGN_OR_RETURN(const v1::User user,
                        CheckPassword(site, call, request.user_id(), request.password()));
  LIMS_ASSIGN_OR_RETURN(const bool recorded,
                        site.WasRecorded(user.user_id(), request.request_id()));
  Call signer = call;
  signer.user_id = user.user_id();
  signer.user_name = user.name();
  if (recorded) {
    Plan known = AlreadyRecorded();
    known.signer = std::move(signer);
    return known;
  }
  if (!site.prepared().Known(manifest.signature_id())) {
    return WrongState("the manifest of " + QuotedForMessage(manifest.subject()) +
                      " is older than ten minutes, was signed already, or the server was "
                      "restarted: prepare it again");
  }
  if (user.state() != v1::USER_STATE_ACTIVE || user.vkey().empty()) {
    return MakeError(ErrorReason::kPasswordMustChange,
                     "set a password first: lims auth passwd; a one-time code signs nothing");
  }
  LIMS_ASSIGN_OR_RETURN(const auto credential, site.store().Read([&](storage::Records& records) {
    return storage::FindCredential(records.db(), request.user_id());
  }));
  if (!credential) return NotFound("credential of " + request.user_id());
  LIMS_ASSIGN_OR_RETURN(const std::string seed,
                        OpenWithPassword(request.password(), credential->sealed_key));
  LIMS_ASSIGN_OR_RETURN(SigningKey opened, SigningKey::FromSeed(seed));
  const auto key = std::make_shared<const SigningKey>(std::move(opened));

  Plan plan;
  plan.signer = signer;
  plan.meaning = manifest.meaning();
  plan.run = [&site, signer, session_user = call.user_id, manifest, bytes = request.manifest(),
              comment = request.comment(), key,
              digest = user.credential_sha256()](storage::Transaction& tx) -> Result<void> {
    LIMS_RETURN_IF_ERROR(RequireConfirmedClock(tx.records()));
    LIMS_ASSIGN_OR_RETURN(const auto user_now, tx.records().Get<v1::User>({signer.user_id}));
    if (user_now.record.credential_sha256() != digest) {
      return MakeError(ErrorReason::kChanged, "the password changed meanwhile: sign again");
    }
    LIMS_ASSIGN_OR_RETURN(const auto used,
                          tx.records().Find<v1::Signature>({manifest.signature_id()}));
    if (used) {
      return WrongState("the manifest of " + manifest.subject() +
                        " was signed already: see what it did with lims lot history");
    }
    LIMS_ASSIGN_OR_RETURN(const SignedAct act,
                          DescribeAct(tx.records(), manifest.intent(), manifest.signature_id(),
                                      tx.now(), site.record().zone_offset_minutes()));
    const v1::Manifest rebuilt =
        ManifestOf(act, manifest.intent(), manifest.signature_id(), manifest.log_size());
    if (tlog::CanonicalJson(rebuilt) != bytes) return ChangedSince(manifest, rebuilt);

    // Whether the signer has it is checked in PerformAct.
    if (act.role != v1::ROLE_UNSPECIFIED) tx.info().actor.set_role(act.role);
    v1::Signature signature;
    signature.set_signature_id(manifest.signature_id());
    signature.set_subject(manifest.subject());
    signature.set_user_id(signer.user_id);
    signature.set_name(signer.user_name);
    signature.set_role(tx.info().actor.role());
    signature.set_meaning(manifest.meaning());
    signature.set_manifest_sha256(HexEncode(Sha256(bytes)));
    signature.set_manifest_bytes(static_cast<std::int64_t>(bytes.size()));
    if (session_user != signer.user_id) signature.set_session_user_id(session_user);
    signature.set_comment(comment);
    const v1::Site& made_at = site.record();
    const std::string& origin = made_at.origin();
    const std::string text = tlog::SignatureNoteText(
        origin, signature, manifest,
        {tx.now(), made_at.zone(), made_at.zone_offset_minutes(), signer.terminal_sha256});
    tlog::Note note{text,
                    {tlog::SignNote(UserKeyName(origin, signer.user_id), *key, text),
                     tlog::SignNote(SignatureKeyName(origin), site.signature_key(), text)}};
    signature.set_note(tlog::FormatNote(note));
    tx.info().act = act.act;
    tx.info().reason.set_text(act.reason);
    LIMS_RETURN_IF_ERROR(PerformAct(tx, manifest.intent(), signature));
    tx.Put(signature);
    tx.PutBlob(signature.manifest_sha256(), bytes);
    return {};
  };
  return plan;
}

}  // namespace lims::app
