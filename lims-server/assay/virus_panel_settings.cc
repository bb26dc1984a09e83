// The method of a virus panel: its parameters, what is wrong with them, and what a map must have.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "assay/calculators.h"
#include "assay/map_check.h"
#include "assay/virus_panel.h"
#include "base/contains.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

constexpr std::string_view kAll = "all";

constexpr Parameter kParameters[] = {
    {"cq_cutoff", "highest Cq of a target that counts as a signal; none: every Cq does", ""},
    {"cq_cutoff_of", "targets with a cut-off of their own, such as HBV=37,HCV=36.5, or none",
     kNone},
    {"replicates", "fewest undiluted wells of each target for a sample", "2"},
    {"internal_control",
     "target of the internal control that is in every sample; none: there is none", kNone},
    {"ic_cq_max", "highest Cq of the internal control; later or none at all means that it is lost",
     ""},
    {"strong_cq_max",
     "highest Cq of every well at which a target counts although the internal control is lost", ""},
    {"ic_in_extraction_blank",
     "yes: the extraction blank must show the internal control, by ic_cq_max, or its targets are "
     "invalid; no",
     "no"},
    {"cellular_target", "target of the cellular gene that shows that cells were there, or none",
     kNone},
    {"cellular_cq_max", "highest Cq of the cellular gene; none: any", kNone},
    {"process_control_targets",
     "targets that the full-process control carries, separated by commas; all, or none. Lost on "
     "one it invalidates that target, lost on every one the whole run",
     "all"},
    {"process_control_cq_min", "lowest Cq of the control chart of the process control", kNone},
    {"process_control_cq_max", "highest Cq of the control chart of the process control", kNone},
    {"tag_target",
     "target of the probe that only the process control's pseudovirus gives a signal with, or none",
     kNone},
    {"tag_in_process_control",
     "yes: the process control must show its tag, or its targets are invalid; no", "no"},
    {"positive_control_cq_min", "lowest Cq of the positive PCR control", kNone},
    {"positive_control_cq_max", "highest Cq of the positive PCR control", kNone},
    {"required_controls",
     "roles that every target needs, separated by commas, or none; PROCESS_CONTROL is needed for "
     "what it carries",
     "PROCESS_CONTROL,EXTRACTION_BLANK,NTC,POSITIVE_CONTROL"},
    {"repeat_replicates",
     "fewest undiluted wells of each target in the repeat that the method prescribes", "3"},
    {"repeat_dilution", "dilution factor of the further wells of that repeat, or none", kNone},
    {"lod", "limits of detection such as HBV=20,HCV=50, printed beside the results, or none",
     kNone},
    {"lod_unit", "unit of these limits", "{copies}/mL"},
};

constexpr v1::PositionRole kControls[] = {v1::POSITION_ROLE_PROCESS_CONTROL,
                                          v1::POSITION_ROLE_EXTRACTION_BLANK, v1::POSITION_ROLE_NTC,
                                          v1::POSITION_ROLE_POSITIVE_CONTROL};
constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_PROCESS_CONTROL,
                                       v1::POSITION_ROLE_EXTRACTION_BLANK, v1::POSITION_ROLE_NTC,
                                       v1::POSITION_ROLE_POSITIVE_CONTROL};

constexpr std::array<std::string_view, 3> kCodes{"NEGATIVE", "INDETERMINATE", "POSITIVE"};

VirusTarget* MutableTarget(VirusPanel& panel, std::string_view name) {
  const auto found = std::find_if(panel.targets.begin(), panel.targets.end(),
                                  [name](const VirusTarget& each) { return each.name == name; });
  return found == panel.targets.end() ? nullptr : &*found;
}

// The targets of a list that is neither none nor, where it may be, all.
void MarkTargets(ParameterReader& reader, std::string_view name, VirusPanel& panel,
                 bool VirusTarget::*mark) {
  const std::string text = reader.Text(name);
  if (text == kNone || text.empty()) return;
  if (text == kAll) {
    for (VirusTarget& target : panel.targets) target.*mark = true;
    return;
  }
  for (const std::string& item : SplitList(text)) {
    if (VirusTarget* target = MutableTarget(panel, item)) {
      target->*mark = true;
    } else {
      reader.Refuse(
          name, fmt::format("names {}, which is no input of the outputs", QuotedForMessage(item)));
    }
  }
}

// Calls `use` with target and number for each item of "HBV=37,HCV=36.5".
template <typename Use>
void ReadOwnNumbers(ParameterReader& reader, std::string_view name, VirusPanel& panel, Use use) {
  const std::string text = reader.Text(name);
  if (text == kNone || text.empty()) return;
  for (const std::string& item : SplitList(text)) {
    const std::size_t equals = std::min(item.find('='), item.size());
    VirusTarget* target = MutableTarget(panel, std::string_view(item).substr(0, equals));
    const Result<Decimal> number =
        Decimal::Parse(std::string_view(item).substr(std::min(equals + 1, item.size())));
    if (target != nullptr && number) {
      use(*target, *number);
    } else {
      reader.Refuse(name, fmt::format("has {}; write TARGET=NUMBER with an input of the outputs",
                                      QuotedForMessage(item)));
    }
  }
}

std::set<v1::PositionRole> ReadRequiredControls(ParameterReader& reader) {
  std::set<v1::PositionRole> required;
  const std::string text = reader.Text("required_controls");
  if (text == kNone || text.empty()) return required;
  for (const std::string& item : SplitList(text)) {
    const auto role =
        std::find_if(std::begin(kControls), std::end(kControls),
                     [&](v1::PositionRole each) { return v1::EnumWord(each) == item; });
    if (role != std::end(kControls)) {
      required.insert(*role);
    } else {
      reader.Refuse(
          "required_controls",
          fmt::format("names {}, which is no control of a virus panel", QuotedForMessage(item)));
    }
  }
  return required;
}

void CheckOutput(const v1::MethodOutput& output, const std::string& path,
                 std::vector<Violation>& violations) {
  for (const std::string_view code : kCodes) {
    if (!Contains(output.codes(), code)) {
      violations.push_back({path + "codes", fmt::format("lacks {}", code)});
    }
  }
  if (output.replicates_min() != 0 || output.replicates_max() != 0) {
    violations.push_back({path + "replicates_min", "stands in the parameter replicates"});
  }
  if (output.combination() != v1::COMBINATION_UNSPECIFIED) {
    violations.push_back({path + "combination", kNoEffect});
  }
  if (!output.needs_fact().empty()) {
    violations.push_back({path + "needs_fact", kNoEffect});
  }
}

// The wells of one sample that are not omitted, by target and dilution ("" for none).
using Wells = std::map<std::pair<std::string, std::string>, int>;

Wells WellsOf(const Positions& positions, const std::string& sample_id) {
  Wells wells;
  for (const v1::RunPosition& position : positions) {
    if (position.role() != v1::POSITION_ROLE_SAMPLE || position.sample_id() != sample_id ||
        !position.omit_reason().empty()) {
      continue;
    }
    const std::string dilution = IsNeat(position.dilution()) ? "" : position.dilution();
    ++wells[{position.target(), dilution}];
  }
  return wells;
}

// The internal control is in every dilution of the sample, the cellular gene and, for what the
// process control carries, its tag once.
void CheckCompanions(const VirusPanel& panel, const std::string& sample, const Wells& wells,
                     std::vector<Violation>& violations) {
  if (panel.cellular && !wells.contains({*panel.cellular, ""})) {
    violations.push_back({"positions", fmt::format("sample {} has no well of the cellular gene {}",
                                                   sample, *panel.cellular)});
  }
  const bool carried = std::any_of(wells.begin(), wells.end(), [&](const auto& entry) {
    const VirusTarget* target = panel.Find(entry.first.first);
    return target != nullptr && target->tagged;
  });
  if (carried && !wells.contains({*panel.tag, ""})) {
    violations.push_back(
        {"positions", fmt::format("sample {} has no well of the tag {}", sample, *panel.tag)});
  }
  if (!panel.internal_control) return;
  std::set<std::string> dilutions;
  for (const auto& [key, count] : wells) {
    if (panel.Find(key.first) != nullptr) dilutions.insert(key.second);
  }
  for (const std::string& dilution : dilutions) {
    if (wells.contains({*panel.internal_control, dilution})) continue;
    violations.push_back(
        {"positions",
         fmt::format("sample {} has no well of the internal control {}{}", sample,
                     *panel.internal_control, dilution.empty() ? "" : " at 1:" + dilution)});
  }
}

// Diluted wells that no lost internal control asks for would only find less.
void CheckUndiluted(const std::string& sample, const Wells& wells,
                    std::vector<Violation>& violations) {
  std::set<std::string> targets;
  for (const auto& [key, count] : wells) {
    if (!key.second.empty()) targets.insert(key.first);
  }
  if (targets.empty()) return;
  violations.push_back(
      {"positions", fmt::format("sample {} has diluted wells of {}; only the repeat of an attempt "
                                "that lost its internal control has them",
                                sample, fmt::join(targets, ", "))});
}

void CheckControlWells(const VirusPanel& panel, const Positions& positions,
                       std::vector<Violation>& violations) {
  std::set<std::pair<v1::PositionRole, std::string>> present;
  std::set<std::string> tested;
  for (const v1::RunPosition& position : positions) {
    if (position.role() == v1::POSITION_ROLE_SAMPLE) tested.insert(position.target());
    if (position.omit_reason().empty()) present.emplace(position.role(), position.target());
  }
  for (const VirusTarget& target : panel.targets) {
    if (!tested.contains(target.name)) continue;
    for (const v1::PositionRole role : kControls) {
      if (!panel.Requires(role) || present.contains({role, target.name}) ||
          (role == v1::POSITION_ROLE_PROCESS_CONTROL && !target.carried)) {
        continue;
      }
      violations.push_back(
          {"positions", fmt::format("there is no {} of {}", v1::EnumWord(role), target.name)});
    }
  }
  const bool carried = std::any_of(
      panel.targets.begin(), panel.targets.end(),
      [&](const VirusTarget& target) { return target.tagged && tested.contains(target.name); });
  if (panel.tag_in_process_control && carried &&
      !present.contains({v1::POSITION_ROLE_PROCESS_CONTROL, *panel.tag})) {
    violations.push_back(
        {"positions", fmt::format("there is no PROCESS_CONTROL of the tag {}", *panel.tag)});
  }
  if (panel.ic_in_extraction_blank &&
      !present.contains({v1::POSITION_ROLE_EXTRACTION_BLANK, *panel.internal_control})) {
    violations.push_back(
        {"positions", fmt::format("there is no EXTRACTION_BLANK of the internal control {}",
                                  *panel.internal_control)});
  }
}

// What the table asks for after a lost internal control: the sample diluted as well, because what
// took the control away may take the target away.
bool LostControl(const v1::Attempt& attempt) {
  return std::any_of(attempt.checks().begin(), attempt.checks().end(), [](const v1::Check& check) {
    return check.name() == kInternalControl && !check.ok();
  });
}

}  // namespace

const VirusTarget* VirusPanel::Find(std::string_view name) const {
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [name](const VirusTarget& each) { return each.name == name; });
  return found == targets.end() ? nullptr : &*found;
}

bool VirusPanel::Knows(std::string_view name) const {
  return Find(name) != nullptr || name == internal_control || name == cellular || name == tag;
}

std::string VirusPanel::Names() const {
  std::vector<std::string> names;
  for (const VirusTarget& target : targets) names.push_back(target.name);
  for (const auto& other : {internal_control, cellular, tag}) {
    if (other) names.push_back(*other);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::span<const Parameter> VirusPanelParameters() {
  return kParameters;
}
std::span<const v1::PositionRole> VirusPanelRoles() {
  return kRoles;
}

VirusPanel ReadVirusPanel(const v1::Method& method, ParameterReader& reader) {
  VirusPanel panel;
  for (const v1::MethodOutput& output : method.outputs()) {
    panel.targets.push_back({output.input(), output.line_code(), std::nullopt, "", false, false});
  }
  const std::optional<Decimal> cutoff = reader.OptionalNumber("cq_cutoff");
  for (VirusTarget& target : panel.targets) target.cutoff = cutoff;
  ReadOwnNumbers(reader, "cq_cutoff_of", panel,
                 [](VirusTarget& target, const Decimal& number) { target.cutoff = number; });
  panel.replicates = reader.Count("replicates", 1);
  panel.internal_control = reader.OptionalText("internal_control");
  if (panel.internal_control) {
    panel.ic_cq_max = reader.Number("ic_cq_max");
    panel.strong_cq_max = reader.Number("strong_cq_max");
    panel.ic_in_extraction_blank = reader.Choice("ic_in_extraction_blank", {"yes", "no"}) == "yes";
  }
  panel.cellular = reader.OptionalText("cellular_target");
  if (panel.cellular) panel.cellular_cq_max = reader.OptionalNumber("cellular_cq_max");
  panel.required = ReadRequiredControls(reader);
  MarkTargets(reader, "process_control_targets", panel, &VirusTarget::carried);
  panel.process_window = reader.Window("process_control_cq_min", "process_control_cq_max", "");
  panel.tag = reader.OptionalText("tag_target");
  if (panel.tag) {
    for (VirusTarget& target : panel.targets) target.tagged = target.carried;
  }
  panel.tag_in_process_control =
      reader.Choice("tag_in_process_control", {"yes", "no"}) == "yes" && panel.tag;
  panel.positive_window = reader.Window("positive_control_cq_min", "positive_control_cq_max", "");
  panel.repeat_replicates = reader.Count("repeat_replicates", 1);
  panel.repeat_dilution = reader.OptionalNumber("repeat_dilution");
  std::vector<std::pair<VirusTarget*, std::string>> lods;
  ReadOwnNumbers(reader, "lod", panel, [&](VirusTarget& target, const Decimal& number) {
    lods.emplace_back(&target, number.ToString());
  });
  if (!lods.empty()) {
    const std::string unit = reader.Text("lod_unit");
    for (auto& [target, lod] : lods) target->lod = WithUnit(lod, unit);
  }
  const auto companion = [&](std::string_view parameter, const std::optional<std::string>& name) {
    if (name && panel.Find(*name) != nullptr) {
      reader.Refuse(parameter, "is a target that is reported");
    }
  };
  companion("internal_control", panel.internal_control);
  companion("cellular_target", panel.cellular);
  companion("tag_target", panel.tag);
  return panel;
}

void AddVirusPanelOutputs(const std::set<std::string>& targets, v1::Method* method) {
  ParameterReader reader(*method, kParameters);
  const std::array<std::optional<std::string>, 3> companions{
      reader.OptionalText("internal_control"), reader.OptionalText("cellular_target"),
      reader.OptionalText("tag_target")};
  for (const std::string& target : targets) {
    if (target.empty() || Contains(companions, target)) continue;  // the calculation says so
    v1::MethodOutput& output = *method->add_outputs();
    output.set_line_code(target);
    output.set_input(target);
    output.mutable_codes()->Add(kCodes.begin(), kCodes.end());
  }
}

std::vector<Violation> CheckVirusPanel(const v1::Method& method) {
  ParameterReader reader(method, kParameters);
  ReadVirusPanel(method, reader);
  std::vector<Violation> violations = reader.TakeViolations();
  std::set<std::string> inputs;
  if (method.outputs().empty()) {
    violations.push_back({"method.outputs", "there must be one output a virus"});
  }
  for (int i = 0; i < method.outputs_size(); ++i) {
    const std::string path = fmt::format("method.outputs[{}].", i);
    CheckOutput(method.outputs(i), path, violations);
    if (!inputs.insert(method.outputs(i).input()).second) {
      violations.push_back({path + "input", "is the target of another output"});
    }
  }
  return violations;
}

std::vector<Violation> CheckVirusPanelMap(const v1::Method& method, const Positions& positions) {
  ParameterReader reader(method, kParameters);
  const VirusPanel panel = ReadVirusPanel(method, reader);
  std::vector<Violation> violations;
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const std::string field = fmt::format("positions[{}].", i);
    if (!Contains(kRoles, position.role())) {
      violations.push_back(
          {field + "role", fmt::format("{} at {} is no role of a virus panel",
                                       v1::EnumWord(position.role()), position.position())});
    }
    const VirusTarget* target = panel.Find(position.target());
    if (!panel.Knows(position.target())) {
      violations.push_back(
          {field + "target",
           fmt::format("{} at {} is none of the targets of {}: {}",
                       position.target().empty() ? "nothing" : QuotedForMessage(position.target()),
                       position.position(), method.method_id(), panel.Names())});
    } else if (position.role() == v1::POSITION_ROLE_PROCESS_CONTROL && target != nullptr &&
               !target->carried) {
      violations.push_back({field + "target", fmt::format("the process control does not carry {}",
                                                          position.target())});
    }
    const Result<Decimal> factor = Decimal::Parse(position.dilution());
    if (!IsNeat(position.dilution()) && (!factor || *factor != panel.repeat_dilution)) {
      violations.push_back(
          {field + "dilution", panel.repeat_dilution
                                   ? fmt::format("the method knows undiluted wells and 1:{}",
                                                 panel.repeat_dilution->ToString())
                                   : std::string("the method knows undiluted wells only")});
    }
  }
  CheckControlWells(panel, positions, violations);
  return violations;
}

std::vector<Violation> CheckVirusPanelSample(const v1::Method& method, const Positions& positions,
                                             const std::string& sample_id,
                                             const v1::Attempt* repeated) {
  ParameterReader reader(method, kParameters);
  const VirusPanel panel = ReadVirusPanel(method, reader);
  const Wells wells = WellsOf(positions, sample_id);
  const int wanted = repeated != nullptr ? panel.repeat_replicates : panel.replicates;
  const bool dilute = repeated != nullptr && panel.repeat_dilution && LostControl(*repeated);
  std::vector<Violation> violations;
  for (const VirusTarget& target : panel.targets) {
    const auto found = wells.find({target.name, ""});
    const int count = found == wells.end() ? 0 : found->second;
    if (count < wanted) {
      violations.push_back(
          {"positions", fmt::format("sample {} has {} undiluted wells of {} for line {}; the "
                                    "method asks for {}",
                                    sample_id, count, target.name, target.line_code, wanted)});
    }
    if (!dilute) continue;
    int diluted = 0;
    for (const auto& [key, number] : wells) {
      if (key.first == target.name && !key.second.empty()) diluted += number;
    }
    if (diluted >= panel.replicates) continue;
    violations.push_back(
        {"positions",
         fmt::format("sample {} has {} wells of {} at 1:{}; attempt {} lost its internal control, "
                     "so its repeat has {} besides the undiluted ones",
                     sample_id, diluted, target.name, panel.repeat_dilution->ToString(),
                     repeated->number(), panel.replicates)});
  }
  if (!dilute) CheckUndiluted(sample_id, wells, violations);
  CheckCompanions(panel, sample_id, wells, violations);
  return violations;
}

}  // namespace lims::assay
