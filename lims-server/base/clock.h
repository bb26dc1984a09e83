// The only source of the current time: handed to what needs it, so that tests choose the time.
#ifndef LIMS_BASE_CLOCK_H_
#define LIMS_BASE_CLOCK_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "base/time.h"

namespace lims {

class Clock {
 public:
  using Source = std::function<std::int64_t()>;  // microseconds
  Clock(Source wall, Source monotonic) : wall_(std::move(wall)), monotonic_(std::move(monotonic)) {}

  TimeUs Now() const { return wall_(); }
  // Microseconds since an unnamed start: never goes back, comparable only within one run.
  std::int64_t MonotonicUs() const { return monotonic_(); }

 private:
  Source wall_;
  Source monotonic_;
};

Clock SystemClock();

// Stands still at `time`, with a monotonic reading of 0. A test that moves time makes a Clock from
// its own variable instead.
Clock FixedClock(TimeUs time);

}  // namespace lims

#endif  // LIMS_BASE_CLOCK_H_
