#include "domain/segregation.h"

#include <gtest/gtest.h>

#include "domain/lot_fixture.h"

namespace lims::domain {
namespace {

TEST(Segregation, BarsEveryoneWhoTookPartFromReleasing) {
  const LotView view = ReleasableLot();
  for (const char* user : {"sampler", "tech", "rev"}) {
    const auto conflict = ReleaserConflict(view, user);
    ASSERT_TRUE(conflict) << user;
    EXPECT_TRUE(conflict->starts_with(user)) << *conflict;
  }
  // Confirming, declaring and attesting do not bar.
  for (const char* user : {"qa", "sup", "qp"}) EXPECT_FALSE(ReleaserConflict(view, user)) << user;
}

TEST(Segregation, BarsWhoTypedTheCertificateFromReleasing) {
  LotView view = ReleasableLot();
  view.certificates = {Store<v1::ExternalCertificate>("entered_by: 'qp1' confirmed_by: 'qp2'")};
  EXPECT_TRUE(ReleaserConflict(view, "qp1"));
  EXPECT_TRUE(ReleaserConflict(view, "qp2"));
  EXPECT_FALSE(ReleaserConflict(view, "qp3"));
}

TEST(Segregation, BarsAnalystsOfInvalidAttemptsToo) {
  LotView view = ReleasableLot();
  view.attempts[0].record.set_outcome(v1::OUTCOME_INVALID_RUN);
  view.attempts[0].record.add_analysts("qp");
  EXPECT_TRUE(ReleaserConflict(view, "qp"));
}

TEST(Segregation, BarsAnAnalystFromReviewingTheOwnRunsOnly) {
  LotView view = ReleasableLot();
  view.attempts[0].record.add_analysts("rev");
  const v1::Attempt* own[] = {&view.attempts[1].record, &view.attempts[0].record};
  const v1::Attempt* others[] = {&view.attempts[1].record};
  EXPECT_TRUE(ReviewerConflict(own, "rev"));
  EXPECT_FALSE(ReviewerConflict(others, "rev"));
  EXPECT_FALSE(ReviewerConflict({}, "rev"));
}

TEST(Segregation, BarsWhoAmendedFromReviewingAndReleasing) {
  LotView view = ReleasableLot();
  view.attempts[0].record.add_amenders("qp");
  const v1::Attempt* amended[] = {&view.attempts[0].record};
  const v1::Attempt* others[] = {&view.attempts[1].record};
  EXPECT_TRUE(ReviewerConflict(amended, "qp"));
  EXPECT_FALSE(ReviewerConflict(others, "qp"));
  EXPECT_TRUE(ReleaserConflict(view, "qp"));
  EXPECT_FALSE(ReleaserConflict(view, "other"));
}

TEST(Segregation, BarsTheFirstPersonFromTheSecondOpinion) {
  EXPECT_TRUE(SecondEntryConflict("anna", "anna"));
  EXPECT_FALSE(SecondEntryConflict("anna", "bela"));
  v1::Attempt copied;
  copied.set_entered_by("anna");
  EXPECT_FALSE(FirstEntryConflict(copied, "anna"));
  copied.mutable_sealed_entries()->set_sha256("00");
  EXPECT_TRUE(FirstEntryConflict(copied, "anna"));
  EXPECT_FALSE(FirstEntryConflict(copied, "bela"));
  EXPECT_TRUE(AmendmentConflict("anna", "anna"));
  EXPECT_FALSE(AmendmentConflict("anna", "bela"));
  EXPECT_TRUE(LookConflict("anna", "anna"));
  EXPECT_FALSE(LookConflict("anna", "bela"));
}

TEST(Segregation, BarsTheAuthorAndTheRegisteringPersonFromTheSecondStep) {
  EXPECT_TRUE(ApproverConflict("anna", "anna"));
  EXPECT_FALSE(ApproverConflict("anna", "bela"));
  EXPECT_TRUE(ConfirmerConflict("anna", "anna"));
  EXPECT_FALSE(ConfirmerConflict("anna", "bela"));
}

TEST(Segregation, BarsAnalystsFromAttestingWhereTheLineSaysSo) {
  const LotView view = ReleasableLot();
  EXPECT_FALSE(AttesterConflict(view.attestation_lines[0], view, "tech"));
  EXPECT_TRUE(AttesterConflict(view.attestation_lines[1], view, "tech"));
  EXPECT_FALSE(AttesterConflict(view.attestation_lines[1], view, "sup"));
}

}  // namespace
}  // namespace lims::domain
