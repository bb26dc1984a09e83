// lims sample plan|cancel|take|receive|reject|show; see also sample_keeping
#include "cli/commands.h"
#include "core/input_tables.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::client {
namespace {

void AddPlan(CLI::App* sample, Context& context) {
  CLI::App* verb = sample->add_subcommand("plan", "Plan a sample; its purpose is fixed now");
  const auto request = BindWrite<v1::PlanSampleRequest, v1::PlanSampleResponse>(context, verb);
  verb->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id, unique")->required();
  verb->add_option("--lot", *request->mutable_lot_id(), "Lot")->required();
  AddEnumOption<v1::Purpose>(verb, "--purpose", [=](v1::Purpose purpose) {
    request->set_purpose(purpose);
  })->required();
  verb->add_option("--point", *request->mutable_sampling_point(), "Sampling point: DP, HARVEST, …")
      ->required();
  verb->add_option("--container", *request->mutable_container(), "Number of the container")
      ->required();
  verb->add_option_function<std::string>(
          "--amount",
          [=](const std::string& text) { *request->mutable_amount() = ParseAmount(text); },
          "Amount with unit: \"1 mL\"; mL, g, {cells} or, of whole containers, {unit}")
      ->required();
  verb->add_option("--storage", *request->mutable_storage(), "Storage, as on the label")
      ->required();
  verb->add_option("--use-by", *request->mutable_use_by(),
                   "Until when it may be tested: time with zone, day or month");
  verb->add_option_function<int>(
      "--post-thaw-h", [=](int hours) { request->set_post_thaw_h(hours); },
      "Hours after thawing in which it may be tested");
}

void AddCancel(CLI::App* sample, Context& context) {
  CLI::App* verb = sample->add_subcommand("cancel", "Cancel a sample that was planned in error");
  const auto request = BindWrite<v1::CancelSampleRequest, v1::CancelSampleResponse>(context, verb);
  verb->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

Result<int> Take(Context& context, v1::TakeSampleRequest request) {
  if (request.taken_time().empty()) {
    LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
    LIMS_ASSIGN_OR_RETURN(*request.mutable_taken_time(), client->CurrentTime());
  }
  return WriteAndShow<v1::TakeSampleResponse>(context, request);
}

void AddTake(CLI::App* sample, Context& context) {
  const auto request = std::make_shared<v1::TakeSampleRequest>();
  CLI::App* verb = sample->add_subcommand("take", "Record that a sample was taken");
  verb->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  verb->add_option("--taken", *request->mutable_taken_time(), "When, with zone; else now");
  verb->add_option_function<std::string>(
      "--amount", [=](const std::string& text) { *request->mutable_amount() = ParseAmount(text); },
      "Amount taken, with the planned unit; else as planned");
  verb->add_option("--container", *request->mutable_container(),
                   "Number of the container it came from; else as planned");
  context.Bind(verb, [=](Context& c) { return Take(c, *request); });
}

void AddReceive(CLI::App* sample, Context& context) {
  CLI::App* verb = sample->add_subcommand("receive", "Accept a sample into the laboratory");
  const auto request =
      BindWrite<v1::ReceiveSampleRequest, v1::ReceiveSampleResponse>(context, verb);
  verb->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  verb->add_option("--condition", *request->mutable_condition(), "Condition at receipt")
      ->required();
}

void AddRejectSample(CLI::App* sample, Context& context) {
  CLI::App* verb = sample->add_subcommand("reject", "Refuse a sample");
  const auto request = BindWrite<v1::RejectSampleRequest, v1::RejectSampleResponse>(context, verb);
  verb->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

}  // namespace

void AddSampleCommands(CLI::App& app, Context& context) {
  CLI::App* sample = AddNoun(app, "sample", "Samples of a lot");
  AddPlan(sample, context);
  AddCancel(sample, context);
  AddTake(sample, context);
  AddReceive(sample, context);
  AddRejectSample(sample, context);
  AddSampleKeeping(sample, context);
  const auto request = std::make_shared<v1::GetSampleRequest>();
  CLI::App* show = sample->add_subcommand("show", "Show a sample");
  show->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  context.Bind(show, [=](Context& c) { return ReadAndShow<v1::GetSampleResponse>(c, *request); });
}

}  // namespace lims::client
