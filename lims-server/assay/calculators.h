// What the registry lists: each assay's calculator with the check of the methods that use it.
#ifndef LIMS_ASSAY_CALCULATORS_H_
#define LIMS_ASSAY_CALCULATORS_H_

#include <string>
#include <vector>

#include "assay/registry.h"
#include "base/error.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// A check names what a method gives wrongly to its calculator, with paths from "method.".
extern const Calculator kGenericObservation;
std::vector<Violation> CheckGenericObservation(const v1::Method& method);
std::vector<Violation> CheckObservedSample(const v1::Method& method, const Positions& positions,
                                           const std::string& sample_id,
                                           const v1::Attempt* repeated);

extern const Calculator kGenericValue;
std::vector<Violation> CheckGenericValue(const v1::Method& method);

extern const Calculator kPotency;
std::vector<Violation> CheckPotency(const v1::Method& method);
std::vector<Violation> CheckPotencyMap(const v1::Method& method, const Positions& positions);

extern const Calculator kReported;
std::vector<Violation> CheckReported(const v1::Method& method);

extern const Calculator kRtQpcr;
std::vector<Violation> CheckRtQpcr(const v1::Method& method);
std::vector<Violation> CheckRtQpcrMap(const v1::Method& method, const Positions& positions);

extern const Calculator kSterility;
std::vector<Violation> CheckSterility(const v1::Method& method);
std::vector<Violation> CheckSterilityMap(const v1::Method& method, const Positions& positions);

extern const Calculator kVirusPanel;
std::vector<Violation> CheckVirusPanel(const v1::Method& method);
std::vector<Violation> CheckVirusPanelMap(const v1::Method& method, const Positions& positions);
std::vector<Violation> CheckVirusPanelSample(const v1::Method& method, const Positions& positions,
                                             const std::string& sample_id,
                                             const v1::Attempt* repeated);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_CALCULATORS_H_
