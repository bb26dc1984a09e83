#include "app/looks.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "app/judging.h"
#include "app/look_records.h"
#include "assay/entries.h"
#include "assay/registry.h"
#include "assay/virus_panel.h"
#include "base/encoding.h"
#include "base/message_limits.h"
#include "base/sha256.h"
#include "instrument/registry.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

// Without a run map the roles come from the file's own words for them.
v1::PositionRole RoleOf(const v1::RawRow& row) {
  static const std::pair<std::string_view, v1::PositionRole> words[] = {
      {"STANDARD", v1::POSITION_ROLE_STANDARD},
      {"NTC", v1::POSITION_ROLE_NTC},
      {"NO_RT", v1::POSITION_ROLE_NO_RT},
      {"EXTRACTION_BLANK", v1::POSITION_ROLE_EXTRACTION_BLANK},
      {"POSITIVE_CONTROL", v1::POSITION_ROLE_POSITIVE_CONTROL},
      {"PROCESS_CONTROL", v1::POSITION_ROLE_PROCESS_CONTROL},
      {"NEGATIVE_CONTROL", v1::POSITION_ROLE_NEGATIVE_CONTROL},
      {"REFERENCE", v1::POSITION_ROLE_REFERENCE},
      {"P", v1::POSITION_ROLE_STIMULATED},
      {"N", v1::POSITION_ROLE_UNSTIMULATED},
      {"BLANK", v1::POSITION_ROLE_BLANK},
  };
  for (const auto& [word, role] : words) {
    if (row.task() == word || (row.task().empty() && row.name() == word)) return role;
  }
  return v1::POSITION_ROLE_SAMPLE;
}

bool Takes(const v1::Method& method, std::string_view format) {
  return std::find(method.formats().begin(), method.formats().end(), format) !=
         method.formats().end();
}

struct Look {
  std::string format;
  v1::RawData data;
};

Result<Look> Parse(const std::string& content, const std::string& format,
                   const std::string& file_name) {
  if (content.size() > kMaxLoneFileBytes) {
    return MakeError(ErrorReason::kTooLarge, "a look takes at most 900 KiB");
  }
  LIMS_ASSIGN_OR_RETURN(const instrument::Importer* importer,
                        instrument::FindImporter(format, content, file_name));
  Look look;
  look.format = importer->format;
  LIMS_ASSIGN_OR_RETURN(look.data, importer->parse(content));
  return look;
}

// The codes of the parameter "codes", best first, which is taken out: a method has them in its
// outputs.
std::vector<std::string> TakeCodes(v1::Method* method) {
  std::vector<std::string> codes;
  auto& parameters = *method->mutable_parameters();
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [](const auto& each) { return each.name() == "codes"; });
  if (found == parameters.end()) return codes;
  std::istringstream text(found->value());
  for (std::string code; std::getline(text, code, ',');) codes.push_back(code);
  parameters.erase(found);
  return codes;
}

// An output for each line of the file. Only a method knows which observation is worse than another:
// where a line has several, the look must say so.
Result<void> AddTypedOutputs(const v1::RawData& data, v1::Method* method) {
  const bool observed = method->assay() == "generic_observation";
  const std::vector<std::string> ranked = observed ? TakeCodes(method) : std::vector<std::string>();
  std::map<std::string, std::set<std::string>> seen;  // codes by line
  for (const v1::RawRow& row : data.rows()) {
    const auto [line, is_new] = seen.try_emplace(row.target());
    if (observed) line->second.insert(row.value().value());
    if (!is_new) continue;
    v1::MethodOutput* output = method->add_outputs();
    output->set_line_code(row.target());
    output->set_input(row.target());
    output->set_replicates_min(1);
    output->set_combination(observed ? v1::COMBINATION_WORST : v1::COMBINATION_MEAN);
    if (!observed) output->set_input_unit(row.value().unit());
  }
  for (v1::MethodOutput& output : *method->mutable_outputs()) {
    const std::set<std::string>& codes = seen[output.line_code()];
    if (ranked.empty() && codes.size() > 1) {
      return InvalidArgument("parameters.codes",
                             output.line_code() +
                                 " has several observations: give the codes from "
                                 "best to worst with --param codes=A,B,C");
    }
    if (ranked.empty()) {
      output.mutable_codes()->Add(codes.begin(), codes.end());
    } else {
      output.mutable_codes()->Add(ranked.begin(), ranked.end());
    }
  }
  return {};
}

// Before anything of the file is told.
Result<v1::Role> RequireRole(Site& site, const Call& call) {
  return site.store().Read([&](storage::Records& records) { return RoleForRead(records, call); });
}

// Records the look, with the lots whose open runs it concerns, and gives its receipt.
Result<v1::Receipt> Record(Site& site, const Call& call, const google::protobuf::Message& request,
                           const std::string& request_id,
                           std::vector<std::pair<std::string, std::string>> details,
                           const Looked& looked) {
  LIMS_ASSIGN_OR_RETURN(std::string fingerprint, Fingerprint(call.method, request));
  LIMS_ASSIGN_OR_RETURN(
      const storage::RecordedAct act,
      site.writer().Execute(InfoOf(call, v1::ACT_LOOK, request_id, std::move(fingerprint)),
                            [&](storage::Transaction& tx) -> Result<void> {
                              LIMS_RETURN_IF_ERROR(Authorise(tx, call));
                              tx.Note(site.AccessStream(tx.now()), details);
                              return RecordLooks(tx, call.user_id,
                                                 site.record().zone_offset_minutes(), looked);
                            }));
  v1::ComputeAssayResponse response;
  FillResponse(act, &response);
  return response.receipt();
}

}  // namespace

Result<v1::ComputeAssayResponse> ComputeAssay(Site& site, const Call& call,
                                              const v1::ComputeAssayRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireRole(site, call));
  const assay::Calculator* calculator = assay::FindAssay(request.assay());
  if (calculator == nullptr) {
    return InvalidArgument("assay",
                           "there is no calculator " + request.assay() + ": see lims assay list");
  }
  if (calculator->formats.empty()) {
    return InvalidArgument("assay", request.assay() +
                                        " reads no file: it is judged from the readings of a run, "
                                        "lims run create, then lims run read");
  }
  LIMS_ASSIGN_OR_RETURN(const Look look,
                        Parse(request.content(), request.format(), request.file_name()));
  v1::AssayInput input;
  v1::Method& method = *input.mutable_method();
  method.set_method_id("look");
  method.set_version(1);
  method.set_assay(request.assay());
  *method.mutable_parameters() = request.parameters();
  std::vector<std::string> places;
  std::set<std::string> targets;
  for (const v1::RawRow& row : look.data.rows()) {
    v1::Datum* datum = input.add_data();
    datum->set_plate(row.plate());
    datum->set_position(row.position());
    datum->set_role(RoleOf(row));
    if (datum->role() == v1::POSITION_ROLE_SAMPLE) {
      datum->set_sample_id(row.name().empty() ? "sample" : row.name());
    }
    datum->set_name(row.name());
    datum->set_target(row.target());
    datum->set_replicate(row.replicate());
    *datum->mutable_value() = row.value();
    datum->set_undetermined(row.undetermined());
    datum->set_dose(row.dose());
    datum->set_quantity(row.quantity());
    datum->set_vendor_quantity(row.vendor_quantity());
    datum->set_description(row.description());
    datum->set_line(row.line());
    datum->set_vendor_call(row.call());
    targets.insert(row.target());
    places.push_back("line " + std::to_string(row.line()));
  }
  if (look.format == "panel_csv") {
    LIMS_RETURN_IF_ERROR(AddTypedOutputs(look.data, &method));
  } else if (method.assay() == "virus_panel") {
    assay::AddVirusPanelOutputs(targets, &method);
  } else {
    method.add_outputs()->set_line_code(request.assay());
  }
  *input.mutable_properties() = look.data.properties();
  auto violations = assay::CheckParameters(method);
  Append(assay::CheckData(method, input.data(), places), &violations);
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  v1::ComputeAssayResponse response;
  *response.mutable_computation() = assay::Compute(input);
  Looked looked;
  looked.assay = request.assay();
  looked.content_sha256 = HexEncode(Sha256(request.content()));
  looked.outcome = response.computation().outcome();
  // The bytes of one assay may be looked at as those of another.
  looked.concerns = [&](const v1::Run& run, const v1::Method& of_run) {
    return run.assay() == request.assay() || Takes(of_run, look.format);
  };
  std::vector<std::pair<std::string, std::string>> details = {
      {"assay", request.assay()},
      {"content_sha256", looked.content_sha256},
      {"outcome", v1::EnumWord(response.computation().outcome())}};
  for (const v1::NamedValue& parameter : request.parameters()) {
    details.emplace_back("parameter." + parameter.name(), parameter.value());
  }
  LIMS_ASSIGN_OR_RETURN(
      *response.mutable_receipt(),
      Record(site, call, request, request.request_id(), std::move(details), looked));
  return response;
}

Result<v1::ImportRawResponse> ImportRaw(Site& site, const Call& call,
                                        const v1::ImportRawRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireRole(site, call));
  LIMS_ASSIGN_OR_RETURN(Look look, Parse(request.content(), request.format(), request.file_name()));
  Looked looked;
  looked.assay = look.format;
  looked.content_sha256 = HexEncode(Sha256(request.content()));
  looked.concerns = [&](const v1::Run&, const v1::Method& method) {
    return Takes(method, look.format);
  };
  v1::ImportRawResponse response;
  LIMS_ASSIGN_OR_RETURN(
      *response.mutable_receipt(),
      Record(site, call, request, request.request_id(),
             {{"format", look.format}, {"content_sha256", looked.content_sha256}}, looked));
  *response.mutable_data() = std::move(look.data);
  return response;
}

Result<v1::ListAssaysResponse> ListAssays(Site&, storage::Records&, const v1::ListAssaysRequest&) {
  v1::ListAssaysResponse response;
  for (const assay::Calculator& calculator : assay::Calculators()) {
    v1::AssayDescription* description = response.add_assays();
    description->set_assay(std::string(calculator.assay));
    description->set_version(std::string(calculator.version));
    description->set_description(std::string(calculator.description));
    for (const assay::Parameter& parameter : calculator.parameters) {
      v1::ParameterDescription* entry = description->add_parameters();
      entry->set_name(std::string(parameter.name));
      entry->set_meaning(std::string(parameter.meaning));
      entry->set_default_value(std::string(parameter.default_value));
    }
    for (const v1::PositionRole role : calculator.roles) description->add_roles(role);
    for (const std::string_view format : calculator.formats) {
      description->add_formats(std::string(format));
    }
  }
  return response;
}

}  // namespace lims::app
