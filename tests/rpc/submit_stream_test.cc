// Many results in one call: each is an act of its own, with its own answer.
#include "rpc/submit_stream.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>

#include "base/random.h"
#include "google/rpc/error_details.pb.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "rpc/records_in_state.h"
#include "rpc/server_fixture.h"

namespace lims::rpc {
namespace {

class SubmitStreamTest : public ::testing::Test {
 protected:
  SubmitStreamTest()
      : server([](app::SiteFixture& site) {
          for (int lot = 0; lot < kLots; ++lot) {
            site.AddLot(Name(lot), "MCB");
            site.AddSample(Name(lot), Name(lot) + "-ST", "STABILITY");
          }
        }) {}

  static constexpr int kLots = 4;
  static std::string Name(int lot) { return "L" + std::to_string(lot); }
  static v1::SubmitResultRequest Item(int lot, const std::string& value) {
    v1::SubmitResultRequest item = app::PhValue(Name(lot), value);
    item.set_request_id(NewUuid());
    item.set_sample_id(Name(lot) + "-ST");
    return item;
  }

  using Stream = grpc::ClientReaderWriter<v1::SubmitResultsRequest, v1::SubmitResultsResponse>;
  std::unique_ptr<Stream> Open(grpc::ClientContext* context, const std::string& user) {
    context->set_deadline(std::chrono::system_clock::now() + kPatience);
    context->AddMetadata("authorization", server.Session(user));
    stub = v1::RunService::NewStub(server.console());
    return stub->SubmitResults(context);
  }

  RpcServer server;
  std::unique_ptr<v1::RunService::Stub> stub;
};

TEST_F(SubmitStreamTest, AnswersEachItemByItself) {
  grpc::ClientContext context;
  const auto stream = Open(&context, "tech1");
  v1::SubmitResultsRequest request;
  for (int i = 0; i < 100; ++i) *request.add_items() = Item(i % kLots, "7.2");
  request.mutable_items(3)->set_request_id("none");
  request.mutable_items(5)->set_lot_id("NO-LOT");
  *request.mutable_items(8) = request.items(7);  // the same request twice
  std::vector<v1::SubmitResultOutcome> outcomes;
  for (int round = 0; round < 3; ++round) ASSERT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->WritesDone());
  v1::SubmitResultsResponse response;
  while (stream->Read(&response)) {
    ASSERT_EQ(response.outcomes_size(), 100);
    outcomes.insert(outcomes.end(), response.outcomes().begin(), response.outcomes().end());
  }
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(outcomes.size(), 300u);
  std::map<std::string, std::int64_t> places;  // of each act in the log
  std::map<std::string, int> recorded;         // how often each was new
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const v1::SubmitResultOutcome& each = outcomes[i];
    EXPECT_EQ(each.request_id(), request.items(static_cast<int>(i % 100)).request_id());
    ASSERT_NE(each.has_response(), each.has_error()) << i;
    if (i % 100 == 3 || i % 100 == 5) {
      ASSERT_TRUE(each.has_error());
      google::rpc::ErrorInfo info;
      ASSERT_TRUE(each.error().details(0).UnpackTo(&info));
      EXPECT_EQ(info.reason(), i % 100 == 3 ? "INVALID_ARGUMENT" : "NOT_FOUND");
      continue;
    }
    ASSERT_TRUE(each.has_response()) << each.error().message();
    EXPECT_EQ(each.response().results_size(), 1);
    const auto place =
        places.emplace(each.request_id(), each.response().receipt().log_index()).first;
    recorded[each.request_id()] += !each.response().receipt().replayed();
    EXPECT_EQ(place->second, each.response().receipt().log_index());
  }
  EXPECT_EQ(places.size(), 97u);  // two refused, one named twice
  for (const auto& [request_id, times] : recorded) EXPECT_EQ(times, 1) << request_id;
  EXPECT_TRUE(std::is_sorted(outcomes.begin(), outcomes.begin() + 3, [](auto& a, auto& b) {
    return a.response().receipt().log_index() < b.response().receipt().log_index();
  }));
}

// The same request id is the same act, whichever call carries it.
TEST_F(SubmitStreamTest, AnItemMayBeRepeatedAsASingleCall) {
  grpc::ClientContext context;
  const auto stream = Open(&context, "tech1");
  v1::SubmitResultsRequest request;
  *request.add_items() = Item(0, "7.2");
  ASSERT_TRUE(stream->Write(request));
  v1::SubmitResultsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  ASSERT_TRUE(response.outcomes(0).has_response()) << response.outcomes(0).error().message();
  const Answer again = server.Call("tech1", request.items(0));
  ASSERT_TRUE(again.ok()) << Describe(again);
  const auto& repeated = static_cast<const v1::SubmitResultResponse&>(*again.response);
  EXPECT_TRUE(repeated.receipt().replayed());
  EXPECT_EQ(repeated.receipt().log_index(), response.outcomes(0).response().receipt().log_index());
  request.mutable_items(0)->mutable_entries(0)->mutable_value()->set_value("7.3");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(response.outcomes(0).has_error());
  ASSERT_TRUE(response.outcomes(0).error().details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "REQUEST_ID_REUSED");
  EXPECT_TRUE(stream->WritesDone());
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(SubmitStreamTest, RefusesAMessageWithoutItemsOrWithTooMany) {
  for (const int items : {0, 101}) {
    grpc::ClientContext context;
    const auto stream = Open(&context, "tech1");
    v1::SubmitResultsRequest request;
    for (int i = 0; i < items; ++i) *request.add_items() = Item(0, "7.2");
    const std::int64_t before = server.LogSize();
    ASSERT_TRUE(stream->Write(request));
    v1::SubmitResultsResponse response;
    EXPECT_FALSE(stream->Read(&response));
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_EQ(server.LogSize(), before);
  }
}

TEST_F(SubmitStreamTest, NeedsADeadlineASessionAndTheRight) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", server.Session("tech1"));
  stub = v1::RunService::NewStub(server.console());
  EXPECT_EQ(stub->SubmitResults(&context)->Finish().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  grpc::ClientContext other;
  EXPECT_EQ(Open(&other, "qa1")->Finish().error_code(), grpc::StatusCode::PERMISSION_DENIED);
  // The session ends between two messages.
  grpc::ClientContext third;
  const auto stream = Open(&third, "tech1");
  v1::SubmitResultsRequest request;
  *request.add_items() = Item(0, "7.2");
  ASSERT_TRUE(stream->Write(request));
  v1::SubmitResultsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(server.Call("tech1", v1::LogOutRequest()).ok());
  *request.mutable_items(0) = Item(0, "7.2");
  ASSERT_TRUE(stream->Write(request));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(SubmitStreamTest, ThatFallsSilentIsEnded) {
  CallLimits limits;
  limits.silence = std::chrono::milliseconds(200);
  auto second = Server::Start(server.site(), "127.0.0.1:0", limits);
  ASSERT_TRUE(second);
  client::TerminalIdentity terminal = server.Enrol("bench-1");
  terminal.server = "127.0.0.1:" + std::to_string((*second)->port());
  const auto channel = client::OpenChannel(terminal);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.AddMetadata("authorization", RpcServer::LogIn(channel, "tech1"));
  stub = v1::RunService::NewStub(channel);
  const auto stream = stub->SubmitResults(&context);
  v1::SubmitResultsResponse response;
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_NE(status.error_message().find("send the rest in a new call"), std::string::npos);
}

}  // namespace
}  // namespace lims::rpc
