// A lot with everything that decides about it, out of its records.
#ifndef LIMS_APP_LOT_VIEW_H_
#define LIMS_APP_LOT_VIEW_H_

#include <string>
#include <vector>

#include "domain/lot_view.h"
#include "storage/records.h"

namespace lims::app {

// Everything that decides about a lot. NOT_FOUND when there is no such lot.
Result<domain::LotView> LoadLotView(storage::Records& records, const std::string& lot_id);

// Results of a lot outside their limits, for whatever purpose but validation and training.
Result<std::vector<storage::Stored<v1::Result>>> OutOfSpecification(storage::Records& records,
                                                                    const std::string& lot_id);

}  // namespace lims::app

#endif  // LIMS_APP_LOT_VIEW_H_
