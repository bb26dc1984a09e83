// A site: its files, keys and certificates, and what is alive while the server runs.
#ifndef LIMS_APP_SITE_H_
#define LIMS_APP_SITE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/access_log.h"
#include "app/call.h"
#include "app/sessions.h"
#include "base/clock.h"
#include "base/ed25519.h"
#include "base/result.h"
#include "base/time.h"
#include "base/x509.h"
#include "lims/v1/user.pb.h"
#include "storage/store.h"

namespace lims::app {

// How long a one-time code for the first log-in is good.
inline constexpr TimeUs kCodeLife = kDay;

// Files of a site directory. `DIR/server` belongs to the server, `DIR/client` to the terminal on
// the same machine.
struct SitePaths {
  explicit SitePaths(const std::string& site_dir);
  std::string server;         // DIR/server
  std::string log_key;        // Ed25519 seed of the log's key, hex
  std::string signature_key;  // Ed25519 seed of the server's line in signature notes, hex
  std::string ca_certificate;
  std::string ca_key;
  std::string certificate;  // of the server
  std::string key;
  std::string client;  // DIR/client
};

// Manifests that were prepared and not yet signed; in memory only.
class PreparedManifests {
 public:
  explicit PreparedManifests(Clock clock) : clock_(std::move(clock)) {}
  void Add(const std::string& signature_id);
  // Prepared less than ten minutes ago. That it is signed once only is decided by its record.
  bool Known(const std::string& signature_id);

 private:
  Clock clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> prepared_us_;
};

// Everything a use case may reach. Thread-safe.
class Site {
 public:
  // Opens the site and records the start of the server.
  static Result<std::unique_ptr<Site>> Open(const std::string& site_dir, Clock clock);
  // What is queued is recorded first.
  ~Site();

  storage::Store& store() { return *store_; }
  storage::Writer& writer() { return store_->writer(); }
  Sessions& sessions() { return sessions_; }
  AccessLog& access_log() { return *access_log_; }
  PreparedManifests& prepared() { return prepared_; }
  const Clock& clock() const { return clock_; }
  const v1::Site& record() const { return record_; }
  const SigningKey& signature_key() const { return signature_key_; }
  // What new terminals are certified with.
  KeyAndCertificate ca() const;
  void SetCa(KeyAndCertificate ca);
  const SitePaths& paths() const { return paths_; }

  // Called with each recorded act, on the writer's reply thread: it must not wait. Empty for none;
  // after that the earlier one is not running any more.
  void OnCommitted(std::function<void(const storage::RecordedAct&)> observer);

  // The terminal behind a certificate (SHA-256, hex); UNAUTHENTICATED when it is not enrolled.
  Result<std::string> TerminalName(const std::string& certificate_sha256);
  // Records an act of a call; `done` gets the outcome on the reply thread.
  void Submit(const Call& call, std::string request_id, std::string fingerprint, Plan plan,
              std::function<void(Result<storage::RecordedAct>)> done);
  // Whether the user's request was recorded before: its reply is then rebuilt from the log, and
  // nothing that could have changed since may refuse it.
  Result<bool> WasRecorded(const std::string& user_id, const std::string& request_id);
  // Appends an event without records to today's access stream; waits for the commit.
  Result<storage::RecordedAct> NoteAccess(const Call& call, v1::Act act,
                                          std::vector<std::pair<std::string, std::string>> details,
                                          std::string request_id = "",
                                          std::string fingerprint = "");
  // "access/2026-11-22" in the site's zone.
  std::string AccessStream(TimeUs now) const;

 private:
  Site(SitePaths paths, Clock clock, SigningKey signature_key);
  // Ends sessions of accounts and terminals that an act locked, ended or revoked.
  void AfterCommit(const storage::RecordedAct& act);

  SitePaths paths_;
  Clock clock_;
  SigningKey signature_key_;
  mutable std::mutex ca_mutex_;
  KeyAndCertificate ca_;
  v1::Site record_;
  std::unique_ptr<storage::Store> store_;
  Sessions sessions_;
  PreparedManifests prepared_;
  std::unique_ptr<AccessLog> access_log_;
  std::mutex terminals_mutex_;
  std::unordered_map<std::string, std::string> terminal_names_;  // enrolled, by certificate
  std::uint64_t terminal_changes_ = 0;
  std::mutex observer_mutex_;
  std::function<void(const storage::RecordedAct&)> observer_;
};

// What the log writes of a site beside each event, for this start of the program.
storage::Origin OriginOf(const v1::Site& site);
// Names of the site's keys, derived from the origin.
std::string UserKeyName(const std::string& origin, const std::string& user_id);
std::string SignatureKeyName(const std::string& origin);
// The key whose seed, in hex, a file holds.
Result<SigningKey> ReadSigningKey(const std::string& path);
// Whether this is the server's key in the site's signatures.
bool IsSignatureKey(const v1::Site& site, std::string_view public_key);

// The act information of a call: user, terminal, request.
storage::ActInfo InfoOf(const Call& call, v1::Act act, std::string request_id,
                        std::string fingerprint);

}  // namespace lims::app

#endif  // LIMS_APP_SITE_H_
