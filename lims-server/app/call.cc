#include "app/call.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"
#include "base/text.h"
#include "domain/field_checks.h"
#include "domain/permission.h"
#include "lims/v1/access_service.pb.h"
#include "lims/v1/options.pb.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields that are no content: the key itself, and secrets, which may not even be hashed cheaply.
bool IsExcluded(const FieldDescriptor& field) {
  return field.name() == "request_id" || field.options().GetExtension(v1::secret);
}

// Removes what is excluded, and bytes fields after hashing them for who wants that: canonical JSON
// has no bytes.
void Strip(Message* message, std::string* hashes) {
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsExcluded(*field)) {
      reflection->ClearField(message, field);
    } else if (field->type() == FieldDescriptor::TYPE_BYTES) {
      std::string scratch;
      if (hashes != nullptr) {
        *hashes += HexEncode(Sha256(reflection->GetStringReference(*message, field, &scratch)));
      }
      reflection->ClearField(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        Strip(reflection->MutableMessage(message, field), hashes);
      } else {
        for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
          Strip(reflection->MutableRepeatedMessage(message, field, i), hashes);
        }
      }
    }
  }
}

Result<std::string> CanonicalContent(const Message& request, std::string* hashes) {
  std::unique_ptr<Message> copy(request.New());
  copy->MergeFrom(request);
  Strip(copy.get(), hashes);
  return tlog::TryCanonicalJson(*copy);
}

// The manifest that comes back to be signed is compared byte for byte with what was prepared; a
// certificate request has several lines, and nothing of it is recorded.
bool IsDocument(const FieldDescriptor& field) {
  return &field == v1::SignRequest::descriptor()->FindFieldByNumber(
                       v1::SignRequest::kManifestFieldNumber) ||
         &field == v1::EnrolTerminalRequest::descriptor()->FindFieldByNumber(
                       v1::EnrolTerminalRequest::kCertificateRequestPemFieldNumber);
}

// The first text with a problem, under its path.
std::optional<Violation> TextViolation(const Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!(is_text || is_message) || IsExcluded(*field) || IsDocument(*field)) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      std::optional<Violation> found;
      if (is_message) {
        found =
            TextViolation(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                               : reflection->GetMessage(message, field));
      } else {
        std::string scratch;
        const std::string& text =
            field->is_repeated()
                ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                : reflection->GetStringReference(message, field, &scratch);
        if (auto problem = TextProblem(text, domain::kMaxTextBytes)) {
          found = {"", *std::move(problem)};
        }
      }
      if (!found) continue;
      const std::string place = field->is_repeated() ? "[" + std::to_string(i) + "]" : "";
      const std::string below = found->field.empty() ? "" : "." + found->field;
      return Violation{field->name() + place + below, std::move(found->description)};
    }
  }
  return std::nullopt;
}

Result<void> RequireWords(std::string_view field, std::string_view text, std::string too_short) {
  if (const auto problem = TextProblem(text, 2000)) {
    return InvalidArgument(std::string(field), *problem);
  }
  if (Characters(text) < 3) return InvalidArgument(std::string(field), std::move(too_short));
  return {};
}

}  // namespace

Plan AlreadyRecorded() {
  Plan plan;
  plan.run = [](storage::Transaction&) -> Result<void> {
    return MakeError(ErrorReason::kInternal, "a recorded request was run again");
  };
  return plan;
}

std::vector<v1::Role> ConfirmedRoles(const v1::User& user) {
  std::vector<v1::Role> roles;
  for (const v1::RoleGrant& grant : user.grants()) {
    if (!grant.confirmed_by().empty()) roles.push_back(grant.role());
  }
  return roles;
}

Result<v1::Role> RoleForRead(storage::Records& records, const Call& call, v1::Meaning meaning) {
  LIMS_ASSIGN_OR_RETURN(const auto rows, records.Shared<v1::User>({call.user_id}));
  const v1::User* user = rows->empty() ? nullptr : &rows->front().record;
  if (user == nullptr ||
      (user->state() != v1::USER_STATE_ACTIVE && user->state() != v1::USER_STATE_INITIAL)) {
    return MakeError(ErrorReason::kUnauthenticated, "the account is not in use: log in again");
  }
  return domain::RoleFor(call.method, meaning, ConfirmedRoles(*user));
}

Result<void> Authorise(storage::Transaction& tx, const Call& call, v1::Meaning meaning) {
  LIMS_ASSIGN_OR_RETURN(const v1::Role role, RoleForRead(tx.records(), call, meaning));
  tx.info().actor.set_role(role);
  return {};
}

Result<void> RequireReason(std::string_view field, std::string_view text) {
  return RequireWords(field, text, "say why, in at least three characters");
}

Result<void> RequireCondition(std::string_view condition) {
  return RequireWords("condition", condition,
                      "say in what condition it is, in at least three characters: intact");
}

Result<std::string> Fingerprint(std::string_view method, const Message& request) {
  std::string content(method);
  content += '\n';
  std::string hashes;
  LIMS_ASSIGN_OR_RETURN(const std::string json, CanonicalContent(request, &hashes));
  return HexEncode(Sha256(content + json + hashes));
}

Result<void> RequireKnownContent(const Message& request) {
  LIMS_RETURN_IF_ERROR(CanonicalContent(request, nullptr));
  return {};
}

Result<void> RequirePlainTexts(const Message& request) {
  if (auto violation = TextViolation(request)) return InvalidArguments({*std::move(violation)});
  return {};
}

Plan WithPlainTexts(Plan plan, const Message& request) {
  auto plain = RequirePlainTexts(request);
  if (plain) return plan;
  plan.run = [run = std::move(plan.run),
              refusal = std::move(plain).error()](storage::Transaction& tx) -> Result<void> {
    LIMS_RETURN_IF_ERROR(run(tx));
    return refusal;
  };
  return plan;
}

void FillResponse(storage::RecordedAct act, Message* response) {
  const auto* reflection = response->GetReflection();
  const auto* descriptor = response->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->message_type() != v1::Receipt::descriptor()) continue;
    auto* receipt = static_cast<v1::Receipt*>(reflection->MutableMessage(response, field));
    receipt->set_log_index(act.first_index);
    receipt->set_event_count(static_cast<int>(act.events.size()));
    receipt->set_leaf_hash(HexEncode(act.first_leaf));
    receipt->set_checkpoint(act.checkpoint);
    receipt->set_replayed(act.replayed);
  }
  for (v1::Event& event : act.events) {
    for (v1::Record& record : *event.mutable_records()) {
      const Descriptor* kind = tlog::MessageOf(record).GetDescriptor();
      for (int i = 0; i < descriptor->field_count(); ++i) {
        const FieldDescriptor* field = descriptor->field(i);
        if (field->message_type() != kind) continue;
        Message* taken = tlog::ReleaseRecord(&record);
        field->is_repeated() ? reflection->AddAllocatedMessage(response, field, taken)
                             : reflection->SetAllocatedMessage(response, taken, field);
        break;
      }
    }
  }
}

std::string PageToken(std::string_view last_key) {
  return Base64Encode(last_key);
}

Result<std::string> ParsePageToken(std::string_view token) {
  auto key = Base64Decode(token);
  if (!key) return InvalidArgument("page_token", "is not a token of an earlier page");
  return *std::move(key);
}

Result<std::int64_t> ParseNumberToken(std::string_view token) {
  LIMS_ASSIGN_OR_RETURN(const std::string key, ParsePageToken(token));
  std::int64_t number = 0;
  const char* end = key.data() + key.size();
  const auto [stop, problem] = std::from_chars(key.data(), end, number);
  if (!key.empty() && (problem != std::errc() || stop != end || number < 0)) {
    return InvalidArgument("page_token", "is not a token of an earlier page");
  }
  return number;
}

Result<int> PageSize(int asked) {
  if (asked < 0) return InvalidArgument("page_size", "must not be negative");
  return asked == 0 ? 50 : std::min(asked, 1000);
}

}  // namespace lims::app
