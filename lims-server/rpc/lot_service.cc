#include "app/external_certificates.h"
#include "app/lots.h"
#include "app/sample_keeping.h"
#include "app/samples.h"
#include "lims/v1/lot_service.grpc.pb.h"
#include "rpc/services.h"
#include "rpc/watch.h"

namespace lims::rpc {
namespace {

class LotService final : public v1::LotService::CallbackService {
 public:
  explicit LotService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_WRITE(LotService, RegisterLot, Planning::kInline)
  LIMS_RPC_WRITE(LotService, ConfirmLot, Planning::kInline)
  LIMS_RPC_WRITE(LotService, VoidLot, Planning::kInline)
  LIMS_RPC_READ(LotService, ListLots)
  LIMS_RPC_READ(LotService, GetLot)
  LIMS_RPC_READ(LotService, GetBlockers)
  grpc::ServerWriteReactor<v1::WatchLotResponse>* WatchLot(
      grpc::CallbackServerContext* context, const v1::WatchLotRequest* request) override {
    return adapter_.lot_watches().Start(*context, *request);
  }
  LIMS_RPC_WRITE(LotService, PlanSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, CancelSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, TakeSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, ReceiveSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, RejectSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, AliquotSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, ThawSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, HandOverSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, AcceptSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, RetainSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, DisposeSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, TranscribeCertificate, Planning::kInline)
  LIMS_RPC_WRITE(LotService, ConfirmCertificate, Planning::kInline)
  LIMS_RPC_READ(LotService, ReadCertificate)
  LIMS_RPC_READ(LotService, GetSample)

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLotService(Adapter& adapter) {
  return std::make_unique<LotService>(adapter);
}

}  // namespace lims::rpc
