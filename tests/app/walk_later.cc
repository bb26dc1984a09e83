// Tests that go on after a conditional release: those of lines that only the final one needs.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {
namespace {

const Rule* const kStarted =
    AddRule("conditional release: every test of the final one was started", kBlocked);
const Rule* const kStartedAgain =
    AddRule("conditional release: a test that came to nothing was started again", kBlocked);

}  // namespace

std::vector<std::string> LaterPanels(const Lot& lot) {
  std::vector<std::string> panels = JudgedPanels(lot, false);
  for (const std::string& panel : JudgedPanels(lot, true)) std::erase(panels, panel);
  return panels;
}

void CheckTestsGoOn(const Lot& lot, Broken* broken) {
  for (const std::string& panel : LaterPanels(lot)) {
    const Attempt* newest = NewestForRelease(lot, panel);
    if (newest == nullptr) {
      broken->insert(kStarted);
    } else if (newest->outcome != Outcome::kOpen) {
      for (const std::string& line : LinesOf(panel)) {
        const Answer* answer = StandingAnswer(lot, panel, line);
        if (answer == nullptr || answer->verdict == Verdict::kUndecided ||
            answer->verdict == Verdict::kWaiting) {
          broken->insert(kStartedAgain);
        }
      }
    }
  }
}

}  // namespace lims::walk
