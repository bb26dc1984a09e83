#include "assay/map_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "assay/outputs.h"
#include "base/contains.h"
#include "base/decimal.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::assay {

bool IsNeat(std::string_view dilution) {
  const Result<Decimal> factor = Decimal::Parse(dilution);
  return !factor || *factor == Decimal::FromInt(1);
}

void CheckRoles(const Positions& positions, std::span<const v1::PositionRole> roles,
                std::string_view test, std::vector<Violation>& violations) {
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    if (Contains(roles, position.role())) continue;
    violations.push_back({fmt::format("positions[{}].role", i),
                          fmt::format("{} at {} is no role of {}", v1::EnumWord(position.role()),
                                      position.position(), test)});
  }
}

void CheckNeat(const Positions& positions, std::string_view why,
               std::vector<Violation>& violations) {
  for (int i = 0; i < positions.size(); ++i) {
    if (IsNeat(positions[i].dilution())) continue;
    violations.push_back(
        {fmt::format("positions[{}].dilution", i),
         fmt::format("{} at {}: {}", positions[i].dilution(), positions[i].position(), why)});
  }
}

bool HasWell(const Positions& positions, v1::PositionRole role, std::string_view target) {
  return std::any_of(positions.begin(), positions.end(), [&](const v1::RunPosition& position) {
    return position.role() == role && position.omit_reason().empty() &&
           (position.target().empty() || position.target() == target);
  });
}

std::vector<Violation> CheckEnteredMap(const v1::Method& method, const Positions& positions) {
  std::vector<std::string> parts;
  for (const v1::MethodOutput& output : method.outputs()) {
    if (SourceOf(method, output) != nullptr) continue;
    for (OutputPart& part : PartsOf(output)) parts.push_back(std::move(part.name));
  }
  std::vector<Violation> violations;
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    if (position.role() != v1::POSITION_ROLE_SAMPLE) {
      violations.push_back(
          {fmt::format("positions[{}].role", i),
           fmt::format("{} at {}: nothing judges a control on this map; what {} asks of its "
                       "controls is declared with --setup",
                       v1::EnumWord(position.role()), position.position(), method.method_id())});
    }
    if (position.target().empty()) continue;
    const v1::MethodOutput* output = EnteredOutput(method, position.target());
    if (output != nullptr && !PartNamed(*output, position.target()).empty()) continue;
    violations.push_back(
        {fmt::format("positions[{}].target", i),
         fmt::format("{} at {}: {} takes {}", QuotedForMessage(position.target()),
                     position.position(), method.method_id(), fmt::join(parts, ", "))});
  }
  return violations;
}

}  // namespace lims::assay
