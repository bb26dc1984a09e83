// lims attest
#include "cli/commands.h"
#include "cli/signing.h"
#include "core/input_tables.h"

namespace lims::client {
namespace {

struct AttestOptions {
  std::string lot;
  std::string code;
  std::string document;
  std::string input;
  SigningOptions signing;
};

Result<v1::Intent> AttestIntent(const AttestOptions& options) {
  v1::Intent intent;
  v1::AttestIntent* attest = intent.mutable_attest();
  attest->set_lot_id(options.lot);
  if (!options.input.empty()) {
    LIMS_ASSIGN_OR_RETURN(const std::string csv, ReadInput("--input", options.input, kTableMax));
    LIMS_ASSIGN_OR_RETURN(const auto statements, ParseAttestations(csv));
    for (const v1::AttestationStatement& s : statements) *attest->add_attestations() = s;
    return intent;
  }
  if (options.code.empty() || options.document.empty()) {
    return InvalidArgument("CODE", "give a code with its --document, or --input");
  }
  v1::AttestationStatement* statement = attest->add_attestations();
  statement->set_code(options.code);
  statement->set_document(options.document);
  return intent;
}

}  // namespace

void AddAttestCommand(CLI::App& app, Context& context) {
  const auto options = std::make_shared<AttestOptions>();
  CLI::App* verb = app.add_subcommand("attest", "Attest statements about a lot (signed)");
  verb->add_option("LOT", options->lot, "Lot number")->required();
  CLI::Option* code = verb->add_option("CODE", options->code, "Code of the attestation line");
  verb->add_option("--document", options->document, "Document number");
  verb->add_option("--input", options->input, "Table code,document")->excludes(code);
  AddSigningOptions(verb, &options->signing);
  context.Bind(verb, [=](Context& c) {
    return RunSignedAct(c, options->signing,
                        {v1::MEANING_ATTEST, "lot/" + options->lot,
                         [options](Client&) { return AttestIntent(*options); }});
  });
}

}  // namespace lims::client
