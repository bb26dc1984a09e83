// What a judged run found, for people: each check as it was asked and answered, and the figures
// that the values rest on.
#ifndef LIMS_CLIENT_CORE_FINDINGS_H_
#define LIMS_CLIENT_CORE_FINDINGS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>

#include "lims/v1/run.pb.h"

namespace lims::client {

// The text with each of its numbers that has more than four significant digits rounded to these,
// whole digits kept: "-3.38291" becomes "-3.383". Every digit stands in the record.
std::string ForReading(std::string_view text);

// A table of all checks of the run and of the attempts, those that did not hold first and with
// every digit: no rounding hides by how much. Empty without checks.
std::string RenderChecks(const v1::Run& run,
                         const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts);

// A table of the figures of the run, of the attempts and of combined results: NAME_lower and
// NAME_upper as the 95 % limits of NAME, vendor_NAME as what the instrument's software found
// beside it. Below it a line for each that is words, as the Cqs of all wells. Empty without
// figures.
std::string RenderFigures(const v1::Run& run,
                          const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts,
                          const google::protobuf::RepeatedPtrField<v1::Result>& results);

// "LOT PANEL/1"
std::string NameOf(const v1::Attempt& attempt);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_FINDINGS_H_
