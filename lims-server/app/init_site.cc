#include "app/init_site.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "app/access.h"
#include "app/files.h"
#include "app/site.h"
#include "base/encoding.h"
#include "base/password.h"
#include "base/text.h"
#include "tlog/note.h"

namespace lims::app {
namespace {

constexpr int kMaxZoneOffsetMinutes = 14 * 60;

// What would stop the making of a site half-way, or could not be changed later.
std::vector<Violation> ProblemsOf(const InitOptions& options) {
  std::vector<Violation> problems;
  const std::string& name = options.site_name;
  if (!tlog::IsValidKeyName(name) || name.find('/') != std::string::npos || TextProblem(name, 50)) {
    problems.push_back({"--name", QuotedForMessage(name) +
                                      " is part of the names of the site's keys: 1 to 50 bytes "
                                      "without blanks, '+' and '/', as in Lab-1"});
  }
  if (options.zone.empty()) {
    problems.push_back({"--zone", "must not be empty: Asia/Shanghai"});
  } else if (const auto problem = TextProblem(options.zone, 64)) {
    problems.push_back({"--zone", *problem});
  }
  if (std::abs(options.zone_offset_minutes) > kMaxZoneOffsetMinutes) {
    problems.push_back({"--utc-offset", "lies between -14:00 and +14:00"});
  }
  if (options.administrators.size() != 2 ||
      options.administrators[0].user_id == options.administrators[1].user_id) {
    problems.push_back({"--admin", "name two different account administrators"});
  }
  for (const FirstAdministrator& administrator : options.administrators) {
    if (!IsUserId(administrator.user_id)) {
      problems.push_back(
          {"--admin", "user id " + QuotedForMessage(administrator.user_id) + " " + kUserIdRule});
    }
    if (const auto problem = PersonNameProblem(administrator.name)) {
      problems.push_back(
          {"--admin", "name " + QuotedForMessage(administrator.name) + " " + *problem});
    }
  }
  return problems;
}

}  // namespace

Result<void> CheckInit(const InitOptions& options) {
  const SitePaths paths(options.site_dir);
  if (std::filesystem::exists(storage::DatabasePath(paths.server))) {
    return MakeError(ErrorReason::kAlreadyExists, options.site_dir + " has a site already");
  }
  if (auto problems = ProblemsOf(options); !problems.empty()) {
    return InvalidArguments(std::move(problems));
  }
  return {};
}

Result<void> InitSite(const InitOptions& options, const Clock& clock) {
  LIMS_RETURN_IF_ERROR(CheckInit(options));
  const SitePaths paths(options.site_dir);
  const std::string origin = "lims/" + options.site_name + "/audit";
  const SigningKey log_key = SigningKey::Generate();
  const SigningKey signature_key = SigningKey::Generate();
  const TimeUs now = clock.Now();
  LIMS_ASSIGN_OR_RETURN(const KeyAndCertificate ca,
                        MakeCa("lims " + options.site_name + " CA", now));
  LIMS_ASSIGN_OR_RETURN(const KeyAndCertificate server,
                        IssueServerCertificate(ca, options.server_names, now));
  LIMS_ASSIGN_OR_RETURN(const KeyAndRequest terminal, MakeKeyAndRequest("console"));
  LIMS_ASSIGN_OR_RETURN(const std::string terminal_certificate,
                        IssueClientCertificate(ca, terminal.request_pem, "console", now));
  v1::Site site;
  site.set_origin(origin);
  site.set_log_vkey(tlog::FormatVkey(origin, log_key.public_key()));
  site.set_signature_vkey(tlog::FormatVkey(SignatureKeyName(origin), signature_key.public_key()));
  LIMS_ASSIGN_OR_RETURN(*site.mutable_ca_sha256(), CertificateSha256(ca.certificate_pem));
  site.set_zone(options.zone);
  site.set_zone_offset_minutes(options.zone_offset_minutes);
  v1::Terminal console;
  LIMS_ASSIGN_OR_RETURN(*console.mutable_certificate_sha256(),
                        CertificateSha256(terminal_certificate));
  console.set_name("console");
  console.set_state(v1::TERMINAL_STATE_ENROLLED);
  console.set_certificate_pem(terminal_certificate);

  for (const std::string& dir :
       {paths.server, paths.client, paths.client + "/sessions", paths.client + "/outbox"}) {
    LIMS_RETURN_IF_ERROR(MakePrivateFolder(dir));
  }
  const std::pair<std::string, std::string> files[] = {
      {paths.log_key, HexEncode(log_key.seed())},
      {paths.signature_key, HexEncode(signature_key.seed())},
      {paths.ca_certificate, ca.certificate_pem},
      {paths.ca_key, ca.key_pem},
      {paths.certificate, server.certificate_pem},
      {paths.key, server.key_pem},
      {paths.client + "/ca.pem", ca.certificate_pem},
      {paths.client + "/terminal.pem", terminal_certificate},
      {paths.client + "/terminal.key", terminal.key_pem},
      {paths.client + "/server", options.listen + "\n"},
      {paths.client + "/vkey", site.log_vkey() + "\n"},
  };
  for (const auto& [path, bytes] : files) LIMS_RETURN_IF_ERROR(WriteFile(path, bytes));

  LIMS_ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromSeed(log_key.seed()));
  LIMS_ASSIGN_OR_RETURN(auto store, storage::Store::Open({paths.server, OriginOf(site), 1}, clock,
                                                         std::move(key), origin));
  storage::ActInfo info;
  info.act = v1::ACT_INIT_SITE;
  info.terminal = "console";
  info.terminal_sha256 = console.certificate_sha256();
  LIMS_RETURN_IF_ERROR(store->writer().Execute(info, [&](storage::Transaction& tx) -> Result<void> {
    tx.Put(site);
    tx.Put(console);
    for (std::size_t i = 0; i < 2; ++i) {
      const FirstAdministrator& administrator = options.administrators[i];
      storage::Credential credential;
      credential.user_id = administrator.user_id;
      credential.password_hash = HashPassword(administrator.one_time_code);
      credential.expires_us = tx.now() + kCodeLife;
      v1::User user;
      user.set_user_id(administrator.user_id);
      user.set_name(administrator.name);
      user.set_state(v1::USER_STATE_INITIAL);
      user.set_credential_sha256(storage::CredentialDigest(credential));
      // The two vouch for each other on the console, where both are present.
      v1::RoleGrant* grant = user.add_grants();
      grant->set_role(v1::ROLE_ACCOUNT_ADMIN);
      grant->set_proposed_by(administrator.user_id);
      grant->set_confirmed_by(options.administrators[1 - i].user_id);
      tx.Put(user);
      tx.PutCredential(std::move(credential));
    }
    return {};
  }));
  return {};
}

}  // namespace lims::app
