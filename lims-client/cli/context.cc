#include "cli/context.h"

#include <iostream>
#include <utility>

#include "core/files.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

// Text of the server's records that is not UTF-8 cannot be; of file names it can.
std::string Dump(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<Client*> Context::client() {
  if (!client_) {
    options.warn = [](const std::string& what) { std::cerr << "lims: " << what << "\n"; };
    LIMS_ASSIGN_OR_RETURN(Client client, Client::Open(options));
    client_.emplace(std::move(client));
  }
  return &*client_;
}

void Context::Bind(CLI::App* verb, Action action) {
  verb->callback([this, verb, action = std::move(action)] {
    verb_ = verb;
    action_ = action;
  });
}

int Context::Run() {
  const Result<int> exit_code = action_(*this);
  if (exit_code) return *exit_code;
  ShowError(exit_code.error());
  return ExitCode(exit_code.error().reason);
}

int Context::Show(const ordered_json& document, const std::string& text) const {
  std::cout << (json() ? Dump(document) : text);
  return 0;
}

int Context::Show(const google::protobuf::Message& message) const {
  return Show(ToJson(message), RenderMessage(message));
}

int Context::ShowWritten(const google::protobuf::Message& response) const {
  const ordered_json document = ToJson(response);
  const std::unique_ptr<google::protobuf::Message> records(response.New());
  records->CopyFrom(response);
  records->GetReflection()->ClearField(records.get(),
                                       records->GetDescriptor()->FindFieldByName("receipt"));
  std::string text = RenderMessage(*records);
  const ordered_json receipt = document.value("receipt", ordered_json::object());
  text += "recorded at log index " + receipt.value("log_index", ordered_json()).dump();
  if (receipt.value("replayed", false)) text += " (by an earlier request with this id)";
  return Show(document, text + "\n");
}

void Context::ShowError(const Error& error) const {
  if (json()) {
    std::cout << Dump(ErrorJson(error));
  } else {
    std::cerr << RenderError(WithTypedNames(error, TypedOptions()));
  }
}

// Those of the verb before the global ones.
std::vector<TypedOption> Context::TypedOptions() const {
  std::vector<TypedOption> typed;
  for (const CLI::App* app = verb_; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      typed.push_back(
          {option->get_name(), option->results(), option->get_items_expected_max() > 1});
    }
  }
  return typed;
}

Result<void> Context::RequireOneRequest(std::size_t requests) const {
  if (options.request_id.empty() || requests <= 1) return {};
  return InvalidArgument("--request-id", "serves one request, not " + std::to_string(requests));
}

Result<std::string> ReadInput(const std::string& option, const std::string& path,
                              std::size_t max_bytes) {
  Result<std::string> bytes = ReadFile(path, max_bytes);
  if (!bytes && bytes.error().reason == ErrorReason::kNotFound) {
    return InvalidArgument(option, bytes.error().message);
  }
  return bytes;
}

CLI::App* AddNoun(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* noun = app.add_subcommand(name, description);
  noun->require_subcommand(1);
  return noun;
}

void AddGateOption(CLI::App* verb, std::function<void(v1::Gate)> set) {
  verb->add_option_function<std::string>(
      "--gate",
      [set = std::move(set)](const std::string& text) {
        v1::Gate gate = v1::GATE_BANK;
        if (text != "B" && !ParseEnumName(text, &gate)) {
          throw CLI::ValidationError("--gate", "must be S1, S2 or B");
        }
        set(gate);
      },
      "S1, S2 or B; else the final gate of its kind");
}

}  // namespace lims::client
