// A server that is told to stop answers what it has accepted, accepts nothing more and ends in
// bounded time.
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <iostream>
#include <mutex>
#include <set>

#include "base/encoding.h"
#include "base/password.h"
#include "base/sha256.h"
#include "core/status.h"
#include "integration/process_site.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/run_service.grpc.pb.h"

namespace lims {
namespace {

constexpr int kActs = 400;
constexpr int kLogIns = 4;

// A person whose password costs what it costs in earnest: logging in takes a while.
void AddSlowPerson(app::SiteFixture& site) {
  SetPasswordCostForTests(64 << 10, 3);
  site.AddPerson("slow1", v1::ROLE_TECHNICIAN);
  SetPasswordCostForTests(64, 1);
}

// Calls under way and how they ended.
class Calls {
 public:
  struct Call {
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    std::optional<grpc::Status> status;
  };

  template <typename Response>
  Call& Start(const Terminal& terminal, const google::protobuf::Message& request) {
    Call* call = nullptr;
    {
      const std::lock_guard lock(mutex_);
      call = &calls_.emplace_back();
    }
    call->request.reset(request.New());
    call->request->CopyFrom(request);
    call->response = std::make_unique<Response>();
    terminal.CallAsync(*call->request, call->response.get(), [this, call](const auto& status) {
      const std::lock_guard lock(mutex_);
      call->status = status;
      ++answered_;
      changed_.notify_all();
    });
    return *call;
  }

  bool WaitForAnswers(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, ProcessSite::kPatience, [&] { return answered_ >= count; });
  }
  bool WaitForAll() { return WaitForAnswers(calls_.size()); }

  const std::deque<Call>& all() const { return calls_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call> calls_;
  std::size_t answered_ = 0;
};

TEST(Drain, AnswersWhatItAcceptedAndRefusesTheRest) {
  ProcessSite site(AddSlowPerson);
  site.Start();
  const Terminal terminal = site.LogIn("tech1");
  const Terminal newcomer = site.Connect();

  v1::LogInRequest log_in;
  log_in.set_user_id("slow1");
  log_in.set_password(app::kPassword);
  Calls log_ins;
  for (int i = 0; i < kLogIns; ++i) log_ins.Start<v1::LogInResponse>(terminal, log_in);
  Calls acts;
  for (int i = 0; i < kActs; ++i) {
    acts.Start<v1::SubmitResultResponse>(terminal,
                                         ProcessSite::Value(i % ProcessSite::kLots, "7.2"));
  }
  ASSERT_TRUE(acts.WaitForAnswers(1));
  site.server().Signal(SIGTERM);
  ASSERT_TRUE(site.server().WaitForLine("stopping", ProcessSite::kPatience));

  // Neither a new connection nor a new call is accepted any more.
  const v1::SubmitResultRequest late = ProcessSite::Value(0, "7.2");
  v1::SubmitResultResponse response;
  EXPECT_EQ(newcomer.Call(late, &response).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(terminal.Call(late, &response).error_code(), grpc::StatusCode::UNAVAILABLE);

  ASSERT_TRUE(log_ins.WaitForAll());
  ASSERT_TRUE(acts.WaitForAll());
  EXPECT_EQ(site.server().Wait(ProcessSite::kPatience), 0) << site.server().output();

  for (const Calls::Call& call : log_ins.all()) {
    EXPECT_TRUE(call.status->ok()) << call.status->error_message();
  }
  int answered = 0;
  for (const Calls::Call& call : acts.all()) {
    const auto& request = static_cast<const v1::SubmitResultRequest&>(*call.request);
    if (call.status->ok()) {
      ++answered;
    } else {
      // Not taken up at all: UNAVAILABLE, or CANCELLED when it had just come in.
      EXPECT_EQ(client::ErrorFromStatus(*call.status).reason, ErrorReason::kUnavailable)
          << call.status->error_message();
    }
    // Recorded means answered, and answered means recorded.
    EXPECT_EQ(site.Recorded("tech1", request.request_id()).has_value(), call.status->ok());
  }
  EXPECT_FALSE(site.Recorded("tech1", late.request_id()));
  std::cout << "acts under way at the signal: " << kActs << ", answered and recorded: " << answered
            << ", refused: " << kActs - answered << "\n";
  EXPECT_TRUE(site.Verifies());

  site.Start();
  const Terminal again = site.LogIn("tech1");
  for (const Calls::Call& call : acts.all()) {
    v1::SubmitResultResponse repeat;
    ASSERT_TRUE(again.Call(*call.request, &repeat).ok());
    EXPECT_EQ(repeat.receipt().replayed(), call.status->ok());
  }
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_TRUE(site.Verifies());
}

TEST(Drain, DoesNotWaitForACallThatNeverEnds) {
  ProcessSite site;
  site.Start();
  const Terminal terminal = site.LogIn("tech1");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 2 * ProcessSite::kPatience);
  context.AddMetadata("authorization", terminal.session());
  v1::UploadRawResponse response;
  const auto writer = v1::RunService::NewStub(terminal.channel())->UploadRaw(&context, &response);
  v1::UploadRawRequest part;
  part.set_sha256(HexEncode(Sha256("ab")));
  part.set_size_bytes(2);
  part.set_chunk("a");
  ASSERT_TRUE(writer->Write(part));
  // The server has the stream: another call on the connection was answered after it.
  v1::SubmitResultResponse other;
  ASSERT_TRUE(terminal.Call(ProcessSite::Value(0, "7.2"), &other).ok());
  EXPECT_EQ(site.Stop(), 0);
  EXPECT_FALSE(writer->Finish().ok());
  EXPECT_TRUE(site.Verifies());
  site.Start();
  EXPECT_EQ(site.Stop(), 0);
}

}  // namespace
}  // namespace lims
