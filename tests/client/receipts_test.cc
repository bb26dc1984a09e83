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

  // A log that the key has signed beside the other.
  static SyntheticLog Fork(int size) {
    SyntheticLog fork;
    fork.Append("site", "other", v1::ACT_START_SERVER, {});
    Grow(&fork, size - 1);
    return fork;
  }

  static v1::Receipt FirstOf(const std::string& checkpoint) {
    v1::Receipt receipt;
    receipt.set_event_count(1);
    receipt.set_checkpoint(checkpoint);
    return receipt;
  }

  // Whether nothing is left to compare.
  bool IsCompared(const v1::Receipt& receipt, const AskCheckpoint& ask) const {
    const Result<std::string> uncompared = receipts_.Check(receipt, ask);
    EXPECT_TRUE(uncompared) << uncompared.error().message;
    EXPECT_EQ(uncompared->empty(), site_.ReadUncompared()->empty());
    return uncompared->empty();
  }

  bool Remembers(std::uint64_t size) const {
    return site_.ReadCheckpoint().value() == log_.Checkpoint(size);
  }

  TemporaryFolder folder_;
  Site site_;
  Receipts receipts_;
  SyntheticLog log_;
};

template <typename T>
bool IsLoud(const Result<T>& result) {
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
  EXPECT_TRUE(IsLoud(receipts_.Reconcile(Serve(Fork(8)))));
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
  ASSERT_TRUE(IsCompared(ReceiptAt(7), Serve(log_)));
  EXPECT_TRUE(Remembers(8));
  // An older checkpoint, of an earlier reply or a slower neighbour, changes nothing.
  ASSERT_TRUE(IsCompared(FirstOf(log_.Checkpoint(6)), Serve(log_)));
  EXPECT_TRUE(Remembers(8));
}

TEST_F(ReceiptsTest, TwoLogsOfOneSizeAreLoud) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_TRUE(IsLoud(receipts_.Check(FirstOf(Fork(5).Checkpoint(5)), Serve(log_))));
}

TEST_F(ReceiptsTest, SmallerReceiptOfAForkIsLoud) {
  Grow(&log_, 4);
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  const SyntheticLog fork = Fork(9);
  const v1::Receipt receipt = FirstOf(fork.Checkpoint(6));
  EXPECT_TRUE(IsLoud(receipts_.Check(receipt, Serve(log_))));
  // A server that knows what it has signed, and proves each log in itself.
  const AskCheckpoint two_faced = [&](std::int64_t old_size) {
    return Serve(old_size == 6 ? fork : log_)(old_size);
  };
  EXPECT_TRUE(IsLoud(receipts_.Check(receipt, two_faced)));
  EXPECT_TRUE(Remembers(9));
}

TEST_F(ReceiptsTest, LargerReceiptOfAForkIsLoud) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  Grow(&log_, 4);
  EXPECT_TRUE(IsLoud(receipts_.Check(FirstOf(Fork(7).Checkpoint(7)), Serve(log_))));
}

TEST_F(ReceiptsTest, AnswerOlderThanTheReceiptLeavesItToCompare) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_FALSE(IsCompared(FirstOf(Fork(7).Checkpoint(7)), Serve(log_)));
  Grow(&log_, 3);
  EXPECT_TRUE(IsLoud(receipts_.Check(ReceiptAt(7), Serve(log_))));
  EXPECT_TRUE(IsLoud(receipts_.Reconcile(Serve(log_))));  // as long as it is there
}

TEST_F(ReceiptsTest, LogMayGrowBetweenTwoQuestions) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  Grow(&log_, 1);
  const v1::Receipt receipt = ReceiptAt(5);
  int growing = 3;
  const AskCheckpoint busy = [&](std::int64_t old_size) {
    if (growing-- > 0) Grow(&log_, 1);
    return Serve(log_)(old_size);
  };
  EXPECT_TRUE(IsCompared(receipt, busy));
  EXPECT_TRUE(Remembers(9));
  growing = 1000;
  EXPECT_FALSE(IsCompared(receipt, busy));
  EXPECT_GT(growing, 980);
  EXPECT_TRUE(IsCompared(receipt, Serve(log_)));
}

TEST_F(ReceiptsTest, ProofFromAnOlderCheckpointReplacesNothing) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  Grow(&log_, 4);
  const SyntheticLog fork = Fork(7);
  const AskCheckpoint beside_a_neighbour = [&](std::int64_t old_size) {
    if (old_size == 5) (void)site_.WriteCheckpoint(fork.Checkpoint(7));
    return Serve(log_)(old_size);
  };
  EXPECT_TRUE(IsLoud(receipts_.Check(ReceiptAt(8), beside_a_neighbour)));
  EXPECT_EQ(site_.ReadCheckpoint().value(), fork.Checkpoint(7));
}

TEST_F(ReceiptsTest, ServerWithoutAnswerLeavesTheReceiptToCompare) {
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  Grow(&log_, 1);
  EXPECT_FALSE(IsCompared(ReceiptAt(5), Unreachable));
  EXPECT_FALSE(IsCompared(FirstOf(log_.Checkpoint(3)), Unreachable));
  EXPECT_TRUE(Remembers(5));
  EXPECT_EQ(site_.ReadUncompared()->size(), 2U);
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_TRUE(site_.ReadUncompared()->empty());
  EXPECT_TRUE(Remembers(6));

  EXPECT_FALSE(IsCompared(FirstOf(log_.Checkpoint(3)), Unreachable));
  Grow(&log_, 1);
  EXPECT_TRUE(IsCompared(ReceiptAt(6), Serve(log_)));
}

TEST_F(ReceiptsTest, ReceiptIsKeptUntilTheKeyIsKnown) {
  EXPECT_FALSE(IsCompared(ReceiptAt(4), Unreachable));
  ASSERT_TRUE(receipts_.Reconcile(Serve(log_)));
  EXPECT_TRUE(site_.ReadUncompared()->empty());
  EXPECT_TRUE(Remembers(5));
}

}  // namespace
}  // namespace lims::client
