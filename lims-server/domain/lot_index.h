// Finds the records of a LotView by what they are about, so that no rule scans the lot.
#ifndef LIMS_DOMAIN_LOT_INDEX_H_
#define LIMS_DOMAIN_LOT_INDEX_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "domain/lot_view.h"

namespace lims::domain {

// Log index of the newest withdrawal of the lot's release; -1 for none. What was reviewed and
// attested before it speaks for the release that was withdrawn, not for another one.
std::int64_t LastWithdrawal(const LotView& view);

// Built once in a pass over the view, which it refers to and which must outlive it.
class LotIndex {
 public:
  explicit LotIndex(const LotView& view);
  LotIndex(const LotIndex&) = delete;
  LotIndex& operator=(const LotIndex&) = delete;

  // The declared value of a lot fact.
  std::optional<std::string> Fact(std::string_view fact) const;

  // Attempts of a panel with purpose RELEASE, by number.
  const std::vector<const v1::Attempt*>& ReleaseAttempts(std::string_view panel) const;

  // Results of a line that come from valid attempts with purpose RELEASE, by attempt number.
  const std::vector<const Stored<v1::Result>*>& CountingResults(std::string_view line_code) const;

  // Whether a review covers the result as it is now, for a release still to be given.
  bool Reviewed(const Stored<v1::Result>& result) const;

 private:
  void AddAttempts(const LotView& view);
  void AddResults(const LotView& view);

  std::unordered_map<std::string_view, const v1::LotFact*> facts_;
  std::unordered_map<std::string_view, std::vector<const v1::Attempt*>> release_attempts_;
  std::unordered_map<std::string_view, std::vector<const Stored<v1::Result>*>> counting_results_;
  std::set<std::tuple<std::string_view, std::int32_t, std::int64_t>> reviewed_;
};

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_LOT_INDEX_H_
