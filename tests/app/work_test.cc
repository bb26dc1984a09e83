// What is due, by whom, until when; and the hand-over list.
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
  fixture.Must(Look("tech1", Clear()));
  EXPECT_EQ(due(v1::WORK_KIND_LOOK), 72);
  EXPECT_NE(ItemOf(DueWork(), v1::WORK_KIND_LOOK).text().find("by tech1"), std::string::npos);
  fixture.now_us = start + 13 * kDay;
  EXPECT_EQ(due(v1::WORK_KIND_LAST_LOOK), 336);
  fixture.Must(Look("tech1", Entry("FTM-1", "GROWTH")));
  const v1::WorkItem item = ItemOf(DueWork(), v1::WORK_KIND_SUBMIT);
  EXPECT_NE(item.text().find("GROWTH at FTM-1, reading 2 for lot A"), std::string::npos);
}

TEST_F(Work, LateReadingsReviewsAndRepeatsGoToTheirRoles) {
  Start();
  fixture.now_us += 3 * kDay;
  fixture.Must(Look("tech1", Entry("FTM-POS", "GROWTH"), start + 36 * kHour, "terminal was down"));
  const v1::WorkItem clear = ItemOf(DueWork(), v1::WORK_KIND_CLEAR);
  EXPECT_EQ(clear.who(), v1::ROLE_QA);
  EXPECT_EQ(clear.run_id(), run_id);
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Look("tech1", Clear()));
  EXPECT_EQ(ItemOf(DueWork(), v1::WORK_KIND_SUBMIT).run_id(), run_id);
  fixture.Must(Submit());
  const v1::WorkItem review = ItemOf(DueWork(), v1::WORK_KIND_REVIEW);
  EXPECT_EQ(review.who(), v1::ROLE_REVIEWER);
  EXPECT_NE(review.text().find("STER"), std::string::npos);
}

TEST_F(Work, ALotWaitsForQaThenForNothing) {
  Start();
  fixture.now_us += 2 * kDay;
  fixture.Must(Look("tech1", Entry("FTM-POS", "GROWTH")));
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Look("tech1", Clear()));
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
  EXPECT_EQ(planned.text(), "sample A-S9 is asked for: lims sample take");
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
    return ListWork(fixture.site(), records, FromText<v1::ListWorkRequest>("page_token: 'LTE='"));
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "page_token");
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
  fixture.Must(Look("tech1", Clear()));
  fixture.now_us += kHour;
  fixture.Must(Look("tech2", Clear()));
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

}  // namespace
}  // namespace lims::app
