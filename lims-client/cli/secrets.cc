#include "cli/secrets.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "base/encoding.h"
#include "base/random.h"
#include "core/files.h"

namespace lims::client {
namespace {

using TerminalFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Echo off while it lives. Signals wait meanwhile, so that none leaves the terminal mute.
class NoEcho {
 public:
  explicit NoEcho(int terminal) : terminal_(terminal) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &signals_);
    changed_ = tcgetattr(terminal_, &attributes_) == 0;
    termios silent = attributes_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = changed_ && tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  ~NoEcho() {
    if (changed_) tcsetattr(terminal_, TCSAFLUSH, &attributes_);
    sigprocmask(SIG_SETMASK, &signals_, nullptr);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

  bool done() const { return changed_; }

 private:
  int terminal_;
  termios attributes_{};
  sigset_t signals_{};
  bool changed_ = false;
};

TerminalFile OpenTerminal() {
  return {std::fopen("/dev/tty", "r+"), std::fclose};
}

// One line without its break; empty at the end of input.
std::string ReadTyped(std::FILE* file) {
  std::string line;
  for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file)) {
    line += static_cast<char>(c);
  }
  return line;
}

}  // namespace

bool AtTerminal() {
  return isatty(STDIN_FILENO) == 1;
}

Result<std::string> ReadSecret(const std::string& option, const std::string& file,
                               const std::string& prompt) {
  if (!file.empty()) return ReadSecretFile(file);
  const TerminalFile terminal = OpenTerminal();
  if (!AtTerminal() || !terminal) {
    return InvalidArgument(option, "needed, because there is no terminal to ask at");
  }
  const NoEcho no_echo(fileno(terminal.get()));
  if (!no_echo.done()) return InvalidArgument(option, "the terminal cannot hide what is typed");
  std::fprintf(terminal.get(), "%s: ", prompt.c_str());
  std::fflush(terminal.get());
  std::string secret = ReadTyped(terminal.get());
  std::fputc('\n', terminal.get());
  if (secret.empty()) return InvalidArgument(option, "nothing was typed");
  return secret;
}

Result<std::string> ReadNewPassword(const std::string& file) {
  constexpr const char* kOption = "--new-password-file";
  LIMS_ASSIGN_OR_RETURN(std::string password, ReadSecret(kOption, file, "New password"));
  if (!file.empty()) return password;
  LIMS_ASSIGN_OR_RETURN(const std::string again, ReadSecret(kOption, "", "New password again"));
  if (again != password) return InvalidArgument("new_password", "the two entries differ");
  return password;
}

bool AskYes(const std::string& question) {
  if (!AtTerminal()) return false;
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y";
}

Result<std::string> MakeCodeFile(const std::string& file) {
  constexpr std::size_t kCodeBytes = 12;  // 24 digits, 96 bits
  const Result<std::string> existing = ReadFile(file);
  if (existing && !existing->empty()) {
    return InvalidArgument("--code-file", file + " has content already");
  }
  std::string code = HexEncode(RandomBytes(kCodeBytes));
  LIMS_RETURN_IF_ERROR(WriteFileDurably(file, code + "\n"));
  return code;
}

}  // namespace lims::client
