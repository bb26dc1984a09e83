// Which tests are made, read, submitted and aborted.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {
namespace {

const Rule* const kLineOfKind = AddRule("the specification tests this kind of lot", kInvalid);
const Rule* const kTestReceived = AddRule("a received sample is tested", kState);
const Rule* const kTestInQuarantine = AddRule("a decided lot is not tested for release", kState);
const Rule* const kOneAtATime = AddRule("one attempt at a time", kState);
const Rule* const kNoRetest = AddRule("no test after a valid one", kState);
const Rule* const kBudget = AddRule("invalid attempts are repeated within the budget", kState);
const Rule* const kDoubtOnce = AddRule("a doubt is repeated once", kState);
const Rule* const kFresh = AddRule("a doubt is repeated from another extraction", kState);
const Rule* const kSameSample = AddRule("a doubt is repeated on its own sample", kState);
const Rule* const kOwnRun = AddRule("what an instrument measures is not typed", kInvalid);
const Rule* const kPerformed = AddRule("what is copied was performed before", kInvalid);
const Rule* const kPerformedOfTaken = AddRule("what is copied was taken before", kInvalid);
const Rule* const kDeclared = AddRule("what the method asks for is declared", kInvalid);
const Rule* const kPlanDone = AddRule("no run after the planned ones", kState);
const Rule* const kOneOfLot = AddRule("one sample for release of a lot on a run", kState);
const Rule* const kPlausible = AddRule("an implausible value is confirmed", kInvalid);

const Rule* const kReadOpen = AddRule("an open run is read", kState);
const Rule* const kReadPast = AddRule("a reading does not lie in the future", kInvalid);
const Rule* const kReadBegun =
    AddRule("a reading does not lie before the start of its run", kInvalid);
const Rule* const kReadSoon = AddRule("a reading is entered within a day", kInvalid);
const Rule* const kReadTimely =
    AddRule("a reason for a late reading is given for a late one", kInvalid);
const Rule* const kReadMapped = AddRule("copied values are not read", kState);
const Rule* const kReadTyped = AddRule("a run of an instrument is not read", kState);
const Rule* const kReadOnce = AddRule("a number is read once", kInvalid);
const Rule* const kSubmitOpen = AddRule("an open run is submitted", kState);
const Rule* const kSubmitData = AddRule("a run is submitted with data", kState);
const Rule* const kSubmitFile =
    AddRule("a run of an instrument is submitted with its file", kState);
const Rule* const kSubmitMapped = AddRule("copied values are not submitted", kState);
const Rule* const kAbortOpen = AddRule("an open run is aborted", kState);
const Rule* const kAbortPassing =
    AddRule("a run that shows a failing value is not aborted", kState);
const Rule* const kAbortPair =
    AddRule("a run that fails with the one before it is not aborted", kState);
const Rule* const kAbortCopied =
    AddRule("a failing first entry is aborted only when a second one differed", kState);
const Rule* const kAbortApart = AddRule("a copyist does not abort", kSegregation);

}  // namespace

void World::CheckTests(const Step& step, Broken* broken) const {
  CheckTest(step, step.sample, broken);
  if (step.other_sample.empty()) return;
  CheckTest(step, step.other_sample, broken);
  const std::string lot = LotOf(step.sample);
  if (lot != LotOf(step.other_sample)) return;
  const auto& samples = lots_.at(lot).samples;
  if (samples.at(step.sample).purpose == Purpose::kRelease &&
      samples.at(step.other_sample).purpose == Purpose::kRelease) {
    broken->insert(kOneOfLot);
  }
}

void World::CheckTest(const Step& step, const std::string& id, Broken* broken) const {
  const Lot& lot = lots_.at(LotOf(id));
  const Sample& sample = lot.samples.at(id);
  if (!Contains(NeededPanels(lot.kind, false), step.panel)) broken->insert(kLineOfKind);
  if (sample.state != SampleState::kReceived) broken->insert(kTestReceived);
  if (step.act != Act::kCopy) CheckInHands(sample, step.person->id, broken);
  if (step.act != Act::kCreateRun) {
    if (!step.value->plausible && !step.plausibility_confirmed) broken->insert(kPlausible);
    if (IsOfInstrument(step.panel)) {
      if (step.act == Act::kSubmit || step.own_paper) broken->insert(kOwnRun);
    } else if (step.setup->text.empty()) {
      broken->insert(kDeclared);
    }
  }
  if (step.act == Act::kCopy) {
    if (step.performed_days > 0) broken->insert(kPerformed);
    if (step.performed_days < 0 && !sample.taken_by.empty()) broken->insert(kPerformedOfTaken);
  }
  if (sample.purpose != Purpose::kRelease) return;
  if (!IsUndecided(lot)) broken->insert(kTestInQuarantine);
  CheckNextAttempt(step, lot, id, broken);
}

void World::CheckNextAttempt(const Step& step, const Lot& lot, const std::string& sample,
                             Broken* broken) const {
  int repeats = 0;
  int valid = 0;
  bool doubt_repeated = false;
  // What was prepared for the repeat may be used again when only its run was invalid.
  bool same_setup = false;
  bool same_as_before = false;
  for (const Attempt& attempt : lot.attempts) {
    if (attempt.panel != step.panel || attempt.purpose != Purpose::kRelease) continue;
    if (attempt.outcome == Outcome::kOpen) {
      broken->insert(kOneAtATime);
      return;
    }
    valid += attempt.outcome == Outcome::kValid;
    repeats += attempt.repeats_invalid;
    doubt_repeated = doubt_repeated || attempt.method_repeat;
    same_setup = same_setup || attempt.setup == step.setup->text;
    same_as_before =
        same_as_before || (!attempt.method_repeat && attempt.setup == step.setup->text);
  }
  const Attempt* newest = NewestForRelease(lot, step.panel);
  if (newest == nullptr || newest->Shows(Verdict::kWaiting)) return;
  const bool from_extraction = step.panel == "SPOT";
  if (HasRepeat(step.panel) && newest->Shows(Verdict::kUndecided)) {
    if (doubt_repeated) {
      broken->insert(kDoubtOnce);
      return;
    }
    if (from_extraction && same_setup) broken->insert(kFresh);
    if (sample != newest->sample) broken->insert(kSameSample);
    return;
  }
  if (newest->outcome == Outcome::kValid && !HasOpenLine(lot, step.panel)) {
    broken->insert(step.panel == "TWIN" && valid == 2 ? kPlanDone : kNoRetest);
    return;
  }
  if (repeats >= BudgetOf(step.panel)) broken->insert(kBudget);
  if (!newest->method_repeat) return;
  if (from_extraction && same_as_before) broken->insert(kFresh);
  if (sample != newest->sample) broken->insert(kSameSample);
}

void World::CheckRunAct(const Step& step, Broken* broken) const {
  const Run& run = runs_[static_cast<std::size_t>(step.run)];
  if (step.act == Act::kAbortRun) return CheckAbort(step, run, broken);
  if (step.act == Act::kRead) return CheckReading(step, run, broken);
  if (!run.open) broken->insert(kSubmitOpen);
  if (run.copied) {
    broken->insert(kSubmitMapped);
  } else if (run.of_instrument) {
    if (!step.plate) broken->insert(kSubmitFile);
  } else if (run.parts[0].values.empty()) {
    broken->insert(kSubmitData);
  }
}

void World::CheckReading(const Step& step, const Run& run, Broken* broken) const {
  if (!run.open) broken->insert(kReadOpen);
  if (step.observed_us > now_us) broken->insert(kReadPast);
  if (run.copied || run.of_instrument) {
    broken->insert(run.copied ? kReadMapped : kReadTyped);
    return;
  }
  if (step.observed_us < run.started_us) broken->insert(kReadBegun);
  const bool late = now_us - step.observed_us > kDayUs;
  if (late && !step.late_reason) broken->insert(kReadSoon);
  if (!late && step.late_reason) broken->insert(kReadTimely);
  if (!run.parts[0].values.empty()) broken->insert(kReadOnce);
  for (const Value* value : {step.value, run.parts.size() > 1 ? step.other_value : step.value}) {
    if (!value->plausible && !step.plausibility_confirmed) broken->insert(kPlausible);
  }
}

void World::CheckAbort(const Step& step, const Run& run, Broken* broken) const {
  if (!run.open) {
    broken->insert(kAbortOpen);
    return;
  }
  for (const Part& part : run.parts) {
    const Lot& lot = lots_.at(part.lot);
    const Attempt& attempt = lot.attempts[part.attempt];
    if (run.copied && attempt.copied_by == step.person->id) broken->insert(kAbortApart);
    if (attempt.differed) continue;
    for (const Value* value : part.values) {
      const bool alone = value->verdict == Verdict::kOutOfSpecification;
      if (!alone && Judge(lot, attempt, *value) != Verdict::kOutOfSpecification) continue;
      broken->insert(run.copied ? kAbortCopied : alone ? kAbortPassing : kAbortPair);
    }
  }
}

}  // namespace lims::walk
