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

namespace lims::client {

// The closed list; names are contract.
enum class Finding {
  kCheckpointSignature,     // CHECKPOINT_SIGNATURE: a checkpoint that the log's key did not sign
  kCheckpointInconsistent,  // CHECKPOINT_INCONSISTENT: a checkpoint that is no prefix of the other
  kEntryAltered,            // ENTRY_ALTERED: bytes that do not have the leaf hash
  kEntryMissing,            // ENTRY_MISSING: an event that must be shown is not
  kEventMalformed,          // EVENT_MALFORMED: bytes that are no event
  kNotIncluded,             // NOT_INCLUDED: an event that is not proven to be in the log
  kChainBroken,             // CHAIN_BROKEN: place or predecessor of an event is not as listed
  kStreamIncomplete,        // STREAM_INCOMPLETE: fewer or more events than up to the head
  kHeadMismatch,            // HEAD_MISMATCH: the export names another last event of the lot
  kStreamMissing,           // STREAM_MISSING: a record names a stream that is not there
  kBlobMissing,             // BLOB_MISSING: a raw file or manifest is not there
  kBlobAltered,             // BLOB_ALTERED: it does not have its hash or size
  kSignatureInvalid,        // SIGNATURE_INVALID: an electronic signature does not hold
  kManifestMismatch,        // MANIFEST_MISMATCH: the bundle's own lists contradict each other
  kFileUnexpected,          // FILE_UNEXPECTED: a file that nothing names
};

std::string_view FindingName(Finding finding);

struct BundleFinding {
  Finding finding;
  std::int64_t index = -1;  // log index; -1 where there is none
  std::string stream;
  std::string detail;
};

struct VerifyOptions {
  std::optional<std::string> vkey = {};        // instead of the bundle's own
  std::optional<std::string> checkpoint = {};  // a signed checkpoint from elsewhere
};

struct BundleReport {
  std::vector<BundleFinding> findings;
  std::string lot;
  std::string vkey;  // that was verified with
  std::uint64_t log_size = 0;
  std::uint64_t earlier_size = 0;
  std::int64_t streams = 0;
  std::int64_t events = 0;
  std::int64_t redacted = 0;  // of the events
  std::int64_t signatures = 0;
  std::int64_t blobs = 0;
};

BundleReport VerifyBundle(const std::filesystem::path& folder, const VerifyOptions& options);

// {verified, lot, vkey, log_size, …, findings:[{finding, index, stream, detail}]}
nlohmann::ordered_json ReportJson(const BundleReport& report);
std::string RenderReport(const BundleReport& report);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_BUNDLE_VERIFIER_H_
