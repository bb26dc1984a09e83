#include "app/scrub.h"

#include <algorithm>
#include <string>

#include "storage/log.h"

namespace lims::app {
namespace {

// Some milliseconds of reading and hashing; a million events take an hour.
constexpr int kPartEvents = 256;

struct Part {
  std::int64_t end = 0;  // log index behind the part; 0 behind the log's end
  std::vector<tlog::Finding> findings;
};

Result<Part> ReadPart(storage::Records& records, std::int64_t first) {
  Part part;
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  const std::int64_t end = std::min<std::int64_t>(first + kPartEvents, size);
  LIMS_ASSIGN_OR_RETURN(const auto entries, storage::Entries(records.db(), first, kPartEvents));
  auto entry = entries.begin();
  for (std::int64_t index = first; index < end; ++index) {
    if (entry == entries.end() || entry->index != index) {
      part.findings.push_back(
          {tlog::FindingKind::kEntryMissing, index, "log", "the event is not there"});
      continue;
    }
    if (tlog::LeafHash(entry->bytes) != entry->leaf) {
      part.findings.push_back({tlog::FindingKind::kEntryAltered, index, "log",
                               "the bytes do not have the leaf's hash"});
    }
    ++entry;
  }
  if (end < size) part.end = end;
  return part;
}

}  // namespace

Result<std::vector<tlog::Finding>> Scrub::Next() {
  auto part =
      site_.store().Read([&](storage::Records& records) { return ReadPart(records, next_); });
  if (!part) {
    if (part.error().reason != ErrorReason::kDataLoss) return part.error();
    part = Part{next_ + kPartEvents,
                {{tlog::FindingKind::kEntryMissing, next_, "log", part.error().message}}};
  }
  std::vector<tlog::Finding> fresh;
  for (const tlog::Finding& finding : part->findings) {
    if (!known_.contains(finding.index)) fresh.push_back(finding);
  }
  if (!fresh.empty()) {
    const auto recorded =
        site_.NoteAccess(Call(), v1::ACT_FIND_DAMAGE,
                         {{"finding", std::string(tlog::FindingName(fresh[0].kind))},
                          {"index", std::to_string(fresh[0].index)},
                          {"further", std::to_string(fresh.size() - 1)}});
    if (!recorded) return recorded.error();  // the next call finds it again
    for (const tlog::Finding& finding : fresh) known_.insert(finding.index);
  }
  next_ = part->end;
  return fresh;
}

}  // namespace lims::app
