// What a raw file says about itself that a reviewer should see.
#ifndef LIMS_INSTRUMENT_STATEMENTS_H_
#define LIMS_INSTRUMENT_STATEMENTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "lims/v1/assay.pb.h"

namespace lims::instrument {

// Properties that importers set for StatementFlags.
inline constexpr std::string_view kCalibrationExpired = "calibration_expired";  // "Background"
inline constexpr std::string_view kOmittedWells = "omitted_wells";          // "A1 TERT, A2 TERT"
inline constexpr std::string_view kRunEndTime = "experiment_run_end_time";  // as printed

// One flag a statement, in file order:
//   "CALIBRATION_EXPIRED: Background"   the file says that this calibration had expired
//   "WELLS_OMITTED: A1 TERT"            wells that the analyst left out in the vendor's software
//   "FILE_TIME: 2010-10-21 00:51:26 AM EDT"   the instrument's own clock, never an observed time
std::vector<std::string> StatementFlags(const v1::RawData& data);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_STATEMENTS_H_
