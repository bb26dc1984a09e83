// lims outbox list|send
#include "cli/commands.h"
#include "cli/secrets.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

Result<int> ListOutbox(Context& context) {
  LIMS_ASSIGN_OR_RETURN(const auto entries, Outbox(Site(context.options.site).outbox()).List());
  ordered_json requests = ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const OutboxEntry& entry : entries) {
    requests.push_back({{"request_id", entry.request_id},
                        {"created", entry.created},
                        {"user", entry.user},
                        {"method", entry.path},
                        {"needs", entry.needs}});
    rows.push_back(
        {entry.request_id, entry.created, entry.user, CommandOf(entry), Joined(entry.needs)});
  }
  return context.Show({{"requests", std::move(requests)}},
                      RenderTable({"REQUEST", "CREATED", "USER", "COMMAND", "NEEDS"}, rows));
}

struct SecretFiles {
  std::string password;
  std::string new_password;
  std::string code;
};

Result<std::string> SecretFor(const SecretFiles& files, const std::string& user,
                              const std::string& field) {
  if (field == "new_password") return ReadNewPassword(files.new_password);
  if (field == "one_time_code") return ReadSecret("--code-file", files.code, "One-time code");
  return ReadSecret("--password-file", files.password, "Password of " + user);
}

// Every request is tried; the exit code is that of the first that was not done.
Result<int> Send(Context& context, const SecretFiles& files) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto entries, client->outbox().List());
  ordered_json requests = ordered_json::array();
  std::string text;
  int exit_code = 0;
  for (const OutboxEntry& entry : entries) {
    const Result<v1::Receipt> receipt = client->Resend(
        entry, [&](const std::string& field) { return SecretFor(files, entry.user, field); });
    ordered_json sent = {{"request_id", entry.request_id}, {"method", entry.path}};
    text += entry.request_id + " " + CommandOf(entry) + ": ";
    if (receipt) {
      sent["log_index"] = receipt->log_index();
      sent["replayed"] = receipt->replayed();
      text += "recorded at log index " + std::to_string(receipt->log_index()) + "\n";
    } else {
      if (exit_code == 0) exit_code = ExitCode(receipt.error().reason);
      sent.update(ErrorJson(receipt.error()));
      text += RenderError(receipt.error());
    }
    requests.push_back(std::move(sent));
  }
  context.Show({{"requests", std::move(requests)}}, text);
  return exit_code;
}

}  // namespace

void AddOutboxCommands(CLI::App& app, Context& context) {
  CLI::App* outbox = AddNoun(app, "outbox", "Requests without a definitive answer");
  context.Bind(outbox->add_subcommand("list", "List them"),
               [](Context& c) { return ListOutbox(c); });

  const auto files = std::make_shared<SecretFiles>();
  CLI::App* send = outbox->add_subcommand("send", "Send them again under their own ids");
  send->add_option("--password-file", files->password,
                   "File with the password, where one is needed");
  send->add_option("--new-password-file", files->new_password, "File with the new password");
  send->add_option("--code-file", files->code, "File with the one-time code");
  context.Bind(send, [=](Context& c) { return Send(c, *files); });
}

}  // namespace lims::client
