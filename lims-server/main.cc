// lims-server: init · serve · verify · backup · restore · print-policy. The only file that knows
// every type.
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "app/backup.h"
#include "app/build.h"
#include "app/files.h"
#include "app/init_site.h"
#include "app/notices.h"
#include "app/scrub.h"
#include "app/site.h"
#include "app/upkeep.h"
#include "app/verify.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/tls_policy.h"
#include "domain/permission.h"
#include "rpc/server.h"

namespace lims {
namespace {

constexpr int kDone = 0;
constexpr int kUsage = 2;
constexpr int kRefused = 3;
constexpr int kUnavailable = 4;
constexpr int kVerificationFailed = 5;
// Open calls get this long to finish when the server is told to stop.
constexpr int kDrainSeconds = 5;

int Fail(const Error& error) {
  std::cerr << "lims-server: " << error.message << "\n";
  for (const Violation& violation : error.violations) {
    std::cerr << "  " << violation.field << ": " << violation.description << "\n";
  }
  switch (error.reason) {
    case ErrorReason::kInvalidArgument:
      return kUsage;
    case ErrorReason::kDataLoss:
    case ErrorReason::kVerificationFailed:
      return kVerificationFailed;
    case ErrorReason::kUnavailable:
      return kUnavailable;
    default:
      return kRefused;
  }
}

// "+08:00" in minutes.
Result<int> ParseOffset(const std::string& text) {
  const auto digit = [&](std::size_t at) {
    return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1;
  };
  const bool shaped = text.size() == 6 && (text[0] == '+' || text[0] == '-') && digit(1) >= 0 &&
                      digit(2) >= 0 && text[3] == ':' && digit(4) >= 0 && digit(4) <= 5 &&
                      digit(5) >= 0;
  if (!shaped) return InvalidArgument("--utc-offset", "must look like +08:00");
  const int minutes = (digit(1) * 10 + digit(2)) * 60 + digit(4) * 10 + digit(5);
  return text[0] == '-' ? -minutes : minutes;
}

struct InitArguments {
  app::InitOptions options;
  std::string utc_offset = "+00:00";
  std::vector<std::string> administrators;  // "user=Printed Name"
  std::string code_dir;
};

// Before there is a site, so that none exists whose codes nobody has. A folder that is there keeps
// its mode: it is the administrator's.
Result<void> PrepareCodeFolder(const std::string& path) {
  std::error_code code;
  if (!std::filesystem::is_directory(path, code)) {
    LIMS_RETURN_IF_ERROR(app::MakePrivateFolder(path));
  }
  const std::string probe = path + "/.probe";
  LIMS_RETURN_IF_ERROR(app::WriteFile(probe, HexEncode(RandomBytes(16)) + "\n"));
  std::filesystem::remove(probe, code);
  return {};
}

int Init(InitArguments arguments) {
  auto offset = ParseOffset(arguments.utc_offset);
  if (!offset) return Fail(offset.error());
  arguments.options.zone_offset_minutes = *offset;
  for (const std::string& administrator : arguments.administrators) {
    const std::size_t equals = administrator.find('=');
    if (equals == std::string::npos) {
      return Fail(InvalidArgument("--admin", "must look like admin1=Printed Name"));
    }
    arguments.options.administrators.push_back({administrator.substr(0, equals),
                                                administrator.substr(equals + 1),
                                                HexEncode(RandomBytes(16))});
  }
  if (const auto fits = app::CheckInit(arguments.options); !fits) return Fail(fits.error());
  if (const auto ready = PrepareCodeFolder(arguments.code_dir); !ready) return Fail(ready.error());
  if (auto made = app::InitSite(arguments.options, SystemClock()); !made) {
    return Fail(made.error());
  }
  for (const app::FirstAdministrator& administrator : arguments.options.administrators) {
    const std::string path = arguments.code_dir + "/" + administrator.user_id + ".code";
    if (auto written = app::WriteFile(path, administrator.one_time_code + "\n"); !written) {
      return Fail(written.error());
    }
    std::cout << "one-time code of " << administrator.user_id << " (24 hours): " << path << "\n";
  }
  auto vkey = app::ReadFile(arguments.options.site_dir + "/client/vkey");
  if (vkey) std::cout << "log key, for the auditor's records: " << *vkey;
  std::cout << "site made; start it with: lims-server serve --site " << arguments.options.site_dir
            << "\n";
  return kDone;
}

int Serve(const std::string& site_dir, std::string listen) {
  // Signals are taken by this thread alone, before any other starts.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file-size limit is a full disk, not a crash
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);  // keys live in memory

  auto site = app::Site::Open(site_dir, SystemClock());
  if (!site) return Fail(site.error());
  if (listen.empty()) {
    auto address = app::ReadFile((*site)->paths().client + "/server");
    if (!address) return Fail(address.error());
    listen = address->substr(0, address->find('\n'));
  }
  // Before anybody signs: the clock may have been set back while the server was stopped.
  app::Upkeep upkeep(**site);
  upkeep.Tick();
  auto server = rpc::Server::Start(**site, listen);
  if (!server) return Fail(server.error());
  spdlog::info("serving {} on port {}, build {}", (*site)->record().origin(), (*server)->port(),
               app::BuildName());
  const auto report_lost = [&site] {
    for (const std::string& line : (*site)->access_log().TakeLost()) {
      spdlog::error("not recorded in the log: {}", line);
    }
  };
  app::Scrub scrub(**site);
  for (;;) {
    const timespec wait{1, 0};
    const int signal_number = sigtimedwait(&signals, nullptr, &wait);
    if (signal_number > 0) break;
    upkeep.Tick();
    if (const auto found = scrub.Next(); !found) {
      spdlog::error("a part of the log was not read again: {}", found.error().message);
    } else {
      for (const tlog::Finding& finding : *found) {
        spdlog::error("the log is damaged, run lims-server verify: {}", tlog::FindingJson(finding));
      }
    }
    app::RecordNotices(**site);
    report_lost();
    (*server)->RefreshCertificates();
    if ((*site)->writer().failed()) {
      spdlog::error("a commit failed with unknown outcome: stopping, start again to recover");
      (*server)->Drain(1);
      report_lost();
      return kUnavailable;
    }
  }
  spdlog::info("stopping");
  (*server)->Drain(kDrainSeconds);
  (*site)->access_log().FlushAll();
  report_lost();
  return kDone;
}

// One JSON document.
int Show(const Result<app::VerifyReport>& report) {
  if (!report) return Fail(report.error());
  std::cout << app::FormatReport(*report) << "\n";
  return report->findings.empty() ? kDone : kVerificationFailed;
}

int Run(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("lims"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %l %v");
  RequireTls13();

  CLI::App program{"The laboratory's server: keeps the ledger of one site."};
  program.require_subcommand(1);
  program.set_version_flag("--version", std::string(app::BuildName()));
  std::string site_dir;

  InitArguments init;
  CLI::App* init_command = program.add_subcommand("init", "make a site: keys, CA, first accounts");
  init_command->add_option("--site", init.options.site_dir, "directory of the site")->required();
  init_command->add_option("--name", init.options.site_name, "name of the site, part of the log's")
      ->required();
  init_command->add_option("--listen", init.options.listen, "host:port of the server")->required();
  init_command->add_option("--server-name", init.options.server_names,
                           "further host names in the server's certificate");
  init_command->add_option("--zone", init.options.zone, "time zone, printed beside times")
      ->required();
  init_command->add_option("--utc-offset", init.utc_offset, "offset of the zone: +08:00")
      ->required();
  init_command->add_option("--admin", init.administrators, "user=Printed Name, twice")
      ->required()
      ->expected(2);
  init_command->add_option("--code-dir", init.code_dir, "where the one-time codes are written")
      ->required();

  std::string listen;
  CLI::App* serve_command = program.add_subcommand("serve", "serve a site until told to stop");
  serve_command->add_option("--site", site_dir, "directory of the site")->required();
  serve_command->add_option("--listen", listen, "another host:port than the site's");

  app::VerifyOptions verify;
  CLI::App* verify_command =
      program.add_subcommand("verify", "verify a site, also while it is served");
  verify_command->add_option("--site", verify.site_dir, "directory of the site")->required();
  verify_command->add_flag("--recompute", verify.recompute, "calculate every result again");
  verify_command->add_option("--checkpoint", verify.checkpoint_file,
                             "a checkpoint kept elsewhere: finds a log cut short or rolled back");

  app::BackupOptions backup;
  CLI::App* backup_command =
      program.add_subcommand("backup", "copy a site, also while it is served, and verify the copy");
  backup_command->add_option("--site", backup.site_dir, "directory of the site")->required();
  backup_command
      ->add_option("--out", backup.out_dir,
                   "new or empty directory; its keys/ holds every private key: keep that apart")
      ->required();

  app::RestoreOptions restore;
  CLI::App* restore_command =
      program.add_subcommand("restore", "verify a backup and make a site of it");
  restore_command->add_option("--from", restore.from_dir, "directory of the backup")->required();
  restore_command->add_option("--site", restore.site_dir, "new or empty directory")->required();
  restore_command->add_option("--checkpoint", restore.checkpoint_file,
                              "a checkpoint kept elsewhere: finds a backup that is too old");
  restore_command->add_option("--keys", restore.keys_dir,
                              "directory of the private keys, when not keys/ of the backup");

  CLI::App* policy_command = program.add_subcommand("print-policy", "print the permission table");

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);
    return code == 0 ? kDone : kUsage;
  }
  if (init_command->parsed()) return Init(std::move(init));
  if (serve_command->parsed()) return Serve(site_dir, listen);
  if (verify_command->parsed()) return Show(app::VerifySite(verify));
  if (backup_command->parsed()) return Show(app::BackUpSite(backup, SystemClock()));
  if (restore_command->parsed()) return Show(app::RestoreSite(restore, SystemClock()));
  if (policy_command->parsed()) std::cout << domain::PrintPolicy();
  return kDone;
}

}  // namespace
}  // namespace lims

int main(int argc, char** argv) {
  return lims::Run(argc, argv);
}
