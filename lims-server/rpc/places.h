// A bounded number of calls of one kind at a time, because each holds much memory.
#ifndef LIMS_RPC_PLACES_H_
#define LIMS_RPC_PLACES_H_

#include <atomic>

namespace lims::rpc {

struct Places {
  const int most;
  std::atomic<int> taken = 0;
};

// One of the places; free once, by the end of the call or of its time, whichever comes first.
class Place {
 public:
  explicit Place(Places& places) : places_(places), held_(places.taken.fetch_add(1) < places.most) {
    if (!held_) places_.taken.fetch_sub(1);
  }
  ~Place() { Free(); }
  bool held() const { return held_; }
  void Free() {
    if (held_.exchange(false)) places_.taken.fetch_sub(1);
  }

 private:
  Places& places_;
  std::atomic<bool> held_;
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_PLACES_H_
