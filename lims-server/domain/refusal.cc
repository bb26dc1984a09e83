#include "domain/refusal.h"

#include <fmt/format.h>

namespace lims::domain {

std::string NextStep(v1::Disposition disposition) {
  switch (disposition) {
    case v1::DISPOSITION_QUARANTINE:
    case v1::DISPOSITION_CONDITIONALLY_RELEASED:
      return "see what it waits for with lims lot blockers";
    case v1::DISPOSITION_CONDITIONAL_FAILED:
      return "QA recalls it with lims release recall, or rejects it with lims release reject";
    case v1::DISPOSITION_RELEASED:
      return "QA may hold it with lims release hold, withdraw it with lims release withdraw or "
             "recall it with lims release recall";
    case v1::DISPOSITION_VOIDED:
      return "register the right lot with lims lot register";
    default:
      return "QA decides about it; see lims lot show";
  }
}

std::string NextStep(v1::SampleState state) {
  switch (state) {
    case v1::SAMPLE_STATE_PLANNED:
      return "take it with lims sample take, or cancel it with lims sample cancel";
    case v1::SAMPLE_STATE_TAKEN:
      return "receive it next with lims sample receive";
    case v1::SAMPLE_STATE_RECEIVED:
      return "test it next with lims result submit or lims run create";
    default:
      return "plan another sample with lims sample plan";
  }
}

std::string NextStep(v1::RunState state) {
  return state == v1::RUN_STATE_SUBMITTED ? "see its results with lims run show"
                                          : "plan another run with lims run create";
}

std::string NextStep(v1::VersionState state, std::string_view noun) {
  switch (state) {
    case v1::VERSION_STATE_DRAFT:
      return fmt::format("hand it in with lims {} submit", noun);
    case v1::VERSION_STATE_SUBMITTED:
      return fmt::format("QA approves it with lims {} approve", noun);
    default:
      return fmt::format("import a new draft with lims {} import", noun);
  }
}

Error RefuseUnconfirmed(std::string_view lot_id) {
  return WrongState(fmt::format(
      "lot {} is not confirmed: a second person confirms manufacture date and parents first with "
      "lims lot confirm",
      lot_id));
}

}  // namespace lims::domain
