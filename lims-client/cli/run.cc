// lims run create|read|clear|submit|abort|show|files|worklist
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/message_limits.h"
#include "cli/commands.h"
#include "cli/plausibility.h"
#include "cli/run_view.h"
#include "core/files.h"
#include "core/input_tables.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {
namespace {

constexpr std::size_t kInlineTotalMax = std::size_t{512} << 10;  // of all files inside a request

struct CreateOptions {
  v1::CreateRunRequest request;
  std::string map;
  std::vector<std::string> setup;
  std::vector<std::string> analysts;
  std::vector<std::string> uses;
};

Result<v1::SampleUse> ParseUse(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return InvalidArgument("--use", "'" + text + "' is not sample=amount: \"A-S1=0.5 mL\"");
  }
  v1::SampleUse use;
  use.set_sample_id(text.substr(0, equals));
  *use.mutable_amount() = ParseAmount(text.substr(equals + 1));
  return use;
}

Result<int> Create(Context& context, const CreateOptions& options) {
  v1::CreateRunRequest request = options.request;
  LIMS_ASSIGN_OR_RETURN(const std::string csv, ReadInput("--map", options.map, kTableMax));
  LIMS_ASSIGN_OR_RETURN(const auto positions, ParseRunMap(csv));
  for (const v1::RunPosition& position : positions) *request.add_positions() = position;
  LIMS_ASSIGN_OR_RETURN(*request.mutable_setup(), ParseNamedValues("--setup", options.setup));
  for (const std::string& analyst : options.analysts) request.add_analysts(analyst);
  for (const std::string& use : options.uses) {
    LIMS_ASSIGN_OR_RETURN(*request.add_uses(), ParseUse(use));
  }
  if (request.started_time().empty()) {
    LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
    LIMS_ASSIGN_OR_RETURN(*request.mutable_started_time(), client->CurrentTime());
  }
  return WriteAndShow<v1::CreateRunResponse>(context, request);
}

void AddCreate(CLI::App* run, Context& context) {
  const auto options = std::make_shared<CreateOptions>();
  v1::CreateRunRequest& request = options->request;
  CLI::App* verb = run->add_subcommand("create", "Plan a run and fix its map");
  verb->add_option("--method", *request.mutable_method_id(), "Method")->required();
  verb->add_option("--map", options->map,
                   "Table position,role,sample,target,file_name,dilution,omit_reason")
      ->required();
  verb->add_option("--started", *request.mutable_started_time(), "When, with zone; else now");
  verb->add_option("--instrument", *request.mutable_instrument(), "Instrument, as on its label");
  verb->add_option("--setup", options->setup, "Setup values as name=value");
  verb->add_option("--analyst", options->analysts, "Further analysts");
  verb->add_option("--use", options->uses, "What the test uses up of a sample: \"A-S1=0.5 mL\"");
  verb->add_option("--late-reason", *request.mutable_late_reason(),
                   "Why it is entered later than the method allows");
  context.Bind(verb, [=](Context& c) { return Create(c, *options); });
}

Result<int> Read(Context& context, v1::RecordReadingRequest request, const std::string& input) {
  LIMS_ASSIGN_OR_RETURN(const std::string csv, ReadInput("--input", input, kTableMax));
  LIMS_ASSIGN_OR_RETURN(const auto entries, ParseReadings(csv));
  for (const v1::ReadingEntry& entry : entries) *request.add_entries() = entry;
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  if (request.observed_time().empty()) {
    LIMS_ASSIGN_OR_RETURN(*request.mutable_observed_time(), client->CurrentTime());
  }
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        WriteConfirmed<v1::RecordReadingResponse>(client, request));
  return context.ShowWritten(response);
}

void AddRead(CLI::App* run, Context& context) {
  const auto request = std::make_shared<v1::RecordReadingRequest>();
  const auto input = std::make_shared<std::string>();
  CLI::App* verb = run->add_subcommand("read", "Record an observation of an open run");
  verb->add_option("RUN", *request->mutable_run_id(), "Run")->required();
  verb->add_option("--input", *input, "Table position,value,unit,target,description")->required();
  verb->add_option("--observed", *request->mutable_observed_time(), "When, with zone; else now");
  verb->add_option("--late-reason", *request->mutable_late_reason(),
                   "Why it is entered later than the method allows");
  AddYes(verb, request.get());
  context.Bind(verb, [=](Context& c) { return Read(c, *request, *input); });
}

void AddClear(CLI::App* run, Context& context) {
  const auto request = std::make_shared<v1::ClearLateReadingsRequest>();
  CLI::App* verb = run->add_subcommand("clear", "QA accepts what was entered late of a run");
  verb->add_option("RUN", *request->mutable_run_id(), "Run")->required();
  const auto numbers = std::make_shared<std::vector<int>>();
  verb->add_option("--readings", *numbers,
                   "Numbers of the late readings that QA has seen; none for a late start")
      ->delimiter(',');
  verb->add_option("--reason", *request->mutable_reason(), "Why they are accepted")->required();
  context.Bind(verb, [=](Context& c) {
    request->mutable_numbers()->Assign(numbers->begin(), numbers->end());
    return WriteAndShow<v1::ClearLateReadingsResponse>(c, *request);
  });
}

Result<int> Worklist(Context& context, const v1::ListWorkRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, ReadAll<v1::ListWorkResponse>(*client, request));
  return context.Show(ToJson(response), RenderWork(response));
}

void AddWorklist(CLI::App* run, Context& context) {
  const auto request = std::make_shared<v1::ListWorkRequest>();
  CLI::App* verb = run->add_subcommand("worklist", "What is due, by whom, until when");
  verb->add_option("--lot", *request->mutable_lot_id(), "Only this lot");
  verb->add_option("--shift", *request->mutable_since(),
                   "Hand-over list since this time, with zone");
  context.Bind(verb, [=](Context& c) { return Worklist(c, *request); });
}

struct SubmitRunOptions {
  v1::SubmitRunRequest request;
  std::vector<std::string> files;
  std::string format;
  std::vector<std::string> setup;
  std::vector<std::string> excluded;
};

// Small files travel inside the request, large ones before it.
Result<void> AddFiles(const SubmitRunOptions& options, const Client& client,
                      v1::SubmitRunRequest* request) {
  std::size_t total = 0;
  for (const std::string& path : options.files) {
    LIMS_ASSIGN_OR_RETURN(std::string bytes, ReadInput("--input", path, kMaxFileBytes));
    v1::RawFileContent* file = request->add_files();
    file->set_file_name(std::filesystem::path(path).filename().string());
    file->set_format(options.format);
    if (bytes.size() <= kMaxInlineFileBytes && total + bytes.size() <= kInlineTotalMax) {
      total += bytes.size();
      file->set_content(std::move(bytes));
    } else {
      LIMS_ASSIGN_OR_RETURN(*file->mutable_sha256(), client.UploadRaw(bytes));
    }
  }
  return {};
}

// "A5=EX-1:bubble seen before reading".
Result<v1::Exclusion> ParseExclusion(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = equals == std::string::npos ? equals : text.find(':', equals);
  if (equals == 0 || colon == std::string::npos) {
    return InvalidArgument("--exclude", "'" + text + "' is not WELL=RULE:reason");
  }
  v1::Exclusion exclusion;
  exclusion.set_position(text.substr(0, equals));
  exclusion.set_rule(text.substr(equals + 1, colon - equals - 1));
  exclusion.set_reason(text.substr(colon + 1));
  return exclusion;
}

Result<int> SubmitFiles(Context& context, const SubmitRunOptions& options) {
  v1::SubmitRunRequest request = options.request;
  for (const std::string& text : options.excluded) {
    LIMS_ASSIGN_OR_RETURN(*request.add_exclusions(), ParseExclusion(text));
  }
  LIMS_ASSIGN_OR_RETURN(*request.mutable_setup(), ParseNamedValues("--setup", options.setup));
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_RETURN_IF_ERROR(AddFiles(options, *client, &request));
  LIMS_ASSIGN_OR_RETURN(const auto response,
                        client->Write<v1::SubmitRunResponse>(request, kLongDeadline));
  return context.Show(ToJson(response), RenderSubmittedRun(response));
}

void AddSubmitRun(CLI::App* run, Context& context) {
  const auto options = std::make_shared<SubmitRunOptions>();
  CLI::App* verb = run->add_subcommand("submit", "Submit the data of a run to be judged");
  verb->add_option("RUN", *options->request.mutable_run_id(), "Run")->required();
  verb->add_option("--input", options->files, "Raw files; none when the run was read");
  verb->add_option("--format", options->format, "Importer, or auto");
  verb->add_option("--setup", options->setup, "Setup values as name=value");
  verb->add_option("--exclude", options->excluded,
                   "Points to leave out by a rule of the method, as WELL=RULE:reason");
  verb->add_option("--late-reason", *options->request.mutable_late_reason(),
                   "Why times among the setup are declared later than the method allows");
  context.Bind(verb, [=](Context& c) { return SubmitFiles(c, *options); });
}

void AddAbort(CLI::App* run, Context& context) {
  CLI::App* verb = run->add_subcommand("abort", "Stop a run; its attempts stay visible");
  const auto request = BindWrite<v1::AbortRunRequest, v1::AbortRunResponse>(context, verb);
  verb->add_option("RUN", *request->mutable_run_id(), "Run")->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why")->required();
}

Result<int> ShowRun(Context& context, const v1::GetRunRequest& request) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto response, client->Read<v1::GetRunResponse>(request));
  return context.Show(ToJson(response), RenderRun(response));
}

// A name that leads nowhere else: what a terminal submitted may hold any character but controls.
std::string LocalName(const v1::RawFile& file, std::set<std::string>* taken) {
  std::string name = file.file_name();
  std::replace(name.begin(), name.end(), '/', '_');
  if (name.empty() || name.front() == '.') name.insert(0, "_");
  if (!taken->insert(name).second) name.insert(0, file.sha256().substr(0, 8) + "-");
  return name;
}

// Without a folder the files are only listed.
Result<int> ShowFiles(Context& context, const v1::GetRunRequest& request,
                      const std::string& folder) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto run, client->Read<v1::GetRunResponse>(request));
  v1::GetRunResponse files;
  *files.mutable_files() = run.files();
  if (folder.empty()) return context.Show(ToJson(files), RenderRunFiles(files));
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(folder));
  std::set<std::string> names;
  std::map<std::string, std::string> written;  // SHA-256 -> name
  for (v1::RunFile& each : *files.mutable_files()) {
    const v1::RawFile& file = each.file();
    std::string& name = written[file.sha256()];
    if (name.empty()) {
      LIMS_ASSIGN_OR_RETURN(const std::string bytes, client->ReadRunFile(request.run_id(), file));
      name = LocalName(file, &names);
      LIMS_RETURN_IF_ERROR(WriteNewFile("--out", std::filesystem::path(folder) / name, bytes));
    }
    each.mutable_file()->set_file_name((std::filesystem::path(folder) / name).string());
  }
  return context.Show(ToJson(files), RenderRunFiles(files));
}

}  // namespace

void AddRunCommands(CLI::App& app, Context& context) {
  CLI::App* run = AddNoun(app, "run", "Runs of a method");
  AddCreate(run, context);
  AddRead(run, context);
  AddClear(run, context);
  AddSubmitRun(run, context);
  AddAbort(run, context);
  const auto request = std::make_shared<v1::GetRunRequest>();
  CLI::App* show = run->add_subcommand("show", "Show a run with its map and readings");
  show->add_option("RUN", *request->mutable_run_id(), "Run")->required();
  context.Bind(show, [=](Context& c) { return ShowRun(c, *request); });
  const auto folder = std::make_shared<std::string>();
  CLI::App* files = run->add_subcommand(
      "files", "List the files behind a run, or fetch them: raw data, scans, evidence");
  files->add_option("RUN", *request->mutable_run_id(), "Run")->required();
  files->add_option("--out", *folder, "Folder to write them into");
  context.Bind(files, [=](Context& c) { return ShowFiles(c, *request, *folder); });
  AddWorklist(run, context);
}

}  // namespace lims::client
