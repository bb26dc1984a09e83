// Who has a sample: one person hands it over, another takes it over. What is allowed, and what it
// changes.
#include "app/walk_model.h"

namespace lims::walk {
namespace {

const Rule* const kHandReceived = AddRule("a received sample is handed over", kState);
const Rule* const kHandOther = AddRule("a sample is handed over to another person", kInvalid);
const Rule* const kHandActive = AddRule("a sample is not handed over to who has left", kInvalid);
const Rule* const kHandKeeper = AddRule("who has a sample hands it over", kSegregation);
const Rule* const kAcceptHanded = AddRule("a sample that is handed over is taken over", kState);
const Rule* const kAcceptOwn = AddRule("a sample is taken over by whom it is for", kSegregation);
const Rule* const kTestInHands = AddRule("who tests a sample that was taken over has it", kState);
const Rule* const kTestArrived = AddRule("a sample on its way is not tested", kState);

}  // namespace

void CheckCustody(const Step& step, const Sample& sample, Broken* broken) {
  if (step.act == Act::kAccept) {
    if (sample.handed_to.empty()) {
      broken->insert(kAcceptHanded);
    } else if (sample.handed_to != step.person->id) {
      broken->insert(kAcceptOwn);
    }
    return;
  }
  if (step.to == step.person) broken->insert(kHandOther);
  if (step.to->ended) broken->insert(kHandActive);
  if (sample.state != SampleState::kReceived) {
    broken->insert(kHandReceived);
  } else if (sample.keeper != step.person->id) {
    broken->insert(kHandKeeper);
  }
}

void CheckInHands(const Sample& sample, const std::string& person, Broken* broken) {
  if (!sample.handed_to.empty()) {
    broken->insert(kTestArrived);
  } else if (sample.keeper != sample.received_by && sample.keeper != person) {
    // What its receiver has stands where all of the laboratory find it.
    broken->insert(kTestInHands);
  }
}

void PassOn(const Step& step, Sample* sample) {
  sample->handed_to = step.act == Act::kHandOver ? step.to->id : "";
  if (step.act == Act::kAccept) sample->keeper = step.person->id;
}

}  // namespace lims::walk
