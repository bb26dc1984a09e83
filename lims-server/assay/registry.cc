#include "assay/registry.h"

#include <algorithm>
#include <cstdlib>

#include "assay/calculators.h"
#include "assay/exclusions.h"
#include "assay/map_check.h"
#include "assay/method_repeat.h"
#include "assay/outputs.h"
#include "assay/parameters.h"
#include "assay/run_combination.h"
#include "base/contains.h"

namespace lims::assay {
namespace {

using MethodCheck = std::vector<Violation> (*)(const v1::Method& method);
using MapCheck = std::vector<Violation> (*)(const v1::Method& method, const Positions& positions);
using SampleCheck = std::vector<Violation> (*)(const v1::Method& method, const Positions& positions,
                                               const std::string& sample_id,
                                               const v1::Attempt* repeated);

struct Entry {
  const Calculator& calculator;
  MethodCheck check;
  bool typed;
  bool observed = false;         // follows a plan of observation
  bool parts = false;            // its outputs may have targets, its setup may name them or codes
  MapCheck check_map = nullptr;  // beyond what every map must be
  SampleCheck check_sample = nullptr;
  bool one_plate = false;
};

constexpr Entry kEntries[] = {
    {kGenericObservation, CheckGenericObservation, true, true, true, CheckEnteredMap,
     CheckObservedSample},
    {kGenericValue, CheckGenericValue, true, false, false, CheckEnteredMap},
    {kPotency, CheckPotency, false, false, false, CheckPotencyMap, nullptr, true},
    {kReported, CheckReported, true},
    {kRtQpcr, CheckRtQpcr, false, false, false, CheckRtQpcrMap},
    {kSterility, CheckSterility, true, true, true, CheckSterilityMap},
    {kVirusPanel, CheckVirusPanel, false, false, false, CheckVirusPanelMap, CheckVirusPanelSample},
};

const Entry* FindEntry(std::string_view assay) {
  const auto found =
      std::find_if(std::begin(kEntries), std::end(kEntries),
                   [assay](const Entry& entry) { return entry.calculator.assay == assay; });
  return found == std::end(kEntries) ? nullptr : found;
}

// What only some of the calculators read.
void CheckUnread(const Entry& entry, const v1::Method& method, std::vector<Violation>& violations) {
  if (method.has_observation() && !entry.observed) {
    violations.push_back({"method.observation", kNoEffect});
  }
  for (int i = 0; i < method.outputs_size(); ++i) {
    if (method.outputs(i).lowest_setup().empty() || &entry.calculator == &kGenericValue) continue;
    violations.push_back({OutputPath(i, "lowest_setup"), kNoEffect});
  }
  if (entry.parts) return;
  for (int i = 0; i < method.outputs_size(); ++i) {
    if (!method.outputs(i).targets().empty()) {
      violations.push_back({OutputPath(i, "targets"), kNoEffect});
    }
    if (method.outputs(i).has_survival()) {
      violations.push_back({OutputPath(i, "survival"), kNoEffect});
    }
  }
  for (int i = 0; i < method.setup_checks_size(); ++i) {
    const v1::SetupCheck& check = method.setup_checks(i);
    if (check.code_otherwise().empty() && check.agreements().empty() && check.concerns().empty()) {
      continue;
    }
    violations.push_back({"method.setup_checks[" + std::to_string(i) + "]", kNoEffect});
  }
}

void CheckLinesFromReport(const v1::Method& method, bool typed,
                          std::vector<Violation>& violations) {
  if (!method.lines_from_report()) return;
  const auto refuse = [&](const char* problem) {
    violations.push_back({"method.lines_from_report", problem});
  };
  if (typed) refuse("has no effect: what this calculator reads is typed, also from a report");
  if (method.has_run_plan()) refuse("a report of one value cannot stand for the runs of a plan");
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
  CheckUnread(*entry, method, violations);
  CheckLinesFromReport(method, entry->typed, violations);
  for (auto check : {CheckRunPlan, CheckMethodRepeat, CheckExclusionRules}) {
    Append(check(method), &violations);
  }
  const auto formats = entry->calculator.formats;
  for (int i = 0; i < method.formats_size(); ++i) {
    if (!Contains(formats, method.formats(i))) {
      violations.push_back({"method.formats[" + std::to_string(i) + "]",
                            method.assay() + " does not read the format " + method.formats(i)});
    }
  }
  return violations;
}

std::vector<Violation> CheckMap(const v1::Method& method, const Positions& positions) {
  const Entry* entry = FindEntry(method.assay());
  if (entry == nullptr || entry->check_map == nullptr) return {};
  return entry->check_map(method, positions);
}

std::vector<Violation> CheckSampleOnMap(const v1::Method& method, const Positions& positions,
                                        const std::string& sample_id, const v1::Attempt* repeated) {
  const Entry* entry = FindEntry(method.assay());
  if (entry == nullptr || entry->check_sample == nullptr) return {};
  return entry->check_sample(method, positions, sample_id, repeated);
}

bool TakesTypedValues(const v1::Method& method) {
  const Entry* entry = FindEntry(method.assay());
  return entry != nullptr && entry->typed;
}

bool NeedsOnePlate(const v1::Method& method) {
  const Entry* entry = FindEntry(method.assay());
  return entry != nullptr && entry->one_plate;
}

v1::Computation Compute(const v1::AssayInput& input) {
  const Calculator* calculator = FindAssay(input.method().assay());
  if (calculator == nullptr) std::abort();  // a programmer's error
  v1::Computation computation = calculator->calculate(input);
  SettleRepeats(input, computation);
  computation.set_assay(std::string(calculator->assay));
  computation.set_assay_version(std::string(calculator->version));
  return computation;
}

}  // namespace lims::assay
