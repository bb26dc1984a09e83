// lims lot watch
#include <iostream>
#include <set>
#include <utility>

#include "cli/commands.h"
#include "core/shapes.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

// One line for each change; of the blockers only what came and what went.
class WatchLines {
 public:
  std::string Of(const v1::WatchLotResponse& response) {
    std::string lines;
    if (response.has_event()) lines += EventLine(response.event());
    if (response.has_blockers()) lines += BlockerLines(response.blockers());
    return lines;
  }

 private:
  static std::string EventLine(const v1::WatchedEvent& event) {
    std::string line = std::to_string(event.index()) + "  " + event.time() + "  ";
    line += event.actor().user_id().empty()
                ? "server"
                : event.actor().user_id() + " (" + EnumName(event.actor().role()) + ")";
    line += "  " + EnumName(event.act()) + " ";
    for (const v1::ChangedRecord& record : event.records()) {
      line += " " + record.kind() + "/" + record.key();
    }
    if (!event.reason().text().empty()) line += "  \"" + event.reason().text() + "\"";
    return Printable(line) + "\n";
  }

  std::string BlockerLines(const v1::GetBlockersResponse& response) {
    std::set<std::string> now;
    for (const v1::Blocker& blocker : response.blockers()) {
      now.insert(Printable(EnumName(blocker.kind()) + "  " + blocker.what() + "  (" +
                           EnumName(blocker.who()) + ") " + blocker.description()));
    }
    std::string lines =
        Printable(response.lot_id()) + " " + EnumName(response.disposition()) + ", gate " +
        EnumName(response.gate()) + ": " +
        (response.releasable() ? "releasable" : std::to_string(now.size()) + " blockers") + "\n";
    for (const std::string& blocker : blockers_) {
      if (!now.contains(blocker)) lines += "  - " + blocker + "\n";
    }
    for (const std::string& blocker : now) {
      if (!blockers_.contains(blocker)) lines += "  + " + blocker + "\n";
    }
    blockers_ = std::move(now);
    return lines;
  }

  std::set<std::string> blockers_;
};

std::string JsonLine(const v1::WatchLotResponse& response) {
  ordered_json document = {{"log_index", response.log_index()}};
  if (response.has_event()) document["event"] = ToJson(response.event());
  if (response.has_blockers()) document["blockers"] = BlockersJson(response.blockers());
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<int> Watch(Context& context, const v1::WatchLotRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  WatchLines lines;
  return client->WatchLot(
      request,
      [&](const v1::WatchLotResponse& response) {
        if (!response.has_event() && !response.has_blockers()) return;
        std::cout << (context.json() ? JsonLine(response) : lines.Of(response)) << std::flush;
      },
      [](const Error& error) {
        std::cerr << "lims: " << error.message
                  << (error.reason == ErrorReason::kUnauthenticated
                          ? "; it goes on after lims auth login\n"
                          : "; it goes on when the server is there\n");
      });
}

}  // namespace

void AddLotWatch(CLI::App* lot, Context& context) {
  const auto request = std::make_shared<v1::WatchLotRequest>();
  CLI::App* verb = lot->add_subcommand(
      "watch", "Follow a lot: what happens and what still blocks it, until interrupted");
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option_function<std::int64_t>(
          "--from", [=](std::int64_t index) { request->set_after_index(index - 1); },
          "First show what happened from this log index on; 0 for everything")
      ->check(CLI::NonNegativeNumber);
  AddGateOption(verb, [=](v1::Gate gate) { request->set_gate(gate); });
  context.Bind(verb, [=](Context& c) { return Watch(c, *request); });
}

}  // namespace lims::client
