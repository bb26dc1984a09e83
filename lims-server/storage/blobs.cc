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

Result<std::optional<std::int64_t>> BlobSize(Connection& db, std::string_view sha256) {
  Statement rows = db.Query("SELECT size_bytes FROM blob WHERE sha256 = ?1");
  rows.BindText(1, sha256);
  LIMS_ASSIGN_OR_RETURN(const bool present, rows.Step());
  if (!present) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(rows.IntColumn(0));
}

Result<bool> HasBlob(Connection& db, std::string_view sha256) {
  Statement rows = db.Query("SELECT 1 FROM blob WHERE sha256 = ?1");
  rows.BindText(1, sha256);
  return rows.Step();
}

Result<std::string> GetChunk(Connection& db, std::string_view sha256, int n) {
  Statement rows = db.Query("SELECT data FROM blob_chunk WHERE sha256 = ?1 AND n = ?2");
  rows.BindText(1, sha256).Bind(2, n);
  LIMS_ASSIGN_OR_RETURN(const bool present, rows.Step());
  if (!present) {
    return NotFound("part " + std::to_string(n) + " of the file with SHA-256 " +
                    std::string(sha256));
  }
  return std::string(rows.BlobColumn(0));
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

Result<bool> BeginUpload(Connection& db, std::string_view sha256, std::int64_t now_us) {
  LIMS_ASSIGN_OR_RETURN(const bool present, HasBlob(db, sha256));
  // A file that an event names has no row and gets none.
  Statement put = db.Query(present ? "UPDATE blob_upload SET begun_us = ?2 WHERE sha256 = ?1"
                                   : "INSERT INTO blob_upload (sha256, begun_us) VALUES (?1, ?2) "
                                     "ON CONFLICT DO UPDATE SET begun_us = excluded.begun_us");
  put.BindText(1, sha256).Bind(2, now_us);
  LIMS_RETURN_IF_ERROR(put.Run());
  return present;
}

Result<void> KeepBlob(Connection& db, std::string_view sha256) {
  Statement keep = db.Query("DELETE FROM blob_upload WHERE sha256 = ?1");
  keep.BindText(1, sha256);
  return keep.Run();
}

Result<bool> RemoveAbandoned(Connection& db, std::int64_t begun_before_us) {
  std::string sha256;
  {
    Statement oldest =
        db.Query("SELECT sha256 FROM blob_upload WHERE begun_us < ?1 ORDER BY begun_us LIMIT 1");
    oldest.Bind(1, begun_before_us);
    LIMS_ASSIGN_OR_RETURN(const bool found, oldest.Step());
    if (!found) return false;
    sha256 = oldest.TextColumn(0);
  }
  // From the first step on the file is incomplete: no act can name it, and who uploads it again
  // begins with a new time and its first chunk.
  for (const char* sql : {"DELETE FROM blob WHERE sha256 = ?1",
                          "DELETE FROM blob_chunk WHERE sha256 = ?1 AND n IN "
                          "(SELECT n FROM blob_chunk WHERE sha256 = ?1 LIMIT 16)",
                          "DELETE FROM blob_upload WHERE sha256 = ?1 AND NOT EXISTS "
                          "(SELECT 1 FROM blob_chunk WHERE sha256 = ?1)"}) {
    Statement remove = db.Query(sql);
    remove.BindText(1, sha256);
    LIMS_RETURN_IF_ERROR(remove.Run());
  }
  return true;
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
  Statement rows =
      db.Query("SELECT password_hash, sealed_key, expires_us FROM credential WHERE user_id = ?1");
  rows.BindText(1, user_id);
  LIMS_ASSIGN_OR_RETURN(const bool found, rows.Step());
  if (!found) return std::optional<Credential>();
  return std::optional<Credential>(Credential{std::string(user_id), std::string(rows.TextColumn(0)),
                                              std::string(rows.BlobColumn(1)), rows.IntColumn(2)});
}

std::string CredentialDigest(const Credential& credential) {
  // Every field with its length, so that no two rows share a digest.
  std::string bytes;
  for (const std::string& field : {credential.user_id, credential.password_hash,
                                   credential.sealed_key, std::to_string(credential.expires_us)}) {
    bytes += std::to_string(field.size()) + ":" + field;
  }
  return HexEncode(Sha256(bytes));
}

}  // namespace lims::storage
