// What every command gets: the global options, the client, the two ways of output.
#ifndef LIMS_CLIENT_CLI_CONTEXT_H_
#define LIMS_CLIENT_CLI_CONTEXT_H_

#include <google/protobuf/message.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "core/client.h"
#include "core/render.h"
#include "core/typed_names.h"
#include "lims/v1/specification.pb.h"

namespace lims::client {

class Context {
 public:
  // What a command does once the command line is read; gives the exit code.
  using Action = std::function<Result<int>(Context&)>;

  // Global options; set while the command line is read.
  Client::Options options;
  std::string output = "table";

  bool json() const { return output == "json"; }

  // Opened on first use.
  Result<Client*> client();

  // Makes `action` the one to run when the command line names this verb.
  void Bind(CLI::App* verb, Action action);
  // Runs the bound action; the error is shown and turned into an exit code.
  int Run();

  // Writes the JSON document or the text to standard output, and gives exit code 0.
  int Show(const nlohmann::ordered_json& document, const std::string& text) const;
  // The same for an answer of the server, field by field.
  int Show(const google::protobuf::Message& message) const;
  // The same for the answer to a write: its records, and where they stand in the log.
  int ShowWritten(const google::protobuf::Message& response) const;
  // As text, a field of the request is named by the option of the command that fills it.
  void ShowError(const Error& error) const;

  // INVALID_ARGUMENT when a given request id would have to serve more than one request.
  Result<void> RequireOneRequest(std::size_t requests) const;

 private:
  std::vector<TypedOption> TypedOptions() const;

  std::optional<Client> client_;
  CLI::App* verb_ = nullptr;
  Action action_;
};

// Bytes of a table that a person hands over, at most.
inline constexpr std::size_t kTableMax = std::size_t{16} << 20;
// Reads a file that an option names; a missing one is INVALID_ARGUMENT.
Result<std::string> ReadInput(const std::string& option, const std::string& path,
                              std::size_t max_bytes);

// A command with sub-commands of which exactly one must be given.
CLI::App* AddNoun(CLI::App& app, const std::string& name, const std::string& description);

// An option for an enum by its name without prefix; one value may not be offered.
template <typename Enum>
CLI::Option* AddEnumOption(CLI::App* verb, const std::string& name, std::function<void(Enum)> set,
                           Enum except = Enum()) {
  const std::string names = EnumNames(*google::protobuf::GetEnumDescriptor<Enum>(), except);
  return verb->add_option_function<std::string>(
      name,
      [name, set = std::move(set), except, names](const std::string& text) {
        Enum value;
        if (!ParseEnumName(text, &value) || value == except) {
          throw CLI::ValidationError(name, "must be one of " + names);
        }
        set(value);
      },
      names);
}
// An option --gate: S1, S2 or B.
void AddGateOption(CLI::App* verb, std::function<void(v1::Gate)> set);

// Reads every page of a listing.
template <typename Response, typename Request>
Result<Response> ReadAll(const Client& client, Request request) {
  Response all;
  do {
    LIMS_ASSIGN_OR_RETURN(const Response page, client.Read<Response>(request));
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

// Writes and shows the answer.
template <typename Response, typename Request>
Result<int> WriteAndShow(Context& context, const Request& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const Response response, client->Write<Response>(request));
  return context.ShowWritten(response);
}

// Binds a verb to a request that is written as its options have filled it, and shows the answer.
template <typename Request, typename Response>
std::shared_ptr<Request> BindWrite(Context& context, CLI::App* verb) {
  const auto request = std::make_shared<Request>();
  context.Bind(verb, [=](Context& c) { return WriteAndShow<Response>(c, *request); });
  return request;
}

// Reads and shows the answer.
template <typename Response, typename Request>
Result<int> ReadAndShow(Context& context, const Request& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const Response response, client->Read<Response>(request));
  return context.Show(response);
}

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_CONTEXT_H_
