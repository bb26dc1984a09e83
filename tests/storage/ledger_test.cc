// What an act reads of the log while its batch is being made.
#include "storage/ledger.h"

#include <gtest/gtest.h>

#include "storage/migrate.h"
#include "support/temporary_folder.h"

namespace lims::storage {
namespace {

TEST(Ledger, AnActReadsTheEventsOfItsBatch) {
  const TemporaryFolder folder;
  const auto db = Connection::Open(folder.path() / "lims.db", OpenMode::kWriter);
  ASSERT_TRUE(db) << db.error().message;
  ASSERT_TRUE(Migrate(**db));
  const auto ledger = Ledger::Open(**db, {"UTC", 0, "boot", "build"}, FixedClock(1'000'000));
  ASSERT_TRUE(ledger);
  ASSERT_TRUE((*db)->Execute("BEGIN"));
  Transaction first = (*ledger)->Begin({});
  v1::Lot lot;
  lot.set_lot_id("A");
  first.Put(lot);
  const auto act = (*ledger)->Apply(std::move(first));
  ASSERT_TRUE(act) << act.error().message;
  Transaction second = (*ledger)->Begin({});
  const auto event = second.EventAt(0);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->stream(), "lot/A");
  const auto later = second.EventAt(1);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().reason, ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace lims::storage
