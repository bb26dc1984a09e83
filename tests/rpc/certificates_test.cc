// A renewed certificate is taken while the server runs; a broken one is not.
#include "rpc/certificates.h"

#include <filesystem>

#include "app/files.h"
#include "base/clock.h"
#include "rpc/server_fixture.h"

namespace lims::rpc {
namespace {

class CertificatesTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& bytes) {
    const auto written = app::WriteFile(path, bytes);
    ASSERT_TRUE(written) << written.error().message;
  }
  void WriteServer(const KeyAndCertificate& pair) {
    Write(paths.key, pair.key_pem);
    Write(paths.certificate, pair.certificate_pem);
  }

  // Whether a new connection of this terminal is served.
  static bool Connects(const client::TerminalIdentity& terminal) {
    v1::LogInRequest login;
    login.set_user_id("tech1");
    login.set_password(app::kPassword);
    CallOptions options;
    options.deadline = std::chrono::seconds(5);
    return CallWith(client::OpenChannel(terminal), "", client::MethodOf(login), login, options)
        .ok();
  }
  bool Serves(const std::string& user) { return server.Call(user, v1::ListLotsRequest()).ok(); }

  RpcServer server;
  const app::SitePaths& paths = server.site().paths();
  const TimeUs now = SystemClock().Now();
};

TEST_F(CertificatesTest, OfAnotherCaAreTakenForNewConnectionsAndRunningOnesStay) {
  ASSERT_TRUE(Serves("rev1"));
  client::TerminalIdentity terminal = server.Enrol("bench-1");
  ASSERT_TRUE(Connects(terminal));
  const auto ca = MakeCa("next CA", now);
  const auto renewed = IssueServerCertificate(*ca, {}, now);
  ASSERT_TRUE(ca && renewed);
  // Both CAs are trusted while the terminals change over.
  Write(paths.ca_key, ca->key_pem);
  Write(paths.ca_certificate, ca->certificate_pem + server.ca().certificate_pem);
  WriteServer(*renewed);
  const std::int64_t before = server.LogSize();
  server.server().RefreshCertificates();

  EXPECT_FALSE(Connects(terminal));  // knows the old CA only
  terminal.ca_pem = ca->certificate_pem;
  EXPECT_TRUE(Connects(terminal));
  EXPECT_TRUE(Serves("rev1"));  // the connection of before

  const auto events = server.EventsFrom(before);
  ASSERT_GE(events.size(), 1u);
  EXPECT_EQ(events[0].act(), v1::ACT_RENEW_CERTIFICATE);
  EXPECT_EQ(events[0].details(0).value(), *CertificateSha256(renewed->certificate_pem));
  EXPECT_EQ(events[0].details(2).value(), *CertificateSha256(ca->certificate_pem));

  // A terminal that is enrolled now gets its certificate from the new CA.
  const auto key = MakeKeyAndRequest("bench-2");
  v1::EnrolTerminalRequest enrol;
  enrol.set_name("bench-2");
  enrol.set_certificate_request_pem(key->request_pem);
  SetRequestId(&enrol);
  const Answer enrolled = server.Call("admin1", enrol);
  ASSERT_TRUE(enrolled.ok()) << Describe(enrolled);
  terminal.certificate_pem = static_cast<const v1::EnrolTerminalResponse&>(*enrolled.response)
                                 .terminal()
                                 .certificate_pem();
  terminal.key_pem = key->key_pem;
  EXPECT_TRUE(Connects(terminal));
}

TEST_F(CertificatesTest, WhoseRenewalCannotBeRecordedAreTakenAndRecordedOnceItCan) {
  const client::TerminalIdentity terminal = server.Enrol("bench-1");
  const auto renewed = IssueServerCertificate(server.ca(), {}, now);
  ASSERT_TRUE(renewed);
  const auto limit_pages = [&](const char* pragma) {
    EXPECT_TRUE(server.site().writer().ExecuteRaw([&](storage::Connection& db) -> Result<void> {
      storage::Statement pages = db.Query(pragma);
      return pages.Run();
    }));
  };
  const std::int64_t before = server.LogSize();
  limit_pages("PRAGMA max_page_count=1");  // the size of now
  while (server.site().NoteAccess(app::Call(), v1::ACT_READ, {{"what", "x"}})) {
  }
  WriteServer(*renewed);
  server.server().RefreshCertificates();
  server.server().RefreshCertificates();
  limit_pages("PRAGMA max_page_count=100000");
  server.server().RefreshCertificates();
  server.server().RefreshCertificates();
  EXPECT_TRUE(Connects(terminal));
  int recorded = 0;
  for (const v1::Event& event : server.EventsFrom(before)) {
    if (event.act() != v1::ACT_RENEW_CERTIFICATE) continue;
    ++recorded;
    EXPECT_EQ(event.details(0).value(), *CertificateSha256(renewed->certificate_pem));
  }
  EXPECT_EQ(recorded, 1);
}

TEST_F(CertificatesTest, ThatAreNotChangedAreNotTakenAgain) {
  const std::int64_t before = server.LogSize();
  server.server().RefreshCertificates();
  EXPECT_EQ(server.LogSize(), before);
}

TEST_F(CertificatesTest, ThatAreBrokenAreRefusedWithTheReasonAndTheOldOnesStay) {
  const client::TerminalIdentity terminal = server.Enrol("bench-1");
  const auto other_ca = MakeCa("other CA", now);
  const auto renewed = IssueServerCertificate(server.ca(), {}, now);
  const auto foreign = IssueServerCertificate(*other_ca, {}, now);
  const auto expired =
      IssueServerCertificate(*MakeCa("old CA", now - TimeUs{20} * 365 * 86'400 * 1'000'000), {},
                             now - TimeUs{20} * 365 * 86'400 * 1'000'000);
  const auto key = MakeKeyAndRequest("bench-9");
  const auto client_only = IssueClientCertificate(server.ca(), key->request_pem, "bench-9", now);
  const auto good_pair = std::pair(*app::ReadFile(paths.key), *app::ReadFile(paths.certificate));
  const auto good_ca =
      std::pair(*app::ReadFile(paths.ca_key), *app::ReadFile(paths.ca_certificate));
  const struct {
    std::string key, certificate, ca_key, ca, says;
  } cases[] = {
      {renewed->key_pem, good_pair.second, good_ca.first, good_ca.second, "not the key"},
      {"no key", renewed->certificate_pem, good_ca.first, good_ca.second, "not a private key"},
      {renewed->key_pem, "", good_ca.first, good_ca.second, "not a certificate"},
      {renewed->key_pem, renewed->certificate_pem.substr(0, 300), good_ca.first, good_ca.second,
       "not a certificate"},
      {foreign->key_pem, foreign->certificate_pem, good_ca.first, good_ca.second, "issuer"},
      {expired->key_pem, expired->certificate_pem, good_ca.first, good_ca.second, ""},
      {key->key_pem, *client_only, good_ca.first, good_ca.second, "purpose"},
      {renewed->key_pem, renewed->certificate_pem, good_ca.first, "none", "no certificate"},
      {renewed->key_pem, renewed->certificate_pem, other_ca->key_pem, good_ca.second,
       "not the key"},
  };
  Certificates certificates(paths);
  ASSERT_TRUE(certificates.Load(now));
  const auto loaded = certificates.content();
  for (const auto& each : cases) {
    SCOPED_TRACE(each.says);
    Write(paths.key, each.key);
    Write(paths.certificate, each.certificate);
    Write(paths.ca_key, each.ca_key);
    Write(paths.ca_certificate, each.ca);
    // Nor does a server begin with them.
    const auto started = Server::Start(server.site(), "127.0.0.1:0");
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_NE(started.error().violations[0].description.find(each.says), std::string::npos)
        << started.error().violations[0].description;
    const auto refused = certificates.Refresh(now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_NE(refused.error().violations[0].description.find(each.says), std::string::npos)
        << refused.error().violations[0].description;
    EXPECT_TRUE(certificates.content() == loaded);
    const auto again = certificates.Refresh(now);  // said once
    ASSERT_TRUE(again);
    EXPECT_FALSE(*again);
    server.server().RefreshCertificates();
    EXPECT_TRUE(Connects(terminal));
  }
  // A file that is missing for a moment is no reason for anything.
  std::filesystem::remove(paths.certificate);
  EXPECT_FALSE(*certificates.Refresh(now));
  EXPECT_TRUE(Connects(terminal));
  // Repaired, it is taken.
  Write(paths.ca_key, good_ca.first);
  Write(paths.ca_certificate, good_ca.second);
  WriteServer(*renewed);
  const auto taken = certificates.Refresh(now);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(*taken);
  server.server().RefreshCertificates();
  EXPECT_TRUE(Connects(terminal));
}

}  // namespace
}  // namespace lims::rpc
