// Published assays through the whole calculator, against results of two statistics programs.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "assay/external_data.h"
#include "assay_input.h"

namespace lims::assay {
namespace {

v1::AssayInput TwoRuns(const std::filesystem::path& path, const std::string& reference,
                       const std::string& sample) {
  v1::AssayInput input;
  input.mutable_method()->set_assay("potency");
  input.mutable_method()->add_outputs()->set_line_code("POT-RP");
  SetParameter(*input.mutable_method(), "mode", "RELATIVE");
  for (const std::string& line : ReadLines(path)) {
    const std::vector<std::string> cells = SplitFields(line, ',');
    if (cells[0] != reference && cells[0] != sample) continue;
    v1::Datum& well = *input.add_data();
    well.set_role(cells[0] == reference ? v1::POSITION_ROLE_REFERENCE : v1::POSITION_ROLE_SAMPLE);
    well.set_name(cells[0]);
    well.set_dose(cells[1]);
    well.mutable_value()->set_value(cells[2]);
  }
  return input;
}

void ExpectNumber(const std::string& actual, double expected) {
  EXPECT_NEAR(ToNumber(actual), expected, 2e-7 * std::abs(expected));
}

TEST(ExternalPotency, ParallelRunsGiveThePublishedPotency) {
  const auto path = ExternalFile("potency/DNase_runs_1-6.csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const auto reference = ReadJson(ExternalFile("potency/ref_DNase_run4_vs_run5.json"))["results"];
  const v1::Computation found = Compute(TwoRuns(path, "4", "5"));
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  ASSERT_EQ(found.samples_size(), 1);
  const v1::SampleComputation& sample = found.samples(0);
  EXPECT_EQ(Failed(sample.checks()), Names{});
  ExpectNumber(Reported(sample, "POT-RP"), 100 * reference["relative_potency"].get<double>());
  ExpectNumber(Detail(sample.details(), "rp"), 1.0629152);
  ExpectNumber(Detail(sample.details(), "rp_lower"), 1.0331027);
  ExpectNumber(Detail(sample.details(), "rp_upper"), 1.0935881);
  ExpectNumber(Detail(sample.details(), "f_parallelism"), reference["parallelism"]["F"]);
  ExpectNumber(Detail(sample.details(), "p_parallelism"), reference["parallelism"]["p"]);
}

TEST(ExternalPotency, RunsThatAreNotParallelGiveNone) {
  const auto path = ExternalFile("potency/DNase_runs_1-6.csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const v1::SampleComputation sample = Compute(TwoRuns(path, "1", "2")).samples(0);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_INVALID_SAMPLE);
  EXPECT_EQ(Failed(sample.checks()), Names{"p_parallelism"});
  EXPECT_TRUE(sample.reportables().empty());
}

}  // namespace
}  // namespace lims::assay
