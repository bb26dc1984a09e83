// The repeat that a method prescribes: what it reports when it is inconclusive as well.
#ifndef LIMS_ASSAY_METHOD_REPEAT_H_
#define LIMS_ASSAY_METHOD_REPEAT_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// Whether this sample is in the repeat that the method prescribes after an inconclusive attempt.
bool IsMethodRepeat(const v1::AssayInput& input, const std::string& sample_id);
// Whether that attempt lost the line's internal control and found nothing else of it.
bool RepeatsLostControl(const v1::AssayInput& input, const std::string& sample_id,
                        const std::string& line_code);

// Gives inconclusive values of repeats the code that the method has for them.
void SettleRepeats(const v1::AssayInput& input, v1::Computation& computation);

// What is wrong with the prescription of a method; field paths start with "method.".
std::vector<Violation> CheckMethodRepeat(const v1::Method& method);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_METHOD_REPEAT_H_
