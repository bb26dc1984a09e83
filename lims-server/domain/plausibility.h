// Typed values that cannot be, which are refused, and those that are unlikely, which are asked
// about once before they are recorded.
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

// What is wrong with `value`, a number in the unit of the line: outside the possible range, on
// `field`; outside the plausible range and not confirmed, on `field` + ".plausibility", as a
// question. nullopt when it is neither, or not a number (which is refused elsewhere).
std::optional<Violation> ValueDoubt(const v1::SpecificationLine& line, std::string field,
                                    std::string_view value, bool confirmed);

// The same about a value as it is entered for `input`. One that is multiplied or divided first is
// not in the line's unit and is passed over: look at the calculated value instead.
std::optional<Violation> EntryDoubt(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines, std::string_view input,
    const std::string& field, std::string_view value, bool confirmed);

// One for each entry that has one; the field begins with "entries[2].value".
std::vector<Violation> EntryDoubts(
    const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::SpecificationLine>& lines,
    const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries, bool confirmed);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_PLAUSIBILITY_H_
