#include "rpc/status.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace lims::rpc {
namespace {

// The details ride in trailers, which are limited: more than this would hide the real error.
constexpr std::size_t kMaxViolations = 20;
constexpr std::size_t kMaxViolationBytes = 5500;
constexpr std::size_t kMaxTextBytes = 300;

grpc::StatusCode CodeOf(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kInvalidArgument:
    case ErrorReason::kRequestIdReused:
    case ErrorReason::kUnimplementedFormat:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorReason::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case ErrorReason::kAlreadyExists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case ErrorReason::kUnauthenticated:
    case ErrorReason::kWrongCredentials:
      return grpc::StatusCode::UNAUTHENTICATED;
    case ErrorReason::kPermissionDenied:
    case ErrorReason::kSegregation:
    case ErrorReason::kAccountLocked:
      return grpc::StatusCode::PERMISSION_DENIED;
    case ErrorReason::kWrongState:
    case ErrorReason::kPasswordMustChange:
    case ErrorReason::kNotReleasable:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorReason::kChanged:
      return grpc::StatusCode::ABORTED;
    case ErrorReason::kBusy:
    case ErrorReason::kTooLarge:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ErrorReason::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case ErrorReason::kDataLoss:
    case ErrorReason::kVerificationFailed:
      return grpc::StatusCode::DATA_LOSS;
    case ErrorReason::kInternal:
    case ErrorReason::kUnspecified:
      break;
  }
  return grpc::StatusCode::INTERNAL;
}

// Cut at a character boundary.
std::string Shortened(const std::string& text) {
  if (text.size() <= kMaxTextBytes) return text;
  std::size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

grpc::Status ToStatus(const Error& error) {
  const grpc::StatusCode code = CodeOf(error.reason);
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(Shortened(error.message));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ErrorReasonName(error.reason)));
  info.set_domain("lims");
  status.add_details()->PackFrom(info);
  std::vector<Violation> violations;
  std::size_t bytes = 0;
  for (const Violation& violation : error.violations) {
    Violation shortened{Shortened(violation.field), Shortened(violation.description)};
    bytes += shortened.field.size() + shortened.description.size() + 8;
    if (violations.size() == kMaxViolations - 1 || bytes > kMaxViolationBytes) {
      violations.push_back(
          {"…", std::to_string(error.violations.size() - violations.size()) + " more"});
      break;
    }
    violations.push_back(std::move(shortened));
  }
  if (!violations.empty() && code == grpc::StatusCode::INVALID_ARGUMENT) {
    google::rpc::BadRequest bad_request;
    for (const Violation& violation : violations) {
      auto* field = bad_request.add_field_violations();
      field->set_field(violation.field);
      field->set_description(violation.description);
    }
    status.add_details()->PackFrom(bad_request);
  } else if (!violations.empty()) {
    google::rpc::PreconditionFailure failure;
    for (const Violation& violation : violations) {
      auto* entry = failure.add_violations();
      entry->set_type(std::string(ErrorReasonName(error.reason)));
      entry->set_subject(violation.field);
      entry->set_description(violation.description);
    }
    status.add_details()->PackFrom(failure);
  }
  return grpc::Status(code, status.message(), status.SerializeAsString());
}

}  // namespace lims::rpc
