#include "base/clock.h"

#include <time.h>

namespace lims {
namespace {

template <clockid_t kClock>
std::int64_t Microseconds() {
  timespec now{};
  clock_gettime(kClock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

Clock SystemClock() {
  // The one that also counts while the machine sleeps, as the wall clock does.
  return {Microseconds<CLOCK_REALTIME>, Microseconds<CLOCK_BOOTTIME>};
}

Clock FixedClock(TimeUs time) {
  return {[time] { return time; }, [] { return std::int64_t{0}; }};
}

}  // namespace lims
