#include "assay/observation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "assay/findings.h"
#include "assay/limits.h"
#include "assay/outputs.h"
#include "assay/parameters.h"
#include "assay/setup.h"
#include "base/contains.h"

namespace lims::assay {
namespace {

constexpr int kDefaultToleranceHours = 24;

TimeUs Tolerance(const v1::ObservationPlan& plan) {
  return kHour * (plan.look_tolerance_h() == 0 ? kDefaultToleranceHours : plan.look_tolerance_h());
}

// Whether an observation says something by itself.
bool Tells(const v1::Method& method, const Observation& observation) {
  return !IsCourseCode(method, observation.datum->value().value());
}

// When the full hours of a place are over, transfers aside; nullopt while that is not declared.
std::optional<TimeUs> FullTime(const v1::AssayInput& input, const v1::Datum& place) {
  const v1::ObservationPlan& plan = input.method().observation();
  const std::optional<TimeUs> from = DeclaredTime(input.setup(), plan.from());
  const std::optional<TimeUs> subculture = DeclaredTime(input.setup(), plan.subculture());
  if (!from || (!subculture && !plan.subculture().empty())) return std::nullopt;
  const TimeUs full = *from + kHour * HoursOf(input, place);
  return subculture ? std::max(full, *subculture + kHour * plan.subculture_hours()) : full;
}

void FollowPlan(const v1::AssayInput& input, std::optional<TimeUs> from, Course& course) {
  const v1::Method& method = input.method();
  const v1::ObservationPlan& plan = method.observation();
  const std::optional<TimeUs> full = FullTime(input, *course.place);
  if (!full) return;
  course.end = full;
  for (const Observation& observation : course.observations) {
    const std::string& code = observation.datum->value().value();
    if (code.empty()) continue;
    if (observation.time < *full) {
      if (code == plan.transfer_code()) course.early_transfer = observation.time;
      continue;
    }
    if (code == plan.unreadable_code()) course.transfer_due = true;
    if (code == plan.transfer_code()) {
      course.transfer_due = false;
      course.end = observation.time + kHour * plan.transfer_hours();
    }
  }
  const Observation& last = course.observations.back();
  course.complete = !course.transfer_due && Tells(method, last) && last.time >= *course.end;
  if (course.place->position().empty()) return;
  for (const int hours : plan.look_hours()) {
    const TimeUs first = *from + kHour * hours - Tolerance(plan);
    const TimeUs latest = *from + kHour * hours + Tolerance(plan);
    const bool seen = std::any_of(course.observations.begin(), course.observations.end(),
                                  [&](const Observation& observation) {
                                    return observation.time >= first && observation.time <= latest;
                                  });
    // What became positive earlier is not read again.
    if (!seen && latest < last.time) course.missed_readings.push_back(hours);
  }
}

// Until when a positive control without growth is waited for; nullopt when it is not.
std::optional<TimeUs> GrowthDue(const v1::Method& method, const ObservedTest& test,
                                const Course& course) {
  if (course.place->role() != v1::POSITION_ROLE_POSITIVE_CONTROL || course.positive || !test.from) {
    return std::nullopt;
  }
  static constexpr Parameter kGrowth[] = {{kPositiveControlGrowth, "", ""}};
  ParameterReader reader(method, kGrowth);
  const TimeUs due = *test.from + kHour * reader.Count(kPositiveControlGrowth, 1);
  if (!reader.ok() || course.observations.back().time >= due) return std::nullopt;
  return due;
}

bool IsFollowed(v1::PositionRole role) {
  return role == v1::POSITION_ROLE_SAMPLE || role == v1::POSITION_ROLE_NEGATIVE_CONTROL;
}

// From when on the last reading of a course is asked for. A fresh vessel has its hours also where
// it was made before the end, which data that were judged earlier did not wait for.
TimeUs LastDue(const v1::ObservationPlan& plan, const Course& course) {
  if (!course.early_transfer) return *course.end;
  return std::max(*course.end, *course.early_transfer + kHour * plan.transfer_hours());
}

// Of what was read, and of every sample: one that was not read yet has its hours before it.
std::optional<TimeUs> EndOf(const v1::AssayInput& input, const ObservedTest& test) {
  if (!test.from) return std::nullopt;
  const v1::ObservationPlan& plan = input.method().observation();
  std::optional<TimeUs> end;
  const auto wait_until = [&end](TimeUs due) { end = std::max(end.value_or(due), due); };
  for (const Course& course : test.courses) {
    if (IsFollowed(course.place->role()) && course.end) wait_until(LastDue(plan, course));
  }
  for (const v1::SampleFacts& facts : input.facts()) {
    v1::Datum place;
    place.set_role(v1::POSITION_ROLE_SAMPLE);
    place.set_sample_id(facts.sample_id());
    if (const std::optional<TimeUs> full = FullTime(input, place)) wait_until(*full);
  }
  return end.value_or(*test.from + kHour * plan.hours());
}

// Why a negative control is not turbid by product; empty when it was not read so.
std::string WhyNotTurbid(const v1::Method& method, const Course& course) {
  const std::string& code = course.observations.back().datum->value().value();
  const v1::MethodOutput* output = ReadOutput(method, course.place->target());
  if (course.place->role() != v1::POSITION_ROLE_NEGATIVE_CONTROL || output == nullptr ||
      code.empty() || code != method.observation().unreadable_code()) {
    return "";
  }
  return fmt::format(
      "{} is a negative control, without product that could make it {}: what is turbid there grew; "
      "read {}",
      PlaceName(course), code, fmt::join(output->positive_codes(), " or "));
}

// Why an animal or egg did not die within a day, as it is counted; empty when it may have.
std::string WhyNotWithinADay(const v1::Method& method, const ObservedTest& test,
                             const Course& course) {
  const v1::MethodOutput* output = ReadOutput(method, course.place->target());
  if (output == nullptr || output->survival().excluded_code().empty() || !test.from) return "";
  const v1::Survival& rule = output->survival();
  const auto& codes = output->codes();
  const auto rank_of = [&](const Observation& observation) {
    const std::string& code = observation.datum->value().value();
    const auto found = std::find(codes.begin(), codes.end(), code);
    return found == codes.end() ? -1 : static_cast<int>(found - codes.begin());
  };
  int worst = -1;
  const Observation* alive = nullptr;
  for (const Observation& observation : course.observations) {
    worst = std::max(worst, rank_of(observation));
    if (observation.datum->value().value() == rule.survivor_code() &&
        observation.time > *test.from + kDay) {
      alive = &observation;
    }
  }
  if (alive == nullptr || codes[worst] != rule.excluded_code()) return "";
  return fmt::format(
      "{} was read {} {} after {}, so it did not die within a day, as {} says: what was read "
      "stands; read {}, or end the run with lims run abort",
      PlaceName(course), rule.survivor_code(), FormatSpan(alive->time - *test.from),
      method.observation().from(), rule.excluded_code(),
      fmt::join(codes.begin() + worst + 1, codes.end(), " or "));
}

}  // namespace

bool IsTyped(const v1::AssayInput& input) {
  return std::all_of(input.data().begin(), input.data().end(),
                     [](const v1::Datum& datum) { return datum.position().empty(); });
}

const v1::MethodOutput* ReadOutput(const v1::Method& method, std::string_view target) {
  const v1::MethodOutput* output = EnteredOutput(method, target);
  if (output == nullptr && Contains(VesselTargets(method), target)) {
    output = EnteredOutput(method, "");
  }
  return output;
}

bool IsPositive(const v1::Method& method, std::string_view target, std::string_view code) {
  const v1::MethodOutput* output = ReadOutput(method, target);
  return output != nullptr && Contains(output->positive_codes(), code);
}

bool IsCourseCode(const v1::Method& method, std::string_view code) {
  const v1::ObservationPlan& plan = method.observation();
  return !code.empty() && (code == plan.unreadable_code() || code == plan.transfer_code());
}

ObservedTest ReadObservations(const v1::AssayInput& input) {
  ObservedTest test;
  const v1::ObservationPlan& plan = input.method().observation();
  if (input.method().has_observation()) test.from = DeclaredTime(input.setup(), plan.from());
  const std::optional<TimeUs> until = DeclaredTime(input.setup(), plan.until());
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const v1::Datum& datum : input.data()) {
    const auto [place, is_new] =
        places.try_emplace(std::pair(datum.position(), datum.target()), test.courses.size());
    if (is_new || datum.position().empty()) {
      place->second = test.courses.size();
      test.courses.emplace_back().place = &datum;
    }
    Observation observation;
    observation.datum = &datum;
    const Result<TimeUs> observed = ParseTime(datum.observed_time());
    observation.time = observed ? *observed : until.value_or(0);
    test.courses[place->second].observations.push_back(observation);
  }
  for (Course& course : test.courses) {
    std::stable_sort(course.observations.begin(), course.observations.end(),
                     [](const Observation& a, const Observation& b) { return a.time < b.time; });
    const auto positive =
        std::find_if(course.observations.begin(), course.observations.end(),
                     [&](const Observation& observation) {
                       return IsPositive(input.method(), observation.datum->target(),
                                         observation.datum->value().value());
                     });
    if (positive != course.observations.end()) course.positive = *positive;
    course.spoilt = std::any_of(
        course.observations.begin(), course.observations.end(),
        [&](const Observation& observation) {
          const v1::MethodOutput* output = ReadOutput(input.method(), observation.datum->target());
          return output != nullptr &&
                 Contains(output->invalid_codes(), observation.datum->value().value());
        });
    if (input.method().has_observation()) {
      FollowPlan(input, test.from, course);
    } else {
      course.complete = true;
    }
  }
  return test;
}

int HoursOf(const v1::AssayInput& input, const v1::Datum& place) {
  const v1::ObservationPlan& plan = input.method().observation();
  if (plan.short_fact().empty()) return plan.hours();
  const auto is_short = [&](std::string_view sample_id) {
    return std::any_of(input.facts().begin(), input.facts().end(), [&](const auto& facts) {
      return facts.sample_id() == sample_id &&
             std::any_of(facts.facts().begin(), facts.facts().end(), [&](const auto& fact) {
               return fact.name() == plan.short_fact() && fact.value() == "yes";
             });
    });
  };
  if (place.role() == v1::POSITION_ROLE_SAMPLE) {
    return is_short(SampleOf(place)) ? plan.short_hours() : plan.hours();
  }
  // Before any was read, those that will be.
  std::set<std::string> samples;
  for (const SampleData& sample : SamplesOf(input)) samples.insert(sample.sample_id);
  if (samples.empty()) {
    for (const v1::SampleFacts& facts : input.facts()) samples.insert(facts.sample_id());
  }
  const bool all_short = std::all_of(samples.begin(), samples.end(), is_short);
  return all_short && !samples.empty() ? plan.short_hours() : plan.hours();
}

std::string FormatSpan(TimeUs span) {
  const std::string_view sign = span < 0 ? "-" : "";
  const TimeUs minutes = (span < 0 ? -span : span) / kMinute;
  return fmt::format("{}{} d {} h {} min", sign, minutes / (24 * 60), minutes / 60 % 24,
                     minutes % 60);
}

std::string PlaceName(const Course& course) {
  return course.place->position();
}

namespace {

struct Decisions {
  std::set<std::string> samples;
  std::set<std::string> decided;  // those that have shown what ends their test
  std::set<std::string> positive;
  bool All() const { return samples == decided; }
  bool AnySpoilt() const { return decided != positive; }
  // Nothing is left to wait for, controls included, once every sample is decided.
  bool Wait(v1::PositionRole role, const std::string& sample) const {
    return role == v1::POSITION_ROLE_SAMPLE ? !decided.contains(sample) : !All();
  }
};

Decisions DecisionsOf(const ObservedTest& test, const std::vector<v1::RunPosition>& positions) {
  Decisions decisions;
  for (const Course& course : test.courses) {
    if (course.place->role() != v1::POSITION_ROLE_SAMPLE) continue;
    decisions.samples.insert(course.place->sample_id());
    if (course.positive) decisions.positive.insert(course.place->sample_id());
    if (course.positive || course.spoilt) decisions.decided.insert(course.place->sample_id());
  }
  for (const v1::RunPosition& position : positions) {
    if (position.role() == v1::POSITION_ROLE_SAMPLE && position.omit_reason().empty()) {
      decisions.samples.insert(position.sample_id());
    }
  }
  return decisions;
}

// Whether a sample spoilt its test and the method has a repeat of its own for that.
bool RepeatsSpoilt(const v1::Method& method, const Decisions& decisions) {
  return method.method_repeat().after_invalid_codes() && decisions.AnySpoilt();
}

// Whether a test that the sample spoilt is judged or repeated by the value.
bool IsOfRepeat(const v1::MethodRepeat& repeat, const v1::SetupCheck& check) {
  const bool agrees = !check.agreements().empty() && check.flag().empty();
  return agrees || check.name() == repeat.larger_setup() ||
         Contains(repeat.fresh_setup(), check.name());
}

void AddUnreadPositions(const ObservedTest& test, const std::vector<v1::RunPosition>& positions,
                        const Decisions& decisions, std::vector<std::string>& missing) {
  for (const v1::RunPosition& position : positions) {
    if (!position.omit_reason().empty() || !decisions.Wait(position.role(), position.sample_id())) {
      continue;
    }
    const bool read =
        std::any_of(test.courses.begin(), test.courses.end(), [&](const Course& course) {
          return course.place->position() == position.position() &&
                 (position.target().empty() || course.place->target() == position.target());
        });
    if (!read) {
      missing.push_back(
          fmt::format("position {} was never read: lims run read", position.position()));
    }
  }
}

// Of the outputs that are numbers and are asked for without a fact.
void AddMissingValues(const v1::AssayInput& input, const Decisions& decisions,
                      std::vector<std::string>& missing) {
  for (const v1::MethodOutput& output : input.method().outputs()) {
    if (!output.codes().empty() || !output.needs_fact().empty() ||
        SourceOf(input.method(), output) != nullptr) {
      continue;
    }
    const int fewest = std::max(output.replicates_min(), 1);
    for (const std::string& sample : decisions.samples) {
      const auto count =
          std::count_if(input.data().begin(), input.data().end(), [&](const v1::Datum& datum) {
            return datum.sample_id() == sample && datum.target() == output.input();
          });
      if (count < fewest) {
        missing.push_back(fmt::format("{} has {} of {} values of {}: lims run read", sample, count,
                                      fewest, output.input()));
      }
    }
  }
}

// What a course is still read for, with the next step; empty when it is not.
std::string WhyUnfinished(const v1::Method& method, const ObservedTest& test, const Course& course,
                          const Decisions& decisions, int offset_minutes) {
  const v1::ObservationPlan& plan = method.observation();
  const v1::Datum& place = *course.place;
  if (const auto due = GrowthDue(method, test, course)) {
    return fmt::format(
        "positive control {} shows no growth yet: read it until it does, or until {}",
        PlaceName(course), FormatLocal(*due, offset_minutes));
  }
  if (!IsFollowed(place.role()) || !decisions.Wait(place.role(), place.sample_id())) return "";
  if (std::string why = WhyNotWithinADay(method, test, course); !why.empty()) return why;
  const TimeUs due = LastDue(plan, course);
  if (course.complete && course.observations.back().time >= due) return "";
  if (std::string why = WhyNotTurbid(method, course); !why.empty()) return why;
  const std::string name = PlaceName(course).empty() ? "the test" : PlaceName(course);
  const std::string last = FormatSpan(course.observations.back().time - *test.from);
  if (course.transfer_due) {
    return fmt::format(
        "{} is turbid at its end, {} after {}: transfer to fresh medium, read {}, and go on for "
        "{} h",
        name, last, plan.from(), plan.transfer_code(), plan.transfer_hours());
  }
  return fmt::format("{} was last seen {} after {}; its last reading{} is due from {} on", name,
                     last, plan.from(), course.early_transfer ? ", of the fresh vessel too," : "",
                     FormatLocal(due, offset_minutes));
}

}  // namespace

std::vector<Violation> SetupToDeclare(const v1::Method& method, const v1::AssayInput& input,
                                      const std::vector<v1::RunPosition>& positions) {
  std::vector<Violation> undeclared = UndeclaredSetup(method, input.setup());
  if (undeclared.empty()) return undeclared;
  const Decisions decisions = DecisionsOf(ReadObservations(input), positions);
  if (!decisions.All()) return undeclared;
  if (!RepeatsSpoilt(method, decisions)) return {};
  v1::Method repeated;
  for (const v1::SetupCheck& check : method.setup_checks()) {
    if (IsOfRepeat(method.method_repeat(), check)) *repeated.add_setup_checks() = check;
  }
  return UndeclaredSetup(repeated, input.setup());
}

std::vector<std::string> Unfinished(const v1::AssayInput& input,
                                    const std::vector<v1::RunPosition>& positions,
                                    int offset_minutes) {
  const ObservedTest test = ReadObservations(input);
  const v1::ObservationPlan& plan = input.method().observation();
  const Decisions decisions = DecisionsOf(test, positions);
  std::vector<std::string> missing;
  AddUnreadPositions(test, positions, decisions, missing);
  AddMissingValues(input, decisions, missing);
  if (decisions.All() && !RepeatsSpoilt(input.method(), decisions)) return missing;
  for (std::string& each : Contradictions(input)) missing.push_back(std::move(each));
  if (decisions.All() || !input.method().has_observation()) return missing;
  for (const std::string& name : {plan.from(), plan.subculture()}) {
    if (name.empty() || DeclaredTime(input.setup(), name)) continue;
    missing.push_back(fmt::format("{} is not declared or no time: --setup {}=TIME", name, name));
    return missing;
  }
  for (const Course& course : test.courses) {
    std::string why = WhyUnfinished(input.method(), test, course, decisions, offset_minutes);
    if (!why.empty()) missing.push_back(std::move(why));
  }
  return missing;
}

bool IsReadByCourse(const v1::Method& method) {
  return method.has_observation() &&
         (!method.observation().transfer_code().empty() ||
          std::any_of(method.outputs().begin(), method.outputs().end(),
                      [](const v1::MethodOutput& output) { return output.has_survival(); }));
}

std::vector<Violation> CheckCourses(
    const v1::AssayInput& input,
    const google::protobuf::RepeatedPtrField<v1::ReadingEntry>& entries, int offset_minutes) {
  const v1::Method& method = input.method();
  const ObservedTest test = ReadObservations(input);
  std::map<std::pair<std::string, std::string>, const Course*> courses;
  for (const Course& course : test.courses) {
    courses[{course.place->position(), course.place->target()}] = &course;
  }
  std::vector<Violation> refused;
  for (int i = 0; i < entries.size(); ++i) {
    const auto found = courses.find({entries[i].position(), entries[i].target()});
    if (found == courses.end()) continue;
    const Course& course = *found->second;
    const Observation& last = course.observations.back();
    std::string why = WhyNotWithinADay(method, test, course);
    if (why.empty()) why = WhyNotTurbid(method, course);
    const std::optional<TimeUs> full = FullTime(input, *course.place);
    if (last.datum->value().value() == method.observation().transfer_code() && full &&
        last.time < *full) {
      why = fmt::format(
          "{} is transferred at its end, from {} on, for what grows late grows in the vessel "
          "itself: read {} until then",
          PlaceName(course), FormatLocal(*full, offset_minutes),
          method.observation().unreadable_code());
    }
    if (!why.empty()) refused.push_back({fmt::format("entries[{}].value", i), std::move(why)});
  }
  return refused;
}

std::optional<DueReading> NextReading(const v1::AssayInput& input, TimeUs now) {
  const ObservedTest test = ReadObservations(input);
  const v1::ObservationPlan& plan = input.method().observation();
  if (!test.from) return std::nullopt;
  for (const int hours : plan.look_hours()) {
    const TimeUs due = *test.from + kHour * hours;
    if (now > due + Tolerance(plan)) continue;  // missed by now
    const bool seen =
        std::any_of(test.courses.begin(), test.courses.end(), [&](const Course& course) {
          return std::any_of(course.observations.begin(), course.observations.end(),
                             [&](const Observation& observation) {
                               return observation.time >= due - Tolerance(plan) &&
                                      observation.time <= due + Tolerance(plan);
                             });
        });
    if (!seen) return DueReading{due, due + Tolerance(plan), false};
  }
  const TimeUs end = *EndOf(input, test);
  return DueReading{end, end + Tolerance(plan), true};
}

std::optional<TimeUs> LastReading(const v1::AssayInput& input) {
  return EndOf(input, ReadObservations(input));
}

}  // namespace lims::assay
