#include "app/upkeep.h"

#include "app/clock_steps.h"
#include "base/time.h"
#include "storage/blobs.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

constexpr TimeUs kStepUs = 2 * kSecond;
constexpr TimeUs kUploadLifeUs = kDay;

Result<TimeUs> NewestTime(storage::Records& records) {
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  LIMS_ASSIGN_OR_RETURN(const auto last, storage::Entries(records.db(), size - 1, 1));
  v1::Event event;
  if (!last.empty()) LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(last[0].bytes, &event));
  return event.time_us();
}

}  // namespace

Upkeep::Upkeep(Site& site)
    : site_(site), lead_(ReadLead()), next_removal_us_(site.clock().MonotonicUs()) {
  // The clock as the log last knew it: the first Tick finds that it was set back meanwhile.
  const auto newest = site.store().Read(&NewestTime);
  if (newest && *newest > site.clock().Now()) {
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
