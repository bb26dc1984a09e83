// Every method, by every role, in every state that matters, over the wire.
#include "domain/permission.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "rpc/permission_cases.h"

namespace lims::rpc {
namespace {

const std::map<char, std::string> kUsers = {{'T', "tech1"}, {'R', "rev1"},  {'S', "sup1"},
                                            {'Q', "qa1"},   {'P', "qp1"},   {'U', "auditor1"},
                                            {'M', "md1"},   {'A', "admin1"}};

bool Has(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

const MethodDescriptor& Method(const std::string& name) {
  for (const MethodDescriptor* method : AllMethods()) {
    if (NameOf(*method) == name) return *method;
  }
  ADD_FAILURE() << "no method " << name;
  std::abort();
}

grpc::StatusCode CodeOf(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kPermissionDenied:
    case ErrorReason::kSegregation:
    case ErrorReason::kAccountLocked:
      return grpc::StatusCode::PERMISSION_DENIED;
    case ErrorReason::kWrongState:
    case ErrorReason::kNotReleasable:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorReason::kAlreadyExists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case ErrorReason::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case ErrorReason::kInvalidArgument:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorReason::kWrongCredentials:
      return grpc::StatusCode::UNAUTHENTICATED;
    default:
      return grpc::StatusCode::OK;
  }
}

class PermissionTable : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::FactDefinition fact;
    fact.set_product_id("P");
    fact.set_revision(1);
    fact.set_fact("frozen");
    fact.set_type(v1::FACT_TYPE_YES_NO);
    fact.set_needed_when("never");
    const auto line = [](const std::string& code, v1::Role role) {
      v1::AttestationLine attestation;
      attestation.set_product_id("P");
      attestation.set_revision(1);
      attestation.set_code(code);
      attestation.set_role(role);
      v1::GateAssignment* gate = attestation.add_gates();
      gate->set_gate(v1::GATE_S2);
      gate->add_lot_kinds(v1::LOT_KIND_DRUG_PRODUCT);
      return attestation;
    };
    const v1::AttestationLine lab = line("LAB", v1::ROLE_LAB_SUPERVISOR);
    const v1::AttestationLine certificate = line("CERT", v1::ROLE_QP);
    server.Put({&fact, &lab, &certificate});
  }

  std::string SessionOf(const std::string& user) { return server.Session(user); }

  // Calls and compares; a refusal leaves nothing behind but its note in the access log.
  void Expect(const MethodDescriptor& method, const std::string& user, std::string text,
              ErrorReason outcome, const std::string& says) {
    for (std::size_t at = text.find("$USER"); at != std::string::npos; at = text.find("$USER")) {
      text.replace(at, 5, user);
    }
    const std::string session = SessionOf(user);
    const auto request = MakeRequest(method, text);
    const std::int64_t before = server.LogSize();
    const Answer answer = CallWith(server.console(), session, method, *request);
    if (method.name() == "LogIn" || method.name() == "LogOut") server.ForgetSession(user);
    EXPECT_EQ(answer.error.reason, answer.ok() ? ErrorReason::kInternal : outcome)
        << Describe(answer);
    EXPECT_EQ(answer.status.error_code(), CodeOf(outcome)) << Describe(answer);
    std::string said = answer.error.message;
    for (const Violation& violation : answer.error.violations) said += "\n" + violation.field;
    EXPECT_NE(said.find(says), std::string::npos) << said << "\n  does not say " << says;
    // Who logs in is whom the request names.
    const auto* login = dynamic_cast<const v1::LogInRequest*>(request.get());
    if (outcome != kDone) {
      ExpectOnlyNoted(method, login == nullptr ? user : login->user_id(), answer.error, before);
    }
    ++calls;
  }

  void ExpectOnlyNoted(const MethodDescriptor& method, const std::string& user,
                       const Error& refusal, std::int64_t before) {
    const ErrorReason reason = refusal.reason;
    if (reason == ErrorReason::kWrongCredentials) return;  // a failed log-in, an event of its own
    const bool noted = reason == ErrorReason::kPermissionDenied ||
                       reason == ErrorReason::kSegregation || reason == ErrorReason::kWrongState ||
                       reason == ErrorReason::kNotReleasable ||
                       reason == ErrorReason::kAccountLocked;
    // Time stands still here, so only the first of several equal refusals has an event; one that
    // says something else has its own.
    const bool first =
        noted && noted_.insert({method.full_name(), user, reason, refusal.message}).second;
    const auto events = server.EventsFrom(before);
    EXPECT_EQ(events.size(), first ? 1u : 0u) << refusal.message;
    const std::multimap<std::string, std::string> told{
        {"method", "lims.v1." + NameOf(method)},
        {"reason", std::string(ErrorReasonName(reason))},
        {"message", refusal.message}};
    for (const v1::Event& event : events) {
      EXPECT_EQ(event.act(), v1::ACT_REFUSED);
      EXPECT_EQ(event.stream().substr(0, 7), "access/");
      EXPECT_EQ(event.actor().user_id(), user);
      EXPECT_EQ(event.records_size(), 0);
      std::multimap<std::string, std::string> details;
      for (const v1::Detail& detail : event.details()) {
        details.emplace(detail.name(), detail.value());
      }
      EXPECT_EQ(details, told);
    }
  }

  void TryService(const std::string& service) {
    for (const MethodCase& each : MethodCases()) {
      if (!each.method.starts_with(service + "/")) continue;
      const MethodDescriptor& method = Method(each.method);
      for (const StateCase& state : each.states) {
        for (const auto& [letter, user] : kUsers) {
          SCOPED_TRACE(each.method + ", " + user + ", " + state.name);
          const std::string text = state.request(records, user);
          const bool allowed = Has(each.roles, letter);
          Expect(method, user, text, allowed ? state.outcome : ErrorReason::kPermissionDenied,
                 allowed ? state.says : "this needs ");
        }
      }
    }
    RecordProperty("calls", calls);
    EXPECT_GT(calls, 0);
  }

  // Each call of the methods was refused and left its note, and nothing else.
  void ExpectNotedOnce(const std::set<std::string>& methods, const std::vector<v1::Event>& events,
                       const std::string& reason) {
    std::set<std::string> noted;
    for (const v1::Event& event : events) {
      EXPECT_EQ(event.act(), v1::ACT_REFUSED);
      EXPECT_EQ(event.records_size(), 0);
      for (const v1::Detail& detail : event.details()) {
        if (detail.name() == "method") {
          EXPECT_TRUE(noted.insert(detail.value()).second) << detail.value();
        } else if (detail.name() == "reason") {
          EXPECT_EQ(detail.value(), reason);
        }
      }
    }
    EXPECT_EQ(noted, methods);
  }

  std::string Prepared(const std::string& user, const std::string& intent) {
    const auto request = MakeRequest(prepare, "intent { " + intent + " }");
    const Answer answer = CallWith(server.console(), SessionOf(user), prepare, *request);
    EXPECT_TRUE(answer.ok()) << Describe(answer);
    if (!answer.ok()) return "";
    return static_cast<const v1::PrepareSignatureResponse&>(*answer.response).manifest();
  }

  RpcServer server;
  RecordsInState records{server};
  const MethodDescriptor& prepare = Method("SignatureService/PrepareSignature");
  const MethodDescriptor& sign = Method("SignatureService/Sign");
  int calls = 0;

 private:
  std::set<std::tuple<std::string, std::string, ErrorReason, std::string>> noted_;
};

TEST_F(PermissionTable, HoldsInTheAccessService) {
  TryService("AccessService");
}
TEST_F(PermissionTable, HoldsInTheCatalogueService) {
  TryService("CatalogueService");
}
TEST_F(PermissionTable, HoldsInTheLotService) {
  TryService("LotService");
}
TEST_F(PermissionTable, HoldsInTheRunService) {
  TryService("RunService");
}
TEST_F(PermissionTable, HoldsInTheAuditService) {
  TryService("AuditService");
}
TEST_F(PermissionTable, HoldsInTheSystemService) {
  TryService("SystemService");
}

TEST_F(PermissionTable, HoldsWhenASignatureIsPrepared) {
  for (const SignatureCase& each : SignatureCases()) {
    for (const SignatureCase::State& state : each.states) {
      for (const auto& [letter, user] : kUsers) {
        SCOPED_TRACE(v1::Meaning_Name(each.meaning) + ", " + user + ", " + state.name);
        const std::string intent = state.intent(records, user);
        if (state.then) state.then(records);
        const bool allowed = Has(each.preparers, letter);
        Expect(prepare, user, "intent { " + intent + " }",
               allowed ? state.outcome : ErrorReason::kPermissionDenied,
               allowed && state.outcome != kDone ? state.says : "");
      }
    }
  }
  RecordProperty("calls", calls);
}

TEST_F(PermissionTable, HoldsWhenASignatureIsGiven) {
  for (const SignatureCase& each : SignatureCases()) {
    const std::string& colleague = kUsers.at(each.preparers.front());
    for (const SignatureCase::State& state : each.states) {
      for (const auto& [letter, user] : kUsers) {
        SCOPED_TRACE(v1::Meaning_Name(each.meaning) + ", " + user + ", " + state.name);
        v1::SignRequest request;
        request.set_manifest(Prepared(colleague, state.intent(records, user)));
        if (state.then) state.then(records);
        request.set_user_id(user);
        request.set_password(app::kPassword);
        std::string text;
        google::protobuf::TextFormat::PrintToString(request, &text);
        const bool allowed = Has(each.signers, letter);
        const bool of_line = each.meaning == v1::MEANING_ATTEST && Has(each.preparers, letter);
        // Who may attest, but not this line, is told so after the state was looked at.
        const bool denied = !allowed && !(of_line && state.signing != kDone);
        Expect(sign, user, text, denied ? ErrorReason::kPermissionDenied : state.signing,
               denied ? "" : state.says);
      }
    }
  }
  RecordProperty("calls", calls);
}

// A person signs with user id and password, whoever opened the session on the terminal.
TEST_F(PermissionTable, CountsTheSignerNotTheSession) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string intent = "hold { lot_id: '" + records.lot() + "' reason: 'a question' }";
  v1::SignRequest request;
  request.set_password(app::kPassword);
  request.set_manifest(Prepared("qa1", intent));
  request.set_user_id("tech1");
  request.set_request_id(NewUuid());
  const Answer denied = server.Call("qa1", request);
  EXPECT_EQ(denied.error.reason, ErrorReason::kPermissionDenied) << Describe(denied);
  request.set_user_id("qa1");
  request.set_request_id(NewUuid());
  const Answer done = server.Call("tech1", request);
  ASSERT_TRUE(done.ok()) << Describe(done);
  EXPECT_EQ(static_cast<const v1::SignResponse&>(*done.response).signature().user_id(), "qa1");
}

TEST_F(PermissionTable, EqualsTheTableOfTheProduct) {
  std::map<std::pair<std::string, v1::Meaning>, std::string> expected;
  for (const MethodCase& each : MethodCases()) {
    const bool added =
        expected.emplace(std::pair(each.method, v1::MEANING_UNSPECIFIED), each.roles).second;
    EXPECT_TRUE(added) << each.method << " stands there twice";
  }
  for (const SignatureCase& each : SignatureCases()) {
    for (const char* method : {"SignatureService/PrepareSignature", "SignatureService/Sign"}) {
      expected[{method, each.meaning}] = each.preparers;
    }
  }
  std::map<std::pair<std::string, v1::Meaning>, std::string> actual;
  for (const domain::PermissionRow& row : domain::PermissionTable()) {
    std::string letters;
    for (const char letter : kRoleLetters) {
      const auto role = static_cast<v1::Role>(kRoleLetters.find(letter) + 1);
      if (std::find(row.roles.begin(), row.roles.end(), role) != row.roles.end()) letters += letter;
    }
    actual[{std::string(row.method.substr(std::string_view("lims.v1.").size())), row.meaning}] =
        letters;
  }
  const auto sorted = [](auto table) {
    for (auto& [key, letters] : table) std::sort(letters.begin(), letters.end());
    return table;
  };
  EXPECT_EQ(sorted(actual), sorted(expected));
}

TEST_F(PermissionTable, HasACaseForEveryMethodAndMeaning) {
  std::set<std::string> expected;
  std::set<std::string> actual;
  for (const MethodDescriptor* method : AllMethods()) {
    if (method->service()->name() != "SignatureService") expected.insert(NameOf(*method));
  }
  for (const MethodCase& each : MethodCases()) {
    actual.insert(each.method);
    EXPECT_FALSE(each.states.empty()) << each.method;
  }
  for (int meaning = 1; meaning <= v1::Meaning_MAX; ++meaning) {
    expected.insert(v1::Meaning_Name(static_cast<v1::Meaning>(meaning)));
  }
  for (const SignatureCase& each : SignatureCases()) actual.insert(v1::Meaning_Name(each.meaning));
  EXPECT_EQ(actual, expected);
}

TEST_F(PermissionTable, OpensNothingButLogInWithoutASession) {
  const std::int64_t before = server.LogSize();
  for (const MethodDescriptor* method : AllMethods()) {
    if (method->name() == "LogIn") continue;
    for (const std::string session : {"", "00", "not a token of this server"}) {
      const Answer answer = CallWith(server.console(), session, *method, *MakeRequest(*method, ""));
      EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED)
          << NameOf(*method) << ": " << Describe(answer);
    }
  }
  EXPECT_EQ(server.LogSize(), before);
}

TEST_F(PermissionTable, RefusesASessionOnAnotherTerminalThanItWasOpenedOn) {
  const auto other = client::OpenChannel(server.Enrol("bench-9"));
  const std::string session = server.Session("qa1");
  const std::int64_t before = server.LogSize();
  std::set<std::string> methods;
  for (const MethodDescriptor* method : AllMethods()) {
    if (method->name() == "LogIn") continue;
    methods.insert("lims.v1." + NameOf(*method));
    const Answer answer = CallWith(other, session, *method, *MakeRequest(*method, ""));
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << NameOf(*method);
    EXPECT_NE(answer.error.message.find("another terminal"), std::string::npos) << Describe(answer);
  }
  const auto events = server.EventsFrom(before);
  ExpectNotedOnce(methods, events, "UNAUTHENTICATED");
  for (const v1::Event& event : events) {
    EXPECT_EQ(event.terminal(), "bench-9");
    // Whose session it is, not who shows it.
    EXPECT_EQ(event.actor().user_id(), "");
    const auto& details = event.details();
    EXPECT_TRUE(std::any_of(details.begin(), details.end(), [](const v1::Detail& detail) {
      return detail.name() == "user" && detail.value() == "qa1";
    })) << event.ShortDebugString();
    EXPECT_EQ(event.ShortDebugString().find(session), std::string::npos);
  }
  EXPECT_TRUE(server.Call("qa1", v1::ListLotsRequest()).ok());
}

TEST_F(PermissionTable, LetsAOneTimeCodeSetAPasswordAndNothingElse) {
  const std::string user = records.User(v1::USER_STATE_INITIAL);
  const std::string session = RpcServer::LogIn(server.console(), user);
  const std::int64_t before = server.LogSize();
  std::set<std::string> methods;
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string& name = method->name();
    if (name == "LogIn" || name == "LogOut" || name == "SetPassword") continue;
    methods.insert("lims.v1." + NameOf(*method));
    const Answer answer = CallWith(server.console(), session, *method, *MakeRequest(*method, ""));
    EXPECT_EQ(answer.error.reason, ErrorReason::kPasswordMustChange)
        << name << ": " << Describe(answer);
  }
  const auto events = server.EventsFrom(before);
  ExpectNotedOnce(methods, events, "PASSWORD_MUST_CHANGE");
  for (const v1::Event& event : events) EXPECT_EQ(event.actor().user_id(), user);
  v1::SetPasswordRequest set;
  set.set_request_id(NewUuid());
  set.set_password(app::kPassword);
  set.set_new_password("another long password");
  EXPECT_TRUE(CallWith(server.console(), session, client::MethodOf(set), set).ok());
}

TEST_F(PermissionTable, CountsARoleOnlyWhenASecondAdministratorConfirmedIt) {
  const std::string user = records.User(v1::USER_STATE_ACTIVE, "admin1");
  records.Lot(v1::DISPOSITION_QUARANTINE);
  records.Result();
  const std::string intent = "intent { review { lot_id: '" + records.lot() + "' } }";
  const auto request = MakeRequest(prepare, intent);
  const std::string session = RpcServer::LogIn(server.console(), user);
  const Answer proposed = CallWith(server.console(), session, prepare, *request);
  EXPECT_EQ(proposed.error.reason, ErrorReason::kPermissionDenied) << Describe(proposed);
  v1::ConfirmUserRequest confirm;
  confirm.set_request_id(NewUuid());
  confirm.set_user_id(user);
  const Answer by_qa = server.Call("qa1", confirm);
  EXPECT_EQ(by_qa.error.reason, ErrorReason::kWrongState) << Describe(by_qa);
  const Answer unnamed = server.Call("admin2", confirm);
  EXPECT_EQ(unnamed.error.reason, ErrorReason::kInvalidArgument) << Describe(unnamed);
  confirm.add_roles(v1::ROLE_REVIEWER);
  EXPECT_TRUE(server.Call("admin2", confirm).ok());
  const Answer confirmed = CallWith(server.console(), session, prepare, *request);
  EXPECT_TRUE(confirmed.ok()) << Describe(confirmed);
}

TEST_F(PermissionTable, EndsARoleAtOnceWithinTheSession) {
  const std::string user = records.User(v1::USER_STATE_ACTIVE);
  const std::string session = RpcServer::LogIn(server.console(), user);
  const v1::ListLotsRequest list;
  EXPECT_TRUE(CallWith(server.console(), session, client::MethodOf(list), list).ok());
  v1::RevokeRoleRequest revoke;
  revoke.set_request_id(NewUuid());
  revoke.set_user_id(user);
  revoke.set_role(v1::ROLE_TECHNICIAN);
  revoke.set_reason("moved to another laboratory");
  EXPECT_TRUE(server.Call("admin1", revoke).ok());
  const Answer answer = CallWith(server.console(), session, client::MethodOf(list), list);
  EXPECT_EQ(answer.error.reason, ErrorReason::kPermissionDenied) << Describe(answer);
}

TEST_F(PermissionTable, EndsWithTheAccount) {
  const std::string user = records.User(v1::USER_STATE_ACTIVE);
  const std::string session = RpcServer::LogIn(server.console(), user);
  const v1::ListLotsRequest list;
  EXPECT_TRUE(CallWith(server.console(), session, client::MethodOf(list), list).ok());
  v1::DisableUserRequest disable;
  disable.set_request_id(NewUuid());
  disable.set_user_id(user);
  disable.set_reason("left the company");
  EXPECT_TRUE(server.Call("admin1", disable).ok());
  for (const MethodDescriptor* method : AllMethods()) {
    if (method->name() == "LogIn") continue;
    const Answer answer = CallWith(server.console(), session, *method, *MakeRequest(*method, ""));
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << NameOf(*method);
  }
}

}  // namespace
}  // namespace lims::rpc
