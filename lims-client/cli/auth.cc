// lims auth login|logout|passwd
#include "cli/commands.h"
#include "cli/secrets.h"

namespace lims::client {
namespace {

Result<int> LogIn(Context& context, const std::string& password_file) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const std::string user, client->User());
  LIMS_ASSIGN_OR_RETURN(const std::string password,
                        ReadSecret("--password-file", password_file, "Password of " + user));
  LIMS_ASSIGN_OR_RETURN(const v1::LogInResponse response, client->LogIn(password));
  std::string text = user + " is logged in\n";
  if (response.password_must_change()) text += "set a password now: lims auth passwd\n";
  return context.Show({{"user", ToJson(response.user())},
                       {"password_must_change", response.password_must_change()}},
                      text);
}

Result<int> LogOut(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const std::string user, client->User());
  LIMS_RETURN_IF_ERROR(client->LogOut());
  return context.Show({{"user", user}}, user + " is logged out\n");
}

Result<int> SetPassword(Context& context, const std::string& password_file,
                        const std::string& new_password_file) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const std::string user, client->User());
  v1::SetPasswordRequest request;
  LIMS_ASSIGN_OR_RETURN(
      *request.mutable_password(),
      ReadSecret("--password-file", password_file, "Present password or code of " + user));
  LIMS_ASSIGN_OR_RETURN(*request.mutable_new_password(), ReadNewPassword(new_password_file));
  return WriteAndShow<v1::SetPasswordResponse>(context, request);
}

}  // namespace

void AddAuthCommands(CLI::App& app, Context& context) {
  CLI::App* auth = AddNoun(app, "auth", "Log in and out");
  const auto password_file = std::make_shared<std::string>();
  const auto new_password_file = std::make_shared<std::string>();

  CLI::App* login = auth->add_subcommand("login", "Open a session at this terminal");
  login->add_option("--password-file", *password_file, "File with the password or one-time code");
  context.Bind(login, [=](Context& c) { return LogIn(c, *password_file); });

  context.Bind(auth->add_subcommand("logout", "End the session"),
               [](Context& c) { return LogOut(c); });

  CLI::App* passwd = auth->add_subcommand("passwd", "Set a password and with it a signing key");
  passwd->add_option("--password-file", *password_file, "File with the present password or code");
  passwd->add_option("--new-password-file", *new_password_file, "File with the new password");
  context.Bind(passwd,
               [=](Context& c) { return SetPassword(c, *password_file, *new_password_file); });
}

}  // namespace lims::client
