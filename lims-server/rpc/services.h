// The services: each method is one line that names its use case.
#ifndef LIMS_RPC_SERVICES_H_
#define LIMS_RPC_SERVICES_H_

#include <memory>
#include <string>
#include <vector>

#include <grpcpp/impl/service_type.h>

#include "base/message_limits.h"
#include "rpc/adapter.h"

namespace lims::rpc {

std::unique_ptr<grpc::Service> MakeAccessService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeSignatureService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeCatalogueService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeLotService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeRunService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeAuditService(Adapter& adapter);
std::unique_ptr<grpc::Service> MakeSystemService(Adapter& adapter);

// A read as the adapter runs it: on a snapshot, by whoever may. What auditors read is recorded with
// the records that the request names. An answer that no message holds is refused in words: the
// library's own refusal names only bytes.
template <typename Request, typename Response>
auto OnSnapshot(Result<Response> (*use_case)(app::Site&, storage::Records&, const Request&)) {
  return [use_case](app::Site& site, const app::Call& call,
                    const Request& request) -> Result<Response> {
    LIMS_ASSIGN_OR_RETURN(
        Response response, site.store().Read([&](storage::Records& records) -> Result<Response> {
          LIMS_ASSIGN_OR_RETURN(const v1::Role role, app::RoleForRead(records, call));
          if (role == v1::ROLE_AUDITOR) site.access_log().NoteRead(call, app::NamedIn(request));
          return use_case(site, records, request);
        }));
    if (const std::size_t bytes = response.ByteSizeLong(); bytes > kMaxReplyBytes) {
      return MakeError(ErrorReason::kTooLarge, "the answer has " + std::to_string(bytes) +
                                                   " bytes, a message holds " +
                                                   std::to_string(kMaxReplyBytes) +
                                                   ": ask for fewer at a time, or export the lot");
    }
    return response;
  };
}

}  // namespace lims::rpc

// Methods of a service whose class has a member `adapter_`.
#define LIMS_RPC_SIGNATURE(Method)                                               \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context,         \
                                   const v1::Method##Request* request,           \
                                   v1::Method##Response* response) override
#define LIMS_RPC_READ(Service, Method)                                                            \
  LIMS_RPC_SIGNATURE(Method) {                                                                    \
    return adapter_.Direct(context, "lims.v1." #Service "/" #Method, request, response,           \
                           /*needs_session=*/true, adapter_.workers(), OnSnapshot(&app::Method)); \
  }
#define LIMS_RPC_WRITE(Service, Method, planning)                                      \
  LIMS_RPC_SIGNATURE(Method) {                                                         \
    return adapter_.Write(context, "lims.v1." #Service "/" #Method, request, response, \
                          &app::Method, planning);                                     \
  }

#endif  // LIMS_RPC_SERVICES_H_
