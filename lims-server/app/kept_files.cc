#include "app/kept_files.h"

#include "app/call.h"
#include "app/second_entry.h"
#include "base/encoding.h"
#include "base/message_limits.h"
#include "base/sha256.h"
#include "base/text.h"

namespace lims::app {

std::vector<Violation> CheckFile(const std::string& field, const v1::RawFileContent& content) {
  std::vector<Violation> violations;
  if (content.sha256().empty() == content.content().empty()) {
    violations.push_back({field, "must be given: a scan or photograph of the paper, as a file"});
  }
  if (content.content().size() > kMaxInlineFileBytes) {
    violations.push_back({field + ".content", "a file above 64 KiB is uploaded first"});
  }
  if (const auto problem = TextProblem(content.file_name(), kMaxNameBytes)) {
    violations.push_back({field + ".file_name", *problem});
  }
  return violations;
}

Result<std::optional<std::int64_t>> UploadedSize(storage::Connection& db,
                                                 const std::string& sha256) {
  LIMS_ASSIGN_OR_RETURN(const auto size, storage::BlobSize(db, sha256));
  if (!size || static_cast<std::size_t>(*size) > kMaxSealBytes) return size;
  LIMS_ASSIGN_OR_RETURN(const std::string bytes, storage::GetBlob(db, sha256));
  return IsSeal(bytes) ? std::nullopt : size;
}

Result<v1::RawFile> KeepFile(storage::Transaction& tx, const std::string& field,
                             const v1::RawFileContent& content) {
  v1::RawFile file;
  file.set_file_name(content.file_name());
  if (!content.content().empty()) {
    file.set_sha256(HexEncode(Sha256(content.content())));
    file.set_size_bytes(static_cast<std::int64_t>(content.content().size()));
    tx.PutBlob(file.sha256(), content.content());
    return file;
  }
  LIMS_ASSIGN_OR_RETURN(const auto size, UploadedSize(tx.db(), content.sha256()));
  if (!size) {
    return InvalidArgument(field + ".sha256",
                           "no file with this hash was uploaded: upload it "
                           "again");
  }
  file.set_sha256(content.sha256());
  file.set_size_bytes(*size);
  return file;
}

}  // namespace lims::app
