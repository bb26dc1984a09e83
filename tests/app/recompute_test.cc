// Everything is calculated again by the build that recorded it, and by a build whose calculator of
// inhibition has another constant.
#include <stdio.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "app/site_fixture.h"
#include "app/verify.h"
#include "base/csv.h"
#include "support/model_files.h"

namespace lims::app {
namespace {

constexpr char kProduct[] = "HUC-MSC-INJ";
// Inhibition and relative potency share a calculator's name, the Cq has another; the typed pH of
// the fixture's own product has a third.
const std::set<std::string> kPanels{"POT-LYM", "POT-RP", "TERT"};
const std::filesystem::path kExamples = kSchemas / "examples";

class Recompute : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    ImportCatalogue();
    AddLot("SC-2026-0001");
    AddLot("SC-2026-0002");
    fixture.AddLot("A", "DRUG_PRODUCT");
    ASSERT_FALSE(HasFailure());
  }

  // The model methods and lines of those panels.
  void ImportCatalogue() {
    std::string approval;
    for (const auto& [id, method] : ReadMethods()) {
      if (!kPanels.contains(method.panel())) continue;
      v1::ImportMethodRequest import;
      *import.mutable_method() = method;
      fixture.Must(fixture.Do("md1", "CatalogueService/ImportMethod", &ImportMethod, import));
      const std::string key = "method_id: '" + id + "' version: 1";
      fixture.Must(fixture.DoText<v1::SubmitMethodRequest>("md1", "CatalogueService/SubmitMethod",
                                                           &SubmitMethod, key));
      approval += "methods { " + key + " } ";
    }
    fixture.Must(fixture.SignIntent("qa1", "approve_method { " + approval + "}"));
    v1::ImportSpecificationRequest import;
    v1::SpecificationText& text = *import.mutable_text();
    text = ReadModelSpecification();
    text.clear_facts();
    auto& lines = *text.mutable_lines();
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [](const auto& line) { return !kPanels.contains(line.panel()); }),
                lines.end());
    for (auto& line : lines) line.clear_applicability();
    fixture.Must(
        fixture.Do("md1", "CatalogueService/ImportSpecification", &ImportSpecification, import));
    const std::string key = std::string("product_id: '") + kProduct + "' revision: 1";
    fixture.Must(fixture.DoText<v1::SubmitSpecificationRequest>(
        "md1", "CatalogueService/SubmitSpecification", &SubmitSpecification, key));
    fixture.Must(fixture.SignIntent("qa1", "approve_specification { " + key + " }"));
  }

  void AddLot(const std::string& lot) {
    const std::string made = " manufacture_time: '2026-02-01T08:00:00+08:00'";
    fixture.Must(fixture.DoText<v1::RegisterLotRequest>(
        "tech1", "LotService/RegisterLot", &RegisterLot,
        "lot_id: '" + lot + "' kind: LOT_KIND_DRUG_PRODUCT product_id: '" + kProduct +
            "' expiry: '2027-02'" + made));
    fixture.Must(fixture.DoText<v1::ConfirmLotRequest>("sup1", "LotService/ConfirmLot", &ConfirmLot,
                                                       "lot_id: '" + lot + "'" + made));
    fixture.AddSample(lot, lot + "-S1");
  }

  // Plans a run by the map, submits the file, and gives the run's id.
  std::string PlayRun(const std::string& method, const std::string& map, const std::string& setup,
                      const std::string& file_name, const std::string& content) {
    v1::CreateRunRequest create;
    create.set_method_id(method);
    const auto table = ParseCsv(map, kMapColumns, {});
    EXPECT_TRUE(table) << map;
    for (const auto& cells : table->rows) {
      v1::RunPosition& position = *create.add_positions();
      v1::PositionRole role = v1::POSITION_ROLE_UNSPECIFIED;
      EXPECT_TRUE(v1::PositionRole_Parse("POSITION_ROLE_" + table->At(cells, "role").text, &role));
      position.set_role(role);
      position.set_position(table->At(cells, "position").text);
      position.set_sample_id(table->At(cells, "sample").text);
      position.set_target(table->At(cells, "target").text);
      position.set_file_name(table->At(cells, "file_name").text);
    }
    std::istringstream lines(ReadFile(kExamples / setup));
    for (std::string line; std::getline(lines, line);) {  // "name=value unit"
      const std::size_t equals = line.find('=');
      v1::NamedValue& value = *create.add_setup();
      value.set_name(line.substr(0, equals));
      value.set_value(line.substr(equals + 1, line.find(' ', equals) - equals - 1));
    }
    const auto created = fixture.Do("tech1", "RunService/CreateRun", &CreateRun, create);
    fixture.Must(created);
    v1::CreateRunResponse response;
    FillResponse(*created, &response);
    v1::SubmitRunRequest submit;
    submit.set_run_id(response.run().run_id());
    submit.add_files()->set_file_name(file_name);
    submit.mutable_files(0)->set_content(content);
    const auto submitted = fixture.Do("tech1", "RunService/SubmitRun", &SubmitRun, submit);
    fixture.Must(submitted);
    v1::SubmitRunResponse judged;
    FillResponse(*submitted, &judged);
    EXPECT_EQ(judged.run().outcome(), v1::OUTCOME_VALID) << judged.run().DebugString();
    EXPECT_FALSE(judged.results().empty()) << judged.DebugString();
    return response.run().run_id();
  }

  std::string PlayExample(const std::string& method, const std::string& file,
                          const std::string& setup) {
    const std::string stem = std::filesystem::path(file).stem().string();
    return PlayRun(method, ReadFile(kExamples / (stem + "-map.csv")), setup, file,
                   ReadFile(kExamples / file));
  }

  static constexpr std::array<std::string_view, 7> kMapColumns{
      "position", "role", "sample", "target", "file_name", "dilution", "omit_reason"};
  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

// A co-culture of both lots: the first inhibits by half and more, the second not at all.
std::string Coculture() {
  const std::vector<std::pair<std::string, std::array<std::string, 3>>> means{
      {"P", {"1.50", "", ""}},
      {"N", {"0.20", "", ""}},
      {"MSC ALONE", {"0.09", "", ""}},
      {"REFERENCE", {"1.30", "1.10", "0.80"}},
      {"SC-2026-0001-S1", {"1.20", "1.00", "0.70"}},
      {"SC-2026-0002-S1", {"1.50", "1.50", "1.50"}}};
  std::string text = "preparation,dose,response,plate,well\n";
  int well = 0;
  for (const auto& [preparation, responses] : means) {
    const std::array<std::string, 3> doses = responses[1].empty()
                                                 ? std::array<std::string, 3>{"0", "", ""}
                                                 : std::array<std::string, 3>{"0.05", "0.1", "0.2"};
    for (std::size_t i = 0; i < doses.size() && !doses[i].empty(); ++i) {
      for (int replicate = 0; replicate < 3; ++replicate, ++well) {
        text += preparation + "," + doses[i] + "," + responses[i] + ",COCULTURE," +
                static_cast<char>('A' + well / 12) + std::to_string(1 + well % 12) + "\n";
      }
    }
  }
  return text;
}

// What the changed build says about a site: "RESULT_NOT_REPRODUCED result/SC-1/PH/1".
std::set<std::string> FindingsOfTheChangedBuild(const std::string& site) {
  const std::string command = std::string(LIMS_BINARY_DIR) + "/bin/lims_changed_verifier " + site;
  FILE* pipe = popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  if (pipe == nullptr) return {};
  std::string report;
  std::array<char, 4096> part;
  for (std::size_t n = 0; (n = fread(part.data(), 1, part.size(), pipe)) > 0;) {
    report.append(part.data(), n);
  }
  const int status = pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 5) << report;
  const std::regex finding(R"re("finding":"([A-Z_]+)","index":-?\d+,"stream":"([^"]*)")re");
  std::set<std::string> found;
  for (std::sregex_iterator at(report.begin(), report.end(), finding), end; at != end; ++at) {
    found.insert((*at)[1].str() + " " + (*at)[2].str());
  }
  return found;
}

TEST_F(Recompute, NamesExactlyWhatRestsOnAChangedConstant) {
  const std::string map = ReadFile(kExamples / "lot-a-inhibition-map.csv") +
                          "SC-2026-0002-S1,SAMPLE,SC-2026-0002-S1,,,,\n";
  const std::string run =
      PlayRun("M-POT-LYM", map, "pot-lym-setup.txt", "coculture.csv", Coculture());
  PlayExample("M-POT-RP", "dnase-runs-4-5.csv", "pot-rp-setup.txt");
  PlayExample("M-TERT", "tert-plate-2.txt", "tert-setup.txt");
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  fixture.Close();

  const auto report = VerifySite({folder.path(), "", true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << FormatReport(*report);
  EXPECT_EQ(report->results_recomputed, 6);  // 2 inhibitions, 1 relative potency, 2 hTERT, 1 pH

  // The run shows the inhibition by the reference cell. No inhibition at all is none of 101 % too.
  const std::string changed = "RESULT_NOT_REPRODUCED ";
  EXPECT_EQ(
      FindingsOfTheChangedBuild(folder.path()),
      (std::set<std::string>{changed + "run/" + run, changed + "attempt/SC-2026-0001/POT-LYM/1",
                             changed + "result/SC-2026-0001/POT-LYM/1"}));
}

}  // namespace
}  // namespace lims::app
