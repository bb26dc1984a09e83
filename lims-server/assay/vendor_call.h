// What a vendor's software calls a well of a presence/absence plate.
#ifndef LIMS_ASSAY_VENDOR_CALL_H_
#define LIMS_ASSAY_VENDOR_CALL_H_

#include <string_view>

namespace lims::assay {

enum class VendorCall {
  kNoCall,    // the file has no call
  kPositive,  // "Presence", "POSITIVE", "IPC Succeeded"
  kNegative,  // "Absence", "NEGATIVE", "Negative Control"
  kDoubtful,  // every other word: "Unconfirmed", "IPC Failed", "INCONCLUSIVE"
};

VendorCall ReadVendorCall(std::string_view call);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_VENDOR_CALL_H_
