#include "rpc/permission_cases.h"

#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"

namespace lims::rpc {
namespace {

constexpr auto kWrongState = ErrorReason::kWrongState;

// "DISPOSITION_RELEASED" -> "RELEASED"
std::string Short(const std::string& name) {
  const std::size_t underscore = name.find("STATE_");
  return underscore == std::string::npos ? name.substr(name.find('_') + 1)
                                         : name.substr(underscore + 6);
}

StateCase Always(std::string request, ErrorReason outcome = kDone) {
  return {"any state", [request](RecordsInState&, const std::string&) { return request; }, outcome,
          ""};
}

std::string Named(const std::string& field, const std::string& name) {
  return field + ": '" + name + "' ";
}

// A case for each disposition; `refused` says what the refusal names, empty for no refusal.
std::vector<StateCase> ForDispositions(const std::function<std::string(RecordsInState&)>& request,
                                       const std::function<std::string(v1::Disposition)>& refused) {
  std::vector<StateCase> states;
  for (int i = v1::DISPOSITION_QUARANTINE; i <= v1::Disposition_MAX; ++i) {
    const auto disposition = static_cast<v1::Disposition>(i);
    const std::string says = refused(disposition);
    states.push_back({Short(v1::Disposition_Name(disposition)),
                      [=](RecordsInState& records, const std::string&) {
                        records.Lot(disposition);
                        return request(records);
                      },
                      says.empty() ? kDone : kWrongState, says});
  }
  return states;
}

// A case for each state of a sample; in the allowed one the call is done.
std::vector<StateCase> ForSamples(v1::SampleState allowed,
                                  const std::function<std::string(const std::string&)>& request) {
  std::vector<StateCase> states;
  for (int i = v1::SAMPLE_STATE_PLANNED; i <= v1::SampleState_MAX; ++i) {
    const auto state = static_cast<v1::SampleState>(i);
    const std::string name = Short(v1::SampleState_Name(state));
    states.push_back({name,
                      [=](RecordsInState& records, const std::string&) {
                        records.Lot(v1::DISPOSITION_QUARANTINE);
                        return request(records.Sample(state));
                      },
                      state == allowed ? kDone : kWrongState, state == allowed ? "" : name});
  }
  return states;
}

std::vector<StateCase> ForRuns(const std::string& request, const std::string& says,
                               bool read = true) {
  std::vector<StateCase> states;
  for (int i = v1::RUN_STATE_OPEN; i <= v1::RunState_MAX; ++i) {
    const auto state = static_cast<v1::RunState>(i);
    states.push_back({Short(v1::RunState_Name(state)),
                      [=](RecordsInState& records, const std::string&) {
                        return Named("run_id", records.Run(state, "", read)) + request;
                      },
                      state == v1::RUN_STATE_OPEN ? kDone : kWrongState,
                      state == v1::RUN_STATE_OPEN ? "" : says});
  }
  return states;
}

StateCase ForUser(v1::UserState state, const std::string& request, ErrorReason outcome = kDone,
                  std::string says = "") {
  return {Short(v1::UserState_Name(state)),
          [=](RecordsInState& records, const std::string&) {
            return Named("user_id", records.User(state)) + request;
          },
          outcome, std::move(says)};
}

std::vector<StateCase> Joined(std::vector<StateCase> states, std::vector<StateCase> further) {
  for (StateCase& state : further) states.push_back(std::move(state));
  return states;
}

std::vector<MethodCase> AccessCases() {
  const std::string code = "one_time_code: 'one-time code, long enough' ";
  const std::string reason = "reason: 'left the company' ";
  const auto code_of = [](const std::string& by) {
    return [by](RecordsInState& records, const std::string& caller) {
      return Named("user_id", records.User(v1::USER_STATE_PROPOSED, by == "caller" ? caller : by)) +
             (caller.starts_with("admin") ? "roles: ROLE_REVIEWER" : "");
    };
  };
  const auto revoked = [](v1::UserState state, const std::string& role) {
    return [state, role](RecordsInState& records, const std::string&) {
      return Named("user_id", records.User(state, "admin2")) + "reason: 'moved' role: ROLE_" + role;
    };
  };
  const auto enrol = [](v1::TerminalState state) {
    return [state](RecordsInState& records, const std::string&) {
      const std::string name = state == v1::TERMINAL_STATE_UNSPECIFIED ? records.NewName("bench-")
                                                                       : records.Terminal(state);
      return Named("name", name) + Named("certificate_request_pem", records.certificate_request());
    };
  };
  const auto revoke = [](v1::TerminalState state) {
    return [state](RecordsInState& records, const std::string&) {
      return Named("name", records.Terminal(state)) + "reason: 'sold'";
    };
  };
  const std::string own_password = Named("password", app::kPassword);
  return {
      {"AccessService/LogIn",
       kEveryone,
       {Always("user_id: '$USER' " + own_password), ForUser(v1::USER_STATE_ACTIVE, own_password),
        ForUser(v1::USER_STATE_INITIAL, own_password),
        ForUser(v1::USER_STATE_LOCKED, own_password, ErrorReason::kAccountLocked, "locked"),
        ForUser(v1::USER_STATE_PROPOSED, own_password, kWrongState,
                "is PROPOSED: it waits for confirmation"),
        ForUser(v1::USER_STATE_DISABLED, own_password, ErrorReason::kWrongCredentials)}},
      {"AccessService/LogOut", kEveryone, {Always("")}},
      {"AccessService/SetPassword",
       kEveryone,
       {Always(own_password + Named("new_password", app::kPassword))}},
      {"AccessService/AddUser",
       "A",
       {{"id never used",
         [code](RecordsInState& records, const std::string&) {
           return Named("user_id", records.NewName("u")) + "name: 'A B' role: ROLE_QA " + code;
         },
         kDone, ""},
        ForUser(v1::USER_STATE_DISABLED, "name: 'A B' role: ROLE_QA " + code,
                ErrorReason::kAlreadyExists, "taken")}},
      {"AccessService/GrantRole",
       "A",
       {ForUser(v1::USER_STATE_ACTIVE, "role: ROLE_REVIEWER"),
        ForUser(v1::USER_STATE_PROPOSED, "role: ROLE_REVIEWER"),
        ForUser(v1::USER_STATE_LOCKED, "role: ROLE_REVIEWER"),
        ForUser(v1::USER_STATE_DISABLED, "role: ROLE_REVIEWER", kWrongState,
                "is DISABLED: it has ended"),
        Always("user_id: '$USER' role: ROLE_ACCOUNT_ADMIN", ErrorReason::kSegregation)}},
      {"AccessService/RevokeRole",
       "A",
       {{"confirmed role", revoked(v1::USER_STATE_ACTIVE, "TECHNICIAN"), kDone, ""},
        {"proposed role", revoked(v1::USER_STATE_ACTIVE, "REVIEWER"), kDone, ""},
        {"PROPOSED", revoked(v1::USER_STATE_PROPOSED, "REVIEWER"), kDone, ""},
        {"LOCKED", revoked(v1::USER_STATE_LOCKED, "TECHNICIAN"), kDone, ""},
        {"another role", revoked(v1::USER_STATE_ACTIVE, "QA"), ErrorReason::kNotFound,
         "has no role QA"},
        {"DISABLED", revoked(v1::USER_STATE_DISABLED, "TECHNICIAN"), kWrongState,
         "is DISABLED: it has ended"}}},
      {"AccessService/ConfirmUser",
       "AQ",
       {{"code given by another", code_of("admin2"), kDone, ""},
        {"code given by the caller", code_of("caller"), ErrorReason::kSegregation, "another"},
        ForUser(v1::USER_STATE_ACTIVE, "", kWrongState, "is ACTIVE: no"),
        {"DISABLED",
         [](RecordsInState& records, const std::string&) {
           return Named("user_id", records.User(v1::USER_STATE_DISABLED, "admin2"));
         },
         kWrongState, "DISABLED"},
        Always("user_id: '$USER'", ErrorReason::kSegregation)}},
      {"AccessService/DisableUser",
       "A",
       {ForUser(v1::USER_STATE_PROPOSED, reason), ForUser(v1::USER_STATE_INITIAL, reason),
        ForUser(v1::USER_STATE_ACTIVE, reason), ForUser(v1::USER_STATE_LOCKED, reason),
        ForUser(v1::USER_STATE_DISABLED, reason, kWrongState, "is DISABLED: it has ended")}},
      {"AccessService/UnlockUser",
       "A",
       {ForUser(v1::USER_STATE_LOCKED, code + reason),
        ForUser(v1::USER_STATE_ACTIVE, code + reason),
        ForUser(v1::USER_STATE_INITIAL, code + reason),
        ForUser(v1::USER_STATE_PROPOSED, code + reason),
        ForUser(v1::USER_STATE_DISABLED, code + reason, kWrongState, "is DISABLED: it has ended"),
        Always("user_id: '$USER' " + code + reason, ErrorReason::kSegregation)}},
      {"AccessService/ListUsers", "AUQ", {Always("")}},
      {"AccessService/EnrolTerminal",
       "A",
       {{"name never used", enrol(v1::TERMINAL_STATE_UNSPECIFIED), kDone, ""},
        {"REVOKED", enrol(v1::TERMINAL_STATE_REVOKED), kDone, ""},
        {"ENROLLED", enrol(v1::TERMINAL_STATE_ENROLLED), ErrorReason::kAlreadyExists, "enrolled"}}},
      {"AccessService/RevokeTerminal",
       "A",
       {{"ENROLLED", revoke(v1::TERMINAL_STATE_ENROLLED), kDone, ""},
        {"REVOKED", revoke(v1::TERMINAL_STATE_REVOKED), ErrorReason::kNotFound, "enrolled"}}},
  };
}

std::string MethodText(const std::string& id, int version) {
  return "method { method_id: '" + id + "' version: " + std::to_string(version) + R"(
      name_en: "pH" name_zh: "pH值" panel: "PH2" assay: "generic_value"
      validation_state: VALIDATION_STATE_CONFIRMED
      outputs { line_code: "PH2" input: "PH2" input_unit: "[pH]" replicates_min: 1
                replicates_max: 1 combination: COMBINATION_MEAN }
      repeat_invalid_budget: 1 clause: "in-house" source: "test" effective_date: "2026-04-02" })";
}

std::string SpecificationText(const std::string& product, int revision) {
  return "text { product { product_id: '" + product +
         "' name_en: 'Product' name_zh: '产品' } specification { product_id: '" + product +
         "' revision: " + std::to_string(revision) + R"(
        title_en: "T" title_zh: "标题" basis: "test" effective_date: "2026-04-02" }
      lines { line_code: "PH" number: "1" name_en: "pH" name_zh: "pH值" panel: "PH"
        method_id: "M-PH" result_kind: RESULT_KIND_DECIMAL
        criteria { upper { operator: OPERATOR_INCLUSIVE value: "7.6" } }
        unit: "[pH]" decimals: 1 rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED
        plausible_min: "4.0" plausible_max: "10.0"
        gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        verdict_mode: VERDICT_MODE_JUDGED clause: "in-house" source: "test" } })";
}

std::vector<MethodCase> CatalogueCases() {
  const auto import_method = [](v1::VersionState state, int version) {
    return [=](RecordsInState& records, const std::string&) {
      const bool is_new = state == v1::VERSION_STATE_UNSPECIFIED;
      const std::string text =
          MethodText(is_new ? records.NewName("M-") : records.Method(state), version);
      if (state != v1::VERSION_STATE_DRAFT) return text;
      return text + " etag: " + std::to_string(records.method_etag());
    };
  };
  const auto import_specification = [](v1::VersionState state, int revision) {
    return [=](RecordsInState& records, const std::string&) {
      return SpecificationText(state == v1::VERSION_STATE_UNSPECIFIED
                                   ? records.NewName("P-")
                                   : records.Specification(state),
                               revision);
    };
  };
  const auto submit = [](bool method, v1::VersionState state, ErrorReason outcome) {
    return StateCase{
        Short(v1::VersionState_Name(state)),
        [=](RecordsInState& records, const std::string&) {
          return method ? Named("method_id", records.Method(state)) + "version: 1"
                        : Named("product_id", records.Specification(state)) + "revision: 1";
        },
        outcome, outcome == kDone ? "" : Short(v1::VersionState_Name(state)) + ": only a draft"};
  };
  const auto invalid = ErrorReason::kInvalidArgument;
  std::vector<MethodCase> cases = {
      {"CatalogueService/ImportMethod",
       "M",
       {{"first version", import_method(v1::VERSION_STATE_UNSPECIFIED, 1), kDone, ""},
        {"a DRAFT", import_method(v1::VERSION_STATE_DRAFT, 1), kDone, ""},
        {"SUBMITTED", import_method(v1::VERSION_STATE_SUBMITTED, 1), invalid, "next version"},
        {"APPROVED", import_method(v1::VERSION_STATE_APPROVED, 1), invalid, "next version"},
        {"after APPROVED", import_method(v1::VERSION_STATE_APPROVED, 2), kDone, ""}}},
      {"CatalogueService/ImportSpecification",
       "M",
       {{"first revision", import_specification(v1::VERSION_STATE_UNSPECIFIED, 1), kDone, ""},
        {"APPROVED", import_specification(v1::VERSION_STATE_APPROVED, 1), invalid, "next revision"},
        {"after APPROVED", import_specification(v1::VERSION_STATE_APPROVED, 2), kDone, ""}}},
      {"CatalogueService/ListMethods", kLaboratory, {Always("")}},
      {"CatalogueService/GetMethod", kLaboratory, {Always("method_id: 'M-PH'")}},
      {"CatalogueService/ListSpecifications", kLaboratory, {Always("")}},
      {"CatalogueService/GetSpecification", kLaboratory, {Always("product_id: 'P'")}},
      {"CatalogueService/ListAssays", kLaboratory, {Always("")}},
      {"CatalogueService/ComputeAssay",
       "TS",
       {Always("assay: 'generic_value' file_name: 'ph.csv' "
               "content: 'line,replicate,value,unit\\nPH,1,7.0,[pH]\\n'")}},
  };
  for (const bool method : {true, false}) {
    cases.push_back(
        {method ? "CatalogueService/SubmitMethod" : "CatalogueService/SubmitSpecification",
         "M",
         {submit(method, v1::VERSION_STATE_DRAFT, kDone),
          submit(method, v1::VERSION_STATE_SUBMITTED, kWrongState),
          submit(method, v1::VERSION_STATE_APPROVED, kWrongState)}});
  }
  return cases;
}

std::vector<MethodCase> LotCases() {
  const std::string made = "manufacture_time: '2026-02-01T08:00:00+08:00' ";
  const std::string lot_of_p = "kind: LOT_KIND_DRUG_PRODUCT product_id: 'P' expiry: '2027-02' ";
  const auto confirm = [made](v1::Disposition disposition, const std::string& confirmed_by,
                              const std::string& registered_by) {
    return [=](RecordsInState& records, const std::string& caller) {
      return Named("lot_id", records.Lot(disposition, v1::LOT_KIND_DRUG_PRODUCT, confirmed_by,
                                         registered_by == "caller" ? caller : registered_by)) +
             made;
    };
  };
  const auto of_lot = [](const std::string& rest) {
    return [rest](RecordsInState& records) { return Named("lot_id", records.lot()) + rest; };
  };
  const auto plan = [](const std::string& purpose) {
    return [purpose](RecordsInState& records) {
      return Named("sample_id", records.NewName("S-")) + Named("lot_id", records.lot()) +
             "purpose: PURPOSE_" + purpose +
             " sampling_point: 'DP' amount { value: '1' unit: 'mL' }";
    };
  };
  const auto sample = [](const std::string& rest) {
    return [rest](const std::string& id) { return Named("sample_id", id) + rest; };
  };
  const std::string aliquot =
      "aliquot_id: '$PART' container: '2' storage: 'R3' amount { value: '0.5' unit: 'mL' }";
  const auto kept = [](const std::string& custodian, const std::string& handed_to,
                       const std::string& more, ErrorReason outcome = kDone,
                       const std::string& says = "") {
    return StateCase{
        "with " + custodian + ", to " + handed_to,
        [=](RecordsInState& records, const std::string& caller) {
          std::string text = more;
          if (const auto at = text.find("$PART"); at != std::string::npos) {
            text.replace(at, 5, records.NewName("P-"));
          }
          const auto person = [&](const std::string& name) {
            return name == "caller" ? caller : name;
          };
          return Named("sample_id", records.Kept(person(custodian), person(handed_to))) + text;
        },
        outcome, says};
  };
  const std::string certificate =
      "issuer: 'Reference laboratory' certificate_number: 'C-9' issued_date: '2026-02-15' "
      "lines: 'PH' ";
  const auto confirm_certificate = [certificate](
                                       const std::string& name, const std::string& entered_by,
                                       const std::string& confirmed_by, ErrorReason outcome = kDone,
                                       const std::string& says = "") {
    return StateCase{name,
                     [=](RecordsInState& records, const std::string& caller) {
                       records.Certificate(entered_by == "caller" ? caller : entered_by,
                                           confirmed_by);
                       return Named("lot_id", records.lot()) + certificate;
                     },
                     outcome, says};
  };
  return {
      {"LotService/RegisterLot",
       "TSQ",
       {{"number never used",
         [=](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.NewName("L-")) + lot_of_p + made;
         },
         kDone, ""},
        {"number used",
         [=](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_VOIDED)) + lot_of_p + made;
         },
         ErrorReason::kAlreadyExists, "registered"}}},
      {"LotService/ConfirmLot",
       "TSQ",
       {{"QUARANTINE", confirm(v1::DISPOSITION_QUARANTINE, "", "other2"), kDone, ""},
        {"confirmed", confirm(v1::DISPOSITION_QUARANTINE, "other1", "other2"), kWrongState,
         "confirmed already"},
        {"VOIDED", confirm(v1::DISPOSITION_VOIDED, "", "other2"), kWrongState, "quarantine"},
        {"REJECTED", confirm(v1::DISPOSITION_REJECTED, "", "other2"), kWrongState, "quarantine"},
        {"registered by the caller", confirm(v1::DISPOSITION_QUARANTINE, "", "caller"),
         ErrorReason::kSegregation, "another person"}}},
      {"LotService/VoidLot", "Q",
       Joined(ForDispositions(of_lot("reason: 'registered twice'"),
                              [](v1::Disposition disposition) {
                                return disposition == v1::DISPOSITION_QUARANTINE
                                           ? ""
                                           : "before its first sample";
                              }),
              {{"QUARANTINE with a sample",
                [](RecordsInState& records, const std::string&) {
                  records.Lot(v1::DISPOSITION_QUARANTINE);
                  records.Sample(v1::SAMPLE_STATE_PLANNED);
                  return Named("lot_id", records.lot()) + "reason: 'registered twice'";
                },
                kWrongState, "before its first sample"}})},
      {"LotService/ListLots", kLaboratory, {Always("")}},
      {"LotService/GetLot", kLaboratory, ForDispositions(of_lot(""), [](auto) { return ""; })},
      {"LotService/GetBlockers", kLaboratory, ForDispositions(of_lot(""), [](auto) { return ""; })},
      {"LotService/WatchLot", kLaboratory, ForDispositions(of_lot(""), [](auto) { return ""; })},
      {"LotService/PlanSample", "TS",
       Joined(ForDispositions(plan("RELEASE"),
                              [](v1::Disposition disposition) -> std::string {
                                if (disposition == v1::DISPOSITION_VOIDED) return "VOIDED";
                                if (disposition == v1::DISPOSITION_REJECTED) return "REJECTED";
                                return "";
                              }),
              {{"not confirmed",
                [plan](RecordsInState& records, const std::string&) {
                  records.Lot(v1::DISPOSITION_QUARANTINE, v1::LOT_KIND_DRUG_PRODUCT, "");
                  return plan("RELEASE")(records);
                },
                kWrongState, "second person confirms"},
               {"not confirmed, in training",
                [plan](RecordsInState& records, const std::string&) {
                  records.Lot(v1::DISPOSITION_QUARANTINE, v1::LOT_KIND_DRUG_PRODUCT, "");
                  return plan("TRAINING")(records);
                },
                kDone, ""}})},
      {"LotService/CancelSample", "TS",
       ForSamples(v1::SAMPLE_STATE_PLANNED, sample("reason: 'planned twice'"))},
      {"LotService/TakeSample", "TS",
       ForSamples(v1::SAMPLE_STATE_PLANNED, sample("taken_time: '2026-02-02T08:00:00+08:00'"))},
      {"LotService/ReceiveSample", "S",
       ForSamples(v1::SAMPLE_STATE_TAKEN, sample("condition: 'frozen, seal intact'"))},
      {"LotService/RejectSample", "S",
       ForSamples(v1::SAMPLE_STATE_TAKEN, sample("reason: 'seal broken'"))},
      {"LotService/AliquotSample",
       "TS",
       {kept("caller", "", aliquot),
        kept("other1", "", aliquot, ErrorReason::kSegregation, "is in the keeping of other1")}},
      {"LotService/ThawSample", "TS",
       ForSamples(v1::SAMPLE_STATE_RECEIVED, sample("thawed_time: '2026-02-03T08:00:00+08:00'"))},
      {"LotService/HandOverSample",
       "TS",
       {kept("caller", "", "to_user: 'tech2' condition: 'frozen'"),
        kept("other1", "", "to_user: 'tech2' condition: 'frozen'", ErrorReason::kSegregation,
             "is in the keeping of other1")}},
      {"LotService/AcceptSample",
       "TS",
       {kept("other1", "caller", "condition: 'frozen'"),
        kept("other1", "other2", "condition: 'frozen'", ErrorReason::kSegregation, "only that"),
        kept("other1", "", "condition: 'frozen'", kWrongState, "handed over to nobody")}},
      {"LotService/RetainSample", "TS",
       ForSamples(v1::SAMPLE_STATE_RECEIVED, sample("storage: 'R3'"))},
      {"LotService/DisposeSample",
       "S",
       {kept("caller", "", "reason: 'autoclaved'"),
        kept("other1", "", "reason: 'autoclaved'", ErrorReason::kSegregation,
             "is in the keeping of other1"),
        {"PLANNED",
         [sample](RecordsInState& records, const std::string&) {
           records.Lot(v1::DISPOSITION_QUARANTINE);
           return sample("reason: 'autoclaved'")(records.Sample(v1::SAMPLE_STATE_PLANNED));
         },
         kWrongState, "PLANNED"}}},
      {"LotService/TranscribeCertificate",
       "TS",
       {{"bank",
         [certificate](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_QUARANTINE, v1::LOT_KIND_MCB)) +
                  certificate + "scan { content: 'scan' }";
         },
         kDone, ""},
        {"no bank",
         [certificate](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_QUARANTINE)) + certificate +
                  "scan { content: 'scan' }";
         },
         kWrongState, "is no bank"}}},
      {"LotService/ConfirmCertificate",
       "TS",
       {confirm_certificate("of one entry", "other1", ""),
        confirm_certificate("of the caller", "caller", "", ErrorReason::kSegregation, "first"),
        confirm_certificate("of two entries", "other1", "other2", kWrongState,
                            "confirmed already")}},
      {"LotService/ReadCertificate",
       kLaboratory,
       {{"of one entry",
         [](RecordsInState& records, const std::string&) {
           records.Certificate("other1", "");
           return Named("lot_id", records.lot()) +
                  Named("sha256", HexEncode(Sha256(RecordsInState::kScan)));
         },
         kDone, ""}}},
      {"LotService/GetSample",
       kLaboratory,
       {{"any state",
         [](RecordsInState& records, const std::string&) {
           records.Lot(v1::DISPOSITION_QUARANTINE);
           return Named("sample_id", records.Sample(v1::SAMPLE_STATE_PLANNED));
         },
         kDone, ""}}},
  };
}

std::vector<MethodCase> RunCases() {
  const auto create = [](const std::string& method, const std::string& sample) {
    return Named("method_id", method) +
           "positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' " +
           Named("sample_id", sample) + "}";
  };
  const std::string value =
      "panel: 'PH' entries { input: 'PH' replicate: 1 value { value: '7.2' unit: '[pH]' } } ";
  // Neither is tested for release any more once its fate is decided.
  const auto decided = [](v1::Disposition disposition) {
    return disposition == v1::DISPOSITION_QUARANTINE ||
                   disposition == v1::DISPOSITION_CONDITIONALLY_RELEASED
               ? ""
               : Short(v1::Disposition_Name(disposition));
  };
  const auto create_for_sample = [create](RecordsInState& records) {
    return create("M-PH", records.Sample(v1::SAMPLE_STATE_RECEIVED));
  };
  const auto submit_for_sample = [value](RecordsInState& records) {
    return Named("sample_id", records.Sample(v1::SAMPLE_STATE_RECEIVED)) +
           Named("lot_id", records.lot()) + value;
  };
  const auto unconfirmed = [](const std::function<std::string(RecordsInState&)>& request) {
    return StateCase{"not confirmed",
                     [request](RecordsInState& records, const std::string&) {
                       records.Lot(v1::DISPOSITION_QUARANTINE, v1::LOT_KIND_DRUG_PRODUCT, "");
                       return request(records);
                     },
                     kWrongState, "second person confirms"};
  };
  const std::string amend = value +
                            "reason_code: AMENDMENT_REASON_TYPING_ERROR reason: 'typed wrongly' "
                            "evidence { content: 'scan' }";
  const auto amendment = [](v1::AmendmentState state, const std::string& proposed_by,
                            const std::string& more, ErrorReason outcome = kDone,
                            const std::string& says = "") {
    return StateCase{Short(v1::AmendmentState_Name(state)) + " by " + proposed_by,
                     [=](RecordsInState& records, const std::string& caller) {
                       records.Typed();
                       records.Amendment(state, proposed_by == "caller" ? caller : proposed_by);
                       return Named("lot_id", records.lot()) + "number: 1 " + more;
                     },
                     outcome, says};
  };
  const auto look = [](v1::RunState state, const std::string& user, const std::string& cleared_by,
                       ErrorReason outcome = kDone, const std::string& says = "") {
    return StateCase{"run " + Short(v1::RunState_Name(state)) + ", by " + user,
                     [=](RecordsInState& records, const std::string& caller) {
                       records.Look(state, user == "caller" ? caller : user, cleared_by);
                       return Named("lot_id", records.lot()) + "number: 1 reason: 'rehearsal'";
                     },
                     outcome, says};
  };
  std::vector<StateCase> submit_result = ForDispositions(submit_for_sample, decided);
  submit_result.push_back(unconfirmed(submit_for_sample));
  for (StateCase& state : ForSamples(v1::SAMPLE_STATE_RECEIVED, [value](const std::string& sample) {
         return Named("sample_id", sample) + value;
       })) {
    submit_result.push_back(
        {"sample " + state.name,
         [request = state.request](RecordsInState& records, const std::string& caller) {
           const std::string text = request(records, caller);
           return text + Named("lot_id", records.lot());
         },
         state.outcome, state.says});
  }
  std::vector<StateCase> create_run =
      Joined(ForSamples(v1::SAMPLE_STATE_RECEIVED,
                        [create](const std::string& sample) { return create("M-PH", sample); }),
             ForDispositions(create_for_sample, decided));
  create_run.push_back(unconfirmed(create_for_sample));
  for (const v1::VersionState state : {v1::VERSION_STATE_DRAFT, v1::VERSION_STATE_SUBMITTED}) {
    create_run.push_back({"method " + Short(v1::VersionState_Name(state)),
                          [create, state](RecordsInState& records, const std::string&) {
                            records.Lot(v1::DISPOSITION_QUARANTINE);
                            const std::string method = records.Method(state);
                            return create(method, records.Sample(v1::SAMPLE_STATE_RECEIVED));
                          },
                          kWrongState, "in force"});
  }
  const std::string file = "file_name: 'ph.csv' content: 'line,replicate,value,unit\\nPH,1,7,\\n'";
  return {
      {"RunService/CreateRun", "TS", create_run},
      {"RunService/RecordReading", "TS",
       ForRuns("observed_time: '2026-02-28T12:00:00Z' entries { position: '1' target: 'PH' "
               "value { value: '7.0' unit: '[pH]' } }",
               "only an open run is", false)},
      // The bytes "abc" with their SHA-256.
      {"RunService/UploadRaw",
       "TS",
       {Always("sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' "
               "size_bytes: 3 chunk: 'abc'")}},
      {"RunService/ImportRaw", "TS", {Always(file)}},
      {"RunService/SubmitRun", "TS", ForRuns("", "only an open run is")},
      {"RunService/ClearLateReadings",
       "Q",
       {{"a late reading",
         [](RecordsInState& records, const std::string&) {
           return Named("run_id", records.Run(v1::RUN_STATE_OPEN, "terminal was down")) +
                  "reason: 'bench sheet seen' numbers: 1";
         },
         kDone, ""},
        {"no late reading",
         [](RecordsInState& records, const std::string&) {
           return Named("run_id", records.Run(v1::RUN_STATE_OPEN)) + "reason: 'bench sheet seen'";
         },
         kWrongState, "no late reading"}}},
      {"RunService/ListWork", kLaboratory, {Always("")}},
      {"RunService/ReadRunFile",
       kLaboratory,
       {{"copied values",
         [](RecordsInState& records, const std::string&) {
           return Named("run_id", records.Copied()) +
                  Named("sha256", HexEncode(Sha256(RecordsInState::kScan)));
         },
         kDone, ""}}},
      {"RunService/AbortRun", "S", ForRuns("reason: 'incubator failed'", "only an open run is")},
      {"RunService/SubmitResult", "TS", submit_result},
      {"RunService/ReenterResult",
       "TS",
       {{"copied values",
         [value](RecordsInState& records, const std::string&) {
           records.Copied();
           return Named("lot_id", records.lot()) + value;
         },
         kDone, ""},
        {"copied by the caller",
         [value](RecordsInState& records, const std::string& caller) {
           records.Copied(caller);
           return Named("lot_id", records.lot()) + value;
         },
         ErrorReason::kSegregation, "another person"},
        {"no copied values",
         [value](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_QUARANTINE)) + value;
         },
         kWrongState, "wait for a second entry"}}},
      {"RunService/AmendResult",
       "TS",
       {{"typed",
         [amend](RecordsInState& records, const std::string&) {
           records.Typed();
           return Named("lot_id", records.lot()) + amend;
         },
         kDone, ""},
        {"no result",
         [amend](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_QUARANTINE)) + amend;
         },
         kWrongState, "has no result"},
        {"RELEASED",
         [amend](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_RELEASED)) + amend;
         },
         kWrongState, "RELEASED"}}},
      {"RunService/ConfirmAmendment",
       "TS",
       {amendment(v1::AMENDMENT_STATE_PROPOSED, "other1", ""),
        amendment(v1::AMENDMENT_STATE_PROPOSED, "caller", "", ErrorReason::kSegregation,
                  "another person"),
        amendment(v1::AMENDMENT_STATE_CONFIRMED, "other1", "", kWrongState, "CONFIRMED"),
        amendment(v1::AMENDMENT_STATE_DECLINED, "other1", "", kWrongState, "DECLINED")}},
      {"RunService/DeclineAmendment",
       "TS",
       {amendment(v1::AMENDMENT_STATE_PROPOSED, "caller", "reason: 'not so'"),
        amendment(v1::AMENDMENT_STATE_CONFIRMED, "other1", "reason: 'not so'", kWrongState,
                  "CONFIRMED")}},
      {"RunService/ClearLook",
       "Q",
       {look(v1::RUN_STATE_ABORTED, "other1", ""),
        look(v1::RUN_STATE_OPEN, "other1", "", kWrongState, "is still open"),
        look(v1::RUN_STATE_ABORTED, "other1", "qa2", kWrongState, "cleared already"),
        look(v1::RUN_STATE_ABORTED, "caller", "", ErrorReason::kSegregation, "another person")}},
      {"RunService/SubmitResults", "TS", {Always("items { request_id: 'none' }")}},
      {"RunService/GetRun",
       kLaboratory,
       {{"any state",
         [](RecordsInState& records, const std::string&) {
           return Named("run_id", records.Run(v1::RUN_STATE_OPEN));
         },
         kDone, ""}}},
      {"RunService/ListResults",
       kLaboratory,
       {{"any state",
         [](RecordsInState& records, const std::string&) {
           return Named("lot_id", records.Lot(v1::DISPOSITION_QUARANTINE));
         },
         kDone, ""}}},
  };
}

std::vector<MethodCase> AuditAndSystemCases() {
  const auto step = [](const std::string& administrator, const std::string& qa) {
    return [=](RecordsInState& records, const std::string&) {
      return "number: " + records.ClockStep(administrator, qa) + " reason: 'the radio clock'";
    };
  };
  return {
      {"AuditService/ListEvents", "UQRSP", {Always("")}},
      {"AuditService/GetCheckpoint", kEveryone, {Always("")}},
      {"AuditService/ProveEvent", "UQ", {Always("index: 3")}},
      {"AuditService/ExportLot", "UQ",
       ForDispositions([](RecordsInState& records) { return Named("lot_id", records.lot()); },
                       [](auto) { return ""; })},
      {"SystemService/GetServerInfo", kEveryone, {Always("")}},
      {"SystemService/ListPermissions", "UQA", {Always("")}},
      {"SystemService/ConfirmClock",
       "AQ",
       {{"confirmed by nobody", step("", ""), kDone, ""},
        {"confirmed by both", step("other1", "other2"), kWrongState, "confirmed already"}}},
  };
}

}  // namespace

std::vector<MethodCase> MethodCases() {
  std::vector<MethodCase> all;
  for (auto* make : {AccessCases, CatalogueCases, LotCases, RunCases, AuditAndSystemCases}) {
    for (MethodCase& each : make()) {
      all.push_back(std::move(each));
    }
  }
  return all;
}

}  // namespace lims::rpc
