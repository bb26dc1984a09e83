// Names that the files of a run give its wells, beside the samples that the laboratory knows.
#ifndef LIMS_APP_FILE_NAMES_H_
#define LIMS_APP_FILE_NAMES_H_

#include <span>
#include <vector>

#include "base/csv.h"
#include "base/result.h"
#include "instrument/run_map.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// Every row that names its well as a registered sample or lot which the map does not have there, or
// as nothing known where the file names its samples by their ids: a plate of other lots with the
// same layout, or one that was loaded otherwise. A name that the map expects, a free one in a file
// without ids and a reference lot in a well without sample are left alone, as are rows that the map
// lacks, which JoinWithMap refuses.
Result<FileProblems> NamesOfOthers(storage::Records& records, std::span<const v1::RunPosition> map,
                                   const std::vector<instrument::ParsedFile>& files);

}  // namespace lims::app

#endif  // LIMS_APP_FILE_NAMES_H_
