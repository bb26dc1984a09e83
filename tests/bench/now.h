// The time that everything here is measured with.
#ifndef LIMS_TESTS_BENCH_NOW_H_
#define LIMS_TESTS_BENCH_NOW_H_

#include <chrono>

namespace lims::bench {

// Since an unnamed start; never goes back.
inline double NowSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_NOW_H_
