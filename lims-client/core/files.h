// Files that survive a power cut: written whole, readable by their owner only.
#ifndef LIMS_CLIENT_CORE_FILES_H_
#define LIMS_CLIENT_CORE_FILES_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/message_limits.h"
#include "base/result.h"

namespace lims::client {

// The bytes of a regular file. NOT_FOUND when there is none, TOO_LARGE over `max_bytes`,
// INVALID_ARGUMENT when it cannot be read.
Result<std::string> ReadFile(const std::filesystem::path& path,
                             std::size_t max_bytes = kMaxFileBytes);

// A file made for a secret: refused (INVALID_ARGUMENT) when others than its owner may read it. One
// line break at the end is no part of the secret.
Result<std::string> ReadSecretFile(const std::filesystem::path& path);

// Makes or replaces a file, mode 0600: temporary file, fsync, rename, fsync of the folder. After
// success the new content survives a power cut; after an error the old content is still there.
Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view bytes);

// Makes a file for a person, as WriteFileDurably does. Another file of that name is left as it is:
// INVALID_ARGUMENT for `option`, which named it.
Result<void> WriteNewFile(const std::string& option, const std::filesystem::path& path,
                          std::string_view bytes);

// Removes a file for good; none is fine.
Result<void> RemoveFileDurably(const std::filesystem::path& path);

// Makes a folder and its parents; those it makes have mode 0700.
Result<void> MakePrivateFolder(const std::filesystem::path& path);

// Holds an exclusive lock on a file of its own while it lives, against other processes of this
// terminal.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_FILES_H_
