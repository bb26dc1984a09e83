// Signed acts: what the signature covers is prepared, shown, and signed with the password.
#ifndef LIMS_CLIENT_CLI_SIGNING_H_
#define LIMS_CLIENT_CLI_SIGNING_H_

#include <functional>
#include <string>

#include "cli/context.h"
#include "lims/v1/release.pb.h"

namespace lims::client {

struct SigningOptions {
  bool prepare = false;
  std::string out;
  std::string manifest;
  std::string password_file;
  std::string comment;
};

// --prepare --out, --manifest, --password-file, --comment.
void AddSigningOptions(CLI::App* verb, SigningOptions* options);

struct SignedAct {
  v1::Meaning meaning = v1::MEANING_UNSPECIFIED;
  std::string subject;  // stream of the record signed for; empty when any will do
  // What is to be signed; not asked when a prepared manifest is given.
  std::function<Result<v1::Intent>(Client&)> intent;
};

// Prepares only, signs a prepared manifest, or does both, as the options say.
Result<int> RunSignedAct(Context& context, const SigningOptions& options, const SignedAct& act);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_SIGNING_H_
