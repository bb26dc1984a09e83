#include "app/lots.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/call.h"
#include "app/catalogue.h"
#include "app/lot_view.h"
#include "app/signed_acts.h"
#include "base/text.h"
#include "domain/gates.h"
#include "domain/in_force.h"
#include "domain/lifecycle.h"
#include "domain/refusal.h"
#include "domain/releasability.h"
#include "domain/segregation.h"
#include "lims/v1/words.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

bool SameParents(const google::protobuf::RepeatedPtrField<v1::LotParent>& a,
                 const google::protobuf::RepeatedPtrField<v1::LotParent>& b) {
  return std::is_permutation(a.begin(), a.end(), b.begin(), b.end(),
                             [](const auto& x, const auto& y) { return x.lot_id() == y.lot_id(); });
}

// Why a registered lot is no parent of the one to be registered; empty when it may be.
std::string WhyNoParent(const v1::Lot& parent, const v1::RegisterLotRequest& child, TimeUs made) {
  const std::string name = "lot " + parent.lot_id();
  if (parent.product_id() != child.product_id()) {
    return name + " is of product " + parent.product_id() + ", not of " + child.product_id() +
           ": compare with the batch record";
  }
  if (!domain::MayBeMadeFrom(child.kind(), parent.kind())) {
    return name + " is of kind " + v1::EnumWord(parent.kind()) + ", from which no " +
           v1::EnumWord(child.kind()) + " is made: compare with the batch record";
  }
  // Of several parents a pool is made, which may have several donors.
  if (child.parents_size() == 1 && !child.donor_code().empty() && !parent.donor_code().empty() &&
      child.donor_code() != parent.donor_code()) {
    return name + " is of donor " + parent.donor_code() + ", not of " + child.donor_code() +
           ": compare with the batch record";
  }
  const Result<TimeUs> parent_made = ParseTime(parent.manufacture_time());
  if (parent_made && *parent_made > made) {
    return name + " was made later, at " + parent.manufacture_time() +
           ": compare with the batch record";
  }
  return "";
}

// Lot work waits until an inspector could find somebody responsible for every step.
Result<void> RequireStaff(storage::Records& records) {
  LIMS_ASSIGN_OR_RETURN(const auto users, records.List<v1::User>({}));
  int administrators = 0;
  int qa = 0;
  for (const auto& user : users) {
    if (user.record.state() != v1::USER_STATE_ACTIVE) continue;
    for (const v1::Role role : ConfirmedRoles(user.record)) {
      administrators += role == v1::ROLE_ACCOUNT_ADMIN;
      qa += role == v1::ROLE_QA;
    }
  }
  if (administrators < 2 || qa < 1) {
    return WrongState(
        "lots are registered when two account administrators and one QA officer "
        "have set their passwords with lims auth passwd: of the former " +
        std::to_string(administrators) + " have, of the latter " + std::to_string(qa));
  }
  return {};
}

}  // namespace

Result<Plan> RegisterLot(Site& site, const Call& call, const v1::RegisterLotRequest& request) {
  const int offset = site.record().zone_offset_minutes();
  std::vector<Violation> violations;
  if (!IsIdentifier(request.lot_id())) {
    violations.push_back({"lot_id", kIdentifierRule});
  }
  if (request.kind() == v1::LOT_KIND_UNSPECIFIED) {
    violations.push_back(
        {"kind", "must be given: DRUG_PRODUCT, MCB, WCB, EOPC, HARVEST, REFERENCE"});
  }
  if (const auto time = ParseTime(request.manufacture_time()); !time) {
    violations.push_back({"manufacture_time", WhatIsWrong(time.error())});
  } else if (*time > site.clock().Now()) {
    violations.push_back({"manufacture_time", "lies in the future"});
  }
  if (const auto expiry = domain::ExpiryEnd(request.expiry(), offset); !expiry) {
    violations.push_back({"expiry", WhatIsWrong(expiry.error())});
  } else if (const auto made = ParseTime(request.manufacture_time()); made && *expiry <= *made) {
    violations.push_back(
        {"expiry", "lies before the manufacture of the lot, " + request.manufacture_time()});
  }
  if (!request.donor_code().empty() && !IsIdentifier(request.donor_code())) {
    violations.push_back(
        {"donor_code", std::string(kIdentifierRule) + ": a register code, never a name"});
  }
  for (int i = 0; i < request.parents_size(); ++i) {
    if (request.parents(i).lot_id() == request.lot_id()) {
      violations.push_back(
          {"parents[" + std::to_string(i) + "].lot_id", "a lot is not made from itself"});
    }
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_REGISTER_LOT;
  plan.run = [call, request, offset](storage::Transaction& tx) -> Result<void> {
    LIMS_RETURN_IF_ERROR(RequireStaff(tx.records()));
    LIMS_ASSIGN_OR_RETURN(const auto taken, tx.records().Find<v1::Lot>({request.lot_id()}));
    if (taken) {
      return MakeError(ErrorReason::kAlreadyExists,
                       "lot " + request.lot_id() +
                           " is registered: see it with lims lot show, or choose another number");
    }
    LIMS_ASSIGN_OR_RETURN(const TimeUs made, ParseTime(request.manufacture_time()));
    LIMS_ASSIGN_OR_RETURN(const auto specification,
                          SpecificationInForce(tx.records(), request.product_id(), made, offset));
    v1::Lot lot;
    std::vector<Violation> refused;
    for (int i = 0; i < request.parents_size(); ++i) {
      const std::string& parent = request.parents(i).lot_id();
      LIMS_ASSIGN_OR_RETURN(const auto found, tx.records().Find<v1::Lot>({parent}));
      std::string why = found ? WhyNoParent(found->record, request, made)
                              : "lot " + parent + " is not registered: register it first";
      if (!why.empty()) {
        refused.push_back({"parents[" + std::to_string(i) + "].lot_id", std::move(why)});
      }
      *lot.add_parents() = request.parents(i);
    }
    if (!refused.empty()) return InvalidArguments(std::move(refused));
    lot.set_lot_id(request.lot_id());
    lot.set_kind(request.kind());
    lot.set_product_id(request.product_id());
    lot.set_specification_revision(specification.record.revision());
    lot.set_donor_code(request.donor_code());
    lot.set_manufacture_time(request.manufacture_time());
    lot.set_expiry(request.expiry());
    lot.set_disposition(v1::DISPOSITION_QUARANTINE);
    lot.set_registered_by(call.user_id);
    tx.Put(lot);
    std::set<std::string> parents;
    for (const v1::LotParent& parent : lot.parents()) {
      if (!parents.insert(parent.lot_id()).second) continue;
      v1::LotChild child;
      child.set_parent_lot_id(parent.lot_id());
      child.set_lot_id(lot.lot_id());
      tx.Put(child);
    }
    return {};
  };
  return plan;
}

Result<Plan> ConfirmLot(Site&, const Call& call, const v1::ConfirmLotRequest& request) {
  Plan plan;
  plan.act = v1::ACT_CONFIRM_LOT;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto lot, tx.records().Get<v1::Lot>({request.lot_id()}));
    if (const auto conflict = domain::ConfirmerConflict(lot.record.registered_by(), call.user_id)) {
      return MakeError(ErrorReason::kSegregation, *conflict);
    }
    const std::string name = "lot " + request.lot_id();
    const v1::Disposition disposition = lot.record.disposition();
    if (!lot.record.confirmed_by().empty()) {
      return WrongState(name + " is confirmed already, by " + lot.record.confirmed_by() +
                        ": plan its samples with lims sample plan");
    }
    if (disposition != v1::DISPOSITION_QUARANTINE) {
      return domain::RefuseState(
          name, disposition,
          "only a lot in quarantine is confirmed; " + domain::NextStep(disposition));
    }
    std::vector<Violation> violations;
    const auto typed = ParseTime(request.manufacture_time());
    const auto registered = ParseTime(lot.record.manufacture_time());
    if (!typed) {
      violations.push_back({"manufacture_time", WhatIsWrong(typed.error())});
    } else if (!registered || *typed != *registered) {
      violations.push_back({"manufacture_time",
                            "differs from what was registered: compare with the batch record; if "
                            "the registration is wrong, void the lot"});
    }
    if (!SameParents(request.parents(), lot.record.parents())) {
      violations.push_back({"parents",
                            "differ from what was registered: compare with the batch "
                            "record; if the registration is wrong, void the lot"});
    }
    if (!violations.empty()) return InvalidArguments(std::move(violations));
    lot.record.set_confirmed_by(call.user_id);
    tx.Put(lot.record);
    return {};
  };
  return plan;
}

Result<Plan> VoidLot(Site&, const Call&, const v1::VoidLotRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_VOID_LOT;
  plan.reason.set_text(request.reason());
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto lot, tx.records().Get<v1::Lot>({request.lot_id()}));
    LIMS_ASSIGN_OR_RETURN(const auto samples,
                          tx.records().ListBy<v1::Sample>("lot_id", request.lot_id()));
    const v1::Disposition disposition = lot.record.disposition();
    if (!domain::MayBecome(disposition, v1::DISPOSITION_VOIDED)) {
      return domain::RefuseState("lot " + request.lot_id(), disposition,
                                 "only a lot in quarantine is voided, before its first sample; " +
                                     domain::NextStep(disposition));
    }
    for (const auto& sample : samples) {
      if (sample.record.state() == v1::SAMPLE_STATE_CANCELLED) continue;
      return WrongState("lot " + request.lot_id() + " has sample " + sample.record.sample_id() +
                        ": a lot is voided before its first sample; " +
                        (sample.record.state() == v1::SAMPLE_STATE_PLANNED
                             ? "cancel the planned one with lims sample cancel"
                             : "QA rejects it with lims release reject"));
    }
    lot.record.set_disposition(v1::DISPOSITION_VOIDED);
    tx.Put(lot.record);
    return {};
  };
  return plan;
}

namespace {

Result<bool> IsHeld(storage::Records& records, const std::string& lot_id) {
  LIMS_ASSIGN_OR_RETURN(const auto holds, records.List<v1::Hold>({lot_id}));
  return std::any_of(holds.begin(), holds.end(),
                     [](const auto& hold) { return hold.record.lifted_signature_id().empty(); });
}

}  // namespace

Result<v1::ListLotsResponse> ListLots(Site&, storage::Records& records,
                                      const v1::ListLotsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(const std::string after, ParsePageToken(request.page_token()));
  LIMS_ASSIGN_OR_RETURN(
      auto page, request.disposition() == v1::DISPOSITION_UNSPECIFIED
                     ? records.Page<v1::Lot>(after, size)
                     : records.PageBy<v1::Lot>("disposition", std::int64_t{request.disposition()},
                                               after, size));
  v1::ListLotsResponse response;
  if (static_cast<int>(page.size()) == size) {
    response.set_next_page_token(PageToken(page.back().record.lot_id()));
  }
  for (auto& lot : page) {
    LIMS_ASSIGN_OR_RETURN(const bool held, IsHeld(records, lot.record.lot_id()));
    if (held) response.add_held_lot_ids(lot.record.lot_id());
    *response.add_lots() = std::move(lot.record);
  }
  return response;
}

namespace {

// The lot as the events up to `at_index` left it: the last after-image of each record.
Result<v1::GetLotResponse> LotAsItWas(storage::Records& records, const std::string& lot_id,
                                      std::int64_t at_index) {
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, storage::LogSize(records.db()));
  if (at_index < 0 || at_index >= size) {
    return InvalidArgument("at_index", "the log has " + std::to_string(size) + " events");
  }
  LIMS_ASSIGN_OR_RETURN(const auto entries, storage::StreamEntries(records.db(), "lot/" + lot_id, 0,
                                                                   storage::kWholeStream));
  std::vector<v1::Record> images;                       // in order of first appearance
  std::unordered_map<std::string, std::size_t> places;  // in them, by name
  v1::GetLotResponse response;
  for (const storage::StreamEntry& entry : entries) {
    if (entry.index > at_index) break;
    v1::Event event;
    LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry.bytes, &event));
    response.set_etag(event.index());
    for (v1::Record& record : *event.mutable_records()) {
      const auto [known, first] =
          places.try_emplace(tlog::NameOf(tlog::MessageOf(record)), images.size());
      if (first) {
        images.push_back(std::move(record));
      } else {
        images[known->second] = std::move(record);
      }
    }
  }
  if (images.empty()) {
    return NotFound("lot " + lot_id + " at log index " + std::to_string(at_index));
  }
  for (v1::Record& record : images) {
    if (record.has_lot()) *response.mutable_lot() = std::move(*record.mutable_lot());
    if (record.has_lot_fact()) *response.add_facts() = record.lot_fact();
    if (record.has_hold()) *response.add_holds() = record.hold();
    if (record.has_sample()) *response.add_samples() = record.sample();
    if (record.has_attempt()) *response.add_attempts() = record.attempt();
    if (record.has_result()) *response.add_results() = record.result();
    if (record.has_review()) *response.add_reviews() = record.review();
    if (record.has_attestation()) *response.add_attestations() = record.attestation();
    if (record.has_release_decision()) *response.add_decisions() = record.release_decision();
    if (record.has_amendment()) *response.add_amendments() = record.amendment();
    if (record.has_look()) *response.add_looks() = record.look();
    if (record.has_external_certificate()) {
      *response.add_certificates() = record.external_certificate();
    }
  }
  return response;
}

Result<v1::GetLotResponse> LotAsItIs(storage::Records& records, const std::string& lot_id) {
  LIMS_ASSIGN_OR_RETURN(domain::LotView view, LoadLotView(records, lot_id));
  v1::GetLotResponse response;
  LIMS_RETURN_IF_ERROR(AddChangesSinceRelease(records, view, &response));
  std::int64_t etag = view.lot.etag;
  const auto take = [&etag](auto& rows, auto* field) {
    for (auto& row : rows) {
      etag = std::max(etag, row.etag);
      *field->Add() = std::move(row.record);
    }
  };
  *response.mutable_lot() = view.lot.record;
  take(view.facts, response.mutable_facts());
  take(view.holds, response.mutable_holds());
  take(view.samples, response.mutable_samples());
  take(view.attempts, response.mutable_attempts());
  take(view.results, response.mutable_results());
  take(view.reviews, response.mutable_reviews());
  take(view.attestations, response.mutable_attestations());
  take(view.decisions, response.mutable_decisions());
  take(view.amendments, response.mutable_amendments());
  take(view.looks, response.mutable_looks());
  take(view.certificates, response.mutable_certificates());
  response.set_etag(etag);
  return response;
}

// Certificates that were copied before first entries were sealed: the second person is to read
// these from the paper.
void HideFirstEntries(v1::GetLotResponse* response) {
  for (v1::ExternalCertificate& certificate : *response->mutable_certificates()) {
    if (!certificate.confirmed_by().empty()) continue;
    certificate.clear_issuer();
    certificate.clear_certificate_number();
    certificate.clear_issued_date();
  }
}

// Each signature once: one stands behind several attestations.
Result<void> AddComments(storage::Records& records, v1::GetLotResponse* response) {
  std::set<std::string> signed_by;
  for (const v1::Review& each : response->reviews()) signed_by.insert(each.signature_id());
  for (const v1::Attestation& each : response->attestations()) {
    signed_by.insert(each.signature_id());
  }
  for (const v1::ReleaseDecision& each : response->decisions()) {
    signed_by.insert(each.signature_id());
  }
  for (const std::string& id : signed_by) {
    LIMS_ASSIGN_OR_RETURN(const auto signature, records.Find<v1::Signature>({id}));
    if (!signature || signature->record.comment().empty()) continue;
    v1::SignerComment* comment = response->add_comments();
    comment->set_signature_id(id);
    comment->set_user_id(signature->record.user_id());
    comment->set_meaning(signature->record.meaning());
    comment->set_comment(signature->record.comment());
  }
  return {};
}

}  // namespace

Result<v1::GetLotResponse> GetLot(Site&, storage::Records& records,
                                  const v1::GetLotRequest& request) {
  LIMS_ASSIGN_OR_RETURN(v1::GetLotResponse response,
                        request.has_at_index()
                            ? LotAsItWas(records, request.lot_id(), request.at_index())
                            : LotAsItIs(records, request.lot_id()));
  HideFirstEntries(&response);
  LIMS_RETURN_IF_ERROR(AddComments(records, &response));
  return response;
}

Result<v1::GetBlockersResponse> GetBlockers(Site& site, storage::Records& records,
                                            const v1::GetBlockersRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const domain::LotView view, LoadLotView(records, request.lot_id()));
  return BlockersOf(site, view, request.gate());
}

v1::GetBlockersResponse BlockersOf(Site& site, const domain::LotView& view, v1::Gate gate) {
  const v1::Lot& lot = view.lot.record;
  v1::GetBlockersResponse response;
  response.set_lot_id(lot.lot_id());
  response.set_disposition(lot.disposition());
  response.set_gate(gate == v1::GATE_UNSPECIFIED ? domain::FinalGate(lot.kind()) : gate);
  for (auto& blocker : domain::Blockers(view, response.gate(), site.clock().Now(),
                                        site.record().zone_offset_minutes())) {
    *response.add_blockers() = std::move(blocker);
  }
  response.set_releasable(response.blockers().empty());
  for (const auto& attempt : view.attempts) {
    if (attempt.record.purpose() != v1::PURPOSE_RELEASE) {
      *response.add_other_tests() = attempt.record;
    }
  }
  return response;
}

}  // namespace lims::app
