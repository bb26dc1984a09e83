// What every operation of the product can answer besides a value.
#ifndef LIMS_BASE_ERROR_H_
#define LIMS_BASE_ERROR_H_

#include <string>
#include <string_view>
#include <vector>

namespace lims {

// The closed list of refusals. Names and numbers equal lims.v1.ErrorReason (a test compares them):
// reasons are contract, messages are for people and may change.
enum class ErrorReason {
  kUnspecified = 0,
  kInvalidArgument = 1,       // a field breaks its rule; violations name every one
  kRequestIdReused = 2,       // the request id was used before with other content
  kNotFound = 3,              // the named record does not exist
  kAlreadyExists = 4,         // the name is taken
  kUnauthenticated = 5,       // no session, or it ended
  kPermissionDenied = 6,      // the role does not allow this act
  kWrongState = 7,            // the state does not allow this act; violations are preconditions
  kSegregation = 8,           // the person took part in what is to be judged
  kChanged = 9,               // a record changed since it was read or shown
  kAccountLocked = 10,        // too many wrong passwords
  kWrongCredentials = 11,     // user id or password is wrong
  kPasswordMustChange = 12,   // a one-time code only allows setting a password
  kBusy = 13,                 // the queue is full; try again
  kUnavailable = 14,          // shutting down, disk full, or outcome unknown: repeat the request id
  kDataLoss = 15,             // stored data do not verify
  kInternal = 16,             // a fault of the program
  kNotReleasable = 17,        // blockers remain; violations list them
  kTooLarge = 18,             // a file or message is over its limit
  kUnimplementedFormat = 19,  // no importer recognises the file
  kVerificationFailed = 20,   // an offline verification found something
};

// The name as it stands in the API: "INVALID_ARGUMENT".
std::string_view ErrorReasonName(ErrorReason reason);

// One broken rule: `field` is a request field path ("lot.parents[0].lot_id") or a file position
// ("line 12, column 3"); `description` says what is wrong and what to do, in a technician's words.
struct Violation {
  std::string field;
  std::string description;
};

// "reason: is missing"; a description that begins with its field says the name itself: "sample S1
// is RETAINED".
std::string Phrase(const Violation& violation);

struct Error {
  ErrorReason reason = ErrorReason::kInternal;
  std::string message;
  std::vector<Violation> violations;
};

// Adds what else is wrong.
void Append(std::vector<Violation> more, std::vector<Violation>* violations);

Error MakeError(ErrorReason reason, std::string message, std::vector<Violation> violations = {});
Error InvalidArgument(std::string field, std::string description);
Error InvalidArguments(std::vector<Violation> violations);
Error NotFound(std::string what);
Error WrongState(std::string message);
// Needs a violation.
Error WrongStates(std::vector<Violation> violations);
// Without the field that the error names, for a violation of another: the first violation's
// description; the message when there is none.
const std::string& WhatIsWrong(const Error& error);

}  // namespace lims

#endif  // LIMS_BASE_ERROR_H_
