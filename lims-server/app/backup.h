// Copies of a site: made while it is served, verified before one is served again.
#ifndef LIMS_APP_BACKUP_H_
#define LIMS_APP_BACKUP_H_

#include <string>

#include "app/verify.h"
#include "base/clock.h"
#include "base/result.h"

namespace lims::app {

struct BackupOptions {
  std::string site_dir;
  std::string out_dir;  // new or empty
};

// Copies database, checkpoint, certificates and keys, then verifies the copy; the manifest comes
// last, so that what has none is no backup. The log is copied as it stood at one moment, and the
// manifest holds the server's own signature over it. `findings` of the report tell what is wrong
// with the copy, which is then no backup either.
Result<VerifyReport> BackUpSite(const BackupOptions& options, const Clock& clock);

struct RestoreOptions {
  std::string from_dir;
  std::string keys_dir;         // the private keys; empty for `from_dir`/keys
  std::string site_dir;         // new or empty
  std::string checkpoint_file;  // one kept elsewhere; empty for none
};

// Makes a site of a backup when nothing is found against it: each file has its hash, the whole
// verification of a site passes, the log is what the server signed, and it reaches the checkpoint
// that was kept elsewhere. Otherwise nothing is left in `site_dir`.
Result<VerifyReport> RestoreSite(RestoreOptions options, const Clock& clock);

}  // namespace lims::app

#endif  // LIMS_APP_BACKUP_H_
