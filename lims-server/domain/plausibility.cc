#include "domain/plausibility.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/decimal.h"

namespace lims::domain {
namespace {

bool Beyond(std::string_view bound, const Decimal& value, bool upper) {
  const Result<Decimal> limit = Decimal::Parse(bound);
  if (!limit) return false;  // no bound on this side
  return upper ? value > *limit : value < *limit;
}

}  // namespace

std::optional<Violation> ValueDoubt(const v1::SpecificationLine& line, std::string field,
                                    std::string_view value, bool confirmed) {
  const Result<Decimal> number = Decimal::Parse(value);
  if (!number) return std::nullopt;
  const auto beyond = [&](std::string_view min, std::string_view max) -> std::string {
    if (Beyond(min, *number, false)) return fmt::format("lower than {}", min);
    if (Beyond(max, *number, true)) return fmt::format("higher than {}", max);
    return "";
  };
  if (const std::string side = beyond(line.possible_min(), line.possible_max()); !side.empty()) {
    return Violation{std::move(field),
                     fmt::format("{} is {}, which {} cannot be: enter what was observed", value,
                                 side, line.line_code())};
  }
  const std::string side = beyond(line.plausible_min(), line.plausible_max());
  if (side.empty() || confirmed) return std::nullopt;
  return Violation{field + ".plausibility",
                   fmt::format("{} is {}, which is unusual for {}; is it what was observed?", value,
                               side, line.line_code())};
}

std::optional<Violation> EntryDoubt(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines, std::string_view input,
    const std::string& field, std::string_view value, bool confirmed) {
  for (const v1::MethodOutput& output : method.outputs()) {
    if (input != output.input() && input != output.line_code()) continue;
    if (!output.factor().empty() || !output.divisor().empty()) continue;
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const auto& candidate) {
      return candidate.line_code() == output.line_code();
    });
    if (line == lines.end()) continue;
    if (auto doubt = ValueDoubt(*line, field, value, confirmed)) return doubt;
  }
  return std::nullopt;
}

std::vector<Violation> EntryDoubts(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines,
    const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries, bool confirmed) {
  std::vector<Violation> doubts;
  for (int i = 0; i < entries.size(); ++i) {
    auto doubt = EntryDoubt(method, lines, entries[i].input(), fmt::format("entries[{}].value", i),
                            entries[i].value().value(), confirmed);
    if (doubt) doubts.push_back(*std::move(doubt));
  }
  return doubts;
}

}  // namespace lims::domain
