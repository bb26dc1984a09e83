// Backup, restore, renewal of certificates and watching with the real programs.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "app/files.h"
#include "base/x509.h"
#include "core/watch.h"
#include "integration/process_site.h"

namespace lims {
namespace {

constexpr std::chrono::seconds kProgram{60};

int RunServerProgram(std::vector<std::string> arguments, std::string* output = nullptr) {
  arguments.insert(arguments.begin(), ServerProgram());
  Process process(std::move(arguments));
  const auto code = process.Wait(kProgram);
  if (output != nullptr) *output = process.output();
  EXPECT_TRUE(code) << process.output();
  return code.value_or(-1);
}

TEST(Operations, ABackupOfARunningSiteIsRestoredAndOldTerminalsLogIn) {
  ProcessSite site;
  site.Start();
  const TemporaryFolder folder;
  const std::string backup = folder.path() / "backup";
  const std::string restored = folder.path() / "restored";
  Terminal terminal = site.LogIn("tech1");
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      v1::SubmitResultResponse response;
      const grpc::Status status =
          terminal.Call(ProcessSite::Value(i % ProcessSite::kLots, "7.2"), &response);
      ASSERT_TRUE(status.ok()) << status.error_message();
      ++answered;
    }
  });
  while (answered < 20) std::this_thread::yield();
  std::string output;
  EXPECT_EQ(RunServerProgram({"backup", "--site", site.folder(), "--out", backup}, &output), 0)
      << output;
  EXPECT_NE(output.find("\"verified\":true"), std::string::npos) << output;
  stop = true;
  writer.join();
  EXPECT_EQ(RunServerProgram({"verify", "--site", backup}, &output), 0) << output;

  // The checkpoint of now is beyond the backup: it would be an older state that is served.
  const std::string newest = site.folder() + "/server/checkpoint";
  EXPECT_EQ(RunServerProgram(
                {"restore", "--from", backup, "--site", restored, "--checkpoint", newest}, &output),
            5);
  EXPECT_NE(output.find("LOG_TRUNCATED"), std::string::npos) << output;
  EXPECT_FALSE(std::filesystem::exists(restored));
  EXPECT_EQ(RunServerProgram({"restore", "--from", backup, "--site", restored}, &output), 0)
      << output;
  EXPECT_EQ(RunServerProgram({"restore", "--from", backup, "--site", restored}, &output), 3);
  EXPECT_NE(output.find("not empty"), std::string::npos) << output;

  // Left for the server's log by the backup; recorded within a tick.
  bool noted = false;
  const auto until = std::chrono::steady_clock::now() + ProcessSite::kPatience;
  while (!noted && std::chrono::steady_clock::now() < until) {
    noted = site.Acts().contains(v1::ACT_BACK_UP);
  }
  EXPECT_TRUE(noted);
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_TRUE(site.Verifies());

  Process server({ServerProgram(), "serve", "--site", restored, "--listen", "127.0.0.1:0"});
  const auto port = server.WaitForLine(" on port ", ProcessSite::kPatience);
  ASSERT_TRUE(port) << server.output();
  client::TerminalIdentity identity = site.Identity();  // as it was before the loss
  identity.server = "127.0.0.1:" + std::to_string(std::atoi(port->c_str()));
  Terminal old(identity);
  ASSERT_TRUE(old.LogIn("tech1").ok());
  v1::SubmitResultResponse response;
  EXPECT_TRUE(old.Call(ProcessSite::Value(0, "7.2"), &response).ok());
  EXPECT_EQ(server.Terminate(ProcessSite::kPatience), 0);
  EXPECT_EQ(RunServerProgram({"verify", "--site", restored, "--recompute"}, &output), 0) << output;
}

TEST(Operations, ASiteIsMadeOnceItsOptionsAreRightAndNothingIsLeftOfEarlierTries) {
  const TemporaryFolder folder;
  const std::string site = folder.path() / "site";
  std::string output;
  const auto init = [&](const std::string& name, const std::string& offset,
                        const std::string& second) {
    return RunServerProgram(
        {"init", "--site", site, "--name", name, "--listen", "localhost:1", "--zone",
         "Asia/Shanghai", "--utc-offset=" + offset, "--admin", "admin1=First", "--admin", second,
         "--code-dir", folder.path() / "codes"},
        &output);
  };
  EXPECT_EQ(init("Lab 1", "+08:00", "admin2=Second"), 2) << output;
  EXPECT_NE(output.find("--name"), std::string::npos) << output;
  for (const char* offset : {"+-5:30", "+5:30", "08:00", "+08:60", "+08:0x", "+15:00"}) {
    EXPECT_EQ(init("Lab-1", offset, "admin2=Second"), 2) << offset << output;
    EXPECT_NE(output.find("--utc-offset"), std::string::npos) << output;
  }
  EXPECT_EQ(init("Lab-1", "+08:00", "Admin 2=Second"), 2) << output;
  EXPECT_NE(output.find("--admin"), std::string::npos) << output;
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(init("Lab-1", "-03:30", "admin2=Second"), 0) << output;
}

TEST(Operations, ASiteIsNotMadeWhereItsOneTimeCodesCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string site = folder.path() / "site";
  const auto init = [&](const std::string& codes, std::string* output) {
    return RunServerProgram({"init", "--site", site, "--name", "Lab-1", "--listen", "localhost:1",
                             "--zone", "Asia/Shanghai", "--utc-offset=+08:00", "--admin",
                             "admin1=First", "--admin", "admin2=Second", "--code-dir", codes},
                            output);
  };
  const std::string file = folder.path() / "file";
  ASSERT_TRUE(app::WriteFile(file, "x"));
  std::string output;
  for (const std::string& codes : {file, file + "/codes"}) {
    EXPECT_EQ(init(codes, &output), 4) << output;
    EXPECT_NE(output.find(codes), std::string::npos) << output;
    EXPECT_FALSE(std::filesystem::exists(site));
  }

  const std::string codes = folder.path() / "made/codes";
  EXPECT_EQ(init(codes, &output), 0) << output;
  EXPECT_EQ(std::filesystem::status(codes).permissions(), std::filesystem::perms::owner_all);
  const std::filesystem::directory_iterator files(codes);
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
}

// Nobody could connect to it.
TEST(Operations, AServerWhoseCertificateDoesNotFitItsKeyDoesNotStart) {
  ProcessSite site;
  ASSERT_TRUE(app::WriteFile(app::SitePaths(site.folder()).key, MakeKeyAndRequest("x")->key_pem));
  std::string output;
  EXPECT_EQ(
      RunServerProgram({"serve", "--site", site.folder(), "--listen", "127.0.0.1:0"}, &output), 2);
  EXPECT_NE(output.find("server.pem"), std::string::npos) << output;
  EXPECT_NE(output.find("not the key"), std::string::npos) << output;
  EXPECT_EQ(output.find("serving"), std::string::npos) << output;
}

TEST(Operations, ARenewedCertificateIsTakenWithoutARestart) {
  ProcessSite site;
  site.Start();
  const app::SitePaths paths(site.folder());
  const Terminal before = site.LogIn("tech1");
  const KeyAndCertificate ca{*app::ReadFile(paths.ca_key), *app::ReadFile(paths.ca_certificate)};
  const auto renewed = IssueServerCertificate(ca, {}, SystemClock().Now());
  ASSERT_TRUE(renewed);
  // The key alone does not fit the certificate that is there.
  ASSERT_TRUE(app::WriteFile(paths.key, renewed->key_pem));
  ASSERT_TRUE(site.server().WaitForLine("certificates stay as they are", ProcessSite::kPatience))
      << site.server().output();
  EXPECT_FALSE(site.LogIn("tech2").session().empty());
  ASSERT_TRUE(app::WriteFile(paths.certificate, renewed->certificate_pem));
  ASSERT_TRUE(site.server().WaitForLine(
      "new connections get certificate " + *CertificateSha256(renewed->certificate_pem),
      ProcessSite::kPatience))
      << site.server().output();
  EXPECT_FALSE(site.LogIn("tech2").session().empty());
  v1::SubmitResultResponse response;
  EXPECT_TRUE(before.Call(ProcessSite::Value(0, "7.2"), &response).ok());
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_EQ(site.Acts()[v1::ACT_RENEW_CERTIFICATE], 1);
  EXPECT_TRUE(site.Verifies());
}

// The log ends an hour ahead of the clock: it was set back while the server was stopped.
TEST(Operations, AClockThatWasSetBackStopsSigningUntilItIsConfirmedOnTheCommandLine) {
  ProcessSite site([](app::SiteFixture& fixture) {
    fixture.now_us += kHour;
    fixture.AddLot("L-AHEAD", "MCB");
  });
  site.Start();
  const std::string folder = site.folder();
  ASSERT_TRUE(app::WriteFile(folder + "/client/server", site.Identity().server + "\n"));
  const auto lims = [&](const std::string& user, std::vector<std::string> words) {
    words.insert(words.begin(), {ClientProgram(), "--site", folder, "--user", user, "clock"});
    Process process(std::move(words));
    EXPECT_EQ(process.Wait(kProgram), 0) << process.output();
    return process.output();
  };
  const Terminal qa = site.LogIn("qa1");
  const Terminal administrator = site.LogIn("admin1");
  ASSERT_TRUE(client::Site(folder).WriteSession("qa1", qa.session()));
  ASSERT_TRUE(client::Site(folder).WriteSession("admin1", administrator.session()));
  v1::PrepareSignatureRequest prepare;
  prepare.mutable_intent()->mutable_hold()->set_lot_id("L-AHEAD");
  prepare.mutable_intent()->mutable_hold()->set_reason("a question");
  v1::PrepareSignatureResponse prepared;
  const auto refused = [&] {
    ExpectRefusal(qa.Call(prepare, &prepared), grpc::StatusCode::FAILED_PRECONDITION,
                  ErrorReason::kWrongState);
  };
  refused();
  EXPECT_NE(lims("admin1", {"show"}).find("nobody signs"), std::string::npos);
  lims("admin1", {"confirm", "1", "--reason", "compared with the radio clock: 0.1 s apart"});
  refused();
  EXPECT_NE(lims("qa1", {"show"}).find("admin1: compared with the radio"), std::string::npos);
  lims("qa1", {"confirm", "1", "--reason", "compared with the telephone: no difference"});
  EXPECT_NE(lims("qa1", {"show"}).find("no step waits"), std::string::npos);
  ASSERT_TRUE(qa.Call(prepare, &prepared).ok());
  v1::SignRequest sign;
  sign.set_request_id(NewUuid());
  sign.set_manifest(prepared.manifest());
  sign.set_user_id("qa1");
  sign.set_password(app::kPassword);
  v1::SignResponse response;
  const grpc::Status status = qa.Call(sign, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_LE(site.Log().back().event.time_us(), SystemClock().Now());
  EXPECT_TRUE(site.Verifies());
}

// A watch goes on where it was, through a stopped and a killed server, once the person is back.
TEST(Operations, AWatchGoesOnAcrossRestartsWithoutLossOrRepetition) {
  ProcessSite site;
  site.Start();
  const std::string lot = ProcessSite::LotName(0);
  v1::WatchLotRequest request;
  request.set_lot_id(lot);
  request.set_after_index(-1);
  std::vector<std::int64_t> seen;
  for (int life = 0; life < 3; ++life) {
    Terminal terminal = site.LogIn("tech1");
    for (int i = 0; i < 5; ++i) {
      v1::SubmitResultResponse response;
      ASSERT_TRUE(terminal.Call(ProcessSite::Value(0, "7.2"), &response).ok());
    }
    std::atomic<int> blockers = 0;
    std::atomic<bool> over = false;
    Error ended;
    std::thread watch([&] {
      ended = client::WatchLotOnce(terminal.channel(), terminal.session(), &request,
                                   [&](const v1::WatchLotResponse& message) {
                                     if (message.has_event()) {
                                       seen.push_back(message.event().index());
                                     }
                                     blockers += message.has_blockers();
                                   });
      over = true;
    });
    while (blockers < 1 && !over) std::this_thread::yield();
    v1::SubmitResultResponse response;
    ASSERT_TRUE(terminal.Call(ProcessSite::Value(0, "7.2"), &response).ok());
    if (life == 1) {
      site.Kill();
    } else {
      EXPECT_EQ(site.Stop(), 0);
    }
    watch.join();
    EXPECT_EQ(ended.reason, ErrorReason::kUnavailable) << ended.message;
    if (life < 2) site.Start();
  }
  // What the last life did after the last message stands in the log still: read the rest.
  site.Start();
  const Terminal terminal = site.LogIn("tech1");
  std::thread rest([&] {
    client::WatchLotOnce(terminal.channel(), terminal.session(), &request,
                         [&](const v1::WatchLotResponse& message) {
                           if (message.has_event()) seen.push_back(message.event().index());
                           if (message.has_blockers()) site.server().Signal(SIGTERM);
                         });
  });
  rest.join();
  EXPECT_EQ(site.server().Wait(ProcessSite::kPatience), 0);
  std::vector<std::int64_t> history;
  std::set<std::string> streams = {"lot/" + lot};
  const auto log = site.Log();
  for (const LogEvent& each : log) {
    for (const v1::Record& record : each.event.records()) {
      if (record.has_attempt() && record.attempt().lot_id() == lot) {
        streams.insert("run/" + record.attempt().run_id());
      }
    }
  }
  for (const LogEvent& each : log) {
    if (streams.contains(each.event.stream())) history.push_back(each.event.index());
  }
  EXPECT_GT(history.size(), 18u);
  EXPECT_EQ(seen, history);
}

TEST(Operations, ATableOfResultsIsSubmittedInOneCallAndEachRowIsAnswered) {
  ProcessSite site;
  site.Start();
  const std::string folder = site.folder();
  ASSERT_TRUE(app::WriteFile(folder + "/client/server", site.Identity().server + "\n"));
  ASSERT_TRUE(client::Site(folder).WriteSession("tech1", site.LogIn("tech1").session()));
  std::string table = "lot,line,value,sample,unit,setup\n";
  for (int i = 0; i < 250; ++i) {
    const std::string lot = ProcessSite::LotName(i % ProcessSite::kLots);
    table += lot + ",PH,7.2," + lot + "-ST,[pH],\n";
  }
  table += "NO-LOT,PH,7.2,,,\n";
  ASSERT_TRUE(app::WriteFile(folder + "/table.csv", table));
  Process program({ClientProgram(), "--site", folder, "--user", "tech1", "result", "submit-table",
                   folder + "/table.csv"});
  EXPECT_EQ(program.Wait(ProcessSite::kPatience), 3) << program.output();
  EXPECT_NE(program.output().find("NO-LOT"), std::string::npos);
  EXPECT_NE(program.output().find("REFUSED"), std::string::npos) << program.output();
  int acts = 0;
  std::set<std::int64_t> first;
  for (const LogEvent& each : site.Log()) {
    if (each.event.act() != v1::ACT_SUBMIT_RESULT) continue;
    acts += first.insert(each.event.act_index()).second;
  }
  EXPECT_EQ(acts, 250);
  EXPECT_TRUE(std::filesystem::is_empty(folder + "/client/outbox"));
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_TRUE(site.Verifies());
}

TEST(Operations, TheCommandLineShowsALineForEachChange) {
  ProcessSite site;
  site.Start();
  const std::string folder = site.folder();
  ASSERT_TRUE(app::WriteFile(folder + "/client/server", site.Identity().server + "\n"));
  Terminal terminal = site.LogIn("tech1");
  ASSERT_TRUE(client::Site(folder).WriteSession("tech1", terminal.session()));
  Process table({ClientProgram(), "--site", folder, "--user", "tech1", "lot", "watch",
                 ProcessSite::LotName(0), "--from", "0"});
  Process json({ClientProgram(), "--site", folder, "--user", "tech1", "--output", "json", "lot",
                "watch", ProcessSite::LotName(0)});
  ASSERT_TRUE(table.WaitForLine("REGISTER_LOT", ProcessSite::kPatience)) << table.output();
  ASSERT_TRUE(
      table.WaitForLine(ProcessSite::LotName(0) + " QUARANTINE, gate", ProcessSite::kPatience))
      << table.output();
  ASSERT_TRUE(json.WaitForLine("\"blockers\"", ProcessSite::kPatience)) << json.output();
  v1::SubmitResultResponse response;
  ASSERT_TRUE(terminal.Call(ProcessSite::Value(0, "7.2"), &response).ok());
  EXPECT_TRUE(table.WaitForLine("SUBMIT_RESULT", ProcessSite::kPatience)) << table.output();
  EXPECT_TRUE(json.WaitForLine("SUBMIT_RESULT", ProcessSite::kPatience)) << json.output();
  // The session ends with the server; the watch waits for the next one.
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_TRUE(table.WaitForLine("it goes on", ProcessSite::kPatience)) << table.output();
  table.Terminate(ProcessSite::kPatience);
  json.Terminate(ProcessSite::kPatience);

  Process refused({ClientProgram(), "--site", folder, "--user", "tech1", "lot", "watch", "L00"});
  EXPECT_EQ(refused.Wait(ProcessSite::kPatience), 4) << refused.output();
}

}  // namespace
}  // namespace lims
