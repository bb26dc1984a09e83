// The files of schemas/examples, judged by the model specification and methods beside them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "app/judging.h"
#include "assay/entries.h"
#include "assay/registry.h"
#include "assay/setup.h"
#include "base/decimal.h"
#include "domain/gates.h"
#include "domain/plausibility.h"
#include "domain/verdict.h"
#include "instrument/registry.h"
#include "instrument/run_map.h"
#include "support/model_files.h"
#include "support/parse_csv.h"

namespace lims {
namespace {

const std::filesystem::path kExamples = kSchemas / "examples";

const v1::SpecificationText& Specification() {
  static const auto* specification = new v1::SpecificationText(ReadModelSpecification());
  return *specification;
}

const std::map<std::string, v1::Method>& Methods() {
  static const auto* methods = new std::map<std::string, v1::Method>(ReadMethods());
  return *methods;
}

using Facts = std::map<std::string, std::string, std::less<>>;
using Row = std::map<std::string, std::string>;

std::vector<Row> ReadRows(const std::filesystem::path& path,
                          const std::vector<std::string_view>& columns) {
  std::vector<Row> rows;
  const auto table = ParseCsv(ReadFile(path), columns, {});
  EXPECT_TRUE(table) << path;
  if (!table) return rows;
  for (const auto& cells : table->rows) {
    Row& row = rows.emplace_back();
    for (const auto& column : columns) row[std::string(column)] = table->At(cells, column).text;
  }
  return rows;
}

Facts ReadFacts(const std::string& folder) {
  Facts facts;
  for (const auto& row :
       ReadRows(kExamples / folder / "facts.csv", {"fact", "value", "document"})) {
    facts[row.at("fact")] = row.at("value");
    EXPECT_NE(row.at("document"), "") << row.at("fact");
  }
  return facts;
}

// Lines "name=value unit".
google::protobuf::RepeatedPtrField<v1::NamedValue> ReadSetup(const std::filesystem::path& path) {
  google::protobuf::RepeatedPtrField<v1::NamedValue> setup;
  std::istringstream text(ReadFile(path));
  for (std::string line; std::getline(text, line);) {
    v1::NamedValue& value = *setup.Add();
    const std::size_t equals = line.find('=');
    const std::size_t blank = std::min(line.find(' ', equals), line.size());
    value.set_name(line.substr(0, equals));
    value.set_value(line.substr(equals + 1, blank - equals - 1));
    if (blank < line.size()) value.set_unit(line.substr(blank + 1));
  }
  return setup;
}

v1::RawData Import(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  const auto importer = instrument::FindImporter("auto", bytes, path.filename().string());
  EXPECT_TRUE(importer) << path;
  if (!importer) return {};
  auto data = (*importer)->parse(bytes);
  EXPECT_TRUE(data) << path << " " << (data ? "" : data.error().message);
  return data ? *std::move(data) : v1::RawData();
}

const v1::Method& MethodOfPanel(const std::string& panel) {
  const auto found = std::find_if(Methods().begin(), Methods().end(),
                                  [&](const auto& entry) { return entry.second.panel() == panel; });
  EXPECT_NE(found, Methods().end()) << panel;
  return found->second;
}

void ExpectNone(const std::vector<Violation>& violations) {
  for (const auto& violation : violations) {
    ADD_FAILURE() << violation.field << ": " << violation.description;
  }
}

std::string FailedChecks(const google::protobuf::RepeatedPtrField<v1::Check>& checks) {
  std::string text;
  for (const auto& check : checks) {
    if (!check.ok()) text += check.ShortDebugString() + "\n";
  }
  return text;
}

domain::Judgement JudgeValue(const v1::Reportable& value, v1::LotKind kind, const Facts& facts) {
  const auto* line = app::LineFor(Specification(), value.line_code(), kind);
  EXPECT_NE(line, nullptr) << value.line_code();
  if (line == nullptr) return {};
  const auto judgement =
      domain::Judge(*line, value, [&](std::string_view fact) -> std::optional<std::string> {
        const auto found = facts.find(fact);
        if (found == facts.end()) return std::nullopt;
        return found->second;
      });
  EXPECT_TRUE(judgement) << value.line_code();
  return judgement ? *judgement : domain::Judgement();
}

TEST(ModelMethods, FitTheirCalculators) {
  for (const auto& [id, method] : Methods()) {
    SCOPED_TRACE(id);
    ASSERT_NE(assay::FindAssay(method.assay()), nullptr);
    ExpectNone(assay::CheckParameters(method));
  }
}

struct ExampleLot {
  std::string name;
  std::string folder;
  v1::LotKind kind;

  friend void PrintTo(const ExampleLot& lot, std::ostream* out) { *out << lot.folder; }
};

class ExampleFiles : public testing::TestWithParam<ExampleLot> {
 protected:
  bool Gated(const google::protobuf::RepeatedPtrField<v1::GateAssignment>& gates) const {
    return domain::NeededAt(domain::FinalGate(GetParam().kind), GetParam().kind, gates);
  }

  // Typed panels that the lot is tested on.
  std::set<std::string> TypedPanels() const {
    std::set<std::string> panels;
    for (const auto& line : Specification().lines()) {
      if (!Gated(line.gates()) || !Methods().at(line.method_id()).formats().empty()) continue;
      const auto fact = facts.find(line.applicability().fact());
      const bool applies = line.applicability().fact().empty() ||
                           (fact != facts.end() && fact->second == line.applicability().value());
      if (applies) panels.insert(line.panel());
    }
    return panels;
  }

  const std::filesystem::path folder = kExamples / GetParam().folder;
  const Facts facts = ReadFacts(GetParam().folder);
};

TEST_P(ExampleFiles, ComplyOnEveryTypedPanel) {
  for (const std::string& panel : TypedPanels()) {
    SCOPED_TRACE(panel);
    const v1::Method method =
        app::MethodForLot(MethodOfPanel(panel), Specification(), GetParam().kind).record;
    google::protobuf::RepeatedPtrField<v1::TypedEntry> entries;
    const v1::RawData raw = Import(folder / (panel + ".csv"));
    for (const auto& row : raw.rows()) {
      v1::TypedEntry& entry = *entries.Add();
      entry.set_input(row.target());
      entry.set_replicate(std::stoi(row.replicate()));
      *entry.mutable_value() = row.value();
      entry.set_description(row.description());
    }
    ExpectNone(assay::CheckEntries(method, entries));
    ExpectNone(domain::EntryDoubts(method, Specification().lines(), entries, false));
    v1::AssayInput input;
    *input.mutable_method() = method;
    for (const auto& datum : assay::DataOfEntries(method, entries, "S1")) {
      *input.add_data() = datum;
    }
    if (!method.setup_checks().empty()) {
      *input.mutable_setup() = ReadSetup(folder / "setup" / (panel + ".txt"));
      ExpectNone(assay::CheckSetupValues(method, input.setup()));
    }
    v1::SampleFacts& sample_facts = *input.add_facts();
    sample_facts.set_sample_id("S1");
    for (const auto& [name, value] : facts) {
      v1::NamedValue& fact = *sample_facts.add_facts();
      fact.set_name(name);
      fact.set_value(value);
    }
    const v1::Computation found = assay::Compute(input);
    ASSERT_EQ(found.samples_size(), 1);
    EXPECT_EQ(found.samples(0).outcome(), v1::OUTCOME_VALID)
        << FailedChecks(found.checks()) << FailedChecks(found.samples(0).checks());
    EXPECT_EQ(found.samples(0).reportables_size(), method.outputs_size());
    for (const auto& value : found.samples(0).reportables()) {
      const domain::Judgement judgement = JudgeValue(value, GetParam().kind, facts);
      EXPECT_TRUE(judgement.verdict == v1::VERDICT_PASS ||
                  judgement.verdict == v1::VERDICT_REPORT_ONLY)
          << value.line_code() << " " << judgement.explanation;
    }
  }
}

TEST_P(ExampleFiles, BelongToPanelsOfTheLot) {
  const std::set<std::string> panels = TypedPanels();
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = file.path().stem().string();
    if (file.is_directory() || name == "facts" || name == "attestations") continue;
    EXPECT_TRUE(panels.contains(name)) << file.path();
  }
}

TEST_P(ExampleFiles, DeclareEveryFactAndAttestationOfTheLot) {
  std::set<std::string> needed;
  std::set<std::string> attested;
  for (const auto& line : Specification().attestations()) {
    if (Gated(line.gates())) needed.insert(line.code());
  }
  for (const auto& row : ReadRows(folder / "attestations.csv", {"code", "document"})) {
    EXPECT_TRUE(attested.insert(row.at("code")).second) << row.at("code");
    EXPECT_NE(row.at("document"), "") << row.at("code");
  }
  EXPECT_EQ(attested, needed);

  std::set<std::string> used;
  for (const auto& fact : Specification().facts()) {
    // A bank lot names no lot that qualifies it.
    if (fact.type() == v1::FACT_TYPE_LOT && GetParam().kind != v1::LOT_KIND_DRUG_PRODUCT) continue;
    for (const auto& line : Specification().lines()) {
      const auto& users = fact.used_by_lines();
      if (Gated(line.gates()) &&
          std::find(users.begin(), users.end(), line.line_code()) != users.end()) {
        used.insert(fact.fact());
      }
    }
    const auto declared = facts.find(fact.fact());
    if (fact.type() != v1::FACT_TYPE_DECIMAL || declared == facts.end()) continue;
    const auto number = Decimal::Parse(declared->second);
    ASSERT_TRUE(number) << fact.fact();
    EXPECT_EQ(number->decimals(), fact.decimals()) << fact.fact();
  }
  std::set<std::string> declared;
  for (const auto& [name, value] : facts) declared.insert(name);
  EXPECT_EQ(declared, used);
}

INSTANTIATE_TEST_SUITE_P(Lots, ExampleFiles,
                         testing::Values(ExampleLot{"LotA", "lot-a", v1::LOT_KIND_DRUG_PRODUCT},
                                         ExampleLot{"LotB", "lot-b", v1::LOT_KIND_DRUG_PRODUCT},
                                         ExampleLot{"Bank", "bank", v1::LOT_KIND_MCB},
                                         ExampleLot{"Eopc", "eopc", v1::LOT_KIND_EOPC}),
                         [](const auto& parameter) { return parameter.param.name; });

// An instrument file with the map of its run.
// The map has the name of the first file.
v1::AssayInput InputOfRun(const std::string& method_id, const std::vector<std::string>& files,
                          const std::string& setup) {
  const std::string& file = files[0];
  const auto stem = kExamples / std::filesystem::path(file).stem();
  std::vector<v1::RunPosition> map;
  for (const auto& row :
       ReadRows(stem.string() + "-map.csv",
                {"position", "role", "sample", "target", "file_name", "dilution", "omit_reason"})) {
    v1::RunPosition& position = map.emplace_back();
    v1::PositionRole role = v1::POSITION_ROLE_UNSPECIFIED;
    EXPECT_TRUE(v1::PositionRole_Parse("POSITION_ROLE_" + row.at("role"), &role)) << file;
    position.set_role(role);
    position.set_position(row.at("position"));
    position.set_sample_id(row.at("sample"));
    position.set_target(row.at("target"));
    position.set_file_name(row.at("file_name"));
  }
  v1::AssayInput input;
  *input.mutable_method() = Methods().at(method_id);
  const auto& formats = input.method().formats();
  std::vector<instrument::ParsedFile> parsed;
  for (const std::string& name : files) {
    parsed.push_back({name, Import(kExamples / name)});
    const v1::RawData& raw = parsed.back().data;
    EXPECT_NE(std::find(formats.begin(), formats.end(), raw.format()), formats.end()) << name;
    input.mutable_properties()->MergeFrom(raw.properties());
  }
  const auto joined = instrument::JoinWithMap(map, parsed);
  EXPECT_TRUE(joined) << file << " " << (joined ? "" : joined.error().message);
  if (!joined) return {};
  for (const auto& datum : joined->data) *input.add_data() = datum;
  if (!setup.empty()) {
    *input.mutable_setup() = ReadSetup(kExamples / setup);
    ExpectNone(assay::CheckSetupValues(input.method(), input.setup()));
  }
  return input;
}

v1::Computation ComputeRun(const std::string& method_id, const std::vector<std::string>& files,
                           const std::string& setup) {
  return assay::Compute(InputOfRun(method_id, files, setup));
}

// The one value of every sample, judged.
std::map<std::string, domain::Judgement> JudgeRun(const v1::Computation& found, v1::LotKind kind) {
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << FailedChecks(found.checks());
  std::map<std::string, domain::Judgement> judged;
  for (const auto& sample : found.samples()) {
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID) << FailedChecks(sample.checks());
    if (sample.reportables_size() != 1) continue;
    judged[sample.sample_id()] = JudgeValue(sample.reportables(0), kind, {});
    // What the wells say is neither percentage nor quantity: no limit applies to it.
    EXPECT_TRUE(judged[sample.sample_id()].flags.empty()) << sample.sample_id();
  }
  return judged;
}

TEST(ExampleRuns, AmplifiedNtcInvalidatesTheFirstPlateForBothLots) {
  const v1::Computation found = ComputeRun("M-TERT", {"tert-plate-1.txt"}, "tert-setup.txt");
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  const std::string failed = FailedChecks(found.checks());
  EXPECT_NE(failed.find("\"ntc\""), std::string::npos) << failed;
  EXPECT_NE(failed.find("31.2"), std::string::npos) << failed;
  EXPECT_EQ(std::count(failed.begin(), failed.end(), '\n'), 1) << failed;
  ASSERT_EQ(found.samples_size(), 2);
  for (const auto& sample : found.samples()) {
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_RUN) << sample.sample_id();
    EXPECT_TRUE(sample.reportables().empty()) << sample.sample_id();
  }
}

TEST(ExampleRuns, TertIsNotDetectedOnTheCleanPlates) {
  for (const auto& [file, kind, samples] :
       {std::tuple("tert-plate-2.txt", v1::LOT_KIND_DRUG_PRODUCT,
                   std::vector{"SC-2026-0001-S1", "SC-2026-0002-S1"}),
        std::tuple("tert-plate-bank.txt", v1::LOT_KIND_MCB,
                   std::vector{"MCB-2025-0001-S1", "EOPC-2025-0001-S1"})}) {
    auto judged = JudgeRun(ComputeRun("M-TERT", {file}, "tert-setup.txt"), kind);
    EXPECT_EQ(judged.size(), 2u) << file;
    for (const char* sample : samples) {
      EXPECT_EQ(judged[sample].verdict, v1::VERDICT_PASS) << sample;
      EXPECT_EQ(judged[sample].value_reported, "NOT_DETECTED") << sample;
    }
  }
}

TEST(ExampleRuns, LateTertInEveryWellIsDetectedAndNotRepeatedAway) {
  v1::AssayInput input = InputOfRun("M-TERT", {"tert-plate-2.txt"}, "tert-setup.txt");
  std::vector<std::string> late = {"35.1", "36.4", "37.2"};
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.sample_id() != "SC-2026-0001-S1" || well.target() != "hTERT" ||
        well.role() != v1::POSITION_ROLE_SAMPLE) {
      continue;
    }
    ASSERT_FALSE(late.empty());
    well.set_undetermined(false);
    well.mutable_value()->set_value(late.back());
    late.pop_back();
  }
  EXPECT_TRUE(late.empty());
  auto judged = JudgeRun(assay::Compute(input), v1::LOT_KIND_DRUG_PRODUCT);
  EXPECT_EQ(judged["SC-2026-0001-S1"].value_reported, "DETECTED");
  EXPECT_EQ(judged["SC-2026-0001-S1"].verdict, v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(judged["SC-2026-0002-S1"].value_reported, "NOT_DETECTED");
}

TEST(ExampleRuns, VirusPanelsAreClearOnEveryLineOfTheLot) {
  for (const auto& [file, kind, samples] :
       {std::tuple("hv-pcr-bank.csv", v1::LOT_KIND_MCB, 1),
        std::tuple("hv-pcr-lots.csv", v1::LOT_KIND_DRUG_PRODUCT, 2)}) {
    const v1::Computation found = ComputeRun("M-HV-PCR", {file}, "hv-pcr-setup.txt");
    EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << FailedChecks(found.checks());
    ASSERT_EQ(found.samples_size(), samples);
    const v1::Method method =
        app::MethodForLot(Methods().at("M-HV-PCR"), Specification(), kind).record;
    for (const auto& sample : found.samples()) {
      EXPECT_EQ(FailedChecks(sample.checks()), "") << sample.sample_id();
      EXPECT_EQ(sample.reportables_size(), method.outputs_size()) << sample.sample_id();
      EXPECT_TRUE(sample.flags().empty()) << sample.sample_id();
      for (const auto& value : sample.reportables()) {
        EXPECT_EQ(JudgeValue(value, kind, {}).verdict, v1::VERDICT_PASS) << value.line_code();
      }
    }
  }
}

TEST(ExampleRuns, AnExtractionBlankWithoutInternalControlClearsNoVirus) {
  v1::AssayInput input = InputOfRun("M-HV-PCR", {"hv-pcr-lots.csv"}, "hv-pcr-setup.txt");
  for (v1::Datum& well : *input.mutable_data()) {
    if (well.role() != v1::POSITION_ROLE_EXTRACTION_BLANK || well.target() != "IC") continue;
    well.set_undetermined(true);
  }
  const v1::Computation found = assay::Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_INVALID_RUN);
  EXPECT_NE(FailedChecks(found.checks()).find("extraction_blank"), std::string::npos);
}

TEST(ExampleRuns, BothLotsInhibitProliferation) {
  for (const auto& [file, setup, sample, reported] :
       {std::tuple("lot-a-inhibition.csv", "pot-lym-setup.txt", "SC-2026-0001-S1", "52"),
        std::tuple("lot-a-inhibition-2.csv", "pot-lym-setup-2.txt", "SC-2026-0001-S1", "49"),
        std::tuple("lot-b-inhibition.csv", "pot-lym-setup.txt", "SC-2026-0002-S1", "30"),
        std::tuple("lot-b-inhibition-2.csv", "pot-lym-setup-2.txt", "SC-2026-0002-S1", "31")}) {
    auto judged = JudgeRun(ComputeRun("M-POT-LYM", {file}, setup), v1::LOT_KIND_DRUG_PRODUCT);
    EXPECT_EQ(judged[sample].verdict, v1::VERDICT_PASS) << sample;
    EXPECT_EQ(judged[sample].value_reported, reported) << sample;
  }
}

TEST(ExampleRuns, RelativePotencyOfLotAPassesAndOfLotBFails) {
  auto judged = JudgeRun(ComputeRun("M-POT-RP", {"dnase-runs-4-5.csv", "dnase-plate-controls.csv"},
                                    "pot-rp-setup.txt"),
                         v1::LOT_KIND_DRUG_PRODUCT);
  EXPECT_EQ(judged["SC-2026-0001-S1"].verdict, v1::VERDICT_PASS);
  EXPECT_EQ(judged["SC-2026-0001-S1"].value_reported, "106");
  judged = JudgeRun(ComputeRun("M-POT-RP", {"lot-b-potency.csv"}, "pot-rp-setup.txt"),
                    v1::LOT_KIND_DRUG_PRODUCT);
  EXPECT_EQ(judged["SC-2026-0002-S1"].verdict, v1::VERDICT_OOS_SUSPECTED);
  EXPECT_EQ(judged["SC-2026-0002-S1"].value_reported, "62");
}

TEST(ExampleRuns, StandardCurveGivesTheQuantityOfTheValidationSample) {
  const v1::Computation found = ComputeRun("M-RNASEP", {"rnasep-standard-curve.txt"}, "");
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID) << FailedChecks(found.checks());
  ASSERT_EQ(found.samples_size(), 1);
  ASSERT_EQ(found.samples(0).reportables_size(), 1) << FailedChecks(found.samples(0).checks());
  const auto quantity = Decimal::Parse(found.samples(0).reportables(0).value());
  ASSERT_TRUE(quantity);
  // Made with 6200 copies in the well and a little noise.
  EXPECT_GT(*quantity, Decimal::FromInt(6000));
  EXPECT_LT(*quantity, Decimal::FromInt(6600));
  EXPECT_EQ(found.samples(0).reportables(0).unit(), "{copies}");
}

}  // namespace
}  // namespace lims
