#include "core/watch.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/status.h"
#include "lims/v1/lot_service.grpc.pb.h"

namespace lims::client {
namespace {

constexpr std::chrono::milliseconds kPause{500};

// There is nothing to wait for but the time: no one tells a terminal that the server is back.
void Pause() {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, kPause);
}

}  // namespace

Error WatchLotOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                   v1::WatchLotRequest* request, const TakeWatched& take) {
  grpc::ClientContext context;
  if (!session.empty()) context.AddMetadata("authorization", session);
  const auto reader = v1::LotService::NewStub(channel)->WatchLot(&context, *request);
  v1::WatchLotResponse response;
  while (reader->Read(&response)) {
    request->set_after_index(response.log_index());
    take(response);
  }
  const grpc::Status status = reader->Finish();
  if (status.ok()) return MakeError(ErrorReason::kUnavailable, "the server ended the call");
  return ErrorFromStatus(status);
}

Error WatchLot(const std::shared_ptr<grpc::Channel>& channel, v1::WatchLotRequest request,
               const WatchHooks& hooks) {
  bool heard = false;    // ever
  bool pausing = false;  // the loss has been told
  const TakeWatched take = [&](const v1::WatchLotResponse& response) {
    heard = true;
    pausing = false;
    hooks.take(response);
  };
  std::string ended_session;
  for (;;) {
    Result<std::string> session = hooks.session();
    Error error = session ? Error() : session.error();
    if (session && *session != ended_session) {
      error = WatchLotOnce(channel, *session, &request, take);
      if (error.reason == ErrorReason::kUnauthenticated) ended_session = *session;
    }
    const bool session_ended =
        error.reason == ErrorReason::kUnauthenticated || error.reason == ErrorReason::kUnspecified;
    if (!heard || (!session_ended && error.reason != ErrorReason::kUnavailable)) return error;
    if (!pausing) hooks.lost(error);
    pausing = true;
    Pause();
  }
}

}  // namespace lims::client
