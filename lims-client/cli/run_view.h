// A run for people.
#ifndef LIMS_CLIENT_CLI_RUN_VIEW_H_
#define LIMS_CLIENT_CLI_RUN_VIEW_H_

#include <string>

#include "lims/v1/run_service.pb.h"

namespace lims::client {

std::string RenderSubmittedRun(const v1::SubmitRunResponse& response);
std::string RenderRun(const v1::GetRunResponse& response);
// The files behind it.
std::string RenderRunFiles(const v1::GetRunResponse& response);
// What is due, then the hand-over list.
std::string RenderWork(const v1::ListWorkResponse& response);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_RUN_VIEW_H_
