// The terminal's own files below the site folder: who it is, who is logged in, what it has seen.
//
//   DIR/client/ca.pem          root of the site
//   DIR/client/terminal.pem    this terminal's certificate, terminal.key its key
//   DIR/client/server          host:port
//   DIR/client/vkey            verifier key of the log
//   DIR/client/checkpoint      the largest checkpoint that was shown to extend all earlier ones
//   DIR/client/uncompared/     signed checkpoints that are not shown to be of the same log yet
//   DIR/client/sessions/USER   session token of each user who is logged in
//   DIR/client/last_user       whoever logged in last
//   DIR/client/outbox/         requests without a definitive answer
#ifndef LIMS_CLIENT_CORE_SITE_H_
#define LIMS_CLIENT_CORE_SITE_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lims::client {

// What the terminal needs to reach its server, PEM texts and host:port.
struct TerminalIdentity {
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
  std::string server;
};

class Site {
 public:
  // `directory` as --site names it.
  explicit Site(const std::filesystem::path& directory) : client_(directory / "client") {}

  // $LIMS_SITE, else ./site.
  static std::filesystem::path DefaultDirectory();

  // INVALID_ARGUMENT when this folder is not that of an enrolled terminal.
  Result<TerminalIdentity> ReadIdentity() const;
  // Makes the folder of a terminal; `vkey` may be empty.
  Result<void> WriteIdentity(const TerminalIdentity& identity, std::string_view vkey) const;

  // nullopt when the file does not exist.
  Result<std::optional<std::string>> ReadVkey() const;
  Result<void> WriteVkey(std::string_view vkey) const;
  Result<std::optional<std::string>> ReadCheckpoint() const;
  Result<void> WriteCheckpoint(std::string_view note) const;
  Result<std::vector<std::string>> ReadUncompared() const;
  Result<void> KeepUncompared(std::string_view note) const;
  Result<void> RemoveUncompared(std::string_view note) const;
  Result<std::optional<std::string>> ReadSession(std::string_view user) const;
  Result<void> WriteSession(std::string_view user, std::string_view token) const;
  Result<void> RemoveSession(std::string_view user) const;
  Result<std::optional<std::string>> ReadLastUser() const;
  Result<void> WriteLastUser(std::string_view user) const;

  const std::filesystem::path& folder() const { return client_; }
  std::filesystem::path outbox() const { return client_ / "outbox"; }
  // Locked while the stored checkpoint is compared and replaced.
  std::filesystem::path lock_file() const { return client_ / "lock"; }

 private:
  Result<std::optional<std::string>> ReadLine(const std::filesystem::path& name) const;
  std::filesystem::path UncomparedFile(std::string_view note) const;
  Result<std::filesystem::path> SessionFile(std::string_view user) const;

  std::filesystem::path client_;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_SITE_H_
