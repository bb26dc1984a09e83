#include "base/error.h"

#include <iterator>
#include <utility>

namespace lims {
namespace {

// The violation itself when it is the only one.
std::string Summary(const std::vector<Violation>& violations, const char* several) {
  return violations.size() == 1 ? Phrase(violations[0])
                                : std::to_string(violations.size()) + several;
}

}  // namespace

std::string Phrase(const Violation& violation) {
  const bool named = violation.description.starts_with(violation.field + " ");
  return named ? violation.description : violation.field + ": " + violation.description;
}

std::string_view ErrorReasonName(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kUnspecified:
      return "ERROR_REASON_UNSPECIFIED";
    case ErrorReason::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case ErrorReason::kRequestIdReused:
      return "REQUEST_ID_REUSED";
    case ErrorReason::kNotFound:
      return "NOT_FOUND";
    case ErrorReason::kAlreadyExists:
      return "ALREADY_EXISTS";
    case ErrorReason::kUnauthenticated:
      return "UNAUTHENTICATED";
    case ErrorReason::kPermissionDenied:
      return "PERMISSION_DENIED";
    case ErrorReason::kWrongState:
      return "WRONG_STATE";
    case ErrorReason::kSegregation:
      return "SEGREGATION";
    case ErrorReason::kChanged:
      return "CHANGED";
    case ErrorReason::kAccountLocked:
      return "ACCOUNT_LOCKED";
    case ErrorReason::kWrongCredentials:
      return "WRONG_CREDENTIALS";
    case ErrorReason::kPasswordMustChange:
      return "PASSWORD_MUST_CHANGE";
    case ErrorReason::kBusy:
      return "BUSY";
    case ErrorReason::kUnavailable:
      return "UNAVAILABLE";
    case ErrorReason::kDataLoss:
      return "DATA_LOSS";
    case ErrorReason::kInternal:
      return "INTERNAL";
    case ErrorReason::kNotReleasable:
      return "NOT_RELEASABLE";
    case ErrorReason::kTooLarge:
      return "TOO_LARGE";
    case ErrorReason::kUnimplementedFormat:
      return "UNIMPLEMENTED_FORMAT";
    case ErrorReason::kVerificationFailed:
      return "VERIFICATION_FAILED";
  }
  return "ERROR_REASON_UNSPECIFIED";
}

Error MakeError(ErrorReason reason, std::string message, std::vector<Violation> violations) {
  return Error{reason, std::move(message), std::move(violations)};
}

Error InvalidArgument(std::string field, std::string description) {
  return InvalidArguments({{std::move(field), std::move(description)}});
}

Error InvalidArguments(std::vector<Violation> violations) {
  std::string message = Summary(violations, " fields are not acceptable");
  return Error{ErrorReason::kInvalidArgument, std::move(message), std::move(violations)};
}

Error NotFound(std::string what) {
  return Error{ErrorReason::kNotFound, what + " does not exist", {}};
}

Error WrongState(std::string message) {
  return Error{ErrorReason::kWrongState, std::move(message), {}};
}

Error WrongStates(std::vector<Violation> violations) {
  std::string message = Summary(violations, " things stand in the way");
  return Error{ErrorReason::kWrongState, std::move(message), std::move(violations)};
}

void Append(std::vector<Violation> more, std::vector<Violation>* violations) {
  violations->insert(violations->end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
}

const std::string& WhatIsWrong(const Error& error) {
  return error.violations.empty() ? error.message : error.violations.front().description;
}

}  // namespace lims
