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

  // Compares the server's log with the one seen before and remembers the larger checkpoint. A
  // terminal that has no verifier key yet takes the server's, which TLS has authenticated.
  // VERIFICATION_FAILED when the log became shorter, was changed or has another key. A server that
  // gives no answer proves nothing and is no error.
  Result<void> Reconcile(const AskCheckpoint& ask) const;

  // Checks that the receipt's checkpoint is signed by the log, is large enough to cover the act's
  // events, and is no other log than the one seen: it becomes part of what is remembered. It does
  // not check that the events at these indices are the act: a server that lies about that is found
  // with `lims audit prove` or a bundle, whose checkpoints are compared with the remembered one.
  // VERIFICATION_FAILED as above.
  Result<void> Check(const v1::Receipt& receipt, const AskCheckpoint& ask) const;

 private:
  struct Seen {
    std::optional<tlog::VerifierKey> key;
    tlog::Checkpoint checkpoint;  // size 0 when nothing was seen
  };
  Result<Seen> Load() const;
  Result<void> KeepLarger(const tlog::Checkpoint& checkpoint, const std::string& note) const;

  Site site_;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_RECEIPTS_H_
