// What is allowed: the rules and the checks of each act.
#include "app/walk_model.h"

#include <algorithm>
#include <array>

namespace lims::walk {
namespace {

std::deque<Rule>& MutableRules() {
  static std::deque<Rule> rules;
  return rules;
}

}  // namespace

const Rule* AddRule(std::string name, ErrorReason reason, bool independent) {
  MutableRules().push_back({std::move(name), reason, independent});
  return &MutableRules().back();
}

namespace {

constexpr auto kDenied = ErrorReason::kPermissionDenied;

const Rule* const kAccountActs =
    AddRule("an ended account does nothing", ErrorReason::kUnauthenticated);
const Rule* const kAccountSigns =
    AddRule("an ended account signs nothing", ErrorReason::kWrongCredentials);

const Rule* const kLotExists = AddRule("the lot exists", ErrorReason::kNotFound);
const Rule* const kLotIsNew = AddRule("a lot number is used once", ErrorReason::kAlreadyExists);
const Rule* const kParentExists = AddRule("a parent is registered first", kInvalid);
const Rule* const kParentAlike = AddRule("a parent is of the same product", kInvalid);
const Rule* const kSecondPerson = AddRule("another person confirms than registered", kSegregation);
const Rule* const kConfirmedOnce = AddRule("a lot is confirmed once", kState);
const Rule* const kConfirmedAlike = AddRule("what is confirmed is what was registered", kInvalid);
const Rule* const kConfirmedInTime = AddRule("a lot is confirmed in quarantine", kState);
const Rule* const kVoidedUntouched = AddRule("a lot with a sample is not voided", kState);
const Rule* const kVoidedInTime = AddRule("a lot is voided in quarantine", kState);

const Rule* const kSampleIsNew = AddRule("a sample id is used once", ErrorReason::kAlreadyExists);
const Rule* const kSampleOfLiveLot = AddRule("no sample of a voided or rejected lot", kState);
const Rule* const kSampleOfConfirmed = AddRule("confirmed before a sample for release", kState);
const Rule* const kTaken = AddRule("a planned sample is taken", kState);
const Rule* const kReceived = AddRule("a taken sample is received", kState);
const Rule* const kSampleRejected = AddRule("a taken sample is rejected", kState);

const Rule* const kLineHasResult = AddRule("a review names lines that have results", kInvalid);
const Rule* const kWaits = AddRule("a review needs a result that waits", kState);
const Rule* const kReviewerApart = AddRule("an analyst does not review", kSegregation);
const Rule* const kAttestationOfKind =
    AddRule("an attestation is one of the kind of lot", kInvalid);
const Rule* const kAttestationsOfRole =
    AddRule("attestations of one signature are of one role", kInvalid);
const Rule* const kAttestInTime =
    AddRule("a decided lot is not attested, but for another release", kState);
const Rule* const kAttesterRole = AddRule("a line is attested in its role", kDenied);
const Rule* const kAttesterApart = AddRule("an analyst does not attest", kSegregation);
const Rule* const kReaderApart =
    AddRule("who read an open or aborted run is an analyst", kSegregation);
const Rule* const kHoldExists = AddRule("a hold that is lifted exists", ErrorReason::kNotFound);
const Rule* const kHoldHolds = AddRule("a hold is lifted once", kState);
const Rule* const kRejectable = AddRule("a lot that is not finally released is rejected", kState);
const Rule* const kWithdrawable = AddRule("a final release is withdrawn", kState);
const Rule* const kRecallable =
    AddRule("what was released, or failed after a conditional release, is recalled", kState);

const Rule* const kHasDecision = AddRule("a bank is not released conditionally", kInvalid);
const Rule* const kRegistered = AddRule("release: conditional release is registered", kBlocked);
const Rule* const kReleasable = AddRule("release: the disposition allows it", kBlocked);
const Rule* const kNotExpired = AddRule("release: not expired", kBlocked);
const Rule* const kNotHeld = AddRule("release: no hold", kBlocked);
const Rule* const kNoOpenRun = AddRule("release: no open run", kBlocked);
const Rule* const kBankNamed = AddRule("release: a product has a bank", kBlocked);
const Rule* const kParentReleased = AddRule("release: parents are released", kBlocked);
const Rule* const kParentStays = AddRule("release: no parent was withdrawn or recalled", kBlocked);
const Rule* const kParentNotHeld = AddRule("release: parents are not held", kBlocked);
const Rule* const kParentLived = AddRule("release: parents had not expired", kBlocked);
const Rule* const kParentNeverOut = AddRule("release: no parent is out of specification", kBlocked);
const Rule* const kTested = AddRule("release: every line is tested", kBlocked);
const Rule* const kNewestValid = AddRule("release: the newest attempt is valid", kBlocked);
const Rule* const kLineAnswered = AddRule("release: every line has an answer", kBlocked);
const Rule* const kNeverOut = AddRule("release: never out of specification", kBlocked);
const Rule* const kDecided = AddRule("release: every result is decided", kBlocked);
const Rule* const kPlanRun = AddRule("release: the planned runs are complete", kBlocked);
const Rule* const kReviewed = AddRule("release: every result is reviewed", kBlocked);
const Rule* const kAttested = AddRule("release: everything is attested", kBlocked);
const Rule* const kSamplerApart = AddRule("a sampler does not release", kSegregation);
const Rule* const kAnalystApart = AddRule("an analyst does not release", kSegregation);
const Rule* const kReleaserApart = AddRule("a reviewer does not release", kSegregation);

const Rule* const kUnchanged =
    AddRule("what is signed is what was shown and is true", ErrorReason::kChanged);
const Rule* const kSoon = AddRule("a manifest is signed within ten minutes", kState);
// A signature changes something that its manifest shows.
const Rule* const kSignedOnce = AddRule("a manifest is signed once", kState, false);

struct Right {
  Act act;
  std::optional<Meaning> meaning;
  std::set<Role> roles;
  const Rule* rule;
};

const std::vector<Right>& Rights() {
  static const auto* const rights = [] {
    const std::set<Role> bench{Role::kTechnician, Role::kSupervisor};
    const std::set<Role> keepers{Role::kTechnician, Role::kSupervisor, Role::kQa};
    const std::set<Role> supervisor{Role::kSupervisor};
    const std::set<Role> qa{Role::kQa};
    auto* all = new std::vector<Right>;
    const auto add = [&](Act act, std::set<Role> roles, const std::string& name,
                         bool independent = true) {
      all->push_back(
          {act, std::nullopt, std::move(roles), AddRule("right to " + name, kDenied, independent)});
    };
    add(Act::kRegister, keepers, "register a lot");
    add(Act::kConfirm, keepers, "confirm a lot");
    add(Act::kVoid, qa, "void a lot");
    add(Act::kPlan, bench, "plan a sample");
    add(Act::kTake, bench, "take a sample");
    add(Act::kReceive, supervisor, "receive a sample");
    add(Act::kRejectSample, supervisor, "reject a sample");
    // Nobody without it ever has one.
    add(Act::kHandOver, bench, "hand over a sample", false);
    add(Act::kAccept, bench, "take over a sample");
    add(Act::kSubmit, bench, "submit a result");
    add(Act::kCreateRun, bench, "create a run");
    add(Act::kRead, bench, "record a reading");
    add(Act::kSubmitRun, bench, "submit a run");
    add(Act::kAbortRun, supervisor, "abort a run");
    add(Act::kCopy, bench, "copy a result");
    add(Act::kReenter, bench, "enter a result again");
    add(Act::kAmend, bench, "amend a result");
    add(Act::kConfirmAmendment, bench, "confirm an amendment");
    add(Act::kDeclineAmendment, bench, "decline an amendment");
    add(Act::kLook, bench, "look at data");
    add(Act::kClearLook, qa, "clear a look");
    add(Act::kClearLate, qa, "clear a late reading");
    const auto add_signed = [&](Meaning meaning, const std::set<Role>& roles,
                                const std::string& name) {
      all->push_back({Act::kPrepare, meaning, roles, AddRule("right to prepare " + name, kDenied)});
      // Nobody has the role of an attestation line without the right to attest.
      all->push_back({Act::kSign, meaning, roles,
                      AddRule("right to sign " + name, kDenied, meaning != Meaning::kAttest)});
    };
    add_signed(Meaning::kReview, {Role::kReviewer, Role::kSupervisor}, "a review");
    add_signed(Meaning::kAttest, {Role::kSupervisor, Role::kQa, Role::kQp}, "an attestation");
    add_signed(Meaning::kDeclare, qa, "a fact");
    add_signed(Meaning::kRelease, {Role::kQp}, "a release");
    add_signed(Meaning::kReject, {Role::kQa, Role::kQp}, "a rejection");
    add_signed(Meaning::kWithdraw, {Role::kQa, Role::kQp}, "a withdrawal");
    add_signed(Meaning::kRecall, {Role::kQa, Role::kQp}, "a recall");
    add_signed(Meaning::kHold, qa, "a hold");
    add_signed(Meaning::kUnhold, qa, "the lifting of a hold");
    return all;
  }();
  return *rights;
}

const Right& RightFor(Act act, Meaning meaning) {
  if (meaning == Meaning::kConditional) meaning = Meaning::kRelease;
  return *std::find_if(Rights().begin(), Rights().end(), [&](const Right& right) {
    return right.act == act && (!right.meaning || *right.meaning == meaning);
  });
}

bool IsDead(const Lot& lot) {
  return lot.disposition == Disposition::kVoided || lot.disposition == Disposition::kRejected;
}

bool WorkedOn(const Lot& lot, const std::string& person) {
  return std::any_of(lot.attempts.begin(), lot.attempts.end(),
                     [&](const Attempt& attempt) { return attempt.analysts.contains(person); });
}

// Analysts by a reading alone are a rule of their own: their run was never submitted.
void CheckAnalyst(const Lot& lot, const std::string& person, const Rule* rule, Broken* broken) {
  if (WorkedOn(lot, person)) {
    broken->insert(rule);
  } else if (std::any_of(lot.attempts.begin(), lot.attempts.end(), [&](const Attempt& attempt) {
               return attempt.readers.contains(person);
             })) {
    broken->insert(kReaderApart);
  }
}

}  // namespace

bool Attempt::Shows(Verdict verdict) const {
  return std::any_of(answers.begin(), answers.end(),
                     [&](const auto& answer) { return answer.second.verdict == verdict; });
}

const Attempt* NewestForRelease(const Lot& lot, const std::string& panel) {
  const Attempt* newest = nullptr;
  for (const Attempt& attempt : lot.attempts) {
    if (attempt.panel == panel && attempt.purpose == Purpose::kRelease) newest = &attempt;
  }
  return newest;
}

bool IsUndecided(const Lot& lot) {
  return lot.disposition == Disposition::kQuarantine ||
         lot.disposition == Disposition::kConditional;
}

const std::deque<Rule>& Rules() {
  Rights();
  return MutableRules();
}

const std::set<Role>& RolesFor(Act act, Meaning meaning) {
  return RightFor(act, meaning).roles;
}

std::string World::LotOf(const std::string& sample) const {
  for (const auto& [id, lot] : lots_) {
    if (lot.samples.contains(sample)) return id;
  }
  return "";
}

Broken World::BrokenBy(const Step& step) const {
  Broken broken;
  const bool signs = step.act == Act::kSign;
  const Intent* intent = &step.intent;
  if (signs) intent = &manifests_[static_cast<std::size_t>(step.manifest)].intent;
  const Right& right = RightFor(step.act, intent->meaning);
  // Nobody asks for the right of an account that has ended.
  if (step.person->ended) {
    broken.insert(signs ? kAccountSigns : kAccountActs);
  } else if (std::none_of(step.person->roles.begin(), step.person->roles.end(),
                          [&](Role role) { return right.roles.contains(role); })) {
    broken.insert(right.rule);
  }
  switch (step.act) {
    case Act::kRegister:
    case Act::kConfirm:
    case Act::kVoid:
      CheckLotAct(step, &broken);
      break;
    case Act::kPlan:
    case Act::kTake:
    case Act::kReceive:
    case Act::kRejectSample:
    case Act::kHandOver:
    case Act::kAccept:
      CheckSampleAct(step, &broken);
      break;
    case Act::kSubmit:
    case Act::kCreateRun:
    case Act::kCopy:
      CheckTests(step, &broken);
      break;
    case Act::kRead:
    case Act::kSubmitRun:
    case Act::kAbortRun:
      CheckRunAct(step, &broken);
      break;
    case Act::kReenter:
    case Act::kAmend:
    case Act::kConfirmAmendment:
    case Act::kDeclineAmendment:
    case Act::kLook:
    case Act::kClearLook:
    case Act::kClearLate:
      CheckEntryAct(step, &broken);
      break;
    case Act::kPrepare:
      CheckIntent(*intent, &broken);
      break;
    case Act::kSign: {
      const Manifest& manifest = manifests_[static_cast<std::size_t>(step.manifest)];
      CheckIntent(*intent, &broken);
      CheckSigner(*intent, *step.person, &broken);
      if (manifest.is_signed) broken.insert(kSignedOnce);
      if (now_us - manifest.prepared_us > 10 * kMinuteUs) broken.insert(kSoon);
      if (Shown(*intent) != manifest.shown) broken.insert(kUnchanged);
      break;
    }
  }
  return broken;
}

void World::CheckLotAct(const Step& step, Broken* broken) const {
  const auto found = lots_.find(step.lot);
  if (step.act == Act::kRegister) {
    if (found != lots_.end()) broken->insert(kLotIsNew);
    for (const std::string& parent : step.parents) {
      const auto known = lots_.find(parent);
      if (known == lots_.end()) {
        broken->insert(kParentExists);
      } else if (known->second.conditional_registered != step.conditional_registered) {
        broken->insert(kParentAlike);
      }
    }
    return;
  }
  if (found == lots_.end()) {
    broken->insert(kLotExists);
    return;
  }
  const Lot& lot = found->second;
  const bool in_quarantine = lot.disposition == Disposition::kQuarantine;
  if (step.act == Act::kVoid) {
    if (!lot.samples.empty()) broken->insert(kVoidedUntouched);
    if (!in_quarantine) broken->insert(kVoidedInTime);
    return;
  }
  if (lot.registered_by == step.person->id) broken->insert(kSecondPerson);
  if (!lot.confirmed_by.empty()) broken->insert(kConfirmedOnce);
  if (step.typed_otherwise) broken->insert(kConfirmedAlike);
  if (!in_quarantine) broken->insert(kConfirmedInTime);
}

void World::CheckSampleAct(const Step& step, Broken* broken) const {
  const std::string owner = LotOf(step.sample);
  if (step.act == Act::kPlan) {
    if (!owner.empty()) broken->insert(kSampleIsNew);
    const auto found = lots_.find(step.lot);
    if (found == lots_.end()) {
      broken->insert(kLotExists);
      return;
    }
    const Lot& lot = found->second;
    if (IsDead(lot)) broken->insert(kSampleOfLiveLot);
    if (step.purpose == Purpose::kRelease && lot.confirmed_by.empty()) {
      broken->insert(kSampleOfConfirmed);
    }
    return;
  }
  const Sample& sample = lots_.at(owner).samples.at(step.sample);
  if (step.act == Act::kHandOver || step.act == Act::kAccept) {
    CheckCustody(step, sample, broken);
    return;
  }
  const SampleState state = sample.state;
  if (step.act == Act::kTake && state != SampleState::kPlanned) broken->insert(kTaken);
  if (step.act == Act::kReceive && state != SampleState::kTaken) broken->insert(kReceived);
  if (step.act == Act::kRejectSample && state != SampleState::kTaken) {
    broken->insert(kSampleRejected);
  }
}

std::vector<std::pair<const Attempt*, std::string>> World::Waiting(const Intent& review) const {
  std::vector<std::pair<const Attempt*, std::string>> waiting;
  for (const Attempt& attempt : lots_.at(review.lot).attempts) {
    for (const auto& [line, answer] : attempt.answers) {
      if (answer.reviewed) continue;
      if (review.codes.empty() || Contains(review.codes, line))
        waiting.emplace_back(&attempt, line);
    }
  }
  return waiting;
}

void World::CheckIntent(const Intent& intent, Broken* broken) const {
  const auto found = lots_.find(intent.lot);
  if (found == lots_.end()) {
    broken->insert(intent.meaning == Meaning::kUnhold ? kHoldExists : kLotExists);
    return;
  }
  const Lot& lot = found->second;
  switch (intent.meaning) {
    case Meaning::kReview:
      for (const std::string& line : intent.codes) {
        if (std::none_of(lot.attempts.begin(), lot.attempts.end(),
                         [&](const Attempt& attempt) { return attempt.answers.contains(line); })) {
          broken->insert(kLineHasResult);
        }
      }
      if (!broken->contains(kLineHasResult) && Waiting(intent).empty()) broken->insert(kWaits);
      break;
    case Meaning::kAttest:
      for (const std::string& code : intent.codes) {
        if (!Contains(NeededAttestations(lot.kind, false), code)) {
          broken->insert(kAttestationOfKind);
        } else if (AttestationRole(code) != AttestationRole(intent.codes.front())) {
          broken->insert(kAttestationsOfRole);
        }
      }
      if (!IsUndecided(lot) && lot.disposition != Disposition::kWithdrawn) {
        broken->insert(kAttestInTime);
      }
      break;
    case Meaning::kDeclare:
      CheckFact(lot, intent, broken);
      break;
    case Meaning::kRelease:
    case Meaning::kConditional:
      CheckRelease(lot, intent.meaning == Meaning::kConditional, broken);
      break;
    case Meaning::kReject:
      if (!IsUndecided(lot) && lot.disposition != Disposition::kConditionalFailed &&
          lot.disposition != Disposition::kWithdrawn) {
        broken->insert(kRejectable);
      }
      break;
    case Meaning::kWithdraw:
      if (lot.disposition != Disposition::kReleased) broken->insert(kWithdrawable);
      break;
    case Meaning::kRecall:
      if (lot.disposition != Disposition::kReleased &&
          lot.disposition != Disposition::kConditionalFailed) {
        broken->insert(kRecallable);
      }
      break;
    case Meaning::kHold:
      break;  // a hold overlays any disposition
    case Meaning::kUnhold:
      if (intent.hold < 1 || intent.hold > static_cast<int>(lot.holds.size())) {
        broken->insert(kHoldExists);
      } else {
        const Hold& hold = lot.holds[static_cast<std::size_t>(intent.hold) - 1];
        if (hold.lifted) broken->insert(kHoldHolds);
        CheckAnswered(lot, hold, broken);
      }
      break;
  }
}

bool IsReleasable(const Lot& lot, bool conditional) {
  return lot.disposition == Disposition::kQuarantine ||
         (!conditional && (lot.disposition == Disposition::kConditional ||
                           lot.disposition == Disposition::kWithdrawn));
}

bool IsAttested(const Lot& lot, const std::string& code) {
  const auto attester = lot.attesters.find(code);
  if (attester == lot.attesters.end()) return false;
  return code != "EM" ||
         std::none_of(lot.attempts.begin(), lot.attempts.end(), [&](const Attempt& attempt) {
           return attempt.analysts.contains(attester->second) ||
                  attempt.readers.contains(attester->second);
         });
}

void World::CheckRelease(const Lot& lot, bool conditional, Broken* broken) const {
  if (conditional && lot.kind == Kind::kBank) {
    broken->insert(kHasDecision);
    return;
  }
  if (conditional && !lot.conditional_registered) broken->insert(kRegistered);
  if (!IsReleasable(lot, conditional)) broken->insert(kReleasable);
  if (now_us > lot.expiry_us) broken->insert(kNotExpired);
  for (const Hold& hold : lot.holds) {
    if (!hold.lifted) broken->insert(kNotHeld);
  }
  const std::vector<std::string> panels = JudgedPanels(lot, conditional);
  const std::vector<std::string> later = LaterPanels(lot);
  if (conditional) CheckTestsGoOn(lot, broken);
  for (const Attempt& attempt : lot.attempts) {
    const bool goes_on =
        conditional && attempt.purpose == Purpose::kRelease && Contains(later, attempt.panel);
    const bool open = attempt.outcome == Outcome::kOpen && attempt.copied_by.empty();
    if (open && !goes_on) broken->insert(kNoOpenRun);
    if (attempt.purpose != Purpose::kRelease) continue;
    for (const auto& [line, answer] : attempt.answers) {
      if (answer.verdict == Verdict::kOutOfSpecification) broken->insert(kNeverOut);
      if (!answer.reviewed && Contains(panels, attempt.panel)) broken->insert(kReviewed);
    }
  }
  for (const std::string& panel : panels) {
    const Attempt* newest = NewestForRelease(lot, panel);
    if (newest == nullptr) {
      broken->insert(kTested);
    } else if (newest->outcome == Outcome::kInvalid || newest->outcome == Outcome::kAborted) {
      broken->insert(kNewestValid);
    } else if (newest->outcome == Outcome::kValid) {
      for (const std::string& line : LinesOf(panel)) {
        const Answer* answer = StandingAnswer(lot, panel, line);
        if (answer == nullptr) {
          broken->insert(kLineAnswered);
        } else if (answer->verdict == Verdict::kUndecided) {
          broken->insert(kDecided);
        } else if (answer->verdict == Verdict::kWaiting) {
          broken->insert(kPlanRun);
        }
      }
    }
  }
  for (const std::string& code : NeededAttestations(lot.kind, conditional)) {
    if (!IsAttested(lot, code)) broken->insert(kAttested);
  }
  CheckFactDeclared(lot, broken);
  CheckEntriesDecided(lot, broken);
  bool bank_found = lot.kind == Kind::kBank;
  CheckAncestors(lot, &bank_found, broken);
  if (!bank_found) broken->insert(kBankNamed);
}

void World::CheckAncestors(const Lot& lot, bool* bank_found, Broken* broken) const {
  for (const std::string& id : lot.parents) {
    const Lot& parent = lots_.at(id);
    *bank_found = *bank_found || parent.kind == Kind::kBank;
    if (parent.disposition == Disposition::kWithdrawn ||
        parent.disposition == Disposition::kRecalled) {
      broken->insert(kParentStays);
    } else if (parent.disposition != Disposition::kReleased) {
      broken->insert(kParentReleased);
    }
    for (const Hold& hold : parent.holds) {
      if (!hold.lifted) broken->insert(kParentNotHeld);
    }
    for (const Attempt& attempt : parent.attempts) {
      if (attempt.Shows(Verdict::kOutOfSpecification)) broken->insert(kParentNeverOut);
    }
    if (lot.made_us > parent.expiry_us) broken->insert(kParentLived);
    CheckAncestors(parent, bank_found, broken);
  }
}

void World::CheckSigner(const Intent& intent, const Person& person, Broken* broken) const {
  const auto found = lots_.find(intent.lot);
  if (found == lots_.end()) return;
  const Lot& lot = found->second;
  switch (intent.meaning) {
    case Meaning::kReview:
      for (const auto& [attempt, line] : Waiting(intent)) {
        if (attempt->analysts.contains(person.id)) broken->insert(kReviewerApart);
        CheckAmenders(*attempt, person.id, false, broken);
        if (attempt->purpose != Purpose::kRelease) continue;
        // Its value is that of both planned runs, or takes the place of the doubt.
        for (const Attempt& other : lot.attempts) {
          const Verdict before = attempt->method_repeat ? Verdict::kUndecided : Verdict::kWaiting;
          if (other.panel != attempt->panel || other.purpose != Purpose::kRelease ||
              other.number >= attempt->number || !other.Shows(before)) {
            continue;
          }
          if (other.analysts.contains(person.id)) broken->insert(kReviewerApart);
          CheckAmenders(other, person.id, false, broken);
        }
      }
      break;
    case Meaning::kAttest:
      for (const std::string& code : intent.codes) {
        if (!person.ended && !person.roles.contains(AttestationRole(code))) {
          broken->insert(kAttesterRole);
        }
        if (code == "EM") CheckAnalyst(lot, person.id, kAttesterApart, broken);
      }
      break;
    case Meaning::kRelease:
    case Meaning::kConditional:
      for (const auto& [id, sample] : lot.samples) {
        if (sample.taken_by == person.id) broken->insert(kSamplerApart);
      }
      CheckAnalyst(lot, person.id, kAnalystApart, broken);
      for (const Attempt& attempt : lot.attempts) CheckAmenders(attempt, person.id, true, broken);
      if (lot.reviewers.contains(person.id)) broken->insert(kReleaserApart);
      break;
    default:
      break;
  }
}

}  // namespace lims::walk
