#include "domain/refusal.h"

#include <gtest/gtest.h>

#include "lims/v1/method.pb.h"
#include "lims/v1/user.pb.h"

namespace lims::domain {
namespace {

TEST(Refusal, NamesRecordStateAndNextStep) {
  const Error error =
      RefuseState("sample S-1", v1::SAMPLE_STATE_REJECTED, NextStep(v1::SAMPLE_STATE_REJECTED));
  EXPECT_EQ(error.reason, ErrorReason::kWrongState);
  EXPECT_EQ(error.message, "sample S-1 is REJECTED: plan another sample with lims sample plan");
  EXPECT_EQ(RefuseState("account a1", v1::USER_STATE_DISABLED, "").message,
            "account a1 is DISABLED: ");
  EXPECT_EQ(RefuseState("method M-1", v1::VALIDATION_STATE_NOT_VALIDATED, "x").message,
            "method M-1 is NOT_VALIDATED: x");
  EXPECT_NE(RefuseUnconfirmed("L-1").message.find("lot L-1 is not confirmed"), std::string::npos);
}

template <typename State>
void ExpectCommandInEach(State first, State last) {
  for (int i = first; i <= last; ++i) {
    const std::string next = NextStep(static_cast<State>(i));
    EXPECT_NE(next.find("lims "), std::string::npos) << i << " " << next;
  }
}

TEST(Refusal, HasACommandToGoOnWithInEveryState) {
  ExpectCommandInEach(v1::DISPOSITION_QUARANTINE, v1::Disposition_MAX);
  ExpectCommandInEach(v1::SAMPLE_STATE_PLANNED, v1::SampleState_MAX);
  ExpectCommandInEach(v1::RUN_STATE_SUBMITTED, v1::RunState_MAX);
  EXPECT_EQ(NextStep(v1::VERSION_STATE_DRAFT, "spec"), "hand it in with lims spec submit");
  EXPECT_EQ(NextStep(v1::VERSION_STATE_SUBMITTED, "method"),
            "QA approves it with lims method approve");
}

}  // namespace
}  // namespace lims::domain
