#include "cli/version_name.h"

#include <charconv>

namespace lims::client {

Result<VersionName> ParseVersionName(const std::string& text) {
  const std::size_t slash = text.find('/');
  VersionName name = {text.substr(0, slash), 0};
  if (slash == std::string::npos) return name;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, name.version);
  if (parsed.ec != std::errc() || parsed.ptr != end || name.version < 1) {
    return InvalidArgument(text, "is neither an id nor id/version");
  }
  return name;
}

}  // namespace lims::client
