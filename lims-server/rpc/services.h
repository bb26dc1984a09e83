// The services: each method is one line that names its use case.
#ifndef LIMS_RPC_SERVICES_H_
#define LIMS_RPC_SERVICES_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "rpc/adapter.h"

namespace lims::rpc {

std::unique_ptr<grpc::Service> MakeAccessService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeSignatureService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeCatalogueService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeLotService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeRunService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeAuditService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeSystemService(Adapter& adapter);

}  // namespace lims::rpc

// Methods of a service whose class has a member `adapter_`.
#define LIMS_RPC_SIGNATURE(Method)                                       \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, \
                                   const v1::Method##Request* request,   \
                                   v1::Method##Response* response) override
#define LIMS_RPC_READ(Service, Method)                                                \
  LIMS_RPC_SIGNATURE(Method) {                                                        \
    return adapter_.Read(context, "lims.v1." #Service "/" #Method, request, response, \
                         &app::Method);                                               \
  }
#define LIMS_RPC_DIRECT(Service, Method)                                                      \
  LIMS_RPC_SIGNATURE(Method) {                                                                \
    return adapter_.Direct(context, "lims.v1." #Service "/" #Method, request, response, true, \
                           adapter_.workers(), &app::Method);                                 \
  }
#define LIMS_RPC_WRITE(Service, Method, planning)                                      \
  LIMS_RPC_SIGNATURE(Method) {                                                         \
    return adapter_.Write(context, "lims.v1." #Service "/" #Method, request, response, \
                          &app::Method, planning);                                     \
  }

#endif  // LIMS_RPC_SERVICES_H_
