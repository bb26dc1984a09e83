#include "assay/exclusions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/contains.h"
#include "base/text.h"
#include "lims/v1/words.h"

namespace lims::assay {
namespace {

constexpr std::string_view kExcludingAssays[] = {"potency"};
constexpr std::size_t kMaxReasonBytes = 500;

bool Names(const v1::Exclusion& exclusion, const v1::Datum& point) {
  const std::string& well = exclusion.position();
  const bool there = !point.position().empty() &&
                     (well == point.position() || well == point.plate() + ":" + point.position());
  return there && (exclusion.target().empty() || exclusion.target() == point.target());
}

class Marking {
 public:
  Marking(const v1::Method& method, google::protobuf::RepeatedPtrField<v1::Datum>& data)
      : method_(method), data_(data) {}

  void Mark(int i, const v1::Exclusion& exclusion) {
    const std::string path = fmt::format("exclusions[{}].", i);
    CheckRule(path, exclusion);
    std::vector<v1::Datum*> points;
    for (v1::Datum& point : data_) {
      if (Names(exclusion, point)) points.push_back(&point);
    }
    if (points.size() != 1) {
      const std::string well = QuotedForMessage(exclusion.position());
      Refuse(path + "position",
             points.empty() ? well + " is no well of the data"
                            : fmt::format("{} are {} points: name one as PLATE:A1, or its target",
                                          well, points.size()));
      return;
    }
    v1::Datum& point = *points.front();
    if (!point.excluded_by().empty()) {
      Refuse(path + "position", exclusion.position() + " is left out twice");
      return;
    }
    point.set_excluded_by(exclusion.rule());
    const int count = ++counts_[{point.role(), point.sample_id()}];
    if (count == method_.exclusions_max() + 1) {
      Refuse(path + "position",
             fmt::format("is point {} to be left out of {}; {} allows {}", count,
                         point.sample_id().empty() ? v1::EnumWord(point.role()) : point.sample_id(),
                         method_.method_id(), method_.exclusions_max()));
    }
  }

  std::vector<Violation> TakeViolations() { return std::move(violations_); }

 private:
  void Refuse(std::string field, std::string problem) {
    violations_.push_back({std::move(field), std::move(problem)});
  }

  void CheckRule(const std::string& path, const v1::Exclusion& exclusion) {
    std::vector<std::string_view> rules;
    for (const v1::ExclusionRule& rule : method_.exclusion_rules()) rules.push_back(rule.rule());
    if (rules.empty()) {
      Refuse(path + "rule", method_.method_id() + " has no rule by which a point is left out");
    } else if (!Contains(rules, exclusion.rule())) {
      Refuse(path + "rule",
             fmt::format("{} is no rule of {}; it has {}", QuotedForMessage(exclusion.rule()),
                         method_.method_id(), fmt::join(rules, ", ")));
    }
    if (const auto problem = TextProblem(exclusion.reason(), kMaxReasonBytes);
        exclusion.reason().empty() || problem) {
      Refuse(path + "reason", problem.value_or("must say what happened"));
    }
  }

  const v1::Method& method_;
  google::protobuf::RepeatedPtrField<v1::Datum>& data_;
  std::map<std::pair<v1::PositionRole, std::string>, int> counts_;
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> ApplyExclusions(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::Exclusion>& exclusions,
    google::protobuf::RepeatedPtrField<v1::Datum>* data) {
  Marking marking(method, *data);
  for (int i = 0; i < exclusions.size(); ++i) marking.Mark(i, exclusions[i]);
  return marking.TakeViolations();
}

std::vector<Violation> CheckExclusionRules(const v1::Method& method) {
  std::vector<Violation> violations;
  const auto refuse = [&](std::string field, std::string problem) {
    violations.push_back({"method." + std::move(field), std::move(problem)});
  };
  if (!Contains(kExcludingAssays, method.assay()) && !method.exclusion_rules().empty()) {
    refuse("exclusion_rules", "have no effect with this calculator");
  }
  if (method.exclusion_rules().empty() != (method.exclusions_max() == 0)) {
    refuse("exclusions_max", "is given with the rules, 1 or more, and only then");
  }
  if (method.exclusion_rules().empty() == method.judge_with_excluded()) {
    refuse("judge_with_excluded",
           "is true with the rules, and only then: what is open with every point must stay open "
           "when points are left out");
  }
  if (method.exclusions_max() < 0) refuse("exclusions_max", "must not be negative");
  std::set<std::string> seen;
  for (int i = 0; i < method.exclusion_rules_size(); ++i) {
    const v1::ExclusionRule& rule = method.exclusion_rules(i);
    const std::string path = fmt::format("exclusion_rules[{}].", i);
    if (rule.rule().empty() || !seen.insert(rule.rule()).second) {
      refuse(path + "rule", "must be given and unique");
    }
    if (rule.meaning().empty()) refuse(path + "meaning", "must say when the rule applies");
  }
  return violations;
}

bool HasExclusions(const v1::AssayInput& input) {
  return std::any_of(input.data().begin(), input.data().end(),
                     [](const v1::Datum& point) { return !point.excluded_by().empty(); });
}

v1::AssayInput WithoutExcluded(const v1::AssayInput& input) {
  v1::AssayInput counting = input;
  auto& data = *counting.mutable_data();
  data.erase(std::remove_if(data.begin(), data.end(),
                            [](const v1::Datum& point) { return !point.excluded_by().empty(); }),
             data.end());
  return counting;
}

v1::AssayInput WithExcluded(const v1::AssayInput& input) {
  v1::AssayInput all = input;
  for (v1::Datum& point : *all.mutable_data()) point.clear_excluded_by();
  return all;
}

std::string HangsOnLeftOut(std::string_view open_with_them) {
  return fmt::format("the verdict hangs on the points left out: with them, {}", open_with_them);
}

}  // namespace lims::assay
