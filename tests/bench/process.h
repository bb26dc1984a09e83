// A child process of the bench: its output is read, its cost taken from /proc, it is ended by pid.
#ifndef LIMS_TESTS_BENCH_PROCESS_H_
#define LIMS_TESTS_BENCH_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace lims::bench {

class Process {
 public:
  // `environment`: NAME=value, added to the caller's.
  Process(std::vector<std::string> command, std::vector<std::string> environment);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Waits until the output has `text` and returns the rest of that line; ends the bench after a
  // minute.
  std::string WaitFor(const std::string& text);
  // Takes in what it prints for so long.
  void Watch(int milliseconds);
  // Waits for the end; the exit code, or -1 for a signal.
  int Wait();
  void Terminate();

  double CpuSeconds() const;  // user and system, all threads
  double RssMib() const;
  const std::string& output() const { return output_; }

 private:
  // False at the end of the output, or when nothing came in time.
  bool ReadMore(int milliseconds);

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string output_;  // of both streams
};

std::string ReadAll(const std::string& path);
double NowSeconds();

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_PROCESS_H_
