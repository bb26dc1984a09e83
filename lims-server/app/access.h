// Log-in, accounts and terminals.
#ifndef LIMS_APP_ACCESS_H_
#define LIMS_APP_ACCESS_H_

#include <optional>
#include <string>
#include <string_view>

#include "app/call.h"
#include "app/site.h"
#include "lims/v1/access_service.pb.h"

namespace lims::app {

Result<v1::LogInResponse> LogIn(Site& site, const Call& call, const v1::LogInRequest& request);
Result<v1::LogOutResponse> LogOut(Site& site, const Call& call, const v1::LogOutRequest& request);

// Checks a password and counts a failure; the fifth in a row locks the account. Slow by design.
// The same answer and the same work for an unknown user.
Result<v1::User> CheckPassword(Site& site, const Call& call, const std::string& user_id,
                               const std::string& password);

// Plans. SetPassword hashes before it plans: slow by design.
Result<Plan> SetPassword(Site& site, const Call& call, const v1::SetPasswordRequest& request);
Result<Plan> AddUser(Site& site, const Call& call, const v1::AddUserRequest& request);
Result<Plan> GrantRole(Site& site, const Call& call, const v1::GrantRoleRequest& request);
Result<Plan> RevokeRole(Site& site, const Call& call, const v1::RevokeRoleRequest& request);
Result<Plan> ConfirmUser(Site& site, const Call& call, const v1::ConfirmUserRequest& request);
Result<Plan> DisableUser(Site& site, const Call& call, const v1::DisableUserRequest& request);
Result<Plan> UnlockUser(Site& site, const Call& call, const v1::UnlockUserRequest& request);
Result<Plan> EnrolTerminal(Site& site, const Call& call, const v1::EnrolTerminalRequest& request);
Result<Plan> RevokeTerminal(Site& site, const Call& call, const v1::RevokeTerminalRequest& request);

Result<v1::ListUsersResponse> ListUsers(Site& site, storage::Records& records,
                                        const v1::ListUsersRequest& request);

// What an account is called: 2 to 32 lower-case letters and digits.
bool IsUserId(std::string_view id);
inline constexpr char kUserIdRule[] = "must be 2 to 32 lower-case letters and digits";
// Why it is no printed name of a person; nullopt when it is.
std::optional<std::string> PersonNameProblem(std::string_view name);

}  // namespace lims::app

#endif  // LIMS_APP_ACCESS_H_
