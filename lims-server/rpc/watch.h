// Terminals that follow lots: who is told what, and when a call ends.
#ifndef LIMS_RPC_WATCH_H_
#define LIMS_RPC_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "app/watch.h"
#include "lims/v1/lot_service.pb.h"
#include "storage/ledger.h"

namespace lims::rpc {

class Adapter;

// A commit only marks who is concerned; one thread then reads the log for all of them on one
// snapshot. A watcher that still has an answer on its way is read for later, so that one who takes
// nothing costs neither memory nor anybody's time, and is ended after a while. Whatever ends a
// call, the next one goes on after the last log index.
class LotWatches {
 public:
  // Of one terminal.
  static constexpr int kMaxOfTerminal = 8;

  explicit LotWatches(Adapter& adapter) : adapter_(adapter) {}
  ~LotWatches();

  // The reactor deletes itself.
  grpc::ServerWriteReactor<v1::WatchLotResponse>* Start(grpc::CallbackServerContext& context,
                                                        const v1::WatchLotRequest& request);
  // Ends every call, and every new one at once: the server stops.
  void EndAll();

 private:
  class Watch;
  using WatchPtr = std::shared_ptr<Watch>;

  // Under mutex_, like all members of a watch that say so.
  Result<void> Admit(const WatchPtr& watch);
  void Follow(Watch* watch);
  void Unfollow(Watch* watch);

  void NoteCommit(const storage::RecordedAct& act);
  void Loop();
  void Wake();                      // under mutex_
  std::vector<WatchPtr> TakeDue();  // under mutex_
  void EndExpired();
  void ReadFor(const std::vector<WatchPtr>& due);
  void Remove(Watch* watch);

  Adapter& adapter_;
  std::once_flag started_;
  std::atomic<int> count_ = 0;  // of watches_
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
  bool stopping_ = false;  // no new calls
  bool ended_ = false;     // the thread ends
  std::unordered_map<Watch*, WatchPtr> watches_;
  std::unordered_map<std::string, int> of_terminal_;                       // by certificate
  std::unordered_map<std::string, std::unordered_set<Watch*>> followers_;  // by stream
  std::thread thread_;
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_WATCH_H_
