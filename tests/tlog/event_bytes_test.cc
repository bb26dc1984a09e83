#include "tlog/event_bytes.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "lims/v1/event.pb.h"

namespace lims::tlog {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A type with every kind of field, also those that the product's own records do not use.
constexpr char kEverything[] = R"pb(
  name: "everything.proto"
  package: "test"
  syntax: "proto3"
  message_type {
    name: "Everything"
    field { name: "zone" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "alpha" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
    field { name: "big" number: 3 type: TYPE_UINT64 label: LABEL_OPTIONAL }
    field { name: "count" number: 4 type: TYPE_UINT32 label: LABEL_OPTIONAL }
    field { name: "time" number: 5 type: TYPE_INT64 label: LABEL_OPTIONAL }
    field { name: "flag" number: 6 type: TYPE_BOOL label: LABEL_OPTIONAL }
    field { name: "kind" number: 7 type: TYPE_ENUM type_name: ".test.Kind" label: LABEL_OPTIONAL }
    field {
      name: "child"
      number: 8
      type: TYPE_MESSAGE
      type_name: ".test.Everything"
      label: LABEL_OPTIONAL
    }
    field { name: "names" number: 9 type: TYPE_STRING label: LABEL_REPEATED }
    field { name: "numbers" number: 10 type: TYPE_INT32 label: LABEL_REPEATED }
    field { name: "bigs" number: 11 type: TYPE_UINT64 label: LABEL_REPEATED }
    field { name: "counts" number: 12 type: TYPE_UINT32 label: LABEL_REPEATED }
    field { name: "times" number: 13 type: TYPE_INT64 label: LABEL_REPEATED }
    field { name: "flags" number: 14 type: TYPE_BOOL label: LABEL_REPEATED }
    field { name: "kinds" number: 15 type: TYPE_ENUM type_name: ".test.Kind" label: LABEL_REPEATED }
    field {
      name: "children"
      number: 16
      type: TYPE_MESSAGE
      type_name: ".test.Everything"
      label: LABEL_REPEATED
    }
    field {
      name: "maybe_text"
      number: 17
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      proto3_optional: true
      oneof_index: 1
    }
    field {
      name: "maybe_number"
      number: 18
      type: TYPE_INT32
      label: LABEL_OPTIONAL
      proto3_optional: true
      oneof_index: 2
    }
    field { name: "choice_flag" number: 19 type: TYPE_BOOL label: LABEL_OPTIONAL oneof_index: 0 }
    field { name: "choice_text" number: 20 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
    oneof_decl { name: "choice" }
    oneof_decl { name: "_maybe_text" }
    oneof_decl { name: "_maybe_number" }
  }
  message_type {
    name: "Unsupported"
    field { name: "blob" number: 1 type: TYPE_BYTES label: LABEL_OPTIONAL }
    field { name: "ratio" number: 2 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
    field { name: "share" number: 3 type: TYPE_FLOAT label: LABEL_OPTIONAL }
    field {
      name: "table"
      number: 4
      type: TYPE_MESSAGE
      type_name: ".test.Unsupported.TableEntry"
      label: LABEL_REPEATED
    }
    field { name: "text" number: 5 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "turned" number: 6 type: TYPE_SINT32 label: LABEL_OPTIONAL }
    field { name: "fixed" number: 7 type: TYPE_FIXED64 label: LABEL_OPTIONAL }
    nested_type {
      name: "TableEntry"
      field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
      options { map_entry: true }
    }
  }
  enum_type {
    name: "Kind"
    options { allow_alias: true }
    value { name: "KIND_UNSPECIFIED" number: 0 }
    value { name: "KIND_ONE" number: 1 }
    value { name: "KIND_SINGLE" number: 1 }
  }
)pb";

std::unique_ptr<Message> NewMessage(const std::string& type) {
  // Never destroyed: descriptors live as long as the program.
  static auto& pool = *new google::protobuf::DescriptorPool;
  static auto& factory = *new google::protobuf::DynamicMessageFactory(&pool);
  static const google::protobuf::FileDescriptor* file = [] {
    google::protobuf::FileDescriptorProto proto;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kEverything, &proto));
    return pool.BuildFile(proto);
  }();
  return std::unique_ptr<Message>(factory.GetPrototype(file->FindMessageTypeByName(type))->New());
}

std::unique_ptr<Message> FromText(const std::string& type, const std::string& text) {
  std::unique_ptr<Message> message = NewMessage(type);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
  return message;
}

std::string Everything(const std::string& text) {
  return CanonicalJson(*FromText("Everything", text));
}

TEST(CanonicalJson, TellsTheIndexOfAnEventAlone) {
  v1::Event event;
  event.set_act_index(4);
  event.mutable_actor()->set_user_id("a\",\"index\":9,\"\\");
  event.add_records()->mutable_amendment()->set_number(7);
  event.mutable_reason()->set_text(",\"index\":8");
  EXPECT_EQ(IndexOf(CanonicalJson(event)), 0);
  event.set_index(1234);
  EXPECT_EQ(IndexOf(CanonicalJson(event)), 1234);
  EXPECT_EQ(IndexOf("no event"), 0);
}

TEST(EventBytes, KeysAscendByNameAndDefaultsAreLeftOut) {
  EXPECT_EQ(Everything(""), "{}");
  EXPECT_EQ(Everything("zone: 'Z' time: 5 alpha: -7 flag: true kind: KIND_ONE"),
            R"({"alpha":-7,"flag":true,"kind":"KIND_ONE","time":5,"zone":"Z"})");
  EXPECT_EQ(Everything("zone: '' time: 0 alpha: 0 flag: false kind: KIND_UNSPECIFIED"), "{}");
}

TEST(EventBytes, FieldsWithPresenceAreWrittenWhenSet) {
  EXPECT_EQ(Everything("maybe_text: '' maybe_number: 0 child {} choice_flag: false"),
            R"({"child":{},"choice_flag":false,"maybe_number":0,"maybe_text":""})");
}

TEST(EventBytes, ListsKeepTheirOrderAndTheirDefaults) {
  EXPECT_EQ(Everything("names: 'b' names: '' names: 'a' numbers: 0 flags: false flags: true "
                       "kinds: KIND_UNSPECIFIED children {} children { alpha: 1 } "
                       "bigs: 2 counts: 3 times: -4"),
            R"({"bigs":[2],"children":[{},{"alpha":1}],"counts":[3],"flags":[false,true],)"
            R"("kinds":["KIND_UNSPECIFIED"],"names":["b","","a"],"numbers":[0],"times":[-4]})");
}

TEST(EventBytes, StringsAreEscapedAsTheStandardSays) {
  EXPECT_EQ(Everything(R"(zone: "\"\\/\b\f\n\r\t\001\037\177 \302\260C \344\270\255")"),
            "{\"zone\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f \u00b0C \u4e2d\"}");
}

TEST(EventBytes, IntegersReachTo53Bits) {
  EXPECT_EQ(Everything("time: -9007199254740991 big: 9007199254740991 count: 4294967295 "
                       "alpha: -2147483648"),
            R"({"alpha":-2147483648,"big":9007199254740991,"count":4294967295,)"
            R"("time":-9007199254740991})");
}

TEST(EventBytes, AnEventHasTheseBytes) {
  v1::Event event;
  event.set_index(12);
  event.set_act_index(12);
  event.set_stream("lot/SC-2026-0007");
  event.set_time_us(1795325040123456);
  event.set_zone("Asia/Shanghai");
  event.set_zone_offset_minutes(480);
  event.mutable_actor()->set_user_id("u0123");
  event.mutable_actor()->set_name("\u5f20\u4e09");
  event.mutable_actor()->set_role(v1::ROLE_TECHNICIAN);
  event.set_act(v1::ACT_REGISTER_LOT);
  v1::Lot* lot = event.add_records()->mutable_lot();
  lot->set_lot_id("SC-2026-0007");
  lot->add_parents()->set_lot_id("WCB-1");
  EXPECT_EQ(CanonicalJson(event),
            R"({"act":"ACT_REGISTER_LOT","act_index":12,)"
            "\"actor\":{\"name\":\"\u5f20\u4e09\",\"role\":\"ROLE_TECHNICIAN\","
            R"("user_id":"u0123"},"index":12,)"
            R"("records":[{"lot":{"lot_id":"SC-2026-0007","parents":[{"lot_id":"WCB-1"}]}}],)"
            R"("stream":"lot/SC-2026-0007","time_us":1795325040123456,)"
            R"("zone":"Asia/Shanghai","zone_offset_minutes":480})");
  v1::Event again;
  ASSERT_TRUE(ParseCanonicalJson(CanonicalJson(event), &again));
  EXPECT_EQ(again.SerializeAsString(), event.SerializeAsString());
}

struct Refusal {
  std::string text;
  std::string field;
  std::string description;
};

TEST(EventBytes, WhatHasNoCanonicalFormIsRefusedByName) {
  const Refusal refusals[] = {
      {"time: 9007199254740992", "time", "an integer beyond 2^53 - 1"},
      {"children {} children { big: 18446744073709551615 }", "children[1].big",
       "an integer beyond 2^53 - 1"},
      {"child { child { numbers: 1 bigs: 1 bigs: 9007199254740992 } }", "child.child.bigs[1]",
       "an integer beyond 2^53 - 1"},
      {"kinds: 7", "kinds[0]", "not a value of Kind"},
  };
  for (const Refusal& refusal : refusals) {
    const Result<std::string> json = TryCanonicalJson(*FromText("Everything", refusal.text));
    ASSERT_FALSE(json) << refusal.text;
    EXPECT_EQ(json.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_EQ(json.error().violations.at(0).field, refusal.field);
    EXPECT_EQ(json.error().violations.at(0).description, refusal.description);
  }
  for (const char* text : {"blob: 'x'", "ratio: 1", "share: 1", "table { key: 'k' value: 'v' }",
                           "turned: 1", "fixed: 1"}) {
    EXPECT_FALSE(TryCanonicalJson(*FromText("Unsupported", text))) << text;
  }
  EXPECT_FALSE(TryCanonicalJson(google::protobuf::FileOptions()));  // may carry extensions
  EXPECT_EQ(CanonicalJson(*FromText("Unsupported", "text: 'fine'")), R"({"text":"fine"})");
}

TEST(EventBytes, UnknownFieldsAndMalformedTextAreRefused) {
  v1::Event event;
  event.mutable_actor()
      ->GetReflection()
      ->MutableUnknownFields(event.mutable_actor())
      ->AddVarint(999, 1);
  EXPECT_EQ(TryCanonicalJson(event).error().violations.at(0).field, "actor");

  // A newer program may have given the number of a field another type, or have it twice.
  for (const char* text : {"", "zone: 'here' time: 7"}) {
    const std::unique_ptr<Message> newer = FromText("Everything", text);
    newer->GetReflection()->MutableUnknownFields(newer.get())->AddVarint(1, 1);
    EXPECT_FALSE(TryCanonicalJson(*newer)) << text;
    newer->GetReflection()->MutableUnknownFields(newer.get())->Clear();
    newer->GetReflection()->MutableUnknownFields(newer.get())->AddVarint(5, 1);
    EXPECT_EQ(TryCanonicalJson(*newer).has_value(), *text == 0) << text;
  }

  const std::unique_ptr<Message> message = NewMessage("Everything");
  message->GetReflection()->SetString(message.get(),
                                      message->GetDescriptor()->FindFieldByName("zone"), "\xff");
  EXPECT_EQ(TryCanonicalJson(*message).error().violations.at(0).field, "zone");
}

TEST(EventBytes, NestingEndsWhereTheReaderEnds) {
  for (const int depth : {31, 32}) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "child {";
    for (int i = 0; i < depth; ++i) text += "}";
    const std::unique_ptr<Message> message = FromText("Everything", text);
    const Result<std::string> json = TryCanonicalJson(*message);
    ASSERT_EQ(json.has_value(), depth == 31);
    if (json) {
      EXPECT_TRUE(ParseCanonicalJson(*json, message.get()));
    }
  }
}

// A server lives through them: each ends one request.
TEST(EventBytes, TheProgramsOwnMistakesThrow) {
  for (const auto& [type, text, says] :
       {std::tuple("Unsupported", "ratio: 1", "test.Unsupported.ratio"),
        std::tuple("Everything", "time: 9007199254740992", "test.Everything.time")}) {
    try {
      (void)CanonicalJson(*FromText(type, text));
      ADD_FAILURE() << text;
    } catch (const std::logic_error& fault) {
      EXPECT_NE(std::string(fault.what()).find(says), std::string::npos) << fault.what();
    }
  }
}

TEST(EventBytes, OtherSpellingsAreRefusedWithTheirPlace) {
  const Refusal refusals[] = {
      {"", "message", "byte 0: "},
      {"[]", "message", "byte 0: "},
      {R"({"alpha":1)", "message", "byte 10: "},
      {R"({"alpha":1}x)", "message", "byte 11: "},
      {R"({"alpha":1} )", "message", "byte 11: "},
      {R"({ "alpha":1})", "message", "byte 1: "},
      {R"({"alpha": 1})", "alpha", "byte 9: "},
      {R"({"alpha":1,"alpha":2})", "message", "byte 11: keys must ascend"},
      {R"({"zone":"a","alpha":1})", "message", "byte 12: keys must ascend"},
      {R"({"alpha":1,"beta":2})", "beta", "byte 11: no such field"},
      {R"({"choiceFlag":true})", "choiceFlag", "byte 1: no such field"},
      {R"({"child":{"beta":2}})", "child.beta", "byte 10: no such field"},
      {R"({"alpha":null})", "alpha", "byte 9: "},
      {R"({"alpha":"1"})", "alpha", "byte 9: "},
      {R"({"alpha":1.0})", "message", "byte 10: "},
      {R"({"alpha":1e2})", "message", "byte 10: "},
      {R"({"alpha":01})", "alpha", "byte 9: "},
      {R"({"alpha":-0})", "alpha", "byte 9: "},
      {R"({"alpha":2147483648})", "alpha", "byte 9: outside the range of the field"},
      {R"({"count":-1})", "count", "byte 9: outside the range of the field"},
      {R"({"counts":[4294967296]})", "counts[0]", "byte 11: outside the range of the field"},
      {R"({"big":-1})", "big", "byte 7: outside the range of the field"},
      {R"({"time":9007199254740992})", "time", "byte 8: "},
      {R"({"flag":1})", "flag", "byte 8: "},
      {R"({"zone":1})", "zone", "byte 8: "},
      {R"({"zone":"a\/b"})", "zone", "byte "},
      {R"({"zone":"\u0041"})", "zone", "byte "},
      {R"({"kind":1})", "kind", "byte 8: "},
      {R"({"kind":"KIND_TWO"})", "kind", "byte 8: not a value of Kind"},
      {R"({"kind":"KIND_SINGLE"})", "kind", "byte 8: not a value of Kind"},
      {R"({"child":[]})", "child", "byte 9: "},
      {R"({"children":{}})", "children", "byte 12: "},
      {R"({"children":[{},{"alpha":"x"}]})", "children[1].alpha", "byte 25: "},
      {R"({"alpha":0})", "alpha", "byte 9: a field at its default is left out"},
      {R"({"zone":""})", "zone", "byte 8: a field at its default is left out"},
      {R"({"flag":false})", "flag", "byte 8: a field at its default is left out"},
      {R"({"kind":"KIND_UNSPECIFIED"})", "kind", "byte 8: a field at its default is left out"},
      {R"({"names":[]})", "names", "byte 9: an empty list is left out"},
      {R"({"names":["a",]})", "names[1]", "byte "},
      {R"({"choice_flag":false,"choice_text":"x"})", "choice_text",
       "byte 35: another field of the same choice is set"},
  };
  for (const Refusal& refusal : refusals) {
    const std::unique_ptr<Message> message = NewMessage("Everything");
    const Result<void> parsed = ParseCanonicalJson(refusal.text, message.get());
    ASSERT_FALSE(parsed) << refusal.text;
    EXPECT_EQ(parsed.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_EQ(parsed.error().violations.at(0).field, refusal.field) << refusal.text;
    EXPECT_TRUE(parsed.error().violations.at(0).description.starts_with(refusal.description))
        << refusal.text << " " << parsed.error().message;
  }
}

// Fills fields at random with what the writer accepts, defaults included.
class Filler {
 public:
  explicit Filler(std::uint64_t seed) : random_(seed) {}

  void Fill(Message* message, int depth = 0) {
    const Descriptor* type = message->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (Below(type->field_count() > 15 ? 4 : 2) != 0 || (is_message && depth == 6)) continue;
      const std::size_t times = field->is_repeated() ? Below(3) : 1;
      for (std::size_t n = 0; n < times; ++n) Set(message, field, depth);
    }
  }

  std::size_t Below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

 private:
  std::string Text() {
    static const std::vector<std::string> kPieces = {"",     "a",  "\"",     "\\",         "\n",
                                                     "\x01", "/",  "\x7f",   "\u00b0",     "\u4e2d",
                                                     "5.20", "{}", "\u2028", "\U0001f9ea", "\x1f"};
    std::string text;
    for (std::size_t i = Below(5); i > 0; --i) text += kPieces[Below(kPieces.size())];
    return text;
  }
  template <typename Integer>
  Integer Number() {
    constexpr std::int64_t kMost = (std::int64_t{1} << 53) - 1;
    const std::int64_t candidates[] = {0, 1, -1, 480, -2147483648LL, 4294967295LL, kMost, -kMost};
    const std::int64_t number = candidates[Below(std::size(candidates))];
    return std::in_range<Integer>(number) ? static_cast<Integer>(number) : Integer{7};
  }
  void Set(Message* message, const FieldDescriptor* field, int depth) {
    const Reflection& r = *message->GetReflection();
    const bool list = field->is_repeated();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return list ? r.AddString(message, field, Text()) : r.SetString(message, field, Text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(list ? r.AddMessage(message, field) : r.MutableMessage(message, field),
                    depth + 1);
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* type = field->enum_type();
        const int number =
            type->value(static_cast<int>(Below(static_cast<std::size_t>(type->value_count()))))
                ->number();
        return list ? r.AddEnumValue(message, field, number)
                    : r.SetEnumValue(message, field, number);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return list ? r.AddBool(message, field, Below(2) == 0)
                    : r.SetBool(message, field, Below(2) == 0);
      case FieldDescriptor::CPPTYPE_INT32:
        return list ? r.AddInt32(message, field, Number<std::int32_t>())
                    : r.SetInt32(message, field, Number<std::int32_t>());
      case FieldDescriptor::CPPTYPE_INT64:
        return list ? r.AddInt64(message, field, Number<std::int64_t>())
                    : r.SetInt64(message, field, Number<std::int64_t>());
      case FieldDescriptor::CPPTYPE_UINT32:
        return list ? r.AddUInt32(message, field, Number<std::uint32_t>())
                    : r.SetUInt32(message, field, Number<std::uint32_t>());
      case FieldDescriptor::CPPTYPE_UINT64:
        return list ? r.AddUInt64(message, field, Number<std::uint64_t>())
                    : r.SetUInt64(message, field, Number<std::uint64_t>());
      default:
        FAIL() << field->full_name() << " has no canonical form";
    }
  }

  std::mt19937_64 random_;
};

std::unique_ptr<Message> AnyMessage(Filler* filler) {
  std::unique_ptr<Message> message =
      filler->Below(2) == 0 ? NewMessage("Everything") : std::make_unique<v1::Event>();
  filler->Fill(message.get());
  return message;
}

RC_GTEST_PROP(EventBytes, EveryMessageRoundTrips, (std::uint64_t seed)) {
  Filler filler(seed);
  const std::unique_ptr<Message> message = AnyMessage(&filler);
  const std::string json = CanonicalJson(*message);
  const std::unique_ptr<Message> again(message->New());
  const Result<void> parsed = ParseCanonicalJson(json, again.get());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(again->SerializeAsString() == message->SerializeAsString());
  RC_ASSERT(CanonicalJson(*again) == json);
}

RC_GTEST_PROP(EventBytes, WhateverIsReadIsWrittenTheSame, (std::uint64_t seed)) {
  Filler filler(seed);
  const std::unique_ptr<Message> message = AnyMessage(&filler);
  const std::string json = CanonicalJson(*message);
  static constexpr std::string_view kBytes = "{}[]\",:\\ 0123456789-+.eEnulltruefalsab_\n\x80\xff";
  for (int i = 0; i < 100; ++i) {
    std::string damaged = json;
    const std::size_t place = filler.Below(json.size());
    const std::string piece(1, kBytes[filler.Below(kBytes.size())]);
    damaged.replace(place, filler.Below(3), filler.Below(4) == 0 ? "" : piece);
    const std::unique_ptr<Message> read(message->New());
    if (ParseCanonicalJson(damaged, read.get())) RC_ASSERT(CanonicalJson(*read) == damaged);
  }
}

TEST(EventBytes, EveryRecordOfTheProductHasACanonicalForm) {
  const Descriptor* record = v1::Record::descriptor();
  ASSERT_GT(record->field_count(), 20);
  Filler filler(1);
  for (int i = 0; i < record->field_count(); ++i) {
    for (int n = 0; n < 20; ++n) {
      v1::Event event;
      v1::Record* slot = event.add_records();
      filler.Fill(slot->GetReflection()->MutableMessage(slot, record->field(i)));
      const std::string json = CanonicalJson(event);
      v1::Event again;
      ASSERT_TRUE(ParseCanonicalJson(json, &again)) << json;
      EXPECT_EQ(CanonicalJson(again), json);
    }
  }
}

TEST(EventBytes, ManyThreadsMayBegin) {
  std::vector<std::thread> threads;
  std::vector<std::string> texts(8);
  for (std::string& text : texts) {
    threads.emplace_back([&text] {
      v1::Event event;
      event.add_records()->mutable_lot()->set_lot_id("A");
      for (int i = 0; i < 100; ++i) text = CanonicalJson(event);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, R"({"records":[{"lot":{"lot_id":"A"}}]})");
}

}  // namespace
}  // namespace lims::tlog
