// RT-qPCR by Cq: qualitative against a cut-off, absolute from a standard curve, or relative to the
// positive control.
#include "assay/rt_qpcr.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "assay/calculators.h"
#include "assay/exact.h"
#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/map_check.h"
#include "assay/method_repeat.h"
#include "assay/observation.h"
#include "assay/parameters.h"
#include "assay/setup.h"
#include "assay/standard_curve.h"

namespace lims::assay {
namespace {

using Wells = std::vector<const v1::Datum*>;

// "31.200 (C9), none (C10)".
std::string Printed(const Wells& wells) {
  std::vector<std::string> parts;
  for (const v1::Datum* well : wells) {
    std::string cq = well->undetermined() ? "none" : well->value().value();
    parts.push_back(well->position().empty() ? cq : fmt::format("{} ({})", cq, well->position()));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// One plate.
class Plate {
 public:
  Plate(const v1::AssayInput& input, RtQpcrSettings settings)
      : input_(input), settings_(std::move(settings)), computation_(BeginComputation(input)) {}

  v1::Computation Run() && {
    SettleTarget();
    CheckReadable();
    CheckControls();
    curve_ = FitCurve(settings_.target, "");
    if (settings_.by_reference()) reference_curve_ = FitCurve(*settings_.reference, "reference_");
    for (const SampleData& sample : SamplesOf(input_)) {
      v1::SampleComputation& found = *computation_.add_samples();
      found.set_sample_id(sample.sample_id);
      const Wells wells = OfTarget(sample.data, settings_.target);
      CheckSample(sample, wells, found);
      switch (settings_.mode) {
        case RtQpcrMode::kQualitative:
          Classify(wells, found);
          break;
        case RtQpcrMode::kAbsolute:
          Quantify(sample, wells, found);
          break;
        case RtQpcrMode::kRelative:
          Relate(sample, wells, found);
          break;
      }
      AddQuantityDetails(wells, found);
    }
    ConcludeComputation(computation_);
    FlagSignals();
    return std::move(computation_);
  }

 private:
  // The amount at the mean of some Cq; absent where it is no finite number.
  using Level = std::function<std::optional<Decimal>(const std::vector<Decimal>& cqs)>;

  // How wells are read as a quantity, and from where on it is a number.
  struct Gauge {
    Level level;
    Decimal loq;
  };

  void RunCheck(v1::Check check) { *computation_.add_checks() = std::move(check); }

  bool IsSignal(const v1::Datum& well) const {
    const std::optional<Decimal> cq = NumberOf(well);
    return cq && (!settings_.cutoff || *cq <= *settings_.cutoff);
  }
  int Signals(const Wells& wells) const {
    return static_cast<int>(std::count_if(wells.begin(), wells.end(),
                                          [this](const auto* well) { return IsSignal(*well); }));
  }
  bool AllSignal(const Wells& wells) const {
    return !wells.empty() && Signals(wells) == static_cast<int>(wells.size());
  }
  std::string SignalText() const {
    return settings_.cutoff ? "Cq <= " + settings_.cutoff->ToString() : "a Cq";
  }

  // A well without target belongs to the reported one.
  Wells OfTarget(const Wells& wells, const std::string& target) const {
    Wells found;
    for (const v1::Datum* well : wells) {
      if (well->target() == target || (well->target().empty() && target == settings_.target)) {
        found.push_back(well);
      }
    }
    return found;
  }
  Wells OfRole(v1::PositionRole role, const std::string& target) const {
    return OfTarget(DataOfRole(input_, role), target);
  }

  static bool IsMeasured(const v1::Datum& well) { return well.role() != v1::POSITION_ROLE_BLANK; }

  // Finds the target where the method leaves it to the data, and refuses wells of any other.
  void SettleTarget() {
    std::set<std::string> others;
    for (const v1::Datum& well : input_.data()) {
      const bool expected = well.target().empty() || well.target() == settings_.target ||
                            well.target() == settings_.reference ||
                            well.target() == settings_.spike;
      if (IsMeasured(well) && !expected) others.insert(well.target());
    }
    if (settings_.target == kOnlyTarget && others.size() == 1) {
      settings_.target = *others.begin();
      return;
    }
    std::string criterion = settings_.target == kOnlyTarget ? "one target" : settings_.target;
    if (settings_.reference) criterion += " or " + *settings_.reference;
    for (const std::string& other : others) {
      RunCheck(MakeCheck("known_target", other, other, criterion, false));
    }
  }

  // What cannot be read must not pass for "nothing found".
  void CheckReadable() {
    for (const v1::Datum& well : input_.data()) {
      const std::optional<Decimal> cq = NumberOf(well);
      const bool positive = !cq || (!cq->negative() && !cq->zero());
      if (!IsMeasured(well) || (IsReadable(well) && positive)) continue;
      RunCheck(MakeCheck("readable_cq", well.target(), Printed({&well}),
                         "a number above zero or undetermined", false));
    }
  }

  bool IsRequired(const RtQpcrControl& control) const {
    return settings_.required.contains(control.name);
  }

  void CheckControls() {
    for (const RtQpcrControl& control : kCleanControls) {
      CheckNoSignal(control, settings_.target, IsRequired(control));
      if (settings_.reference) CheckNoSignal(control, *settings_.reference, false);
    }
    CheckPositiveControl();
    CheckNoSignal(kNegativeCells, settings_.target, IsRequired(kNegativeCells));
  }

  void CheckNoSignal(const RtQpcrControl& control, const std::string& target, bool required) {
    const Wells wells = OfRole(control.role, target);
    if (wells.empty() && !required) return;
    RunCheck(MakeCheck(control.check, target, wells.empty() ? "missing" : Printed(wells),
                       "no well with " + SignalText(), !wells.empty() && Signals(wells) == 0));
  }

  void CheckPositiveControl() {
    const Wells wells = OfRole(kPositiveCells.role, settings_.target);
    if (!wells.empty() || IsRequired(kPositiveCells)) {
      const bool inside =
          AllSignal(wells) && std::all_of(wells.begin(), wells.end(), [this](const auto* well) {
            return settings_.positive.Hold(*NumberOf(*well));
          });
      std::string criterion = "every well with " + SignalText();
      if (settings_.positive.any()) criterion += " and Cq " + settings_.positive.Text();
      RunCheck(MakeCheck(kPositiveCells.check, settings_.target,
                         wells.empty() ? "missing" : Printed(wells), criterion, inside));
    }
    if (!settings_.reference) return;
    const Wells reference = OfRole(kPositiveCells.role, *settings_.reference);
    if (reference.empty() && !settings_.reference_difference_max && !settings_.relative()) return;
    RunCheck(MakeCheck(kPositiveCells.check, *settings_.reference,
                       reference.empty() ? "missing" : Printed(reference),
                       "every well with " + SignalText(), AllSignal(reference)));
  }

  static std::vector<Decimal> Cqs(const Wells& wells) {
    std::vector<Decimal> cqs;
    for (const v1::Datum* well : wells) {
      if (const std::optional<Decimal> cq = NumberOf(*well)) cqs.push_back(*cq);
    }
    return cqs;
  }

  // Of wells that all have a signal, else absent.
  std::optional<Decimal> MeanCq(const Wells& wells) const {
    if (!AllSignal(wells)) return std::nullopt;
    return MeanOf(Cqs(wells)).Value();
  }

  void CheckReplicateSd(const std::string& target, const Wells& wells,
                        v1::SampleComputation& found) const {
    if (wells.size() < 2 || !AllSignal(wells)) return;
    *found.add_checks() = LimitCheck("replicate_sd", target, SdOf(Cqs(wells)),
                                     {std::nullopt, settings_.replicate_sd_max});
  }

  // Late signals scatter by chance, and no scatter makes a signal in every well none.
  bool JudgesSd(const SampleData& sample, const Wells& wells) const {
    if (!settings_.sd_of_quantified) return true;
    if (settings_.mode == RtQpcrMode::kQualitative) return false;
    const std::optional<Gauge> gauge = GaugeOf(sample);
    return !gauge || !AllBelow(*gauge, wells);
  }

  void CheckSample(const SampleData& sample, const Wells& wells,
                   v1::SampleComputation& found) const {
    *found.add_checks() =
        CountCheck("replicates", settings_.target, wells.size(), settings_.replicates);
    if (JudgesSd(sample, wells)) CheckReplicateSd(settings_.target, wells, found);
    CheckUndiluted(sample, found);
    if (settings_.lod) {
      AddDetail("lod", settings_.lod->ToString(), settings_.lod_unit, *found.mutable_details());
    }
    AddDetail("cq", Printed(wells), "", *found.mutable_details());
    AddDetail("signals", fmt::format("{}/{}", Signals(wells), wells.size()), "",
              *found.mutable_details());
    if (const auto mean = MeanCq(wells)) {
      AddDetail("cq_mean", mean->ToString(), "", *found.mutable_details());
    }
    if (settings_.reference) CheckReference(OfTarget(sample.data, *settings_.reference), found);
    if (settings_.spike) CheckSpike(OfTarget(sample.data, *settings_.spike), found);
  }

  // Diluted far enough, every target is out of sight. A quantity counts its dilution.
  void CheckUndiluted(const SampleData& sample, v1::SampleComputation& found) const {
    if (settings_.absolute()) return;
    for (const v1::Datum* well : sample.data) {
      if (IsNeat(well->dilution())) continue;
      *found.add_checks() = MakeCheck("dilution", well->target(), "1:" + well->dilution(),
                                      "undiluted wells only", false);
      return;
    }
  }

  // What the sample does to a known amount shows what it does to the target.
  void CheckSpike(const Wells& wells, v1::SampleComputation& found) const {
    const std::optional<Decimal> mean = MeanCq(wells);
    const std::optional<Decimal> control = MeanCq(OfRole(v1::POSITION_ROLE_NTC, *settings_.spike));
    std::optional<Decimal> shift;
    if (mean && control) shift = Abs(*mean - *control);
    *found.add_checks() = LimitCheck("spike_shift", *settings_.spike, shift,
                                     {std::nullopt, settings_.spike_shift_max},
                                     mean            ? "no mean Cq of the NTC"
                                     : wells.empty() ? "missing"
                                                     : Printed(wells));
  }

  void CheckReference(const Wells& wells, v1::SampleComputation& found) const {
    const std::string& target = *settings_.reference;
    const std::optional<Decimal> mean = MeanCq(wells);
    const std::string absent = wells.empty() ? "missing" : Printed(wells);
    if (settings_.reference_replicates) {
      *found.add_checks() =
          CountCheck("replicates", target, wells.size(), *settings_.reference_replicates);
    }
    *found.add_checks() =
        LimitCheck("reference_cq", target, mean, settings_.reference_window, absent);
    CheckReplicateSd(target, wells, found);
    if (mean) AddDetail("reference_cq_mean", mean->ToString(), "", *found.mutable_details());
    if (!settings_.reference_difference_max) return;
    const std::optional<Decimal> control = MeanCq(OfRole(kPositiveCells.role, target));
    std::optional<Decimal> difference;
    if (mean && control) difference = Abs(*mean - *control);
    *found.add_checks() = LimitCheck("reference_difference", target, difference,
                                     {std::nullopt, settings_.reference_difference_max},
                                     mean ? "no mean Cq of the positive control" : absent);
  }

  // A Cq is no single value of a code or quantity: the details have it.
  v1::Reportable& Report(v1::SampleComputation& found) const {
    v1::Reportable& reportable = *found.add_reportables();
    reportable.set_line_code(OnlyOutput(input_.method()).line_code());
    return reportable;
  }

  void Classify(const Wells& wells, v1::SampleComputation& found) const {
    const int signals = Signals(wells);
    std::string_view code = "INDETERMINATE";
    if (signals == 0) code = "NOT_DETECTED";
    if (AllSignal(wells)) code = "DETECTED";
    v1::Reportable& reportable = Report(found);
    reportable.set_value(std::string(code));
    if (code == "INDETERMINATE") reportable.set_inconclusive(SignalCount(wells));
  }

  // "1 of 3 wells with Cq <= 38".
  std::string SignalCount(const Wells& wells) const {
    return fmt::format("{} of {} wells with {}", Signals(wells), wells.size(), SignalText());
  }

  // Qualitative runs show a curve of their standards too, without judging it.
  std::optional<StandardCurve> FitCurve(const std::string& target, std::string_view prefix) {
    const Wells wells = OfRole(v1::POSITION_ROLE_STANDARD, target);
    if (wells.empty() && !settings_.absolute()) return std::nullopt;
    std::vector<StandardWell> standards;
    for (const v1::Datum* well : wells) {
      const std::optional<Decimal> cq = NumberOf(*well);
      const Result<Decimal> quantity = Decimal::Parse(well->quantity());
      if (cq && IsSignal(*well) && quantity && Decimal() < *quantity) {
        standards.push_back({*quantity, *cq});
      }
    }
    const FitOutcome<StandardCurve> fit = FitStandardCurve(standards);
    std::optional<StandardCurve> curve;
    if (fit.converged()) {
      curve = fit.fit();
      AddCurveDetails(*curve, prefix, *computation_.mutable_details());
    }
    if (target == settings_.target) {
      AddVendorCurveDetails(input_.properties(), target, *computation_.mutable_details());
    }
    if (!settings_.absolute()) return curve;
    RunCheck(MakeCheck("standards", target, fmt::format("{} of {}", standards.size(), wells.size()),
                       "every standard with its quantity and " + SignalText(),
                       !wells.empty() && standards.size() == wells.size()));
    RunCheck(MakeCheck("curve_fit", target, curve ? "fitted" : fit.reason(),
                       "a line through the standards", curve.has_value()));
    if (curve) CheckCurve(target, *curve);
    return curve;
  }

  void CheckCurve(const std::string& target, const StandardCurve& curve) {
    const auto check = [&](std::string_view name, std::optional<double> value,
                           const Limits& limits) {
      if (!limits.any()) return;
      std::optional<Decimal> number;
      if (value) number = Decimal::FromDouble(*value);
      RunCheck(LimitCheck(name, target, number, limits));
    };
    check("curve_slope", curve.line.slope, settings_.slope);
    check("curve_r_squared", curve.line.r_squared, settings_.r_squared);
    check("curve_efficiency", curve.efficiency_percent, settings_.efficiency);
  }

  // The dilution that all wells share, 1 where the map has none; absent when they differ.
  static std::optional<Decimal> DilutionOf(const Wells& wells) {
    std::optional<Decimal> shared;
    for (const v1::Datum* well : wells) {
      Result<Decimal> dilution =
          well->dilution().empty() ? Decimal::FromInt(1) : Decimal::Parse(well->dilution());
      if (!dilution || (shared && *shared != *dilution)) return std::nullopt;
      shared = *dilution;
    }
    return shared;
  }

  void Quantify(const SampleData& sample, const Wells& wells, v1::SampleComputation& found) const {
    if (!curve_ || wells.empty()) return;
    const std::optional<Decimal> dilution = DilutionOf(wells);
    if (!dilution) {
      *found.add_checks() = MakeCheck("dilution", settings_.target, "different dilutions",
                                      "one dilution for all wells", false);
      return;
    }
    Quotient scale{*dilution};
    if (settings_.normaliser != RtQpcrNormaliser::kNothing) {
      const std::optional<Decimal> normaliser =
          settings_.by_reference() ? ReferenceQuantity(sample, found) : RnaPerWell();
      if (!normaliser) return;  // a check says so
      scale = {Decimal::FromInt(1000) * *dilution, *normaliser};
    }
    ReportLevel(wells, *GaugeOf(sample), scale, found);
  }

  // Absent in qualitative mode, and where a check says what is missing for it.
  std::optional<Gauge> GaugeOf(const SampleData& sample) const {
    if (settings_.absolute() && curve_) {
      return Gauge{LevelOf(*curve_), settings_.loq.value_or(curve_->lowest_quantity)};
    }
    if (!settings_.relative()) return std::nullopt;
    const std::optional<Relation> relation = RelationOf(sample);
    if (!relation) return std::nullopt;
    return Gauge{LevelOf(*relation), *settings_.loq};
  }

  // Whether every signal is below the limit of quantification; also where there is none.
  bool AllBelow(const Gauge& gauge, const Wells& wells) const {
    const std::vector<Decimal> signals = SignalCqs(wells);
    return std::all_of(signals.begin(), signals.end(), [&](const Decimal& cq) {
      const std::optional<Decimal> one = gauge.level({cq});
      return one && *one < gauge.loq;
    });
  }

  static Level LevelOf(const StandardCurve& curve) {
    return [&curve](const std::vector<Decimal>& cqs) -> std::optional<Decimal> {
      const FitOutcome<Quantities> read = ReadQuantities(curve, cqs);
      if (!read.converged()) return std::nullopt;
      return Decimal::FromDouble(read.fit().of_mean_cq);
    };
  }

  // Copies of the reference gene in an undiluted well; absent where its curve does not hold them.
  std::optional<Decimal> ReferenceQuantity(const SampleData& sample,
                                           v1::SampleComputation& found) const {
    if (!reference_curve_) return std::nullopt;
    const Wells wells = OfTarget(sample.data, *settings_.reference);
    const std::optional<Decimal> dilution = DilutionOf(wells);
    std::optional<Decimal> quantity;
    if (AllSignal(wells) && dilution) quantity = LevelOf(*reference_curve_)(Cqs(wells));
    *found.add_checks() = LimitCheck("reference_quantity", *settings_.reference, quantity,
                                     {reference_curve_->lowest_quantity, std::nullopt},
                                     dilution ? Printed(wells) : "different dilutions");
    if (!quantity || quantity->zero()) return std::nullopt;
    AddDetail("reference_quantity", quantity->ToString(), "", *found.mutable_details());
    return *quantity * *dilution;
  }

  // As the setup declares it, in ng; absent where a check of the setup does not hold.
  std::optional<Decimal> RnaPerWell() const {
    const std::optional<Decimal> amount = DeclaredNumber(input_.setup(), std::string(kRnaPerWell));
    return amount && Decimal() < *amount ? amount : std::nullopt;
  }

  // What amounts of a sample are compared with: its reference gene, and the positive control
  // against the reference gene of its own.
  struct Relation {
    Decimal reference;
    Decimal control_delta;
  };

  std::optional<Relation> RelationOf(const SampleData& sample) const {
    const auto reference = MeanCq(OfTarget(sample.data, *settings_.reference));
    const auto control = MeanCq(OfRole(kPositiveCells.role, settings_.target));
    const auto control_reference = MeanCq(OfRole(kPositiveCells.role, *settings_.reference));
    if (!reference || !control || !control_reference) return std::nullopt;
    return Relation{*reference, *control - *control_reference};
  }

  static Level LevelOf(const Relation& relation) {
    return [relation](const std::vector<Decimal>& cqs) -> std::optional<Decimal> {
      const Decimal difference = MeanOf(cqs).Value() - relation.reference - relation.control_delta;
      const double percent = 100 * std::exp2(-difference.ToDouble());
      if (!std::isfinite(percent)) return std::nullopt;
      return Decimal::FromDouble(percent);
    };
  }

  // In percent of the positive control, every amount against that of the reference gene.
  void Relate(const SampleData& sample, const Wells& wells, v1::SampleComputation& found) const {
    const std::optional<Relation> relation = RelationOf(sample);
    if (!relation) return;  // a check says so
    AddDetail("control_delta_cq", relation->control_delta.ToString(), "", *found.mutable_details());
    if (const auto mean = MeanCq(wells)) {
      AddDetail("delta_cq", (*mean - relation->reference).ToString(), "", *found.mutable_details());
    }
    ReportLevel(wells, *GaugeOf(sample), {Decimal::FromInt(1)}, found);
  }

  void ReportLevel(const Wells& wells, const Gauge& gauge, const Quotient& scale,
                   v1::SampleComputation& found) const {
    std::optional<Decimal> amount;
    if (AllSignal(wells)) amount = gauge.level(Cqs(wells));
    if (amount) {
      const bool below = *amount < gauge.loq;
      ReportQuantity(below ? gauge.loq : *amount, below, scale, found);
    } else if (!wells.empty() && AllBelow(gauge, wells)) {
      // Near the limit of detection some wells stay empty by chance.
      v1::Reportable& reportable = ReportQuantity(gauge.loq, true, scale, found);
      if (!settings_.target_expected && Signals(wells) > 0 &&
          !IsMethodRepeat(input_, found.sample_id())) {
        reportable.set_inconclusive(SignalCount(wells));
      }
    } else {
      *found.add_checks() = MakeCheck(
          "quantifiable", settings_.target, Printed(wells),
          "a signal in every well, or every signal below the limit of quantification", false);
      found.set_repeat_because(SignalCount(wells));
    }
  }

  std::vector<Decimal> SignalCqs(const Wells& wells) const {
    Wells signals;
    for (const v1::Datum* well : wells) {
      if (IsSignal(*well)) signals.push_back(well);
    }
    return Cqs(signals);
  }

  // `quantity` in a well times `scale`, with the dilution and what it is divided by.
  v1::Reportable& ReportQuantity(const Decimal& quantity, bool below, const Quotient& scale,
                                 v1::SampleComputation& found) const {
    v1::Reportable& reportable = Report(found);
    reportable.set_value(
        Quotient{quantity * scale.numerator, scale.denominator}.Value().ToString());
    reportable.set_unit(OnlyOutput(input_.method()).input_unit());
    if (below) reportable.set_qualifier(v1::QUALIFIER_LESS_THAN);
    return reportable;
  }

  // Quantities in the well, before the dilution, beside the vendor's.
  void AddQuantityDetails(const Wells& wells, v1::SampleComputation& found) const {
    if (!curve_ || !AllSignal(wells)) return;
    auto& details = *found.mutable_details();
    const auto add = [&](std::string_view name, double value) {
      AddDetail(name, Decimal::FromDouble(value).ToString(), "", details);
    };
    const FitOutcome<Quantities> read = ReadQuantities(*curve_, Cqs(wells));
    if (!read.converged()) return;
    add("quantity", read.fit().of_mean_cq);
    if (read.fit().limits) {
      add("quantity_lower", read.fit().limits->lower);
      add("quantity_upper", read.fit().limits->upper);
    }
    add("quantity_mean", read.fit().mean);
    std::vector<Decimal> vendor;
    for (const v1::Datum* well : wells) {
      const Result<Decimal> quantity = Decimal::Parse(well->vendor_quantity());
      if (!quantity) return;
      vendor.push_back(*quantity);
    }
    AddDetail("vendor_quantity_mean", MeanOf(vendor).Value().ToString(), "", details);
  }

  // A signal of what must not be there is never lost with the run or sample that showed it.
  void FlagSignals() {
    if (settings_.target_expected) return;
    const std::vector<SampleData> samples = SamplesOf(input_);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      v1::SampleComputation& found = *computation_.mutable_samples(static_cast<int>(i));
      if (found.outcome() == v1::OUTCOME_VALID || !IsUnexpected(samples[i])) continue;
      found.add_flags(std::string(kFlagUnexpectedPositive));
    }
  }

  // A quantity is unexpected from the limit of quantification on, and wherever nothing that holds
  // shows that it is lower.
  bool IsUnexpected(const SampleData& sample) const {
    const Wells wells = OfTarget(sample.data, settings_.target);
    if (Signals(wells) == 0) return false;
    const std::optional<Gauge> gauge = GaugeOf(sample);
    return !gauge || !GaugeHolds() || !AllBelow(*gauge, wells);
  }

  // What a quantity is read by: the standards and their curve, or the positive control.
  bool GaugeHolds() const {
    const auto& checks = computation_.checks();
    return std::all_of(checks.begin(), checks.end(), [](const v1::Check& check) {
      return check.ok() || (check.name() != kPositiveCells.check && check.name() != "standards" &&
                            !check.name().starts_with("curve_"));
    });
  }

  const v1::AssayInput& input_;
  RtQpcrSettings settings_;
  v1::Computation computation_;
  std::optional<StandardCurve> curve_;
  std::optional<StandardCurve> reference_curve_;  // where quantities are divided by its copies
};

v1::Computation Calculate(const v1::AssayInput& input) {
  ParameterReader reader(input.method(), RtQpcrParameters());
  RtQpcrSettings settings = ReadRtQpcr(reader);
  if (!reader.ok()) return RefuseParameters(input, reader.TakeViolations());
  return Plate(input, std::move(settings)).Run();
}

constexpr std::string_view kFormats[] = {"quantstudio_text", "cq_csv"};

}  // namespace

const Calculator kRtQpcr{
    .assay = "rt_qpcr",
    .version = "5",
    .description =
        "RT-qPCR by Cq: not detected, detected or indeterminate, a quantity, or % of a control",
    .parameters = RtQpcrParameters(),
    .roles = RtQpcrRoles(),
    .formats = kFormats,
    .calculate = Calculate};

}  // namespace lims::assay
