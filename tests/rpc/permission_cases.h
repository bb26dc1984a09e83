// Who may do what in which state, stated a second time: from the roles as people know them, not
// from the product's table.
#ifndef LIMS_TESTS_RPC_PERMISSION_CASES_H_
#define LIMS_TESTS_RPC_PERMISSION_CASES_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/common.pb.h"
#include "lims/v1/release.pb.h"
#include "rpc/records_in_state.h"

namespace lims::rpc {

// One letter a role, in the order of v1::Role: Technician, Reviewer, laboratory Supervisor, Quality
// assurance, qualified Person, aUditor, Master data, account Administrator.
inline constexpr std::string_view kRoleLetters = "TRSQPUMA";
inline constexpr std::string_view kEveryone = kRoleLetters;
// Everybody but the account administrators, who have no laboratory rights.
inline constexpr std::string_view kLaboratory = "TRSQPUM";

// A person of the site's fixture with the role of this letter.
inline std::string UserWith(char role) {
  constexpr std::string_view kUsers[] = {"tech1", "rev1",     "sup1", "qa1",
                                         "qp1",   "auditor1", "md1",  "admin1"};
  return std::string(kUsers[kRoleLetters.find(role)]);
}

// kUnspecified stands for "done".
inline constexpr ErrorReason kDone = ErrorReason::kUnspecified;

// A state that the table distinguishes.
struct StateCase {
  std::string name;
  // Makes the records and gives the request as protobuf text; $USER is the caller's user id.
  std::function<std::string(RecordsInState&, const std::string& caller)> request;
  ErrorReason outcome = kDone;  // for a caller whose role allows the call
  std::string says;             // part of the refusal: it names the state
};

struct MethodCase {
  std::string method;  // "LotService/RegisterLot"
  std::string_view roles;
  std::vector<StateCase> states;
};

// A signature: the intent is prepared by a colleague who may, and signed by the caller.
struct SignatureCase {
  v1::Meaning meaning;
  std::string_view preparers;  // who may prepare
  std::string_view signers;    // who may sign
  struct State {
    std::string name;
    std::function<std::string(RecordsInState&, const std::string& caller)> intent;
    // What happens between preparing and signing; before preparing, when the caller prepares.
    std::function<void(RecordsInState&)> then;
    ErrorReason outcome = kDone;
    ErrorReason signing = kDone;  // when the outcome of signing differs from that of preparing
    std::string says;
  };
  std::vector<State> states;
};

std::vector<MethodCase> MethodCases();
std::vector<SignatureCase> SignatureCases();

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_PERMISSION_CASES_H_
