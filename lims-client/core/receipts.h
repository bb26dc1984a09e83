// The terminal's memory of the log: what it has seen once must stay a prefix of all it sees later.
#ifndef LIMS_CLIENT_CORE_RECEIPTS_H_
#define LIMS_CLIENT_CORE_RECEIPTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "core/site.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/common.pb.h"
#include "tlog/checkpoint.h"

namespace lims::client {

// Asks the server for its newest checkpoint and the proof that it extends the one of this size.
using AskCheckpoint = std::function<Result<v1::GetCheckpointResponse>(std::int64_t old_size)>;

class Receipts {
 public:
  explicit Receipts(Site site) : site_(std::move(site)) {}

  // Compares the server's log with the one seen before and remembers the larger checkpoint, then
  // compares the checkpoints that were kept. A terminal that has no verifier key yet takes the
  // server's, which TLS has authenticated. VERIFICATION_FAILED when the log became shorter, was
  // changed or has another key. A server that gives no answer proves nothing and is no error.
  Result<void> Reconcile(const AskCheckpoint& ask) const;

  // Checks that a signed checkpoint, smaller or larger than the one remembered, is of the same log:
  // both are proven to grow into one. VERIFICATION_FAILED as above. A checkpoint for which the
  // server shows no proof now is kept and compared the next time; the text says so for the person,
  // and is empty when nothing is left to compare.
  Result<std::string> Compare(const std::string& note, const AskCheckpoint& ask) const;

  // Compares the receipt's checkpoint and checks that it is large enough to cover the act's events.
  // It does not check that the events at these indices are the act: a server that lies about that
  // is found with `lims audit prove`, whose checkpoint is compared like a receipt's, or with a
  // bundle that is exported and verified with the remembered checkpoint (`--checkpoint`).
  Result<std::string> Check(const v1::Receipt& receipt, const AskCheckpoint& ask) const;

 private:
  struct Seen {
    std::optional<tlog::VerifierKey> key;
    tlog::Checkpoint checkpoint;  // size 0 when nothing was seen
  };
  struct Newest {
    tlog::Checkpoint checkpoint;
    std::string note;
  };
  Result<Seen> Load() const;
  // The server's newest checkpoint, proven to extend `old`; nullopt when it gives no answer.
  Result<std::optional<Newest>> AskNewest(const std::optional<tlog::VerifierKey>& key,
                                          const tlog::Checkpoint& old,
                                          const AskCheckpoint& ask) const;
  // Remembers the server's newest checkpoint; false when it gives no answer.
  Result<bool> Advance(const AskCheckpoint& ask) const;
  Result<void> Replace(const tlog::Checkpoint& old, const std::string& note) const;
  // False when the server does not show it now.
  Result<bool> IsSameLog(const std::string& note, const AskCheckpoint& ask) const;
  Result<void> CompareKept(const AskCheckpoint& ask) const;

  Site site_;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_RECEIPTS_H_
