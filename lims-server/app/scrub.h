// Reads the log again while the server runs: a disk that forgets is noticed before an audit.
#ifndef LIMS_APP_SCRUB_H_
#define LIMS_APP_SCRUB_H_

#include <cstdint>
#include <set>
#include <vector>

#include "app/site.h"
#include "tlog/finding.h"

namespace lims::app {

class Scrub {
 public:
  // The site must outlive it.
  explicit Scrub(Site& site) : site_(site) {}

  // Reads the next part of the log on a read-only connection and compares each event with the hash
  // that the log keeps of it; behind the end it begins anew. To be called about once a second, on
  // one thread. What it finds for the first time since the start is recorded in the access stream
  // and returned. A part that could not be read, or whose damage could not be recorded, is the next
  // part again.
  Result<std::vector<tlog::Finding>> Next();

 private:
  Site& site_;
  std::int64_t next_ = 0;         // log index
  std::set<std::int64_t> known_;  // log indexes that were found
};

}  // namespace lims::app

#endif  // LIMS_APP_SCRUB_H_
