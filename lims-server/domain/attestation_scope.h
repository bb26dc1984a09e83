// What an attestation covers, and whether it still does.
#ifndef LIMS_DOMAIN_ATTESTATION_SCOPE_H_
#define LIMS_DOMAIN_ATTESTATION_SCOPE_H_

#include <optional>
#include <string>
#include <vector>

#include "domain/lot_view.h"

namespace lims::domain {

// Attempts of the lines of the attestation's gates, invalid, aborted and for other purposes
// included; empty unless the line covers attempts. Refers to the view.
std::vector<const Stored<v1::Attempt>*> CoveredAttempts(const v1::AttestationLine& line,
                                                        const LotView& view);

// Why a signature no longer covers what it must; nullopt while it does.
std::optional<std::string> WhyLapsed(const v1::AttestationLine& line, const LotView& view,
                                     const Stored<v1::Attestation>& attested);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_ATTESTATION_SCOPE_H_
