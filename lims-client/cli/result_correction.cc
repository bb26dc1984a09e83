// lims result second|amend|confirm|decline
#include "cli/attach.h"
#include "cli/commands.h"
#include "cli/plausibility.h"
#include "cli/result_view.h"
#include "cli/value_options.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {
namespace {

void AddSecond(CLI::App* result, Context& context) {
  struct Options {
    v1::ReenterResultRequest request;
    ValueOptions values;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = result->add_subcommand(
      "second", "Type values copied from a document again, without seeing the first entry");
  verb->add_option("LOT", *options->request.mutable_lot_id(), "Lot number")->required();
  verb->add_option("LINE", *options->request.mutable_panel(), "Line, or panel with --input")
      ->required();
  AddValueOptions(verb, &options->values, /*with_replicate=*/true);
  verb->add_option("--report", *options->request.mutable_report_number(),
                   "Number of the document; needed when values from several wait");
  verb->add_option("--sample", *options->request.mutable_sample_id(),
                   "Sample; needed when the document has several");
  context.Bind(verb, [=](Context& c) -> Result<int> {
    v1::ReenterResultRequest request = options->request;
    LIMS_ASSIGN_OR_RETURN(*request.mutable_entries(), EntriesOf(options->values, request.panel()));
    LIMS_ASSIGN_OR_RETURN(Client * client, c.client());
    LIMS_ASSIGN_OR_RETURN(auto response, client->Write<v1::ReenterResultResponse>(request));
    v1::SubmitResultResponse judged;
    judged.mutable_receipt()->Swap(response.mutable_receipt());
    judged.mutable_run()->Swap(response.mutable_run());
    judged.mutable_attempt()->Swap(response.mutable_attempt());
    judged.mutable_results()->Swap(response.mutable_results());
    return ShowSubmitted(c, judged, request.panel(), options->values.input.empty());
  });
}

struct AmendOptions {
  v1::AmendResultRequest request;
  ValueOptions values;
  std::string evidence;
};

Result<int> Amend(Context& context, const AmendOptions& options) {
  v1::AmendResultRequest request = options.request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_entries(), EntriesOf(options.values, request.panel()));
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_RETURN_IF_ERROR(Attach("--evidence", options.evidence, *client, request.mutable_evidence()));
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        WriteConfirmed<v1::AmendResultResponse>(client, request));
  return context.ShowWritten(response);
}

void AddAmend(CLI::App* result, Context& context) {
  const auto options = std::make_shared<AmendOptions>();
  v1::AmendResultRequest& request = options->request;
  CLI::App* verb =
      result->add_subcommand("amend", "Propose to amend typed values; another person confirms it");
  verb->add_option("LOT", *request.mutable_lot_id(), "Lot number")->required();
  verb->add_option("LINE", *request.mutable_panel(), "Line, or panel with --input")->required();
  AddValueOptions(verb, &options->values, /*with_replicate=*/true);
  AddEnumOption<v1::AmendmentReason>(verb, "--code", [&request](v1::AmendmentReason code) {
    request.set_reason_code(code);
  })->required();
  verb->add_option("--reason", *request.mutable_reason(), "Why, in words")->required();
  verb->add_option("--evidence", options->evidence, "File that shows it: a scan, a photograph")
      ->required();
  AddYes(verb, &request);
  context.Bind(verb, [=](Context& c) { return Amend(c, *options); });
}

// Binds a verb about one amendment; the caller adds its further options.
template <typename Request, typename Response>
std::shared_ptr<Request> BindDecision(Context& context, CLI::App* verb) {
  const auto request = BindWrite<Request, Response>(context, verb);
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option_function<int>(
          "NUMBER", [=](int number) { request->set_number(number); }, "Number of the amendment")
      ->required();
  return request;
}

}  // namespace

void AddResultCorrections(CLI::App* result, Context& context) {
  AddSecond(result, context);
  AddAmend(result, context);
  CLI::App* verb = result->add_subcommand("confirm", "Confirm an amendment, as second person");
  BindDecision<v1::ConfirmAmendmentRequest, v1::ConfirmAmendmentResponse>(context, verb);
  verb = result->add_subcommand("decline", "Decline an amendment");
  const auto request =
      BindDecision<v1::DeclineAmendmentRequest, v1::DeclineAmendmentResponse>(context, verb);
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

}  // namespace lims::client
