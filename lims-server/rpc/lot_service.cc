#include "app/lots.h"
#include "lims/v1/lot_service.grpc.pb.h"
#include "rpc/services.h"

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
  LIMS_RPC_WRITE(LotService, PlanSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, TakeSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, ReceiveSample, Planning::kInline)
  LIMS_RPC_WRITE(LotService, RejectSample, Planning::kInline)
  LIMS_RPC_READ(LotService, GetSample)

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLotService(Adapter& adapter) {
  return std::make_unique<LotService>(adapter);
}

}  // namespace lims::rpc
