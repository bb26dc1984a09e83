// Where the outputs of a method with typed values come from.
#ifndef LIMS_ASSAY_OUTPUTS_H_
#define LIMS_ASSAY_OUTPUTS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"

namespace lims::assay {

// The other output whose unrounded value this one is a product of; nullptr when it is entered.
const v1::MethodOutput* SourceOf(const v1::Method& method, const v1::MethodOutput& output);

// A name under which an output is entered, and how often at least.
struct OutputPart {
  std::string name;
  int replicates_min = 1;
};
// The targets of the output, or its input when it has none.
std::vector<OutputPart> PartsOf(const v1::MethodOutput& output);
// The part that `name` means: a target, or any name of an output without targets. Empty when an
// output with targets has none of that name.
std::string PartNamed(const v1::MethodOutput& output, std::string_view name);

// The entered output that `name` means, by line code, input or target; an empty name means the only
// one. nullptr when there is none.
const v1::MethodOutput* EnteredOutput(const v1::Method& method, std::string_view name);

// Targets that name a vessel or medium, not a line: of a method whose calculator has the parameter
// kVessels, a list with commas.
inline constexpr std::string_view kVessels = "media";
std::vector<std::string> VesselTargets(const v1::Method& method);

// The data of an entered output by replicate.
std::vector<const v1::Datum*> DataOfOutput(const v1::Method& method, const v1::MethodOutput& output,
                                           const std::vector<const v1::Datum*>& data);

// Whether `count` replicates are as many as the output asks for.
v1::Check ReplicateCheck(const v1::MethodOutput& output, std::size_t count);

// The same for each part of the output.
std::vector<v1::Check> ReplicateChecks(const v1::MethodOutput& output,
                                       const std::vector<const v1::Datum*>& data);

// The number of positions: one that was observed on several days counts once. Data without
// position count each.
std::size_t CountPositions(const std::vector<const v1::Datum*>& data);

// Adds a check that does not hold for each target that no entered output takes.
void RefuseUnknownTargets(const v1::Method& method, const std::vector<const v1::Datum*>& data,
                          v1::SampleComputation& sample);

std::string OutputPath(int index, std::string_view field);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_OUTPUTS_H_
