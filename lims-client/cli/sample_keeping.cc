// lims sample aliquot|thaw|hand-over|accept|retain|dispose
#include "cli/commands.h"
#include "core/input_tables.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::client {
namespace {

// A verb about one sample; the caller adds its further options.
template <typename Request, typename Response>
std::shared_ptr<Request> AddVerb(CLI::App* sample, Context& context, const std::string& name,
                                 const std::string& description, CLI::App** verb) {
  const auto request = std::make_shared<Request>();
  *verb = sample->add_subcommand(name, description);
  (*verb)->add_option("SAMPLE", *request->mutable_sample_id(), "Sample id")->required();
  context.Bind(*verb, [=](Context& c) { return WriteAndShow<Response>(c, *request); });
  return request;
}

void AddAliquot(CLI::App* sample, Context& context) {
  CLI::App* verb = nullptr;
  const auto request = AddVerb<v1::AliquotSampleRequest, v1::AliquotSampleResponse>(
      sample, context, "aliquot", "Divide a part off a sample", &verb);
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
    request.set_thawed_time(client->CurrentTime());
  }
  return WriteAndShow<v1::ThawSampleResponse>(context, request);
}

}  // namespace

void AddSampleKeeping(CLI::App* sample, Context& context) {
  AddAliquot(sample, context);
  CLI::App* verb = nullptr;
  const auto thaw = AddVerb<v1::ThawSampleRequest, v1::ThawSampleResponse>(
      sample, context, "thaw", "Record that a sample was thawed", &verb);
  verb->add_option("--thawed", *thaw->mutable_thawed_time(), "When, with zone; else now");
  context.Bind(verb, [=](Context& c) { return Thaw(c, *thaw); });

  const auto hand_over = AddVerb<v1::HandOverSampleRequest, v1::HandOverSampleResponse>(
      sample, context, "hand-over", "Hand a sample over to another person", &verb);
  verb->add_option("--to", *hand_over->mutable_to_user(), "User id of that person")->required();
  verb->add_option("--condition", *hand_over->mutable_condition(), "Condition: frozen, …")
      ->required();

  const auto accept = AddVerb<v1::AcceptSampleRequest, v1::AcceptSampleResponse>(
      sample, context, "accept", "Take over a sample that is handed over to you", &verb);
  verb->add_option("--condition", *accept->mutable_condition(), "Condition as you see it")
      ->required();

  const auto retain = AddVerb<v1::RetainSampleRequest, v1::RetainSampleResponse>(
      sample, context, "retain", "Put a sample away as retention sample", &verb);
  verb->add_option("--storage", *retain->mutable_storage(), "Where it is kept")->required();

  const auto dispose = AddVerb<v1::DisposeSampleRequest, v1::DisposeSampleResponse>(
      sample, context, "dispose", "Record that a sample was destroyed", &verb);
  verb->add_option("--reason", *dispose->mutable_reason(), "Why, and how")->required();
}

}  // namespace lims::client
