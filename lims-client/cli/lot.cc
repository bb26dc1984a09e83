// lims lot register|confirm|fact|void|list|show|blockers|history; see also lot_evidence|watch
#include <set>

#include "cli/commands.h"
#include "cli/lot_view.h"
#include "cli/signing.h"
#include "core/history.h"
#include "core/input_tables.h"
#include "core/shapes.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::client {
namespace {

// --parent for a request with parents.
template <typename Request>
void AddParents(CLI::App* verb, const std::shared_ptr<Request>& request) {
  verb->add_option_function<std::vector<std::string>>(
      "--parent",
      [request](const std::vector<std::string>& lots) {
        for (const std::string& lot : lots) request->add_parents()->set_lot_id(lot);
      },
      "Lots it was made from");
}

void AddRegister(CLI::App* lot, Context& context) {
  CLI::App* verb = lot->add_subcommand("register", "Register a lot in quarantine");
  const auto request = BindWrite<v1::RegisterLotRequest, v1::RegisterLotResponse>(context, verb);
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  AddEnumOption<v1::LotKind>(verb, "--kind", [=](v1::LotKind kind) {
    request->set_kind(kind);
  })->required();
  verb->add_option("--product", *request->mutable_product_id(), "Product")->required();
  AddParents(verb, request);
  verb->add_option("--donor", *request->mutable_donor_code(), "Donor as register code");
  verb->add_option("--manufactured", *request->mutable_manufacture_time(),
                   "Time of manufacture with zone: 2026-03-01T09:30:00+08:00")
      ->required();
  verb->add_option("--expires", *request->mutable_expiry(), "Expiry: time with zone, day or month")
      ->required();
}

void AddConfirmLot(CLI::App* lot, Context& context) {
  CLI::App* verb =
      lot->add_subcommand("confirm", "Confirm, as second person, from the batch record");
  const auto request = BindWrite<v1::ConfirmLotRequest, v1::ConfirmLotResponse>(context, verb);
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option("--manufactured", *request->mutable_manufacture_time(),
                   "Time of manufacture with zone")
      ->required();
  AddParents(verb, request);
}

void AddVoid(CLI::App* lot, Context& context) {
  CLI::App* verb = lot->add_subcommand("void", "Void a lot registered in error");
  const auto request = BindWrite<v1::VoidLotRequest, v1::VoidLotResponse>(context, verb);
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

struct FactOptions {
  std::string lot;
  std::vector<std::string> facts;
  std::string document;
  std::string input;
  SigningOptions signing;
};

Result<v1::Intent> FactIntent(const FactOptions& options) {
  v1::Intent intent;
  v1::DeclareFactIntent* declare = intent.mutable_declare_fact();
  declare->set_lot_id(options.lot);
  if (!options.input.empty()) {
    LIMS_ASSIGN_OR_RETURN(const std::string csv, ReadInput("--input", options.input, kTableMax));
    LIMS_ASSIGN_OR_RETURN(const auto facts, ParseFacts(csv));
    for (const v1::FactDeclaration& fact : facts) *declare->add_facts() = fact;
    return intent;
  }
  if (options.facts.empty() || options.document.empty()) {
    return InvalidArgument("NAME=VALUE", "give facts with their --document, or --input");
  }
  for (const std::string& text : options.facts) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return InvalidArgument("NAME=VALUE", "'" + text + "' is not NAME=VALUE");
    }
    v1::FactDeclaration* fact = declare->add_facts();
    fact->set_fact(text.substr(0, equals));
    fact->set_value(text.substr(equals + 1));
    fact->set_document(options.document);
  }
  return intent;
}

void AddFact(CLI::App* lot, Context& context) {
  const auto options = std::make_shared<FactOptions>();
  CLI::App* verb = lot->add_subcommand("fact", "Declare facts about a lot (signed)");
  verb->add_option("LOT", options->lot, "Lot number")->required();
  CLI::Option* facts = verb->add_option("FACT", options->facts, "Facts as NAME=VALUE");
  verb->add_option("--document", options->document, "Document that shows them");
  verb->add_option("--input", options->input, "Table fact,value,document")->excludes(facts);
  AddSigningOptions(verb, &options->signing);
  context.Bind(verb, [=](Context& c) {
    return RunSignedAct(c, options->signing,
                        {v1::MEANING_DECLARE_FACT, "lot/" + options->lot,
                         [options](Client&) { return FactIntent(*options); }});
  });
}

Result<int> ListLots(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        ReadAll<v1::ListLotsResponse>(*client, v1::ListLotsRequest()));
  const std::set<std::string> held(response.held_lot_ids().begin(), response.held_lot_ids().end());
  std::vector<std::vector<std::string>> rows;
  for (const v1::Lot& lot : response.lots()) {
    const char* hold = held.contains(lot.lot_id()) ? ", on hold" : "";
    rows.push_back({lot.lot_id(), EnumName(lot.kind()), lot.product_id(),
                    std::to_string(lot.specification_revision()),
                    EnumName(lot.disposition()) + hold, lot.manufacture_time(), lot.expiry()});
  }
  return context.Show(ToJson(response), RenderTable({"LOT", "KIND", "PRODUCT", "REVISION",
                                                     "DISPOSITION", "MANUFACTURED", "EXPIRES"},
                                                    rows));
}

Result<int> ShowLot(Context& context, const v1::GetLotRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, client->Read<v1::GetLotResponse>(request));
  return context.Show(ToJson(response), RenderLot(response));
}

Result<int> Blockers(Context& context, const v1::GetBlockersRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, client->Read<v1::GetBlockersResponse>(request));
  return context.Show(BlockersJson(response), RenderBlockers(response));
}

void AddBlockers(CLI::App* lot, Context& context) {
  const auto request = std::make_shared<v1::GetBlockersRequest>();
  CLI::App* verb = lot->add_subcommand("blockers", "Say why a lot cannot be released yet");
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  AddGateOption(verb, [=](v1::Gate gate) { request->set_gate(gate); });
  context.Bind(verb, [=](Context& c) { return Blockers(c, *request); });
}

// Appends a stream's events, from its first on.
Result<void> ReadStream(const Client& client, const std::string& stream,
                        std::vector<v1::LogEntry>* entries) {
  v1::ListEventsRequest request;
  request.set_stream(stream);
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadAll<v1::ListEventsResponse>(client, request));
  entries->insert(entries->end(), response.entries().begin(), response.entries().end());
  return {};
}

Result<int> History(Context& context, const std::string& lot) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  std::vector<v1::LogEntry> entries;
  LIMS_RETURN_IF_ERROR(ReadStream(*client, "lot/" + lot, &entries));
  LIMS_ASSIGN_OR_RETURN(const std::set<std::string> runs, RunsOf(entries));
  for (const std::string& run : runs) {
    LIMS_RETURN_IF_ERROR(ReadStream(*client, "run/" + run, &entries));
  }
  LIMS_ASSIGN_OR_RETURN(const std::vector<HistoryEntry> history, BuildHistory(entries, lot));
  return context.Show(HistoryJson(lot, history), RenderHistory(history));
}

}  // namespace

void AddLotCommands(CLI::App& app, Context& context) {
  CLI::App* lot = AddNoun(app, "lot", "Lots");
  AddRegister(lot, context);
  AddConfirmLot(lot, context);
  AddFact(lot, context);
  AddVoid(lot, context);
  context.Bind(lot->add_subcommand("list", "List lots"), [](Context& c) { return ListLots(c); });

  const auto request = std::make_shared<v1::GetLotRequest>();
  CLI::App* show = lot->add_subcommand("show", "Show everything recorded about a lot");
  show->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  show->add_option_function<std::int64_t>(
          "--at", [=](std::int64_t index) { request->set_at_index(index); },
          "As it was after the event with this log index")
      ->check(CLI::NonNegativeNumber);
  context.Bind(show, [=](Context& c) { return ShowLot(c, *request); });

  AddBlockers(lot, context);

  const auto id = std::make_shared<std::string>();
  CLI::App* history = lot->add_subcommand("history", "Show who did what, when and why");
  history->add_option("LOT", *id, "Lot number")->required();
  context.Bind(history, [=](Context& c) { return History(c, *id); });
  AddLotWatch(lot, context);
  AddLotEvidence(lot, context);
}

}  // namespace lims::client
