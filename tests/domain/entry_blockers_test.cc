#include "domain/entry_blockers.h"

#include "domain/lot_fixture.h"
#include "domain/releasability.h"

namespace lims::domain {
namespace {

std::vector<v1::BlockerKind> Kinds(const LotView& view, v1::Gate gate = v1::GATE_S2) {
  std::vector<v1::BlockerKind> kinds;
  for (const v1::Blocker& blocker : Blockers(view, gate, kNow, kZone)) {
    kinds.push_back(blocker.kind());
  }
  return kinds;
}

using Only = std::vector<v1::BlockerKind>;

TEST(EntryBlockers, AmendmentBlocksUntilDecided) {
  LotView view = ReleasableLot();
  view.amendments = {Store<v1::Amendment>("number: 1 state: AMENDMENT_STATE_PROPOSED panel: 'PH'")};
  EXPECT_EQ(Kinds(view), Only{v1::BLOCKER_KIND_AMENDMENT_OPEN});
  view.amendments[0].record.set_state(v1::AMENDMENT_STATE_DECLINED);
  EXPECT_EQ(Kinds(view), Only{});
  view.amendments[0].record.set_state(v1::AMENDMENT_STATE_CONFIRMED);
  EXPECT_EQ(Kinds(view), Only{});
}

TEST(EntryBlockers, LookBlocksUntilSubmittedOrCleared) {
  LotView view = ReleasableLot();
  view.looks = {Store<v1::Look>("number: 1 user_id: 'tech' run_id: 'R-1'")};
  EXPECT_EQ(Kinds(view), Only{v1::BLOCKER_KIND_LOOK_NOT_SUBMITTED});
  view.looks[0].record.set_submitted_run_id("R-1");
  EXPECT_EQ(Kinds(view), Only{});
  view.looks[0].record.clear_submitted_run_id();
  view.looks[0].record.set_cleared_by("qa");
  EXPECT_EQ(Kinds(view), Only{});
}

TEST(EntryBlockers, CopiedValuesBlockEachLineUntilTheSecondEntry) {
  LotView view = ReleasableLot();
  v1::Attempt& attempt = view.attempts[0].record;
  attempt.clear_outcome();
  attempt.mutable_sealed_entries()->set_sha256("abc");
  attempt.set_reentries_refused(2);
  view.results.erase(view.results.begin());
  const auto blockers = Blockers(view, v1::GATE_S2, kNow, kZone);
  ASSERT_EQ(blockers.size(), 1u);
  EXPECT_EQ(blockers[0].kind(), v1::BLOCKER_KIND_SECOND_ENTRY_DUE);
  EXPECT_EQ(blockers[0].what(), "PH");
  EXPECT_NE(blockers[0].description().find("2 second entries differed"), std::string::npos);
}

TEST(EntryBlockers, CopiedValuesForAnotherPurposeWaitForTheSecondEntryToo) {
  LotView view = ReleasableLot();
  view.attempts.push_back(
      Store<v1::Attempt>("panel: 'PH' number: 2 run_id: 'R-9' purpose: PURPOSE_STABILITY "
                         "sealed_entries { sha256: 'abc' }"));
  EXPECT_EQ(Kinds(view), Only{v1::BLOCKER_KIND_SECOND_ENTRY_DUE});
}

TEST(EntryBlockers, CertificateOfOneEntryBlocksAndOfTwoStandsForUntestedLinesOfABankOnly) {
  LotView view = ReleasableLot();
  view.certificates = {Store<v1::ExternalCertificate>("certificate_number: 'C-1'")};
  EXPECT_EQ(Kinds(view), Only{v1::BLOCKER_KIND_CERTIFICATE_NOT_CONFIRMED});
  view.certificates[0].record.set_confirmed_by("anna");
  EXPECT_EQ(Kinds(view), Only{});
  view.attempts.erase(view.attempts.begin());  // PH
  view.results.erase(view.results.begin());
  EXPECT_EQ(Kinds(view), Only{v1::BLOCKER_KIND_NOT_TESTED});  // a product is tested
  view.lot.record.set_kind(v1::LOT_KIND_MCB);
  view.attempts.clear();
  view.results.clear();
  const auto certified = Kinds(view, v1::GATE_BANK);
  EXPECT_EQ(std::count(certified.begin(), certified.end(), v1::BLOCKER_KIND_NOT_TESTED), 0);
  view.certificates[0].record.add_lines("STER");
  const auto named = Kinds(view, v1::GATE_BANK);
  EXPECT_EQ(std::count(named.begin(), named.end(), v1::BLOCKER_KIND_NOT_TESTED), 1);
  view.certificates.clear();
  const auto untested = Kinds(view, v1::GATE_BANK);
  EXPECT_EQ(std::count(untested.begin(), untested.end(), v1::BLOCKER_KIND_NOT_TESTED), 2);
}

}  // namespace
}  // namespace lims::domain
