#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lims::bench {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

double NowSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Process::Process(std::vector<std::string> command, std::vector<std::string> environment) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  pid_ = ::fork();
  if (pid_ != 0) {
    ::close(ends[1]);
    pipe_ = ends[0];
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a bench that gives up leaves no server behind
  ::dup2(ends[1], 1);
  ::dup2(ends[1], 2);
  for (std::string& variable : environment) ::putenv(variable.data());
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

Process::~Process() {
  Terminate();
  ::close(pipe_);
}

bool Process::ReadMore(int milliseconds) {
  pollfd ready{pipe_, POLLIN, 0};
  if (::poll(&ready, 1, milliseconds) <= 0) return false;
  char bytes[4096];
  const ssize_t count = ::read(pipe_, bytes, sizeof bytes);
  if (count <= 0) return false;
  output_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Process::WaitFor(const std::string& text) {
  do {
    const std::size_t at = output_.find(text);
    const std::size_t end = at == std::string::npos ? at : output_.find('\n', at);
    if (end != std::string::npos) return output_.substr(at + text.size(), end - at - text.size());
  } while (ReadMore(60'000));
  std::fprintf(stderr, "bench: no '%s' in:\n%s\n", text.c_str(), output_.c_str());
  std::exit(1);
}

void Process::Watch(int milliseconds) {
  const double end = NowSeconds() + milliseconds / 1000.0;
  while (NowSeconds() < end) ReadMore(static_cast<int>((end - NowSeconds()) * 1000) + 1);
}

int Process::Wait() {
  while (ReadMore(-1)) {
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Process::Terminate() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  Wait();
}

double Process::CpuSeconds() const {
  const std::string stat = ReadAll("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double Process::RssMib() const {
  const std::string status = ReadAll("/proc/" + std::to_string(pid_) + "/status");
  const std::size_t at = status.find("VmRSS:");
  double kib = 0;
  if (at != std::string::npos) std::istringstream(status.substr(at + 6)) >> kib;
  return kib / 1024;
}

}  // namespace lims::bench
