// That a run is one plate where its wells are judged against controls of their own plate.
#ifndef LIMS_ASSAY_ONE_PLATE_H_
#define LIMS_ASSAY_ONE_PLATE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "assay/registry.h"
#include "base/error.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

// Names the first well of each plate beside the first one; the plate is that of a well "PLATE:A1".
// Paths: "positions[3].position". Wells without plate may be of any.
void CheckOnePlate(const Positions& positions, std::vector<Violation>& violations);

// The same for the data of the run, which name a plate even where the map has names of preparations
// only. `places` says where each datum stands, and is the path: "line 12".
std::vector<Violation> CheckOnePlate(const google::protobuf::RepeatedPtrField<v1::Datum>& data,
                                     const std::vector<std::string>& places);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_ONE_PLATE_H_
