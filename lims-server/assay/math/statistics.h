// Mean, standard deviation and coefficient of determination of instrument responses.
#ifndef LIMS_ASSAY_MATH_STATISTICS_H_
#define LIMS_ASSAY_MATH_STATISTICS_H_

#include <initializer_list>
#include <optional>
#include <span>

namespace lims::assay {

// Each is absent where it is not defined or not finite: never a NaN, never a stand-in zero.
std::optional<double> Mean(std::span<const double> values);
// Denominator n - 1; absent below two values.
std::optional<double> SampleSd(std::span<const double> values);
// 1 - residual_ss / sum of squares about the mean; absent when the responses do not vary.
std::optional<double> RSquared(double residual_ss, std::span<const double> responses);

// Whether every value is a number that can be reported.
bool AllFinite(std::initializer_list<double> values);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_STATISTICS_H_
