// What a backup consists of: MANIFEST names each file with its hash, the log's size and root, and
// the signed checkpoint that covers them.
#ifndef LIMS_APP_BACKUP_MANIFEST_H_
#define LIMS_APP_BACKUP_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"

namespace lims::app {

struct BackupFile {
  std::string path;  // inside the backup
  std::int64_t bytes = 0;
  Hash sha256{};
};

struct BackupManifest {
  std::string made;  // RFC 3339, UTC
  std::string build;
  std::uint64_t size = 0;  // events in the copied log
  Hash root{};             // their root
  std::vector<BackupFile> files;
  std::vector<Hash> proof;  // leads from (size, root) to the checkpoint
  std::string checkpoint;   // signed note of that size or a later one
};

inline constexpr char kManifestFile[] = "MANIFEST";

// A file of a site: its place there, which is also that in a backup but for private keys. They
// stand in a folder of their own, so that they can be kept apart from the data.
struct SiteFile {
  std::string_view in_site;
  std::string_view in_backup;
};

// Every file of a backup but the manifest.
const std::vector<SiteFile>& BackedUpFiles();

std::string FormatManifest(const BackupManifest& manifest);
// DATA_LOSS with the line that is not as FormatManifest() writes it.
Result<BackupManifest> ParseManifest(std::string_view text);

}  // namespace lims::app

#endif  // LIMS_APP_BACKUP_MANIFEST_H_
