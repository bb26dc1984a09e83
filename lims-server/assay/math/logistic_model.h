// What the fits of one and of two four-parameter logistic curves share: the curve with its
// derivatives, the checks of the data, and starting values.
#ifndef LIMS_ASSAY_MATH_LOGISTIC_MODEL_H_
#define LIMS_ASSAY_MATH_LOGISTIC_MODEL_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "assay/math/four_parameter.h"

namespace lims::assay {

// One preparation with the logarithm of its doses (-infinity for dose zero).
struct LogDoses {
  std::vector<double> ln_dose;
  std::vector<double> response;
};
LogDoses ToLogDoses(std::span<const DosePoint> points);

// Value of the curve at one dose and its derivatives by a, d, b and ln_c.
struct LogisticTerms {
  double value = 0;
  double by_a = 0;
  double by_d = 0;
  double by_b = 0;
  double by_ln_c = 0;
};
LogisticTerms EvaluateLogistic(const FourParameterCurve& curve, double ln_dose);

// Why these points cannot carry a curve of their own; nullopt when they can.
std::optional<std::string> DataProblem(std::span<const DosePoint> points);

// Starting values for curves that share a, d and b: the least squares over a fixed grid of slopes
// and half-effect doses that follows the range of the doses, a and d being linear given those.
struct LogisticStart {
  double a = 0;
  double d = 0;
  double b = 0;
  double ln_c_first = 0;
  double ln_c_second = 0;  // of the second preparation, when there is one
};
LogisticStart FindStart(const LogDoses& first, const LogDoses* second);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_MATH_LOGISTIC_MODEL_H_
