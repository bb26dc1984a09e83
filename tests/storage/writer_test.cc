#include "storage/writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/encoding.h"
#include "base/random.h"
#include "storage/log.h"
#include "storage/store.h"
#include "support/temporary_folder.h"
#include "tlog/checkpoint.h"
#include "tlog/event_bytes.h"

namespace lims::storage {
namespace {

class WriterTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    auto opened = Store::Open({dir, {"UTC", 0, "boot", "build"}, 2}, FixedClock(1'000'000),
                              *SigningKey::FromSeed(std::string(32, 'k')), "test/audit");
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
  }
  ActInfo Info(std::string request_id = NewUuid(), std::string fingerprint = "f") {
    ActInfo info;
    info.actor.set_user_id("u");
    info.act = v1::ACT_REGISTER_LOT;
    info.request_id = std::move(request_id);
    info.fingerprint = std::move(fingerprint);
    return info;
  }
  static std::function<Result<void>(Transaction&)> PutLot(std::string lot_id) {
    return [lot_id](Transaction& tx) -> Result<void> {
      v1::Lot lot;
      lot.set_lot_id(lot_id);
      tx.Put(lot);
      return {};
    };
  }
  TemporaryFolder folder;
  const std::string dir = folder.path();
  std::unique_ptr<Store> store;
};

TEST_F(WriterTest, AnActIsOneEventPerStreamWithItsAfterImages) {
  const auto act = store->writer().Execute(Info(), [](Transaction& tx) -> Result<void> {
    v1::Run run;
    run.set_run_id("R");
    tx.Put(run);
    for (const char* id : {"A", "B"}) {
      v1::Attempt attempt;
      attempt.set_lot_id(id);
      attempt.set_panel("P");
      attempt.set_number(1);
      tx.Put(attempt);
    }
    return {};
  });
  ASSERT_TRUE(act) << act.error().message;
  ASSERT_EQ(act->events.size(), 3u);
  EXPECT_EQ(act->events[0].stream(), "run/R");
  EXPECT_EQ(act->events[2].stream(), "lot/B");
  EXPECT_EQ(act->events[2].act_index(), act->first_index);
  EXPECT_FALSE(act->checkpoint.empty());
}

v1::Attempt AttemptOf(const std::string& lot_id, const std::string& panel, int number) {
  v1::Attempt attempt;
  attempt.set_lot_id(lot_id);
  attempt.set_panel(panel);
  attempt.set_number(number);
  attempt.set_run_id("R-" + lot_id);
  return attempt;
}

TEST_F(WriterTest, SharedRowsAreReadAgainWhenOneOfThemIsWrittenAndOnlyThen) {
  using Shared = std::shared_ptr<const std::vector<Stored<v1::Attempt>>>;
  struct Lists {
    Shared all, lot, panel, other_panel, other_lot, run;
  };
  const auto look = [&] {
    Lists lists;
    const auto looked = store->writer().Execute(Info(), [&](Transaction& tx) -> Result<void> {
      Records& records = tx.records();
      LIMS_ASSIGN_OR_RETURN(lists.all, records.Shared<v1::Attempt>({}));
      LIMS_ASSIGN_OR_RETURN(lists.lot, records.Shared<v1::Attempt>({"A"}));
      LIMS_ASSIGN_OR_RETURN(lists.panel, records.Shared<v1::Attempt>({"A", "P"}));
      LIMS_ASSIGN_OR_RETURN(lists.other_panel, records.Shared<v1::Attempt>({"A", "Q"}));
      LIMS_ASSIGN_OR_RETURN(lists.other_lot, records.Shared<v1::Attempt>({"B"}));
      LIMS_ASSIGN_OR_RETURN(lists.run, records.SharedBy<v1::Attempt>("run_id", "R-A"));
      return {};
    });
    EXPECT_TRUE(looked);
    return lists;
  };
  const auto put = [&](const v1::Attempt& attempt) {
    ASSERT_TRUE(store->writer().Execute(Info(), [&](Transaction& tx) -> Result<void> {
      tx.Put(attempt);
      return {};
    }));
  };
  put(AttemptOf("A", "P", 1));
  put(AttemptOf("A", "Q", 1));
  put(AttemptOf("B", "P", 1));
  const Lists before = look();
  ASSERT_EQ(before.all->size(), 3u);
  EXPECT_EQ(look().all, before.all);
  put(AttemptOf("A", "P", 2));
  const Lists after = look();
  EXPECT_EQ(after.all->size(), 4u);
  EXPECT_EQ(after.lot->size(), 3u);
  EXPECT_EQ(after.panel->size(), 2u);
  EXPECT_EQ(after.run->size(), 3u);
  EXPECT_EQ(after.other_panel, before.other_panel);
  EXPECT_EQ(after.other_lot, before.other_lot);
}

// A request may name anything, also what looks like two parts of a key.
TEST_F(WriterTest, SharedRowsOfOneNameAreNeverThoseOfTwo) {
  using std::string_view_literals::operator""sv;
  const auto look = [&](auto... parts) {
    std::size_t rows = 99;
    EXPECT_TRUE(store->writer().Execute(Info(), [&](Transaction& tx) -> Result<void> {
      LIMS_ASSIGN_OR_RETURN(const auto found, tx.records().Shared<v1::Attempt>({parts...}));
      rows = found->size();
      return {};
    }));
    return rows;
  };
  ASSERT_TRUE(store->writer().Execute(Info(), [&](Transaction& tx) -> Result<void> {
    tx.Put(AttemptOf("A", "P", 1));
    return {};
  }));
  for (const std::string_view name : {"A\0P"sv, "A1:P"sv, "AP"sv}) EXPECT_EQ(look(name), 0u);
  EXPECT_EQ(look("A"sv, "P"sv), 1u);
  EXPECT_EQ(look("A"sv, "P\0001"sv), 0u);
  EXPECT_EQ(look("A"sv, "P"sv, std::int64_t{1}), 1u);
}

TEST_F(WriterTest, ARefusedActLeavesNothingBehind) {
  const auto refused = store->writer().Execute(Info(), [](Transaction& tx) -> Result<void> {
    v1::Lot lot;
    lot.set_lot_id("A");
    tx.Put(lot);
    return WrongState("no");
  });
  ASSERT_FALSE(refused);
  const auto lot = store->Read([](Records& records) { return records.Find<v1::Lot>({"A"}); });
  ASSERT_TRUE(lot);
  EXPECT_FALSE(lot->has_value());
  EXPECT_EQ(*store->Read([](Records& records) { return LogSize(records.db()); }), 0);
}

TEST_F(WriterTest, ARequestIdStandsForOneActAcrossRestarts) {
  const std::string id = NewUuid();
  const auto first = store->writer().Execute(Info(id), PutLot("A"));
  ASSERT_TRUE(first);
  store.reset();
  Open();
  const auto again = store->writer().Execute(Info(id), PutLot("A"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->first_leaf, first->first_leaf);
  EXPECT_EQ(store->writer().Execute(Info(id, "other"), PutLot("B")).error().reason,
            ErrorReason::kRequestIdReused);
}

TEST_F(WriterTest, ManyThreadsGetConsecutivePlacesAndAVerifiedCheckpoint) {
  constexpr int kThreads = 8;
  constexpr int kActs = 50;
  std::vector<std::thread> threads;
  std::atomic<int> recorded = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kActs; ++i) {
        auto act = store->writer().Execute(Info(), PutLot("L" + std::to_string(t)));
        recorded += act.has_value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(recorded, kThreads * kActs);
  const SigningKey key = *SigningKey::FromSeed(std::string(32, 'k'));
  const tlog::VerifierKey verifier{"test/audit", tlog::KeyId("test/audit", key.public_key()),
                                   key.public_key()};
  const auto checkpoint = tlog::OpenCheckpoint(store->writer().LatestCheckpoint(), verifier);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->size, static_cast<std::uint64_t>(kThreads * kActs));
  const auto checked = store->Read([&](Records& records) -> Result<bool> {
    LIMS_ASSIGN_OR_RETURN(const Hash root, tlog::RootAt(checkpoint->size, Nodes(records.db())));
    EXPECT_EQ(root, checkpoint->root);
    LIMS_ASSIGN_OR_RETURN(const auto entries, StreamEntries(records.db(), "lot/L3", 0, 1000));
    EXPECT_EQ(entries.size(), static_cast<std::size_t>(kActs));
    std::string prev;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      v1::Event event;
      LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entries[i].bytes, &event));
      EXPECT_EQ(event.index(), entries[i].index);
      EXPECT_EQ(event.pos(), static_cast<std::int64_t>(i));
      EXPECT_EQ(event.prev(), prev);
      prev = HexEncode(tlog::LeafHash(entries[i].bytes));
    }
    return true;
  });
  EXPECT_TRUE(checked);
}

TEST_F(WriterTest, AFullDiskRefusesClearlyAndRecovers) {
  ASSERT_TRUE(store->writer().Execute(Info(), PutLot("A")));
  ASSERT_TRUE(store->writer().ExecuteRaw([](Connection& db) -> Result<void> {
    Statement pages = db.Query("PRAGMA max_page_count=80");
    return pages.Run();
  }));
  const std::string id = NewUuid();
  Result<RecordedAct> last = RecordedAct{};
  std::string failed_lot;
  for (int i = 0; i < 2000 && last; ++i) {
    failed_lot = "L" + std::to_string(i);
    last = store->writer().Execute(Info(), PutLot(failed_lot));
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().reason, ErrorReason::kUnavailable);
  EXPECT_NE(last.error().message.find("disk is full"), std::string::npos);
  const auto absent =
      store->Read([&](Records& records) { return records.Find<v1::Lot>({failed_lot}); });
  ASSERT_TRUE(absent);
  EXPECT_FALSE(absent->has_value());
  ASSERT_TRUE(store->writer().ExecuteRaw([](Connection& db) -> Result<void> {
    Statement pages = db.Query("PRAGMA max_page_count=100000");
    return pages.Run();
  }));
  EXPECT_TRUE(store->writer().Execute(Info(id), PutLot("after")));
}

TEST_F(WriterTest, ASecondServerOnTheSameSiteIsRefused) {
  const auto second = Store::Open({dir, {"UTC", 0, "boot", "build"}, 1}, FixedClock(1),
                                  *SigningKey::FromSeed(std::string(32, 'k')), "test/audit");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another server"), std::string::npos);
}

TEST_F(WriterTest, AFaultOfWhoIsToldOfAnActHarmsNobodyElse) {
  store->writer().OnCommitted([](const RecordedAct&) { throw std::runtime_error("a watcher"); });
  store->writer().Enqueue(
      {Info(), PutLot("A"), [](Result<RecordedAct>) { throw std::runtime_error("a caller"); }});
  const auto next = store->writer().Execute(Info(), PutLot("B"));
  EXPECT_TRUE(next) << next.error().message;
  EXPECT_FALSE(store->writer().failed());
  EXPECT_EQ(*store->Read([](Records& records) { return LogSize(records.db()); }), 2);
}

TEST_F(WriterTest, TheLogTablesRefuseChanges) {
  ASSERT_TRUE(store->writer().Execute(Info(), PutLot("A")));
  for (const char* sql : {"UPDATE log_event SET entry = ''", "DELETE FROM log_leaf",
                          "REPLACE INTO log_stream (stream_no, name) VALUES (1, 'x')"}) {
    const auto changed =
        store->writer().ExecuteRaw([sql](Connection& db) { return db.Execute(sql); });
    EXPECT_FALSE(changed) << sql;
  }
}

}  // namespace
}  // namespace lims::storage
