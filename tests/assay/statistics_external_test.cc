// Univariate statistics against certified values.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "assay/external_data.h"
#include "assay/math/statistics.h"

namespace lims::assay {
namespace {

struct CertifiedStatistics {
  std::string file;
  double mean;
  double sd;
  double sd_tolerance;  // relative
};

TEST(ExternalStatistics, MeanAndSdAgreeWithNist) {
  // The decimals of NumAcc3 have no exact double: 1e-10 of 1e6 against an SD of 0.1.
  const std::vector<CertifiedStatistics> sets = {
      {"Michelso", 299.8524, 0.0790105478190518, 1e-12},
      {"Lew", -177.435, 277.332168044316, 1e-14},
      {"Mavro", 2.001856, 0.000429123454003053, 1e-12},
      {"NumAcc1", 10000002, 1, 0},
      {"NumAcc3", 1000000.2, 0.1, 2e-9},
  };
  for (const CertifiedStatistics& set : sets) {
    const auto path = ExternalFile("nist/" + set.file + ".dat");
    if (!std::filesystem::exists(path)) GTEST_SKIP();
    std::vector<double> values;
    bool in_data = false;
    for (const std::string& line : ReadLines(path)) {
      const std::vector<double> numbers = NumbersOf(line);
      if (in_data && numbers.size() == 1) values.push_back(numbers[0]);
      if (line.starts_with("Data: Y")) in_data = true;
    }
    EXPECT_NEAR(Mean(values).value(), set.mean, 1e-15 * std::fabs(set.mean)) << set.file;
    EXPECT_NEAR(SampleSd(values).value(), set.sd, set.sd_tolerance * set.sd) << set.file;
  }
}

}  // namespace
}  // namespace lims::assay
