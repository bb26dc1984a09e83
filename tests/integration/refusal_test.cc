// Requests that are wrong in themselves are refused over the wire with what is wrong named, and
// leave nothing in the log.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "integration/process_site.h"

namespace lims {
namespace {

// Handed in, never approved.
void AddDraft(app::SiteFixture& site) {
  site.HandInMethod("md1", app::PhMethod("NEW"));
}

class Refusal : public testing::Test {
 protected:
  Refusal() : site_(AddDraft) {
    site_.Start();
    terminal_.emplace(site_.LogIn("tech1"));
    before_ = site_.Acts();
  }

  // No event but, for a refusal that the access stream keeps, the note of it. A good act is sent
  // after it, so that nothing waits in the writer's queue when the log is read.
  void ExpectNothingRecorded(const std::string& request_id, int noted = 0) {
    v1::SubmitResultResponse response;
    ASSERT_TRUE(terminal_->Call(ProcessSite::Value(0, "7.2"), &response).ok());
    before_[v1::ACT_SUBMIT_RESULT] += response.receipt().event_count();
    if (noted > 0) before_[v1::ACT_REFUSED] += noted;
    EXPECT_EQ(site_.Acts(), before_);
    EXPECT_FALSE(site_.Recorded("tech1", request_id));
  }

  ProcessSite site_;
  std::optional<Terminal> terminal_;
  std::map<v1::Act, int> before_;
};

TEST_F(Refusal, MethodThatIsNotInForce) {
  v1::CreateRunRequest request;
  request.set_request_id(NewUuid());
  request.set_method_id("M-NEW");
  v1::RunPosition* position = request.add_positions();
  position->set_position("1");
  position->set_sample_id(ProcessSite::LotName(0) + "-ST");
  position->set_role(v1::POSITION_ROLE_SAMPLE);
  v1::CreateRunResponse response;
  const Error error =
      ExpectRefusal(terminal_->Call(request, &response), grpc::StatusCode::FAILED_PRECONDITION,
                    ErrorReason::kWrongState);
  EXPECT_NE(error.message.find("no version of method M-NEW is in force"), std::string::npos)
      << error.message;
  EXPECT_TRUE(Names(error, "method M-NEW version 1")) << error.message;
  ExpectNothingRecorded(request.request_id(), 1);
}

TEST_F(Refusal, LineThatTheSpecificationLacks) {
  v1::SubmitResultRequest request = ProcessSite::Value(0, "7.2");
  request.set_panel("STERILITY");
  v1::SubmitResultResponse response;
  const Error error =
      ExpectRefusal(terminal_->Call(request, &response), grpc::StatusCode::INVALID_ARGUMENT,
                    ErrorReason::kInvalidArgument);
  EXPECT_TRUE(Names(error, "panel")) << error.message;
  EXPECT_NE(error.message.find("STERILITY"), std::string::npos) << error.message;
  ExpectNothingRecorded(request.request_id());
}

TEST_F(Refusal, ValueThatIsNoNumber) {
  for (const char* value : {"7,2", "NaN", "1e400", "7.2 ", ""}) {
    const v1::SubmitResultRequest request = ProcessSite::Value(0, value);
    v1::SubmitResultResponse response;
    const Error error =
        ExpectRefusal(terminal_->Call(request, &response), grpc::StatusCode::INVALID_ARGUMENT,
                      ErrorReason::kInvalidArgument);
    EXPECT_TRUE(Names(error, "entries[0].value")) << value << ": " << error.message;
    ExpectNothingRecorded(request.request_id());
  }
}

TEST_F(Refusal, RequestIdThatIsNone) {
  for (const char* id : {"", "1", "01900000-0000-7000-8000-00000000000G"}) {
    v1::SubmitResultRequest request = ProcessSite::Value(0, "7.2");
    request.set_request_id(id);
    v1::SubmitResultResponse response;
    const Error error =
        ExpectRefusal(terminal_->Call(request, &response), grpc::StatusCode::INVALID_ARGUMENT,
                      ErrorReason::kInvalidArgument);
    EXPECT_TRUE(Names(error, "request_id")) << error.message;
    ExpectNothingRecorded(id);
  }
}

TEST_F(Refusal, RequestIdWithOtherContent) {
  const v1::SubmitResultRequest request = ProcessSite::Value(0, "7.2");
  v1::SubmitResultResponse first;
  ASSERT_TRUE(terminal_->Call(request, &first).ok());
  before_ = site_.Acts();
  for (const auto& [lot, value] : {std::pair(0, "7.3"), std::pair(1, "7.2")}) {
    v1::SubmitResultRequest other = ProcessSite::Value(lot, value);
    other.set_request_id(request.request_id());
    v1::SubmitResultResponse response;
    const Error error =
        ExpectRefusal(terminal_->Call(other, &response), grpc::StatusCode::INVALID_ARGUMENT,
                      ErrorReason::kRequestIdReused);
    EXPECT_TRUE(Names(error, "request_id")) << error.message;
    EXPECT_EQ(site_.Acts(), before_);
  }
  // The act that the id stands for is the same as before.
  v1::SubmitResultResponse again;
  ASSERT_TRUE(terminal_->Call(request, &again).ok());
  EXPECT_TRUE(again.receipt().replayed());
  EXPECT_EQ(again.receipt().leaf_hash(), first.receipt().leaf_hash());
  EXPECT_EQ(again.results(0).value_reported(), first.results(0).value_reported());
}

// Ids are a user's own: a colleague who draws the same one makes another act.
TEST_F(Refusal, NoneForTheRequestIdOfAnotherUser) {
  const v1::SubmitResultRequest request = ProcessSite::Value(0, "7.2");
  v1::SubmitResultResponse mine;
  ASSERT_TRUE(terminal_->Call(request, &mine).ok());
  v1::SubmitResultResponse colleague;
  ASSERT_TRUE(site_.LogIn("tech2").Call(request, &colleague).ok());
  EXPECT_FALSE(colleague.receipt().replayed());
  EXPECT_NE(colleague.receipt().log_index(), mine.receipt().log_index());
}

// The site and the port are one server's.
TEST_F(Refusal, SecondServer) {
  Process same_site(
      {ServerProgram(), "serve", "--site", site_.folder(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(same_site.Wait(ProcessSite::kPatience), 4) << same_site.output();
  EXPECT_NE(same_site.output().find("another server runs on this site"), std::string::npos);
  EXPECT_EQ(site_.Acts(), before_);

  const ProcessSite other;
  const std::string address = site_.Identity().server;
  Process same_port({ServerProgram(), "serve", "--site", other.folder(), "--listen", address});
  EXPECT_EQ(same_port.Wait(ProcessSite::kPatience), 4) << same_port.output();
  EXPECT_NE(same_port.output().find("cannot listen on " + address), std::string::npos);

  v1::SubmitResultResponse response;
  EXPECT_TRUE(terminal_->Call(ProcessSite::Value(0, "7.2"), &response).ok());
}

}  // namespace
}  // namespace lims
