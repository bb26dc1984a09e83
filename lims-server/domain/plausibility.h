// Typed values that are possible but unlikely: asked about once before they are recorded.
#ifndef LIMS_DOMAIN_PLAUSIBILITY_H_
#define LIMS_DOMAIN_PLAUSIBILITY_H_

#include <google/protobuf/repeated_field.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/specification.pb.h"

namespace lims::domain {

// What to ask about `value`, a number in the unit of the line; nullopt when it is plausible or
// not a number (which is refused elsewhere).
std::optional<std::string> PlausibilityQuestion(const v1::SpecificationLine& line,
                                                std::string_view value);

// The same about a value as it is entered for `input`. One that is multiplied or divided first is
// not in the line's unit and is passed over: ask about the calculated value instead.
std::optional<std::string> EntryQuestion(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines, std::string_view input,
    std::string_view value);

// One EntryQuestion for each entry that has one; the field is "entries[2].value".
std::vector<Violation> PlausibilityQuestions(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines,
    const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_PLAUSIBILITY_H_
