// What a site gets when a newer version of the server opens it.
#ifndef LIMS_APP_UPGRADE_H_
#define LIMS_APP_UPGRADE_H_

#include "base/result.h"
#include "storage/ledger.h"

namespace lims::app {

// Puts the records that the version of the last start did not make yet; nothing when it made them
// all. Part of the act that records this start, so that it happens once and wholly.
Result<void> AddMissingRecords(storage::Transaction& tx);

}  // namespace lims::app

#endif  // LIMS_APP_UPGRADE_H_
