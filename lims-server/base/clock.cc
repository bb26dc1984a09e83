#include "base/clock.h"

#include <chrono>

namespace lims {
namespace {

template <typename ChronoClock>
std::int64_t Microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             ChronoClock::now().time_since_epoch())
      .count();
}

}  // namespace

Clock SystemClock() {
  return {Microseconds<std::chrono::system_clock>, Microseconds<std::chrono::steady_clock>};
}

Clock FixedClock(TimeUs time) {
  return {[time] { return time; }, [] { return std::int64_t{0}; }};
}

}  // namespace lims
