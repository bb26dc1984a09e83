// Errors on the wire: google.rpc.Status with ErrorInfo and every violation.
#ifndef LIMS_RPC_STATUS_H_
#define LIMS_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "base/error.h"

namespace lims::rpc {

grpc::Status ToStatus(const Error& error);

}  // namespace lims::rpc

#endif  // LIMS_RPC_STATUS_H_
