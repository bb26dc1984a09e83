#include "domain/catalogue_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/contains.h"
#include "domain/field_checks.h"

namespace lims::domain {
namespace {

constexpr int kLongestObservationHours = 366 * 24;

class MethodCheck {
 public:
  explicit MethodCheck(const v1::Method& method) : method_(method) {}

  std::vector<Violation> Run() && {
    CheckHead();
    CheckOutputs();
    CheckParameters();
    CheckSetup();
    if (method_.has_observation()) CheckObservation();
    return std::move(checks_).Take();
  }

 private:
  void CheckHead() {
    checks_.Identifier("method_id", method_.method_id());
    checks_.Require(method_.version() >= 1, "version", "must be 1 or more");
    checks_.Text("name_en", method_.name_en());
    checks_.Text("name_zh", method_.name_zh());
    checks_.Identifier("panel", method_.panel());
    checks_.Name("assay", method_.assay());
    checks_.Require(method_.validation_state() != v1::VALIDATION_STATE_UNSPECIFIED,
                    "validation_state", "must be given");
    checks_.Require(method_.repeat_invalid_budget() >= 0, "repeat_invalid_budget",
                    "must not be negative");
    checks_.Require(method_.entry_limit_h() >= 0, "entry_limit_h", "must not be negative");
    std::set<std::string> formats;
    for (int i = 0; i < method_.formats_size(); ++i) {
      checks_.UniqueName(Indexed("formats", i), method_.formats(i), formats);
    }
    checks_.Validity("", method_.effective_date(), method_.has_paper_approval(),
                     method_.paper_approval(), method_.version());
  }

  void CheckOutputs() {
    checks_.Require(!method_.outputs().empty(), "outputs", "must name what the method reports");
    std::set<std::string> line_codes;
    std::set<std::string> targets;
    for (int i = 0; i < method_.outputs_size(); ++i) {
      const v1::MethodOutput& output = method_.outputs(i);
      const std::string path = Indexed("outputs", i);
      checks_.UniqueIdentifier(path + ".line_code", output.line_code(), line_codes);
      CheckInput(path, output);
      CheckReplicates(path, output);
      CheckCodes(path, output);
      CheckTargets(path, output, targets);
      CheckScale(path + ".factor", output.factor());
      CheckScale(path + ".divisor", output.divisor());
      CheckOptionalName(path + ".equals_fact", output.equals_fact());
      CheckOptionalName(path + ".needs_fact", output.needs_fact());
      for (int j = 0; j < output.lowest_setup_size(); ++j) {
        CheckOther(Indexed(path + ".lowest_setup", j), "", output.lowest_setup(j));
      }
    }
  }

  // The output that this one is computed from; nullptr when its values are entered.
  const v1::MethodOutput* SourceOf(const v1::MethodOutput& output) const {
    if (output.input() == output.line_code()) return nullptr;
    const auto source = std::find_if(
        method_.outputs().begin(), method_.outputs().end(),
        [&](const v1::MethodOutput& other) { return other.line_code() == output.input(); });
    return source == method_.outputs().end() ? nullptr : &*source;
  }

  void CheckInput(const std::string& path, const v1::MethodOutput& output) {
    checks_.Text(path + ".input", output.input());
    const v1::MethodOutput* source = SourceOf(output);
    if (source == nullptr) return;
    checks_.Require(SourceOf(*source) == nullptr, path + ".input",
                    "rests on an output that itself rests on another output");
    checks_.Require(source->codes().empty(), path + ".input",
                    "rests on an output that is an observation, not a number");
  }

  void CheckReplicates(const std::string& path, const v1::MethodOutput& output) {
    checks_.Require(output.replicates_min() >= 0, path + ".replicates_min", "must not be negative");
    checks_.Require(
        output.replicates_max() == 0 || output.replicates_max() >= output.replicates_min(),
        path + ".replicates_max", "is below the fewest replicates");
    const std::string field = path + ".spread_max";
    const std::optional<Decimal> spread = checks_.OptionalNumber(field, output.spread_max());
    if (spread) checks_.Require(!spread->negative(), field, "must not be negative");
    if (output.spread_rule() == v1::SPREAD_RULE_UNSPECIFIED) {
      checks_.Require(output.spread_max().empty(), path + ".spread_rule",
                      "is missing for the largest spread");
      return;
    }
    checks_.Require(!output.spread_max().empty(), field, "is missing for the rule of spread");
    checks_.Require(output.replicates_min() >= 2, path + ".replicates_min",
                    "must be 2 or more for a rule of spread");
    checks_.Require(output.codes().empty(), path + ".spread_rule", "observations have no spread");
  }

  void CheckCodes(const std::string& path, const v1::MethodOutput& output) {
    std::set<std::string> codes;
    for (int i = 0; i < output.codes_size(); ++i) {
      checks_.UniqueIdentifier(Indexed(path + ".codes", i), output.codes(i), codes);
    }
    for (int i = 0; i < output.described_codes_size(); ++i) {
      checks_.Require(codes.contains(output.described_codes(i)),
                      Indexed(path + ".described_codes", i), "is none of the output's codes");
    }
    for (int i = 0; i < output.positive_codes_size(); ++i) {
      checks_.Require(codes.contains(output.positive_codes(i)),
                      Indexed(path + ".positive_codes", i), "is none of the output's codes");
    }
    for (int i = 0; i < output.invalid_codes_size(); ++i) {
      const std::string& code = output.invalid_codes(i);
      const auto& positive = output.positive_codes();
      const std::string field = Indexed(path + ".invalid_codes", i);
      checks_.Require(codes.contains(code), field, "is none of the output's codes");
      checks_.Require(!Contains(positive, code), field, "is a positive code too");
    }
    const bool worst = output.combination() == v1::COMBINATION_WORST;
    checks_.Require(!worst || !codes.empty(), path + ".codes",
                    "must be given, best first, to tell which is the worst");
    const bool numeric = output.combination() != v1::COMBINATION_UNSPECIFIED && !worst;
    checks_.Require(!numeric || codes.empty(), path + ".combination",
                    "observations combine by WORST only");
    checks_.Require(codes.empty() || !output.whole_number(), path + ".whole_number",
                    "an observation is no number");
    checks_.Require(codes.empty() || (output.factor().empty() && output.divisor().empty()),
                    path + ".codes", "an observation has neither factor nor divisor");
  }

  // Names by which no other part and no other output is meant.
  void CheckTargets(const std::string& path, const v1::MethodOutput& output,
                    std::set<std::string>& targets) {
    checks_.Require(output.targets().empty() || !output.codes().empty(), path + ".targets",
                    "only an observation has targets");
    for (int i = 0; i < output.targets_size(); ++i) {
      const v1::OutputTarget& target = output.targets(i);
      const std::string field = Indexed(path + ".targets", i);
      checks_.UniqueIdentifier(field + ".name", target.name(), targets);
      for (const v1::MethodOutput& other : method_.outputs()) {
        checks_.Require(target.name() != other.line_code() && target.name() != other.input(),
                        field + ".name", "means an output already");
      }
      checks_.Require(target.replicates_min() >= 0, field + ".replicates_min",
                      "must not be negative");
    }
    checks_.Require(!output.has_survival() || !output.targets().empty(), path + ".survival",
                    "is counted for each target, and there is none");
  }

  // A factor or divisor: a number other than zero, or the name of a lot fact.
  void CheckScale(const std::string& field, std::string_view text) {
    if (text.empty() || IsName(text)) return;
    const std::optional<Decimal> number = checks_.OptionalNumber(field, text);
    if (number) checks_.Require(!number->zero(), field, "must not be zero");
  }

  void CheckOptionalName(const std::string& field, std::string_view text) {
    if (!text.empty()) checks_.Name(field, text);
  }

  void CheckParameters() {
    std::set<std::string> names;
    for (int i = 0; i < method_.parameters_size(); ++i) {
      const std::string path = Indexed("parameters", i);
      checks_.UniqueName(path + ".name", method_.parameters(i).name(), names);
      checks_.Text(path + ".value", method_.parameters(i).value());
    }
  }

  void CheckSetup() {
    std::set<std::string> names;
    for (int i = 0; i < method_.setup_checks_size(); ++i) {
      const v1::SetupCheck& check = method_.setup_checks(i);
      const std::string path = Indexed("setup_checks", i);
      checks_.UniqueName(path + ".name", check.name(), names);
      checks_.Text(path + ".meaning", check.meaning());
      checks_.Range(path + ".min", check.min(), path + ".max", check.max());
      const bool number = !check.min().empty() || !check.max().empty();
      const int kinds = (number ? 1 : 0) + (check.accepted().empty() ? 0 : 1) +
                        (check.time() ? 1 : 0) + (check.text() ? 1 : 0) + (check.expiry() ? 1 : 0);
      checks_.Require(kinds == 1, path,
                      "must have either a range of numbers, or accepted texts, or be a time, an "
                      "expiry or any text");
      checks_.Require(check.text() || !check.analyst(), path + ".analyst",
                      "is the account of a person, a text");
      checks_.Require(number || (check.per().empty() && check.times().empty()), path,
                      "only a number is divided or multiplied");
      checks_.Require(check.per().empty() || check.times().empty(), path,
                      "is either divided or multiplied");
      CheckOther(path + ".per", check.name(), check.per());
      CheckOther(path + ".times", check.name(), check.times());
      CheckCodesOf(path, check, number);
      CheckConcerns(path, check);
    }
  }

  void CheckConcerns(const std::string& path, const v1::SetupCheck& check) {
    std::set<std::string> parts;
    for (const v1::MethodOutput& output : method_.outputs()) {
      parts.insert(output.line_code());
      for (const v1::OutputTarget& target : output.targets()) parts.insert(target.name());
    }
    checks_.Require(check.concerns().empty() || !check.waived_when_positive(), path + ".concerns",
                    "has no effect where no positive is taken away");
    for (int i = 0; i < check.concerns_size(); ++i) {
      checks_.Require(parts.contains(check.concerns(i)), Indexed(path + ".concerns", i),
                      "is no line and no target of the outputs");
    }
  }

  // The setup value that a number is divided or multiplied by, or compared with.
  void CheckOther(const std::string& field, const std::string& name, const std::string& other) {
    if (other.empty()) return;
    const auto& checks = method_.setup_checks();
    checks_.Require(std::any_of(checks.begin(), checks.end(),
                                [&](const v1::SetupCheck& each) {
                                  return each.name() == other && each.name() != name &&
                                         !(each.min().empty() && each.max().empty());
                                }),
                    field, "must name another setup value that is a number");
  }

  void CheckCodesOf(const std::string& path, const v1::SetupCheck& check, bool number) {
    std::set<std::string> codes;
    for (const v1::MethodOutput& output : method_.outputs()) {
      codes.insert(output.codes().begin(), output.codes().end());
    }
    checks_.Require(
        check.code_otherwise().empty() || (number && codes.contains(check.code_otherwise())),
        path + ".code_otherwise", "must be a code of the outputs, beside a number");
    checks_.Require(check.flag().empty() || !check.agreements().empty(), path + ".flag",
                    "is missing what agrees");
    if (!check.flag().empty()) checks_.Identifier(path + ".flag", check.flag());
    for (int i = 0; i < check.agreements_size(); ++i) {
      const v1::Agreement& agreement = check.agreements(i);
      const std::string field = Indexed(path + ".agreements", i);
      const auto& accepted = check.accepted();
      checks_.Require(Contains(accepted, agreement.value()), field + ".value",
                      "is none of the accepted texts");
      for (int j = 0; j < agreement.codes_size(); ++j) {
        checks_.Require(codes.contains(agreement.codes(j)), Indexed(field + ".codes", j),
                        "is none of the outputs' codes");
      }
    }
  }

  void CheckTime(const std::string& field, const std::string& name, bool typed_only) {
    const auto& checks = method_.setup_checks();
    checks_.Require(std::any_of(checks.begin(), checks.end(),
                                [&](const v1::SetupCheck& check) {
                                  return check.name() == name && check.time() &&
                                         check.typed_only() == typed_only;
                                }),
                    field,
                    typed_only ? "must name a setup value that is a time and typed only"
                               : "must name a setup value that is a time, not typed only");
  }

  void CheckObservation() {
    const v1::ObservationPlan& plan = method_.observation();
    const std::string path = "observation.";
    CheckTime(path + "from", plan.from(), false);
    if (!plan.until().empty()) CheckTime(path + "until", plan.until(), true);
    checks_.Require(plan.hours() >= 1 && plan.hours() <= kLongestObservationHours, path + "hours",
                    "must be from 1 to 8784, the hours of a year");
    checks_.Require(plan.look_tolerance_h() >= 0, path + "look_tolerance_h",
                    "must not be negative");
    int last = 0;
    for (int i = 0; i < plan.look_hours_size(); ++i) {
      const int hours = plan.look_hours(i);
      checks_.Require(hours > last && hours < plan.hours(), Indexed(path + "look_hours", i),
                      "must come after the one before it and before the end");
      last = hours;
    }
    checks_.Require(
        plan.unreadable_code().empty() == plan.transfer_code().empty() &&
            plan.transfer_code().empty() == (plan.transfer_hours() == 0),
        path + "transfer_code",
        "unreadable code, transfer code and hours after it come together or not at all");
    checks_.Require(plan.transfer_hours() >= 0, path + "transfer_hours", "must not be negative");
    if (plan.subculture().empty()) {
      checks_.Require(plan.subculture_after_h() == 0 && plan.subculture_hours() == 0,
                      path + "subculture", "is missing for its hours");
    } else {
      CheckTime(path + "subculture", plan.subculture(), false);
      checks_.Require(plan.subculture_after_h() >= 1, path + "subculture_after_h",
                      "must be 1 or more");
      checks_.Require(plan.subculture_hours() >= 1, path + "subculture_hours", "must be 1 or more");
    }
    checks_.Require(plan.short_fact().empty() == (plan.short_hours() == 0), path + "short_fact",
                    "fact and shorter hours come together or not at all");
    CheckOptionalName(path + "short_fact", plan.short_fact());
    checks_.Require(
        plan.short_fact().empty() || (plan.short_hours() >= 1 && plan.short_hours() < plan.hours()),
        path + "short_hours", "must be 1 or more, and fewer than the hours");
    for (const v1::MethodOutput& output : method_.outputs()) {
      for (const std::string& code : output.codes()) {
        checks_.Require(code != plan.unreadable_code() && code != plan.transfer_code(),
                        path + "unreadable_code", code + " is a code that is reported");
      }
    }
  }

  const v1::Method& method_;
  FieldChecks checks_{"method."};
};

}  // namespace

std::vector<Violation> CheckMethod(const v1::Method& method) {
  return MethodCheck(method).Run();
}

}  // namespace lims::domain
