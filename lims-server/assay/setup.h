// Setup values that the analyst declares for a run, and whether they are acceptable.
#ifndef LIMS_ASSAY_SETUP_H_
#define LIMS_ASSAY_SETUP_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/error.h"
#include "base/time.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// The method without what is asked only of typed values.
v1::Method MethodForReadings(v1::Method method);

// The method of a run that is still open: without the checks of values that are not declared yet,
// or that are judged by such a value. Those are undecided, not failed.
v1::Method MethodForOpenRun(v1::Method method,
                            const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);

// The number or time that was declared; absent when there is none, or another text.
std::optional<Decimal> DeclaredNumber(
    const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup, const std::string& name);
std::optional<TimeUs> DeclaredTime(const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup,
                                   const std::string& name);

// One check for each setup check of the method, in its order. A value that is missing, declared
// twice, no number, time or date where one is needed, in another unit, outside its range, none of
// the accepted texts or an expiry before the start of the run does not hold. Numbers are compared
// by full value.
std::vector<v1::Check> EvaluateSetup(const v1::Method& method, const v1::AssayInput& input);

// Whether the method asks for the expiry of something.
bool AsksForExpiry(const v1::Method& method);

// Setup values that the method asks for and nobody declared, each on the field "setup" with the
// words or the unit of the value.
std::vector<Violation> UndeclaredSetup(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);

// Codes entered of samples that contradict a setup value: a number outside a range for which
// another code must have been entered, or a value that only other codes agree with. A sentence
// each, with the next step.
std::vector<std::string> Contradictions(const v1::AssayInput& input);

// Flags a sample whose codes do not agree with what was declared.
void FlagDisagreements(const v1::AssayInput& input, v1::SampleComputation& sample);

// What is no declaration at all and must be corrected before it is recorded: names that the method
// does not ask for, names declared twice, texts where a number is needed or that may not enter a
// record, other words where yes or no is accepted, other units. Paths: "setup[2].value". A missing
// or unacceptable value is for EvaluateSetup. Not asked of what is recorded.
std::vector<Violation> CheckSetupValues(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_SETUP_H_
