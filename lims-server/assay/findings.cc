#include "assay/findings.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "assay/limits.h"
#include "assay/observation.h"
#include "assay/setup.h"

namespace lims::assay {
namespace {

// 0 without a number.
int ReplicateNumber(const v1::Datum& datum) {
  int number = 0;
  std::from_chars(datum.replicate().data(), datum.replicate().data() + datum.replicate().size(),
                  number);
  return number;
}

}  // namespace

const std::string& SampleOf(const v1::Datum& datum) {
  return datum.sample_id().empty() ? datum.name() : datum.sample_id();
}

std::vector<SampleData> SamplesOf(const v1::AssayInput& input) {
  std::vector<SampleData> samples;
  std::map<std::string, std::size_t> places;
  for (const v1::Datum& datum : input.data()) {
    if (datum.role() != v1::POSITION_ROLE_SAMPLE) continue;
    const std::string& id = SampleOf(datum);
    const auto [place, is_new] = places.try_emplace(id, samples.size());
    if (is_new) samples.push_back({id, {}});
    samples[place->second].data.push_back(&datum);
  }
  return samples;
}

std::vector<const v1::Datum*> DataOfRole(const v1::AssayInput& input, v1::PositionRole role) {
  std::vector<const v1::Datum*> data;
  for (const v1::Datum& datum : input.data()) {
    if (datum.role() == role) data.push_back(&datum);
  }
  return data;
}

std::optional<Decimal> NumberOf(const v1::Datum& datum) {
  if (datum.undetermined()) return std::nullopt;
  const Result<Decimal> number = Decimal::Parse(datum.value().value());
  if (!number) return std::nullopt;
  return *number;
}

bool IsReadable(const v1::Datum& datum) {
  return datum.undetermined() || NumberOf(datum).has_value();
}

void SortByReplicate(std::vector<const v1::Datum*>& data) {
  std::stable_sort(data.begin(), data.end(), [](const v1::Datum* a, const v1::Datum* b) {
    return ReplicateNumber(*a) < ReplicateNumber(*b);
  });
}

void AddDetail(std::string_view name, std::string value, std::string_view unit,
               google::protobuf::RepeatedPtrField<v1::NamedValue>& details) {
  v1::NamedValue& detail = *details.Add();
  detail.set_name(std::string(name));
  detail.set_value(std::move(value));
  detail.set_unit(std::string(unit));
}

bool AllHold(const google::protobuf::RepeatedPtrField<v1::Check>& checks) {
  return std::all_of(checks.begin(), checks.end(),
                     [](const v1::Check& check) { return check.ok(); });
}

v1::Computation BeginComputation(const v1::AssayInput& input) {
  v1::Computation computation;
  std::optional<v1::Method> for_readings;
  if (!IsTyped(input)) for_readings = MethodForReadings(input.method());
  const v1::Method& method = for_readings ? *for_readings : input.method();
  computation.set_outcome(v1::OUTCOME_VALID);
  int i = 0;
  for (v1::Check& check : EvaluateSetup(method, input)) {
    // Any other check that does not hold makes the run invalid when it is concluded.
    if (!check.ok() && method.setup_checks(i).failure() == v1::CHECK_FAILURE_UNSPECIFIED) {
      computation.set_outcome(v1::OUTCOME_INVALID_SETUP);
    }
    ++i;
    *computation.add_checks() = std::move(check);
  }
  return computation;
}

v1::Computation RefuseParameters(const v1::AssayInput& input,
                                 const std::vector<Violation>& violations) {
  v1::Computation computation = BeginComputation(input);
  for (const Violation& violation : violations) {
    *computation.add_checks() = MakeCheck("parameters", "", violation.description,
                                          "parameters that the calculator can use", false);
  }
  for (const SampleData& sample : SamplesOf(input)) {
    computation.add_samples()->set_sample_id(sample.sample_id);
  }
  ConcludeComputation(computation);
  return computation;
}

void ConcludeComputation(v1::Computation& computation) {
  if (computation.outcome() == v1::OUTCOME_VALID && !AllHold(computation.checks())) {
    computation.set_outcome(v1::OUTCOME_INVALID_RUN);
  }
  for (v1::SampleComputation& sample : *computation.mutable_samples()) {
    if (computation.outcome() != v1::OUTCOME_VALID) {
      sample.set_outcome(computation.outcome());
    } else {
      sample.set_outcome(AllHold(sample.checks()) ? v1::OUTCOME_VALID : v1::OUTCOME_INVALID_SAMPLE);
    }
    if (sample.outcome() != v1::OUTCOME_VALID) sample.clear_reportables();
  }
}

}  // namespace lims::assay
