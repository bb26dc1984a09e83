// lims lot watch
#ifndef LIMS_CLIENT_CLI_LOT_WATCH_H_
#define LIMS_CLIENT_CLI_LOT_WATCH_H_

#include "cli/context.h"

namespace lims::client {

void AddLotWatch(CLI::App* lot, Context& context);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_LOT_WATCH_H_
