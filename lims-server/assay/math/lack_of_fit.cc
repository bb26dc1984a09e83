#include "assay/math/lack_of_fit.h"

#include <cstddef>
#include <map>
#include <vector>

#include "assay/math/statistics.h"

namespace lims::assay {

PureError PureErrorOf(std::span<const double> levels, std::span<const double> responses) {
  std::map<double, std::vector<double>> groups;
  for (std::size_t i = 0; i < levels.size(); ++i) groups[levels[i]].push_back(responses[i]);
  PureError error;
  for (const auto& [level, group] : groups) {
    const double sd = SampleSd(group).value_or(0);
    const int df = static_cast<int>(group.size()) - 1;
    error.ss += sd * sd * df;
    error.df += df;
  }
  return error;
}

FitOutcome<FTest> LackOfFitTest(double residual_ss, int residual_df, const PureError& pure_error) {
  return ExtraSumOfSquaresTest(residual_ss - pure_error.ss, residual_df - pure_error.df,
                               pure_error.ss, pure_error.df);
}

}  // namespace lims::assay
