// lims_bench: durable submits beside two yardsticks in the same run, reads, verification, start.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <absl/synchronization/mutex.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "app/verify.h"
#include "bare_sqlite.h"
#include "base/random.h"
#include "base/tls_policy.h"
#include "bench_site.h"
#include "core/call.h"
#include "core/channel.h"
#include "core/client.h"
#include "echo_server.h"
#include "lims/v1/audit_service.grpc.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "load.h"
#include "now.h"
#include "plate.h"
#include "report.h"
#include "storage/db.h"
#include "storage/ledger.h"
#include "storage/log.h"
#include "streams.h"
#include "support/process.h"
#include "support/site_fixture.h"
#include "tlog/event_bytes.h"
#include "tlog/record.h"

namespace lims::bench {
namespace {

struct Options {
  std::string json;
  std::string only;      // one section; empty for all
  double seconds = 1.0;  // of one measurement
  int rounds = 3;        // interleaved; the median counts
  int log_events = 1'000'000;
};

const std::string kServer = LIMS_BINARY_DIR "/bin/lims-server";
const std::string kBench = LIMS_BINARY_DIR "/bin/lims_bench";
const std::string kShim = LIMS_BINARY_DIR "/tests/liblims_slow_flush.so";

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

[[noreturn]] void GiveUp(const std::string& why) {
  std::cerr << "bench: " << why << "\n";
  std::exit(1);
}

template <typename T>
T Must(Result<T> result) {
  if (!result) GiveUp(result.error().message);
  return *std::move(result);
}

// The command on a disk whose every flush takes so much longer.
std::vector<std::string> Slowed(int flush_ms, std::vector<std::string> command) {
  if (flush_ms > 0) {
    command.insert(command.begin(), {"/usr/bin/env", "LD_PRELOAD=" + kShim,
                                     "LIMS_FLUSH_MS=" + std::to_string(flush_ms)});
  }
  return command;
}

// The rest of the line with `text`.
std::string WaitFor(Process& process, const std::string& text) {
  const auto rest = process.WaitForLine(text, std::chrono::minutes(1));
  if (!rest) GiveUp("no '" + text + "' in:\n" + process.output());
  return *rest;
}

// Where a process serves that prints its port.
std::string AddressOf(Process& process) {
  const std::string port = WaitFor(process, "on port ");
  return "127.0.0.1:" + port.substr(0, port.find(','));
}

std::vector<std::string> Serve(const std::string& site) {
  return {kServer, "serve", "--site", site, "--listen", "127.0.0.1:0"};
}

void Stop(Process& process) {
  if (process.Terminate(std::chrono::minutes(1)) != 0) GiveUp(process.output());
}

// A served site and who is logged in.
class Served {
 public:
  Served(const std::string& site, int flush_ms) : process_(Slowed(flush_ms, Serve(site))) {
    identity_ = Must(client::Site(site).ReadIdentity());
    identity_.server = AddressOf(process_);
    channel_ = client::OpenChannel(identity_);
    v1::LogInRequest log_in;
    log_in.set_user_id("tech1");
    log_in.set_password(app::kPassword);
    session_ = Must(client::Call<v1::LogInResponse>(channel_, "", log_in)).session();
  }
  ~Served() { Stop(process_); }

  Process& process() { return process_; }
  const client::TerminalIdentity& identity() const { return identity_; }
  const std::string& session() const { return session_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  Process process_;
  client::TerminalIdentity identity_;
  std::shared_ptr<grpc::Channel> channel_;
  std::string session_;
};

// Hands out (lot, panel) pairs that no terminal used before.
class Work {
 public:
  explicit Work(int lots) : lots_(lots) {}
  // Terminals on lots of their own, or all on one lot until it is full.
  std::function<v1::SubmitResultRequest(int)> Next(int terminals, bool one_lot) {
    if (one_lot) {
      const int first = next_lot_.fetch_add(1) * kPanels;
      next_panel_ = first;
      return [this](int) {
        // The next lot is taken when this one is full.
        const int panel = next_panel_.fetch_add(1);
        if (panel % kPanels == kPanels - 1) next_lot_.fetch_add(1);
        return Checked(panel / kPanels, panel % kPanels);
      };
    }
    positions_.assign(static_cast<std::size_t>(terminals), {0, kPanels});
    return [this](int terminal) {
      auto& [lot, panel] = positions_[static_cast<std::size_t>(terminal)];
      if (panel == kPanels) {
        lot = next_lot_.fetch_add(1);
        panel = 0;
      }
      return Checked(lot, panel++);
    };
  }

 private:
  v1::SubmitResultRequest Checked(int lot, int panel) const {
    if (lot >= lots_) GiveUp("the prepared lots are used up");
    return ValueFor(lot, panel);
  }
  int lots_;
  std::atomic<int> next_lot_{0};
  std::atomic<int> next_panel_{0};
  std::vector<std::pair<int, int>> positions_;
};

struct Measured {
  std::vector<double> rate, p50, p99;
  void Add(const LoadResult& load) {
    rate.push_back(load.Rate());
    p50.push_back(load.Percentile(0.5));
    p99.push_back(load.Percentile(0.99));
  }
};

std::vector<double> Ratios(const std::vector<double>& above, const std::vector<double>& below) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < above.size() && i < below.size(); ++i) {
    ratios.push_back(above[i] / below[i]);
  }
  return ratios;
}

// Bare SQLite writes what is submitted between its making and Rate().
class BareSqlite {
 public:
  explicit BareSqlite(const std::string& site) : site_(site), file_(site + "/bare.db") {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_ + suffix);
    const auto source =
        Must(storage::Connection::Open(site + "/server/lims.db", storage::OpenMode::kSnapshot));
    if (const auto copied = source->CopyTo(file_); !copied) GiveUp(copied.error().message);
  }

  // `together` acts in a transaction.
  double Rate(double seconds, int flush_ms, int together = 1) {
    Process process(Slowed(flush_ms, {kBench, "sqlite", site_, file_, std::to_string(seconds),
                                      std::to_string(together)}));
    double rate = 0;
    std::istringstream(WaitFor(process, "acts a second ")) >> rate;
    process.Wait(std::chrono::minutes(1));
    return rate;
  }

 private:
  std::string site_;
  std::string file_;
};

double ThreadCpuSeconds() {
  timespec used{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) GiveUp("no clock of the thread's CPU");
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

// CPU seconds that an act pays for the log: canonical bytes, hashes, nodes and rows of its events,
// appended in batches as the writer does it. The acts are the newest submits of the site, recorded
// once more in a copy of its database; rules, records, COMMIT and network are not counted.
double AppendCpu(const std::string& site) {
  constexpr int kEvents = 4000;
  constexpr std::size_t kTogether = 16;  // acts of a batch
  const std::string file = site + "/append.db";
  const auto source =
      Must(storage::Connection::Open(site + "/server/lims.db", storage::OpenMode::kSnapshot));
  if (const auto copied = source->CopyTo(file); !copied) GiveUp(copied.error().message);
  const auto db = Must(storage::Connection::Open(file, storage::OpenMode::kWriter));
  const std::int64_t size = Must(storage::LogSize(*db));
  std::vector<std::vector<v1::Event>> acts;
  for (const auto& entry : Must(storage::Entries(*db, size - kEvents, kEvents))) {
    v1::Event event;
    if (!tlog::ParseCanonicalJson(entry.bytes, &event)) GiveUp("an event cannot be read");
    if (event.act() != v1::ACT_SUBMIT_RESULT) continue;
    if (acts.empty() || acts.back()[0].act_index() != event.act_index()) acts.emplace_back();
    acts.back().push_back(std::move(event));
  }
  if (acts.empty()) GiveUp("the site has no submits to append again");
  const auto ledger =
      Must(storage::Ledger::Open(*db, {"Asia/Shanghai", 480, NewUuid(), "bench"}, SystemClock()));
  const auto must = [](const Result<void>& done) {
    if (!done) GiveUp(done.error().message);
  };
  double cpu = 0;
  for (std::size_t next = 0; next < acts.size();) {
    must(db->Execute("BEGIN IMMEDIATE"));
    std::vector<storage::RecordedAct> staged;  // holds the events until they are appended
    for (; next < acts.size() && staged.size() < kTogether; ++next) {
      const v1::Event& event = acts[next][0];
      auto act = ledger->Begin({event.actor(), event.terminal(), event.terminal_sha256(),
                                event.act(), event.reason(), NewUuid(), event.fingerprint()});
      for (const v1::Event& each : acts[next]) {
        for (const v1::Record& record : each.records()) act.Put(tlog::MessageOf(record));
      }
      staged.push_back(Must(ledger->Apply(std::move(act))));
    }
    const double before = ThreadCpuSeconds();
    must(ledger->AppendStaged());
    cpu += ThreadCpuSeconds() - before;
    ledger->MarkProven();
    must(db->Execute("COMMIT"));
  }
  return cpu / static_cast<double>(acts.size());
}

void Submits(const Options& options, const std::string& folder, int flush_ms, Report& report) {
  const std::string site = folder + "/submit" + std::to_string(flush_ms);
  const int lots = 220 + static_cast<int>(options.seconds * options.rounds * 450);
  FillSite(site, {.lots = lots});
  Work work(lots);
  Served served(site, flush_ms);
  // The echo answers what the server answers.
  {
    v1::SubmitResultRequest first = work.Next(1, false)(0);
    first.set_request_id(NewUuid());
    const auto response =
        Must(client::Call<v1::SubmitResultResponse>(served.channel(), served.session(), first));
    std::ofstream(site + "/response.bin", std::ios::binary) << response.SerializeAsString();
  }
  Process echo(Slowed(flush_ms, {kBench, "echo", site, site + "/response.bin"}));
  client::TerminalIdentity echo_identity = served.identity();
  echo_identity.server = AddressOf(echo);

  report.Section(fmt::format("durable submit, every flush +{} ms, {} rounds of {:.1f} s", flush_ms,
                             options.rounds, options.seconds));
  struct Case {
    const char* name;
    int terminals;
    bool one_lot;
  };
  for (const Case& each : {Case{"@1", 1, false}, Case{"@8", 8, false}, Case{"@64", 64, false},
                           Case{"@64 one lot", 64, true}}) {
    Terminals submitters(served.identity(), served.session(), each.terminals);
    Terminals echoers(echo_identity, served.session(), each.terminals);
    Measured submit;
    Measured echoed;
    std::vector<double> bare;
    double cpu = 0;
    double submits = 0;
    for (int round = 0; round < options.rounds; ++round) {
      BareSqlite bare_sqlite(site);
      const double cpu_before = served.process().CpuSeconds();
      const LoadResult load =
          submitters.Run(options.seconds, work.Next(each.terminals, each.one_lot));
      cpu += served.process().CpuSeconds() - cpu_before;
      submits += static_cast<double>(load.latencies_us.size());
      if (load.refused > 0) {
        GiveUp(fmt::format("{} refused: {}", load.refused, load.first_refusal));
      }
      submit.Add(load);
      bare.push_back(bare_sqlite.Rate(options.seconds, flush_ms));
      echoed.Add(echoers.Run(options.seconds, [](int) { return ValueFor(0, 0); }));
    }
    const std::string plus = flush_ms == 0 ? "" : fmt::format(" +{} ms", flush_ms);
    const std::string name = std::string("submit") + each.name + plus;
    report.Add(name, Median(submit.rate), "/s");
    report.Add(name + " p50", Median(submit.p50) / 1000, "ms");
    report.Add(name + " p99", Median(submit.p99) / 1000, "ms");
    report.Add(name + " server CPU a submit", cpu / submits * 1e6, "us");
    report.Add("bare SQLite" + plus, Median(bare), "/s");
    report.Add(std::string("echo") + each.name + plus, Median(echoed.rate), "/s");
    report.Add(std::string("echo") + each.name + plus + " p99", Median(echoed.p99) / 1000, "ms");
    const bool main_case = std::strcmp(each.name, "@64") == 0;
    if (main_case && flush_ms == 0) {
      report.Add(name + " append / server CPU", AppendCpu(site) / (cpu / submits) * 100, "%");
    }
    report.Add(name + " / bare SQLite", Median(Ratios(submit.rate, bare)), "x",
               !main_case      ? ""
               : flush_ms == 0 ? "floor 1.4, stretch 2.5"
                               : "floor 18, stretch 35");
    report.Add(name + " / echo", Median(Ratios(submit.rate, echoed.rate)), "x",
               main_case && flush_ms == 0 ? "floor 0.4, stretch 0.75" : "");
    report.Add(name + " p99 / echo p99", Median(Ratios(submit.p99, echoed.p99)), "x",
               main_case && flush_ms == 0 ? "at most 2.5, stretch 1.5" : "");
  }
}

void Streams(const Options& options, const std::string& folder, Report& report) {
  constexpr int kWatchers = 8;
  constexpr int kTogether = 100;
  const std::string site = folder + "/streams";
  const int lots = 10 + static_cast<int>(options.seconds * (options.rounds + 3) * 450);
  FillSite(site, {.lots = lots});
  Work work(lots);
  Served served(site, 0);
  report.Section("streams");
  const auto of_one_lot = work.Next(1, true);
  const auto watched = [&] {
    std::vector<v1::SubmitResultRequest> requests;
    for (int panel = 0; panel < kPanels; ++panel) requests.push_back(of_one_lot(0));
    return requests;
  };
  const auto add = [&](const std::string& name, const std::vector<double>& took) {
    report.Add(name + ", median", took[took.size() / 2], "ms");
    report.Add(name + ", p99", took[took.size() * 99 / 100], "ms", "under 50");
  };
  add(fmt::format("a value until {} watchers have the new blockers", kWatchers),
      WatchLatencies(served.identity(), served.session(), kWatchers, watched()));
  {
    const auto requests = watched();
    Terminals others(served.identity(), served.session(), 8);
    std::thread load([&] { others.Run(3 * options.seconds, work.Next(8, false)); });
    add("the same beside 8 busy terminals",
        WatchLatencies(served.identity(), served.session(), kWatchers, requests));
    load.join();
  }
  std::vector<double> streamed;
  std::vector<double> bare;
  for (int round = 0; round < options.rounds; ++round) {
    BareSqlite bare_sqlite(site);
    const auto next = work.Next(1, false);
    streamed.push_back(StreamedRate(served.identity(), served.session(), options.seconds, kTogether,
                                    [&] { return next(0); }));
    bare.push_back(bare_sqlite.Rate(options.seconds, 0, kTogether));
  }
  report.Add(fmt::format("streaming submit, {} items a message", kTogether), Median(streamed),
             "/s");
  report.Add(fmt::format("bare SQLite, {} acts a transaction", kTogether), Median(bare), "/s");
  report.Add("streaming submit / bare SQLite", Median(Ratios(streamed, bare)), "x",
             "floor 0.4, stretch 0.75");
}

// 512 terminals: the group commit makes a slow disk cost little.
void Crowd(const Options& options, const std::string& folder, Report& report) {
  constexpr int kTerminals = 512;
  const int lots = kTerminals + static_cast<int>(options.seconds * options.rounds * 450);
  const auto site_of = [&](int flush_ms) { return folder + "/crowd" + std::to_string(flush_ms); };
  struct Side {
    Side(const std::string& site, int flush_ms, int lots)
        : served(site, flush_ms),
          work(lots),
          terminals(served.identity(), served.session(), kTerminals) {}
    Served served;
    Work work;
    Terminals terminals;
    Measured measured;
  };
  std::vector<std::unique_ptr<Side>> sides;
  for (const int flush_ms : {0, 8}) {
    FillSite(site_of(flush_ms), {.lots = lots});
    sides.push_back(std::make_unique<Side>(site_of(flush_ms), flush_ms, lots));
  }
  report.Section(fmt::format("{} terminals, {} rounds of {:.1f} s", kTerminals, options.rounds,
                             options.seconds));
  for (int round = 0; round < options.rounds; ++round) {
    for (const auto& side : sides) {
      const LoadResult load =
          side->terminals.Run(options.seconds, side->work.Next(kTerminals, false));
      if (load.refused > 0) GiveUp(load.first_refusal);
      side->measured.Add(load);
    }
  }
  const Measured& fast = sides[0]->measured;
  const Measured& slow = sides[1]->measured;
  report.Add(fmt::format("submit@{}", kTerminals), Median(fast.rate), "/s");
  report.Add(fmt::format("submit@{} p99", kTerminals), Median(fast.p99) / 1000, "ms");
  report.Add(fmt::format("submit@{} +8 ms", kTerminals), Median(slow.rate), "/s");
  report.Add(fmt::format("submit@{} +8 ms p99", kTerminals), Median(slow.p99) / 1000, "ms");
  report.Add(fmt::format("submit@{} +8 ms / without", kTerminals),
             Median(Ratios(slow.rate, fast.rate)), "x", "floor 0.85");
}

// Wall time of `action`, the median of `times`, in milliseconds.
template <typename F>
double Milliseconds(int times, F action) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const double start = NowSeconds();
    action();
    took.push_back((NowSeconds() - start) * 1000);
  }
  return Median(took);
}

void Reads(const std::string& folder, Report& report) {
  constexpr int kEvents = 5000;
  constexpr int kAttempts = 300;
  const std::string site = folder + "/reads";
  FillSite(site, {.lots = 1, .history_events = kEvents, .attempts = kAttempts});
  Served served(site, 0);
  report.Section("reads");
  std::ofstream(site + "/client/server") << served.identity().server << "\n";
  auto auditor = Must(client::Client::Open({site, "auditor1", ""}));
  Must(auditor.LogIn(app::kPassword));

  v1::ListEventsRequest list;
  list.set_stream("lot/HISTORY");
  list.set_page_size(1000);
  std::size_t events = 0;
  const double pages = Milliseconds(5, [&] {
    events = 0;
    list.clear_page_token();
    do {
      const auto page = Must(auditor.Read<v1::ListEventsResponse>(list));
      events += static_cast<std::size_t>(page.entries_size());
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
  });
  report.Add(fmt::format("history of {} events, as pages", events), pages, "ms");

  std::size_t bundle_bytes = 0;
  const double served_bundle = Milliseconds(5, [&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    context.AddMetadata("authorization", Must(auditor.site().ReadSession("auditor1")).value());
    v1::ExportLotRequest request;
    request.set_request_id(NewUuid());
    request.set_lot_id("HISTORY");
    const auto stub = v1::AuditService::NewStub(served.channel());
    const auto reader = stub->ExportLot(&context, request);
    v1::ExportLotResponse message;
    bundle_bytes = 0;
    while (reader->Read(&message)) bundle_bytes += message.ByteSizeLong();
    if (const auto status = reader->Finish(); !status.ok()) GiveUp(status.error_message());
  });
  report.Add(fmt::format("history of {} events with proofs ({} MB)", kEvents, bundle_bytes >> 20),
             served_bundle, "ms", "under 200");
  int round = 0;
  const double exported = Milliseconds(5, [&] {
    v1::ExportLotRequest request;
    request.set_lot_id("HISTORY");
    Must(auditor.ExportLot(request, site + "/bundle" + std::to_string(round++)));
  });
  report.Add("the same, written as files of a bundle", exported, "ms");

  v1::GetBlockersRequest blockers;
  blockers.set_lot_id("ATTEMPTS");
  const double blocked = Milliseconds(31, [&] {
    Must(client::Call<v1::GetBlockersResponse>(served.channel(), served.session(), blockers));
  });
  report.Add(fmt::format("blockers of a lot with {} attempts", kAttempts), blocked, "ms",
             "under 5");
}

void Plates(const std::string& folder, Report& report) {
  constexpr int kPlates = 7;
  const std::string site = folder + "/plates";
  FillSite(site, {.plate_lots = kPlates * kPlateLots});
  Served served(site, 0);
  std::vector<double> took;
  std::size_t wells = 0;
  for (int plate = 0; plate < kPlates; ++plate) {
    v1::CreateRunRequest create = PlateRun(plate * kPlateLots);
    create.set_request_id(NewUuid());
    wells = static_cast<std::size_t>(create.positions_size());
    const auto run =
        Must(client::Call<v1::CreateRunResponse>(served.channel(), served.session(), create));
    v1::SubmitRunRequest submit = PlateData(create);
    submit.set_run_id(run.run().run_id());
    submit.set_request_id(NewUuid());
    took.push_back(Milliseconds(1, [&] {
      const auto judged =
          Must(client::Call<v1::SubmitRunResponse>(served.channel(), served.session(), submit));
      if (judged.results_size() != kPlateSamples ||
          judged.results(0).verdict() != v1::VERDICT_PASS) {
        GiveUp("the plate was not judged: " + judged.ShortDebugString().substr(0, 2000));
      }
    }));
  }
  report.Section("plates");
  report.Add(fmt::format("a plate of {} samples of {} lots, {} values: judged and durable",
                         kPlateSamples, kPlateLots, wells),
             Median(took), "ms", "under 100");
}

void Verification(const Options& options, const std::string& folder, Report& report) {
  constexpr int kHistory = 1000;
  const std::string site = folder + "/large";
  FillSite(site, {.lots = 1, .history_events = kHistory, .log_events = options.log_events});
  report.Section(fmt::format("a log of {} events", options.log_events));
  std::vector<double> starts;
  double rss = 0;
  for (int i = 0; i < 5; ++i) {
    const double start = NowSeconds();
    Process process(Serve(site));
    AddressOf(process);
    starts.push_back((NowSeconds() - start) * 1000);
    process.Wait(std::chrono::milliseconds(200));  // it settles
    rss = process.RssMib();
    Stop(process);
  }
  report.Add("start to serving", Median(starts), "ms", "under 150");
  report.Add("idle memory (RSS)", rss, "MiB", "under 40");
  app::VerifyOptions verify;
  verify.site_dir = site;
  const auto verified = Must(app::VerifySite(verify));
  if (!verified.findings.empty()) GiveUp(app::FormatReport(verified));
  report.Add(fmt::format("verify: hashes and root of {} events", verified.events),
             verified.hash_seconds, "s", "under 3 for a million");
  report.Add(fmt::format("verify: replay and comparison of {} rows", verified.rows),
             verified.replay_seconds, "s", "under 60 for a million");

  // Both read the same rows, in turn.
  auto db = Must(storage::Connection::Open(site + "/server/lims.db", storage::OpenMode::kReader));
  const auto number = Must(storage::StreamNumber(*db, "lot/HISTORY"));
  std::vector<double> ours;
  std::vector<double> bare;
  for (int round = 0; round < 31; ++round) {
    bare.push_back(Milliseconds(1, [&] {
      auto rows = db->Query("SELECT entry FROM log_event WHERE id BETWEEN ?1 AND ?2");
      rows.Bind(1, storage::EventId(*number, 0)).Bind(2, storage::EventId(*number + 1, 0) - 1);
      std::vector<std::string> entries;
      while (Must(rows.Step())) entries.emplace_back(rows.TextColumn(0));
    }));
    ours.push_back(Milliseconds(
        1, [&] { Must(storage::StreamEntries(*db, "lot/HISTORY", 0, storage::kWholeStream)); }));
  }
  report.Add(fmt::format("history of {} events", kHistory), Median(ours), "ms");
  report.Add("the same by a bare query", Median(bare), "ms");
  report.Add("rate of the history / bare query", Median(Ratios(bare, ours)), "x", "floor 0.5");
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App program{"Measures the server beside yardsticks in the same run."};
  program.add_option("--json", options.json, "also write the figures to this file");
  program.add_option("--only", options.only,
                     "one of: submit, slow, crowd, plates, streams, reads, verify");
  program.add_option("--seconds", options.seconds, "of one measurement");
  program.add_option("--rounds", options.rounds, "interleaved; the median counts");
  program.add_option("--events", options.log_events, "size of the log that is verified");
  program.add_flag_callback(
      "--large", [&] { options.log_events = 10'000'000; }, "verify a log of 10 million events");
  // The yardsticks are processes of their own, so that a slow disk can be preloaded into them.
  std::string site;
  std::string file;
  CLI::App* echo = program.add_subcommand("echo")->group("");
  echo->add_option("site", site);
  echo->add_option("response", file);
  CLI::App* sqlite = program.add_subcommand("sqlite")->group("");
  sqlite->add_option("site", site);
  sqlite->add_option("database", file);
  sqlite->add_option("seconds", options.seconds);
  int together = 1;
  sqlite->add_option("together", together);
  CLI11_PARSE(program, argc, argv);
  if (echo->parsed()) return ServeEcho(site, file);
  if (sqlite->parsed()) return RunBareSqlite(site, file, options.seconds, together);
  RequireTls13();
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const TemporaryFolder folder;
  Report report;
  const auto wanted = [&](const char* section) {
    return options.only.empty() || options.only == section;
  };
  if (wanted("submit")) Submits(options, folder.path(), 0, report);
  if (wanted("slow")) Submits(options, folder.path(), 8, report);
  if (wanted("crowd")) Crowd(options, folder.path(), report);
  if (wanted("plates")) Plates(folder.path(), report);
  if (wanted("streams")) Streams(options, folder.path(), report);
  if (wanted("reads")) Reads(folder.path(), report);
  if (wanted("verify")) Verification(options, folder.path(), report);
  if (!options.json.empty()) report.WriteJson(options.json);
  return 0;
}

}  // namespace
}  // namespace lims::bench

int main(int argc, char** argv) {
  return lims::bench::Main(argc, argv);
}
