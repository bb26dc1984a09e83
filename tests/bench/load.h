// Terminals in a closed loop: each has a connection of its own and one request under way.
#ifndef LIMS_TESTS_BENCH_LOAD_H_
#define LIMS_TESTS_BENCH_LOAD_H_

#include <functional>
#include <string>
#include <vector>

#include "core/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::bench {

struct LoadResult {
  double seconds = 0;
  std::vector<double> latencies_us;  // of answered requests, sorted
  int refused = 0;
  std::string first_refusal;

  double Rate() const;
  double Percentile(double share) const;  // microseconds
};

class Terminals {
 public:
  // Connects `count` terminals with this identity and session.
  Terminals(const client::TerminalIdentity& identity, std::string session, int count);
  ~Terminals();

  // Each terminal sends `next(terminal)` until `seconds` are over; the last ones are waited for.
  LoadResult Run(double seconds, const std::function<v1::SubmitResultRequest(int)>& next);

 private:
  struct Terminal;
  std::vector<std::unique_ptr<Terminal>> terminals_;
  std::string session_;
};

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_LOAD_H_
