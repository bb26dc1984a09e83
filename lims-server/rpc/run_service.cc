#include "app/amendments.h"
#include "app/create_run.h"
#include "app/look_records.h"
#include "app/looks.h"
#include "app/readings.h"
#include "app/run_files.h"
#include "app/runs.h"
#include "app/second_entry.h"
#include "app/submit_result.h"
#include "app/submit_run.h"
#include "app/work.h"
#include "lims/v1/run_service.grpc.pb.h"
#include "rpc/services.h"
#include "rpc/submit_stream.h"
#include "rpc/upload.h"

namespace lims::rpc {
namespace {

class RunService final : public v1::RunService::CallbackService {
 public:
  explicit RunService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_WRITE(RunService, CreateRun, Planning::kInline)
  LIMS_RPC_WRITE(RunService, RecordReading, Planning::kInline)
  LIMS_RPC_WRITE(RunService, ClearLateReadings, Planning::kInline)
  grpc::ServerReadReactor<v1::UploadRawRequest>* UploadRaw(
      grpc::CallbackServerContext* context, v1::UploadRawResponse* response) override {
    return StartUpload(adapter_, *context, response);
  }
  LIMS_RPC_DIRECT(RunService, ImportRaw)
  LIMS_RPC_WRITE(RunService, SubmitRun, Planning::kWorker)
  LIMS_RPC_WRITE(RunService, AbortRun, Planning::kInline)
  LIMS_RPC_WRITE(RunService, SubmitResult, Planning::kInline)
  LIMS_RPC_WRITE(RunService, ReenterResult, Planning::kWorker)
  LIMS_RPC_WRITE(RunService, AmendResult, Planning::kInline)
  LIMS_RPC_WRITE(RunService, ConfirmAmendment, Planning::kInline)
  LIMS_RPC_WRITE(RunService, DeclineAmendment, Planning::kInline)
  LIMS_RPC_WRITE(RunService, ClearLook, Planning::kInline)
  grpc::ServerBidiReactor<v1::SubmitResultsRequest, v1::SubmitResultsResponse>* SubmitResults(
      grpc::CallbackServerContext* context) override {
    return StartSubmitStream(adapter_, *context);
  }
  LIMS_RPC_READ(RunService, GetRun)
  LIMS_RPC_READ(RunService, ReadRunFile)
  LIMS_RPC_READ(RunService, ListResults)
  LIMS_RPC_READ(RunService, ListWork)

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRunService(Adapter& adapter) {
  return std::make_unique<RunService>(adapter);
}

}  // namespace lims::rpc
