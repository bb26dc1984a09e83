// Receiving a raw file in chunks.
#ifndef LIMS_RPC_UPLOAD_H_
#define LIMS_RPC_UPLOAD_H_

#include <grpcpp/support/server_callback.h>

#include "lims/v1/run_service.pb.h"
#include "rpc/adapter.h"

namespace lims::rpc {

// The reactor deletes itself. The file is stored only when size and hash are as announced. An
// upload that falls silent is ended: its place is for others.
grpc::ServerReadReactor<v1::UploadRawRequest>* StartUpload(Adapter& adapter,
                                                           grpc::CallbackServerContext& context,
                                                           v1::UploadRawResponse* response);

}  // namespace lims::rpc

#endif  // LIMS_RPC_UPLOAD_H_
