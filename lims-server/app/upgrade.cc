#include "app/upgrade.h"

#include <charconv>
#include <set>
#include <string>

#include "storage/log.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

// From this schema on, registering a lot also puts what it was made from as lot_child rows.
constexpr int kSchemaOfLotChild = 5;

// The schema that the last start recorded; nothing was recorded before the first start.
Result<std::optional<int>> LastSchema(storage::Connection& db) {
  LIMS_ASSIGN_OR_RETURN(const auto head, storage::HeadOf(db, "server"));
  if (!head) return std::optional<int>();
  LIMS_ASSIGN_OR_RETURN(const auto last, storage::StreamEntries(db, "server", head->pos, 1));
  v1::Event event;
  if (!last.empty()) LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(last[0].bytes, &event));
  int schema = 0;
  for (const v1::Detail& detail : event.details()) {
    const std::string& text = detail.value();
    if (detail.name() == "schema") std::from_chars(text.data(), text.data() + text.size(), schema);
  }
  return std::optional<int>(schema);
}

Result<void> AddLotChildren(storage::Transaction& tx) {
  LIMS_ASSIGN_OR_RETURN(const auto lots, tx.records().List<v1::Lot>({}));
  for (const auto& lot : lots) {
    std::set<std::string> parents;
    for (const v1::LotParent& parent : lot.record.parents()) {
      if (!parents.insert(parent.lot_id()).second) continue;
      v1::LotChild child;
      child.set_parent_lot_id(parent.lot_id());
      child.set_lot_id(lot.record.lot_id());
      tx.Put(child);
    }
  }
  return {};
}

}  // namespace

Result<void> AddMissingRecords(storage::Transaction& tx) {
  LIMS_ASSIGN_OR_RETURN(const auto schema, LastSchema(tx.db()));
  if (schema && *schema < kSchemaOfLotChild) return AddLotChildren(tx);
  return {};
}

}  // namespace lims::app
