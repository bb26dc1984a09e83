// Typed numbers: replicates become one value, which may be scaled by numbers and lot facts.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assay/calculators.h"
#include "assay/exact.h"
#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/outputs.h"
#include "assay/parameters.h"
#include "assay/setup.h"
#include "assay/spread.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

using Facts = std::map<std::string, std::string>;

// A value that is not divided yet, with what it came from.
struct Combined {
  Quotient value;
  v1::Qualifier qualifier = v1::QUALIFIER_UNSPECIFIED;
  std::vector<std::string> individuals;
};

// The numbers of one output's replicates; absent when one of them is none.
std::optional<std::vector<Decimal>> Numbers(const std::vector<const v1::Datum*>& data) {
  std::vector<Decimal> numbers;
  for (const v1::Datum* datum : data) {
    const std::optional<Decimal> number = NumberOf(*datum);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

// Computes the outputs of one sample.
class SampleCalculation {
 public:
  SampleCalculation(const v1::AssayInput& input, Facts facts, const SampleData& sample,
                    v1::SampleComputation& found)
      : input_(input),
        method_(input.method()),
        facts_(std::move(facts)),
        sample_(sample),
        found_(found) {}

  void Run() {
    RefuseUnknownTargets(method_, sample_.data, found_);
    std::map<std::string, Combined> values;  // by line code
    for (const v1::MethodOutput& output : method_.outputs()) {
      if (SourceOf(method_, output) != nullptr || !IsNeeded(output)) continue;
      if (auto value = Combine(output)) Keep(output, *std::move(value), values);
    }
    for (const v1::MethodOutput& output : method_.outputs()) {
      const v1::MethodOutput* source = SourceOf(method_, output);
      if (source == nullptr || !IsNeeded(output)) continue;
      // Without its source the sample is invalid already, or the source was not needed.
      if (const auto value = values.find(source->line_code()); value != values.end()) {
        Keep(output, value->second, values);
      }
    }
    for (const v1::MethodOutput& output : method_.outputs()) {
      const auto value = values.find(output.line_code());
      if (value != values.end()) Report(output, value->second);
    }
  }

 private:
  void Check(v1::Check check) { *found_.add_checks() = std::move(check); }

  bool IsNeeded(const v1::MethodOutput& output) {
    if (output.needs_fact().empty()) return true;
    const auto fact = facts_.find(output.needs_fact());
    if (fact != facts_.end() && fact->second == "yes") return true;
    AddDetail("not_calculated",
              fmt::format("{}: {} is {}", output.line_code(), output.needs_fact(),
                          fact == facts_.end() ? "not declared" : fact->second),
              "", *found_.mutable_details());
    return false;
  }

  // Absent, with a check that says why, when the entries give no value.
  std::optional<Combined> Combine(const v1::MethodOutput& output) {
    const std::vector<const v1::Datum*> data = DataOfOutput(method_, output, sample_.data);
    // Every number enters the value, also the second one of a position: it is a replicate.
    Check(ReplicateCheck(output, data.size()));
    if (data.empty()) return std::nullopt;
    Combined combined;
    combined.qualifier = data.front()->value().qualifier();
    bool alike = true;
    for (const v1::Datum* datum : data) {
      const v1::MeasuredValue& value = datum->value();
      combined.individuals.push_back(
          fmt::format("{}{}", v1::QualifierSign(value.qualifier()), value.value()));
      alike = alike && value.qualifier() == combined.qualifier;
    }
    if (!alike) {
      Check(MakeCheck("qualifiers_alike", output.line_code(),
                      fmt::format("{}", fmt::join(combined.individuals, ", ")),
                      "values with < or > are combined only when all have the same sign", false));
      return std::nullopt;
    }
    const std::optional<std::vector<Decimal>> numbers = Numbers(data);
    if (!numbers) {
      Check(MakeCheck("numbers", output.line_code(),
                      fmt::format("{}", fmt::join(combined.individuals, ", ")), "decimal numbers",
                      false));
      return std::nullopt;
    }
    CheckSpread(output, *numbers);
    combined.value = ValueOf(output.combination(), *numbers);
    Censor(output, combined);
    CheckEquality(output, combined.value);
    return combined;
  }

  // A value below the lowest that the run can tell is less than that, whatever was measured.
  void Censor(const v1::MethodOutput& output, Combined& combined) {
    if (output.lowest_setup().empty() || combined.qualifier == v1::QUALIFIER_GREATER_THAN) return;
    Decimal lowest = Decimal::FromInt(1);
    for (const std::string& name : output.lowest_setup()) {
      const std::optional<Decimal> factor = DeclaredNumber(input_.setup(), name);
      if (!factor) return;  // a check of the setup says so
      lowest = lowest * *factor;
    }
    if (combined.value.numerator >= lowest * combined.value.denominator) return;
    AddDetail("below_lowest",
              fmt::format("{}: {}{} is below {} = {}", output.line_code(),
                          v1::QualifierSign(combined.qualifier), combined.value.Value().ToString(),
                          fmt::join(output.lowest_setup(), " x "), lowest.ToString()),
              output.input_unit(), *found_.mutable_details());
    combined.value = {lowest};
    combined.qualifier = v1::QUALIFIER_LESS_THAN;
  }

  static Quotient ValueOf(v1::Combination combination, const std::vector<Decimal>& numbers) {
    if (combination == v1::COMBINATION_EACH_LOWEST) {
      return {*std::min_element(numbers.begin(), numbers.end())};
    }
    if (combination == v1::COMBINATION_EACH_HIGHEST) {
      return {*std::max_element(numbers.begin(), numbers.end())};
    }
    return MeanOf(numbers);
  }

  void CheckSpread(const v1::MethodOutput& output, const std::vector<Decimal>& numbers) {
    if (output.spread_rule() == v1::SPREAD_RULE_UNSPECIFIED || numbers.size() < 2) return;
    const Result<Decimal> most = Decimal::Parse(output.spread_max());
    const Spread spread = SpreadOf(output.spread_rule(), numbers);
    Limits limits{std::nullopt, most ? *most : Decimal(),
                  spread.percent ? "%" : output.input_unit()};
    Check(LimitCheck(fmt::format("replicate_{}", spread.id), output.line_code(), spread.value,
                     limits, "no mean to relate to"));
  }

  void CheckEquality(const v1::MethodOutput& output, const Quotient& value) {
    if (output.equals_fact().empty()) return;
    const std::string observed = value.Value().ToString();
    const std::optional<Decimal> fact = FactNumber(output.equals_fact());
    Check(MakeCheck("equals_fact", output.line_code(), observed,
                    fmt::format("= {} ({})", fact ? fact->ToString() : "nothing declared",
                                output.equals_fact()),
                    fact && *fact == value.Value()));
  }

  std::optional<Decimal> FactNumber(const std::string& name) const {
    const auto fact = facts_.find(name);
    if (fact == facts_.end()) return std::nullopt;
    const Result<Decimal> number = Decimal::Parse(fact->second);
    if (!number) return std::nullopt;
    return *number;
  }

  // A number, or the value of a lot fact; absent, with a check, when it cannot scale the value.
  std::optional<Decimal> Scale(const v1::MethodOutput& output, const std::string& text,
                               v1::Qualifier qualifier) {
    if (text.empty()) return Decimal::FromInt(1);
    const Result<Decimal> number = Decimal::Parse(text);
    const std::optional<Decimal> scale = number ? std::optional(*number) : FactNumber(text);
    // Below zero, "less than" would become "greater than".
    const bool positive = qualifier != v1::QUALIFIER_UNSPECIFIED;
    if (scale && !scale->zero() && !(positive && scale->negative())) return scale;
    Check(MakeCheck("scale", output.line_code(), scale ? scale->ToString() : "nothing declared",
                    fmt::format("{} is a number {} zero", text, positive ? "above" : "other than"),
                    false));
    return std::nullopt;
  }

  void Keep(const v1::MethodOutput& output, Combined value,
            std::map<std::string, Combined>& values) {
    const std::optional<Decimal> factor = Scale(output, output.factor(), value.qualifier);
    const std::optional<Decimal> divisor = Scale(output, output.divisor(), value.qualifier);
    if (!factor || !divisor) return;
    value.value.numerator = value.value.numerator * *factor;
    value.value.denominator = value.value.denominator * *divisor;
    values.emplace(output.line_code(), std::move(value));
  }

  void Report(const v1::MethodOutput& output, const Combined& value) {
    v1::Reportable& reportable = *found_.add_reportables();
    reportable.set_line_code(output.line_code());
    reportable.set_value(value.value.Value().ToString());
    reportable.set_qualifier(value.qualifier);
    // A scaled value is in the unit of its line; the calculator knows only that of the entries,
    // and they are no single values of it.
    const bool scaled = !output.factor().empty() || !output.divisor().empty();
    if (scaled) return;
    reportable.set_unit(output.input_unit());
    for (const std::string& individual : value.individuals) reportable.add_individuals(individual);
  }

  const v1::AssayInput& input_;
  const v1::Method& method_;
  const Facts facts_;
  const SampleData& sample_;
  v1::SampleComputation& found_;
};

Facts FactsOf(const v1::AssayInput& input, const std::string& sample_id) {
  Facts facts;
  for (const v1::SampleFacts& sample : input.facts()) {
    if (sample.sample_id() != sample_id) continue;
    for (const v1::NamedValue& fact : sample.facts()) facts[fact.name()] = fact.value();
  }
  return facts;
}

v1::Computation Calculate(const v1::AssayInput& input) {
  v1::Computation computation = BeginComputation(input);
  for (const SampleData& sample : SamplesOf(input)) {
    v1::SampleComputation& found = *computation.add_samples();
    found.set_sample_id(sample.sample_id);
    SampleCalculation(input, FactsOf(input, sample.sample_id), sample, found).Run();
  }
  ConcludeComputation(computation);
  return computation;
}

constexpr v1::PositionRole kRoles[] = {v1::POSITION_ROLE_SAMPLE};
constexpr std::string_view kFormats[] = {"panel_csv"};

}  // namespace

constinit const Calculator kGenericValue{
    .assay = "generic_value",
    .version = "2",
    .description = "typed numbers: mean, lowest or highest of the replicates, scaled by lot facts",
    .parameters = {},
    .roles = kRoles,
    .formats = kFormats,
    .calculate = Calculate};

std::vector<Violation> CheckGenericValue(const v1::Method& method) {
  std::vector<Violation> violations = ParameterReader(method, {}).TakeViolations();
  if (method.outputs().empty()) violations.push_back({"method.outputs", "names no output"});
  for (int i = 0; i < method.outputs_size(); ++i) {
    const v1::MethodOutput& output = method.outputs(i);
    const auto refuse = [&](std::string_view field, std::string_view problem) {
      violations.push_back({OutputPath(i, field), std::string(problem)});
    };
    if (!output.codes().empty() || !output.described_codes().empty()) {
      refuse("codes", "a number has no codes; observations are for generic_observation");
    }
    if (output.combination() != v1::COMBINATION_MEAN &&
        output.combination() != v1::COMBINATION_EACH_LOWEST &&
        output.combination() != v1::COMBINATION_EACH_HIGHEST) {
      refuse("combination", "must be the mean, the lowest or the highest");
    }
    if (SourceOf(method, output) == nullptr) continue;
    constexpr std::string_view kNotUsed =
        "has no effect on an output that is calculated from another";
    if (output.spread_rule() != v1::SPREAD_RULE_UNSPECIFIED) refuse("spread_rule", kNotUsed);
    if (!output.lowest_setup().empty()) refuse("lowest_setup", kNotUsed);
    if (!output.equals_fact().empty()) refuse("equals_fact", kNotUsed);
  }
  return violations;
}

}  // namespace lims::assay
