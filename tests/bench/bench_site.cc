#include "bench_site.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "support/model_files.h"
#include "support/site_fixture.h"

namespace lims::bench {
namespace {

using app::SiteFixture;

std::string PanelName(int panel) {
  return fmt::format("P{:02}", panel);
}

void ApproveCatalogue(SiteFixture& site) {
  auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "BENCH" name_en: "Bench" name_zh: "Bench" }
      specification { product_id: "BENCH" revision: 1 title_en: "B" title_zh: "B" basis: "bench"
        effective_date: "2026-01-02" paper_approval { document: "Q" date: "2026-01-01" } })");
  std::vector<v1::Method> methods;
  for (int panel = 0; panel < kPanels; ++panel) {
    methods.push_back(app::PhMethod(PanelName(panel)));
    *text.add_lines() = app::PhLine(
        PanelName(panel),
        fmt::format("number: '{}' gates {{ gate: GATE_BANK lot_kinds: LOT_KIND_MCB }}", panel + 1));
  }
  site.AddMethods(methods);
  site.AddSpecification(text);
}

// The hTERT line of the model specification alone.
void ApprovePlateCatalogue(SiteFixture& site) {
  auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "PLATE" name_en: "Plate" name_zh: "Plate" }
      specification { product_id: "PLATE" revision: 1 title_en: "B" title_zh: "B" basis: "bench"
        effective_date: "2026-01-02" paper_approval { document: "Q" date: "2026-01-01" } })");
  const v1::SpecificationText model = ReadModelSpecification();
  for (const v1::SpecificationLine& line : model.lines()) {
    if (line.line_code() != "TERT") continue;
    *text.add_lines() = line;
    text.mutable_lines(0)->clear_hold_reviews();  // of lines that are not here
  }
  site.AddMethods({ReadTextProto<v1::Method>(kSchemas / "methods" / "M-TERT.textproto")});
  site.AddSpecification(text);
}

void AddLot(SiteFixture& site, const std::string& lot) {
  site.AddLot(lot, "MCB", "", "BENCH");
}

// Plans samples with many requests in flight, as many terminals would.
class Filler {
 public:
  explicit Filler(SiteFixture& site) : site_(site) {}
  ~Filler() { WaitUntil(0); }

  void Plan(const std::string& lot, int number) {
    WaitUntil(2000);
    auto request = FromText<v1::PlanSampleRequest>(fmt::format(
        "sample_id: '{0}-N{1}' lot_id: '{0}' purpose: PURPOSE_STABILITY sampling_point: 'DP' "
        "container: '{1}' amount {{ value: '1.0' unit: 'mL' }}",
        lot, number));
    request.set_request_id(NewUuid());
    const app::Call call = site_.As("tech2", "LotService/PlanSample");
    auto plan = app::PlanSample(site_.site(), call, request);
    auto fingerprint = app::Fingerprint(call.method, request);
    ASSERT_TRUE(plan && fingerprint);
    {
      const std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    site_.site().Submit(call, request.request_id(), *fingerprint, *std::move(plan),
                        [this](const Result<storage::RecordedAct>& act) {
                          EXPECT_TRUE(act) << act.error().message;
                          const std::lock_guard lock(mutex_);
                          --in_flight_;
                          done_.notify_one();
                        });
  }

 private:
  void WaitUntil(int in_flight) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return in_flight_ <= in_flight; });
  }

  SiteFixture& site_;
  std::mutex mutex_;
  std::condition_variable done_;
  int in_flight_ = 0;
};

}  // namespace

std::string LotName(int lot) {
  return fmt::format("L{:05}", lot);
}

std::string PlateLotName(int lot) {
  return fmt::format("T{:03}", lot);
}

v1::SubmitResultRequest ValueFor(int lot, int panel) {
  return app::PhValue(LotName(lot), "7.2", PanelName(panel));
}

void FillSite(const std::string& folder, const SiteSize& size) {
  SiteFixture site(folder);
  site.Prepare();
  ApproveCatalogue(site);
  for (int lot = 0; lot < size.lots; ++lot) AddLot(site, LotName(lot));
  if (size.plate_lots > 0) ApprovePlateCatalogue(site);
  for (int lot = 0; lot < size.plate_lots; ++lot) {
    const std::string name = PlateLotName(lot);
    site.AddLot(name, "MCB", "", "PLATE");
    // Beside the one for release.
    site.AddSample(name, name + "-S2", "STABILITY");
    site.AddSample(name, name + "-S3", "INVESTIGATION");
    site.AddSample(name, name + "-S4", "VALIDATION");
  }
  if (size.attempts > 0) {
    AddLot(site, "ATTEMPTS");
    site.AddSample("ATTEMPTS", "ATTEMPTS-N2", "STABILITY");
  }
  for (int i = 0; i < size.attempts; ++i) {
    v1::SubmitResultRequest request = ValueFor(0, i % kPanels);
    request.set_lot_id("ATTEMPTS");
    request.set_sample_id(i < kPanels ? "ATTEMPTS-S1" : "ATTEMPTS-N2");
    SiteFixture::Must(site.Do("tech1", "RunService/SubmitResult", &app::SubmitResult, request));
  }
  Filler filler(site);
  if (size.history_events > 0) AddLot(site, "HISTORY");
  for (int i = 2; i < size.history_events; ++i) filler.Plan("HISTORY", i);
  for (int i = 0, lot = 0; i < size.log_events; ++i) {
    if (i % 1000 == 0) AddLot(site, fmt::format("FILL{:04}", ++lot));
    filler.Plan(fmt::format("FILL{:04}", lot), i + 2);
  }
}

}  // namespace lims::bench
