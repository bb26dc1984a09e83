#include "cli/signing.h"

#include <iostream>

#include "base/encoding.h"
#include "base/sha256.h"
#include "cli/secrets.h"
#include "core/files.h"
#include "core/intent_text.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "tlog/event_bytes.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kManifestMax = std::size_t{1} << 20;

// A manifest with its exact bytes.
struct Prepared {
  std::string bytes;
  v1::Manifest manifest;
};

// Everything that will be signed; the remark comes with the signature.
std::string RenderManifest(const Prepared& prepared, const std::string& comment) {
  const v1::Manifest& manifest = prepared.manifest;
  std::string out = "meaning:   " + EnumName(manifest.meaning()) +
                    "\nstatement: " + Printable(manifest.statement()) +
                    "\nrecord:    " + Printable(manifest.subject()) + "\n";
  const char* label = "to do:     ";
  for (const std::string& line : IntentText(manifest.intent())) {
    out += label + Printable(line) + "\n";
    label = "           ";
  }
  out += "rests on, as of log size " + std::to_string(manifest.log_size()) + ":\n";
  for (const v1::ShownRecord& shown : manifest.shown()) {
    out += "  " +
           Printable(shown.record() + "@" + std::to_string(shown.etag()) + "  " + shown.text()) +
           "\n";
  }
  if (!comment.empty()) out += "comment:   " + Printable(comment) + "\n";
  return out + "signature to be given: " + Printable(manifest.signature_id()) +
         "\nsha256:    " + HexEncode(Sha256(prepared.bytes)) + "\n";
}

ordered_json ManifestJson(const Prepared& prepared, const std::string& file) {
  return {{"manifest", file},
          {"sha256", HexEncode(Sha256(prepared.bytes))},
          {"meaning", EnumName(prepared.manifest.meaning())},
          {"statement", prepared.manifest.statement()},
          {"subject", prepared.manifest.subject()},
          {"intent", ToJson(prepared.manifest)["intent"]},
          {"shown", ToJson(prepared.manifest)["shown"]}};
}

Result<Prepared> Read(std::string bytes) {
  Prepared prepared;
  if (const Result<void> parsed = tlog::ParseCanonicalJson(bytes, &prepared.manifest); !parsed) {
    return InvalidArgument("--manifest", "not a manifest: " + parsed.error().message);
  }
  prepared.bytes = std::move(bytes);
  return prepared;
}

// A refusal has room for some blockers only; the lot names them all.
Error WithEveryBlocker(const Client& client, const v1::Intent& intent, Error refusal) {
  if (refusal.reason != ErrorReason::kNotReleasable) return refusal;
  v1::GetBlockersRequest request;
  request.set_lot_id(intent.release().lot_id());
  if (intent.release().decision() == v1::DECISION_CONDITIONAL_RELEASE) {
    request.set_gate(v1::GATE_S1);
  }
  const auto response = client.Read<v1::GetBlockersResponse>(request);
  if (!response || response->blockers().empty()) return refusal;
  refusal.violations.clear();
  for (const v1::Blocker& blocker : response->blockers()) {
    refusal.violations.push_back(
        {EnumName(blocker.kind()) + " " + blocker.what(), blocker.description()});
  }
  return refusal;
}

Result<Prepared> Prepare(Client& client, const SignedAct& act) {
  v1::PrepareSignatureRequest request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_intent(), act.intent(client));
  Result<v1::PrepareSignatureResponse> response =
      client.Read<v1::PrepareSignatureResponse>(request);
  if (!response) {
    return WithEveryBlocker(client, request.intent(), std::move(response).error());
  }
  return Read(std::move(*response->mutable_manifest()));
}

Result<Prepared> ReadPrepared(const std::string& file, const SignedAct& act) {
  LIMS_ASSIGN_OR_RETURN(std::string bytes, ReadInput("--manifest", file, kManifestMax));
  LIMS_ASSIGN_OR_RETURN(Prepared prepared, Read(std::move(bytes)));
  if (prepared.manifest.meaning() != act.meaning) {
    return InvalidArgument("--manifest", "was prepared to " +
                                             EnumName(prepared.manifest.meaning()) + ", not to " +
                                             EnumName(act.meaning));
  }
  if (!act.subject.empty() && prepared.manifest.subject() != act.subject) {
    return InvalidArgument(
        "--manifest", "was prepared for " + prepared.manifest.subject() + ", not " + act.subject);
  }
  return prepared;
}

}  // namespace

void AddSigningOptions(CLI::App* verb, SigningOptions* options) {
  CLI::Option* out = verb->add_option("--out", options->out, "File for the prepared manifest");
  CLI::Option* prepare =
      verb->add_flag("--prepare", options->prepare, "Only prepare what will be signed")->needs(out);
  out->needs(prepare);
  verb->add_option("--manifest", options->manifest, "Sign this prepared manifest")
      ->excludes(prepare);
  verb->add_option("--password-file", options->password_file, "File with the signer's password");
  verb->add_option("--comment", options->comment, "Remark of the signer, signed with the rest")
      ->excludes(prepare);
}

Result<int> RunSignedAct(Context& context, const SigningOptions& options, const SignedAct& act) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const Prepared prepared, options.manifest.empty()
                                                     ? Prepare(*client, act)
                                                     : ReadPrepared(options.manifest, act));
  if (options.prepare) {
    LIMS_RETURN_IF_ERROR(WriteFileDurably(options.out, prepared.bytes));
    return context.Show(ManifestJson(prepared, options.out), RenderManifest(prepared, ""));
  }
  v1::SignRequest request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_user_id(), client->User());
  request.set_manifest(prepared.bytes);
  request.set_comment(options.comment);
  std::cerr << RenderManifest(prepared, options.comment);
  LIMS_ASSIGN_OR_RETURN(*request.mutable_password(),
                        ReadSecret("--password-file", options.password_file,
                                   "Password of " + request.user_id() + " to sign this"));
  Result<int> done = WriteAndShow<v1::SignResponse>(context, request);
  if (!done) {
    return WithEveryBlocker(*client, prepared.manifest.intent(), std::move(done).error());
  }
  return done;
}

}  // namespace lims::client
