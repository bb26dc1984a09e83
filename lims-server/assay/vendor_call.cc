#include "assay/vendor_call.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/contains.h"
#include "base/text.h"

namespace lims::assay {
namespace {

constexpr std::array<std::string_view, 6> kPositive{"presence", "present",       "positive",
                                                    "detected", "ipc succeeded", "amp"};
constexpr std::array<std::string_view, 7> kNegative{
    "absence", "absent",           "negative",           "not detected",
    "no amp",  "negative control", "blocked ipc control"};

}  // namespace

VendorCall ReadVendorCall(std::string_view call) {
  if (call.empty()) return VendorCall::kNoCall;
  std::string plain = AsciiLower(call);
  std::replace(plain.begin(), plain.end(), '_', ' ');
  const auto has = [&](const auto& words) { return Contains(words, plain); };
  if (has(kPositive)) return VendorCall::kPositive;
  return has(kNegative) ? VendorCall::kNegative : VendorCall::kDoubtful;
}

}  // namespace lims::assay
