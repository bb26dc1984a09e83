// C2SP tlog-proof texts (c2sp.org/tlog-proof): one file that proves that an entry is in a log.
#ifndef LIMS_TLOG_PROOF_H_
#define LIMS_TLOG_PROOF_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "tlog/checkpoint.h"
#include "tlog/note.h"

namespace lims::tlog {

struct TlogProof {
  std::uint64_t index = 0;
  std::vector<Hash> hashes;  // the inclusion proof, the leaf's sibling first
  std::string checkpoint;    // the signed note, verbatim
};

std::string FormatTlogProof(const TlogProof& proof);
// Reads exactly what FormatTlogProof() writes; an `extra` line is refused. Verifies nothing.
Result<TlogProof> ParseTlogProof(std::string_view text);

// Gives the checkpoint when its signature is right and the log it speaks of holds `leaf` at the
// proof's index; otherwise an error of OpenCheckpoint() or VERIFICATION_FAILED.
Result<Checkpoint> VerifyTlogProof(const TlogProof& proof, const Hash& leaf,
                                   const VerifierKey& key);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_PROOF_H_
