#include "app/signed_acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/lot_view.h"
#include "domain/lot_index.h"
#include "domain/segregation.h"

namespace lims::app {
namespace {

// The results that a review covers, found again by what was shown.
std::vector<const domain::Stored<v1::Result>*> ShownResults(const domain::LotView& view,
                                                            const SignedAct& act) {
  std::set<std::string> names;
  for (const v1::ShownRecord& shown : act.shown) names.insert(shown.record());
  std::vector<const domain::Stored<v1::Result>*> results;
  for (const auto& result : view.results) {
    if (names.contains(tlog::NameOf(result.record))) results.push_back(&result);
  }
  return results;
}

}  // namespace

Result<SignedAct> DescribeReview(storage::Records& records, const v1::ReviewIntent& intent) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, intent.lot_id()));
  std::set<std::pair<std::string, std::int64_t>> reviewed;  // line, etag
  for (const auto& review : view.reviews) {
    if (review.etag < domain::LastWithdrawal(view)) continue;
    for (const v1::ReviewedResult& result : review.record.results()) {
      reviewed.emplace(result.line_code(), result.etag());
    }
  }
  std::set<std::string> asked(intent.line_codes().begin(), intent.line_codes().end());
  std::set<std::string> panels;
  SignedAct act;
  act.act = v1::ACT_REVIEW_RESULTS;
  act.subject = "lot/" + intent.lot_id();
  act.statement =
      "I checked these results with their raw data, calculation and method, and took "
      "no part in making them";
  std::set<std::string> found;
  std::set<std::string> others;  // that wait for a review
  for (const auto& result : view.results) {
    const std::string& line = result.record.line_code();
    const bool waits = !reviewed.contains({line, result.etag});
    if (!asked.empty() && !asked.contains(line)) {
      if (waits) others.insert(line);
      continue;
    }
    found.insert(line);
    if (!waits) continue;
    panels.insert(result.record.panel());
    Show(&act.shown, result.record, result.etag, Text(result.record));
  }
  std::vector<Violation> violations;
  for (const std::string& line : asked) {
    if (!found.contains(line)) {
      violations.push_back({"intent.review.line_codes",
                            "lot " + intent.lot_id() + " has no result of line " + line});
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  if (act.shown.empty()) {
    return WrongState(others.empty()
                          ? "no result of lot " + intent.lot_id() +
                                " waits for review: see what was reviewed with lims lot show"
                          : fmt::format("{} of lot {} is reviewed already; these wait: {}",
                                        fmt::join(found, ", "), intent.lot_id(),
                                        fmt::join(others, ", ")));
  }
  // Invalid and repeated attempts stand beside the results that count.
  for (const auto& attempt : view.attempts) {
    if (!panels.contains(attempt.record.panel())) continue;
    std::string text = Text(attempt.record);
    LIMS_ASSIGN_OR_RETURN(const auto run, records.Find<v1::Run>({attempt.record.run_id()}));
    if (run) {  // what its files state of themselves
      for (const std::string& flag : run->record.flags()) text += " [" + flag + "]";
    }
    Show(&act.shown, attempt.record, attempt.etag, std::move(text));
  }
  for (const auto& amendment : view.amendments) {
    if (panels.contains(amendment.record.panel())) {
      Show(&act.shown, amendment.record, amendment.etag, Text(amendment.record));
    }
  }
  return act;
}

Result<void> PerformReview(storage::Transaction& tx, const v1::ReviewIntent& intent,
                           const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(const SignedAct act, DescribeReview(tx.records(), intent));
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(tx.records(), intent.lot_id()));
  v1::Review review;
  std::vector<const v1::Attempt*> attempts;
  for (const auto* result : ShownResults(view, act)) {
    v1::ReviewedResult* entry = review.add_results();
    entry->set_line_code(result->record.line_code());
    entry->set_attempt_number(result->record.attempt_number());
    entry->set_etag(result->etag);
    const auto& combined = result->record.attempts();
    for (const auto& attempt : view.attempts) {
      if (attempt.record.panel() != result->record.panel()) continue;
      const std::int32_t number = attempt.record.number();
      if (number == result->record.attempt_number() ||
          std::find(combined.begin(), combined.end(), number) != combined.end()) {
        attempts.push_back(&attempt.record);
      }
    }
  }
  if (const auto conflict = domain::ReviewerConflict(attempts, signature.user_id())) {
    return MakeError(ErrorReason::kSegregation, *conflict);
  }
  review.set_lot_id(intent.lot_id());
  review.set_number(static_cast<int>(view.reviews.size()) + 1);
  review.set_reviewer(signature.user_id());
  review.set_signature_id(signature.signature_id());
  tx.Put(review);
  return {};
}

}  // namespace lims::app
