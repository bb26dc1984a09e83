// lims terminal enrol|revoke
#include "base/x509.h"
#include "cli/commands.h"
#include "core/files.h"

namespace lims::client {
namespace {

constexpr std::size_t kPemMax = 65536;

// Key and request of the terminal to be: those of an earlier try in the same folder, so that the
// request can be repeated, or new ones.
Result<KeyAndRequest> KeyFor(const std::string& name, const std::filesystem::path& folder) {
  if (ReadFile(folder / "terminal.pem")) {
    return InvalidArgument("--out", folder.string() + " is that of a terminal already");
  }
  Result<std::string> key = ReadFile(folder / "terminal.key", kPemMax);
  Result<std::string> request = ReadFile(folder / "terminal.csr", kPemMax);
  if (key && request) return KeyAndRequest{std::move(*key), std::move(*request)};
  LIMS_ASSIGN_OR_RETURN(KeyAndRequest made, MakeKeyAndRequest(name));
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(folder));
  LIMS_RETURN_IF_ERROR(WriteFileDurably(folder / "terminal.key", made.key_pem));
  LIMS_RETURN_IF_ERROR(WriteFileDurably(folder / "terminal.csr", made.request_pem));
  return made;
}

Result<int> Enrol(Context& context, const std::string& name, const std::string& out) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  const Site site{std::filesystem::path(out)};
  LIMS_ASSIGN_OR_RETURN(const KeyAndRequest key, KeyFor(name, site.folder()));
  v1::EnrolTerminalRequest request;
  request.set_name(name);
  request.set_certificate_request_pem(key.request_pem);
  LIMS_ASSIGN_OR_RETURN(const auto response, client->Write<v1::EnrolTerminalResponse>(request));
  TerminalIdentity identity = client->identity();
  identity.key_pem = key.key_pem;
  identity.certificate_pem = response.terminal().certificate_pem();
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> vkey, client->site().ReadVkey());
  LIMS_RETURN_IF_ERROR(site.WriteIdentity(identity, vkey.value_or("")));
  LIMS_RETURN_IF_ERROR(RemoveFileDurably(site.folder() / "terminal.csr"));
  return context.ShowWritten(response);
}

}  // namespace

void AddTerminalCommands(CLI::App& app, Context& context) {
  CLI::App* terminal = AddNoun(app, "terminal", "Machines with a client certificate");

  const auto name = std::make_shared<std::string>();
  const auto out = std::make_shared<std::string>();
  CLI::App* enrol = terminal->add_subcommand("enrol", "Make the folder of a new terminal");
  enrol->add_option("NAME", *name, "Name of the terminal")->required();
  enrol->add_option("--out", *out, "Its site folder, to be moved to the new machine")->required();
  context.Bind(enrol, [=](Context& c) { return Enrol(c, *name, *out); });

  CLI::App* revoke = terminal->add_subcommand("revoke", "Refuse a terminal from now on");
  const auto request =
      BindWrite<v1::RevokeTerminalRequest, v1::RevokeTerminalResponse>(context, revoke);
  revoke->add_option("NAME", *request->mutable_name(), "Name of the terminal")->required();
  revoke->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

}  // namespace lims::client
