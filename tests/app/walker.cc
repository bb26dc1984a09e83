#include "app/walker.h"

#include <algorithm>
#include <array>
#include <optional>

#include "app/walk_proposals.h"
#include "app/walk_site.h"

namespace lims::walk {
namespace {

constexpr int kLastPause = 260;  // a step after which short-lived lots have expired

}  // namespace

class Walker::Choices : public Proposals {
 public:
  using Proposals::Proposals;

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
      const bool mostly = meaning == Meaning::kRelease || meaning == Meaning::kConditional ||
                          meaning == Meaning::kDeclare;
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
      if (IsLeftRunning(lot, lot.attempts[run.parts[0].attempt])) continue;
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

  // A test that is to run while its lot is released on condition, which nothing else prevents.
  bool IsLeftRunning(const Lot& lot, const Attempt& attempt) {
    const bool looked_at = std::any_of(lot.looks.begin(), lot.looks.end(),
                                       [](const Look& look) { return !look.cleared; });
    return conditional_first_ && lot.kind == Kind::kProduct && lot.conditional_registered &&
           lot.disposition == Disposition::kQuarantine && attempt.panel != "PH" &&
           attempt.purpose == Purpose::kRelease && !looked_at && !chance_.OneIn(20);
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
    if (!released && ChooseSigningAgain(world, bank, step)) return true;
    step->intent.meaning = !released          ? Meaning::kRelease
                           : chance_.OneIn(3) ? Meaning::kRecall
                                              : Meaning::kWithdraw;
    ChooseSigning(world, step);
    return chance_.OneIn(released ? 4 : 8) && IsChildNearlyReleased(world);
  }

  // What another release of it rests on; at times the release is tried without.
  bool ChooseSigningAgain(const World& world, const Lot& bank, Step* step) {
    const bool reviewed =
        std::all_of(bank.attempts.begin(), bank.attempts.end(), [](const Attempt& attempt) {
          return attempt.outcome != Outcome::kValid || attempt.reviewed;
        });
    if ((reviewed && IsAttested(bank, "EM")) || chance_.OneIn(4)) return false;
    step->intent.meaning = reviewed ? Meaning::kAttest : Meaning::kReview;
    if (reviewed) step->intent.codes = {"EM"};
    ChooseSigning(world, step);
    return true;
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
    if (!measured->reviewed) {
      step->intent.meaning = Meaning::kReview;
    } else if (!IsAttested(lot, "BPR")) {
      step->intent.meaning = Meaning::kAttest;
      step->intent.codes = {"BPR"};
    } else if (!chance_.OneIn(3)) {  // it is tried before everything is done
      if (lot.stained.value.empty()) {
        // With "no" nothing hangs on it but the release.
        ChooseFact(&step->intent);
        if (chance_.OneIn(2)) step->intent.value = "no";
      } else if (ChooseLaterTest(lot, step) || ChooseClearing(world, lot, step)) {
        return true;
      }
    }
    ChooseSigning(world, step);
    return true;
  }

  // The first test to start that only the final release needs, or to enter a second time.
  bool ChooseLaterTest(const Lot& lot, Step* step) {
    for (const std::string& panel : LaterPanels(lot)) {
      if (ChooseTest(lot, panel, step)) return true;
      step->act = Act::kReenter;
      if (WaitsForSecondEntry(lot, panel) != nullptr) return true;
    }
    return false;
  }

  // Whether a test of the panel is to be made now: the first, a repeat, or the next planned one.
  bool ChooseTest(const Lot& lot, const std::string& panel, Step* step) const {
    const Attempt* newest = NewestForRelease(lot, panel);
    const bool begins = newest == nullptr || newest->outcome == Outcome::kInvalid ||
                        newest->outcome == Outcome::kAborted;
    const bool in_doubt = !begins && panel == "SPOT" && newest->verdict == Verdict::kUndecided &&
                          !newest->method_repeat;
    if (!begins && !in_doubt && newest->verdict != Verdict::kWaiting) return false;
    // A planned run that is still open is what a conditional release goes on with.
    const bool runs = by_run_ || (conditional_first_ && newest == nullptr && panel == "TWIN");
    step->act = Act::kSubmit;
    if (runs && (panel == "PH" || panel == "TWIN")) step->act = Act::kCreateRun;
    if (copies_ && panel == "ENDO") step->act = Act::kCopy;
    return true;
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
    bool waits = false;
    bool run_due = false;
    bool copy_waits = false;
    for (const std::string& panel : JudgedPanels(lot, false)) {
      const Attempt* newest = NewestForRelease(lot, panel);
      const bool plan_waits = newest != nullptr && newest->verdict == Verdict::kWaiting;
      run_due = run_due || plan_waits;
      if (plan_waits && late_run_) continue;
      if (ChooseTest(lot, panel, step)) return true;
      if (newest->outcome != Outcome::kOpen) continue;
      if (WaitsForSecondEntry(lot, panel) == nullptr) return false;
      copy_waits = true;
    }
    for (const Attempt& attempt : lot.attempts) {
      waits = waits || (attempt.outcome == Outcome::kValid && !attempt.reviewed);
    }
    ChooseNeededSignature(lot, waits, &step->intent);
    // Left open for a while, and what hangs on it with it.
    if (step->intent.meaning == Meaning::kRelease && IsFactMissing(lot) && chance_.OneIn(5)) {
      ChooseFact(&step->intent);
    }
    // In vain, whatever is done for it, where such a release is not registered.
    if (step->intent.meaning == Meaning::kRelease && lot.kind == Kind::kProduct &&
        !lot.conditional_registered && chance_.OneIn(4)) {
      step->intent.meaning = Meaning::kConditional;
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
