#include "app/clock_steps.h"

#include <cstdlib>
#include <string>

namespace lims::app {
namespace {

// Larger steps stop signing.
constexpr TimeUs kLargestStepUs = kMinute;

std::string WaitsFor(const v1::ClockStep& step) {
  if (step.has_administrator()) return "QA has";
  if (step.has_qa()) return "an account administrator has";
  return "an account administrator and QA have each";
}

std::string NameOfStep(const v1::ClockStep& step) {
  return "step " + std::to_string(step.number()) + " of the server's clock";
}

}  // namespace

Result<void> RecordClockStep(Site& site, TimeUs from, TimeUs to) {
  const int offset = site.record().zone_offset_minutes();
  v1::ClockStep step;
  step.set_state(v1::CLOCK_STEP_STATE_WAITING);
  step.set_from_time(FormatLocal(from, offset));
  step.set_to_time(FormatLocal(to, offset));
  step.set_step_us(to - from);
  LIMS_RETURN_IF_ERROR(site.writer().Execute(
      InfoOf(Call(), v1::ACT_CLOCK_STEP, "", ""),
      [&site, step](storage::Transaction& tx) mutable -> Result<void> {
        // The event's own time is not before that of the event before it.
        tx.Note(site.AccessStream(tx.now()), {{"step_us", std::to_string(step.step_us())},
                                              {"from", step.from_time()},
                                              {"to", step.to_time()}});
        if (std::abs(step.step_us()) <= kLargestStepUs) return {};
        LIMS_ASSIGN_OR_RETURN(const auto earlier, tx.records().List<v1::ClockStep>({}));
        step.set_number(static_cast<int>(earlier.size()) + 1);
        tx.Put(step);
        return {};
      }));
  return {};
}

Result<std::shared_ptr<const ClockSteps>> WaitingClockSteps(storage::Records& records) {
  return records.SharedBy<v1::ClockStep>("state", std::int64_t{v1::CLOCK_STEP_STATE_WAITING});
}

Result<void> RequireConfirmedClock(storage::Records& records) {
  LIMS_ASSIGN_OR_RETURN(const auto waiting, WaitingClockSteps(records));
  if (waiting->empty()) return {};
  const v1::ClockStep& step = waiting->front().record;
  std::string text = "the server's clock was set from " + step.from_time() + " to " +
                     step.to_time() + ": nobody signs until " + WaitsFor(step) +
                     " compared it with another clock and confirmed it: lims clock confirm " +
                     std::to_string(step.number()) + " --reason TEXT";
  if (waiting->size() > 1) {
    text += "; " + std::to_string(waiting->size()) + " such steps wait, see lims clock show";
  }
  return WrongState(text);
}

Result<Plan> ConfirmClock(Site&, const Call& call, const v1::ConfirmClockRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_CONFIRM_CLOCK;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto stored, tx.records().Get<v1::ClockStep>({request.number()}));
    v1::ClockStep& step = stored.record;
    const bool qa = tx.info().actor.role() == v1::ROLE_QA;
    if (qa ? step.has_qa() : step.has_administrator()) {
      return WrongState(NameOfStep(step) + " was confirmed already by " +
                        (qa ? step.qa() : step.administrator()).user_id() +
                        ": see what waits with lims clock show");
    }
    if ((qa ? step.administrator() : step.qa()).user_id() == call.user_id) {
      return MakeError(ErrorReason::kSegregation,
                       "another person confirms " + NameOfStep(step) + " as the second");
    }
    v1::ClockConfirmation* confirmation = qa ? step.mutable_qa() : step.mutable_administrator();
    confirmation->set_user_id(call.user_id);
    confirmation->set_reason(request.reason());
    if (step.has_administrator() && step.has_qa()) {
      step.set_state(v1::CLOCK_STEP_STATE_CONFIRMED);
      // Two people say that the clock is right, so what is signed next is not dated by a wrong one.
      LIMS_ASSIGN_OR_RETURN(const auto waiting, WaitingClockSteps(tx.records()));
      if (waiting->size() == 1) tx.FollowClock();
    }
    tx.Put(std::move(step));
    return {};
  };
  return plan;
}

}  // namespace lims::app
