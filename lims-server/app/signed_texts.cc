#include "app/signed_acts.h"

namespace lims::app {

void Show(std::vector<v1::ShownRecord>* shown, const google::protobuf::Message& record,
          std::int64_t etag, std::string text) {
  v1::ShownRecord& entry = shown->emplace_back();
  entry.set_record(tlog::NameOf(record));
  entry.set_etag(etag);
  entry.set_text(std::move(text));
}

std::string Text(const v1::Result& result) {
  const char* qualifier = result.qualifier() == v1::QUALIFIER_LESS_THAN      ? "<"
                          : result.qualifier() == v1::QUALIFIER_GREATER_THAN ? ">"
                                                                             : "";
  std::string text = qualifier + result.value_reported();
  if (!result.unit().empty()) text += " " + result.unit();
  text += " (unrounded " + result.value_raw() + ") against " + result.criterion() + ": " +
          v1::Verdict_Name(result.verdict()).substr(8);
  for (const std::string& flag : result.flags()) text += " [" + flag + "]";
  return text;
}

std::string Text(const v1::Attempt& attempt) {
  std::string text = v1::AttemptKind_Name(attempt.kind()).substr(13) + " on " +
                     attempt.sample_id() + " for " + v1::Purpose_Name(attempt.purpose()).substr(8) +
                     " in run " + attempt.run_id() + ": ";
  text += attempt.outcome() == v1::OUTCOME_UNSPECIFIED
              ? "open"
              : v1::Outcome_Name(attempt.outcome()).substr(8);
  for (const v1::Check& check : attempt.checks()) {
    if (!check.ok()) text += "; failed " + check.name() + " " + check.observed();
  }
  if (!attempt.abort_reason().empty()) text += "; " + attempt.abort_reason();
  for (const std::string& flag : attempt.flags()) text += " [" + flag + "]";
  return text;
}

std::string Text(const v1::Lot& lot) {
  return v1::LotKind_Name(lot.kind()).substr(9) + " of " + lot.product_id() + ", manufactured " +
         lot.manufacture_time() + ", expires " + lot.expiry() + ": " +
         v1::Disposition_Name(lot.disposition()).substr(12);
}

std::string Text(const v1::Hold& hold) {
  return v1::HoldKind_Name(hold.kind()).substr(10) + ": " + hold.reason() +
         (hold.lifted_signature_id().empty() ? " (holds)"
                                             : " (lifted: " + hold.lift_reason() + ")");
}

void ShowHolds(const domain::LotView& view, std::vector<v1::ShownRecord>* shown) {
  for (const auto& hold : view.holds) Show(shown, hold.record, hold.etag, Text(hold.record));
}

void ShowLot(const domain::LotView& view, std::vector<v1::ShownRecord>* shown) {
  Show(shown, view.lot.record, view.lot.etag, Text(view.lot.record));
}

}  // namespace lims::app
