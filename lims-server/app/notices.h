// What happened to a site outside its server - a backup, a restore - waits as a file until the
// server records it as an event.
#ifndef LIMS_APP_NOTICES_H_
#define LIMS_APP_NOTICES_H_

#include <string>
#include <utility>
#include <vector>

#include "app/site.h"
#include "base/result.h"
#include "lims/v1/event.pb.h"

namespace lims::app {

// Leaves a notice for the server of this site: ACT_BACK_UP or ACT_RESTORE with details.
Result<void> LeaveNotice(const std::string& site_dir, v1::Act act,
                         const std::vector<std::pair<std::string, std::string>>& details);

// Records every notice in the access stream and removes it. Waits for the writer.
void RecordNotices(Site& site);

}  // namespace lims::app

#endif  // LIMS_APP_NOTICES_H_
