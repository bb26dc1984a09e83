#include "core/receipts.h"

#include <vector>

#include "base/encoding.h"
#include "core/files.h"
#include "tlog/merkle.h"

namespace lims::client {
namespace {

constexpr int kMaxQuestions = 8;  // of one comparison

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

Result<std::optional<Receipts::Newest>> Receipts::AskNewest(
    const std::optional<tlog::VerifierKey>& key, const tlog::Checkpoint& old,
    const AskCheckpoint& ask) const {
  const Result<v1::GetCheckpointResponse> reply = ask(static_cast<std::int64_t>(old.size));
  if (!reply) {
    // The question itself is well-formed: only a log that is shorter makes it wrong.
    if (old.size > 0 && reply.error().reason == ErrorReason::kInvalidArgument) {
      return Failed("the server's log is shorter than the " + Size(old) +
                    " events that this terminal has seen: " + reply.error().message);
    }
    return std::optional<Newest>();
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::VerifierKey named, tlog::ParseVkey(reply->vkey()));
  if (!key) {
    LIMS_RETURN_IF_ERROR(site_.WriteVkey(reply->vkey()));
  } else if (key->name != named.name || key->public_key != named.public_key) {
    return Failed("the server's log has the key " + reply->vkey() +
                  ", not the one that this terminal knows");
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint newest, Open(reply->checkpoint(), named));
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
  return std::optional(Newest{newest, reply->checkpoint()});
}

// Nothing when a neighbour has remembered more since: the proof does not start from there.
Result<void> Receipts::Replace(const tlog::Checkpoint& old, const std::string& note) const {
  const FileLock lock(site_.lock_file());
  LIMS_ASSIGN_OR_RETURN(const Seen seen, Load());
  if (seen.checkpoint.size != old.size) return {};
  return site_.WriteCheckpoint(note);
}

Result<bool> Receipts::Advance(const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(const Seen seen, Load());
  LIMS_ASSIGN_OR_RETURN(const auto newest, AskNewest(seen.key, seen.checkpoint, ask));
  if (!newest) return false;
  if (newest->checkpoint.size > seen.checkpoint.size) {
    LIMS_RETURN_IF_ERROR(Replace(seen.checkpoint, newest->note));
  }
  return true;
}

Result<bool> Receipts::IsSameLog(const std::string& note, const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(Seen seen, Load());
  if (!seen.key) {
    LIMS_ASSIGN_OR_RETURN(const bool answered, Advance(ask));
    if (!answered) return false;
    LIMS_ASSIGN_OR_RETURN(seen, Load());
  }
  LIMS_ASSIGN_OR_RETURN(tlog::Checkpoint grown, Open(note, *seen.key));
  // The smaller one grows, by proof, until both have one size: not at the first question when
  // others write meanwhile.
  for (int question = 0; grown.size != seen.checkpoint.size; ++question) {
    if (question == kMaxQuestions) return false;
    if (grown.size < seen.checkpoint.size) {
      LIMS_ASSIGN_OR_RETURN(const auto newest, AskNewest(seen.key, grown, ask));
      if (!newest) return false;
      grown = newest->checkpoint;
    } else {
      LIMS_ASSIGN_OR_RETURN(const bool answered, Advance(ask));
      if (!answered) return false;
      LIMS_ASSIGN_OR_RETURN(seen, Load());
    }
  }
  if (grown.root != seen.checkpoint.root) {
    return Failed("two different logs of size " + Size(grown) + " were signed");
  }
  return true;
}

Result<void> Receipts::CompareKept(const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(const std::vector<std::string> kept, site_.ReadUncompared());
  for (const std::string& note : kept) {
    LIMS_ASSIGN_OR_RETURN(const bool compared, IsSameLog(note, ask));
    if (!compared) return {};
    LIMS_RETURN_IF_ERROR(site_.RemoveUncompared(note));
  }
  return {};
}

Result<void> Receipts::Reconcile(const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(const bool answered, Advance(ask));
  return answered ? CompareKept(ask) : Result<void>();
}

Result<std::string> Receipts::Compare(const std::string& note, const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(const bool compared, IsSameLog(note, ask));
  if (compared) {
    LIMS_RETURN_IF_ERROR(CompareKept(ask));
  } else {
    LIMS_RETURN_IF_ERROR(site_.KeepUncompared(note));
  }
  LIMS_ASSIGN_OR_RETURN(const std::vector<std::string> kept, site_.ReadUncompared());
  if (kept.empty()) return std::string();
  return "not yet compared with the log that this terminal has seen: " +
         std::to_string(kept.size()) + (kept.size() == 1 ? " checkpoint" : " checkpoints") +
         " of the server's answers, kept for the next log-in or act; call quality assurance when "
         "this stays";
}

Result<std::string> Receipts::Check(const v1::Receipt& receipt, const AskCheckpoint& ask) const {
  LIMS_ASSIGN_OR_RETURN(std::string uncompared, Compare(receipt.checkpoint(), ask));
  LIMS_ASSIGN_OR_RETURN(const Seen seen, Load());
  if (!seen.key) return uncompared;  // the server has not named its key: nothing to check with
  LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint checkpoint, Open(receipt.checkpoint(), *seen.key));
  const std::int64_t end = receipt.log_index() + receipt.event_count();
  if (receipt.log_index() < 0 || end <= 0 || checkpoint.size < static_cast<std::uint64_t>(end)) {
    return Failed("the receipt's checkpoint of size " + Size(checkpoint) +
                  " does not cover the act at index " + std::to_string(receipt.log_index()));
  }
  return uncompared;
}

}  // namespace lims::client
