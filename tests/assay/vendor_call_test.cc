#include "assay/vendor_call.h"

#include <gtest/gtest.h>

namespace lims::assay {
namespace {

TEST(VendorCall, KnowsItsWords) {
  for (const char* word : {"Presence", "POSITIVE", "IPC Succeeded"}) {
    EXPECT_EQ(ReadVendorCall(word), VendorCall::kPositive) << word;
  }
  for (const char* word : {"Absence", "NEGATIVE", "Negative Control", "NO_AMP"}) {
    EXPECT_EQ(ReadVendorCall(word), VendorCall::kNegative) << word;
  }
  for (const char* word : {"Unconfirmed", "IPC Failed", "INCONCLUSIVE", "whatever"}) {
    EXPECT_EQ(ReadVendorCall(word), VendorCall::kDoubtful) << word;
  }
  EXPECT_EQ(ReadVendorCall(""), VendorCall::kNoCall);
}

}  // namespace
}  // namespace lims::assay
