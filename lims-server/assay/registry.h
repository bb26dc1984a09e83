// The calculators, in one explicit list: an assay is one file, one line here and one test.
#ifndef LIMS_ASSAY_REGISTRY_H_
#define LIMS_ASSAY_REGISTRY_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::assay {

// The map of a run, as it was asked for.
using Positions = google::protobuf::RepeatedPtrField<v1::RunPosition>;

// A parameter that a calculator reads from the method version.
struct Parameter {
  std::string_view name;
  std::string_view meaning;        // with unit
  std::string_view default_value;  // empty when the method must give it
};

struct Calculator {
  std::string_view assay;    // "rt_qpcr"
  std::string_view version;  // changes whenever a result could change
  std::string_view description;
  std::span<const Parameter> parameters;
  std::span<const v1::PositionRole> roles;
  std::span<const std::string_view> formats;  // importers it reads; empty for typed entries
  // Pure: same input, same bits. A fit that fails is an outcome with a reason.
  v1::Computation (*calculate)(const v1::AssayInput& input);
};

std::span<const Calculator> Calculators();
// nullptr when there is none of this name.
const Calculator* FindAssay(std::string_view assay);

// What is wrong with the parameters and outputs that a method gives to its calculator, beside what
// is asked of every method (domain/catalogue_check.h); field paths start with "method.".
std::vector<Violation> CheckParameters(const v1::Method& method);

// What the calculator finds missing or unknown on the map of a run: roles, vessels. Paths:
// "positions[3].target"; "positions" for what is missing.
std::vector<Violation> CheckMap(const v1::Method& method, const Positions& positions);

// What one sample lacks on the map, when its lot is tested for every output of `method`. Paths as
// above. `repeated`: the attempt after which the method prescribes this repeat; nullptr for any
// other test.
std::vector<Violation> CheckSampleOnMap(const v1::Method& method, const Positions& positions,
                                        const std::string& sample_id, const v1::Attempt* repeated);

// Whether the data of the method are values that could as well be typed at a terminal, so that its
// outputs say in which unit, number or code they come.
bool TakesTypedValues(const v1::Method& method);

// Whether the wells of a run are judged against controls of their own plate, so that a run is one
// plate.
bool NeedsOnePlate(const v1::Method& method);

// Runs the setup checks that every method may declare (a failed one makes every sample
// INVALID_SETUP) and the method's calculator. A method without calculator is a programmer's error.
v1::Computation Compute(const v1::AssayInput& input);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_REGISTRY_H_
