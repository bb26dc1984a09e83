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

// The same with ten significant digits, for what is held against a limit: a value that missed it
// does not look as if it met it, and a quotient does not fill the line.
std::string ForJudging(std::string_view text);

// A line for each check that did not hold, as ForJudging() shows it; `of` is whose checks they are,
// empty where that is plain.
std::string FailedChecks(const std::string& of,
                         const google::protobuf::RepeatedPtrField<v1::Check>& checks);

// A table of the values that were typed for the attempts, each as it was typed or amended last.
// Empty where there are none, or only a sealed first entry.
std::string RenderEntries(const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts);

// A table of all checks of the run and of the attempts, those that did not hold first and as
// ForJudging() shows them. Empty without checks.
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
