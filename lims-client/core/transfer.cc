#include "core/transfer.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <system_error>

#include "base/encoding.h"
#include "base/message_limits.h"
#include "base/sha256.h"
#include "core/call.h"
#include "core/files.h"
#include "core/status.h"
#include "lims/v1/audit_service.grpc.pb.h"
#include "lims/v1/run_service.grpc.pb.h"

namespace lims::client {
namespace {

namespace fs = std::filesystem;

void Prepare(grpc::ClientContext* context, const std::string& session) {
  context->set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                     gpr_time_from_seconds(kLongDeadline.count(), GPR_TIMESPAN)));
  if (!session.empty()) context->AddMetadata("authorization", session);
}

Error Unwritable(const fs::path& path) {
  return InvalidArgument(path.string(), "cannot write the file");
}

// Takes the pieces of a bundle in order, one file after the other.
class BundleWriter {
 public:
  explicit BundleWriter(fs::path folder) : folder_(std::move(folder)) {}

  Result<void> Write(const v1::BundlePart& part) {
    if (!file_.is_open() || part.path() != path_) {
      LIMS_RETURN_IF_ERROR(Close());
      LIMS_RETURN_IF_ERROR(Open(part.path()));
    }
    file_.write(part.chunk().data(), static_cast<std::streamsize>(part.chunk().size()));
    if (!file_) return Unwritable(folder_ / path_);
    written_.bytes += static_cast<std::int64_t>(part.chunk().size());
    return {};
  }

  Result<ExportedBundle> Finish() {
    LIMS_RETURN_IF_ERROR(Close());
    return written_;
  }

 private:
  Result<void> Open(const std::string& path) {
    if (!IsBundlePath(path) || !paths_.insert(path).second) {
      return MakeError(ErrorReason::kVerificationFailed,
                       "the server sent a file that no bundle holds, or one twice");
    }
    path_ = path;
    const fs::path target = folder_ / path;
    if (target.parent_path() != made_) {
      LIMS_RETURN_IF_ERROR(MakePrivateFolder(target.parent_path()));
      made_ = target.parent_path();
    }
    file_.open(target, std::ios::binary | std::ios::trunc);
    if (!file_) return Unwritable(target);
    ++written_.files;
    return {};
  }

  Result<void> Close() {
    if (path_.empty()) return {};
    file_.close();
    if (!file_) return Unwritable(folder_ / path_);
    return {};
  }

  fs::path folder_;
  fs::path made_;  // the folder of the last file
  std::string path_;
  std::set<std::string> paths_;
  std::ofstream file_;
  ExportedBundle written_;
};

}  // namespace

Result<std::string> UploadRaw(const std::shared_ptr<grpc::Channel>& channel,
                              const std::string& session, std::string_view bytes) {
  grpc::ClientContext context;
  Prepare(&context, session);
  v1::UploadRawResponse response;
  const auto stub = v1::RunService::NewStub(channel);
  const auto writer = stub->UploadRaw(&context, &response);
  v1::UploadRawRequest part;
  part.set_sha256(HexEncode(Sha256(bytes)));
  part.set_size_bytes(static_cast<std::int64_t>(bytes.size()));
  do {
    const std::string_view chunk = bytes.substr(0, kFilePartBytes);
    part.set_chunk(std::string(chunk));
    if (!writer->Write(part)) break;  // the server has answered already
    bytes.remove_prefix(chunk.size());
    part.clear_sha256();
    part.clear_size_bytes();
  } while (!bytes.empty());
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return ErrorFromStatus(status);
  return response.sha256();
}

Result<void> SubmitResults(const std::shared_ptr<grpc::Channel>& channel,
                           const std::string& session,
                           const std::vector<v1::SubmitResultRequest>& requests,
                           const std::function<void(const v1::SubmitResultOutcome&)>& take) {
  constexpr std::size_t kTogether = 100;
  constexpr int kAhead = 3;  // messages without an answer; the server takes no more for long
  grpc::ClientContext context;
  Prepare(&context, session);
  const auto stub = v1::RunService::NewStub(channel);
  const auto stream = stub->SubmitResults(&context);
  v1::SubmitResultsResponse response;
  std::size_t answered = 0;
  const auto read = [&] {
    if (!stream->Read(&response)) return false;
    for (const v1::SubmitResultOutcome& outcome : response.outcomes()) take(outcome);
    answered += static_cast<std::size_t>(response.outcomes_size());
    return true;
  };
  int ahead = 0;
  bool open = true;
  for (std::size_t sent = 0; open && sent < requests.size();) {
    v1::SubmitResultsRequest message;
    while (sent < requests.size() && message.items_size() < static_cast<int>(kTogether)) {
      *message.add_items() = requests[sent++];
    }
    open = stream->Write(message);
    if (open && ++ahead >= kAhead) {
      open = read();
      --ahead;
    }
  }
  stream->WritesDone();
  while (open) open = read();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return ErrorFromStatus(status);
  if (answered < requests.size()) {
    return MakeError(ErrorReason::kUnavailable, "the server ended the call");
  }
  return {};
}

Result<ExportedBundle> ExportLot(const std::shared_ptr<grpc::Channel>& channel,
                                 const std::string& session, const v1::ExportLotRequest& request,
                                 const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return InvalidArgument("--out", folder.string() + " is not a new or empty folder");
  }
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(folder));
  grpc::ClientContext context;
  Prepare(&context, session);
  const auto stub = v1::AuditService::NewStub(channel);
  const auto reader = stub->ExportLot(&context, request);
  BundleWriter writer(folder);
  v1::ExportLotResponse message;
  while (reader->Read(&message)) {
    for (const v1::BundlePart& part : message.parts()) {
      const Result<void> written = writer.Write(part);
      if (written) continue;
      context.TryCancel();
      while (reader->Read(&message)) {
      }
      reader->Finish();
      return written.error();
    }
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return ErrorFromStatus(status);
  return writer.Finish();
}

bool IsBundlePath(std::string_view path) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
  };
  while (true) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    if (name.empty() || name == "." || name == ".." ||
        !std::all_of(name.begin(), name.end(), plain)) {
      return false;
    }
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

}  // namespace lims::client
