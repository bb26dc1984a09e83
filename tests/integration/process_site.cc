#include "integration/process_site.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "base/tls_policy.h"
#include "core/call.h"
#include "core/channel.h"
#include "core/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lims/v1/access_service.pb.h"
#include "storage/store.h"
#include "tlog/event_bytes.h"

namespace lims {
namespace {

using google::protobuf::Message;

constexpr std::chrono::seconds kCallDeadline{20};

}  // namespace

Terminal::Terminal(const client::TerminalIdentity& identity)
    : channel_(client::OpenChannel(identity)) {}

void Terminal::CallAsync(const Message& request, Message* response,
                         std::function<void(const grpc::Status&)> done) const {
  auto context = std::make_shared<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kCallDeadline);
  if (!session_.empty()) context->AddMetadata("authorization", session_);
  grpc::TemplatedGenericStub<Message, Message> stub(channel_);
  stub.UnaryCall(context.get(), client::PathOf(client::MethodOf(request)), {}, &request, response,
                 [context, done = std::move(done)](const grpc::Status& status) mutable {
                   context.reset();  // it holds the channel, which no thread of gRPC may end
                   done(status);
                 });
}

grpc::Status Terminal::Call(const Message& request, Message* response) const {
  std::promise<grpc::Status> done;
  CallAsync(request, response, [&done](const grpc::Status& status) { done.set_value(status); });
  return done.get_future().get();
}

grpc::Status Terminal::LogIn(const std::string& user, const std::string& password) {
  v1::LogInRequest request;
  request.set_user_id(user);
  request.set_password(password);
  v1::LogInResponse response;
  const grpc::Status status = Call(request, &response);
  if (status.ok()) session_ = response.session();
  return status;
}

ProcessSite::ProcessSite(const std::function<void(app::SiteFixture&)>& more) {
  RequireTls13();
  app::SiteFixture site(folder(), SystemClock().Now());
  site.Prepare();
  for (int lot = 0; lot < kLots; ++lot) {
    site.AddLot(LotName(lot), "MCB");
    site.AddSample(LotName(lot), LotName(lot) + "-ST", "STABILITY");
  }
  if (more) more(site);
}

std::string ProcessSite::LotName(int lot) {
  return fmt::format("L{:02}", lot);
}

v1::SubmitResultRequest ProcessSite::Value(int lot, const std::string& value) {
  v1::SubmitResultRequest request = app::PhValue(LotName(lot), value);
  request.set_request_id(NewUuid());
  request.set_sample_id(LotName(lot) + "-ST");
  return request;
}

void ProcessSite::Launch(std::optional<std::uint64_t> file_limit) {
  port_ = 0;
  std::vector<std::string> command{"/usr/bin/env"};
  command.insert(command.end(), environment_.begin(), environment_.end());
  for (const std::string& word : {ServerProgram(), std::string("serve"), std::string("--site"),
                                  folder(), std::string("--listen"), std::string("127.0.0.1:0")}) {
    command.push_back(word);
  }
  server_ = std::make_unique<Process>(std::move(command), file_limit);
}

void ProcessSite::Start(std::optional<std::uint64_t> file_limit) {
  Launch(file_limit);
  const auto port = server_->WaitForLine(" on port ", kPatience);
  ASSERT_TRUE(port) << server_->output();
  port_ = std::atoi(port->c_str());
}

void ProcessSite::Kill() {
  server_->Signal(SIGKILL);
  ASSERT_EQ(server_->Wait(kPatience), -SIGKILL) << server_->output();
}

int ProcessSite::Stop() {
  const auto code = server_->Terminate(kPatience);
  EXPECT_TRUE(code) << "still runs after SIGTERM: " << server_->output();
  EXPECT_EQ(code.value_or(0), 0) << server_->output();
  return code.value_or(-1);
}

client::TerminalIdentity ProcessSite::Identity() const {
  auto identity = client::Site(folder()).ReadIdentity();
  EXPECT_TRUE(identity) << identity.error().message;
  identity->server = fmt::format("127.0.0.1:{}", port_);
  return *identity;
}

Terminal ProcessSite::LogIn(const std::string& user) const {
  Terminal terminal = Connect();
  const grpc::Status status = terminal.LogIn(user);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return terminal;
}

std::unique_ptr<storage::Connection> ProcessSite::OpenDatabase() const {
  auto opened = storage::Connection::Open(storage::DatabasePath(folder() + "/server"),
                                          storage::OpenMode::kReader);
  EXPECT_TRUE(opened) << opened.error().message;
  return *std::move(opened);
}

std::uint64_t ProcessSite::DatabaseBytes() const {
  return std::filesystem::file_size(storage::DatabasePath(folder() + "/server"));
}

std::int64_t ProcessSite::LogSize() const {
  return storage::LogSize(*OpenDatabase()).value();
}

std::vector<LogEvent> ProcessSite::Log() const {
  const auto db = OpenDatabase();
  auto entries = storage::Entries(*db, 0, 1'000'000);
  EXPECT_TRUE(entries) << entries.error().message;
  std::vector<LogEvent> log;
  for (storage::Entry& entry : *entries) {
    LogEvent each{std::move(entry), {}};
    EXPECT_TRUE(tlog::ParseCanonicalJson(each.entry.bytes, &each.event));
    log.push_back(std::move(each));
  }
  return log;
}

std::map<v1::Act, int> ProcessSite::Acts() const {
  std::map<v1::Act, int> acts;
  for (const LogEvent& each : Log()) ++acts[each.event.act()];
  return acts;
}

std::optional<storage::RequestRecord> ProcessSite::Recorded(const std::string& user,
                                                            const std::string& request_id) const {
  return storage::FindRequest(*OpenDatabase(), user, request_id).value();
}

testing::AssertionResult ProcessSite::Verifies() const {
  Process verify({ServerProgram(), "verify", "--site", folder()});
  const auto code = verify.Wait(std::chrono::seconds(60));
  if (code == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "exit code " << code.value_or(-1) << ": " << verify.output();
}

std::string ServerProgram() {
  return LIMS_BINARY_DIR "/bin/lims-server";
}
std::string ClientProgram() {
  return LIMS_BINARY_DIR "/bin/lims";
}

Error ExpectRefusal(const grpc::Status& status, grpc::StatusCode code, ErrorReason reason) {
  EXPECT_EQ(status.error_code(), code) << status.error_message();
  if (status.ok()) return {};
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  const bool informed =
      std::any_of(details.details().begin(), details.details().end(),
                  [&info](const google::protobuf::Any& any) { return any.UnpackTo(&info); });
  EXPECT_TRUE(informed) << "no ErrorInfo: " << status.error_message();
  EXPECT_EQ(info.reason(), ErrorReasonName(reason)) << status.error_message();
  EXPECT_EQ(info.domain(), "lims");
  const Error error = client::ErrorFromStatus(status);
  EXPECT_FALSE(error.message.empty());
  if (code == grpc::StatusCode::INVALID_ARGUMENT) {
    google::rpc::BadRequest request;
    EXPECT_TRUE(std::any_of(details.details().begin(), details.details().end(),
                            [&](const google::protobuf::Any& any) {
                              return any.UnpackTo(&request) && request.field_violations_size() > 0;
                            }))
        << "no field is named: " << status.error_message();
  }
  return error;
}

bool Names(const Error& error, const std::string& field) {
  return std::any_of(error.violations.begin(), error.violations.end(),
                     [&](const Violation& each) { return each.field == field; });
}

}  // namespace lims
