#include "support/site_fixture.h"

#include <filesystem>
#include <future>

#include "app/init_site.h"
#include "app/second_entry.h"
#include "base/password.h"

namespace lims::app {
namespace {

const std::vector<FirstAdministrator>& Administrators() {
  static const std::vector<FirstAdministrator> administrators = {
      {"admin1", "Admin One", "code of the first administrator"},
      {"admin2", "Admin Two", "code of the second administrator"}};
  return administrators;
}

}  // namespace

v1::Method PhMethod(const std::string& name, const std::string& more) {
  return FromText<v1::Method>(
      "method_id: 'M-" + name + "' version: 1 name_en: '" + name + "' name_zh: '" + name +
      "值' panel: '" + name +
      "' assay: 'generic_value' validation_state: VALIDATION_STATE_CONFIRMED "
      "outputs { line_code: '" +
      name + "' input: '" + name +
      "' input_unit: '[pH]' replicates_min: 1 replicates_max: 1 combination: COMBINATION_MEAN } "
      "repeat_invalid_budget: 1 clause: 'in-house' source: 'test' "
      "effective_date: '2026-01-02' paper_approval { document: 'QA-1' date: '2026-01-01' } " +
      more);
}

v1::SpecificationLine PhLine(const std::string& name, const std::string& more) {
  return FromText<v1::SpecificationLine>(
      "line_code: '" + name + "' name_en: '" + name + "' name_zh: '" + name + "值' panel: '" +
      name + "' method_id: 'M-" + name + R"(' result_kind: RESULT_KIND_DECIMAL
        criteria { lower { operator: OPERATOR_INCLUSIVE value: "6.8" }
                   upper { operator: OPERATOR_INCLUSIVE value: "7.6" } }
        unit: "[pH]" decimals: 1 rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED
        plausible_min: "4.0" plausible_max: "10.0"
        verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "test" )" +
      more);
}

v1::SubmitResultRequest PhValue(const std::string& lot, const std::string& value,
                                const std::string& name) {
  v1::SubmitResultRequest request;
  request.set_lot_id(lot);
  request.set_panel(name);
  v1::TypedEntry& entry = *request.add_entries();
  entry.set_input(name);
  entry.set_replicate(1);
  entry.mutable_value()->set_value(value);
  entry.mutable_value()->set_unit("[pH]");
  return request;
}

SiteFixture::SiteFixture(std::string folder, TimeUs now) : now_us(now), folder_(std::move(folder)) {
  SetPasswordCostForTests(64, 1);
  if (!std::filesystem::exists(folder_ + "/server/lims.db")) {
    InitOptions options;
    options.site_dir = folder_;
    options.site_name = "test";
    options.zone = "Asia/Shanghai";
    options.zone_offset_minutes = 480;
    options.listen = "127.0.0.1:1";
    options.administrators = Administrators();
    const auto made = InitSite(options, clock());
    EXPECT_TRUE(made) << made.error().message;
  }
  Open();
}

void SiteFixture::Open() {
  auto opened = Site::Open(folder_, clock());
  ASSERT_TRUE(opened) << opened.error().message;
  site_ = *std::move(opened);
}

Call SiteFixture::As(const std::string& user, const std::string& method) {
  Call call;
  call.method = "lims.v1." + method;
  call.terminal = "console";
  call.terminal_sha256 = "00";
  call.user_id = user;
  call.user_name = "Name of " + user;
  return call;
}

Result<storage::RecordedAct> SiteFixture::Record(const Call& call, const std::string& request_id,
                                                 const google::protobuf::Message& request,
                                                 Result<Plan> plan) {
  if (!plan) return plan.error();
  LIMS_ASSIGN_OR_RETURN(std::string fingerprint, Fingerprint(call.method, request));
  std::promise<Result<storage::RecordedAct>> done;
  site_->Submit(call, request_id, std::move(fingerprint), *std::move(plan),
                [&done](Result<storage::RecordedAct> act) { done.set_value(std::move(act)); });
  LIMS_ASSIGN_OR_RETURN(auto act, done.get_future().get());
  if (auto refusal = RefusalOf(act)) return *std::move(refusal);
  return act;
}

Result<storage::RecordedAct> SiteFixture::SignIntent(const std::string& user,
                                                     const v1::Intent& intent) {
  v1::PrepareSignatureRequest prepare;
  *prepare.mutable_intent() = intent;
  LIMS_ASSIGN_OR_RETURN(
      const auto prepared,
      PrepareSignature(*site_, As(user, "SignatureService/PrepareSignature"), prepare));
  return SignManifest(user, prepared.manifest());
}

Result<storage::RecordedAct> SiteFixture::SignManifest(const std::string& user,
                                                       const std::string& manifest,
                                                       const std::string& password) {
  v1::SignRequest request;
  request.set_manifest(manifest);
  request.set_user_id(user);
  request.set_password(password);
  return Do(user, "SignatureService/Sign", &Sign, request);
}

void SiteFixture::Must(const Result<storage::RecordedAct>& act) {
  ASSERT_TRUE(act) << act.error().message
                   << (act.error().violations.empty()
                           ? ""
                           : " / " + act.error().violations[0].field + ": " +
                                 act.error().violations[0].description);
}

void SiteFixture::AddPerson(const std::string& user, v1::Role role) {
  v1::AddUserRequest add;
  add.set_user_id(user);
  add.set_name("Name of " + user);
  add.set_role(role);
  add.set_one_time_code("one-time code, long enough");
  Must(Do("admin1", "AccessService/AddUser", &AddUser, add));
  v1::ConfirmUserRequest confirm;
  confirm.set_user_id(user);
  confirm.add_roles(role);
  Must(Do("admin2", "AccessService/ConfirmUser", &ConfirmUser, confirm));
  SetFirstPassword(user, add.one_time_code());
}

void SiteFixture::SetAdministratorsPasswords() {
  for (const FirstAdministrator& administrator : Administrators()) {
    SetFirstPassword(administrator.user_id, administrator.one_time_code);
  }
}

void SiteFixture::SetFirstPassword(const std::string& user, const std::string& code) {
  v1::SetPasswordRequest set;
  set.set_password(code);
  set.set_new_password(kPassword);
  Must(Do(user, "AccessService/SetPassword", &SetPassword, set));
}

void SiteFixture::HandInMethod(const std::string& author, const v1::Method& method) {
  v1::ImportMethodRequest import;
  *import.mutable_method() = method;
  Must(Do(author, "CatalogueService/ImportMethod", &ImportMethod, import));
  v1::SubmitMethodRequest submit;
  submit.set_method_id(method.method_id());
  submit.set_version(method.version());
  Must(Do(author, "CatalogueService/SubmitMethod", &SubmitMethod, submit));
}

void SiteFixture::AddMethods(const std::vector<v1::Method>& methods, const std::string& author,
                             const std::string& approver) {
  v1::Intent approval;
  for (const v1::Method& method : methods) {
    HandInMethod(author, method);
    auto& approved = *approval.mutable_approve_method()->add_methods();
    approved.set_method_id(method.method_id());
    approved.set_version(method.version());
  }
  Must(SignIntent(approver, approval));
}

void SiteFixture::AddSpecification(const v1::SpecificationText& text, const std::string& author,
                                   const std::string& approver) {
  v1::ImportSpecificationRequest import;
  *import.mutable_text() = text;
  Must(Do(author, "CatalogueService/ImportSpecification", &ImportSpecification, import));
  v1::SubmitSpecificationRequest submit;
  submit.set_product_id(text.specification().product_id());
  submit.set_revision(text.specification().revision());
  Must(Do(author, "CatalogueService/SubmitSpecification", &SubmitSpecification, submit));
  v1::Intent approval;
  approval.mutable_approve_specification()->set_product_id(submit.product_id());
  approval.mutable_approve_specification()->set_revision(submit.revision());
  Must(SignIntent(approver, approval));
}

void SiteFixture::Prepare() {
  SetAdministratorsPasswords();
  AddPerson("tech1", v1::ROLE_TECHNICIAN);
  AddPerson("tech2", v1::ROLE_TECHNICIAN);
  AddPerson("rev1", v1::ROLE_REVIEWER);
  AddPerson("sup1", v1::ROLE_LAB_SUPERVISOR);
  AddPerson("md1", v1::ROLE_MASTER_DATA);
  AddPerson("qa1", v1::ROLE_QA);
  AddPerson("qp1", v1::ROLE_QP);
  AddPerson("auditor1", v1::ROLE_AUDITOR);
  AddMethods({PhMethod("PH")});
  auto text = FromText<v1::SpecificationText>(R"(
      product { product_id: "P" name_en: "Product" name_zh: "产品" }
      specification { product_id: "P" revision: 1 title_en: "T" title_zh: "标题" basis: "test"
        effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" } }
      attestations { code: "BPR" name_en: "Batch record reviewed" name_zh: "批记录已审核"
        role: ROLE_QA gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        document_kind: "batch record" source: "test" })");
  *text.add_lines() = PhLine("PH", R"(number: "1"
      gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
      gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
  AddSpecification(text);
}

void SiteFixture::AddLot(const std::string& lot, const std::string& kind,
                         const std::string& parents, const std::string& product) {
  const std::string batch_record =
      "lot_id: '" + lot + "' " + parents + " manufacture_time: '2026-02-01T08:00:00+08:00'";
  Must(DoText<v1::RegisterLotRequest>("tech1", "LotService/RegisterLot", &RegisterLot,
                                      batch_record + " kind: LOT_KIND_" + kind + " product_id: '" +
                                          product + "' expiry: '2027-02'"));
  Must(DoText<v1::ConfirmLotRequest>("sup1", "LotService/ConfirmLot", &ConfirmLot, batch_record));
  AddSample(lot, lot + "-S1");
}

void SiteFixture::AddSample(const std::string& lot, const std::string& sample,
                            const std::string& purpose) {
  Must(DoText<v1::PlanSampleRequest>(
      "tech2", "LotService/PlanSample", &PlanSample,
      "sample_id: '" + sample + "' lot_id: '" + lot + "' purpose: PURPOSE_" + purpose +
          " sampling_point: 'DP' container: '1' amount { value: '1.0' unit: 'mL' }"));
  Must(DoText<v1::TakeSampleRequest>(
      "tech2", "LotService/TakeSample", &TakeSample,
      "sample_id: '" + sample + "' taken_time: '2026-02-02T08:00:00+08:00'"));
  Must(DoText<v1::ReceiveSampleRequest>(
      "sup1", "LotService/ReceiveSample", &ReceiveSample,
      "sample_id: '" + sample + "' condition: 'frozen, seal intact'"));
}

Result<storage::RecordedAct> SiteFixture::SubmitPh(const std::string& lot,
                                                   const std::string& value) {
  return Do("tech1", "RunService/SubmitResult", &SubmitResult, PhValue(lot, value));
}

std::string SiteFixture::StartPh(const std::string& lot, const std::string& name) {
  const auto created = DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-" + name + "' positions { position: '1' role: POSITION_ROLE_SAMPLE target: '" +
          name + "' sample_id: '" + lot + "-S1' }");
  return RunOf(created);
}

std::string SiteFixture::RunOf(const Result<storage::RecordedAct>& created) {
  Must(created);
  if (!created) return "";
  v1::CreateRunResponse response;
  FillResponse(*created, &response);
  return response.run().run_id();
}

Result<storage::RecordedAct> SiteFixture::FinishPh(const std::string& run, const std::string& value,
                                                   const std::string& name) {
  const std::string id = "run_id: '" + run + "' ";
  Must(DoText<v1::RecordReadingRequest>("tech1", "RunService/RecordReading", &RecordReading,
                                        id + "observed_time: '" + FormatUtc(now_us) +
                                            "' entries { position: '1' target: '" + name +
                                            "' value { value: '" + value + "' unit: '[pH]' } }"));
  return DoText<v1::SubmitRunRequest>("tech1", "RunService/SubmitRun", &SubmitRun, id);
}

void SiteFixture::ReleaseBank(const std::string& bank, const std::string& product) {
  AddLot(bank, "MCB", "", product);
  Must(SubmitPh(bank, "7.0"));
  Must(SignIntent("rev1", "review { lot_id: '" + bank + "' }"));
  Must(SignIntent("qp1", "release { lot_id: '" + bank + "' decision: DECISION_RELEASE }"));
}

v1::GetLotResponse SiteFixture::ShowLot(const std::string& lot) {
  v1::GetLotRequest request;
  request.set_lot_id(lot);
  const auto response = site_->store().Read(
      [&](storage::Records& records) { return GetLot(*site_, records, request); });
  EXPECT_TRUE(response) << lot;
  return response ? *response : v1::GetLotResponse();
}

v1::GetRunResponse SiteFixture::ShowRun(const std::string& run) {
  v1::GetRunRequest request;
  request.set_run_id(run);
  const auto response = site_->store().Read(
      [&](storage::Records& records) { return GetRun(*site_, records, request); });
  EXPECT_TRUE(response) << run;
  return response ? *response : v1::GetRunResponse();
}

std::vector<v1::Blocker> SiteFixture::Blockers(const std::string& lot, v1::Gate gate) {
  v1::GetBlockersRequest request;
  request.set_lot_id(lot);
  request.set_gate(gate);
  const auto response = site_->store().Read(
      [&](storage::Records& records) { return GetBlockers(*site_, records, request); });
  EXPECT_TRUE(response) << lot;
  if (!response) return {};
  return {response->blockers().begin(), response->blockers().end()};
}

bool SiteFixture::IsBlocked(const std::string& lot, v1::BlockerKind kind) {
  const std::vector<v1::Blocker> blockers = Blockers(lot);
  return std::any_of(blockers.begin(), blockers.end(),
                     [&](const v1::Blocker& blocker) { return blocker.kind() == kind; });
}

v1::Lot SiteFixture::Lot(const std::string& lot) {
  auto found =
      site_->store().Read([&](storage::Records& records) { return records.Get<v1::Lot>({lot}); });
  EXPECT_TRUE(found);
  return found ? found->record : v1::Lot();
}

}  // namespace lims::app
