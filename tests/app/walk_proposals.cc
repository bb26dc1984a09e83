#include "app/walk_proposals.h"

#include <algorithm>
#include <array>

#include "base/time.h"

namespace lims::walk {

Proposals::Proposals(std::uint64_t seed, int number, Theme theme)
    : chance_(seed),
      free_(theme == Theme::kNone),
      calm_(!free_ || !chance_.OneIn(3)),
      bank_late_(theme == Theme::kLateParent),
      bank_ages_(theme == Theme::kAgedParent || (free_ && calm_ && chance_.OneIn(10))),
      bank_fails_(theme == Theme::kFailedParent || (free_ && chance_.OneIn(5))),
      bank_withdrawn_(theme == Theme::kEndedParent || (free_ && !bank_fails_ && chance_.OneIn(4))),
      two_samples_(theme == Theme::kOtherSample || (free_ && chance_.OneIn(4))),
      by_run_(theme == Theme::kLateReading || theme == Theme::kPair || chance_.OneIn(2)),
      pair_fails_(theme == Theme::kPair || (free_ && by_run_ && chance_.OneIn(3))),
      line_fails_(theme == Theme::kOpenLine || (free_ && calm_ && chance_.OneIn(3))),
      invalid_stays_(theme == Theme::kNotCounting),
      late_run_(theme == Theme::kPlan || (free_ && calm_ && !pair_fails_ && !line_fails_)),
      late_reading_(theme == Theme::kLateReading || (by_run_ && chance_.OneIn(2))),
      fact_stays_(theme == Theme::kFact),
      conditional_first_(fact_stays_ || (free_ && !line_fails_ && chance_.OneIn(2))),
      copies_(theme == Theme::kReports || chance_.OneIn(2)),
      copies_viruses_(theme == Theme::kReports || (!line_fails_ && chance_.OneIn(2))),
      amends_(chance_.OneIn(2)) {
  // Most of what is made is made from the first; its products come before the other bank.
  for (const char* name : {"-B1", "-A1", "-A2", "-A3", "-B2"}) {
    lots_.push_back("W" + std::to_string(number) + name);
  }
}

Step Proposals::ProposeRelease(const World& world) {
  Step step;
  step.act = Act::kPrepare;
  step.intent.lot = chance_.Of(lots_);
  step.intent.meaning = chance_.OneIn(3) ? Meaning::kConditional : Meaning::kRelease;
  const auto& manifests = world.manifests();
  if (!manifests.empty() && manifests.back().intent.meaning == Meaning::kRelease) {
    step.act = Act::kSign;
    step.manifest = static_cast<int>(manifests.size()) - 1;
  }
  step.person = SomebodyFor(step.act, step.intent.meaning);
  return step;
}

Step Proposals::Propose(const World& world) {
  constexpr std::array kWeights{8, 6, 1, 6, 6, 6, 1, 2, 2, 12, 5,  7,
                                3, 2, 4, 6, 5, 4, 2, 2, 3, 2,  20, 24};
  Step step;
  step.lot = BankIsYoung() ? lots_[0] : chance_.Of(lots_);
  const bool known = world.lots().contains(step.lot);
  step.act = known || chance_.OneIn(20) ? Act(chance_.Weighted(kWeights)) : Act::kRegister;
  if (!Complete(world, &step)) return Propose(world);
  const Meaning meaning =
      step.act == Act::kSign
          ? world.manifests()[static_cast<std::size_t>(step.manifest)].intent.meaning
          : step.intent.meaning;
  step.person = SomebodyFor(step.act, meaning);
  if (step.act == Act::kHandOver || step.act == Act::kAccept) {
    const Sample& sample = world.lots().at(step.lot).samples.at(step.sample);
    const bool hands = step.act == Act::kHandOver;
    const Person* who = FindPerson(hands ? sample.keeper : sample.handed_to);
    if (who != nullptr && chance_.OneIn(2)) step.person = who;
  }
  return step;
}

const Person* Proposals::SomebodyFor(Act act, Meaning meaning) {
  const auto& roles = RolesFor(act, meaning);
  const bool suited = !chance_.OneIn(3);
  for (;;) {
    const Person& person = chance_.Of(People());
    // Somebody must be left to attest, who has not worked on a lot.
    if (calm_ && person.id == "saul" && roles.contains(Role::kTechnician)) continue;
    if (!suited) return &person;
    if (!person.ended && std::any_of(person.roles.begin(), person.roles.end(),
                                     [&](Role role) { return roles.contains(role); })) {
      return &person;
    }
  }
}

bool Proposals::Complete(const World& world, Step* step) {
  switch (step->act) {
    case Act::kRegister:
      ChooseLot(world, step);
      return true;
    case Act::kConfirm:
      step->typed_otherwise = chance_.OneIn(10);
      return true;
    case Act::kVoid:
      return true;
    case Act::kPlan:
      step->sample = step->lot + "-S" + std::to_string(1 + chance_.Below(3));
      // What is reported of a sample beside the one for release waits together with that.
      step->purpose =
          Mishap() || (copies_ && chance_.OneIn(6)) ? Purpose::kInvestigation : Purpose::kRelease;
      // Of a lot that is released, nothing else is tested.
      if (Has(world, step->lot, Disposition::kReleased)) step->purpose = Purpose::kInvestigation;
      return true;
    case Act::kTake:
    case Act::kReceive:
    case Act::kRejectSample:
    case Act::kHandOver:
    case Act::kAccept:
      step->to = SomebodyFor(Act::kAccept, Meaning::kReview);
      return ChooseSample(world, step);
    case Act::kSubmit:
    case Act::kCopy:
    case Act::kCreateRun: {
      if (!ChooseSample(world, step)) return false;
      ChoosePanel(world, step);
      ChooseTyped(step);
      if (bank_fails_ && Has(world, step->lot, Disposition::kReleased)) {
        step->value = &ValueOf(step->value->line, Verdict::kOutOfSpecification, &chance_);
      }
      do {
        step->setup = &ChooseSetup(step->panel);
        // A run without declaration is submitted with one, which no step here is.
      } while (step->act == Act::kCreateRun && !step->setup->acceptable &&
               step->setup->text.empty());
      step->plausibility_confirmed = Mishap();
      if (step->act != Act::kCopy) return true;
      step->own_paper = chance_.OneIn(IsOfInstrument(step->panel) ? 12 : 3);
      if (chance_.OneIn(12)) step->performed_days = chance_.OneIn(2) ? 2 : -400;
      return true;
    }
    case Act::kRead:
    case Act::kSubmitRun:
    case Act::kAbortRun:
    case Act::kClearLate:
      if (world.runs().empty()) return false;
      ChooseRun(world, step);
      CompleteReading(world, step);
      if (step->act == Act::kSubmitRun && !chance_.OneIn(5)) {
        CompletePlate(world.runs()[static_cast<std::size_t>(step->run)], step);
      }
      return true;
    case Act::kReenter:
    case Act::kAmend:
    case Act::kConfirmAmendment:
    case Act::kDeclineAmendment:
    case Act::kClearLook: {
      const auto lot = world.lots().find(step->lot);
      if (lot == world.lots().end()) return false;
      CompleteEntry(world, lot->second, step);
      return true;
    }
    case Act::kLook:
      step->number = 1 + static_cast<int>(chance_.Below(3));
      return true;
    case Act::kPrepare:
      ChooseIntent(world, step);
      return true;
    case Act::kSign: {
      const std::size_t count = world.manifests().size();
      if (count == 0) return false;
      // The newest ones most of the time: old ones are only good for being refused.
      const std::size_t among = chance_.OneIn(4) ? count : std::min<std::size_t>(count, 4);
      step->manifest = static_cast<int>(count - 1 - chance_.Below(among));
      return true;
    }
  }
  return false;
}

void Proposals::ChoosePanel(const World& world, Step* step) {
  do {
    step->panel = chance_.Of(NeededPanels(Kind::kProduct, false));
  } while (step->act == Act::kSubmit && IsOfInstrument(step->panel) && !chance_.OneIn(12));
  if (step->act == Act::kCopy && chance_.OneIn(2)) {
    // Beside a report that waits already.
    for (const std::string& panel : NeededPanels(Kind::kProduct, false)) {
      if (!world.WaitingReports(step->lot, panel).empty()) step->panel = panel;
    }
  }
  if (step->act != Act::kCreateRun) return;
  Step other;
  other.lot = chance_.OneIn(3) ? step->lot : chance_.Of(lots_);
  for (int i = 0; i < 3 && ChooseSample(world, &other); ++i) {
    const SampleState state = world.lots().at(other.lot).samples.at(other.sample).state;
    if (other.sample == step->sample || state != SampleState::kReceived) continue;
    step->other_sample = other.sample;
    break;
  }
  // The map of a run may name lots that a method's lines are not for: pH is measured on all.
  const bool products =
      step->sample.find("-A") != std::string::npos &&
      (step->other_sample.empty() || step->other_sample.find("-A") != std::string::npos);
  constexpr std::array<const char*, 4> kInRuns{"PH", "PH", "TWIN", "V"};
  step->panel = products ? chance_.Of(kInRuns) : "PH";
}

void Proposals::ChooseTyped(Step* step) {
  const std::vector<std::string> lines = LinesOf(step->panel);
  step->value = &ChooseValue(lines.front());
  step->other_value = lines.size() > 1 ? &ChooseValue(lines.back()) : nullptr;
}

void Proposals::ChooseRun(const World& world, Step* step) {
  const auto& runs = world.runs();
  for (int i = 0; i < kCandidates; ++i) {
    const std::size_t at = chance_.Below(runs.size());
    step->run = static_cast<int>(at);
    const bool waits = step->act == Act::kClearLate ? runs[at].late : runs[at].open;
    if (waits || chance_.OneIn(kCandidates)) return;
  }
}

void Proposals::CompleteReading(const World& world, Step* step) {
  const Run& run = world.runs()[static_cast<std::size_t>(step->run)];
  const Part& part = run.parts[0];
  const std::string& panel = world.lots().at(part.lot).attempts[part.attempt].panel;
  const std::string line = LinesOf(panel).front();
  step->panel = panel;
  step->value = &ChooseValue(line);
  if (run.parts.size() > 1) step->other_value = &ChooseValue(line);
  step->plausibility_confirmed = Mishap();
  step->observed_us = world.now_us;
  if (chance_.OneIn(8)) step->observed_us -= kMinuteUs;
  // Later than allowed, mostly where the run is as old as that.
  if (chance_.OneIn(IsOld(world, step->run) ? 2 : 8)) step->observed_us -= kDayUs;
  if (chance_.OneIn(8)) step->observed_us += kDayUs;
  step->late_reason = (world.now_us - step->observed_us >= kDayUs) != chance_.OneIn(4);
}

void Proposals::CompletePlate(const Run& run, Step* step) {
  if (!run.of_instrument) return;
  const std::vector<std::string> lines = LinesOf(step->panel);
  Plate& plate = step->plate.emplace();
  if (Mishap()) plate.contaminated.insert(chance_.Of(lines));
  if (Mishap()) plate.contaminated.insert(chance_.Of(lines));
  for (std::size_t i = 0; i < run.parts.size(); ++i) {
    std::vector<const Value*>& sample = plate.samples.emplace_back();
    for (const std::string& line : lines) sample.push_back(&ChooseValue(line));
  }
}

void Proposals::ChooseReport(const World& world, Step* step) {
  std::vector<int> waiting;
  for (const std::string& panel : NeededPanels(Kind::kProduct, false)) {
    for (const int report : world.WaitingReports(step->lot, panel)) waiting.push_back(report);
  }
  ChooseTyped(step);
  if (waiting.empty()) return;
  step->report = chance_.Of(waiting);
  const Part& part = world.runs()[static_cast<std::size_t>(step->report)].parts[0];
  step->panel = world.lots().at(part.lot).attempts[part.attempt].panel;
  ChooseTyped(step);
  if (!chance_.OneIn(4)) {
    step->value = part.values.front();
    step->other_value = part.values.size() > 1 ? part.values.back() : nullptr;
  }
  const bool several = world.WaitingReports(step->lot, step->panel).size() > 1;
  if (chance_.OneIn(several ? 2 : 4)) step->report = -1;
  if (chance_.OneIn(10)) step->report = static_cast<int>(chance_.Below(world.runs().size()));
}

void Proposals::CompleteEntry(const World& world, const Lot& lot, Step* step) {
  step->panel = chance_.Of(NeededPanels(lot.kind, false));
  if (chance_.OneIn(12)) step->panel = chance_.Of(NeededPanels(Kind::kProduct, false));
  step->value = &ChooseValue(chance_.Of(LinesOf(step->panel)));
  step->plausibility_confirmed = Mishap();
  if (step->act == Act::kReenter) return ChooseReport(world, step);
  const std::size_t count = step->act == Act::kClearLook ? lot.looks.size() : lot.amendments.size();
  step->number = 1 + static_cast<int>(
                         chance_.Below(count + (chance_.OneIn(6) ? 1 : 0) + (count == 0 ? 1 : 0)));
}

bool Proposals::IsOld(const World& world, int run) {
  return world.now_us - world.runs()[static_cast<std::size_t>(run)].started_us > kDayUs;
}

bool Proposals::Has(const World& world, const std::string& lot, Disposition disposition) {
  const auto found = world.lots().find(lot);
  return found != world.lots().end() && found->second.disposition == disposition;
}

void Proposals::ChooseLot(const World& world, Step* step) {
  const bool bank = step->lot.find("-B") != std::string::npos;
  step->kind = bank ? Kind::kBank : Kind::kProduct;
  step->conditional_registered = !chance_.OneIn(conditional_first_ ? 9 : 3);
  const bool is_first = calm_ && step->lot == lots_[1];
  if (!bank && (is_first || !chance_.OneIn(12))) {
    step->parents.push_back(calm_ || chance_.OneIn(2) ? lots_.front() : lots_.back());
  } else if (step->lot == lots_.back() && chance_.OneIn(3)) {
    step->parents.push_back(lots_[0]);
  }
  step->made_us = (world.now_us - 60 * kMinuteUs) / 1000 * 1000;
  if (BankIsYoung() || (!is_first && chance_.OneIn(6))) {
    // Ends with its local day.
    step->expiry = FormatLocal(step->made_us + 3 * kDayUs, kZoneMinutes).substr(0, 10);
    const std::int64_t zone_us = kZoneMinutes * kMinuteUs;
    step->expiry_us = ((step->made_us + zone_us) / kDayUs + 4) * kDayUs - zone_us - 1;
  } else {
    step->expiry_us = step->made_us + 400 * kDayUs;
    step->expiry = FormatLocal(step->expiry_us, kZoneMinutes);
  }
}

void Proposals::ChooseFact(Intent* intent) {
  intent->meaning = Meaning::kDeclare;
  intent->fact = "stained";
  intent->value = chance_.OneIn(4) ? "no" : "yes";
}

bool Proposals::ChooseSample(const World& world, Step* step) {
  const auto lot = world.lots().find(step->lot);
  if (lot == world.lots().end() || lot->second.samples.empty()) return false;
  step->sample = chance_.Of(lot->second.samples).first;
  return true;
}

const Value& Proposals::ChooseValue(std::string_view line) {
  constexpr std::array kAny{Verdict::kPass, Verdict::kOutOfSpecification};
  Verdict wanted = Mishap() ? chance_.Of(kAny) : Verdict::kPass;
  const bool is_virus = line.starts_with("V-");
  if ((line == "ENDO" || is_virus) && chance_.OneIn(8)) wanted = Verdict::kUndecided;
  if (line == "SPOT" && chance_.Below(5) < 2) wanted = Verdict::kUndecided;
  return ValueOf(line, wanted, &chance_);
}

const Setup& Proposals::ChooseSetup(std::string_view panel) {
  const bool good = !chance_.OneIn(6);
  for (;;) {
    const Setup& setup = chance_.Of(kSetups);
    if (setup.panel == panel && (!good || setup.acceptable)) return setup;
  }
}

void Proposals::ChooseIntent(const World& world, Step* step) {
  constexpr std::array kWeights{14, 14, 10, 14, 4, 1, 3, 5, 2, 5};
  Intent& intent = step->intent;
  do {
    intent.meaning = Meaning(chance_.Weighted(kWeights));
  } while (intent.meaning >= Meaning::kReject && intent.meaning <= Meaning::kRecall && calm_ &&
           !chance_.OneIn(4));
  intent.lot = step->lot;
  if (intent.meaning == Meaning::kReview && chance_.OneIn(3)) {
    constexpr std::array<const char*, 3> kLines{"PH", "ENDO", "V-HPV"};
    intent.codes = {chance_.Of(kLines)};
  }
  if (intent.meaning == Meaning::kAttest) {
    intent.codes = {chance_.OneIn(2) ? "BPR" : "EM"};
    if (chance_.OneIn(4)) intent.codes = {"BPR", "EM"};
  }
  if (intent.meaning == Meaning::kDeclare) {
    ChooseFact(&intent);
    if (chance_.OneIn(12)) intent.fact = "dyed";
    if (chance_.OneIn(12)) intent.value = "perhaps";
  }
  if (intent.meaning == Meaning::kUnhold) {
    const auto lot = world.lots().find(step->lot);
    const std::size_t holds = lot == world.lots().end() ? 0 : lot->second.holds.size();
    intent.hold = 1 + static_cast<int>(
                          chance_.Below(holds + (chance_.OneIn(6) ? 1 : 0) + (holds == 0 ? 1 : 0)));
  }
}

}  // namespace lims::walk
