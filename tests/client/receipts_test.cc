#include "core/receipts.h"

#include <gtest/gtest.h>

#include "client/synthetic_log.h"
#include "core/files.h"
#include "support/temporary_folder.h"

namespace lims::client {
namespace {

class ReceiptsTest : public testing::Test {
 protected:
  ReceiptsTest() : site_(folder_.path()), receipts_(site_) {
    EXPECT_TRUE(MakePrivateFolder(site_.folder()));
    Grow(&log_, 5);
  }

  static void Grow(SyntheticLog* log, int events) {
    for (int i = 0; i < events; ++i) log->Append("site", "", v1::ACT_START_SERVER, {});
  }

  // A server that serves `log`.
  static AskCheckpoint Serve(const SyntheticLog& log) {
    return [&log](std::int64_t old_size) -> Result<v1::GetCheckpointResponse> {
      if (old_size > static_cast<std::int64_t>(log.size())) {
        return InvalidArgument("old_size", "is larger than the log");
      }
      v1::GetCheckpointResponse response;
      response.set_checkpoint(log.Checkpoint(log.size()));
      response.set_vkey(log.vkey());
      for (const Hash& hash : log.Consistency(static_cast<std::uint64_t>(old_size))) {
        response.add_consistency_proof(HexEncode(hash));
      }
      return response;
    };
  }
  static Result<v1::GetCheckpointResponse> Unreachable(std::int64_t) {
    return MakeError(ErrorReason::kUnavailable, "no answer");
  }

  v1::Receipt ReceiptAt(std::int64_t index) const {
    v1::Receipt receipt;
    receipt.set_log_index(index);
    receipt.set_event_count(1);
    receipt.set_checkpoint(log_.Checkpoint(log_.size()));
    return receipt;
  }

  bool Remembers(std::uint64_t size) const {
    return site_.ReadCheckpoint().value() == log_.Checkpoint(size);
  }

  TemporaryFolder folder_;
  Site site_;
  Receipts receipts_;
  SyntheticLog log_;
};

bool IsLoud(const Result<void>& result) {
  return !result && result.error().reason == ErrorReason::kVerificationFailed;
}

TEST_F(ReceiptsTest, LargerCheckpointIsKeptOnceItIsProven) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_EQ(site_.ReadVkey().value(), log_.vkey());
  EXPECT_TRUE(Remembers(5));
  Grow(&log_, 6);
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_TRUE(Remembers(11));
}

TEST_F(ReceiptsTest, ShorterLogIsLoud) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  SyntheticLog rolled_back;
  Grow(&rolled_back, 4);
  EXPECT_TRUE(IsLoud(receipts_.Reconcile(Serve(rolled_back))));
  const AskCheckpoint ignores_the_question = [&](std::int64_t) { return Serve(rolled_back)(0); };
  EXPECT_TRUE(IsLoud(receipts_.Reconcile(ignores_the_question)));
  EXPECT_TRUE(Remembers(5));
}

TEST_F(ReceiptsTest, ForkedLogIsLoud) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  SyntheticLog fork;
  fork.Append("site", "other", v1::ACT_START_SERVER, {});
  Grow(&fork, 7);
  EXPECT_TRUE(IsLoud(receipts_.Reconcile(Serve(fork))));
  EXPECT_TRUE(Remembers(5));
}

TEST_F(ReceiptsTest, OtherKeyIsLoud) {
  ASSERT_TRUE(site_.WriteVkey(
      tlog::FormatVkey(kOrigin, SigningKey::FromSeed(std::string(32, 'z'))->public_key())));
  EXPECT_TRUE(IsLoud(receipts_.Reconcile(Serve(log_))));
  EXPECT_TRUE(IsLoud(receipts_.Check(ReceiptAt(4), Serve(log_))));
}

TEST_F(ReceiptsTest, ReceiptMustBeSignedAndCoverTheAct) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_TRUE(receipts_.Check(ReceiptAt(4), Serve(log_)));
  EXPECT_TRUE(IsLoud(receipts_.Check(ReceiptAt(5), Serve(log_))));
  v1::Receipt two = ReceiptAt(4);
  two.set_event_count(2);
  EXPECT_TRUE(IsLoud(receipts_.Check(two, Serve(log_))));
  v1::Receipt unsigned_receipt = ReceiptAt(4);
  unsigned_receipt.set_checkpoint("lims.example/site1/audit\n5\n");
  EXPECT_TRUE(IsLoud(receipts_.Check(unsigned_receipt, Serve(log_))));
  v1::Receipt overflow = ReceiptAt(INT64_MAX - 1);
  overflow.set_event_count(1);
  EXPECT_TRUE(IsLoud(receipts_.Check(overflow, Serve(log_))));
}

TEST_F(ReceiptsTest, ReceiptOfALargerLogIsFollowedUp) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  Grow(&log_, 3);
  ASSERT_TRUE(receipts_.Check(ReceiptAt(7), Serve(log_)));
  EXPECT_TRUE(Remembers(8));
  // An older checkpoint, of an earlier reply or a slower neighbour, changes nothing.
  v1::Receipt older = ReceiptAt(1);
  older.set_checkpoint(log_.Checkpoint(6));
  ASSERT_TRUE(receipts_.Check(older, Serve(log_)));
  EXPECT_TRUE(Remembers(8));
}

TEST_F(ReceiptsTest, TwoLogsOfOneSizeAreLoud) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  SyntheticLog fork;
  fork.Append("site", "other", v1::ACT_START_SERVER, {});
  Grow(&fork, 4);
  v1::Receipt receipt = ReceiptAt(4);
  receipt.set_checkpoint(fork.Checkpoint(5));
  EXPECT_TRUE(IsLoud(receipts_.Check(receipt, Serve(log_))));
}

TEST_F(ReceiptsTest, ServerWithoutAnswerProvesNothing) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  Grow(&log_, 1);
  EXPECT_TRUE(receipts_.Check(ReceiptAt(5), Unreachable));
  EXPECT_TRUE(Remembers(5));
}

}  // namespace
}  // namespace lims::client
