// The server is killed again and again while terminals submit results. Whatever was acknowledged
// must be there, once; whatever was not has one true outcome under its own request id.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "base/encoding.h"
#include "integration/process_site.h"
#include "tlog/checkpoint.h"
#include "tlog/merkle.h"

namespace lims {
namespace {

constexpr int kKills = 50;
constexpr int kThreads = 6;
constexpr std::array kUsers = {"tech1", "tech2"};
// From the first request of a round to the kill, at most.
constexpr int kLoadUs = 150'000;
// One kill in so many meets a server that only starts.
constexpr int kStartingShare = 6;
constexpr int kStartingUs = 120'000;

struct Act {
  int user = 0;  // in kUsers
  v1::SubmitResultRequest request;
  std::optional<v1::Receipt> receipt;  // once acknowledged
};

std::uint64_t Seed() {
  const char* given = std::getenv("LIMS_TEST_SEED");
  return given != nullptr ? std::stoull(given) : std::random_device{}();
}

// Same place in the log; the checkpoint of a repeat may be a later one.
bool SamePlace(const v1::Receipt& a, const v1::Receipt& b) {
  return a.log_index() == b.log_index() && a.event_count() == b.event_count() &&
         a.leaf_hash() == b.leaf_hash();
}

class KillLoop {
 public:
  explicit KillLoop(std::uint64_t seed) : seed_(seed), random_(seed) {}

  void Run() {
    while (kills_ < kKills) {
      if (Below(kStartingShare) == 0) {
        KillWhileStarting();
        continue;
      }
      Serve();
      if (testing::Test::HasFatalFailure()) return;
      RetryUnacknowledged();
      RepeatAcknowledged();
      KillUnderLoad();
      if (testing::Test::HasFailure()) return;
    }
    Serve();
    RetryUnacknowledged();
    EXPECT_EQ(site_.Stop(), 0);
    CheckLog();
    EXPECT_TRUE(site_.Verifies());
    const std::string summary = fmt::format(
        "kills: {}, of them {} with unacknowledged requests ({} while the server started); "
        "acknowledged acts: {}; unacknowledged and retried: {}, of them {} had been recorded; "
        "repeated after their acknowledgement: {}; LIMS_TEST_SEED={}\n",
        kills_, kills_with_unacknowledged_, kills_while_starting_, acts_.size(), retried_,
        retried_recorded_, repeated_, seed_);
    std::cout << summary;
    std::ofstream(LIMS_BINARY_DIR "/kill_test.txt") << summary;  // tests/run prints it at its end
    EXPECT_EQ(kills_, kKills);
    EXPECT_GE(kills_with_unacknowledged_ * 2, kills_);
  }

 private:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  void WaitUs(int us) {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, std::chrono::microseconds(us), [] { return false; });
  }

  void KillWhileStarting() {
    site_.Launch();
    WaitUs(Below(kStartingUs));
    site_.Kill();
    ++kills_;
    ++kills_while_starting_;
  }

  void Serve() {
    site_.Start();
    if (testing::Test::HasFatalFailure()) return;
    terminals_.clear();
    for (const char* user : kUsers) terminals_.push_back(site_.LogIn(user));
  }

  grpc::Status Send(const Act& act, v1::SubmitResultResponse* response) {
    return terminals_[static_cast<std::size_t>(act.user)].Call(act.request, response);
  }

  // Every unacknowledged act, under its request id, has one outcome: the one that the log says.
  void RetryUnacknowledged() {
    for (Act& act : acts_) {
      if (act.receipt) continue;
      const auto recorded =
          site_.Recorded(kUsers[static_cast<std::size_t>(act.user)], act.request.request_id());
      v1::SubmitResultResponse response;
      const grpc::Status status = Send(act, &response);
      ASSERT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(response.receipt().replayed(), recorded.has_value());
      if (recorded) {
        EXPECT_EQ(response.receipt().log_index(), recorded->first_index);
        EXPECT_EQ(response.receipt().event_count(), recorded->event_count);
        ++retried_recorded_;
      }
      act.receipt = response.receipt();
      ++retried_;
    }
  }

  void RepeatAcknowledged() {
    if (acts_.empty()) return;
    const Act& act = acts_[static_cast<std::size_t>(Below(static_cast<int>(acts_.size())))];
    v1::SubmitResultResponse response;
    const grpc::Status status = Send(act, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(response.receipt().replayed());
    EXPECT_TRUE(SamePlace(*act.receipt, response.receipt())) << response.ShortDebugString();
    ++repeated_;
  }

  // One client: sends act after act until one gets no answer.
  void Client(int number, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int lot = number; !killed_; lot = (lot + kThreads) % ProcessSite::kLots) {
      Act* act = nullptr;
      {
        const std::lock_guard lock(mutex_);
        act = &acts_.emplace_back();
      }
      act->user = number % static_cast<int>(kUsers.size());
      act->request =
          ProcessSite::Value(lot, fmt::format("{}.{}", random() % 2 + 6, random() % 3 + 4));
      v1::SubmitResultResponse response;
      const grpc::Status status = Send(*act, &response);
      if (!status.ok()) {
        // No answer at all: what the server says itself has details.
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
        EXPECT_TRUE(status.error_details().empty()) << status.error_message();
        return;
      }
      EXPECT_FALSE(response.receipt().replayed());
      act->receipt = response.receipt();
    }
  }

  void KillUnderLoad() {
    killed_ = false;
    std::vector<std::thread> clients;
    for (int i = 0; i < kThreads; ++i) {
      clients.emplace_back([this, i, seed = random_()] { Client(i, seed); });
    }
    WaitUs(Below(kLoadUs));
    std::size_t begun = 0;
    {
      const std::lock_guard lock(mutex_);
      begun = acts_.size();
    }
    site_.Kill();
    killed_ = true;
    for (std::thread& client : clients) client.join();
    ++kills_;
    // Those that a client began after the kill do not count.
    bool unacknowledged = false;
    for (std::size_t i = 0; i < begun; ++i) unacknowledged |= !acts_[i].receipt;
    kills_with_unacknowledged_ += unacknowledged ? 1 : 0;
  }

  void CheckLog() {
    const std::vector<LogEvent> log = site_.Log();
    std::map<std::pair<std::string, std::string>, std::vector<const LogEvent*>> by_request;
    std::map<std::string, int> attempts_of;
    for (std::size_t i = 0; i < log.size(); ++i) {
      ASSERT_EQ(log[i].entry.index, static_cast<std::int64_t>(i));
      const v1::Event& event = log[i].event;
      if (event.act() != v1::ACT_SUBMIT_RESULT) continue;
      by_request[{event.actor().user_id(), event.request_id()}].push_back(&log[i]);
      for (const v1::Record& record : event.records()) {
        if (record.has_attempt()) ++attempts_of[record.attempt().lot_id()];
      }
    }
    EXPECT_EQ(by_request.size(), acts_.size());
    const Result<tlog::VerifierKey> vkey =
        tlog::ParseVkey(client::Site(site_.folder()).ReadVkey()->value());
    ASSERT_TRUE(vkey);
    std::vector<Hash> leaves;
    for (const LogEvent& each : log) leaves.push_back(tlog::LeafHash(each.entry.bytes));
    std::map<std::uint64_t, Hash> roots = RootsOf(leaves);
    std::map<std::string, int> acts_of;
    for (const Act& act : acts_) {
      ++acts_of[act.request.lot_id()];
      const v1::Receipt& receipt = *act.receipt;
      const auto& events =
          by_request[{kUsers[static_cast<std::size_t>(act.user)], act.request.request_id()}];
      ASSERT_EQ(static_cast<int>(events.size()), receipt.event_count());
      for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i]->entry.index, receipt.log_index() + static_cast<std::int64_t>(i));
        EXPECT_EQ(events[i]->event.act_index(), receipt.log_index());
      }
      EXPECT_EQ(HexEncode(leaves[static_cast<std::size_t>(receipt.log_index())]),
                receipt.leaf_hash());
      const auto checkpoint = tlog::OpenCheckpoint(receipt.checkpoint(), *vkey);
      ASSERT_TRUE(checkpoint) << checkpoint.error().message;
      EXPECT_GE(static_cast<std::int64_t>(checkpoint->size),
                receipt.log_index() + receipt.event_count());
      ASSERT_LE(checkpoint->size, log.size());
      EXPECT_EQ(checkpoint->root, roots[checkpoint->size]);
    }
    EXPECT_EQ(attempts_of, acts_of);
  }

  // The root of every size, calculated from the leaves alone.
  static std::map<std::uint64_t, Hash> RootsOf(const std::vector<Hash>& leaves) {
    std::map<std::uint64_t, Hash> roots;
    tlog::Tree tree;
    for (const Hash& leaf : leaves) {
      tree.Append(leaf, [](int, std::uint64_t, const Hash&) {});
      roots[tree.size()] = tree.Root();
    }
    return roots;
  }

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  ProcessSite site_;
  std::vector<Terminal> terminals_;  // in the order of kUsers
  std::mutex mutex_;                 // of acts_ while clients run
  std::deque<Act> acts_;
  std::atomic<bool> killed_ = false;
  int kills_ = 0;
  int kills_with_unacknowledged_ = 0;
  int kills_while_starting_ = 0;
  int retried_ = 0;
  int retried_recorded_ = 0;
  int repeated_ = 0;
};

TEST(Kill, EveryAcknowledgedActIsThereOnceAfterFiftyKills) {
  const std::uint64_t seed = Seed();
  std::cout << "LIMS_TEST_SEED=" << seed << std::endl;
  KillLoop(seed).Run();
}

}  // namespace
}  // namespace lims
