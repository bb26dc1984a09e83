// What an act changes once it is allowed.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {

Verdict World::Judge(const Lot& lot, const Attempt& attempt, const Value& value) const {
  if (attempt.panel == "V" && attempt.method_repeat && value.verdict == Verdict::kUndecided) {
    return Verdict::kOutOfSpecification;
  }
  if (attempt.panel != "TWIN" || attempt.purpose != Purpose::kRelease) return value.verdict;
  for (const Attempt& other : lot.attempts) {
    if (other.panel == "TWIN" && other.purpose == Purpose::kRelease && !other.answers.empty() &&
        other.number < attempt.number) {
      return VerdictOfPair(other.answers.at("TWIN").value->text, value.text);
    }
  }
  return Verdict::kWaiting;
}

bool World::Finish(Lot& lot, Attempt& attempt, const std::vector<const Value*>& values) {
  ++attempt.version;
  attempt.outcome = values.empty() ? Outcome::kInvalid : Outcome::kValid;
  bool biosafety = false;
  for (const Value* value : values) {
    const std::string line(value->line);
    const Verdict verdict = Judge(lot, attempt, *value);
    attempt.answers[line] = {verdict, value};
    if (verdict != Verdict::kOutOfSpecification) continue;
    if (attempt.purpose == Purpose::kRelease && lot.disposition == Disposition::kConditional) {
      lot.disposition = Disposition::kConditionalFailed;
      ++lot.version;
    }
    biosafety = biosafety || IsBiosafety(line);
  }
  return biosafety;
}

// A positive or an endotoxin above its limit acts at once, whatever the purpose, on the lot, what
// it was made from, and what else was made from that; what is rejected or voided needs no hold, the
// lot itself has one in any case.
void World::HoldFamily(Lot& lot, const std::vector<std::size_t>& unexpected) {
  std::set<std::string> family;
  for (const auto& [id, each] : lots_) {
    if (&each == &lot) family.insert(id);
  }
  for (const bool down : {false, true}) {
    for (std::size_t before = 0; before != family.size();) {
      before = family.size();
      for (const auto& [id, each] : lots_) {
        for (const std::string& parent : each.parents) {
          if (family.contains(down ? parent : id)) family.insert(down ? id : parent);
        }
      }
    }
  }
  for (const std::string& id : family) {
    Lot& each = lots_.at(id);
    const bool dead =
        each.disposition == Disposition::kRejected || each.disposition == Disposition::kVoided;
    if (&each == &lot) {
      each.holds.push_back({.unexpected = unexpected});
    } else if (!dead) {
      each.holds.emplace_back();
    }
  }
}

void World::Apply(const Step& step) {
  const std::string& who = step.person->id;
  switch (step.act) {
    case Act::kRegister: {
      Lot& lot = lots_[step.lot];
      lot.kind = step.kind;
      lot.conditional_registered = step.conditional_registered;
      lot.parents = step.parents;
      lot.made_us = step.made_us;
      lot.expiry_us = step.expiry_us;
      lot.registered_by = who;
      return;
    }
    case Act::kConfirm:
      lots_.at(step.lot).confirmed_by = who;
      ++lots_.at(step.lot).version;
      return;
    case Act::kVoid:
      lots_.at(step.lot).disposition = Disposition::kVoided;
      ++lots_.at(step.lot).version;
      return;
    case Act::kPlan:
      lots_.at(step.lot).samples[step.sample].purpose = step.purpose;
      return;
    case Act::kHandOver:
    case Act::kAccept: {
      Sample& sample = lots_.at(LotOf(step.sample)).samples.at(step.sample);
      ++sample.version;
      PassOn(step, &sample);
      return;
    }
    case Act::kTake:
    case Act::kReceive:
    case Act::kRejectSample: {
      Sample& sample = lots_.at(LotOf(step.sample)).samples.at(step.sample);
      ++sample.version;
      if (step.act == Act::kTake) sample.taken_by = who;
      if (step.act == Act::kReceive) sample.received_by = sample.keeper = who;
      sample.state = step.act == Act::kTake      ? SampleState::kTaken
                     : step.act == Act::kReceive ? SampleState::kReceived
                                                 : SampleState::kRejected;
      return;
    }
    case Act::kSubmit:
    case Act::kCreateRun:
    case Act::kCopy:
      return ApplyTest(step);
    case Act::kRead:
    case Act::kSubmitRun:
    case Act::kAbortRun:
      return ApplyRunAct(step);
    case Act::kReenter:
    case Act::kAmend:
    case Act::kConfirmAmendment:
    case Act::kDeclineAmendment:
    case Act::kLook:
    case Act::kClearLook:
    case Act::kClearLate:
      return ApplyEntryAct(step);
    case Act::kPrepare:
      manifests_.push_back({step.intent, Shown(step.intent), now_us, false});
      return;
    case Act::kSign: {
      Manifest& manifest = manifests_[static_cast<std::size_t>(step.manifest)];
      manifest.is_signed = true;
      Perform(manifest.intent, *step.person);
      return;
    }
  }
}

void World::ApplyTest(const Step& step) {
  const std::string& who = step.person->id;
  Run run;
  run.started_us = now_us;
  run.acceptable_setup = step.setup->acceptable;
  run.copied = step.act == Act::kCopy;
  run.of_instrument = !run.copied && IsOfInstrument(step.panel);
  run.people = {who};
  for (const std::string& sample : {step.sample, step.other_sample}) {
    if (sample.empty()) continue;
    const std::string id = LotOf(sample);
    Lot& lot = lots_.at(id);
    Attempt attempt;
    attempt.panel = step.panel;
    attempt.sample = sample;
    attempt.purpose = lot.samples.at(sample).purpose;
    attempt.analysts = {who};
    attempt.setup = std::string(step.setup->text);
    attempt.typed = step.act == Act::kSubmit;
    if (run.copied) attempt.copied_by = who;
    if (step.act != Act::kSubmit) attempt.run = static_cast<int>(runs_.size());
    const Attempt* newest = NewestForRelease(lot, step.panel);
    if (attempt.purpose == Purpose::kRelease && newest != nullptr) {
      const bool in_doubt = HasRepeat(step.panel) && newest->Shows(Verdict::kUndecided);
      attempt.method_repeat = in_doubt || newest->method_repeat;
      attempt.repeats_invalid = !in_doubt && !newest->Shows(Verdict::kWaiting);
    }
    attempt.number = 1 + static_cast<int>(std::count_if(
                             lot.attempts.begin(), lot.attempts.end(),
                             [&](const Attempt& each) { return each.panel == step.panel; }));
    lot.attempts.push_back(attempt);
    run.parts.push_back({id, lot.attempts.size() - 1, {}});
    if (run.copied) run.parts.back().values = TypedValues(step);
  }
  if (step.act != Act::kSubmit) {
    runs_.push_back(std::move(run));
    return;
  }
  Lot& lot = lots_.at(run.parts[0].lot);
  std::vector<const Value*> counts;
  if (step.setup->acceptable) counts.push_back(step.value);
  if (Finish(lot, lot.attempts.back(), counts)) HoldFamily(lot);
}

void World::ApplyRunAct(const Step& step) {
  const std::string& who = step.person->id;
  Run& run = runs_[static_cast<std::size_t>(step.run)];
  if (step.act != Act::kAbortRun) run.people.insert(who);
  if (step.act != Act::kRead) run.open = false;
  const bool late = step.act == Act::kRead && step.late_reason;
  run.late = run.late || late;
  for (std::size_t i = 0; i < run.parts.size(); ++i) {
    Part& part = run.parts[i];
    Lot& lot = lots_.at(part.lot);
    Attempt& attempt = lot.attempts[part.attempt];
    if (step.act == Act::kRead) {
      part.values = {i == 0 ? step.value : step.other_value};
      attempt.late = attempt.late || late;
      // Whoever reads has worked on the attempt from then on, whatever becomes of the run.
      const bool is_new = !attempt.analysts.contains(who) && attempt.readers.insert(who).second;
      if (is_new || late) ++attempt.version;
    } else if (step.act == Act::kSubmitRun) {
      attempt.analysts.insert(who);
      attempt.analysts.merge(attempt.readers);
      attempt.readers.clear();
    } else {
      attempt.outcome = Outcome::kAborted;
      ++attempt.version;
    }
  }
  if (step.act == Act::kSubmitRun) ApplySubmission(step, run);
}

void World::ApplySubmission(const Step& step, Run& run) {
  std::map<std::string, std::vector<std::size_t>> held;  // lots: attempts with a signal
  std::set<std::string> found;                           // lots with a positive that counts
  for (std::size_t i = 0; i < run.parts.size(); ++i) {
    const Part& part = run.parts[i];
    Lot& lot = lots_.at(part.lot);
    Attempt& attempt = lot.attempts[part.attempt];
    std::vector<const Value*> counts;
    if (!run.of_instrument) {
      if (run.acceptable_setup) counts = part.values;
    } else {
      // A line whose water shows something is answered for no sample, the other one is.
      for (const Value* value : step.plate->samples[i]) {
        const std::string line(value->line);
        if (!step.plate->contaminated.contains(line)) {
          counts.push_back(value);
        } else if (value->verdict != Verdict::kPass) {
          attempt.signals.insert(line);
        }
      }
    }
    if (Finish(lot, attempt, counts)) found.insert(part.lot);
    if (!attempt.signals.empty()) held[part.lot].push_back(part.attempt);
  }
  // What was found, counting or not, is one hold of its lot.
  for (const std::string& id : found) held.try_emplace(id);
  for (const auto& [id, unexpected] : held) {
    if (found.contains(id)) {
      HoldFamily(lots_.at(id), unexpected);
    } else {
      lots_.at(id).holds.push_back({.unexpected = unexpected});
    }
  }
}

void World::Perform(const Intent& intent, const Person& person) {
  Lot& lot = lots_.at(intent.lot);
  const auto decide = [&lot](Disposition disposition) {
    lot.disposition = disposition;
    ++lot.version;
    ++lot.decisions;
  };
  const auto asked = [&](const std::string& line) { return Contains(intent.codes, line); };
  switch (intent.meaning) {
    case Meaning::kReview:
      for (Attempt& attempt : lot.attempts) {
        for (auto& [line, answer] : attempt.answers) {
          if (intent.codes.empty() || asked(line)) answer.reviewed = true;
        }
      }
      lot.reviewers.insert(person.id);
      ++lot.reviews;
      return;
    case Meaning::kAttest:
      for (const std::string& code : intent.codes) {
        ++lot.attested[code];
        lot.attesters[code] = person.id;
      }
      return;
    case Meaning::kDeclare:
      lot.stained.value = intent.value;
      ++lot.stained.version;
      return;
    case Meaning::kRelease:
      return decide(Disposition::kReleased);
    case Meaning::kConditional:
      return decide(Disposition::kConditional);
    case Meaning::kReject:
      return decide(Disposition::kRejected);
    case Meaning::kWithdraw:
      // Reviews and attestations spoke for this release.
      for (Attempt& attempt : lot.attempts) {
        for (auto& [line, answer] : attempt.answers) answer.reviewed = false;
      }
      lot.attesters.clear();
      return decide(Disposition::kWithdrawn);
    case Meaning::kRecall:
      return decide(Disposition::kRecalled);
    case Meaning::kHold:
      lot.holds.emplace_back();
      return;
    case Meaning::kUnhold: {
      Hold& hold = lot.holds[static_cast<std::size_t>(intent.hold) - 1];
      hold.lifted = true;
      ++hold.version;
      return;
    }
  }
}

}  // namespace lims::walk
