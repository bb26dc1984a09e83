// Looks at an open run, as they happen and late; growth; what is due.
#include <latch>
#include <map>
#include <string>
#include <thread>

#include "readings_fixture.h"

#include "app/recompute.h"
#include "app/signed_acts.h"

namespace lims::app {
namespace {

TEST_F(Readings, AreKeptWithObserverAndBothTimes) {
  Start();
  fixture.now_us += kDay;
  fixture.Must(Observe("tech1", Clear()));
  fixture.now_us += 2 * kDay;
  fixture.Must(Observe("tech2", Clear()));
  const auto run = Get();
  ASSERT_EQ(run.readings_size(), 2);
  EXPECT_EQ(run.readings(1).number(), 2);
  EXPECT_EQ(run.readings(1).observed_by(), "tech2");
  EXPECT_EQ(*ParseTime(run.readings(1).entered_time()) / 1000, fixture.now_us / 1000);
  EXPECT_EQ(run.readings(1).late_reason(), "");
  EXPECT_EQ(run.readings(0).entries(0).target(), "FTM");  // from the map
  EXPECT_EQ(run.run().analysts_size(), 2);
  EXPECT_EQ(run.attempts(0).analysts_size(), 2);
}

TEST_F(Readings, AreRefusedWithTheEntryAndTheReason) {
  Start();
  fixture.now_us += 3 * kDay;
  const TimeUs now = fixture.now_us;
  fixture.Must(Observe("tech1", Clear()));
  fixture.now_us += kHour;
  struct Case {
    const char* what;
    TimeUs observed;
    std::string entries;
    Names fields;
  };
  const Case cases[] = {
      {"future", fixture.now_us + kHour, Clear(), {"observed_time"}},
      {"before the last reading", now - 1000, Entry("FTM-1", "NO_GROWTH"), {"entries[0].position"}},
      {"before the start",
       start - kHour,
       Entry("FTM-POS", "NO_GROWTH"),
       {"observed_time", "observed_time", "observed_time"}},
      {"another bottle", now, Entry("FTM-7", "NO_GROWTH"), {"entries[0].position"}},
      {"another bottle after one of the run",
       now,
       Entry("FTM-POS", "GROWTH") + Entry("FTM-7", "NO_GROWTH"),
       {"entries[1].position"}},
      {"another medium",
       now,
       "entries { position: 'FTM-1' target: 'TSB' value { value: "
       "'NO_GROWTH' } }",
       {"entries[0].position"}},
      {"read twice",
       now,
       Entry("FTM-POS", "GROWTH") + "entries { position: 'FTM-POS' target: "
                                    "'FTM' value { value: 'GROWTH' } }",
       {"entries[1].position"}},
      {"unknown code", now, Entry("FTM-POS", "CLOUDY"), {"entries[0].value"}},
      {"a number", now, Entry("FTM-POS", "3"), {"entries[0].value"}},
  };
  for (const Case& each : cases) {
    const auto refused = Observe("tech2", each.entries, each.observed);
    ASSERT_FALSE(refused) << each.what;
    EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument) << each.what;
    EXPECT_EQ(Fields(refused), each.fields) << each.what;
  }
  EXPECT_EQ(Get().readings_size(), 1);
}

TEST_F(Readings, NameTheTargetOfAPositionThatIsReadForSeveral) {
  auto request = CreateRequest({"A"});
  for (const char* target : {"FTM", "TSB"}) {
    v1::RunPosition& place = *request.add_positions();
    place.set_position("BLANK");
    place.set_role(v1::POSITION_ROLE_NEGATIVE_CONTROL);
    place.set_target(target);
  }
  v1::RunPosition& broken = *request.add_positions();
  broken.set_position("TSB-9");
  broken.set_role(v1::POSITION_ROLE_NEGATIVE_CONTROL);
  broken.set_target("TSB");
  broken.set_omit_reason("the tube broke");
  Start(request);
  fixture.now_us += kDay;
  const auto refused = Observe("tech1", Entry("BLANK", "NO_GROWTH") + Entry("TSB-9", "NO_GROWTH"));
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().violations.size(), 2u);
  EXPECT_EQ(refused.error().violations[0].field, "entries[0].position");
  EXPECT_EQ(refused.error().violations[0].description,
            "BLANK is read for FTM, TSB: name the target of each value");
  EXPECT_EQ(refused.error().violations[1].field, "entries[1].position");
  EXPECT_EQ(refused.error().violations[1].description,
            "TSB-9 is omitted on the map (the tube broke)");
  fixture.Must(
      Observe("tech1", "entries { position: 'BLANK' target: 'TSB' value { value: 'NO_GROWTH' } }"));
  EXPECT_EQ(Get().readings(0).entries(0).target(), "TSB");
}

TEST_F(Readings, AreSubmittedWithoutWhatWasDeclaredBefore) {
  Start();
  ReadToTheEnd();
  v1::SubmitRunRequest request = SubmitRequest();
  AddSetup(&request, "ftm_lot", "M-2");
  const auto again = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  EXPECT_EQ(Fields(again), Names{"setup[3].name"});
  EXPECT_NE(Words(again).find("ftm_lot was declared when the run was created"), std::string::npos);
  fixture.Must(Submit());
}

TEST_F(Readings, AreHeldAgainstTheCourseOfTheirVessel) {
  Start();
  fixture.now_us += 10 * kDay;
  for (const std::string& entry : {Entry("FTM-1", "TRANSFERRED"), Entry("TSB-NEG", "TURBID")}) {
    const auto refused = Observe("tech1", Entry("TSB-1", "TURBID") + entry);
    ASSERT_FALSE(refused) << entry;
    EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument) << entry;
    ASSERT_EQ(refused.error().violations.size(), 1u) << entry;
    EXPECT_EQ(refused.error().violations[0].field, "entries[1].value") << entry;
  }
  EXPECT_EQ(Get().readings_size(), 0);
  fixture.Must(Observe("tech1", Entry("FTM-1", "TURBID")));
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Observe("tech1", Entry("FTM-1", "TRANSFERRED")));
}

TEST_F(Readings, OfTwoPeopleAtOnceAreAllKept) {
  constexpr int kEach = 20;
  Start();
  fixture.now_us += kDay;
  const auto text =
      "run_id: '" + run_id + "' observed_time: '" + FormatUtc(fixture.now_us) + "' " + Clear();
  std::latch both(2);
  const auto read = [&](const Call& call) {
    both.arrive_and_wait();
    for (int i = 0; i < kEach; ++i) {
      auto request = FromText<v1::RecordReadingRequest>(text);
      request.set_request_id(NewUuid());
      fixture.Must(fixture.Record(call, request.request_id(), request,
                                  RecordReading(fixture.site(), call, request)));
    }
  };
  const Call one = fixture.As("tech1", "RunService/RecordReading");
  const Call two = fixture.As("tech2", "RunService/RecordReading");
  std::thread other([&] { read(two); });
  read(one);
  other.join();
  const auto run = Get();
  ASSERT_EQ(run.readings_size(), 2 * kEach);
  std::map<std::string, int> by;
  for (int i = 0; i < run.readings_size(); ++i) {
    EXPECT_EQ(run.readings(i).number(), i + 1);
    ++by[run.readings(i).observed_by()];
  }
  EXPECT_EQ(by, (std::map<std::string, int>{{"tech1", kEach}, {"tech2", kEach}}));
}

TEST_F(Readings, AreNotTypedAsOneValueWhereTheMethodNamesNoLastLook) {
  auto method = ReadTextProto<v1::Method>(kSchemas / "methods" / "M-STER.textproto");
  method.set_version(2);
  method.clear_paper_approval();
  method.set_effective_date("2026-03-01");
  method.mutable_observation()->clear_until();
  fixture.AddMethods({method});
  const auto typed = fixture.DoText<v1::SubmitResultRequest>(
      "tech1", "RunService/SubmitResult", &SubmitResult,
      "lot_id: 'A' panel: 'STER' entries { input: 'FTM' value { value: 'NO_GROWTH' } }");
  ASSERT_FALSE(typed);
  EXPECT_NE(typed.error().message.find("is recorded reading by reading: lims run create"),
            std::string::npos)
      << typed.error().message;
}

TEST_F(Readings, ThatComeLateNeedAReasonAndBlockUntilQaClearsThem) {
  Start();
  fixture.now_us += 3 * kDay;
  const TimeUs observed = fixture.now_us - kDay;
  EXPECT_FALSE(Observe("tech1", Clear(), observed - 2000));
  EXPECT_FALSE(Observe("tech1", Clear(), fixture.now_us, "not late at all"));
  fixture.Must(Observe("tech1", Clear(), observed - 10'000, "terminal was down"));
  EXPECT_EQ(Get().readings(0).late_reason(), "terminal was down");
  EXPECT_EQ(Get().attempts(0).late_readings_size(), 1);
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
  const auto clear = [&](const std::string& user, const std::string& reason) {
    return ClearLate(user, reason, "numbers: 1");
  };
  EXPECT_FALSE(clear("tech1", "mine"));
  EXPECT_FALSE(clear("sup1", "his"));
  EXPECT_FALSE(clear("qa1", ""));
  fixture.Must(clear("qa1", "bench sheet seen"));
  EXPECT_EQ(Get().readings(0).cleared_by(), "qa1");
  EXPECT_EQ(Get().readings(0).clear_reason(), "bench sheet seen");
  EXPECT_FALSE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
  EXPECT_FALSE(clear("qa1", "again"));
}

TEST_F(Readings, ThatComeLateAreClearedByNobodyWhoWorkedOnTheRun) {
  fixture.AddPerson("qa2", v1::ROLE_TECHNICIAN);
  fixture.Must(fixture.DoText<v1::GrantRoleRequest>("admin1", "AccessService/GrantRole", &GrantRole,
                                                    "user_id: 'qa2' role: ROLE_QA"));
  fixture.Must(fixture.DoText<v1::ConfirmUserRequest>(
      "admin2", "AccessService/ConfirmUser", &ConfirmUser, "user_id: 'qa2' roles: ROLE_QA"));
  auto request = CreateRequest({"A"});
  request.add_analysts("qa2");
  Start(request);
  fixture.now_us += 3 * kDay;
  fixture.Must(Observe("tech1", Clear(), start + kDay, "terminal was down"));
  const auto own = ClearLate("qa2", "bench sheet seen", "numbers: 1");
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().reason, ErrorReason::kSegregation);
  fixture.Must(ClearLate("qa1", "bench sheet seen", "numbers: 1"));
}

TEST_F(Readings, ThatComeWhileQaClearsOthersStay) {
  Start();
  fixture.now_us += 3 * kDay;
  fixture.Must(Observe("tech1", Clear(), start + kDay, "terminal was down"));
  fixture.Must(Observe("tech1", Clear(), fixture.now_us - kHour));
  fixture.now_us += 2 * kDay;
  fixture.Must(Observe("tech1", Clear(), fixture.now_us - 30 * kHour, "forgotten"));
  const auto unnamed = ClearLate("qa1", "seen", "");
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().violations[0].field, "numbers");
  EXPECT_NE(unnamed.error().message.find("wait: 1, 3"), std::string::npos);
  const auto in_time = ClearLate("qa1", "seen", "numbers: [1, 2]");
  ASSERT_FALSE(in_time);
  EXPECT_EQ(in_time.error().violations[0].field, "numbers[1]");
  fixture.Must(ClearLate("qa1", "bench sheet seen", "numbers: 1"));
  EXPECT_EQ(Get().readings(2).cleared_by(), "");
  v1::Attempt attempt = Get().attempts(0);
  ASSERT_EQ(attempt.late_readings_size(), 1);
  EXPECT_EQ(attempt.late_readings(0), 3);
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
  fixture.Must(ClearLate("qa1", "bench sheet seen", "numbers: 3"));
  EXPECT_FALSE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
  // What was cleared is told to whoever signs.
  attempt = Get().attempts(0);
  EXPECT_EQ(attempt.late_readings_size(), 0);
  EXPECT_EQ(attempt.cleared_readings_size(), 2);
  EXPECT_NE(Text(attempt).find("entered late, cleared by QA: reading 1, 3"), std::string::npos)
      << Text(attempt);
}

TEST_F(Readings, ALateEntryBlocksEveryLotOfTheRunAlsoAfterItsSubmission) {
  fixture.AddLot("B", "MCB", "", "Q");
  Start({"A", "B"});
  fixture.now_us += 2 * kDay;
  fixture.Must(Observe("tech1", Entry("FTM-POS", "GROWTH")));
  fixture.now_us += 13 * kDay;
  fixture.Must(Observe("tech1", Clear({"A", "B"}), fixture.now_us - kHour));
  fixture.now_us += 2 * kDay;
  fixture.Must(
      Observe("tech1", Entry("FTM-1", "NO_GROWTH"), fixture.now_us - 30 * kHour, "forgotten"));
  fixture.Must(Submit());
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
  EXPECT_TRUE(Blocked("B", v1::BLOCKER_KIND_LATE_ENTRY));
}

TEST_F(Readings, PartialDataAreNoVerdict) {
  Start();
  for (const int day : {2, 13}) {
    fixture.now_us = start + day * kDay;
    fixture.Must(Observe("tech1", Clear() + Entry("FTM-POS", "GROWTH")));
    const auto refused = Submit();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, ErrorReason::kWrongState);
    EXPECT_NE(refused.error().message.find("is not finished"), std::string::npos);
    EXPECT_EQ(refused.error().violations.size(), 4u);
    EXPECT_EQ(Get().run().state(), v1::RUN_STATE_OPEN);
  }
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Observe("tech1", Clear()));
  fixture.Must(Submit());
  EXPECT_EQ(ResultOf("A").verdict(), v1::VERDICT_PASS);
  EXPECT_EQ(Get().attempts(0).flags(0), "LOOK_MISSED");
}

TEST_F(Readings, GrowthHoldsTheLotBeforeTheRunIsSubmitted) {
  fixture.AddLot("B", "MCB", "", "Q");
  Start({"A", "B"});
  fixture.now_us += 3 * kDay;
  const auto act = Observe("tech2", Entry("TSB-2", "GROWTH") + Entry("TSB-1", "NO_GROWTH"));
  fixture.Must(act);
  v1::RecordReadingResponse response;
  FillResponse(*act, &response);
  ASSERT_EQ(response.holds_size(), 1);
  EXPECT_EQ(response.holds(0).lot_id(), "B");
  EXPECT_EQ(response.holds(0).kind(), v1::HOLD_KIND_BIOSAFETY);
  EXPECT_EQ(response.holds(0).run_id(), run_id);
  EXPECT_TRUE(Blocked("B", v1::BLOCKER_KIND_HOLD));
  EXPECT_TRUE(Blocked("B", v1::BLOCKER_KIND_POSITIVE_READING));
  EXPECT_FALSE(Blocked("A", v1::BLOCKER_KIND_HOLD));
  EXPECT_FALSE(Blocked("A", v1::BLOCKER_KIND_POSITIVE_READING));
  // Lot A goes on, so the run cannot be submitted yet, and growth is not aborted away.
  EXPECT_FALSE(Submit());
  const auto abort = fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun, "run_id: '" + run_id + "' reason: 'start again'");
  ASSERT_FALSE(abort);
  EXPECT_NE(abort.error().message.find("GROWTH at TSB-2, reading 1"), std::string::npos);
  // A second look that shows it again places no second hold.
  fixture.Must(Observe("tech2", Entry("TSB-2", "GROWTH")));
  EXPECT_EQ(Holds("B"), 1);
}

// What no positive waives is declared with the data, by which time a positive has acted.
TEST_F(Readings, GrowthActsForTheBankUnlessADeclaredCheckFailed) {
  auto method = ReadTextProto<v1::Method>(kSchemas / "methods" / "M-STER.textproto");
  method.set_method_id("M-STRICT");
  method.set_panel("STRICT");
  method.mutable_outputs(0)->set_line_code("STRICT");
  for (v1::SetupCheck& check : *method.mutable_setup_checks()) {
    if (check.name() == "temperatures_in_range") check.clear_waived_when_positive();
  }
  fixture.AddMethods({method});
  fixture.AddSpecification(FromText<v1::SpecificationText>(R"(
    product { product_id: "Z" name_en: "Product" name_zh: "产品" }
    specification { product_id: "Z" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
      effective_date: "2026-01-02" paper_approval { document: "QA-5" date: "2026-01-01" } }
    lines { number: "1" line_code: "STRICT" name_en: "Sterility" name_zh: "无菌" panel: "STRICT"
      method_id: "M-STRICT" result_kind: RESULT_KIND_OBSERVATION
      criteria { accepted_codes: "NO_GROWTH" }
      codes { code: "NO_GROWTH" text_en: "No growth" text_zh: "无菌生长" }
      codes { code: "GROWTH" text_en: "Growth" text_zh: "有菌生长" }
      gates { gate: GATE_BANK lot_kinds: [LOT_KIND_MCB, LOT_KIND_WCB] }
      verdict_mode: VERDICT_MODE_JUDGED clause: "1101" source: "test" biosafety: true })"));
  fixture.AddLot("MASTER", "MCB", "", "Z");
  const auto read_growth = [&](const std::string& lot, const std::string& in_range) {
    fixture.AddLot(lot, "WCB", "parents { lot_id: 'MASTER' }", "Z");
    auto request = CreateRequest({lot});
    request.set_method_id("M-STRICT");
    if (!in_range.empty()) AddSetup(&request, "temperatures_in_range", in_range);
    Start(request);
    fixture.now_us += kHour;
    fixture.Must(Observe("tech1", Entry("FTM-1", "GROWTH")));
    EXPECT_EQ(Holds(lot), 1) << lot;
  };
  read_growth("WORKING-1", "no");
  EXPECT_EQ(Holds("MASTER"), 0);
  read_growth("WORKING-2", "");
  EXPECT_EQ(Holds("MASTER"), 1);
  EXPECT_EQ(Holds("WORKING-1"), 2);
}

// The first positive is of a line that holds nothing, or of one that does; what it names acts, and
// so does each that follows. How many cultures there were is declared with the data.
TEST_F(Readings, EveryPositiveActsWhenItIsRead) {
  auto method = ReadTextProto<v1::Method>(kSchemas / "methods" / "M-AVA-CULT.textproto");
  for (v1::SetupCheck& check : *method.mutable_setup_checks()) {
    if (check.name() == "cultures_lost") check.clear_waived_when_positive();
  }
  fixture.AddMethods({method});
  const auto play = [&](const std::string& product, const std::string& of_first) {
    fixture.AddSpecification(FromText<v1::SpecificationText>(
        "product { product_id: '" + product + "' name_en: 'Product' name_zh: '产品' } " +
        "specification { product_id: '" + product +
        "' revision: 1 title_en: 'T' title_zh: '标题' basis: 'test' effective_date: '2026-01-02' "
        "paper_approval { document: 'QA-5' date: '2026-01-01' } } " +
        CultureLine("AVA-V", "NO_CPE", "CPE", of_first) +
        CultureLine("HAD", "NO_ADSORPTION", "ADSORPTION", "biosafety: true")));
    const std::string bank = product + "-MASTER";
    const std::string lot = product + "-WORKING";
    fixture.AddLot(bank, "MCB", "", product);
    fixture.AddLot(lot, "WCB", "parents { lot_id: '" + bank + "' }", product);
    v1::CreateRunRequest request;
    request.set_method_id("M-AVA-CULT");
    request.set_started_time(FormatUtc(fixture.now_us));
    AddSetup(&request, "inoculation_end", FormatUtc(fixture.now_us));
    AddSetup(&request, "cultures_lost", "1");
    for (const v1::MethodOutput& output : method.outputs()) {
      for (const v1::OutputTarget& target : output.targets()) {
        v1::RunPosition& place = *request.add_positions();
        place.set_position(target.name());
        place.set_target(target.name());
        place.set_role(v1::POSITION_ROLE_SAMPLE);
        place.set_sample_id(lot + "-S1");
      }
    }
    Start(request);
    const std::string cpe =
        "entries { position: 'VERO' value { value: 'CPE' } description: 'rounded cells' } ";
    const std::string adsorption = Entry("CHICKEN_4C", "ADSORPTION");
    const int first = of_first.empty() ? 0 : 1;
    const std::vector<std::pair<std::string, int>> readings = {
        {cpe, first}, {cpe + adsorption, first + 1}, {cpe + adsorption, first + 1}};
    for (const auto& [entries, holds] : readings) {
      fixture.now_us += kHour;
      fixture.Must(Observe("tech1", entries));
      EXPECT_EQ(Holds(lot), holds) << product;
      EXPECT_EQ(Holds(bank), holds) << product;
    }
    EXPECT_EQ(Get().attempts(0).positive_reading(), "CPE at VERO, reading 1");
    const auto held = Reading([&](storage::Records& records) {
      return records.Get<v1::Hold>({bank, std::int64_t{first + 1}});
    });
    ASSERT_TRUE(held);
    const auto& named = held->record.cause_lines();
    EXPECT_EQ(std::count(named.begin(), named.end(), "HAD"), 1);
  };
  play("Y", "");
  play("Z", "biosafety: true");
}

TEST_F(Readings, GrowthOnDayNineIsOutOfSpecificationAtOnce) {
  Start();
  fixture.now_us += 9 * kDay;
  fixture.Must(Observe("tech2", Entry("FTM-1", "GROWTH")));
  fixture.Must(Submit());
  EXPECT_EQ(Get().run().outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Get().attempts(0).outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(ResultOf("A").value_reported(), "GROWTH");
  EXPECT_EQ(ResultOf("A").verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(Holds("A"), 1);
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_OOS));
  EXPECT_FALSE(Blocked("A", v1::BLOCKER_KIND_POSITIVE_READING));
  const auto again = Create({"A"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, ErrorReason::kWrongState);
}

TEST_F(Readings, WhatIsNotDeclaredIsAskedForUnlessGrowthActsAtOnce) {
  Start();
  const auto undeclared = [&] {
    v1::SubmitRunRequest request = SubmitRequest();
    request.mutable_setup()->DeleteSubrange(1, 1);
    return fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request);
  };
  fixture.now_us = start + 2 * kDay;
  fixture.Must(Observe("tech1", Clear() + Entry("FTM-POS", "GROWTH")));
  fixture.now_us = start + 14 * kDay;
  fixture.Must(Observe("tech1", Clear()));
  const auto refused = undeclared();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument);
  ASSERT_EQ(refused.error().violations.size(), 1u);
  EXPECT_NE(refused.error().violations[0].description.find("environmental_monitoring_ok"),
            std::string::npos);
  EXPECT_EQ(Get().run().state(), v1::RUN_STATE_OPEN);
  fixture.Must(Observe("tech1", Entry("FTM-1", "GROWTH")));
  fixture.Must(undeclared());
  EXPECT_EQ(ResultOf("A").verdict(), v1::VERDICT_OOS_SUSPECTED);
}

TEST_F(Readings, GrowthInAnInvalidRunHoldsTheLotUntilQaDecides) {
  Start();
  fixture.now_us += 9 * kDay;
  fixture.Must(Observe("tech2", Entry("FTM-NEG", "GROWTH") + Entry("FTM-1", "GROWTH")));
  fixture.Must(Submit());
  const v1::Attempt attempt = Get().attempts(0);
  EXPECT_EQ(attempt.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_EQ(Names(attempt.flags().begin(), attempt.flags().end()),
            (Names{"LOOK_MISSED", "UNEXPECTED_POSITIVE"}));
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_HOLD));
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_REPEAT_DUE));
}

// Vessels are those of one version; another may divide the same amount otherwise.
TEST_F(Readings, ARepeatIsAsLargeAsTheFirstTest) {
  auto request = CreateRequest({"A"});
  v1::RunPosition second = request.positions(0);
  second.set_position("FTM-1B");
  *request.add_positions() = second;
  v1::SampleUse& use = *request.add_uses();
  use.set_sample_id("A-S1");
  use.mutable_amount()->set_value("0.40");
  use.mutable_amount()->set_unit("mL");
  const auto create = [&] {
    return fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request);
  };
  const auto expect_refused = [&](const std::string& said) {
    const auto smaller = create();
    ASSERT_FALSE(smaller);
    EXPECT_NE(smaller.error().message.find(said), std::string::npos) << smaller.error().message;
  };
  const std::string first = fixture.RunOf(create());
  fixture.Must(
      fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                          "run_id: '" + first + "' reason: 'incubator failed'"));
  request.mutable_uses(0)->mutable_amount()->set_value("0.39");
  expect_refused("used 0.40 mL of its sample: a repeat uses as much, not 0.39 mL");
  request.mutable_uses(0)->mutable_amount()->set_value("0.4");
  request.mutable_positions()->RemoveLast();
  expect_refused("had 3 vessels: a repeat has as many, not 2");
  ASSERT_TRUE(fixture.site().writer().Execute({}, [](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto attempt, tx.records().Get<v1::Attempt>({"A", "STER", 1}));
    attempt.record.set_method_version(0);  // another one
    tx.Put(std::move(attempt.record));
    return {};
  }));
  fixture.Must(create());
}

TEST_F(Readings, WhatWasReadIsCalculatedAgainAlike) {
  Start();
  fixture.now_us += 9 * kDay;
  fixture.Must(Observe("tech2", Entry("FTM-1", "GROWTH")));
  fixture.Must(Submit());
  std::int64_t results = 0;
  const auto differing = fixture.site().store().Read(
      [&](storage::Records& records) { return RecomputeAll(records, &results); });
  ASSERT_TRUE(differing);
  EXPECT_TRUE(differing->empty());
  EXPECT_EQ(results, 1);
}

TEST_F(Readings, AReadingThatComesWhileTheRunIsSubmittedIsNotLost) {
  Start();
  ReadToTheEnd();
  v1::SubmitRunRequest request = SubmitRequest();
  const auto plan = SubmitRun(fixture.site(), fixture.As("tech1", "RunService/SubmitRun"), request);
  ASSERT_TRUE(plan);
  fixture.Must(Observe("tech1", Entry("FTM-1", "NO_GROWTH")));
  storage::ActInfo info;
  info.actor.set_user_id("tech1");
  info.act = v1::ACT_SUBMIT_RUN;
  info.request_id = NewUuid();
  const auto late = fixture.site().writer().Execute(std::move(info), plan->run);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, ErrorReason::kChanged);
  fixture.Must(Observe("tech1", Entry("FTM-1", "GROWTH")));
  fixture.Must(Submit());
  EXPECT_EQ(ResultOf("A").verdict(), v1::VERDICT_OOS_SUSPECTED);
}

TEST_F(Readings, AMapWithoutControlsIsRefused) {
  auto request = CreateRequest({"A"});
  request.mutable_positions()->DeleteSubrange(2, 3);
  const auto refused = fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations.size(), 3u);
}

TEST_F(Readings, TheHoursCountFromAMomentThatIsOver) {
  auto request = CreateRequest({"A"});
  request.mutable_setup(0)->set_value(FormatUtc(fixture.now_us + kHour));
  const auto future = fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request);
  ASSERT_FALSE(future);
  EXPECT_EQ(future.error().violations[0].field, "setup[0].value");
  request.mutable_setup(0)->set_value(FormatUtc(fixture.now_us - kHour));
  const auto before = fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request);
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().violations[0].field, "setup[0].value");
}

TEST_F(Readings, AStartThatIsDeclaredWithTheDataIsALateEntry) {
  StartUndeclared();
  ReadToTheEnd();
  const auto submit = [&](TimeUs inoculated, const std::string& reason) {
    v1::SubmitRunRequest data = SubmitRequest();
    AddSetup(&data, "inoculation_end", FormatUtc(inoculated));
    data.set_late_reason(reason);
    return fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, data);
  };
  const auto silent = submit(start, "");
  ASSERT_FALSE(silent);
  ASSERT_EQ(silent.error().violations.size(), 1u);
  EXPECT_EQ(silent.error().violations[0].field, "setup[3].value");
  EXPECT_NE(silent.error().message.find("--late-reason"), std::string::npos);
  const auto after = submit(start + 3 * kDay, "read from the bench sheet");
  ASSERT_FALSE(after);
  EXPECT_NE(after.error().message.find("inoculation_end lies after reading 1"), std::string::npos)
      << after.error().message;
  fixture.Must(submit(start, "read from the bench sheet"));
  EXPECT_EQ(ResultOf("A").verdict(), v1::VERDICT_PASS);
  const v1::LateEntry late = Get().attempts(0).late_entry();
  EXPECT_EQ(late.claimed_time(), FormatUtc(start));
  EXPECT_EQ(late.reason(), "read from the bench sheet");
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
  fixture.Must(ClearLate("qa1", "bench sheet seen", ""));
  EXPECT_FALSE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));
}

TEST_F(Readings, AStartOfTheSameDayMayBeDeclaredWithTheData) {
  StartUndeclared();
  fixture.now_us += 20 * kHour;
  fixture.Must(Observe("tech1", Entry("FTM-1", "GROWTH")));
  v1::SubmitRunRequest data = SubmitRequest();
  AddSetup(&data, "inoculation_end", FormatUtc(fixture.now_us - 19 * kHour));
  data.set_late_reason("not late at all");
  const auto refused = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, data);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "late_reason");
  data.clear_late_reason();
  data.set_request_id(NewUuid());
  fixture.Must(fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, data));
  EXPECT_FALSE(Get().attempts(0).has_late_entry());
}

TEST_F(Readings, BottlesMayBeNamedAsNoWellIs) {
  auto request = CreateRequest({"A"});
  request.mutable_positions(0)->set_position("A1");
  request.mutable_positions(1)->set_position("A01");
  request.mutable_positions(2)->set_position("a1");
  fixture.Must(fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request));
}

// A test that is over is typed at once.
class TypedReadings : public Readings {
 protected:
  Result<storage::RecordedAct> Type(TimeUs last_look, const std::string& code) {
    v1::SubmitResultRequest request;
    request.set_lot_id("A");
    request.set_panel("STER");
    for (const char* medium : {"FTM", "TSB"}) {
      v1::TypedEntry& entry = *request.add_entries();
      entry.set_input(medium);
      entry.set_replicate(1);
      entry.mutable_value()->set_value(medium == std::string("FTM") ? "NO_GROWTH" : code);
    }
    AddSetup(&request, "inoculation_end", FormatUtc(start));
    AddSetup(&request, "last_look", FormatUtc(last_look));
    AddSetup(&request, "positive_control_growth_day", "2");
    for (const char* name : {"temperatures_in_range", "environmental_monitoring_ok",
                             "procedure_review_ok", "interim_looks_made",
                             "negative_control_ftm_no_growth", "negative_control_tsb_no_growth"}) {
      AddSetup(&request, name, "yes");
    }
    AddBenchSetup(&request);
    if (fixture.now_us - last_look > kDay) request.set_late_reason("the terminal was down");
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  }
};

TEST_F(TypedReadings, AreJudgedByTheSameHours) {
  fixture.now_us = start + 20 * kDay;
  const auto early = Type(start + 13 * kDay, "NO_GROWTH");
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, ErrorReason::kWrongState);
  EXPECT_FALSE(Type(start + 21 * kDay, "NO_GROWTH"));
  fixture.Must(Type(start + 3 * kDay, "GROWTH"));
  EXPECT_EQ(ResultOf("A").verdict(), v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(Holds("A"), 1);
  EXPECT_TRUE(Blocked("A", v1::BLOCKER_KIND_LATE_ENTRY));  // the last reading was 17 days ago
}

TEST_F(TypedReadings, OfARepeatAreOfATestAsLargeAsTheFirst) {
  auto request = CreateRequest({"A"});
  v1::RunPosition second = request.positions(0);
  second.set_position("FTM-1B");
  *request.add_positions() = second;
  const auto created = fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request);
  fixture.Must(fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun,
      "run_id: '" + fixture.RunOf(created) + "' reason: 'incubator failed'"));
  fixture.now_us = start + 14 * kDay;
  const auto smaller = Type(fixture.now_us, "NO_GROWTH");
  ASSERT_FALSE(smaller);
  EXPECT_NE(smaller.error().message.find("had 3 vessels: a repeat has as many, not 2"),
            std::string::npos)
      << smaller.error().message;
}

}  // namespace
}  // namespace lims::app
