// An event has a largest size; what needs more is refused as a whole.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/random.h"
#include "storage/log.h"
#include "storage/store.h"
#include "support/temporary_folder.h"

namespace lims::storage {
namespace {

class EventSize : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        Store::Open({folder.path(), {"UTC", 0, "boot", "build"}, 2}, FixedClock(1'000'000),
                    *SigningKey::FromSeed(std::string(32, 'k')), "test/audit");
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
  }
  static ActInfo Info() {
    ActInfo info;
    info.actor.set_user_id("u");
    info.act = v1::ACT_REGISTER_LOT;
    info.request_id = NewUuid();
    info.fingerprint = "f";
    return info;
  }
  // A lot with a text of this many bytes, which one event has to hold.
  static std::function<Result<void>(Transaction&)> PutLot(std::string lot_id, std::size_t bytes) {
    return [lot_id, bytes](Transaction& tx) -> Result<void> {
      v1::Lot lot;
      lot.set_lot_id(lot_id);
      lot.set_donor_code(std::string(bytes, 'd'));
      tx.Put(lot);
      return {};
    };
  }
  bool HasLot(const std::string& lot_id) {
    return store->Read([&](Records& records) { return records.Find<v1::Lot>({lot_id}); })
        ->has_value();
  }
  std::string Event(std::int64_t index) {
    const auto entries =
        store->Read([&](Records& records) { return Entries(records.db(), index, 1); });
    return entries && !entries->empty() ? (*entries)[0].bytes : "";
  }
  std::int64_t LogSizeNow() {
    return *store->Read([](Records& records) { return LogSize(records.db()); });
  }

  TemporaryFolder folder;
  std::unique_ptr<Store> store;
};

TEST_F(EventSize, UpToTheLimitIsRecordedAndNotAByteMore) {
  ASSERT_TRUE(store->writer().Execute(Info(), PutLot("LOT-0", 1)));
  ASSERT_TRUE(store->writer().Execute(Info(), PutLot("LOT-1", 1)));
  // Everything but the text; the events after the log's first are alike.
  const std::size_t around = Event(1).size() - 1;
  const auto fits = store->writer().Execute(Info(), PutLot("LOT-2", kMaxEventBytes - around));
  ASSERT_TRUE(fits) << fits.error().message;
  EXPECT_EQ(Event(2).size(), kMaxEventBytes);
  const auto over = store->writer().Execute(Info(), PutLot("LOT-3", kMaxEventBytes - around + 1));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().reason, ErrorReason::kTooLarge);
  EXPECT_NE(over.error().message.find("the limit is 60 KiB"), std::string::npos);
  EXPECT_FALSE(HasLot("LOT-3"));
  EXPECT_EQ(LogSizeNow(), 3);
}

TEST_F(EventSize, BeyondTheLimitIsRefusedWithoutHarmToTheBatchAroundIt) {
  // The first act keeps the writer busy until all others are queued: they share one batch.
  std::promise<void> running;
  std::promise<void> queued;
  std::thread first([&] {
    EXPECT_TRUE(store->writer().Execute(Info(), [&](Transaction& tx) -> Result<void> {
      running.set_value();
      queued.get_future().wait();
      return PutLot("FIRST", 1)(tx);
    }));
  });
  running.get_future().wait();
  constexpr int kActs = 5;
  std::vector<std::promise<Result<RecordedAct>>> answers(kActs);
  const ActInfo large = Info();
  for (int i = 0; i < kActs; ++i) {
    Command command;
    command.info = i == 2 ? large : Info();
    // The large act begins with records that would be fine by themselves.
    command.run = [i](Transaction& tx) -> Result<void> {
      LIMS_RETURN_IF_ERROR(PutLot("L" + std::to_string(i), 1)(tx));
      return i == 2 ? PutLot("LARGE", kMaxEventBytes)(tx) : Result<void>();
    };
    command.done = [&answers, i](Result<RecordedAct> outcome) {
      answers[static_cast<std::size_t>(i)].set_value(std::move(outcome));
    };
    store->writer().Enqueue(std::move(command));
  }
  queued.set_value();
  first.join();
  for (int i = 0; i < kActs; ++i) {
    const auto outcome = answers[static_cast<std::size_t>(i)].get_future().get();
    EXPECT_EQ(outcome.has_value(), i != 2);
    if (!outcome) {
      EXPECT_EQ(outcome.error().reason, ErrorReason::kTooLarge);
    }
    EXPECT_EQ(HasLot("L" + std::to_string(i)), i != 2);
  }
  EXPECT_FALSE(HasLot("LARGE"));
  EXPECT_EQ(LogSizeNow(), kActs);  // the first and four of the five
  // Its request id stands for nothing yet.
  EXPECT_TRUE(store->writer().Execute(large, PutLot("SMALL", 1)));
}

}  // namespace
}  // namespace lims::storage
