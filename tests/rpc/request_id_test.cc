// Every write by its request id: what is refused is forgotten, what is done is done once.
#include <set>

#include "rpc/permission_cases.h"

namespace lims::rpc {
namespace {

const google::protobuf::FieldDescriptor* RequestIdOf(const MethodDescriptor& method) {
  return method.input_type()->FindFieldByName("request_id");
}

std::vector<const MethodDescriptor*> RecordedMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const MethodDescriptor* method : AllMethods()) {
    if (RequestIdOf(*method) != nullptr) methods.push_back(method);
  }
  return methods;
}

v1::TypedEntry PhEntry(const std::string& value) {
  v1::TypedEntry entry;
  entry.set_input("PH");
  entry.set_replicate(1);
  entry.mutable_value()->set_value(value);
  entry.mutable_value()->set_unit("[pH]");
  return entry;
}

// The receipt of a response; nullptr where it has none.
const v1::Receipt* ReceiptOf(const Message& response) {
  const auto* field = response.GetDescriptor()->FindFieldByName("receipt");
  if (field == nullptr) return nullptr;
  return static_cast<const v1::Receipt*>(&response.GetReflection()->GetMessage(response, field));
}

// The response as a first answer would have it.
std::string BytesBut(const Message& response) {
  const std::unique_ptr<Message> copy(response.New());
  copy->CopyFrom(response);
  if (const auto* field = copy->GetDescriptor()->FindFieldByName("receipt")) {
    static_cast<v1::Receipt*>(copy->GetReflection()->MutableMessage(copy.get(), field))
        ->clear_replayed();
  }
  return copy->SerializeAsString();
}

// Other content with the same shape; false when every field is a secret or the key itself.
bool ChangeContent(Message* request) {
  const auto* descriptor = request->GetDescriptor();
  const std::set<std::string> excluded = {"request_id",    "password", "new_password",
                                          "one_time_code", "manifest", "certificate_request_pem"};
  for (const bool optional_first : {true, false}) {
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* field = descriptor->field(i);
      if (field->is_repeated() || field->type() != field->TYPE_STRING ||
          excluded.contains(field->name())) {
        continue;
      }
      const std::string value = request->GetReflection()->GetString(*request, field);
      const bool is_text = field->name() == "reason" || field->name() == "comment" ||
                           field->name() == "text_sha256" || field->name() == "condition" ||
                           field->name() == "file_name";
      if (optional_first != is_text) continue;
      request->GetReflection()->SetString(request, field, value + "x");
      return true;
    }
  }
  return false;
}

class RequestId : public ::testing::Test {
 protected:
  // A request that the caller may make now, with its caller.
  struct Allowed {
    std::string user;
    std::unique_ptr<Message> request;
  };
  Allowed MakeAllowed(const MethodDescriptor& method) {
    if (method.name() == "Sign") {
      records.Lot(v1::DISPOSITION_QUARANTINE);
      v1::PrepareSignatureRequest prepare;
      prepare.mutable_intent()->mutable_hold()->set_lot_id(records.lot());
      prepare.mutable_intent()->mutable_hold()->set_reason("a question");
      const Answer prepared = server.Call("qa1", prepare);
      EXPECT_TRUE(prepared.ok()) << Describe(prepared);
      auto request = std::make_unique<v1::SignRequest>();
      if (prepared.ok()) {
        request->set_manifest(
            static_cast<const v1::PrepareSignatureResponse&>(*prepared.response).manifest());
      }
      request->set_user_id("qa1");
      request->set_password(app::kPassword);
      request->set_request_id(NewUuid());
      return {"qa1", std::move(request)};
    }
    for (const MethodCase& each : MethodCases()) {
      if (each.method != NameOf(method)) continue;
      for (const StateCase& state : each.states) {
        if (state.outcome != kDone) continue;
        const std::string user = UserWith(each.roles.front());
        return {user, MakeRequest(method, state.request(records, user))};
      }
    }
    ADD_FAILURE() << NameOf(method) << " has no case";
    std::abort();
  }

  Answer Call(const Allowed& allowed, const CallOptions& options = {}) {
    const std::string session = server.Session(allowed.user);
    return CallWith(server.console(), session, client::MethodOf(*allowed.request), *allowed.request,
                    options);
  }

  void ExpectViolation(const Answer& answer, const std::string& field) {
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << Describe(answer);
    ASSERT_EQ(answer.error.violations.size(), 1u) << Describe(answer);
    EXPECT_EQ(answer.error.violations[0].field, field);
  }

  RpcServer server;
  RecordsInState records{server};
};

TEST_F(RequestId, StandsInEveryRequestThatIsRecorded) {
  std::set<std::string> without;
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string& name = method->name();
    const bool reads = name.starts_with("Get") || name.starts_with("List") ||
                       name.starts_with("Prove") || name.starts_with("Prepare") ||
                       name.starts_with("Read") || name.starts_with("Watch");
    if (!reads && RequestIdOf(*method) == nullptr) without.insert(name);
  }
  // A session is no record, and an uploaded file none before a submission names it; of many results
  // each has its own.
  EXPECT_EQ(without, (std::set<std::string>{"LogIn", "LogOut", "UploadRaw", "SubmitResults"}));
}

TEST_F(RequestId, IsALowerCaseUuid) {
  for (const MethodDescriptor* method : RecordedMethods()) {
    SCOPED_TRACE(NameOf(*method));
    const Allowed allowed = MakeAllowed(*method);
    server.Session(allowed.user);
    const std::int64_t before = server.LogSize();
    for (const std::string id :
         {"", "1", "no-uuid", "7g9c0b6e-0d0c-4f0a-9b1e-3c5d7e9f1a2b",
          "7F9C0B6E-0D0C-4F0A-9B1E-3C5D7E9F1A2B", "7f9c0b6e0d0c4f0a9b1e3c5d7e9f1a2b",
          "7f9c0b6e-0d0c-4f0a-9b1e-3c5d7e9f1a2bx", "{f9c0b6e-0d0c-4f0a-9b1e-3c5d7e9f1a2}"}) {
      allowed.request->GetReflection()->SetString(allowed.request.get(), RequestIdOf(*method), id);
      ExpectViolation(Call(allowed), "request_id");
    }
    EXPECT_EQ(server.LogSize(), before);
  }
}

TEST_F(RequestId, OfARefusedRequestServesTheCorrectedOneAndThenStandsForIt) {
  for (const MethodDescriptor* method : RecordedMethods()) {
    SCOPED_TRACE(NameOf(*method));
    const Allowed allowed = MakeAllowed(*method);
    server.Session(allowed.user);
    const std::int64_t before = server.LogSize();

    auto* unknown = allowed.request->GetReflection()->MutableUnknownFields(allowed.request.get());
    unknown->AddLengthDelimited(999, "from a newer terminal");
    ExpectViolation(Call(allowed), "message");
    EXPECT_EQ(server.LogSize(), before);
    unknown->Clear();

    const Answer first = Call(allowed);
    ASSERT_TRUE(first.ok()) << Describe(first);
    const std::int64_t after = server.LogSize();
    EXPECT_GT(after, before);

    // The same person on a new session, after the record has moved on.
    server.ForgetSession(allowed.user);
    server.Session(allowed.user);
    const std::int64_t before_retry = server.LogSize();
    const Answer retry = Call(allowed);
    ASSERT_TRUE(retry.ok()) << Describe(retry);
    EXPECT_EQ(server.LogSize(), before_retry);
    if (const v1::Receipt* receipt = ReceiptOf(*first.response)) {
      const v1::Receipt* again = ReceiptOf(*retry.response);
      EXPECT_EQ(receipt->log_index(), before);
      EXPECT_EQ(receipt->event_count(), after - before);
      EXPECT_FALSE(receipt->replayed());
      EXPECT_TRUE(again->replayed());
      EXPECT_EQ(again->log_index(), receipt->log_index());
      EXPECT_EQ(again->event_count(), receipt->event_count());
      EXPECT_EQ(again->leaf_hash(), receipt->leaf_hash());
      // Nothing was recorded in between, so the answer is the same to the byte.
      EXPECT_EQ(BytesBut(*Call(allowed).response), BytesBut(*retry.response));
    }

    if (!ChangeContent(allowed.request.get())) continue;
    const Answer other = Call(allowed);
    EXPECT_EQ(other.error.reason, ErrorReason::kRequestIdReused) << Describe(other);
    EXPECT_EQ(other.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(server.LogSize(), before_retry);
  }
}

// The log has no room for what it cannot name, however deep it lies.
TEST_F(RequestId, IsNotUsedByARequestWithAnUnknownFieldInside) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  records.Sample(v1::SAMPLE_STATE_RECEIVED);
  v1::SubmitResultRequest request;
  request.set_request_id(NewUuid());
  request.set_lot_id(records.lot());
  request.set_panel("PH");
  v1::TypedEntry* entry = request.add_entries();
  *entry = PhEntry("7.2");
  auto* unknown =
      entry->mutable_value()->GetReflection()->MutableUnknownFields(entry->mutable_value());
  unknown->AddVarint(77, 1);
  ExpectViolation(server.Call("tech1", request), "entries[0].value");
  unknown->Clear();
  const Answer first = server.Call("tech1", request);
  ASSERT_TRUE(first.ok()) << Describe(first);
  const Answer retry = server.Call("tech1", request);
  ASSERT_TRUE(retry.ok()) << Describe(retry);
  EXPECT_EQ(BytesBut(*first.response), BytesBut(*retry.response));
}

// A terminal that heard no answer sends the entry again: it is one entry that differed.
TEST_F(RequestId, OfASecondEntryThatDiffersStandsForItsRefusal) {
  records.Copied();
  v1::ReenterResultRequest request;
  request.set_request_id(NewUuid());
  request.set_lot_id(records.lot());
  request.set_panel("PH");
  *request.add_entries() = PhEntry("6.9");
  v1::GetLotRequest lot;
  lot.set_lot_id(records.lot());
  for (int i = 0; i < 2; ++i) {
    const Answer answer = server.Call("tech1", request);
    EXPECT_EQ(answer.error.reason, ErrorReason::kWrongState) << Describe(answer);
    EXPECT_NE(answer.error.message.find("differs from the first"), std::string::npos);
    const Answer shown = server.Call("tech1", lot);
    ASSERT_TRUE(shown.ok()) << Describe(shown);
    EXPECT_EQ(
        static_cast<const v1::GetLotResponse&>(*shown.response).attempts(0).reentries_refused(), 1);
  }
}

// Two people's ids never meet: the key is the person and the id.
TEST_F(RequestId, BelongsToThePerson) {
  v1::PlanSampleRequest request;
  request.set_request_id(NewUuid());
  request.set_lot_id(records.Lot(v1::DISPOSITION_QUARANTINE));
  request.set_purpose(v1::PURPOSE_TRAINING);
  request.set_sampling_point("DP");
  request.mutable_amount()->set_value("1");
  request.mutable_amount()->set_unit("mL");
  for (const std::string user : {"tech1", "tech2", "sup1"}) {
    request.set_sample_id(records.NewName("S-"));
    const Answer answer = server.Call(user, request);
    ASSERT_TRUE(answer.ok()) << Describe(answer);
    EXPECT_FALSE(ReceiptOf(*answer.response)->replayed());
  }
}

}  // namespace
}  // namespace lims::rpc
