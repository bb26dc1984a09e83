#include "assay/observed_outcome.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/setup.h"
#include "base/contains.h"

namespace lims::assay {
namespace {

std::vector<const Course*> CoursesOf(const ObservedTest& test, std::string_view sample_id) {
  std::vector<const Course*> courses;
  for (const Course& course : test.courses) {
    if (course.place->role() == v1::POSITION_ROLE_SAMPLE && SampleOf(*course.place) == sample_id) {
      courses.push_back(&course);
    }
  }
  return courses;
}

bool AnyPositive(const std::vector<const Course*>& courses) {
  return std::any_of(courses.begin(), courses.end(),
                     [](const Course* course) { return course->positive.has_value(); });
}

// "9 d 4 h 0 min at TSB-1"
std::string ProgressOf(const ObservedTest& test, const Course& course) {
  if (!test.from) return "no start declared";
  std::string text = FormatSpan(course.observations.back().time - *test.from);
  if (!PlaceName(course).empty()) text += " at " + PlaceName(course);
  if (course.transfer_due) text += ", turbid and not transferred";
  return text;
}

using FailedChecks = std::vector<std::pair<const v1::SetupCheck*, v1::Check>>;

// The setup checks that do not hold and are not waived by a positive.
FailedChecks FailedControls(const v1::Method& method, const v1::Computation& computation) {
  FailedChecks failed;
  for (const v1::SetupCheck& asked : method.setup_checks()) {
    if (asked.waived_when_positive()) continue;
    for (const v1::Check& check : computation.checks()) {
      if (check.name() == asked.name() && !check.ok()) failed.emplace_back(&asked, check);
    }
  }
  return failed;
}

bool Concerns(const v1::SetupCheck& check, const v1::Method& method, const Course& course) {
  const std::string& target = course.place->target();
  const v1::MethodOutput* output = ReadOutput(method, target);
  return check.concerns().empty() || Contains(check.concerns(), target) ||
         (output != nullptr && Contains(check.concerns(), output->line_code()));
}

bool Touches(const FailedChecks& failed, const v1::Method& method, const Course& course) {
  return std::any_of(failed.begin(), failed.end(),
                     [&](const auto& each) { return Concerns(*each.first, method, course); });
}

// The first check that speaks of the line or of a part of it; nullptr when none does.
const FailedChecks::value_type* FailureOf(const v1::MethodOutput& output,
                                          const FailedChecks& failed) {
  for (const auto& each : failed) {
    const auto& concerns = each.first->concerns();
    const auto& targets = output.targets();
    if (Contains(concerns, output.line_code()) ||
        std::any_of(targets.begin(), targets.end(), [&](const v1::OutputTarget& target) {
          return Contains(concerns, target.name());
        })) {
      return &each;
    }
  }
  return nullptr;
}

// A positive of one line stands; the lines whose own controls failed are invalid beside it.
void AddInvalidLines(const v1::Method& method, const FailedChecks& failed,
                     const std::set<std::string>& positive, v1::SampleComputation& sample) {
  const auto& reported = sample.reportables();
  bool unexpected = false;
  for (const v1::MethodOutput& output : method.outputs()) {
    const auto* failure = FailureOf(output, failed);
    if (failure == nullptr || std::any_of(reported.begin(), reported.end(), [&](const auto& each) {
          return each.line_code() == output.line_code();
        })) {
      continue;
    }
    v1::InvalidLine& line = *sample.add_invalid_lines();
    line.set_line_code(output.line_code());
    line.set_outcome(failure->first->failure() == v1::CHECK_FAILURE_INVALID_RUN
                         ? v1::OUTCOME_INVALID_RUN
                         : v1::OUTCOME_INVALID_SETUP);
    line.set_reason(fmt::format("{}: {}", failure->second.name(), failure->second.observed()));
    line.set_signal(positive.contains(output.line_code()));
    unexpected = unexpected || line.signal();
  }
  if (unexpected) sample.add_flags(std::string(kFlagUnexpectedPositive));
}

// A sample that spoilt its test is repeated otherwise, however early that was seen.
void RepeatSpoilt(const v1::Method& method, const std::vector<const Course*>& courses,
                  const FailedChecks& failed, v1::SampleComputation& sample) {
  if (!method.method_repeat().after_invalid_codes()) return;
  for (const Course* course : courses) {
    if (!course->spoilt || Touches(failed, method, *course)) continue;
    const v1::MethodOutput& output = *ReadOutput(method, course->place->target());
    sample.set_outcome(v1::OUTCOME_INVALID_SAMPLE);
    sample.set_repeat_because(fmt::format("{}: {} ({})", output.line_code(),
                                          fmt::join(output.invalid_codes(), " or "),
                                          course->place->target()));
    return;
  }
}

}  // namespace

void AddCourses(const v1::AssayInput& input, const ObservedTest& test,
                v1::SampleComputation& sample) {
  if (!input.method().has_observation()) return;
  const v1::ObservationPlan& plan = input.method().observation();
  const std::vector<const Course*> courses = CoursesOf(test, sample.sample_id());
  if (courses.empty()) return;
  // The one that is furthest from its end.
  const Course& shortest =
      **std::min_element(courses.begin(), courses.end(), [](const Course* a, const Course* b) {
        if (a->complete != b->complete) return b->complete;
        return a->observations.back().time < b->observations.back().time;
      });
  std::string criterion =
      fmt::format(">= {} h from {}", HoursOf(input, *shortest.place), plan.from());
  if (!plan.subculture().empty()) {
    criterion += fmt::format(", >= {} h from {}", plan.subculture_hours(), plan.subculture());
  }
  if (!plan.transfer_code().empty()) {
    criterion += fmt::format(", >= {} h from a transfer", plan.transfer_hours());
  }
  *sample.add_checks() = MakeCheck("incubation", "", ProgressOf(test, shortest),
                                   std::move(criterion), shortest.complete);
  std::map<int, std::vector<std::string>> missed;
  for (const Course* course : courses) {
    for (const int hours : course->missed_readings) missed[hours].push_back(PlaceName(*course));
    if (course->positive && test.from) {
      AddDetail("time_to_positive",
                fmt::format("{}: {} after {}", PlaceName(*course),
                            course->positive->datum->value().value(),
                            FormatSpan(course->positive->time - *test.from)),
                "", *sample.mutable_details());
    }
  }
  if (missed.empty()) return;
  sample.add_flags(std::string(kFlagReadingMissed));
  for (const auto& [hours, places] : missed) {
    AddDetail("look_missed", fmt::format("{} h: {}", hours, fmt::join(places, ", ")), "",
              *sample.mutable_details());
  }
}

void ConcludeObservations(const v1::AssayInput& input, const ObservedTest& test,
                          bool positive_stands, v1::Computation& computation) {
  const v1::Method& method = input.method();
  const v1::ObservationPlan& plan = input.method().observation();
  if (!plan.subculture().empty()) {
    const std::optional<TimeUs> subculture = DeclaredTime(input.setup(), plan.subculture());
    const bool known = test.from && subculture;
    *computation.add_checks() = MakeCheck(
        "subculture_after", "", known ? FormatSpan(*subculture - *test.from) : "not declared",
        fmt::format(">= {} h from {}", plan.subculture_after_h(), plan.from()),
        known && *subculture - *test.from >= kHour * plan.subculture_after_h());
  }
  const FailedChecks failed = FailedControls(method, computation);
  const v1::Computation before = computation;
  ConcludeComputation(computation);
  for (int i = 0; i < computation.samples_size(); ++i) {
    v1::SampleComputation& sample = *computation.mutable_samples(i);
    if (sample.outcome() == v1::OUTCOME_VALID) continue;
    const std::vector<const Course*> courses = CoursesOf(test, sample.sample_id());
    if (!AnyPositive(courses)) {
      RepeatSpoilt(method, courses, failed, sample);
      continue;
    }
    std::set<std::string> positive;  // lines
    std::set<std::string> standing;
    for (const Course* course : courses) {
      if (!course->positive) continue;
      const std::string& line = ReadOutput(method, course->place->target())->line_code();
      positive.insert(line);
      if (!Touches(failed, method, *course)) standing.insert(line);
    }
    if (!positive_stands || standing.empty()) {
      sample.add_flags(std::string(kFlagUnexpectedPositive));
      continue;
    }
    sample.set_outcome(v1::OUTCOME_VALID);
    for (const v1::Reportable& reportable : before.samples(i).reportables()) {
      if (!IsPositive(method, reportable.line_code(), reportable.value())) continue;
      if (!failed.empty() && !standing.contains(reportable.line_code())) continue;
      *sample.add_reportables() = reportable;
    }
    AddInvalidLines(method, failed, positive, sample);
  }
  const auto& samples = computation.samples();
  if (!samples.empty() && std::all_of(samples.begin(), samples.end(), [](const auto& sample) {
        return sample.outcome() == v1::OUTCOME_VALID ||
               sample.outcome() == v1::OUTCOME_INVALID_SAMPLE;
      })) {
    computation.set_outcome(v1::OUTCOME_VALID);
  }
}

}  // namespace lims::assay
