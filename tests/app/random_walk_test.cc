// Random people do random acts on a few lots of a real site. Every act is first put to a small
// model of the rules, and the site must allow and refuse the same; what was released in the end is
// judged again from the events alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "app/verify.h"
#include "app/walk_model.h"
#include "app/walk_oracle.h"
#include "app/walk_site.h"
#include "app/walker.h"

namespace lims::walk {
namespace {

constexpr int kWalks = 150;
constexpr int kSteps = 300;
constexpr int kStepsPerComparison = 12;  // at the blockers of every lot
constexpr int kFewest = 3;               // acts that break one rule alone, for each rule
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
      Walker walker(seed + static_cast<std::uint64_t>(walk) * 1'000'003, walk, alone);
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
        if (broken.empty()) {
          world.Apply(step);
        } else {
          world.ApplyRefused(step, broken);
        }
        if (i % kStepsPerComparison != 0) continue;
        world.now_us = now_us;
        for (const auto& [id, lot] : world.lots()) {
          ASSERT_EQ(site.Blockers(id, false), world.Blockers(id, false)) << id;
          if (lot.kind == Kind::kBank) continue;
          ASSERT_EQ(site.Blockers(id, true), world.Blockers(id, true)) << id << " on condition";
        }
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
