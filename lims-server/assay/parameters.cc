#include "assay/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "assay/outputs.h"
#include "base/contains.h"
#include "base/text.h"

namespace lims::assay {

ParameterReader::ParameterReader(const v1::Method& method, std::span<const Parameter> declared)
    : method_(method), declared_(declared) {}

const Parameter& ParameterReader::Declared(std::string_view name) const {
  const auto found =
      std::find_if(declared_.begin(), declared_.end(),
                   [name](const Parameter& parameter) { return parameter.name == name; });
  if (found == declared_.end()) std::abort();  // a programmer's error: not declared
  return *found;
}

std::string ParameterReader::Path(std::string_view name) const {
  for (int i = 0; i < method_.parameters_size(); ++i) {
    if (method_.parameters(i).name() == name) return fmt::format("method.parameters[{}].value", i);
  }
  return "method.parameters";
}

void ParameterReader::Refuse(std::string_view name, std::string_view problem) {
  violations_.push_back({Path(name), fmt::format("{} {}", name, problem)});
}

std::optional<std::string> ParameterReader::Value(std::string_view name) {
  const Parameter& declared = Declared(name);
  read_.emplace(name);
  for (const v1::NamedValue& given : method_.parameters()) {
    if (given.name() == name) return given.value();
  }
  if (declared.default_value.empty()) {
    Refuse(name, fmt::format("is missing: {}", declared.meaning));
    return std::nullopt;
  }
  return std::string(declared.default_value);
}

std::string ParameterReader::Text(std::string_view name) {
  const std::optional<std::string> value = Value(name);
  if (value && value->empty()) Refuse(name, "is empty");
  return value.value_or("");
}

std::optional<std::string> ParameterReader::OptionalText(std::string_view name) {
  std::string text = Text(name);
  if (text == kNone || text.empty()) return std::nullopt;
  return text;
}

Decimal ParameterReader::Number(std::string_view name) {
  const std::optional<std::string> value = Value(name);
  if (!value) return {};
  Result<Decimal> number = Decimal::Parse(*value);
  if (number) return *number;
  violations_.push_back({Path(name), fmt::format("{}: {}", name, WhatIsWrong(number.error()))});
  return {};
}

std::optional<Decimal> ParameterReader::OptionalNumber(std::string_view name) {
  const std::optional<std::string> value = Value(name);
  if (!value || value == kNone) return std::nullopt;
  return Number(name);
}

int ParameterReader::Count(std::string_view name, int lowest) {
  constexpr int kHighest = 1000;
  const std::optional<std::string> value = Value(name);
  if (!value) return lowest;
  const std::string& text = *value;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < lowest ||
      count > kHighest) {
    Refuse(name, fmt::format("must be a whole number from {} to {}", lowest, kHighest));
    return lowest;
  }
  return count;
}

std::string ParameterReader::Choice(std::string_view name,
                                    std::initializer_list<std::string_view> choices) {
  std::optional<std::string> value = Value(name);
  if (value && Contains(choices, *value)) return *value;
  if (value) {
    Refuse(name, fmt::format("is {}; it must be {}", QuotedForMessage(*value),
                             fmt::join(choices, " or ")));
  }
  return std::string(*choices.begin());
}

Limits ParameterReader::Window(std::string_view min_name, std::string_view max_name,
                               std::string_view unit) {
  Limits limits{OptionalNumber(min_name), OptionalNumber(max_name), std::string(unit)};
  if (limits.min && limits.max && *limits.min > *limits.max) {
    Refuse(max_name, fmt::format("is below {}", min_name));
  }
  return limits;
}

std::vector<Violation> ParameterReader::TakeViolations() {
  std::set<std::string> seen;
  for (int i = 0; i < method_.parameters_size(); ++i) {
    const std::string& name = method_.parameters(i).name();
    const std::string path = fmt::format("method.parameters[{}].name", i);
    const bool known =
        std::any_of(declared_.begin(), declared_.end(),
                    [&](const Parameter& parameter) { return parameter.name == name; });
    if (!known) {
      violations_.push_back({path, fmt::format("the calculator {} has no parameter {}",
                                               method_.assay(), QuotedForMessage(name))});
    } else if (!read_.contains(name)) {
      violations_.push_back({path, name + " has no effect beside the other parameters"});
    }
    if (!seen.insert(name).second) violations_.push_back({path, name + " is given twice"});
  }
  return std::move(violations_);
}

v1::MethodOutput OnlyOutput(const v1::Method& method) {
  return method.outputs().empty() ? v1::MethodOutput() : method.outputs(0);
}

void CheckPlainOutput(const v1::Method& method, int index, std::vector<Violation>& violations) {
  const v1::MethodOutput& output = method.outputs(index);
  const auto refuse = [&](std::string_view field) {
    violations.push_back({OutputPath(index, field), kNoEffect});
  };
  if (!output.factor().empty()) refuse("factor");
  if (!output.divisor().empty()) refuse("divisor");
  if (!output.equals_fact().empty()) refuse("equals_fact");
  if (!output.needs_fact().empty()) refuse("needs_fact");
  if (output.spread_rule() != v1::SPREAD_RULE_UNSPECIFIED) refuse("spread_rule");
  if (output.combination() != v1::COMBINATION_UNSPECIFIED) refuse("combination");
  if (output.replicates_min() != 0) refuse("replicates_min");
  if (output.replicates_max() != 0) refuse("replicates_max");
  if (output.whole_number()) refuse("whole_number");
}

void CheckOnlyOutput(const v1::Method& method, std::vector<Violation>& violations) {
  if (method.outputs_size() != 1) {
    violations.push_back({"method.outputs", fmt::format("the calculator {} reports one value, so "
                                                        "there must be one output",
                                                        method.assay())});
    return;
  }
  CheckPlainOutput(method, 0, violations);
}

}  // namespace lims::assay
