#include "assay/math/statistics.h"

#include <algorithm>
#include <cmath>

namespace lims::assay {
namespace {

std::optional<double> IfFinite(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> Mean(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const double count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double first = sum / count;
  // The second pass takes away the rounding of the first: large values with a small spread keep
  // their last digits.
  double rest = 0;
  for (const double value : values) rest += value - first;
  return IfFinite(first + rest / count);
}

std::optional<double> SampleSd(std::span<const double> values) {
  const std::optional<double> mean = Mean(values);
  if (values.size() < 2 || !mean) return std::nullopt;
  double squares = 0;
  double rest = 0;
  for (const double value : values) {
    const double deviation = value - *mean;
    squares += deviation * deviation;
    rest += deviation;
  }
  const double count = static_cast<double>(values.size());
  // `rest` would be zero for an exact mean; its square corrects for the rounded one.
  const double corrected = std::fmax(squares - rest * rest / count, 0.0);
  return IfFinite(std::sqrt(corrected / (count - 1)));
}

std::optional<double> RSquared(double residual_ss, std::span<const double> responses) {
  const std::optional<double> sd = SampleSd(responses);
  if (!sd || *sd == 0) return std::nullopt;
  const double total = *sd * *sd * (static_cast<double>(responses.size()) - 1);
  return IfFinite(1 - residual_ss / total);
}

bool AllFinite(std::initializer_list<double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace lims::assay
