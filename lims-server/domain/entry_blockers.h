// Blockers by how values came in: second entries, amendments, looks, external certificates.
#ifndef LIMS_DOMAIN_ENTRY_BLOCKERS_H_
#define LIMS_DOMAIN_ENTRY_BLOCKERS_H_

#include <string>

#include "domain/blocker.h"
#include "domain/lot_view.h"

namespace lims::domain {

// What an attempt whose values were copied from a document waits for, in words.
std::string SecondEntryDue(const v1::Attempt& attempt);

// Whether another laboratory's certificate, typed by two people, stands for a line of this lot that
// was not tested.
bool IsCertified(const LotView& view, const std::string& line_code);

// Appends a blocker for each proposed amendment, for each look at data that were not submitted and
// that QA has not cleared, and for a certificate that waits for the second person.
void AddEntryBlockers(const LotView& view, BlockerList& blockers);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_ENTRY_BLOCKERS_H_
