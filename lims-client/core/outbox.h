// Requests that may not have reached the server. A write is kept here, on disk, from before it is
// sent until there is a definitive answer, so that a terminal loses nothing.
#ifndef LIMS_CLIENT_CORE_OUTBOX_H_
#define LIMS_CLIENT_CORE_OUTBOX_H_

#include <google/protobuf/message.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lims::client {

struct OutboxEntry {
  std::string request_id;
  std::string path;     // of the RPC: "/lims.v1.LotService/RegisterLot"
  std::string user;     // who acts
  std::string created;  // RFC 3339
  // Secret fields that stood in the request: they are not stored and must be given again.
  std::vector<std::string> needs;
  std::string request_json;
};

// The entry of a request that has its request_id, without passwords and codes.
OutboxEntry MakeOutboxEntry(const google::protobuf::Message& request, std::string_view user,
                            TimeUs now);
// The stored request; the fields in `needs` are empty. INVALID_ARGUMENT when it is damaged or its
// RPC is none that answers with a receipt.
Result<std::unique_ptr<google::protobuf::Message>> RestoreRequest(const OutboxEntry& entry);

// What people typed for it: "run submit", of a signature "result review"; the path where no one
// command stands for the request.
std::string CommandOf(const OutboxEntry& entry);

// Whether an answer ends the waiting. No answer of the server's own (core/status.h) and a full
// queue never do. Once an earlier try had no answer, neither does a refusal to listen at all
// (session, password): the server looks for the request id only after it knows the person.
bool IsDefinitive(const Error& error, bool tried_before);

class Outbox {
 public:
  explicit Outbox(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // On return the entry survives a power cut.
  Result<void> Store(const OutboxEntry& entry) const;
  // Whether this request waits here already. REQUEST_ID_REUSED when another one does under its id.
  Result<bool> Holds(const OutboxEntry& entry) const;
  Result<void> Remove(std::string_view request_id) const;
  // Oldest first. INVALID_ARGUMENT names a file that is no entry.
  Result<std::vector<OutboxEntry>> List() const;

 private:
  Result<std::filesystem::path> FileOf(std::string_view request_id) const;

  std::filesystem::path folder_;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_OUTBOX_H_
