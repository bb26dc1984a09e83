#include "app/walker.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "app/walk_proposals.h"

namespace lims::walk {
namespace {

constexpr int kLastPause = 260;  // a step after which short-lived lots have expired
constexpr int kEnough = 8;       // of acts that break one rule alone

// The rules that are broken alone where a walk is made for it.
constexpr std::pair<Theme, std::string_view> kThemes[] = {
    {Theme::kOpenLine, "release: every line has an answer"},
    {Theme::kOpenLine, "a hold stays until what was unexpected was tested again"},
    {Theme::kPlan, "release: the planned runs are complete"},
    {Theme::kNotCounting, "release: the newest attempt is valid"},
    {Theme::kFact, "a fact stays after a conditional release"},
    {Theme::kFact, "conditional release: every test of the final one was started"},
    {Theme::kLateReading, "release: no late reading waits"},
    {Theme::kLateReading, "a reading is entered within a day"},
    {Theme::kReports, "a second entry names its report where several wait"},
    {Theme::kPair, "a run that fails with the one before it is not aborted"},
    {Theme::kOtherSample, "a doubt is repeated on its own sample"},
    {Theme::kLateParent, "release: parents are released"},
    {Theme::kAgedParent, "release: parents had not expired"},
    {Theme::kFailedParent, "release: no parent is out of specification"},
    {Theme::kEndedParent, "release: parents are not held"},
    {Theme::kEndedParent, "release: no parent was withdrawn or recalled"},
};

// That of the rule that was tried least; none when all were tried enough.
Theme ThemeOf(const Counts& counts) {
  Theme chosen = Theme::kNone;
  int fewest = kEnough;
  for (const Rule& rule : Rules()) {
    for (const auto& [theme, name] : kThemes) {
      const auto tried = counts.find(&rule);
      const int count = tried == counts.end() ? 0 : tried->second;
      if (rule.name != name || count >= fewest) continue;
      chosen = theme;
      fewest = count;
    }
  }
  return chosen;
}

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
      const bool waits = newest.open && !newest.of_instrument && newest.parts[0].values.empty();
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
      last = wish >= 5 && chance_.OneIn(4) ? ProposeRelease(world) : Propose(world);
      const Broken broken = world.BrokenBy(last);
      if (broken.empty() && (Spoils(world, last) || IsMadeTooEarly(world, last))) continue;
      if (wish == 9) return last;
      if (wish < 5) {
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
  // Whether the first bank or product of a calm walk would come to a bad end by chance: ended, or
  // with a value that fails alone.
  bool Spoils(const World& world, const Step& step) const {
    const auto is_first = [&](const std::string& lot) {
      return lot == lots_[0] || lot == lots_[1];
    };
    const auto fails = [](const Value* value) {
      return value != nullptr && value->line != "TWIN" &&
             value->verdict == Verdict::kOutOfSpecification;
    };
    if (!calm_) return false;
    switch (step.act) {
      case Act::kVoid:
        return is_first(step.lot);
      case Act::kSign: {
        const Intent& intent = world.manifests()[static_cast<std::size_t>(step.manifest)].intent;
        return is_first(intent.lot) &&
               (intent.meaning == Meaning::kReject || intent.meaning == Meaning::kWithdraw ||
                intent.meaning == Meaning::kRecall);
      }
      case Act::kSubmit:
      case Act::kCopy:
        return is_first(world.LotOf(step.sample)) && (fails(step.value) || fails(step.other_value));
      case Act::kRead:
      case Act::kSubmitRun: {
        const Run& run = world.runs()[static_cast<std::size_t>(step.run)];
        for (std::size_t i = 0; i < run.parts.size(); ++i) {
          if (!is_first(run.parts[i].lot)) continue;
          if (step.act == Act::kRead && fails(i == 0 ? step.value : step.other_value)) return true;
          if (step.act == Act::kRead || !step.plate) continue;
          const std::vector<const Value*>& sample = step.plate->samples[i];
          if (std::any_of(sample.begin(), sample.end(), [&](const Value* value) {
                return fails(value) && !step.plate->contaminated.contains(std::string(value->line));
              })) {
            return true;
          }
        }
        return false;
      }
      default:
        return false;
    }
  }

  // Whether a test would be made by chance that the first product is left without for a while.
  bool IsMadeTooEarly(const World& world, const Step& step) const {
    if (step.act != Act::kSubmit && step.act != Act::kCreateRun && step.act != Act::kCopy) {
      return false;
    }
    const auto first = world.lots().find(lots_[1]);
    if (first == world.lots().end()) return false;
    const auto& samples = first->second.samples;
    return (samples.contains(step.sample) || samples.contains(step.other_sample)) &&
           IsLeftForLast(first->second, step.panel);
  }

  // The last of the planned runs, or the repeat of one line or of everything.
  bool IsLeftForLast(const Lot& lot, const std::string& panel) const {
    const Attempt* newest = NewestForRelease(lot, panel);
    if (newest == nullptr) return false;
    const bool lost = newest->outcome == Outcome::kInvalid || newest->outcome == Outcome::kAborted;
    return (late_run_ && newest->Shows(Verdict::kWaiting)) ||
           (line_fails_ && IsLineOpen(lot, panel)) || (invalid_stays_ && lost);
  }

  // What the first lot that can still be released needs next, done by somebody who may.
  std::optional<Step> Onward(const World& world, const Counts& counts) {
    // Not at once: until then somebody may sign for what is on the run.
    if (!chance_.OneIn(3)) {
      if (const auto step = OnwardInRuns(world)) return step;
    }
    for (const std::string& name : lots_) {
      if (BankIsYoung() && name != lots_[0]) break;
      Step step;
      step.lot = name;
      step.intent.lot = name;
      if (!ChooseNeeded(world, &step)) continue;
      const Meaning meaning = step.intent.meaning;
      if (bank_late_ && name == lots_[0] && meaning == Meaning::kRelease &&
          !(IsChildNearlyReleased(world) && chance_.OneIn(6))) {
        continue;
      }
      const bool is_signature = step.act == Act::kPrepare || step.act == Act::kSign;
      // What one thing alone stands in the way of is tried now and then, a release or a fact
      // mostly.
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
        const Broken broken = world.BrokenBy(step);
        if (broken.empty() && name == lots_[1] && Spoils(world, step)) continue;
        if (broken.size() <= (early ? 1 : 0)) return step;
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
      const bool is_done = run.of_instrument || !run.parts[0].values.empty();
      const bool is_left = IsLeftRunning(lot, lot.attempts[run.parts[0].attempt]);
      if (is_left && is_done) continue;
      step.act = is_done ? Act::kSubmitRun : Act::kRead;
      if (lot.looks.empty() && chance_.OneIn(3)) step.act = Act::kLook;
      // Not at once: until then somebody may try to abort it.
      if (step.act == Act::kSubmitRun && !run.of_instrument && !chance_.OneIn(3)) {
        step.act = Act::kAbortRun;
        step.person = FindPerson("sven");
        if (world.BrokenBy(step).size() == 1) return step;
        continue;
      }
      for (int k = 0; k < kCandidates; ++k) {
        CompleteReading(world, &step);
        CompletePlate(run, &step);
        if (line_fails_ && run.of_instrument) {
          FailOneLine(lot.attempts[run.parts[0].attempt], &step);
        }
        step.number = 1;
        if (pair_fails_ && step.panel == "TWIN") {
          const bool is_first =
              std::none_of(lot.attempts.begin(), lot.attempts.end(),
                           [](const Attempt& each) { return each.Shows(Verdict::kWaiting); });
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
        // He may release lots, but not while he only reads their run.
        if (is_left && chance_.OneIn(2)) step.person = FindPerson("fred");
        if (world.BrokenBy(step).empty() && !Spoils(world, step)) return step;
      }
    }
    return std::nullopt;
  }

  // The first plate of a lot has one that is invalid, and shows nothing but, perhaps, in that one.
  void FailOneLine(const Attempt& attempt, Step* step) {
    Plate& plate = *step->plate;
    plate.contaminated.clear();
    if (attempt.number == 1) plate.contaminated.insert(chance_.Of(LinesOf(attempt.panel)));
    const bool signal = chance_.OneIn(3);
    for (std::vector<const Value*>& sample : plate.samples) {
      for (const Value*& value : sample) {
        const std::string line(value->line);
        const bool shows = signal && plate.contaminated.contains(line);
        value = &ValueOf(line, shows ? Verdict::kOutOfSpecification : Verdict::kPass, &chance_);
      }
    }
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
  // it is held, or recalled.
  bool ChooseWithdrawal(const World& world, const Lot& bank, Step* step) {
    if (!bank_withdrawn_ || bank.kind != Kind::kBank || bank.decisions > 2) return false;
    const bool released = bank.disposition == Disposition::kReleased;
    if (!released && ChooseSigningAgain(world, bank, step)) return true;
    constexpr std::array kEnds{Meaning::kHold, Meaning::kHold, Meaning::kWithdraw,
                               Meaning::kRecall};
    step->intent.meaning = released ? chance_.Of(kEnds) : Meaning::kRelease;
    ChooseSigning(world, step);
    const bool held = std::any_of(bank.holds.begin(), bank.holds.end(),
                                  [](const Hold& hold) { return !hold.lifted; });
    return !held && chance_.OneIn(released ? 4 : 8) && IsChildNearlyReleased(world);
  }

  // What is held in vain, after a while.
  bool ChooseLifting(const World& world, const Lot& lot, Step* step) {
    step->intent.meaning = Meaning::kRelease;
    ChooseUnhold(lot, &step->intent);
    ChooseSigning(world, step);
    return step->intent.meaning == Meaning::kUnhold && chance_.OneIn(6);
  }

  // What another release of it rests on; at times the release is tried without.
  bool ChooseSigningAgain(const World& world, const Lot& bank, Step* step) {
    const bool reviewed = !WaitsForReview(bank);
    if ((reviewed && IsAttested(bank, "EM")) || chance_.OneIn(4)) return false;
    step->intent.meaning = reviewed ? Meaning::kAttest : Meaning::kReview;
    if (reviewed) step->intent.codes = {"EM"};
    ChooseSigning(world, step);
    return true;
  }

  static bool WaitsForReview(const Lot& lot) {
    return std::any_of(lot.attempts.begin(), lot.attempts.end(), [](const Attempt& attempt) {
      return std::any_of(attempt.answers.begin(), attempt.answers.end(),
                         [](const auto& answer) { return !answer.second.reviewed; });
    });
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
    if (!measured->answers.at("PH").reviewed) {
      step->intent.meaning = Meaning::kReview;
    } else if (!IsAttested(lot, "BPR")) {
      step->intent.meaning = Meaning::kAttest;
      step->intent.codes = {"BPR"};
    } else if (!chance_.OneIn(3)) {  // it is tried before everything is done
      if (lot.stained.value.empty()) {
        // With "no" nothing hangs on it but the release.
        ChooseFact(&step->intent);
        if (fact_stays_ || chance_.OneIn(2)) step->intent.value = "no";
      } else if (ChooseLaterTest(world, lot, step) || ChooseClearing(world, lot, step)) {
        return true;
      } else {
        ChooseUnhold(lot, &step->intent);
      }
    }
    ChooseSigning(world, step);
    return true;
  }

  // The first test to start that only the final release needs, or to enter a second time.
  bool ChooseLaterTest(const World& world, const Lot& lot, Step* step) {
    for (const std::string& panel : LaterPanels(lot)) {
      if (ChooseTest(lot, panel, step)) return true;
      step->act = Act::kReenter;
      if (!world.WaitingReports(step->lot, panel).empty()) return true;
    }
    return false;
  }

  // Whether a test of the panel is to be made now: the first, a repeat, or the next planned one.
  bool ChooseTest(const Lot& lot, const std::string& panel, Step* step) const {
    const Attempt* newest = NewestForRelease(lot, panel);
    const bool begins = newest == nullptr || newest->outcome == Outcome::kInvalid ||
                        newest->outcome == Outcome::kAborted;
    const bool in_doubt =
        !begins && HasRepeat(panel) && newest->Shows(Verdict::kUndecided) && !newest->method_repeat;
    if (!begins && !in_doubt && !newest->Shows(Verdict::kWaiting) && !IsLineOpen(lot, panel)) {
      return false;
    }
    // A planned run that is still open is what a conditional release goes on with.
    const bool runs = by_run_ || (conditional_first_ && newest == nullptr && panel == "TWIN");
    step->act = Act::kSubmit;
    if (runs && (panel == "PH" || panel == "TWIN")) step->act = Act::kCreateRun;
    if (copies_ && panel == "ENDO") step->act = Act::kCopy;
    if (IsOfInstrument(panel)) step->act = copies_viruses_ ? Act::kCopy : Act::kCreateRun;
    return true;
  }

  static bool IsLineOpen(const Lot& lot, const std::string& panel) {
    const Attempt* newest = NewestForRelease(lot, panel);
    return newest != nullptr && newest->outcome == Outcome::kValid && HasOpenLine(lot, panel);
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
      return ChooseFailure(world, lot, step) || ChooseWithdrawal(world, lot, step) ||
             ChooseLifting(world, lot, step);
    }
    const bool conditional = lot.disposition == Disposition::kConditional;
    if (lot.disposition != Disposition::kQuarantine && !conditional) return false;
    step->act = Act::kConfirm;
    if (lot.confirmed_by.empty()) return true;
    const auto is_usable = [](const auto& each) {
      return each.second.purpose == Purpose::kRelease &&
             each.second.state != SampleState::kRejected;
    };
    auto sample = std::find_if(lot.samples.begin(), lot.samples.end(), is_usable);
    step->act = Act::kPlan;
    if (sample == lot.samples.end()) return lot.samples.size() < 3;
    if (two_samples_ && sample->second.state == SampleState::kReceived) {
      const auto second = std::find_if(std::next(sample), lot.samples.end(), is_usable);
      if (second != lot.samples.end()) {
        sample = second;
      } else if (lot.samples.size() < 3) {
        return true;
      }
    }
    step->act = sample->second.state == SampleState::kPlanned ? Act::kTake : Act::kReceive;
    if (sample->second.state != SampleState::kReceived) return true;
    if (!sample->second.handed_to.empty()) {
      step->act = chance_.OneIn(3) ? Act::kHandOver : Act::kAccept;
      return true;
    }
    if (conditional && lot.stained.value == "no" && chance_.OneIn(2)) {
      // Another fact than the one that it was released on, and no test hangs on.
      ChooseFact(&step->intent);
      step->intent.value = "yes";
      step->act = Act::kPrepare;
      return true;
    }
    if (!conditional && ChooseConditional(world, lot, step)) return true;
    std::string due;  // panel of which a test is left for last
    bool copy_waits = false;
    bool runs = false;
    for (const std::string& panel : JudgedPanels(lot, false)) {
      const Attempt* newest = NewestForRelease(lot, panel);
      if (IsLeftForLast(lot, panel)) {
        due = panel;
        continue;
      }
      if (ChooseTest(lot, panel, step)) return true;
      if (newest->outcome != Outcome::kOpen) continue;
      (world.WaitingReports(step->lot, panel).empty() ? runs : copy_waits) = true;
    }
    ChooseNeededSignature(lot, WaitsForReview(lot), &step->intent);
    // Left open for a while, and what hangs on it with it.
    if (step->intent.meaning == Meaning::kRelease && IsFactMissing(lot) && chance_.OneIn(5)) {
      ChooseFact(&step->intent);
    }
    // In vain, whatever is done for it, where such a release is not registered.
    if (step->intent.meaning == Meaning::kRelease && lot.kind == Kind::kProduct &&
        !lot.conditional_registered && chance_.OneIn(4)) {
      step->intent.meaning = Meaning::kConditional;
    }
    // A hold may wait for the test that is left.
    if (step->intent.meaning == Meaning::kRelease ||
        (step->intent.meaning == Meaning::kUnhold && !due.empty())) {
      if (copy_waits) step->act = Act::kReenter;
      const bool clears = copy_waits || ChooseClearing(world, lot, step);
      // Not at once: until then the lot is one entry short of its release, or one test, when that
      // is all that is left.
      if (chance_.OneIn(clears && !due.empty() ? 2 : 4)) {
        if (runs) return false;
        if (clears || ChooseLeft(lot, due, step)) return true;
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
      ChooseUnhold(lot, intent);
    }
  }

  bool ChooseLeft(const Lot& lot, const std::string& panel, Step* step) {
    return !panel.empty() && chance_.OneIn(2) && ChooseTest(lot, panel, step);
  }

  // First, where there is a hold.
  static void ChooseUnhold(const Lot& lot, Intent* intent) {
    for (std::size_t i = 0; i < lot.holds.size(); ++i) {
      if (lot.holds[i].lifted) continue;
      intent->meaning = Meaning::kUnhold;
      intent->hold = static_cast<int>(i) + 1;
    }
  }
};

Walker::Walker(std::uint64_t seed, int number, const Counts& counts)
    : choices_(new Choices(seed, number, number % 3 == 0 ? Theme::kNone : ThemeOf(counts))) {}
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
