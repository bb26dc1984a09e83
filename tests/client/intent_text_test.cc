#include "core/intent_text.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace lims::client {
namespace {

v1::Intent Parsed(const std::string& text) {
  v1::Intent intent;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &intent)) << text;
  return intent;
}

struct InWords {
  std::string intent;
  std::vector<std::string> lines;
};

TEST(IntentText, SaysInWordsWhatIsSigned) {
  const InWords cases[] = {
      {"review { lot_id: 'A' }", {"review every result of lot A that waits for it"}},
      {"review { lot_id: 'A' line_codes: 'PH' line_codes: 'OSM' }",
       {"review the results of lot A for PH, OSM"}},
      {"approve_method { methods { method_id: 'M-1' version: 2 } methods { method_id: 'M-2' "
       "version: 1 } }",
       {"approve method M-1/2, M-2/1"}},
      {"approve_specification { product_id: 'P' revision: 3 }",
       {"approve revision 3 of the specification of P"}},
      {"declare_fact { lot_id: 'A' facts { fact: 'dose' value: '1' document: 'D-1' } }",
       {"declare of lot A:", "dose = 1, document D-1"}},
      {"attest { lot_id: 'A' attestations { code: 'GMP' document: 'D-2' } }",
       {"attest of lot A:", "GMP, document D-2"}},
      {"release { lot_id: 'A' decision: DECISION_RELEASE }", {"release lot A, without remarks"}},
      {"release { lot_id: 'A' decision: DECISION_CONDITIONAL_RELEASE remarks: 'in two days' "
       "receiving_sites: ['Clinic 1', 'Clinic 2'] }",
       {"release conditionally lot A for Clinic 1, Clinic 2, remarks: in two days"}},
      {"reject { lot_id: 'A' reason: 'potency' }", {"reject lot A, reason: potency"}},
      {"hold { lot_id: 'A' reason: 'alarm' }", {"hold lot A, reason: alarm"}},
      {"unhold { lot_id: 'A' number: 2 reason: 'seen' }", {"lift hold 2 of lot A, reason: seen"}},
      {"withdraw { lot_id: 'A' reason: 'x' }", {"withdraw the release of lot A, reason: x"}},
      {"recall { lot_id: 'A' reason: 'y' }", {"recall lot A, reason: y"}},
  };
  std::set<int> acts;
  for (const InWords& each : cases) {
    const v1::Intent intent = Parsed(each.intent);
    acts.insert(intent.act_case());
    EXPECT_EQ(IntentText(intent), each.lines) << each.intent;
  }
  EXPECT_EQ(static_cast<int>(acts.size()), v1::Intent::descriptor()->field_count());
}

// A field that no words are made of would be signed unseen.
TEST(IntentText, EveryValueThatIsSignedIsShown) {
  const google::protobuf::Descriptor* type = v1::Intent::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    v1::Intent intent;
    google::protobuf::Message* act =
        intent.GetReflection()->MutableMessage(&intent, type->field(i));
    int next = 0;
    std::vector<std::string> values;
    const auto fill = [&](google::protobuf::Message* message, const auto& self) -> void {
      for (int j = 0; j < message->GetDescriptor()->field_count(); ++j) {
        const google::protobuf::FieldDescriptor* field = message->GetDescriptor()->field(j);
        const auto* reflection = message->GetReflection();
        if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
          ASSERT_TRUE(field->is_repeated());
          self(reflection->AddMessage(message, field), self);
        } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
          values.push_back("value-" + std::to_string(++next));
          field->is_repeated() ? reflection->AddString(message, field, values.back())
                               : reflection->SetString(message, field, values.back());
        } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32) {
          values.push_back(std::to_string(7100 + ++next));
          reflection->SetInt32(message, field, 7100 + next);
        }
      }
    };
    fill(act, fill);
    std::string shown;
    for (const std::string& line : IntentText(intent)) shown += line + "\n";
    for (const std::string& value : values) {
      EXPECT_NE(shown.find(value), std::string::npos) << type->field(i)->name() << ": " << shown;
    }
  }
}

}  // namespace
}  // namespace lims::client
