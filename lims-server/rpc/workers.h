// A few threads that run what may block: reads, parsing, password hashing.
#ifndef LIMS_RPC_WORKERS_H_
#define LIMS_RPC_WORKERS_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lims::rpc {

class Workers {
 public:
  Workers(int threads, std::size_t queue_limit);
  // Finishes what is queued.
  ~Workers();
  // False when the queue is full.
  bool Post(std::function<void()> work);

 private:
  void Loop();

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_WORKERS_H_
