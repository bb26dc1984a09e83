#include "assay/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "assay/findings.h"
#include "assay/limits.h"

namespace lims::assay {

const v1::MethodOutput* SourceOf(const v1::Method& method, const v1::MethodOutput& output) {
  for (const v1::MethodOutput& other : method.outputs()) {
    if (other.line_code() == output.input() && other.line_code() != output.line_code()) {
      return &other;
    }
  }
  return nullptr;
}

std::vector<OutputPart> PartsOf(const v1::MethodOutput& output) {
  const int fewest = std::max(output.replicates_min(), 1);
  std::vector<OutputPart> parts;
  for (const v1::OutputTarget& target : output.targets()) {
    parts.push_back(
        {target.name(), target.replicates_min() > 0 ? target.replicates_min() : fewest});
  }
  if (parts.empty()) parts.push_back({output.input(), fewest});
  return parts;
}

std::string PartNamed(const v1::MethodOutput& output, std::string_view name) {
  if (output.targets().empty()) return output.input();
  const auto& targets = output.targets();
  const bool known = std::any_of(targets.begin(), targets.end(),
                                 [&](const v1::OutputTarget& each) { return each.name() == name; });
  return known ? std::string(name) : std::string();
}

const v1::MethodOutput* EnteredOutput(const v1::Method& method, std::string_view name) {
  const v1::MethodOutput* found = nullptr;
  for (const v1::MethodOutput& output : method.outputs()) {
    if (SourceOf(method, output) != nullptr) continue;
    if (output.line_code() == name || output.input() == name) return &output;
    for (const v1::OutputTarget& target : output.targets()) {
      if (target.name() == name) return &output;
    }
    if (name.empty()) {
      if (found != nullptr) return nullptr;
      found = &output;
    }
  }
  return found;
}

std::vector<std::string> VesselTargets(const v1::Method& method) {
  std::vector<std::string> vessels;
  for (const v1::NamedValue& parameter : method.parameters()) {
    if (parameter.name() != kVessels) continue;
    std::string_view rest = parameter.value();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      vessels.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return vessels;
}

std::vector<const v1::Datum*> DataOfOutput(const v1::Method& method, const v1::MethodOutput& output,
                                           const std::vector<const v1::Datum*>& data) {
  std::vector<const v1::Datum*> found;
  for (const v1::Datum* datum : data) {
    const v1::MethodOutput* meant = EnteredOutput(method, datum->target());
    if (meant != nullptr && meant->input() == output.input()) found.push_back(datum);
  }
  SortByReplicate(found);
  return found;
}

v1::Check ReplicateCheck(const v1::MethodOutput& output, std::size_t count) {
  Limits limits{Decimal::FromInt(std::max(output.replicates_min(), 1)), std::nullopt};
  if (output.replicates_max() > 0) limits.max = Decimal::FromInt(output.replicates_max());
  return LimitCheck("replicates", output.line_code(),
                    Decimal::FromInt(static_cast<std::int64_t>(count)), limits);
}

std::vector<v1::Check> ReplicateChecks(const v1::MethodOutput& output,
                                       const std::vector<const v1::Datum*>& data) {
  if (output.targets().empty()) return {ReplicateCheck(output, CountPositions(data))};
  std::vector<v1::Check> checks;
  for (const OutputPart& part : PartsOf(output)) {
    std::vector<const v1::Datum*> own;
    std::copy_if(data.begin(), data.end(), std::back_inserter(own),
                 [&](const v1::Datum* datum) { return datum->target() == part.name; });
    checks.push_back(CountCheck("replicates", part.name, CountPositions(own), part.replicates_min));
  }
  return checks;
}

std::size_t CountPositions(const std::vector<const v1::Datum*>& data) {
  std::set<std::pair<std::string, std::string>> positions;
  std::size_t count = 0;
  for (const v1::Datum* datum : data) {
    const bool is_new = positions.emplace(datum->plate(), datum->position()).second;
    if (is_new || datum->position().empty()) ++count;
  }
  return count;
}

void RefuseUnknownTargets(const v1::Method& method, const std::vector<const v1::Datum*>& data,
                          v1::SampleComputation& sample) {
  std::set<std::string> named;
  for (const v1::Datum* datum : data) {
    const v1::MethodOutput* output = EnteredOutput(method, datum->target());
    if (output != nullptr && !PartNamed(*output, datum->target()).empty()) continue;
    if (!named.insert(datum->target()).second) continue;
    *sample.add_checks() = MakeCheck("known_target", datum->target(), "unknown",
                                     "an input of " + method.method_id(), false);
  }
}

std::string OutputPath(int index, std::string_view field) {
  return fmt::format("method.outputs[{}].{}", index, field);
}

}  // namespace lims::assay
