#include "domain/next_attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/contains.h"

namespace lims::domain {
namespace {

std::string Times(int count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string Used(int count) {
  return count == 1 ? "1 is used" : fmt::format("{} are used", count);
}

Error Open(const v1::Attempt& attempt) {
  return WrongState(fmt::format(
      "attempt {} of {} on lot {} is still open in run {}: finish that with lims run submit or "
      "lims run abort",
      attempt.number(), attempt.panel(), attempt.lot_id(), attempt.run_id()));
}

Error UsedUp(const v1::Attempt& attempt, int allowed, std::string_view after, int used) {
  return WrongState(
      fmt::format("{} on lot {}: the method allows {} after an {} attempt and {}; QA "
                  "decides what follows",
                  attempt.panel(), attempt.lot_id(), Times(allowed, "repeat"), after, Used(used)));
}

class History {
 public:
  History(std::vector<const v1::Attempt*> attempts, const v1::Method& method)
      : attempts_(std::move(attempts)), method_(method) {
    std::sort(attempts_.begin(), attempts_.end(),
              [](const auto* a, const auto* b) { return a->number() < b->number(); });
    for (const v1::Attempt* attempt : attempts_) {
      if (attempt->kind() == v1::ATTEMPT_KIND_REPEAT_INVALID) ++invalid_repeats_;
      if (attempt->kind() == v1::ATTEMPT_KIND_METHOD_REPEAT) ++method_repeats_;
      if (attempt->outcome() == v1::OUTCOME_VALID &&
          StepOf(*attempt) == v1::ATTEMPT_KIND_PLANNED_RUN) {
        ++planned_runs_;
      }
    }
  }

  Result<v1::Attempt> Next() const {
    for (const v1::Attempt* attempt : attempts_) {
      if (attempt->outcome() == v1::OUTCOME_UNSPECIFIED) return Open(*attempt);
    }
    if (attempts_.empty()) {
      return method_.has_run_plan() ? PlannedRun(1) : Kind(v1::ATTEMPT_KIND_ORIGINAL);
    }
    const v1::Attempt& newest = *attempts_.back();
    if (!newest.repeat_because().empty()) return MethodRepeat(newest);
    if (newest.outcome() != v1::OUTCOME_VALID) return RepeatInvalid(newest);
    if (planned_runs_ > 0 && planned_runs_ < method_.run_plan().runs()) {
      return PlannedRun(planned_runs_ + 1);
    }
    if (LinesOpen(newest)) return RepeatInvalid(newest);
    return WrongState(
        fmt::format("attempt {} of {} on lot {} is VALID: see its result with lims result show; "
                    "testing again, after a pass as well, needs an approved plan, and this version "
                    "records none: tell QA",
                    newest.number(), newest.panel(), newest.lot_id()));
  }

 private:
  // Whether nothing answered a line that the newest attempt could not, or the last that did left a
  // doubt, whose repeat takes the place of all of it.
  bool LinesOpen(const v1::Attempt& newest) const {
    const auto& lines = newest.invalid_lines();
    return std::any_of(lines.begin(), lines.end(), [&](const v1::InvalidLine& line) {
      const auto last =
          std::find_if(attempts_.rbegin(), attempts_.rend(), [&](const v1::Attempt* attempt) {
            return attempt->outcome() == v1::OUTCOME_VALID &&
                   InvalidIn(*attempt, line.line_code()) == nullptr;
          });
      return last == attempts_.rend() || !(*last)->repeat_because().empty();
    });
  }

  static v1::Attempt Kind(v1::AttemptKind kind) {
    v1::Attempt next;
    next.set_kind(kind);
    return next;
  }

  v1::Attempt PlannedRun(int number) const {
    v1::Attempt next = Kind(v1::ATTEMPT_KIND_PLANNED_RUN);
    next.set_planned_number(number);
    next.set_planned_total(method_.run_plan().runs());
    return next;
  }

  Result<v1::Attempt> MethodRepeat(const v1::Attempt& newest) const {
    const int allowed = method_.method_repeat().count();
    if (method_repeats_ >= allowed) return UsedUp(newest, allowed, "inconclusive", method_repeats_);
    v1::Attempt next = Kind(v1::ATTEMPT_KIND_METHOD_REPEAT);
    for (const v1::InvalidLine& line : newest.invalid_lines()) {
      if (line.control_lost() && OnlyLostSoFar(newest, line.line_code())) {
        next.add_lost_controls(line.line_code());
      }
    }
    return next;
  }

  // What an earlier attempt left open for another reason stays open for it.
  static bool OnlyLostSoFar(const v1::Attempt& newest, const std::string& line) {
    const auto& lines = newest.lost_controls();
    return StepOf(newest) != v1::ATTEMPT_KIND_METHOD_REPEAT || Contains(lines, line);
  }

  Result<v1::Attempt> RepeatInvalid(const v1::Attempt& newest) const {
    const int allowed = method_.repeat_invalid_budget();
    if (invalid_repeats_ >= allowed) {
      return UsedUp(newest, allowed, "invalid or aborted", invalid_repeats_);
    }
    v1::Attempt next = Kind(v1::ATTEMPT_KIND_REPEAT_INVALID);
    if (const v1::AttemptKind step = StepOf(newest); step != v1::ATTEMPT_KIND_ORIGINAL) {
      next.set_stands_for(step);
    }
    next.set_planned_number(newest.planned_number());
    next.set_planned_total(newest.planned_total());
    // A plan that came with a later version: what takes the place of a test that does not count is
    // its first run.
    const bool nothing_counts = newest.outcome() != v1::OUTCOME_VALID;
    if (nothing_counts && StepOf(newest) == v1::ATTEMPT_KIND_ORIGINAL && method_.has_run_plan()) {
      next.set_stands_for(v1::ATTEMPT_KIND_PLANNED_RUN);
      next.set_planned_number(1);
      next.set_planned_total(method_.run_plan().runs());
    }
    *next.mutable_lost_controls() = newest.lost_controls();
    return next;
  }

  std::vector<const v1::Attempt*> attempts_;
  const v1::Method& method_;
  int invalid_repeats_ = 0;
  int method_repeats_ = 0;
  int planned_runs_ = 0;
};

}  // namespace

v1::AttemptKind StepOf(const v1::Attempt& attempt) {
  if (attempt.kind() != v1::ATTEMPT_KIND_REPEAT_INVALID) return attempt.kind();
  return attempt.stands_for() == v1::ATTEMPT_KIND_UNSPECIFIED ? v1::ATTEMPT_KIND_ORIGINAL
                                                              : attempt.stands_for();
}

const v1::InvalidLine* InvalidIn(const v1::Attempt& attempt, std::string_view line_code) {
  const auto& lines = attempt.invalid_lines();
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const v1::InvalidLine& line) {
    return line.line_code() == line_code;
  });
  return found == lines.end() ? nullptr : &*found;
}

Result<v1::Attempt> NextAttempt(const std::vector<const v1::Attempt*>& same_panel_same_purpose,
                                const v1::Method& method) {
  return History(same_panel_same_purpose, method).Next();
}

int VersionUnderWay(const std::vector<const v1::Attempt*>& same_panel_same_purpose) {
  const auto newest =
      std::max_element(same_panel_same_purpose.begin(), same_panel_same_purpose.end(),
                       [](const auto* a, const auto* b) { return a->number() < b->number(); });
  if (newest == same_panel_same_purpose.end()) return 0;
  const v1::Attempt& attempt = **newest;
  const bool under_way = attempt.planned_total() > 0 || !attempt.repeat_because().empty() ||
                         StepOf(attempt) == v1::ATTEMPT_KIND_METHOD_REPEAT;
  // Each attempt took over the version of the one before, so the newest has that of the first.
  return under_way ? attempt.method_version() : 0;
}

}  // namespace lims::domain
