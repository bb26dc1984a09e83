// How values come in otherwise than by one person at once: copied from a document, amended, looked
// at before they were submitted, read late. What is allowed, and what it changes.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {
namespace {

const Rule* const kLine =
    AddRule("what is entered again or amended is a line of the lot", kInvalid);
const Rule* const kCopied = AddRule("copied values that wait are entered again", kState);
const Rule* const kReportWaits = AddRule("a second entry is of a report that waits", kState);
const Rule* const kReportNamed =
    AddRule("a second entry names its report where several wait", kState);
const Rule* const kCopiedApart = AddRule("another person enters them again", kSegregation);
const Rule* const kCopiedAlike = AddRule("the second entry is the first", kState);

const Rule* const kAmendLive = AddRule("results of a decided lot are not amended", kState);
const Rule* const kAmendTested = AddRule("what is amended was tested", kState);
const Rule* const kAmendJudged = AddRule("what is amended is judged", kState);
const Rule* const kAmendTyped = AddRule("what was not typed is not amended", kState);
const Rule* const kAmendValid = AddRule("what does not count is not amended", kState);
const Rule* const kAmendOnce = AddRule("one amendment of a panel at a time", kState);
const Rule* const kAmendOther = AddRule("an amendment changes something", kInvalid);
// No implausible value complies, so that another rule forbids it anyway.
const Rule* const kAmendPlausible =
    AddRule("an implausible amendment is confirmed", kInvalid, false);
const Rule* const kAmendInside =
    AddRule("out of specification neither goes nor comes by an amendment", kState);
const Rule* const kAmendmentExists =
    AddRule("an amendment that is decided on exists", ErrorReason::kNotFound);
const Rule* const kAmendmentOpen = AddRule("an amendment is decided on once", kState);
const Rule* const kAmendmentApart = AddRule("another person confirms an amendment", kSegregation);
const Rule* const kAmendmentNewest = AddRule("only the newest attempt is amended", kState);

const Rule* const kLookExists = AddRule("a look that is cleared exists", ErrorReason::kNotFound);
const Rule* const kLookOnce = AddRule("a look is cleared once", kState);
const Rule* const kLookApart = AddRule("who looked does not clear it", kSegregation);
const Rule* const kLookEnded = AddRule("a look is cleared after its run", kState);
const Rule* const kLateWaits = AddRule("a late reading that waits is cleared", kState);
const Rule* const kLateApart = AddRule("who worked on the run does not clear it", kSegregation);

const Rule* const kTwice = AddRule("release: copied values were entered twice", kBlocked);
const Rule* const kNoAmendment = AddRule("release: no amendment waits", kBlocked);
const Rule* const kNoLook = AddRule("release: no look waits", kBlocked);
const Rule* const kNoLate = AddRule("release: no late reading waits", kBlocked);
const Rule* const kAmenderReviews = AddRule("an amender does not review", kSegregation);
const Rule* const kAmenderReleases = AddRule("an amender does not release", kSegregation);

// The attempt that an amendment of the panel means.
const Attempt* NewestToAmend(const Lot& lot, const std::string& panel) {
  const Attempt* newest = NewestForRelease(lot, panel);
  if (newest != nullptr) return newest;
  for (const Attempt& attempt : lot.attempts) {
    if (attempt.panel == panel) newest = &attempt;
  }
  return newest;
}

bool HasLine(const Lot& lot, const std::string& panel) {
  return Contains(NeededPanels(lot.kind, false), panel);
}

}  // namespace

std::vector<const Value*> TypedValues(const Step& step) {
  std::vector<const Value*> values{step.value};
  if (step.other_value != nullptr) values.push_back(step.other_value);
  return values;
}

std::vector<int> World::WaitingReports(const std::string& lot, const std::string& panel) const {
  std::vector<int> waiting;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Part& part = runs_[i].parts[0];
    if (!runs_[i].copied || !runs_[i].open || part.lot != lot) continue;
    if (lots_.at(lot).attempts[part.attempt].panel == panel) waiting.push_back(static_cast<int>(i));
  }
  return waiting;
}

int World::MeantReport(const Step& reenter) const {
  const std::vector<int> waiting = WaitingReports(reenter.lot, reenter.panel);
  if (reenter.report < 0) return waiting.size() == 1 ? waiting[0] : -1;
  return Contains(waiting, reenter.report) ? reenter.report : -1;
}

void CheckEntriesDecided(const Lot& lot, Broken* broken) {
  for (const Attempt& attempt : lot.attempts) {
    if (attempt.outcome == Outcome::kOpen && !attempt.copied_by.empty()) broken->insert(kTwice);
    if (attempt.late) broken->insert(kNoLate);
  }
  for (const Amendment& amendment : lot.amendments) {
    if (amendment.state == AmendmentState::kProposed) broken->insert(kNoAmendment);
  }
  for (const Look& look : lot.looks) {
    if (!look.cleared) broken->insert(kNoLook);
  }
}

void CheckAmenders(const Attempt& attempt, const std::string& person, bool releases,
                   Broken* broken) {
  if (!attempt.amenders.contains(person)) return;
  broken->insert(releases ? kAmenderReleases : kAmenderReviews);
}

void World::CheckEntryAct(const Step& step, Broken* broken) const {
  if (step.act == Act::kLook) return;  // whoever may look may always look
  if (step.act == Act::kClearLate) {
    const Run& run = runs_[static_cast<std::size_t>(step.run)];
    if (!run.late) broken->insert(kLateWaits);
    if (run.people.contains(step.person->id)) broken->insert(kLateApart);
    return;
  }
  const Lot& lot = lots_.at(step.lot);
  switch (step.act) {
    case Act::kReenter:
      return CheckSecondEntry(step, lot, broken);
    case Act::kAmend:
      return CheckAmend(step, lot, broken);
    case Act::kClearLook:
      return CheckLook(step, lot, broken);
    default:
      return CheckAmendment(step, lot, broken);
  }
}

void World::CheckSecondEntry(const Step& step, const Lot& lot, Broken* broken) const {
  if (!HasLine(lot, step.panel)) {
    broken->insert(kLine);
    return;
  }
  if (WaitingReports(step.lot, step.panel).empty()) {
    broken->insert(kCopied);
    return;
  }
  const int meant = MeantReport(step);
  if (meant < 0) {
    broken->insert(step.report < 0 ? kReportNamed : kReportWaits);
    return;
  }
  const Part& part = runs_[static_cast<std::size_t>(meant)].parts[0];
  if (lot.attempts[part.attempt].copied_by == step.person->id) broken->insert(kCopiedApart);
  if (part.values != TypedValues(step)) broken->insert(kCopiedAlike);
}

void World::CheckAmend(const Step& step, const Lot& lot, Broken* broken) const {
  if (!IsUndecided(lot)) broken->insert(kAmendLive);
  if (!HasLine(lot, step.panel)) {
    broken->insert(kLine);
    return;
  }
  if (!step.value->plausible && !step.plausibility_confirmed) broken->insert(kAmendPlausible);
  for (const Amendment& earlier : lot.amendments) {
    if (earlier.panel == step.panel && earlier.state == AmendmentState::kProposed) {
      broken->insert(kAmendOnce);
    }
  }
  const Attempt* attempt = NewestToAmend(lot, step.panel);
  if (attempt == nullptr) {
    broken->insert(kAmendTested);
  } else if (attempt->outcome == Outcome::kOpen) {
    broken->insert(kAmendJudged);
  } else if (!attempt->typed) {
    broken->insert(kAmendTyped);
  } else if (attempt->outcome != Outcome::kValid) {
    broken->insert(kAmendValid);
  } else {
    const Answer& answer = attempt->answers.at(std::string(step.value->line));
    if (answer.value == step.value) {
      broken->insert(kAmendOther);
    } else if (answer.verdict == Verdict::kOutOfSpecification ||
               Judge(lot, *attempt, *step.value) == Verdict::kOutOfSpecification) {
      broken->insert(kAmendInside);
    }
  }
}

void World::CheckAmendment(const Step& step, const Lot& lot, Broken* broken) const {
  if (!IsUndecided(lot)) broken->insert(kAmendLive);
  if (step.number < 1 || step.number > static_cast<int>(lot.amendments.size())) {
    broken->insert(kAmendmentExists);
    return;
  }
  const Amendment& amendment = lot.amendments[static_cast<std::size_t>(step.number) - 1];
  if (amendment.state != AmendmentState::kProposed) broken->insert(kAmendmentOpen);
  if (step.act == Act::kDeclineAmendment) return;
  if (amendment.proposed_by == step.person->id) broken->insert(kAmendmentApart);
  if (amendment.state == AmendmentState::kProposed &&
      NewestToAmend(lot, amendment.panel)->number != amendment.attempt) {
    broken->insert(kAmendmentNewest);
  }
}

void World::CheckLook(const Step& step, const Lot& lot, Broken* broken) const {
  if (step.number < 1 || step.number > static_cast<int>(lot.looks.size())) {
    broken->insert(kLookExists);
    return;
  }
  const Look& look = lot.looks[static_cast<std::size_t>(step.number) - 1];
  if (look.cleared) broken->insert(kLookOnce);
  if (look.user == step.person->id) broken->insert(kLookApart);
  if (runs_[static_cast<std::size_t>(look.run)].open) broken->insert(kLookEnded);
}

void World::ApplyEntryAct(const Step& step) {
  const std::string& who = step.person->id;
  switch (step.act) {
    case Act::kReenter: {
      Lot& lot = lots_.at(step.lot);
      Run& run = runs_[static_cast<std::size_t>(MeantReport(step))];
      const Part& part = run.parts[0];
      Attempt& attempt = lot.attempts[part.attempt];
      attempt.analysts.insert(who);
      attempt.typed = true;
      run.people.insert(who);
      run.open = false;
      std::vector<const Value*> counts;
      if (run.acceptable_setup) counts = part.values;
      if (Finish(lot, attempt, counts)) HoldFamily(lot);
      return;
    }
    case Act::kLook:
      for (std::size_t i = 0; i < runs_.size(); ++i) {
        if (!runs_[i].open || runs_[i].copied || runs_[i].of_instrument) continue;
        for (const Part& part : runs_[i].parts) {
          auto& looks = lots_.at(part.lot).looks;
          const bool known = std::any_of(looks.begin(), looks.end(), [&](const Look& look) {
            return look.user == who && look.run == static_cast<int>(i) && look.data == step.number;
          });
          if (!known) looks.push_back({who, static_cast<int>(i), step.number, false});
        }
      }
      return;
    case Act::kClearLook:
      lots_.at(step.lot).looks[static_cast<std::size_t>(step.number) - 1].cleared = true;
      return;
    case Act::kClearLate: {
      Run& run = runs_[static_cast<std::size_t>(step.run)];
      run.late = false;
      for (const Part& part : run.parts) {
        Attempt& attempt = lots_.at(part.lot).attempts[part.attempt];
        attempt.late = false;
        ++attempt.version;
      }
      return;
    }
    default:
      return ApplyAmendment(step, lots_.at(step.lot));
  }
}

void World::ApplyAmendment(const Step& step, Lot& lot) {
  const std::string& who = step.person->id;
  if (step.act == Act::kAmend) {
    const int number = NewestToAmend(lot, step.panel)->number;
    lot.amendments.push_back({step.panel, number, step.value, who, AmendmentState::kProposed});
    return;
  }
  Amendment& amendment = lot.amendments[static_cast<std::size_t>(step.number) - 1];
  amendment.state = AmendmentState::kDeclined;
  if (step.act == Act::kDeclineAmendment) return;
  amendment.state = AmendmentState::kConfirmed;
  for (Attempt& attempt : lot.attempts) {
    if (attempt.panel != amendment.panel || attempt.number != amendment.attempt) continue;
    Answer& amended = attempt.answers.at(std::string(amendment.after->line));
    amended = {Judge(lot, attempt, *amendment.after), amendment.after};
    for (auto& [line, answer] : attempt.answers) answer.reviewed = false;
    attempt.amenders.insert({amendment.proposed_by, who});
    ++attempt.version;
  }
}

void World::ApplyRefused(const Step& step, const Broken& broken) {
  if (broken != Broken{kCopiedAlike}) return;
  const Part& part = runs_[static_cast<std::size_t>(MeantReport(step))].parts[0];
  Attempt& attempt = lots_.at(part.lot).attempts[part.attempt];
  attempt.differed = true;
  ++attempt.version;
}

}  // namespace lims::walk
