// Files and messages beyond their limits are refused with the limit in words; other calls on the
// same connection go on and nothing is recorded.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/sha256.h"
#include "core/call.h"
#include "core/transfer.h"
#include "integration/process_site.h"
#include "lims/v1/run_service.grpc.pb.h"

namespace lims {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

class Limits : public testing::Test {
 protected:
  Limits() {
    site_.Start();
    terminal_.emplace(site_.LogIn("tech1"));
    before_ = site_.LogSize();
  }

  // One upload that announces `announced` bytes and sends `chunk`.
  grpc::Status Upload(std::int64_t announced, const std::string& chunk) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context.AddMetadata("authorization", terminal_->session());
    v1::UploadRawResponse response;
    const auto writer =
        v1::RunService::NewStub(terminal_->channel())->UploadRaw(&context, &response);
    v1::UploadRawRequest part;
    part.set_sha256(HexEncode(Sha256(chunk)));
    part.set_size_bytes(announced);
    part.set_chunk(chunk);
    if (writer->Write(part)) writer->WritesDone();
    return writer->Finish();
  }

  // The connection still serves: the next acts on it are recorded.
  void ExpectNothingRecordedAndServing() {
    EXPECT_EQ(site_.LogSize(), before_);
    const grpc::Status uploaded = Upload(3, "abc");
    EXPECT_TRUE(uploaded.ok()) << uploaded.error_message();
    EXPECT_EQ(site_.LogSize(), before_);
    v1::SubmitResultResponse response;
    const grpc::Status status = terminal_->Call(ProcessSite::Value(0, "7.2"), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(site_.LogSize(), before_ + response.receipt().event_count());
  }

  ProcessSite site_;
  std::optional<Terminal> terminal_;
  std::int64_t before_ = 0;
};

TEST_F(Limits, FileOfSixtyFiveMebibytesIsRefused) {
  const std::string bytes(65 * kMiB, 'x');
  const auto uploaded = client::UploadRaw(terminal_->channel(), terminal_->session(), bytes);
  ASSERT_FALSE(uploaded);
  EXPECT_EQ(uploaded.error().reason, ErrorReason::kTooLarge);
  const Error error = ExpectRefusal(Upload(65 * kMiB, "x"), grpc::StatusCode::RESOURCE_EXHAUSTED,
                                    ErrorReason::kTooLarge);
  EXPECT_NE(error.message.find("64 MiB"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("68157440 bytes"), std::string::npos) << error.message;
  ExpectNothingRecordedAndServing();
}

TEST_F(Limits, FileLargerThanAnnouncedIsRefused) {
  const Error error = ExpectRefusal(Upload(2, "abc"), grpc::StatusCode::INVALID_ARGUMENT,
                                    ErrorReason::kInvalidArgument);
  EXPECT_TRUE(Names(error, "chunk")) << error.message;
  ExpectNothingRecordedAndServing();
}

TEST_F(Limits, EmptyFileIsRefused) {
  const auto uploaded = client::UploadRaw(terminal_->channel(), terminal_->session(), "");
  ASSERT_FALSE(uploaded);
  EXPECT_TRUE(Names(uploaded.error(), "size_bytes"));
  const Error error = ExpectRefusal(Upload(0, ""), grpc::StatusCode::INVALID_ARGUMENT,
                                    ErrorReason::kInvalidArgument);
  EXPECT_NE(error.message.find("empty"), std::string::npos) << error.message;
  ExpectNothingRecordedAndServing();
}

TEST_F(Limits, MessageOverOneMebibyteIsRefused) {
  v1::SubmitResultRequest request = ProcessSite::Value(0, "7.2");
  request.set_instrument(std::string(kMiB, 'x'));
  v1::SubmitResultResponse response;
  const grpc::Status status = terminal_->Call(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_NE(status.error_message().find("larger than max"), std::string::npos)
      << status.error_message();
  // Our own terminal does not send it.
  const auto unsent = client::CallUnary(terminal_->channel(), terminal_->session(), request,
                                        &response, std::chrono::seconds(20));
  ASSERT_FALSE(unsent);
  EXPECT_EQ(unsent.error().reason, ErrorReason::kTooLarge);
  EXPECT_NE(unsent.error().message.find("takes 1048576"), std::string::npos)
      << unsent.error().message;
  EXPECT_FALSE(site_.Recorded("tech1", request.request_id()));
  ExpectNothingRecordedAndServing();
}

// The command line names the file as the person knows it.
TEST_F(Limits, CommandLineNamesTheFileAndTheLimit) {
  const std::string path = site_.folder() + "/plate.txt";
  std::ofstream(path).put('x');
  std::filesystem::resize_file(path, 65 * kMiB);
  const client::Site console(site_.folder());
  ASSERT_TRUE(console.WriteIdentity(site_.Identity(), console.ReadVkey()->value()));
  ASSERT_TRUE(console.WriteSession("tech1", terminal_->session()));
  ASSERT_TRUE(console.WriteLastUser("tech1"));
  Process command(
      {ClientProgram(), "--site", site_.folder(), "run", "submit", "R-000001", "--input", path});
  EXPECT_EQ(command.Wait(ProcessSite::kPatience), 2) << command.output();
  EXPECT_NE(command.output().find(path), std::string::npos) << command.output();
  EXPECT_NE(command.output().find("67108864 bytes"), std::string::npos) << command.output();
  ExpectNothingRecordedAndServing();
}

}  // namespace
}  // namespace lims
