// What a signer is shown, as far as it can change before the signature.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {

std::string World::Shown(const Intent& intent) const {
  const Lot& lot = lots_.at(intent.lot);
  std::string text;
  const auto add = [&text](const std::string& name, int version) {
    text += name + ":" + std::to_string(version) + ";";
  };
  const auto add_amendments = [&](const std::set<std::string>& panels) {
    for (const Amendment& amendment : lot.amendments) {
      if (!panels.empty() && !panels.contains(amendment.panel)) continue;
      add("amendment " + amendment.panel, static_cast<int>(amendment.state));
    }
  };
  const auto add_holds = [&] {
    for (const Hold& hold : lot.holds) add("hold", hold.version);
  };
  switch (intent.meaning) {
    case Meaning::kReview: {
      std::set<std::string> panels;
      for (const auto& [attempt, line] : Waiting(intent)) {
        panels.insert(attempt->panel);
        add("result " + line, attempt->number);
      }
      for (const Attempt& attempt : lot.attempts) {
        if (!panels.contains(attempt.panel)) continue;
        add(attempt.panel + std::to_string(attempt.number), attempt.version);
      }
      add_amendments(panels);
      break;
    }
    case Meaning::kAttest:
      add("lot", lot.version);
      for (const std::string& code : intent.codes) {
        add(code, lot.attested.contains(code) ? lot.attested.at(code) : 0);
      }
      break;
    case Meaning::kDeclare:
      add("lot", lot.version);
      add("stained", lot.stained.version);
      break;
    case Meaning::kHold:
      add("lot", lot.version);
      add_holds();
      break;
    case Meaning::kUnhold:
      add("hold", lot.holds[static_cast<std::size_t>(intent.hold) - 1].version);
      break;
    case Meaning::kRelease:
    case Meaning::kConditional:
    case Meaning::kReject:
    case Meaning::kWithdraw:
    case Meaning::kRecall:
      add("lot", lot.version);
      add_holds();
      for (const auto& [id, sample] : lot.samples) add(id, sample.version);
      for (const Attempt& attempt : lot.attempts) {
        add(attempt.panel + std::to_string(attempt.number), attempt.version);
      }
      add_amendments({});
      for (const Look& look : lot.looks) add("look", look.cleared ? 1 : 0);
      for (const auto& [code, version] : lot.attested) add(code, version);
      add("stained", lot.stained.version);
      add("reviews", lot.reviews);
      add("decisions", lot.decisions);
      ShowAncestors(lot, &text);
      break;
  }
  return text;
}

void World::ShowAncestors(const Lot& lot, std::string* text) const {
  for (const std::string& id : lot.parents) {
    const Lot& parent = lots_.at(id);
    const bool held = std::any_of(parent.holds.begin(), parent.holds.end(),
                                  [](const Hold& hold) { return !hold.lifted; });
    int failing = 0;
    for (const Attempt& attempt : parent.attempts) {
      for (const auto& [line, answer] : attempt.answers) {
        failing += answer.verdict == Verdict::kOutOfSpecification;
      }
    }
    *text += id + ":" + std::to_string(static_cast<int>(parent.disposition)) +
             (held ? " held " : " ") + std::to_string(failing) + ";";
    ShowAncestors(parent, text);
  }
}

}  // namespace lims::walk
