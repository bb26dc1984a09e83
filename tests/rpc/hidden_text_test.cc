// Every text of every request that is recorded or signed, with something in it that nobody sees: it
// is refused and never reaches the log. Found by reflection, so that a new field is here by itself.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "lims/v1/options.pb.h"
#include "rpc/permission_cases.h"

namespace lims::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::string_view kHidden = "\u202e";

using FieldPath = std::vector<const FieldDescriptor*>;

// Every text field of the type, and of the messages in it.
void AddTextPaths(const Descriptor& type, FieldPath path, std::vector<FieldPath>* paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    path.push_back(field);
    if (field->type() == FieldDescriptor::TYPE_STRING) paths->push_back(path);
    if (field->message_type() != nullptr) AddTextPaths(*field->message_type(), path, paths);
    path.pop_back();
  }
}

std::vector<FieldPath> TextPaths(const Descriptor& type) {
  std::vector<FieldPath> paths;
  AddTextPaths(type, {}, &paths);
  return paths;
}

// "positions[0].file_name"
std::string Name(const FieldPath& path) {
  std::string name;
  for (const FieldDescriptor* field : path) {
    name += (name.empty() ? "" : ".") + field->name() + (field->is_repeated() ? "[0]" : "");
  }
  return name;
}

// Hides a character in the text, the first where there are several; makes what is not there.
void Hide(Message* message, const FieldPath& path) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto* reflection = message->GetReflection();
    if (!path[i]->is_repeated()) {
      message = reflection->MutableMessage(message, path[i]);
    } else if (reflection->FieldSize(*message, path[i]) == 0) {
      message = reflection->AddMessage(message, path[i]);
    } else {
      message = reflection->MutableRepeatedMessage(message, path[i], 0);
    }
  }
  const FieldDescriptor* field = path.back();
  const auto* reflection = message->GetReflection();
  if (!field->is_repeated()) {
    const std::string text = reflection->GetString(*message, field);
    reflection->SetString(message, field, (text.empty() ? "abc" : text) + std::string(kHidden));
  } else if (reflection->FieldSize(*message, field) == 0) {
    reflection->AddString(message, field, "abc" + std::string(kHidden));
  } else {
    const std::string text = reflection->GetRepeatedString(*message, field, 0);
    reflection->SetRepeatedString(message, field, 0, text + std::string(kHidden));
  }
}

class HiddenText : public ::testing::Test {
 protected:
  // Bytes of the log from `first` on.
  std::string LogFrom(std::int64_t first) {
    std::string log;
    for (const v1::Event& event : server.EventsFrom(first)) log += event.SerializeAsString();
    return log;
  }

  RpcServer server;
  RecordsInState records{server};
};

TEST_F(HiddenText, OfAWriteIsRefusedAndNotRecorded) {
  int texts = 0;
  for (const MethodCase& each : MethodCases()) {
    const auto methods = AllMethods();
    const auto method =
        std::find_if(methods.begin(), methods.end(),
                     [&](const MethodDescriptor* known) { return NameOf(*known) == each.method; });
    ASSERT_NE(method, methods.end()) << each.method;
    if ((*method)->input_type()->FindFieldByName("request_id") == nullptr) continue;
    const auto done = std::find_if(each.states.begin(), each.states.end(),
                                   [](const StateCase& state) { return state.outcome == kDone; });
    ASSERT_NE(done, each.states.end()) << each.method;
    const std::string user = UserWith(each.roles.front());
    for (const FieldPath& path : TextPaths(*(*method)->input_type())) {
      if (path.back()->options().GetExtension(v1::secret)) continue;  // may be any text
      const std::string name = Name(path);
      SCOPED_TRACE(each.method + " " + name);
      const auto request = MakeRequest(**method, done->request(records, user));
      Hide(request.get(), path);
      const std::string session = server.Session(user);
      const std::int64_t before = server.LogSize();
      const Answer answer = CallWith(server.console(), session, **method, *request);
      // Of a certificate request only the key is taken.
      EXPECT_TRUE(!answer.ok() || name == "certificate_request_pem");
      if (!answer.ok()) {
        EXPECT_NE(answer.error.reason, ErrorReason::kInternal) << Describe(answer);
      }
      EXPECT_EQ(LogFrom(before).find(kHidden), std::string::npos) << Describe(answer);
      ++texts;
    }
  }
  EXPECT_GT(texts, 300);
}

TEST_F(HiddenText, OfAnIntentIsRefusedBeforeItIsShown) {
  const auto& method = client::MethodOf(v1::PrepareSignatureRequest());
  for (const FieldPath& path : TextPaths(*method.input_type())) {
    const auto request = MakeRequest(method, "");
    Hide(request.get(), path);
    const Answer answer = server.Call("qa1", *request);
    EXPECT_EQ(answer.error.reason, ErrorReason::kInvalidArgument) << Describe(answer);
    ASSERT_EQ(answer.error.violations.size(), 1u) << Describe(answer);
    EXPECT_EQ(answer.error.violations[0].field, Name(path));
    EXPECT_NE(answer.error.violations[0].description.find("U+202E"), std::string::npos);
  }
}

// An auditor's reads are recorded with the names that they ask for.
TEST_F(HiddenText, OfAReadStandsInTheLogAsWhatItIs) {
  v1::GetLotRequest request;
  request.set_lot_id("L\u202e\x1b[2J");
  server.Session("auditor1");
  const std::int64_t before = server.LogSize();
  EXPECT_EQ(server.Call("auditor1", request).error.reason, ErrorReason::kNotFound);
  const auto events = server.EventsFrom(before);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].details(1).value(), "L??[2J");
}

}  // namespace
}  // namespace lims::rpc
