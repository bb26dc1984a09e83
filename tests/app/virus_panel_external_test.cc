// Real presence/absence plates through the whole use case.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/virus_plate_fixture.h"
#include "base/encoding.h"
#include "base/sha256.h"

namespace lims::app {
namespace {

std::filesystem::path DataFile(const std::string& name) {
  return std::filesystem::path(LIMS_SHARED_DIR) / "data/virus" / name;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

class ExternalVirusPlates : public VirusPanelSite {
 protected:
  // Adds method M-X and product X with one line for banks, and the lot X with sample X-S1.
  void AddMethod(const std::string& target, const std::string& internal_control) {
    fixture.AddMethods({FromText<v1::Method>(
        "method_id: 'M-X' version: 1 name_en: 'X' name_zh: '病毒' panel: 'X' assay: 'virus_panel' "
        "validation_state: VALIDATION_STATE_VALIDATED outputs { line_code: 'X-T' input: '" +
        target + "' codes: ['NEGATIVE', 'INDETERMINATE', 'POSITIVE'] } " +
        "parameters { name: 'cq_cutoff' value: '40' } "
        "parameters { name: 'internal_control' value: '" +
        internal_control + "' } " + R"(
         parameters { name: 'ic_cq_max' value: '32.0' }
         parameters { name: 'strong_cq_max' value: '35' }
         parameters { name: 'required_controls' value: 'PROCESS_CONTROL,NTC' }
         method_repeat { count: 1 instruction: 'undiluted and at 1:10' code_when_again: 'POSITIVE'
                         same_sample: true }
         repeat_invalid_budget: 1 formats: ['quantstudio_text', 'quantstudio_xlsx']
         clause: 'in-house' source: 'test' effective_date: '2026-01-02'
         paper_approval { document: 'QA-1' date: '2026-01-01' })")});
    fixture.AddSpecification(FromText<v1::SpecificationText>(R"(
      product { product_id: "X" name_en: "Product" name_zh: "产品" }
      specification { product_id: "X" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-3" date: "2026-01-01" } }
      lines { number: "1" line_code: "X-T" name_en: "X" name_zh: "病毒" panel: "X" method_id: "M-X"
        result_kind: RESULT_KIND_OBSERVATION
        criteria { accepted_codes: "NEGATIVE" inconclusive_codes: "INDETERMINATE" }
        codes { code: "NEGATIVE" text_en: "Not detected" text_zh: "未检出" }
        codes { code: "INDETERMINATE" text_en: "Indeterminate" text_zh: "不确定" }
        codes { code: "POSITIVE" text_en: "Positive" text_zh: "阳性" }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
        verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "test" biosafety: true })"));
    for (const char* lot : {"X1", "X2"}) fixture.AddLot(lot, "MCB", "", "X");
  }

  void AddPosition(const std::string& well, const std::string& name, v1::PositionRole role,
                   const std::string& target, const std::string& sample = "") {
    v1::RunPosition& position = *map.add_positions();
    position.set_position(well);
    position.set_file_name(name);
    position.set_role(role);
    position.set_target(target);
    position.set_sample_id(sample);
  }

  v1::Run PlayFile(const std::filesystem::path& path) {
    map.set_method_id("M-X");
    const std::string run = SiteFixture::RunOf(Create(map));
    const std::string bytes = ReadFile(path);
    const std::string sha256 = HexEncode(Sha256(bytes));
    EXPECT_TRUE(StoreRawFile(fixture.site(), sha256, bytes));
    v1::SubmitRunRequest request;
    request.set_run_id(run);
    request.add_files()->set_file_name(path.filename().string());
    request.mutable_files(0)->set_sha256(sha256);
    SiteFixture::Must(fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, request));
    return Stored<v1::Run>({request.run_id()});
  }

  v1::CreateRunRequest map;
};

// All 44 wells of the internal control failed: 20 negative wells are no result, never negative.
TEST_F(ExternalVirusPlates, PlateWhoseInternalControlFailedIsValidWithoutResult) {
  const auto path = DataFile("quantstudio_presence_absence_example02.txt");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  AddMethod("TGFb", "IPC");
  for (const char row : {'A', 'B', 'C', 'D'}) {
    for (int column = 1; column <= 12; ++column) {
      const std::string well = row + std::to_string(column);
      for (const char* target : {"TGFb", "IPC"}) {
        if (column == 1) {
          AddPosition(well, "NAC", v1::POSITION_ROLE_NTC, target);
        } else if (column >= 7) {
          AddPosition(well, "(+)", v1::POSITION_ROLE_PROCESS_CONTROL, target);
        } else {
          AddPosition(well, "(-)", v1::POSITION_ROLE_SAMPLE, target, row < 'C' ? "X1-S1" : "X2-S1");
        }
      }
    }
  }
  const v1::Run run = PlayFile(path);
  EXPECT_EQ(run.outcome(), v1::OUTCOME_VALID);
  for (const v1::Check& check : run.checks()) EXPECT_TRUE(check.ok()) << check.name();
  for (const std::string lot : {"X1", "X2"}) {
    const v1::Attempt attempt = Stored<v1::Attempt>({lot, "X", 1});
    EXPECT_EQ(attempt.outcome(), v1::OUTCOME_INVALID_SAMPLE);
    EXPECT_EQ(attempt.repeat_because(), "internal control lost (TGFb)");
    EXPECT_TRUE(attempt.flags().empty());
    EXPECT_NE(attempt.details(0).value().find("none (A2, Unconfirmed)") != std::string::npos,
              lot == "X2");
    EXPECT_EQ(Blockers(lot, "REPEAT_DUE NOT_TESTED OOS"), Texts{"REPEAT_DUE X-T"});
    EXPECT_TRUE(List<v1::Result>(lot).empty());
  }
}

// The software calls one sample positive beside a positive control that it calls negative.
TEST_F(ExternalVirusPlates, PlateWhosePositiveControlFailedIsInvalid) {
  const auto path = DataFile("diomni_v4.3_presence_absence_HPV.xlsx");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  AddMethod("Globin", "T4");
  // One well a sample is fewer than the method asks for: such a plate is for validation only.
  fixture.AddSample("X1", "X1-S2", "VALIDATION");
  fixture.AddSample("X2", "X2-S2", "VALIDATION");
  for (const char* target : {"Globin", "T4"}) {
    AddPosition("A1", "Sample001", v1::POSITION_ROLE_SAMPLE, target, "X1-S2");
    AddPosition("A2", "Sample002", v1::POSITION_ROLE_SAMPLE, target, "X2-S2");
    AddPosition("C3", "Negative Control", v1::POSITION_ROLE_NTC, target);
    AddPosition("O23", "Positive Control", v1::POSITION_ROLE_PROCESS_CONTROL, target);
  }
  const v1::Run run = PlayFile(path);
  EXPECT_EQ(run.outcome(), v1::OUTCOME_INVALID_RUN);
  std::string failed;
  for (const v1::Check& check : run.checks()) {
    if (!check.ok()) failed += check.name() + " " + check.observed() + "; ";
  }
  EXPECT_EQ(failed, "process_control none (O23, NEGATIVE); extraction none (O23, NEGATIVE); ");
  for (const std::string lot : {"X1", "X2"}) {
    EXPECT_EQ(Stored<v1::Attempt>({lot, "X", 1}).outcome(), v1::OUTCOME_INVALID_RUN);
    EXPECT_TRUE(List<v1::Result>(lot).empty());
  }
}

}  // namespace
}  // namespace lims::app
