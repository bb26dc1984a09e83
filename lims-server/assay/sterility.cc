// Sterility by membrane filtration, direct inoculation or automated culture. Growth decides as soon
// as it is seen. No growth counts only when every vessel was last seen at or after the full
// incubation, of product and negative control alike; a test is invalid by growth in the negative
// control, never because a test with growth was cut short.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "assay/calculators.h"
#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/observation.h"
#include "assay/observed_outcome.h"
#include "assay/outputs.h"
#include "assay/parameters.h"
#include "assay/setup.h"
#include "base/contains.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

constexpr std::string_view kAutomated = "automated_culture";
// No growth in automated culture is a statement of its day, it does not replace the full test.
constexpr std::string_view kFlagNegativeToDate = "NEGATIVE_TO_DATE";

constexpr Parameter kParameters[] = {
    {"kind", "membrane_filtration, direct_inoculation or automated_culture", ""},
    {kVessels, "media or kinds of bottle, with commas; product and negative control in each", ""},
    {"positions_per_medium", "fewest positions of a sample in each medium", "1"},
    {kPositiveControlGrowth, "hours within which a positive control shows growth", ""},
};
constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE, v1::POSITION_ROLE_POSITIVE_CONTROL,
                                       v1::POSITION_ROLE_NEGATIVE_CONTROL};

struct Settings {
  std::string kind;
  std::vector<std::string> media;
  int positions_per_medium = 1;
  int positive_control_growth_h = 0;
};

Settings ReadSettings(const v1::Method& method, ParameterReader& reader) {
  Settings settings;
  settings.kind = reader.Choice("kind", {"membrane_filtration", "direct_inoculation", kAutomated});
  reader.Text(kVessels);
  settings.media = VesselTargets(method);
  settings.positions_per_medium = reader.Count("positions_per_medium", 1);
  settings.positive_control_growth_h = reader.Count(kPositiveControlGrowth, 1);
  return settings;
}

class SterilityTest {
 public:
  SterilityTest(const v1::AssayInput& input, Settings settings)
      : input_(input), settings_(std::move(settings)), test_(ReadObservations(input)) {}

  v1::Computation Run() && {
    computation_ = BeginComputation(input_);
    const std::vector<SampleData> samples = SamplesOf(input_);
    ended_by_growth_ = !samples.empty() &&
                       std::all_of(samples.begin(), samples.end(), [&](const SampleData& sample) {
                         return Grew(sample.sample_id);
                       });
    if (!IsTyped(input_)) {
      for (const std::string& medium : settings_.media) CheckNegativeControl(medium);
      CheckPositiveControls();
    }
    for (const SampleData& sample : samples) AddSample(sample);
    ConcludeObservations(input_, test_, !negative_control_grew_, computation_);
    for (v1::SampleComputation& sample : *computation_.mutable_samples()) {
      AddRemarks(sample);
      FlagDisagreements(input_, sample);
    }
    return std::move(computation_);
  }

 private:
  bool Grew(const std::string& sample_id) const {
    return std::any_of(test_.courses.begin(), test_.courses.end(), [&](const Course& course) {
      return course.place->role() == v1::POSITION_ROLE_SAMPLE && course.positive &&
             SampleOf(*course.place) == sample_id;
    });
  }

  std::vector<const Course*> Controls(v1::PositionRole role) const {
    std::vector<const Course*> found;
    for (const Course& course : test_.courses) {
      if (course.place->role() == role) found.push_back(&course);
    }
    return found;
  }

  std::string SinceStart(TimeUs time) const {
    return test_.from ? FormatSpan(time - *test_.from) : "an unknown time";
  }

  void AddRunCheck(std::string_view name, const std::string& scope, std::string observed,
                   std::string criterion, bool ok) {
    *computation_.add_checks() =
        MakeCheck(name, scope, std::move(observed), std::move(criterion), ok);
  }

  void CheckNegativeControl(const std::string& medium) {
    std::string observed(v1::kNotRead);
    bool ok = ended_by_growth_;
    for (const Course* control : Controls(v1::POSITION_ROLE_NEGATIVE_CONTROL)) {
      if (control->place->target() != medium) continue;
      if (control->positive) {
        negative_control_grew_ = true;
        ok = false;
        observed = fmt::format("growth at {} after {}", control->place->position(),
                               SinceStart(control->positive->time));
        break;
      }
      observed = fmt::format("no growth at {} for {}", control->place->position(),
                             SinceStart(control->observations.back().time));
      ok = control->complete || ended_by_growth_;
      if (!ok) break;
    }
    AddRunCheck("negative_control", medium, std::move(observed), "no growth until the end", ok);
  }

  void CheckPositiveControls() {
    const TimeUs latest = kHour * settings_.positive_control_growth_h;
    const std::string criterion =
        fmt::format("growth within {} h", settings_.positive_control_growth_h);
    const std::vector<const Course*> controls = Controls(v1::POSITION_ROLE_POSITIVE_CONTROL);
    if (controls.empty()) {
      AddRunCheck("positive_control", "", std::string(v1::kNotRead), criterion, ended_by_growth_);
    }
    for (const Course* control : controls) {
      const bool in_time =
          control->positive && test_.from && control->positive->time - *test_.from <= latest;
      const TimeUs last = control->observations.back().time;
      const bool still_open = ended_by_growth_ && test_.from && last - *test_.from < latest;
      AddRunCheck("positive_control", control->place->position(),
                  control->positive
                      ? fmt::format("growth after {}", SinceStart(control->positive->time))
                      : fmt::format("no growth for {}", SinceStart(last)),
                  criterion, in_time || (!control->positive && still_open));
    }
  }

  void AddSample(const SampleData& sample) {
    const v1::MethodOutput& output = input_.method().outputs(0);
    v1::SampleComputation& found = *computation_.add_samples();
    found.set_sample_id(sample.sample_id);
    CheckVessels(output, sample, found);
    v1::Reportable reportable;
    reportable.set_line_code(output.line_code());
    std::string unknown;
    int worst = -1;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    std::vector<int> worst_of_place;
    for (const v1::Datum* datum : sample.data) {
      const std::string& code = datum->value().value();
      if (IsCourseCode(input_.method(), code)) continue;
      const auto place = std::find(output.codes().begin(), output.codes().end(), code);
      if (place == output.codes().end()) {
        unknown = code.empty() ? "no code" : code;
        continue;
      }
      const int rank = static_cast<int>(place - output.codes().begin());
      worst = std::max(worst, rank);
      const auto [at, is_new] =
          places.try_emplace(std::pair(datum->position(), datum->target()), worst_of_place.size());
      if (is_new || datum->position().empty()) {
        at->second = worst_of_place.size();
        worst_of_place.push_back(rank);
      }
      worst_of_place[at->second] = std::max(worst_of_place[at->second], rank);
    }
    if (!unknown.empty()) {
      *found.add_checks() = MakeCheck("codes", "", unknown,
                                      fmt::format("{}", fmt::join(output.codes(), " or ")), false);
    }
    AddCourses(input_, test_, found);
    if (worst < 0) return;
    for (const int rank : worst_of_place) reportable.add_individuals(output.codes(rank));
    reportable.set_value(output.codes(worst));
    *found.add_reportables() = std::move(reportable);
  }

  void CheckVessels(const v1::MethodOutput& output, const SampleData& sample,
                    v1::SampleComputation& found) const {
    if (IsTyped(input_)) {
      for (v1::Check& check : ReplicateChecks(output, sample.data)) {
        *found.add_checks() = std::move(check);
      }
      return;
    }
    for (const std::string& medium : settings_.media) {
      std::set<std::string> positions;
      for (const v1::Datum* datum : sample.data) {
        if (datum->target() == medium) positions.insert(datum->position());
      }
      *found.add_checks() =
          CountCheck("positions", medium, positions.size(), settings_.positions_per_medium);
    }
  }

  void AddRemarks(v1::SampleComputation& sample) const {
    if (settings_.kind != kAutomated || sample.outcome() != v1::OUTCOME_VALID) return;
    if (Grew(sample.sample_id())) {
      AddDetail("next_step", "subculture and Gram stain of the positive bottle", "",
                *sample.mutable_details());
    } else {
      sample.add_flags(std::string(kFlagNegativeToDate));
    }
  }

  const v1::AssayInput& input_;
  const Settings settings_;
  const ObservedTest test_;
  bool ended_by_growth_ = false;  // every sample grew: the controls need not be finished
  bool negative_control_grew_ = false;
  v1::Computation computation_;
};

v1::Computation Calculate(const v1::AssayInput& input) {
  ParameterReader reader(input.method(), kParameters);
  Settings settings = ReadSettings(input.method(), reader);
  std::vector<Violation> violations = CheckSterility(input.method());
  if (!violations.empty()) return RefuseParameters(input, violations);
  return SterilityTest(input, std::move(settings)).Run();
}

// What is typed names its medium, of which there are as many as on a map.
void CheckTypedMedia(const v1::MethodOutput& output, const Settings& settings,
                     std::vector<Violation>& violations) {
  std::set<std::string> named;
  for (const OutputPart& part : PartsOf(output)) {
    named.insert(part.name);
    if (part.replicates_min >= settings.positions_per_medium) continue;
    violations.push_back({"method.outputs[0].targets",
                          part.name + " has fewer replicates than positions_per_medium"});
  }
  if (named != std::set<std::string>(settings.media.begin(), settings.media.end())) {
    violations.push_back({"method.outputs[0].targets", "must name each of the media"});
  }
}

}  // namespace

constinit const Calculator kSterility{
    .assay = "sterility",
    .version = "2",
    .description = "growth or no growth over the full incubation, with controls",
    .parameters = kParameters,
    .roles = kRoles,
    .formats = {},
    .calculate = Calculate};

std::vector<Violation> CheckSterility(const v1::Method& method) {
  ParameterReader reader(method, kParameters);
  const Settings settings = ReadSettings(method, reader);
  std::vector<Violation> violations = reader.TakeViolations();
  const auto refuse = [&](std::string field, std::string problem) {
    violations.push_back({"method." + std::move(field), std::move(problem)});
  };
  std::set<std::string> media;
  for (const std::string& medium : settings.media) {
    if (medium.empty() || !media.insert(medium).second) {
      refuse("parameters", "media names each medium once, with commas and no blanks");
    }
  }
  if (method.outputs_size() != 1) {
    refuse("outputs", "the calculator sterility reports one value, so there must be one output");
  } else {
    const v1::MethodOutput& output = method.outputs(0);
    if (output.combination() != v1::COMBINATION_WORST) {
      refuse("outputs[0].combination", "observations combine by COMBINATION_WORST only");
    }
    if (output.positive_codes().empty()) {
      refuse("outputs[0].positive_codes", "names the code of growth");
    }
    if (!output.invalid_codes().empty()) {
      refuse("outputs[0].invalid_codes", kNoEffect);
    }
    if (output.has_survival()) {
      refuse("outputs[0].survival", kNoEffect);
    }
    if (!output.targets().empty()) CheckTypedMedia(output, settings, violations);
  }
  if (!method.has_observation()) {
    refuse("observation", "says from when and how long the test is incubated");
  } else if (settings.kind == kAutomated && !method.observation().unreadable_code().empty()) {
    refuse("observation.unreadable_code", "an instrument reads turbid product as well");
  }
  return violations;
}

std::vector<Violation> CheckSterilityMap(const v1::Method& method, const Positions& positions) {
  ParameterReader reader(method, kParameters);
  const Settings settings = ReadSettings(method, reader);
  std::vector<Violation> violations;
  std::set<std::string> samples;
  std::map<std::pair<std::string, std::string>, int> of_sample;  // sample, medium
  std::set<std::string> negative;
  bool positive = false;
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const std::string field = fmt::format("positions[{}].", i);
    if (!Contains(kRoles, position.role())) {
      violations.push_back(
          {field + "role", "a sterility test has SAMPLE, NEGATIVE_CONTROL and POSITIVE_CONTROL"});
    }
    if (!Contains(settings.media, position.target())) {
      violations.push_back(
          {field + "target", fmt::format("{} at {} is none of the media {}",
                                         position.target().empty() ? "nothing" : position.target(),
                                         position.position(), fmt::join(settings.media, ", "))});
    }
    if (position.role() == v1::POSITION_ROLE_SAMPLE) samples.insert(position.sample_id());
    if (!position.omit_reason().empty()) continue;
    positive = positive || position.role() == v1::POSITION_ROLE_POSITIVE_CONTROL;
    if (position.role() == v1::POSITION_ROLE_NEGATIVE_CONTROL) negative.insert(position.target());
    if (position.role() == v1::POSITION_ROLE_SAMPLE) {
      ++of_sample[{position.sample_id(), position.target()}];
    }
  }
  for (const std::string& medium : settings.media) {
    for (const std::string& sample : samples) {
      const int count = of_sample[{sample, medium}];
      if (count >= settings.positions_per_medium) continue;
      violations.push_back(
          {"positions", fmt::format("sample {} has {} positions in {}; the method asks for {}",
                                    sample, count, medium, settings.positions_per_medium)});
    }
    if (!negative.contains(medium)) {
      violations.push_back({"positions", "there is no NEGATIVE_CONTROL in " + medium});
    }
  }
  if (!positive) violations.push_back({"positions", "there is no POSITIVE_CONTROL"});
  return violations;
}

}  // namespace lims::assay
