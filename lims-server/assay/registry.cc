#include "assay/registry.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "assay/calculators.h"

namespace lims::assay {
namespace {

using MethodCheck = std::vector<Violation> (*)(const v1::Method& method);

struct Entry {
  const Calculator& calculator;
  MethodCheck check;
  bool typed;
};

constexpr Entry kEntries[] = {
    {kGenericObservation, CheckGenericObservation, true},
    {kGenericValue, CheckGenericValue, true},
    {kPotency, CheckPotency, false},
    {kRtQpcr, CheckRtQpcr, false},
};

const Entry* FindEntry(std::string_view assay) {
  const auto found =
      std::find_if(std::begin(kEntries), std::end(kEntries),
                   [assay](const Entry& entry) { return entry.calculator.assay == assay; });
  return found == std::end(kEntries) ? nullptr : found;
}

}  // namespace

std::span<const Calculator> Calculators() {
  static const auto calculators = [] {
    std::vector<Calculator> all;
    for (const Entry& entry : kEntries) all.push_back(entry.calculator);
    return all;
  }();
  return calculators;
}

const Calculator* FindAssay(std::string_view assay) {
  const Entry* entry = FindEntry(assay);
  return entry == nullptr ? nullptr : &entry->calculator;
}

std::vector<Violation> CheckParameters(const v1::Method& method) {
  const Entry* entry = FindEntry(method.assay());
  if (entry == nullptr) {
    return {{"method.assay", "there is no calculator of this name"}};
  }
  std::vector<Violation> violations = entry->check(method);
  const auto formats = entry->calculator.formats;
  for (int i = 0; i < method.formats_size(); ++i) {
    if (std::find(formats.begin(), formats.end(), method.formats(i)) == formats.end()) {
      violations.push_back({"method.formats[" + std::to_string(i) + "]",
                            method.assay() + " does not read the format " + method.formats(i)});
    }
  }
  return violations;
}

bool TakesTypedValues(const v1::Method& method) {
  const Entry* entry = FindEntry(method.assay());
  return entry != nullptr && entry->typed;
}

v1::Computation Compute(const v1::AssayInput& input) {
  const Calculator* calculator = FindAssay(input.method().assay());
  if (calculator == nullptr) std::abort();  // a programmer's error
  v1::Computation computation = calculator->calculate(input);
  computation.set_assay(std::string(calculator->assay));
  computation.set_assay_version(std::string(calculator->version));
  return computation;
}

}  // namespace lims::assay
