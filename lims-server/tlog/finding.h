// What a verification can find: one closed list for the site's own verification and for bundles.
#ifndef LIMS_TLOG_FINDING_H_
#define LIMS_TLOG_FINDING_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace lims::tlog {

enum class FindingKind {
  kEntryAltered,            // an event's bytes do not have the hash that the log keeps
  kEntryMissing,            // an index or position of the log has no event
  kEntryMisplaced,          // an event stands where its own words say it does not
  kEventMalformed,          // an event cannot be read, or says what no server writes
  kChainBroken,             // an event's prev is not the stream's previous event
  kNotIncluded,             // an inclusion proof does not lead to the checkpoint
  kNodeAltered,             // a stored tree node is not what its leaves give
  kLogTruncated,            // the log is shorter than a checkpoint of it
  kCheckpointInconsistent,  // the log does not extend a checkpoint of it
  kCheckpointSignature,     // a checkpoint is not signed by the log's key
  kRecordAltered,           // a row differs from the replay of the log
  kRecordMissing,           // the replay gives a row that is not there
  kRecordUnlogged,          // a row is there that no event made
  kRequestAltered,          // the table of request ids differs from the log
  kStreamAltered,           // the table of streams differs from the log
  kStreamIncomplete,        // a stream does not start at 0 or has a gap
  kStreamMissing,           // a stream that a record names is not in the bundle
  kHeadMismatch,            // a stream does not end where the export says that it does
  kBlobMissing,             // a file that an event names is not there
  kBlobAltered,             // a file's bytes do not have its hash
  kCredentialAltered,       // a credential is not the one that the log names
  kSignatureInvalid,        // a signature does not verify
  kManifestMismatch,        // a signed manifest is not the one that the signature covers
  kResultNotReproduced,     // a result calculated again differs
  kFileUnexpected,          // a bundle has a file that nothing names
  kFileMissing,             // a backup lacks a file that it names
  kFileAltered,             // a file of a backup is not what was backed up
};

struct Finding {
  FindingKind kind = FindingKind::kEventMalformed;
  std::int64_t index = -1;  // log index, -1 when it concerns none
  std::string stream;       // or table, or file
  std::string detail;
};

// "ENTRY_ALTERED".
std::string_view FindingName(FindingKind kind);

// {"finding":…,"index":…,"stream":…,"detail":…}
std::string FindingJson(const Finding& finding);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_FINDING_H_
