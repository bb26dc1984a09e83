// lims raw import
#include "base/message_limits.h"
#include "cli/commands.h"
#include "lims/v1/run_service.pb.h"
#include "lims/v1/words.h"

namespace lims::client {
namespace {

std::string Value(const v1::RawRow& row) {
  if (row.undetermined()) return "undetermined";
  return v1::QualifierSign(row.value().qualifier()) + row.value().value();
}

std::string RenderData(const v1::RawData& data) {
  std::string out = "format: " + data.format() + " (" + data.parser_version() + ")\n";
  for (const v1::NamedValue& property : data.properties()) {
    out += Printable(property.name() + ": " + property.value()) + "\n";
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::RawRow& row : data.rows()) {
    rows.push_back({std::to_string(row.line()), row.plate(), row.position(), row.name(),
                    row.target(), row.task(), row.replicate(), Value(row), row.value().unit(),
                    row.dose(), row.quantity()});
  }
  return out + RenderTable({"LINE", "PLATE", "POSITION", "NAME", "TARGET", "TASK", "REPLICATE",
                            "VALUE", "UNIT", "DOSE", "QUANTITY"},
                           rows);
}

Result<int> Import(Context& context, v1::ImportRawRequest request, const std::string& file) {
  LIMS_ASSIGN_OR_RETURN(*request.mutable_content(), ReadInput("FILE", file, kMaxLoneFileBytes));
  request.set_file_name(std::filesystem::path(file).filename().string());
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(*request.mutable_request_id(), client->NextRequestId());
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        client->Read<v1::ImportRawResponse>(request, kLongDeadline));
  return context.Show(ToJson(response.data()), RenderData(response.data()));
}

}  // namespace

void AddRawCommands(CLI::App& app, Context& context) {
  CLI::App* raw = AddNoun(app, "raw", "Raw files of instruments");
  const auto request = std::make_shared<v1::ImportRawRequest>();
  const auto file = std::make_shared<std::string>();
  CLI::App* verb = raw->add_subcommand("import", "Show what a raw file says");
  verb->add_option("FILE", *file, "Raw file")->required();
  verb->add_option("--format", *request->mutable_format(), "Importer, or auto");
  verb->add_flag("--dry-run")
      ->description(
          "Only the look is recorded; it blocks the lots that it may concern until the file "
          "is submitted or QA clears it")
      ->required();
  context.Bind(verb, [=](Context& c) { return Import(c, *request, *file); });
}

}  // namespace lims::client
