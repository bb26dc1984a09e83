#include "tlog/finding.h"

#include "base/json.h"

namespace lims::tlog {

std::string_view FindingName(FindingKind kind) {
  switch (kind) {
    case FindingKind::kEntryAltered:
      return "ENTRY_ALTERED";
    case FindingKind::kEntryMissing:
      return "ENTRY_MISSING";
    case FindingKind::kEntryMisplaced:
      return "ENTRY_MISPLACED";
    case FindingKind::kEventMalformed:
      return "EVENT_MALFORMED";
    case FindingKind::kChainBroken:
      return "CHAIN_BROKEN";
    case FindingKind::kNotIncluded:
      return "NOT_INCLUDED";
    case FindingKind::kNodeAltered:
      return "NODE_ALTERED";
    case FindingKind::kLogTruncated:
      return "LOG_TRUNCATED";
    case FindingKind::kCheckpointInconsistent:
      return "CHECKPOINT_INCONSISTENT";
    case FindingKind::kCheckpointSignature:
      return "CHECKPOINT_SIGNATURE";
    case FindingKind::kRecordAltered:
      return "RECORD_ALTERED";
    case FindingKind::kRecordMissing:
      return "RECORD_MISSING";
    case FindingKind::kRecordUnlogged:
      return "RECORD_UNLOGGED";
    case FindingKind::kRequestAltered:
      return "REQUEST_ALTERED";
    case FindingKind::kStreamAltered:
      return "STREAM_ALTERED";
    case FindingKind::kStreamIncomplete:
      return "STREAM_INCOMPLETE";
    case FindingKind::kStreamMissing:
      return "STREAM_MISSING";
    case FindingKind::kHeadMismatch:
      return "HEAD_MISMATCH";
    case FindingKind::kBlobMissing:
      return "BLOB_MISSING";
    case FindingKind::kBlobAltered:
      return "BLOB_ALTERED";
    case FindingKind::kCredentialAltered:
      return "CREDENTIAL_ALTERED";
    case FindingKind::kSignatureInvalid:
      return "SIGNATURE_INVALID";
    case FindingKind::kManifestMismatch:
      return "MANIFEST_MISMATCH";
    case FindingKind::kResultNotReproduced:
      return "RESULT_NOT_REPRODUCED";
    case FindingKind::kFileUnexpected:
      return "FILE_UNEXPECTED";
    case FindingKind::kFileMissing:
      return "FILE_MISSING";
    case FindingKind::kFileAltered:
      return "FILE_ALTERED";
  }
  return "";
}

std::string FindingJson(const Finding& finding) {
  std::string json = "{\"finding\":\"" + std::string(FindingName(finding.kind)) +
                     "\",\"index\":" + std::to_string(finding.index) + ",\"stream\":";
  AppendJsonString(json, finding.stream);
  json += ",\"detail\":";
  AppendJsonString(json, finding.detail);
  return json + "}";
}

}  // namespace lims::tlog
