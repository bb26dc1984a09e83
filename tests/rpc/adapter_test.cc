// Limits, deadlines and who may connect at all.
#include "rpc/adapter.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <openssl/ssl.h>

#include <thread>

#include "base/encoding.h"
#include "base/sha256.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "rpc/permission_cases.h"
#include "rpc/raw_connection.h"
#include "rpc/server_fixture.h"
#include "rpc/writer_pause.h"

namespace lims::rpc {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

class AdapterLimits : public ::testing::Test {
 protected:
  // The bytes of a message to any path.
  grpc::Status CallBytes(const std::string& path, const std::string& bytes,
                         const std::string& session = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    if (!session.empty()) context.AddMetadata("authorization", session);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    grpc::GenericStub stub(server.console());
    stub.UnaryCall(&context, path, {}, &request, &response,
                   [&done](grpc::Status status) { done.set_value(std::move(status)); });
    const grpc::Status status = done.get_future().get();
    if (status.ok()) {
      std::vector<grpc::Slice> slices;
      EXPECT_TRUE(response.Dump(&slices).ok());
      for (const grpc::Slice& each : slices) {
        received += std::string(reinterpret_cast<const char*>(each.begin()), each.size());
      }
    }
    return status;
  }

  v1::ImportRawRequest ImportOf(std::size_t size) {
    v1::ImportRawRequest request;
    request.set_request_id(NewUuid());
    request.set_file_name("plate.txt");
    request.set_content(std::string(size, 'x'));
    return request;
  }

  v1::PlanSampleRequest PlanOf(const std::string& sample) {
    v1::PlanSampleRequest request;
    request.set_request_id(NewUuid());
    request.set_sample_id(sample);
    request.set_lot_id(records.Lot(v1::DISPOSITION_QUARANTINE));
    request.set_purpose(v1::PURPOSE_RELEASE);
    request.set_sampling_point("DP");
    request.mutable_amount()->set_value("1");
    request.mutable_amount()->set_unit("mL");
    return request;
  }

  void ExpectServes() {
    const Answer answer = server.Call("tech1", v1::ListLotsRequest());
    EXPECT_TRUE(answer.ok()) << Describe(answer);
  }

  Answer Through(const client::TerminalIdentity& terminal) {
    return CallWith(client::OpenChannel(terminal), "", login, Login());
  }
  static v1::LogInRequest Login() {
    v1::LogInRequest request;
    request.set_user_id("tech1");
    request.set_password(app::kPassword);
    return request;
  }

  RpcServer server;
  RecordsInState records{server};
  const MethodDescriptor& login = client::MethodOf(v1::LogInRequest());
  std::string received;
};

TEST_F(AdapterLimits, RefuseAMessageAboveOneMebibyteAndServeOn) {
  server.Session("tech1");
  const std::int64_t before = server.LogSize();
  const Answer answer = server.Call("tech1", ImportOf(kMiB));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << Describe(answer);
  EXPECT_NE(answer.status.error_message().find("larger than max"), std::string::npos);
  ExpectServes();
  // Under the library's limit it is the product that says what a look may hold.
  const Answer look = server.Call("tech1", ImportOf(kMiB - 4096));
  EXPECT_EQ(look.error.reason, ErrorReason::kTooLarge) << Describe(look);
  EXPECT_NE(look.error.message.find("900 KiB"), std::string::npos);
  EXPECT_EQ(server.LogSize(), before);
}

// Histories may be long: as much as the terminal takes is sent, and more is refused in words.
TEST_F(AdapterLimits, SendSixteenMebibytesAndSayWhatIsMore) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  v1::Hold hold;
  hold.set_lot_id(lot);
  hold.set_number(1);
  hold.set_reason(std::string(50'000, 'x'));
  for (int i = 0; i < 360; ++i) server.Put({&hold});
  v1::ListEventsRequest request;
  request.set_stream("lot/" + lot);
  request.set_page_size(200);
  const Answer large = server.Call("auditor1", request);
  ASSERT_TRUE(large.ok()) << Describe(large);
  EXPECT_GT(large.response->ByteSizeLong(), 9 * kMiB);
  request.set_page_size(1000);
  const Answer too_large = server.Call("auditor1", request);
  EXPECT_EQ(too_large.error.reason, ErrorReason::kTooLarge) << Describe(too_large);
  EXPECT_NE(too_large.error.message.find("fewer at a time"), std::string::npos);
  ExpectServes();
}

TEST_F(AdapterLimits, RecordWhichLotAnAuditorReads) {
  const std::string one = records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string two = records.Lot(v1::DISPOSITION_QUARANTINE);
  server.Session("auditor1");
  server.Session("qa1");
  const std::int64_t before = server.LogSize();
  v1::GetLotRequest request;
  for (const std::string& lot : {one, two, one}) {
    request.set_lot_id(lot);
    EXPECT_TRUE(server.Call("auditor1", request).ok());
    EXPECT_TRUE(server.Call("qa1", request).ok());
  }
  const auto events = server.EventsFrom(before);
  ASSERT_EQ(events.size(), 2u);
  for (int i = 0; i < 2; ++i) {
    const v1::Event& event = events[static_cast<std::size_t>(i)];
    EXPECT_EQ(event.act(), v1::ACT_READ);
    ASSERT_EQ(event.details_size(), 2);
    EXPECT_EQ(event.details(0).value(), "lims.v1.LotService/GetLot");
    EXPECT_EQ(event.details(1).name(), "lot_id");
    EXPECT_EQ(event.details(1).value(), i == 0 ? one : two);
  }
}

TEST_F(AdapterLimits, DoNotUnpackACompressedMessage) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  context.AddMetadata("authorization", server.Session("tech1"));
  v1::ImportRawResponse response;
  const auto stub = v1::RunService::NewStub(server.console());
  const grpc::Status status = stub->ImportRaw(&context, ImportOf(8 * kMiB), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  ExpectServes();
}

TEST_F(AdapterLimits, RefuseLongMetadataAndServeOn) {
  const auto neighbour = client::OpenChannel(server.Enrol("bench-1"));
  EXPECT_TRUE(CallWith(neighbour, "", login, Login()).ok());
  CallOptions options;
  options.metadata = {{"x-long", std::string(16 << 10, 'x')}};
  const Answer answer = server.Call("sup1", v1::ListLotsRequest(), options);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << Describe(answer);
  EXPECT_TRUE(CallWith(neighbour, "", login, Login()).ok());
  // The library gives up the connection of the offender, who connects anew.
  options.metadata = {{"x-short", std::string(1 << 10, 'x')}};
  Answer next = server.Call("sup1", v1::ListLotsRequest(), options);
  for (int i = 0; i < 10 && !next.ok(); ++i) {
    next = server.Call("sup1", v1::ListLotsRequest(), options);
  }
  EXPECT_TRUE(next.ok()) << Describe(next);
}

TEST_F(AdapterLimits, AreAnnouncedToTheClient) {
  constexpr int kMaxConcurrentStreams = 3;
  constexpr int kMaxHeaderListSize = 6;
  auto settings = Http2Settings(server.MakeTerminal("any"), server.server().port());
  EXPECT_EQ(settings[kMaxConcurrentStreams], 64u);
  EXPECT_EQ(settings[kMaxHeaderListSize], 8192u);
}

TEST_F(AdapterLimits, RefuseBytesThatAreNoMessageAndServeOn) {
  const std::string session = server.Session("tech1");
  const std::int64_t before = server.LogSize();
  for (const std::string bytes : {"\xff\xff\xff", "\x0a\x7f", "\x12\x02\xc3\x28"}) {
    const grpc::Status status = CallBytes("/lims.v1.LotService/RegisterLot", bytes, session);
    EXPECT_FALSE(status.ok());
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  }
  ExpectServes();
  EXPECT_EQ(server.LogSize(), before);
}

TEST_F(AdapterLimits, ServeNothingBesidesTheServicesAndHealth) {
  for (const std::string path : {"/lims.v1.LotService/DeleteLot", "/lims.v1.NoService/GetLot",
                                 "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                 "/grpc.channelz.v1.Channelz/GetServers", "/"}) {
    EXPECT_EQ(CallBytes(path, "", server.Session("auditor1")).error_code(),
              grpc::StatusCode::UNIMPLEMENTED)
        << path;
  }
  const grpc::Status health = CallBytes("/grpc.health.v1.Health/Check", "");
  EXPECT_TRUE(health.ok()) << health.error_message();
  EXPECT_EQ(received, "\x08\x01");  // SERVING
}

TEST_F(AdapterLimits, AskForADeadlineWithEveryWrite) {
  // Recorded, but planned by no writer: they change no record.
  const std::set<std::string> looks = {"ComputeAssay", "ImportRaw", "ExportLot"};
  CallOptions no_deadline;
  no_deadline.deadline = std::chrono::milliseconds(0);
  server.Session("tech1");
  const std::int64_t before = server.LogSize();
  int writes = 0;
  for (const MethodDescriptor* method : AllMethods()) {
    const bool recorded = method->input_type()->FindFieldByName("request_id") != nullptr;
    if (!recorded || looks.contains(method->name())) continue;
    const Answer answer = server.Call("tech1", *MakeRequest(*method, ""), no_deadline);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << NameOf(*method);
    ASSERT_EQ(answer.error.violations.size(), 1u) << NameOf(*method) << Describe(answer);
    EXPECT_EQ(answer.error.violations[0].field, "deadline") << NameOf(*method);
    ++writes;
  }
  EXPECT_GT(writes, 20);
  EXPECT_EQ(server.LogSize(), before);
  EXPECT_TRUE(server.Call("tech1", v1::ListLotsRequest(), no_deadline).ok());
}

// A client that gave up learns with the same request id what became of its act.
TEST_F(AdapterLimits, EndACallAtItsDeadlineAndItsRequestIdTellsTheRest) {
  const v1::PlanSampleRequest request = PlanOf("S-LATE");
  server.Session("tech1");
  {
    const WriterPause pause(server.site());
    CallOptions hasty;
    hasty.deadline = std::chrono::milliseconds(200);
    const Answer answer = server.Call("tech1", request, hasty);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << Describe(answer);
  }
  const Answer again = server.Call("tech1", request);
  ASSERT_TRUE(again.ok()) << Describe(again);
  const auto& response = static_cast<const v1::PlanSampleResponse&>(*again.response);
  EXPECT_TRUE(response.receipt().replayed());
  EXPECT_EQ(response.sample().sample_id(), "S-LATE");
}

TEST_F(AdapterLimits, EndASessionAfterTenIdleMinutesAndTwelveHours) {
  const v1::ListLotsRequest list;
  const MethodDescriptor& method = client::MethodOf(list);
  const auto code = [&](const std::string& session) {
    return CallWith(server.console(), session, method, list).status.error_code();
  };
  const std::string idle = server.Session("tech1");
  server.Advance(std::chrono::minutes(10));
  EXPECT_EQ(code(idle), grpc::StatusCode::OK);
  server.Advance(std::chrono::seconds(601));
  EXPECT_EQ(code(idle), grpc::StatusCode::UNAUTHENTICATED);
  const std::string busy = server.Session("tech2");
  for (int minute = 0; minute <= 12 * 60; minute += 10) {
    EXPECT_EQ(code(busy), grpc::StatusCode::OK) << minute;
    server.Advance(std::chrono::minutes(10));
  }
  EXPECT_EQ(code(busy), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(AdapterLimits, KeepAPortToOneServer) {
  const auto second = Server::Start(server.site(), server.address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, ErrorReason::kUnavailable);
}

TEST_F(AdapterLimits, FinishOpenCallsBeforeTheServerStops) {
  const v1::PlanSampleRequest request = PlanOf("S-LAST");
  server.Session("tech1");
  WriterPause pause(server.site());
  std::promise<Answer> answer;
  std::thread caller([&] { answer.set_value(server.Call("tech1", request)); });
  // The call waits for the writer once nothing else can hold it.
  auto answered = answer.get_future();
  EXPECT_EQ(answered.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  std::thread stopper([&] { server.server().Drain(20); });
  EXPECT_EQ(answered.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  pause.GoOn();
  stopper.join();
  caller.join();
  const Answer last = answered.get();
  EXPECT_TRUE(last.ok()) << Describe(last);
  CallOptions hasty;
  hasty.deadline = std::chrono::milliseconds(500);
  EXPECT_FALSE(server.Call("tech1", v1::ListLotsRequest(), hasty).ok());
}

class Terminals : public AdapterLimits {};

TEST_F(Terminals, ConnectWithACertificateOfTheSiteOnly) {
  client::TerminalIdentity nobody = server.MakeTerminal("nobody");
  nobody.key_pem.clear();
  nobody.certificate_pem.clear();
  const auto other_ca = MakeCa("another CA", SystemClock().Now());
  ASSERT_TRUE(other_ca);
  const auto key = MakeKeyAndRequest("expired");
  ASSERT_TRUE(key);
  const auto ca = server.ca();
  const TimeUs long_ago = SystemClock().Now() - TimeUs{3 * 366} * 86'400 * 1'000'000;
  client::TerminalIdentity expired = server.MakeTerminal("expired");
  expired.key_pem = key->key_pem;
  const auto old = IssueClientCertificate(ca, key->request_pem, "expired", long_ago);
  ASSERT_TRUE(old);
  expired.certificate_pem = *old;
  client::TerminalIdentity distrustful = server.Enrol("distrustful");
  distrustful.ca_pem = other_ca->certificate_pem;
  for (const auto& [name, terminal] :
       {std::pair("no certificate", nobody),
        std::pair("another CA", server.MakeTerminal("stranger", *other_ca)),
        std::pair("expired", expired), std::pair("server of another CA", distrustful)}) {
    const Answer answer = Through(terminal);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAVAILABLE)
        << name << ": " << Describe(answer);
  }
  const auto plain = grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials());
  EXPECT_EQ(CallWith(plain, "", login, Login()).status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Through(server.Enrol("bench-1")).ok());
}

TEST_F(Terminals, SpeakTls13AndNothingOlder) {
  const client::TerminalIdentity terminal = server.Enrol("bench-1");
  const int port = server.server().port();
  EXPECT_EQ(Handshake(terminal, port, TLS1_3_VERSION), TLS1_3_VERSION);
  EXPECT_EQ(Handshake(terminal, port, TLS1_2_VERSION), std::nullopt);
}

TEST_F(Terminals, CallOnlyWhenEnrolled) {
  const auto channel = client::OpenChannel(server.MakeTerminal("unknown"));
  for (const MethodDescriptor* method : AllMethods()) {
    const Answer answer = CallWith(channel, "", *method, *MakeRequest(*method, ""));
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << NameOf(*method);
    EXPECT_NE(answer.error.message.find("not enrolled"), std::string::npos) << Describe(answer);
  }
}

TEST_F(Terminals, AreShutOutByTheNextCallAfterRevocation) {
  const client::TerminalIdentity terminal = server.Enrol("stolen");
  const auto open = client::OpenChannel(terminal);
  const std::string session = RpcServer::LogIn(open, "tech1");
  const v1::ListLotsRequest list;
  ASSERT_TRUE(CallWith(open, session, client::MethodOf(list), list).ok());
  v1::RevokeTerminalRequest revoke;
  revoke.set_request_id(NewUuid());
  revoke.set_name("stolen");
  revoke.set_reason("stolen from the bench");
  ASSERT_TRUE(server.Call("admin1", revoke).ok());
  for (const auto& channel : {open, client::OpenChannel(terminal)}) {
    const Answer answer = CallWith(channel, session, client::MethodOf(list), list);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << Describe(answer);
    EXPECT_EQ(CallWith(channel, "", login, Login()).status.error_code(),
              grpc::StatusCode::UNAUTHENTICATED);
  }
}

class Upload : public AdapterLimits {
 protected:
  // An upload that was begun and waits.
  struct Open {
    grpc::ClientContext context;
    v1::UploadRawResponse response;
    std::unique_ptr<grpc::ClientWriter<v1::UploadRawRequest>> writer;
  };
  std::unique_ptr<Open> Begin() {
    auto open = std::make_unique<Open>();
    open->context.set_deadline(std::chrono::system_clock::now() + kPatience);
    open->context.AddMetadata("authorization", server.Session("tech1"));
    open->writer = stub->UploadRaw(&open->context, &open->response);
    return open;
  }
  static v1::UploadRawRequest Part(const std::string& whole, const std::string& chunk) {
    v1::UploadRawRequest request;
    request.set_sha256(HexEncode(Sha256(whole)));
    request.set_size_bytes(static_cast<std::int64_t>(whole.size()));
    request.set_chunk(chunk);
    return request;
  }
  grpc::Status Send(const std::vector<v1::UploadRawRequest>& parts) {
    const auto open = Begin();
    for (const v1::UploadRawRequest& part : parts) {
      if (!open->writer->Write(part)) break;
    }
    open->writer->WritesDone();
    return open->writer->Finish();
  }

  const std::unique_ptr<v1::RunService::Stub> stub = v1::RunService::NewStub(server.console());
};

TEST_F(Upload, StoresOnlyTheAnnouncedBytes) {
  const std::string file(600'000, 'a');
  const std::string first = file.substr(0, 200'000);
  v1::UploadRawRequest no_hash = Part(file, first);
  no_hash.set_sha256("abc");
  v1::UploadRawRequest huge = Part(file, first);
  huge.set_size_bytes((std::int64_t{64} << 20) + 1);
  v1::UploadRawRequest empty = Part("", "");
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  EXPECT_EQ(Send({}).error_code(), invalid);
  EXPECT_EQ(Send({empty}).error_code(), invalid);
  EXPECT_EQ(Send({no_hash}).error_code(), invalid);
  EXPECT_EQ(Send({huge}).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Send({Part(file, std::string((256 << 10) + 1, 'a'))}).error_code(), invalid);
  EXPECT_EQ(Send({Part(file, first), Part(file, first)}).error_code(), invalid);
  EXPECT_EQ(Send({Part(file, first), Part(file, first), Part(file, std::string(200'000, 'b'))})
                .error_code(),
            invalid);
  EXPECT_EQ(Send({Part(first, first), Part(first, "a")}).error_code(), invalid);
  EXPECT_FALSE(server.site().store().Read(
      [&](storage::Records& all) { return storage::GetBlob(all.db(), HexEncode(Sha256(file))); }));
  const grpc::Status stored = Send({Part(file, first), Part(file, first), Part(file, first)});
  EXPECT_TRUE(stored.ok()) << stored.error_message();
  const auto blob = server.site().store().Read(
      [&](storage::Records& all) { return storage::GetBlob(all.db(), HexEncode(Sha256(file))); });
  ASSERT_TRUE(blob);
  EXPECT_TRUE(*blob == file);
}

TEST_F(Upload, RunsTwiceAtATimeAtMost) {
  const std::string file = "some bytes";
  auto one = Begin();
  auto two = Begin();
  EXPECT_TRUE(one->writer->Write(Part(file, "some ")));
  EXPECT_TRUE(two->writer->Write(Part(file, "some ")));
  one->writer->WaitForInitialMetadata();
  two->writer->WaitForInitialMetadata();
  ExpectServes();
  EXPECT_EQ(Send({Part(file, file)}).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  one->writer->WritesDone();
  EXPECT_EQ(one->writer->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  grpc::Status third = Send({Part(file, file)});
  // The place is free when the server has finished with the first, a moment after its answer.
  for (int i = 0; i < 100 && third.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED; ++i) {
    third = Send({Part(file, file)});
  }
  EXPECT_TRUE(third.ok()) << third.error_message();
  two->context.TryCancel();
  EXPECT_FALSE(two->writer->Finish().ok());
}

}  // namespace
}  // namespace lims::rpc
