#include "app/access.h"
#include "app/signing.h"
#include "lims/v1/access_service.grpc.pb.h"
#include "rpc/services.h"

namespace lims::rpc {
namespace {

class AccessService final : public v1::AccessService::CallbackService {
 public:
  explicit AccessService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_SIGNATURE(LogIn) {
    return adapter_.Direct(context, "lims.v1.AccessService/LogIn", request, response, false,
                           adapter_.passwords(), &app::LogIn);
  }
  LIMS_RPC_DIRECT(AccessService, LogOut)
  LIMS_RPC_WRITE(AccessService, SetPassword, Planning::kPassword)
  LIMS_RPC_WRITE(AccessService, AddUser, Planning::kPassword)
  LIMS_RPC_WRITE(AccessService, GrantRole, Planning::kInline)
  LIMS_RPC_WRITE(AccessService, RevokeRole, Planning::kInline)
  LIMS_RPC_WRITE(AccessService, ConfirmUser, Planning::kInline)
  LIMS_RPC_WRITE(AccessService, DisableUser, Planning::kInline)
  LIMS_RPC_WRITE(AccessService, UnlockUser, Planning::kPassword)
  LIMS_RPC_WRITE(AccessService, EnrolTerminal, Planning::kWorker)
  LIMS_RPC_WRITE(AccessService, RevokeTerminal, Planning::kInline)
  LIMS_RPC_READ(AccessService, ListUsers)

 private:
  Adapter& adapter_;
};

class SignatureService final : public v1::SignatureService::CallbackService {
 public:
  explicit SignatureService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_DIRECT(SignatureService, PrepareSignature)
  LIMS_RPC_WRITE(SignatureService, Sign, Planning::kPassword)

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAccessService(Adapter& adapter) {
  return std::make_unique<AccessService>(adapter);
}

std::unique_ptr<grpc::Service> MakeSignatureService(Adapter& adapter) {
  return std::make_unique<SignatureService>(adapter);
}

}  // namespace lims::rpc
