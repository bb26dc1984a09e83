// A fact about a lot, which QA signs: whether it was stained, and so is tested for spots.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {
namespace {

const Rule* const kFactInTime = AddRule("facts of a decided lot are not declared", kState);
const Rule* const kFactDefined = AddRule("a fact is one of the specification", kInvalid);
const Rule* const kFactWord = AddRule("a fact is yes or no", kInvalid);
const Rule* const kFactTested = AddRule("a fact stays once its line was tested", kInvalid);
const Rule* const kFactReleased = AddRule("a fact stays after a conditional release", kInvalid);
const Rule* const kFactDeclared = AddRule("release: the fact is declared", kBlocked);

}  // namespace

std::vector<std::string> JudgedPanels(const Lot& lot, bool conditional) {
  std::vector<std::string> panels = NeededPanels(lot.kind, conditional);
  if (lot.stained.value != "yes") std::erase(panels, "SPOT");
  return panels;
}

bool IsFactMissing(const Lot& lot) {
  return lot.stained.value.empty() && Contains(NeededPanels(lot.kind, false), "SPOT");
}

void CheckFactDeclared(const Lot& lot, Broken* broken) {
  if (IsFactMissing(lot)) broken->insert(kFactDeclared);
}

void CheckFact(const Lot& lot, const Intent& intent, Broken* broken) {
  const bool conditional = lot.disposition == Disposition::kConditional;
  if (lot.disposition != Disposition::kQuarantine && !conditional) broken->insert(kFactInTime);
  if (intent.fact != "stained") {
    broken->insert(kFactDefined);
    return;
  }
  if (intent.value != "yes" && intent.value != "no") broken->insert(kFactWord);
  if (lot.stained.value.empty() || lot.stained.value == intent.value) return;
  // Whichever way it decided, and whatever became of the test.
  if (NewestForRelease(lot, "SPOT") != nullptr) broken->insert(kFactTested);
  if (conditional) broken->insert(kFactReleased);
}

}  // namespace lims::walk
