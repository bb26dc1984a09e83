// A real site in a temporary directory, driven through the use cases as the services drive them.
#ifndef LIMS_TESTS_APP_SITE_FIXTURE_H_
#define LIMS_TESTS_APP_SITE_FIXTURE_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "app/access.h"
#include "app/catalogue.h"
#include "app/lots.h"
#include "app/runs.h"
#include "app/signing.h"
#include "app/site.h"
#include "base/password.h"
#include "base/random.h"

namespace lims::app {

inline constexpr char kPassword[] = "a long enough password";

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "lims-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Time stands still unless a test moves it.
class SiteFixture {
 public:
  explicit SiteFixture(std::string folder) : folder_(std::move(folder)) {
    SetPasswordCostForTests(64, 1);
    if (!std::filesystem::exists(folder_ + "/server/lims.db")) {
      InitOptions options;
      options.site_dir = folder_;
      options.site_name = "test";
      options.zone = "Asia/Shanghai";
      options.zone_offset_minutes = 480;
      options.listen = "127.0.0.1:1";
      options.administrators = {{"admin1", "Admin One", "code of the first administrator"},
                                {"admin2", "Admin Two", "code of the second administrator"}};
      const auto made = InitSite(options, clock());
      EXPECT_TRUE(made) << made.error().message;
    }
    Open();
  }

  void Open() {
    auto opened = Site::Open(folder_, clock());
    ASSERT_TRUE(opened) << opened.error().message;
    site_ = *std::move(opened);
  }
  void Close() { site_.reset(); }
  Site& site() { return *site_; }
  Clock clock() {
    return Clock([this] { return now_us; }, [this] { return now_us; });
  }

  Call As(const std::string& user, const std::string& method) {
    Call call;
    call.method = "lims.v1." + method;
    call.terminal = "console";
    call.terminal_sha256 = "00";
    call.user_id = user;
    call.user_name = "Name of " + user;
    return call;
  }

  // Plans and records as the adapter does; a request id is made when none is given.
  template <typename Request, typename UseCase>
  Result<storage::RecordedAct> Do(const std::string& user, const std::string& method,
                                  UseCase use_case, Request request) {
    now_us += 1000;
    if (request.request_id().empty()) request.set_request_id(NewUuid());
    const Call call = As(user, method);
    LIMS_ASSIGN_OR_RETURN(Plan plan, use_case(*site_, call, request));
    LIMS_ASSIGN_OR_RETURN(std::string fingerprint, Fingerprint(call.method, request));
    storage::ActInfo info = InfoOf(call, plan.act, request.request_id(), std::move(fingerprint));
    info.reason = plan.reason;
    if (plan.actor) info.actor = *plan.actor;
    return site_->writer().Execute(std::move(info), plan.run);
  }

  // Parses the request from protobuf text.
  template <typename Request, typename UseCase>
  Result<storage::RecordedAct> DoText(const std::string& user, const std::string& method,
                                      UseCase use_case, const std::string& text) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    return Do(user, method, use_case, std::move(request));
  }

  Result<storage::RecordedAct> SignIntent(const std::string& user, const std::string& intent) {
    v1::PrepareSignatureRequest prepare;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(intent, prepare.mutable_intent()))
        << intent;
    LIMS_ASSIGN_OR_RETURN(
        const auto prepared,
        PrepareSignature(*site_, As(user, "SignatureService/PrepareSignature"), prepare));
    return SignManifest(user, prepared.manifest());
  }

  Result<storage::RecordedAct> SignManifest(const std::string& user, const std::string& manifest,
                                            const std::string& password = kPassword) {
    v1::SignRequest request;
    request.set_manifest(manifest);
    request.set_user_id(user);
    request.set_password(password);
    return Do(user, "SignatureService/Sign", &Sign, request);
  }

  // An active account with one role and the common password.
  void AddPerson(const std::string& user, v1::Role role) {
    v1::AddUserRequest add;
    add.set_user_id(user);
    add.set_name("Name of " + user);
    add.set_role(role);
    add.set_one_time_code("one-time code, long enough");
    Must(Do("admin1", "AccessService/AddUser", &AddUser, add));
    v1::ConfirmUserRequest confirm;
    confirm.set_user_id(user);
    Must(Do("admin2", "AccessService/ConfirmUser", &ConfirmUser, confirm));
    SetFirstPassword(user, add.one_time_code());
  }

  void SetFirstPassword(const std::string& user, const std::string& code) {
    v1::SetPasswordRequest set;
    set.set_password(code);
    set.set_new_password(kPassword);
    Must(Do(user, "AccessService/SetPassword", &SetPassword, set));
  }

  static void Must(const Result<storage::RecordedAct>& act) {
    ASSERT_TRUE(act) << act.error().message
                     << (act.error().violations.empty()
                             ? ""
                             : " / " + act.error().violations[0].field + ": " +
                                   act.error().violations[0].description);
  }

  // People, one method, a specification with one judged line and one attestation, all approved.
  void Prepare() {
    SetFirstPassword("admin1", "code of the first administrator");
    SetFirstPassword("admin2", "code of the second administrator");
    AddPerson("tech1", v1::ROLE_TECHNICIAN);
    AddPerson("tech2", v1::ROLE_TECHNICIAN);
    AddPerson("rev1", v1::ROLE_REVIEWER);
    AddPerson("sup1", v1::ROLE_LAB_SUPERVISOR);
    AddPerson("md1", v1::ROLE_MASTER_DATA);
    AddPerson("qa1", v1::ROLE_QA);
    AddPerson("qp1", v1::ROLE_QP);
    AddPerson("auditor1", v1::ROLE_AUDITOR);
    Must(DoText<v1::ImportMethodRequest>("md1", "CatalogueService/ImportMethod", &ImportMethod, R"(
      method {
        method_id: "M-PH" version: 1 name_en: "pH" name_zh: "pH值" panel: "PH"
        assay: "generic_value" validation_state: VALIDATION_STATE_CONFIRMED
        outputs { line_code: "PH" input: "PH" input_unit: "[pH]" replicates_min: 1
                  replicates_max: 1 combination: COMBINATION_MEAN }
        repeat_invalid_budget: 1 clause: "in-house" source: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-1" date: "2026-01-01" }
      })"));
    Must(DoText<v1::SubmitMethodRequest>("md1", "CatalogueService/SubmitMethod", &SubmitMethod,
                                         R"(method_id: "M-PH" version: 1)"));
    Must(SignIntent("qa1", R"(approve_method { methods { method_id: "M-PH" version: 1 } })"));
    Must(DoText<v1::ImportSpecificationRequest>("md1", "CatalogueService/ImportSpecification",
                                                &ImportSpecification, R"(
      text {
        product { product_id: "P" name_en: "Product" name_zh: "产品" }
        specification { product_id: "P" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
          effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" } }
        lines { line_code: "PH" number: "1" name_en: "pH" name_zh: "pH值" panel: "PH"
          method_id: "M-PH" result_kind: RESULT_KIND_DECIMAL
          criteria { lower { operator: OPERATOR_INCLUSIVE value: "6.8" }
                     upper { operator: OPERATOR_INCLUSIVE value: "7.6" } }
          unit: "[pH]" decimals: 1 rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED
          plausible_min: "4.0" plausible_max: "10.0"
          gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
          gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
          verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "test" }
        attestations { code: "BPR" name_en: "Batch record reviewed" name_zh: "批记录已审核"
          role: ROLE_QA gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
          document_kind: "batch record" source: "test" }
      })"));
    Must(DoText<v1::SubmitSpecificationRequest>("md1", "CatalogueService/SubmitSpecification",
                                                &SubmitSpecification,
                                                R"(product_id: "P" revision: 1)"));
    Must(SignIntent("qa1", R"(approve_specification { product_id: "P" revision: 1 })"));
  }

  // A registered and confirmed lot with one received sample for release, "LOT-S1".
  void AddLot(const std::string& lot, const std::string& kind, const std::string& parents = "") {
    Must(DoText<v1::RegisterLotRequest>(
        "tech1", "LotService/RegisterLot", &RegisterLot,
        "lot_id: '" + lot + "' kind: LOT_KIND_" + kind + " product_id: 'P' " + parents +
            " manufacture_time: '2026-02-01T08:00:00+08:00' expiry: '2027-02'"));
    Must(DoText<v1::ConfirmLotRequest>(
        "sup1", "LotService/ConfirmLot", &ConfirmLot,
        "lot_id: '" + lot + "' " + parents + " manufacture_time: '2026-02-01T08:00:00+08:00'"));
    AddSample(lot, lot + "-S1");
  }

  void AddSample(const std::string& lot, const std::string& sample) {
    Must(DoText<v1::PlanSampleRequest>(
        "tech2", "LotService/PlanSample", &PlanSample,
        "sample_id: '" + sample + "' lot_id: '" + lot +
            "' purpose: PURPOSE_RELEASE sampling_point: 'DP' container: '1' "
            "amount { value: '1.0' unit: 'mL' }"));
    Must(DoText<v1::TakeSampleRequest>(
        "tech2", "LotService/TakeSample", &TakeSample,
        "sample_id: '" + sample + "' taken_time: '2026-02-02T08:00:00+08:00'"));
    Must(DoText<v1::ReceiveSampleRequest>(
        "sup1", "LotService/ReceiveSample", &ReceiveSample,
        "sample_id: '" + sample + "' condition: 'frozen, seal intact'"));
  }

  static std::string PhRequest(const std::string& lot, const std::string& value) {
    return "lot_id: '" + lot + "' panel: 'PH' entries { input: 'PH' replicate: 1 value { value: '" +
           value + "' unit: '[pH]' } }";
  }

  Result<storage::RecordedAct> SubmitPh(const std::string& lot, const std::string& value) {
    return DoText<v1::SubmitResultRequest>("tech1", "RunService/SubmitResult", &SubmitResult,
                                           PhRequest(lot, value));
  }

  // A bank that is released, so that a product lot may have a parent.
  void ReleaseBank() {
    AddLot("MCB-1", "MCB");
    Must(SubmitPh("MCB-1", "7.0"));
    Must(SignIntent("rev1", "review { lot_id: 'MCB-1' }"));
    Must(SignIntent("qp1", "release { lot_id: 'MCB-1' decision: DECISION_RELEASE }"));
  }

  v1::Lot Lot(const std::string& lot) {
    auto found =
        site_->store().Read([&](storage::Records& records) { return records.Get<v1::Lot>({lot}); });
    EXPECT_TRUE(found);
    return found ? found->record : v1::Lot();
  }

  // 2026-03-01T00:00:00Z
  TimeUs now_us = TimeUs{1772323200} * 1'000'000;

 private:
  std::string folder_;
  std::unique_ptr<Site> site_;
};

}  // namespace lims::app

#endif  // LIMS_TESTS_APP_SITE_FIXTURE_H_
