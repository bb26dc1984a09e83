#include "tlog/checkpoint.h"

#include <optional>

#include "tlog/lines.h"

namespace lims::tlog {

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return checkpoint.origin + '\n' + std::to_string(checkpoint.size) + '\n' +
         FormatHash(checkpoint.root) + '\n';
}

Result<Checkpoint> ParseCheckpoint(std::string_view text) {
  const std::optional<std::string_view> origin = TakeLine(&text);
  const std::optional<std::string_view> size_line = TakeLine(&text);
  const std::optional<std::string_view> root_line = TakeLine(&text);
  if (!root_line || !text.empty()) {
    return InvalidArgument("checkpoint", "not the three lines origin, size and root");
  }
  if (!IsValidKeyName(*origin)) {
    return InvalidArgument("checkpoint", "line 1 is no valid name of a log");
  }
  const std::optional<std::uint64_t> size = ParseNumber(*size_line);
  if (!size) return InvalidArgument("checkpoint", "line 2 is no tree size");
  const std::optional<Hash> root = ParseHash(*root_line);
  if (!root) return InvalidArgument("checkpoint", "line 3 is no base64 of a root hash");
  return Checkpoint{std::string(*origin), *size, *root};
}

Result<Checkpoint> OpenCheckpoint(std::string_view note_bytes, const VerifierKey& key) {
  LIMS_ASSIGN_OR_RETURN(const Note note, ParseNote(note_bytes));
  if (!VerifyNote(note, key)) {
    return MakeError(ErrorReason::kVerificationFailed,
                     "the checkpoint has no right signature of " + key.name);
  }
  LIMS_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(note.text));
  if (checkpoint.origin != key.name) {
    return MakeError(ErrorReason::kVerificationFailed,
                     "the checkpoint is of the log " + checkpoint.origin + ", not " + key.name);
  }
  return checkpoint;
}

}  // namespace lims::tlog
