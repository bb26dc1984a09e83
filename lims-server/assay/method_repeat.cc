#include "assay/method_repeat.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/contains.h"
#include "base/decimal.h"

namespace lims::assay {
namespace {

template <typename Names>
void CheckSetupNames(const v1::Method& method, const std::string& field, const Names& names,
                     std::vector<Violation>& violations) {
  for (int i = 0; i < names.size(); ++i) {
    const bool declared =
        std::any_of(method.setup_checks().begin(), method.setup_checks().end(),
                    [&](const v1::SetupCheck& check) { return check.name() == names[i]; });
    if (declared) continue;
    violations.push_back({field + "[" + std::to_string(i) + "]",
                          "is no setup value of the method: declare it among its setup checks"});
  }
}

}  // namespace

bool IsMethodRepeat(const v1::AssayInput& input, const std::string& sample_id) {
  return std::any_of(input.facts().begin(), input.facts().end(), [&](const v1::SampleFacts& facts) {
    return facts.sample_id() == sample_id && facts.method_repeat();
  });
}

bool RepeatsLostControl(const v1::AssayInput& input, const std::string& sample_id,
                        const std::string& line_code) {
  return std::any_of(input.facts().begin(), input.facts().end(), [&](const v1::SampleFacts& facts) {
    return facts.sample_id() == sample_id && Contains(facts.lost_controls(), line_code);
  });
}

void SettleRepeats(const v1::AssayInput& input, v1::Computation& computation) {
  const std::string& code = input.method().method_repeat().code_when_again();
  if (code.empty()) return;
  for (v1::SampleComputation& sample : *computation.mutable_samples()) {
    if (!IsMethodRepeat(input, sample.sample_id())) continue;
    for (v1::Reportable& reportable : *sample.mutable_reportables()) {
      if (reportable.inconclusive().empty()) continue;
      reportable.set_value(code);
      reportable.clear_inconclusive();
      sample.add_flags("INCONCLUSIVE_AGAIN");
    }
  }
}

std::vector<Violation> CheckMethodRepeat(const v1::Method& method) {
  std::vector<Violation> violations;
  CheckSetupNames(method, "method.run_plan.distinct_setup", method.run_plan().distinct_setup(),
                  violations);
  if (!method.has_method_repeat()) return violations;
  const v1::MethodRepeat& repeat = method.method_repeat();
  const auto refuse = [&](std::string field, std::string problem) {
    violations.push_back({"method.method_repeat." + std::move(field), std::move(problem)});
  };
  if (repeat.count() < 1) refuse("count", "must be 1 or more");
  if (repeat.instruction().empty()) {
    refuse("instruction", "must say what the repeat does differently");
  }
  CheckSetupNames(method, "method.method_repeat.fresh_setup", repeat.fresh_setup(), violations);
  if (method.has_run_plan()) {
    constexpr const char* kNoEffect = "has no effect: each run of the plan may have its own sample";
    if (repeat.other_sample()) refuse("other_sample", kNoEffect);
    if (repeat.same_sample()) refuse("same_sample", kNoEffect);
  } else if (repeat.same_sample() == repeat.other_sample()) {
    refuse("same_sample",
           "is true where the repeat is made of the sample in doubt; where another sample of the "
           "lot may be taken, other_sample is true instead");
  }
  if (!repeat.larger_setup().empty() || !repeat.larger_factor().empty()) {
    const auto& checks = method.setup_checks();
    if (std::none_of(checks.begin(), checks.end(), [&](const v1::SetupCheck& check) {
          return check.name() == repeat.larger_setup() &&
                 !(check.min().empty() && check.max().empty());
        })) {
      refuse("larger_setup", "must name a setup value of the method that is a number");
    }
    const Result<Decimal> factor = Decimal::Parse(repeat.larger_factor());
    if (!factor || *factor <= Decimal::FromInt(1)) {
      refuse("larger_factor", "must be a number above 1");
    }
  }
  if (repeat.after_invalid_codes()) {
    if (method.has_run_plan()) {
      refuse("after_invalid_codes", "has no effect where runs are combined");
    }
    if (std::none_of(
            method.outputs().begin(), method.outputs().end(),
            [](const v1::MethodOutput& output) { return !output.invalid_codes().empty(); })) {
      refuse("after_invalid_codes", "follows invalid codes of an output, and there are none");
    }
  }
  if (!repeat.code_when_again().empty()) {
    if (method.has_run_plan()) refuse("code_when_again", "has no effect where runs are combined");
    const bool known = std::any_of(method.outputs().begin(), method.outputs().end(),
                                   [&](const v1::MethodOutput& output) {
                                     return Contains(output.codes(), repeat.code_when_again());
                                   });
    if (!known) refuse("code_when_again", "is no code of the method's outputs");
  }
  return violations;
}

}  // namespace lims::assay
