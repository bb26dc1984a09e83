// A session is worth nothing once it ended, when it was never opened, or on another terminal.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/x509.h"
#include "integration/process_site.h"
#include "lims/v1/access_service.pb.h"

namespace lims {
namespace {

class SessionOverTheWire : public testing::Test {
 protected:
  SessionOverTheWire() { site_.Start(); }

  // A read and a write are refused with the next step in words, and nothing is recorded but, where
  // it is, the refusals.
  void ExpectNoSession(const Terminal& terminal, const std::string& next_step, bool noted = false) {
    const std::int64_t before = site_.LogSize();
    v1::ListResultsRequest read;
    read.set_lot_id(ProcessSite::LotName(0));
    v1::ListResultsResponse results;
    const v1::SubmitResultRequest write = ProcessSite::Value(0, "7.2");
    v1::SubmitResultResponse written;
    for (const grpc::Status& status :
         {terminal.Call(read, &results), terminal.Call(write, &written)}) {
      const Error error =
          ExpectRefusal(status, grpc::StatusCode::UNAUTHENTICATED, ErrorReason::kUnauthenticated);
      EXPECT_NE(error.message.find(next_step), std::string::npos) << error.message;
    }
    if (!noted) {
      EXPECT_EQ(site_.LogSize(), before);
    }
    EXPECT_FALSE(site_.Recorded("tech1", write.request_id()));
  }

  ProcessSite site_;
};

TEST_F(SessionOverTheWire, IsNeeded) {
  ExpectNoSession(site_.Connect(), "log in again");
}

TEST_F(SessionOverTheWire, CannotBeMadeUp) {
  const Terminal right = site_.LogIn("tech1");
  std::string near = right.session();
  near.back() = near.back() == '0' ? '1' : '0';
  for (const std::string& token :
       {std::string("x"), std::string(64, '0'), near, right.session() + "0"}) {
    Terminal terminal = site_.Connect();
    terminal.set_session(token);
    ExpectNoSession(terminal, "log in again");
  }
  v1::ListResultsRequest read;
  read.set_lot_id(ProcessSite::LotName(0));
  v1::ListResultsResponse results;
  EXPECT_TRUE(right.Call(read, &results).ok());
}

TEST_F(SessionOverTheWire, EndsWithLogOut) {
  const Terminal terminal = site_.LogIn("tech1");
  v1::LogOutResponse response;
  ASSERT_TRUE(terminal.Call(v1::LogOutRequest(), &response).ok());
  ExpectNoSession(terminal, "log in again");
}

TEST_F(SessionOverTheWire, EndsWithTheNextLogIn) {
  const Terminal earlier = site_.LogIn("tech1");
  const Terminal later = site_.LogIn("tech1");
  ExpectNoSession(earlier, "log in again");
}

TEST_F(SessionOverTheWire, EndsWithTheServer) {
  const std::string token = site_.LogIn("tech1").session();
  EXPECT_EQ(site_.Stop(), 0);
  site_.Start();
  Terminal terminal = site_.Connect();
  terminal.set_session(token);
  ExpectNoSession(terminal, "log in again");
}

TEST_F(SessionOverTheWire, IsBoundToItsTerminal) {
  const auto key = MakeKeyAndRequest("bench-2");
  ASSERT_TRUE(key);
  v1::EnrolTerminalRequest enrol;
  enrol.set_request_id(NewUuid());
  enrol.set_name("bench-2");
  enrol.set_certificate_request_pem(key->request_pem);
  v1::EnrolTerminalResponse enrolled;
  const grpc::Status status = site_.LogIn("admin1").Call(enrol, &enrolled);
  ASSERT_TRUE(status.ok()) << status.error_message();
  client::TerminalIdentity identity = site_.Identity();
  identity.certificate_pem = enrolled.terminal().certificate_pem();
  identity.key_pem = key->key_pem;

  const Terminal console = site_.LogIn("tech1");
  Terminal bench(identity);
  bench.set_session(console.session());
  ExpectNoSession(bench, "log in here", true);
  // The attempt ends nothing, and the other terminal is a good one.
  v1::SubmitResultResponse response;
  EXPECT_TRUE(console.Call(ProcessSite::Value(0, "7.2"), &response).ok());
  EXPECT_EQ(site_.Acts().at(v1::ACT_REFUSED), 2);
  EXPECT_TRUE(bench.LogIn("tech2").ok());
  EXPECT_TRUE(bench.Call(ProcessSite::Value(1, "7.2"), &response).ok());
}

}  // namespace
}  // namespace lims
