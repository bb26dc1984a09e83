// lims user add|grant|revoke|confirm|disable|unlock|list
#include <utility>

#include "cli/commands.h"
#include "cli/secrets.h"
#include "core/files.h"

namespace lims::client {
namespace {

// Sends a request with a new one-time code, which the file keeps unless the request is refused.
template <typename Response, typename Request>
Result<int> WriteWithCode(Context& context, Request request, const std::string& code_file) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(*request.mutable_one_time_code(), MakeCodeFile(code_file));
  const Result<Response> response = client->Write<Response>(request);
  if (response) return context.ShowWritten(*response);
  if (IsDefinitive(response.error(), false)) LIMS_RETURN_IF_ERROR(RemoveFileDurably(code_file));
  return response.error();
}

std::string Roles(const v1::User& user) {
  return Joined(user.grants(), [](const v1::RoleGrant& grant) {
    return EnumName(grant.role()) + (grant.confirmed_by().empty() ? " (proposed)" : "");
  });
}

Result<int> ListUsers(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        ReadAll<v1::ListUsersResponse>(*client, v1::ListUsersRequest()));
  std::vector<std::vector<std::string>> rows;
  for (const v1::User& user : response.users()) {
    std::string state = EnumName(user.state());
    if (!user.code_given_by().empty()) state += " (code by " + user.code_given_by() + ")";
    rows.push_back({user.user_id(), user.name(), std::move(state), Roles(user)});
  }
  return context.Show(ToJson(response), RenderTable({"USER", "NAME", "STATE", "ROLES"}, rows));
}

void AddAdd(CLI::App* user, Context& context) {
  const auto request = std::make_shared<v1::AddUserRequest>();
  const auto code_file = std::make_shared<std::string>();
  CLI::App* verb = user->add_subcommand("add", "Propose an account with its first role");
  verb->add_option("USER", *request->mutable_user_id(), "User id")->required();
  verb->add_option("--name", *request->mutable_name(), "Printed name")->required();
  AddEnumOption<v1::Role>(verb, "--role", [=](v1::Role role) {
    request->set_role(role);
  })->required();
  verb->add_option("--code-file", *code_file, "File for the one-time code")->required();
  context.Bind(verb, [=](Context& c) {
    return WriteWithCode<v1::AddUserResponse>(c, *request, *code_file);
  });
}

void AddGrant(CLI::App* user, Context& context) {
  CLI::App* verb = user->add_subcommand("grant", "Propose a further role");
  const auto request = BindWrite<v1::GrantRoleRequest, v1::GrantRoleResponse>(context, verb);
  verb->add_option("USER", *request->mutable_user_id(), "User id")->required();
  AddEnumOption<v1::Role>(verb, "ROLE", [=](v1::Role role) {
    request->set_role(role);
  })->required();
}

void AddRevokeRole(CLI::App* user, Context& context) {
  CLI::App* verb =
      user->add_subcommand("revoke", "Take a role away at once, or decline a proposed one");
  const auto request = BindWrite<v1::RevokeRoleRequest, v1::RevokeRoleResponse>(context, verb);
  verb->add_option("USER", *request->mutable_user_id(), "User id")->required();
  AddEnumOption<v1::Role>(verb, "ROLE", [=](v1::Role role) {
    request->set_role(role);
  })->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

void AddConfirmUser(CLI::App* user, Context& context) {
  CLI::App* verb = user->add_subcommand("confirm", "Confirm what another person proposed");
  const auto request = BindWrite<v1::ConfirmUserRequest, v1::ConfirmUserResponse>(context, verb);
  verb->add_option("USER", *request->mutable_user_id(), "User id")->required();
  AddEnumOption<v1::Role>(verb, "--role", [=](v1::Role role) { request->add_roles(role); });
}

void AddDisable(CLI::App* user, Context& context) {
  CLI::App* verb = user->add_subcommand("disable", "End an account for ever");
  const auto request = BindWrite<v1::DisableUserRequest, v1::DisableUserResponse>(context, verb);
  verb->add_option("USER", *request->mutable_user_id(), "User id")->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

void AddUnlock(CLI::App* user, Context& context) {
  const auto request = std::make_shared<v1::UnlockUserRequest>();
  const auto code_file = std::make_shared<std::string>();
  CLI::App* verb = user->add_subcommand("unlock", "Propose a new code for an account");
  verb->add_option("USER", *request->mutable_user_id(), "User id")->required();
  verb->add_option("--code-file", *code_file, "File for the one-time code")->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
  context.Bind(verb, [=](Context& c) {
    return WriteWithCode<v1::UnlockUserResponse>(c, *request, *code_file);
  });
}

}  // namespace

void AddUserCommands(CLI::App& app, Context& context) {
  CLI::App* user = AddNoun(app, "user", "Accounts and roles");
  AddAdd(user, context);
  AddGrant(user, context);
  AddRevokeRole(user, context);
  AddConfirmUser(user, context);
  AddDisable(user, context);
  AddUnlock(user, context);
  context.Bind(user->add_subcommand("list", "List accounts"),
               [](Context& c) { return ListUsers(c); });
}

}  // namespace lims::client
