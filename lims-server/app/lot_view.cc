#include "app/lot_view.h"

#include <algorithm>
#include <set>

#include "app/judging.h"

namespace lims::app {

Result<std::vector<storage::Stored<v1::Result>>> OutOfSpecification(storage::Records& records,
                                                                    const std::string& lot_id) {
  std::vector<storage::Stored<v1::Result>> found;
  LIMS_ASSIGN_OR_RETURN(auto results, records.List<v1::Result>({lot_id}));
  for (auto& result : results) {
    const v1::Purpose purpose = result.record.purpose();
    if (result.record.verdict() == v1::VERDICT_OOS_SUSPECTED && purpose != v1::PURPOSE_VALIDATION &&
        purpose != v1::PURPOSE_TRAINING) {
      found.push_back(std::move(result));
    }
  }
  return found;
}

namespace {

// Parents of parents included; a lot named twice is loaded once.
Result<void> LoadRelated(storage::Records& records, const std::string& lot_id,
                         std::set<std::string>* seen, std::vector<domain::RelatedLot>* related) {
  if (!seen->insert(lot_id).second) return {};
  LIMS_ASSIGN_OR_RETURN(auto lot, records.Find<v1::Lot>({lot_id}));
  if (!lot) return {};
  domain::RelatedLot entry;
  entry.lot = lot->record;
  entry.etag = lot->etag;
  LIMS_ASSIGN_OR_RETURN(const auto holds, records.List<v1::Hold>({lot_id}));
  for (const auto& hold : holds) {
    entry.held = entry.held || hold.record.lifted_signature_id().empty();
    entry.etag = std::max(entry.etag, hold.etag);
  }
  LIMS_ASSIGN_OR_RETURN(auto failing, OutOfSpecification(records, lot_id));
  for (auto& result : failing) {
    entry.etag = std::max(entry.etag, result.etag);
    entry.out_of_specification.push_back(std::move(result.record));
  }
  related->push_back(entry);
  for (const v1::LotParent& parent : entry.lot.parents()) {
    LIMS_RETURN_IF_ERROR(LoadRelated(records, parent.lot_id(), seen, related));
  }
  return {};
}

}  // namespace

Result<domain::LotView> LoadLotView(storage::Records& records, const std::string& lot_id) {
  domain::LotView view;
  LIMS_ASSIGN_OR_RETURN(view.lot, records.Get<v1::Lot>({lot_id}));
  const v1::Lot& lot = view.lot.record;
  if (lot.specification_revision() > 0) {
    LIMS_ASSIGN_OR_RETURN(
        view.specification,
        records.Get<v1::Specification>({lot.product_id(), lot.specification_revision()}));
    LIMS_ASSIGN_OR_RETURN(const auto text, SpecificationOf(records, lot));
    view.lines.assign(text->lines().begin(), text->lines().end());
    view.attestation_lines.assign(text->attestations().begin(), text->attestations().end());
    view.fact_definitions.assign(text->facts().begin(), text->facts().end());
  }
  LIMS_ASSIGN_OR_RETURN(view.facts, records.List<v1::LotFact>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.holds, records.List<v1::Hold>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.samples, records.ListBy<v1::Sample>("lot_id", lot_id));
  LIMS_ASSIGN_OR_RETURN(view.attempts, records.List<v1::Attempt>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.results, records.List<v1::Result>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.reviews, records.List<v1::Review>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.attestations, records.List<v1::Attestation>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.decisions, records.List<v1::ReleaseDecision>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.amendments, records.List<v1::Amendment>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.looks, records.List<v1::Look>({lot_id}));
  LIMS_ASSIGN_OR_RETURN(view.certificates, records.List<v1::ExternalCertificate>({lot_id}));
  std::set<std::string> seen = {lot_id};
  for (const v1::LotParent& parent : lot.parents()) {
    LIMS_RETURN_IF_ERROR(LoadRelated(records, parent.lot_id(), &seen, &view.related));
  }
  for (const v1::FactDefinition& definition : view.fact_definitions) {
    if (definition.type() != v1::FACT_TYPE_LOT) continue;
    for (const auto& fact : view.facts) {
      if (fact.record.fact() == definition.fact()) {
        LIMS_RETURN_IF_ERROR(LoadRelated(records, fact.record.value(), &seen, &view.related));
      }
    }
  }
  std::set<std::string> methods;
  for (const auto& attempt : view.attempts) {
    const std::string& id = attempt.record.method_id();
    if (!methods.insert(id).second) continue;
    LIMS_ASSIGN_OR_RETURN(const auto versions, records.Shared<v1::Method>({id}));
    if (versions->empty()) return NotFound("method " + id);
    for (const auto& version : *versions) view.methods.push_back(version.record);
  }
  return view;
}

}  // namespace lims::app
