#include "domain/lot_index.h"

#include <algorithm>

namespace lims::domain {
namespace {

template <typename T>
const std::vector<T>& FindOrEmpty(const std::unordered_map<std::string_view, std::vector<T>>& map,
                                  std::string_view key) {
  static const std::vector<T> kNone;
  const auto found = map.find(key);
  return found == map.end() ? kNone : found->second;
}

}  // namespace

std::int64_t LastWithdrawal(const LotView& view) {
  std::int64_t last = -1;
  for (const auto& decision : view.decisions) {
    if (decision.record.decision() == v1::DECISION_WITHDRAW) last = std::max(last, decision.etag);
  }
  return last;
}

LotIndex::LotIndex(const LotView& view) {
  for (const auto& fact : view.facts) facts_[fact.record.fact()] = &fact.record;
  AddAttempts(view);
  AddResults(view);
  const std::int64_t withdrawn = LastWithdrawal(view);
  for (const auto& review : view.reviews) {
    if (review.etag < withdrawn) continue;
    for (const v1::ReviewedResult& result : review.record.results()) {
      reviewed_.emplace(result.line_code(), result.attempt_number(), result.etag());
    }
  }
}

void LotIndex::AddAttempts(const LotView& view) {
  for (const auto& attempt : view.attempts) {
    if (attempt.record.purpose() != v1::PURPOSE_RELEASE) continue;
    release_attempts_[attempt.record.panel()].push_back(&attempt.record);
  }
  for (auto& [panel, attempts] : release_attempts_) {
    std::sort(attempts.begin(), attempts.end(),
              [](const auto* a, const auto* b) { return a->number() < b->number(); });
  }
}

void LotIndex::AddResults(const LotView& view) {
  std::set<std::pair<std::string_view, std::int32_t>> counting;
  for (const auto& [panel, attempts] : release_attempts_) {
    for (const v1::Attempt* attempt : attempts) {
      if (attempt->outcome() == v1::OUTCOME_VALID) counting.emplace(panel, attempt->number());
    }
  }
  for (const auto& result : view.results) {
    if (!counting.contains({result.record.panel(), result.record.attempt_number()})) continue;
    counting_results_[result.record.line_code()].push_back(&result);
  }
  for (auto& [line, results] : counting_results_) {
    std::sort(results.begin(), results.end(), [](const auto* a, const auto* b) {
      return a->record.attempt_number() < b->record.attempt_number();
    });
  }
}

std::optional<std::string> LotIndex::Fact(std::string_view fact) const {
  const auto found = facts_.find(fact);
  if (found == facts_.end()) return std::nullopt;
  return found->second->value();
}

const std::vector<const v1::Attempt*>& LotIndex::ReleaseAttempts(std::string_view panel) const {
  return FindOrEmpty(release_attempts_, panel);
}

const std::vector<const Stored<v1::Result>*>& LotIndex::CountingResults(
    std::string_view line_code) const {
  return FindOrEmpty(counting_results_, line_code);
}

bool LotIndex::Reviewed(const Stored<v1::Result>& result) const {
  return reviewed_.contains(
      {result.record.line_code(), result.record.attempt_number(), result.etag});
}

}  // namespace lims::domain
