// What the server does besides calls: it watches its clock, removes uploads that nobody used and
// records what was counted of refusals.
#ifndef LIMS_APP_UPKEEP_H_
#define LIMS_APP_UPKEEP_H_

#include <cstdint>

#include "app/site.h"

namespace lims::app {

class Upkeep {
 public:
  // The site must outlive it.
  explicit Upkeep(Site& site);

  // To be called about once a second, on one thread. Waits for the writer.
  // A wall clock that was set back, or forward by more than two seconds, is recorded in the access
  // stream; so is one that at the start stands before the newest event. After more than a minute
  // nobody signs until the clock is confirmed.
  // A file that was uploaded more than a day ago and that no event names is removed, a part with
  // each call; such files are looked for at the start and every hour.
  // Repeats of a refusal or read are recorded once their minute is over.
  void Tick();

 private:
  // How far the wall clock is ahead of the monotonic one, in microseconds. The two cannot be read
  // at one instant, so it is known between two bounds.
  struct Lead {
    std::int64_t least = 0;
    std::int64_t most = 0;
  };
  Lead ReadLead() const;
  void WatchClock();
  void RemoveAbandonedFiles();

  Site& site_;
  Lead lead_;
  std::int64_t next_removal_us_;  // monotonic
};

}  // namespace lims::app

#endif  // LIMS_APP_UPKEEP_H_
