// Who may not judge what, because of what the person did before. Each check returns the sentence to
// show, or nullopt when nothing bars the person.
#ifndef LIMS_DOMAIN_SEGREGATION_H_
#define LIMS_DOMAIN_SEGREGATION_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/lot_view.h"

namespace lims::domain {

// The releaser took no sample of the lot, worked on no run with it, typed no certificate of it,
// amended no value and reviewed no result of it.
std::optional<std::string> ReleaserConflict(const LotView& view, std::string_view user);

// The reviewer worked on none of the attempts whose results are reviewed and amended none.
std::optional<std::string> ReviewerConflict(std::span<const v1::Attempt* const> attempts,
                                            std::string_view user);

// Values copied from a document are typed the second time by another person.
std::optional<std::string> SecondEntryConflict(std::string_view entered_by, std::string_view user);

// Values copied from a document once are not taken away by the person who typed them.
std::optional<std::string> FirstEntryConflict(const v1::Attempt& attempt, std::string_view user);

// An amendment is confirmed by another person than the one who proposed it.
std::optional<std::string> AmendmentConflict(std::string_view proposed_by, std::string_view user);

// Whoever looked at data does not say that they need not be submitted.
std::optional<std::string> LookConflict(std::string_view looked, std::string_view user);

// Nobody approves a method or specification of their own.
std::optional<std::string> ApproverConflict(std::string_view author, std::string_view user);

// A lot is confirmed by another person than the one who registered it.
std::optional<std::string> ConfirmerConflict(std::string_view registered_by, std::string_view user);

// Where the line says so, the attester worked on no run with the lot.
std::optional<std::string> AttesterConflict(const v1::AttestationLine& line, const LotView& view,
                                            std::string_view user);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_SEGREGATION_H_
