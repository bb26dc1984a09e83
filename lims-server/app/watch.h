// What somebody who follows a lot is sent.
#ifndef LIMS_APP_WATCH_H_
#define LIMS_APP_WATCH_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/site.h"
#include "domain/lot_view.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::app {

// What several followers of a lot need of one snapshot: read and judged once.
struct WatchedLot {
  domain::LotView view;
  std::map<v1::Gate, v1::GetBlockersResponse> blockers;  // by the gate that was asked for
};
using WatchedLots = std::map<std::string, WatchedLot>;

// A place in the log from which a lot is followed. Everything is read from the log again, so
// nothing is kept for a follower who is slow.
class LotFollower {
 public:
  explicit LotFollower(v1::WatchLotRequest request) : request_(std::move(request)) {}

  // What is new on this snapshot, at most a few hundred events: see behind(). NOT_FOUND when there
  // is no such lot, INVALID_ARGUMENT when the log is shorter than what the caller has seen.
  Result<std::vector<v1::WatchLotResponse>> Read(Site& site, storage::Records& records,
                                                 WatchedLots* lots);

  // More can be read at once.
  bool behind() const { return behind_; }
  // Log index up to which everything was read; -1 before the first event.
  std::int64_t position() const { return position_; }
  // Streams whose events may bring something new, as of the last Read.
  const std::set<std::string>& streams() const { return streams_; }

 private:
  Result<void> Start(storage::Records& records);
  Result<std::vector<v1::Event>> NextEvents(storage::Records& records, const domain::LotView& view);

  const v1::WatchLotRequest request_;
  bool started_ = false;
  bool behind_ = false;
  std::int64_t position_ = -1;
  std::set<std::string> streams_;
  std::map<std::string, std::int64_t> next_pos_;  // of the lot's own stream and its runs'
  std::string last_blockers_;                     // as sent
};

}  // namespace lims::app

#endif  // LIMS_APP_WATCH_H_
