// The standard curve of a quantitative PCR and the quantities read from it.
#ifndef LIMS_ASSAY_STANDARD_CURVE_H_
#define LIMS_ASSAY_STANDARD_CURVE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <optional>
#include <span>
#include <string_view>

#include "assay/math/linear_fit.h"
#include "base/decimal.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

struct StandardWell {
  Decimal quantity;  // above zero; every quantity here is in the unit of the standards
  Decimal cq;
};

struct StandardCurve {
  LinearFit line;  // Cq over log10 quantity, every well counting alone
  // 100 (10^(-1 / slope) - 1); absent where it is no finite number.
  std::optional<double> efficiency_percent;
  Decimal lowest_quantity;
};

// Does not depend on the order of the wells. Fails as FitLine does.
FitOutcome<StandardCurve> FitStandardCurve(std::span<const StandardWell> wells);

struct Quantities {
  double of_mean_cq = 0;  // read from the mean Cq of the wells
  // Fieller's 95 % limits of that quantity, for the error of the curve and of the wells; absent
  // where they are no interval.
  std::optional<Interval> limits;
  double mean = 0;  // arithmetic mean of the quantities of the wells, as vendors report it
};

// Fails without a Cq, where the slope is zero, and where a quantity is not finite.
FitOutcome<Quantities> ReadQuantities(const StandardCurve& curve, std::span<const Decimal> cqs);

// Adds slope, intercept, r2 and efficiency_percent, each name behind `prefix`.
void AddCurveDetails(const StandardCurve& curve, std::string_view prefix,
                     google::protobuf::RepeatedPtrField<v1::NamedValue>& details);
// Adds the same numbers, prefixed with vendor_, as the property vendor_curve of the raw file has
// them for this target: "hTERT: slope -3.4, intercept 39.8, R2 0.997, efficiency 97.5".
void AddVendorCurveDetails(const google::protobuf::RepeatedPtrField<v1::NamedValue>& properties,
                           std::string_view target,
                           google::protobuf::RepeatedPtrField<v1::NamedValue>& details);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_STANDARD_CURVE_H_
