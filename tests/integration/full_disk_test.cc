// A limit on the size of files stands for a full disk: what cannot be written is refused, nothing
// is half recorded, reads go on, and the same request is recorded once there is room.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "integration/process_site.h"
#include "lims/v1/lot_service.pb.h"

namespace lims {
namespace {

// Room for some acts beside what the database holds already.
constexpr std::uint64_t kRoomBytes = 128 << 10;
constexpr int kMostActs = 2000;

class FullDisk : public testing::Test {
 protected:
  // Serves with little room and submits until an act is refused.
  void FillUp() {
    site_.Start(site_.DatabaseBytes() + kRoomBytes);
    terminal_.emplace(site_.LogIn("tech1"));
    for (int i = 0; i < kMostActs; ++i) {
      before_ = site_.LogSize();
      request_ = ProcessSite::Value(i % ProcessSite::kLots, "7.2");
      v1::SubmitResultResponse response;
      refusal_ = terminal_->Call(request_, &response);
      if (!refusal_.ok()) return;
      ++recorded_;
    }
    FAIL() << "the limit was never reached";
  }

  void ExpectNothingRecorded() {
    EXPECT_EQ(site_.LogSize(), before_);
    EXPECT_FALSE(site_.Recorded("tech1", request_.request_id()));
    for (const LogEvent& each : site_.Log()) {
      EXPECT_NE(each.event.request_id(), request_.request_id());
    }
  }

  void ExpectOneTrueOutcome(const Terminal& terminal) {
    v1::SubmitResultResponse response;
    const grpc::Status status = terminal.Call(request_, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_FALSE(response.receipt().replayed());
    v1::SubmitResultResponse repeat;
    ASSERT_TRUE(terminal.Call(request_, &repeat).ok());
    EXPECT_TRUE(repeat.receipt().replayed());
    EXPECT_EQ(repeat.receipt().log_index(), response.receipt().log_index());
    const auto recorded = site_.Recorded("tech1", request_.request_id());
    ASSERT_TRUE(recorded);
    EXPECT_EQ(recorded->first_index, response.receipt().log_index());
  }

  ProcessSite site_;
  std::optional<Terminal> terminal_;
  v1::SubmitResultRequest request_;
  grpc::Status refusal_;
  std::int64_t before_ = 0;
  int recorded_ = 0;
};

TEST_F(FullDisk, RefusesClearlyAndKeepsReading) {
  FillUp();
  if (HasFatalFailure()) return;
  EXPECT_GT(recorded_, 0);
  const Error error =
      ExpectRefusal(refusal_, grpc::StatusCode::UNAVAILABLE, ErrorReason::kUnavailable);
  EXPECT_NE(error.message.find("disk is full"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("repeat the same request"), std::string::npos) << error.message;
  ExpectNothingRecorded();

  v1::ListResultsRequest read;
  read.set_lot_id(ProcessSite::LotName(0));
  v1::ListResultsResponse results;
  const grpc::Status status = terminal_->Call(read, &results);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_GT(results.results_size(), 0);
  EXPECT_TRUE(site_.Verifies());

  EXPECT_EQ(site_.Stop(), 0);
  EXPECT_TRUE(site_.Verifies());
  site_.Start();
  ExpectOneTrueOutcome(site_.LogIn("tech1"));
  EXPECT_EQ(site_.Stop(), 0);
  EXPECT_TRUE(site_.Verifies());
}

TEST_F(FullDisk, GoesOnWhenThereIsRoomAgain) {
  FillUp();
  if (HasFatalFailure()) return;
  ExpectRefusal(refusal_, grpc::StatusCode::UNAVAILABLE, ErrorReason::kUnavailable);
  site_.server().SetFileLimit(RLIM_INFINITY);
  ExpectOneTrueOutcome(*terminal_);
  EXPECT_EQ(site_.Stop(), 0);
  EXPECT_TRUE(site_.Verifies());
}

}  // namespace
}  // namespace lims
