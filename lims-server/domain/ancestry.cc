#include "domain/ancestry.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "base/time.h"
#include "domain/in_force.h"
#include "lims/v1/words.h"

namespace lims::domain {
namespace {

bool IsCellBank(const v1::Lot& lot) {
  return lot.kind() == v1::LOT_KIND_MCB || lot.kind() == v1::LOT_KIND_WCB;
}

// What a lot was made from, as far as it is known, each once.
std::vector<const RelatedLot*> Ancestors(const v1::Lot& lot,
                                         const std::vector<RelatedLot>& related) {
  std::vector<const RelatedLot*> found;
  const auto add_parents = [&](const v1::Lot& child) {
    for (const v1::LotParent& parent : child.parents()) {
      for (const RelatedLot& other : related) {
        if (other.lot.lot_id() != parent.lot_id()) continue;
        if (!Contains(found, &other)) found.push_back(&other);
      }
    }
  };
  add_parents(lot);
  for (std::size_t i = 0; i < found.size(); ++i) add_parents(found[i]->lot);
  return found;
}

// What is wrong with a lot for good or until somebody has decided; empty for nothing.
std::string Failing(const RelatedLot& other) {
  if (!other.out_of_specification.empty()) {
    return "is out of specification in " + other.out_of_specification.front().line_code();
  }
  if (other.held) return "is on hold";
  switch (other.lot.disposition()) {
    case v1::DISPOSITION_REJECTED:
    case v1::DISPOSITION_CONDITIONAL_FAILED:
    case v1::DISPOSITION_WITHDRAWN:
    case v1::DISPOSITION_RECALLED:
      return "is " + v1::EnumWord(other.lot.disposition());
    default:
      return "";
  }
}

class AncestryWalk {
 public:
  AncestryWalk(const LotView& view, int zone_offset_minutes, BlockerList& blockers)
      : zone_offset_minutes_(zone_offset_minutes),
        banks_(BanksOf(view.lot.record, view.related)),
        view_(view),
        blockers_(blockers) {
    for (const RelatedLot& other : view.related) related_.emplace(other.lot.lot_id(), &other);
  }

  // From `lot` to all its parents, nearest first.
  void WalkParents(const v1::Lot& lot) {
    std::deque<const v1::Lot*> children{&lot};
    for (; !children.empty(); children.pop_front()) {
      const v1::Lot& child = *children.front();
      for (const v1::LotParent& parent : child.parents()) {
        const RelatedLot* other = Find(parent.lot_id());
        if (other != nullptr) JudgeExpiry(other->lot, child);
        if (Visit(parent.lot_id(), other, "parent")) children.push_back(&other->lot);
      }
    }
  }

  void WalkNamed(const v1::FactDefinition& definition, const std::string& lot_id) {
    const std::string relation = fmt::format("the lot named by {},", definition.fact());
    const RelatedLot* other = Find(lot_id);
    if (other != nullptr && other->lot.kind() != definition.lot_kind()) {
      Add(lot_id, v1::ROLE_QA,
          fmt::format("{} {} is not of the kind that the fact needs", relation, lot_id));
    }
    if (other != nullptr && !banks_.empty() && !SharesBank(other->lot)) {
      Add(lot_id, v1::ROLE_QA,
          fmt::format("{} {} comes from no bank of this lot", relation, lot_id));
    }
    if (Visit(lot_id, other, relation)) WalkParents(other->lot);
  }

  bool bank_found() const { return bank_found_; }
  bool unregistered_found() const { return unregistered_found_; }

 private:
  bool SharesBank(const v1::Lot& other) const {
    const std::set<std::string> banks = BanksOf(other, view_.related);
    return std::any_of(banks.begin(), banks.end(),
                       [&](const std::string& bank) { return banks_.contains(bank); });
  }

  // nullptr when it is not registered. The judged lot itself is never found: it cannot bear itself.
  const RelatedLot* Find(std::string_view lot_id) const {
    const auto found = related_.find(lot_id);
    return found == related_.end() ? nullptr : found->second;
  }

  // Judges a lot the first time it is met; true when it is registered and was not met before.
  bool Visit(const std::string& lot_id, const RelatedLot* other, std::string_view relation) {
    if (!visited_.insert(lot_id).second) return false;
    if (other == nullptr) {
      unregistered_found_ = true;
      Add(lot_id, v1::ROLE_QP, fmt::format("{} {} is not registered", relation, lot_id));
      return false;
    }
    bank_found_ = bank_found_ || IsCellBank(other->lot);
    if (other->lot.disposition() != v1::DISPOSITION_RELEASED) {
      Add(lot_id, v1::ROLE_QP,
          fmt::format("{} {} is {}; it must be RELEASED first", relation, lot_id,
                      v1::EnumWord(other->lot.disposition())));
    }
    if (other->held) {
      Add(lot_id, v1::ROLE_QA, fmt::format("{} {} is on hold", relation, lot_id));
    }
    for (const v1::Result& result : other->out_of_specification) {
      AddBlocker(
          blockers_, v1::BLOCKER_KIND_PARENT_OOS, lot_id, v1::ROLE_QA,
          fmt::format("{} {} is out of specification in {} (attempt {}: {})", relation, lot_id,
                      result.line_code(), result.attempt_number(), result.value_reported()));
    }
    return true;
  }

  // A bank serves until its expiry; what was made from it earlier stands on its own.
  void JudgeExpiry(const v1::Lot& parent, const v1::Lot& child) {
    const Result<TimeUs> made = ParseTime(child.manufacture_time());
    if (parent.expiry().empty() ||
        (made && !Expired(parent.expiry(), *made, zone_offset_minutes_))) {
      return;
    }
    Add(parent.lot_id(), v1::ROLE_QA,
        fmt::format("parent {} had expired ({}) when {} was made from it", parent.lot_id(),
                    parent.expiry(), child.lot_id()));
  }

  void Add(const std::string& lot_id, v1::Role who, std::string description) {
    AddBlocker(blockers_, v1::BLOCKER_KIND_PARENT_NOT_RELEASED, lot_id, who,
               std::move(description));
  }

  const int zone_offset_minutes_;
  const std::set<std::string> banks_;  // of the judged lot; none when that is a blocker of its own
  const LotView& view_;
  BlockerList& blockers_;
  std::unordered_map<std::string_view, const RelatedLot*> related_;
  std::unordered_set<std::string> visited_;
  bool bank_found_ = false;
  bool unregistered_found_ = false;
};

}  // namespace

bool NamedLotNeeded(const v1::FactDefinition& definition, v1::LotKind kind) {
  return definition.type() == v1::FACT_TYPE_LOT && kind == v1::LOT_KIND_DRUG_PRODUCT &&
         !definition.used_by_lines().empty();
}

std::set<std::string> BanksOf(const v1::Lot& lot, const std::vector<RelatedLot>& related) {
  std::set<std::string> banks;
  if (IsCellBank(lot)) banks.insert(lot.lot_id());
  for (const RelatedLot* ancestor : Ancestors(lot, related)) {
    if (IsCellBank(ancestor->lot)) banks.insert(ancestor->lot.lot_id());
  }
  return banks;
}

std::optional<std::string> WhyNamedLotStays(const LotView& view, const std::string& lot_id) {
  const auto named = std::find_if(view.related.begin(), view.related.end(),
                                  [&](const auto& other) { return other.lot.lot_id() == lot_id; });
  if (named == view.related.end()) return std::nullopt;
  std::vector<const RelatedLot*> lineage = Ancestors(named->lot, view.related);
  lineage.insert(lineage.begin(), &*named);
  const std::vector<const RelatedLot*> own = Ancestors(view.lot.record, view.related);
  for (const RelatedLot* other : lineage) {
    // What is the lot's own ancestor blocks it whatever the fact names.
    if (Contains(own, other)) continue;
    if (std::string why = Failing(*other); !why.empty()) return other->lot.lot_id() + " " + why;
  }
  return std::nullopt;
}

void AddAncestryBlockers(const LotView& view, const LotIndex& index, int zone_offset_minutes,
                         BlockerList& blockers) {
  const v1::Lot& lot = view.lot.record;
  AncestryWalk walk(view, zone_offset_minutes, blockers);
  walk.WalkParents(lot);
  if (lot.kind() == v1::LOT_KIND_DRUG_PRODUCT && !walk.bank_found() && !walk.unregistered_found()) {
    AddBlocker(blockers, v1::BLOCKER_KIND_PARENT_MISSING, lot.lot_id(), v1::ROLE_QA,
               "the lot names no cell bank that it was made from; it must be registered anew");
  }
  for (const v1::FactDefinition& definition : view.fact_definitions) {
    if (!NamedLotNeeded(definition, lot.kind())) continue;
    const std::optional<std::string> named = index.Fact(definition.fact());
    if (named) walk.WalkNamed(definition, *named);
  }
}

}  // namespace lims::domain
