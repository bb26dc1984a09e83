#include "core/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace lims::client {
namespace {

namespace fs = std::filesystem;

Error Failed(const std::string& doing, const fs::path& path) {
  const std::string cause = std::error_code(errno, std::generic_category()).message();
  return InvalidArgument(path.string(), "cannot " + doing + ": " + cause);
}

// Closes the file when it leaves the scope.
class File {
 public:
  explicit File(int file) : file_(file) {}
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int get() const { return file_; }
  bool open() const { return file_ >= 0; }

 private:
  int file_;
};

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool ReadAll(int file, std::string* bytes) {
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(file, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count == 0;
    bytes->append(buffer, static_cast<std::size_t>(count));
  }
}

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

bool SyncFolder(const fs::path& folder) {
  const File file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file.open() && ::fsync(file.get()) == 0;
}

Result<std::string> ReadOpened(const File& file, const fs::path& path, std::size_t max_bytes,
                               const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return InvalidArgument(path.string(), "not a regular file");
  if (static_cast<std::size_t>(status.st_size) > max_bytes) {
    return MakeError(ErrorReason::kTooLarge,
                     path.string() + " has more than " + std::to_string(max_bytes) + " bytes");
  }
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(status.st_size));
  if (!ReadAll(file.get(), &bytes)) return Failed("read the file", path);
  return bytes;
}

}  // namespace

Result<std::string> ReadFile(const fs::path& path, std::size_t max_bytes) {
  // A pipe that nobody writes to does not keep us waiting before it is refused.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.open() && errno == ENOENT) {
    return MakeError(ErrorReason::kNotFound, "no file " + path.string());
  }
  if (!file.open() || ::fstat(file.get(), &status) != 0) return Failed("read the file", path);
  return ReadOpened(file, path, max_bytes, status);
}

Result<std::string> ReadSecretFile(const fs::path& path) {
  constexpr std::size_t kSecretMax = 4096;
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.open() || ::fstat(file.get(), &status) != 0) return Failed("read the file", path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return InvalidArgument(path.string(), "others may read this file: chmod 600 it first");
  }
  LIMS_ASSIGN_OR_RETURN(std::string secret, ReadOpened(file, path, kSecretMax, status));
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return InvalidArgument(path.string(), "the file is empty");
  return secret;
}

Result<void> WriteFileDurably(const fs::path& path, std::string_view bytes) {
  const fs::path folder = FolderOf(path);
  std::string name = (folder / (path.filename().string() + ".XXXXXX")).string();
  const File file(::mkostemp(name.data(), O_CLOEXEC));  // mode 0600
  if (!file.open()) return Failed("write the file", path);
  const bool done = WriteAll(file.get(), bytes) && ::fsync(file.get()) == 0 &&
                    ::rename(name.c_str(), path.c_str()) == 0;
  if (!done) {
    const Error error = Failed("write the file", path);
    ::unlink(name.c_str());
    return error;
  }
  if (!SyncFolder(folder)) return Failed("write the folder", folder);
  return {};
}

Result<void> WriteNewFile(const std::string& option, const fs::path& path, std::string_view bytes) {
  std::error_code error;
  if (!fs::exists(path, error)) return WriteFileDurably(path, bytes);
  LIMS_ASSIGN_OR_RETURN(const std::string present, ReadFile(path));
  if (present == bytes) return {};
  return InvalidArgument(option, path.string() + " is there with other content: name another");
}

Result<void> RemoveFileDurably(const fs::path& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return Failed("remove the file", path);
  }
  if (!SyncFolder(FolderOf(path))) return Failed("write the folder", FolderOf(path));
  return {};
}

Result<void> MakePrivateFolder(const fs::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) {
    if (!SyncFolder(FolderOf(path))) return Failed("write the folder", FolderOf(path));
    return {};
  }
  if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    LIMS_RETURN_IF_ERROR(MakePrivateFolder(path.parent_path()));
    return MakePrivateFolder(path);
  }
  const int cause = errno;
  std::error_code ignored;
  if (cause == EEXIST && fs::is_directory(path, ignored)) return {};
  errno = cause;
  return Failed("make the folder", path);
}

FileLock::FileLock(const fs::path& path)
    : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  while (file_ >= 0 && ::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace lims::client
