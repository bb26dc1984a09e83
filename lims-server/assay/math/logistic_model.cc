#include "assay/math/logistic_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace lims::assay {
namespace {

constexpr std::size_t kMinDistinctDoses = 4;

// Slopes in units of one over the range of ln dose: 1 takes more than the whole range to turn, 64
// turns between two neighbours of most dilution series.
constexpr std::array kSlopes = {1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0};
// Half-effect doses: this many over the range of ln dose and half of it again on either side.
constexpr int kCentres = 41;

// Sums over one preparation for the linear regression of the response on the transition
// 1 / (1 + exp(b (ln x - ln c))).
struct TransitionSums {
  double n = 0;
  double f = 0;
  double ff = 0;
  double y = 0;
  double fy = 0;

  TransitionSums operator+(const TransitionSums& other) const {
    return {n + other.n, f + other.f, ff + other.ff, y + other.y, fy + other.fy};
  }
};

TransitionSums SumsOf(const LogDoses& data, double b, double ln_c) {
  TransitionSums sums;
  for (std::size_t i = 0; i < data.ln_dose.size(); ++i) {
    const double f = EvaluateLogistic({1, 0, b, ln_c}, data.ln_dose[i]).value;
    const double y = data.response[i];
    sums.n += 1;
    sums.f += f;
    sums.ff += f * f;
    sums.y += y;
    sums.fy += f * y;
  }
  return sums;
}

}  // namespace

LogDoses ToLogDoses(std::span<const DosePoint> points) {
  LogDoses data;
  for (const DosePoint& point : points) {
    data.ln_dose.push_back(std::log(point.dose));
    data.response.push_back(point.response);
  }
  return data;
}

LogisticTerms EvaluateLogistic(const FourParameterCurve& curve, double ln_dose) {
  if (std::isinf(ln_dose)) return {curve.a, 1, 0, 0, 0};  // dose zero
  const double distance = ln_dose - curve.ln_c;
  const double f = 1 / (1 + std::exp(curve.b * distance));
  const double bend = (curve.a - curve.d) * f * (1 - f);
  return {curve.d + (curve.a - curve.d) * f, f, 1 - f, -bend * distance, bend * curve.b};
}

std::optional<std::string> DataProblem(std::span<const DosePoint> points) {
  std::set<double> doses;
  std::set<double> responses;
  for (const DosePoint& point : points) {
    if (!std::isfinite(point.dose) || point.dose < 0) {
      return "a dose is negative or not a finite number";
    }
    if (!std::isfinite(point.response)) return "a response is not a finite number";
    doses.insert(point.dose);
    responses.insert(point.response);
  }
  if (doses.size() < kMinDistinctDoses) {
    return "too few doses: " + std::to_string(doses.size()) + " distinct, at least " +
           std::to_string(kMinDistinctDoses) + " are needed";
  }
  if (responses.size() < 2) return "the response does not vary";
  return std::nullopt;
}

LogisticStart FindStart(const LogDoses& first, const LogDoses* second) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const LogDoses* data : {&first, second}) {
    if (data == nullptr) continue;
    for (const double ln_dose : data->ln_dose) {
      if (std::isinf(ln_dose)) continue;
      low = std::min(low, ln_dose);
      high = std::max(high, ln_dose);
    }
  }
  const double range = high - low;
  std::array<double, kCentres> centres;
  for (std::size_t i = 0; i < centres.size(); ++i) {
    centres[i] = low - range / 2 + 2 * range * static_cast<double>(i) / (kCentres - 1);
  }

  LogisticStart best;
  double best_gain = -1;
  for (const double slope : kSlopes) {
    const double b = slope / range;
    std::array<TransitionSums, kCentres> second_sums;
    if (second != nullptr) {
      for (std::size_t k = 0; k < kCentres; ++k) second_sums[k] = SumsOf(*second, b, centres[k]);
    }
    const std::size_t second_count = second != nullptr ? kCentres : 1;
    for (const double first_centre : centres) {
      const TransitionSums first_sums = SumsOf(first, b, first_centre);
      for (std::size_t k = 0; k < second_count; ++k) {
        const TransitionSums sums = first_sums + second_sums[k];
        const double sff = sums.ff - sums.f * sums.f / sums.n;
        const double sfy = sums.fy - sums.f * sums.y / sums.n;
        if (!(sff > 0)) continue;
        const double gain = sfy * sfy / sff;  // what the curve takes off the sum of squares
        if (gain <= best_gain) continue;
        best_gain = gain;
        const double span = sfy / sff;
        best.d = (sums.y - span * sums.f) / sums.n;
        best.a = best.d + span;
        best.b = b;
        best.ln_c_first = first_centre;
        best.ln_c_second = centres[k];
      }
    }
  }
  return best;
}

}  // namespace lims::assay
