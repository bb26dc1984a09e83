// What both modes of the potency calculator ask of the wells of a plate.
#ifndef LIMS_ASSAY_POTENCY_PLATE_H_
#define LIMS_ASSAY_POTENCY_PLATE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "assay/exact.h"
#include "assay/parameters.h"
#include "base/decimal.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

struct PlateSettings {
  Decimal stimulation_index_min;             // P / N
  Decimal well_cv_max;                       // of a group, in %
  int wells_min = 0;                         // of a group
  std::optional<Decimal> unstimulated_max;   // mean response
  std::optional<Decimal> msc_alone_max;      // mean response
  std::optional<Decimal> background_sd_max;  // in % of the mean of the stimulated wells
};
PlateSettings ReadPlateSettings(ParameterReader& reader);

// Roles of the controls without which no plate can be valid.
std::vector<v1::PositionRole> NeededControls(const PlateSettings& settings);

using PlateWells = std::vector<const v1::Datum*>;
// Wells of one sample or reference by their dose; no dose is a group of its own.
using DoseGroups = std::map<std::optional<Decimal>, PlateWells>;
DoseGroups ByDose(const PlateWells& wells);

// Absent without a response that is a number.
std::optional<Quotient> MeanResponse(const PlateWells& wells);

// Checks how many wells a group has and, by their readings before any background is taken off,
// their CV.
void CheckGroup(const PlateSettings& settings, const std::string& group, const PlateWells& wells,
                google::protobuf::RepeatedPtrField<v1::Check>& checks);

struct Responders {
  std::optional<Quotient> stimulated;    // P, absent without wells
  std::optional<Quotient> unstimulated;  // N
};
// Checks the stimulated and unstimulated wells, the stimulation index, the background of the
// unstimulated wells and of MSC alone, and how far the wells of blank and of MSC alone lie apart;
// adds what it found to the details of the run.
Responders CheckResponders(const v1::AssayInput& input, const PlateSettings& settings,
                           v1::Computation& computation);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_POTENCY_PLATE_H_
