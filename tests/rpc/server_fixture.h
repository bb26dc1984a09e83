// A real server on a loopback port over a filled site, and terminals that call it with mutual TLS.
#ifndef LIMS_TESTS_RPC_SERVER_FIXTURE_H_
#define LIMS_TESTS_RPC_SERVER_FIXTURE_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/x509.h"
#include "core/call.h"
#include "core/channel.h"
#include "core/status.h"
#include "rpc/server.h"
#include "support/service_methods.h"
#include "support/site_fixture.h"

namespace lims::rpc {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

inline constexpr std::chrono::seconds kPatience{30};

// "LotService/RegisterLot"
std::string NameOf(const MethodDescriptor& method);

// What came back over the wire.
struct Answer {
  grpc::Status status;
  Error error;                        // of the details, when refused
  std::shared_ptr<Message> response;  // the last one of a stream; nullptr when none came

  bool ok() const { return status.ok(); }
};

std::string Describe(const Answer& answer);

struct CallOptions {
  std::chrono::milliseconds deadline = kPatience;  // 0 for none
  std::vector<std::pair<std::string, std::string>> metadata;
};

// One call of any kind, unary or streaming, with one request message. A watch, which has no end, is
// left after its first message.
Answer CallWith(const std::shared_ptr<grpc::Channel>& channel, const std::string& session,
                const MethodDescriptor& method, const Message& request,
                const CallOptions& options = {});

// Sets a request id where the request has one and it is empty.
void SetRequestId(Message* request);

// The request of a method from protobuf text.
std::unique_ptr<Message> MakeRequest(const MethodDescriptor& method, const std::string& text);

// Site time stands still unless a test moves it; certificates are of the present.
class RpcServer {
 public:
  // `fill` adds to the site before it is served.
  explicit RpcServer(const std::function<void(app::SiteFixture&)>& fill = {});
  ~RpcServer();

  app::Site& site() { return *site_; }
  Server& server() { return *server_; }
  const std::shared_ptr<grpc::Channel>& console() const { return console_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }
  const KeyAndCertificate& ca() const { return ca_; }
  void Advance(std::chrono::seconds by) { now_us_ += by.count() * 1'000'000; }

  // A terminal's key pair with a certificate of `ca`, not known to the site.
  client::TerminalIdentity MakeTerminal(const std::string& name, const KeyAndCertificate& ca);
  client::TerminalIdentity MakeTerminal(const std::string& name) { return MakeTerminal(name, ca_); }
  // A terminal that the site knows.
  client::TerminalIdentity Enrol(const std::string& name);

  // Puts records as they are, so that any state is reached at once; the log index of the event.
  std::int64_t Put(const std::vector<const Message*>& records);

  template <typename T>
  std::optional<T> Find(std::initializer_list<storage::KeyPart> key) {
    auto found =
        site_->store().Read([&](storage::Records& records) { return records.Find<T>(key); });
    EXPECT_TRUE(found);
    if (!found || !*found) return std::nullopt;
    return (*found)->record;
  }

  // Number of events, after everything that is queued has been written.
  std::int64_t LogSize();
  std::vector<v1::Event> EventsFrom(std::int64_t first);

  // The user's session on the console; opened when there is none.
  const std::string& Session(const std::string& user);
  void ForgetSession(const std::string& user) { sessions_.erase(user); }

  static std::string LogIn(const std::shared_ptr<grpc::Channel>& channel, const std::string& user,
                           const std::string& password = app::kPassword);

  // A call of the user on the console.
  Answer Call(const std::string& user, const Message& request, const CallOptions& options = {}) {
    return CallWith(console_, Session(user), client::MethodOf(request), request, options);
  }

 private:
  TemporaryFolder folder_;
  std::atomic<TimeUs> now_us_{0};
  KeyAndCertificate ca_;
  std::unique_ptr<app::Site> site_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> console_;
  std::map<std::string, std::string> sessions_;
};

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_SERVER_FIXTURE_H_
