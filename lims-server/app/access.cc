#include "app/access.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/password.h"
#include "base/text.h"
#include "domain/permission.h"
#include "domain/refusal.h"
#include "lims/v1/words.h"
#include "tlog/note.h"

namespace lims::app {
namespace {

constexpr std::size_t kMinPasswordChars = 15;
constexpr std::size_t kMinCodeChars = 20;
// Passwords that lists of stolen ones start with and that are long enough to pass the rule.
constexpr std::array<std::string_view, 6> kBlockedPasswords = {
    "123456789012345",  "passwordpassword", "qwertyuiopasdfgh",
    "1234567890123456", "aaaaaaaaaaaaaaa",  "letmeinletmeinletmein"};

Result<void> CheckNewPassword(std::string_view user_id, std::string_view typed) {
  const auto refuse = [](std::string why) {
    return InvalidArgument("new_password", std::move(why));
  };
  if (!IsValidUtf8(typed)) return refuse("is not UTF-8 text");
  const std::string password = ComposedPassword(typed);
  if (Characters(password) < kMinPasswordChars) return refuse("needs at least 15 characters");
  if (password.size() > 1024) return refuse("is longer than 1024 bytes");
  if (password.find(user_id) != std::string::npos) return refuse("must not contain the user id");
  if (std::find(kBlockedPasswords.begin(), kBlockedPasswords.end(), password) !=
      kBlockedPasswords.end()) {
    return refuse("is on every attacker's list: choose another");
  }
  return {};
}

Result<void> CheckCode(std::string_view code) {
  if (Characters(code) < kMinCodeChars) {
    return InvalidArgument("one_time_code", "needs at least 20 characters");
  }
  return {};
}

storage::Credential OneTimeCredential(const std::string& user_id, const std::string& hash,
                                      TimeUs now) {
  storage::Credential credential;
  credential.user_id = user_id;
  credential.password_hash = hash;
  credential.expires_us = now + kCodeLife;
  return credential;
}

Error WrongCredentials() {
  return MakeError(ErrorReason::kWrongCredentials, "user id or password is wrong");
}

Result<void> CheckRoles(const v1::User& user, v1::Role added) {
  std::vector<v1::Role> roles = {added};
  for (const v1::RoleGrant& grant : user.grants()) roles.push_back(grant.role());
  if (const auto conflict = domain::RoleConflict(roles)) {
    return InvalidArgument("role", *conflict);
  }
  return {};
}

constexpr std::string_view kWaitsForConfirmation =
    "it waits for confirmation by the other administrator or QA with lims user confirm";

Result<void> RequireNotEnded(const v1::User& user) {
  if (user.state() != v1::USER_STATE_DISABLED) return {};
  return domain::RefuseState("account " + user.user_id(), user.state(),
                             "it has ended; propose a new one with lims user add");
}

bool IsAdministrator(const v1::User& user) {
  const std::vector<v1::Role> roles = ConfirmedRoles(user);
  return std::find(roles.begin(), roles.end(), v1::ROLE_ACCOUNT_ADMIN) != roles.end();
}

// A role is given by two administrators: with fewer the site never gets another. One who is locked
// out does not count as remaining, nor one who never logged in.
Result<void> RequireTwoOtherAdministrators(storage::Records& records, const std::string& user_id) {
  LIMS_ASSIGN_OR_RETURN(const auto users, records.List<v1::User>({}));
  const auto others = std::count_if(users.begin(), users.end(), [&](const auto& user) {
    return user.record.user_id() != user_id && user.record.state() == v1::USER_STATE_ACTIVE &&
           IsAdministrator(user.record);
  });
  if (others >= 2) return {};
  return WrongState("without " + user_id +
                    " fewer than two account administrators would be active, and nobody could "
                    "give a role any more: add and confirm another account administrator first");
}

// Locks an account after too many failures; recorded as an act of the server.
void LockUser(Site& site, const Call& call, const std::string& user_id) {
  storage::ActInfo info = InfoOf(call, v1::ACT_LOCK_USER, "", "");
  info.actor.Clear();
  // Waits for the commit: the next password, right or wrong, meets a locked account.
  const auto locked =
      site.writer().Execute(std::move(info), [&user_id](storage::Transaction& tx) -> Result<void> {
        LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({user_id}));
        if (user.record.state() != v1::USER_STATE_ACTIVE &&
            user.record.state() != v1::USER_STATE_INITIAL) {
          return domain::RefuseState("account " + user_id, user.record.state(),
                                     "only an account in use is locked");
        }
        user.record.set_state(v1::USER_STATE_LOCKED);
        tx.Put(user.record);
        return {};
      });
  // Whoever is let in again begins to count anew.
  if (locked) site.sessions().ForgetFailuresOf(user_id);
}

}  // namespace

bool IsUserId(std::string_view id) {
  return id.size() >= 2 && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

std::optional<std::string> PersonNameProblem(std::string_view name) {
  if (name.empty()) return "must not be empty";
  return TextProblem(name, 200);
}

Result<v1::User> CheckPassword(Site& site, const Call& call, const std::string& user_id,
                               const std::string& password) {
  if (site.sessions().TerminalMustWait(call.terminal_sha256)) {
    return MakeError(ErrorReason::kBusy,
                     "too many wrong passwords on this terminal: wait a minute");
  }
  struct Found {
    std::optional<storage::Stored<v1::User>> user;
    std::optional<storage::Credential> credential;
  };
  LIMS_ASSIGN_OR_RETURN(
      const Found found, site.store().Read([&](storage::Records& records) -> Result<Found> {
        Found both;
        LIMS_ASSIGN_OR_RETURN(both.user, records.Find<v1::User>({user_id}));
        LIMS_ASSIGN_OR_RETURN(both.credential, storage::FindCredential(records.db(), user_id));
        return both;
      }));
  // The work is the same for an unknown user, so that the answer's time says nothing. An ended
  // account is as good as unknown.
  static const std::string* const unknown = new std::string(HashPassword("nobody has this one"));
  const bool known =
      found.user && found.credential && found.user->record.state() != v1::USER_STATE_DISABLED;
  const bool right = VerifyPassword(known ? found.credential->password_hash : *unknown, password);
  if (known &&
      storage::CredentialDigest(*found.credential) != found.user->record.credential_sha256()) {
    return MakeError(ErrorReason::kDataLoss,
                     "the stored credential is not the one in the log: call QA, and run "
                     "lims-server verify");
  }
  if (!known || !right) {
    const bool lock_user = site.sessions().CountFailure(user_id, call.terminal_sha256);
    (void)site.NoteAccess(call, v1::ACT_LOG_IN_FAILED,
                          {{"user", IsUserId(user_id) ? user_id : "(no user id)"}});
    if (known && lock_user) LockUser(site, call, user_id);
    return WrongCredentials();
  }
  const v1::User& user = found.user->record;
  // The password was right: the refusal is recorded under the person's name. Within a session that
  // is done for the call.
  const auto refused = [&](Error error) {
    if (call.user_id.empty()) {
      Call person = call;
      person.user_id = user.user_id();
      person.user_name = user.name();
      site.access_log().NoteRefusal(person, error);
    }
    return error;
  };
  switch (user.state()) {
    case v1::USER_STATE_LOCKED:
      return refused(MakeError(ErrorReason::kAccountLocked,
                               "the account is locked: an account administrator unlocks it"));
    case v1::USER_STATE_PROPOSED:
      return refused(
          domain::RefuseState("account " + user.user_id(), user.state(), kWaitsForConfirmation));
    case v1::USER_STATE_INITIAL:
      if (site.clock().Now() > found.credential->expires_us) {
        return refused(WrongState("the one-time code of account " + user.user_id() +
                                  " is older than 24 hours: an administrator gives a new one with "
                                  "lims user unlock"));
      }
      break;
    case v1::USER_STATE_ACTIVE:
      break;
    default:
      return WrongCredentials();
  }
  site.sessions().ForgetFailures(user_id, call.terminal_sha256);
  return user;
}

Result<v1::LogInResponse> LogIn(Site& site, const Call& call, const v1::LogInRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const v1::User user,
                        CheckPassword(site, call, request.user_id(), request.password()));
  Call acting = call;
  acting.user_id = user.user_id();
  acting.user_name = user.name();
  LIMS_ASSIGN_OR_RETURN(const storage::RecordedAct act,
                        site.NoteAccess(acting, v1::ACT_LOG_IN, {{"user", user.user_id()}}));
  v1::LogInResponse response;
  const bool must_change = user.state() == v1::USER_STATE_INITIAL;
  response.set_session(
      site.sessions().Open(user.user_id(), user.name(), call.terminal_sha256, must_change));
  *response.mutable_user() = user;
  response.set_password_must_change(must_change);
  response.set_checkpoint(act.checkpoint);
  return response;
}

Result<v1::LogOutResponse> LogOut(Site& site, const Call& call, const v1::LogOutRequest&) {
  site.sessions().Close(call.session);
  LIMS_RETURN_IF_ERROR(site.NoteAccess(call, v1::ACT_LOG_OUT, {{"user", call.user_id}}));
  return v1::LogOutResponse();
}

Result<Plan> SetPassword(Site& site, const Call& call, const v1::SetPasswordRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const bool recorded, site.WasRecorded(call.user_id, request.request_id()));
  if (recorded) return AlreadyRecorded();
  LIMS_RETURN_IF_ERROR(CheckNewPassword(call.user_id, request.new_password()));
  LIMS_ASSIGN_OR_RETURN(const v1::User checked,
                        CheckPassword(site, call, call.user_id, request.password()));
  // A new password means a new key: whoever resets a password cannot sign under the old one.
  const SigningKey key = SigningKey::Generate();
  storage::Credential credential;
  credential.user_id = call.user_id;
  credential.password_hash = HashPassword(request.new_password());
  credential.sealed_key = SealWithPassword(request.new_password(), key.seed());
  const std::string vkey =
      tlog::FormatVkey(UserKeyName(site.record().origin(), call.user_id), key.public_key());
  Plan plan;
  plan.act = v1::ACT_SET_PASSWORD;
  plan.run = [call, credential, vkey,
              old = checked.credential_sha256()](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({call.user_id}));
    if (user.record.credential_sha256() != old) {
      return MakeError(ErrorReason::kChanged,
                       "the password was changed meanwhile: log in with the new one, or with the "
                       "one-time code");
    }
    user.record.set_state(v1::USER_STATE_ACTIVE);
    user.record.set_vkey(vkey);
    user.record.set_credential_sha256(storage::CredentialDigest(credential));
    tx.Put(user.record);
    tx.PutCredential(credential);
    return {};
  };
  return plan;
}

Result<Plan> AddUser(Site&, const Call& call, const v1::AddUserRequest& request) {
  std::vector<Violation> violations;
  if (!IsUserId(request.user_id())) violations.push_back({"user_id", kUserIdRule});
  if (const auto problem = PersonNameProblem(request.name())) {
    violations.push_back({"name", *problem});
  }
  if (request.role() == v1::ROLE_UNSPECIFIED) violations.push_back({"role", "must be given"});
  if (const auto code = CheckCode(request.one_time_code()); !code) {
    violations.push_back(code.error().violations[0]);
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_ADD_USER;
  plan.run = [call, request, hash = HashPassword(request.one_time_code())](
                 storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const auto taken, tx.records().Find<v1::User>({request.user_id()}));
    if (taken) {
      return MakeError(ErrorReason::kAlreadyExists,
                       "user id " + request.user_id() + " is taken, and is never used again");
    }
    const auto credential = OneTimeCredential(request.user_id(), hash, tx.now());
    v1::User user;
    user.set_user_id(request.user_id());
    user.set_name(request.name());
    user.set_state(v1::USER_STATE_PROPOSED);
    user.set_credential_sha256(storage::CredentialDigest(credential));
    user.set_code_given_by(call.user_id);
    v1::RoleGrant* grant = user.add_grants();
    grant->set_role(request.role());
    grant->set_proposed_by(call.user_id);
    tx.Put(user);
    tx.PutCredential(credential);
    return {};
  };
  return plan;
}

Result<Plan> GrantRole(Site&, const Call& call, const v1::GrantRoleRequest& request) {
  if (request.role() == v1::ROLE_UNSPECIFIED) return InvalidArgument("role", "must be given");
  Plan plan;
  plan.act = v1::ACT_GRANT_ROLE;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({request.user_id()}));
    if (request.user_id() == call.user_id) {
      return MakeError(ErrorReason::kSegregation, "nobody grants a role to himself");
    }
    LIMS_RETURN_IF_ERROR(RequireNotEnded(user.record));
    for (const v1::RoleGrant& grant : user.record.grants()) {
      if (grant.role() == request.role()) {
        return MakeError(ErrorReason::kAlreadyExists,
                         "the user has this role, or it is proposed: see lims user list");
      }
    }
    LIMS_RETURN_IF_ERROR(CheckRoles(user.record, request.role()));
    v1::RoleGrant* grant = user.record.add_grants();
    grant->set_role(request.role());
    grant->set_proposed_by(call.user_id);
    tx.Put(user.record);
    return {};
  };
  return plan;
}

Result<Plan> RevokeRole(Site&, const Call&, const v1::RevokeRoleRequest& request) {
  if (request.role() == v1::ROLE_UNSPECIFIED) return InvalidArgument("role", "must be given");
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_REVOKE_ROLE;
  plan.reason.set_text(request.reason());
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({request.user_id()}));
    LIMS_RETURN_IF_ERROR(RequireNotEnded(user.record));
    auto& grants = *user.record.mutable_grants();
    const auto grant = std::find_if(grants.begin(), grants.end(), [&](const auto& each) {
      return each.role() == request.role();
    });
    if (grant == grants.end()) {
      return MakeError(ErrorReason::kNotFound, "account " + request.user_id() + " has no role " +
                                                   v1::EnumWord(request.role()) +
                                                   ", and it is not proposed: see lims user list");
    }
    if (request.role() == v1::ROLE_ACCOUNT_ADMIN && IsAdministrator(user.record)) {
      LIMS_RETURN_IF_ERROR(RequireTwoOtherAdministrators(tx.records(), request.user_id()));
    }
    grants.erase(grant);
    tx.Put(user.record);
    return {};
  };
  return plan;
}

Result<Plan> ConfirmUser(Site&, const Call& call, const v1::ConfirmUserRequest& request) {
  Plan plan;
  plan.act = v1::ACT_CONFIRM_USER;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({request.user_id()}));
    if (request.user_id() == call.user_id) {
      return MakeError(ErrorReason::kSegregation, "nobody confirms what was proposed for himself");
    }
    LIMS_RETURN_IF_ERROR(RequireNotEnded(user.record));
    bool confirmed = false;
    bool own = false;
    const auto by_another = [&](const std::string& proposer) {
      own = own || proposer == call.user_id;
      return proposer != call.user_id;
    };
    if (!user.record.code_given_by().empty() && by_another(user.record.code_given_by())) {
      user.record.clear_code_given_by();
      user.record.set_state(v1::USER_STATE_INITIAL);
      confirmed = true;
    }
    // QA confirms that a person may log in, not what the person may do.
    const bool administrator = tx.info().actor.role() == v1::ROLE_ACCOUNT_ADMIN;
    std::set<int> named(request.roles().begin(), request.roles().end());
    std::string unnamed;
    for (v1::RoleGrant& grant : *user.record.mutable_grants()) {
      if (!administrator || !grant.confirmed_by().empty() || !by_another(grant.proposed_by())) {
        continue;
      }
      if (named.erase(grant.role()) == 0) {
        unnamed += (unnamed.empty() ? "" : ", ") + v1::EnumWord(grant.role());
        continue;
      }
      grant.set_confirmed_by(call.user_id);
      confirmed = true;
    }
    // One that was proposed meanwhile is confirmed by nobody who did not see it.
    if (!unnamed.empty() && request.roles().empty()) {
      return InvalidArgument("roles", "name with --role what you have seen and confirm; for " +
                                          request.user_id() + " wait: " + unnamed);
    }
    if (own && (!confirmed || !named.empty())) {
      return MakeError(ErrorReason::kSegregation, "another person confirms what you proposed");
    }
    if (!named.empty()) {
      return InvalidArgument("roles", v1::EnumWord(static_cast<v1::Role>(*named.begin())) +
                                          (administrator ? " does not wait for confirmation"
                                                         : " is confirmed by an account "
                                                           "administrator"));
    }
    if (!confirmed) {
      return domain::RefuseState("account " + request.user_id(), user.record.state(),
                                 administrator
                                     ? "nothing waits for confirmation; propose a role with lims "
                                       "user grant"
                                     : "no one-time code waits for confirmation; roles are "
                                       "confirmed by an account administrator");
    }
    // Accounts that were proposed before the giver of a code was recorded.
    if (user.record.state() == v1::USER_STATE_PROPOSED && user.record.code_given_by().empty()) {
      user.record.set_state(v1::USER_STATE_INITIAL);
    }
    tx.Put(user.record);
    return {};
  };
  return plan;
}

Result<Plan> DisableUser(Site&, const Call&, const v1::DisableUserRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_DISABLE_USER;
  plan.reason.set_text(request.reason());
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({request.user_id()}));
    LIMS_RETURN_IF_ERROR(RequireNotEnded(user.record));
    if (IsAdministrator(user.record)) {
      LIMS_RETURN_IF_ERROR(RequireTwoOtherAdministrators(tx.records(), request.user_id()));
    }
    user.record.set_state(v1::USER_STATE_DISABLED);
    tx.Put(user.record);
    return {};
  };
  return plan;
}

Result<Plan> UnlockUser(Site&, const Call& call, const v1::UnlockUserRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  LIMS_RETURN_IF_ERROR(CheckCode(request.one_time_code()));
  Plan plan;
  plan.act = v1::ACT_UNLOCK_USER;
  plan.reason.set_text(request.reason());
  plan.run = [call, request, hash = HashPassword(request.one_time_code())](
                 storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto user, tx.records().Get<v1::User>({request.user_id()}));
    if (request.user_id() == call.user_id) {
      return MakeError(ErrorReason::kSegregation, "another administrator unlocks your account");
    }
    LIMS_RETURN_IF_ERROR(RequireNotEnded(user.record));
    // The old key ends with the old password; what it signed stays verifiable. Whoever knows the
    // code could act under the person's name: it opens nothing until a second person confirms it.
    const auto credential = OneTimeCredential(request.user_id(), hash, tx.now());
    user.record.set_state(v1::USER_STATE_PROPOSED);
    user.record.set_code_given_by(call.user_id);
    user.record.clear_vkey();
    user.record.set_credential_sha256(storage::CredentialDigest(credential));
    tx.Put(user.record);
    tx.PutCredential(credential);
    return {};
  };
  return plan;
}

Result<Plan> EnrolTerminal(Site& site, const Call&, const v1::EnrolTerminalRequest& request) {
  if (!IsIdentifier(request.name())) {
    return InvalidArgument("name", kIdentifierRule);
  }
  LIMS_ASSIGN_OR_RETURN(const std::string certificate,
                        IssueClientCertificate(site.ca(), request.certificate_request_pem(),
                                               request.name(), site.clock().Now()));
  v1::Terminal terminal;
  terminal.set_name(request.name());
  terminal.set_state(v1::TERMINAL_STATE_ENROLLED);
  terminal.set_certificate_pem(certificate);
  LIMS_ASSIGN_OR_RETURN(*terminal.mutable_certificate_sha256(), CertificateSha256(certificate));
  Plan plan;
  plan.act = v1::ACT_ENROL_TERMINAL;
  plan.run = [terminal](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const auto same,
                          tx.records().ListBy<v1::Terminal>("name", terminal.name()));
    for (const auto& other : same) {
      if (other.record.state() == v1::TERMINAL_STATE_ENROLLED) {
        return MakeError(ErrorReason::kAlreadyExists,
                         "a terminal " + terminal.name() + " is enrolled: revoke it first");
      }
    }
    tx.Put(terminal);
    return {};
  };
  return plan;
}

Result<Plan> RevokeTerminal(Site&, const Call&, const v1::RevokeTerminalRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_REVOKE_TERMINAL;
  plan.reason.set_text(request.reason());
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto same, tx.records().ListBy<v1::Terminal>("name", request.name()));
    for (auto& terminal : same) {
      if (terminal.record.state() != v1::TERMINAL_STATE_ENROLLED) continue;
      terminal.record.set_state(v1::TERMINAL_STATE_REVOKED);
      tx.Put(terminal.record);
      return {};
    }
    return NotFound("an enrolled terminal " + request.name());
  };
  return plan;
}

Result<v1::ListUsersResponse> ListUsers(Site&, storage::Records& records,
                                        const v1::ListUsersRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(const std::string after, ParsePageToken(request.page_token()));
  LIMS_ASSIGN_OR_RETURN(auto page, records.Page<v1::User>(after, size));
  v1::ListUsersResponse response;
  for (auto& user : page) *response.add_users() = std::move(user.record);
  if (static_cast<int>(page.size()) == size) {
    response.set_next_page_token(PageToken(response.users(size - 1).user_id()));
  }
  return response;
}

}  // namespace lims::app
