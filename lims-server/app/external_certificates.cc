#include "app/external_certificates.h"

#include <set>
#include <utility>

#include "app/judging.h"
#include "app/kept_files.h"
#include "app/second_entry.h"
#include "base/text.h"
#include "domain/gates.h"
#include "domain/in_force.h"
#include "domain/refusal.h"
#include "domain/segregation.h"
#include "storage/blobs.h"

namespace lims::app {
namespace {

// What both people type.
template <typename Request>
std::vector<Violation> CheckCertificate(const Request& request, const Site& site) {
  std::vector<Violation> violations;
  const auto text = [&violations](const std::string& field, const std::string& value) {
    if (value.empty()) violations.push_back({field, "must be given, as on the certificate"});
    if (const auto problem = TextProblem(value, 200)) violations.push_back({field, *problem});
  };
  text("issuer", request.issuer());
  text("certificate_number", request.certificate_number());
  const std::string today = LocalDate(site.clock().Now(), site.record().zone_offset_minutes());
  if (!domain::IsDate(request.issued_date())) {
    violations.push_back({"issued_date", "must be a day that exists: YYYY-MM-DD"});
  } else if (request.issued_date() > today) {
    violations.push_back({"issued_date", "lies in the future"});
  }
  if (request.lines().empty()) {
    violations.push_back(
        {"lines",
         "name the lines or panels that the certificate speaks for: --lines KARYO,HV-PCR"});
  }
  return violations;
}

// Adds the lines of a bank that a typed name means: the line of this code, else every line of this
// panel; false when it is none.
bool AddLines(const v1::SpecificationText& specification, v1::LotKind kind, const std::string& name,
              std::set<std::string>* lines) {
  bool found = false;
  const auto add = [&](const auto& is_meant) {
    for (const v1::SpecificationLine& line : specification.lines()) {
      if (!is_meant(line) || !domain::NeededAt(v1::GATE_BANK, kind, line.gates())) continue;
      lines->insert(line.line_code());
      found = true;
    }
  };
  add([&](const v1::SpecificationLine& line) { return line.line_code() == name; });
  if (!found) add([&](const v1::SpecificationLine& line) { return line.panel() == name; });
  return found;
}

// What is typed twice and nothing else, to be compared.
template <typename Typed>
v1::ExternalCertificate TypedFields(const Typed& typed) {
  v1::ExternalCertificate fields;
  fields.set_issuer(typed.issuer());
  fields.set_certificate_number(typed.certificate_number());
  fields.set_issued_date(typed.issued_date());
  *fields.mutable_lines() = typed.lines();
  return fields;
}

// The same of a request, with names of lines and panels turned into lines of this bank, so that
// both people may name them differently. Names every one that is none, and a day on which the bank
// was not made yet.
template <typename Request>
Result<v1::ExternalCertificate> TypedFor(storage::Records& records, const v1::Lot& lot,
                                         const Request& request, int zone_offset_minutes) {
  std::vector<Violation> violations;
  const Result<TimeUs> made = ParseTime(lot.manufacture_time());
  if (made && request.issued_date() < LocalDate(*made, zone_offset_minutes)) {
    violations.push_back({"issued_date", "lies before lot " + lot.lot_id() + " was made, " +
                                             lot.manufacture_time() +
                                             ": compare with the certificate"});
  }
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot));
  std::set<std::string> lines;
  for (int i = 0; i < request.lines_size(); ++i) {
    if (AddLines(*specification, lot.kind(), request.lines(i), &lines)) continue;
    violations.push_back({"lines[" + std::to_string(i) + "]",
                          QuotedForMessage(request.lines(i)) + " is no line or panel that lot " +
                              lot.lot_id() + " is released by: see them with lims lot blockers"});
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  v1::ExternalCertificate fields = TypedFields(request);
  fields.mutable_lines()->Assign(lines.begin(), lines.end());
  return fields;
}

// As the first person typed it. Certificates of before first entries were sealed hold it openly.
Result<v1::ExternalCertificate> FirstTyped(storage::Records& records,
                                           const v1::ExternalCertificate& certificate) {
  if (!certificate.has_sealed_entry()) return TypedFields(certificate);
  v1::ExternalCertificate typed;
  LIMS_RETURN_IF_ERROR(OpenSeal(records, certificate.sealed_entry(), &typed));
  return typed;
}

Result<v1::Lot> BankInQuarantine(storage::Records& records, const std::string& lot_id) {
  LIMS_ASSIGN_OR_RETURN(auto lot, records.Get<v1::Lot>({lot_id}));
  if (!domain::IsBank(lot.record.kind())) {
    return WrongState("lot " + lot_id +
                      " is no bank: its lines are tested, or copied panel by "
                      "panel with lims result submit --source CONTRACT_LAB");
  }
  if (lot.record.disposition() != v1::DISPOSITION_QUARANTINE) {
    return domain::RefuseState("lot " + lot_id, lot.record.disposition(),
                               "a certificate is copied for a bank in quarantine; " +
                                   domain::NextStep(lot.record.disposition()));
  }
  if (lot.record.confirmed_by().empty()) return domain::RefuseUnconfirmed(lot_id);
  return std::move(lot.record);
}

}  // namespace

Result<Plan> TranscribeCertificate(Site& site, const Call& call,
                                   const v1::TranscribeCertificateRequest& request) {
  std::vector<Violation> violations = CheckCertificate(request, site);
  Append(CheckFile("scan", request.scan()), &violations);
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_TRANSCRIBE_CERTIFICATE;
  plan.run = [call, request, offset = site.record().zone_offset_minutes()](
                 storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const v1::Lot lot, BankInQuarantine(tx.records(), request.lot_id()));
    LIMS_ASSIGN_OR_RETURN(const auto known,
                          tx.records().Find<v1::ExternalCertificate>({request.lot_id()}));
    if (known && !known->record.confirmed_by().empty()) {
      return WrongState("lot " + request.lot_id() + " has certificate " +
                        known->record.certificate_number() +
                        ", typed by two people: see it with lims lot show");
    }
    LIMS_ASSIGN_OR_RETURN(const auto typed, TypedFor(tx.records(), lot, request, offset));
    LIMS_ASSIGN_OR_RETURN(const v1::RawFile scan, KeepFile(tx, "scan", request.scan()));
    v1::ExternalCertificate certificate;
    certificate.set_lot_id(request.lot_id());
    certificate.set_file_sha256(scan.sha256());
    certificate.set_file_bytes(scan.size_bytes());
    LIMS_ASSIGN_OR_RETURN(*certificate.mutable_sealed_entry(), SealEntry(tx, "lines", typed));
    certificate.set_entered_by(call.user_id);
    tx.Put(std::move(certificate));
    return {};
  };
  return plan;
}

Result<Plan> ConfirmCertificate(Site& site, const Call& call,
                                const v1::ConfirmCertificateRequest& request) {
  if (auto violations = CheckCertificate(request, site); !violations.empty()) {
    return InvalidArguments(std::move(violations));
  }
  Plan plan;
  plan.act = v1::ACT_CONFIRM_CERTIFICATE;
  plan.run = [call, request, offset = site.record().zone_offset_minutes()](
                 storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const v1::Lot lot, BankInQuarantine(tx.records(), request.lot_id()));
    LIMS_ASSIGN_OR_RETURN(auto certificate,
                          tx.records().Find<v1::ExternalCertificate>({request.lot_id()}));
    if (!certificate) {
      return MakeError(ErrorReason::kNotFound, "no certificate of lot " + request.lot_id() +
                                                   " was copied yet: the first person does it "
                                                   "with lims lot certificate");
    }
    v1::ExternalCertificate& record = certificate->record;
    if (!record.confirmed_by().empty()) {
      return WrongState("certificate " + record.certificate_number() + " of lot " +
                        request.lot_id() + " is confirmed already, by " + record.confirmed_by() +
                        ": see it with lims lot show");
    }
    if (const auto conflict = domain::SecondEntryConflict(record.entered_by(), call.user_id)) {
      return MakeError(ErrorReason::kSegregation, *conflict);
    }
    LIMS_ASSIGN_OR_RETURN(const v1::ExternalCertificate first, FirstTyped(tx.records(), record));
    if (first.lines().empty()) {
      return WrongState("the certificate of lot " + request.lot_id() +
                        " was copied before certificates named their lines: it is copied anew "
                        "with lims lot certificate");
    }
    LIMS_ASSIGN_OR_RETURN(const auto second, TypedFor(tx.records(), lot, request, offset));
    if (first.SerializeAsString() != second.SerializeAsString()) {
      tx.info().act = v1::ACT_REFUSE_REENTRY;  // RefusalOf tells the caller
    } else {
      record.clear_lines();
      record.MergeFrom(second);
      record.set_confirmed_by(call.user_id);
    }
    tx.Put(std::move(record));
    return {};
  };
  return plan;
}

Result<v1::ReadCertificateResponse> ReadCertificate(Site&, storage::Records& records,
                                                    const v1::ReadCertificateRequest& request) {
  if (request.part() < 0) return InvalidArgument("part", "is counted from 0");
  LIMS_ASSIGN_OR_RETURN(const auto certificate,
                        records.Find<v1::ExternalCertificate>({request.lot_id()}));
  if (!certificate || certificate->record.file_sha256() != request.sha256()) {
    return NotFound("certificate of lot " + request.lot_id() + " with SHA-256 " + request.sha256());
  }
  v1::ReadCertificateResponse response;
  LIMS_ASSIGN_OR_RETURN(*response.mutable_chunk(),
                        storage::GetChunk(records.db(), request.sha256(), request.part()));
  return response;
}

}  // namespace lims::app
