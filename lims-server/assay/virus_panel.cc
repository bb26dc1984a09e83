// Virus PCR panel: per target the controls, per sample and target the truth table of process
// control, negative controls, internal control, tag and replicates.
#include "assay/virus_panel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "assay/calculators.h"
#include "assay/findings.h"
#include "assay/map_check.h"
#include "assay/method_repeat.h"
#include "assay/observation.h"
#include "assay/vendor_call.h"
#include "base/contains.h"

namespace lims::assay {
namespace {

using Wells = std::vector<const v1::Datum*>;

// What a sample shows of one target.
struct Finding {
  std::string code;          // empty when nothing counts
  std::string inconclusive;  // why INDETERMINATE
  v1::Outcome outcome = v1::OUTCOME_VALID;
  std::string reason;  // why nothing counts
  bool signal = false;
  std::string repeat;         // why the method prescribes a repeat, short
  bool control_lost = false;  // and nothing found
};

// "31.2 (C7), none (C8, Unconfirmed)".
std::string Printed(const Wells& wells) {
  std::vector<std::string> parts;
  for (const v1::Datum* well : wells) {
    std::string place = well->position();
    if (!IsNeat(well->dilution())) place += " 1:" + well->dilution();
    if (!well->vendor_call().empty()) place += (place.empty() ? "" : ", ") + well->vendor_call();
    const std::string cq = well->undetermined() ? "none" : well->value().value();
    parts.push_back(place.empty() ? cq : fmt::format("{} ({})", cq, place));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

Wells OfTarget(const Wells& wells, const std::string& target) {
  Wells found;
  std::copy_if(wells.begin(), wells.end(), std::back_inserter(found),
               [&](const v1::Datum* well) { return well->target() == target; });
  return found;
}

class Panel {
 public:
  Panel(const v1::AssayInput& input, VirusPanel settings)
      : input_(input), settings_(std::move(settings)), computation_(BeginComputation(input)) {}

  v1::Computation Run() && {
    CheckData();
    CheckCellsInWater();
    if (computation_.outcome() == v1::OUTCOME_VALID && !AllHold(computation_.checks())) {
      computation_.set_outcome(v1::OUTCOME_INVALID_RUN);
    }
    const v1::Outcome plate = computation_.outcome();
    const std::vector<SampleData> samples = SamplesOf(input_);
    std::size_t tested = 0;
    for (const VirusTarget& target : settings_.targets) {
      if (!IsTested(samples, target)) continue;
      ++tested;
      CheckControls(target);
    }
    CheckExtraction(samples);
    if (plate == v1::OUTCOME_VALID && failed_.size() == tested) {
      computation_.set_outcome(v1::OUTCOME_INVALID_RUN);
    }
    for (const SampleData& sample : samples) JudgeSample(sample, plate);
    return std::move(computation_);
  }

 private:
  static bool IsTested(const std::vector<SampleData>& samples, const VirusTarget& target) {
    return std::any_of(samples.begin(), samples.end(), [&](const SampleData& sample) {
      return !OfTarget(sample.data, target.name).empty();
    });
  }

  void RunCheck(v1::Check check) { *computation_.add_checks() = std::move(check); }

  // What cannot be read, or belongs to no target, must not pass for "nothing found".
  void CheckData() {
    std::set<std::string> unknown;
    for (const v1::Datum& well : input_.data()) {
      if (!settings_.Knows(well.target())) unknown.insert(well.target());
      const std::optional<Decimal> cq = NumberOf(well);
      const bool positive = !cq || (!cq->negative() && !cq->zero());
      if (IsReadable(well) && positive) continue;
      RunCheck(MakeCheck("readable_cq", well.target(), Printed({&well}),
                         "a number above zero or undetermined", false));
    }
    for (const std::string& name : unknown) {
      RunCheck(MakeCheck("known_target", name, name.empty() ? "none" : name,
                         "one of " + settings_.Names(), false));
    }
  }

  // What the vendor's software calls positive is never taken for nothing.
  static bool IsSignal(const VirusTarget& target, const v1::Datum& well) {
    const std::optional<Decimal> cq = NumberOf(well);
    return (cq && (!target.cutoff || *cq <= *target.cutoff)) ||
           ReadVendorCall(well.vendor_call()) == VendorCall::kPositive;
  }
  static bool AnySignal(const VirusTarget& target, const Wells& wells) {
    return std::any_of(wells.begin(), wells.end(),
                       [&](const v1::Datum* well) { return IsSignal(target, *well); });
  }

  Wells Control(v1::PositionRole role, const std::string& target) const {
    return OfTarget(DataOfRole(input_, role), target);
  }

  // Notes the check; the first that does not hold is why the target is invalid.
  void TargetCheck(const VirusTarget& target, v1::Check check) {
    if (!check.ok()) {
      failed_.try_emplace(target.name,
                          fmt::format("{} of {}: {}", check.name(), target.name, check.observed()));
    }
    RunCheck(std::move(check));
  }

  void CheckControls(const VirusTarget& target) {
    if (target.carried) {
      CheckPositive(target, v1::POSITION_ROLE_PROCESS_CONTROL, "process_control",
                    settings_.process_window);
    }
    if (settings_.tag_in_process_control && target.tagged) CheckTag(target);
    CheckClean(target, v1::POSITION_ROLE_EXTRACTION_BLANK, "extraction_blank");
    if (settings_.ic_in_extraction_blank) CheckBlankExtracted(target);
    CheckClean(target, v1::POSITION_ROLE_NTC, "ntc");
    CheckPositive(target, v1::POSITION_ROLE_POSITIVE_CONTROL, "positive_control",
                  settings_.positive_window);
  }

  void CheckPositive(const VirusTarget& target, v1::PositionRole role, std::string_view name,
                     const Limits& window) {
    const Wells wells = Control(role, target.name);
    if (wells.empty() && !settings_.Requires(role)) return;
    std::string criterion = "every well with " + SignalText(target);
    if (window.any()) criterion += " and Cq " + window.Text();
    TargetCheck(target, MakeCheck(name, target.name, wells.empty() ? "missing" : Printed(wells),
                                  criterion, IsPositive(target, wells, window)));
  }

  static bool IsPositive(const VirusTarget& target, const Wells& wells, const Limits& window) {
    return !wells.empty() && std::all_of(wells.begin(), wells.end(), [&](const v1::Datum* well) {
      const std::optional<Decimal> cq = NumberOf(*well);
      return cq && (!target.cutoff || *cq <= *target.cutoff) && window.Hold(*cq);
    });
  }

  // The process control shows the extraction for every target, carried or not: lost on each that it
  // carries, it shows none, and the run is invalid. Lost on some, the others show the extraction
  // and only those are invalid.
  void CheckExtraction(const std::vector<SampleData>& samples) {
    Wells all;
    bool expected = false;
    bool shown = false;
    for (const VirusTarget& target : settings_.targets) {
      if (!target.carried) continue;
      const Wells wells = Control(v1::POSITION_ROLE_PROCESS_CONTROL, target.name);
      all.insert(all.end(), wells.begin(), wells.end());
      expected =
          expected || !wells.empty() ||
          (settings_.Requires(v1::POSITION_ROLE_PROCESS_CONTROL) && IsTested(samples, target));
      shown = shown || IsPositive(target, wells, settings_.process_window);
    }
    if (!expected) return;
    const std::string observed = all.empty() ? "missing" : Printed(all);
    RunCheck(MakeCheck("extraction", "", observed,
                       "the process control on one target at least that it carries", shown));
    if (shown) return;
    for (const VirusTarget& target : settings_.targets) {
      if (IsTested(samples, target)) failed_.try_emplace(target.name, "extraction: " + observed);
    }
  }

  // A probe that does not even see the process control would not see its traces in a sample.
  void CheckTag(const VirusTarget& target) {
    const Wells wells = Control(v1::POSITION_ROLE_PROCESS_CONTROL, *settings_.tag);
    const bool ok = !wells.empty() && std::all_of(wells.begin(), wells.end(), [](const auto* well) {
      return NumberOf(*well).has_value();
    });
    TargetCheck(target,
                MakeCheck("process_control_tag", target.name,
                          wells.empty() ? "missing" : Printed(wells), "every well with a Cq", ok));
  }

  // Any Cq at all, also of the tag: where the pseudovirus went, its targets went.
  void CheckClean(const VirusTarget& target, v1::PositionRole role, std::string_view name) {
    Wells wells = Control(role, target.name);
    if (wells.empty() && !settings_.Requires(role)) return;
    const bool missing = wells.empty();
    if (target.tagged) {
      const Wells tag = Control(role, *settings_.tag);
      wells.insert(wells.end(), tag.begin(), tag.end());
    }
    TargetCheck(target, MakeCheck(name, target.name, missing ? "missing" : Printed(wells), kNoCq,
                                  !missing && IsClean(wells)));
  }

  // A blank that was not extracted, or cannot be amplified, is clean whatever it holds.
  void CheckBlankExtracted(const VirusTarget& target) {
    const Wells controls =
        Beside(Control(v1::POSITION_ROLE_EXTRACTION_BLANK, target.name),
               Control(v1::POSITION_ROLE_EXTRACTION_BLANK, *settings_.internal_control));
    v1::Check check = InternalControlCheck("extraction_blank", controls);
    if (!check.ok()) {
      failed_.try_emplace(
          target.name, fmt::format("{} of {}: {}", check.name(), check.scope(), check.observed()));
    }
    AddOnce(std::move(check), *computation_.mutable_checks());
  }

  // Cells in the water bring whatever they hold to every target. The internal control is another
  // matter: where it is added to each well, it is in the water too. So are the cells that the
  // matrix of an extraction blank may consist of.
  void CheckCellsInWater() {
    if (!settings_.cellular) return;
    const Wells wells = Control(v1::POSITION_ROLE_NTC, *settings_.cellular);
    if (wells.empty()) return;
    RunCheck(MakeCheck("ntc", *settings_.cellular, Printed(wells), kNoCq, IsClean(wells)));
  }

  static bool IsClean(const Wells& wells) {
    return std::all_of(wells.begin(), wells.end(), [](const v1::Datum* well) {
      return well->undetermined() && ReadVendorCall(well->vendor_call()) != VendorCall::kPositive;
    });
  }

  static std::string SignalText(const VirusTarget& target) {
    return target.cutoff ? "Cq <= " + target.cutoff->ToString() : "a Cq";
  }

  void JudgeSample(const SampleData& data, v1::Outcome plate) {
    v1::SampleComputation& sample = *computation_.add_samples();
    sample.set_sample_id(data.sample_id);
    const bool cells = CheckCells(data, sample);
    std::map<std::string, std::vector<std::string>> repeats;  // why, of which targets
    bool unexpected = false;
    bool only_run = true;
    for (const VirusTarget& target : settings_.targets) {
      const Wells wells = OfTarget(data.data, target.name);
      if (wells.empty()) continue;
      Finding finding = Judge(data, target, wells, plate, sample);
      if (finding.code == kNegative && !cells) {
        finding = Invalid("the cellular gene was not found");
      }
      if (!finding.repeat.empty()) repeats[finding.repeat].push_back(target.name);
      Report(target, wells, finding, sample);
      if (!finding.code.empty()) continue;
      unexpected = unexpected || finding.signal;
      only_run = only_run && finding.outcome != v1::OUTCOME_INVALID_SAMPLE;
    }
    std::string why;
    for (const auto& [reason, names] : repeats) {
      why += fmt::format("{}{} ({})", why.empty() ? "" : "; ", reason, fmt::join(names, ", "));
    }
    sample.set_repeat_because(why);
    if (unexpected) Flag(kFlagUnexpectedPositive, sample);
    if (!sample.reportables().empty()) {
      sample.set_outcome(v1::OUTCOME_VALID);
    } else if (plate != v1::OUTCOME_VALID) {
      sample.set_outcome(plate);
    } else {
      sample.set_outcome(only_run && !sample.invalid_lines().empty() ? v1::OUTCOME_INVALID_RUN
                                                                     : v1::OUTCOME_INVALID_SAMPLE);
    }
  }

  // Whether cells were there at all.
  bool CheckCells(const SampleData& data, v1::SampleComputation& sample) const {
    if (!settings_.cellular) return true;
    const Wells wells = OfTarget(data.data, *settings_.cellular);
    const bool ok =
        !wells.empty() && std::all_of(wells.begin(), wells.end(), [this](const v1::Datum* well) {
          const std::optional<Decimal> cq = NumberOf(*well);
          return cq && (!settings_.cellular_cq_max || *cq <= *settings_.cellular_cq_max);
        });
    *sample.add_checks() = MakeCheck(
        "cellular_gene", *settings_.cellular, wells.empty() ? "missing" : Printed(wells),
        settings_.cellular_cq_max ? "Cq <= " + settings_.cellular_cq_max->ToString() : "a Cq", ok);
    return ok;
  }

  static Finding Invalid(std::string reason, std::string repeat = "") {
    Finding finding;
    finding.outcome = v1::OUTCOME_INVALID_SAMPLE;
    finding.reason = std::move(reason);
    finding.repeat = std::move(repeat);
    return finding;
  }

  static void Flag(std::string_view flag, v1::SampleComputation& sample) {
    if (!Contains(sample.flags(), flag)) sample.add_flags(std::string(flag));
  }

  // The truth table, in its order.
  Finding Judge(const SampleData& data, const VirusTarget& target, const Wells& wells,
                v1::Outcome plate, v1::SampleComputation& sample) const {
    Finding finding;
    finding.signal = AnySignal(target, wells);
    const auto failed = failed_.find(target.name);
    if (plate != v1::OUTCOME_VALID || failed != failed_.end()) {
      finding.outcome = plate != v1::OUTCOME_VALID ? plate : v1::OUTCOME_INVALID_RUN;
      finding.reason = plate != v1::OUTCOME_VALID ? "the plate is invalid" : failed->second;
      return finding;
    }
    if (finding.signal && target.tagged && HasTag(data)) {
      Flag("CONTROL_CROSS_TALK", sample);
      finding = Invalid("the sample shows the tag of the process control as well",
                        "tag of the process control");
      finding.signal = true;
      return finding;
    }
    if (std::any_of(wells.begin(), wells.end(), [&](const v1::Datum* well) {
          return NumberOf(*well) && !IsSignal(target, *well);
        })) {
      Flag("SIGNAL_BEHIND_CUTOFF", sample);
    }
    Finding neat = JudgeDilution(data, target, OfDilution(wells, true), sample);
    const Wells diluted = OfDilution(wells, false);
    if (diluted.empty()) return neat;
    return Combine(std::move(neat), JudgeDilution(data, target, diluted, sample),
                   RepeatsLostControl(input_, data.sample_id, target.line_code), sample);
  }

  // The worse of both; a clear dilution speaks for the sample only where the undiluted wells lost
  // their internal control, as they did in the attempt that is repeated, without a signal: it
  // answers nothing else.
  static Finding Combine(Finding neat, Finding diluted, bool lost_before,
                         v1::SampleComputation& sample) {
    for (const std::string_view code : {kPositive, kIndeterminate}) {
      if (neat.code == code) return neat;
      if (diluted.code == code) return diluted;
    }
    if (neat.control_lost && diluted.code == kNegative && lost_before) {
      Flag("DILUTED_RESULT", sample);
      return diluted;
    }
    return neat;
  }

  static Wells OfDilution(const Wells& wells, bool neat) {
    Wells found;
    std::copy_if(wells.begin(), wells.end(), std::back_inserter(found),
                 [neat](const v1::Datum* well) { return IsNeat(well->dilution()) == neat; });
    return found;
  }

  bool HasTag(const SampleData& data) const {
    const Wells wells = OfTarget(data.data, *settings_.tag);
    return std::any_of(wells.begin(), wells.end(),
                       [](const v1::Datum* well) { return NumberOf(*well).has_value(); });
  }

  // Wells of one target in one dilution.
  Finding JudgeDilution(const SampleData& data, const VirusTarget& target, const Wells& wells,
                        v1::SampleComputation& sample) const {
    const auto count = [&](auto holds) {
      return static_cast<std::size_t>(std::count_if(
          wells.begin(), wells.end(), [&](const v1::Datum* well) { return holds(*well); }));
    };
    const std::size_t signals =
        count([&](const v1::Datum& well) { return IsSignal(target, well); });
    const std::size_t strong = count([&](const v1::Datum& well) {
      const std::optional<Decimal> cq = NumberOf(well);
      return cq && *cq <= settings_.strong_cq_max;
    });
    const bool all = signals == wells.size() && signals > 0;
    const bool controlled = InternalControlHolds(data, wells, sample);
    Finding finding;
    finding.signal = signals > 0;
    if (all && (controlled || strong == signals)) {
      if (!controlled) Flag("INTERNAL_CONTROL_OUTCOMPETED", sample);
      finding.code = kPositive;
    } else if (signals > 0) {
      finding.code = kIndeterminate;
      finding.inconclusive =
          fmt::format("{} of {} wells of {} with {}{}", signals, wells.size(), target.name,
                      SignalText(target), controlled ? "" : ", internal control lost");
    } else if (!controlled) {
      finding = Invalid("the internal control is lost", "internal control lost");
      finding.control_lost = true;
    } else if (wells.size() < WellsWanted(data, wells)) {
      return Invalid(fmt::format("{} of {} wells", wells.size(), WellsWanted(data, wells)));
    } else if (count([](const v1::Datum& well) {
                 return ReadVendorCall(well.vendor_call()) == VendorCall::kDoubtful;
               }) > 0) {
      return Invalid("the instrument's software does not confirm the negative: " + Printed(wells),
                     "negative not confirmed by the instrument");
    } else {
      finding.code = kNegative;
    }
    return finding;
  }

  std::size_t WellsWanted(const SampleData& data, const Wells& wells) const {
    const bool repeat = IsMethodRepeat(input_, data.sample_id) && !wells.empty() &&
                        IsNeat(wells.front()->dilution());
    return static_cast<std::size_t>(repeat ? settings_.repeat_replicates : settings_.replicates);
  }

  // The internal control in the same wells where it is measured there, else in any of the same
  // dilution.
  bool InternalControlHolds(const SampleData& data, const Wells& wells,
                            v1::SampleComputation& sample) const {
    if (!settings_.internal_control || wells.empty()) return true;
    const bool neat = IsNeat(wells.front()->dilution());
    const Wells all = OfDilution(OfTarget(data.data, *settings_.internal_control), neat);
    v1::Check check = InternalControlCheck(kInternalControl, Beside(wells, all));
    const bool ok = check.ok();
    AddOnce(std::move(check), *sample.mutable_checks());
    return ok;
  }

  // Those of `controls` that are measured in the same wells as the target; all where none is.
  static Wells Beside(const Wells& wells, const Wells& controls) {
    Wells same;
    std::copy_if(
        controls.begin(), controls.end(), std::back_inserter(same), [&](const v1::Datum* control) {
          return std::any_of(wells.begin(), wells.end(), [&](const v1::Datum* well) {
            return well->plate() == control->plate() && well->position() == control->position();
          });
        });
    return same.empty() ? controls : same;
  }

  v1::Check InternalControlCheck(std::string_view name, const Wells& controls) const {
    const bool ok = !controls.empty() &&
                    std::all_of(controls.begin(), controls.end(), [this](const v1::Datum* well) {
                      const std::optional<Decimal> cq = NumberOf(*well);
                      const VendorCall call = ReadVendorCall(well->vendor_call());
                      return cq && *cq <= settings_.ic_cq_max && call != VendorCall::kNegative &&
                             call != VendorCall::kDoubtful;
                    });
    return MakeCheck(name, *settings_.internal_control,
                     controls.empty() ? "missing" : Printed(controls),
                     "every well with Cq <= " + settings_.ic_cq_max.ToString(), ok);
  }

  // Targets that share the control's wells share its check.
  static void AddOnce(v1::Check check, google::protobuf::RepeatedPtrField<v1::Check>& checks) {
    const bool known = std::any_of(checks.begin(), checks.end(), [&](const v1::Check& each) {
      return each.name() == check.name() && each.scope() == check.scope() &&
             each.observed() == check.observed();
    });
    if (!known) *checks.Add() = std::move(check);
  }

  void Report(const VirusTarget& target, const Wells& wells, const Finding& finding,
              v1::SampleComputation& sample) const {
    AddDetail(target.name, Printed(wells), "", *sample.mutable_details());
    if (!target.lod.empty()) {
      AddDetail(target.name + "_lod", target.lod, "", *sample.mutable_details());
    }
    if (finding.code.empty()) {
      v1::InvalidLine& line = *sample.add_invalid_lines();
      line.set_line_code(target.line_code);
      line.set_outcome(finding.outcome);
      line.set_reason(finding.reason);
      line.set_signal(finding.signal);
      line.set_control_lost(finding.control_lost);
      return;
    }
    v1::Reportable& reportable = *sample.add_reportables();
    reportable.set_line_code(target.line_code);
    reportable.set_value(finding.code);
    reportable.set_inconclusive(finding.inconclusive);
  }

  static constexpr char kNoCq[] = "no well with a Cq";
  static constexpr std::string_view kNegative = "NEGATIVE";
  static constexpr std::string_view kIndeterminate = "INDETERMINATE";
  static constexpr std::string_view kPositive = "POSITIVE";

  const v1::AssayInput& input_;
  const VirusPanel settings_;
  v1::Computation computation_;
  std::map<std::string, std::string> failed_;  // why, by target
};

v1::Computation Calculate(const v1::AssayInput& input) {
  ParameterReader reader(input.method(), VirusPanelParameters());
  VirusPanel settings = ReadVirusPanel(input.method(), reader);
  if (auto violations = reader.TakeViolations(); !violations.empty()) {
    return RefuseParameters(input, violations);
  }
  return Panel(input, std::move(settings)).Run();
}

constexpr std::array<std::string_view, 3> kFormats{"quantstudio_text", "quantstudio_xlsx",
                                                   "cq_csv"};

}  // namespace

const Calculator kVirusPanel{
    .assay = "virus_panel",
    .version = "2",
    .description = "virus PCR panel: controls per target, truth table per sample and target",
    .parameters = VirusPanelParameters(),
    .roles = VirusPanelRoles(),
    .formats = kFormats,
    .calculate = Calculate};

}  // namespace lims::assay
