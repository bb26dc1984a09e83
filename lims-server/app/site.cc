#include "app/site.h"

#include <filesystem>

#include "app/build.h"
#include "app/files.h"
#include "app/upgrade.h"
#include "base/encoding.h"
#include "base/random.h"
#include "storage/log.h"
#include "storage/migrate.h"
#include "tlog/note.h"

namespace lims::app {
namespace {

constexpr TimeUs kManifestLifeUs = 10 * kMinute;

}  // namespace

SitePaths::SitePaths(const std::string& site_dir)
    : server(site_dir + "/server"),
      log_key(server + "/log.key"),
      signature_key(server + "/signature.key"),
      ca_certificate(server + "/ca.pem"),
      ca_key(server + "/ca.key"),
      certificate(server + "/server.pem"),
      key(server + "/server.key"),
      client(site_dir + "/client") {}

std::string UserKeyName(const std::string& origin, const std::string& user_id) {
  return origin.substr(0, origin.rfind('/')) + "/user/" + user_id;
}

std::string SignatureKeyName(const std::string& origin) {
  return origin.substr(0, origin.rfind('/')) + "/esig-server";
}

Result<SigningKey> ReadSigningKey(const std::string& path) {
  LIMS_ASSIGN_OR_RETURN(const std::string hex, ReadFile(path));
  const auto seed = HexDecode(hex);
  if (!seed) return MakeError(ErrorReason::kDataLoss, path + " holds no key");
  return SigningKey::FromSeed(*seed);
}

bool IsSignatureKey(const v1::Site& site, std::string_view public_key) {
  return tlog::FormatVkey(SignatureKeyName(site.origin()), public_key) == site.signature_vkey();
}

storage::ActInfo InfoOf(const Call& call, v1::Act act, std::string request_id,
                        std::string fingerprint) {
  storage::ActInfo info;
  info.actor.set_user_id(call.user_id);
  info.actor.set_name(call.user_name);
  info.terminal = call.terminal;
  info.terminal_sha256 = call.terminal_sha256;
  info.act = act;
  info.request_id = std::move(request_id);
  info.fingerprint = std::move(fingerprint);
  return info;
}

void PreparedManifests::Add(const std::string& signature_id) {
  const std::int64_t now = clock_.MonotonicUs();
  const std::lock_guard lock(mutex_);
  std::erase_if(prepared_us_,
                [&](const auto& entry) { return now - entry.second > kManifestLifeUs; });
  prepared_us_[signature_id] = now;
}

bool PreparedManifests::Known(const std::string& signature_id) {
  const std::lock_guard lock(mutex_);
  const auto found = prepared_us_.find(signature_id);
  return found != prepared_us_.end() && clock_.MonotonicUs() - found->second <= kManifestLifeUs;
}

storage::Origin OriginOf(const v1::Site& site) {
  return {site.zone(), site.zone_offset_minutes(), NewUuid(), std::string(BuildName())};
}

Site::Site(SitePaths paths, Clock clock, SigningKey signature_key)
    : paths_(std::move(paths)),
      clock_(clock),
      signature_key_(std::move(signature_key)),
      sessions_(clock),
      prepared_(clock) {}

Site::~Site() {
  store_.reset();
}

Result<std::unique_ptr<Site>> Site::Open(const std::string& site_dir, Clock clock) {
  SitePaths paths(site_dir);
  const std::string database = storage::DatabasePath(paths.server);
  if (!std::filesystem::exists(database)) {
    return MakeError(ErrorReason::kNotFound,
                     site_dir + " has no site: make one with lims-server init");
  }
  LIMS_ASSIGN_OR_RETURN(SigningKey log_key, ReadSigningKey(paths.log_key));
  LIMS_ASSIGN_OR_RETURN(SigningKey signature_key, ReadSigningKey(paths.signature_key));
  std::unique_ptr<Site> site(new Site(paths, clock, std::move(signature_key)));
  LIMS_ASSIGN_OR_RETURN(site->ca_.certificate_pem, ReadFile(paths.ca_certificate));
  LIMS_ASSIGN_OR_RETURN(site->ca_.key_pem, ReadFile(paths.ca_key));
  {
    LIMS_ASSIGN_OR_RETURN(auto snapshot,
                          storage::Connection::Open(database, storage::OpenMode::kReader));
    storage::Records records(*snapshot);
    LIMS_ASSIGN_OR_RETURN(auto sites, records.List<v1::Site>({}));
    if (sites.size() != 1) {
      return MakeError(ErrorReason::kDataLoss, "the site record is missing");
    }
    site->record_ = sites[0].record;
  }
  if (tlog::FormatVkey(site->record_.origin(), log_key.public_key()) != site->record_.log_vkey()) {
    return MakeError(ErrorReason::kDataLoss, paths.log_key + " is not the key of this log");
  }
  if (!IsSignatureKey(site->record_, site->signature_key_.public_key())) {
    return MakeError(ErrorReason::kDataLoss,
                     paths.signature_key + " is not the key that this site's signatures name: " +
                         "put the site's own back, or restore a backup");
  }
  LIMS_ASSIGN_OR_RETURN(site->store_,
                        storage::Store::Open({paths.server, OriginOf(site->record_), 4}, clock,
                                             std::move(log_key), site->record_.origin()));
  site->access_log_ = std::make_unique<AccessLog>(
      clock, [self = site.get()](const Call& call, v1::Act act, AccessLog::Details details) {
        storage::Command command;
        command.info = InfoOf(call, act, "", "");
        command.run = [self, details](storage::Transaction& tx) -> Result<void> {
          tx.Note(self->AccessStream(tx.now()), details);
          return {};
        };
        command.done = [self, call, act, details](const Result<storage::RecordedAct>& recorded) {
          if (!recorded) self->access_log_->NoteLost(call, act, details, recorded.error());
        };
        self->writer().Enqueue(std::move(command));
      });
  site->writer().OnCommitted(
      [self = site.get()](const storage::RecordedAct& act) { self->AfterCommit(act); });
  storage::ActInfo start;
  start.act = v1::ACT_START_SERVER;
  LIMS_RETURN_IF_ERROR(site->writer().Execute(start, [](storage::Transaction& tx) -> Result<void> {
    tx.Note("server", {{"build", std::string(BuildName())},
                       {"schema", std::to_string(storage::SchemaNumber())},
                       {"log_size", std::to_string(tx.log_size())}});
    return AddMissingRecords(tx);
  }));
  return site;
}

KeyAndCertificate Site::ca() const {
  const std::lock_guard lock(ca_mutex_);
  return ca_;
}

void Site::SetCa(KeyAndCertificate ca) {
  const std::lock_guard lock(ca_mutex_);
  ca_ = std::move(ca);
}

void Site::OnCommitted(std::function<void(const storage::RecordedAct&)> observer) {
  const std::lock_guard lock(observer_mutex_);
  observer_ = std::move(observer);
}

Result<std::string> Site::TerminalName(const std::string& certificate_sha256) {
  std::uint64_t changes = 0;
  {
    const std::lock_guard lock(terminals_mutex_);
    const auto known = terminal_names_.find(certificate_sha256);
    if (known != terminal_names_.end()) return known->second;
    changes = terminal_changes_;
  }
  LIMS_ASSIGN_OR_RETURN(const auto terminal, store_->Read([&](storage::Records& records) {
    return records.Find<v1::Terminal>({certificate_sha256});
  }));
  if (!terminal || terminal->record.state() != v1::TERMINAL_STATE_ENROLLED) {
    return MakeError(ErrorReason::kUnauthenticated,
                     "this terminal is not enrolled: ask an account administrator");
  }
  const std::lock_guard lock(terminals_mutex_);
  // One that was revoked since it was read is not remembered as enrolled.
  if (changes == terminal_changes_) terminal_names_[certificate_sha256] = terminal->record.name();
  return terminal->record.name();
}

void Site::AfterCommit(const storage::RecordedAct& act) {
  for (const v1::Event& event : act.events) {
    for (const v1::Record& record : event.records()) {
      if (record.has_user() && record.user().state() != v1::USER_STATE_ACTIVE) {
        sessions_.CloseUser(record.user().user_id());
      }
      if (record.has_terminal()) {
        sessions_.CloseTerminal(record.terminal().certificate_sha256());
        const std::lock_guard lock(terminals_mutex_);
        ++terminal_changes_;
        terminal_names_.erase(record.terminal().certificate_sha256());
      }
    }
  }
  const std::lock_guard lock(observer_mutex_);
  if (observer_) observer_(act);
}

void Site::Submit(const Call& call, std::string request_id, std::string fingerprint, Plan plan,
                  std::function<void(Result<storage::RecordedAct>)> done) {
  storage::Command command;
  Call who = plan.signer ? *std::move(plan.signer) : call;
  command.info = InfoOf(who, plan.act, std::move(request_id), std::move(fingerprint));
  command.info.reason = std::move(plan.reason);
  command.run = [who = std::move(who), meaning = plan.meaning,
                 run = std::move(plan.run)](storage::Transaction& tx) -> Result<void> {
    LIMS_RETURN_IF_ERROR(Authorise(tx, who, meaning));
    return run(tx);
  };
  command.done = std::move(done);
  writer().Enqueue(std::move(command));
}

Result<bool> Site::WasRecorded(const std::string& user_id, const std::string& request_id) {
  return store_->Read([&](storage::Records& records) -> Result<bool> {
    LIMS_ASSIGN_OR_RETURN(const auto known,
                          storage::FindRequest(records.db(), user_id, request_id));
    return known.has_value();
  });
}

Result<storage::RecordedAct> Site::NoteAccess(
    const Call& call, v1::Act act, std::vector<std::pair<std::string, std::string>> details,
    std::string request_id, std::string fingerprint) {
  return writer().Execute(
      InfoOf(call, act, std::move(request_id), std::move(fingerprint)),
      [this, details = std::move(details)](storage::Transaction& tx) -> Result<void> {
        tx.Note(AccessStream(tx.now()), details);
        return {};
      });
}

std::string Site::AccessStream(TimeUs now) const {
  return "access/" + LocalDate(now, record_.zone_offset_minutes());
}

}  // namespace lims::app
