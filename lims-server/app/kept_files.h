// Scans and other documents that come with a request and are kept by hash.
#ifndef LIMS_APP_KEPT_FILES_H_
#define LIMS_APP_KEPT_FILES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "lims/v1/run_service.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// What is wrong with a file of a request before the database is asked: neither bytes nor hash, or
// both, too many bytes, a name that cannot be shown. `field` is its path.
std::vector<Violation> CheckFile(const std::string& field, const v1::RawFileContent& content);

// Size of the file that a request names by its hash; nullopt when none was uploaded. A sealed first
// entry is none: named as somebody's own scan it could be read.
Result<std::optional<std::int64_t>> UploadedSize(storage::Connection& db,
                                                 const std::string& sha256);

// Keeps the file with the act: its bytes, or the blob that was uploaded before, which must be
// there. Needs content that CheckFile accepts.
Result<v1::RawFile> KeepFile(storage::Transaction& tx, const std::string& field,
                             const v1::RawFileContent& content);

}  // namespace lims::app

#endif  // LIMS_APP_KEPT_FILES_H_
