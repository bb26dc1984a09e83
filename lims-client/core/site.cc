#include "core/site.h"

#include <cstdlib>

#include "base/encoding.h"
#include "base/sha256.h"
#include "base/text.h"
#include "core/files.h"

namespace lims::client {
namespace {

std::string WithoutLineEnd(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string Line(std::string_view text) {
  return std::string(text) + '\n';
}

}  // namespace

std::filesystem::path Site::DefaultDirectory() {
  const char* directory = std::getenv("LIMS_SITE");
  return directory != nullptr && *directory != '\0' ? directory : "site";
}

Result<TerminalIdentity> Site::ReadIdentity() const {
  TerminalIdentity identity;
  const std::pair<const char*, std::string*> files[] = {{"ca.pem", &identity.ca_pem},
                                                        {"terminal.pem", &identity.certificate_pem},
                                                        {"terminal.key", &identity.key_pem},
                                                        {"server", &identity.server}};
  for (const auto& [name, text] : files) {
    Result<std::string> content = ReadFile(client_ / name);
    if (!content) {
      return InvalidArgument("--site", client_.string() +
                                           " is not the folder of an enrolled terminal: no " +
                                           name + "; choose another with --site or LIMS_SITE");
    }
    *text = std::move(content).value();
  }
  identity.server = WithoutLineEnd(std::move(identity.server));
  return identity;
}

Result<void> Site::WriteIdentity(const TerminalIdentity& identity, std::string_view vkey) const {
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(client_));
  LIMS_RETURN_IF_ERROR(WriteFileDurably(client_ / "ca.pem", identity.ca_pem));
  LIMS_RETURN_IF_ERROR(WriteFileDurably(client_ / "terminal.key", identity.key_pem));
  LIMS_RETURN_IF_ERROR(WriteFileDurably(client_ / "server", Line(identity.server)));
  if (!vkey.empty()) LIMS_RETURN_IF_ERROR(WriteVkey(vkey));
  return WriteFileDurably(client_ / "terminal.pem", identity.certificate_pem);
}

Result<std::optional<std::string>> Site::ReadLine(const std::filesystem::path& name) const {
  Result<std::string> content = ReadFile(name);
  if (content) return std::optional(WithoutLineEnd(std::move(content).value()));
  if (content.error().reason == ErrorReason::kNotFound) return std::optional<std::string>();
  return std::move(content).error();
}

Result<std::optional<std::string>> Site::ReadVkey() const {
  return ReadLine(client_ / "vkey");
}

Result<void> Site::WriteVkey(std::string_view vkey) const {
  return WriteFileDurably(client_ / "vkey", Line(vkey));
}

Result<std::optional<std::string>> Site::ReadCheckpoint() const {
  Result<std::string> note = ReadFile(client_ / "checkpoint");
  if (note) return std::optional(std::move(note).value());
  if (note.error().reason == ErrorReason::kNotFound) return std::optional<std::string>();
  return std::move(note).error();
}

Result<void> Site::WriteCheckpoint(std::string_view note) const {
  return WriteFileDurably(client_ / "checkpoint", note);
}

std::filesystem::path Site::UncomparedFile(std::string_view note) const {
  return client_ / "uncompared" / HexEncode(Sha256(note));
}

Result<std::vector<std::string>> Site::ReadUncompared() const {
  std::vector<std::string> notes;
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(client_ / "uncompared", none)) {
    if (file.path().has_extension()) continue;  // a write that was cut off
    Result<std::string> note = ReadFile(file.path());
    if (!note && note.error().reason == ErrorReason::kNotFound)
      continue;  // a neighbour compared it
    LIMS_RETURN_IF_ERROR(note);
    notes.push_back(std::move(note).value());
  }
  return notes;
}

Result<void> Site::KeepUncompared(std::string_view note) const {
  const std::filesystem::path file = UncomparedFile(note);
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(file.parent_path()));
  return WriteFileDurably(file, note);
}

Result<void> Site::RemoveUncompared(std::string_view note) const {
  return RemoveFileDurably(UncomparedFile(note));
}

Result<std::filesystem::path> Site::SessionFile(std::string_view user) const {
  if (!IsIdentifier(user)) {
    return InvalidArgument("--user", QuotedForMessage(user) + " is not a user id");
  }
  return client_ / "sessions" / user;
}

Result<std::optional<std::string>> Site::ReadSession(std::string_view user) const {
  LIMS_ASSIGN_OR_RETURN(const std::filesystem::path file, SessionFile(user));
  return ReadLine(file);
}

Result<void> Site::WriteSession(std::string_view user, std::string_view token) const {
  LIMS_ASSIGN_OR_RETURN(const std::filesystem::path file, SessionFile(user));
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(file.parent_path()));
  return WriteFileDurably(file, Line(token));
}

Result<void> Site::RemoveSession(std::string_view user) const {
  LIMS_ASSIGN_OR_RETURN(const std::filesystem::path file, SessionFile(user));
  return RemoveFileDurably(file);
}

Result<std::optional<std::string>> Site::ReadLastUser() const {
  return ReadLine(client_ / "last_user");
}

Result<void> Site::WriteLastUser(std::string_view user) const {
  return WriteFileDurably(client_ / "last_user", Line(user));
}

}  // namespace lims::client
