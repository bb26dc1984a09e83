// lims lot watch
#ifndef LIMS_CLIENT_CLI_LOT_WATCH_H_
#define LIMS_CLIENT_CLI_LOT_WATCH_H_

#include <functional>

#include "cli/context.h"
#include "lims/v1/specification.pb.h"

namespace lims::client {

void AddLotWatch(CLI::App* lot, Context& context);

// An option --gate: S1, S2 or B.
void AddGateOption(CLI::App* verb, std::function<void(v1::Gate)> set);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_LOT_WATCH_H_
