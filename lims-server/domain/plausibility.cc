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

std::optional<std::string> PlausibilityQuestion(const v1::SpecificationLine& line,
                                                std::string_view value) {
  const Result<Decimal> number = Decimal::Parse(value);
  if (!number) return std::nullopt;
  const bool low = Beyond(line.plausible_min(), *number, false);
  const bool high = Beyond(line.plausible_max(), *number, true);
  if (!low && !high) return std::nullopt;
  return fmt::format("{} is {} than {}, which is unusual for {}; is it what was observed?", value,
                     low ? "lower" : "higher", low ? line.plausible_min() : line.plausible_max(),
                     line.line_code());
}

std::optional<std::string> EntryQuestion(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines, std::string_view input,
    std::string_view value) {
  for (const v1::MethodOutput& output : method.outputs()) {
    if (input != output.input() && input != output.line_code()) continue;
    if (!output.factor().empty() || !output.divisor().empty()) continue;
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const auto& candidate) {
      return candidate.line_code() == output.line_code();
    });
    if (line == lines.end()) continue;
    if (auto question = PlausibilityQuestion(*line, value)) return question;
  }
  return std::nullopt;
}

std::vector<Violation> PlausibilityQuestions(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines,
    const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries) {
  std::vector<Violation> questions;
  for (int i = 0; i < entries.size(); ++i) {
    auto question = EntryQuestion(method, lines, entries[i].input(), entries[i].value().value());
    if (question) questions.push_back({fmt::format("entries[{}].value", i), *std::move(question)});
  }
  return questions;
}

}  // namespace lims::domain
