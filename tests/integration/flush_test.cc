// The next batch runs while the one before is flushed to disk, and yet nobody hears of an act
// before it is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "integration/process_site.h"

namespace lims {
namespace {

// Long enough for an answer that does not wait for the disk.
constexpr std::chrono::milliseconds kSoon{300};

class Flush : public testing::Test {
 protected:
  void SetUp() override {
    site_.SetEnvironment({"LD_PRELOAD=" LIMS_BINARY_DIR "/tests/liblims_slow_flush.so",
                          "LIMS_FLUSH_CONTROL=" + control_.path().string(),
                          "ASAN_OPTIONS=verify_asan_link_order=0"});
    site_.Start();
    terminal_.emplace(site_.LogIn("tech1"));
    request_ = ProcessSite::Value(0, "7.2");
  }
  void Order(const std::string& order) { std::ofstream(control_.path() / order).put('\n'); }
  void Lift(const std::string& order) { std::filesystem::remove(control_.path() / order); }

  template <typename Response>
  std::future<grpc::Status> Start(const google::protobuf::Message& request, Response* response) {
    auto promise = std::make_shared<std::promise<grpc::Status>>();
    terminal_->CallAsync(request, response,
                         [promise](const grpc::Status& status) { promise->set_value(status); });
    return promise->get_future();
  }

  TemporaryFolder control_;
  ProcessSite site_;
  std::optional<Terminal> terminal_;
  v1::SubmitResultRequest request_;
};

TEST_F(Flush, NothingIsAnsweredOrShownBeforeItIsOnDisk) {
  const std::int64_t before = site_.LogSize();
  Order("hold");
  v1::SubmitResultResponse recorded;
  auto answer = Start(request_, &recorded);
  const auto patience = std::chrono::steady_clock::now() + ProcessSite::kPatience;
  while (site_.LogSize() == before && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  ASSERT_GT(site_.LogSize(), before);
  v1::ListResultsRequest read;
  read.set_lot_id(ProcessSite::LotName(0));
  v1::ListResultsResponse results;
  auto shown = Start(read, &results);
  EXPECT_EQ(shown.wait_for(kSoon), std::future_status::timeout);
  EXPECT_EQ(answer.wait_for(kSoon), std::future_status::timeout);
  Lift("hold");
  ASSERT_TRUE(answer.get().ok());
  ASSERT_TRUE(shown.get().ok());
  EXPECT_EQ(results.results_size(), 1);
}

TEST_F(Flush, AFailingDiskEndsTheServerAndTheRetryHasOneOutcome) {
  Order("fail");
  v1::SubmitResultResponse response;
  const Error error = ExpectRefusal(terminal_->Call(request_, &response),
                                    grpc::StatusCode::UNAVAILABLE, ErrorReason::kUnavailable);
  EXPECT_NE(error.message.find("unknown whether"), std::string::npos) << error.message;
  const auto code = site_.server().Wait(ProcessSite::kPatience);
  ASSERT_TRUE(code) << "goes on without its disk: " << site_.server().output();
  EXPECT_GT(*code, 0);
  Lift("fail");
  site_.Start();
  terminal_.emplace(site_.LogIn("tech1"));
  const grpc::Status again = terminal_->Call(request_, &response);
  ASSERT_TRUE(again.ok()) << again.error_message();
  EXPECT_EQ(site_.Acts()[v1::ACT_SUBMIT_RESULT], response.receipt().event_count());
  site_.Stop();
  EXPECT_TRUE(site_.Verifies());
}

}  // namespace
}  // namespace lims
