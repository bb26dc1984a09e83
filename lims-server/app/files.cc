#include "app/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace lims::app {

Result<void> MakePrivateFolder(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (!code) std::filesystem::permissions(path, std::filesystem::perms::owner_all, code);
  if (code) return MakeError(ErrorReason::kUnavailable, path + ": " + code.message());
  return {};
}

Result<void> WriteFile(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  const auto failed = [&] {
    return MakeError(ErrorReason::kUnavailable, "cannot write " + path + ": " + strerror(errno));
  };
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed();
  const bool written =
      ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  const bool durable = written && ::fsync(fd) == 0;
  ::close(fd);
  if (!durable || ::rename(temporary.c_str(), path.c_str()) != 0) return failed();
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const int dir = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir >= 0) {
    ::fsync(dir);
    ::close(dir);
  }
  return {};
}

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return MakeError(ErrorReason::kNotFound, "cannot read " + path + ": " + strerror(errno));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace lims::app
