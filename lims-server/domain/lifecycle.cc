#include "domain/lifecycle.h"

#include <array>
#include <utility>

#include "base/contains.h"
#include "domain/gates.h"

namespace lims::domain {
namespace {

template <typename State>
using Transition = std::pair<State, State>;

// Re-release comes only after a withdrawal, on reviews and attestations given since. A conditional
// release that failed is settled by recall or rejection, never by another release; one that can
// come to no end (expired, repeats exhausted) by rejection.
constexpr auto kDispositions = std::to_array<Transition<v1::Disposition>>({
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
});

constexpr auto kSamples = std::to_array<Transition<v1::SampleState>>({
    {v1::SAMPLE_STATE_PLANNED, v1::SAMPLE_STATE_TAKEN},
    {v1::SAMPLE_STATE_PLANNED, v1::SAMPLE_STATE_CANCELLED},
    {v1::SAMPLE_STATE_TAKEN, v1::SAMPLE_STATE_RECEIVED},
    {v1::SAMPLE_STATE_TAKEN, v1::SAMPLE_STATE_REJECTED},
    {v1::SAMPLE_STATE_RECEIVED, v1::SAMPLE_STATE_RETAINED},
    {v1::SAMPLE_STATE_RECEIVED, v1::SAMPLE_STATE_DISPOSED},
    {v1::SAMPLE_STATE_REJECTED, v1::SAMPLE_STATE_DISPOSED},
    {v1::SAMPLE_STATE_RETAINED, v1::SAMPLE_STATE_DISPOSED},
});

constexpr auto kRuns = std::to_array<Transition<v1::RunState>>({
    {v1::RUN_STATE_OPEN, v1::RUN_STATE_SUBMITTED},
    {v1::RUN_STATE_OPEN, v1::RUN_STATE_ABORTED},
});

template <typename Table, typename State>
bool Has(const Table& table, State from, State to) {
  return Contains(table, Transition<State>(from, to));
}

}  // namespace

bool MayBecome(v1::Disposition from, v1::Disposition to) {
  return Has(kDispositions, from, to);
}

bool MayBecome(v1::SampleState from, v1::SampleState to) {
  return Has(kSamples, from, to);
}

bool MayBecome(v1::RunState from, v1::RunState to) {
  return Has(kRuns, from, to);
}

bool IsUndecided(v1::Disposition disposition) {
  return disposition == v1::DISPOSITION_QUARANTINE ||
         disposition == v1::DISPOSITION_CONDITIONALLY_RELEASED;
}

v1::Disposition DispositionAfter(v1::Decision decision, v1::Gate gate, v1::LotKind kind) {
  if (decision == v1::DECISION_REJECT) return v1::DISPOSITION_REJECTED;
  if (!HasGate(kind, gate) || gate != GateOf(decision, kind)) {
    return v1::DISPOSITION_UNSPECIFIED;
  }
  return decision == v1::DECISION_RELEASE ? v1::DISPOSITION_RELEASED
                                          : v1::DISPOSITION_CONDITIONALLY_RELEASED;
}

}  // namespace lims::domain
