#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/result.h"
#include "lims/v1/error_reason.pb.h"

namespace lims {
namespace {

TEST(Error, ReasonsHaveTheNamesAndNumbersOfTheApi) {
  const auto* descriptor = v1::ErrorReason_descriptor();
  std::set<std::string_view> names;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto* value = descriptor->value(i);
    const std::string_view name = ErrorReasonName(static_cast<ErrorReason>(value->number()));
    const std::string prefix = value->number() == 0 ? "" : "ERROR_REASON_";
    EXPECT_EQ(value->name(), prefix + std::string(name));
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Error, NoReasonIsMissingFromTheApi) {
  int last = 0;
  while (ErrorReasonName(static_cast<ErrorReason>(last + 1)) != "ERROR_REASON_UNSPECIFIED") ++last;
  EXPECT_EQ(last, static_cast<int>(ErrorReason::kVerificationFailed));
  EXPECT_EQ(last, v1::ErrorReason_MAX);
}

TEST(Error, NamesTheFieldInTheMessage) {
  const Error error = InvalidArgument("lot.id", "is empty");
  EXPECT_EQ(error.message, "lot.id: is empty");
  ASSERT_EQ(error.violations.size(), 1U);
  EXPECT_EQ(error.violations[0].field, "lot.id");
  EXPECT_EQ(InvalidArguments({{"a", "b"}, {"c", "d"}}).message, "2 fields are not acceptable");
  EXPECT_EQ(InvalidArguments({{"a", "b"}}).message, "a: b");
}

TEST(Error, SaysTheNameOfARecordOnce) {
  EXPECT_EQ(WrongStates({{"sample S1", "sample S1 is RETAINED"}}).message, "sample S1 is RETAINED");
  EXPECT_EQ(Phrase({"sample S1", "sample S12 is RETAINED"}), "sample S1: sample S12 is RETAINED");
  EXPECT_EQ(Phrase({"panel", "is missing"}), "panel: is missing");
}

TEST(Error, IsSaidOfAnotherFieldWithoutItsOwn) {
  EXPECT_EQ(WhatIsWrong(InvalidArgument("number", "\"x\" is no number")), "\"x\" is no number");
  EXPECT_EQ(WhatIsWrong(InvalidArguments({{"a", "b"}, {"c", "d"}})), "b");
  EXPECT_EQ(WhatIsWrong(NotFound("lot X")), "lot X does not exist");
}

Result<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgument("value", "is odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  LIMS_ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

Result<void> CheckQuarter(int value) {
  LIMS_RETURN_IF_ERROR(Quarter(value));
  return {};
}

TEST(Result, CarriesTheFirstErrorOutward) {
  EXPECT_EQ(Quarter(12).value(), 3);
  EXPECT_EQ(Quarter(5).error().message, "value: is odd");
  EXPECT_FALSE(Quarter(6));
  EXPECT_TRUE(CheckQuarter(12));
  EXPECT_EQ(CheckQuarter(6).error().reason, ErrorReason::kInvalidArgument);
}

}  // namespace
}  // namespace lims
