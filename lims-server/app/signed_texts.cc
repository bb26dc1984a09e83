#include "app/signed_acts.h"

#include <map>

#include "domain/verdict.h"
#include "lims/v1/words.h"

namespace lims::app {

void Show(std::vector<v1::ShownRecord>* shown, const google::protobuf::Message& record,
          std::int64_t etag, std::string text) {
  v1::ShownRecord& entry = shown->emplace_back();
  entry.set_record(tlog::NameOf(record));
  entry.set_etag(etag);
  entry.set_text(std::move(text));
}

std::vector<Violation> Differences(const ShownRecords& before, const ShownRecords& now) {
  const auto by_name = [](const ShownRecords& shown) {
    std::map<std::string, const v1::ShownRecord*> records;
    for (const v1::ShownRecord& each : shown) records[each.record()] = &each;
    return records;
  };
  const auto was = by_name(before);
  const auto is = by_name(now);
  std::vector<Violation> differences;
  for (const v1::ShownRecord& each : before) {
    const auto after = is.find(each.record());
    if (after == is.end()) {
      differences.push_back({each.record(), "is no longer part of this"});
    } else if (after->second->etag() != each.etag() || after->second->text() != each.text()) {
      differences.push_back(
          {each.record(), "was: " + each.text() + "; is now: " + after->second->text()});
    }
  }
  for (const v1::ShownRecord& each : now) {
    if (!was.contains(each.record())) {
      differences.push_back({each.record(), "is new: " + each.text()});
    }
  }
  return differences;
}

std::string Text(const v1::Result& result) {
  std::string text = v1::QualifierSign(result.qualifier()) + result.value_reported();
  if (!result.unit().empty()) text += " " + result.unit();
  text += " (unrounded " + result.value_raw() + ") against " + result.criterion() + ": " +
          v1::EnumWord(result.verdict());
  for (const std::string& flag : result.flags()) {
    text += " [" + flag;
    // The name says "below" and stands for either side.
    if (flag == domain::kFlagIndividualBelowLimit) text += ": a single value outside the limit";
    text += "]";
  }
  if (!result.value_with_excluded().empty()) {
    text += "; with the points left out " + result.value_with_excluded();
  }
  if (!result.attempts().empty()) {
    text += "; rests on attempts";
    for (const int number : result.attempts()) text += " " + std::to_string(number);
  }
  for (const v1::NamedValue& detail : result.details()) {
    text += ", " + detail.name() + " " + detail.value();
  }
  return text;
}

namespace {

std::string Listed(const google::protobuf::RepeatedField<std::int32_t>& numbers) {
  std::string text;
  for (const std::int32_t number : numbers) {
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  }
  return text;
}

}  // namespace

std::string Text(const v1::Attempt& attempt) {
  std::string text = v1::EnumWord(attempt.kind());
  if (attempt.planned_number() > 0) {
    text += " " + std::to_string(attempt.planned_number()) + "/" +
            std::to_string(attempt.planned_total());
  }
  text += " on " + attempt.sample_id() + " for " + v1::EnumWord(attempt.purpose()) + " in run " +
          attempt.run_id() + ": ";
  text += attempt.outcome() == v1::OUTCOME_UNSPECIFIED ? "open" : v1::EnumWord(attempt.outcome());
  for (const v1::Check& check : attempt.checks()) {
    if (!check.ok()) text += "; failed " + check.name() + " " + check.observed();
  }
  if (!attempt.abort_reason().empty()) text += "; " + attempt.abort_reason();
  if (attempt.source() != v1::RESULT_SOURCE_UNSPECIFIED) {
    text += "; " + v1::EnumWord(attempt.source()) + " from report " +
            attempt.document().report_number() + " of " + attempt.document().issuer() +
            " (SHA-256 " + attempt.document().file().sha256() + "), typed by " +
            attempt.entered_by() + ", again by " + attempt.reentered_by();
  }
  if (attempt.has_late_entry()) {
    const v1::LateEntry& late = attempt.late_entry();
    text += "; entered late, at " + late.entered_time() + " what was done at " +
            late.claimed_time() + " (" + late.reason() + "), " +
            (late.cleared_by().empty() ? "not cleared" : "cleared by " + late.cleared_by());
  }
  if (!attempt.late_readings().empty()) {
    text += "; entered late, not cleared: reading " + Listed(attempt.late_readings());
  }
  if (!attempt.cleared_readings().empty()) {
    text += "; entered late, cleared by QA: reading " + Listed(attempt.cleared_readings());
  }
  if (!attempt.amendments().empty()) text += " [AMENDED]";
  for (const std::string& flag : attempt.flags()) text += " [" + flag + "]";
  return text;
}

namespace {

std::string TextOf(const v1::TypedEntry& entry) {
  std::string text = v1::QualifierSign(entry.value().qualifier()) + entry.value().value();
  if (!entry.value().unit().empty()) text += " " + entry.value().unit();
  return text;
}

}  // namespace

std::string Text(const v1::Amendment& amendment) {
  std::string text = v1::EnumWord(amendment.state()) + ", " + amendment.panel() + " attempt " +
                     std::to_string(amendment.attempt_number());
  for (const v1::AmendedEntry& pair : amendment.entries()) {
    text += "; " + pair.before().input() + " replicate " +
            std::to_string(pair.before().replicate()) + " was " + TextOf(pair.before()) + ", is " +
            TextOf(pair.after());
  }
  text += "; " + v1::EnumWord(amendment.reason_code()) + ": " + amendment.reason() + "; evidence " +
          amendment.evidence().file_name() + " (SHA-256 " + amendment.evidence().sha256() +
          "); proposed by " + amendment.proposed_by();
  if (!amendment.decided_by().empty()) text += ", decided by " + amendment.decided_by();
  return text;
}

std::string Text(const v1::Look& look) {
  std::string text = look.user_id() + " looked at data by " + look.assay() + " on " + look.time() +
                     " while run " + look.run_id() + " was open (SHA-256 " + look.content_sha256() +
                     ")";
  if (!look.submitted_run_id().empty()) text += "; submitted in run " + look.submitted_run_id();
  if (!look.cleared_by().empty()) {
    text += "; not submitted, cleared by " + look.cleared_by() + ": " + look.clear_reason();
  }
  return text;
}

std::string Text(const v1::ExternalCertificate& certificate) {
  std::string lines;
  for (const std::string& line : certificate.lines()) lines += (lines.empty() ? "" : ", ") + line;
  return "certificate " + certificate.certificate_number() + " of " + certificate.issuer() +
         " of " + certificate.issued_date() + (lines.empty() ? "" : " for " + lines) +
         " (SHA-256 " + certificate.file_sha256() + "), copied by " + certificate.entered_by() +
         ", typed again by " + certificate.confirmed_by();
}

std::string Text(const v1::Lot& lot) {
  return v1::EnumWord(lot.kind()) + " of " + lot.product_id() + ", manufactured " +
         lot.manufacture_time() + ", expires " + lot.expiry() + ": " +
         v1::EnumWord(lot.disposition());
}

std::string Text(const v1::Hold& hold) {
  return v1::EnumWord(hold.kind()) + ": " + hold.reason() +
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
