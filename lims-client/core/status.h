// The refusals of the server as lims::Error.
#ifndef LIMS_CLIENT_CORE_STATUS_H_
#define LIMS_CLIENT_CORE_STATUS_H_

#include <grpcpp/support/status.h>

#include "base/error.h"
#include "google/rpc/status.pb.h"

namespace lims::client {

// Reads the google.rpc.Status in the details. Without ErrorInfo of our server it is no answer of it
// and UNAVAILABLE, whatever the code: the library also says INTERNAL or RESOURCE_EXHAUSTED when an
// act was recorded and its answer was lost. `status` must not be OK.
Error ErrorFromStatus(const grpc::Status& status);
// The same for the refusal of one item of a call.
Error ErrorFromStatus(const google::rpc::Status& status);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_STATUS_H_
