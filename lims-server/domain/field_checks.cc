#include "domain/field_checks.h"

#include <algorithm>

#include "base/text.h"
#include "domain/in_force.h"

namespace lims::domain {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

}  // namespace

bool IsName(std::string_view text) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.size() <= kMaxNameBytes && lower(text.front()) &&
         std::all_of(text.begin(), text.end(), allowed);
}

void FieldChecks::Text(const std::string& field, std::string_view text) {
  if (text.empty()) return Add(field, "is empty");
  if (std::optional<std::string> problem = TextProblem(text, kMaxTextBytes)) {
    Add(field, *std::move(problem));
  }
}

void FieldChecks::Identifier(const std::string& field, std::string_view text) {
  Require(IsIdentifier(text), field, fmt::format("{} {}", QuotedForMessage(text), kIdentifierRule));
}

void FieldChecks::Name(const std::string& field, std::string_view text) {
  Require(IsName(text), field,
          fmt::format("{} is not a name in lower snake case", QuotedForMessage(text)));
}

void FieldChecks::UniqueIdentifier(const std::string& field, const std::string& text,
                                   std::set<std::string>& seen) {
  Identifier(field, text);
  if (!seen.insert(text).second) {
    Add(field, fmt::format("{} stands here twice", QuotedForMessage(text)));
  }
}

void FieldChecks::UniqueName(const std::string& field, const std::string& text,
                             std::set<std::string>& seen) {
  Name(field, text);
  if (!seen.insert(text).second) {
    Add(field, fmt::format("{} stands here twice", QuotedForMessage(text)));
  }
}

std::optional<Decimal> FieldChecks::OptionalNumber(const std::string& field,
                                                   std::string_view text) {
  if (text.empty()) return std::nullopt;
  const Result<Decimal> number = Decimal::Parse(text);
  if (number) return *number;
  Add(field, WhatIsWrong(number.error()));
  return std::nullopt;
}

void FieldChecks::Range(const std::string& lower_field, std::string_view lower,
                        const std::string& upper_field, std::string_view upper) {
  const std::optional<Decimal> low = OptionalNumber(lower_field, lower);
  const std::optional<Decimal> high = OptionalNumber(upper_field, upper);
  if (low && high && *low > *high) {
    Add(lower_field, fmt::format("{} is above the upper end {}", lower, upper));
  }
}

void FieldChecks::Validity(std::string_view prefix, std::string_view effective_date,
                           bool has_paper_approval, const v1::PaperApproval& paper_approval,
                           int version) {
  if (!effective_date.empty() || !has_paper_approval) {
    Require(IsDate(effective_date), fmt::format("{}effective_date", prefix),
            "is not a date; write it like 2026-03-31");
  }
  if (!has_paper_approval) return;
  const std::string paper = fmt::format("{}paper_approval", prefix);
  Require(version == 1, paper, "only a first version may rest on an approval on paper");
  Text(paper + ".document", paper_approval.document());
  Require(IsDate(paper_approval.date()), paper + ".date",
          "is not a date; write it like 2026-03-31");
}

}  // namespace lims::domain
