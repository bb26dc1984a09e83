#include "core/status.h"

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lims/v1/error_reason.pb.h"

namespace lims::client {
namespace {

ErrorReason ReasonFromName(const std::string& name) {
  v1::ErrorReason reason;
  if (!v1::ErrorReason_Parse("ERROR_REASON_" + name, &reason)) return ErrorReason::kUnspecified;
  return static_cast<ErrorReason>(reason);
}

// Of a reason that this program does not know yet.
ErrorReason ReasonFromCode(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
      return ErrorReason::kUnavailable;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ErrorReason::kBusy;
    case grpc::StatusCode::INVALID_ARGUMENT:
      return ErrorReason::kInvalidArgument;
    case grpc::StatusCode::NOT_FOUND:
      return ErrorReason::kNotFound;
    case grpc::StatusCode::ALREADY_EXISTS:
      return ErrorReason::kAlreadyExists;
    case grpc::StatusCode::UNAUTHENTICATED:
      return ErrorReason::kUnauthenticated;
    case grpc::StatusCode::PERMISSION_DENIED:
      return ErrorReason::kPermissionDenied;
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ErrorReason::kWrongState;
    case grpc::StatusCode::ABORTED:
      return ErrorReason::kChanged;
    case grpc::StatusCode::DATA_LOSS:
      return ErrorReason::kDataLoss;
    default:
      return ErrorReason::kInternal;
  }
}

// Said by the library or by what stands between: what became of the call at the server is unknown.
Error NoAnswer(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
      return MakeError(ErrorReason::kUnavailable,
                       "the server did not answer: " + status.error_message());
    default:
      return MakeError(ErrorReason::kUnavailable,
                       "no answer of the server's own came (gRPC status " +
                           std::to_string(status.error_code()) + "): " + status.error_message());
  }
}

}  // namespace

Error ErrorFromStatus(const google::rpc::Status& status) {
  return ErrorFromStatus(grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                                      status.message(), status.SerializeAsString()));
}

Error ErrorFromStatus(const grpc::Status& status) {
  google::rpc::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) {
    return NoAnswer(status);
  }
  bool ours = false;
  Error error = MakeError(ReasonFromCode(status.error_code()), status.error_message());
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest request;
    google::rpc::PreconditionFailure failure;
    if (any.UnpackTo(&info)) {
      if (info.domain() != "lims") continue;
      ours = true;
      const ErrorReason reason = ReasonFromName(info.reason());
      if (reason != ErrorReason::kUnspecified) error.reason = reason;
    } else if (any.UnpackTo(&request)) {
      for (const auto& violation : request.field_violations()) {
        error.violations.push_back({violation.field(), violation.description()});
      }
    } else if (any.UnpackTo(&failure)) {
      for (const auto& violation : failure.violations()) {
        error.violations.push_back(
            {violation.subject().empty() ? violation.type() : violation.subject(),
             violation.description()});
      }
    }
  }
  return ours ? error : NoAnswer(status);
}

}  // namespace lims::client
