// Calls that stream: who watches a lot, and many results in one call.
#ifndef LIMS_TESTS_BENCH_STREAMS_H_
#define LIMS_TESTS_BENCH_STREAMS_H_

#include <functional>
#include <string>
#include <vector>

#include "core/site.h"
#include "lims/v1/run_service.pb.h"

namespace lims::bench {

// `watchers` calls follow the lot of the requests. For each request, which must change the lot's
// blockers: milliseconds from sending it until the last watcher has the new blockers. Sorted.
std::vector<double> WatchLatencies(const client::TerminalIdentity& identity,
                                   const std::string& session, int watchers,
                                   const std::vector<v1::SubmitResultRequest>& requests);

// Items a second that one call of SubmitResults records, so many in a message, three messages under
// way. Gives up when an item is refused.
double StreamedRate(const client::TerminalIdentity& identity, const std::string& session,
                    double seconds, int together,
                    const std::function<v1::SubmitResultRequest()>& next);

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_STREAMS_H_
