#include "domain/catalogue_check.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/contains.h"
#include "domain/field_checks.h"
#include "domain/gates.h"

namespace lims::domain {
namespace {

constexpr int kMaxDecimals = 15;

bool IsNumeric(const v1::SpecificationLine& line) {
  return line.result_kind() == v1::RESULT_KIND_DECIMAL ||
         line.result_kind() == v1::RESULT_KIND_QUALIFIED_DECIMAL;
}

class SpecificationCheck {
 public:
  explicit SpecificationCheck(const v1::SpecificationText& text) : text_(text) {
    for (const v1::FactDefinition& fact : text.facts()) facts_.emplace(fact.fact(), &fact);
    for (const v1::SpecificationLine& line : text.lines()) line_codes_.insert(line.line_code());
  }

  std::vector<Violation> Run() && {
    CheckHead();
    CheckLines();
    CheckAttestations();
    CheckFacts();
    return std::move(checks_).Take();
  }

 private:
  void CheckHead() {
    const v1::Specification& head = text_.specification();
    checks_.Identifier("product.product_id", text_.product().product_id());
    checks_.Text("product.name_en", text_.product().name_en());
    checks_.Text("product.name_zh", text_.product().name_zh());
    checks_.Require(head.product_id().empty() || head.product_id() == text_.product().product_id(),
                    "specification.product_id", "is not the product of this text");
    checks_.Require(head.revision() >= 1, "specification.revision", "must be 1 or more");
    checks_.Text("specification.title_en", head.title_en());
    checks_.Text("specification.title_zh", head.title_zh());
    checks_.Text("specification.basis", head.basis());
    checks_.Require(head.verified_by().empty() == head.verified_date().empty(),
                    "specification.verified_date", "goes together with verified_by");
    checks_.Validity("specification.", head.effective_date(), head.has_paper_approval(),
                     head.paper_approval(), head.revision());
  }

  // What a line, an attestation and a fact have in common.
  template <typename Part>
  void CheckPlace(const std::string& path, int index, const Part& part) {
    checks_.Require(part.product_id().empty() || part.product_id() == text_.product().product_id(),
                    path + ".product_id", "is not the product of this text");
    checks_.Require(part.revision() == 0 || part.revision() == text_.specification().revision(),
                    path + ".revision", "is not the revision of this text");
    checks_.Require(part.position() == 0 || part.position() == index + 1, path + ".position",
                    fmt::format("must be {} in this order, or left out", index + 1));
  }

  void CheckLines() {
    checks_.Require(!text_.lines().empty(), "lines", "must not be empty");
    std::set<std::string> codes;
    for (int i = 0; i < text_.lines_size(); ++i) {
      const v1::SpecificationLine& line = text_.lines(i);
      const std::string path = Indexed("lines", i);
      CheckPlace(path, i, line);
      checks_.UniqueIdentifier(path + ".line_code", line.line_code(), codes);
      checks_.Text(path + ".name_en", line.name_en());
      checks_.Text(path + ".name_zh", line.name_zh());
      CheckPanel(path, line);
      CheckGates(path, line.gates());
      CheckApplicability(path, line);
      CheckHoldReviews(path, line);
      CheckKind(path, line);
      CheckCriteria(path, line);
    }
  }

  void CheckPanel(const std::string& path, const v1::SpecificationLine& line) {
    checks_.Identifier(path + ".panel", line.panel());
    checks_.Identifier(path + ".method_id", line.method_id());
    const std::string& method =
        method_of_panel_.emplace(line.panel(), line.method_id()).first->second;
    checks_.Require(method == line.method_id(), path + ".method_id",
                    fmt::format("panel {} is fed by {} already", line.panel(), method));
    const std::string& panel =
        panel_of_method_.emplace(line.method_id(), line.panel()).first->second;
    checks_.Require(panel == line.panel(), path + ".panel",
                    fmt::format("{} feeds panel {} already", line.method_id(), panel));
  }

  template <typename Gates>
  void CheckGates(const std::string& path, const Gates& gates) {
    checks_.Require(!gates.empty(), path + ".gates", "must not be empty");
    std::set<v1::LotKind> seen;
    for (int i = 0; i < gates.size(); ++i) {
      const std::string gate_path = Indexed(path + ".gates", i);
      checks_.Require(gates[i].gate() != v1::GATE_UNSPECIFIED, gate_path + ".gate",
                      "must be given");
      checks_.Require(!gates[i].lot_kinds().empty(), gate_path + ".lot_kinds", "must not be empty");
      for (int k = 0; k < gates[i].lot_kinds_size(); ++k) {
        const v1::LotKind kind = gates[i].lot_kinds(k);
        const std::string kind_path = Indexed(gate_path + ".lot_kinds", k);
        checks_.Require(HasGate(kind, gates[i].gate()), kind_path,
                        "lots of this kind do not have this gate");
        checks_.Require(seen.insert(kind).second, kind_path,
                        "is needed once for a kind of lot; S2 needs S1 anyway");
      }
    }
  }

  void CheckApplicability(const std::string& path, const v1::SpecificationLine& line) {
    if (!line.has_applicability()) return;
    const std::string field = path + ".applicability";
    checks_.Require(line.applicability().value() == "yes" || line.applicability().value() == "no",
                    field + ".value", "must be yes or no");
    const v1::FactDefinition* fact = UsedFact(field + ".fact", line, line.applicability().fact());
    if (fact == nullptr) return;
    checks_.Require(fact->type() == v1::FACT_TYPE_YES_NO, field + ".fact",
                    "must be a fact of type yes or no");
  }

  // The definition of a fact that the line uses.
  const v1::FactDefinition* UsedFact(const std::string& field, const v1::SpecificationLine& line,
                                     const std::string& name) {
    const auto found = facts_.find(name);
    if (found == facts_.end()) {
      checks_.Add(field, fmt::format("{} is none of the facts of this specification",
                                     name.empty() ? "an empty name" : name));
      return nullptr;
    }
    const auto& users = found->second->used_by_lines();
    checks_.Require(Contains(users, line.line_code()), field,
                    fmt::format("fact {} does not list {} among the lines that use it", name,
                                line.line_code()));
    return found->second;
  }

  void CheckHoldReviews(const std::string& path, const v1::SpecificationLine& line) {
    std::set<std::string> seen;
    for (int i = 0; i < line.hold_reviews_size(); ++i) {
      const std::string& code = line.hold_reviews(i);
      const std::string field = Indexed(path + ".hold_reviews", i);
      checks_.Require(line.biosafety(), field, "goes together with biosafety");
      checks_.Require(line_codes_.contains(code), field,
                      fmt::format("{} is none of the lines", code));
      checks_.Require(seen.insert(code).second, field, fmt::format("{} stands here twice", code));
    }
  }

  void CheckKind(const std::string& path, const v1::SpecificationLine& line) {
    checks_.Require(line.result_kind() != v1::RESULT_KIND_UNSPECIFIED, path + ".result_kind",
                    "must be given");
    checks_.Require(line.verdict_mode() != v1::VERDICT_MODE_UNSPECIFIED, path + ".verdict_mode",
                    "must be given");
    if (IsNumeric(line)) CheckNumeric(path, line);
    if (line.result_kind() == v1::RESULT_KIND_OBSERVATION) CheckObservation(path, line);
  }

  void CheckNumeric(const std::string& path, const v1::SpecificationLine& line) {
    checks_.Require(line.decimals() >= 0 && line.decimals() <= kMaxDecimals, path + ".decimals",
                    fmt::format("must be 0 to {}", kMaxDecimals));
    checks_.Require(line.rounding() != v1::ROUNDING_RULE_UNSPECIFIED, path + ".rounding",
                    "must be given for a number");
    checks_.Require(line.codes().empty(), path + ".codes", "a number has no codes");
    checks_.Range(path + ".plausible_min", line.plausible_min(), path + ".plausible_max",
                  line.plausible_max());
    checks_.Range(path + ".possible_min", line.possible_min(), path + ".possible_max",
                  line.possible_max());
    checks_.OptionalNumber(path + ".alert_below", line.alert_below());
  }

  void CheckObservation(const std::string& path, const v1::SpecificationLine& line) {
    checks_.Require(!line.codes().empty(), path + ".codes", "must not be empty");
    std::set<std::string> codes;
    for (int i = 0; i < line.codes_size(); ++i) {
      const std::string code_path = Indexed(path + ".codes", i);
      checks_.UniqueIdentifier(code_path + ".code", line.codes(i).code(), codes);
      checks_.Text(code_path + ".text_en", line.codes(i).text_en());
      checks_.Text(code_path + ".text_zh", line.codes(i).text_zh());
    }
    checks_.Require(line.rounding() == v1::ROUNDING_RULE_UNSPECIFIED, path + ".rounding",
                    "an observation is not rounded");
    checks_.Require(line.decimals() == 0, path + ".decimals", "an observation has no decimals");
    checks_.Require(line.plausible_min().empty() && line.plausible_max().empty(),
                    path + ".plausible_min", "an observation has no plausible range");
    checks_.Require(line.possible_min().empty() && line.possible_max().empty(),
                    path + ".possible_min", "an observation has no possible range");
    checks_.Require(line.alert_below().empty(), path + ".alert_below",
                    "an observation has no alert level");
  }

  void CheckCriteria(const std::string& path, const v1::SpecificationLine& line) {
    if (line.verdict_mode() == v1::VERDICT_MODE_REPORT_ONLY) {
      checks_.Require(line.criteria().empty(), path + ".criteria",
                      "a line that is reported only has no criterion");
      return;
    }
    checks_.Require(!line.criteria().empty(), path + ".criteria",
                    "a judged line must have a criterion");
    for (int i = 0; i < line.criteria_size(); ++i) {
      const std::string field = Indexed(path + ".criteria", i);
      if (IsNumeric(line)) {
        CheckRange(field, line, line.criteria(i));
      } else {
        CheckCodes(field, line, line.criteria(i));
      }
    }
  }

  void CheckRange(const std::string& path, const v1::SpecificationLine& line,
                  const v1::Criterion& criterion) {
    checks_.Require(criterion.accepted_codes().empty() && criterion.inconclusive_codes().empty(),
                    path, "a number has no codes");
    checks_.Require(criterion.has_lower() || criterion.has_upper(), path,
                    "must have a lower or an upper bound");
    const std::optional<Decimal> lower =
        criterion.has_lower() ? CheckBound(path + ".lower", line, criterion.lower()) : std::nullopt;
    const std::optional<Decimal> upper =
        criterion.has_upper() ? CheckBound(path + ".upper", line, criterion.upper()) : std::nullopt;
    if (!lower || !upper) return;
    const bool point = *lower == *upper &&
                       criterion.lower().operator_() == v1::OPERATOR_INCLUSIVE &&
                       criterion.upper().operator_() == v1::OPERATOR_INCLUSIVE;
    checks_.Require(*lower < *upper || point, path, "no number lies between these bounds");
  }

  // The number of a bound that does not come from a fact.
  std::optional<Decimal> CheckBound(const std::string& path, const v1::SpecificationLine& line,
                                    const v1::Bound& bound) {
    checks_.Require(bound.operator_() != v1::OPERATOR_UNSPECIFIED, path + ".operator",
                    "must be given");
    if (bound.value().empty() == bound.fact().empty()) {
      checks_.Add(path, "must have either a value or a fact that gives it");
      return std::nullopt;
    }
    if (!bound.fact().empty()) {
      CheckBoundFact(path + ".fact", line, bound.fact());
      return std::nullopt;
    }
    const std::optional<Decimal> value = checks_.OptionalNumber(path + ".value", bound.value());
    if (value) {
      checks_.Require(value->decimals() == line.decimals(), path + ".value",
                      fmt::format("{} must be written with {} decimals, as the line reports",
                                  bound.value(), line.decimals()));
    }
    return value;
  }

  void CheckBoundFact(const std::string& field, const v1::SpecificationLine& line,
                      const std::string& name) {
    const v1::FactDefinition* fact = UsedFact(field, line, name);
    if (fact == nullptr) return;
    const bool number =
        fact->type() == v1::FACT_TYPE_DECIMAL || fact->type() == v1::FACT_TYPE_INTEGER;
    checks_.Require(
        number && fact->decimals() == line.decimals(), field,
        fmt::format("must be a number with {} decimals, as the line reports", line.decimals()));
  }

  void CheckCodes(const std::string& path, const v1::SpecificationLine& line,
                  const v1::Criterion& criterion) {
    checks_.Require(!criterion.has_lower() && !criterion.has_upper(), path,
                    "an observation has no bounds");
    checks_.Require(!criterion.accepted_codes().empty(), path + ".accepted_codes",
                    "must not be empty");
    std::set<std::string> known;
    for (const v1::CodeText& code : line.codes()) known.insert(code.code());
    std::set<std::string> used;
    const auto check = [&](std::string_view list, const auto& codes) {
      for (int i = 0; i < codes.size(); ++i) {
        const std::string field = Indexed(fmt::format("{}.{}", path, list), i);
        checks_.Require(known.contains(codes[i]), field,
                        fmt::format("{} is none of the line's codes", codes[i]));
        checks_.Require(used.insert(codes[i]).second, field,
                        fmt::format("{} stands in this criterion twice", codes[i]));
      }
    };
    check("accepted_codes", criterion.accepted_codes());
    check("inconclusive_codes", criterion.inconclusive_codes());
  }

  void CheckAttestations() {
    std::set<std::string> codes;
    for (int i = 0; i < text_.attestations_size(); ++i) {
      const v1::AttestationLine& line = text_.attestations(i);
      const std::string path = Indexed("attestations", i);
      CheckPlace(path, i, line);
      checks_.UniqueIdentifier(path + ".code", line.code(), codes);
      checks_.Text(path + ".name_en", line.name_en());
      checks_.Text(path + ".name_zh", line.name_zh());
      checks_.Text(path + ".document_kind", line.document_kind());
      checks_.Require(line.role() == v1::ROLE_LAB_SUPERVISOR || line.role() == v1::ROLE_QA ||
                          line.role() == v1::ROLE_QP,
                      path + ".role", "must be LAB_SUPERVISOR, QA or QP");
      CheckGates(path, line.gates());
    }
  }

  void CheckFacts() {
    std::set<std::string> names;
    for (int i = 0; i < text_.facts_size(); ++i) {
      const v1::FactDefinition& fact = text_.facts(i);
      const std::string path = Indexed("facts", i);
      CheckPlace(path, i, fact);
      checks_.UniqueName(path + ".fact", fact.fact(), names);
      checks_.Text(path + ".meaning", fact.meaning());
      CheckFactType(path, fact);
      CheckFactUse(path, fact);
    }
  }

  void CheckFactType(const std::string& path, const v1::FactDefinition& fact) {
    checks_.Require(fact.type() != v1::FACT_TYPE_UNSPECIFIED, path + ".type", "must be given");
    const int most_decimals = fact.type() == v1::FACT_TYPE_DECIMAL ? kMaxDecimals : 0;
    checks_.Require(fact.decimals() >= 0 && fact.decimals() <= most_decimals, path + ".decimals",
                    fmt::format("must be 0 to {} for this type", most_decimals));
    const bool number =
        fact.type() == v1::FACT_TYPE_DECIMAL || fact.type() == v1::FACT_TYPE_INTEGER;
    checks_.OptionalNumber(path + ".above", fact.above());
    checks_.Require(number || fact.above().empty(), path + ".above",
                    "only a number has a lowest value");
    checks_.Require(
        (fact.type() == v1::FACT_TYPE_LOT) == (fact.lot_kind() != v1::LOT_KIND_UNSPECIFIED),
        path + ".lot_kind", "goes together with the type LOT");
  }

  void CheckFactUse(const std::string& path, const v1::FactDefinition& fact) {
    std::set<std::string> seen;
    for (int i = 0; i < fact.used_by_lines_size(); ++i) {
      const std::string& code = fact.used_by_lines(i);
      const std::string field = Indexed(path + ".used_by_lines", i);
      checks_.Require(line_codes_.contains(code), field,
                      fmt::format("{} is none of the lines", code));
      checks_.Require(seen.insert(code).second, field, fmt::format("{} stands here twice", code));
    }
    if (fact.needed_when().empty()) return;
    const auto other = facts_.find(fact.needed_when());
    checks_.Require(other != facts_.end() && other->second->type() == v1::FACT_TYPE_YES_NO &&
                        other->second != &fact,
                    path + ".needed_when", "must be another fact of type yes or no");
  }

  const v1::SpecificationText& text_;
  std::map<std::string, const v1::FactDefinition*> facts_;
  std::set<std::string> line_codes_;
  std::map<std::string, std::string> method_of_panel_;
  std::map<std::string, std::string> panel_of_method_;
  FieldChecks checks_{"text."};
};

}  // namespace

std::vector<Violation> CheckSpecification(const v1::SpecificationText& text) {
  return SpecificationCheck(text).Run();
}

}  // namespace lims::domain
