#include "app/catalogue.h"
#include "app/looks.h"
#include "lims/v1/catalogue_service.grpc.pb.h"
#include "rpc/services.h"

namespace lims::rpc {
namespace {

class CatalogueService final : public v1::CatalogueService::CallbackService {
 public:
  explicit CatalogueService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_WRITE(CatalogueService, ImportMethod, Planning::kInline)
  LIMS_RPC_WRITE(CatalogueService, SubmitMethod, Planning::kInline)
  LIMS_RPC_READ(CatalogueService, ListMethods)
  LIMS_RPC_READ(CatalogueService, GetMethod)
  LIMS_RPC_WRITE(CatalogueService, ImportSpecification, Planning::kInline)
  LIMS_RPC_WRITE(CatalogueService, SubmitSpecification, Planning::kInline)
  LIMS_RPC_READ(CatalogueService, ListSpecifications)
  LIMS_RPC_READ(CatalogueService, GetSpecification)
  LIMS_RPC_READ(CatalogueService, ListAssays)
  LIMS_RPC_DIRECT(CatalogueService, ComputeAssay)

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCatalogueService(Adapter& adapter) {
  return std::make_unique<CatalogueService>(adapter);
}

}  // namespace lims::rpc
