// lims audit events|export|verify|prove
#include "cli/commands.h"
#include "core/bundle_verifier.h"
#include "core/call.h"
#include "core/history.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/commands.h"
#include "tlog/merkle.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kNoteMax = 65536;

// "method=lims.v1.RunService/GetRun" as "command=run show".
std::string DetailText(const v1::Detail& detail) {
  const google::protobuf::MethodDescriptor* method =
      detail.name() == "method" ? MethodByPath("/" + detail.value()) : nullptr;
  const std::string command = method == nullptr ? "" : v1::CommandOf(*method);
  return command.empty() ? detail.name() + "=" + detail.value() : "command=" + command;
}

Result<int> Events(Context& context, const v1::ListEventsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadAll<v1::ListEventsResponse>(*client, request));
  ordered_json events = ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  for (const v1::LogEntry& entry : response.entries()) {
    events.push_back(
        {{"index", entry.index()}, {"event", ordered_json::parse(entry.entry(), nullptr, false)}});
    LIMS_ASSIGN_OR_RETURN(const v1::Event event, ParseEvent(entry.entry()));
    std::string what;
    for (const v1::Record& record : event.records()) {
      what += (what.empty() ? "" : ", ") + RecordName(record);
    }
    for (const v1::Detail& detail : event.details()) {
      what += (what.empty() ? "" : ", ") + DetailText(detail);
    }
    rows.push_back({std::to_string(event.index()), EventTime(event), event.stream(),
                    std::to_string(event.pos()), EnumName(event.act()), event.actor().user_id(),
                    event.terminal(), what});
  }
  return context.Show(
      {{"events", std::move(events)}},
      RenderTable({"INDEX", "WHEN", "STREAM", "POS", "ACT", "WHO", "TERMINAL", "WHAT"}, rows));
}

// What a signed checkpoint states; whether it is genuine shows when the bundle is verified.
Result<tlog::Checkpoint> ParseGiven(const std::string& bytes) {
  const Result<tlog::Note> note = tlog::ParseNote(bytes);
  if (!note) return InvalidArgument("--checkpoint", "not a checkpoint: " + note.error().message);
  Result<tlog::Checkpoint> checkpoint = tlog::ParseCheckpoint(note->text);
  if (!checkpoint) {
    return InvalidArgument("--checkpoint", "not a checkpoint: " + checkpoint.error().message);
  }
  return checkpoint;
}

Result<int> Export(Context& context, const std::string& lot, const std::string& out,
                   const std::string& checkpoint) {
  v1::ExportLotRequest request;
  request.set_lot_id(lot);
  if (!checkpoint.empty()) {
    LIMS_ASSIGN_OR_RETURN(const std::string bytes, ReadInput("--checkpoint", checkpoint, kNoteMax));
    LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint given, ParseGiven(bytes));
    request.set_earlier_size(static_cast<std::int64_t>(given.size));
  }
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const ExportedBundle bundle, client->ExportLot(request, out));
  return context.Show(
      {{"lot", lot}, {"out", out}, {"files", bundle.files}, {"bytes", bundle.bytes}},
      std::to_string(bundle.files) + " files in " + out + "; verify them with: lims audit verify " +
          out + "\n");
}

Result<int> Verify(Context& context, const std::string& folder, const std::string& checkpoint,
                   const std::string& vkey) {
  if (!std::filesystem::is_directory(folder)) {
    return InvalidArgument("DIR", folder + " is not a folder");
  }
  const std::filesystem::path dir = folder;
  if (!std::filesystem::exists(dir / "streams.json") && !std::filesystem::exists(dir / "vkey")) {
    return InvalidArgument("DIR", folder +
                                      " is no export: name the folder that lims audit export "
                                      "made, or that was unpacked");
  }
  VerifyOptions options;
  if (!vkey.empty()) {
    if (!tlog::ParseVkey(vkey)) {
      return InvalidArgument("--vkey",
                             "is no verifier key: give its text, like NAME+ID+KEY, as it "
                             "stands in the file vkey of a terminal");
    }
    options.vkey = vkey;
  }
  if (!checkpoint.empty()) {
    LIMS_ASSIGN_OR_RETURN(options.checkpoint, ReadInput("--checkpoint", checkpoint, kNoteMax));
    LIMS_RETURN_IF_ERROR(ParseGiven(*options.checkpoint));
  }
  const BundleReport report = VerifyBundle(folder, options);
  std::string text = RenderReport(report);
  if (vkey.empty() && report.findings.empty()) {
    text +=
        "note: verified with the key that the bundle itself names: name the laboratory's with "
        "--vkey\n";
  }
  context.Show(ReportJson(report), text);
  return ExitCode(report);
}

// Proves an event with the key that the terminal knows, not the one that the server names, and in
// the log that it has seen.
Result<int> Prove(Context& context, std::int64_t index) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  v1::ProveEventRequest request;
  request.set_index(index);
  LIMS_ASSIGN_OR_RETURN(const auto response, client->Read<v1::ProveEventResponse>(request));
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> known, client->site().ReadVkey());
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key,
                        tlog::ParseVkey(known.value_or(response.vkey())));
  const auto failed = [](const Error& error) {
    return MakeError(ErrorReason::kVerificationFailed, error.message);
  };
  const Result<tlog::TlogProof> proof = tlog::ParseTlogProof(response.proof());
  if (!proof) return failed(proof.error());
  const Result<tlog::Checkpoint> checkpoint =
      tlog::VerifyTlogProof(*proof, tlog::LeafHash(response.entry()), key);
  if (!checkpoint) return failed(checkpoint.error());
  if (proof->index != static_cast<std::uint64_t>(index)) {
    return failed(InvalidArgument("index", "the server proved another event"));
  }
  LIMS_ASSIGN_OR_RETURN(const bool compared, client->CompareCheckpoint(proof->checkpoint));
  return context.Show({{"index", index},
                       {"verified", true},
                       {"compared", compared},
                       {"log_size", checkpoint->size},
                       {"entry", response.entry()},
                       {"proof", response.proof()}},
                      response.proof());
}

}  // namespace

void AddAuditCommands(CLI::App& app, Context& context) {
  CLI::App* audit = AddNoun(app, "audit", "The log and its proofs");

  const auto request = std::make_shared<v1::ListEventsRequest>();
  CLI::App* events = audit->add_subcommand("events", "List events");
  events->add_option("--stream", *request->mutable_stream(), "Stream: lot/SC-2026-0007; else all");
  events
      ->add_option_function<std::int64_t>(
          "--from", [=](std::int64_t start) { request->set_start(start); },
          "First position in the stream, or first log index")
      ->check(CLI::NonNegativeNumber);
  context.Bind(events, [=](Context& c) { return Events(c, *request); });

  const auto name = std::make_shared<std::string>();
  const auto out = std::make_shared<std::string>();
  const auto checkpoint = std::make_shared<std::string>();
  CLI::App* exporting = audit->add_subcommand("export", "Export what proves a lot's history");
  exporting->add_option("LOT", *name, "Lot number")->required();
  exporting->add_option("--out", *out, "New folder")->required();
  exporting->add_option("--checkpoint", *checkpoint,
                        "Checkpoint that the bundle must extend, to be compared with");
  context.Bind(exporting, [=](Context& c) { return Export(c, *name, *out, *checkpoint); });

  const auto vkey = std::make_shared<std::string>();
  CLI::App* verify = audit->add_subcommand("verify", "Verify an export: no server, no account");
  verify->add_option("DIR", *name, "Folder of the export")->required();
  verify->add_option("--checkpoint", *checkpoint, "Checkpoint that came another way");
  verify->add_option("--vkey", *vkey, "Verifier key of the log that came another way");
  context.Bind(verify, [=](Context& c) { return Verify(c, *name, *checkpoint, *vkey); });

  const auto index = std::make_shared<std::int64_t>(0);
  CLI::App* prove = audit->add_subcommand("prove", "Prove that an event is in the log");
  prove->add_option("INDEX", *index, "Log index")->required()->check(CLI::NonNegativeNumber);
  context.Bind(prove, [=](Context& c) { return Prove(c, *index); });
}

}  // namespace lims::client
