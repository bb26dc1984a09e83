#include "domain/entry_blockers.h"

#include <fmt/format.h>

#include "base/contains.h"

namespace lims::domain {
namespace {

// Enough of a hash to find it in the history.
constexpr std::size_t kShownHashDigits = 12;

bool Stands(const v1::Look& look) {
  return look.submitted_run_id().empty() && look.cleared_by().empty();
}

}  // namespace

std::string SecondEntryDue(const v1::Attempt& attempt) {
  std::string text = fmt::format(
      "attempt {} was copied from report {} of {} by {}; another person types the values again "
      "with lims result second {} {}",
      attempt.number(), attempt.document().report_number(), attempt.document().issuer(),
      attempt.entered_by(), attempt.lot_id(), attempt.panel());
  if (attempt.reentries_refused() > 0) {
    text += fmt::format("; {} second {} differed", attempt.reentries_refused(),
                        attempt.reentries_refused() == 1 ? "entry" : "entries");
  }
  return text;
}

bool IsCertified(const LotView& view, const std::string& line_code) {
  if (view.certificates.empty()) return false;
  const v1::ExternalCertificate& certificate = view.certificates[0].record;
  const auto& lines = certificate.lines();
  return !certificate.confirmed_by().empty() && (lines.empty() || Contains(lines, line_code));
}

void AddEntryBlockers(const LotView& view, BlockerList& blockers) {
  for (const auto& stored : view.amendments) {
    const v1::Amendment& amendment = stored.record;
    if (amendment.state() != v1::AMENDMENT_STATE_PROPOSED) continue;
    AddBlocker(blockers, v1::BLOCKER_KIND_AMENDMENT_OPEN, std::to_string(amendment.number()),
               v1::ROLE_TECHNICIAN,
               fmt::format("amendment {} of {}, attempt {}, was proposed by {}; another person "
                           "decides on it with lims result confirm or lims result decline",
                           amendment.number(), amendment.panel(), amendment.attempt_number(),
                           amendment.proposed_by()));
  }
  for (const auto& stored : view.looks) {
    const v1::Look& look = stored.record;
    if (!Stands(look)) continue;
    AddBlocker(blockers, v1::BLOCKER_KIND_LOOK_NOT_SUBMITTED, std::to_string(look.number()),
               v1::ROLE_QA,
               fmt::format("{} looked at data by {} while run {} was open ({}, SHA-256 {}...) and "
                           "they were not submitted; submit them, or QA clears it with lims lot "
                           "clear-look {} {}",
                           look.user_id(), look.assay(), look.run_id(), look.time(),
                           look.content_sha256().substr(0, kShownHashDigits), look.lot_id(),
                           look.number()));
  }
  for (const auto& stored : view.certificates) {
    const v1::ExternalCertificate& certificate = stored.record;
    if (!certificate.confirmed_by().empty()) continue;
    // Nothing of what the second person is to read from the paper.
    AddBlocker(blockers, v1::BLOCKER_KIND_CERTIFICATE_NOT_CONFIRMED, certificate.lot_id(),
               v1::ROLE_TECHNICIAN,
               fmt::format("the external certificate was copied by {}; another person types it "
                           "again from the paper with lims lot confirm-certificate",
                           certificate.entered_by()));
  }
}

}  // namespace lims::domain
