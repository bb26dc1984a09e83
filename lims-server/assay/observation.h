// Tests that are observed over time: how far each vessel has come, and what a positive does.
#ifndef LIMS_ASSAY_OBSERVATION_H_
#define LIMS_ASSAY_OBSERVATION_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::assay {

// A reading of the method's plan was not made; a note, never a failure.
inline constexpr std::string_view kFlagReadingMissed = "LOOK_MISSED";
// A positive observation in a test that does not count.
inline constexpr std::string_view kFlagUnexpectedPositive = "UNEXPECTED_POSITIVE";

// Parameter of a method whose positive control shows growth only by and by: until then it is waited
// for.
inline constexpr std::string_view kPositiveControlGrowth = "positive_control_growth_h";

struct Observation {
  TimeUs time = 0;  // meaningless when the test is not timed
  const v1::Datum* datum = nullptr;
};

// What was seen at one position, or of one typed replicate.
struct Course {
  const v1::Datum* place = nullptr;       // its first datum: role, sample, position, target
  std::vector<Observation> observations;  // by time, equal times as entered
  std::optional<Observation> positive;    // the first
  bool spoilt = false;                    // by the sample itself: one of the output's invalid codes
  std::optional<TimeUs> end;             // earliest moment of the last reading; absent when unknown
  std::optional<TimeUs> early_transfer;  // the last that was made before the full hours
  bool transfer_due = false;             // unreadable at the end, not transferred since
  bool complete = false;                 // the last reading told, and was not before the end
  std::vector<int> missed_readings;      // hours of the plan
};

// A test read from its stored input; refers to it.
struct ObservedTest {
  std::optional<TimeUs> from;  // moment that the hours count from; absent without plan or value
  std::vector<Course> courses;
};

// Data without position are typed: each is a course of its own, seen at the plan's `until`.
bool IsTyped(const v1::AssayInput& input);

ObservedTest ReadObservations(const v1::AssayInput& input);

// The output whose codes are read at a target, which names a line, an input or a vessel of the
// method; nullptr when there is none.
const v1::MethodOutput* ReadOutput(const v1::Method& method, std::string_view target);
// Whether one observation of this code is enough.
bool IsPositive(const v1::Method& method, std::string_view target, std::string_view code);
// Codes that are read but never reported: of turbid product and of its transfer.
bool IsCourseCode(const v1::Method& method, std::string_view code);

// Fewest hours of the plan for the sample at a place. A control is observed as long as the sample
// with the most.
int HoursOf(const v1::AssayInput& input, const v1::Datum& place);

// "2 d 3 h 20 min", cut to whole minutes.
std::string FormatSpan(TimeUs span);

// "FTM-1"; empty for typed data.
std::string PlaceName(const Course& course);

// Setup values that `method` asks for and nobody declared, each on the field "setup". Once every
// sample is positive or spoilt nothing is waited for but that by which a spoilt one is repeated.
// `positions` is the run's map, empty for typed values.
std::vector<Violation> SetupToDeclare(const v1::Method& method, const v1::AssayInput& input,
                                      const std::vector<v1::RunPosition>& positions);

// Why the data cannot be judged yet, a sentence each with the next step; empty when they can. A
// positive or spoilt sample waits for nothing. `positions` is the run's map, empty for typed
// values; times are printed with the site's offset.
std::vector<std::string> Unfinished(const v1::AssayInput& input,
                                    const std::vector<v1::RunPosition>& positions,
                                    int offset_minutes);

// Whether readings of the method are held against those before them.
bool IsReadByCourse(const v1::Method& method);
// What cannot be, of the newest reading of each place, on the field "entries[2].value": a transfer
// before the full hours, a negative control that product made turbid, an animal that died within a
// day and lived longer. `input` is the test as read so far, `entries` its newest reading; times are
// printed with the site's offset.
std::vector<Violation> CheckCourses(
    const v1::AssayInput& input,
    const google::protobuf::RepeatedPtrField<v1::ReadingEntry>& entries, int offset_minutes);

// The next reading that the plan asks for at `now`.
struct DueReading {
  TimeUs time = 0;
  TimeUs latest = 0;  // by the plan's tolerance
  bool last = false;
};
// nullopt without plan or start.
std::optional<DueReading> NextReading(const v1::AssayInput& input, TimeUs now);
// From when on the last one is due, by what was read so far and the facts of every sample; nullopt
// as above.
std::optional<TimeUs> LastReading(const v1::AssayInput& input);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_OBSERVATION_H_
