#include "app/upkeep.h"

#include "app/clock_steps.h"
#include "base/time.h"
#include "storage/blobs.h"
#include "storage/log.h"

namespace lims::app {
namespace {

constexpr TimeUs kStepUs = 2 * kSecond;
constexpr TimeUs kUploadLifeUs = kDay;

}  // namespace

Upkeep::Upkeep(Site& site)
    : site_(site), lead_(ReadLead()), next_removal_us_(site.clock().MonotonicUs()) {
  // The clock as the log last knew it: the first Tick finds that it was set back meanwhile. While
  // a step waits the log may well be ahead, and was found to be.
  const auto newest = site.store().Read(
      [](storage::Records& records) { return storage::NewestTime(records.db()); });
  const auto waiting = site.store().Read(&WaitingClockSteps);
  if (newest && *newest > site.clock().Now() && waiting && (*waiting)->empty()) {
    lead_.least = lead_.most = *newest - site.clock().MonotonicUs();
  }
}

void Upkeep::Tick() {
  WatchClock();
  RemoveAbandonedFiles();
  site_.access_log().Flush();
}

Upkeep::Lead Upkeep::ReadLead() const {
  const std::int64_t before = site_.clock().MonotonicUs();
  const TimeUs wall = site_.clock().Now();
  const std::int64_t after = site_.clock().MonotonicUs();
  // Each reading is cut to whole microseconds.
  return {wall - (after + 1), wall + 1 - before};
}

void Upkeep::WatchClock() {
  const Lead now = ReadLead();
  const bool back = now.most < lead_.least;
  const bool forward = now.least > lead_.most + kStepUs;
  if (back || forward) {
    const std::int64_t step_us = now.least - lead_.least;
    const TimeUs wall = site_.clock().Now();
    if (!RecordClockStep(site_, wall - step_us, wall)) return;  // the next call finds it again
  }
  lead_ = now;
}

void Upkeep::RemoveAbandonedFiles() {
  if (site_.clock().MonotonicUs() < next_removal_us_) return;
  const TimeUs before = site_.clock().Now() - kUploadLifeUs;
  bool more = false;
  const auto removed = site_.writer().ExecuteRaw([&](storage::Connection& db) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(more, storage::RemoveAbandoned(db, before));
    return {};
  });
  if (!removed || !more) next_removal_us_ = site_.clock().MonotonicUs() + kHour;
}

}  // namespace lims::app
