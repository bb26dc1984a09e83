#include "domain/lifecycle.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "domain/gates.h"
#include "domain/in_force.h"

namespace lims::domain {
namespace {

template <typename State>
std::set<std::pair<int, int>> Allowed(int last) {
  std::set<std::pair<int, int>> allowed;
  for (int from = 0; from <= last; ++from) {
    for (int to = 0; to <= last; ++to) {
      if (MayBecome(static_cast<State>(from), static_cast<State>(to))) allowed.emplace(from, to);
    }
  }
  return allowed;
}

TEST(Lifecycle, AllowsExactlyTheListedDispositions) {
  const std::set<std::pair<int, int>> expected{
      {v1::DISPOSITION_QUARANTINE, v1::DISPOSITION_CONDITIONALLY_RELEASED},
      {v1::DISPOSITION_QUARANTINE, v1::DISPOSITION_RELEASED},
      {v1::DISPOSITION_QUARANTINE, v1::DISPOSITION_REJECTED},
      {v1::DISPOSITION_QUARANTINE, v1::DISPOSITION_VOIDED},
      {v1::DISPOSITION_CONDITIONALLY_RELEASED, v1::DISPOSITION_RELEASED},
      {v1::DISPOSITION_CONDITIONALLY_RELEASED, v1::DISPOSITION_CONDITIONAL_FAILED},
      {v1::DISPOSITION_CONDITIONALLY_RELEASED, v1::DISPOSITION_REJECTED},
      {v1::DISPOSITION_CONDITIONAL_FAILED, v1::DISPOSITION_RECALLED},
      {v1::DISPOSITION_CONDITIONAL_FAILED, v1::DISPOSITION_REJECTED},
      {v1::DISPOSITION_RELEASED, v1::DISPOSITION_WITHDRAWN},
      {v1::DISPOSITION_RELEASED, v1::DISPOSITION_RECALLED},
      {v1::DISPOSITION_WITHDRAWN, v1::DISPOSITION_RELEASED},
      {v1::DISPOSITION_WITHDRAWN, v1::DISPOSITION_REJECTED},
  };
  EXPECT_EQ(Allowed<v1::Disposition>(v1::Disposition_MAX), expected);
}

TEST(Lifecycle, AllowsExactlyTheListedSampleAndRunStates) {
  EXPECT_EQ(
      Allowed<v1::SampleState>(v1::SampleState_MAX),
      (std::set<std::pair<int, int>>{{v1::SAMPLE_STATE_PLANNED, v1::SAMPLE_STATE_TAKEN},
                                     {v1::SAMPLE_STATE_PLANNED, v1::SAMPLE_STATE_CANCELLED},
                                     {v1::SAMPLE_STATE_TAKEN, v1::SAMPLE_STATE_RECEIVED},
                                     {v1::SAMPLE_STATE_TAKEN, v1::SAMPLE_STATE_REJECTED},
                                     {v1::SAMPLE_STATE_RECEIVED, v1::SAMPLE_STATE_RETAINED},
                                     {v1::SAMPLE_STATE_RECEIVED, v1::SAMPLE_STATE_DISPOSED},
                                     {v1::SAMPLE_STATE_REJECTED, v1::SAMPLE_STATE_DISPOSED},
                                     {v1::SAMPLE_STATE_RETAINED, v1::SAMPLE_STATE_DISPOSED}}));
  EXPECT_EQ(Allowed<v1::RunState>(v1::RunState_MAX),
            (std::set<std::pair<int, int>>{{v1::RUN_STATE_OPEN, v1::RUN_STATE_SUBMITTED},
                                           {v1::RUN_STATE_OPEN, v1::RUN_STATE_ABORTED}}));
}

TEST(Lifecycle, DecidesByTheGateOfTheKind) {
  struct Case {
    v1::Decision decision;
    v1::Gate gate;
    v1::LotKind kind;
    v1::Disposition disposition;
  };
  constexpr auto kNothing = v1::DISPOSITION_UNSPECIFIED;
  const Case cases[] = {
      {v1::DECISION_RELEASE, v1::GATE_S2, v1::LOT_KIND_DRUG_PRODUCT, v1::DISPOSITION_RELEASED},
      {v1::DECISION_CONDITIONAL_RELEASE, v1::GATE_S1, v1::LOT_KIND_DRUG_PRODUCT,
       v1::DISPOSITION_CONDITIONALLY_RELEASED},
      {v1::DECISION_RELEASE, v1::GATE_S1, v1::LOT_KIND_DRUG_PRODUCT, kNothing},
      {v1::DECISION_CONDITIONAL_RELEASE, v1::GATE_S2, v1::LOT_KIND_DRUG_PRODUCT, kNothing},
      {v1::DECISION_RELEASE, v1::GATE_BANK, v1::LOT_KIND_DRUG_PRODUCT, kNothing},
      {v1::DECISION_RELEASE, v1::GATE_BANK, v1::LOT_KIND_MCB, v1::DISPOSITION_RELEASED},
      {v1::DECISION_RELEASE, v1::GATE_BANK, v1::LOT_KIND_EOPC, v1::DISPOSITION_RELEASED},
      {v1::DECISION_RELEASE, v1::GATE_S2, v1::LOT_KIND_WCB, kNothing},
      {v1::DECISION_CONDITIONAL_RELEASE, v1::GATE_S1, v1::LOT_KIND_WCB, kNothing},
      {v1::DECISION_RELEASE, v1::GATE_S2, v1::LOT_KIND_HARVEST, v1::DISPOSITION_RELEASED},
      {v1::DECISION_RELEASE, v1::GATE_S2, v1::LOT_KIND_REFERENCE, v1::DISPOSITION_RELEASED},
      {v1::DECISION_CONDITIONAL_RELEASE, v1::GATE_S1, v1::LOT_KIND_HARVEST, kNothing},
      {v1::DECISION_REJECT, v1::GATE_UNSPECIFIED, v1::LOT_KIND_MCB, v1::DISPOSITION_REJECTED},
      {v1::DECISION_RELEASE, v1::GATE_UNSPECIFIED, v1::LOT_KIND_UNSPECIFIED, kNothing},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DispositionAfter(c.decision, c.gate, c.kind), c.disposition)
        << v1::Decision_Name(c.decision) << v1::Gate_Name(c.gate) << v1::LotKind_Name(c.kind);
  }
}

TEST(Gates, NeedTheLinesOfTheEarlierGateAtTheFinalOne) {
  v1::SpecificationLine line;
  v1::GateAssignment& first = *line.add_gates();
  first.set_gate(v1::GATE_S1);
  first.add_lot_kinds(v1::LOT_KIND_DRUG_PRODUCT);
  v1::GateAssignment& bank = *line.add_gates();
  bank.set_gate(v1::GATE_BANK);
  bank.add_lot_kinds(v1::LOT_KIND_MCB);
  EXPECT_TRUE(NeededAt(v1::GATE_S1, v1::LOT_KIND_DRUG_PRODUCT, line.gates()));
  EXPECT_TRUE(NeededAt(v1::GATE_S2, v1::LOT_KIND_DRUG_PRODUCT, line.gates()));
  EXPECT_TRUE(NeededAt(v1::GATE_BANK, v1::LOT_KIND_MCB, line.gates()));
  EXPECT_FALSE(NeededAt(v1::GATE_BANK, v1::LOT_KIND_WCB, line.gates()));
  EXPECT_FALSE(NeededAt(v1::GATE_S2, v1::LOT_KIND_HARVEST, line.gates()));
  line.mutable_gates(0)->set_gate(v1::GATE_S2);
  EXPECT_FALSE(NeededAt(v1::GATE_S1, v1::LOT_KIND_DRUG_PRODUCT, line.gates()));
}

TEST(Gates, NoneIsTheFinalOneOfNoKind) {
  EXPECT_EQ(FinalGate(v1::LOT_KIND_UNSPECIFIED), v1::GATE_UNSPECIFIED);
  EXPECT_FALSE(HasGate(v1::LOT_KIND_UNSPECIFIED, v1::GATE_S2));
}

// A reference may come from anything; everything else from cells.
TEST(Gates, LotsAreMadeFromBanksAndHarvests) {
  for (int kind = v1::LotKind_MIN + 1; kind <= v1::LotKind_MAX; ++kind) {
    for (int parent = v1::LotKind_MIN + 1; parent <= v1::LotKind_MAX; ++parent) {
      const bool cells = parent == v1::LOT_KIND_MCB || parent == v1::LOT_KIND_WCB ||
                         parent == v1::LOT_KIND_HARVEST;
      EXPECT_EQ(MayBeMadeFrom(v1::LotKind(kind), v1::LotKind(parent)),
                kind == v1::LOT_KIND_REFERENCE || cells)
          << v1::LotKind_Name(v1::LotKind(kind)) << " from "
          << v1::LotKind_Name(v1::LotKind(parent));
    }
  }
}

constexpr int kShanghai = 480;

TEST(InForce, StartsWithTheLocalDayOfTheEffectiveDate) {
  const v1::PaperApproval none;
  const auto in_force = [&](const char* at, v1::VersionState state) {
    return InForce("2026-03-02", none, state, ParseTime(at).value(), kShanghai);
  };
  EXPECT_FALSE(in_force("2026-03-01T23:59:59+08:00", v1::VERSION_STATE_APPROVED));
  EXPECT_TRUE(in_force("2026-03-02T00:00:00+08:00", v1::VERSION_STATE_APPROVED));
  EXPECT_TRUE(in_force("2026-03-01T16:00:00Z", v1::VERSION_STATE_APPROVED));
  EXPECT_FALSE(in_force("2026-03-02T00:00:00+08:00", v1::VERSION_STATE_SUPERSEDED));
  EXPECT_FALSE(in_force("2027-03-02T00:00:00+08:00", v1::VERSION_STATE_SUBMITTED));
  EXPECT_FALSE(in_force("2027-03-02T00:00:00+08:00", v1::VERSION_STATE_DRAFT));
  EXPECT_FALSE(in_force("2027-03-02T00:00:00+08:00", v1::VERSION_STATE_UNSPECIFIED));
}

TEST(InForce, ReachesBackToAnApprovalOnPaperOnceApproved) {
  v1::PaperApproval paper;
  paper.set_document("QA-0001");
  paper.set_date("2026-01-05");
  const TimeUs between = ParseTime("2026-02-01T12:00:00+08:00").value();
  const TimeUs before = ParseTime("2026-01-04T12:00:00+08:00").value();
  for (const char* effective : {"2026-03-02", ""}) {
    EXPECT_TRUE(InForce(effective, paper, v1::VERSION_STATE_APPROVED, between, kShanghai));
    EXPECT_FALSE(InForce(effective, paper, v1::VERSION_STATE_APPROVED, before, kShanghai));
    EXPECT_FALSE(InForce(effective, paper, v1::VERSION_STATE_SUBMITTED, between, kShanghai));
  }
  EXPECT_FALSE(InForce("", {}, v1::VERSION_STATE_APPROVED, between, kShanghai));
}

TEST(InForce, EndsADateOnlyExpiryWithItsLocalDay) {
  const auto expired = [](const char* expiry, const char* at) {
    return Expired(expiry, ParseTime(at).value(), kShanghai);
  };
  EXPECT_FALSE(expired("2026-03-31", "2026-03-31T23:59:59+08:00"));
  EXPECT_TRUE(expired("2026-03-31", "2026-04-01T00:00:00+08:00"));
  EXPECT_FALSE(expired("2026-03", "2026-03-31T23:59:59+08:00"));
  EXPECT_TRUE(expired("2026-03", "2026-04-01T00:00:00+08:00"));
  EXPECT_FALSE(expired("2026-03-31T10:00:00+08:00", "2026-03-31T10:00:00+08:00"));
  EXPECT_TRUE(expired("2026-03-31T10:00:00+08:00", "2026-03-31T10:00:01+08:00"));
  EXPECT_FALSE(expired("", "2026-03-31T10:00:01+08:00"));
  EXPECT_TRUE(expired("soon", "2026-03-31T10:00:01+08:00"));
}

}  // namespace
}  // namespace lims::domain
