// lims sample aliquot|thaw|hand-over|accept|retain|dispose
#include "cli/commands.h"
#include "core/input_tables.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::client {
namespace {

// Binds a verb about one sample; the caller adds its further options.
template <typename Request, typename Response>
std::shared_ptr<Request> BindSample(Context& context, CLI::App* verb) {
  const auto request = BindWrite<Request, Response>(context, verb);
  verb->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  return request;
}

void AddAliquot(CLI::App* sample, Context& context) {
  CLI::App* verb = sample->add_subcommand("aliquot", "Divide a part off a sample");
  const auto request =
      BindSample<v1::AliquotSampleRequest, v1::AliquotSampleResponse>(context, verb);
  verb->add_option("PART", *request->mutable_aliquot_id(), "Id of the part, unique")->required();
  verb->add_option_function<std::string>(
          "--amount",
          [=](const std::string& text) { *request->mutable_amount() = ParseAmount(text); },
          "Amount with the unit of the sample: \"1 mL\"")
      ->required();
  verb->add_option("--container", *request->mutable_container(), "Number of its container")
      ->required();
  verb->add_option("--storage", *request->mutable_storage(), "Storage, as on the label")
      ->required();
}

Result<int> Thaw(Context& context, v1::ThawSampleRequest request) {
  if (request.thawed_time().empty()) {
    LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
    LIMS_ASSIGN_OR_RETURN(*request.mutable_thawed_time(), client->CurrentTime());
  }
  return WriteAndShow<v1::ThawSampleResponse>(context, request);
}

}  // namespace

void AddSampleKeeping(CLI::App* sample, Context& context) {
  AddAliquot(sample, context);
  CLI::App* verb = sample->add_subcommand("thaw", "Record that a sample was thawed");
  const auto thaw = BindSample<v1::ThawSampleRequest, v1::ThawSampleResponse>(context, verb);
  verb->add_option("--thawed", *thaw->mutable_thawed_time(), "When, with zone; else now");
  context.Bind(verb, [=](Context& c) { return Thaw(c, *thaw); });

  verb = sample->add_subcommand("hand-over", "Hand a sample over to another person");
  const auto hand_over =
      BindSample<v1::HandOverSampleRequest, v1::HandOverSampleResponse>(context, verb);
  verb->add_option("--to", *hand_over->mutable_to_user(), "User id of that person")->required();
  verb->add_option("--condition", *hand_over->mutable_condition(), "Condition: frozen, …")
      ->required();

  verb = sample->add_subcommand("accept", "Take over a sample that is handed over to you");
  const auto accept = BindSample<v1::AcceptSampleRequest, v1::AcceptSampleResponse>(context, verb);
  verb->add_option("--condition", *accept->mutable_condition(), "Condition as you see it")
      ->required();

  verb = sample->add_subcommand("retain", "Put a sample away as retention sample");
  const auto retain = BindSample<v1::RetainSampleRequest, v1::RetainSampleResponse>(context, verb);
  verb->add_option("--storage", *retain->mutable_storage(), "Where it is kept")->required();

  verb = sample->add_subcommand("dispose", "Record that a sample was destroyed");
  const auto dispose =
      BindSample<v1::DisposeSampleRequest, v1::DisposeSampleResponse>(context, verb);
  verb->add_option("--reason", *dispose->mutable_reason(), "Why, and how")->required();
}

}  // namespace lims::client
