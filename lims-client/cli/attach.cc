#include "cli/attach.h"

#include <filesystem>
#include <utility>

#include "base/message_limits.h"
#include "cli/context.h"

namespace lims::client {
Result<void> Attach(const std::string& option, const std::string& path, const Client& client,
                    v1::RawFileContent* content) {
  LIMS_ASSIGN_OR_RETURN(std::string bytes, ReadInput(option, path, kMaxFileBytes));
  if (bytes.empty()) return InvalidArgument(option, path + " is empty");
  content->set_file_name(std::filesystem::path(path).filename().string());
  if (bytes.size() <= kMaxInlineFileBytes) {
    content->set_content(std::move(bytes));
  } else {
    LIMS_ASSIGN_OR_RETURN(*content->mutable_sha256(), client.UploadRaw(bytes));
  }
  return {};
}

}  // namespace lims::client
