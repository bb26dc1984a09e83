#include "support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace lims {

Process::Process(std::vector<std::string> command, std::optional<std::uint64_t> file_limit) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  pipe_ = ends[0];
  pid_ = ::fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    // Other threads of the parent may hold locks: nothing here allocates.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (file_limit) {
      const rlimit limit{*file_limit, RLIM_INFINITY};
      if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
    }
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  reader_ = std::thread([this] { Read(); });
}

Process::~Process() {
  if (!exit_) {
    Signal(SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }
  reader_.join();
  ::close(pipe_);
}

void Process::Read() {
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(pipe_, buffer, sizeof buffer);
    const std::lock_guard lock(mutex_);
    if (count > 0) {
      output_.append(buffer, static_cast<std::size_t>(count));
    } else {
      ended_ = true;
    }
    read_.notify_all();
    if (ended_) return;
  }
}

std::optional<std::string> Process::WaitForLine(const std::string& text,
                                                std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  std::size_t start = std::string::npos;
  std::size_t end = std::string::npos;
  read_.wait_for(lock, limit, [&] {
    start = output_.find(text);
    if (start != std::string::npos) end = output_.find('\n', start);
    return end != std::string::npos || ended_;
  });
  if (end == std::string::npos) return std::nullopt;
  start += text.size();
  return output_.substr(start, end - start);
}

void Process::Signal(int number) const {
  if (!exit_) ::kill(pid_, number);
}

void Process::SetFileLimit(std::uint64_t bytes) const {
  const rlimit limit{bytes, RLIM_INFINITY};
  if (::prlimit(pid_, RLIMIT_FSIZE, &limit, nullptr) != 0) std::abort();
}

std::optional<int> Process::Wait(std::chrono::milliseconds limit) {
  if (exit_) return exit_;
  {
    // The output ends with the process: it hands it to nobody.
    std::unique_lock lock(mutex_);
    if (!read_.wait_for(lock, limit, [this] { return ended_; })) return std::nullopt;
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return exit_;
}

std::optional<int> Process::Terminate(std::chrono::seconds limit) {
  Signal(SIGTERM);
  return Wait(limit);
}

std::string Process::output() {
  const std::lock_guard lock(mutex_);
  return output_;
}

double Process::CpuSeconds() const {
  clockid_t clock = 0;
  timespec used{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) std::abort();
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double Process::RssMib() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  double size = 0;
  double resident = 0;  // both in pages
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

}  // namespace lims
