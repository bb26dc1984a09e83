// The client against a small server in the same process, over mutual TLS on the loopback interface.
#include "core/client.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <cstdlib>

#include "base/clock.h"
#include "base/message_limits.h"
#include "base/tls_policy.h"
#include "base/x509.h"
#include "client/synthetic_log.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lims/v1/access_service.grpc.pb.h"
#include "lims/v1/audit_service.grpc.pb.h"
#include "lims/v1/lot_service.grpc.pb.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "support/temporary_folder.h"

namespace lims::client {
namespace {

using grpc::ServerContext;
using grpc::Status;

std::string Authorization(const ServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return "";
  return {found->second.data(), found->second.size()};
}

// A refusal as the server makes it.
grpc::Status Refuse(grpc::StatusCode code, const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("lims");
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  return {code, "refused by the test", status.SerializeAsString()};
}

// Grants one password, logs every lot that is registered and refuses on demand.
class FakeServer : public v1::AccessService::Service,
                   public v1::LotService::Service,
                   public v1::RunService::Service,
                   public v1::AuditService::Service {
 public:
  FakeServer() { log_.Append("site", "", v1::ACT_INIT_SITE, {log_.Site()}); }

  Status LogIn(ServerContext*, const v1::LogInRequest* request,
               v1::LogInResponse* response) override {
    if (request->password() != "correct horse battery") {
      return Refuse(grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
    }
    response->set_session("token-of-" + request->user_id());
    response->mutable_user()->set_user_id(request->user_id());
    return Status::OK;
  }

  Status LogOut(ServerContext*, const v1::LogOutRequest*, v1::LogOutResponse*) override {
    return Status::OK;
  }

  // Ends the session, as a new password does: no checkpoint is shown to it any more.
  Status SetPassword(ServerContext*, const v1::SetPasswordRequest*,
                     v1::SetPasswordResponse* response) override {
    checkpoint_refusal_ = Refuse(grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
    log_.Append("user/tech1", "tech1", v1::ACT_SET_PASSWORD, {});
    *response->mutable_receipt() = ReceiptOfLast();
    return Status::OK;
  }

  Status RegisterLot(ServerContext* context, const v1::RegisterLotRequest* request,
                     v1::RegisterLotResponse* response) override {
    if (Authorization(*context) != "token-of-tech1") {
      return Refuse(grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
    }
    request_ids_.push_back(request->request_id());
    if (!refusal_.ok()) return refusal_;
    log_.Append("lot/" + request->lot_id(), "tech1", v1::ACT_REGISTER_LOT, {});
    response->mutable_lot()->set_lot_id(request->lot_id() + padding_);
    *response->mutable_receipt() = ReceiptOfLast();
    return Status::OK;
  }

  Status ImportRaw(ServerContext*, const v1::ImportRawRequest*,
                   v1::ImportRawResponse* response) override {
    log_.Append("access/2026-09-21", "tech1", v1::ACT_LOOK, {});
    *response->mutable_receipt() = ReceiptOfLast();
    if (!look_checkpoint_.empty()) response->mutable_receipt()->set_checkpoint(look_checkpoint_);
    return Status::OK;
  }

  Status GetCheckpoint(ServerContext*, const v1::GetCheckpointRequest* request,
                       v1::GetCheckpointResponse* response) override {
    if (!checkpoint_refusal_.ok()) return checkpoint_refusal_;
    response->set_vkey(log_.vkey());
    response->set_checkpoint(log_.Checkpoint(log_.size()));
    for (const Hash& hash : log_.Consistency(static_cast<std::uint64_t>(request->old_size()))) {
      response->add_consistency_proof(HexEncode(hash));
    }
    return Status::OK;
  }

  Status UploadRaw(ServerContext*, grpc::ServerReader<v1::UploadRawRequest>* reader,
                   v1::UploadRawResponse* response) override {
    v1::UploadRawRequest part;
    std::string bytes;
    std::string named;
    while (reader->Read(&part)) {
      if (!part.sha256().empty()) named = part.sha256();
      bytes += part.chunk();
      ++chunks_;
    }
    if (HexEncode(Sha256(bytes)) != named) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "hash does not match"};
    }
    response->set_sha256(named);
    return Status::OK;
  }

  Status ExportLot(ServerContext*, const v1::ExportLotRequest* request,
                   grpc::ServerWriter<v1::ExportLotResponse>* writer) override {
    for (const auto& [path, chunk] : bundle_) {
      v1::ExportLotResponse message;
      v1::BundlePart* part = message.add_parts();
      part->set_path(path);
      part->set_chunk(chunk + request->lot_id());
      writer->Write(message);
      part->set_chunk("!");
      writer->Write(message);
    }
    return Status::OK;
  }

  v1::Receipt ReceiptOfLast() const {
    v1::Receipt receipt;
    receipt.set_log_index(static_cast<std::int64_t>(log_.size()) - 1);
    receipt.set_event_count(1);
    receipt.set_checkpoint(log_.Checkpoint(log_.size()));
    return receipt;
  }

  SyntheticLog log_;
  Status refusal_;
  Status checkpoint_refusal_;
  std::string look_checkpoint_;  // instead of the log's own
  std::string padding_;          // of an answer
  std::vector<std::string> request_ids_;
  int chunks_ = 0;
  std::vector<std::pair<std::string, std::string>> bundle_;
};

class ClientTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { RequireTls13(); }

  ClientTest() : site_(folder_.path()) {
    const TimeUs now = SystemClock().Now();
    ca_ = MakeCa("test CA", now).value();
    certificate_ = IssueServerCertificate(ca_, {}, now).value();
    const KeyAndRequest request = MakeKeyAndRequest("bench-3").value();
    terminal_ = {request.key_pem,
                 IssueClientCertificate(ca_, request.request_pem, "bench-3", now).value()};
    Start(0);
    Enrol(terminal_, ca_.certificate_pem);
  }
  ~ClientTest() override { Stop(); }

  void Start(int port) {
    grpc::SslServerCredentialsOptions options(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = ca_.certificate_pem;
    options.pem_key_cert_pairs.push_back({certificate_.key_pem, certificate_.certificate_pem});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port),
                             grpc::SslServerCredentials(options), &port_);
    builder.RegisterService(static_cast<v1::AccessService::Service*>(&fake_));
    builder.RegisterService(static_cast<v1::LotService::Service*>(&fake_));
    builder.RegisterService(static_cast<v1::RunService::Service*>(&fake_));
    builder.RegisterService(static_cast<v1::AuditService::Service*>(&fake_));
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }

  void Stop() {
    if (server_) server_->Shutdown();
    server_.reset();
  }

  void Enrol(const KeyAndCertificate& terminal, const std::string& ca_pem) {
    ASSERT_TRUE(site_.WriteIdentity(
        {ca_pem, terminal.certificate_pem, terminal.key_pem, "localhost:" + std::to_string(port_)},
        ""));
  }

  Client Open(const std::string& request_id = "") {
    return Client::Open({folder_.path(), "tech1", request_id}).value();
  }

  Client LoggedIn(const std::string& request_id = "") {
    Client client = Open(request_id);
    EXPECT_TRUE(client.LogIn("correct horse battery"));
    return client;
  }

  static Result<v1::RegisterLotResponse> Register(Client* client) {
    v1::RegisterLotRequest request;
    request.set_lot_id("L1");
    return client->Write<v1::RegisterLotResponse>(request);
  }

  std::size_t Waiting() const { return Outbox(site_.outbox()).List()->size(); }

  TemporaryFolder folder_;
  Site site_;
  KeyAndCertificate ca_;
  KeyAndCertificate certificate_;
  KeyAndCertificate terminal_;
  FakeServer fake_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ClientTest, LogInKeepsTheSessionAndTheCheckpoint) {
  Client client = Open();
  EXPECT_EQ(client.LogIn("wrong").error().reason, ErrorReason::kUnauthenticated);
  EXPECT_EQ(site_.ReadSession("tech1").value(), std::nullopt);
  ASSERT_TRUE(client.LogIn("correct horse battery"));
  EXPECT_EQ(site_.ReadSession("tech1").value(), "token-of-tech1");
  EXPECT_EQ(site_.ReadLastUser().value(), "tech1");
  EXPECT_EQ(site_.ReadVkey().value(), fake_.log_.vkey());
  EXPECT_EQ(site_.ReadCheckpoint().value(), fake_.log_.Checkpoint(1));
  EXPECT_EQ(Client::Open({folder_.path(), "", ""})->User().value(), "tech1");
  ASSERT_TRUE(client.LogOut());
  EXPECT_EQ(site_.ReadSession("tech1").value(), std::nullopt);
  EXPECT_EQ(Register(&client).error().reason, ErrorReason::kUnauthenticated);
}

TEST_F(ClientTest, WriteLeavesTheOutboxWithItsAnswer) {
  Client client = LoggedIn();
  const auto response = Register(&client);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->lot().lot_id(), "L1");
  EXPECT_EQ(Waiting(), 0U);
  EXPECT_EQ(site_.ReadCheckpoint().value(), fake_.log_.Checkpoint(2));
  ASSERT_EQ(fake_.request_ids_.size(), 1U);
  EXPECT_EQ(fake_.request_ids_[0].size(), 36U);
}

TEST_F(ClientTest, RefusalLeavesTheOutboxToo) {
  Client client = LoggedIn();
  fake_.refusal_ = Refuse(grpc::StatusCode::FAILED_PRECONDITION, "WRONG_STATE");
  EXPECT_EQ(Register(&client).error().reason, ErrorReason::kWrongState);
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(ClientTest, UnansweredWriteWaitsAndIsSentUnderItsOwnId) {
  Client client = LoggedIn();
  const int port = port_;
  Stop();
  const auto response = Register(&client);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, ErrorReason::kUnavailable);
  EXPECT_NE(response.error().message.find("outbox"), std::string::npos);
  ASSERT_EQ(Waiting(), 1U);
  const OutboxEntry entry = Outbox(site_.outbox()).List()->front();

  Start(port);
  ASSERT_EQ(port_, port);
  const auto no_secret = [](const std::string&) -> Result<std::string> {
    return InvalidArgument("password", "none is needed");
  };
  fake_.refusal_ = Refuse(grpc::StatusCode::UNAVAILABLE, "UNAVAILABLE");
  Client again = Open();
  EXPECT_FALSE(again.Resend(entry, no_secret));
  EXPECT_EQ(Waiting(), 1U);
  fake_.refusal_ = Status::OK;
  const auto receipt = again.Resend(entry, no_secret);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->log_index(), 1);
  EXPECT_EQ(fake_.request_ids_.back(), entry.request_id);
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(ClientTest, FullQueueKeepsTheRequest) {
  Client client = LoggedIn();
  fake_.refusal_ = Refuse(grpc::StatusCode::RESOURCE_EXHAUSTED, "BUSY");
  EXPECT_EQ(Register(&client).error().reason, ErrorReason::kBusy);
  EXPECT_EQ(Waiting(), 1U);
}

// The act may be recorded: the library says so on either side when only the answer was lost.
TEST_F(ClientTest, ErrorThatIsNotTheServersKeepsTheRequest) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::INTERNAL, grpc::StatusCode::UNKNOWN, grpc::StatusCode::RESOURCE_EXHAUSTED,
        grpc::StatusCode::UNIMPLEMENTED}) {
    Client client = LoggedIn();
    const std::size_t before = Waiting();
    fake_.refusal_ = Status(code, "stream was reset");
    const auto response = Register(&client);
    EXPECT_EQ(response.error().reason, ErrorReason::kUnavailable);
    EXPECT_NE(response.error().message.find("lims outbox send"), std::string::npos);
    EXPECT_EQ(Waiting(), before + 1) << code;
  }
}

TEST_F(ClientTest, AnswerLargerThanTheTerminalTakesKeepsTheRequest) {
  Client client = LoggedIn();
  fake_.padding_ = std::string(kMaxReplyBytes, 'x');
  const auto response = Register(&client);
  EXPECT_EQ(response.error().reason, ErrorReason::kUnavailable) << response.error().message;
  EXPECT_EQ(fake_.request_ids_.size(), 1U);
  EXPECT_EQ(Waiting(), 1U);
  fake_.padding_.clear();
  const auto receipt = client.Resend(Outbox(site_.outbox()).List()->front(), {});
  EXPECT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(ClientTest, RequestLargerThanTheServerTakesIsNotSent) {
  Client client = LoggedIn();
  v1::RegisterLotRequest request;
  request.set_lot_id(std::string(kMaxRequestBytes, 'x'));
  EXPECT_EQ(client.Write<v1::RegisterLotResponse>(request).error().reason, ErrorReason::kTooLarge);
  EXPECT_TRUE(fake_.request_ids_.empty());
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(ClientTest, EndedSessionDoesNotSettleAnEarlierTry) {
  Client client = LoggedIn("01900000-0000-7000-8000-000000000001");
  fake_.refusal_ = Refuse(grpc::StatusCode::UNAVAILABLE, "UNAVAILABLE");
  EXPECT_FALSE(Register(&client));
  ASSERT_EQ(Waiting(), 1U);
  fake_.refusal_ = Status::OK;
  ASSERT_TRUE(site_.WriteSession("tech1", "ended"));
  Client again = Open("01900000-0000-7000-8000-000000000001");
  EXPECT_EQ(Register(&again).error().reason, ErrorReason::kUnauthenticated);
  EXPECT_EQ(Waiting(), 1U);
}

TEST_F(ClientTest, GivenRequestIdServesOnce) {
  Client client = LoggedIn("01900000-0000-7000-8000-000000000001");
  ASSERT_TRUE(Register(&client));
  EXPECT_EQ(fake_.request_ids_[0], "01900000-0000-7000-8000-000000000001");
  EXPECT_EQ(Register(&client).error().reason, ErrorReason::kInvalidArgument);
}

TEST_F(ClientTest, ServerThatRewroteItsLogIsLoud) {
  Client client = LoggedIn();
  ASSERT_TRUE(Register(&client));
  fake_.log_ = SyntheticLog();
  for (int i = 0; i < 5; ++i) fake_.log_.Append("site", "other", v1::ACT_START_SERVER, {});
  EXPECT_EQ(client.LogIn("correct horse battery").error().reason, ErrorReason::kVerificationFailed);
  EXPECT_EQ(Register(&client).error().reason, ErrorReason::kVerificationFailed);
}

TEST_F(ClientTest, ReceiptOfALookIsChecked) {
  Client client = LoggedIn();
  ASSERT_TRUE(client.Read<v1::ImportRawResponse>(v1::ImportRawRequest()));
  EXPECT_EQ(site_.ReadCheckpoint().value(), fake_.log_.Checkpoint(2));
  SyntheticLog fork;
  for (int i = 0; i < 3; ++i) fork.Append("site", "other", v1::ACT_START_SERVER, {});
  fake_.look_checkpoint_ = fork.Checkpoint(3);
  const auto look = client.Read<v1::ImportRawResponse>(v1::ImportRawRequest());
  ASSERT_FALSE(look);
  EXPECT_EQ(look.error().reason, ErrorReason::kVerificationFailed);
}

TEST_F(ClientTest, ANewPasswordIsComparedAtTheNextLogInWithoutAWarning) {
  (void)LoggedIn();
  std::vector<std::string> warnings;
  const auto warn = [&](const std::string& what) { warnings.push_back(what); };
  Client client = Client::Open({folder_.path(), "tech1", "", warn}).value();
  ASSERT_TRUE(client.Write<v1::SetPasswordResponse>(v1::SetPasswordRequest()));
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  EXPECT_EQ(site_.ReadUncompared()->size(), 1U);
  fake_.checkpoint_refusal_ = Status::OK;
  (void)LoggedIn();
  EXPECT_TRUE(site_.ReadUncompared()->empty());
}

TEST_F(ClientTest, AnswerThatCannotBeComparedNowIsGivenWithAWarning) {
  (void)LoggedIn();
  std::vector<std::string> warnings;
  const auto warn = [&](const std::string& what) { warnings.push_back(what); };
  Client client = Client::Open({folder_.path(), "tech1", "", warn}).value();
  fake_.checkpoint_refusal_ = Refuse(grpc::StatusCode::UNAVAILABLE, "UNAVAILABLE");
  EXPECT_TRUE(Register(&client));
  EXPECT_EQ(warnings.size(), 1U);
  fake_.checkpoint_refusal_ = Status::OK;
  EXPECT_TRUE(Register(&client));
  EXPECT_EQ(warnings.size(), 1U);
  EXPECT_EQ(site_.ReadCheckpoint().value(), fake_.log_.Checkpoint(3));
  EXPECT_TRUE(site_.ReadUncompared()->empty());
}

TEST_F(ClientTest, CheckpointOfAProofIsCompared) {
  Client client = LoggedIn();
  EXPECT_EQ(client.CompareCheckpoint(fake_.log_.Checkpoint(1)).value(), true);
  // One that cannot be compared now is said to be that.
  fake_.checkpoint_refusal_ = Refuse(grpc::StatusCode::UNAVAILABLE, "UNAVAILABLE");
  fake_.log_.Append("site", "more", v1::ACT_START_SERVER, {});
  const std::size_t size = fake_.log_.size();
  EXPECT_EQ(client.CompareCheckpoint(fake_.log_.Checkpoint(size)).value(), false);
  fake_.checkpoint_refusal_ = Status::OK;
  EXPECT_EQ(client.CompareCheckpoint(fake_.log_.Checkpoint(size)).value(), true);
  SyntheticLog fork;
  fork.Append("site", "other", v1::ACT_START_SERVER, {});
  const auto compared = client.CompareCheckpoint(fork.Checkpoint(1));
  ASSERT_FALSE(compared);
  EXPECT_EQ(compared.error().reason, ErrorReason::kVerificationFailed);
}

TEST_F(ClientTest, RawFileTravelsInChunks) {
  Client client = LoggedIn();
  const std::string bytes(600'000, 'x');
  EXPECT_EQ(client.UploadRaw(bytes).value(), HexEncode(Sha256(bytes)));
  EXPECT_EQ(fake_.chunks_, 3);
  EXPECT_TRUE(client.UploadRaw(""));
}

TEST_F(ClientTest, ExportIsWrittenFileByFile) {
  Client client = LoggedIn();
  fake_.bundle_ = {{"vkey", "a"}, {"entries/0.json", "b"}};
  v1::ExportLotRequest request;
  request.set_lot_id("L1");
  const auto bundle = client.ExportLot(request, folder_.path() / "out" / "bundle");
  ASSERT_TRUE(bundle) << bundle.error().message;
  EXPECT_EQ(bundle->files, 2);
  EXPECT_EQ(folder_.Read("out/bundle/entries/0.json"), "bL1!");
  EXPECT_FALSE(client.ExportLot(request, folder_.path() / "out" / "bundle"));  // no longer empty
}

TEST_F(ClientTest, ExportNeverLeavesItsFolder) {
  for (const char* path : {"../outside", "/tmp/outside", "a/../../b", "", "a//b", "a b"}) {
    Client client = LoggedIn();
    fake_.bundle_ = {{path, "x"}};
    const auto bundle = client.ExportLot({}, folder_.path() / "bundle");
    ASSERT_FALSE(bundle) << path;
    EXPECT_EQ(bundle.error().reason, ErrorReason::kVerificationFailed) << path;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "outside"));
}

TEST_F(ClientTest, ServerOfAnotherCaIsNotTalkedTo) {
  const KeyAndCertificate other = MakeCa("other CA", SystemClock().Now()).value();
  Enrol(terminal_, other.certificate_pem);
  Client client = Open();
  EXPECT_EQ(client.LogIn("correct horse battery").error().reason, ErrorReason::kUnavailable);
}

TEST_F(ClientTest, TerminalOfAnotherCaIsNotTalkedTo) {
  const TimeUs now = SystemClock().Now();
  const KeyAndCertificate other = MakeCa("other CA", now).value();
  const KeyAndRequest request = MakeKeyAndRequest("bench-3").value();
  Enrol({request.key_pem, IssueClientCertificate(other, request.request_pem, "b", now).value()},
        ca_.certificate_pem);
  Client client = Open();
  EXPECT_EQ(client.LogIn("correct horse battery").error().reason, ErrorReason::kUnavailable);
}

TEST_F(ClientTest, HostNameIsChecked) {
  ASSERT_TRUE(site_.WriteIdentity({ca_.certificate_pem, terminal_.certificate_pem,
                                   terminal_.key_pem, "127.0.0.2:" + std::to_string(port_)},
                                  ""));
  Stop();
  // The same server under an address that its certificate does not name.
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ca_.certificate_pem;
  options.pem_key_cert_pairs.push_back({certificate_.key_pem, certificate_.certificate_pem});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("0.0.0.0:" + std::to_string(port_), grpc::SslServerCredentials(options));
  builder.RegisterService(static_cast<v1::AccessService::Service*>(&fake_));
  server_ = builder.BuildAndStart();
  ASSERT_NE(server_, nullptr);
  Client client = Open();
  EXPECT_EQ(client.LogIn("correct horse battery").error().reason, ErrorReason::kUnavailable);
}

// A stock TLS client against the server above.
int Handshake(const TemporaryFolder& folder, int port, const std::string& version) {
  const std::string files = folder.path().string() + "/client/";
  const std::string command =
      "openssl s_client -connect 127.0.0.1:" + std::to_string(port) + " " + version + " -CAfile " +
      files + "ca.pem -cert " + files + "terminal.pem -key " + files +
      "terminal.key -alpn h2 -verify_return_error </dev/null >/dev/null 2>&1";
  return std::system(command.c_str());
}

TEST_F(ClientTest, OnlyTls13IsSpoken) {
  EXPECT_EQ(Handshake(folder_, port_, "-tls1_3"), 0);
  EXPECT_NE(Handshake(folder_, port_, "-tls1_2"), 0);
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_method()),
                                                             SSL_CTX_free);
  EXPECT_NE(SSL_CTX_get_options(context.get()) & SSL_OP_NO_TLSv1_2, 0U);
}

}  // namespace
}  // namespace lims::client
