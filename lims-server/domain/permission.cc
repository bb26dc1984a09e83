#include "domain/permission.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/contains.h"
#include "lims/v1/commands.h"
#include "lims/v1/words.h"

namespace lims::domain {
namespace {

constexpr auto kTechnician = v1::ROLE_TECHNICIAN;
constexpr auto kReviewer = v1::ROLE_REVIEWER;
constexpr auto kSupervisor = v1::ROLE_LAB_SUPERVISOR;
constexpr auto kQa = v1::ROLE_QA;
constexpr auto kQp = v1::ROLE_QP;
constexpr auto kAuditor = v1::ROLE_AUDITOR;
constexpr auto kMasterData = v1::ROLE_MASTER_DATA;
constexpr auto kAdmin = v1::ROLE_ACCOUNT_ADMIN;

constexpr std::array kEveryone{kTechnician, kReviewer, kSupervisor, kQa,
                               kQp,         kAuditor,  kMasterData, kAdmin};
constexpr std::array kReaders{kTechnician, kReviewer, kSupervisor, kQa, kQp, kAuditor, kMasterData};
constexpr std::array kBench{kTechnician, kSupervisor};
constexpr std::array kLotKeepers{kTechnician, kSupervisor, kQa};
constexpr std::array kAdmins{kAdmin};
constexpr std::array kAdminsAndQa{kAdmin, kQa};
constexpr std::array kAccountReaders{kAdmin, kAuditor, kQa};
constexpr std::array kDrafters{kMasterData};
constexpr std::array kSupervisors{kSupervisor};
constexpr std::array kQaOnly{kQa};
constexpr std::array kLogReaders{kAuditor, kQa};
// Who decides on a lot reads its history.
constexpr std::array kHistoryReaders{kAuditor, kQa, kReviewer, kSupervisor, kQp};
constexpr std::array kPolicyReaders{kAuditor, kQa, kAdmin};
constexpr std::array kReviewers{kReviewer, kSupervisor};
constexpr std::array kAttesters{kSupervisor, kQa, kQp};
constexpr std::array kReleasers{kQp};
constexpr std::array kRejecters{kQa, kQp};

// What a signature needs, by its meaning.
struct SignatureRow {
  v1::Meaning meaning;
  std::span<const v1::Role> roles;
  std::string_view states;
  std::string_view segregation;
};

// Of a sample that was handed over.
constexpr std::string_view kKeeper = "no other person took it over";

constexpr std::array<SignatureRow, 11> kSignatures{{
    {v1::MEANING_REVIEW, kReviewers,
     "result of a valid attempt, not reviewed as it is since the last withdrawal",
     "worked on none of the attempts and amended none"},
    {v1::MEANING_APPROVE_METHOD, kQaOnly, "SUBMITTED", "not the author"},
    {v1::MEANING_APPROVE_SPECIFICATION, kQaOnly, "SUBMITTED", "not the author"},
    {v1::MEANING_DECLARE_FACT, kQaOnly, "QUARANTINE or CONDITIONALLY_RELEASED", ""},
    {v1::MEANING_ATTEST, kAttesters, "QUARANTINE, CONDITIONALLY_RELEASED or WITHDRAWN",
     "in the one role that the attestation lines name; where a line says so, no analyst of the "
     "lot"},
    {v1::MEANING_RELEASE, kReleasers, "no blocker at the gate of the decision",
     "neither sampler, analyst, copyist, amender nor reviewer of the lot"},
    {v1::MEANING_REJECT, kRejecters, "neither RELEASED, RECALLED, REJECTED nor VOIDED", ""},
    {v1::MEANING_HOLD, kQaOnly, "any disposition", ""},
    {v1::MEANING_UNHOLD, kQaOnly,
     "hold not lifted; after a positive that did not count, a valid repeat", ""},
    {v1::MEANING_WITHDRAW, kRejecters, "RELEASED", ""},
    {v1::MEANING_RECALL, kRejecters, "RELEASED or CONDITIONAL_FAILED", ""},
}};

constexpr std::string_view kPrepare = "lims.v1.SignatureService/PrepareSignature";
constexpr std::string_view kSign = "lims.v1.SignatureService/Sign";

constexpr v1::Meaning kNone = v1::MEANING_UNSPECIFIED;

std::vector<PermissionRow> MakeTable() {
  std::vector<PermissionRow> table{
      {"lims.v1.AccessService/LogIn", kNone, kEveryone, "no session needed; account not LOCKED",
       ""},
      {"lims.v1.AccessService/LogOut", kNone, kEveryone, "", ""},
      {"lims.v1.AccessService/SetPassword", kNone, kEveryone, "own account", ""},
      {"lims.v1.AccessService/AddUser", kNone, kAdmins, "user id never used", ""},
      {"lims.v1.AccessService/GrantRole", kNone, kAdmins, "account not DISABLED", "not the user"},
      {"lims.v1.AccessService/RevokeRole", kNone, kAdmins,
       "role confirmed or proposed, account not DISABLED; two active administrators remain", ""},
      {"lims.v1.AccessService/ConfirmUser", kNone, kAdminsAndQa,
       "a one-time code or, for an administrator, a role waits; account not DISABLED",
       "neither the user nor the one who proposed"},
      {"lims.v1.AccessService/DisableUser", kNone, kAdmins,
       "account not DISABLED; two active administrators remain", ""},
      {"lims.v1.AccessService/UnlockUser", kNone, kAdmins, "account not DISABLED", "not the user"},
      {"lims.v1.AccessService/ListUsers", kNone, kAccountReaders, "", ""},
      {"lims.v1.AccessService/EnrolTerminal", kNone, kAdmins, "no terminal ENROLLED by that name",
       ""},
      {"lims.v1.AccessService/RevokeTerminal", kNone, kAdmins, "ENROLLED", ""},

      {"lims.v1.CatalogueService/ImportMethod", kNone, kDrafters, "next version, or a DRAFT", ""},
      {"lims.v1.CatalogueService/SubmitMethod", kNone, kDrafters, "DRAFT", ""},
      {"lims.v1.CatalogueService/ListMethods", kNone, kReaders, "", ""},
      {"lims.v1.CatalogueService/GetMethod", kNone, kReaders, "", ""},
      {"lims.v1.CatalogueService/ImportSpecification", kNone, kDrafters, "next revision", ""},
      {"lims.v1.CatalogueService/SubmitSpecification", kNone, kDrafters, "DRAFT", ""},
      {"lims.v1.CatalogueService/ListSpecifications", kNone, kReaders, "", ""},
      {"lims.v1.CatalogueService/GetSpecification", kNone, kReaders, "", ""},
      {"lims.v1.CatalogueService/ListAssays", kNone, kReaders, "", ""},
      {"lims.v1.CatalogueService/ComputeAssay", kNone, kBench, "", ""},

      {"lims.v1.LotService/RegisterLot", kNone, kLotKeepers, "lot number never used", ""},
      {"lims.v1.LotService/ConfirmLot", kNone, kLotKeepers, "QUARANTINE, not confirmed",
       "not the one who registered it"},
      {"lims.v1.LotService/VoidLot", kNone, kQaOnly, "QUARANTINE, no sample but cancelled ones",
       ""},
      {"lims.v1.LotService/ListLots", kNone, kReaders, "", ""},
      {"lims.v1.LotService/GetLot", kNone, kReaders, "", ""},
      {"lims.v1.LotService/GetBlockers", kNone, kReaders, "", ""},
      {"lims.v1.LotService/WatchLot", kNone, kReaders, "", ""},
      {"lims.v1.LotService/PlanSample", kNone, kBench,
       "lot neither VOIDED nor REJECTED; confirmed, for release", ""},
      {"lims.v1.LotService/CancelSample", kNone, kBench, "PLANNED", ""},
      {"lims.v1.LotService/TakeSample", kNone, kBench, "PLANNED", ""},
      {"lims.v1.LotService/ReceiveSample", kNone, kSupervisors, "TAKEN", ""},
      {"lims.v1.LotService/RejectSample", kNone, kSupervisors, "TAKEN", ""},
      {"lims.v1.LotService/AliquotSample", kNone, kBench, "RECEIVED, enough is left",
       "has it in keeping"},
      {"lims.v1.LotService/ThawSample", kNone, kBench, "RECEIVED, not thawed", kKeeper},
      {"lims.v1.LotService/HandOverSample", kNone, kBench, "RECEIVED", "has it in keeping"},
      {"lims.v1.LotService/AcceptSample", kNone, kBench, "RECEIVED, handed over",
       "it is handed over to"},
      {"lims.v1.LotService/RetainSample", kNone, kBench, "RECEIVED, in no open run", kKeeper},
      {"lims.v1.LotService/DisposeSample", kNone, kSupervisors,
       "RECEIVED, REJECTED or RETAINED, in no open run", kKeeper},
      {"lims.v1.LotService/TranscribeCertificate", kNone, kBench,
       "bank in QUARANTINE, confirmed; no certificate of two entries", ""},
      {"lims.v1.LotService/ConfirmCertificate", kNone, kBench,
       "bank in QUARANTINE, certificate of one entry", "not the one who copied it"},
      {"lims.v1.LotService/ReadCertificate", kNone, kReaders, "", ""},
      {"lims.v1.LotService/GetSample", kNone, kReaders, "", ""},

      {"lims.v1.RunService/CreateRun", kNone, kBench,
       "lots confirmed, method in force, samples RECEIVED", kKeeper},
      {"lims.v1.RunService/RecordReading", kNone, kBench, "run OPEN", ""},
      {"lims.v1.RunService/ClearLateReadings", kNone, kQaOnly,
       "a late reading or start not cleared", "did not work on the run"},
      {"lims.v1.RunService/UploadRaw", kNone, kBench, "", ""},
      {"lims.v1.RunService/ImportRaw", kNone, kBench, "", ""},
      {"lims.v1.RunService/SubmitRun", kNone, kBench, "run OPEN", ""},
      {"lims.v1.RunService/AbortRun", kNone, kSupervisors, "run OPEN, shows nothing that fails",
       "did not copy its values"},
      {"lims.v1.RunService/SubmitResult", kNone, kBench,
       "lot confirmed, method in force, sample RECEIVED", kKeeper},
      {"lims.v1.RunService/SubmitResults", kNone, kBench, "each item as for SubmitResult", ""},
      {"lims.v1.RunService/ReenterResult", kNone, kBench, "copied values of one entry",
       "not the one who made the first entry"},
      {"lims.v1.RunService/AmendResult", kNone, kBench,
       "lot QUARANTINE or CONDITIONALLY_RELEASED; newest attempt typed and VALID", ""},
      {"lims.v1.RunService/ConfirmAmendment", kNone, kBench, "amendment PROPOSED",
       "not the one who proposed it"},
      {"lims.v1.RunService/DeclineAmendment", kNone, kBench, "amendment PROPOSED", ""},
      {"lims.v1.RunService/ClearLook", kNone, kQaOnly,
       "look neither submitted nor cleared, run not OPEN", "did not look"},
      {"lims.v1.RunService/GetRun", kNone, kReaders, "", ""},
      {"lims.v1.RunService/ReadRunFile", kNone, kReaders, "", ""},
      {"lims.v1.RunService/ListResults", kNone, kReaders, "", ""},
      {"lims.v1.RunService/ListWork", kNone, kReaders, "", ""},

      {"lims.v1.AuditService/ListEvents", kNone, kHistoryReaders, "", ""},
      {"lims.v1.AuditService/GetCheckpoint", kNone, kEveryone, "", ""},
      {"lims.v1.AuditService/ProveEvent", kNone, kLogReaders, "", ""},
      {"lims.v1.AuditService/ExportLot", kNone, kLogReaders, "", ""},

      {"lims.v1.SystemService/GetServerInfo", kNone, kEveryone, "", ""},
      {"lims.v1.SystemService/ListPermissions", kNone, kPolicyReaders, "", ""},
      {"lims.v1.SystemService/ConfirmClock", kNone, kAdminsAndQa,
       "step of the clock not confirmed in this role",
       "not the one who confirmed it in the other role"},
  };
  for (const std::string_view method : {kPrepare, kSign}) {
    for (const SignatureRow& row : kSignatures) {
      table.push_back({method, row.meaning, row.roles, row.states, row.segregation});
    }
  }
  return table;
}

std::string RoleNames(std::span<const v1::Role> roles) {
  if (roles.size() == kEveryone.size()) return "everyone";
  std::vector<std::string> names;
  for (const v1::Role role : roles) names.push_back(v1::EnumWord(role));
  return fmt::format("{}", fmt::join(names, ", "));
}

// As the API names it: "LotService/RegisterLot", "SignatureService/Sign RELEASE".
std::string ActName(const PermissionRow& row) {
  constexpr std::string_view kPackage = "lims.v1.";
  std::string name(row.method.substr(kPackage.size()));
  if (row.meaning != kNone) name += " " + v1::EnumWord(row.meaning);
  return name;
}

// As people type it: "lims lot register"; empty where no one command stands for it, or where the
// program has no services.
std::string CommandName(const PermissionRow& row) {
  std::string name(row.method);
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  std::string command = v1::CommandOf(row.meaning);
  if (command.empty() && method != nullptr) command = v1::CommandOf(*method);
  return command.empty() ? "" : "lims " + command;
}

}  // namespace

const std::vector<PermissionRow>& PermissionTable() {
  static const std::vector<PermissionRow> kTable = MakeTable();
  return kTable;
}

Result<v1::Role> RoleFor(std::string_view method, v1::Meaning meaning,
                         std::span<const v1::Role> confirmed_roles) {
  const std::vector<PermissionRow>& table = PermissionTable();
  const auto row = std::find_if(table.begin(), table.end(), [&](const PermissionRow& candidate) {
    return candidate.method == method && candidate.meaning == meaning;
  });
  if (row == table.end()) {
    return MakeError(ErrorReason::kPermissionDenied, "nobody may do this");
  }
  const auto role = std::find_if(row->roles.begin(), row->roles.end(),
                                 [&](v1::Role each) { return Contains(confirmed_roles, each); });
  if (role != row->roles.end()) return *role;
  if (row->roles.size() == kEveryone.size()) {
    return MakeError(ErrorReason::kPermissionDenied,
                     "this needs a confirmed role: ask the account administrators for yours");
  }
  return MakeError(
      ErrorReason::kPermissionDenied,
      fmt::format("this needs {} {}: ask a colleague who has it",
                  row->roles.size() == 1 ? "the role" : "one of the roles", RoleNames(row->roles)));
}

std::optional<std::string> RoleConflict(std::span<const v1::Role> roles) {
  const auto has_other_than = [&](v1::Role role) {
    return std::any_of(roles.begin(), roles.end(), [&](v1::Role each) { return each != role; });
  };
  if (Contains(roles, kAdmin) && has_other_than(kAdmin)) {
    return "ACCOUNT_ADMIN keeps accounts and has no other role";
  }
  if (Contains(roles, kAuditor) && has_other_than(kAuditor)) {
    return "AUDITOR reads everything, changes nothing and has no other role";
  }
  if (Contains(roles, kMasterData) && (Contains(roles, kQa) || Contains(roles, kQp))) {
    return "MASTER_DATA drafts what QA approves and QP relies on, and is neither of them";
  }
  return std::nullopt;
}

std::string PrintPolicy() {
  std::string text = "What is not listed is refused.\n\n";
  for (const PermissionRow& row : PermissionTable()) {
    const auto add = [&text](std::string_view label, std::string_view what) {
      if (!what.empty()) text += fmt::format("{:<30}{}{}\n", "", label, what);
    };
    const std::string command = CommandName(row);
    const std::string act = ActName(row);
    text += fmt::format("{:<30}{}\n", command.empty() ? act : command, RoleNames(row.roles));
    add("  needs: ", row.states);
    add("  person: ", row.segregation);
    if (!command.empty()) add("  in the API: ", act);
  }
  text +=
      "\nACCOUNT_ADMIN goes with no other role, AUDITOR with no other role, MASTER_DATA with "
      "neither QA nor QP.\n";
  return text;
}

}  // namespace lims::domain
