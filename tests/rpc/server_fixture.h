// A real server on a loopback port over a filled site, and terminals that call it with mutual TLS.
#ifndef LIMS_TESTS_RPC_SERVER_FIXTURE_H_
#define LIMS_TESTS_RPC_SERVER_FIXTURE_H_

#include <google/protobuf/text_format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/files.h"
#include "app/site.h"
#include "app/site_fixture.h"
#include "base/clock.h"
#include "base/tls_policy.h"
#include "base/x509.h"
#include "core/call.h"
#include "core/channel.h"
#include "core/site.h"
#include "core/status.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "lims/v1/run_service.pb.h"
#include "lims/v1/system_service.pb.h"
#include "rpc/server.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"

namespace lims::rpc {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

inline constexpr std::chrono::seconds kPatience{30};

// The service files; naming a message of each links it.
inline std::vector<const google::protobuf::FileDescriptor*> ServiceFiles() {
  return {
      v1::LogInRequest::descriptor()->file(),       v1::ListEventsRequest::descriptor()->file(),
      v1::ListMethodsRequest::descriptor()->file(), v1::ListLotsRequest::descriptor()->file(),
      v1::GetRunRequest::descriptor()->file(),      v1::GetServerInfoRequest::descriptor()->file()};
}

inline std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int k = 0; k < file->service(i)->method_count(); ++k) {
        methods.push_back(file->service(i)->method(k));
      }
    }
  }
  return methods;
}

// "LotService/RegisterLot"
inline std::string NameOf(const MethodDescriptor& method) {
  return method.service()->name() + "/" + method.name();
}

// What came back over the wire.
struct Answer {
  grpc::Status status;
  Error error;                        // of the details, when refused
  std::shared_ptr<Message> response;  // the last one of a stream; nullptr when none came

  bool ok() const { return status.ok(); }
};

inline std::string Describe(const Answer& answer) {
  if (answer.ok()) return "OK";
  std::string text = std::to_string(answer.status.error_code()) + " " +
                     std::string(ErrorReasonName(answer.error.reason)) + ": " +
                     answer.error.message;
  for (const Violation& violation : answer.error.violations) {
    text += "\n  " + violation.field + ": " + violation.description;
  }
  return text;
}

struct CallOptions {
  std::chrono::milliseconds deadline = kPatience;  // 0 for none
  std::vector<std::pair<std::string, std::string>> metadata;
};

// One call of any kind, unary or streaming, with one request message.
inline Answer CallWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                       const MethodDescriptor& method, const Message& request,
                       const CallOptions& options = {}) {
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

// Sets a request id where the request has one and it is empty.
inline void SetRequestId(Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || !request->GetReflection()->GetString(*request, field).empty()) return;
  request->GetReflection()->SetString(request, field, NewUuid());
}

// The request of a method from protobuf text.
inline std::unique_ptr<Message> MakeRequest(const MethodDescriptor& method,
                                            const std::string& text) {
  std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                       ->GetPrototype(method.input_type())
                                       ->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
  SetRequestId(request.get());
  return request;
}

// In memory where the machine has such a place: these tests are not about the disk.
class MemoryFolder {
 public:
  MemoryFolder() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code code;
    const std::filesystem::path parent = std::filesystem::is_directory(memory, code)
                                             ? memory
                                             : std::filesystem::temp_directory_path();
    std::string name = (parent / "lims-rpc-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~MemoryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Site time stands still unless a test moves it; certificates are of the present.
class RpcServer {
 public:
  // `fill` adds to the site before it is served.
  explicit RpcServer(const std::function<void(app::SiteFixture&)>& fill = {}) {
    // Before the first use of OpenSSL, as main does.
    static const bool only_tls13 = (RequireTls13(), true);
    static_cast<void>(only_tls13);
    const std::string site = folder_.path() + "/site";
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
  ~RpcServer() {
    server_.reset();
    console_.reset();
  }

  app::Site& site() { return *site_; }
  Server& server() { return *server_; }
  const std::shared_ptr<grpc::Channel>& console() const { return console_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  const KeyAndCertificate& ca() const { return ca_; }
  void Advance(std::chrono::seconds by) { now_us_ += by.count() * 1'000'000; }

  // A terminal's key pair with a certificate of `ca`, not known to the site.
  client::TerminalIdentity MakeTerminal(const std::string& name, const KeyAndCertificate& ca) {
    const auto key = Must(MakeKeyAndRequest(name));
    client::TerminalIdentity terminal;
    terminal.ca_pem = ca_.certificate_pem;
    terminal.key_pem = key.key_pem;
    terminal.certificate_pem =
        Must(IssueClientCertificate(ca, key.request_pem, name, SystemClock().Now()));
    terminal.server = address();
    return terminal;
  }
  client::TerminalIdentity MakeTerminal(const std::string& name) { return MakeTerminal(name, ca_); }

  // A terminal that the site knows.
  client::TerminalIdentity Enrol(const std::string& name) {
    const client::TerminalIdentity terminal = MakeTerminal(name);
    v1::Terminal record;
    record.set_certificate_sha256(Must(CertificateSha256(terminal.certificate_pem)));
    record.set_name(name);
    record.set_state(v1::TERMINAL_STATE_ENROLLED);
    record.set_certificate_pem(terminal.certificate_pem);
    Put({&record});
    return terminal;
  }

  // Puts records as they are, so that any state is reached at once; the log index of the event.
  std::int64_t Put(const std::vector<const Message*>& records) {
    storage::ActInfo info;
    info.act = v1::ACT_START_SERVER;
    const auto act = site_->writer().Execute(std::move(info), [&](storage::Transaction& tx) {
      for (const Message* record : records) tx.Put(*record);
      return Result<void>();
    });
    EXPECT_TRUE(act) << act.error().message;
    return act ? act->first_index : -1;
  }

  template <typename T>
  std::optional<T> Find(std::initializer_list<storage::KeyPart> key) {
    auto found =
        site_->store().Read([&](storage::Records& records) { return records.Find<T>(key); });
    EXPECT_TRUE(found);
    if (!found || !*found) return std::nullopt;
    return (*found)->record;
  }

  // Number of events, after everything that is queued has been written.
  std::int64_t LogSize() {
    EXPECT_TRUE(site_->writer().ExecuteRaw([](storage::Connection&) { return Result<void>(); }));
    return Must(site_->store().Read(
        [](storage::Records& records) { return storage::LogSize(records.db()); }));
  }

  std::vector<v1::Event> EventsFrom(std::int64_t first) {
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

  // The user's session on the console; opened when there is none.
  const std::string& Session(const std::string& user) {
    std::string& session = sessions_[user];
    if (session.empty()) session = LogIn(console_, user);
    return session;
  }
  void ForgetSession(const std::string& user) { sessions_.erase(user); }

  static std::string LogIn(const std::shared_ptr<grpc::Channel>& channel, const std::string& user,
                           const std::string& password = app::kPassword) {
    v1::LogInRequest request;
    request.set_user_id(user);
    request.set_password(password);
    const auto response = client::Call<v1::LogInResponse>(channel, "", request, kPatience);
    EXPECT_TRUE(response) << user << ": " << response.error().message;
    return response ? response->session() : "";
  }

  // A call of the user on the console.
  Answer Call(const std::string& user, const Message& request, const CallOptions& options = {}) {
    return CallWith(console_, Session(user), client::MethodOf(request), request, options);
  }

 private:
  template <typename T>
  static T Must(Result<T> result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      std::abort();
    }
    return *std::move(result);
  }

  MemoryFolder folder_;
  std::atomic<TimeUs> now_us_{0};
  KeyAndCertificate ca_;
  std::unique_ptr<app::Site> site_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> console_;
  std::map<std::string, std::string> sessions_;
};

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_SERVER_FIXTURE_H_
