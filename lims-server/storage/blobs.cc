#include "storage/blobs.h"

#include "base/encoding.h"
#include "base/sha256.h"

namespace lims::storage {

Result<void> PutChunk(Connection& db, std::string_view sha256, int n, std::string_view data) {
  Statement put = db.Query(
      "INSERT INTO blob_chunk (sha256, n, data) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
  put.BindText(1, sha256).Bind(2, n).BindBlob(3, data);
  return put.Run();
}

Result<void> FinishBlob(Connection& db, std::string_view sha256, std::int64_t size_bytes,
                        std::int64_t now_us) {
  Statement put = db.Query(
      "INSERT INTO blob (sha256, size_bytes, stored_us) VALUES (?1, ?2, ?3) "
      "ON CONFLICT DO NOTHING");
  put.BindText(1, sha256).Bind(2, size_bytes).Bind(3, now_us);
  return put.Run();
}

Result<bool> HasBlob(Connection& db, std::string_view sha256) {
  Statement rows = db.Query("SELECT 1 FROM blob WHERE sha256 = ?1");
  rows.BindText(1, sha256);
  return rows.Step();
}

Result<std::string> GetBlob(Connection& db, std::string_view sha256) {
  LIMS_ASSIGN_OR_RETURN(const bool present, HasBlob(db, sha256));
  if (!present) return NotFound("file with SHA-256 " + std::string(sha256));
  Statement rows = db.Query("SELECT data FROM blob_chunk WHERE sha256 = ?1 ORDER BY n");
  rows.BindText(1, sha256);
  std::string bytes;
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return bytes;
    bytes += rows.BlobColumn(0);
  }
}

Result<void> PutCredential(Connection& db, const Credential& credential) {
  Statement put = db.Query(
      "INSERT INTO credential (user_id, password_hash, sealed_key, expires_us) "
      "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (user_id) DO UPDATE SET "
      "password_hash = excluded.password_hash, sealed_key = excluded.sealed_key, "
      "expires_us = excluded.expires_us");
  put.BindText(1, credential.user_id)
      .BindText(2, credential.password_hash)
      .BindBlob(3, credential.sealed_key)
      .Bind(4, credential.expires_us);
  return put.Run();
}

Result<std::optional<Credential>> FindCredential(Connection& db, std::string_view user_id) {
  Statement rows = db.Query(
      "SELECT password_hash, sealed_key, expires_us FROM credential WHERE user_id = ?1");
  rows.BindText(1, user_id);
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  if (!found) return std::optional<Credential>();
  return std::optional<Credential>(Credential{std::string(user_id),
                                              std::string(rows.TextColumn(0)),
                                              std::string(rows.BlobColumn(1)), rows.IntColumn(2)});
}

std::string CredentialDigest(const Credential& credential) {
  // Every field with its length, so that no two rows share a digest.
  std::string bytes;
  for (const std::string& field :
       {credential.user_id, credential.password_hash, credential.sealed_key,
        std::to_string(credential.expires_us)}) {
    bytes += std::to_string(field.size()) + ":" + field;
  }
  return HexEncode(Sha256(bytes));
}

}  // namespace lims::storage
