#include "assay/math/lack_of_fit.h"

#include <gtest/gtest.h>

#include <vector>

namespace lims::assay {
namespace {

TEST(LackOfFit, PureErrorIsTheScatterAroundTheMeanOfEachLevel) {
  const std::vector<double> levels = {1, 2, 1, 2, 3, 2};
  const std::vector<double> responses = {5, 1, 7, 2, 9, 3};
  const PureError error = PureErrorOf(levels, responses);
  EXPECT_DOUBLE_EQ(error.ss, 2 + 2 + 0);  // level 1: 5, 7; level 2: 1, 2, 3; level 3: 9
  EXPECT_EQ(error.df, 3);
}

TEST(LackOfFit, SplitsTheResidual) {
  const auto test = LackOfFitTest(10, 5, {4, 3});
  ASSERT_TRUE(test.converged());
  EXPECT_DOUBLE_EQ(test.fit().f, ((10.0 - 4) / 2) / (4.0 / 3));
  EXPECT_EQ(test.fit().df_numerator, 2);
  EXPECT_EQ(test.fit().df_denominator, 3);
}

TEST(LackOfFit, FailsWithoutReplicates) {
  EXPECT_FALSE(LackOfFitTest(10, 5, {0, 0}).converged());
}

}  // namespace
}  // namespace lims::assay
