#include "assay/limits.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace lims::assay {

bool Limits::Hold(const Decimal& value) const {
  return (!min || value >= *min) && (!max || value <= *max);
}

std::string Limits::Text() const {
  std::string text;
  if (min) text = ">= " + min->ToString();
  if (min && max) text += " and ";
  if (max) text += "<= " + max->ToString();
  return any() ? WithUnit(text, unit) : "a number";
}

std::string WithUnit(std::string_view number, std::string_view unit) {
  return unit.empty() ? std::string(number) : fmt::format("{} {}", number, unit);
}

v1::Check MakeCheck(std::string_view name, std::string_view scope, std::string observed,
                    std::string criterion, bool ok) {
  v1::Check check;
  check.set_name(std::string(name));
  check.set_scope(std::string(scope));
  check.set_observed(std::move(observed));
  check.set_criterion(std::move(criterion));
  check.set_ok(ok);
  return check;
}

v1::Check LimitCheck(std::string_view name, std::string_view scope,
                     const std::optional<Decimal>& value, const Limits& limits,
                     std::string_view absent) {
  return MakeCheck(name, scope,
                   value ? WithUnit(value->ToString(), limits.unit) : std::string(absent),
                   limits.Text(), value && limits.Hold(*value));
}

v1::Check CountCheck(std::string_view name, std::string_view scope, std::size_t count, int fewest) {
  return LimitCheck(name, scope, Decimal::FromInt(static_cast<std::int64_t>(count)),
                    {Decimal::FromInt(fewest), std::nullopt});
}

}  // namespace lims::assay
