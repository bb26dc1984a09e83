// The site that is measured: people, a specification of 60 lines, lots with a received sample.
#ifndef LIMS_TESTS_BENCH_BENCH_SITE_H_
#define LIMS_TESTS_BENCH_BENCH_SITE_H_

#include <string>

#include "lims/v1/run_service.pb.h"

namespace lims::bench {

// Panels P00..P59, one line each, one typed pH-like value.
inline constexpr int kPanels = 60;

struct SiteSize {
  int lots = 0;            // L00000.., confirmed, one received sample for release
  int history_events = 0;  // planned samples of lot HISTORY
  int attempts = 0;        // attempts of lot ATTEMPTS
  int log_events = 0;      // filled up to this size with planned samples of many lots
  int plate_lots = 0;      // T000.., of a product that is tested for hTERT by the model method
};

std::string LotName(int lot);
std::string PlateLotName(int lot);

// Makes the site with the use cases of the server, without its network.
void FillSite(const std::string& folder, const SiteSize& size);

// A valid value for release.
v1::SubmitResultRequest ValueFor(int lot, int panel);

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_BENCH_SITE_H_
