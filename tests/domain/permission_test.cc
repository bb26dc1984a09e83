#include "domain/permission.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/service_methods.h"

namespace lims::domain {
namespace {

using Roles = std::vector<v1::Role>;

// "lims.v1.LotService/RegisterLot"
std::set<std::string> MethodNames() {
  std::set<std::string> names;
  for (const auto* method : AllMethods()) {
    names.insert(method->service()->full_name() + "/" + method->name());
  }
  return names;
}

bool IsSignatureMethod(std::string_view method) {
  return method == "lims.v1.SignatureService/Sign" ||
         method == "lims.v1.SignatureService/PrepareSignature";
}

TEST(Permission, KnowsEveryServiceFile) {
  std::set<std::string> known;
  for (const auto* file : ServiceFiles()) known.insert(file->name());
  const std::filesystem::path folder =
      std::filesystem::path(LIMS_SOURCE_DIR) / "proto" / "lims" / "v1";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with("_service.proto")) continue;
    ++count;
    EXPECT_TRUE(known.contains("lims/v1/" + name)) << name << " is not looked at";
  }
  EXPECT_EQ(count, static_cast<int>(known.size()));
}

TEST(Permission, HasOneRowForEachMethodAndForEachMeaningOfASignature) {
  std::set<std::string> expected;
  for (const std::string& method : MethodNames()) {
    if (!IsSignatureMethod(method)) {
      expected.insert(method + " " + v1::Meaning_Name(v1::MEANING_UNSPECIFIED));
      continue;
    }
    for (int meaning = 1; meaning <= v1::Meaning_MAX; ++meaning) {
      expected.insert(method + " " + v1::Meaning_Name(static_cast<v1::Meaning>(meaning)));
    }
  }
  std::set<std::string> actual;
  for (const PermissionRow& row : PermissionTable()) {
    EXPECT_FALSE(row.roles.empty()) << row.method;
    const bool added =
        actual.insert(std::string(row.method) + " " + v1::Meaning_Name(row.meaning)).second;
    EXPECT_TRUE(added) << row.method << " stands there twice";
  }
  EXPECT_EQ(actual, expected);
}

TEST(Permission, RefusesWhatIsNotListed) {
  const Roles all{v1::ROLE_QA, v1::ROLE_QP, v1::ROLE_ACCOUNT_ADMIN};
  for (const auto& [method, meaning] :
       {std::pair("lims.v1.LotService/DeleteLot", v1::MEANING_UNSPECIFIED),
        std::pair("", v1::MEANING_UNSPECIFIED),
        std::pair("lims.v1.SignatureService/Sign", v1::MEANING_UNSPECIFIED),
        std::pair("lims.v1.LotService/GetLot", v1::MEANING_RELEASE)}) {
    const auto role = RoleFor(method, meaning, all);
    ASSERT_FALSE(role) << method;
    EXPECT_EQ(role.error().reason, ErrorReason::kPermissionDenied);
  }
}

TEST(Permission, RefusesEverythingToAPersonWithoutRole) {
  for (const PermissionRow& row : PermissionTable()) {
    EXPECT_FALSE(RoleFor(row.method, row.meaning, {})) << row.method;
  }
}

TEST(Permission, NamesTheRolesThatWouldDo) {
  const Roles technician{v1::ROLE_TECHNICIAN};
  const auto refusal = [&](std::string_view method, v1::Meaning meaning, const Roles& roles) {
    return RoleFor(method, meaning, roles).error().message;
  };
  EXPECT_EQ(refusal("lims.v1.SignatureService/Sign", v1::MEANING_RELEASE, technician),
            "this needs the role QP: ask a colleague who has it");
  EXPECT_EQ(refusal("lims.v1.SignatureService/Sign", v1::MEANING_REJECT, technician),
            "this needs one of the roles QA, QP: ask a colleague who has it");
  EXPECT_EQ(refusal("lims.v1.SystemService/GetServerInfo", v1::MEANING_UNSPECIFIED, {}),
            "this needs a confirmed role: ask the account administrators for yours");
}

TEST(Permission, ActsInTheFirstRoleOfTheRowThatThePersonHas) {
  const Roles two{v1::ROLE_LAB_SUPERVISOR, v1::ROLE_TECHNICIAN};
  EXPECT_EQ(*RoleFor("lims.v1.RunService/SubmitRun", v1::MEANING_UNSPECIFIED, two),
            v1::ROLE_TECHNICIAN);
  EXPECT_EQ(*RoleFor("lims.v1.RunService/AbortRun", v1::MEANING_UNSPECIFIED, two),
            v1::ROLE_LAB_SUPERVISOR);
}

struct Expectation {
  std::string method;
  v1::Meaning meaning;
  Roles roles;
};

TEST(Permission, GivesTheDecisiveActsToTheirRolesOnly) {
  constexpr auto kNone = v1::MEANING_UNSPECIFIED;
  const std::string sign = "lims.v1.SignatureService/Sign";
  const Expectation expectations[] = {
      {sign, v1::MEANING_RELEASE, {v1::ROLE_QP}},
      {sign, v1::MEANING_REJECT, {v1::ROLE_QA, v1::ROLE_QP}},
      {sign, v1::MEANING_REVIEW, {v1::ROLE_REVIEWER, v1::ROLE_LAB_SUPERVISOR}},
      {sign, v1::MEANING_APPROVE_METHOD, {v1::ROLE_QA}},
      {sign, v1::MEANING_APPROVE_SPECIFICATION, {v1::ROLE_QA}},
      {sign, v1::MEANING_DECLARE_FACT, {v1::ROLE_QA}},
      {sign, v1::MEANING_ATTEST, {v1::ROLE_LAB_SUPERVISOR, v1::ROLE_QA, v1::ROLE_QP}},
      {sign, v1::MEANING_HOLD, {v1::ROLE_QA}},
      {sign, v1::MEANING_UNHOLD, {v1::ROLE_QA}},
      {sign, v1::MEANING_WITHDRAW, {v1::ROLE_QA, v1::ROLE_QP}},
      {sign, v1::MEANING_RECALL, {v1::ROLE_QA, v1::ROLE_QP}},
      {"lims.v1.RunService/SubmitResult", kNone, {v1::ROLE_TECHNICIAN, v1::ROLE_LAB_SUPERVISOR}},
      {"lims.v1.LotService/ReceiveSample", kNone, {v1::ROLE_LAB_SUPERVISOR}},
      {"lims.v1.RunService/ClearLateReadings", kNone, {v1::ROLE_QA}},
      {"lims.v1.LotService/VoidLot", kNone, {v1::ROLE_QA}},
      {"lims.v1.CatalogueService/ImportMethod", kNone, {v1::ROLE_MASTER_DATA}},
      {"lims.v1.AccessService/GrantRole", kNone, {v1::ROLE_ACCOUNT_ADMIN}},
      {"lims.v1.AccessService/UnlockUser", kNone, {v1::ROLE_ACCOUNT_ADMIN}},
      {"lims.v1.AccessService/RevokeRole", kNone, {v1::ROLE_ACCOUNT_ADMIN}},
      {"lims.v1.AccessService/ConfirmUser", kNone, {v1::ROLE_ACCOUNT_ADMIN, v1::ROLE_QA}},
      {"lims.v1.SystemService/ConfirmClock", kNone, {v1::ROLE_ACCOUNT_ADMIN, v1::ROLE_QA}},
      {"lims.v1.AuditService/ListEvents",
       kNone,
       {v1::ROLE_AUDITOR, v1::ROLE_QA, v1::ROLE_REVIEWER, v1::ROLE_LAB_SUPERVISOR, v1::ROLE_QP}},
      {"lims.v1.AuditService/ExportLot", kNone, {v1::ROLE_AUDITOR, v1::ROLE_QA}},
  };
  for (const Expectation& expectation : expectations) {
    for (int value = v1::Role_MIN; value <= v1::Role_MAX; ++value) {
      const auto role = static_cast<v1::Role>(value);
      const bool expected = std::find(expectation.roles.begin(), expectation.roles.end(), role) !=
                            expectation.roles.end();
      const auto given = RoleFor(expectation.method, expectation.meaning, std::array{role});
      EXPECT_EQ(given.has_value(), expected)
          << expectation.method << " " << v1::Meaning_Name(expectation.meaning) << " "
          << v1::Role_Name(role);
    }
  }
}

TEST(Permission, PreparesASignatureInTheRolesThatMaySignIt) {
  for (const PermissionRow& row : PermissionTable()) {
    if (row.method != "lims.v1.SignatureService/Sign") continue;
    for (const v1::Role role : row.roles) {
      EXPECT_TRUE(
          RoleFor("lims.v1.SignatureService/PrepareSignature", row.meaning, std::array{role}));
    }
  }
}

TEST(Permission, KeepsAccountAdministratorsOutOfTheLaboratory) {
  for (const PermissionRow& row : PermissionTable()) {
    const bool laboratory = row.method.find("LotService") != std::string_view::npos ||
                            row.method.find("RunService") != std::string_view::npos ||
                            row.method.find("CatalogueService") != std::string_view::npos ||
                            row.method.find("SignatureService") != std::string_view::npos;
    if (!laboratory) continue;
    EXPECT_FALSE(RoleFor(row.method, row.meaning, std::array{v1::ROLE_ACCOUNT_ADMIN}))
        << row.method;
  }
}

TEST(Permission, LetsAnAuditorChangeNothingButTheOwnAccount) {
  for (const PermissionRow& row : PermissionTable()) {
    if (!RoleFor(row.method, row.meaning, std::array{v1::ROLE_AUDITOR})) continue;
    const std::string_view verb = row.method.substr(row.method.find('/') + 1);
    const bool reads = verb.starts_with("Get") || verb.starts_with("List") ||
                       verb.starts_with("Read") || verb.starts_with("Prove") ||
                       verb.starts_with("Export") || verb.starts_with("Watch");
    const bool own_account = verb == "LogIn" || verb == "LogOut" || verb == "SetPassword";
    EXPECT_TRUE(reads || own_account) << row.method;
  }
}

TEST(Permission, RefusesRolesThatDoNotGoTogether) {
  const Roles refused[] = {
      {v1::ROLE_ACCOUNT_ADMIN, v1::ROLE_TECHNICIAN}, {v1::ROLE_QP, v1::ROLE_ACCOUNT_ADMIN},
      {v1::ROLE_ACCOUNT_ADMIN, v1::ROLE_AUDITOR},    {v1::ROLE_AUDITOR, v1::ROLE_REVIEWER},
      {v1::ROLE_MASTER_DATA, v1::ROLE_QA},           {v1::ROLE_QP, v1::ROLE_MASTER_DATA},
  };
  for (const Roles& roles : refused) EXPECT_TRUE(RoleConflict(roles));
  const Roles allowed[] = {
      {},
      {v1::ROLE_ACCOUNT_ADMIN},
      {v1::ROLE_AUDITOR},
      {v1::ROLE_QA, v1::ROLE_QP},
      {v1::ROLE_MASTER_DATA, v1::ROLE_TECHNICIAN},
      {v1::ROLE_TECHNICIAN, v1::ROLE_REVIEWER, v1::ROLE_LAB_SUPERVISOR},
  };
  for (const Roles& roles : allowed) EXPECT_FALSE(RoleConflict(roles));
}

TEST(Permission, PrintsEveryRow) {
  const std::string policy = PrintPolicy();
  for (const std::string& method : MethodNames()) {
    EXPECT_NE(policy.find(method.substr(std::string("lims.v1.").size())), std::string::npos)
        << method;
  }
  EXPECT_NE(policy.find("SignatureService/Sign RELEASE"), std::string::npos);
  EXPECT_EQ(policy.find("ROLE_"), std::string::npos);
}

TEST(Permission, PolicyNamesTheCommandsThatPeopleType) {
  const std::string policy = PrintPolicy();
  for (const char* line :
       {"\nlims result review            REVIEWER, LAB_SUPERVISOR\n",
        "\nlims release sign             QP\n", "in the API: SignatureService/Sign REVIEW\n"}) {
    EXPECT_NE(policy.find(line), std::string::npos) << line << policy;
  }
  ASSERT_FALSE(AllMethods().empty());  // that the services are part of this program
  for (const char* line : {"\nlims run submit               TECHNICIAN, LAB_SUPERVISOR\n",
                           "in the API: RunService/SubmitRun\n",
                           "\nRunService/UploadRaw          TECHNICIAN, LAB_SUPERVISOR\n"}) {
    EXPECT_NE(policy.find(line), std::string::npos) << line << policy;
  }
}

}  // namespace
}  // namespace lims::domain
