// Signs checkpoints and remembers the last one, so that nobody who owns the database alone can
// make the log shorter or different.
#ifndef LIMS_TLOG_SIGNER_H_
#define LIMS_TLOG_SIGNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/ed25519.h"
#include "base/result.h"
#include "base/sha256.h"
#include "tlog/checkpoint.h"

namespace lims::tlog {

// Signs with a key in this process. Not for concurrent use.
class Signer {
 public:
  // `origin` names the log and the key; size and root are those signed last, at first 0 and
  // EmptyRoot(). An origin that is no valid key name aborts at the first signature.
  Signer(SigningKey key, std::string origin, std::uint64_t last_size, const Hash& last_root);

  // Gives the complete signed note of `next`. `old_size` is the size last signed and
  // `consistency_proof` leads from it to `next`; signing the same checkpoint again is allowed.
  // DATA_LOSS, and nothing is signed, when `next` is not shown to extend what was signed last.
  Result<std::string> Sign(std::uint64_t old_size, const Checkpoint& next,
                           const std::vector<Hash>& consistency_proof);

 private:
  SigningKey key_;
  Checkpoint last_;
};

}  // namespace lims::tlog

#endif  // LIMS_TLOG_SIGNER_H_
