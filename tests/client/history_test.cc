#include "core/history.h"

#include <gtest/gtest.h>

#include "client/synthetic_log.h"

namespace lims::client {
namespace {

v1::Record Sample(v1::SampleState state, const std::string& taken_by) {
  v1::Record record;
  record.mutable_sample()->set_sample_id("S1");
  record.mutable_sample()->set_lot_id(kLot);
  record.mutable_sample()->set_state(state);
  record.mutable_sample()->set_taken_by(taken_by);
  return record;
}

v1::Record Position(const std::string& lot) {
  v1::Record record;
  record.mutable_run_position()->set_run_id("R1");
  record.mutable_run_position()->set_position("A" + lot.substr(lot.size() - 1));
  record.mutable_run_position()->set_lot_id(lot);
  return record;
}

v1::Record Attempt() {
  v1::Record record;
  v1::Attempt* attempt = record.mutable_attempt();
  attempt->set_lot_id(kLot);
  attempt->set_panel("PH");
  attempt->set_number(1);
  attempt->set_run_id("R1");
  return record;
}

std::vector<v1::LogEntry> Entries(const SyntheticLog& log, const std::string& stream) {
  std::vector<v1::LogEntry> entries;
  for (const SyntheticLog::Entry& entry : log.streams().at(stream)) {
    v1::LogEntry& out = entries.emplace_back();
    out.set_index(entry.index);
    out.set_entry(entry.bytes);
  }
  return entries;
}

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    const std::string lot = std::string("lot/") + kLot;
    log_.Append(lot, "qa", v1::ACT_PLAN_SAMPLE, {Sample(v1::SAMPLE_STATE_PLANNED, "")});
    log_.Append("run/R1", "tech", v1::ACT_CREATE_RUN, {Position(kLot), Position("SC-2026-0008")});
    log_.Append(lot, "tech", v1::ACT_TAKE_SAMPLE,
                {Sample(v1::SAMPLE_STATE_TAKEN, "tech"), Attempt()}, [](v1::Event* event) {
                  event->mutable_reason()->set_code("LATE");
                  event->mutable_reason()->set_text("keyed in later");
                });
    entries_ = Entries(log_, lot);
  }

  SyntheticLog log_;
  std::vector<v1::LogEntry> entries_;
};

TEST_F(HistoryTest, RecordsAreNamedByKindAndKey) {
  EXPECT_EQ(RecordName(Attempt()), "attempt/SC-2026-0007/PH/1");
  EXPECT_EQ(RecordName(Sample(v1::SAMPLE_STATE_TAKEN, "")), "sample/S1");
  EXPECT_EQ(RecordName(v1::Record()), "");
}

TEST_F(HistoryTest, EventsOfLotAndRunsComeInLogOrderWithOldAndNew) {
  EXPECT_EQ(RunsOf(entries_).value(), std::set<std::string>{"R1"});
  for (const v1::LogEntry& entry : Entries(log_, "run/R1")) entries_.push_back(entry);
  const std::vector<HistoryEntry> history = BuildHistory(entries_, kLot).value();
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0].event.index(), 0);
  EXPECT_EQ(history[1].event.index(), 1);
  EXPECT_EQ(history[2].event.index(), 2);

  for (const FieldChange& change : history[0].changes) {
    EXPECT_EQ(change.from, std::nullopt);
    EXPECT_NE(change.field, "taken_by");  // empty in a new record
  }
  for (const FieldChange& change : history[1].changes) {
    EXPECT_EQ(change.record, "run_position/R1/A7/");  // the other lot's position is left out
  }
  const std::vector<FieldChange>& changes = history[2].changes;
  ASSERT_GE(changes.size(), 2U);
  EXPECT_EQ(changes[0].record, "sample/S1");
  EXPECT_EQ(changes[0].field, "state");
  EXPECT_EQ(changes[0].from, "PLANNED");
  EXPECT_EQ(changes[0].to, "TAKEN");
  EXPECT_EQ(changes[1].field, "taken_by");
  EXPECT_EQ(changes[1].from, "");
  EXPECT_EQ(changes[1].to, "tech");
}

TEST_F(HistoryTest, TextSaysWhoWhenWhereWhyAndWhat) {
  const std::string text = RenderHistory(BuildHistory(entries_, kLot).value());
  EXPECT_NE(text.find("+08:00 Asia/Shanghai  TAKE_SAMPLE"), std::string::npos) << text;
  EXPECT_NE(text.find("who: tech Name of tech"), std::string::npos);
  EXPECT_NE(text.find("terminal: bench-3"), std::string::npos);
  EXPECT_NE(text.find("why: LATE: keyed in later"), std::string::npos);
  EXPECT_NE(text.find("sample/S1  state: PLANNED -> TAKEN"), std::string::npos);
  const auto json = HistoryJson(kLot, BuildHistory(entries_, kLot).value());
  EXPECT_EQ(json["events"][1]["changes"][0]["old"], "PLANNED");
  EXPECT_TRUE(json["events"][0]["changes"][0]["old"].is_null());
}

TEST_F(HistoryTest, SignatureInTheSessionOfSomebodyElseSaysWhoseAndTheRemarkStandsBesideTheReason) {
  const std::string lot = std::string("lot/") + kLot;
  log_.Append(lot, "qa", v1::ACT_REJECT_LOT,
              {log_.Sign("qa", 'q', lot, v1::MEANING_REJECT, "tech", "seen with the team")},
              [](v1::Event* event) { event->mutable_reason()->set_text("potency 62 %"); });
  entries_ = Entries(log_, lot);
  const std::vector<HistoryEntry> history = BuildHistory(entries_, kLot).value();
  const std::string text = RenderHistory(history);
  EXPECT_NE(text.find("terminal: bench-3  in the session of: tech\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    why: potency 62 %\n    comment: seen with the team\n"),
            std::string::npos)
      << text;
  const auto json = HistoryJson(kLot, history);
  EXPECT_EQ(json["events"][2]["session_of"], "tech");
  EXPECT_EQ(json["events"][2]["why"], "potency 62 %");
  EXPECT_EQ(json["events"][2]["comment"], "seen with the team");
  // An act without signature has neither.
  EXPECT_EQ(json["events"][0]["session_of"], "");
  EXPECT_EQ(text.find("in the session of"), text.rfind("in the session of"));
}

TEST_F(HistoryTest, MalformedEventIsAnError) {
  entries_[0].set_entry("{}x");
  EXPECT_FALSE(BuildHistory(entries_, kLot));
}

}  // namespace
}  // namespace lims::client
