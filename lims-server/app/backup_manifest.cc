#include "app/backup_manifest.h"

#include <optional>

#include "base/encoding.h"
#include "tlog/lines.h"

namespace lims::app {
namespace {

constexpr std::string_view kHeader = "lims-backup/1";

// The next line's words after `name`; nullopt when it starts with another.
std::optional<std::string_view> Take(std::string_view* text, std::string_view name) {
  std::string_view rest = *text;
  auto line = tlog::TakeLine(&rest);
  if (!line || !line->starts_with(name) || line->substr(name.size(), 1) != " ") {
    return std::nullopt;
  }
  *text = rest;
  line->remove_prefix(name.size() + 1);
  return line;
}

std::optional<BackupFile> ParseFile(std::string_view words) {
  const std::size_t hash_end = words.find(' ');
  const std::size_t size_end =
      hash_end == std::string_view::npos ? hash_end : words.find(' ', hash_end + 1);
  if (size_end == std::string_view::npos) return std::nullopt;
  const auto sha256 = HashFromHex(words.substr(0, hash_end));
  const auto bytes = tlog::ParseNumber(words.substr(hash_end + 1, size_end - hash_end - 1));
  if (!sha256 || !bytes) return std::nullopt;
  return BackupFile{std::string(words.substr(size_end + 1)), static_cast<std::int64_t>(*bytes),
                    *sha256};
}

}  // namespace

const std::vector<SiteFile>& BackedUpFiles() {
  static const std::vector<SiteFile> kFiles = {
      {"server/lims.db", "server/lims.db"},
      {"server/checkpoint", "server/checkpoint"},
      {"server/ca.pem", "server/ca.pem"},
      {"server/server.pem", "server/server.pem"},
      {"client/ca.pem", "client/ca.pem"},
      {"client/server", "client/server"},
      {"client/terminal.pem", "client/terminal.pem"},
      {"client/vkey", "client/vkey"},
      {"server/log.key", "keys/log.key"},
      {"server/signature.key", "keys/signature.key"},
      {"server/ca.key", "keys/ca.key"},
      {"server/server.key", "keys/server.key"},
      {"client/terminal.key", "keys/terminal.key"},
  };
  return kFiles;
}

std::string FormatManifest(const BackupManifest& manifest) {
  std::string text = "made " + manifest.made + "\nbuild " + manifest.build + "\nsize " +
                     std::to_string(manifest.size) + "\nroot " + HexEncode(manifest.root) + "\n";
  for (const BackupFile& file : manifest.files) {
    text += "file " + HexEncode(file.sha256) + " " + std::to_string(file.bytes) + " " + file.path +
            "\n";
  }
  for (const Hash& hash : manifest.proof) text += "proof " + HexEncode(hash) + "\n";
  text += "\n" + manifest.checkpoint;
  return std::string(kHeader) + "\nsha256 " + HexEncode(Sha256(text)) + "\n" + text;
}

Result<BackupManifest> ParseManifest(std::string_view text) {
  const auto damaged = [](const std::string& line) {
    return MakeError(ErrorReason::kDataLoss, "FILE_ALTERED: " + std::string(kManifestFile) +
                                                 " is damaged at its line " + line +
                                                 ": take another copy of the backup");
  };
  if (tlog::TakeLine(&text) != kHeader) return damaged("1");
  const auto sha256 = Take(&text, "sha256");
  if (!sha256 || *sha256 != HexEncode(Sha256(text))) return damaged("sha256");
  BackupManifest manifest;
  const auto made = Take(&text, "made");
  const auto build = made ? Take(&text, "build") : made;
  const auto size_words = build ? Take(&text, "size") : build;
  const auto size = size_words ? tlog::ParseNumber(*size_words) : std::nullopt;
  const auto root_words = size ? Take(&text, "root") : std::nullopt;
  const auto root = root_words ? HashFromHex(*root_words) : std::nullopt;
  if (!root) return damaged("made, build, size or root");
  manifest.made = *made;
  manifest.build = *build;
  manifest.size = *size;
  manifest.root = *root;
  while (const auto words = Take(&text, "file")) {
    auto file = ParseFile(*words);
    if (!file) return damaged("file");
    manifest.files.push_back(*std::move(file));
  }
  while (const auto words = Take(&text, "proof")) {
    const auto hash = HashFromHex(*words);
    if (!hash) return damaged("proof");
    manifest.proof.push_back(*hash);
  }
  if (tlog::TakeLine(&text) != "") return damaged("before the checkpoint");
  manifest.checkpoint = text;
  return manifest;
}

}  // namespace lims::app
