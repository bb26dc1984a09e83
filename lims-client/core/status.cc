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

ErrorReason ReasonFromCode(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
      return ErrorReason::kUnavailable;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      // The library's own limits share this code with a full queue.
      return status.error_message().find("larger than max") != std::string::npos
                 ? ErrorReason::kTooLarge
                 : ErrorReason::kBusy;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
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

}  // namespace

Error ErrorFromStatus(const google::rpc::Status& status) {
  return ErrorFromStatus(grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                                      status.message(), status.SerializeAsString()));
}

Error ErrorFromStatus(const grpc::Status& status) {
  Error error = MakeError(ReasonFromCode(status), status.error_message());
  if (error.reason == ErrorReason::kUnavailable) {
    error.message = "the server did not answer: " + error.message;
  }
  google::rpc::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) {
    return error;
  }
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest request;
    google::rpc::PreconditionFailure failure;
    if (any.UnpackTo(&info)) {
      const ErrorReason reason = ReasonFromName(info.reason());
      if (reason != ErrorReason::kUnspecified) error.reason = reason;
      error.message = status.error_message();
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
  return error;
}

}  // namespace lims::client
