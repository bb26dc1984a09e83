// Checks of single fields that several catalogue records share; problems are collected, not thrown.
#ifndef LIMS_DOMAIN_FIELD_CHECKS_H_
#define LIMS_DOMAIN_FIELD_CHECKS_H_

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/error.h"
#include "lims/v1/common.pb.h"

namespace lims::domain {

// Of the longest text that a record keeps.
inline constexpr std::size_t kMaxTextBytes = 4000;

// Collects violations; every check names the field it looked at.
class FieldChecks {
 public:
  // `root` stands before every field: "method.".
  explicit FieldChecks(std::string_view root) : root_(root) {}

  void Add(const std::string& field, std::string description) {
    violations_.push_back({root_ + field, std::move(description)});
  }
  void Require(bool holds, const std::string& field, std::string description) {
    if (!holds) Add(field, std::move(description));
  }

  // A text for people that must be given.
  void Text(const std::string& field, std::string_view text);
  // A code or id: [A-Za-z0-9][A-Za-z0-9._-]{0,63}.
  void Identifier(const std::string& field, std::string_view text);
  // A name in lower snake case.
  void Name(const std::string& field, std::string_view text);
  // As before, and not used earlier in `seen`.
  void UniqueIdentifier(const std::string& field, const std::string& text,
                        std::set<std::string>& seen);
  void UniqueName(const std::string& field, const std::string& text, std::set<std::string>& seen);
  // A decimal number or nothing; the number when there is a good one.
  std::optional<Decimal> OptionalNumber(const std::string& field, std::string_view text);
  // Two optional numbers, the lower not above the upper.
  void Range(const std::string& lower_field, std::string_view lower, const std::string& upper_field,
             std::string_view upper);
  // An effective date, an earlier approval on paper of the first version, or both.
  void Validity(std::string_view prefix, std::string_view effective_date, bool has_paper_approval,
                const v1::PaperApproval& paper_approval, int version);

  std::vector<Violation> Take() && { return std::move(violations_); }

 private:
  const std::string root_;
  std::vector<Violation> violations_;
};

// Whether the text is a name in lower snake case.
bool IsName(std::string_view text);

// "lines[3]"
inline std::string Indexed(std::string_view list, int index) {
  return fmt::format("{}[{}]", list, index);
}

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_FIELD_CHECKS_H_
