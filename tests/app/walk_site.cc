#include "app/walk_site.h"

#include <algorithm>

#include "app/amendments.h"
#include "app/look_records.h"
#include "app/looks.h"
#include "app/sample_keeping.h"
#include "app/second_entry.h"
#include "app/virus_plate_fixture.h"

namespace lims::walk {
namespace {

constexpr char kEndotoxinMethod[] = R"(
  method_id: "M-ENDO" version: 1 name_en: "Endotoxin" name_zh: "内毒素" panel: "ENDO"
  assay: "generic_value" validation_state: VALIDATION_STATE_VALIDATED
  outputs { line_code: "ENDO" input: "ENDO" input_unit: "[iU]/mL" replicates_min: 1
            replicates_max: 1 combination: COMBINATION_MEAN }
  setup_checks { name: "spike_recovery" min: "50" max: "200" unit: "%"
                 meaning: "Recovery of the spike" }
  repeat_invalid_budget: 2 clause: "in-house" source: "test"
  effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" })";

constexpr char kSpotMethod[] = R"(
  method_id: "M-SPOT" version: 1 name_en: "Spots" name_zh: "斑点" panel: "SPOT"
  assay: "generic_observation" validation_state: VALIDATION_STATE_VALIDATED
  outputs { line_code: "SPOT" input: "SPOT" replicates_min: 1 replicates_max: 1
            combination: COMBINATION_WORST codes: ["NONE", "DOUBT", "SEEN"] }
  setup_checks { name: "extraction" text: true meaning: "Batch of the extraction" }
  method_repeat { count: 1 instruction: "from another extraction" fresh_setup: "extraction"
                  same_sample: true }
  repeat_invalid_budget: 1 clause: "in-house" source: "test"
  effective_date: "2026-01-02" paper_approval { document: "QA-2" date: "2026-01-01" })";

constexpr char kSpecification[] = R"(
  lines { line_code: "SPOT" number: "3" name_en: "Spots" name_zh: "斑点" panel: "SPOT"
    method_id: "M-SPOT" result_kind: RESULT_KIND_OBSERVATION
    criteria { accepted_codes: "NONE" inconclusive_codes: "DOUBT" }
    codes { code: "NONE" text_en: "None" text_zh: "无" }
    codes { code: "DOUBT" text_en: "Doubtful" text_zh: "可疑" }
    codes { code: "SEEN" text_en: "Seen" text_zh: "有" }
    gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    applicability { fact: "stained" value: "yes" }
    verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "test" }
  facts { fact: "stained" type: FACT_TYPE_YES_NO meaning: "Whether the lot was stained"
    used_by_lines: "SPOT" }
  lines { line_code: "ENDO" number: "2" name_en: "Endotoxin" name_zh: "内毒素" panel: "ENDO"
    method_id: "M-ENDO" result_kind: RESULT_KIND_QUALIFIED_DECIMAL
    criteria { upper { operator: OPERATOR_STRICT value: "0.50" } }
    unit: "[iU]/mL" decimals: 2 rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED
    plausible_min: "0.00" plausible_max: "100.00" biosafety: true
    gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "test" }
  attestations { code: "BPR" name_en: "Batch record reviewed" name_zh: "批记录已审核"
    role: ROLE_QA gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    document_kind: "batch record" source: "test" }
  attestations { code: "EM" name_en: "Environment monitored" name_zh: "环境监测已完成"
    role: ROLE_LAB_SUPERVISOR gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
    document_kind: "monitoring report" source: "test" excludes_analysts: true })";

v1::Role RoleOf(Role role) {
  switch (role) {
    case Role::kTechnician:
      return v1::ROLE_TECHNICIAN;
    case Role::kReviewer:
      return v1::ROLE_REVIEWER;
    case Role::kSupervisor:
      return v1::ROLE_LAB_SUPERVISOR;
    case Role::kQa:
      return v1::ROLE_QA;
    case Role::kQp:
      return v1::ROLE_QP;
    case Role::kAuditor:
      return v1::ROLE_AUDITOR;
    case Role::kMasterData:
      return v1::ROLE_MASTER_DATA;
    case Role::kAdmin:
      return v1::ROLE_ACCOUNT_ADMIN;
  }
  return v1::ROLE_UNSPECIFIED;
}

std::string ProductOf(bool conditional_registered) {
  return conditional_registered ? "P" : "R";
}

// The document that values of this run are copied from.
std::string ReportOf(std::size_t run) {
  return "CL-" + std::to_string(run);
}

// The plate of a run: three wells for each virus, as the repeat of a doubt needs. What it shows of
// its positive control tells its file from every other.
app::VirusPlate PlateOf(const std::vector<std::string>& samples, std::size_t run) {
  app::VirusPlate plate;
  for (const std::string& sample : samples) plate.AddSample(sample, 3);
  plate.AddControls();
  plate.Set("POSITIVE_CONTROL", "HBV", "30." + std::to_string(1000 + run));
  return plate;
}

// What the instrument writes of a plate.
std::string FileOf(const Plate& shown, const World& world, std::size_t at) {
  const Run& run = world.runs()[at];
  std::vector<std::string> samples;
  for (const Part& part : run.parts) {
    samples.push_back(world.lots().at(part.lot).attempts[part.attempt].sample);
  }
  app::VirusPlate plate = PlateOf(samples, at);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (const Value* value : shown.samples[i]) {
      const std::string target(value->line.substr(2));
      if (value->verdict == Verdict::kPass) continue;
      const bool everywhere = value->verdict == Verdict::kOutOfSpecification;
      plate.Set(samples[i], target, "31.4", everywhere ? 3 : 1);
    }
  }
  for (const std::string& line : shown.contaminated) plate.Set("NTC", line.substr(2), "34.2");
  return plate.File();
}

void AddPeople(app::SiteFixture& fixture) {
  fixture.SetAdministratorsPasswords();
  for (const Person& person : People()) {
    if (person.roles.contains(Role::kAdmin)) continue;
    fixture.AddPerson(person.id, RoleOf(*person.roles.begin()));
    v1::GrantRoleRequest grant;
    grant.set_user_id(person.id);
    for (auto role = std::next(person.roles.begin()); role != person.roles.end(); ++role) {
      grant.set_role(RoleOf(*role));
      fixture.Must(fixture.Do("admin1", "AccessService/GrantRole", &app::GrantRole, grant));
      v1::ConfirmUserRequest confirm;
      confirm.set_user_id(person.id);
      confirm.add_roles(grant.role());
      fixture.Must(fixture.Do("admin2", "AccessService/ConfirmUser", &app::ConfirmUser, confirm));
    }
  }
  // Proposed by one administrator, confirmed by nobody: wolf has none of these roles.
  for (const v1::Role role :
       {v1::ROLE_REVIEWER, v1::ROLE_LAB_SUPERVISOR, v1::ROLE_QA, v1::ROLE_QP}) {
    v1::GrantRoleRequest grant;
    grant.set_user_id("wolf");
    grant.set_role(role);
    fixture.Must(fixture.Do("admin1", "AccessService/GrantRole", &app::GrantRole, grant));
  }
}

void AddCatalogue(app::SiteFixture& fixture) {
  fixture.AddMethods({app::PhMethod("PH", R"(setup_checks { name: "buffer_checked" accepted: "yes"
                                              meaning: "The buffer was checked" })"),
                      app::PhMethod("TWIN", R"(setup_checks { name: "buffer_checked" accepted: "yes"
                                                meaning: "The buffer was checked" }
                                                run_plan { runs: 2
                                                           combination: RUN_COMBINATION_MEAN })"),
                      FromText<v1::Method>(kEndotoxinMethod), FromText<v1::Method>(kSpotMethod),
                      app::VirusMethod("lines_from_report: true ")},
                     "mark", "dora");
  for (const bool conditional_registered : {true, false}) {
    const std::string product = ProductOf(conditional_registered);
    auto text = FromText<v1::SpecificationText>(
        "product { product_id: '" + product + "' name_en: 'Product' name_zh: '产品' } " +
        "specification { product_id: '" + product + "' revision: 1 title_en: 'T' title_zh: '标题'" +
        " basis: 'test' effective_date: '2026-01-02' conditional_release_registered: " +
        (conditional_registered ? "true" : "false") +
        " paper_approval { document: 'QA-3' date: '2026-01-01' } }" + kSpecification);
    *text.add_lines() = app::PhLine("PH", R"(number: "1"
        gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
    const std::string final_gate = " gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT } ";
    *text.add_lines() = app::PhLine("TWIN", "number: '4'" + final_gate);
    *text.add_lines() = app::VirusLine("V-HBV", "number: '5'" + final_gate);
    *text.add_lines() = app::VirusLine("V-HPV", "number: '6'" + final_gate);
    fixture.AddSpecification(text, "mark", "dora");
  }
}

void SetSetup(const Setup& setup, google::protobuf::RepeatedPtrField<v1::NamedValue>* declared) {
  if (setup.text.empty()) return;
  v1::NamedValue& value = *declared->Add();
  value.set_name(setup.panel == "ENDO"   ? "spike_recovery"
                 : setup.panel == "SPOT" ? "extraction"
                                         : "buffer_checked");
  value.set_value(std::string(setup.text));
}

void SetValue(const Value& value, v1::MeasuredValue* measured) {
  measured->set_value(std::string(value.text));
  if (value.line == "ENDO") measured->set_unit("[iU]/mL");
  if (value.line == "PH" || value.line == "TWIN") measured->set_unit("[pH]");
  if (value.qualifier == "<") measured->set_qualifier(v1::QUALIFIER_LESS_THAN);
  if (value.qualifier == ">") measured->set_qualifier(v1::QUALIFIER_GREATER_THAN);
}

template <typename Request>
void SetEntries(const Step& step, Request* request) {
  for (const Value* value : TypedValues(step)) {
    v1::TypedEntry& entry = *request->add_entries();
    entry.set_input(std::string(value->line));
    entry.set_replicate(1);
    SetValue(*value, entry.mutable_value());
  }
}

void SetScan(v1::RawFileContent* scan) {
  scan->set_file_name("record.pdf");
  scan->set_content("scanned");
}

template <typename Request>
void SetParents(const std::vector<std::string>& parents, Request* request) {
  for (const std::string& parent : parents) request->add_parents()->set_lot_id(parent);
}

v1::Intent IntentOf(const Intent& intent) {
  v1::Intent made;
  switch (intent.meaning) {
    case Meaning::kReview:
      made.mutable_review()->set_lot_id(intent.lot);
      for (const std::string& line : intent.codes) made.mutable_review()->add_line_codes(line);
      break;
    case Meaning::kAttest:
      made.mutable_attest()->set_lot_id(intent.lot);
      for (const std::string& code : intent.codes) {
        v1::AttestationStatement& statement = *made.mutable_attest()->add_attestations();
        statement.set_code(code);
        statement.set_document("DOC-" + code);
      }
      break;
    case Meaning::kDeclare: {
      made.mutable_declare_fact()->set_lot_id(intent.lot);
      v1::FactDeclaration& fact = *made.mutable_declare_fact()->add_facts();
      fact.set_fact(intent.fact);
      fact.set_value(intent.value);
      fact.set_document("DOC-F");
      break;
    }
    case Meaning::kRelease:
    case Meaning::kConditional:
      made.mutable_release()->set_lot_id(intent.lot);
      made.mutable_release()->set_decision(intent.meaning == Meaning::kRelease
                                               ? v1::DECISION_RELEASE
                                               : v1::DECISION_CONDITIONAL_RELEASE);
      if (intent.meaning == Meaning::kConditional) {
        made.mutable_release()->add_receiving_sites("Clinic 1");
      }
      break;
    case Meaning::kReject:
      made.mutable_reject()->set_lot_id(intent.lot);
      made.mutable_reject()->set_reason("not to be used");
      break;
    case Meaning::kWithdraw:
      made.mutable_withdraw()->set_lot_id(intent.lot);
      made.mutable_withdraw()->set_reason("a complaint");
      break;
    case Meaning::kRecall:
      made.mutable_recall()->set_lot_id(intent.lot);
      made.mutable_recall()->set_reason("harm to a patient");
      break;
    case Meaning::kHold:
      made.mutable_hold()->set_lot_id(intent.lot);
      made.mutable_hold()->set_reason("a question");
      break;
    case Meaning::kUnhold:
      made.mutable_unhold()->set_lot_id(intent.lot);
      made.mutable_unhold()->set_number(intent.hold);
      made.mutable_unhold()->set_reason("an answer");
      break;
  }
  return made;
}

}  // namespace

WalkSite::WalkSite(const std::string& folder) : fixture_(folder) {
  AddPeople(fixture_);
  AddCatalogue(fixture_);
  v1::DisableUserRequest disable;
  disable.set_user_id("gone");
  disable.set_reason("left the company");
  fixture_.Must(fixture_.Do("admin1", "AccessService/DisableUser", &app::DisableUser, disable));
}

void WalkSite::BeginWalk() {
  // Looks concern every open run of the site.
  for (const std::string& run : runs_) {
    v1::AbortRunRequest abort;
    abort.set_run_id(run);
    abort.set_reason("the walk is over");
    if (fixture_.Do("sven", "RunService/AbortRun", &app::AbortRun, abort)) continue;
    v1::SubmitRunRequest submit;
    submit.set_run_id(run);
    (void)fixture_.Do("sven", "RunService/SubmitRun", &app::SubmitRun, submit);
  }
  manifests_.clear();
  runs_.clear();
  registered_.clear();
}

std::optional<Error> WalkSite::Do(const Step& step, const World& world) {
  if (step.act == Act::kPrepare) return Prepare(step);
  if (step.act == Act::kLook) return Look(step);
  Step complete = step;
  if (step.act == Act::kConfirm && registered_.contains(step.lot)) {
    complete.parents = registered_.at(step.lot).parents;
    complete.made_us = registered_.at(step.lot).made_us + (step.typed_otherwise ? 1'000'000 : 0);
  }
  const bool copies = step.act == Act::kCopy;
  if (step.act == Act::kSubmit || copies) complete.lot = world.LotOf(step.sample);
  const auto recorded = Record(complete, world);
  if (!recorded) return recorded.error();
  if (step.act == Act::kRegister) registered_[step.lot] = step;
  if (step.act == Act::kCreateRun || copies) {
    v1::CreateRunResponse response;
    app::FillResponse(*recorded, &response);
    runs_.push_back(response.run().run_id());
  }
  return std::nullopt;
}

std::set<std::string> WalkSite::Blockers(const std::string& lot, bool conditional) {
  std::set<std::string> names;
  const v1::Gate gate = conditional ? v1::GATE_S1 : v1::GATE_UNSPECIFIED;
  for (const v1::Blocker& blocker : fixture_.Blockers(lot, gate)) {
    const bool is_run = Contains(runs_, blocker.what());
    names.insert(v1::BlockerKind_Name(blocker.kind()).substr(13) + " " +
                 (is_run ? "*" : blocker.what()));
  }
  return names;
}

std::optional<Error> WalkSite::Prepare(const Step& step) {
  fixture_.now_us += 1000;
  v1::PrepareSignatureRequest request;
  *request.mutable_intent() = IntentOf(step.intent);
  const auto prepared = PrepareSignature(
      fixture_.site(), fixture_.As(step.person->id, "SignatureService/PrepareSignature"), request);
  if (!prepared) return prepared.error();
  manifests_.push_back(prepared->manifest());
  return std::nullopt;
}

std::optional<Error> WalkSite::Look(const Step& step) {
  fixture_.now_us += 1000;
  v1::ComputeAssayRequest request;
  request.set_request_id(NewUuid());
  request.set_assay("generic_value");
  request.set_content("line,replicate,value,unit\nPH,1,7." + std::to_string(step.number) +
                      ",[pH]\n");
  const auto looked = ComputeAssay(
      fixture_.site(), fixture_.As(step.person->id, "CatalogueService/ComputeAssay"), request);
  if (!looked) return looked.error();
  return std::nullopt;
}

Result<storage::RecordedAct> WalkSite::Record(const Step& step, const World& world) {
  const std::string& who = step.person->id;
  switch (step.act) {
    case Act::kRegister: {
      v1::RegisterLotRequest request;
      request.set_lot_id(step.lot);
      request.set_kind(step.kind == Kind::kBank ? v1::LOT_KIND_MCB : v1::LOT_KIND_DRUG_PRODUCT);
      request.set_product_id(ProductOf(step.conditional_registered));
      SetParents(step.parents, &request);
      request.set_manufacture_time(FormatLocal(step.made_us, kZoneMinutes));
      request.set_expiry(step.expiry);
      return fixture_.Do(who, "LotService/RegisterLot", &app::RegisterLot, request);
    }
    case Act::kConfirm: {
      v1::ConfirmLotRequest request;
      request.set_lot_id(step.lot);
      SetParents(step.parents, &request);
      request.set_manufacture_time(FormatLocal(step.made_us, kZoneMinutes));
      return fixture_.Do(who, "LotService/ConfirmLot", &app::ConfirmLot, request);
    }
    case Act::kVoid: {
      v1::VoidLotRequest request;
      request.set_lot_id(step.lot);
      request.set_reason("registered in error");
      return fixture_.Do(who, "LotService/VoidLot", &app::VoidLot, request);
    }
    case Act::kPlan: {
      v1::PlanSampleRequest request;
      request.set_sample_id(step.sample);
      request.set_lot_id(step.lot);
      request.set_purpose(step.purpose == Purpose::kRelease ? v1::PURPOSE_RELEASE
                                                            : v1::PURPOSE_INVESTIGATION);
      request.set_sampling_point("DP");
      request.mutable_amount()->set_value("1.0");
      request.mutable_amount()->set_unit("mL");
      return fixture_.Do(who, "LotService/PlanSample", &app::PlanSample, request);
    }
    case Act::kTake: {
      v1::TakeSampleRequest request;
      request.set_sample_id(step.sample);
      request.set_taken_time(FormatLocal(fixture_.now_us, kZoneMinutes));
      return fixture_.Do(who, "LotService/TakeSample", &app::TakeSample, request);
    }
    case Act::kReceive: {
      v1::ReceiveSampleRequest request;
      request.set_sample_id(step.sample);
      request.set_condition("frozen, seal intact");
      return fixture_.Do(who, "LotService/ReceiveSample", &app::ReceiveSample, request);
    }
    case Act::kRejectSample: {
      v1::RejectSampleRequest request;
      request.set_sample_id(step.sample);
      request.set_reason("seal broken");
      return fixture_.Do(who, "LotService/RejectSample", &app::RejectSample, request);
    }
    case Act::kHandOver: {
      v1::HandOverSampleRequest request;
      request.set_sample_id(step.sample);
      request.set_to_user(step.to->id);
      request.set_condition("frozen");
      return fixture_.Do(who, "LotService/HandOverSample", &app::HandOverSample, request);
    }
    case Act::kAccept: {
      v1::AcceptSampleRequest request;
      request.set_sample_id(step.sample);
      request.set_condition("frozen");
      return fixture_.Do(who, "LotService/AcceptSample", &app::AcceptSample, request);
    }
    case Act::kSubmit:
    case Act::kCopy: {
      v1::SubmitResultRequest request;
      request.set_lot_id(step.lot);
      request.set_panel(step.panel);
      request.set_sample_id(step.sample);
      SetEntries(step, &request);
      if (step.act == Act::kCopy) {
        request.set_source(step.own_paper ? v1::RESULT_SOURCE_TRANSCRIBED_PAPER
                                          : v1::RESULT_SOURCE_CONTRACT_LAB);
        request.mutable_document()->set_issuer("Contract laboratory");
        request.mutable_document()->set_report_number(ReportOf(runs_.size()));
        request.mutable_document()->add_performed_dates(
            FormatLocal(fixture_.now_us + step.performed_days * kDayUs, kZoneMinutes)
                .substr(0, 10));
        SetScan(request.mutable_scan());
      }
      SetSetup(*step.setup, request.mutable_setup());
      request.set_plausibility_confirmed(step.plausibility_confirmed);
      return fixture_.Do(who, "RunService/SubmitResult", &app::SubmitResult, request);
    }
    case Act::kCreateRun: {
      std::vector<std::string> samples{step.sample};
      if (!step.other_sample.empty()) samples.push_back(step.other_sample);
      v1::CreateRunRequest request;
      if (IsOfInstrument(step.panel)) {
        request = PlateOf(samples, runs_.size()).Map();
        return fixture_.Do(who, "RunService/CreateRun", &app::CreateRun, request);
      }
      request.set_method_id("M-" + step.panel);
      SetSetup(*step.setup, request.mutable_setup());
      for (const std::string& sample : samples) {
        v1::RunPosition& position = *request.add_positions();
        position.set_position(std::to_string(request.positions_size()));
        position.set_target(step.panel);
        position.set_role(v1::POSITION_ROLE_SAMPLE);
        position.set_sample_id(sample);
      }
      return fixture_.Do(who, "RunService/CreateRun", &app::CreateRun, request);
    }
    case Act::kRead: {
      v1::RecordReadingRequest request;
      request.set_run_id(runs_[static_cast<std::size_t>(step.run)]);
      request.set_observed_time(FormatLocal(step.observed_us, kZoneMinutes));
      if (step.late_reason) request.set_late_reason("the terminal was out of order");
      for (const Value* value : {step.value, step.other_value}) {
        if (value == nullptr) continue;
        v1::ReadingEntry& entry = *request.add_entries();
        entry.set_position(std::to_string(request.entries_size()));
        entry.set_target(std::string(value->line));
        SetValue(*value, entry.mutable_value());
      }
      request.set_plausibility_confirmed(step.plausibility_confirmed);
      return fixture_.Do(who, "RunService/RecordReading", &app::RecordReading, request);
    }
    case Act::kSubmitRun: {
      v1::SubmitRunRequest request;
      request.set_run_id(runs_[static_cast<std::size_t>(step.run)]);
      if (step.plate) {
        v1::RawFileContent& file = *request.add_files();
        file.set_file_name("plate.csv");
        file.set_content(FileOf(*step.plate, world, static_cast<std::size_t>(step.run)));
      }
      return fixture_.Do(who, "RunService/SubmitRun", &app::SubmitRun, request);
    }
    case Act::kAbortRun: {
      v1::AbortRunRequest request;
      request.set_run_id(runs_[static_cast<std::size_t>(step.run)]);
      request.set_reason("power failure");
      return fixture_.Do(who, "RunService/AbortRun", &app::AbortRun, request);
    }
    case Act::kReenter: {
      v1::ReenterResultRequest request;
      request.set_lot_id(step.lot);
      request.set_panel(step.panel);
      if (step.report >= 0) {
        request.set_report_number(ReportOf(static_cast<std::size_t>(step.report)));
      }
      SetEntries(step, &request);
      return fixture_.Do(who, "RunService/ReenterResult", &app::ReenterResult, request);
    }
    case Act::kAmend: {
      v1::AmendResultRequest request;
      request.set_lot_id(step.lot);
      request.set_panel(step.panel);
      SetEntries(step, &request);
      request.set_reason_code(v1::AMENDMENT_REASON_TYPING_ERROR);
      request.set_reason("two digits exchanged");
      SetScan(request.mutable_evidence());
      request.set_plausibility_confirmed(step.plausibility_confirmed);
      return fixture_.Do(who, "RunService/AmendResult", &app::AmendResult, request);
    }
    case Act::kConfirmAmendment: {
      v1::ConfirmAmendmentRequest request;
      request.set_lot_id(step.lot);
      request.set_number(step.number);
      return fixture_.Do(who, "RunService/ConfirmAmendment", &app::ConfirmAmendment, request);
    }
    case Act::kDeclineAmendment: {
      v1::DeclineAmendmentRequest request;
      request.set_lot_id(step.lot);
      request.set_number(step.number);
      request.set_reason("the record says otherwise");
      return fixture_.Do(who, "RunService/DeclineAmendment", &app::DeclineAmendment, request);
    }
    case Act::kClearLook: {
      v1::ClearLookRequest request;
      request.set_lot_id(step.lot);
      request.set_number(step.number);
      request.set_reason("a try with other data");
      return fixture_.Do(who, "RunService/ClearLook", &app::ClearLook, request);
    }
    case Act::kClearLate: {
      v1::ClearLateReadingsRequest request;
      request.set_run_id(runs_[static_cast<std::size_t>(step.run)]);
      request.add_numbers(1);
      request.set_reason("the paper record shows the time");
      return fixture_.Do(who, "RunService/ClearLateReadings", &app::ClearLateReadings, request);
    }
    default:
      return fixture_.SignManifest(who, manifests_[static_cast<std::size_t>(step.manifest)]);
  }
}

}  // namespace lims::walk
