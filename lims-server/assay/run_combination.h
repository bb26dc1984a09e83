// The values of several runs, combined as the method planned before the first of them.
#ifndef LIMS_ASSAY_RUN_COMBINATION_H_
#define LIMS_ASSAY_RUN_COMBINATION_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// What a calculator prints in the details of a sample for the combination: the standard error of
// ln value and its degrees of freedom.
inline constexpr std::string_view kLnSe = "ln_rp_se";
inline constexpr std::string_view kLnDf = "ln_rp_df";
// The same of the value with every excluded point, and that value itself.
inline constexpr std::string_view kWithExcluded = "_with_excluded";
inline constexpr std::string_view kValueWithExcluded = "value_with_excluded";
// The name of the latter where a method reports several lines.
std::string ValueWithExcludedOf(std::string_view line_code);
// Why a run is neither pass nor fail by itself: then a combination with it is neither.
inline constexpr std::string_view kRunInconclusive = "run_inconclusive";

// One run's value, unrounded, with the details of its sample.
struct RunValue {
  std::string value;
  google::protobuf::RepeatedPtrField<v1::NamedValue> details;
};

struct CombinedRuns {
  std::string value;         // unrounded; empty when there is none
  std::string inconclusive;  // why it is neither pass nor fail, whatever its limit; else empty
  google::protobuf::RepeatedPtrField<v1::NamedValue> details;
};

// Combines one run or more; does not look at any limit of a specification. Never fails: runs that
// cannot be combined are inconclusive, with the reason.
CombinedRuns CombineRuns(const v1::RunPlan& plan, std::span<const RunValue> runs);

// What is wrong with the plan of a method; field paths start with "method.".
std::vector<Violation> CheckRunPlan(const v1::Method& method);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_RUN_COMBINATION_H_
