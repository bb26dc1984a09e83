// The signer's last checkpoint as another process reads it while the server may be writing it.
#ifndef LIMS_APP_CHECKPOINT_FILE_H_
#define LIMS_APP_CHECKPOINT_FILE_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "tlog/checkpoint.h"

namespace lims::app {

struct SignedCheckpoint {
  std::string note;
  tlog::Checkpoint checkpoint;
};

// The checkpoint in the file, at least of this size: a moment after the commit it is there. A note
// that does not open was read while it was written, so it is read again for that long; then it is
// INVALID_ARGUMENT, one that stays smaller WRONG_STATE.
Result<SignedCheckpoint> ReadCheckpointFile(const std::string& path, const tlog::VerifierKey& key,
                                            std::uint64_t size, std::chrono::milliseconds patience);

}  // namespace lims::app

#endif  // LIMS_APP_CHECKPOINT_FILE_H_
