#include "domain/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/contains.h"
#include "base/decimal.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::domain {
namespace {

// One bound of a line, resolved.
struct Limit {
  bool upper;
  bool inclusive;
  Decimal value;
};

// How a value, or the interval that a qualified value is, lies to the limits.
enum class Fit { kInside, kCrosses, kOutside };  // from best to worst

std::string_view Sign(bool upper, bool inclusive) {
  if (upper) return inclusive ? "<=" : "<";
  return inclusive ? ">=" : ">";
}

std::string InWords(const Limit& limit) {
  const std::string_view relation = limit.upper ? (limit.inclusive ? "at most" : "below")
                                                : (limit.inclusive ? "at least" : "above");
  return fmt::format("{} {}", relation, limit.value.ToString());
}

Result<Decimal> NumberIn(std::string field, std::string_view text) {
  Result<Decimal> number = Decimal::Parse(text);
  if (number) return number;
  return InvalidArgument(std::move(field), WhatIsWrong(number.error()));
}

Error Unusable(const v1::SpecificationLine& line, std::string_view problem) {
  return WrongState(fmt::format("line {} {}: its specification needs a corrected revision",
                                line.line_code(), problem));
}

Result<Limit> Resolve(const v1::SpecificationLine& line, const v1::Bound& bound, bool upper,
                      const FactLookup& facts) {
  std::string text = bound.value();
  if (!bound.fact().empty()) {
    std::optional<std::string> declared = facts(bound.fact());
    if (!declared) {
      return WrongState(fmt::format(
          "the limit of line {} is lot fact {}, which is not declared: QA declares it with lims "
          "lot fact",
          line.line_code(), bound.fact()));
    }
    text = *std::move(declared);
  }
  const Result<Decimal> value = Decimal::Parse(text);
  if (!value) {
    return Unusable(line,
                    fmt::format("has a limit that is no number, {}", WhatIsWrong(value.error())));
  }
  return Limit{upper, bound.operator_() == v1::OPERATOR_INCLUSIVE, *value};
}

Result<std::vector<Limit>> Limits(const v1::SpecificationLine& line, const FactLookup& facts) {
  std::vector<Limit> limits;
  for (const v1::Criterion& criterion : line.criteria()) {
    for (const bool upper : {false, true}) {
      const v1::Bound& bound = upper ? criterion.upper() : criterion.lower();
      if (bound.operator_() == v1::OPERATOR_UNSPECIFIED) continue;
      LIMS_ASSIGN_OR_RETURN(limits.emplace_back(), Resolve(line, bound, upper, facts));
    }
  }
  return limits;
}

// A number with its qualifier.
struct Value {
  Decimal number;
  v1::Qualifier qualifier = v1::QUALIFIER_UNSPECIFIED;

  bool exact() const { return qualifier == v1::QUALIFIER_UNSPECIFIED; }
  bool below() const { return qualifier == v1::QUALIFIER_LESS_THAN; }
};

Fit Compare(const Value& value, const Limit& limit) {
  if (value.exact()) {
    const auto order = value.number <=> limit.value;
    if (order == 0) return limit.inclusive ? Fit::kInside : Fit::kOutside;
    return (order < 0) == limit.upper ? Fit::kInside : Fit::kOutside;
  }
  // The end of the interval is open, so where it meets the limit the interval lies wholly on one
  // side of it, whether the limit itself complies or not.
  const bool on_one_side =
      value.below() ? value.number <= limit.value : value.number >= limit.value;
  if (!on_one_side) return Fit::kCrosses;
  return value.below() == limit.upper ? Fit::kInside : Fit::kOutside;
}

Fit Compare(const Value& value, const std::vector<Limit>& limits) {
  Fit worst = Fit::kInside;
  for (const Limit& limit : limits) worst = std::max(worst, Compare(value, limit));
  return worst;
}

Rounding RoundingOf(v1::RoundingRule rule) {
  return rule == v1::ROUNDING_RULE_USP_HALF_UP ? Rounding::kHalfUp : Rounding::kHalfEven;
}

// The number that the limits see.
Value Compared(const v1::SpecificationLine& line, const Value& value) {
  if (!value.exact() || line.rounding() == v1::ROUNDING_RULE_GBT8170_FULL_VALUE) return value;
  return {value.number.Round(line.decimals(), RoundingOf(line.rounding())), value.qualifier};
}

// The number that is printed.
Decimal Reported(const v1::SpecificationLine& line, const Value& value) {
  const Decimal rounded = value.number.Round(line.decimals(), RoundingOf(line.rounding()));
  if (value.exact()) return rounded;
  const Decimal step = Decimal::Parse(fmt::format("1e{}", -line.decimals())).value();
  if (value.below() && rounded < value.number) return rounded + step;
  if (!value.below() && rounded > value.number) return rounded - step;
  return rounded;
}

// A single value behind a reported one; nullopt for what is no number, such as "undetermined".
std::optional<Value> ParseIndividual(std::string_view text) {
  Value value;
  if (text.starts_with('<') || text.starts_with('>')) {
    value.qualifier = text.starts_with('<') ? v1::QUALIFIER_LESS_THAN : v1::QUALIFIER_GREATER_THAN;
    text.remove_prefix(1);
  }
  const Result<Decimal> number = Decimal::Parse(text);
  if (!number) return std::nullopt;
  value.number = *number;
  return value;
}

// Single values are in the unit that the reported one names; without it they cannot be held against
// the limits of the line.
bool AnyIndividualOutside(const v1::SpecificationLine& line, const v1::Reportable& reportable,
                          const std::vector<Limit>& limits) {
  if (reportable.unit() != line.unit()) return false;
  const auto& individuals = reportable.individuals();
  return std::any_of(individuals.begin(), individuals.end(), [&](const std::string& text) {
    const std::optional<Value> value = ParseIndividual(text);
    return value && Compare(Compared(line, *value), limits) == Fit::kOutside;
  });
}

v1::Verdict VerdictOf(Fit fit) {
  switch (fit) {
    case Fit::kInside:
      return v1::VERDICT_PASS;
    case Fit::kCrosses:
      return v1::VERDICT_CANNOT_DECIDE;
    case Fit::kOutside:
      return v1::VERDICT_OOS_SUSPECTED;
  }
  return v1::VERDICT_UNSPECIFIED;
}

// The limits that decided: all of them for a pass, else the first that was not kept.
std::string DecidingLimits(const Value& compared, const std::vector<Limit>& limits, Fit fit) {
  std::vector<std::string> words;
  for (const Limit& limit : limits) {
    if (Compare(compared, limit) != fit) continue;
    words.push_back(InWords(limit));
    if (fit != Fit::kInside) break;
  }
  return fmt::format("{}", fmt::join(words, " and "));
}

// How an exact number came to be compared, ready to be followed by a verb.
std::string Subject(const v1::SpecificationLine& line, const std::string& raw, const Value& value,
                    const std::string& reported) {
  if (value.number == Decimal::Parse(reported).value()) return reported;
  if (line.rounding() == v1::ROUNDING_RULE_GBT8170_FULL_VALUE) {
    return fmt::format("{}, compared with all its digits,", raw);
  }
  return fmt::format("{} rounds to {}, which", raw, reported);
}

std::string Explain(const v1::SpecificationLine& line, const std::string& raw, const Value& value,
                    const std::string& reported, const std::vector<Limit>& limits, Fit fit) {
  const std::string words = DecidingLimits(Compared(line, value), limits, fit);
  if (value.exact()) {
    return fmt::format("{} is {}{}", Subject(line, raw, value, reported),
                       fit == Fit::kInside ? "" : "not ", words);
  }
  const std::string shown = fmt::format("{}{}", v1::QualifierSign(value.qualifier), raw);
  switch (fit) {
    case Fit::kInside:
      return fmt::format("every value {} is {}", shown, words);
    case Fit::kCrosses:
      return fmt::format("{} may or may not be {}", shown, words);
    case Fit::kOutside:
      return fmt::format("no value {} is {}", shown, words);
  }
  return {};
}

Result<Judgement> JudgeNumber(const v1::SpecificationLine& line, const v1::Reportable& reportable,
                              const FactLookup& facts) {
  if (reportable.qualifier() != v1::QUALIFIER_UNSPECIFIED &&
      line.result_kind() != v1::RESULT_KIND_QUALIFIED_DECIMAL) {
    return InvalidArgument(
        "qualifier", fmt::format("{} takes a plain number, without < or >", line.line_code()));
  }
  if (line.rounding() == v1::ROUNDING_RULE_UNSPECIFIED) {
    return Unusable(line, "has no rounding rule");
  }
  Value value{{}, reportable.qualifier()};
  LIMS_ASSIGN_OR_RETURN(value.number, NumberIn("value", reportable.value()));

  Judgement judgement;
  judgement.value_reported = Reported(line, value).ToString();
  judgement.criterion = CriterionText(line, facts);
  const Value compared = Compared(line, value);
  if (!line.alert_below().empty()) {
    LIMS_ASSIGN_OR_RETURN(const Decimal alert, NumberIn("alert_below", line.alert_below()));
    if (value.below() || compared.number < alert) judgement.flags.emplace_back(kFlagAlert);
  }
  if (line.verdict_mode() == v1::VERDICT_MODE_REPORT_ONLY) {
    judgement.verdict = v1::VERDICT_REPORT_ONLY;
    judgement.explanation =
        fmt::format("{}{} is reported without verdict", v1::QualifierSign(value.qualifier),
                    judgement.value_reported);
    return judgement;
  }
  LIMS_ASSIGN_OR_RETURN(const std::vector<Limit> limits, Limits(line, facts));
  if (limits.empty()) return Unusable(line, "has no limit");
  const Fit fit = Compare(compared, limits);
  judgement.verdict = VerdictOf(fit);
  judgement.explanation =
      Explain(line, reportable.value(), value, judgement.value_reported, limits, fit);
  if (fit == Fit::kInside && AnyIndividualOutside(line, reportable, limits)) {
    judgement.flags.emplace_back(kFlagIndividualBelowLimit);
  }
  return judgement;
}

v1::Verdict VerdictOfCode(const v1::SpecificationLine& line, const std::string& code) {
  v1::Verdict verdict = v1::VERDICT_PASS;
  for (const v1::Criterion& criterion : line.criteria()) {
    if (Contains(criterion.accepted_codes(), code)) continue;
    if (!Contains(criterion.inconclusive_codes(), code)) return v1::VERDICT_OOS_SUSPECTED;
    verdict = v1::VERDICT_INCONCLUSIVE;
  }
  return verdict;
}

Result<Judgement> JudgeCode(const v1::SpecificationLine& line, const v1::Reportable& reportable,
                            const FactLookup& facts) {
  const std::string& code = reportable.value();
  std::vector<std::string_view> allowed;
  for (const v1::CodeText& entry : line.codes()) allowed.push_back(entry.code());
  if (!Contains(allowed, code)) {
    return InvalidArgument(
        "value", fmt::format("{} is not a code of {}; it takes {}", QuotedForMessage(code),
                             line.line_code(), fmt::join(allowed, ", ")));
  }
  if (reportable.qualifier() != v1::QUALIFIER_UNSPECIFIED) {
    return InvalidArgument("qualifier", "an observation takes no < or >");
  }
  Judgement judgement;
  judgement.value_reported = code;
  judgement.criterion = CriterionText(line, facts);
  if (line.verdict_mode() == v1::VERDICT_MODE_REPORT_ONLY) {
    judgement.verdict = v1::VERDICT_REPORT_ONLY;
    judgement.explanation = fmt::format("{} is reported without verdict", code);
    return judgement;
  }
  if (line.criteria().empty()) {
    return Unusable(line, "has no accepted code");
  }
  judgement.verdict = VerdictOfCode(line, code);
  if (judgement.verdict == v1::VERDICT_PASS) {
    judgement.explanation = fmt::format("{} is an accepted observation", code);
  } else if (judgement.verdict == v1::VERDICT_INCONCLUSIVE) {
    judgement.explanation = fmt::format("{} is neither pass nor fail", code);
  } else {
    judgement.explanation = fmt::format("{} is not {}", code, judgement.criterion);
  }
  return judgement;
}

std::string BoundText(const v1::Bound& bound, bool upper, const FactLookup& facts) {
  const std::string_view sign = Sign(upper, bound.operator_() == v1::OPERATOR_INCLUSIVE);
  if (bound.fact().empty()) return fmt::format("{} {}", sign, bound.value());
  const std::optional<std::string> declared = facts(bound.fact());
  if (!declared) return fmt::format("{} {} (not declared)", sign, bound.fact());
  return fmt::format("{} {} ({})", sign, *declared, bound.fact());
}

}  // namespace

Result<Judgement> Judge(const v1::SpecificationLine& line, const v1::Reportable& value,
                        const FactLookup& facts) {
  if (!value.unit().empty() && value.unit() != line.unit()) {
    return InvalidArgument("unit", fmt::format("{} is reported in {}, not in {}", line.line_code(),
                                               line.unit().empty() ? "no unit" : line.unit(),
                                               QuotedForMessage(value.unit())));
  }
  if (line.verdict_mode() == v1::VERDICT_MODE_UNSPECIFIED) {
    return Unusable(line, "does not say whether it is judged");
  }
  switch (line.result_kind()) {
    case v1::RESULT_KIND_DECIMAL:
    case v1::RESULT_KIND_QUALIFIED_DECIMAL:
      return JudgeNumber(line, value, facts);
    case v1::RESULT_KIND_OBSERVATION:
      return JudgeCode(line, value, facts);
    default:
      return Unusable(line, "does not say what it reports");
  }
}

std::string CriterionText(const v1::SpecificationLine& line, const FactLookup& facts) {
  if (line.verdict_mode() == v1::VERDICT_MODE_REPORT_ONLY) return "report only";
  std::vector<std::string> parts;
  for (const v1::Criterion& criterion : line.criteria()) {
    for (const bool upper : {false, true}) {
      const v1::Bound& bound = upper ? criterion.upper() : criterion.lower();
      if (bound.operator_() == v1::OPERATOR_UNSPECIFIED) continue;
      parts.push_back(BoundText(bound, upper, facts));
    }
    if (!criterion.accepted_codes().empty()) {
      parts.push_back(fmt::format("one of {}", fmt::join(criterion.accepted_codes(), ", ")));
    }
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

}  // namespace lims::domain
