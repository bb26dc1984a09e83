// The two modes of the potency calculator, each with the parameters that it reads.
#ifndef LIMS_ASSAY_POTENCY_H_
#define LIMS_ASSAY_POTENCY_H_

#include <optional>
#include <string_view>

#include "assay/limits.h"
#include "assay/parameters.h"
#include "assay/potency_plate.h"
#include "base/decimal.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

struct InhibitionSettings {
  PlateSettings plate;
  int doses_min = 0;
  std::optional<Decimal> reported_dose;
  Limits reference;           // inhibition by the reference cell, %
  bool of_reference = false;  // an output reports the inhibition in % of it
  bool monotonic_required = false;
};
InhibitionSettings ReadInhibitionSettings(const v1::Method& method, ParameterReader& reader);

// Input of the output that reports the inhibition in % of that by the reference cell; any other
// output reports the inhibition itself.
inline constexpr std::string_view kPercentOfReference = "percent_of_reference";
bool IsOfReference(const v1::MethodOutput& output);

// Inhibition % = 100 (P - M) / (P - N) of stimulated (P), unstimulated (N) and sample wells (M),
// in exact decimals.
v1::Computation CalculateInhibition(const v1::AssayInput& input,
                                    const InhibitionSettings& settings);

struct RelativeSettings {
  std::optional<PlateSettings> plate;  // absent where the wells are not judged
  Decimal r_squared_min;
  bool f_test_required = true;
  Decimal f_test_p_min;
  bool equivalence_required = false;
  Limits b_ratio;
  Limits range_ratio;
  Limits a_difference;  // of the responses at dose zero, in parts of the reference's D - A
  Limits d_difference;  // of the responses at unlimited dose
  Limits reference_c;   // dose of half effect of the reference preparation
  enum class ByLimits { kDelta, kFieller, kProfile };
  ByLimits precision_by = ByLimits::kDelta;
  std::optional<Decimal> precision_ratio_max;
};
RelativeSettings ReadRelativeSettings(ParameterReader& reader);

// Potency in % of the reference preparation by parallel four-parameter logistic curves.
v1::Computation CalculateRelative(const v1::AssayInput& input, const RelativeSettings& settings);

// Adds a check that does not hold for each response that is no number and each position that the
// map calls diluted: a dose already counts every dilution.
void CheckPotencyWells(const v1::AssayInput& input, v1::Computation& computation);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_POTENCY_H_
