#include "core/client.h"

#include <map>
#include <utility>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/sha256.h"
#include "core/channel.h"
#include "core/status.h"
#include "lims/v1/system_service.pb.h"

namespace lims::client {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;

const v1::Receipt* ReceiptOf(const Message& response) {
  const google::protobuf::FieldDescriptor* field =
      response.GetDescriptor()->FindFieldByName("receipt");
  if (field == nullptr || field->message_type() != v1::Receipt::descriptor()) return nullptr;
  return static_cast<const v1::Receipt*>(&response.GetReflection()->GetMessage(response, field));
}

Error NotLoggedIn(const std::string& user) {
  return MakeError(ErrorReason::kUnauthenticated, user +
                                                      " is not logged in at this terminal: lims "
                                                      "auth login --user " +
                                                      user);
}

}  // namespace

Client::Client(Options options, TerminalIdentity identity)
    : options_(std::move(options)),
      site_(options_.site),
      outbox_(site_.outbox()),
      identity_(std::move(identity)),
      channel_(OpenChannel(identity_)) {}

Result<Client> Client::Open(Options options) {
  LIMS_ASSIGN_OR_RETURN(TerminalIdentity identity, Site(options.site).ReadIdentity());
  return Client(std::move(options), std::move(identity));
}

Result<std::string> Client::User() const {
  if (!options_.user.empty()) return options_.user;
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> last, site_.ReadLastUser());
  if (last) return *last;
  return InvalidArgument("--user", "nobody has logged in at this terminal: name the user");
}

Result<std::string> Client::Session() const {
  LIMS_ASSIGN_OR_RETURN(const std::string user, User());
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> session, site_.ReadSession(user));
  if (!session) return NotLoggedIn(user);
  return *session;
}

// A server that gave no answer is not asked again: a table has many receipts.
AskCheckpoint Client::Asker(std::string session) const {
  return [this, session = std::move(session), silent = std::optional<Error>()](
             std::int64_t old_size) mutable -> Result<v1::GetCheckpointResponse> {
    if (silent) return *silent;
    v1::GetCheckpointRequest request;
    request.set_old_size(old_size);
    auto reply = Call<v1::GetCheckpointResponse>(channel_, session, request);
    if (!reply && reply.error().reason == ErrorReason::kUnavailable) silent = reply.error();
    return reply;
  };
}

Result<v1::LogInResponse> Client::LogIn(const std::string& password) {
  v1::LogInRequest request;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_user_id(), User());
  request.set_password(password);
  LIMS_ASSIGN_OR_RETURN(v1::LogInResponse response, Call<v1::LogInResponse>(channel_, "", request));
  LIMS_RETURN_IF_ERROR(site_.WriteSession(request.user_id(), response.session()));
  LIMS_RETURN_IF_ERROR(site_.WriteLastUser(request.user_id()));
  LIMS_RETURN_IF_ERROR(Receipts(site_).Reconcile(Asker(response.session())));
  return response;
}

Result<void> Client::LogOut() {
  LIMS_ASSIGN_OR_RETURN(const std::string user, User());
  LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
  LIMS_RETURN_IF_ERROR(site_.RemoveSession(user));
  const Result<v1::LogOutResponse> response =
      Call<v1::LogOutResponse>(channel_, session, v1::LogOutRequest());
  if (!response && response.error().reason != ErrorReason::kUnauthenticated) {
    return response.error();
  }
  return {};
}

Result<std::string> Client::NextRequestId() {
  if (options_.request_id.empty()) return NewUuid();
  if (request_id_used_) {
    return InvalidArgument("--request-id", "this command sends more than one request");
  }
  request_id_used_ = true;
  return options_.request_id;
}

void Client::Warn(const std::string& what) const {
  if (!what.empty() && options_.warn) options_.warn(what);
}

Result<void> Client::CheckReceipt(const Message& response, const std::string& session) const {
  const v1::Receipt* receipt = ReceiptOf(response);
  if (receipt == nullptr) return {};
  LIMS_ASSIGN_OR_RETURN(const std::string uncompared,
                        Receipts(site_).Check(*receipt, Asker(session)));
  // A new password ends the session, so that nothing can be asked: the next log-in compares it.
  if (response.GetDescriptor() != v1::SetPasswordResponse::descriptor()) Warn(uncompared);
  return {};
}

Result<bool> Client::CompareCheckpoint(const std::string& note) const {
  LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
  LIMS_ASSIGN_OR_RETURN(const std::string uncompared,
                        Receipts(site_).Compare(note, Asker(session)));
  Warn(uncompared);
  return uncompared.empty();
}

Result<void> Client::Send(const Message& request, Message* response,
                          std::chrono::seconds deadline) {
  LIMS_ASSIGN_OR_RETURN(const std::string user, User());
  LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
  const OutboxEntry entry = MakeOutboxEntry(request, user, SystemClock().Now());
  LIMS_ASSIGN_OR_RETURN(const bool tried_before, outbox_.Holds(entry));
  if (!tried_before) LIMS_RETURN_IF_ERROR(outbox_.Store(entry));
  Result<void> sent = CallUnary(channel_, session, request, response, deadline);
  if (!sent && !IsDefinitive(sent.error(), tried_before)) {
    Error error = std::move(sent).error();
    error.message += "; the request " + entry.request_id +
                     " is kept in the outbox: repeat it with 'lims outbox send'";
    return error;
  }
  LIMS_RETURN_IF_ERROR(outbox_.Remove(entry.request_id));
  LIMS_RETURN_IF_ERROR(sent);
  return CheckReceipt(*response, session);
}

Result<v1::Receipt> Client::Resend(const OutboxEntry& entry, const SecretSource& secrets) {
  LIMS_ASSIGN_OR_RETURN(const std::optional<std::string> session, site_.ReadSession(entry.user));
  if (!session) return NotLoggedIn(entry.user);
  LIMS_ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, RestoreRequest(entry));
  for (const std::string& name : entry.needs) {
    const google::protobuf::FieldDescriptor* field =
        request->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) return InvalidArgument(entry.request_id, "the stored request is damaged");
    LIMS_ASSIGN_OR_RETURN(std::string secret, secrets(name));
    request->GetReflection()->SetString(request.get(), field, std::move(secret));
  }
  const std::unique_ptr<Message> response(
      MessageFactory::generated_factory()->GetPrototype(MethodOf(*request).output_type())->New());
  const Result<void> sent = CallUnary(channel_, *session, *request, response.get(), kLongDeadline);
  if (!sent && !IsDefinitive(sent.error(), true)) return sent.error();
  LIMS_RETURN_IF_ERROR(outbox_.Remove(entry.request_id));
  LIMS_RETURN_IF_ERROR(sent);
  LIMS_RETURN_IF_ERROR(CheckReceipt(*response, *session));
  return *ReceiptOf(*response);
}

Result<std::vector<Client::SubmittedResult>> Client::SubmitResults(
    std::vector<v1::SubmitResultRequest> requests) {
  LIMS_ASSIGN_OR_RETURN(const std::string user, User());
  LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
  std::vector<SubmittedResult> submitted;
  for (v1::SubmitResultRequest& request : requests) {
    LIMS_ASSIGN_OR_RETURN(*request.mutable_request_id(), NextRequestId());
    LIMS_RETURN_IF_ERROR(outbox_.Store(MakeOutboxEntry(request, user, SystemClock().Now())));
    submitted.push_back({request, {}, {}});
  }
  std::map<std::string, SubmittedResult*> by_id;
  for (SubmittedResult& item : submitted) by_id[item.request.request_id()] = &item;
  const auto take = [&by_id](const v1::SubmitResultOutcome& outcome) {
    const auto found = by_id.find(outcome.request_id());
    if (found == by_id.end()) return;  // nothing that was sent
    if (outcome.has_error()) {
      found->second->error = ErrorFromStatus(outcome.error());
    } else {
      found->second->response = outcome.response();
    }
  };
  const Result<void> sent = client::SubmitResults(channel_, session, requests, take);
  const AskCheckpoint ask = Asker(session);
  std::string uncompared;
  for (SubmittedResult& item : submitted) {
    if (!item.response && !item.error) {
      item.error = sent ? MakeError(ErrorReason::kUnavailable, "no answer came") : sent.error();
    }
    if (item.error && !IsDefinitive(*item.error, false)) {
      item.error->message +=
          "; the request is kept in the outbox: repeat it with 'lims outbox send'";
      continue;
    }
    LIMS_RETURN_IF_ERROR(outbox_.Remove(item.request.request_id()));
    if (!item.response) continue;
    LIMS_ASSIGN_OR_RETURN(uncompared, Receipts(site_).Check(item.response->receipt(), ask));
  }
  Warn(uncompared);
  return submitted;
}

Result<std::string> Client::UploadRaw(std::string_view bytes) const {
  LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
  return client::UploadRaw(channel_, session, bytes);
}

namespace {

// Part by part, as `request` names the file.
template <typename Response, typename Request>
Result<std::string> ReadParts(const Client& client, Request request, const std::string& name,
                              std::int64_t size) {
  std::string bytes;
  bool goes_on = true;
  while (goes_on) {
    LIMS_ASSIGN_OR_RETURN(const auto part, client.Read<Response>(request));
    bytes += part.chunk();
    request.set_part(request.part() + 1);
    // An empty part ends the file too: what is said of its size is not yet believed.
    goes_on = !part.chunk().empty() && static_cast<std::int64_t>(bytes.size()) < size;
  }
  if (HexEncode(Sha256(bytes)) != request.sha256()) {
    return MakeError(ErrorReason::kVerificationFailed,
                     "the server sent other bytes than those of " + name +
                         ": tell QA and keep this terminal's folder");
  }
  return bytes;
}

}  // namespace

Result<std::string> Client::ReadRunFile(const std::string& run_id, const v1::RawFile& file) const {
  v1::ReadRunFileRequest request;
  request.set_run_id(run_id);
  request.set_sha256(file.sha256());
  return ReadParts<v1::ReadRunFileResponse>(*this, std::move(request), file.file_name(),
                                            file.size_bytes());
}

Result<std::string> Client::ReadCertificate(const v1::ExternalCertificate& certificate) const {
  v1::ReadCertificateRequest request;
  request.set_lot_id(certificate.lot_id());
  request.set_sha256(certificate.file_sha256());
  return ReadParts<v1::ReadCertificateResponse>(*this, std::move(request),
                                                "the certificate of lot " + certificate.lot_id(),
                                                certificate.file_bytes());
}

Result<ExportedBundle> Client::ExportLot(v1::ExportLotRequest request,
                                         const std::filesystem::path& folder) {
  LIMS_ASSIGN_OR_RETURN(const std::string session, Session());
  LIMS_ASSIGN_OR_RETURN(*request.mutable_request_id(), NextRequestId());
  return client::ExportLot(channel_, session, request, folder);
}

Error Client::WatchLot(const v1::WatchLotRequest& request, const TakeWatched& take,
                       const std::function<void(const Error&)>& lost) const {
  return client::WatchLot(channel_, request, {take, lost, [this] { return Session(); }});
}

Result<std::string> Client::CurrentTime() const {
  const Result<v1::GetServerInfoResponse> info =
      Read<v1::GetServerInfoResponse>(v1::GetServerInfoRequest());
  if (info && !info->clock_steps().empty()) {
    return WrongState(
        "the server's clock was set and waits for confirmation (lims clock show): give the time "
        "yourself, by another clock");
  }
  if (info && !info->time().empty()) return info->time();
  return FormatUtc(SystemClock().Now());
}

}  // namespace lims::client
