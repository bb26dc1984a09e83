// What every command acts through: the terminal's files, the connection, the acting user. A write
// goes through the outbox; every receipt is checked.
#ifndef LIMS_CLIENT_CORE_CLIENT_H_
#define LIMS_CLIENT_CORE_CLIENT_H_

#include <google/protobuf/message.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/call.h"
#include "core/outbox.h"
#include "core/receipts.h"
#include "core/site.h"
#include "core/transfer.h"
#include "core/watch.h"
#include "lims/v1/access_service.pb.h"

namespace lims::client {

class Client {
 public:
  struct Options {
    std::filesystem::path site;
    std::string user;        // empty for whoever logged in last
    std::string request_id;  // empty for a new one with each write
    // Takes what a person should know of a call that went well.
    std::function<void(const std::string&)> warn = {};
  };

  // INVALID_ARGUMENT when the site folder is not that of an enrolled terminal.
  static Result<Client> Open(Options options);

  // Who acts.
  Result<std::string> User() const;

  // Opens a session, keeps its token and compares the server's log with what was seen before.
  Result<v1::LogInResponse> LogIn(const std::string& password);
  // Forgets the session, whatever the server answers.
  Result<void> LogOut();

  // A call of the acting user. Looks are recorded and have a receipt, other reads have none.
  template <typename Response>
  Result<Response> Read(const google::protobuf::Message& request,
                        std::chrono::seconds deadline = kDeadline) const {
    LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
    LIMS_ASSIGN_OR_RETURN(Response response, Call<Response>(channel_, session, request, deadline));
    LIMS_RETURN_IF_ERROR(CheckReceipt(response, session));
    return response;
  }

  // A write of the acting user: sets request_id, keeps the request until it is answered, checks the
  // receipt. A request that got no answer stays in the outbox; the message says so.
  template <typename Response, typename Request>
  Result<Response> Write(Request request, std::chrono::seconds deadline = kDeadline) {
    LIMS_ASSIGN_OR_RETURN(*request.mutable_request_id(), NextRequestId());
    Response response;
    LIMS_RETURN_IF_ERROR(Send(request, &response, deadline));
    return response;
  }

  // Sends an entry of the outbox again; `secrets` gives the value of each field that it needs.
  using SecretSource = std::function<Result<std::string>(const std::string& field)>;
  Result<v1::Receipt> Resend(const OutboxEntry& entry, const SecretSource& secrets);

  // Many typed results in one call, each a write like any other. Exactly one of response and error
  // is set; what got no answer stays in the outbox.
  struct SubmittedResult {
    v1::SubmitResultRequest request;
    std::optional<v1::SubmitResultResponse> response;
    std::optional<Error> error;
  };
  Result<std::vector<SubmittedResult>> SubmitResults(std::vector<v1::SubmitResultRequest> requests);

  Result<std::string> UploadRaw(std::string_view bytes) const;
  // The bytes of a file behind a run; VERIFICATION_FAILED when they have another SHA-256.
  Result<std::string> ReadRunFile(const std::string& run_id, const v1::RawFile& file) const;
  // The same of the scan of a bank's certificate.
  Result<std::string> ReadCertificate(const v1::ExternalCertificate& certificate) const;
  Result<ExportedBundle> ExportLot(v1::ExportLotRequest request,
                                   const std::filesystem::path& folder);

  // Compares a checkpoint that the server signed with what this terminal has seen of the log. False
  // when the comparison had to be put off, of which a warning tells.
  Result<bool> CompareCheckpoint(const std::string& note) const;

  // Follows a lot until that cannot go on; see core/watch.h.
  Error WatchLot(const v1::WatchLotRequest& request, const TakeWatched& take,
                 const std::function<void(const Error&)>& lost) const;

  // The request id for the next recorded call: the one given by the caller once, then new ones. A
  // second call under a given one is INVALID_ARGUMENT.
  Result<std::string> NextRequestId();
  // The last one was refused unrecorded: a given id may serve once more.
  void RepeatRequestId() { request_id_used_ = false; }
  // Time of the server with the zone of the site, RFC 3339; the terminal's own when out of reach.
  // WRONG_STATE while a step of the server's clock waits for confirmation: it dates nothing.
  Result<std::string> CurrentTime() const;

  const Site& site() const { return site_; }
  const Outbox& outbox() const { return outbox_; }
  const TerminalIdentity& identity() const { return identity_; }

 private:
  Client(Options options, TerminalIdentity identity);

  Result<std::string> Session() const;
  Result<void> Send(const google::protobuf::Message& request, google::protobuf::Message* response,
                    std::chrono::seconds deadline);
  // Nothing for an answer that has none.
  Result<void> CheckReceipt(const google::protobuf::Message& response,
                            const std::string& session) const;
  AskCheckpoint Asker(std::string session) const;
  void Warn(const std::string& what) const;

  Options options_;
  Site site_;
  Outbox outbox_;
  TerminalIdentity identity_;
  std::shared_ptr<grpc::Channel> channel_;
  bool request_id_used_ = false;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_CLIENT_H_
