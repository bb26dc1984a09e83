// What is taken away from a lot on which everything has been done, and the blockers that appear.
#ifndef LIMS_TESTS_DOMAIN_BLOCKER_CASES_H_
#define LIMS_TESTS_DOMAIN_BLOCKER_CASES_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "domain/lot_fixture.h"
#include "domain/releasability.h"

namespace lims::domain {

// "OOS PH", one for each blocker, in the order of the list.
inline std::vector<std::string> Named(const std::vector<v1::Blocker>& blockers) {
  std::vector<std::string> names;
  for (const v1::Blocker& blocker : blockers) {
    EXPECT_FALSE(blocker.description().empty());
    EXPECT_NE(blocker.who(), v1::ROLE_UNSPECIFIED);
    names.push_back(
        v1::BlockerKind_Name(blocker.kind()).substr(std::string("BLOCKER_KIND_").size()) + " " +
        blocker.what());
  }
  return names;
}

inline std::vector<std::string> At(v1::Gate gate, const LotView& view) {
  return Named(Blockers(view, gate, kNow, kZone));
}

using Names = std::vector<std::string>;

inline v1::Attempt& AttemptOf(LotView& view, const std::string& panel) {
  return FindRecord(view.attempts, [&](const auto& attempt) { return attempt.panel() == panel; })
      .record;
}

inline Stored<v1::Result>& ResultOf(LotView& view, const std::string& line) {
  return FindRecord(view.results, [&](const auto& result) { return result.line_code() == line; });
}

inline void DropResult(LotView& view, const std::string& line) {
  std::erase_if(view.results,
                [&](const auto& result) { return result.record.line_code() == line; });
}

inline void DropFact(LotView& view, const std::string& fact) {
  std::erase_if(view.facts, [&](const auto& stored) { return stored.record.fact() == fact; });
}

inline void SetFact(LotView& view, const std::string& fact, const std::string& value) {
  DropFact(view, fact);
  v1::LotFact& added = view.facts.emplace_back().record;
  added.set_fact(fact);
  added.set_value(value);
}

inline void AddReview(LotView& view, const std::string& line, int attempt, std::int64_t etag) {
  v1::ReviewedResult& reviewed = *view.reviews.emplace_back().record.add_results();
  reviewed.set_line_code(line);
  reviewed.set_attempt_number(attempt);
  reviewed.set_etag(etag);
}

inline void SetOutcome(LotView& view, const std::string& panel, v1::Outcome outcome) {
  AttemptOf(view, panel).set_outcome(outcome);
  if (outcome != v1::OUTCOME_VALID) DropResult(view, panel);
}

struct Case {
  const char* name;
  std::function<void(LotView&)> change;
  Names at_s1;
  Names at_s2;
};

inline void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

inline void ExpectBlockers(const Case& c) {
  LotView view = ReleasableLot();
  c.change(view);
  EXPECT_EQ(At(v1::GATE_S1, view), c.at_s1);
  EXPECT_EQ(At(v1::GATE_S2, view), c.at_s2);
}

inline std::string CaseName(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

}  // namespace lims::domain

#endif  // LIMS_TESTS_DOMAIN_BLOCKER_CASES_H_
