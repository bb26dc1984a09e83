// Setup values that the analyst declares for a run, and whether they are acceptable.
#ifndef LIMS_ASSAY_SETUP_H_
#define LIMS_ASSAY_SETUP_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// The method without what is asked only of typed values.
v1::Method MethodForReadings(v1::Method method);

// One check for each setup check of the method, in its order. A value that is missing, declared
// twice, no number or time where one is needed, in another unit, outside its range or none of the
// accepted texts does not hold. Numbers are compared by full value.
std::vector<v1::Check> EvaluateSetup(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);

// What is no declaration at all and must be corrected before it is recorded: names that the method
// does not ask for, names declared twice, texts where a number is needed or that may not enter a
// record, other units. Paths: "setup[2].value". A missing or unacceptable value is for
// EvaluateSetup.
std::vector<Violation> CheckSetupValues(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_SETUP_H_
