// lims result submit-table
#include "cli/commands.h"
#include "core/input_tables.h"
#include "core/shapes.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

ordered_json ItemJson(const Client::SubmittedResult& item) {
  ordered_json document = {{"lot", item.request.lot_id()},
                           {"line", item.request.panel()},
                           {"request_id", item.request.request_id()}};
  if (item.error) {
    document["error"] = ErrorJson(*item.error)["error"];
    return document;
  }
  const v1::SubmitResultResponse& response = *item.response;
  document["results"] = ordered_json::array();
  for (const v1::Result& result : response.results()) {
    document["results"].push_back(ResultJson(
        {result.line_code(), &response.attempt(), &result, &response.run(), &response.receipt()}));
  }
  document["outcome"] = EnumName(response.attempt().outcome());
  document["receipt"] = {{"log_index", response.receipt().log_index()}};
  return document;
}

// The columns of the table, for fields that a refusal names.
std::vector<TypedOption> Columns() {
  std::vector<TypedOption> columns;
  for (const char* name : {"lot", "line", "value", "sample", "unit", "description", "setup"}) {
    columns.push_back({name, {}, false});
  }
  return columns;
}

std::vector<std::string> ItemRow(const Client::SubmittedResult& item) {
  std::vector<std::string> row = {item.request.lot_id(), item.request.panel()};
  if (item.error) {
    const Error error = WithTypedNames(*item.error, Columns());
    std::string why = error.message;
    for (const Violation& violation : error.violations) {
      const std::string what = violation.field + ": " + violation.description;
      if (what != error.message) why += "; " + what;
    }
    row.insert(row.end(), {"", "", "REFUSED", why});
    return row;
  }
  std::string verdict = EnumName(item.response->attempt().outcome());
  for (const v1::Result& result : item.response->results()) {
    verdict = EnumName(result.verdict());
  }
  const auto value_of = [](const v1::Result& result) { return result.value_reported(); };
  row.insert(row.end(), {Joined(item.response->results(), value_of),
                         std::to_string(item.response->receipt().log_index()), verdict, ""});
  return row;
}

Result<int> SubmitTable(Context& context, const std::string& input) {
  LIMS_ASSIGN_OR_RETURN(const std::string csv, ReadInput("FILE", input, kTableMax));
  LIMS_ASSIGN_OR_RETURN(auto requests, ParseResultTable(csv));
  LIMS_RETURN_IF_ERROR(context.RequireOneRequest(requests.size()));
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto items, client->SubmitResults(std::move(requests)));
  ordered_json documents = ordered_json::array();
  std::vector<std::vector<std::string>> rows;
  int exit_code = 0;
  for (const Client::SubmittedResult& item : items) {
    documents.push_back(ItemJson(item));
    rows.push_back(ItemRow(item));
    if (item.error && exit_code == 0) exit_code = ExitCode(item.error->reason);
  }
  context.Show({{"items", documents}},
               RenderTable({"LOT", "LINE", "REPORTED", "INDEX", "VERDICT", "WHY"}, rows));
  return exit_code;
}

}  // namespace

void AddResultTable(CLI::App* result, Context& context) {
  const auto input = std::make_shared<std::string>();
  CLI::App* verb = result->add_subcommand(
      "submit-table", "Submit the typed values of many samples: each row is judged by itself");
  verb->add_option("FILE", *input, "Table lot,line,value,sample,unit,description,setup")
      ->required();
  context.Bind(verb, [=](Context& c) { return SubmitTable(c, *input); });
}

}  // namespace lims::client
