// How judged values are shown.
#ifndef LIMS_CLIENT_CLI_RESULT_VIEW_H_
#define LIMS_CLIENT_CLI_RESULT_VIEW_H_

#include <string>

#include "cli/context.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {

// A table of the documents that ResultJson() makes.
std::string RenderResults(const nlohmann::ordered_json& results);

// Shows the results of an attempt whose values were typed. `asked` is the line or panel that the
// person named; with `one_value` the JSON document is the result of that line.
Result<int> ShowSubmitted(Context& context, const v1::SubmitResultResponse& response,
                          const std::string& asked, bool one_value);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_RESULT_VIEW_H_
