// Real exports against the documents that another program made from them.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "instrument/formats.h"
#include "instrument/registry.h"
#include "instrument/statements.h"
#include "problems.h"
#include "support/model_files.h"

namespace lims::instrument {
namespace {

using nlohmann::json;

struct RealFile {
  std::string_view path;  // below the data folder, without .txt
  int rows;               // of the results table
  std::size_t measured;   // of them in the reference document
  int undetermined;
  int standards;
  int expired_calibrations;
};

constexpr RealFile kFiles[] = {
    {"qpcr/quantstudio_rtpcr_example01", 16, 14, 0, 0, 9},
    {"qpcr/quantstudio_rtpcr_example04", 95, 95, 4, 20, 4},
    {"qpcr/quantstudio_rtpcr_example05", 16, 3, 6, 0, 0},
    {"qpcr/quantstudio_rtpcr_example06", 9, 9, 0, 0, 0},
    {"virus/quantstudio_presence_absence_example02", 96, 96, 28, 0, 0},
};

std::filesystem::path DataFile(std::string_view path, std::string_view extension) {
  return std::filesystem::path(LIMS_SHARED_DIR) / "data" /
         (std::string(path) + std::string(extension));
}

Decimal Number(const json& value) {
  return Decimal::Parse(value.dump()).value();
}

std::string_view RoleOf(std::string_view task) {
  if (task == "UNKNOWN") return "unknown sample role";
  if (task == "NTC" || task == "IPC") return "control sample role";
  if (task == "STANDARD") return "standard sample role";
  return "";  // BlockedIPC has no role in the reference
}

using RowsByWell = std::map<std::pair<std::string, std::string>, const v1::RawRow*>;

void ExpectSameMeasurement(const json& measurement, const RowsByWell& rows,
                           const std::map<std::string, json>& quantities) {
  const json& sample = measurement.at("sample document");
  const std::string well = sample.at("well location identifier");
  const std::string target = measurement.at("target DNA description");
  const auto found = rows.find({well, target});
  ASSERT_NE(found, rows.end()) << well << ' ' << target;
  const v1::RawRow& row = *found->second;
  const std::string name = sample.at("sample identifier");
  EXPECT_EQ(row.name(), name == "N/A" ? "" : name) << well;
  EXPECT_EQ(RoleOf(row.task()), sample.value("sample role type", "")) << well;

  const json& processed =
      measurement.at("processed data aggregate document").at("processed data document").at(0);
  if (const auto cq = processed.find("cycle threshold result (qPCR)"); cq != processed.end()) {
    EXPECT_EQ(Decimal::Parse(row.value().value()).value(), Number(cq->at("value"))) << well;
    EXPECT_FALSE(row.undetermined());
  } else {
    EXPECT_TRUE(row.undetermined()) << well;
    EXPECT_EQ(row.value().value(), "");
  }

  // The reference gives one quantity a measurement, known or computed.
  const std::string& quantity = row.task() == "STANDARD" ? row.quantity() : row.vendor_quantity();
  const auto reference = quantities.find(measurement.at("measurement identifier"));
  if (reference == quantities.end()) {
    EXPECT_EQ(quantity, "") << well;
  } else {
    EXPECT_EQ(Decimal::Parse(quantity).value(), Number(reference->second)) << well;
  }
}

TEST(ExternalQuantStudio, AgreesWithTheReferenceDocuments) {
  for (const RealFile& real : kFiles) {
    SCOPED_TRACE(real.path);
    const std::filesystem::path path = DataFile(real.path, ".txt");
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
    const std::string bytes = ReadFile(path);
    const Result<const Importer*> importer = FindImporter("auto", bytes, path.filename().string());
    ASSERT_TRUE(importer.has_value());
    const Result<v1::RawData> data = (*importer)->parse(bytes);
    ASSERT_TRUE(data.has_value()) << data.error().message;
    EXPECT_EQ(data->rows_size(), real.rows);

    RowsByWell rows;
    int undetermined = 0;
    int standards = 0;
    for (const v1::RawRow& row : data->rows()) {
      rows[{row.position(), row.target()}] = &row;
      undetermined += row.undetermined() ? 1 : 0;
      standards += row.quantity().empty() ? 0 : 1;
    }
    EXPECT_EQ(undetermined, real.undetermined);
    EXPECT_EQ(standards, real.standards);
    int expired = 0;
    for (const std::string& flag : StatementFlags(*data)) {
      expired += flag.starts_with("CALIBRATION_EXPIRED: ") ? 1 : 0;
    }
    EXPECT_EQ(expired, real.expired_calibrations);

    const json document = json::parse(ReadFile(DataFile(real.path, ".asm.json")));
    const json& top = document.at("qpcr aggregate document");
    std::map<std::string, json> quantities;  // by measurement identifier
    const json empty = json::object();
    const json& calculated = top.value("calculated data aggregate document", empty);
    for (const json& entry : calculated.value("calculated data document", json::array())) {
      if (entry.at("calculated data name") != "quantity") continue;
      for (const json& source :
           entry.at("data source aggregate document").at("data source document")) {
        if (source.at("data source feature") == "cycle threshold result") {
          quantities[source.at("data source identifier")] =
              entry.at("calculated result").at("value");
        }
      }
    }
    std::size_t measured = 0;
    for (const json& entry : top.at("qpcr document")) {
      for (const json& measurement :
           entry.at("measurement aggregate document").at("measurement document")) {
        ++measured;
        ExpectSameMeasurement(measurement, rows, quantities);
      }
    }
    EXPECT_EQ(measured, real.measured);
  }
}

TEST(ExternalQuantStudio, KeepsTheVendorsCurve) {
  const std::filesystem::path path = DataFile("qpcr/quantstudio_rtpcr_example04", ".txt");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const Result<v1::RawData> data = kQuantStudioText.parse(ReadFile(path));
  ASSERT_TRUE(data.has_value());
  std::string curve;
  for (const v1::NamedValue& property : data->properties()) {
    if (property.name() == "vendor_curve") curve += property.value();
  }
  EXPECT_EQ(curve, "RNase P: slope -3.383, intercept 39.814, R2 0.997, efficiency 97.505");
}

TEST(ExternalQuantStudio, RefusesAnExportWithoutCycles) {
  const std::filesystem::path path =
      DataFile("qpcr/quantstudio_rtpcr_minimal_missing_results", ".txt");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  ExpectProblems(ProblemsOf(kQuantStudioText.parse(ReadFile(path))),
                 {"line 40: the results table has no column Target Name (the experiment type is "
                  "\"Genotyping\"",
                  "line 40: the results table has no column CT"},
                 "genotyping");
}

TEST(ExternalQuantStudio, OtherRealFilesAreRefusedByName) {
  for (std::string_view path :
       {"qpcr/dpcr_qiacuity_example01.csv", "counts/vicell_xr_2.06_example04.xlsx",
        "potency/skanit_luciferase_assay_example.xlsx", "qpcr/stepone_std.rdml",
        "potency/softmaxpro_absorbance_endpoint_example05.txt",
        "potency/gen5_luminescence_endpoint.txt", "counts/vicell_blu_example01_utf16.csv",
        "endotoxin/softmaxpro_spectramax340_kinetic_405nm.txt", "flow/data1.fcs",
        "counts/vicell_xr_2.04_example03.xls"}) {
    const std::filesystem::path file = DataFile(path, "");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here";
    const std::string bytes = ReadFile(file);
    const Result<const Importer*> importer = FindImporter("auto", bytes, "x");
    ASSERT_FALSE(importer.has_value()) << path;
    EXPECT_EQ(importer.error().reason, ErrorReason::kUnimplementedFormat);
    for (const Importer& each : Importers()) {
      EXPECT_FALSE(each.parse(bytes).has_value()) << path << ' ' << each.format;
    }
  }
}

TEST(ExternalQuantStudio, AVendorsTableWithTheColumnsOfCqCsvAndMoreIsRefused) {
  const std::filesystem::path path = DataFile("qpcr/cfxmaestro_example01", ".csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const std::string bytes = ReadFile(path);
  const Result<const Importer*> importer = FindImporter("auto", bytes, "x");
  ASSERT_TRUE(importer.has_value());
  const std::vector<std::string> problems = ProblemsOf((*importer)->parse(bytes));
  ASSERT_FALSE(problems.empty());
  EXPECT_NE(problems[0].find("the columns are well, sample, target, cq"), std::string::npos);
}

}  // namespace
}  // namespace lims::instrument
