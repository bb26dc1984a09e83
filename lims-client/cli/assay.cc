// lims assay list|describe|compute
#include "base/message_limits.h"
#include "cli/commands.h"
#include "core/input_tables.h"
#include "core/shapes.h"
#include "lims/v1/catalogue_service.pb.h"

namespace lims::client {
namespace {

Result<v1::ListAssaysResponse> ReadAssays(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  return client->Read<v1::ListAssaysResponse>(v1::ListAssaysRequest());
}

Result<int> ListAssays(Context& context) {
  LIMS_ASSIGN_OR_RETURN(const v1::ListAssaysResponse response, ReadAssays(context));
  std::vector<std::vector<std::string>> rows;
  for (const v1::AssayDescription& assay : response.assays()) {
    rows.push_back({assay.assay(), assay.version(), assay.description()});
  }
  return context.Show(ToJson(response), RenderTable({"ASSAY", "VERSION", "COMPUTES"}, rows));
}

Result<int> Describe(Context& context, const std::string& name) {
  LIMS_ASSIGN_OR_RETURN(const v1::ListAssaysResponse response, ReadAssays(context));
  for (const v1::AssayDescription& assay : response.assays()) {
    if (assay.assay() == name) return context.Show(assay);
  }
  return NotFound("assay " + name);
}

std::string RenderComputation(const nlohmann::ordered_json& document) {
  std::string out = document["assay"].get<std::string>() + " " +
                    document["version"].get<std::string>() + ": " +
                    document["outcome"].get<std::string>() + "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& check : document["checks"]) {
    rows.push_back({check["ok"].get<bool>() ? "ok" : "FAILED", check["name"],
                    check.value("sample", ""), check.value("scope", ""), check["observed"],
                    check["criterion"]});
  }
  out += RenderTable({"CHECK", "NAME", "SAMPLE", "SCOPE", "OBSERVED", "CRITERION"}, rows);
  rows.clear();
  for (const auto& value : document["reportable"]) {
    rows.push_back({value["name"], value.value("sample", ""), value["qualifier"], value["value"],
                    value["unit"]});
  }
  out += RenderTable({"REPORTABLE", "SAMPLE", "QUALIFIER", "VALUE", "UNIT"}, rows);
  for (const auto& [name, value] : document["details"].items()) {
    out += Printable(name + ": " + (value.is_string() ? value.get<std::string>() : value.dump())) +
           "\n";
  }
  return out;
}

Result<int> Compute(Context& context, v1::ComputeAssayRequest request, const std::string& input,
                    const std::vector<std::string>& parameters) {
  LIMS_ASSIGN_OR_RETURN(*request.mutable_content(), ReadInput("--input", input, kMaxLoneFileBytes));
  request.set_file_name(std::filesystem::path(input).filename().string());
  LIMS_ASSIGN_OR_RETURN(*request.mutable_parameters(), ParseNamedValues("--param", parameters));
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(*request.mutable_request_id(), client->NextRequestId());
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        client->Read<v1::ComputeAssayResponse>(request, kLongDeadline));
  const nlohmann::ordered_json document = ComputationJson(response.computation());
  return context.Show(document, RenderComputation(document));
}

}  // namespace

void AddAssayCommands(CLI::App& app, Context& context) {
  CLI::App* assay = AddNoun(app, "assay", "Calculators");
  context.Bind(assay->add_subcommand("list", "List the calculators"),
               [](Context& c) { return ListAssays(c); });

  const auto name = std::make_shared<std::string>();
  CLI::App* describe = assay->add_subcommand("describe", "Parameters, roles and formats of one");
  describe->add_option("ASSAY", *name, "Name of the calculator")->required();
  context.Bind(describe, [=](Context& c) { return Describe(c, *name); });

  const auto request = std::make_shared<v1::ComputeAssayRequest>();
  const auto input = std::make_shared<std::string>();
  const auto parameters = std::make_shared<std::vector<std::string>>();
  CLI::App* compute = assay->add_subcommand("compute", "Compute without recording a result");
  compute->add_option("ASSAY", *request->mutable_assay(), "Name of the calculator")->required();
  compute->add_option("--input", *input, "Raw file")->required();
  compute->add_option("--format", *request->mutable_format(), "Importer; else found out");
  compute->add_option("--param", *parameters, "Parameter as name=value");
  context.Bind(compute, [=](Context& c) { return Compute(c, *request, *input, *parameters); });
}

}  // namespace lims::client
