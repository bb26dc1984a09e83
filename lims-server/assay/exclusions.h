// Points that are left out of a calculation, each by a rule of the method.
#ifndef LIMS_ASSAY_EXCLUSIONS_H_
#define LIMS_ASSAY_EXCLUSIONS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::assay {

// Marks the points in `data`; what cannot be marked is a violation with a path
// "exclusions[0].rule", and then `data` is not to be used.
std::vector<Violation> ApplyExclusions(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::Exclusion>& exclusions,
    google::protobuf::RepeatedPtrField<v1::Datum>* data);

// What is wrong with the rules of a method; field paths start with "method.". Only calculators that
// show the result with and without a point may have any.
std::vector<Violation> CheckExclusionRules(const v1::Method& method);

// The input with every point that counts, and with all of them.
bool HasExclusions(const v1::AssayInput& input);
v1::AssayInput WithoutExcluded(const v1::AssayInput& input);
v1::AssayInput WithExcluded(const v1::AssayInput& input);

// Why a result is neither pass nor fail that leaving points out would settle: "the verdict hangs on
// the points left out: with them, " and what is open.
std::string HangsOnLeftOut(std::string_view open_with_them);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_EXCLUSIONS_H_
