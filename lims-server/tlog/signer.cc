#include "tlog/signer.h"

#include <utility>

#include "tlog/merkle.h"
#include "tlog/note.h"

namespace lims::tlog {

Signer::Signer(SigningKey key, std::string origin, std::uint64_t last_size, const Hash& last_root)
    : key_(std::move(key)), last_{std::move(origin), last_size, last_root} {}

Result<std::string> Signer::Sign(std::uint64_t old_size, const Checkpoint& next,
                                 const std::vector<Hash>& consistency_proof) {
  if (next.origin != last_.origin) {
    return MakeError(ErrorReason::kDataLoss,
                     "asked to sign for the log " + next.origin + ", not " + last_.origin);
  }
  if (old_size != last_.size) {
    return MakeError(ErrorReason::kDataLoss, "the size signed last is " +
                                                 std::to_string(last_.size) + ", not " +
                                                 std::to_string(old_size));
  }
  if (!VerifyConsistency(last_.size, last_.root, next.size, next.root, consistency_proof)) {
    return MakeError(ErrorReason::kDataLoss, "the log of size " + std::to_string(next.size) +
                                                 " does not extend the one of size " +
                                                 std::to_string(last_.size) +
                                                 " that was signed last");
  }
  std::string text = FormatCheckpoint(next);
  NoteSignature signature = SignNote(next.origin, key_, text);
  last_ = next;
  return FormatNote({std::move(text), {std::move(signature)}});
}

}  // namespace lims::tlog
