// lims clock show|confirm
#include "cli/commands.h"
#include "lims/v1/system_service.pb.h"

namespace lims::client {
namespace {

std::string Confirmed(const v1::ClockConfirmation& confirmation) {
  if (confirmation.user_id().empty()) return "waits";
  return confirmation.user_id() + ": " + confirmation.reason();
}

Result<int> ShowClock(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto info,
                        client->Read<v1::GetServerInfoResponse>(v1::GetServerInfoRequest()));
  std::vector<std::vector<std::string>> rows;
  for (const v1::ClockStep& step : info.clock_steps()) {
    rows.push_back({std::to_string(step.number()), step.from_time(), step.to_time(),
                    Confirmed(step.administrator()), Confirmed(step.qa())});
  }
  std::string text = "the server's clock shows " + info.time() + "\n";
  text += rows.empty() ? "no step waits for confirmation\n"
                       : "nobody signs until these steps are confirmed\n";
  return context.Show(ToJson(info),
                      text + RenderSection({"STEP", "FROM", "TO", "ADMINISTRATOR", "QA"}, rows));
}

void AddClockConfirm(CLI::App* clock, Context& context) {
  const auto request = std::make_shared<v1::ConfirmClockRequest>();
  CLI::App* verb =
      clock->add_subcommand("confirm", "Say that the server's clock is right after a step");
  verb->add_option_function<int>(
          "STEP", [=](int number) { request->set_number(number); }, "Number of the step")
      ->required();
  verb->add_option("--reason", *request->mutable_reason(),
                   "With what it was compared, and what that showed")
      ->required();
  context.Bind(verb,
               [=](Context& c) { return WriteAndShow<v1::ConfirmClockResponse>(c, *request); });
}

}  // namespace

void AddClockCommands(CLI::App& app, Context& context) {
  CLI::App* clock = AddNoun(app, "clock", "The server's clock, and where it was set");
  context.Bind(clock->add_subcommand("show", "Show the time and the steps that stop signing"),
               [](Context& c) { return ShowClock(c); });
  AddClockConfirm(clock, context);
}

}  // namespace lims::client
