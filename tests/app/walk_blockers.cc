// What stands in the way of a release, worked out a second time.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {
namespace {

using Names = std::set<std::string>;

// Of a line that has no answer, whether because of the attempt or of itself alone.
std::string BlockerOfRepeat(const Lot& lot, const std::string& panel) {
  const auto repeats =
      std::count_if(lot.attempts.begin(), lot.attempts.end(), [&](const Attempt& attempt) {
        return attempt.panel == panel && attempt.purpose == Purpose::kRelease &&
               attempt.repeats_invalid;
      });
  // What left a doubt as well is repeated for that.
  const bool in_doubt = NewestForRelease(lot, panel)->Shows(Verdict::kUndecided);
  return repeats >= BudgetOf(panel) && !in_doubt ? "REPEATS_EXHAUSTED " : "REPEAT_DUE ";
}

// Of the newest test of a line that the decision needs, or only supposes to run.
std::string BlockerOfTest(const Lot& lot, const std::string& panel, const std::string& line,
                          bool goes_on) {
  const Attempt* newest = NewestForRelease(lot, panel);
  if (newest == nullptr) return "NOT_TESTED ";
  if (newest->outcome == Outcome::kOpen) {
    if (!newest->copied_by.empty()) return "SECOND_ENTRY_DUE ";
    return goes_on ? "" : "RUN_OPEN ";
  }
  const Answer* answer = StandingAnswer(lot, panel, line);
  if (answer == nullptr) return BlockerOfRepeat(lot, panel);
  if (answer->verdict == Verdict::kWaiting) return "PLANNED_RUN_DUE ";
  if (answer->verdict != Verdict::kUndecided) return "";
  return HasRepeat(panel) ? "INCONCLUSIVE " : "CANNOT_DECIDE ";
}

// `judged` are the panels whose newest test has been looked at, `needed` those that are reviewed.
void AddAttemptBlockers(const Lot& lot, const std::set<std::string>& judged,
                        const std::vector<std::string>& needed, Names* blockers) {
  for (const Attempt& attempt : lot.attempts) {
    if (attempt.late) blockers->insert("LATE_ENTRY *");
    if (attempt.outcome == Outcome::kOpen) {
      const bool named =
          judged.contains(attempt.panel) && &attempt == NewestForRelease(lot, attempt.panel);
      if (!named) blockers->insert(attempt.copied_by.empty() ? "RUN_OPEN *" : "SECOND_ENTRY_DUE *");
    }
    if (attempt.purpose != Purpose::kRelease) continue;
    const bool is_needed = Contains(needed, attempt.panel);
    for (const auto& [line, answer] : attempt.answers) {
      if (answer.verdict == Verdict::kOutOfSpecification) blockers->insert("OOS " + line);
      if (is_needed && !answer.reviewed) blockers->insert("NOT_REVIEWED " + line);
    }
  }
}

}  // namespace

std::set<std::string> World::Blockers(const std::string& id, bool conditional) const {
  const Lot& lot = lots_.at(id);
  const std::vector<std::string> panels = JudgedPanels(lot, conditional);
  Names blockers;
  if (lot.confirmed_by.empty()) blockers.insert("NOT_CONFIRMED " + id);
  if (conditional && !lot.conditional_registered) blockers.insert("NOT_REGISTERED " + id);
  if (!IsReleasable(lot, conditional)) blockers.insert("DISPOSITION " + id);
  if (IsFactMissing(lot)) blockers.insert("FACT_MISSING stained");
  if (now_us > lot.expiry_us) blockers.insert("EXPIRED " + id);
  for (std::size_t i = 0; i < lot.holds.size(); ++i) {
    if (!lot.holds[i].lifted) blockers.insert("HOLD " + std::to_string(i + 1));
  }
  for (std::size_t i = 0; i < lot.amendments.size(); ++i) {
    if (lot.amendments[i].state != AmendmentState::kProposed) continue;
    blockers.insert("AMENDMENT_OPEN " + std::to_string(i + 1));
  }
  for (std::size_t i = 0; i < lot.looks.size(); ++i) {
    if (!lot.looks[i].cleared) blockers.insert("LOOK_NOT_SUBMITTED " + std::to_string(i + 1));
  }
  std::set<std::string> judged;
  const auto judge = [&](const std::string& panel, bool goes_on) {
    judged.insert(panel);
    for (const std::string& line : LinesOf(panel)) {
      const std::string blocker = BlockerOfTest(lot, panel, line, goes_on);
      if (!blocker.empty()) blockers.insert(blocker + line);
    }
  };
  for (const std::string& panel : panels) judge(panel, false);
  if (conditional) {
    for (const std::string& panel : LaterPanels(lot)) judge(panel, true);
  }
  AddAttemptBlockers(lot, judged, panels, &blockers);
  for (const std::string& code : NeededAttestations(lot.kind, conditional)) {
    if (!IsAttested(lot, code)) blockers.insert("NOT_ATTESTED " + code);
  }
  bool bank_found = lot.kind == Kind::kBank;
  AddAncestorBlockers(id, &blockers, &bank_found);
  if (!bank_found) blockers.insert("PARENT_MISSING " + id);
  return blockers;
}

void World::AddAncestorBlockers(const std::string& id, std::set<std::string>* blockers,
                                bool* bank_found) const {
  const Lot& lot = lots_.at(id);
  for (const std::string& parent_id : lot.parents) {
    const Lot& parent = lots_.at(parent_id);
    *bank_found = *bank_found || parent.kind == Kind::kBank;
    const bool held = std::any_of(parent.holds.begin(), parent.holds.end(),
                                  [](const Hold& hold) { return !hold.lifted; });
    if (parent.disposition != Disposition::kReleased || held || lot.made_us > parent.expiry_us) {
      blockers->insert("PARENT_NOT_RELEASED " + parent_id);
    }
    if (std::any_of(parent.attempts.begin(), parent.attempts.end(), [](const Attempt& attempt) {
          return attempt.Shows(Verdict::kOutOfSpecification);
        })) {
      blockers->insert("PARENT_OOS " + parent_id);
    }
    AddAncestorBlockers(parent_id, blockers, bank_found);
  }
}

}  // namespace lims::walk
