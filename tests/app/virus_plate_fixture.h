// A site whose product lots and banks are tested for two viruses by PCR.
#ifndef LIMS_TESTS_APP_VIRUS_PLATE_FIXTURE_H_
#define LIMS_TESTS_APP_VIRUS_PLATE_FIXTURE_H_

#include <string>
#include <vector>

#include "support/site_fixture.h"

namespace lims::app {

// A plate as it is planned and as its file says: clear unless a test changes a Cq.
class VirusPlate {
 public:
  void AddControls() {
    for (const char* target : {"HBV", "HPV"}) {
      Add("NTC", "", target, "");
      Add("EXTRACTION_BLANK", "", target, "");
      Add("POSITIVE_CONTROL", "", target, "33.5");
    }
    Add("PROCESS_CONTROL", "", "HPV", "30.1");
  }
  void AddSample(const std::string& sample, int wells = 2, const std::string& dilution = "") {
    for (const char* target : {"HBV", "HPV"}) {
      for (int i = 0; i < wells; ++i) Add("SAMPLE", sample, target, "", dilution);
    }
    Add("SAMPLE", sample, "IC", "28.6", dilution);
  }
  void Add(const std::string& role, const std::string& sample, const std::string& target,
           const std::string& cq, const std::string& dilution = "") {
    v1::RunPosition& position = positions_.emplace_back();
    position.set_position("A" + std::to_string(positions_.size()));
    v1::PositionRole parsed = v1::POSITION_ROLE_UNSPECIFIED;
    EXPECT_TRUE(v1::PositionRole_Parse("POSITION_ROLE_" + role, &parsed)) << role;
    position.set_role(parsed);
    position.set_sample_id(sample);
    position.set_target(target);
    position.set_dilution(dilution);
    cqs_.push_back(cq);
  }
  // Of every well of the sample, or of the role, with this target, or of the first `wells`.
  void Set(const std::string& sample_or_role, const std::string& target, const std::string& cq,
           std::size_t wells = std::string::npos) {
    for (std::size_t i = 0; i < positions_.size() && wells > 0; ++i) {
      const v1::RunPosition& position = positions_[i];
      const bool meant = position.sample_id().empty()
                             ? v1::PositionRole_Name(position.role()).substr(14) == sample_or_role
                             : position.sample_id() == sample_or_role;
      if (!meant || position.target() != target) continue;
      cqs_[i] = cq;
      --wells;
    }
  }

  v1::CreateRunRequest Map() const {
    v1::CreateRunRequest request;
    request.set_method_id("M-V");
    for (const v1::RunPosition& position : positions_) *request.add_positions() = position;
    return request;
  }
  std::string File() const {
    std::string text = "well,sample,target,cq\n";
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const v1::RunPosition& position = positions_[i];
      text += position.position() + "," +
              (position.sample_id().empty() ? "control" : position.sample_id()) + "," +
              position.target() + "," + (cqs_[i].empty() ? "Undetermined" : cqs_[i]) + "\n";
    }
    return text;
  }

 private:
  std::vector<v1::RunPosition> positions_;
  std::vector<std::string> cqs_;
};

// The method of such a plate, with further fields as text.
inline v1::Method VirusMethod(const std::string& more = "") {
  return FromText<v1::Method>(more + R"(
    method_id: "M-V" version: 1 name_en: "Viruses" name_zh: "病毒" panel: "V"
    assay: "virus_panel" validation_state: VALIDATION_STATE_VALIDATED
    outputs { line_code: "V-HBV" input: "HBV" codes: ["NEGATIVE", "INDETERMINATE", "POSITIVE"] }
    outputs { line_code: "V-HPV" input: "HPV" codes: ["NEGATIVE", "INDETERMINATE", "POSITIVE"] }
    parameters { name: "cq_cutoff" value: "38" }
    parameters { name: "internal_control" value: "IC" }
    parameters { name: "ic_cq_max" value: "32.0" }
    parameters { name: "strong_cq_max" value: "35" }
    parameters { name: "process_control_targets" value: "HPV" }
    parameters { name: "repeat_dilution" value: "10" }
    method_repeat { count: 1 instruction: "undiluted and at 1:10" code_when_again: "POSITIVE"
                    same_sample: true }
    repeat_invalid_budget: 2 formats: "cq_csv" clause: "in-house" source: "test"
    effective_date: "2026-01-02" paper_approval { document: "QA-1" date: "2026-01-01" })");
}

// One of its lines; number and gates are in `more`.
inline v1::SpecificationLine VirusLine(const std::string& line, const std::string& more) {
  return FromText<v1::SpecificationLine>(
      more + "line_code: '" + line + "' name_en: '" + line +
      "' name_zh: '病毒' panel: 'V' method_id: 'M-V' result_kind: RESULT_KIND_OBSERVATION "
      "criteria { accepted_codes: 'NEGATIVE' inconclusive_codes: 'INDETERMINATE' } "
      "codes { code: 'NEGATIVE' text_en: 'Not detected' text_zh: '未检出' } "
      "codes { code: 'INDETERMINATE' text_en: 'Indeterminate' text_zh: '不确定' } "
      "codes { code: 'POSITIVE' text_en: 'Positive' text_zh: '阳性' } "
      "verdict_mode: VERDICT_MODE_JUDGED clause: 'in-house' source: 'test' biosafety: true");
}

class VirusPanelSite : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddMethods({VirusMethod(MoreOfMethod())});
    auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "Q" name_en: "Product" name_zh: "产品" }
      specification { product_id: "Q" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-3" date: "2026-01-01" } })");
    const std::string gates =
        " gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT } "
        "gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB } ";
    *text.add_lines() = VirusLine("V-HBV", "number: '1'" + gates);
    *text.add_lines() = VirusLine("V-HPV", "number: '2'" + gates);
    fixture.AddSpecification(text);
    fixture.AddLot("BANK", "MCB", "", "Q");
    AddProduct("A");
    AddProduct("B");
  }

  // Further fields of the method, as text.
  virtual std::string MoreOfMethod() const { return ""; }

  void AddProduct(const std::string& lot, const std::string& parent = "BANK") {
    fixture.AddLot(lot, "DRUG_PRODUCT", "parents { lot_id: '" + parent + "' }", "Q");
  }

  static VirusPlate PlateOf(const std::vector<std::string>& samples, int wells = 2) {
    VirusPlate plate;
    for (const std::string& sample : samples) plate.AddSample(sample, wells);
    plate.AddControls();
    return plate;
  }

  Result<storage::RecordedAct> Create(const v1::CreateRunRequest& map) {
    return fixture.Do("tech1", "RunService/CreateRun", &CreateRun, map);
  }

  // The run as it was submitted.
  v1::Run Play(const VirusPlate& plate) {
    return Submit(SiteFixture::RunOf(Create(plate.Map())), "plate.csv", plate.File());
  }
  v1::Run Submit(const std::string& run, const std::string& name, const std::string& bytes) {
    v1::SubmitRunRequest request;
    request.set_run_id(run);
    request.add_files()->set_file_name(name);
    request.mutable_files(0)->set_content(bytes);
    SiteFixture::Must(fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request));
    return Stored<v1::Run>({run});
  }

  template <typename T>
  T Stored(std::initializer_list<storage::KeyPart> key) {
    auto found =
        fixture.site().store().Read([&](storage::Records& records) { return records.Get<T>(key); });
    EXPECT_TRUE(found);
    return found ? found->record : T();
  }
  template <typename T>
  std::vector<T> List(const std::string& lot) {
    auto found = fixture.site().store().Read(
        [&](storage::Records& records) { return records.List<T>({lot}); });
    EXPECT_TRUE(found);
    std::vector<T> all;
    if (!found) return all;
    for (const auto& each : *found) all.push_back(each.record);
    return all;
  }

  v1::Attempt Attempt(const std::string& lot, int number) {
    return Stored<v1::Attempt>({lot, "V", number});
  }

  // "KIND what", of the final gate.
  std::vector<std::string> Blockers(const std::string& lot, const std::string& kinds) {
    std::vector<std::string> found;
    for (const v1::Blocker& blocker : fixture.Blockers(lot)) {
      const std::string kind = v1::BlockerKind_Name(blocker.kind()).substr(13);
      if (kinds.find(kind) == std::string::npos) continue;
      found.push_back(kind + " " + blocker.what());
    }
    return found;
  }

  using Texts = std::vector<std::string>;
  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

}  // namespace lims::app

#endif  // LIMS_TESTS_APP_VIRUS_PLATE_FIXTURE_H_
