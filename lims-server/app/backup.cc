#include "app/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "app/backup_manifest.h"
#include "app/build.h"
#include "app/checkpoint_file.h"
#include "app/files.h"
#include "app/notices.h"
#include "app/site.h"
#include "base/encoding.h"
#include "storage/log.h"
#include "tlog/checkpoint.h"

namespace lims::app {
namespace {

namespace fs = std::filesystem;
using storage::Connection;
using storage::OpenMode;
using tlog::FindingKind;

constexpr char kDatabase[] = "server/lims.db";
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
// The server signs within milliseconds of a commit, also on a slow disk.
constexpr std::chrono::milliseconds kSignatureWait{5000};

Error IoError(const std::string& what, const std::string& path) {
  return MakeError(ErrorReason::kUnavailable,
                   "cannot " + what + " " + path + ": " + strerror(errno));
}

Result<void> RequireEmpty(const std::string& option, const std::string& path) {
  std::error_code code;
  if (fs::exists(path, code) && !(fs::is_directory(path, code) && fs::is_empty(path, code))) {
    return MakeError(ErrorReason::kAlreadyExists,
                     option + " " + path + " is not empty: name a new or empty folder");
  }
  return {};
}

// A descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Size and hash of a file, and its bytes in a new private one when `target` is given.
Result<BackupFile> ReadThrough(const std::string& path, const std::string& target) {
  const File from(path, O_RDONLY);
  if (from.fd() < 0) return IoError("read", path);
  std::unique_ptr<File> to;
  if (!target.empty()) {
    to = std::make_unique<File>(target, O_WRONLY | O_CREAT | O_EXCL);
    if (to->fd() < 0) return IoError("make", target);
  }
  BackupFile file;
  Sha256Stream hash;
  const auto block = std::make_unique<char[]>(kBlockBytes);
  for (;;) {
    const ssize_t got = ::read(from.fd(), block.get(), kBlockBytes);
    if (got < 0) return IoError("read", path);
    if (got == 0) break;
    hash.Update({block.get(), static_cast<std::size_t>(got)});
    file.bytes += got;
    if (to && ::write(to->fd(), block.get(), static_cast<std::size_t>(got)) != got) {
      return IoError("write", target);
    }
  }
  if (to && ::fsync(to->fd()) != 0) return IoError("write", target);
  file.sha256 = hash.Finish();
  return file;
}

Result<tlog::VerifierKey> LogKey(const std::string& site_dir) {
  LIMS_ASSIGN_OR_RETURN(std::string vkey, ReadFile(SitePaths(site_dir).client + "/vkey"));
  vkey.erase(vkey.find_last_not_of('\n') + 1);
  return tlog::ParseVkey(vkey);
}

// Copies the database and fills size, root, proof and checkpoint.
Result<void> CopyLog(const SitePaths& paths, const tlog::VerifierKey& key,
                     const std::string& target, BackupManifest* manifest) {
  const std::string database = storage::DatabasePath(paths.server);
  {
    LIMS_ASSIGN_OR_RETURN(const auto db, Connection::Open(database, OpenMode::kSnapshot));
    LIMS_RETURN_IF_ERROR(db->Execute("BEGIN"));
    LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(*db));
    manifest->size = static_cast<std::uint64_t>(size);
    LIMS_ASSIGN_OR_RETURN(manifest->root, tlog::RootAt(manifest->size, storage::Nodes(*db)));
    LIMS_RETURN_IF_ERROR(db->CopyTo(target));
  }
  LIMS_ASSIGN_OR_RETURN(auto covering, ReadCheckpointFile(storage::CheckpointPath(paths.server),
                                                          key, manifest->size, kSignatureWait));
  manifest->checkpoint = std::move(covering.note);
  LIMS_ASSIGN_OR_RETURN(const auto now, Connection::Open(database, OpenMode::kSnapshot));
  LIMS_ASSIGN_OR_RETURN(
      manifest->proof,
      tlog::ConsistencyProof(manifest->size, covering.checkpoint.size, storage::Nodes(*now)));
  return {};
}

void AddFinding(VerifyReport* report, FindingKind kind, const std::string& file,
                const std::string& detail) {
  report->findings.push_back({kind, -1, file, detail});
}

// The log of this size and root is one that the server signed.
void CheckCovered(const BackupManifest& manifest, const tlog::VerifierKey& key,
                  VerifyReport* report) {
  const auto signed_later = tlog::OpenCheckpoint(manifest.checkpoint, key);
  if (!signed_later) {
    AddFinding(report, FindingKind::kCheckpointSignature, kManifestFile,
               signed_later.error().message);
  } else if (!tlog::VerifyConsistency(manifest.size, manifest.root, signed_later->size,
                                      signed_later->root, manifest.proof)) {
    AddFinding(report, FindingKind::kCheckpointInconsistent, kManifestFile,
               "the server's checkpoint of " + std::to_string(signed_later->size) +
                   " events does not extend the " + std::to_string(manifest.size) +
                   " of the backup");
  }
}

// Everything that can be found against a folder that looks like a site, and against the log in it
// being the manifest's.
Result<VerifyReport> CheckCopy(const std::string& site_dir, const std::string& checkpoint_file,
                               const BackupManifest& manifest) {
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, LogKey(site_dir));
  VerifyReport report;
  std::vector<tlog::Finding> structure;
  {
    LIMS_ASSIGN_OR_RETURN(
        const auto db,
        Connection::Open(storage::DatabasePath(SitePaths(site_dir).server), OpenMode::kSnapshot));
    LIMS_ASSIGN_OR_RETURN(const std::vector<std::string> problems, db->StructureProblems());
    for (const std::string& problem : problems) {
      structure.push_back({FindingKind::kFileAltered, -1, kDatabase, problem});
    }
  }
  LIMS_ASSIGN_OR_RETURN(report, VerifySite({site_dir, checkpoint_file, false}));
  report.findings.insert(report.findings.begin(), structure.begin(), structure.end());
  if (report.events != static_cast<std::int64_t>(manifest.size) ||
      report.root != HexEncode(manifest.root)) {
    AddFinding(&report,
               report.events < static_cast<std::int64_t>(manifest.size)
                   ? FindingKind::kLogTruncated
                   : FindingKind::kCheckpointInconsistent,
               kManifestFile,
               "names " + std::to_string(manifest.size) + " events, the log has " +
                   std::to_string(report.events));
  }
  CheckCovered(manifest, key, &report);
  return report;
}

Result<v1::Site> SiteRecord(const std::string& site_dir) {
  LIMS_ASSIGN_OR_RETURN(
      const auto db,
      Connection::Open(storage::DatabasePath(SitePaths(site_dir).server), OpenMode::kSnapshot));
  storage::Records records(*db);
  LIMS_ASSIGN_OR_RETURN(auto sites, records.List<v1::Site>({}));
  // What else would be found against it is found by the verification.
  return sites.empty() ? v1::Site() : std::move(sites[0].record);
}

// The keys are those of this log, of its signatures and of these certificates.
Result<void> CheckKeys(const std::string& site_dir, const tlog::VerifierKey& key, TimeUs now,
                       VerifyReport* report) {
  const SitePaths paths(site_dir);
  LIMS_ASSIGN_OR_RETURN(const v1::Site site, SiteRecord(site_dir));
  const auto log_key = ReadSigningKey(paths.log_key);
  if (!log_key || log_key->public_key() != key.public_key) {
    AddFinding(report, FindingKind::kFileAltered, "keys/log.key", "is not the key of this log");
  }
  const auto signature_key = ReadSigningKey(paths.signature_key);
  if (!signature_key || !IsSignatureKey(site, signature_key->public_key())) {
    AddFinding(report, FindingKind::kFileAltered, "keys/signature.key",
               "is not the key that this site's signatures name");
  }
  KeyAndCertificate server;
  LIMS_ASSIGN_OR_RETURN(server.key_pem, ReadFile(paths.key));
  LIMS_ASSIGN_OR_RETURN(server.certificate_pem, ReadFile(paths.certificate));
  LIMS_ASSIGN_OR_RETURN(const std::string ca, ReadFile(paths.ca_certificate));
  // An old backup's certificate may have run out; that can be cured after the restore.
  const auto expires = CertificateNotAfter(server.certificate_pem);
  const TimeUs judged = expires ? std::min(now, *expires - 1'000'000) : now;
  if (const auto fits = CheckServerCertificate(server, ca, judged); !fits) {
    AddFinding(report, FindingKind::kFileAltered, "server/server.pem", WhatIsWrong(fits.error()));
  }
  return {};
}

// Copies every file of the manifest to its place in the new site.
Result<void> CopyFiles(const RestoreOptions& options, const BackupManifest& manifest,
                       const std::string& site_dir, VerifyReport* report) {
  for (const SiteFile& each : BackedUpFiles()) {
    const auto named =
        std::find_if(manifest.files.begin(), manifest.files.end(),
                     [&](const BackupFile& file) { return file.path == each.in_backup; });
    const std::string name(each.in_backup);
    if (named == manifest.files.end()) {
      AddFinding(report, FindingKind::kFileMissing, name, "the manifest does not name it");
      continue;
    }
    std::string path = options.from_dir + "/" + name;
    constexpr std::string_view kKeys = "keys/";
    if (!options.keys_dir.empty() && name.starts_with(kKeys)) {
      path = options.keys_dir + "/" + name.substr(kKeys.size());
    }
    if (!fs::exists(path)) {
      AddFinding(report, FindingKind::kFileMissing, name,
                 name.starts_with(kKeys) ? "not there: name the folder of the keys with --keys"
                                         : "not there: take another copy of the backup");
      continue;
    }
    LIMS_ASSIGN_OR_RETURN(const BackupFile copied,
                          ReadThrough(path, site_dir + "/" + std::string(each.in_site)));
    if (copied.sha256 != named->sha256) {
      AddFinding(report, FindingKind::kFileAltered, name,
                 copied.bytes == named->bytes
                     ? "does not have the hash of the manifest"
                     : "has " + std::to_string(copied.bytes) + " bytes, the manifest names " +
                           std::to_string(named->bytes));
    }
  }
  return {};
}

Result<void> FlushFolder(const std::string& path) {
  const File folder(path, O_RDONLY | O_DIRECTORY);
  if (folder.fd() < 0 || ::fsync(folder.fd()) != 0) return IoError("flush", path);
  return {};
}

// Builds the site in `staging`; what is there counts only when nothing was found.
Result<VerifyReport> FillStaging(const RestoreOptions& options, const BackupManifest& manifest,
                                 const std::string& staging, TimeUs now) {
  for (const char* folder : {"", "/server", "/client", "/client/sessions", "/client/outbox"}) {
    LIMS_RETURN_IF_ERROR(MakePrivateFolder(staging + folder));
  }
  VerifyReport report;
  LIMS_RETURN_IF_ERROR(CopyFiles(options, manifest, staging, &report));
  if (!report.findings.empty()) return report;
  LIMS_ASSIGN_OR_RETURN(report, CheckCopy(staging, options.checkpoint_file, manifest));
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, LogKey(staging));
  LIMS_RETURN_IF_ERROR(CheckKeys(staging, key, now, &report));
  return report;
}

}  // namespace

Result<VerifyReport> BackUpSite(const BackupOptions& options, const Clock& clock) {
  const SitePaths paths(options.site_dir);
  if (!fs::exists(storage::DatabasePath(paths.server))) {
    return MakeError(ErrorReason::kNotFound, options.site_dir + " has no site");
  }
  LIMS_RETURN_IF_ERROR(RequireEmpty("--out", options.out_dir));
  for (const char* folder : {"", "/server", "/client", "/keys"}) {
    LIMS_RETURN_IF_ERROR(MakePrivateFolder(options.out_dir + folder));
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, LogKey(options.site_dir));
  BackupManifest manifest;
  manifest.made = FormatUtc(clock.Now());
  manifest.build = BuildName();
  // Before the log: what was signed by then is in it.
  LIMS_ASSIGN_OR_RETURN(
      const auto signed_before,
      ReadCheckpointFile(storage::CheckpointPath(paths.server), key, 0, kSignatureWait));
  LIMS_RETURN_IF_ERROR(CopyLog(paths, key, options.out_dir + "/" + kDatabase, &manifest));
  for (const SiteFile& file : BackedUpFiles()) {
    const std::string target = options.out_dir + "/" + std::string(file.in_backup);
    if (target == options.out_dir + "/server/checkpoint") {
      LIMS_RETURN_IF_ERROR(WriteFile(target, signed_before.note));
    } else if (file.in_backup != kDatabase) {
      LIMS_RETURN_IF_ERROR(ReadThrough(options.site_dir + "/" + std::string(file.in_site), target));
    }
    LIMS_ASSIGN_OR_RETURN(BackupFile copied, ReadThrough(target, ""));
    copied.path = file.in_backup;
    manifest.files.push_back(std::move(copied));
  }
  LIMS_ASSIGN_OR_RETURN(VerifyReport report, CheckCopy(options.out_dir, "", manifest));
  if (!report.findings.empty()) return report;
  LIMS_RETURN_IF_ERROR(WriteFile(options.out_dir + "/" + kManifestFile, FormatManifest(manifest)));
  LIMS_RETURN_IF_ERROR(LeaveNotice(options.site_dir, v1::ACT_BACK_UP,
                                   {{"made", manifest.made},
                                    {"events", std::to_string(manifest.size)},
                                    {"root", HexEncode(manifest.root)},
                                    {"files", std::to_string(manifest.files.size())}}));
  return report;
}

Result<VerifyReport> RestoreSite(RestoreOptions options, const Clock& clock) {
  while (options.site_dir.size() > 1 && options.site_dir.ends_with('/'))
    options.site_dir.pop_back();
  LIMS_RETURN_IF_ERROR(RequireEmpty("--site", options.site_dir));
  const auto text = ReadFile(options.from_dir + "/" + kManifestFile);
  if (!text) {
    return MakeError(ErrorReason::kNotFound, options.from_dir + " has no " + kManifestFile +
                                                 ": it is no backup, or one that was not finished");
  }
  LIMS_ASSIGN_OR_RETURN(const BackupManifest manifest, ParseManifest(*text));
  const std::string parent = fs::absolute(options.site_dir).parent_path().string();
  const std::string staging = options.site_dir + ".restoring";
  LIMS_RETURN_IF_ERROR(RequireEmpty("--site", staging));
  auto report = FillStaging(options, manifest, staging, clock.Now());
  std::error_code code;
  if (!report || !report->findings.empty()) {
    fs::remove_all(staging, code);
    return report;
  }
  LIMS_RETURN_IF_ERROR(LeaveNotice(staging, v1::ACT_RESTORE,
                                   {{"made", manifest.made},
                                    {"build", manifest.build},
                                    {"events", std::to_string(manifest.size)},
                                    {"root", HexEncode(manifest.root)}}));
  for (const char* folder : {"/server", "/client", ""}) {
    LIMS_RETURN_IF_ERROR(FlushFolder(staging + folder));
  }
  fs::remove(options.site_dir, code);
  fs::rename(staging, options.site_dir, code);
  if (code) {
    return MakeError(ErrorReason::kUnavailable, options.site_dir + ": " + code.message());
  }
  LIMS_RETURN_IF_ERROR(FlushFolder(parent));
  return report;
}

}  // namespace lims::app
