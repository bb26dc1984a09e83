#include "app/attempt_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "app/judging.h"
#include "assay/exclusions.h"
#include "assay/run_combination.h"
#include "base/decimal.h"
#include "base/text.h"
#include "domain/next_attempt.h"

namespace lims::app {
namespace {

using Setup = google::protobuf::RepeatedPtrField<v1::NamedValue>;

// An earlier attempt of the same lot, panel and purpose.
struct Earlier {
  v1::Attempt attempt;
  std::vector<v1::Result> results;
};

Result<std::vector<Earlier>> EarlierAttempts(storage::Records& records,
                                             const v1::Attempt& attempt) {
  std::vector<Earlier> earlier;
  LIMS_ASSIGN_OR_RETURN(const auto attempts,
                        records.Shared<v1::Attempt>({attempt.lot_id(), attempt.panel()}));
  for (const auto& row : *attempts) {
    if (row.record.number() < attempt.number() && row.record.purpose() == attempt.purpose()) {
      earlier.push_back({row.record, {}});
    }
  }
  std::sort(earlier.begin(), earlier.end(), [](const Earlier& a, const Earlier& b) {
    return a.attempt.number() < b.attempt.number();
  });
  if (earlier.empty()) return earlier;
  LIMS_ASSIGN_OR_RETURN(auto results, records.List<v1::Result>({attempt.lot_id()}));
  for (auto& row : results) {
    for (Earlier& each : earlier) {
      if (row.record.panel() == each.attempt.panel() &&
          row.record.attempt_number() == each.attempt.number()) {
        each.results.push_back(row.record);
      }
    }
  }
  return earlier;
}

// The run's own value: the result of a plan's last run is the combination, and has the values of
// the runs behind it.
const std::string& OwnValue(const v1::Result& result) {
  const bool combined = result.attempts_size() > 0 && !result.individuals().empty();
  return combined ? *result.individuals().rbegin() : result.value_raw();
}

const std::string* ValueNamed(const Setup& values, std::string_view name) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const v1::NamedValue& each) { return each.name() == name; });
  return found == values.end() ? nullptr : &found->value();
}

// The run of a line as it would be with every excluded point.
assay::RunValue WithExcluded(const std::string& line_code, assay::RunValue run) {
  const std::string* value = ValueNamed(run.details, assay::ValueWithExcludedOf(line_code));
  if (value == nullptr) value = ValueNamed(run.details, assay::kValueWithExcluded);
  if (value == nullptr) return run;
  run.value = *value;
  for (v1::NamedValue& detail : run.details) {
    if (detail.name() != assay::kLnSe && detail.name() != assay::kLnDf) continue;
    const std::string* other =
        ValueNamed(run.details, detail.name() + std::string(assay::kWithExcluded));
    if (other != nullptr) detail.set_value(*other);
  }
  return run;
}

// The runs of one line.
class LineRuns {
 public:
  LineRuns(const std::vector<Earlier>& earlier, const v1::SampleComputation& sample,
           const v1::Reportable& own, int number) {
    for (const Earlier& each : earlier) {
      if (each.attempt.outcome() != v1::OUTCOME_VALID) continue;
      for (const v1::Result& result : each.results) {
        if (result.line_code() != own.line_code()) continue;
        runs_.push_back({OwnValue(result), each.attempt.details()});
        numbers_.push_back(each.attempt.number());
      }
    }
    runs_.push_back({own.value(), sample.details()});
    numbers_.push_back(number);
  }

  const std::vector<int>& numbers() const { return numbers_; }

  // Puts the combination into the reportable; returns its numbers.
  Setup CombineInto(const v1::Method& method, v1::Reportable* reportable) const {
    const v1::RunPlan& plan = method.run_plan();
    assay::CombinedRuns combined = assay::CombineRuns(plan, runs_);
    std::vector<assay::RunValue> all_points;
    for (const assay::RunValue& run : runs_) {
      all_points.push_back(WithExcluded(reportable->line_code(), run));
    }
    const assay::CombinedRuns with_excluded = assay::CombineRuns(plan, all_points);
    // One that has no value has a reason, too.
    if (method.judge_with_excluded() && combined.inconclusive.empty() &&
        !with_excluded.inconclusive.empty()) {
      combined.inconclusive = assay::HangsOnLeftOut(with_excluded.inconclusive);
    }
    if (!combined.value.empty()) reportable->set_value(combined.value);
    if (reportable->inconclusive().empty()) reportable->set_inconclusive(combined.inconclusive);
    reportable->clear_value_with_excluded();
    if (with_excluded.value != combined.value) {
      reportable->set_value_with_excluded(with_excluded.value);
    }
    reportable->clear_individuals();
    for (const assay::RunValue& run : runs_) reportable->add_individuals(run.value);
    return std::move(combined.details);
  }

 private:
  std::vector<assay::RunValue> runs_;
  std::vector<int> numbers_;
};

void WaitForPlan(const v1::Attempt& attempt, v1::Result* result) {
  result->set_verdict(v1::VERDICT_REPORT_ONLY);
  result->clear_flags();
  result->set_explanation(
      fmt::format("run {} of {}: judged together with the others when the plan is complete",
                  attempt.planned_number(), attempt.planned_total()));
}

Result<std::vector<v1::Result>> CombinedResults(const std::vector<Earlier>& earlier,
                                                const v1::Method& method, const v1::Lot& lot,
                                                v1::SampleComputation sample,
                                                const v1::SpecificationText& specification,
                                                v1::ResultSource source,
                                                const v1::Attempt& attempt) {
  std::vector<LineRuns> lines;
  std::vector<Setup> details;
  const v1::SampleComputation own = sample;
  for (v1::Reportable& reportable : *sample.mutable_reportables()) {
    lines.emplace_back(earlier, own, reportable, attempt.number());
    details.push_back(lines.back().CombineInto(method, &reportable));
  }
  LIMS_ASSIGN_OR_RETURN(auto results, JudgeSample(lot, attempt, sample, specification, source));
  for (v1::Result& result : results) {
    for (int i = 0; i < sample.reportables_size(); ++i) {
      if (sample.reportables(i).line_code() != result.line_code()) continue;
      const auto at = static_cast<std::size_t>(i);
      if (lines[at].numbers().size() > 1) {
        for (const int number : lines[at].numbers()) result.add_attempts(number);
      }
      *result.mutable_details() = details[at];
    }
  }
  return results;
}

// Names the inconclusive attempts whose place a repeat takes.
void TakePlaceOf(const std::vector<Earlier>& earlier, const v1::Attempt& attempt,
                 v1::Result* result) {
  std::string numbers;
  for (const Earlier& each : earlier) {
    if (each.attempt.repeat_because().empty()) continue;
    result->add_attempts(each.attempt.number());
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(each.attempt.number());
  }
  result->add_attempts(attempt.number());
  result->set_explanation(result->explanation() +
                          "; the repeat that the method prescribes after "
                          "attempt " +
                          numbers);
}

std::string WhyRepeated(const v1::Method& method, const v1::SampleComputation& sample,
                        const std::vector<v1::Result>& results) {
  if (method.method_repeat().count() == 0) return {};
  std::string why = method.has_run_plan() ? std::string() : sample.repeat_because();
  for (const v1::Result& result : results) {
    if (result.verdict() != v1::VERDICT_INCONCLUSIVE) continue;
    why += (why.empty() ? "" : "; ") + result.line_code() + ": " + result.explanation();
  }
  return why;
}

// Which earlier attempts a setup value must differ from.
enum class Against { kCounting, kAll, kBeforeRepeat };

bool Counts(const v1::Attempt& earlier, Against against) {
  if (against == Against::kCounting) return earlier.outcome() == v1::OUTCOME_VALID;
  return against == Against::kAll || domain::StepOf(earlier) != v1::ATTEMPT_KIND_METHOD_REPEAT;
}

// D1 is the donor d1, 5 is 5.0, and a moment is the same in another zone. Blanks at the ends are
// refused when a value is declared.
bool IsSameValue(const std::string& a, const std::string& b) {
  if (AsciiLower(a) == AsciiLower(b)) return true;
  const Result<Decimal> number = Decimal::Parse(a);
  const Result<Decimal> other_number = Decimal::Parse(b);
  if (number && other_number) return *number == *other_number;
  const Result<TimeUs> time = ParseTime(a);
  const Result<TimeUs> other_time = ParseTime(b);
  return time && other_time && *time == *other_time;
}

class SetupComparison {
 public:
  SetupComparison(storage::Records& records, const v1::Attempt& attempt, const Setup& setup)
      : records_(records), attempt_(attempt), setup_(setup) {}

  Result<void> Compare(const google::protobuf::RepeatedPtrField<std::string>& names,
                       Against against, std::string_view wanted) {
    if (names.empty()) return {};
    if (!earlier_) {
      LIMS_ASSIGN_OR_RETURN(earlier_, EarlierAttempts(records_, attempt_));
    }
    for (const std::string& name : names) {
      const std::string* value = ValueNamed(setup_, name);
      if (value == nullptr) continue;
      LIMS_RETURN_IF_ERROR(CompareValue(name, *value, against, wanted));
    }
    return {};
  }

  // Against every attempt before the repeat, by full value.
  Result<void> CompareAmount(const v1::MethodRepeat& repeat, std::string_view wanted) {
    const std::string& name = repeat.larger_setup();
    const Result<Decimal> factor = Decimal::Parse(repeat.larger_factor());
    const std::string* value = ValueNamed(setup_, name);
    if (name.empty() || !factor || value == nullptr) return {};
    if (!earlier_) {
      LIMS_ASSIGN_OR_RETURN(earlier_, EarlierAttempts(records_, attempt_));
    }
    for (const Earlier& each : *earlier_) {
      if (!Counts(each.attempt, Against::kBeforeRepeat)) continue;
      LIMS_ASSIGN_OR_RETURN(const auto run, records_.Get<v1::Run>({each.attempt.run_id()}));
      const std::string* used = ValueNamed(run.record.setup(), name);
      if (used == nullptr) continue;
      const Result<Decimal> before = Decimal::Parse(*used);
      const Result<Decimal> now = Decimal::Parse(*value);
      if (!before || (now && *now >= *factor * *before)) continue;
      violations_.push_back(
          {"setup." + name,
           fmt::format("{} {} is less than {} times the {} of attempt {} of {} on "
                       "lot {} (run {}): {}",
                       name, *value, repeat.larger_factor(), *used, each.attempt.number(),
                       attempt_.panel(), attempt_.lot_id(), each.attempt.run_id(), wanted)});
      break;
    }
    return {};
  }

  std::vector<Violation> TakeViolations() { return std::move(violations_); }

 private:
  Result<void> CompareValue(const std::string& name, const std::string& value, Against against,
                            std::string_view wanted) {
    for (const Earlier& each : *earlier_) {
      if (!Counts(each.attempt, against)) continue;
      LIMS_ASSIGN_OR_RETURN(const auto run, records_.Get<v1::Run>({each.attempt.run_id()}));
      const std::string* used = ValueNamed(run.record.setup(), name);
      if (used == nullptr || !IsSameValue(*used, value)) continue;
      violations_.push_back(
          {"setup." + name, fmt::format("{} {} was used in attempt {} of {} on lot {} (run {}): {}",
                                        name, *used, each.attempt.number(), attempt_.panel(),
                                        attempt_.lot_id(), each.attempt.run_id(), wanted)});
      return {};
    }
    return {};
  }

  storage::Records& records_;
  const v1::Attempt& attempt_;
  const Setup& setup_;
  std::optional<std::vector<Earlier>> earlier_;
  std::vector<Violation> violations_;
};

}  // namespace

Result<std::vector<v1::Result>> ResultsOfAttempt(storage::Records& records,
                                                 const v1::Method& method, const v1::Lot& lot,
                                                 const v1::SampleComputation& sample,
                                                 const v1::SpecificationText& specification,
                                                 v1::ResultSource source, v1::Attempt* attempt) {
  const bool repeat = domain::StepOf(*attempt) == v1::ATTEMPT_KIND_METHOD_REPEAT;
  const bool planned = method.has_run_plan() && (repeat || attempt->planned_total() > 0);
  std::vector<Earlier> earlier;
  if (sample.outcome() == v1::OUTCOME_VALID && (planned || repeat)) {
    LIMS_ASSIGN_OR_RETURN(earlier, EarlierAttempts(records, *attempt));
  }
  std::vector<v1::Result> results;
  if (planned && attempt->planned_number() == attempt->planned_total()) {
    LIMS_ASSIGN_OR_RETURN(
        results, CombinedResults(earlier, method, lot, sample, specification, source, *attempt));
  } else {
    LIMS_ASSIGN_OR_RETURN(results, JudgeSample(lot, *attempt, sample, specification, source));
    for (v1::Result& result : results) {
      if (planned) WaitForPlan(*attempt, &result);
      if (!planned && repeat) TakePlaceOf(earlier, *attempt, &result);
    }
  }
  if (attempt->purpose() == v1::PURPOSE_RELEASE) {
    attempt->set_repeat_because(WhyRepeated(method, sample, results));
  }
  return results;
}

Result<std::vector<Violation>> StaleSetup(storage::Records& records, const v1::Method& method,
                                          const v1::Attempt& attempt, const Setup& setup) {
  const v1::AttemptKind step = domain::StepOf(attempt);
  const bool repeat = step == v1::ATTEMPT_KIND_METHOD_REPEAT;
  SetupComparison comparison(records, attempt, setup);
  if (repeat || step == v1::ATTEMPT_KIND_PLANNED_RUN) {
    LIMS_RETURN_IF_ERROR(comparison.Compare(method.run_plan().distinct_setup(), Against::kCounting,
                                            "every run of the plan needs another"));
  }
  if (repeat) {
    // What was prepared for the repeat may be used again when only its run was invalid.
    const Against against = attempt.kind() == step ? Against::kAll : Against::kBeforeRepeat;
    const std::string wanted =
        "the method prescribes a repeat " + method.method_repeat().instruction();
    LIMS_RETURN_IF_ERROR(comparison.Compare(method.method_repeat().fresh_setup(), against, wanted));
    LIMS_RETURN_IF_ERROR(comparison.CompareAmount(method.method_repeat(), wanted));
  }
  return comparison.TakeViolations();
}

Result<void> RequireOtherSetup(storage::Records& records, const v1::Method& method,
                               const std::vector<v1::Attempt>& attempts,
                               const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup) {
  std::vector<Violation> stale;
  for (const v1::Attempt& attempt : attempts) {
    LIMS_ASSIGN_OR_RETURN(auto found, StaleSetup(records, method, attempt, setup));
    Append(std::move(found), &stale);
  }
  if (stale.empty()) return {};
  return WrongStates(std::move(stale));
}

}  // namespace lims::app
