#include "domain/segregation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/contains.h"

namespace lims::domain {
namespace {

bool WorkedOn(const v1::Attempt& attempt, std::string_view user) {
  return Contains(attempt.analysts(), user);
}

bool Amended(const v1::Attempt& attempt, std::string_view user) {
  return Contains(attempt.amenders(), user);
}

const v1::Attempt* FindAttemptOf(const LotView& view, std::string_view user) {
  const auto found = std::find_if(
      view.attempts.begin(), view.attempts.end(),
      [&](const Stored<v1::Attempt>& attempt) { return WorkedOn(attempt.record, user); });
  return found == view.attempts.end() ? nullptr : &found->record;
}

}  // namespace

std::optional<std::string> ReleaserConflict(const LotView& view, std::string_view user) {
  for (const auto& sample : view.samples) {
    if (sample.record.taken_by() == user) {
      return fmt::format("{} took sample {} of this lot and may not release it", user,
                         sample.record.sample_id());
    }
  }
  if (const v1::Attempt* attempt = FindAttemptOf(view, user)) {
    return fmt::format("{} worked on run {} with this lot and may not release it", user,
                       attempt->run_id());
  }
  for (const auto& certificate : view.certificates) {
    if (certificate.record.entered_by() == user || certificate.record.confirmed_by() == user) {
      return fmt::format("{} typed the external certificate of this lot and may not release it",
                         user);
    }
  }
  for (const auto& attempt : view.attempts) {
    if (Amended(attempt.record, user)) {
      return fmt::format("{} amended values of attempt {} of {} and may not release this lot", user,
                         attempt.record.number(), attempt.record.panel());
    }
  }
  for (const auto& review : view.reviews) {
    if (review.record.reviewer() == user) {
      return fmt::format("{} reviewed results of this lot (review {}) and may not release it", user,
                         review.record.number());
    }
  }
  return std::nullopt;
}

std::optional<std::string> ReviewerConflict(std::span<const v1::Attempt* const> attempts,
                                            std::string_view user) {
  for (const v1::Attempt* attempt : attempts) {
    if (WorkedOn(*attempt, user)) {
      return fmt::format("{} worked on attempt {} of {} (run {}) and may not review it", user,
                         attempt->number(), attempt->panel(), attempt->run_id());
    }
    if (Amended(*attempt, user)) {
      return fmt::format("{} amended values of attempt {} of {} and may not review it", user,
                         attempt->number(), attempt->panel());
    }
  }
  return std::nullopt;
}

std::optional<std::string> SecondEntryConflict(std::string_view entered_by, std::string_view user) {
  if (entered_by != user) return std::nullopt;
  return fmt::format("{} typed these values first; another person types them the second time",
                     user);
}

std::optional<std::string> FirstEntryConflict(const v1::Attempt& attempt, std::string_view user) {
  if (!attempt.has_sealed_entries() || attempt.entered_by() != user) return std::nullopt;
  return fmt::format("{} typed the values of run {}; another person ends it", user,
                     attempt.run_id());
}

std::optional<std::string> AmendmentConflict(std::string_view proposed_by, std::string_view user) {
  if (proposed_by != user) return std::nullopt;
  return fmt::format("{} proposed this amendment; another person must confirm it", user);
}

std::optional<std::string> LookConflict(std::string_view looked, std::string_view user) {
  if (looked != user) return std::nullopt;
  return fmt::format("{} looked at these data; another person must clear it", user);
}

std::optional<std::string> ApproverConflict(std::string_view author, std::string_view user) {
  if (author != user) return std::nullopt;
  return fmt::format("{} drafted this and may not approve it", user);
}

std::optional<std::string> ConfirmerConflict(std::string_view registered_by,
                                             std::string_view user) {
  if (registered_by != user) return std::nullopt;
  return fmt::format("{} registered this lot; another person must confirm it", user);
}

std::optional<std::string> AttesterConflict(const v1::AttestationLine& line, const LotView& view,
                                            std::string_view user) {
  if (!line.excludes_analysts()) return std::nullopt;
  const v1::Attempt* attempt = FindAttemptOf(view, user);
  if (attempt == nullptr) return std::nullopt;
  return fmt::format("{} worked on run {} with this lot and may not attest {}", user,
                     attempt->run_id(), line.code());
}

}  // namespace lims::domain
