// One request as the use cases see it: who calls, from which terminal, and what a write plans.
#ifndef LIMS_APP_CALL_H_
#define LIMS_APP_CALL_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/common.pb.h"
#include "lims/v1/event.pb.h"
#include "lims/v1/release.pb.h"
#include "lims/v1/user.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// The terminal is proven by its certificate, the person by the session.
struct Call {
  std::string method;           // "lims.v1.LotService/RegisterLot"
  std::string terminal;         // name
  std::string terminal_sha256;  // certificate
  std::string session;          // token; empty before log-in
  std::string user_id;          // empty before log-in
  std::string user_name;
  bool password_must_change = false;
};

// What a write use case hands to the writer: the act and the closure that decides and records it.
// Checks that need no database are done before; everything that rests on records is decided inside,
// but for the right of who acts: Site::Submit asks for it before `run`.
struct Plan {
  v1::Act act = v1::ACT_UNSPECIFIED;
  v1::Reason reason;
  std::function<Result<void>(storage::Transaction&)> run;
  std::optional<Call> signer;                     // when it is not the person of the session
  v1::Meaning meaning = v1::MEANING_UNSPECIFIED;  // of a signature: the right depends on it
};

// The plan of a request that was recorded before: the writer finds it and runs nothing.
Plan AlreadyRecorded();

// Sets the role that allows the call (PERMISSION_DENIED when none does), read from the user's
// record inside the transaction so that a revoked right ends at once.
Result<void> Authorise(storage::Transaction& tx, const Call& call,
                       v1::Meaning meaning = v1::MEANING_UNSPECIFIED);
// The same for a read.
Result<v1::Role> RoleForRead(storage::Records& records, const Call& call,
                             v1::Meaning meaning = v1::MEANING_UNSPECIFIED);

// The confirmed roles of a user.
std::vector<v1::Role> ConfirmedRoles(const v1::User& user);

// Bytes of a name that is kept as it was given: of a file, an instrument, a target.
inline constexpr std::size_t kMaxNameBytes = 200;

// A reason as an act needs it: said in words, at least three characters.
Result<void> RequireReason(std::string_view field, std::string_view text);

// The condition of a sample, on the field "condition": at least three characters.
Result<void> RequireCondition(std::string_view condition);

// SHA-256 over the canonical request without request id and secrets, hex. INVALID_ARGUMENT as
// RequireKnownContent says.
Result<std::string> Fingerprint(std::string_view method, const google::protobuf::Message& request);

// INVALID_ARGUMENT, with the field's path, for what the log has no form for: unknown fields, a
// number that is no value of its enum, text that is not UTF-8.
Result<void> RequireKnownContent(const google::protobuf::Message& request);

// INVALID_ARGUMENT, with the field's path, for a text in which something hides (TextProblem) or
// that is longer than any field keeps; secrets, manifests and certificate requests are no such
// texts.
Result<void> RequirePlainTexts(const google::protobuf::Message& request);
// The plan with that check behind its own, which refuse in better words and name the rest with it.
Plan WithPlainTexts(Plan plan, const google::protobuf::Message& request);

// Fills the response of a write: the receipt, and every record field with what the act put. Moves
// the records out of the act.
void FillResponse(storage::RecordedAct act, google::protobuf::Message* response);

// A page token: the key of the last row.
std::string PageToken(std::string_view last_key);
Result<std::string> ParsePageToken(std::string_view token);
// The number that a token carries, 0 for the first page.
Result<std::int64_t> ParseNumberToken(std::string_view token);
// Rows of a page: 50 for 0, at most 1000; INVALID_ARGUMENT for a negative number.
Result<int> PageSize(int asked);

}  // namespace lims::app

#endif  // LIMS_APP_CALL_H_
