// Verification of a site from its files alone, while it is served or not: the log's hashes and
// root, the replay of the log against every row, files, credentials, signatures, results.
#ifndef LIMS_APP_VERIFY_H_
#define LIMS_APP_VERIFY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "tlog/finding.h"

namespace lims::app {

struct VerifyOptions {
  std::string site_dir;
  std::string checkpoint_file;  // empty for none
  bool recompute = false;
};

struct VerifyReport {
  std::int64_t events = 0;
  std::string root;  // hex
  std::int64_t rows = 0;
  std::int64_t blobs = 0;
  std::int64_t signatures = 0;
  std::int64_t results_recomputed = 0;
  double hash_seconds = 0;    // reading and hashing every event
  double replay_seconds = 0;  // replay and comparison
  std::vector<tlog::Finding> findings;
};

Result<VerifyReport> VerifySite(const VerifyOptions& options);

// One JSON document; findings as {finding, index, stream, detail}.
std::string FormatReport(const VerifyReport& report);

}  // namespace lims::app

#endif  // LIMS_APP_VERIFY_H_
