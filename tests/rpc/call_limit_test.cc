// Every call has an end, also when the client sets none or falls silent.
#include "rpc/call_limit.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "base/encoding.h"
#include "base/sha256.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "rpc/permission_cases.h"
#include "rpc/server_fixture.h"
#include "rpc/writer_pause.h"

namespace lims::rpc {
namespace {

using std::chrono::milliseconds;

class CallLimitTest : public ::testing::Test {
 protected:
  // A second server of the same site, with these limits.
  void Serve(const CallLimits& limits) {
    auto started = Server::Start(fixture.site(), "127.0.0.1:0", limits);
    ASSERT_TRUE(started) << started.error().message;
    server = *std::move(started);
    client::TerminalIdentity terminal = fixture.Enrol("bench-1");
    terminal.server = "127.0.0.1:" + std::to_string(server->port());
    channel = client::OpenChannel(terminal);
  }

  // Ended by the server in its own words, not by the client's clock.
  static void ExpectEnded(const grpc::Status& status, const std::string& next_step) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
    EXPECT_NE(status.error_message().find(next_step), std::string::npos) << status.error_message();
  }

  struct Upload {
    grpc::ClientContext context;
    v1::UploadRawResponse response;
    std::unique_ptr<grpc::ClientWriter<v1::UploadRawRequest>> writer;
  };
  std::unique_ptr<Upload> Begin(const std::string& session) {
    auto upload = std::make_unique<Upload>();
    upload->context.set_deadline(std::chrono::system_clock::now() + kPatience);
    upload->context.AddMetadata("authorization", session);
    upload->writer =
        v1::RunService::NewStub(channel)->UploadRaw(&upload->context, &upload->response);
    return upload;
  }
  static v1::UploadRawRequest Part(const std::string& whole, const std::string& chunk) {
    v1::UploadRawRequest request;
    request.set_sha256(HexEncode(Sha256(whole)));
    request.set_size_bytes(static_cast<std::int64_t>(whole.size()));
    request.set_chunk(chunk);
    return request;
  }

  RpcServer fixture;
  std::unique_ptr<Server> server;
  std::shared_ptr<grpc::Channel> channel;
};

TEST_F(CallLimitTest, TwoSilentUploadsAreEndedAndAThirdIsStored) {
  CallLimits limits;
  limits.silence = milliseconds(100);
  Serve(limits);
  const std::string session = RpcServer::LogIn(channel, "tech1");
  const std::string file = "some bytes";
  const auto mute = Begin(session);
  const auto stalled = Begin(session);
  EXPECT_TRUE(stalled->writer->Write(Part(file, "some ")));
  ExpectEnded(mute->writer->Finish(), "send the file again");
  ExpectEnded(stalled->writer->Finish(), "send the file again");

  const auto third = Begin(session);
  EXPECT_TRUE(third->writer->Write(Part(file, file)));
  EXPECT_TRUE(third->writer->WritesDone());
  const grpc::Status stored = third->writer->Finish();
  EXPECT_TRUE(stored.ok()) << stored.error_message();
  EXPECT_EQ(third->response.sha256(), HexEncode(Sha256(file)));
}

TEST_F(CallLimitTest, AnUploadThatTricklesIsEnded) {
  CallLimits limits;
  limits.transfer = milliseconds(200);
  Serve(limits);
  const std::string file(std::size_t{8} << 20, 'a');
  const auto upload = Begin(RpcServer::LogIn(channel, "tech1"));
  // Never silent: ends when the server takes no more.
  while (upload->writer->Write(Part(file, "a"))) {
  }
  ExpectEnded(upload->writer->Finish(), "try again");
}

TEST_F(CallLimitTest, ACallWithoutADeadlineIsEndedWhileTheWriterIsStuck) {
  CallLimits limits;
  limits.unary = milliseconds(100);
  limits.transfer = milliseconds(2 * kPatience);
  Serve(limits);
  CallOptions options;
  for (const milliseconds deadline : {milliseconds(0), milliseconds(std::chrono::hours(1))}) {
    options.deadline = deadline;
    const std::string session = RpcServer::LogIn(channel, "tech1");
    const WriterPause pause(fixture.site());
    const v1::LogOutRequest request;
    const Answer answer = CallWith(channel, session, client::MethodOf(request), request, options);
    ExpectEnded(answer.status, "set a deadline");
  }
  // The worker that was held is free again.
  const v1::ListLotsRequest list;
  const Answer answer =
      CallWith(channel, RpcServer::LogIn(channel, "tech1"), client::MethodOf(list), list, options);
  EXPECT_TRUE(answer.ok()) << Describe(answer);
}

TEST_F(CallLimitTest, AnExportIsEndedWhileTheWriterIsStuck) {
  RecordsInState records(fixture);
  v1::ExportLotRequest request;
  request.set_lot_id(records.Lot(v1::DISPOSITION_QUARANTINE));
  request.set_request_id(NewUuid());
  CallLimits limits;
  limits.transfer = milliseconds(200);
  Serve(limits);
  const std::string session = RpcServer::LogIn(channel, "qa1");
  const MethodDescriptor& method = client::MethodOf(request);
  {
    const WriterPause pause(fixture.site());
    ExpectEnded(CallWith(channel, session, method, request).status, "try again");
  }
  EXPECT_TRUE(fixture.Call("qa1", request).ok());
}

TEST_F(CallLimitTest, AWriteTellsHowLongItMayBeWaitedFor) {
  RecordsInState records(fixture);
  v1::ConfirmLotRequest request;
  request.set_lot_id(records.Lot(v1::DISPOSITION_QUARANTINE));
  request.set_request_id(NewUuid());
  CallOptions far;
  far.deadline = std::chrono::hours(1);
  const Answer answer = fixture.Call("tech1", request, far);
  EXPECT_EQ(answer.error.reason, ErrorReason::kInvalidArgument) << Describe(answer);
  ASSERT_EQ(answer.error.violations.size(), 1u);
  EXPECT_EQ(answer.error.violations[0].field, "deadline");
}

}  // namespace
}  // namespace lims::rpc
