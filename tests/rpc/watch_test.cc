// Who follows a lot misses nothing, sees nothing twice, and stands in nobody's way.
#include "rpc/watch.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <set>

#include "rpc/records_in_state.h"
#include "rpc/server_fixture.h"
#include "rpc/watcher.h"

namespace lims::rpc {
namespace {

using std::chrono::milliseconds;

class WatchTest : public ::testing::Test {
 protected:
  static v1::WatchLotRequest Request(const std::string& lot,
                                     std::optional<std::int64_t> after = {}) {
    v1::WatchLotRequest request;
    request.set_lot_id(lot);
    if (after) request.set_after_index(*after);
    return request;
  }
  std::unique_ptr<Watcher> Watch(const std::string& lot, std::optional<std::int64_t> after = {},
                                 const std::string& user = "rev1") {
    return std::make_unique<Watcher>(server.console(), server.Session(user), Request(lot, after));
  }

  // A second server of the same site with these limits, and a terminal of it.
  void Serve(const CallLimits& limits) {
    auto started = Server::Start(server.site(), "127.0.0.1:0", limits);
    ASSERT_TRUE(started) << started.error().message;
    second = *std::move(started);
    client::TerminalIdentity terminal = server.Enrol("bench-1");
    terminal.server = "127.0.0.1:" + std::to_string(second->port());
    channel = client::OpenChannel(terminal);
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = terminal.ca_pem;
    options.pem_private_key = terminal.key_pem;
    options.pem_cert_chain = terminal.certificate_pem;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    slow_channel =
        grpc::CreateCustomChannel(terminal.server, grpc::SslCredentials(options), arguments);
  }

  void Confirm(const std::string& lot) {
    v1::Lot record = *server.Find<v1::Lot>({lot});
    record.set_confirmed_by(record.confirmed_by() + "x");
    server.Put({&record});
  }

  // Log indices of the events of the lot and its runs, without those about other lots only.
  std::vector<std::int64_t> History(const std::string& lot, const std::set<std::string>& streams) {
    std::vector<std::int64_t> indices;
    for (const v1::Event& event : server.EventsFrom(0)) {
      if (event.stream() == "lot/" + lot || streams.contains(event.stream())) {
        indices.push_back(event.index());
      }
    }
    return indices;
  }

  void ExpectEnd(Watcher& watcher, grpc::StatusCode code, const std::string& says) {
    const auto status = watcher.WaitForEnd();
    ASSERT_TRUE(status) << "goes on";
    EXPECT_EQ(status->error_code(), code) << status->error_message();
    EXPECT_NE(status->error_message().find(says), std::string::npos) << status->error_message();
  }

  RpcServer server;
  RecordsInState records{server};
  std::unique_ptr<Server> second;
  std::shared_ptr<grpc::Channel> channel;
  std::shared_ptr<grpc::Channel> slow_channel;  // of the same terminal
};

TEST_F(WatchTest, GivesTheBlockersOfNowAndThenEachChange) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  const auto watcher = Watch(lot);
  ASSERT_TRUE(watcher->WaitForBlockers(1));
  const auto first = watcher->messages();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].log_index(), server.LogSize() - 1);
  EXPECT_FALSE(first[0].has_event());
  EXPECT_EQ(first[0].blockers().lot_id(), lot);
  EXPECT_FALSE(first[0].blockers().releasable());

  records.Hold(false);
  ASSERT_TRUE(watcher->WaitForBlockers(2));
  const auto messages = watcher->messages();
  ASSERT_EQ(messages.size(), 3u);
  const v1::WatchedEvent& event = messages[1].event();
  EXPECT_EQ(event.index(), server.LogSize() - 1);
  EXPECT_EQ(messages[1].log_index(), event.index());
  ASSERT_EQ(event.records_size(), 1);
  EXPECT_EQ(event.records(0).kind(), "hold");
  EXPECT_EQ(event.records(0).key(), lot + "/1");
  bool held = false;
  for (const v1::Blocker& blocker : messages[2].blockers().blockers()) {
    held = held || blocker.kind() == v1::BLOCKER_KIND_HOLD;
  }
  EXPECT_TRUE(held);
}

TEST_F(WatchTest, ShowsNothingOfOtherLotsAndNoBlockersThatDidNotChange) {
  const std::string other = records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  const auto watcher = Watch(lot);
  ASSERT_TRUE(watcher->WaitForBlockers(1));
  Confirm(other);
  records.SetDisposition(v1::DISPOSITION_QUARANTINE);  // an event, and nothing else
  ASSERT_TRUE(watcher->WaitFor([](const auto& messages) { return messages.size() == 2; }));
  EXPECT_EQ(watcher->Indices(), (std::vector<std::int64_t>{server.LogSize() - 1}));
}

TEST_F(WatchTest, FollowsTheRunsOfTheLotButNotTheirOtherLots) {
  const std::string run = records.Run(v1::RUN_STATE_OPEN);
  const std::string lot = records.lot();
  const auto watcher = Watch(lot, -1);
  ASSERT_TRUE(watcher->WaitForBlockers(1));
  EXPECT_EQ(watcher->Indices(), History(lot, {"run/" + run}));
  v1::RunPosition mine;
  mine.set_run_id(run);
  mine.set_position("X1");
  mine.set_lot_id(lot);
  v1::RunPosition theirs = mine;
  theirs.set_position("X2");
  theirs.set_lot_id("OTHER");
  server.Put({&mine, &theirs});
  ASSERT_TRUE(watcher->WaitFor([](const auto& messages) {
    return messages.back().has_event() && messages.back().event().records_size() > 0 &&
           messages.back().event().records(0).kind() == "run_position";
  }));
  Confirm(lot);
  const std::int64_t last = server.LogSize() - 1;
  ASSERT_TRUE(
      watcher->WaitFor([&](const auto& messages) { return messages.back().log_index() >= last; }));
  for (const v1::WatchLotResponse& each : watcher->messages()) {
    for (const v1::ChangedRecord& record : each.event().records()) {
      EXPECT_EQ(record.key().find("X2"), std::string::npos) << record.key();
    }
  }
}

TEST_F(WatchTest, SeesThatAParentIsHeld) {
  const std::string bank = records.Lot(v1::DISPOSITION_RELEASED, v1::LOT_KIND_MCB);
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  v1::Lot child = *server.Find<v1::Lot>({lot});
  child.add_parents()->set_lot_id(bank);
  server.Put({&child});
  const auto watcher = Watch(lot);
  ASSERT_TRUE(watcher->WaitForBlockers(1));
  const int before = watcher->LastBlockers().blockers_size();
  v1::Hold hold;
  hold.set_lot_id(bank);
  hold.set_number(1);
  hold.set_kind(v1::HOLD_KIND_QUALITY);
  hold.set_reason("a question");
  server.Put({&hold});
  ASSERT_TRUE(watcher->WaitForBlockers(2));
  EXPECT_EQ(watcher->LastBlockers().blockers_size(), before + 1);
  EXPECT_TRUE(watcher->Indices().empty());  // an event of the bank, not of the lot
}

TEST_F(WatchTest, TwoSeeTheSame) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  const auto one = Watch(lot);
  const auto two = Watch(lot, {}, "qa1");
  ASSERT_TRUE(one->WaitForBlockers(1) && two->WaitForBlockers(1));
  const std::int64_t from = server.LogSize();
  for (int i = 0; i < 20; ++i) records.SetDisposition(v1::DISPOSITION_QUARANTINE);
  const auto all = [](const auto& messages) {
    int events = 0;
    for (const v1::WatchLotResponse& each : messages) events += each.has_event();
    return events == 20;
  };
  ASSERT_TRUE(one->WaitFor(all) && two->WaitFor(all));
  EXPECT_EQ(one->Indices(), two->Indices());
  EXPECT_EQ(one->Indices().front(), from);
}

// From any place in the history the rest comes once, in order, however it is cut.
TEST_F(WatchTest, GoesOnAfterAnyIndexWithoutLossOrRepetition) {
  const std::string run = records.Run(v1::RUN_STATE_OPEN);
  const std::string lot = records.lot();
  for (int i = 0; i < 600; ++i) {
    if (i % 3 == 0) {
      v1::Run record = *server.Find<v1::Run>({run});
      server.Put({&record});
    } else {
      records.SetDisposition(v1::DISPOSITION_QUARANTINE);
    }
  }
  const std::vector<std::int64_t> history = History(lot, {"run/" + run});
  ASSERT_GT(history.size(), 600u);
  for (const std::size_t seen :
       {std::size_t{0}, std::size_t{1}, history.size() / 2, history.size() - 1, history.size()}) {
    const auto watcher = Watch(lot, seen == 0 ? -1 : history[seen - 1]);
    ASSERT_TRUE(watcher->WaitForBlockers(1));
    EXPECT_EQ(watcher->Indices(),
              std::vector<std::int64_t>(history.begin() + static_cast<std::ptrdiff_t>(seen),
                                        history.end()));
  }
  // Each message says where to go on.
  std::int64_t after = -1;
  std::vector<std::int64_t> collected;
  for (int pieces = 0; collected.size() < history.size(); ++pieces) {
    ASSERT_LT(pieces, 200);
    const auto watcher = Watch(lot, after);
    const std::size_t cut = 1 + static_cast<std::size_t>(pieces) % 17;
    ASSERT_TRUE(watcher->WaitFor([&](const auto& messages) {
      return messages.size() >= cut || (!messages.empty() && messages.back().has_blockers());
    }));
    const auto messages = watcher->messages();
    for (std::size_t i = 0; i < std::min(cut, messages.size()); ++i) {
      if (messages[i].has_event()) collected.push_back(messages[i].event().index());
      after = messages[i].log_index();
    }
  }
  EXPECT_EQ(collected, history);
}

TEST_F(WatchTest, RefusesALogShorterThanWhatTheCallerSaw) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  server.Session("rev1");
  for (const std::int64_t index : {server.LogSize(), std::int64_t{-2}}) {
    const auto watcher = Watch(lot, index);
    ExpectEnd(*watcher, grpc::StatusCode::INVALID_ARGUMENT, "after_index");
  }
  ExpectEnd(*Watch("NONE"), grpc::StatusCode::NOT_FOUND, "NONE");
}

TEST_F(WatchTest, OneWhoTakesNothingIsEndedAndDelaysNobody) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  for (int i = 0; i < 3000; ++i) records.SetDisposition(v1::DISPOSITION_QUARANTINE);
  CallLimits limits;
  limits.silence = milliseconds(500);
  Serve(limits);
  const std::string session = RpcServer::LogIn(channel, "rev1");
  // It asks for everything and reads nothing; the library reads little ahead.
  const auto stub = v1::LotService::NewStub(slow_channel);
  grpc::ClientContext context;
  context.AddMetadata("authorization", session);
  const auto stuck = stub->WatchLot(&context, Request(lot, -1));
  Watcher other(channel, session, Request(lot));
  ASSERT_TRUE(other.WaitForBlockers(1));
  for (int i = 0; i < 10; ++i) {
    const auto before = std::chrono::steady_clock::now();
    records.SetDisposition(v1::DISPOSITION_QUARANTINE);
    const std::int64_t index = server.LogSize() - 1;
    ASSERT_TRUE(
        other.WaitFor([&](const auto& messages) { return messages.back().log_index() >= index; }));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  }
  // Until it has been ended. What came before may still be read: the beginning of the history.
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable().wait_for(lock, 3 * limits.silence);
  v1::WatchLotResponse message;
  std::int64_t last = -1;
  while (stuck->Read(&message)) {
    ASSERT_GT(message.log_index(), last) << "it was not ended";
    last = message.log_index();
  }
  const grpc::Status status = stuck->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
  EXPECT_NE(status.error_message().find("watch again after log index"), std::string::npos)
      << status.error_message();
  EXPECT_LT(last, server.LogSize() - 1);
}

TEST_F(WatchTest, ATerminalWatchesEightLotsAtATime) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < LotWatches::kMaxOfTerminal; ++i) {
    watchers.push_back(Watch(lot));
    ASSERT_TRUE(watchers.back()->WaitForBlockers(1));
  }
  ExpectEnd(*Watch(lot), grpc::StatusCode::RESOURCE_EXHAUSTED, "end one of them first");
  // Another terminal has its own.
  const auto bench = client::OpenChannel(server.Enrol("bench-1"));
  Watcher elsewhere(bench, RpcServer::LogIn(bench, "qa1"), Request(lot));
  EXPECT_TRUE(elsewhere.WaitForBlockers(1));
  watchers.pop_back();
  bool room = false;
  for (int i = 0; i < 100 && !room; ++i) room = Watch(lot)->WaitForBlockers(1);
  EXPECT_TRUE(room);
}

TEST_F(WatchTest, EndsWithTheSession) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  const auto watcher = Watch(lot);
  ASSERT_TRUE(watcher->WaitForBlockers(1));
  EXPECT_TRUE(server.Call("rev1", v1::LogOutRequest()).ok());
  ExpectEnd(*watcher, grpc::StatusCode::UNAUTHENTICATED, "log in again");
  server.ForgetSession("rev1");

  // To watch is not to use: the session ends when nothing else is done.
  const auto idle = Watch(lot);
  ASSERT_TRUE(idle->WaitForBlockers(1));
  server.Advance(std::chrono::seconds(601));
  ExpectEnd(*idle, grpc::StatusCode::UNAUTHENTICATED, "log in again");
}

TEST_F(WatchTest, EndsWithTheRightAndWithTheAccount) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  const auto watcher = Watch(lot);
  ASSERT_TRUE(watcher->WaitForBlockers(1));
  v1::User user = *server.Find<v1::User>({"rev1"});
  user.clear_grants();
  server.Put({&user});
  ExpectEnd(*watcher, grpc::StatusCode::PERMISSION_DENIED, "this needs one of the roles ");
  const auto other = Watch(lot, {}, "qa1");
  ASSERT_TRUE(other->WaitForBlockers(1));
  user = *server.Find<v1::User>({"qa1"});
  user.set_state(v1::USER_STATE_DISABLED);
  server.Put({&user});
  ExpectEnd(*other, grpc::StatusCode::UNAUTHENTICATED, "");
}

TEST_F(WatchTest, EndsWithTheTerminalWhoseNextCallIsRefused) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  const auto bench = client::OpenChannel(server.Enrol("bench-1"));
  const std::string session = RpcServer::LogIn(bench, "rev1");
  Watcher watcher(bench, session, Request(lot));
  ASSERT_TRUE(watcher.WaitForBlockers(1));
  const v1::ListLotsRequest list;
  const MethodDescriptor& method = client::MethodOf(list);
  EXPECT_TRUE(CallWith(bench, session, method, list).ok());

  v1::RevokeTerminalRequest revoke;
  revoke.set_name("bench-1");
  revoke.set_reason("stolen");
  SetRequestId(&revoke);
  EXPECT_TRUE(server.Call("admin1", revoke).ok());
  EXPECT_EQ(CallWith(bench, session, method, list).status.error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  ExpectEnd(watcher, grpc::StatusCode::UNAUTHENTICATED, "");
  v1::LogInRequest login;
  login.set_user_id("rev1");
  login.set_password(app::kPassword);
  const Answer refused = CallWith(bench, "", client::MethodOf(login), login);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << Describe(refused);
  EXPECT_NE(refused.error.message.find("not enrolled"), std::string::npos);
}

TEST_F(WatchTest, GivesASignOfLifeAndEndsWithTheServer) {
  CallLimits limits;
  limits.heartbeat = milliseconds(100);
  Serve(limits);
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  Watcher watcher(channel, RpcServer::LogIn(channel, "rev1"), Request(lot));
  ASSERT_TRUE(watcher.WaitFor([](const auto& messages) { return messages.size() >= 3; }));
  const auto messages = watcher.messages();
  EXPECT_FALSE(messages[2].has_event() || messages[2].has_blockers());
  EXPECT_EQ(messages[2].log_index(), server.LogSize() - 1);
  const auto before = std::chrono::steady_clock::now();
  second->Drain(10);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  ExpectEnd(watcher, grpc::StatusCode::UNAVAILABLE, "watch again");
  second.reset();
}

}  // namespace
}  // namespace lims::rpc
