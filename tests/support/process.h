// A child process of a test or a measurement: its output is read as it comes, every wait is
// bounded, it never outlives its parent.
#ifndef LIMS_TESTS_SUPPORT_PROCESS_H_
#define LIMS_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lims {

class Process {
 public:
  // `command`: path of the program, arguments. `file_limit`: the size in bytes that no file may
  // outgrow (RLIMIT_FSIZE).
  explicit Process(std::vector<std::string> command, std::optional<std::uint64_t> file_limit = {});
  // Kills it when it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The rest of the first line with `text`; nullopt when the output ends or time is up before.
  std::optional<std::string> WaitForLine(const std::string& text, std::chrono::seconds limit);
  void Signal(int number) const;
  void SetFileLimit(std::uint64_t bytes) const;
  // The exit code, or minus the signal that ended it; nullopt when it still runs at the limit.
  std::optional<int> Wait(std::chrono::milliseconds limit);
  // SIGTERM, then Wait.
  std::optional<int> Terminate(std::chrono::seconds limit);
  // Both streams, as far as they came.
  std::string output();

  // Of a process that still runs.
  double CpuSeconds() const;  // user and system, all threads
  double RssMib() const;

 private:
  void Read();

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::optional<int> exit_;
  std::mutex mutex_;
  std::condition_variable read_;
  std::string output_;
  bool ended_ = false;
  std::thread reader_;
};

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_PROCESS_H_
