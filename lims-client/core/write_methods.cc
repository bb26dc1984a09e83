#include "core/write_methods.h"

#include <array>

#include "core/call.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "lims/v1/run_service.pb.h"
#include "lims/v1/system_service.pb.h"

namespace lims::client {
namespace {

template <typename Request, typename Response>
WriteMethod Method() {
  return {&Request::default_instance(), &Response::default_instance()};
}

}  // namespace

std::span<const WriteMethod> WriteMethods() {
  static const std::array kMethods = {
      Method<v1::SetPasswordRequest, v1::SetPasswordResponse>(),
      Method<v1::AddUserRequest, v1::AddUserResponse>(),
      Method<v1::GrantRoleRequest, v1::GrantRoleResponse>(),
      Method<v1::RevokeRoleRequest, v1::RevokeRoleResponse>(),
      Method<v1::ConfirmUserRequest, v1::ConfirmUserResponse>(),
      Method<v1::DisableUserRequest, v1::DisableUserResponse>(),
      Method<v1::UnlockUserRequest, v1::UnlockUserResponse>(),
      Method<v1::EnrolTerminalRequest, v1::EnrolTerminalResponse>(),
      Method<v1::RevokeTerminalRequest, v1::RevokeTerminalResponse>(),
      Method<v1::SignRequest, v1::SignResponse>(),
      Method<v1::ImportMethodRequest, v1::ImportMethodResponse>(),
      Method<v1::SubmitMethodRequest, v1::SubmitMethodResponse>(),
      Method<v1::ImportSpecificationRequest, v1::ImportSpecificationResponse>(),
      Method<v1::SubmitSpecificationRequest, v1::SubmitSpecificationResponse>(),
      Method<v1::RegisterLotRequest, v1::RegisterLotResponse>(),
      Method<v1::ConfirmLotRequest, v1::ConfirmLotResponse>(),
      Method<v1::VoidLotRequest, v1::VoidLotResponse>(),
      Method<v1::PlanSampleRequest, v1::PlanSampleResponse>(),
      Method<v1::TakeSampleRequest, v1::TakeSampleResponse>(),
      Method<v1::ReceiveSampleRequest, v1::ReceiveSampleResponse>(),
      Method<v1::RejectSampleRequest, v1::RejectSampleResponse>(),
      Method<v1::AliquotSampleRequest, v1::AliquotSampleResponse>(),
      Method<v1::ThawSampleRequest, v1::ThawSampleResponse>(),
      Method<v1::HandOverSampleRequest, v1::HandOverSampleResponse>(),
      Method<v1::AcceptSampleRequest, v1::AcceptSampleResponse>(),
      Method<v1::RetainSampleRequest, v1::RetainSampleResponse>(),
      Method<v1::DisposeSampleRequest, v1::DisposeSampleResponse>(),
      Method<v1::TranscribeCertificateRequest, v1::TranscribeCertificateResponse>(),
      Method<v1::ConfirmCertificateRequest, v1::ConfirmCertificateResponse>(),
      Method<v1::CreateRunRequest, v1::CreateRunResponse>(),
      Method<v1::RecordReadingRequest, v1::RecordReadingResponse>(),
      Method<v1::ClearLateReadingsRequest, v1::ClearLateReadingsResponse>(),
      Method<v1::SubmitRunRequest, v1::SubmitRunResponse>(),
      Method<v1::AbortRunRequest, v1::AbortRunResponse>(),
      Method<v1::SubmitResultRequest, v1::SubmitResultResponse>(),
      Method<v1::ReenterResultRequest, v1::ReenterResultResponse>(),
      Method<v1::AmendResultRequest, v1::AmendResultResponse>(),
      Method<v1::ConfirmAmendmentRequest, v1::ConfirmAmendmentResponse>(),
      Method<v1::DeclineAmendmentRequest, v1::DeclineAmendmentResponse>(),
      Method<v1::ClearLookRequest, v1::ClearLookResponse>(),
      Method<v1::ConfirmClockRequest, v1::ConfirmClockResponse>(),
  };
  return kMethods;
}

const WriteMethod* FindWriteMethod(std::string_view path) {
  for (const WriteMethod& method : WriteMethods()) {
    if (PathOf(MethodOf(*method.request)) == path) return &method;
  }
  return nullptr;
}

}  // namespace lims::client
