// What is due, by whom, until when; and the hand-over list.
#include "app/work.h"

#include "app/amendments.h"
#include "app/sample_keeping.h"
#include "app/second_entry.h"
#include "readings_fixture.h"

namespace lims::app {
namespace {

class Work : public Readings {
 protected:
  // "LOOK R-1 2026-…" of each item that is about runs or panels.
  static v1::WorkItem ItemOf(const v1::ListWorkResponse& work, v1::WorkKind kind) {
    for (const v1::WorkItem& item : work.items()) {
      if (item.kind() == kind) return item;
    }
    return {};
  }
  static Names Kinds(const v1::ListWorkResponse& work) {
    Names kinds;
    for (const v1::WorkItem& item : work.items()) kinds.push_back(v1::WorkKind_Name(item.kind()));
    return kinds;
  }
};

TEST_F(Work, AReceivedSampleIsToBeTestedUntilTheLotExpires) {
  const v1::WorkItem item = ItemOf(DueWork("lot_id: 'A'"), v1::WORK_KIND_TEST);
  EXPECT_EQ(item.panel(), "STER");
  EXPECT_EQ(item.method_id(), "M-STER");
  EXPECT_EQ(item.who(), v1::ROLE_TECHNICIAN);
  EXPECT_EQ(item.due_time(), "2027-02-28T23:59:59.999+08:00");
  EXPECT_FALSE(item.overdue());
}

TEST_F(Work, AnOpenRunIsLookedAtByThePlanAndThenForTheLastTime) {
  Start();
  const auto due = [&](v1::WorkKind kind) {
    const v1::WorkItem item = ItemOf(DueWork(), kind);
    EXPECT_EQ(item.run_id(), run_id);
    const Result<TimeUs> time = ParseTime(item.due_time());
    EXPECT_TRUE(time);
    return time ? (*time - start) / kHour : -1;
  };
  EXPECT_EQ(due(v1::WORK_KIND_LOOK), 24);
  fixture.now_us = start + kDay + kHour;
  EXPECT_TRUE(ItemOf(DueWork(), v1::WORK_KIND_LOOK).overdue());
  fixture.Must(Observe("tech1", Clear()));
  EXPECT_EQ(due(v1::WORK_KIND_LOOK), 72);
  EXPECT_NE(ItemOf(DueWork(), v1::WORK_KIND_LOOK).text().find("by tech1"), std::string::npos);
  fixture.now_us = start + 13 * kDay;
  EXPECT_EQ(due(v1::WORK_KIND_LAST_LOOK), 336);
  fixture.Must(Observe("tech1", Entry("FTM-1", "GROWTH")));
  const v1::WorkItem item = ItemOf(DueWork(), v1::WORK_KIND_SUBMIT);
  EXPECT_NE(item.text().find("GROWTH at FTM-1, reading 2 for lot A"), std::string::npos);
}

TEST_F(Work, LateReadingsReviewsAndRepeatsGoToTheirRoles) {
  Start();
  fixture.now_us += 3 * kDay;
  fixture.Must(
      Observe("tech1", Entry("FTM-POS", "GROWTH"), start + 36 * kHour, "terminal was down"));
  const v1::WorkItem clear = ItemOf(DueWork(), v1::WORK_KIND_CLEAR);
  EXPECT_EQ(clear.who(), v1::ROLE_QA);
  EXPECT_EQ(clear.run_id(), run_id);
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Observe("tech1", Clear()));
  EXPECT_EQ(ItemOf(DueWork(), v1::WORK_KIND_SUBMIT).run_id(), run_id);
  fixture.Must(Submit());
  const v1::WorkItem review = ItemOf(DueWork(), v1::WORK_KIND_REVIEW);
  EXPECT_EQ(review.who(), v1::ROLE_REVIEWER);
  EXPECT_NE(review.text().find("STER"), std::string::npos);
}

TEST_F(Work, ALotWaitsForQaThenForNothing) {
  Start();
  ReadToTheEnd();
  fixture.Must(Submit());
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'freezer alarm' }"));
  const v1::WorkItem hold = ItemOf(DueWork(), v1::WORK_KIND_DECIDE);
  EXPECT_EQ(hold.who(), v1::ROLE_QA);
  EXPECT_NE(hold.text().find("freezer alarm"), std::string::npos) << hold.text();
  fixture.Must(
      fixture.SignIntent("qa1", "unhold { lot_id: 'A' number: 1 reason: 'within limits' }"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  const v1::ListWorkResponse due = DueWork();
  EXPECT_EQ(Kinds(due), Names{"WORK_KIND_RELEASE"});
  EXPECT_EQ(due.items(0).who(), v1::ROLE_QP);
}

TEST_F(Work, SamplesWaitToBeTakenAndReceived) {
  fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
      "tech1", "LotService/PlanSample", &PlanSample,
      "sample_id: 'A-S9' lot_id: 'A' purpose: PURPOSE_TRAINING sampling_point: 'DP' "
      "container: '1' amount { value: '1.0' unit: 'mL' }"));
  const v1::WorkItem planned = ItemOf(DueWork(), v1::WORK_KIND_RECEIVE);
  EXPECT_EQ(planned.text(), "sample A-S9 is asked for: lims sample take, or lims sample cancel");
  fixture.Must(fixture.DoText<v1::TakeSampleRequest>(
      "tech1", "LotService/TakeSample", &TakeSample,
      "sample_id: 'A-S9' taken_time: '2026-02-02T08:00:00+08:00'"));
  const v1::WorkItem taken = ItemOf(DueWork(), v1::WORK_KIND_RECEIVE);
  EXPECT_NE(taken.text().find("lims sample receive"), std::string::npos) << taken.text();
}

TEST_F(Work, ComesInPages) {
  fixture.AddLot("B", "MCB", "", "Q");
  Start({"B"});
  const v1::ListWorkResponse all = DueWork();
  ASSERT_EQ(all.items_size(), 2);
  EXPECT_EQ(all.next_page_token(), "");
  v1::ListWorkResponse first = DueWork("page_size: 1");
  ASSERT_EQ(first.items_size(), 1);
  ASSERT_NE(first.next_page_token(), "");
  const v1::ListWorkResponse second =
      DueWork("page_size: 1 page_token: '" + first.next_page_token() + "'");
  ASSERT_EQ(second.items_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(first.items(0).text() + second.items(0).text(),
            all.items(0).text() + all.items(1).text());
  const auto refused = Reading([&](storage::Records& records) {
    return ListWork(fixture.site(), records, FromText<v1::ListWorkRequest>("page_token: '-1'"));
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "page_token");
}

TEST_F(Work, AnItemStandsOnOnePageWhateverComesMeanwhile) {
  fixture.AddLot("B", "MCB", "", "Q");
  fixture.AddLot("C", "MCB", "", "Q");
  const v1::ListWorkResponse first = DueWork("page_size: 1");
  ASSERT_EQ(first.items_size(), 1);
  EXPECT_EQ(first.items(0).lot_ids(0), "A");
  Start({"B"});  // the test of B is no longer due, a reading is, before everything else
  const v1::ListWorkResponse rest =
      DueWork("page_size: 5 page_token: '" + first.next_page_token() + "'");
  ASSERT_EQ(rest.items_size(), 1);
  EXPECT_EQ(rest.items(0).lot_ids(0), "C");
  EXPECT_EQ(rest.next_page_token(), "");
}

TEST_F(Work, GrowthIsDueSinceItWasSeenHoweverOftenOneAsks) {
  Start();
  fixture.now_us += kDay;
  fixture.Must(Observe("tech1", Entry("FTM-1", "GROWTH")));
  const std::string seen = ItemOf(DueWork(), v1::WORK_KIND_SUBMIT).due_time();
  fixture.now_us += kHour;
  const v1::WorkItem item = ItemOf(DueWork(), v1::WORK_KIND_SUBMIT);
  EXPECT_EQ(item.due_time(), seen);
  EXPECT_TRUE(item.overdue());
}

TEST_F(Work, AHoldOnALotThatIsDecidedIsForQaSinceItWasPlaced) {
  fixture.ReleaseBank();
  const std::string bank = "lot_id: 'MCB-1'";
  EXPECT_EQ(DueWork(bank).items_size(), 0);
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'MCB-1' reason: 'freezer alarm' }"));
  fixture.now_us += kHour;
  const v1::WorkItem item = ItemOf(DueWork(bank), v1::WORK_KIND_DECIDE);
  EXPECT_EQ(item.who(), v1::ROLE_QA);
  EXPECT_EQ(item.text(),
            "a released lot is on hold, hold 1: freezer alarm; lims release unhold, withdraw or "
            "recall");
  EXPECT_TRUE(item.overdue());
  fixture.now_us += kHour;
  EXPECT_EQ(ItemOf(DueWork(), v1::WORK_KIND_DECIDE).due_time(), item.due_time());
  EXPECT_EQ(Kinds(DueWork("lot_id: 'A'")), Names{"WORK_KIND_TEST"});
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'MCB-1' reason: 'thawed' }"));
  EXPECT_EQ(ItemOf(DueWork(bank), v1::WORK_KIND_DECIDE).text(),
            "a lot whose release was withdrawn is on hold, hold 1: freezer alarm; lims release "
            "unhold");
  fixture.Must(fixture.SignIntent("qa1", "unhold { lot_id: 'MCB-1' number: 1 reason: 'checked' }"));
  EXPECT_EQ(DueWork(bank).items_size(), 0);
}

// Held by the next act, with the reason that lifts the hold.
TEST_F(Work, AReleasedLotWhoseBankIsNotInOrderAnyMoreIsForQaUntilItWasHeld) {
  fixture.ReleaseBank();
  fixture.AddLot("P1", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  fixture.AddLot("P2", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  fixture.Must(fixture.SubmitPh("P1", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'P1' }"));
  fixture.Must(fixture.SignIntent(
      "qa1", "attest { lot_id: 'P1' attestations { code: 'BPR' document: 'B-1' } }"));
  fixture.Must(fixture.SignIntent("qp1", "release { lot_id: 'P1' decision: DECISION_RELEASE }"));
  const std::string lot = "lot_id: 'P1'";
  EXPECT_EQ(DueWork(lot).items_size(), 0);
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'MCB-1' reason: 'freezer alarm' }"));
  EXPECT_EQ(ItemOf(DueWork(lot), v1::WORK_KIND_DECIDE).text(),
            "a released lot rests on MCB-1, which is on hold; lims release hold, withdraw or "
            "recall");
  fixture.Must(fixture.SignIntent("qa1", "unhold { lot_id: 'MCB-1' number: 1 reason: 'checked' }"));
  EXPECT_EQ(DueWork(lot).items_size(), 0);
  fixture.now_us += kHour;
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'MCB-1' reason: 'donor late' }"));
  fixture.now_us += kHour;
  const v1::ListWorkResponse due = DueWork(lot);
  ASSERT_EQ(Kinds(due), Names{"WORK_KIND_DECIDE"});
  EXPECT_EQ(due.items(0).who(), v1::ROLE_QA);
  EXPECT_EQ(due.items(0).text(),
            "a released lot rests on MCB-1, which is WITHDRAWN; lims release hold, withdraw or "
            "recall");
  EXPECT_TRUE(due.items(0).overdue());
  EXPECT_EQ(ItemOf(DueWork("lot_id: 'P2'"), v1::WORK_KIND_DECIDE).text(), "");  // not released
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'P1' reason: 'bank withdrawn' }"));
  const v1::ListWorkResponse held = DueWork(lot);
  ASSERT_EQ(Kinds(held), Names{"WORK_KIND_DECIDE"});
  EXPECT_TRUE(held.items(0).text().starts_with("a released lot is on hold, hold 1: bank withdrawn"))
      << held.items(0).text();
  fixture.Must(
      fixture.SignIntent("qa1", "unhold { lot_id: 'P1' number: 1 reason: 'donor is clear' }"));
  EXPECT_EQ(DueWork(lot).items_size(), 0);
}

TEST_F(Work, AnEarlierHoldAnswersNoLaterFailureOfTheBank) {
  fixture.ReleaseBank();
  fixture.AddLot("W", "MCB", "parents { lot_id: 'MCB-1' }");
  fixture.Must(fixture.SubmitPh("W", "7.0"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'W' }"));
  fixture.Must(fixture.SignIntent("qp1", "release { lot_id: 'W' decision: DECISION_RELEASE }"));
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'W' reason: 'freezer alarm' }"));
  fixture.AddSample("MCB-1", "MCB-1-S2", "STABILITY");
  v1::SubmitResultRequest request = PhValue("MCB-1", "6.0");
  request.set_sample_id("MCB-1-S2");
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request));
  EXPECT_EQ(ItemOf(DueWork("lot_id: 'MCB-1'"), v1::WORK_KIND_DECIDE).text(),
            "a released lot is out of specification in PH; lims release hold, withdraw or recall");
  fixture.Must(fixture.SignIntent("qa1", "unhold { lot_id: 'W' number: 1 reason: 'checked' }"));
  EXPECT_EQ(ItemOf(DueWork("lot_id: 'W'"), v1::WORK_KIND_DECIDE).text(),
            "a released lot rests on MCB-1, which is out of specification in PH; lims release "
            "hold, withdraw or recall");
}

TEST_F(Work, ALotRestsOnAllThatItWasMadeFrom) {
  fixture.ReleaseBank();
  for (const auto& [lot, parent] : {std::pair{"W", "MCB-1"}, {"X", "W"}}) {
    const std::string named = std::string("'") + lot + "'";
    fixture.AddLot(lot, "MCB", std::string("parents { lot_id: '") + parent + "' }");
    fixture.Must(fixture.SubmitPh(lot, "7.0"));
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: " + named + " }"));
    fixture.Must(
        fixture.SignIntent("qp1", "release { lot_id: " + named + " decision: DECISION_RELEASE }"));
  }
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'MCB-1' reason: 'donor late' }"));
  EXPECT_EQ(ItemOf(DueWork("lot_id: 'X'"), v1::WORK_KIND_DECIDE).text(),
            "a released lot rests on MCB-1, which is WITHDRAWN; lims release hold, withdraw or "
            "recall");
  EXPECT_EQ(DueWork("lot_id: 'MCB-1'").items_size(), 0);
}

TEST_F(Work, IsThatOfOneLotWhenAsked) {
  fixture.AddLot("B", "MCB", "", "Q");
  Start({"B"});
  EXPECT_EQ(Kinds(DueWork("lot_id: 'A'")), Names{"WORK_KIND_TEST"});
  EXPECT_EQ(Kinds(DueWork("lot_id: 'B'")), Names{"WORK_KIND_LOOK"});
  EXPECT_EQ(Kinds(DueWork()).size(), 2u);
}

TEST_F(Work, AHandOverListNamesWhatWasStartedReadAndLeftOpen) {
  Start();
  fixture.now_us += kDay;
  const TimeUs shift = fixture.now_us;
  fixture.Must(Observe("tech1", Clear()));
  fixture.now_us += kHour;
  fixture.Must(Observe("tech2", Clear()));
  const auto items = DueWork("since: '" + FormatUtc(shift) + "'").shift();
  ASSERT_EQ(items.size(), 3);
  EXPECT_EQ(items[0].what(), "READ");
  EXPECT_EQ(items[0].user_id(), "tech1");
  EXPECT_EQ(items[1].user_id(), "tech2");
  EXPECT_EQ(items[2].what(), "LEFT_OPEN");
  EXPECT_EQ(items[2].run_id(), run_id);
  const auto all = DueWork("since: '" + FormatUtc(start - kHour) + "'").shift();
  ASSERT_EQ(all.size(), 4);
  EXPECT_EQ(all[0].what(), "STARTED");
  EXPECT_EQ(DueWork("lot_id: 'A' since: '" + FormatUtc(shift) + "'").shift_size(), 3);
  const auto refused = Reading([&](storage::Records& records) {
    return ListWork(fixture.site(), records, FromText<v1::ListWorkRequest>("since: 'monday'"));
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "since");
}

TEST_F(Work, AHandOverListNamesSamplesThatChangedHands) {
  const TimeUs shift = fixture.now_us;
  fixture.Must(fixture.DoText<v1::HandOverSampleRequest>(
      "sup1", "LotService/HandOverSample", &HandOverSample,
      "sample_id: 'A-S1' to_user: 'tech2' condition: 'frozen'"));
  fixture.Must(fixture.DoText<v1::AcceptSampleRequest>(
      "tech2", "LotService/AcceptSample", &AcceptSample, "sample_id: 'A-S1' condition: 'frozen'"));
  const std::string since = "since: '" + FormatUtc(shift) + "'";
  const auto items = DueWork(since).shift();
  ASSERT_EQ(items.size(), 2);
  EXPECT_EQ(items[0].what(), "HANDED_OVER");
  EXPECT_EQ(items[0].user_id(), "sup1");
  EXPECT_EQ(items[0].lot_id(), "A");
  EXPECT_EQ(items[0].run_id(), "");
  EXPECT_EQ(items[0].text(), "sample A-S1 to tech2");
  EXPECT_EQ(items[1].what(), "TAKEN_OVER");
  EXPECT_EQ(items[1].user_id(), "tech2");
  EXPECT_EQ(DueWork("lot_id: 'A' " + since).shift_size(), 2);
  fixture.AddLot("B", "MCB", "", "Q");
  EXPECT_EQ(DueWork("lot_id: 'B' " + since).shift_size(), 0);
}

TEST_F(Work, AHandOverListNamesSecondEntriesAndAmendments) {
  fixture.ReleaseBank();
  fixture.AddLot("P1", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  auto copied = FromText<v1::SubmitResultRequest>(
      "source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract laboratory' "
      "report_number: 'CL-77' performed_dates: '2026-02-20' } "
      "scan { file_name: 'CL-77.pdf' content: 'scanned' }");
  copied.MergeFrom(PhValue("P1", "7.13"));
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, copied));
  const TimeUs shift = fixture.now_us += kHour;
  const auto again = [&](const std::string& value) {
    v1::ReenterResultRequest request;
    request.set_lot_id("P1");
    request.set_panel("PH");
    *request.mutable_entries() = PhValue("P1", value).entries();
    return fixture.Do("tech2", "RunService/ReenterResult", &ReenterResult, request);
  };
  EXPECT_FALSE(again("7.31"));  // the difference is an act of its own
  fixture.Must(again("7.13"));
  fixture.AddLot("P2", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  fixture.Must(fixture.SubmitPh("P2", "7.02"));
  auto amendment = FromText<v1::AmendResultRequest>(
      "lot_id: 'P2' panel: 'PH' reason_code: AMENDMENT_REASON_TYPING_ERROR "
      "reason: 'two digits exchanged at the terminal' "
      "evidence { file_name: 'bench.pdf' content: 'pH 7.20' }");
  *amendment.mutable_entries() = PhValue("P2", "7.20").entries();
  fixture.Must(fixture.Do("tech1", "RunService/AmendResult", &AmendResult, amendment));
  fixture.Must(fixture.DoText<v1::ConfirmAmendmentRequest>(
      "tech2", "RunService/ConfirmAmendment", &ConfirmAmendment, "lot_id: 'P2' number: 1"));
  Names told;
  const v1::ListWorkResponse due = DueWork("since: '" + FormatUtc(shift) + "'");
  for (const v1::ShiftItem& item : due.shift()) {
    if (item.lot_id().empty()) continue;
    told.push_back(item.what() + " " + item.lot_id() + " " + item.user_id() + ": " + item.text());
    EXPECT_NE(item.run_id(), "") << told.back();
  }
  EXPECT_EQ(
      told,
      (Names{"ENTRIES_DIFFER P1 tech2: attempt/P1/PH/1", "ENTERED_AGAIN P1 tech2: attempt/P1/PH/1",
             "AMENDMENT_PROPOSED P2 tech1: amendment 1 of PH attempt 1: two digits exchanged "
             "at the terminal",
             "AMENDMENT_CONFIRMED P2 tech2: amendment 1 of PH attempt 1"}));
}

}  // namespace
}  // namespace lims::app
