#include "assay/setup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>

#include "assay/limits.h"
#include "base/contains.h"
#include "base/decimal.h"
#include "base/text.h"

namespace lims::assay {
namespace {

using Setup = google::protobuf::RepeatedPtrField<v1::NamedValue>;

constexpr std::size_t kMaxValueBytes = 500;

std::optional<Decimal> ParseBound(const std::string& text) {
  Result<Decimal> bound = Decimal::Parse(text);
  if (!bound) return std::nullopt;
  return *bound;
}

bool IsNumber(const v1::SetupCheck& check) {
  return check.accepted().empty() && !check.time() && !check.text() && !check.expiry();
}

// A question that is answered with one of two words, whichever of them is accepted.
bool IsYesOrNo(const v1::SetupCheck& check) {
  return !check.accepted().empty() &&
         std::all_of(check.accepted().begin(), check.accepted().end(),
                     [](const std::string& word) { return word == "yes" || word == "no"; });
}

// What the value of a check looks like, in brackets after the argument; empty for any text.
std::string HintOf(const v1::SetupCheck& check) {
  if (IsYesOrNo(check)) return " (yes or no)";
  if (check.accepted().empty()) return check.unit().empty() ? "" : " (in " + check.unit() + ")";
  return fmt::format(" ({})", fmt::join(check.accepted(), " or "));
}

std::string CriterionOf(const v1::SetupCheck& check, const Limits& limits,
                        const std::string& start_date) {
  if (check.time()) return "a time";
  if (check.text()) return "given";
  if (check.expiry()) return start_date.empty() ? "a date" : "not before " + start_date;
  if (!check.per().empty()) return "per " + check.per() + ": " + limits.Text();
  if (!check.times().empty()) return "times " + check.times() + ": " + limits.Text();
  return IsNumber(check) ? limits.Text() : fmt::format("{}", fmt::join(check.accepted(), " or "));
}

// A quotient is never rounded: the bounds are multiplied instead.
bool HoldsScaled(const v1::SetupCheck& check, const Decimal& value, Limits limits,
                 const Setup& setup) {
  const bool divided = !check.per().empty();
  if (!divided && check.times().empty()) return limits.Hold(value);
  const auto other = DeclaredNumber(setup, divided ? check.per() : check.times());
  if (!other || other->negative() || other->zero()) return false;
  if (!divided) return limits.Hold(value * *other);
  if (limits.min) limits.min = *limits.min * *other;
  if (limits.max) limits.max = *limits.max * *other;
  return limits.Hold(value);
}

// Days without zone: both are days of the same place.
bool IsInDate(const std::string& expiry, const std::string& start_date) {
  const Result<TimeUs> end = ParseDate(expiry, 0);
  if (!end || start_date.empty()) return end.has_value();
  const Result<TimeUs> start = ParseDate(start_date, 0);
  return start && *start <= *end;
}

bool IsOtherUnit(const v1::SetupCheck& check, const v1::NamedValue& value) {
  return !value.unit().empty() && value.unit() != check.unit();
}

v1::Check Evaluate(const v1::SetupCheck& check, const Setup& setup, const std::string& start_date) {
  const bool scaled = !check.per().empty() || !check.times().empty();
  const Limits limits{ParseBound(check.min()), ParseBound(check.max()), scaled ? "" : check.unit()};
  const std::string criterion = CriterionOf(check, limits, start_date);
  const auto has_name = [&](const v1::NamedValue& value) { return value.name() == check.name(); };
  const auto declared = std::find_if(setup.begin(), setup.end(), has_name);
  if (declared == setup.end()) return MakeCheck(check.name(), "", "missing", criterion, false);
  const std::string observed =
      WithUnit(declared->value(), declared->unit().empty() ? check.unit() : declared->unit());
  if (std::find_if(declared + 1, setup.end(), has_name) != setup.end()) {
    return MakeCheck(check.name(), "", observed + ", declared twice", criterion, false);
  }
  bool ok = !IsOtherUnit(check, *declared);
  if (IsNumber(check)) {
    const Result<Decimal> number = Decimal::Parse(declared->value());
    ok = ok && number && HoldsScaled(check, *number, limits, setup);
  } else if (check.time()) {
    ok = ok && ParseTime(declared->value());
  } else if (check.text()) {
    ok = ok && !declared->value().empty();
  } else if (check.expiry()) {
    ok = ok && IsInDate(declared->value(), start_date);
  } else {
    ok = ok && Contains(check.accepted(), declared->value());
  }
  return MakeCheck(check.name(), "", observed, criterion, ok);
}

// Those that are reported, not those of the course of a test.
std::set<std::string> CodesOfSamples(const v1::AssayInput& input) {
  std::set<std::string> codes;
  for (const v1::Datum& datum : input.data()) {
    if (datum.role() != v1::POSITION_ROLE_SAMPLE) continue;
    for (const v1::MethodOutput& output : input.method().outputs()) {
      const std::string& code = datum.value().value();
      if (Contains(output.codes(), code)) codes.insert(code);
    }
  }
  return codes;
}

void AddDisagreeing(const v1::SetupCheck& check, const v1::NamedValue& declared,
                    const std::set<std::string>& entered, std::vector<std::string>& sentences) {
  for (const v1::Agreement& agreement : check.agreements()) {
    if (agreement.value() != declared.value()) continue;
    for (const std::string& code : entered) {
      if (Contains(agreement.codes(), code)) continue;
      sentences.push_back(fmt::format(
          "{} is {}, which agrees with {} and not with {}: correct what was typed wrongly",
          check.name(), declared.value(), fmt::join(agreement.codes(), " or "), code));
    }
  }
}

}  // namespace

std::optional<Decimal> DeclaredNumber(const Setup& setup, const std::string& name) {
  for (const v1::NamedValue& value : setup) {
    if (value.name() != name) continue;
    const Result<Decimal> number = Decimal::Parse(value.value());
    if (!number) return std::nullopt;
    return *number;
  }
  return std::nullopt;
}

std::optional<TimeUs> DeclaredTime(const Setup& setup, const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const v1::NamedValue& value : setup) {
    if (value.name() != name) continue;
    const Result<TimeUs> time = ParseTime(value.value());
    if (!time) return std::nullopt;
    return *time;
  }
  return std::nullopt;
}

v1::Method MethodForReadings(v1::Method method) {
  auto& checks = *method.mutable_setup_checks();
  checks.erase(std::remove_if(checks.begin(), checks.end(),
                              [](const v1::SetupCheck& check) { return check.typed_only(); }),
               checks.end());
  return method;
}

v1::Method MethodForOpenRun(v1::Method method, const Setup& setup) {
  const auto undeclared = [&](const std::string& name) {
    return !name.empty() && std::none_of(setup.begin(), setup.end(), [&](const auto& declared) {
      return declared.name() == name;
    });
  };
  auto& checks = *method.mutable_setup_checks();
  checks.erase(std::remove_if(checks.begin(), checks.end(),
                              [&](const v1::SetupCheck& check) {
                                return undeclared(check.name()) || undeclared(check.per()) ||
                                       undeclared(check.times());
                              }),
               checks.end());
  return method;
}

std::vector<v1::Check> EvaluateSetup(const v1::Method& method, const v1::AssayInput& input) {
  std::vector<v1::Check> checks;
  for (const v1::SetupCheck& check : method.setup_checks()) {
    checks.push_back(Evaluate(check, input.setup(), input.start_date()));
  }
  return checks;
}

std::vector<Violation> UndeclaredSetup(const v1::Method& method, const Setup& setup) {
  std::vector<Violation> violations;
  for (const v1::SetupCheck& check : method.setup_checks()) {
    const bool declared = std::any_of(setup.begin(), setup.end(), [&](const v1::NamedValue& value) {
      return value.name() == check.name();
    });
    if (declared) continue;
    violations.push_back(
        {"setup", fmt::format("{} is not declared ({}): add --setup {}=VALUE{}", check.name(),
                              check.meaning(), check.name(), HintOf(check))});
  }
  return violations;
}

std::vector<std::string> Contradictions(const v1::AssayInput& input) {
  const std::set<std::string> entered = CodesOfSamples(input);
  std::vector<std::string> sentences;
  for (const v1::SetupCheck& check : input.method().setup_checks()) {
    if (check.flag().empty()) {
      for (const v1::NamedValue& declared : input.setup()) {
        if (declared.name() == check.name()) AddDisagreeing(check, declared, entered, sentences);
      }
    }
    if (check.code_otherwise().empty() || !DeclaredNumber(input.setup(), check.name())) continue;
    const v1::Check evaluated = Evaluate(check, input.setup(), input.start_date());
    if (evaluated.ok() || entered.contains(check.code_otherwise())) continue;
    sentences.push_back(fmt::format(
        "{} is {}, which is {}; any other code asks for {}: correct what was typed wrongly",
        check.name(), evaluated.observed(), check.code_otherwise(), evaluated.criterion()));
  }
  return sentences;
}

void FlagDisagreements(const v1::AssayInput& input, v1::SampleComputation& sample) {
  for (const v1::SetupCheck& check : input.method().setup_checks()) {
    if (check.flag().empty()) continue;
    for (const v1::NamedValue& declared : input.setup()) {
      if (declared.name() != check.name()) continue;
      for (const v1::Agreement& agreement : check.agreements()) {
        if (agreement.value() != declared.value()) continue;
        const auto& reported = sample.reportables();
        if (std::any_of(reported.begin(), reported.end(), [&](const v1::Reportable& each) {
              return !Contains(agreement.codes(), each.value());
            })) {
          sample.add_flags(check.flag());
        }
      }
    }
  }
}

bool AsksForExpiry(const v1::Method& method) {
  return std::any_of(method.setup_checks().begin(), method.setup_checks().end(),
                     [](const v1::SetupCheck& check) { return check.expiry(); });
}

std::vector<Violation> CheckSetupValues(const v1::Method& method, const Setup& setup) {
  std::vector<Violation> violations;
  std::set<std::string> seen;
  for (int i = 0; i < setup.size(); ++i) {
    const v1::NamedValue& value = setup[i];
    const std::string path = fmt::format("setup[{}]", i);
    const auto check = std::find_if(
        method.setup_checks().begin(), method.setup_checks().end(),
        [&](const v1::SetupCheck& candidate) { return candidate.name() == value.name(); });
    if (check == method.setup_checks().end()) {
      violations.push_back(
          {path + ".name", fmt::format("{} does not ask for the setup value {}", method.method_id(),
                                       QuotedForMessage(value.name()))});
      continue;
    }
    if (!seen.insert(value.name()).second) {
      violations.push_back({path + ".name", value.name() + " is declared twice"});
    }
    if (IsNumber(*check)) {
      const Result<Decimal> number = Decimal::Parse(value.value());
      if (!number) {
        violations.push_back({path + ".value", value.name() + ": " + WhatIsWrong(number.error())});
      }
    } else if (check->time()) {
      const Result<TimeUs> time = ParseTime(value.value());
      if (!time) {
        violations.push_back({path + ".value", value.name() + ": " + WhatIsWrong(time.error())});
      }
    } else if (check->expiry()) {
      const Result<TimeUs> end = ParseDate(value.value(), 0);
      if (!end) {
        violations.push_back({path + ".value", value.name() + ": " + WhatIsWrong(end.error())});
      }
    } else if (IsYesOrNo(*check)) {
      // A misspelt yes would be recorded as a check that failed, and cost a repeat.
      if (value.value() != "yes" && value.value() != "no") {
        violations.push_back(
            {path + ".value", fmt::format("{}: {} is neither yes nor no", value.name(),
                                          QuotedForMessage(value.value()))});
      }
    } else if (const auto problem = TextProblem(value.value(), kMaxValueBytes)) {
      violations.push_back({path + ".value", value.name() + ": " + *problem});
    }
    if (IsOtherUnit(*check, value)) {
      violations.push_back(
          {path + ".unit",
           fmt::format("{} is declared in {}, not in {}", value.name(),
                       check->unit().empty() ? "no unit" : QuotedForMessage(check->unit()),
                       QuotedForMessage(value.unit()))});
    }
  }
  return violations;
}

}  // namespace lims::assay
