// Observations by codes: the worst replicate is what is reported. What is positive acts, however
// far the test has come; what is negative counts only at the end of the method's plan.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "assay/calculators.h"
#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/observation.h"
#include "assay/outputs.h"
#include "assay/parameters.h"

namespace lims::assay {
namespace {

template <typename Codes>
bool Contains(const Codes& codes, const std::string& code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

void Observe(const v1::Method& method, const v1::MethodOutput& output, const SampleData& sample,
             v1::SampleComputation& found) {
  const std::vector<const v1::Datum*> data = DataOfOutput(method, output, sample.data);
  *found.add_checks() = ReplicateCheck(output, CountPositions(data));
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
  return computation;
}

constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE};
constexpr std::string_view kFormats[] = {"panel_csv"};

}  // namespace

constinit const Calculator kGenericObservation{
    .assay = "generic_observation",
    .version = "2",
    .description = "observations by codes; the worst replicate is reported",
    .parameters = {},
    .roles = kRoles,
    .formats = kFormats,
    .calculate = Calculate};

std::vector<Violation> CheckGenericObservation(const v1::Method& method) {
  std::vector<Violation> violations = ParameterReader(method, {}).TakeViolations();
  if (method.outputs().empty()) violations.push_back({"method.outputs", "names no output"});
  for (int i = 0; i < method.outputs_size(); ++i) {
    const v1::MethodOutput& output = method.outputs(i);
    const auto refuse = [&](std::string_view field, std::string_view problem) {
      violations.push_back({OutputPath(i, field), std::string(problem)});
    };
    if (output.line_code().empty()) refuse("line_code", "names the line that the output feeds");
    if (output.input().empty()) refuse("input", "names what is entered");
    if (SourceOf(method, output) != nullptr) {
      refuse("input", "an observation cannot be calculated from another output");
    }
    if (output.codes().empty()) refuse("codes", "lists the observation codes, best first");
    if (output.combination() != v1::COMBINATION_WORST) {
      refuse("combination", "observations combine by COMBINATION_WORST only");
    }
    if (!output.input_unit().empty()) refuse("input_unit", "an observation has no unit");
    constexpr std::string_view kNotUsed = "has no effect on an observation";
    if (output.spread_rule() != v1::SPREAD_RULE_UNSPECIFIED) refuse("spread_rule", kNotUsed);
    if (!output.factor().empty()) refuse("factor", kNotUsed);
    if (!output.divisor().empty()) refuse("divisor", kNotUsed);
    if (output.whole_number()) refuse("whole_number", kNotUsed);
    if (!output.equals_fact().empty()) refuse("equals_fact", kNotUsed);
    if (!output.needs_fact().empty()) refuse("needs_fact", kNotUsed);
  }
  return violations;
}

std::vector<Violation> CheckObservedSample(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions,
    const std::string& sample_id, bool) {
  std::vector<Violation> violations;
  for (const v1::MethodOutput& output : method.outputs()) {
    const auto count =
        std::count_if(positions.begin(), positions.end(), [&](const v1::RunPosition& place) {
          return place.sample_id() == sample_id && place.omit_reason().empty() &&
                 (place.target().empty() || place.target() == output.input());
        });
    const int fewest = std::max(output.replicates_min(), 1);
    if (count >= fewest) continue;
    violations.push_back(
        {"positions", fmt::format("sample {} has {} positions for {}; the method asks for {}",
                                  sample_id, count, output.input(), fewest)});
  }
  return violations;
}

}  // namespace lims::assay
