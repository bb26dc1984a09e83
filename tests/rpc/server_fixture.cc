#include "rpc/server_fixture.h"

#include <google/protobuf/text_format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <cstdlib>
#include <filesystem>
#include <future>

#include "app/files.h"
#include "base/clock.h"
#include "base/tls_policy.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"

namespace lims::rpc {
namespace {

// In memory where the machine has such a place: these tests are not about the disk.
std::filesystem::path MemoryFolder() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code none;
  return std::filesystem::is_directory(memory, none) ? memory
                                                     : std::filesystem::temp_directory_path();
}

template <typename T>
T Must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return *std::move(result);
}

}  // namespace

std::string NameOf(const MethodDescriptor& method) {
  return method.service()->name() + "/" + method.name();
}

std::string Describe(const Answer& answer) {
  if (answer.ok()) return "OK";
  std::string text = std::to_string(answer.status.error_code()) + " " +
                     std::string(ErrorReasonName(answer.error.reason)) + ": " +
                     answer.error.message;
  for (const Violation& violation : answer.error.violations) {
    text += "\n  " + violation.field + ": " + violation.description;
  }
  return text;
}

Answer CallWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                const MethodDescriptor& method, const Message& request,
                const CallOptions& options) {
  grpc::ClientContext context;
  if (options.deadline.count() > 0) {
    context.set_deadline(std::chrono::system_clock::now() + options.deadline);
  }
  if (!session.empty()) context.AddMetadata("authorization", session);
  for (const auto& [key, value] : options.metadata) context.AddMetadata(key, value);
  Answer answer;
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.output_type());
  const auto fresh = [prototype] { return std::shared_ptr<Message>(prototype->New()); };
  const std::string path = client::PathOf(method);
  if (!method.client_streaming() && !method.server_streaming()) {
    answer.response = fresh();
    std::promise<grpc::Status> done;
    grpc::TemplatedGenericStub<Message, Message> stub(channel);
    stub.UnaryCall(&context, path, {}, &request, answer.response.get(),
                   [&done](grpc::Status status) { done.set_value(std::move(status)); });
    answer.status = done.get_future().get();
  } else {
    grpc::CompletionQueue queue;
    grpc::TemplatedGenericStub<Message, Message> stub(channel);
    const auto call = stub.PrepareCall(&context, path, &queue);
    const auto wait = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    call->StartCall(nullptr);
    if (wait()) {
      call->WriteLast(request, {}, nullptr);
      wait();
    }
    for (;;) {
      std::shared_ptr<Message> next = fresh();
      call->Read(next.get(), nullptr);
      if (!wait()) break;
      answer.response = std::move(next);
      if (method.name().starts_with("Watch")) break;  // for ever
    }
    if (answer.response != nullptr && method.name().starts_with("Watch")) {
      context.TryCancel();
      call->Finish(&answer.status, nullptr);
      wait();
      answer.status = grpc::Status::OK;
      queue.Shutdown();
      wait();
      return answer;
    }
    call->Finish(&answer.status, nullptr);
    wait();
    queue.Shutdown();
    wait();
  }
  if (!answer.ok()) {
    answer.error = client::ErrorFromStatus(answer.status);
    answer.response = nullptr;
  }
  return answer;
}

void SetRequestId(Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || !request->GetReflection()->GetString(*request, field).empty()) return;
  request->GetReflection()->SetString(request, field, NewUuid());
}

std::unique_ptr<Message> MakeRequest(const MethodDescriptor& method, const std::string& text) {
  std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                       ->GetPrototype(method.input_type())
                                       ->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
  SetRequestId(request.get());
  return request;
}

RpcServer::RpcServer(const std::function<void(app::SiteFixture&)>& fill) : folder_(MemoryFolder()) {
  // Before the first use of OpenSSL, as main does.
  static const bool only_tls13 = (RequireTls13(), true);
  static_cast<void>(only_tls13);
  const std::string site = folder_.path() / "site";
  {
    app::SiteFixture filling(site);
    filling.Prepare();
    if (fill) fill(filling);
    now_us_ = filling.now_us + 1'000'000;
  }
  const app::SitePaths paths(site);
  ca_ = Must(MakeCa("test CA", SystemClock().Now()));
  const auto identity = Must(IssueServerCertificate(ca_, {}, SystemClock().Now()));
  EXPECT_TRUE(app::WriteFile(paths.ca_certificate, ca_.certificate_pem));
  EXPECT_TRUE(app::WriteFile(paths.ca_key, ca_.key_pem));
  EXPECT_TRUE(app::WriteFile(paths.certificate, identity.certificate_pem));
  EXPECT_TRUE(app::WriteFile(paths.key, identity.key_pem));
  const auto now = [this] { return now_us_.load(); };
  site_ = Must(app::Site::Open(site, Clock(now, now)));
  server_ = Must(Server::Start(*site_, "127.0.0.1:0"));
  console_ = client::OpenChannel(Enrol("console-2"));
}

RpcServer::~RpcServer() {
  server_.reset();
  console_.reset();
}

client::TerminalIdentity RpcServer::MakeTerminal(const std::string& name,
                                                 const KeyAndCertificate& ca) {
  const auto key = Must(MakeKeyAndRequest(name));
  client::TerminalIdentity terminal;
  terminal.ca_pem = ca_.certificate_pem;
  terminal.key_pem = key.key_pem;
  terminal.certificate_pem =
      Must(IssueClientCertificate(ca, key.request_pem, name, SystemClock().Now()));
  terminal.server = address();
  return terminal;
}

client::TerminalIdentity RpcServer::Enrol(const std::string& name) {
  const client::TerminalIdentity terminal = MakeTerminal(name);
  v1::Terminal record;
  record.set_certificate_sha256(Must(CertificateSha256(terminal.certificate_pem)));
  record.set_name(name);
  record.set_state(v1::TERMINAL_STATE_ENROLLED);
  record.set_certificate_pem(terminal.certificate_pem);
  Put({&record});
  return terminal;
}

std::int64_t RpcServer::Put(const std::vector<const Message*>& records) {
  storage::ActInfo info;
  info.act = v1::ACT_START_SERVER;
  const auto act = site_->writer().Execute(std::move(info), [&](storage::Transaction& tx) {
    for (const Message* record : records) tx.Put(*record);
    return Result<void>();
  });
  EXPECT_TRUE(act) << act.error().message;
  return act ? act->first_index : -1;
}

std::int64_t RpcServer::LogSize() {
  EXPECT_TRUE(site_->writer().ExecuteRaw([](storage::Connection&) { return Result<void>(); }));
  return Must(site_->store().Read(
      [](storage::Records& records) { return storage::LogSize(records.db()); }));
}

std::vector<v1::Event> RpcServer::EventsFrom(std::int64_t first) {
  const std::int64_t size = LogSize();
  std::vector<v1::Event> events;
  const auto entries = Must(site_->store().Read([&](storage::Records& records) {
    return storage::Entries(records.db(), first, static_cast<int>(size - first));
  }));
  for (const storage::Entry& entry : entries) {
    EXPECT_TRUE(tlog::ParseCanonicalJson(entry.bytes, &events.emplace_back()));
  }
  return events;
}

const std::string& RpcServer::Session(const std::string& user) {
  std::string& session = sessions_[user];
  if (session.empty()) session = LogIn(console_, user);
  return session;
}

std::string RpcServer::LogIn(const std::shared_ptr<grpc::Channel>& channel, const std::string& user,
                             const std::string& password) {
  v1::LogInRequest request;
  request.set_user_id(user);
  request.set_password(password);
  const auto response = client::Call<v1::LogInResponse>(channel, "", request, kPatience);
  EXPECT_TRUE(response) << user << ": " << response.error().message;
  return response ? response->session() : "";
}

}  // namespace lims::rpc
