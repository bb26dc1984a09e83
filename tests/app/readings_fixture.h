// A site with one bank product whose lots are tested for sterility by the model method.
#ifndef LIMS_TESTS_APP_READINGS_FIXTURE_H_
#define LIMS_TESTS_APP_READINGS_FIXTURE_H_

#include <algorithm>
#include <string>
#include <vector>

#include "app/work.h"
#include "support/model_files.h"
#include "support/refusal.h"
#include "support/site_fixture.h"

namespace lims::app {

class Readings : public ::testing::Test {
 protected:
  static constexpr TimeUs kHour = TimeUs{3600} * 1'000'000;
  static constexpr TimeUs kDay = 24 * kHour;
  using Names = std::vector<std::string>;

  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({ReadTextProto<v1::Method>(kSchemas / "methods" / "M-STER.textproto")});
    fixture.AddSpecification(FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-3" date: "2026-01-01" } }
      lines { number: "1" line_code: "STER" name_en: "Sterility" name_zh: "无菌" panel: "STER"
        method_id: "M-STER" result_kind: RESULT_KIND_OBSERVATION
        criteria { accepted_codes: "NO_GROWTH" }
        codes { code: "NO_GROWTH" text_en: "No growth" text_zh: "无菌生长" }
        codes { code: "GROWTH" text_en: "Growth" text_zh: "有菌生长" }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
        verdict_mode: VERDICT_MODE_JUDGED clause: "1101" source: "test" biosafety: true })"));
    fixture.AddLot("A", "MCB", "", "Q");
    start = fixture.now_us;
  }

  template <typename Request>
  static void AddSetup(Request* request, const std::string& name, const std::string& value) {
    v1::NamedValue& setup = *request->add_setup();
    setup.set_name(name);
    setup.set_value(value);
  }
  template <typename Request>
  static void AddBenchSetup(Request* request) {
    for (const char* name :
         {"media_growth_promotion_ok", "suitability_shown", "sample_amount_ok"}) {
      AddSetup(request, name, "yes");
    }
    AddSetup(request, "positive_control_cfu", "62");
    for (const char* medium : {"ftm", "tsb"}) {
      AddSetup(request, medium + std::string("_lot"), "M-1");
      AddSetup(request, medium + std::string("_expiry"), "2035-12");
    }
  }

  // One tube of each lot in each medium: FTM-1, TSB-1 of the first, FTM-2, TSB-2 of the second.
  v1::CreateRunRequest CreateRequest(const std::vector<std::string>& lots) {
    v1::CreateRunRequest request;
    request.set_method_id("M-STER");
    request.set_started_time(FormatUtc(fixture.now_us));
    AddSetup(&request, "inoculation_end", FormatUtc(fixture.now_us));
    AddBenchSetup(&request);
    const auto add = [&](const std::string& position, v1::PositionRole role,
                         const std::string& sample) {
      v1::RunPosition& place = *request.add_positions();
      place.set_position(position);
      place.set_target(position.substr(0, 3));
      place.set_role(role);
      place.set_sample_id(sample);
    };
    for (std::size_t i = 0; i < lots.size(); ++i) {
      for (const char* medium : {"FTM-", "TSB-"}) {
        add(medium + std::to_string(i + 1), v1::POSITION_ROLE_SAMPLE, lots[i] + "-S1");
      }
    }
    add("FTM-NEG", v1::POSITION_ROLE_NEGATIVE_CONTROL, "");
    add("TSB-NEG", v1::POSITION_ROLE_NEGATIVE_CONTROL, "");
    add("FTM-POS", v1::POSITION_ROLE_POSITIVE_CONTROL, "");
    return request;
  }

  Result<storage::RecordedAct> Create(const std::vector<std::string>& lots) {
    return fixture.Do("tech1", "RunService/CreateRun", &CreateRun, CreateRequest(lots));
  }

  // `start` is the end of inoculation.
  void Start(const std::vector<std::string>& lots = {"A"}) { Start(CreateRequest(lots)); }
  void Start(const v1::CreateRunRequest& request) {
    start = fixture.now_us;
    run_id = fixture.RunOf(fixture.Do("tech1", "RunService/CreateRun", &CreateRun, request));
    ASSERT_FALSE(run_id.empty());
  }
  // The end of inoculation is declared with the data.
  void StartUndeclared() {
    v1::CreateRunRequest request = CreateRequest({"A"});
    request.mutable_setup()->DeleteSubrange(0, 1);
    Start(request);
  }
  // Everything clear but the positive control, on day 2 and on the last day.
  void ReadToTheEnd() {
    fixture.now_us = start + 2 * kDay;
    fixture.Must(Observe("tech1", Entry("FTM-POS", "GROWTH")));
    fixture.now_us = start + 14 * kDay;
    fixture.Must(Observe("tech1", Clear()));
  }

  static std::string Entry(const std::string& position, const std::string& code) {
    return "entries { position: '" + position + "' value { value: '" + code + "' } } ";
  }
  static std::string Clear(const std::vector<std::string>& lots = {"A"}) {
    std::string entries;
    for (std::size_t i = 1; i <= lots.size(); ++i) {
      entries += Entry("FTM-" + std::to_string(i), "NO_GROWTH") +
                 Entry("TSB-" + std::to_string(i), "NO_GROWTH");
    }
    return entries + Entry("FTM-NEG", "NO_GROWTH") + Entry("TSB-NEG", "NO_GROWTH");
  }

  // Seen now unless another moment is given.
  Result<storage::RecordedAct> Observe(const std::string& user, const std::string& entries,
                                       TimeUs observed = 0, const std::string& late_reason = "") {
    const TimeUs time = observed == 0 ? fixture.now_us : observed;
    return fixture.DoText<v1::RecordReadingRequest>(
        user, "RunService/RecordReading", &RecordReading,
        "run_id: '" + run_id + "' observed_time: '" + FormatUtc(time) + "' late_reason: '" +
            late_reason + "' " + entries);
  }

  Result<storage::RecordedAct> ClearLate(const std::string& user, const std::string& reason,
                                         const std::string& numbers) {
    return fixture.DoText<v1::ClearLateReadingsRequest>(
        user, "RunService/ClearLateReadings", &ClearLateReadings,
        "run_id: '" + run_id + "' reason: '" + reason + "' " + numbers);
  }

  v1::SubmitRunRequest SubmitRequest() {
    v1::SubmitRunRequest request;
    request.set_run_id(run_id);
    request.set_request_id(NewUuid());
    for (const char* name :
         {"temperatures_in_range", "environmental_monitoring_ok", "procedure_review_ok"}) {
      AddSetup(&request, name, "yes");
    }
    return request;
  }
  Result<storage::RecordedAct> Submit() {
    return fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, SubmitRequest());
  }

  template <typename Read>
  auto Reading(Read read) {
    return fixture.site().store().Read(read);
  }
  v1::GetRunResponse Get() { return fixture.ShowRun(run_id); }
  v1::Result ResultOf(const std::string& lot) {
    const auto found = Reading([&](storage::Records& records) {
      return records.Get<v1::Result>({lot, "STER", std::int64_t{1}});
    });
    EXPECT_TRUE(found);
    return found ? found->record : v1::Result();
  }
  int Holds(const std::string& lot) {
    const auto holds =
        Reading([&](storage::Records& records) { return records.List<v1::Hold>({lot}); });
    EXPECT_TRUE(holds);
    return holds ? static_cast<int>(holds->size()) : -1;
  }
  bool Blocked(const std::string& lot, v1::BlockerKind kind) {
    return fixture.IsBlocked(lot, kind);
  }
  v1::ListWorkResponse DueWork(const std::string& text = "") {
    const auto found = Reading([&](storage::Records& records) {
      return ListWork(fixture.site(), records, FromText<v1::ListWorkRequest>(text));
    });
    EXPECT_TRUE(found);
    return found ? *found : v1::ListWorkResponse();
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  TimeUs start = 0;
  std::string run_id;
};

}  // namespace lims::app

#endif  // LIMS_TESTS_APP_READINGS_FIXTURE_H_
