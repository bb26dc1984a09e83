// Raw files and manifests by SHA-256, and credentials: what the database holds besides the log
// and its replay.
#ifndef LIMS_STORAGE_BLOBS_H_
#define LIMS_STORAGE_BLOBS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/message_limits.h"
#include "base/result.h"
#include "storage/db.h"

namespace lims::storage {

// Bytes of one chunk row: a part as it comes.
constexpr std::size_t kChunkBytes = kFilePartBytes;

// Stores chunk `n` of a blob; storing it again is no change.
Result<void> PutChunk(Connection& db, std::string_view sha256, int n, std::string_view data);
// Declares all chunks present. The caller has checked the hash.
Result<void> FinishBlob(Connection& db, std::string_view sha256, std::int64_t size_bytes,
                        std::int64_t now_us);
// Size of a complete blob in bytes; nullopt when there is none.
Result<std::optional<std::int64_t>> BlobSize(Connection& db, std::string_view sha256);
// Whether a complete blob of this hash is there.
Result<bool> HasBlob(Connection& db, std::string_view sha256);
// Chunk `n`, from 0; NOT_FOUND when there is none.
Result<std::string> GetChunk(Connection& db, std::string_view sha256, int n);
// The bytes; NOT_FOUND when there is no complete blob.
Result<std::string> GetBlob(Connection& db, std::string_view sha256);

// Before its first chunk: from now on the file waits for an act that names it. True when it is
// there already, complete: no chunk needs to come.
Result<bool> BeginUpload(Connection& db, std::string_view sha256, std::int64_t now_us);
// An event names the file: it stays for ever.
Result<void> KeepBlob(Connection& db, std::string_view sha256);
// Removes at most 4 MiB of an upload that was begun before then and that no event names. False when
// there is none.
Result<bool> RemoveAbandoned(Connection& db, std::int64_t begun_before_us);

// What log-in needs of a user.
struct Credential {
  std::string user_id;
  std::string password_hash;    // Argon2id, PHC form
  std::string sealed_key;       // Ed25519 seed under the password; empty for a one-time code
  std::int64_t expires_us = 0;  // a one-time code ends then; 0 for never
};

Result<void> PutCredential(Connection& db, const Credential& credential);
Result<std::optional<Credential>> FindCredential(Connection& db, std::string_view user_id);
// The digest that the log keeps of the row, hex.
std::string CredentialDigest(const Credential& credential);

}  // namespace lims::storage

#endif  // LIMS_STORAGE_BLOBS_H_
