// lims: the command line of a terminal.
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/tls_policy.h"
#include "cli/commands.h"

namespace lims::client {
namespace {

constexpr int kUsage = 2;
constexpr int kFault = 1;

// Known before the command line is understood, for errors in the command line itself.
bool WantsJson(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--output=json") return true;
    if (argument == "--output" && i + 1 < count)
      return std::string_view(arguments[i + 1]) == "json";
  }
  return false;
}

void AddGlobalOptions(CLI::App& app, Context& context) {
  app.add_option("--site", context.options.site, "Folder of the site; else $LIMS_SITE, ./site");
  app.add_option("--user", context.options.user, "Who acts; else whoever logged in last");
  app.add_option("--output", context.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  app.add_option("--request-id", context.options.request_id,
                 "Id (UUID) of the request, to repeat one safely");
}

// What is wrong with the command line; names the word that stands where a command should.
std::string WhatIsWrong(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* noun = &app;
  std::string name = app.get_name();
  while (!noun->get_subcommands().empty()) {
    noun = noun->get_subcommands().front();
    name += " " + noun->get_name();
  }
  const std::vector<std::string> unknown = app.remaining(true);
  if (noun->get_require_subcommand_min() == 0 || unknown.empty()) return error.what();
  return "'" + unknown.front() + "' is no command of " + name;
}

int Main(int count, char** arguments) {
  Context context;
  context.options.site = Site::DefaultDirectory();
  CLI::App app("Batch-release laboratory information system", "lims");
  app.fallthrough();
  app.require_subcommand(1);
  AddGlobalOptions(app, context);
  AddAuthCommands(app, context);
  AddUserCommands(app, context);
  AddTerminalCommands(app, context);
  AddAssayCommands(app, context);
  AddRawCommands(app, context);
  AddMethodCommands(app, context);
  AddSpecCommands(app, context);
  AddLotCommands(app, context);
  AddSampleCommands(app, context);
  AddRunCommands(app, context);
  AddResultCommands(app, context);
  AddAttestCommand(app, context);
  AddReleaseCommands(app, context);
  AddAuditCommands(app, context);
  AddOutboxCommands(app, context);
  AddClockCommands(app, context);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const std::string what = WhatIsWrong(app, error);
    if (WantsJson(count, arguments)) {
      context.output = "json";
      context.ShowError(InvalidArgument("command line", what));
    } else {
      std::cerr << "lims: " << what << "\nRun with --help for more information.\n";
    }
    return kUsage;
  }
  return context.Run();
}

}  // namespace
}  // namespace lims::client

int main(int count, char** arguments) {
  try {
    lims::RequireTls13();
    return lims::client::Main(count, arguments);
  } catch (const std::exception& error) {
    std::cerr << "lims: " << error.what() << "\n";
    return lims::client::kFault;
  }
}
