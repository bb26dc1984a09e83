#include "cli/signing.h"

#include <iostream>

#include "base/encoding.h"
#include "base/sha256.h"
#include "cli/secrets.h"
#include "core/files.h"
#include "lims/v1/access_service.pb.h"
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

std::string RenderManifest(const Prepared& prepared) {
  std::string out = "meaning:   " + EnumName(prepared.manifest.meaning()) +
                    "\nstatement: " + Printable(prepared.manifest.statement()) +
                    "\nrecord:    " + Printable(prepared.manifest.subject()) + "\nrests on:\n";
  for (const v1::ShownRecord& shown : prepared.manifest.shown()) {
    out += "  " + Printable(shown.record() + "  " + shown.text()) + "\n";
  }
  return out + "sha256:    " + HexEncode(Sha256(prepared.bytes)) + "\n";
}

ordered_json ManifestJson(const Prepared& prepared, const std::string& file) {
  return {{"manifest", file},
          {"sha256", HexEncode(Sha256(prepared.bytes))},
          {"meaning", EnumName(prepared.manifest.meaning())},
          {"statement", prepared.manifest.statement()},
          {"subject", prepared.manifest.subject()},
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

Result<Prepared> Prepare(Client& client, const SignedAct& act) {
  v1::PrepareSignatureRequest request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_intent(), act.intent(client));
  LIMS_ASSIGN_OR_RETURN(v1::PrepareSignatureResponse response,
                        client.Read<v1::PrepareSignatureResponse>(request));
  return Read(std::move(*response.mutable_manifest()));
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
  verb->add_option("--comment", options->comment, "Remark of the signer");
}

Result<int> RunSignedAct(Context& context, const SigningOptions& options, const SignedAct& act) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const Prepared prepared, options.manifest.empty()
                                                     ? Prepare(*client, act)
                                                     : ReadPrepared(options.manifest, act));
  if (options.prepare) {
    LIMS_RETURN_IF_ERROR(WriteFileDurably(options.out, prepared.bytes));
    return context.Show(ManifestJson(prepared, options.out), RenderManifest(prepared));
  }
  v1::SignRequest request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_user_id(), client->User());
  request.set_manifest(prepared.bytes);
  request.set_comment(options.comment);
  std::cerr << RenderManifest(prepared);
  LIMS_ASSIGN_OR_RETURN(*request.mutable_password(),
                        ReadSecret("--password-file", options.password_file,
                                   "Password of " + request.user_id() + " to sign this"));
  return WriteAndShow<v1::SignResponse>(context, request);
}

}  // namespace lims::client
