// Holds the writer of a served site.
#ifndef LIMS_TESTS_RPC_WRITER_PAUSE_H_
#define LIMS_TESTS_RPC_WRITER_PAUSE_H_

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "app/site.h"

namespace lims::rpc {

// While it lives, nothing is written.
class WriterPause {
 public:
  explicit WriterPause(app::Site& site) {
    std::promise<void> begun;
    thread_ = std::thread([this, &site, &begun] {
      EXPECT_TRUE(site.writer().ExecuteRaw([&](storage::Connection&) {
        begun.set_value();
        go_on_.get_future().wait();
        return Result<void>();
      }));
    });
    begun.get_future().wait();
  }
  ~WriterPause() { GoOn(); }
  void GoOn() {
    if (!thread_.joinable()) return;
    go_on_.set_value();
    thread_.join();
  }

 private:
  std::promise<void> go_on_;
  std::thread thread_;
};

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_WRITER_PAUSE_H_
