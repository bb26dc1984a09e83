// lims method import|submit|approve|list|show
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

// The version that "ID" or "ID/VERSION" names; the newest without version.
Result<v1::MethodVersion> FindVersion(const Client& client, const std::string& text) {
  LIMS_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(text));
  v1::MethodVersion version;
  version.set_method_id(name.id);
  version.set_version(name.version);
  if (name.version > 0) return version;
  v1::GetMethodRequest request;
  request.set_method_id(name.id);
  LIMS_ASSIGN_OR_RETURN(const auto response, client.Read<v1::GetMethodResponse>(request));
  version.set_version(response.method().version());
  return version;
}

// One line for each version, and one document for all.
class Shown {
 public:
  void Add(const v1::Method& method, const v1::Receipt& receipt) {
    methods_.push_back({{"method", ToJson(method)}, {"receipt", ToJson(receipt)}});
    text_ += method.method_id() + "/" + std::to_string(method.version()) + " " +
             EnumName(method.state()) + ", recorded at log index " +
             std::to_string(receipt.log_index()) + "\n";
  }
  int Show(const Context& context) const { return context.Show({{"methods", methods_}}, text_); }

 private:
  nlohmann::ordered_json methods_ = nlohmann::ordered_json::array();
  std::string text_;
};

// `etag` of the draft that the one file replaces; 0 for none.
Result<int> Import(Context& context, const std::vector<std::string>& files, std::int64_t etag) {
  LIMS_RETURN_IF_ERROR(context.RequireOneRequest(files.size()));
  if (etag != 0 && files.size() > 1) {
    return InvalidArgument("--etag", "is of one draft: import its file alone");
  }
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  std::vector<v1::ImportMethodRequest> requests;
  for (const std::string& file : files) {
    LIMS_ASSIGN_OR_RETURN(const std::string text, ReadInput("FILE", file, kMaxLoneFileBytes));
    v1::ImportMethodRequest& request = requests.emplace_back();
    LIMS_RETURN_IF_ERROR(ParseTextFile(file, text, request.mutable_method()));
    request.set_etag(etag);
  }
  Shown shown;
  for (const v1::ImportMethodRequest& request : requests) {
    LIMS_ASSIGN_OR_RETURN(const auto response, client->Write<v1::ImportMethodResponse>(request));
    shown.Add(response.method(), response.receipt());
  }
  return shown.Show(context);
}

Result<int> Submit(Context& context, const std::vector<std::string>& names) {
  LIMS_RETURN_IF_ERROR(context.RequireOneRequest(names.size()));
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  Shown shown;
  for (const std::string& name : names) {
    LIMS_ASSIGN_OR_RETURN(const v1::MethodVersion version, FindVersion(*client, name));
    v1::SubmitMethodRequest request;
    request.set_method_id(version.method_id());
    request.set_version(version.version());
    LIMS_ASSIGN_OR_RETURN(const auto response, client->Write<v1::SubmitMethodResponse>(request));
    shown.Add(response.method(), response.receipt());
  }
  return shown.Show(context);
}

Result<int> Approve(Context& context, const std::vector<std::string>& names,
                    const SigningOptions& signing) {
  if (names.empty() && signing.manifest.empty()) {
    return InvalidArgument("ID", "name the methods to approve, or a prepared manifest");
  }
  SignedAct act;
  act.meaning = v1::MEANING_APPROVE_METHOD;
  act.intent = [&names](Client& client) -> Result<v1::Intent> {
    v1::Intent intent;
    for (const std::string& name : names) {
      LIMS_ASSIGN_OR_RETURN(*intent.mutable_approve_method()->add_methods(),
                            FindVersion(client, name));
    }
    return intent;
  };
  return RunSignedAct(context, signing, act);
}

Result<int> ListMethods(Context& context) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        ReadAll<v1::ListMethodsResponse>(*client, v1::ListMethodsRequest()));
  std::vector<std::vector<std::string>> rows;
  for (const v1::Method& method : response.methods()) {
    rows.push_back({method.method_id(), std::to_string(method.version()), EnumName(method.state()),
                    EnumName(method.validation_state()), method.panel(), method.assay(),
                    method.effective_date(), method.name_en(), method.name_zh(),
                    BeforeElectronicApproval(method.state(), method.paper_approval())});
  }
  return context.Show(ToJson(response),
                      RenderTable({"METHOD", "VERSION", "STATE", "VALIDATION", "PANEL", "ASSAY",
                                   "FROM", "NAME", "NAME ZH", "NOTE"},
                                  rows));
}

Result<int> ShowMethod(Context& context, const std::string& text) {
  LIMS_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(text));
  v1::GetMethodRequest request;
  request.set_method_id(name.id);
  request.set_version(name.version);
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, client->Read<v1::GetMethodResponse>(request));
  const v1::Method& method = response.method();
  const std::string note = BeforeElectronicApproval(method.state(), method.paper_approval());
  return context.Show(ToJson(response),
                      RenderMessage(response) + (note.empty() ? "" : Printable(note) + "\n"));
}

}  // namespace

void AddMethodCommands(CLI::App& app, Context& context) {
  CLI::App* method = AddNoun(app, "method", "Test methods");
  const auto names = std::make_shared<std::vector<std::string>>();

  CLI::App* import = method->add_subcommand("import", "Import versions as drafts");
  import->add_option("FILE", *names, "Text of lims.v1.Method")->required();
  const auto etag = std::make_shared<std::int64_t>(0);
  import->add_option("--etag", *etag,
                     "Etag of the draft that the file replaces, from lims method show");
  context.Bind(import, [=](Context& c) { return Import(c, *names, *etag); });

  CLI::App* submit = method->add_subcommand("submit", "Hand drafts in for approval");
  submit->add_option("ID", *names, "ID of the newest version, or ID/VERSION")->required();
  context.Bind(submit, [=](Context& c) { return Submit(c, *names); });

  const auto signing = std::make_shared<SigningOptions>();
  CLI::App* approve = method->add_subcommand("approve", "Approve versions (signed)");
  approve->add_option("ID", *names, "ID of the newest version, or ID/VERSION");
  AddSigningOptions(approve, signing.get());
  context.Bind(approve, [=](Context& c) { return Approve(c, *names, *signing); });

  context.Bind(method->add_subcommand("list", "List versions"),
               [](Context& c) { return ListMethods(c); });

  const auto name = std::make_shared<std::string>();
  CLI::App* show = method->add_subcommand("show", "Show a version");
  show->add_option("ID", *name, "ID of the newest version, or ID/VERSION")->required();
  context.Bind(show, [=](Context& c) { return ShowMethod(c, *name); });
}

}  // namespace lims::client
