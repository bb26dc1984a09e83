#include "assay/standard_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "assay/findings.h"
#include "assay/math/statistics.h"

namespace lims::assay {
namespace {

constexpr double kConfidence = 0.95;

// From small to large: a sum of doubles depends on its order.
std::vector<double> SortedDoubles(std::span<const Decimal> values) {
  std::vector<double> doubles;
  for (const Decimal& value : values) doubles.push_back(value.ToDouble());
  std::sort(doubles.begin(), doubles.end());
  return doubles;
}

}  // namespace

FitOutcome<StandardCurve> FitStandardCurve(std::span<const StandardWell> wells) {
  std::vector<std::pair<double, double>> points;
  StandardCurve curve;
  for (const StandardWell& well : wells) {
    points.emplace_back(std::log10(well.quantity.ToDouble()), well.cq.ToDouble());
    if (points.size() == 1 || well.quantity < curve.lowest_quantity) {
      curve.lowest_quantity = well.quantity;
    }
  }
  std::sort(points.begin(), points.end());
  std::vector<double> x;
  std::vector<double> y;
  for (const auto& [log_quantity, cq] : points) {
    x.push_back(log_quantity);
    y.push_back(cq);
  }
  const FitOutcome<LinearFit> line = FitLine(x, y);
  if (!line.converged()) return FitFailure{line.reason()};
  curve.line = line.fit();
  const double efficiency = 100 * (std::pow(10, -1 / curve.line.slope) - 1);
  if (AllFinite({efficiency})) curve.efficiency_percent = efficiency;
  return curve;
}

FitOutcome<Quantities> ReadQuantities(const StandardCurve& curve, std::span<const Decimal> cqs) {
  const std::vector<double> responses = SortedDoubles(cqs);
  const FitOutcome<InversePrediction> prediction = PredictX(curve.line, responses, kConfidence);
  if (!prediction.converged()) return FitFailure{prediction.reason()};
  Quantities quantities;
  quantities.of_mean_cq = std::pow(10, prediction.fit().x);
  for (double response : responses) {
    quantities.mean += std::pow(10, (response - curve.line.intercept) / curve.line.slope);
  }
  quantities.mean /= static_cast<double>(responses.size());
  if (!AllFinite({quantities.of_mean_cq, quantities.mean})) {
    return FitFailure{"the curve gives no finite quantity"};
  }
  if (const auto& limits = prediction.fit().fieller_limits) {
    const Interval interval{std::pow(10, limits->lower), std::pow(10, limits->upper)};
    if (AllFinite({interval.lower, interval.upper})) quantities.limits = interval;
  }
  return quantities;
}

void AddCurveDetails(const StandardCurve& curve, std::string_view prefix,
                     google::protobuf::RepeatedPtrField<v1::NamedValue>& details) {
  const auto add = [&](std::string_view name, double value, std::string_view unit) {
    AddDetail(std::string(prefix) + std::string(name), Decimal::FromDouble(value).ToString(), unit,
              details);
  };
  add("slope", curve.line.slope, "");
  add("intercept", curve.line.intercept, "");
  add("r2", curve.line.r_squared, "");
  if (curve.efficiency_percent) add("efficiency_percent", *curve.efficiency_percent, "%");
}

void AddVendorCurveDetails(const google::protobuf::RepeatedPtrField<v1::NamedValue>& properties,
                           std::string_view target,
                           google::protobuf::RepeatedPtrField<v1::NamedValue>& details) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNumbers{
      {{"slope ", "vendor_slope"},
       {"intercept ", "vendor_intercept"},
       {"R2 ", "vendor_r2"},
       {"efficiency ", "vendor_efficiency_percent"}}};
  const std::string prefix = std::string(target) + ": ";
  for (const v1::NamedValue& property : properties) {
    std::string_view text = property.value();
    if (property.name() != "vendor_curve" || !text.starts_with(prefix)) continue;
    text.remove_prefix(prefix.size());
    while (!text.empty()) {
      const std::string_view part = text.substr(0, text.find(", "));
      text.remove_prefix(std::min(text.size(), part.size() + 2));
      for (const auto& [word, name] : kNumbers) {
        if (part.starts_with(word)) {
          const bool percent = name.ends_with("_percent");
          AddDetail(name, std::string(part.substr(word.size())), percent ? "%" : "", details);
        }
      }
    }
  }
}

}  // namespace lims::assay
