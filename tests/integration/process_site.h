// A site with people, one method, one specification and some lots, served by the real program.
// Content is made through the use cases, which is quicker; everything else goes over the wire.
#ifndef LIMS_TESTS_INTEGRATION_PROCESS_SITE_H_
#define LIMS_TESTS_INTEGRATION_PROCESS_SITE_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "core/channel.h"
#include "core/site.h"
#include "lims/v1/event.pb.h"
#include "lims/v1/run_service.pb.h"
#include "storage/log.h"
#include "support/process.h"
#include "support/site_fixture.h"

namespace lims {

// One terminal's connection and the session on it.
class Terminal {
 public:
  explicit Terminal(const client::TerminalIdentity& identity);

  grpc::Status Call(const google::protobuf::Message& request,
                    google::protobuf::Message* response) const;
  // The same; `done` gets the status on a thread of gRPC. `request` and `response` must live.
  void CallAsync(const google::protobuf::Message& request, google::protobuf::Message* response,
                 std::function<void(const grpc::Status&)> done) const;
  // Keeps the session that is opened.
  grpc::Status LogIn(const std::string& user, const std::string& password = app::kPassword);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const std::string& session() const { return session_; }
  void set_session(std::string session) { session_ = std::move(session); }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string session_;
};

// What the log's database holds, read from outside the server.
struct LogEvent {
  storage::Entry entry;
  v1::Event event;
};

class ProcessSite {
 public:
  static constexpr int kLots = 16;
  static constexpr std::chrono::seconds kPatience{20};

  // `more` adds content before the site is served.
  explicit ProcessSite(const std::function<void(app::SiteFixture&)>& more = {});

  static std::string LotName(int lot);
  // A valid value for a stability sample, of which a lot may get any number.
  static v1::SubmitResultRequest Value(int lot, const std::string& value);

  // From the next start on the server runs in an environment with these settings besides.
  void SetEnvironment(std::vector<std::string> settings) { environment_ = std::move(settings); }
  // Starts the server without waiting for it.
  void Launch(std::optional<std::uint64_t> file_limit = {});
  // Starts it and waits until it serves.
  void Start(std::optional<std::uint64_t> file_limit = {});
  void Kill();
  // SIGTERM; the exit code.
  int Stop();
  Process& server() { return *server_; }

  client::TerminalIdentity Identity() const;  // the console, with the server's address of now
  Terminal Connect() const { return Terminal(Identity()); }
  Terminal LogIn(const std::string& user) const;

  std::string folder() const { return folder_.path(); }
  std::uint64_t DatabaseBytes() const;
  std::int64_t LogSize() const;
  std::vector<LogEvent> Log() const;
  // How many events stand in the log, by act.
  std::map<v1::Act, int> Acts() const;
  std::optional<storage::RequestRecord> Recorded(const std::string& user,
                                                 const std::string& request_id) const;
  // lims-server verify; true when it finds nothing.
  testing::AssertionResult Verifies() const;

 private:
  std::unique_ptr<storage::Connection> OpenDatabase() const;

  TemporaryFolder folder_;
  std::vector<std::string> environment_;
  std::unique_ptr<Process> server_;
  int port_ = 0;
};

std::string ServerProgram();
std::string ClientProgram();

// Asserts that the server itself refused: status code, and reason and domain in the details.
// Returns what the client makes of it.
Error ExpectRefusal(const grpc::Status& status, grpc::StatusCode code, ErrorReason reason);
// Whether a violation is about `field`; an INVALID_ARGUMENT's are read from its BadRequest.
bool Names(const Error& error, const std::string& field);

}  // namespace lims

#endif  // LIMS_TESTS_INTEGRATION_PROCESS_SITE_H_
