#include "app/walker.h"

#include <algorithm>
#include <array>
#include <optional>

#include "app/walk_chance.h"
#include "app/walk_site.h"
#include "base/time.h"

namespace lims::walk {
namespace {

constexpr int kLastPause = 260;  // a step after which short-lived lots have expired
constexpr int kCandidates = 30;
constexpr std::int64_t kDayUs = 24 * 60 * kMinuteUs;

}  // namespace

class Walker::Choices {
 public:
  Choices(std::uint64_t seed, int number)
      : chance_(seed),
        calm_(!chance_.OneIn(3)),
        bank_ages_(calm_ && chance_.OneIn(4)),
        bank_fails_(chance_.OneIn(4)),
        bank_withdrawn_(!bank_fails_ && chance_.OneIn(3)),
        by_run_(chance_.OneIn(2)),
        pair_fails_(by_run_ && chance_.OneIn(3)),
        late_run_(calm_ && !pair_fails_),
        late_reading_(by_run_ && chance_.OneIn(2)),
        copies_(chance_.OneIn(2)),
        conditional_first_(chance_.OneIn(2)),
        amends_(chance_.OneIn(2)) {
    // Most of what is made is made from the first; its products come before the other bank.
    for (const char* name : {"-B1", "-A1", "-A2", "-A3", "-B2"}) {
      lots_.push_back("W" + std::to_string(number) + name);
    }
  }

  const std::vector<std::string>& lots() const { return lots_; }

  std::int64_t Pause(const World& world, int step) {
    if (BankIsYoung()) {
      const auto bank = world.lots().find(lots_[0]);
      bank_aged_ = bank != world.lots().end() && bank->second.disposition == Disposition::kReleased;
      return bank_aged_ ? 5 * kDayUs : 0;
    }
    if (step == kLastPause) return 4 * kDayUs;
    if (late_reading_ && !world.runs().empty()) {
      const Run& newest = world.runs().back();
      const bool waits = newest.open && newest.parts[0].value == nullptr;
      if (waits && !IsOld(world, static_cast<int>(world.runs().size()) - 1)) return 2 * kDayUs;
    }
    if (chance_.OneIn(50)) return 11 * kMinuteUs;
    return chance_.OneIn(calm_ ? 300 : 80) ? 4 * kDayUs : 0;
  }

  Step Next(const World& world, const Counts& counts) {
    if (calm_ && chance_.OneIn(2)) {
      if (const auto step = Onward(world, counts)) return *step;
    }
    const std::size_t wish = chance_.Below(10);
    std::optional<Step> best;
    int fewest = 0;
    Step last;
    for (int i = 0; i < kCandidates; ++i) {
      last = wish >= 6 && chance_.OneIn(4) ? ProposeRelease(world) : Propose(world);
      if (wish == 9) return last;
      const Broken broken = world.BrokenBy(last);
      if (wish < 6) {
        if (broken.empty()) return last;
      } else if (broken.size() == 1) {
        const int count = TriedAlone(counts, broken);
        if (!best || count < fewest) {
          best = last;
          fewest = count;
        }
      }
    }
    return best.value_or(last);
  }

 private:
  // Whether something goes wrong that mostly does not.
  bool Mishap() { return chance_.OneIn(calm_ ? 10 : 4); }

  // In some walks a bank is released, expires, and only then are products made from it.
  bool BankIsYoung() const { return bank_ages_ && !bank_aged_; }

  Step ProposeRelease(const World& world) {
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

  Step Propose(const World& world) {
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

  const Person* SomebodyFor(Act act, Meaning meaning) {
    const auto& roles = RolesFor(act, meaning);
    const bool suited = !chance_.OneIn(3);
    for (;;) {
      const Person& person = chance_.Of(People());
      if (!suited) return &person;
      if (!person.ended && std::any_of(person.roles.begin(), person.roles.end(),
                                       [&](Role role) { return roles.contains(role); })) {
        return &person;
      }
    }
  }

  // False when the world has nothing that the act could be done to.
  bool Complete(const World& world, Step* step) {
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
        step->purpose = Mishap() ? Purpose::kInvestigation : Purpose::kRelease;
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
        step->value = &ChooseValue(step->panel);
        if (bank_fails_ && Has(world, step->lot, Disposition::kReleased)) {
          step->value = &ValueOf(step->panel, Verdict::kOutOfSpecification, &chance_);
        }
        do {
          step->setup = &ChooseSetup(step->panel);
          // A run without declaration is submitted with one, which no step here is.
        } while (step->act == Act::kCreateRun && step->setup->text.empty());
        step->plausibility_confirmed = Mishap();
        return true;
      }
      case Act::kRead:
      case Act::kSubmitRun:
      case Act::kAbortRun:
      case Act::kClearLate:
        if (world.runs().empty()) return false;
        ChooseRun(world, step);
        CompleteReading(world, step);
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

  void ChoosePanel(const World& world, Step* step) {
    step->panel = chance_.Of(NeededPanels(Kind::kProduct, false));
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
    step->panel = products && chance_.OneIn(2) ? "TWIN" : "PH";
  }

  // One that waits for the act, most of the time.
  void ChooseRun(const World& world, Step* step) {
    const auto& runs = world.runs();
    for (int i = 0; i < kCandidates; ++i) {
      const std::size_t at = chance_.Below(runs.size());
      step->run = static_cast<int>(at);
      const bool waits = step->act == Act::kClearLate ? runs[at].late : runs[at].open;
      if (waits || chance_.OneIn(kCandidates)) return;
    }
  }

  // Of a run: what is read and when.
  void CompleteReading(const World& world, Step* step) {
    const Run& run = world.runs()[static_cast<std::size_t>(step->run)];
    const Part& part = run.parts[0];
    const std::string& panel = world.lots().at(part.lot).attempts[part.attempt].panel;
    step->panel = panel;
    step->value = &ChooseValue(panel);
    if (run.parts.size() > 1) step->other_value = &ChooseValue(panel);
    step->plausibility_confirmed = Mishap();
    step->observed_us = world.now_us;
    if (chance_.OneIn(8)) step->observed_us -= kMinuteUs;
    // Later than allowed, mostly where the run is as old as that.
    if (chance_.OneIn(IsOld(world, step->run) ? 2 : 8)) step->observed_us -= kDayUs;
    if (chance_.OneIn(8)) step->observed_us += kDayUs;
    step->late_reason = (world.now_us - step->observed_us >= kDayUs) != chance_.OneIn(4);
  }

  // Of values that came in before: which, and what they become.
  void CompleteEntry(const World& world, const Lot& lot, Step* step) {
    step->panel = chance_.Of(NeededPanels(lot.kind, false));
    if (chance_.OneIn(12)) step->panel = chance_.Of(NeededPanels(Kind::kProduct, false));
    for (const Attempt& attempt : lot.attempts) {
      const bool waits = attempt.outcome == Outcome::kOpen && !attempt.copied_by.empty();
      if (step->act == Act::kReenter && waits) step->panel = attempt.panel;
    }
    step->value = &ChooseValue(step->panel);
    step->plausibility_confirmed = Mishap();
    if (step->act == Act::kReenter && !chance_.OneIn(4)) {
      for (const Run& run : world.runs()) {
        const bool is_its = run.copied && run.open && run.parts[0].lot == step->lot;
        if (is_its && run.parts[0].value->panel == step->panel) step->value = run.parts[0].value;
      }
    }
    const std::size_t count =
        step->act == Act::kClearLook ? lot.looks.size() : lot.amendments.size();
    step->number =
        1 +
        static_cast<int>(chance_.Below(count + (chance_.OneIn(6) ? 1 : 0) + (count == 0 ? 1 : 0)));
  }

  static bool IsOld(const World& world, int run) {
    return world.now_us - world.runs()[static_cast<std::size_t>(run)].started_us > kDayUs;
  }

  static bool Has(const World& world, const std::string& lot, Disposition disposition) {
    const auto found = world.lots().find(lot);
    return found != world.lots().end() && found->second.disposition == disposition;
  }

  void ChooseLot(const World& world, Step* step) {
    const bool bank = step->lot.find("-B") != std::string::npos;
    step->kind = bank ? Kind::kBank : Kind::kProduct;
    step->conditional_registered = !chance_.OneIn(conditional_first_ ? 9 : 3);
    if (!bank && !chance_.OneIn(12)) {
      step->parents.push_back(calm_ || chance_.OneIn(2) ? lots_.front() : lots_.back());
    } else if (step->lot == lots_.back() && chance_.OneIn(3)) {
      step->parents.push_back(lots_[0]);
    }
    step->made_us = (world.now_us - 60 * kMinuteUs) / 1000 * 1000;
    if (BankIsYoung() || chance_.OneIn(6)) {
      // Ends with its local day.
      step->expiry = FormatLocal(step->made_us + 3 * kDayUs, kZoneMinutes).substr(0, 10);
      const std::int64_t zone_us = kZoneMinutes * kMinuteUs;
      step->expiry_us = ((step->made_us + zone_us) / kDayUs + 4) * kDayUs - zone_us - 1;
    } else {
      step->expiry_us = step->made_us + 400 * kDayUs;
      step->expiry = FormatLocal(step->expiry_us, kZoneMinutes);
    }
  }

  // What the first lot that can still be released needs next, done by somebody who may.
  std::optional<Step> Onward(const World& world, const Counts& counts) {
    if (const auto step = OnwardInRuns(world)) return step;
    for (const std::string& name : lots_) {
      if (BankIsYoung() && name != lots_[0]) break;
      Step step;
      step.lot = name;
      step.intent.lot = name;
      if (!ChooseNeeded(world, &step)) continue;
      const bool is_signature = step.act == Act::kPrepare || step.act == Act::kSign;
      // What one thing alone stands in the way of is tried now and then, a release or a fact
      // mostly.
      const Meaning meaning = step.intent.meaning;
      const bool mostly = meaning == Meaning::kRelease || meaning == Meaning::kDeclare;
      const bool early =
          step.act == Act::kPrepare && (mostly ? !chance_.OneIn(3) : chance_.OneIn(3));
      if (step.act == Act::kSign && !chance_.OneIn(3)) {
        step.person = KeptApart(world, counts, step);
        if (step.person != nullptr) return step;
      }
      for (int i = 0; i < kCandidates; ++i) {
        if (!is_signature && !CompleteOnward(world, &step)) break;
        step.person = SomebodyFor(step.act, step.intent.meaning);
        if (step.act == Act::kAmend && chance_.OneIn(2)) step.person = FindPerson("fred");
        if (world.BrokenBy(step).size() <= (early ? 1 : 0)) return step;
      }
    }
    return std::nullopt;
  }

  // Whom one rule alone keeps apart from what is signed, the rule that was tried least; nullptr
  // when there is nobody.
  static const Person* KeptApart(const World& world, const Counts& counts, Step step) {
    const Person* best = nullptr;
    int fewest = 0;
    for (const Person& person : People()) {
      step.person = &person;
      const Broken broken = world.BrokenBy(step);
      if (broken.size() != 1 || (*broken.begin())->reason != kSegregation) continue;
      const int count = TriedAlone(counts, broken);
      if (best != nullptr && count >= fewest) continue;
      best = &person;
      fewest = count;
    }
    return best;
  }

  // How often the one rule that is broken was broken alone.
  static int TriedAlone(const Counts& counts, const Broken& broken) {
    const auto tried = counts.find(*broken.begin());
    return tried == counts.end() ? 0 : tried->second;
  }

  // Runs that were begun go on: looked at, read, submitted.
  std::optional<Step> OnwardInRuns(const World& world) {
    for (std::size_t i = 0; i < world.runs().size(); ++i) {
      const Run& run = world.runs()[i];
      if (!run.open || run.copied) continue;
      Step step;
      step.run = static_cast<int>(i);
      const Lot& lot = world.lots().at(run.parts[0].lot);
      step.act = run.parts[0].value != nullptr ? Act::kSubmitRun : Act::kRead;
      if (lot.looks.empty() && chance_.OneIn(3)) step.act = Act::kLook;
      // Not at once: until then somebody may try to abort it.
      if (step.act == Act::kSubmitRun && !chance_.OneIn(3)) {
        step.act = Act::kAbortRun;
        step.person = FindPerson("sven");
        if (world.BrokenBy(step).size() == 1) return step;
        continue;
      }
      for (int k = 0; k < kCandidates; ++k) {
        CompleteReading(world, &step);
        step.number = 1;
        if (pair_fails_ && step.panel == "TWIN") {
          const bool is_first =
              std::none_of(lot.attempts.begin(), lot.attempts.end(),
                           [](const Attempt& each) { return each.verdict == Verdict::kWaiting; });
          step.value =
              &ValueOf("TWIN", is_first ? Verdict::kOutOfSpecification : Verdict::kPass, &chance_);
          if (is_first && step.value->text != "8.4") continue;
        }
        if (late_reading_ && step.act == Act::kRead && IsOld(world, step.run)) {
          step.observed_us = world.now_us - kDayUs - kMinuteUs;
          step.late_reason = true;
        }
        step.person = SomebodyFor(step.act, step.intent.meaning);
        // She may clear late readings, but not her own.
        if (step.late_reason && chance_.OneIn(2)) step.person = FindPerson("mary");
        if (world.BrokenBy(step).empty()) return step;
      }
    }
    return std::nullopt;
  }

  // What stands in the way of a release by how values came in: left there for a while.
  bool ChooseClearing(const World& world, const Lot& lot, Step* step) {
    for (std::size_t i = 0; i < world.runs().size(); ++i) {
      if (!world.runs()[i].late || world.runs()[i].parts[0].lot != step->lot) continue;
      step->act = Act::kClearLate;
      step->run = static_cast<int>(i);
      return true;
    }
    for (std::size_t i = 0; i < lot.looks.size(); ++i) {
      if (lot.looks[i].cleared) continue;
      step->act = Act::kClearLook;
      step->number = static_cast<int>(i) + 1;
      return true;
    }
    for (std::size_t i = 0; i < lot.amendments.size(); ++i) {
      if (lot.amendments[i].state != AmendmentState::kProposed) continue;
      step->act = Act::kConfirmAmendment;
      step->number = static_cast<int>(i) + 1;
      return true;
    }
    step->act = Act::kAmend;
    return amends_ && lot.amendments.empty();
  }

  // A released bank is tested again, and fails when something made from it is nearly released.
  bool ChooseFailure(const World& world, const Lot& bank, Step* step) {
    if (!bank_fails_ || bank.kind != Kind::kBank) return false;
    const auto sample =
        std::find_if(bank.samples.begin(), bank.samples.end(), [](const auto& each) {
          return each.second.purpose == Purpose::kInvestigation &&
                 each.second.state != SampleState::kRejected;
        });
    step->act = Act::kPlan;
    if (sample == bank.samples.end()) return bank.samples.size() < 3;
    step->act = sample->second.state == SampleState::kPlanned ? Act::kTake : Act::kReceive;
    if (sample->second.state != SampleState::kReceived) return true;
    step->act = Act::kSubmit;
    return chance_.OneIn(3) && IsChildNearlyReleased(world);
  }

  // Its release is withdrawn, and given again after what was made from it was tried without; or
  // it is recalled.
  bool ChooseWithdrawal(const World& world, const Lot& bank, Step* step) {
    if (!bank_withdrawn_ || bank.kind != Kind::kBank || bank.decisions > 2) return false;
    const bool released = bank.disposition == Disposition::kReleased;
    step->intent.meaning = !released          ? Meaning::kRelease
                           : chance_.OneIn(3) ? Meaning::kRecall
                                              : Meaning::kWithdraw;
    ChooseSigning(world, step);
    return chance_.OneIn(released ? 4 : 8) && IsChildNearlyReleased(world);
  }

  static bool IsChildNearlyReleased(const World& world) {
    return std::any_of(world.lots().begin(), world.lots().end(), [](const auto& each) {
      return each.second.kind == Kind::kProduct && IsAttested(each.second, "EM");
    });
  }

  // What it needs for that, once pH is measured.
  bool ChooseConditional(const World& world, const Lot& lot, Step* step) {
    const Attempt* measured = NewestForRelease(lot, "PH");
    if (!conditional_first_ || lot.kind == Kind::kBank || !lot.conditional_registered ||
        measured == nullptr || measured->outcome != Outcome::kValid) {
      return false;
    }
    step->intent.meaning = Meaning::kConditional;
    if (lot.stained.value.empty() && chance_.OneIn(2)) {
      // With "no" nothing hangs on it but the release.
      ChooseFact(&step->intent);
      if (chance_.OneIn(2)) step->intent.value = "no";
    } else if (!measured->reviewed) {
      step->intent.meaning = Meaning::kReview;
    } else if (!IsAttested(lot, "BPR")) {
      step->intent.meaning = Meaning::kAttest;
      step->intent.codes = {"BPR"};
    }
    ChooseSigning(world, step);
    return true;
  }

  void ChooseFact(Intent* intent) {
    intent->meaning = Meaning::kDeclare;
    intent->fact = "stained";
    intent->value = chance_.OneIn(4) ? "no" : "yes";
  }

  // Signs when that manifest was prepared last, else prepares it.
  static void ChooseSigning(const World& world, Step* step) {
    step->act = Act::kPrepare;
    if (world.manifests().empty()) return;
    const Manifest& last = world.manifests().back();
    if (last.is_signed || last.intent.lot != step->lot ||
        last.intent.meaning != step->intent.meaning) {
      return;
    }
    step->act = Act::kSign;
    step->manifest = static_cast<int>(world.manifests().size()) - 1;
  }

  // Keeps what was chosen already.
  bool CompleteOnward(const World& world, Step* step) {
    const Step chosen = *step;
    if (!Complete(world, step)) return false;
    if (chosen.run >= 0) step->run = chosen.run;
    if (chosen.number > 0) step->number = chosen.number;
    if (step->act == Act::kCreateRun) step->other_sample.clear();
    return true;
  }

  bool ChooseNeeded(const World& world, Step* step) {
    const auto found = world.lots().find(step->lot);
    step->act = Act::kRegister;
    if (found == world.lots().end()) return true;
    const Lot& lot = found->second;
    if (lot.disposition == Disposition::kReleased || lot.disposition == Disposition::kWithdrawn) {
      return ChooseFailure(world, lot, step) || ChooseWithdrawal(world, lot, step);
    }
    const bool conditional = lot.disposition == Disposition::kConditional;
    if (lot.disposition != Disposition::kQuarantine && !conditional) return false;
    step->act = Act::kConfirm;
    if (lot.confirmed_by.empty()) return true;
    const auto sample = std::find_if(lot.samples.begin(), lot.samples.end(), [](const auto& each) {
      return each.second.purpose == Purpose::kRelease &&
             each.second.state != SampleState::kRejected;
    });
    step->act = Act::kPlan;
    if (sample == lot.samples.end()) return lot.samples.size() < 3;
    step->act = sample->second.state == SampleState::kPlanned ? Act::kTake : Act::kReceive;
    if (sample->second.state != SampleState::kReceived) return true;
    if (!sample->second.handed_to.empty()) {
      step->act = chance_.OneIn(3) ? Act::kHandOver : Act::kAccept;
      return true;
    }
    if (conditional && !lot.stained.value.empty() && chance_.OneIn(3)) {
      // Another fact than the one that it was released on.
      ChooseFact(&step->intent);
      step->intent.value = lot.stained.value == "no" ? "yes" : "no";
      step->act = Act::kPrepare;
      return true;
    }
    if (!conditional && ChooseConditional(world, lot, step)) return true;
    step->act = Act::kSubmit;
    bool waits = false;
    bool run_due = false;
    bool copy_waits = false;
    for (const std::string& panel : JudgedPanels(lot, false)) {
      const Attempt* newest = nullptr;
      for (const Attempt& attempt : lot.attempts) {
        if (attempt.panel == panel && attempt.purpose == Purpose::kRelease) newest = &attempt;
        waits = waits || (attempt.outcome == Outcome::kValid && !attempt.reviewed);
      }
      if (newest == nullptr || newest->outcome == Outcome::kInvalid ||
          newest->outcome == Outcome::kAborted) {
        if (by_run_ && (panel == "PH" || panel == "TWIN")) step->act = Act::kCreateRun;
        if (copies_ && panel == "ENDO") step->act = Act::kCopy;
        return true;
      }
      if (newest->outcome == Outcome::kOpen) {
        if (WaitsForSecondEntry(lot, panel) == nullptr) return false;
        copy_waits = true;
        continue;
      }
      if (newest->verdict == Verdict::kWaiting && !late_run_) {
        if (by_run_) step->act = Act::kCreateRun;
        return true;
      }
      run_due = run_due || newest->verdict == Verdict::kWaiting;
      if (panel == "SPOT" && newest->verdict == Verdict::kUndecided && !newest->method_repeat) {
        return true;
      }
    }
    ChooseNeededSignature(lot, waits, &step->intent);
    // Left open for a while, and what hangs on it with it.
    if (step->intent.meaning == Meaning::kRelease && IsFactMissing(lot, false) &&
        chance_.OneIn(5)) {
      ChooseFact(&step->intent);
    }
    if (step->intent.meaning == Meaning::kRelease) {
      // Not at once: until then the lot is one entry short of its release.
      const bool now = chance_.OneIn(3);
      if (copy_waits) step->act = Act::kReenter;
      const bool clears = !copy_waits && ChooseClearing(world, lot, step);
      if (now && (copy_waits || clears || run_due)) {
        if (!copy_waits && !clears) step->act = by_run_ ? Act::kCreateRun : Act::kSubmit;
        return true;
      }
    }
    ChooseSigning(world, step);
    return true;
  }

  static void ChooseNeededSignature(const Lot& lot, bool waits, Intent* intent) {
    const bool batch_record = lot.kind == Kind::kBank || IsAttested(lot, "BPR");
    if (waits) {
      intent->meaning = Meaning::kReview;
    } else if (!batch_record || !IsAttested(lot, "EM")) {
      intent->meaning = Meaning::kAttest;
      intent->codes = {batch_record ? "EM" : "BPR"};
    } else {
      intent->meaning = Meaning::kRelease;
      for (std::size_t i = 0; i < lot.holds.size(); ++i) {
        if (lot.holds[i].lifted) continue;
        intent->meaning = Meaning::kUnhold;
        intent->hold = static_cast<int>(i) + 1;
      }
    }
  }

  bool ChooseSample(const World& world, Step* step) {
    const auto lot = world.lots().find(step->lot);
    if (lot == world.lots().end() || lot->second.samples.empty()) return false;
    step->sample = chance_.Of(lot->second.samples).first;
    return true;
  }

  const Value& ChooseValue(std::string_view panel) {
    constexpr std::array kAny{Verdict::kPass, Verdict::kOutOfSpecification};
    Verdict wanted = Mishap() ? chance_.Of(kAny) : Verdict::kPass;
    if (panel == "ENDO" && chance_.OneIn(8)) wanted = Verdict::kUndecided;
    if (panel == "SPOT" && chance_.Below(5) < 2) wanted = Verdict::kUndecided;
    return ValueOf(panel, wanted, &chance_);
  }

  const Setup& ChooseSetup(std::string_view panel) {
    const bool good = !chance_.OneIn(6);
    for (;;) {
      const Setup& setup = chance_.Of(kSetups);
      if (setup.panel == panel && (!good || setup.acceptable)) return setup;
    }
  }

  void ChooseIntent(const World& world, Step* step) {
    constexpr std::array kWeights{14, 14, 10, 14, 4, 1, 3, 5, 2, 5};
    Intent& intent = step->intent;
    do {
      intent.meaning = Meaning(chance_.Weighted(kWeights));
    } while (intent.meaning >= Meaning::kReject && intent.meaning <= Meaning::kRecall && calm_ &&
             !chance_.OneIn(4));
    intent.lot = step->lot;
    if (intent.meaning == Meaning::kReview && chance_.OneIn(3)) {
      intent.codes = {chance_.OneIn(2) ? "PH" : "ENDO"};
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
      intent.hold = 1 + static_cast<int>(chance_.Below(holds + (chance_.OneIn(6) ? 1 : 0) +
                                                       (holds == 0 ? 1 : 0)));
    }
  }

  Chance chance_;
  const bool calm_;  // few things go wrong, so that lots get as far as a release
  const bool bank_ages_;
  const bool bank_fails_;      // what is found in a released lot, its children being tested, is bad
  const bool bank_withdrawn_;  // or recalled, when its children are nearly released
  const bool by_run_;          // pH is read in a run
  const bool pair_fails_;      // the first planned run fails alone, the second with it
  const bool late_run_;        // the last of the planned runs is made when everything else is done
  const bool late_reading_;    // and that too late
  const bool conditional_first_;  // products are released conditionally as soon as they can be
  const bool copies_;             // endotoxin is copied from a report
  const bool amends_;             // a value is amended when everything else is done
  bool bank_aged_ = false;
  std::vector<std::string> lots_;
};

Walker::Walker(std::uint64_t seed, int number) : choices_(new Choices(seed, number)) {}
Walker::~Walker() = default;

const std::vector<std::string>& Walker::lots() const {
  return choices_->lots();
}

std::int64_t Walker::Pause(const World& world, int step) {
  return choices_->Pause(world, step);
}

Step Walker::Next(const World& world, const Counts& counts) {
  return choices_->Next(world, counts);
}

}  // namespace lims::walk
