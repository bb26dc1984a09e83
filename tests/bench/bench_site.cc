#include "bench_site.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

#include "app/site_fixture.h"

namespace lims::bench {
namespace {

using app::SiteFixture;

std::string PanelName(int panel) {
  return fmt::format("P{:02}", panel);
}

void ApproveCatalogue(SiteFixture& site) {
  std::string methods;
  std::string lines;
  for (int panel = 0; panel < kPanels; ++panel) {
    const std::string name = PanelName(panel);
    SiteFixture::Must(site.DoText<v1::ImportMethodRequest>("md1", "CatalogueService/ImportMethod",
                                                           &app::ImportMethod,
                                                           fmt::format(R"(method {{
          method_id: "M-{0}" version: 1 name_en: "{0}" name_zh: "{0}" panel: "{0}"
          assay: "generic_value" validation_state: VALIDATION_STATE_CONFIRMED
          outputs {{ line_code: "{0}" input: "{0}" input_unit: "[pH]" replicates_min: 1
                    replicates_max: 1 combination: COMBINATION_MEAN }}
          repeat_invalid_budget: 1 clause: "in-house" source: "bench"
          effective_date: "2026-01-02" paper_approval {{ document: "Q" date: "2026-01-01" }} }})",
                                                                       name)));
    SiteFixture::Must(site.DoText<v1::SubmitMethodRequest>(
        "md1", "CatalogueService/SubmitMethod", &app::SubmitMethod,
        fmt::format(R"(method_id: "M-{}" version: 1)", name)));
    methods += fmt::format(R"(methods {{ method_id: "M-{}" version: 1 }} )", name);
    lines += fmt::format(R"(lines {{ line_code: "{0}" number: "{1}" name_en: "{0}" name_zh: "{0}"
          panel: "{0}" method_id: "M-{0}" result_kind: RESULT_KIND_DECIMAL
          criteria {{ lower {{ operator: OPERATOR_INCLUSIVE value: "6.8" }}
                     upper {{ operator: OPERATOR_INCLUSIVE value: "7.6" }} }}
          unit: "[pH]" decimals: 1 rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED
          plausible_min: "4.0" plausible_max: "10.0"
          gates {{ gate: GATE_BANK lot_kinds: LOT_KIND_MCB }}
          verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "bench" }} )",
                         name, panel + 1);
  }
  SiteFixture::Must(site.SignIntent("qa1", "approve_method { " + methods + "}"));
  SiteFixture::Must(site.DoText<v1::ImportSpecificationRequest>(
      "md1", "CatalogueService/ImportSpecification", &app::ImportSpecification,
      R"(text { product { product_id: "BENCH" name_en: "Bench" name_zh: "Bench" }
        specification { product_id: "BENCH" revision: 1 title_en: "B" title_zh: "B" basis: "bench"
          effective_date: "2026-01-02" paper_approval { document: "Q" date: "2026-01-01" } } )" +
          lines + "}"));
  SiteFixture::Must(site.DoText<v1::SubmitSpecificationRequest>(
      "md1", "CatalogueService/SubmitSpecification", &app::SubmitSpecification,
      R"(product_id: "BENCH" revision: 1)"));
  SiteFixture::Must(
      site.SignIntent("qa1", R"(approve_specification { product_id: "BENCH" revision: 1 })"));
}

void AddLot(SiteFixture& site, const std::string& lot) {
  const std::string dates = "manufacture_time: '2026-02-01T08:00:00+08:00'";
  SiteFixture::Must(site.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &app::RegisterLot,
      "lot_id: '" + lot + "' kind: LOT_KIND_MCB product_id: 'BENCH' expiry: '2029-02' " + dates));
  SiteFixture::Must(site.DoText<v1::ConfirmLotRequest>(
      "sup1", "LotService/ConfirmLot", &app::ConfirmLot, "lot_id: '" + lot + "' " + dates));
  site.AddSample(lot, lot + "-S1");
}

std::string PlannedSample(const std::string& lot, int number, const std::string& purpose) {
  return fmt::format(
      "sample_id: '{0}-N{1}' lot_id: '{0}' purpose: {2} sampling_point: 'DP' container: '{1}' "
      "amount {{ value: '1.0' unit: 'mL' }}",
      lot, number, purpose);
}

// Plans samples with many requests in flight, as many terminals would.
class Filler {
 public:
  explicit Filler(SiteFixture& site) : site_(site) {}
  ~Filler() { WaitUntil(0); }

  void Plan(const std::string& lot, int number) {
    WaitUntil(2000);
    v1::PlanSampleRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        PlannedSample(lot, number, "PURPOSE_STABILITY"), &request));
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

v1::SubmitResultRequest ValueFor(int lot, int panel) {
  v1::SubmitResultRequest request;
  request.set_lot_id(LotName(lot));
  request.set_panel(PanelName(panel));
  v1::TypedEntry* entry = request.add_entries();
  entry->set_input(PanelName(panel));
  entry->set_replicate(1);
  entry->mutable_value()->set_value("7.2");
  entry->mutable_value()->set_unit("[pH]");
  return request;
}

void FillSite(const std::string& folder, const SiteSize& size) {
  SiteFixture site(folder);
  site.Prepare();
  ApproveCatalogue(site);
  for (int lot = 0; lot < size.lots; ++lot) AddLot(site, LotName(lot));
  if (size.attempts > 0) {
    AddLot(site, "ATTEMPTS");
    SiteFixture::Must(
        site.DoText<v1::PlanSampleRequest>("tech2", "LotService/PlanSample", &app::PlanSample,
                                           PlannedSample("ATTEMPTS", 2, "PURPOSE_STABILITY")));
    SiteFixture::Must(site.DoText<v1::TakeSampleRequest>(
        "tech2", "LotService/TakeSample", &app::TakeSample,
        "sample_id: 'ATTEMPTS-N2' taken_time: '2026-02-02T08:00:00+08:00'"));
    SiteFixture::Must(site.DoText<v1::ReceiveSampleRequest>(
        "sup1", "LotService/ReceiveSample", &app::ReceiveSample,
        "sample_id: 'ATTEMPTS-N2' condition: 'frozen, seal intact'"));
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
