// A panel of several lines: each is valid or not for itself.
#include <algorithm>

#include "app/walk_model.h"

namespace lims::walk {
namespace {

const Rule* const kHoldAnswered =
    AddRule("a hold stays until what was unexpected was tested again", kState);

// The last attempt before `end` that answers the line; nullptr when there is none.
const Attempt* LastToAnswer(const Lot& lot, const Attempt* end, const std::string& line) {
  const Attempt* last = nullptr;
  for (const Attempt& attempt : lot.attempts) {
    if (&attempt == end) break;
    if (attempt.purpose == Purpose::kRelease && attempt.answers.contains(line)) last = &attempt;
  }
  return last;
}

}  // namespace

const Answer* StandingAnswer(const Lot& lot, const std::string& panel, const std::string& line) {
  const Attempt* newest = NewestForRelease(lot, panel);
  if (newest == nullptr || newest->outcome != Outcome::kValid) return nullptr;
  if (newest->answers.contains(line)) return &newest->answers.at(line);
  const Attempt* before = LastToAnswer(lot, newest, line);
  if (before == nullptr) return nullptr;
  const Answer& answer = before->answers.at(line);
  return answer.verdict == Verdict::kUndecided ? nullptr : &answer;
}

bool HasOpenLine(const Lot& lot, const std::string& panel) {
  const Attempt* newest = NewestForRelease(lot, panel);
  const std::vector<std::string> lines = LinesOf(panel);
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    if (newest->answers.contains(line)) return false;
    // The repeat of what left a doubt takes the place of all of it.
    const Attempt* before = LastToAnswer(lot, newest, line);
    return before == nullptr || before->Shows(Verdict::kUndecided);
  });
}

void CheckAnswered(const Lot& lot, const Hold& hold, Broken* broken) {
  for (const std::size_t index : hold.unexpected) {
    const Attempt& unexpected = lot.attempts[index];
    const bool answered =
        std::any_of(lot.attempts.begin(), lot.attempts.end(), [&](const Attempt& later) {
          return later.panel == unexpected.panel && later.number > unexpected.number &&
                 later.run != unexpected.run && later.purpose == unexpected.purpose &&
                 std::all_of(unexpected.signals.begin(), unexpected.signals.end(),
                             [&](const std::string& line) { return later.answers.contains(line); });
        });
    if (!answered) broken->insert(kHoldAnswered);
  }
}

}  // namespace lims::walk
