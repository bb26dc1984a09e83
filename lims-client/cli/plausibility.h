// The one question about values that are possible but unlikely.
#ifndef LIMS_CLIENT_CLI_PLAUSIBILITY_H_
#define LIMS_CLIENT_CLI_PLAUSIBILITY_H_

#include "base/error.h"

namespace lims::client {

// Whether the server asks about values that are possible but unlikely, and about nothing else.
bool AsksForPlausibility(const Error& error);

// Asks the person; no without a terminal.
bool ConfirmPlausibility(const Error& error);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_PLAUSIBILITY_H_
