// The yardstick without a laboratory: the same messages over the same mutual TLS, answered at once.
#ifndef LIMS_TESTS_BENCH_ECHO_SERVER_H_
#define LIMS_TESTS_BENCH_ECHO_SERVER_H_

#include <string>

namespace lims::bench {

// Serves SubmitResult with the response in `response_file` until SIGTERM; prints its port.
int ServeEcho(const std::string& site_dir, const std::string& response_file);

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_ECHO_SERVER_H_
