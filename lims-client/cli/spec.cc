// lims spec import|submit|approve|list|show
#include "base/message_limits.h"
#include "cli/commands.h"
#include "cli/signing.h"
#include "cli/version_name.h"
#include "core/input_tables.h"
#include "core/render.h"
#include "core/shapes.h"
#include "lims/v1/catalogue_service.pb.h"

namespace lims::client {
namespace {

Result<v1::GetSpecificationResponse> ReadRevision(const Client& client, const std::string& text) {
  LIMS_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(text));
  v1::GetSpecificationRequest request;
  request.set_product_id(name.id);
  request.set_revision(name.version);
  return client.Read<v1::GetSpecificationResponse>(request);
}

// The revision that "PRODUCT" or "PRODUCT/REV" names; the newest without revision.
Result<VersionName> FindRevision(const Client& client, const std::string& text) {
  LIMS_ASSIGN_OR_RETURN(VersionName name, ParseVersionName(text));
  if (name.version > 0) return name;
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadRevision(client, text));
  name.version = response.text().specification().revision();
  return name;
}

Result<int> Import(Context& context, const std::string& file) {
  LIMS_ASSIGN_OR_RETURN(const std::string text, ReadInput("FILE", file, kMaxLoneFileBytes));
  v1::ImportSpecificationRequest request;
  LIMS_RETURN_IF_ERROR(ParseTextFile(file, text, request.mutable_text()));
  return WriteAndShow<v1::ImportSpecificationResponse>(context, request);
}

Result<int> Submit(Context& context, const std::string& text) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const VersionName name, FindRevision(*client, text));
  v1::SubmitSpecificationRequest request;
  request.set_product_id(name.id);
  request.set_revision(name.version);
  return WriteAndShow<v1::SubmitSpecificationResponse>(context, request);
}

Result<int> Approve(Context& context, const std::string& text, const SigningOptions& signing) {
  SignedAct act;
  act.meaning = v1::MEANING_APPROVE_SPECIFICATION;
  act.intent = [&text](Client& client) -> Result<v1::Intent> {
    LIMS_ASSIGN_OR_RETURN(const VersionName name, FindRevision(client, text));
    v1::Intent intent;
    intent.mutable_approve_specification()->set_product_id(name.id);
    intent.mutable_approve_specification()->set_revision(name.version);
    return intent;
  };
  if (!signing.manifest.empty()) {
    LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
    LIMS_ASSIGN_OR_RETURN(const VersionName name, FindRevision(*client, text));
    act.subject = "specification/" + name.id + "/" + std::to_string(name.version);
  }
  return RunSignedAct(context, signing, act);
}

Result<int> ListSpecifications(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadAll<v1::ListSpecificationsResponse>(
                                                 *client, v1::ListSpecificationsRequest()));
  std::vector<std::vector<std::string>> rows;
  for (const v1::Specification& head : response.specifications()) {
    rows.push_back({head.product_id(), std::to_string(head.revision()), EnumName(head.state()),
                    head.effective_date(), std::to_string(head.line_count()), head.title_en(),
                    head.title_zh(),
                    BeforeElectronicApproval(head.state(), head.paper_approval())});
  }
  return context.Show(ToJson(response), RenderTable({"PRODUCT", "REVISION", "STATE", "FROM",
                                                     "LINES", "TITLE", "TITLE ZH", "NOTE"},
                                                    rows));
}

std::string Side(const v1::Bound& bound, const std::string& operator_text) {
  if (bound.operator_() == v1::OPERATOR_UNSPECIFIED) return "";
  return operator_text + (bound.operator_() == v1::OPERATOR_INCLUSIVE ? "= " : " ") +
         (bound.fact().empty() ? bound.value() : "fact " + bound.fact());
}

std::string CriterionText(const v1::SpecificationLine& line) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += " and ";
    text += part;
  };
  for (const v1::Criterion& criterion : line.criteria()) {
    add(Side(criterion.lower(), ">"));
    add(Side(criterion.upper(), "<"));
    add(Joined(criterion.accepted_codes()));
  }
  return text.empty() ? EnumName(line.verdict_mode()) : text;
}

// "fresh_product = yes"; empty for a line of every lot.
std::string WhenText(const v1::Applicability& applicability) {
  return applicability.fact().empty() ? "" : applicability.fact() + " = " + applicability.value();
}

// "2, CHP_HALF_EVEN_ROUNDED"; empty for observations.
std::string RoundingText(const v1::SpecificationLine& line) {
  if (line.rounding() == v1::ROUNDING_RULE_UNSPECIFIED) return "";
  return std::to_string(line.decimals()) + ", " + EnumName(line.rounding());
}

// ">= 5, <= 9".
std::string RangeText(const std::string& min, const std::string& max) {
  std::string text = min.empty() ? "" : ">= " + min;
  if (!max.empty()) text += (text.empty() ? "<= " : ", <= ") + max;
  return text;
}

template <typename Gates>
std::string GateText(const Gates& gates) {
  std::string text;
  for (const v1::GateAssignment& gate : gates) {
    if (!text.empty()) text += "; ";
    text += EnumName(gate.gate()) + ":";
    for (int i = 0; i < gate.lot_kinds_size(); ++i) {
      text += (i == 0 ? "" : ",") + EnumName(gate.lot_kinds(i));
    }
  }
  return text;
}

std::string RenderSpecification(const v1::GetSpecificationResponse& response) {
  const v1::SpecificationText& text = response.text();
  const v1::Specification& head = text.specification();
  std::string out = RenderMessage(head);
  const std::string note = BeforeElectronicApproval(head.state(), head.paper_approval());
  if (!note.empty()) out += Printable(note) + "\n";
  std::vector<std::vector<std::string>> rows;
  for (const v1::SpecificationLine& line : text.lines()) {
    rows.push_back({line.number(), line.line_code(), CriterionText(line), line.unit_printed(),
                    line.unit(), WhenText(line.applicability()), RoundingText(line),
                    line.alert_below(), RangeText(line.plausible_min(), line.plausible_max()),
                    RangeText(line.possible_min(), line.possible_max()), GateText(line.gates()),
                    line.panel(), line.method_id(), line.name_en(), line.name_zh()});
  }
  out += "\n" + RenderTable({"NO", "LINE", "CRITERION", "UNIT", "UNIT CODE", "WHEN", "DECIMALS",
                             "ALERT BELOW", "PLAUSIBLE", "POSSIBLE", "GATES", "PANEL", "METHOD",
                             "NAME", "NAME ZH"},
                            rows);
  rows.clear();
  for (const v1::AttestationLine& line : text.attestations()) {
    rows.push_back({line.code(), EnumName(line.role()), GateText(line.gates()),
                    line.document_kind(), line.name_en(), line.name_zh()});
  }
  out += "\n" + RenderTable({"ATTESTATION", "ROLE", "GATES", "DOCUMENT", "NAME", "NAME ZH"}, rows);
  rows.clear();
  for (const v1::FactDefinition& fact : text.facts()) {
    rows.push_back({fact.fact(), EnumName(fact.type()), fact.unit(), fact.meaning()});
  }
  return out + "\n" + RenderTable({"FACT", "TYPE", "UNIT", "MEANING"}, rows);
}

Result<int> ShowSpecification(Context& context, const std::string& name) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadRevision(*client, name));
  return context.Show(ToJson(response), RenderSpecification(response));
}

}  // namespace

void AddSpecCommands(CLI::App& app, Context& context) {
  CLI::App* spec = AddNoun(app, "spec", "Products and their release specifications");
  const auto name = std::make_shared<std::string>();
  const auto add_name = [name](CLI::App* verb) {
    verb->add_option("PRODUCT", *name, "PRODUCT for the newest revision, or PRODUCT/REVISION")
        ->required();
  };

  CLI::App* import = spec->add_subcommand("import", "Import a revision as draft");
  import->add_option("FILE", *name, "Text of lims.v1.SpecificationText")->required();
  context.Bind(import, [=](Context& c) { return Import(c, *name); });

  CLI::App* submit = spec->add_subcommand("submit", "Hand a draft in for approval");
  add_name(submit);
  context.Bind(submit, [=](Context& c) { return Submit(c, *name); });

  const auto signing = std::make_shared<SigningOptions>();
  CLI::App* approve = spec->add_subcommand("approve", "Approve a revision (signed)");
  add_name(approve);
  AddSigningOptions(approve, signing.get());
  context.Bind(approve, [=](Context& c) { return Approve(c, *name, *signing); });

  context.Bind(spec->add_subcommand("list", "List revisions"),
               [](Context& c) { return ListSpecifications(c); });

  CLI::App* show = spec->add_subcommand("show", "Show a revision with its lines");
  add_name(show);
  context.Bind(show, [=](Context& c) { return ShowSpecification(c, *name); });
}

}  // namespace lims::client
