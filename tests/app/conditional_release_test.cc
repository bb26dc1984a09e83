// A lot that is released before all results: while the last tests run, and when one of them fails.
#include <map>

#include "app/second_entry.h"
#include "readings_fixture.h"
#include "support/refusal.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

// What a manifest shows of a record; empty when it does not.
std::string Shown(const std::string& bytes, const std::string& record) {
  v1::Manifest manifest;
  EXPECT_TRUE(tlog::ParseCanonicalJson(bytes, &manifest));
  for (const v1::ShownRecord& shown : manifest.shown()) {
    if (shown.record() == record) return shown.text();
  }
  return "";
}

class ConditionalRelease : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({PhMethod("LAST")});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" conditional_release_registered: true
        paper_approval { document: "QA-2" date: "2026-01-01" } })");
    *text.add_lines() = PhLine("PH", R"(number: "1"
        gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
    *text.add_lines() =
        PhLine("LAST", "number: '2' gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }");
    fixture.AddSpecification(text);
    fixture.ReleaseBank("BANK", "Q");
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "Q");
    fixture.Must(fixture.SubmitPh("A", "7.0"));
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
    ASSERT_FALSE(HasFailure());
  }

  Result<storage::RecordedAct> ReleaseOnCondition() {
    return fixture.SignIntent("qp1",
                              "release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE "
                              "receiving_sites: 'Clinic 1' }");
  }
  Result<storage::RecordedAct> SubmitLast(const std::string& value) {
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult,
                      PhValue("A", value, "LAST"));
  }
  // The only blocker of the conditional release; empty when there is none or another.
  std::string Blocker() {
    const auto refused = ReleaseOnCondition();
    if (refused || refused.error().violations.size() != 1) return "";
    return refused.error().violations[0].field + ": " + refused.error().violations[0].description;
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(ConditionalRelease, IsPossibleWhileTestsForTheFinalOneRun) {
  EXPECT_EQ(Blocker(),
            "NOT_TESTED LAST: no release test was started, and a conditional release supposes that "
            "it runs; test it by M-LAST");
  fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
  const auto final =
      fixture.SignIntent("qp1", "release { lot_id: 'A' decision: DECISION_RELEASE }");
  ASSERT_FALSE(final);
  EXPECT_EQ(final.error().violations[0].field, "RUN_OPEN LAST");
}

TEST_F(ConditionalRelease, IsRefusedWhileATestThatCameToNothingIsNotRepeated) {
  const std::string run = fixture.StartPh("A", "LAST");
  fixture.Must(fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun, "run_id: '" + run + "' reason: 'power failure'"));
  EXPECT_EQ(Blocker(), "REPEAT_DUE LAST: attempt 1 does not count (aborted); repeat it");
  fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
}

TEST_F(ConditionalRelease, NeedsNoReviewOfTestsForTheFinalOne) {
  fixture.Must(SubmitLast("7.0"));
  fixture.Must(ReleaseOnCondition());
}

TEST_F(ConditionalRelease, IsSignedOnTheTestsThatGoOn) {
  const std::string run = fixture.StartPh("A", "LAST");
  const std::string started = FormatLocal(fixture.now_us, 480);
  v1::PrepareSignatureRequest request;
  *request.mutable_intent() = FromText<v1::Intent>(
      "release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE receiving_sites: 'Clinic 1' }");
  const auto prepared = PrepareSignature(
      fixture.site(), fixture.As("qp1", "SignatureService/PrepareSignature"), request);
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_EQ(Shown(prepared->manifest(), "run/" + run),
            "LAST goes on after this release; started " + started);
  fixture.Must(fixture.FinishPh(run, "7.0", "LAST"));
  const auto changed = fixture.SignManifest("qp1", prepared->manifest());
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().reason, ErrorReason::kChanged);
}

TEST_F(ConditionalRelease, NamesWhoReceivesDosesAndAFinalOneDoesNot) {
  using Names = std::vector<std::string>;
  const auto sites_of = [&](const std::string& decision, const std::string& sites) {
    return Fields(fixture.SignIntent("qp1", "release { lot_id: 'A' decision: " + decision +
                                                " receiving_sites: [" + sites + "] }"));
  };
  const std::string field = "intent.release.receiving_sites";
  fixture.StartPh("A", "LAST");
  EXPECT_EQ(sites_of("DECISION_CONDITIONAL_RELEASE", ""), Names{field});
  EXPECT_EQ(sites_of("DECISION_CONDITIONAL_RELEASE", "'', 'A', 'A'"),
            (Names{field + "[0]", field + "[2]"}));
  EXPECT_EQ(sites_of("DECISION_CONDITIONAL_RELEASE", "'" + std::string(501, 'A') + "'"),
            Names{field + "[0]"});
  EXPECT_EQ(sites_of("DECISION_RELEASE", "'Clinic 1'"), Names{field});
  EXPECT_EQ(sites_of("DECISION_CONDITIONAL_RELEASE", "'Clinic 1', '2'"), Names{});
}

TEST_F(ConditionalRelease, FailsInTheActThatFailsTheLotAndIsThenRejected) {
  const std::string run = fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
  fixture.Must(fixture.FinishPh(run, "7.9", "LAST"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_CONDITIONAL_FAILED);
  const auto refused =
      fixture.SignIntent("qp1", "release { lot_id: 'A' decision: DECISION_RELEASE }");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "DISPOSITION A");
  EXPECT_NE(refused.error().violations[0].description.find("lims release reject"),
            std::string::npos);
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'A' reason: 'last line failed' }"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_REJECTED);
}

// What the lot says of the evidence that changed under its last release.
TEST_F(ConditionalRelease, ShowsWhatChangedOfItsEvidenceLater) {
  const auto changes = [this] {
    const v1::GetLotResponse lot = fixture.ShowLot("A");
    std::map<std::string, std::string> texts;
    for (const v1::EvidenceChange& change : lot.changes_since_release()) {
      EXPECT_EQ(change.decision_number(), 1);
      texts[change.record()] = change.change();
    }
    return texts;
  };
  const std::string run = fixture.StartPh("A", "LAST");
  EXPECT_EQ(changes().size(), 0);  // nothing was released
  fixture.Must(ReleaseOnCondition());
  EXPECT_EQ(changes().size(), 0);
  fixture.Must(fixture.FinishPh(run, "7.0", "LAST"));
  auto changed = changes();
  EXPECT_EQ(changed.size(), 2);
  EXPECT_NE(changed["attempt/A/LAST/1"].find("open; is now: "), std::string::npos);
  EXPECT_TRUE(changed["result/A/LAST/1"].starts_with("is new: 7.0 ")) << changed["result/A/LAST/1"];
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'BANK' reason: 'a question' }"));
  EXPECT_NE(changes()["lot/BANK"].find("(held)"), std::string::npos);
  fixture.Must(
      fixture.SignIntent("qa1", "unhold { lot_id: 'BANK' number: 1 reason: 'an answer' }"));
  EXPECT_EQ(changes().size(), 2);
  fixture.AddSample("BANK", "BANK-S2", "STABILITY");
  for (int time = 0; time < 2; ++time) {
    v1::SubmitResultRequest failing = PhValue("BANK", "6.0");
    failing.set_sample_id("BANK-S2");
    fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, failing));
  }
  const std::string bank = changes()["lot/BANK"];
  const std::string failed = "(out of specification in PH)";
  EXPECT_NE(bank.find(failed), std::string::npos) << bank;
  EXPECT_EQ(bank.find(failed), bank.rfind(failed)) << bank;  // once, however often it failed
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'BANK' reason: 'donor recalled' }"));
  changed = changes();
  EXPECT_EQ(changed.size(), 3);
  EXPECT_NE(changed["lot/BANK"].find("RELEASED; is now: "), std::string::npos)
      << changed["lot/BANK"];
}

TEST_F(ConditionalRelease, FailsByAReportWhenItsSecondEntryAgrees) {
  const std::string run = fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
  fixture.Must(fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun, "run_id: '" + run + "' reason: 'power failure'"));
  auto report = PhValue("A", "7.9", "LAST");
  report.MergeFrom(FromText<v1::SubmitResultRequest>(
      "source: RESULT_SOURCE_CONTRACT_LAB scan { file_name: 'CL-5.pdf' content: 'scanned' } "
      "document { issuer: 'Contract laboratory' report_number: 'CL-5' "
      "performed_dates: '2026-02-20' }"));
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, report));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_CONDITIONALLY_RELEASED);
  v1::ReenterResultRequest again;
  again.set_lot_id("A");
  again.set_panel("LAST");
  *again.mutable_entries() = report.entries();
  fixture.Must(fixture.Do("tech2", "RunService/ReenterResult", &ReenterResult, again));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_CONDITIONAL_FAILED);
}

TEST_F(ConditionalRelease, ThatFailedIsRecalledForEver) {
  const std::string run = fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
  const std::string recall = "recall { lot_id: 'A' reason: 'growth after shipment' }";
  const auto early = fixture.SignIntent("qa1", recall);
  ASSERT_FALSE(early);  // it has not failed
  EXPECT_EQ(early.error().reason, ErrorReason::kWrongState);
  fixture.Must(fixture.FinishPh(run, "7.9", "LAST"));
  EXPECT_FALSE(fixture.SignIntent("tech1", recall));
  fixture.Must(fixture.SignIntent("qa1", recall));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_RECALLED);
  for (const char* after :
       {"recall { lot_id: 'A' reason: 'again' }", "reject { lot_id: 'A' reason: 'after all' }",
        "withdraw { lot_id: 'A' reason: 'after all' }"}) {
    const auto refused = fixture.SignIntent("qa1", after);
    ASSERT_FALSE(refused) << after;
    EXPECT_EQ(refused.error().reason, ErrorReason::kWrongState) << after;
  }
}

TEST_F(ConditionalRelease, ThatComesToNoEndIsRejected) {
  const std::string run = fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
  fixture.Must(fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun, "run_id: '" + run + "' reason: 'power failure'"));
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'A' reason: 'expired meanwhile' }"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_REJECTED);
  const auto refused = SubmitLast("7.0");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kWrongState);
}

TEST_F(ConditionalRelease, GoesOnToTheFinalOneByAPass) {
  const std::string run = fixture.StartPh("A", "LAST");
  fixture.Must(ReleaseOnCondition());
  fixture.Must(fixture.FinishPh(run, "7.1", "LAST"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_CONDITIONALLY_RELEASED);
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent("qp1", "release { lot_id: 'A' decision: DECISION_RELEASE }"));
}

// A product that is tested for sterility while it is used.
class ConditionalReleaseDuringSterility : public Readings {
 protected:
  void SetUp() override {
    Readings::SetUp();
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "R" name_en: "Product" name_zh: "产品" }
      specification { product_id: "R" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" conditional_release_registered: true
        paper_approval { document: "QA-4" date: "2026-01-01" } }
      lines { number: "2" line_code: "STER" name_en: "Sterility" name_zh: "无菌" panel: "STER"
        method_id: "M-STER" result_kind: RESULT_KIND_OBSERVATION
        criteria { accepted_codes: "NO_GROWTH" }
        codes { code: "NO_GROWTH" text_en: "No growth" text_zh: "无菌生长" }
        codes { code: "GROWTH" text_en: "Growth" text_zh: "有菌生长" }
        gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        verdict_mode: VERDICT_MODE_JUDGED clause: "1101" source: "test" biosafety: true })");
    *text.add_lines() = PhLine("PH", R"(number: "1"
        gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
    fixture.AddSpecification(text);
    fixture.AddLot("BANK", "MCB", "", "R");
    fixture.AddLot("DP", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "R");
    for (const std::string lot : {"BANK", "DP"}) {
      fixture.Must(fixture.SubmitPh(lot, "7.0"));
      fixture.Must(fixture.SignIntent("rev1", "review { lot_id: '" + lot + "' }"));
    }
    fixture.Must(
        fixture.SignIntent("qp1", "release { lot_id: 'BANK' decision: DECISION_RELEASE }"));
    fixture.AddLot("SISTER", "DRUG_PRODUCT", "parents { lot_id: 'BANK' }", "R");
    Start({"DP", "SISTER"});
  }

  void ReleaseOnCondition() {
    fixture.Must(fixture.SignIntent("qp1",
                                    "release { lot_id: 'DP' decision: DECISION_CONDITIONAL_RELEASE "
                                    "receiving_sites: 'Clinic' }"));
  }
};

TEST_F(ConditionalReleaseDuringSterility, IsSignedOnTheDayOfItsLastReading) {
  v1::PrepareSignatureRequest request;
  *request.mutable_intent() = FromText<v1::Intent>(
      "release { lot_id: 'DP' decision: DECISION_CONDITIONAL_RELEASE receiving_sites: 'Clinic' }");
  const auto prepared = PrepareSignature(
      fixture.site(), fixture.As("qp1", "SignatureService/PrepareSignature"), request);
  ASSERT_TRUE(prepared) << prepared.error().message;
  const std::string started = FormatLocal(start, 480);
  EXPECT_EQ(Shown(prepared->manifest(), "run/" + run_id),
            "STER goes on after this release; started " + started + ", last reading due from " +
                FormatLocal(start + 14 * kDay, 480) + " on");
  // A reading that changes neither is no reason to look again.
  fixture.now_us += kHour / 12;
  fixture.Must(Observe("tech1", Clear({"DP"})));
  fixture.Must(fixture.SignManifest("qp1", prepared->manifest()));
}

TEST_F(ConditionalReleaseDuringSterility, FailsWhenGrowthIsReadWhileAnotherLotGoesOn) {
  ReleaseOnCondition();
  fixture.now_us = start + 3 * kDay;
  fixture.Must(Observe("tech2", Entry("TSB-1", "GROWTH") + Entry("FTM-POS", "GROWTH")));
  EXPECT_EQ(fixture.Lot("DP").disposition(), v1::DISPOSITION_CONDITIONAL_FAILED);
  for (const char* lot : {"DP", "BANK", "SISTER"}) EXPECT_EQ(Holds(lot), 1) << lot;
  EXPECT_EQ(Holds("A"), 0);  // of another bank
  EXPECT_FALSE(Submit());    // SISTER is read to its end
  fixture.Must(fixture.SignIntent("qa1", "recall { lot_id: 'DP' reason: 'growth on day 3' }"));
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Observe("tech1", Entry("FTM-2", "NO_GROWTH") + Entry("TSB-2", "NO_GROWTH") +
                                    Entry("FTM-NEG", "NO_GROWTH") + Entry("TSB-NEG", "NO_GROWTH")));
  fixture.Must(Submit());
  EXPECT_EQ(ResultOf("DP").verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(ResultOf("SISTER").verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(fixture.Lot("DP").disposition(), v1::DISPOSITION_RECALLED);
  for (const char* lot : {"DP", "BANK", "SISTER"}) EXPECT_EQ(Holds(lot), 1) << lot;
}

TEST_F(ConditionalReleaseDuringSterility, StandsWhileTheNegativeControlGrewToo) {
  ReleaseOnCondition();
  fixture.now_us = start + 3 * kDay;
  fixture.Must(Observe("tech2", Entry("TSB-1", "GROWTH") + Entry("TSB-NEG", "GROWTH")));
  EXPECT_EQ(fixture.Lot("DP").disposition(), v1::DISPOSITION_CONDITIONALLY_RELEASED);
  EXPECT_EQ(Holds("DP"), 1);
  EXPECT_EQ(Holds("BANK"), 0);
  EXPECT_EQ(Holds("SISTER"), 0);
}

}  // namespace
}  // namespace lims::app
