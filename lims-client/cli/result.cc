// lims result submit|show|review
#include "cli/attach.h"
#include "cli/commands.h"
#include "cli/plausibility.h"
#include "cli/result_view.h"
#include "cli/signing.h"
#include "cli/value_options.h"
#include "core/input_tables.h"
#include "core/shapes.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

struct SubmitOptions {
  v1::SubmitResultRequest request;
  ValueOptions values;
  std::vector<std::string> setup;
  std::string scan;
};

Result<int> Submit(Context& context, const SubmitOptions& options) {
  v1::SubmitResultRequest request = options.request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_entries(), EntriesOf(options.values, request.panel()));
  LIMS_ASSIGN_OR_RETURN(*request.mutable_setup(), ParseNamedValues("--setup", options.setup));
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  if (!options.scan.empty()) {
    LIMS_RETURN_IF_ERROR(Attach("--scan", options.scan, *client, request.mutable_scan()));
  }
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        WriteConfirmed<v1::SubmitResultResponse>(client, request, kLongDeadline));
  return ShowSubmitted(context, response, request.panel(), options.values.input.empty());
}

// Values that are copied: from which document.
void AddDocumentOptions(CLI::App* verb, SubmitOptions* options) {
  v1::SubmitResultRequest& request = options->request;
  // Values of an instrument come with its file: lims run submit.
  AddEnumOption<v1::ResultSource>(
      verb, "--source", [&request](v1::ResultSource source) { request.set_source(source); },
      v1::RESULT_SOURCE_INSTRUMENT_FILE);
  verb->add_option("--scan", options->scan, "Scan of the document that values are copied from");
  verb->add_option_function<std::string>(
      "--issuer",
      [&request](const std::string& text) { request.mutable_document()->set_issuer(text); },
      "Who issued the document");
  verb->add_option_function<std::string>(
      "--report",
      [&request](const std::string& text) { request.mutable_document()->set_report_number(text); },
      "Number of the document");
  verb->add_option_function<std::vector<std::string>>(
      "--performed",
      [&request](const std::vector<std::string>& dates) {
        for (const std::string& date : dates) request.mutable_document()->add_performed_dates(date);
      },
      "Days on which the test was performed: 2026-03-01");
}

void AddSubmit(CLI::App* result, Context& context) {
  const auto options = std::make_shared<SubmitOptions>();
  v1::SubmitResultRequest& request = options->request;
  CLI::App* verb = result->add_subcommand("submit", "Submit typed values: a run of one sample");
  verb->add_option("LOT", *request.mutable_lot_id(), "Lot number")->required();
  verb->add_option("LINE", *request.mutable_panel(), "Line, or panel with --input")->required();
  AddValueOptions(verb, &options->values, /*with_replicate=*/false);
  verb->add_option("--setup", options->setup, "Setup values as name=value");
  verb->add_option("--sample", *request.mutable_sample_id(), "Sample; else the only one received");
  verb->add_option("--started", *request.mutable_started_time(),
                   "When the test was started, with zone; else now");
  verb->add_option("--instrument", *request.mutable_instrument(), "Instrument, as on its label");
  verb->add_option_function<std::string>(
      "--use", [&request](const std::string& text) { *request.mutable_used() = ParseAmount(text); },
      "What the test used up of the sample: \"0.5 mL\"");
  verb->add_option("--late-reason", *request.mutable_late_reason(),
                   "Why it is entered later than the method allows");
  AddDocumentOptions(verb, options.get());
  AddYes(verb, &request);
  context.Bind(verb, [=](Context& c) { return Submit(c, *options); });
}

Result<int> ShowResults(Context& context, const v1::ListResultsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadAll<v1::ListResultsResponse>(*client, request));
  ordered_json results = ordered_json::array();
  for (const LineResult& line : LineResults(response)) {
    if (line.result != nullptr || request.line_code().empty()) {
      results.push_back(ResultJson(line));
      continue;
    }
    LineResult asked = line;  // an attempt without result stands for its whole panel
    asked.line = request.line_code();
    results.push_back(ResultJson(asked));
  }
  const std::string text = RenderResults(results);
  if (request.line_code().empty()) {
    return context.Show({{"lot", request.lot_id()}, {"results", results}}, text);
  }
  if (results.empty()) {
    return NotFound("a result of " + request.line_code() + " for the lot " + request.lot_id());
  }
  ordered_json newest = results.front();
  results.erase(results.begin());
  newest["earlier"] = std::move(results);
  return context.Show(newest, text);
}

struct ReviewOptions {
  std::string lot;
  std::vector<std::string> lines;
  SigningOptions signing;
};

void AddReview(CLI::App* result, Context& context) {
  const auto options = std::make_shared<ReviewOptions>();
  CLI::App* verb = result->add_subcommand("review", "Review results (signed)");
  verb->add_option("LOT", options->lot, "Lot number")->required();
  verb->add_option("LINE", options->lines, "Lines; else all that wait for review");
  AddSigningOptions(verb, &options->signing);
  context.Bind(verb, [=](Context& c) {
    const auto intent = [options](Client&) -> Result<v1::Intent> {
      v1::Intent review;
      review.mutable_review()->set_lot_id(options->lot);
      for (const std::string& line : options->lines) review.mutable_review()->add_line_codes(line);
      return review;
    };
    return RunSignedAct(c, options->signing, {v1::MEANING_REVIEW, "lot/" + options->lot, intent});
  });
}

}  // namespace

void AddResultCommands(CLI::App& app, Context& context) {
  CLI::App* result = AddNoun(app, "result", "Results of lines");
  AddSubmit(result, context);
  AddResultTable(result, context);
  AddResultCorrections(result, context);
  const auto request = std::make_shared<v1::ListResultsRequest>();
  CLI::App* show = result->add_subcommand("show", "Show results, newest attempt first");
  show->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  show->add_option("LINE", *request->mutable_line_code(), "Line; else all");
  context.Bind(show, [=](Context& c) { return ShowResults(c, *request); });
  AddReview(result, context);
}

}  // namespace lims::client
