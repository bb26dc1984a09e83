// Observations by codes: the worst replicate is what is reported. What is positive acts, however
// far the test has come; what is negative counts only at the end of the method's plan.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <map>
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

namespace lims::assay {
namespace {

// How many of a target were seen in each of the states that Survival counts.
struct Counted {
  std::int64_t all = 0;
  std::int64_t survivors = 0;
  std::int64_t excluded = 0;
};

Decimal Percent(std::int64_t part) {
  return Decimal::FromInt(100 * part);
}

// The code of one target, counted from the state of each animal, which is the worst that was read.
std::string CodeOfTarget(const v1::MethodOutput& output, const std::string& target,
                         const std::vector<const v1::Datum*>& data, v1::SampleComputation& found) {
  const v1::Survival& rule = output.survival();
  const auto rank_of = [&](const std::string& code) {
    return std::find(output.codes().begin(), output.codes().end(), code) - output.codes().begin();
  };
  std::map<std::string, std::ptrdiff_t> worst;  // by position, or by replicate of typed values
  for (const v1::Datum* datum : data) {
    if (datum->target() != target || !Contains(output.codes(), datum->value().value())) continue;
    const bool typed = datum->position().empty();
    auto& rank = worst[typed ? "/" + datum->replicate() : datum->position()];
    rank = std::max(rank, rank_of(datum->value().value()));
  }
  Counted counted;
  for (const auto& [place, rank] : worst) {
    const std::string& code = output.codes(static_cast<int>(rank));
    ++counted.all;
    if (code == rule.survivor_code()) ++counted.survivors;
    if (code == rule.excluded_code()) ++counted.excluded;
  }
  const Result<Decimal> excluded_max = Decimal::Parse(rule.excluded_percent_max());
  const Result<Decimal> min = Decimal::Parse(rule.percent_min());
  const bool excludes =
      excluded_max && Percent(counted.excluded) <= *excluded_max * Decimal::FromInt(counted.all);
  const std::int64_t of = counted.all - (excludes ? counted.excluded : 0);
  AddDetail("survival",
            fmt::format("{}: {} of {}, {} died within a day{}", target, counted.survivors, of,
                        counted.excluded,
                        excludes || counted.excluded == 0 ? "" : ", too many to leave out"),
            "", *found.mutable_details());
  const bool reached = min && of > 0 && Percent(counted.survivors) >= *min * Decimal::FromInt(of);
  return reached ? rule.reached_code() : rule.below_code();
}

// A positive state is what is reported; else every target is counted.
void ReportSurvival(const v1::MethodOutput& output, const std::vector<const v1::Datum*>& data,
                    const std::string& worst, v1::SampleComputation& found) {
  v1::Reportable reportable;
  reportable.set_line_code(output.line_code());
  std::string code = output.survival().reached_code();
  for (const OutputPart& part : PartsOf(output)) {
    reportable.add_individuals(CodeOfTarget(output, part.name, data, found));
    if (*reportable.individuals().rbegin() == output.survival().below_code()) {
      code = output.survival().below_code();
    }
  }
  if (Contains(output.positive_codes(), worst)) {
    code = worst;
    reportable.add_individuals(worst);
  }
  reportable.set_value(code);
  *found.add_reportables() = std::move(reportable);
}

void Observe(const v1::Method& method, const v1::MethodOutput& output, const SampleData& sample,
             v1::SampleComputation& found) {
  const std::vector<const v1::Datum*> data = DataOfOutput(method, output, sample.data);
  for (v1::Check& check : ReplicateChecks(output, data)) *found.add_checks() = std::move(check);
  v1::Reportable reportable;
  std::string unknown;
  int worst = -1;
  for (const v1::Datum* datum : data) {
    const std::string& code = datum->value().value();
    if (IsCourseCode(method, code)) continue;
    const auto place = std::find(output.codes().begin(), output.codes().end(), code);
    if (place == output.codes().end()) unknown = code.empty() ? "no code" : code;
    worst = std::max(worst, static_cast<int>(place - output.codes().begin()));
    reportable.add_individuals(code);
  }
  if (!unknown.empty()) {
    *found.add_checks() = MakeCheck("codes", output.line_code(), unknown,
                                    fmt::format("{}", fmt::join(output.codes(), " or ")), false);
  }
  if (worst < 0 || !unknown.empty()) return;
  const std::string& seen = output.codes(worst);
  if (Contains(output.invalid_codes(), seen)) {
    *found.add_checks() =
        MakeCheck("sample_fit", output.line_code(), seen,
                  fmt::format("not {}", fmt::join(output.invalid_codes(), " or ")), false);
    return;
  }
  if (output.has_survival()) return ReportSurvival(output, data, seen, found);
  reportable.set_line_code(output.line_code());
  reportable.set_value(output.codes(worst));
  *found.add_reportables() = std::move(reportable);
}

v1::Computation Calculate(const v1::AssayInput& input) {
  v1::Computation computation = BeginComputation(input);
  const ObservedTest test = ReadObservations(input);
  for (const SampleData& sample : SamplesOf(input)) {
    v1::SampleComputation& found = *computation.add_samples();
    found.set_sample_id(sample.sample_id);
    RefuseUnknownTargets(input.method(), sample.data, found);
    for (const v1::MethodOutput& output : input.method().outputs()) {
      Observe(input.method(), output, sample, found);
    }
    AddCourses(input, test, found);
  }
  ConcludeObservations(input, test, true, computation);
  for (v1::SampleComputation& sample : *computation.mutable_samples()) {
    FlagDisagreements(input, sample);
  }
  return computation;
}

constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE};
constexpr std::string_view kFormats[] = {"panel_csv"};

}  // namespace

constinit const Calculator kGenericObservation{
    .assay = "generic_observation",
    .version = "3",
    .description = "observations by codes; the worst replicate is reported",
    .parameters = {},
    .roles = kRoles,
    .formats = kFormats,
    .calculate = Calculate};

namespace {

void CheckSurvival(const v1::MethodOutput& output, int index, std::vector<Violation>& violations) {
  const v1::Survival& rule = output.survival();
  const auto refuse = [&](std::string_view field, std::string_view problem) {
    violations.push_back(
        {OutputPath(index, fmt::format("survival.{}", field)), std::string(problem)});
  };
  if (!Contains(output.codes(), rule.survivor_code())) {
    refuse("survivor_code", "is none of the output's codes");
  }
  if (!rule.excluded_code().empty() && !Contains(output.codes(), rule.excluded_code())) {
    refuse("excluded_code", "is none of the output's codes");
  }
  for (const auto& [field, text] :
       {std::pair("percent_min", rule.percent_min()),
        std::pair("excluded_percent_max", rule.excluded_percent_max())}) {
    const Result<Decimal> percent = Decimal::Parse(text);
    const bool needed = field == std::string_view("percent_min") || !rule.excluded_code().empty();
    if (!needed && text.empty()) continue;
    if (!percent || percent->negative() || *percent > Decimal::FromInt(100)) {
      refuse(field, "must be a number from 0 to 100");
    }
  }
  if (rule.reached_code().empty()) refuse("reached_code", "says what is reported");
  if (rule.below_code().empty()) refuse("below_code", "says what is reported");
}

}  // namespace

std::vector<Violation> CheckGenericObservation(const v1::Method& method) {
  std::vector<Violation> violations = ParameterReader(method, {}).TakeViolations();
  if (method.outputs().empty()) violations.push_back({"method.outputs", "names no output"});
  for (int i = 0; i < method.outputs_size(); ++i) {
    const v1::MethodOutput& output = method.outputs(i);
    const auto refuse = [&](std::string_view field, std::string_view problem) {
      violations.push_back({OutputPath(i, field), std::string(problem)});
    };
    if (SourceOf(method, output) != nullptr) {
      refuse("input", "an observation cannot be calculated from another output");
    }
    if (output.codes().empty()) refuse("codes", "lists the observation codes, best first");
    if (output.combination() != v1::COMBINATION_WORST) {
      refuse("combination", "observations combine by COMBINATION_WORST only");
    }
    if (!output.input_unit().empty()) refuse("input_unit", "an observation has no unit");
    constexpr std::string_view kNotUsed = "has no effect on an observation";
    if (!output.equals_fact().empty()) refuse("equals_fact", kNotUsed);
    if (!output.needs_fact().empty()) refuse("needs_fact", kNotUsed);
    if (output.has_survival()) CheckSurvival(output, i, violations);
  }
  return violations;
}

std::vector<Violation> CheckObservedSample(const v1::Method& method, const Positions& positions,
                                           const std::string& sample_id, const v1::Attempt*) {
  std::vector<Violation> violations;
  for (const v1::MethodOutput& output : method.outputs()) {
    for (const OutputPart& part : PartsOf(output)) {
      const auto count =
          std::count_if(positions.begin(), positions.end(), [&](const v1::RunPosition& place) {
            const bool open = place.target().empty() && output.targets().empty();
            return place.sample_id() == sample_id && place.omit_reason().empty() &&
                   (open || place.target() == part.name);
          });
      if (count >= part.replicates_min) continue;
      violations.push_back(
          {"positions", fmt::format("sample {} has {} positions for {}; the method asks for {}",
                                    sample_id, count, part.name, part.replicates_min)});
    }
  }
  return violations;
}

}  // namespace lims::assay
