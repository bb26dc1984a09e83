// A real plate against what its vendor's software and two statistics programs make of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "assay/external_data.h"
#include "assay_input.h"

namespace lims::assay {
namespace {

std::string WithoutSeparators(std::string number) {
  number.erase(std::remove(number.begin(), number.end(), ','), number.end());
  return number;
}

// The rows of the section [Results] of a QuantStudio text export.
v1::AssayInput ReadPlate(const std::filesystem::path& path) {
  v1::AssayInput input;
  bool results = false;
  for (const std::string& line : ReadLines(path)) {
    if (line.starts_with("[")) results = line == "[Results]";
    const std::vector<std::string> cells = SplitFields(line, '\t');
    if (!results || cells.size() < 20 || cells[0] == "Well") continue;
    v1::Datum& well = *input.add_data();
    well.set_position(cells[1]);
    well.set_name(cells[3]);
    well.set_target(cells[4]);
    well.set_role(cells[5] == "STANDARD" ? v1::POSITION_ROLE_STANDARD
                  : cells[5] == "NTC"    ? v1::POSITION_ROLE_NTC
                                         : v1::POSITION_ROLE_SAMPLE);
    well.set_undetermined(cells[8] == "Undetermined");
    if (!well.undetermined()) well.mutable_value()->set_value(cells[8]);
    const std::string quantity = WithoutSeparators(cells[11]);
    if (well.role() == v1::POSITION_ROLE_STANDARD) well.set_quantity(quantity);
    if (well.role() == v1::POSITION_ROLE_SAMPLE) well.set_vendor_quantity(quantity);
    if (input.properties().empty()) {
      v1::NamedValue& curve = *input.add_properties();
      curve.set_name("vendor_curve");
      curve.set_value(cells[4] + ": slope " + cells[22] + ", intercept " + cells[20] + ", R2 " +
                      cells[21] + ", efficiency " + cells[23]);
    }
  }
  return input;
}

void ExpectNumber(const std::string& actual, double expected, double relative) {
  EXPECT_NEAR(ToNumber(actual), expected, relative * std::abs(expected));
}

TEST(ExternalRtQpcr, StandardCurveOfARealPlate) {
  const auto path = ExternalFile("qpcr/quantstudio_rtpcr_example04.txt");
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const auto reference =
      ReadJson(ExternalFile("qpcr/ref_quantstudio_example04_standard_curve.json"))["results"];
  v1::AssayInput input = ReadPlate(path);
  ASSERT_EQ(input.data_size(), 95);
  input.mutable_method()->set_assay("rt_qpcr");
  input.mutable_method()->add_outputs()->set_line_code("RNASEP");
  SetParameter(*input.mutable_method(), "mode", "absolute");
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Failed(found.checks()), Names{});

  ExpectNumber(Detail(found.details(), "slope"), reference["slope"], 2e-8);
  ExpectNumber(Detail(found.details(), "intercept"), reference["intercept"], 2e-8);
  ExpectNumber(Detail(found.details(), "r2"), reference["R2"], 2e-7);
  ExpectNumber(Detail(found.details(), "efficiency_percent"), reference["efficiency_percent"],
               2e-8);
  EXPECT_EQ(Detail(found.details(), "vendor_slope"), "-3.383");
  EXPECT_EQ(Detail(found.details(), "vendor_intercept"), "39.814");
  EXPECT_EQ(Detail(found.details(), "vendor_r2"), "0.997");
  EXPECT_EQ(Detail(found.details(), "vendor_efficiency_percent"), "97.505");

  ASSERT_EQ(found.samples_size(), 2);
  const double vendor_means[] = {5314.592, 10484.030};
  for (int i = 0; i < 2; ++i) {
    const v1::SampleComputation& sample = found.samples(i);
    const auto& expected = reference["inverse"][static_cast<std::size_t>(i)];
    EXPECT_EQ(sample.sample_id(), expected["sample"].get<std::string>());
    EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
    const auto& details = sample.details();
    ExpectNumber(Reported(sample, "RNASEP"), expected["quantity"], 2e-7);
    ExpectNumber(Detail(details, "quantity"), expected["quantity"], 2e-7);
    ExpectNumber(Detail(details, "quantity_lower"), expected["ci95_fieller"][0], 2e-7);
    ExpectNumber(Detail(details, "quantity_upper"), expected["ci95_fieller"][1], 2e-7);
    // The vendor's mean counts one well that the export does not contain.
    ExpectNumber(Detail(details, "vendor_quantity_mean"), vendor_means[i], 1e-4);
    // Both are means of well quantities; the vendor rounds slope and intercept first.
    ExpectNumber(Detail(details, "quantity_mean"), vendor_means[i], 5e-4);
  }
}

}  // namespace
}  // namespace lims::assay
