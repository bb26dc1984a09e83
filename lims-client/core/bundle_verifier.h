// Verifies an export bundle offline: no server, no account, nothing but the files and, better, a
// key and a checkpoint that came another way.
#ifndef LIMS_CLIENT_CORE_BUNDLE_VERIFIER_H_
#define LIMS_CLIENT_CORE_BUNDLE_VERIFIER_H_

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lims/v1/event.pb.h"
#include "tlog/finding.h"

namespace lims::client {

struct VerifyOptions {
  std::optional<std::string> vkey = {};        // instead of the bundle's own
  std::optional<std::string> checkpoint = {};  // a signed checkpoint from elsewhere
};

struct BundleReport {
  std::vector<tlog::Finding> findings;
  std::string lot;
  std::string vkey;  // that was verified with
  std::uint64_t log_size = 0;
  std::uint64_t earlier_size = 0;
  std::optional<v1::Event> exported;  // the export
  // The export names the head of every stream, so that a cut would show; one of an earlier version
  // names the lot's own only.
  bool names_heads = false;
  bool compared = false;  // with a checkpoint from elsewhere
  // The size of one that the bundle has no proof from: older, or newer than the bundle.
  std::optional<std::uint64_t> not_covered = {};
  std::int64_t streams = 0;
  std::int64_t events = 0;
  std::int64_t redacted = 0;  // of the events
  std::int64_t signatures = 0;
  std::int64_t blobs = 0;
  std::int64_t sealed = 0;  // first entries that wait for the second and are left out until then
};

BundleReport VerifyBundle(const std::filesystem::path& folder, const VerifyOptions& options);

// {verified, lot, vkey, log_size, …, export, checkpoint_compared, checkpoint_not_covered,
// every_stream_complete, findings:[{finding, index, stream, detail}]}
nlohmann::ordered_json ReportJson(const BundleReport& report);
std::string RenderReport(const BundleReport& report);

// Of the program, as of deploy/verify-bundle.sh: 0 all hold; 5 something was found; 6 what is there
// holds, but the export does not say where every stream ends, or the checkpoint from elsewhere
// could not be compared.
int ExitCode(const BundleReport& report);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_BUNDLE_VERIFIER_H_
