#include "core/receipts.h"

#include <vector>

#include "base/encoding.h"
#include "core/files.h"
#include "tlog/merkle.h"

namespace lims::client {
namespace {

Error Failed(const std::string& what) {
  return MakeError(ErrorReason::kVerificationFailed,
                   what + "; stop working here and call quality assurance");
}

std::string Size(const tlog::Checkpoint& checkpoint) {
  return std::to_string(checkpoint.size);
}

Result<tlog::Checkpoint> Open(const std::string& note, const tlog::VerifierKey& key) {
  Result<tlog::Checkpoint> checkpoint = tlog::OpenCheckpoint(note, key);
  if (!checkpoint) {
    return Failed("the checkpoint is not one of the log " + key.name + ": " +
                  checkpoint.error().message);
  }
  return checkpoint;
}

Result<std::vector<Hash>> ReadProof(const v1::GetCheckpointResponse& reply) {
  std::vector<Hash> proof;
  for (const std::string& line : reply.consistency_proof()) {
    const std::optional<Hash> hash = HashFromHex(line);
    if (!hash) return Failed("the server's consistency proof is malformed");
    proof.push_back(*hash);
  }
  return proof;
}

}  // namespace

Result<Receipts::Seen> Receipts::Load() const {
  Seen seen;
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> vkey, site_.ReadVkey());
  if (!vkey) return seen;
  LIMS_ASSIGN_OR_RETURN(seen.key, tlog::ParseVkey(*vkey));
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> note, site_.ReadCheckpoint());
  if (!note) return seen;
  LIMS_ASSIGN_OR_RETURN(seen.checkpoint, Open(*note, *seen.key));
  return seen;
}

Result<void> Receipts::KeepLarger(const tlog::Checkpoint& checkpoint,
                                  const std::string& note) const {
  const FileLock lock(site_.lock_file());
  LIMS_ASSIGN_OR_RETURN(const Seen seen, Load());
  if (checkpoint.size <= seen.checkpoint.size) return {};
  return site_.WriteCheckpoint(note);
}

Result<void> Receipts::Reconcile(const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(Seen seen, Load());
  const tlog::Checkpoint old = seen.checkpoint;
  const Result<v1::GetCheckpointResponse> reply = ask(static_cast<std::int64_t>(old.size));
  if (!reply) {
    // The question itself is well-formed: only a log that is shorter makes it wrong.
    if (old.size > 0 && reply.error().reason == ErrorReason::kInvalidArgument) {
      return Failed("the server's log is shorter than the " + Size(old) +
                    " events that this terminal has seen: " + reply.error().message);
    }
    return {};
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey key, tlog::ParseVkey(reply->vkey()));
  if (!seen.key) {
    LIMS_RETURN_IF_ERROR(site_.WriteVkey(reply->vkey()));
  } else if (seen.key->name != key.name || seen.key->public_key != key.public_key) {
    return Failed("the server's log has the key " + reply->vkey() +
                  ", not the one that this terminal knows");
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint newest, Open(reply->checkpoint(), key));
  if (newest.size < old.size) {
    return Failed("the server's log has " + Size(newest) + " events, this terminal has seen " +
                  Size(old));
  }
  LIMS_ASSIGN_OR_RETURN(const std::vector<Hash> proof, ReadProof(*reply));
  if (old.size > 0 &&
      !tlog::VerifyConsistency(old.size, old.root, newest.size, newest.root, proof)) {
    return Failed("the first " + Size(old) +
                  " events of the server's log are not those that this terminal has seen");
  }
  return KeepLarger(newest, reply->checkpoint());
}

Result<void> Receipts::Check(const v1::Receipt& receipt, const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(Seen seen, Load());
  if (!seen.key) {
    LIMS_RETURN_IF_ERROR(Reconcile(ask));
    LIMS_ASSIGN_OR_RETURN(seen, Load());
    if (!seen.key) return {};  // the server has not named its key: nothing to check with
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint checkpoint, Open(receipt.checkpoint(), *seen.key));
  const std::int64_t end = receipt.log_index() + receipt.event_count();
  if (receipt.log_index() < 0 || end <= 0 || checkpoint.size < static_cast<std::uint64_t>(end)) {
    return Failed("the receipt's checkpoint of size " + Size(checkpoint) +
                  " does not cover the act at index " + std::to_string(receipt.log_index()));
  }
  if (checkpoint.size > seen.checkpoint.size) {
    LIMS_RETURN_IF_ERROR(Reconcile(ask));
    LIMS_ASSIGN_OR_RETURN(seen, Load());
  }
  if (checkpoint.size == seen.checkpoint.size && checkpoint.root != seen.checkpoint.root) {
    return Failed("two different logs of size " + Size(checkpoint) + " were signed");
  }
  return {};
}

}  // namespace lims::client
