#include "app/clock_steps.h"
#include "app/system.h"
#include "lims/v1/system_service.grpc.pb.h"
#include "rpc/services.h"

namespace lims::rpc {
namespace {

class SystemService final : public v1::SystemService::CallbackService {
 public:
  explicit SystemService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_READ(SystemService, GetServerInfo)
  LIMS_RPC_READ(SystemService, ListPermissions)
  LIMS_RPC_WRITE(SystemService, ConfirmClock, Planning::kInline)

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSystemService(Adapter& adapter) {
  return std::make_unique<SystemService>(adapter);
}

}  // namespace lims::rpc
