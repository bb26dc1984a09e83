// C2SP checkpoints (c2sp.org/tlog-checkpoint): the signed statement of a log's size and root.
#ifndef LIMS_TLOG_CHECKPOINT_H_
#define LIMS_TLOG_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/sha256.h"
#include "tlog/note.h"

namespace lims::tlog {

struct Checkpoint {
  std::string origin;  // names the log; also the name of its key
  std::uint64_t size = 0;
  Hash root{};

  bool operator==(const Checkpoint&) const = default;
};

// The text to be signed: three lines, the last with its LF.
std::string FormatCheckpoint(const Checkpoint& checkpoint);
// Reads exactly what FormatCheckpoint() writes: no leading zero, no extension line.
Result<Checkpoint> ParseCheckpoint(std::string_view text);

// Reads a signed checkpoint, with blank line and signatures, that the log of this key issued.
// INVALID_ARGUMENT when the form is wrong, VERIFICATION_FAILED when signature or origin is.
Result<Checkpoint> OpenCheckpoint(std::string_view note_bytes, const VerifierKey& key);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_CHECKPOINT_H_
