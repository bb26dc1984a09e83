// The one question about values that are possible but unlikely.
#ifndef LIMS_CLIENT_CLI_PLAUSIBILITY_H_
#define LIMS_CLIENT_CLI_PLAUSIBILITY_H_

#include <CLI/CLI.hpp>

#include "core/client.h"

namespace lims::client {

// --yes: the answer is given beforehand.
template <typename Request>
void AddYes(CLI::App* verb, Request* request) {
  verb->add_flag_callback(
      "--yes", [request] { request->set_plausibility_confirmed(true); },
      "The values outside the plausible range are what was observed");
}

// Whether the server asks about values that are possible but unlikely and about nothing else, and
// the person says yes; no without a terminal.
bool ConfirmsPlausibility(const Error& error);

// Writes; when the person confirms what the server asks, again under the same request id.
template <typename Response, typename Request>
Result<Response> WriteConfirmed(Client* client, Request request,
                                std::chrono::seconds deadline = kDeadline) {
  Result<Response> response = client->Write<Response>(request, deadline);
  if (response || !ConfirmsPlausibility(response.error())) return response;
  request.set_plausibility_confirmed(true);
  client->RepeatRequestId();
  return client->Write<Response>(request, deadline);
}

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_PLAUSIBILITY_H_
