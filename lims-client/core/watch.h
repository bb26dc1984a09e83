// Following a lot: one call, and the calls after it that go on where it ended.
#ifndef LIMS_CLIENT_CORE_WATCH_H_
#define LIMS_CLIENT_CORE_WATCH_H_

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "lims/v1/lot_service.pb.h"

namespace grpc {
class Channel;
}

namespace lims::client {

using TakeWatched = std::function<void(const v1::WatchLotResponse&)>;

// Gives each message to `take` until the call ends; then why. Before `take`, `request` is set to go
// on after the message.
Error WatchLotOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                   v1::WatchLotRequest* request, const TakeWatched& take);

struct WatchHooks {
  TakeWatched take;
  // The call ended and is made again; once for each pause.
  std::function<void(const Error&)> lost;
  // The session of now; that of the last call is asked for again until it is another.
  std::function<Result<std::string>()> session;
};

// Watches for ever: after a lost connection or a stopped server it goes on by itself, after the end
// of the session once the user has logged in again. Returns what ended the first call before it
// gave anything, or what no new call can cure.
Error WatchLot(const std::shared_ptr<grpc::Channel>& channel, v1::WatchLotRequest request,
               const WatchHooks& hooks);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_WATCH_H_
