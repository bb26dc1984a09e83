// The method of an RT-qPCR: its parameters, what is wrong with them, and what a map must have.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "assay/calculators.h"
#include "assay/map_check.h"
#include "assay/rt_qpcr.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

constexpr std::string_view kByMode = "by_mode";
constexpr std::string_view kLowestStandard = "lowest_standard";

constexpr Parameter kParameters[] = {
    {"mode",
     "qualitative (codes against the cut-off), absolute (quantity by standard curve) or relative "
     "(percent of the positive control, 100 x 2^-(dCq of the sample - dCq of the control), each "
     "against the reference gene)",
     "qualitative"},
    {"target", "name of the target that is reported; only: the one that the data have",
     kOnlyTarget},
    {"reference_target", "name of the reference gene; none: not measured", kNone},
    {"cq_cutoff", "highest Cq that counts as a signal; none: every Cq does", kNone},
    {"replicates", "fewest wells of the target for each sample", "3"},
    {"replicate_sd_max", "largest SD of Cq over the replicates, when all have a signal", "0.5"},
    {"replicate_sd_of",
     "what that SD is judged of: all, or quantified: of the target only where a well lies at the "
     "limit of quantification or above, so in qualitative mode never; of the reference gene always",
     "all"},
    {"required_controls",
     "roles that the target needs on the plate, separated by commas, or none; by_mode: NTC in "
     "absolute mode, else NTC, NO_RT, EXTRACTION_BLANK, POSITIVE_CONTROL, NEGATIVE_CONTROL",
     kByMode},
    {"positive_control_cq_min", "lowest Cq of the target in each well of the positive control",
     kNone},
    {"positive_control_cq_max", "highest Cq of the target in each well of the positive control",
     kNone},
    {"reference_cq_min", "lowest mean Cq of the reference gene in a sample", kNone},
    {"reference_cq_max", "highest mean Cq of the reference gene in a sample", kNone},
    {"reference_replicates", "fewest wells of the reference gene for each sample; none: any",
     kNone},
    {"reference_difference_max",
     "largest difference of the mean Cq of the reference gene, sample against positive control",
     kNone},
    {"spike_target",
     "name of the control that is spiked into every sample and into the NTC; none: not measured",
     kNone},
    {"spike_shift_max", "largest difference of its mean Cq, sample against NTC", kNone},
    {"slope_min", "absolute mode: lowest slope of the standard curve", "-3.6"},
    {"slope_max", "absolute mode: highest slope of the standard curve", "-3.1"},
    {"r_squared_min", "absolute mode: lowest R squared of the standard curve", "0.98"},
    {"efficiency_min", "absolute mode: lowest amplification efficiency, in %", kNone},
    {"efficiency_max", "absolute mode: highest amplification efficiency, in %", kNone},
    {"loq",
     "limit of quantification, below which the value is reported as < this limit; absolute mode: "
     "in a well, in the unit of the standards; relative mode: in % of the positive control",
     kLowestStandard},
    {"target_expected",
     "absolute and relative mode: yes, or no where a sample should have none: a signal in some "
     "wells, all below the limit of quantification, is then inconclusive and has the repeat that "
     "the method prescribes, and one at the limit or above is flagged UNEXPECTED_POSITIVE when its "
     "sample does not count",
     "yes"},
    {"normalise_to",
     "absolute mode: rna (per ug of RNA: the method declares rna_per_well, the ng in an undiluted "
     "well, among its setup checks), reference (per 1000 copies of the reference gene, by "
     "standards of its own) or none (as the standards)",
     kNone},
    {"lod", "limit of detection, printed beside every value; none: not known", kNone},
    {"lod_unit", "unit of that limit", "{copies}"},
};

constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE,
                                       v1::POSITION_ROLE_STANDARD,
                                       v1::POSITION_ROLE_NTC,
                                       v1::POSITION_ROLE_NO_RT,
                                       v1::POSITION_ROLE_EXTRACTION_BLANK,
                                       v1::POSITION_ROLE_POSITIVE_CONTROL,
                                       v1::POSITION_ROLE_NEGATIVE_CONTROL,
                                       v1::POSITION_ROLE_BLANK};

std::set<std::string, std::less<>> ReadRequiredControls(ParameterReader& reader, bool absolute) {
  const std::string text = reader.Text("required_controls");
  if (text == kNone) return {};
  std::set<std::string, std::less<>> known{std::string(kPositiveCells.name),
                                           std::string(kNegativeCells.name)};
  for (const RtQpcrControl& control : kCleanControls) known.emplace(control.name);
  if (text == kByMode) return absolute ? std::set<std::string, std::less<>>{"NTC"} : known;
  std::set<std::string, std::less<>> required;
  for (std::string& name : SplitList(text)) {
    if (!known.contains(name)) {
      reader.Refuse("required_controls",
                    fmt::format("names \"{}\", which is none of {}", name, fmt::join(known, ", ")));
    }
    required.insert(std::move(name));
  }
  return required;
}

bool DeclaresRnaPerWell(const v1::Method& method) {
  return std::any_of(
      method.setup_checks().begin(), method.setup_checks().end(), [](const v1::SetupCheck& check) {
        const Result<Decimal> lowest = Decimal::Parse(check.min());
        return check.name() == kRnaPerWell && check.unit() == "ng" && lowest && Decimal() < *lowest;
      });
}

}  // namespace

std::vector<std::pair<v1::PositionRole, std::string>> RtQpcrSettings::NeededWells() const {
  std::vector<std::pair<v1::PositionRole, std::string>> needed;
  const auto need_control = [&](const RtQpcrControl& control) {
    if (required.contains(control.name)) needed.emplace_back(control.role, target);
  };
  for (const RtQpcrControl& control : kCleanControls) need_control(control);
  need_control(kPositiveCells);
  need_control(kNegativeCells);
  if (reference && (reference_difference_max || relative())) {
    needed.emplace_back(kPositiveCells.role, *reference);
  }
  if (spike) needed.emplace_back(v1::POSITION_ROLE_NTC, *spike);
  if (absolute()) needed.emplace_back(v1::POSITION_ROLE_STANDARD, target);
  if (by_reference()) needed.emplace_back(v1::POSITION_ROLE_STANDARD, *reference);
  return needed;
}

std::span<const Parameter> RtQpcrParameters() {
  return kParameters;
}
std::span<const v1::PositionRole> RtQpcrRoles() {
  return kRoles;
}

RtQpcrSettings ReadRtQpcr(ParameterReader& reader) {
  RtQpcrSettings settings;
  const std::string mode = reader.Choice("mode", {"qualitative", "absolute", "relative"});
  settings.mode = mode == "absolute"   ? RtQpcrMode::kAbsolute
                  : mode == "relative" ? RtQpcrMode::kRelative
                                       : RtQpcrMode::kQualitative;
  settings.target = reader.Text("target");
  settings.reference = reader.OptionalText("reference_target");
  if (settings.reference == settings.target) reader.Refuse("reference_target", "is the target");
  settings.cutoff = reader.OptionalNumber("cq_cutoff");
  settings.replicates = reader.Count("replicates", 1);
  settings.replicate_sd_max = reader.Number("replicate_sd_max");
  settings.sd_of_quantified = reader.Choice("replicate_sd_of", {"all", "quantified"}) != "all";
  settings.required = ReadRequiredControls(reader, settings.absolute());
  settings.positive = reader.Window("positive_control_cq_min", "positive_control_cq_max", "");
  if (settings.reference) {
    settings.reference_window = reader.Window("reference_cq_min", "reference_cq_max", "");
    settings.reference_difference_max = reader.OptionalNumber("reference_difference_max");
    if (reader.OptionalText("reference_replicates")) {
      settings.reference_replicates = reader.Count("reference_replicates", 1);
    }
  }
  if (settings.mode != RtQpcrMode::kQualitative) {
    settings.target_expected = reader.Choice("target_expected", {"yes", "no"}) == "yes";
  }
  settings.spike = reader.OptionalText("spike_target");
  if (settings.spike) settings.spike_shift_max = reader.Number("spike_shift_max");
  if (settings.relative()) {
    settings.loq = reader.Number("loq");
    if (!settings.reference) reader.Refuse("reference_target", "is needed in relative mode");
    if (!settings.required.contains(kPositiveCells.name)) {
      reader.Refuse("required_controls", "must name POSITIVE_CONTROL in relative mode");
    }
  }
  if (settings.absolute()) {
    settings.slope = reader.Window("slope_min", "slope_max", "");
    settings.r_squared.min = reader.Number("r_squared_min");
    settings.efficiency = reader.Window("efficiency_min", "efficiency_max", "%");
    if (reader.Text("loq") != kLowestStandard) settings.loq = reader.Number("loq");
    const std::string normaliser = reader.Choice("normalise_to", {kNone, "rna", "reference"});
    settings.normaliser = normaliser == "rna"         ? RtQpcrNormaliser::kRna
                          : normaliser == "reference" ? RtQpcrNormaliser::kReference
                                                      : RtQpcrNormaliser::kNothing;
    if (settings.by_reference() && !settings.reference) {
      reader.Refuse("normalise_to", "needs a reference_target");
    }
  }
  settings.lod = reader.OptionalNumber("lod");
  if (settings.lod) settings.lod_unit = reader.Text("lod_unit");
  return settings;
}

std::vector<Violation> CheckRtQpcr(const v1::Method& method) {
  ParameterReader reader(method, kParameters);
  const RtQpcrSettings settings = ReadRtQpcr(reader);
  if (settings.normaliser == RtQpcrNormaliser::kRna && !DeclaresRnaPerWell(method)) {
    reader.Refuse("normalise_to", fmt::format("needs a setup check {} in ng with a lowest value "
                                              "above zero",
                                              kRnaPerWell));
  }
  if (settings.mode != RtQpcrMode::kQualitative && !settings.target_expected &&
      method.method_repeat().count() == 0) {
    reader.Refuse("target_expected", "is no, which needs a method_repeat");
  }
  std::vector<Violation> violations = reader.TakeViolations();
  CheckOnlyOutput(method, violations);
  if (method.outputs_size() != 1) return violations;
  const auto& codes = method.outputs(0).codes();
  const std::set<std::string> given(codes.begin(), codes.end());
  const bool qualitative = settings.mode == RtQpcrMode::kQualitative;
  if (!qualitative && !given.empty()) {
    violations.push_back({"method.outputs[0].codes", "a quantity has no codes"});
  }
  if (qualitative && !given.empty() &&
      given != std::set<std::string>{"NOT_DETECTED", "INDETERMINATE", "DETECTED"}) {
    violations.push_back(
        {"method.outputs[0].codes", "must be NOT_DETECTED, INDETERMINATE and DETECTED"});
  }
  return violations;
}

std::vector<Violation> CheckRtQpcrMap(const v1::Method& method, const Positions& positions) {
  ParameterReader reader(method, kParameters);
  RtQpcrSettings settings = ReadRtQpcr(reader);
  std::vector<Violation> violations;
  CheckRoles(positions, kRoles, "an RT-qPCR", violations);
  if (!settings.absolute())
    CheckNeat(positions, "the method knows undiluted wells only", violations);
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const std::string& target = position.target();
    if (target.empty() || position.role() == v1::POSITION_ROLE_BLANK || settings.Knows(target)) {
      continue;
    }
    if (settings.target == kOnlyTarget) {
      settings.target = target;
      continue;
    }
    violations.push_back(
        {fmt::format("positions[{}].target", i),
         fmt::format("{} at {} is none of the targets of {}: {}", QuotedForMessage(target),
                     position.position(), method.method_id(), settings.Names())});
  }
  const auto of_target = [](const std::string& target) {
    return target == kOnlyTarget ? std::string() : " of " + target;
  };
  for (const auto& [role, target] : settings.NeededWells()) {
    if (HasWell(positions, role, target)) continue;
    violations.push_back({"positions", "there is no " + v1::EnumWord(role) + of_target(target)});
  }
  std::map<std::string, Positions> samples;
  for (const v1::RunPosition& position : positions) {
    if (!position.sample_id().empty()) *samples[position.sample_id()].Add() = position;
  }
  for (const auto& [sample, wells] : samples) {
    for (const auto& target :
         {std::optional(settings.target), settings.reference, settings.spike}) {
      if (!target || HasWell(wells, v1::POSITION_ROLE_SAMPLE, *target)) continue;
      violations.push_back(
          {"positions", fmt::format("sample {} has no well{}", sample, of_target(*target))});
    }
  }
  return violations;
}

}  // namespace lims::assay
