// Random people do random acts on a few lots of a real site. Every act is first put to a small
// model of the rules, and the site must allow and refuse the same; what was released in the end is
// judged again from the events alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

#include "app/verify.h"
#include "app/walk_model.h"
#include "app/walk_oracle.h"
#include "app/walk_site.h"

namespace lims::walk {
namespace {

constexpr int kWalks = 120;
constexpr int kSteps = 170;
constexpr int kLastPause = 140;  // a step after which short-lived lots have expired
constexpr int kCandidates = 30;
constexpr int kFewest = 3;  // acts that break one rule alone, for each rule
constexpr std::int64_t kDayUs = 24 * 60 * kMinuteUs;

// Draws that are the same everywhere for the same seed.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::size_t Below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool OneIn(std::size_t count) { return Below(count) == 0; }
  template <typename List>
  const auto& Of(const List& list) {
    return *std::next(list.begin(), static_cast<std::ptrdiff_t>(Below(list.size())));
  }
  // An index, each with its weight.
  template <std::size_t n>
  std::size_t Weighted(const std::array<int, n>& weights) {
    int sum = 0;
    for (const int weight : weights) sum += weight;
    int at = static_cast<int>(Below(static_cast<std::size_t>(sum)));
    std::size_t index = 0;
    while (at >= weights[index]) at -= weights[index++];
    return index;
  }

 private:
  std::mt19937_64 engine_;
};

// Acts that break one rule alone, by rule.
using Counts = std::map<const Rule*, int>;

// Proposes steps; the model decides which of them are worth trying.
class Walker {
 public:
  // On a calm day few things go wrong, so that lots get as far as a release.
  Walker(Chance& chance, int number)
      : chance_(chance),
        calm_(!chance.OneIn(3)),
        bank_ages_(calm_ && chance.OneIn(4)),
        bank_fails_(chance.OneIn(2)),
        late_run_(calm_) {
    for (const char* name : {"-B1", "-B2", "-A1", "-A2", "-A3"}) {
      lots_.push_back("W" + std::to_string(number) + name);
    }
  }

  const std::vector<std::string>& lots() const { return lots_; }

  // Time passes now and then: enough for a manifest to age, or a lot to expire.
  std::int64_t Pause(const World& world, int step) {
    if (BankIsYoung()) {
      const auto bank = world.lots().find(lots_[0]);
      bank_aged_ = bank != world.lots().end() && bank->second.disposition == Disposition::kReleased;
      return bank_aged_ ? 5 * kDayUs : 0;
    }
    if (step == kLastPause) return 4 * kDayUs;
    if (chance_.OneIn(50)) return 11 * kMinuteUs;
    return chance_.OneIn(calm_ ? 300 : 80) ? 4 * kDayUs : 0;
  }

  // Something allowed, something that one rarely tried rule forbids, or anything at all.
  Step Next(const World& world, const Counts& counts) {
    if (calm_ && chance_.OneIn(4)) {
      if (const auto step = Onward(world)) return *step;
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
        const auto tried = counts.find(*broken.begin());
        const int count = tried == counts.end() ? 0 : tried->second;
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
    constexpr std::array kWeights{8, 6, 1, 6, 6, 6, 1, 12, 5, 7, 3, 2, 20, 24};
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
        return ChooseSample(world, step);
      case Act::kSubmit:
      case Act::kCreateRun: {
        if (!ChooseSample(world, step)) return false;
        // The map of a run may name lots that a method's lines are not for: runs measure pH here.
        const auto panels = NeededPanels(Kind::kProduct, false);
        step->panel = step->act == Act::kSubmit ? chance_.Of(panels) : "PH";
        step->value = &ChooseValue(step->panel);
        if (bank_fails_ && Has(world, step->lot, Disposition::kReleased)) {
          step->value = &ValueOf(step->panel, Verdict::kOutOfSpecification);
        }
        step->setup = &ChooseSetup(step->panel);
        step->plausibility_confirmed = Mishap();
        return true;
      }
      case Act::kRead:
      case Act::kSubmitRun:
      case Act::kAbortRun:
        if (world.runs().empty()) return false;
        step->run = static_cast<int>(chance_.Below(world.runs().size()));
        step->value = &ChooseValue("PH");
        step->plausibility_confirmed = Mishap();
        step->observed_us = world.now_us;
        if (chance_.OneIn(8)) step->observed_us -= kMinuteUs;
        // Later than allowed, mostly where the run is as old as that.
        if (chance_.OneIn(IsOld(world, step->run) ? 2 : 8)) step->observed_us -= kDayUs;
        if (chance_.OneIn(8)) step->observed_us += kDayUs;
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
    step->conditional_registered = !chance_.OneIn(3);
    if (!bank && !chance_.OneIn(12)) {
      step->parents.push_back(lots_[calm_ ? 0 : chance_.Below(2)]);
    } else if (step->lot == lots_[1] && chance_.OneIn(3)) {
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
  std::optional<Step> Onward(const World& world) {
    for (const std::string& name : lots_) {
      if (BankIsYoung() && name != lots_[0]) break;
      Step step;
      step.lot = name;
      step.intent.lot = name;
      if (!ChooseNeeded(world, &step)) continue;
      for (int i = 0; i < kCandidates; ++i) {
        const bool is_signature = step.act == Act::kPrepare || step.act == Act::kSign;
        if (!is_signature && !Complete(world, &step)) break;
        step.person = SomebodyFor(step.act, step.intent.meaning);
        if (world.BrokenBy(step).empty()) return step;
      }
    }
    return std::nullopt;
  }

  bool ChooseNeeded(const World& world, Step* step) {
    const auto found = world.lots().find(step->lot);
    step->act = Act::kRegister;
    if (found == world.lots().end()) return true;
    const Lot& lot = found->second;
    if (lot.disposition != Disposition::kQuarantine) return false;
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
    step->act = Act::kSubmit;
    bool waits = false;
    bool run_due = false;
    for (const std::string& panel : NeededPanels(lot.kind, false)) {
      const Attempt* newest = nullptr;
      for (const Attempt& attempt : lot.attempts) {
        if (attempt.panel == panel && attempt.purpose == Purpose::kRelease) newest = &attempt;
        waits = waits || (attempt.outcome == Outcome::kValid && !attempt.reviewed);
      }
      if (newest == nullptr || newest->outcome != Outcome::kValid) return true;
      if (newest->verdict == Verdict::kWaiting && !late_run_) return true;
      run_due = run_due || newest->verdict == Verdict::kWaiting;
      if (panel == "SPOT" && newest->verdict == Verdict::kUndecided && !newest->method_repeat) {
        return true;
      }
    }
    ChooseNeededSignature(lot, waits, &step->intent);
    // Not at once: until then the lot is one run short of its release.
    if (run_due && step->intent.meaning == Meaning::kRelease) return chance_.OneIn(5);
    // Signs when that manifest was prepared last, else prepares it.
    step->act = Act::kPrepare;
    if (world.manifests().empty()) return true;
    const Manifest& last = world.manifests().back();
    if (!last.is_signed && last.intent.lot == step->lot &&
        last.intent.meaning == step->intent.meaning) {
      step->act = Act::kSign;
      step->manifest = static_cast<int>(world.manifests().size()) - 1;
    }
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
    return ValueOf(panel, wanted);
  }

  const Value& ValueOf(std::string_view panel, Verdict wanted) {
    for (;;) {
      const Value& value = chance_.Of(kValues);
      if (value.panel == panel && value.verdict == wanted) return value;
    }
  }

  const Setup& ChooseSetup(std::string_view panel) {
    const bool good = !chance_.OneIn(6);
    for (;;) {
      const Setup& setup = chance_.Of(kSetups);
      if (setup.panel == panel && (!good || setup.acceptable)) return setup;
    }
  }

  void ChooseIntent(const World& world, Step* step) {
    constexpr std::array kWeights{14, 14, 14, 4, 1, 2, 5};
    Intent& intent = step->intent;
    do {
      intent.meaning = Meaning(chance_.Weighted(kWeights));
    } while (intent.meaning == Meaning::kReject && calm_ && !chance_.OneIn(4));
    intent.lot = step->lot;
    if (intent.meaning == Meaning::kReview && chance_.OneIn(3)) {
      intent.codes = {chance_.OneIn(2) ? "PH" : "ENDO"};
    }
    if (intent.meaning == Meaning::kAttest) {
      intent.codes = {chance_.OneIn(2) ? "BPR" : "EM"};
      if (chance_.OneIn(4)) intent.codes = {"BPR", "EM"};
    }
    if (intent.meaning == Meaning::kUnhold) {
      const auto lot = world.lots().find(step->lot);
      const std::size_t holds = lot == world.lots().end() ? 0 : lot->second.holds.size();
      intent.hold = 1 + static_cast<int>(chance_.Below(holds + (chance_.OneIn(6) ? 1 : 0) +
                                                       (holds == 0 ? 1 : 0)));
    }
  }

  Chance& chance_;
  const bool calm_;
  const bool bank_ages_;
  const bool bank_fails_;  // what is found in a released lot, its children being tested, is bad
  const bool late_run_;  // the last of the planned runs is made when everything else is done
  bool bank_aged_ = false;
  std::vector<std::string> lots_;
};

std::string Describe(const Step& step, const World& world) {
  const Intent& intent = step.act == Act::kSign
                             ? world.manifests()[static_cast<std::size_t>(step.manifest)].intent
                             : step.intent;
  std::string text = "act " + std::to_string(static_cast<int>(step.act)) + " by " +
                     step.person->id + " on " + step.lot + " sample " + step.sample + " panel " +
                     step.panel + " run " + std::to_string(step.run) + " manifest " +
                     std::to_string(step.manifest);
  if (step.value != nullptr) text += " value " + std::string(step.value->text);
  if (!intent.lot.empty()) {
    text += " intent " + std::to_string(static_cast<int>(intent.meaning)) + " on " + intent.lot;
  }
  return text;
}

std::string NamesOf(const Broken& broken) {
  std::string names;
  for (const Rule* rule : broken) names += "[" + rule->name + "] ";
  return names.empty() ? "nothing" : names;
}

std::string Told(const Error& refusal) {
  std::string text = std::string(ErrorReasonName(refusal.reason)) + " " + refusal.message;
  for (const Violation& violation : refusal.violations) {
    text += "\n  " + violation.field + ": " + violation.description;
  }
  return text;
}

// Whether the site did what the model says, for the reason that it gives.
bool Agrees(const Broken& broken, const std::optional<Error>& refusal) {
  if (broken.empty() || !refusal) return broken.empty() && !refusal;
  return std::any_of(broken.begin(), broken.end(),
                     [&](const Rule* rule) { return rule->reason == refusal->reason; });
}

std::uint64_t Seed() {
  const char* given = std::getenv("LIMS_TEST_SEED");
  return given == nullptr ? 20260301 : std::strtoull(given, nullptr, 10);
}

TEST(RandomWalk, TheSiteAllowsWhatTheModelAllowsAndReleasesOnlyWhatTheEventsBear) {
  const std::uint64_t seed = Seed();
  SCOPED_TRACE("LIMS_TEST_SEED=" + std::to_string(seed));
  TemporaryFolder folder;
  Counts alone;
  int allowed = 0;
  int refused = 0;
  int released = 0;
  int walks_released = 0;
  int doubts_cleared = 0;
  {
    WalkSite site(folder.path());
    ASSERT_FALSE(HasFailure()) << "no site to walk on";
    std::int64_t& now_us = site.fixture().now_us;
    for (int walk = 0; walk < kWalks; ++walk) {
      // Each walk has its own stream of chance, so that it can be looked at alone.
      Chance chance(seed + static_cast<std::uint64_t>(walk) * 1'000'003);
      Walker walker(chance, walk);
      World world;
      site.BeginWalk();
      for (int i = 0; i < kSteps; ++i) {
        now_us += walker.Pause(world, i);
        world.now_us = now_us;
        const Step step = walker.Next(world, alone);
        world.now_us = now_us + 1000;  // the fixture's clock moves with each act
        const Broken broken = world.BrokenBy(step);
        const std::optional<Error> refusal = site.Do(step, world);
        ASSERT_TRUE(Agrees(broken, refusal))
            << "walk " << walk << " step " << i << ": " << Describe(step, world)
            << "\nthe model: " << NamesOf(broken)
            << "\nthe site: " << (refusal ? Told(*refusal) : "done");
        (broken.empty() ? allowed : refused) += 1;
        if (broken.size() == 1) ++alone[*broken.begin()];
        if (broken.empty()) world.Apply(step);
      }
      bool any = false;
      for (const std::string& lot : walker.lots()) {
        if (!world.lots().contains(lot)) continue;
        const Verdicts verdicts = JudgeFromEvents(site.fixture().site().store(), lot);
        for (const std::string& complaint : verdicts.complaints) ADD_FAILURE() << complaint;
        EXPECT_EQ(verdicts.released, world.lots().at(lot).disposition == Disposition::kReleased)
            << lot;
        released += verdicts.released;
        doubts_cleared += verdicts.cleared_doubt;
        any = any || (verdicts.released && world.lots().at(lot).kind == Kind::kProduct);
      }
      walks_released += any;
    }
  }
  std::cout << "seed " << seed << ": " << kWalks << " walks, " << allowed << " acts allowed, "
            << refused << " refused, " << released << " lots released; a product in "
            << walks_released << " walks (" << 100 * walks_released / kWalks << " %)\n";
  EXPECT_GE(walks_released * 20, kWalks);
  std::cout << doubts_cleared << " lots released after a repeat that the method prescribes\n";
  EXPECT_GE(doubts_cleared, 1);
  // Each rule stood alone in the way of some act: without it, the site would have disagreed above.
  for (const Rule& rule : Rules()) {
    std::cout << "  " << (rule.independent ? std::to_string(alone[&rule]) : "never alone") << "  "
              << rule.name << "\n";
    EXPECT_TRUE(!rule.independent || alone[&rule] >= kFewest) << rule.name;
  }
  const auto report = app::VerifySite({folder.path(), "", true});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->findings.empty()) << app::FormatReport(*report);
}

}  // namespace
}  // namespace lims::walk
