#include "assay/run_combination.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/exact.h"
#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/math/distributions.h"
#include "assay/spread.h"

namespace lims::assay {
namespace {

constexpr double kConfidence = 0.95;

using Details = google::protobuf::RepeatedPtrField<v1::NamedValue>;

std::optional<Decimal> NumberNamed(const Details& details, std::string_view name) {
  for (const v1::NamedValue& detail : details) {
    if (detail.name() != name) continue;
    const Result<Decimal> number = Decimal::Parse(detail.value());
    if (number) return *number;
  }
  return std::nullopt;
}

// An estimate with its limits; the limits are absent where the runs do not give any.
struct Estimate {
  Decimal value;
  std::optional<Interval> limits;
};

// Limits from the spread of `values` about their mean; on a log scale both are logarithms.
std::optional<Interval> SpreadLimits(const std::vector<double>& values, double mean) {
  const std::size_t n = values.size();
  if (n < 2) return std::nullopt;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double se = std::sqrt(squares / static_cast<double>(n - 1) / static_cast<double>(n));
  const double half = TwoSidedT(kConfidence, static_cast<int>(n) - 1) * se;
  return Interval{mean - half, mean + half};
}

Interval Exp(const Interval& interval) {
  return {std::exp(interval.lower), std::exp(interval.upper)};
}

class Combining {
 public:
  Combining(const v1::RunPlan& plan, std::span<const RunValue> runs) : plan_(plan), runs_(runs) {}

  CombinedRuns Run() && {
    if (!ReadValues()) return std::move(combined_);
    CheckSpread();
    const std::optional<Estimate> estimate = Combine();
    if (!estimate) return std::move(combined_);
    // One run alone is its own value, not what a logarithm and back make of it.
    combined_.value = runs_.size() == 1 ? runs_[0].value : estimate->value.ToString();
    AddNumber("runs", static_cast<double>(runs_.size()));
    if (estimate->limits) {
      AddNumber("combined_lower", estimate->limits->lower);
      AddNumber("combined_upper", estimate->limits->upper);
    }
    CheckPrecision(estimate->limits);
    return std::move(combined_);
  }

 private:
  void Inconclusive(std::string why) {
    if (combined_.inconclusive.empty()) combined_.inconclusive = std::move(why);
  }

  void AddNumber(std::string_view name, double value) {
    AddDetail(name, Decimal::FromDouble(value).ToString(), "", combined_.details);
  }

  bool ReadValues() {
    for (const RunValue& run : runs_) {
      for (const v1::NamedValue& detail : run.details) {
        if (detail.name() == kRunInconclusive) Inconclusive(detail.value());
      }
      const Result<Decimal> value = Decimal::Parse(run.value);
      if (!value) {
        Inconclusive(fmt::format("\"{}\" is no number that could be combined", run.value));
        return false;
      }
      values_.push_back(*value);
    }
    return !values_.empty();
  }

  // Exact, and before anything is made of the values.
  void CheckSpread() {
    const Result<Decimal> largest = Decimal::Parse(plan_.spread_max());
    if (!largest || values_.size() < 2) return;
    const Spread spread = SpreadOf(plan_.spread_rule(), values_);
    const std::string_view unit = spread.percent ? "%" : "";
    if (!spread.value) {
      return Inconclusive("the runs do not agree: their mean is zero, so that they have no CV");
    }
    AddDetail(fmt::format("runs_{}", spread.id), spread.value->ToString(), unit, combined_.details);
    if (*spread.value <= *largest) return;
    Inconclusive(fmt::format("the runs do not agree: {} {}{}{}, asked <= {}", spread.name,
                             spread.value->Round(3, Rounding::kHalfUp).ToString(),
                             spread.percent ? " " : "", unit, largest->ToString()));
  }

  std::optional<Estimate> Combine() {
    if (plan_.combination() == v1::RUN_COMBINATION_MEAN) return Mean();
    std::vector<double> logs;
    for (const Decimal& value : values_) {
      if (value.negative() || value.zero()) {
        Inconclusive(
            fmt::format("{} has no logarithm, so the runs cannot be combined", value.ToString()));
        return std::nullopt;
      }
      logs.push_back(std::log(value.ToDouble()));
    }
    return plan_.combination() == v1::RUN_COMBINATION_LOG_MEAN ? LogMean(logs) : LogWeighted(logs);
  }

  // The value is exact; only its limits are numbers of a fit.
  Estimate Mean() const {
    std::vector<double> values;
    for (const Decimal& value : values_) values.push_back(value.ToDouble());
    const Decimal mean = MeanOf(values_).Value();
    return {mean, SpreadLimits(values, mean.ToDouble())};
  }

  static Estimate LogMean(const std::vector<double>& logs) {
    double mean = 0;
    for (const double log : logs) mean += log;
    mean /= static_cast<double>(logs.size());
    Estimate estimate{Decimal::FromDouble(std::exp(mean)), std::nullopt};
    if (const auto limits = SpreadLimits(logs, mean)) estimate.limits = Exp(*limits);
    return estimate;
  }

  // Weights 1 / variance; the limits use all degrees of freedom of the runs.
  std::optional<Estimate> LogWeighted(const std::vector<double>& logs) {
    std::vector<double> weights;
    int df = 0;
    for (const RunValue& run : runs_) {
      const std::optional<Decimal> se = NumberNamed(run.details, kLnSe);
      const std::optional<Decimal> run_df = NumberNamed(run.details, kLnDf);
      if (!se || !run_df || se->negative() || se->zero() || run_df->negative() || run_df->zero()) {
        Inconclusive(
            fmt::format("a run reports no {} and {} above zero to weigh it by", kLnSe, kLnDf));
        return std::nullopt;
      }
      weights.push_back(1 / (se->ToDouble() * se->ToDouble()));
      df += static_cast<int>(run_df->ToDouble());
    }
    double sum = 0;
    double mean = 0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
      sum += weights[i];
      mean += weights[i] * logs[i];
    }
    mean /= sum;
    const double half = TwoSidedT(kConfidence, df) / std::sqrt(sum);
    CheckHeterogeneity(logs, weights, mean);
    return Estimate{Decimal::FromDouble(std::exp(mean)), Exp({mean - half, mean + half})};
  }

  void CheckHeterogeneity(const std::vector<double>& logs, const std::vector<double>& weights,
                          double mean) {
    if (logs.size() < 2) return;
    double chi_squared = 0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
      chi_squared += weights[i] * (logs[i] - mean) * (logs[i] - mean);
    }
    const double p = ChiSquaredP(chi_squared, static_cast<int>(logs.size()) - 1);
    AddNumber("heterogeneity_chi_squared", chi_squared);
    AddNumber("heterogeneity_p", p);
    const Result<Decimal> lowest = Decimal::Parse(plan_.heterogeneity_p_min());
    if (!lowest || Decimal::FromDouble(p) >= *lowest) return;
    Inconclusive(fmt::format("the runs do not agree: p of heterogeneity {:.3g}, asked >= {}", p,
                             lowest->ToString()));
  }

  void CheckPrecision(const std::optional<Interval>& limits) {
    const Result<Decimal> largest = Decimal::Parse(plan_.precision_ratio_max());
    if (!largest) return;
    std::optional<Decimal> ratio;
    if (limits && limits->lower > 0) {
      ratio = Decimal::FromDouble(limits->upper / limits->lower);
      AddDetail("precision_ratio", ratio->ToString(), "", combined_.details);
    }
    if (ratio && *ratio <= *largest) return;
    Inconclusive(
        ratio ? fmt::format("INCONCLUSIVE_PRECISION: upper / lower 95 % limit {}, asked <= {}",
                            ratio->Round(3, Rounding::kHalfUp).ToString(), largest->ToString())
              : "INCONCLUSIVE_PRECISION: the runs give no 95 % limits above zero");
  }

  const v1::RunPlan& plan_;
  std::span<const RunValue> runs_;
  std::vector<Decimal> values_;
  CombinedRuns combined_;
};

bool IsPositiveNumber(const std::string& text) {
  const Result<Decimal> number = Decimal::Parse(text);
  return number && !number->negative() && !number->zero();
}

}  // namespace

std::string ValueWithExcludedOf(std::string_view line_code) {
  return fmt::format("{}_{}", kValueWithExcluded, line_code);
}

CombinedRuns CombineRuns(const v1::RunPlan& plan, std::span<const RunValue> runs) {
  return Combining(plan, runs).Run();
}

std::vector<Violation> CheckRunPlan(const v1::Method& method) {
  std::vector<Violation> violations;
  if (!method.has_run_plan()) return violations;
  const v1::RunPlan& plan = method.run_plan();
  const auto refuse = [&](std::string field, std::string problem) {
    violations.push_back({"method.run_plan." + std::move(field), std::move(problem)});
  };
  const bool weighted = plan.combination() == v1::RUN_COMBINATION_LOG_WEIGHTED;
  if (plan.combination() == v1::RUN_COMBINATION_UNSPECIFIED) refuse("combination", "must be given");
  if (plan.runs() < 1 || plan.runs() > 20) refuse("runs", "must be 1 to 20");
  for (const auto& [field, text] : {std::pair("precision_ratio_max", plan.precision_ratio_max()),
                                    std::pair("heterogeneity_p_min", plan.heterogeneity_p_min())}) {
    if (!text.empty() && !IsPositiveNumber(text)) refuse(field, "must be a number above zero");
  }
  if (!weighted && plan.runs() == 1 && !plan.precision_ratio_max().empty()) {
    refuse("precision_ratio_max", "needs two runs or more: one has no spread");
  }
  if (!weighted && plan.combination() != v1::RUN_COMBINATION_UNSPECIFIED &&
      !plan.heterogeneity_p_min().empty()) {
    refuse("heterogeneity_p_min", "has an effect with LOG_WEIGHTED only");
  }
  if (plan.spread_rule() != v1::SPREAD_RULE_UNSPECIFIED && weighted) {
    refuse("spread_rule", "has no effect with LOG_WEIGHTED: heterogeneity_p_min is its rule");
  } else if (plan.spread_rule() != v1::SPREAD_RULE_UNSPECIFIED && plan.runs() == 1) {
    refuse("spread_rule", "needs two runs or more: one has no spread");
  } else if (plan.spread_rule() == v1::SPREAD_RULE_RANGE && method.has_method_repeat()) {
    refuse("spread_rule", "of a plan with a further run is SD or CV: no run narrows a range");
  }
  const bool ruled = plan.spread_rule() != v1::SPREAD_RULE_UNSPECIFIED;
  if (ruled != !plan.spread_max().empty() || (ruled && !IsPositiveNumber(plan.spread_max()))) {
    refuse("spread_max", "is given with the rule of spread, a number above zero, and only then");
  }
  for (int i = 0; i < method.outputs_size(); ++i) {
    if (!method.outputs(i).codes().empty()) {
      violations.push_back(
          {fmt::format("method.outputs[{}].codes", i), "runs that report codes are not combined"});
    }
  }
  return violations;
}

}  // namespace lims::assay
