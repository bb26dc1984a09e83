// Submitting typed values of many samples in one call.
#ifndef LIMS_RPC_SUBMIT_STREAM_H_
#define LIMS_RPC_SUBMIT_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include "lims/v1/run_service.pb.h"
#include "rpc/adapter.h"

namespace lims::rpc {

// The reactor deletes itself. Each item is what SubmitResult does: planned, recorded and answered
// by itself, under its own request id, which means the same act in both calls. A few messages of a
// stream are under way at a time; a stream that falls silent, or takes no answer, is ended.
grpc::ServerBidiReactor<v1::SubmitResultsRequest, v1::SubmitResultsResponse>* StartSubmitStream(
    Adapter& adapter, grpc::CallbackServerContext& context);

}  // namespace lims::rpc

#endif  // LIMS_RPC_SUBMIT_STREAM_H_
