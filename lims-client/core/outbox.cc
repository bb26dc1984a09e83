#include "core/outbox.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "core/call.h"
#include "core/files.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/commands.h"
#include "lims/v1/options.pb.h"
#include "tlog/event_bytes.h"

namespace lims::client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using nlohmann::ordered_json;

constexpr std::string_view kSuffix = ".json";

Error Damaged(const std::filesystem::path& file) {
  return InvalidArgument(file.string(), "not a request of this program's outbox");
}

Result<OutboxEntry> ParseEntry(const std::filesystem::path& file, const std::string& text) {
  const ordered_json json = ordered_json::parse(text, nullptr, false);
  OutboxEntry entry;
  const std::pair<const char*, std::string*> texts[] = {{"request_id", &entry.request_id},
                                                        {"method", &entry.path},
                                                        {"user", &entry.user},
                                                        {"created", &entry.created}};
  if (!json.is_object() || !json.contains("request") || !json.contains("needs") ||
      !json["needs"].is_array()) {
    return Damaged(file);
  }
  for (const auto& [name, value] : texts) {
    if (!json.contains(name) || !json[name].is_string()) return Damaged(file);
    *value = json[name].get<std::string>();
  }
  for (const ordered_json& need : json["needs"]) {
    if (!need.is_string()) return Damaged(file);
    entry.needs.push_back(need.get<std::string>());
  }
  entry.request_json = json["request"].dump();
  return entry;
}

}  // namespace

OutboxEntry MakeOutboxEntry(const Message& request, std::string_view user, TimeUs now) {
  OutboxEntry entry;
  entry.path = PathOf(MethodOf(request));
  entry.user = user;
  entry.created = FormatUtc(now);
  const std::unique_ptr<Message> stored(request.New());
  stored->CopyFrom(request);
  const google::protobuf::Descriptor* type = stored->GetDescriptor();
  const google::protobuf::Reflection* reflection = stored->GetReflection();
  entry.request_id = reflection->GetString(*stored, type->FindFieldByName("request_id"));
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!field->options().GetExtension(v1::secret)) continue;
    if (reflection->GetString(*stored, field).empty()) continue;
    reflection->ClearField(stored.get(), field);
    entry.needs.push_back(field->name());
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(*stored, &entry.request_json, options).ok()) {
    std::abort();  // every message of ours has a JSON form
  }
  return entry;
}

Result<std::unique_ptr<Message>> RestoreRequest(const OutboxEntry& entry) {
  const MethodDescriptor* method = MethodByPath(entry.path);
  if (method == nullptr || method->output_type()->FindFieldByName("receipt") == nullptr) {
    return InvalidArgument(entry.request_id, "this program does not know " + entry.path);
  }
  std::unique_ptr<Message> request(
      MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
  if (!google::protobuf::util::JsonStringToMessage(entry.request_json, request.get()).ok()) {
    return InvalidArgument(entry.request_id, "the stored request is damaged");
  }
  return request;
}

std::string CommandOf(const OutboxEntry& entry) {
  const MethodDescriptor* method = MethodByPath(entry.path);
  std::string command = method == nullptr ? "" : v1::CommandOf(*method);
  if (method != nullptr && method->input_type() == v1::SignRequest::descriptor()) {
    const auto request = RestoreRequest(entry);
    v1::Manifest manifest;
    if (request && tlog::ParseCanonicalJson(
                       static_cast<const v1::SignRequest&>(**request).manifest(), &manifest)) {
      command = v1::CommandOf(manifest.meaning());
    }
  }
  return command.empty() ? entry.path : command;
}

bool IsDefinitive(const Error& error, bool tried_before) {
  switch (error.reason) {
    case ErrorReason::kUnavailable:
    case ErrorReason::kBusy:
      return false;
    case ErrorReason::kUnauthenticated:
    case ErrorReason::kPasswordMustChange:
    case ErrorReason::kWrongCredentials:
    case ErrorReason::kAccountLocked:
      return !tried_before;
    default:
      return true;
  }
}

Result<std::filesystem::path> Outbox::FileOf(std::string_view request_id) const {
  if (!IsIdentifier(request_id)) {
    return InvalidArgument("--request-id", QuotedForMessage(request_id) + " is not a request id");
  }
  return folder_ / (std::string(request_id) + std::string(kSuffix));
}

Result<void> Outbox::Store(const OutboxEntry& entry) const {
  LIMS_ASSIGN_OR_RETURN(const std::filesystem::path file, FileOf(entry.request_id));
  LIMS_RETURN_IF_ERROR(MakePrivateFolder(folder_));
  const ordered_json json = {{"request_id", entry.request_id},
                             {"method", entry.path},
                             {"user", entry.user},
                             {"created", entry.created},
                             {"needs", entry.needs},
                             {"request", ordered_json::parse(entry.request_json)}};
  return WriteFileDurably(file, json.dump(2) + "\n");
}

Result<bool> Outbox::Holds(const OutboxEntry& entry) const {
  LIMS_ASSIGN_OR_RETURN(const std::filesystem::path file, FileOf(entry.request_id));
  const Result<std::string> text = ReadFile(file);
  if (!text && text.error().reason == ErrorReason::kNotFound) return false;
  if (!text) return text.error();
  LIMS_ASSIGN_OR_RETURN(const OutboxEntry held, ParseEntry(file, *text));
  const bool same =
      held.path == entry.path && held.user == entry.user && held.needs == entry.needs &&
      ordered_json::parse(held.request_json) == ordered_json::parse(entry.request_json);
  if (same) return true;
  return MakeError(ErrorReason::kRequestIdReused,
                   "another request waits in the outbox under the id " + entry.request_id +
                       ": repeat that one with 'lims outbox send'");
}

Result<void> Outbox::Remove(std::string_view request_id) const {
  LIMS_ASSIGN_OR_RETURN(const std::filesystem::path file, FileOf(request_id));
  return RemoveFileDurably(file);
}

Result<std::vector<OutboxEntry>> Outbox::List() const {
  std::vector<OutboxEntry> entries;
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(folder_, none)) {
    if (file.path().extension() != kSuffix) continue;  // a write that was cut off
    LIMS_ASSIGN_OR_RETURN(const std::string text, ReadFile(file.path()));
    LIMS_ASSIGN_OR_RETURN(OutboxEntry entry, ParseEntry(file.path(), text));
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const OutboxEntry& a, const OutboxEntry& b) {
    return std::tie(a.created, a.request_id) < std::tie(b.created, b.request_id);
  });
  return entries;
}

}  // namespace lims::client
