// Relative potency of a sample against the reference preparation of the same run.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "assay/findings.h"
#include "assay/math/parallel_4pl.h"
#include "assay/potency.h"
#include "assay/run_combination.h"

namespace lims::assay {
namespace {

using Checks = google::protobuf::RepeatedPtrField<v1::Check>;

constexpr double kConfidence = 0.95;

// By dose and response, so that the fit does not depend on the order of the file.
std::vector<DosePoint> PointsOf(const PlateWells& wells) {
  std::vector<DosePoint> points;
  for (const v1::Datum* well : wells) {
    const Result<Decimal> dose = Decimal::Parse(well->dose());
    const std::optional<Decimal> response = NumberOf(*well);
    if (dose && response) points.push_back({dose->ToDouble(), response->ToDouble()});
  }
  std::sort(points.begin(), points.end(), [](const DosePoint& a, const DosePoint& b) {
    return std::tie(a.dose, a.response) < std::tie(b.dose, b.response);
  });
  return points;
}

class Comparison {
 public:
  Comparison(const v1::AssayInput& input, const RelativeSettings& settings)
      : input_(input), settings_(settings), computation_(BeginComputation(input)) {}

  v1::Computation Run() && {
    CheckPotencyWells(input_, computation_);
    if (settings_.plate) CheckResponders(input_, *settings_.plate, computation_);
    CheckDoses();
    const PlateWells reference = DataOfRole(input_, v1::POSITION_ROLE_REFERENCE);
    CheckGroups("REFERENCE at ", reference, *computation_.mutable_checks());
    reference_ = PointsOf(reference);
    const FitOutcome<FourParameterFit> curve = FitFourParameter(reference_);
    CheckCurve("reference", curve, *computation_.mutable_checks(), *computation_.mutable_details());
    CheckReferenceDose(curve);
    for (const SampleData& sample : SamplesOf(input_)) {
      v1::SampleComputation& found = *computation_.add_samples();
      found.set_sample_id(sample.sample_id);
      CheckGroups("dose ", sample.data, *found.mutable_checks());
      const std::vector<DosePoint> points = PointsOf(sample.data);
      CheckCurve("sample", FitFourParameter(points), *found.mutable_checks(),
                 *found.mutable_details());
      Compare(points, found);
    }
    ConcludeComputation(computation_);
    return std::move(computation_);
  }

 private:
  void CheckDoses() {
    for (const v1::Datum& well : input_.data()) {
      const bool on_curve =
          well.role() == v1::POSITION_ROLE_REFERENCE || well.role() == v1::POSITION_ROLE_SAMPLE;
      const Result<Decimal> dose = Decimal::Parse(well.dose());
      if (!on_curve || (dose && !dose->negative())) continue;
      *computation_.add_checks() =
          MakeCheck("dose", well.name(), well.dose().empty() ? "missing" : well.dose(),
                    "a number, zero or above", false);
    }
  }

  // The wells at each dose of one preparation.
  void CheckGroups(std::string_view name, const PlateWells& wells, Checks& checks) const {
    if (!settings_.plate) return;
    for (const auto& [dose, group] : ByDose(wells)) {
      if (!dose) continue;  // a check says so
      CheckGroup(*settings_.plate, std::string(name) + dose->ToString(), group, checks);
    }
  }

  // The free fit of one preparation.
  void CheckCurve(std::string_view name, const FitOutcome<FourParameterFit>& curve, Checks& checks,
                  google::protobuf::RepeatedPtrField<v1::NamedValue>& details) const {
    *checks.Add() = MakeCheck("curve_fit", name, curve.converged() ? "fitted" : curve.reason(),
                              "a four-parameter logistic curve", curve.converged());
    if (!curve.converged()) return;
    const Decimal r_squared = Decimal::FromDouble(curve.fit().r_squared);
    *checks.Add() =
        LimitCheck("curve_r_squared", name, r_squared, {settings_.r_squared_min, std::nullopt});
    AddDetail("r_squared", r_squared.ToString(), "", details);
  }

  // Whether the reference behaves as it was qualified.
  void CheckReferenceDose(const FitOutcome<FourParameterFit>& curve) {
    if (!settings_.reference_c.any()) return;
    std::optional<Decimal> dose;
    if (curve.converged()) dose = Decimal::FromDouble(std::exp(curve.fit().curve.ln_c));
    *computation_.add_checks() =
        LimitCheck("reference_c", "reference", dose, settings_.reference_c);
  }

  void Compare(const std::vector<DosePoint>& points, v1::SampleComputation& found) const {
    const FitOutcome<ParallelComparison> outcome =
        CompareParallel4pl(reference_, points, kConfidence);
    *found.add_checks() =
        MakeCheck("parallel_fit", "", outcome.converged() ? "fitted" : outcome.reason(),
                  "curves with common asymptotes and slope", outcome.converged());
    if (!outcome.converged()) return;
    const ParallelComparison& comparison = outcome.fit();
    AddDetails(comparison, *found.mutable_details());
    CheckParallelism(comparison, found);
    if (settings_.equivalence_required) CheckEquivalence(comparison, found);
    const v1::MethodOutput output = OnlyOutput(input_.method());
    v1::Reportable& reportable = *found.add_reportables();
    reportable.set_line_code(output.line_code());
    const Decimal percent =
        Decimal::FromInt(100) * Decimal::FromDouble(comparison.relative_potency);
    reportable.set_value(percent.ToString());
    reportable.set_unit(output.input_unit());
    reportable.set_inconclusive(Imprecision(comparison));
  }

  void CheckParallelism(const ParallelComparison& comparison, v1::SampleComputation& found) const {
    if (!settings_.f_test_required) return;
    const FitOutcome<FTest>& test = comparison.parallelism;
    std::optional<Decimal> p;
    if (test.converged()) p = Decimal::FromDouble(test.fit().p);
    *found.add_checks() = LimitCheck("p_parallelism", "", p, {settings_.f_test_p_min, std::nullopt},
                                     test.converged() ? "" : test.reason());
  }

  // Each whole confidence interval must lie inside its margins.
  void CheckEquivalence(const ParallelComparison& comparison, v1::SampleComputation& found) const {
    const auto check = [&](std::string_view name, const Interval& limits, const Limits& margins) {
      if (!margins.any()) return;
      const Decimal lower = Decimal::FromDouble(limits.lower);
      const Decimal upper = Decimal::FromDouble(limits.upper);
      *found.add_checks() =
          MakeCheck(name, "", lower.ToString() + " to " + upper.ToString(),
                    "95 % limits " + margins.Text(), margins.Hold(lower) && margins.Hold(upper));
    };
    check("b_ratio", comparison.slope_ratio.limits, settings_.b_ratio);
    check("range_ratio", comparison.range_ratio.limits, settings_.range_ratio);
    check("a_difference", comparison.a_difference.limits, settings_.a_difference);
    check("d_difference", comparison.d_difference.limits, settings_.d_difference);
  }

  const Interval* PrecisionLimits(const ParallelComparison& comparison) const {
    using By = RelativeSettings::ByLimits;
    if (settings_.precision_by == By::kDelta) return &comparison.delta_limits;
    const std::optional<Interval>& limits = settings_.precision_by == By::kFieller
                                                ? comparison.fieller_limits
                                                : comparison.profile_limits;
    return limits ? &*limits : nullptr;
  }

  // Why the potency is too wide to be judged, whatever it is; empty when it is not.
  std::string Imprecision(const ParallelComparison& comparison) const {
    if (!settings_.precision_ratio_max) return {};
    const Interval* limits = PrecisionLimits(comparison);
    if (limits == nullptr || !(limits->lower > 0)) {
      return "INCONCLUSIVE_PRECISION: the relative potency has no 95 % limits above zero";
    }
    const Decimal ratio = Decimal::FromDouble(limits->upper / limits->lower);
    if (ratio <= *settings_.precision_ratio_max) return {};
    return fmt::format("INCONCLUSIVE_PRECISION: upper / lower 95 % limit {}, asked <= {}",
                       ratio.Round(3, Rounding::kHalfUp).ToString(),
                       settings_.precision_ratio_max->ToString());
  }

  void AddDetails(const ParallelComparison& comparison,
                  google::protobuf::RepeatedPtrField<v1::NamedValue>& details) const {
    const auto add = [&](std::string_view name, double value) {
      AddDetail(name, Decimal::FromDouble(value).ToString(), "", details);
    };
    const auto add_interval = [&](const std::string& name, const Interval& interval) {
      add(name + "_lower", interval.lower);
      add(name + "_upper", interval.upper);
    };
    const auto add_test = [&](const std::string& name, const FitOutcome<FTest>& test) {
      if (!test.converged()) return;
      add("f_" + name, test.fit().f);
      add("p_" + name, test.fit().p);
    };
    add("rp", comparison.relative_potency);
    add_interval("rp", comparison.delta_limits);
    if (comparison.profile_limits) add_interval("rp_profile", *comparison.profile_limits);
    if (comparison.fieller_limits) add_interval("rp_fieller", *comparison.fieller_limits);
    add("ln_rp", comparison.common.ln_relative_potency);
    add(kLnSe, comparison.common.ln_relative_potency_se);
    add(kLnDf, comparison.common.df);
    add_test("parallelism", comparison.parallelism);
    add_test("lack_of_fit", comparison.lack_of_fit);
    add("b_ratio", comparison.slope_ratio.ratio);
    add_interval("b_ratio", comparison.slope_ratio.limits);
    add("range_ratio", comparison.range_ratio.ratio);
    add_interval("range_ratio", comparison.range_ratio.limits);
    if (settings_.a_difference.any()) {
      add("a_difference", comparison.a_difference.difference);
      add_interval("a_difference", comparison.a_difference.limits);
      add("d_difference", comparison.d_difference.difference);
      add_interval("d_difference", comparison.d_difference.limits);
    }
  }

  const v1::AssayInput& input_;
  const RelativeSettings& settings_;
  v1::Computation computation_;
  std::vector<DosePoint> reference_;
};

bool ReadRequired(ParameterReader& reader, std::string_view name) {
  return reader.Choice(name, {"required", "reported"}) == "required";
}

}  // namespace

RelativeSettings ReadRelativeSettings(ParameterReader& reader) {
  RelativeSettings settings;
  if (reader.Choice("plate_controls", {"none", "required"}) == "required") {
    settings.plate = ReadPlateSettings(reader);
  }
  settings.r_squared_min = reader.Number("r_squared_min");
  settings.f_test_required = ReadRequired(reader, "f_test");
  settings.f_test_p_min = reader.Number("f_test_p_min");
  settings.equivalence_required = ReadRequired(reader, "equivalence");
  settings.b_ratio = reader.Window("b_ratio_min", "b_ratio_max", "");
  settings.range_ratio = reader.Window("range_ratio_min", "range_ratio_max", "");
  settings.a_difference = reader.Window("a_difference_min", "a_difference_max", "");
  settings.d_difference = reader.Window("d_difference_min", "d_difference_max", "");
  settings.reference_c = reader.Window("reference_c_min", "reference_c_max", "");
  settings.precision_ratio_max = reader.OptionalNumber("precision_ratio_max");
  const std::string by = reader.Choice("precision_limits", {"delta", "fieller", "profile"});
  using By = RelativeSettings::ByLimits;
  settings.precision_by = by == "delta"     ? By::kDelta
                          : by == "fieller" ? By::kFieller
                                            : By::kProfile;
  if (!settings.f_test_required && !settings.equivalence_required) {
    reader.Refuse("f_test", "or equivalence must be required: potency needs parallel curves");
  }
  const auto has_both = [](const Limits& limits) { return limits.min && limits.max; };
  if (settings.equivalence_required &&
      !(has_both(settings.b_ratio) && has_both(settings.range_ratio))) {
    reader.Refuse("equivalence", "needs all four margins of b_ratio and range_ratio");
  }
  if ((settings.a_difference.any() || settings.d_difference.any()) &&
      !(has_both(settings.a_difference) && has_both(settings.d_difference))) {
    reader.Refuse("equivalence",
                  "needs all four margins of a_difference and d_difference, or none");
  }
  return settings;
}

v1::Computation CalculateRelative(const v1::AssayInput& input, const RelativeSettings& settings) {
  return Comparison(input, settings).Run();
}

}  // namespace lims::assay
