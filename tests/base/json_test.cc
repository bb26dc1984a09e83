#include "base/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/text.h"

namespace lims {
namespace {

// A document whose keys say what kind of value they hold by their first letter, so that a reader
// without a schema of its own can be driven through any of them.
struct Object {
  std::map<std::string, std::string> strings;             // s…
  std::map<std::string, std::int64_t> integers;           // i…
  std::map<std::string, bool> booleans;                   // b…
  std::map<std::string, std::vector<std::string>> lists;  // l…
  std::map<std::string, std::vector<Object>> objects;     // o…

  bool operator==(const Object&) const = default;
};

std::string Write(const Object& object);

template <typename Value, typename Writer>
void WriteAll(const std::map<std::string, Value>& values, std::map<std::string, std::string>& out,
              Writer writer) {
  for (const auto& [key, value] : values) out[key] = writer(value);
}

std::string WriteString(const std::string& value) {
  std::string out;
  AppendJsonString(out, value);
  return out;
}

template <typename Value, typename Writer>
std::string WriteArray(const std::vector<Value>& values, Writer writer) {
  std::string out = "[";
  for (const Value& value : values) out += (out.size() > 1 ? "," : "") + writer(value);
  return out + "]";
}

std::string Write(const Object& object) {
  std::map<std::string, std::string> members;
  WriteAll(object.strings, members, WriteString);
  WriteAll(object.integers, members, [](std::int64_t value) { return std::to_string(value); });
  WriteAll(object.booleans, members, [](bool value) { return value ? "true" : "false"; });
  WriteAll(object.lists, members,
           [](const auto& values) { return WriteArray(values, WriteString); });
  WriteAll(object.objects, members, [](const auto& values) { return WriteArray(values, Write); });
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out += ',';
    AppendJsonString(out, key);
    out += ":" + value;
  }
  return out + "}";
}

bool Read(JsonReader& reader, Object& object);

template <typename Value, typename ReadValue>
bool ReadArray(JsonReader& reader, std::vector<Value>& values, ReadValue read_value) {
  if (!reader.BeginArray()) return false;
  while (reader.NextElement()) {
    if (!read_value(values.emplace_back())) return false;
  }
  return reader.ok();
}

bool ReadMember(JsonReader& reader, const std::string& key, Object& object) {
  switch (key.empty() ? '?' : key[0]) {
    case 's':
      return reader.ReadString(object.strings[key]);
    case 'i':
      return reader.ReadInteger(object.integers[key]);
    case 'b': {
      bool value = false;
      const bool read = reader.ReadBool(value);
      object.booleans[key] = value;
      return read;
    }
    case 'l':
      return ReadArray(reader, object.lists[key],
                       [&](std::string& value) { return reader.ReadString(value); });
    case 'o':
      return ReadArray(reader, object.objects[key],
                       [&](Object& value) { return Read(reader, value); });
    default:
      return false;
  }
}

bool Read(JsonReader& reader, Object& object) {
  if (!reader.BeginObject()) return false;
  std::string key;
  while (reader.NextKey(key)) {
    if (!ReadMember(reader, key, object)) return false;
  }
  return reader.ok();
}

std::string Problem(std::string_view text) {
  JsonReader reader(text);
  Object object;
  if (Read(reader, object)) (void)reader.AtEnd();
  return reader.problem();
}

TEST(Json, WritesTheEscapesOfRfc8785) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", R"("")"},
      {"plain 质量 \U0001F9EB", "\"plain 质量 \U0001F9EB\""},
      {"\b\t\n\f\r", R"("\b\t\n\f\r")"},
      {"\"\\/", R"("\"\\/")"},
      {std::string("\0\x01\x0b\x1f", 4), R"("\u0000\u0001\u000b\u001f")"},
      {"\x7f\u0080\u2028\ufeff", "\"\x7f\u0080\u2028\ufeff\""},
  };
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(WriteString(value), text);
    JsonReader reader(text);
    std::string read;
    EXPECT_TRUE(reader.ReadString(read)) << reader.problem();
    EXPECT_TRUE(reader.AtEnd());
    EXPECT_EQ(read, value);
  }
}

TEST(Json, ReadsEveryKindOfValue) {
  JsonReader reader(R"({"b":true,"b2":false,"i":-9007199254740991,"l":["x",""],"o":[{}],"s":"y"})");
  Object object;
  ASSERT_TRUE(Read(reader, object)) << reader.problem();
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(object.booleans, (std::map<std::string, bool>{{"b", true}, {"b2", false}}));
  EXPECT_EQ(object.integers["i"], -kJsonMaxInteger);
  EXPECT_EQ(object.lists["l"], (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(object.objects["o"].size(), 1U);
  EXPECT_EQ(object.strings["s"], "y");
}

TEST(Json, ReadsSingleValues) {
  for (std::int64_t value : {std::int64_t{0}, std::int64_t{7}, std::int64_t{-1}, kJsonMaxInteger}) {
    const std::string text = std::to_string(value);
    JsonReader reader(text);
    std::int64_t read = 99;
    EXPECT_TRUE(reader.ReadInteger(read));
    EXPECT_TRUE(reader.AtEnd());
    EXPECT_EQ(read, value);
  }
}

TEST(Json, RefusesOtherTextAndSaysWhere) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "byte 0: an object is needed here"},
      {" {}", "byte 0: an object is needed here"},
      {"{} ", "byte 2: nothing may follow here"},
      {"{}{}", "byte 2: nothing may follow here"},
      {"{", "byte 1: a key is needed here"},
      {"[]", "byte 0: an object is needed here"},
      {R"({ "i":1})", "byte 1: a key is needed here"},
      {R"({"i": 1})", "byte 5: an integer is needed here"},
      {R"({"i" :1})", "byte 4: a colon is needed here"},
      {R"({"i":1,})", "byte 7: a key is needed here"},
      {R"({,"i":1})", "byte 1: a key is needed here"},
      {R"({"i":1 })", "byte 6: a comma or } is needed here"},
      {R"({"i":1]})", "byte 6: a comma or } is needed here"},
      {R"({"i":1"i2":1})", "byte 6: a comma or } is needed here"},
      {R"({"i":1)", "byte 6: a comma or } is needed here"},
      // Keys
      {R"({"i":1,"i":2})", "byte 7: keys must ascend, each at most once"},
      {R"({"i2":1,"i1":2})", "byte 8: keys must ascend, each at most once"},
      {R"({"ia":1,"i":2})", "byte 8: keys must ascend, each at most once"},
      {R"({"\u0069":1})", "byte 2: a key may hold plain ASCII characters only"},
      {R"({"i\"":1})", "byte 3: a key may hold plain ASCII characters only"},
      {"{\"i质\":1}", "byte 3: a key may hold plain ASCII characters only"},
      {"{i:1}", "byte 1: a key is needed here"},
      // Numbers
      {R"({"i":01})", "byte 5: an integer has no leading zero and zero no sign"},
      {R"({"i":-0})", "byte 5: an integer has no leading zero and zero no sign"},
      {R"({"i":-01})", "byte 5: an integer has no leading zero and zero no sign"},
      {R"({"i":+1})", "byte 5: an integer is needed here"},
      {R"({"i":-})", "byte 5: an integer is needed here"},
      {R"({"i":1.0})", "byte 6: a comma or } is needed here"},
      {R"({"i":1e3})", "byte 6: a comma or } is needed here"},
      {R"({"i":9007199254740992})", "byte 5: the integer is over 2^53-1"},
      {R"({"i":-9007199254740992})", "byte 5: the integer is over 2^53-1"},
      {R"({"i":99999999999999999999999999999999})", "byte 5: the integer is over 2^53-1"},
      {R"({"i":null})", "byte 5: an integer is needed here"},
      {R"({"i":"1"})", "byte 5: an integer is needed here"},
      // Booleans
      {R"({"b":null})", "byte 5: true or false is needed here"},
      {R"({"b":True})", "byte 5: true or false is needed here"},
      {R"({"b":tru})", "byte 5: true or false is needed here"},
      {R"({"b":truer})", "byte 9: a comma or } is needed here"},
      // Strings
      {R"({"s":null})", "byte 5: a string is needed here"},
      {R"({"s":"a)", "byte 7: the string does not end"},
      {"{\"s\":\"a\nb\"}", "byte 7: a control character must be escaped"},
      {"{\"s\":\"a\xff\"}", "byte 7: malformed UTF-8"},
      {"{\"s\":\"\xed\xa0\x80\"}", "byte 6: malformed UTF-8"},
      {"{\"s\":\"\xe8\xb4\"}", "byte 6: malformed UTF-8"},
      {R"({"s":"\/"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\u0041"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\u000a"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\u001F"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\U001f"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\u01"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\u001)", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\ud83e\uddeb"})", "byte 6: this escape is not the canonical one"},
      {R"({"s":"\)", "byte 6: this escape is not the canonical one"},
      // Arrays
      {R"({"l":["a",]})", "byte 10: a string is needed here"},
      {R"({"l":[,"a"]})", "byte 6: a string is needed here"},
      {R"({"l":["a""b"]})", "byte 9: a comma or ] is needed here"},
      {R"({"l":["a"})", "byte 9: a comma or ] is needed here"},
      {R"({"l":{}})", "byte 5: an array is needed here"},
  };
  for (const auto& [text, problem] : cases) EXPECT_EQ(Problem(text), problem) << text;
}

TEST(Json, LimitsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  const auto read = [](const std::string& text, std::size_t depth) {
    JsonReader reader(text);
    for (std::size_t i = 0; i < depth; ++i) {
      if (i > 0 && !reader.NextElement()) return reader.problem();
      if (!reader.BeginArray()) return reader.problem();
    }
    for (std::size_t i = 0; i < depth; ++i) EXPECT_FALSE(reader.NextElement());
    EXPECT_TRUE(reader.AtEnd());
    return reader.problem();
  };
  EXPECT_EQ(read(nested(32), 32), "");
  EXPECT_EQ(read(nested(33), 33), "byte 32: nested more than 32 deep");
}

TEST(Json, FirstRefusalIsFinal) {
  JsonReader reader(R"({"i":x,"i2":1})");
  std::string key;
  std::int64_t integer = 0;
  ASSERT_TRUE(reader.BeginObject());
  ASSERT_TRUE(reader.NextKey(key));
  ASSERT_FALSE(reader.ReadInteger(integer));
  const std::string problem = reader.problem();
  std::string text;
  bool boolean = false;
  EXPECT_FALSE(reader.NextKey(key));
  EXPECT_FALSE(reader.NextElement());
  EXPECT_FALSE(reader.BeginObject());
  EXPECT_FALSE(reader.BeginArray());
  EXPECT_FALSE(reader.ReadString(text));
  EXPECT_FALSE(reader.ReadInteger(integer));
  EXPECT_FALSE(reader.ReadBool(boolean));
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_EQ(reader.problem(), problem);
}

TEST(Json, UnfinishedValueIsNotTheEnd) {
  JsonReader reader("{}");
  EXPECT_TRUE(reader.BeginObject());
  EXPECT_FALSE(reader.AtEnd());
  EXPECT_FALSE(JsonReader("").AtEnd());
}

std::string AnyKey(char kind) {
  return kind + *rc::gen::container<std::string>(rc::gen::element('a', 'Z', '_', '0', ' ', '~'));
}

std::string AnyString() {
  return *rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                           "a", "\"", "\\", "\b", "\t", "\n", "\f", "\r", std::string(1, '\0'),
                           "\x1f", "\x7f", "é", "质", "\U0001F9EB", "/", "{", "]")),
                       [](const std::vector<std::string>& pieces) {
                         std::string all;
                         for (const std::string& piece : pieces) all += piece;
                         return all;
                       });
}

Object AnyObject(int depth) {
  Object object;
  const auto count = [] { return *rc::gen::inRange(0, 3); };
  for (int i = count(); i > 0; --i) object.strings[AnyKey('s')] = AnyString();
  for (int i = count(); i > 0; --i) {
    object.integers[AnyKey('i')] = *rc::gen::inRange(-kJsonMaxInteger, kJsonMaxInteger + 1);
  }
  for (int i = count(); i > 0; --i) object.booleans[AnyKey('b')] = *rc::gen::arbitrary<bool>();
  for (int i = count(); i > 0; --i) {
    auto& list = object.lists[AnyKey('l')];
    for (int k = count(); k > 0; --k) list.push_back(AnyString());
  }
  for (int i = depth > 0 ? count() : 0; i > 0; --i) {
    auto& list = object.objects[AnyKey('o')];
    for (int k = count(); k > 0; --k) list.push_back(AnyObject(depth - 1));
  }
  return object;
}

RC_GTEST_PROP(Json, WhatIsWrittenReadsBack, ()) {
  const Object object = AnyObject(3);
  const std::string text = Write(object);
  JsonReader reader(text);
  Object read;
  RC_ASSERT(Read(reader, read));
  RC_ASSERT(reader.AtEnd());
  RC_ASSERT(read == object);
}

// One value has one text: whatever a changed text reads as must be written as that very text.
RC_GTEST_PROP(Json, AcceptedTextIsTheOneText, ()) {
  std::string text = Write(AnyObject(2));
  const std::size_t position = *rc::gen::inRange<std::size_t>(0, text.size());
  const char byte = *rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                    rc::gen::element('"', '\\', ',', '0', '-', 'n', 'u', ' ', '}'));
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text[position] = byte;
      break;
    case 1:
      text.insert(position, 1, byte);
      break;
    default:
      text.erase(position, 1);
  }
  JsonReader reader(text);
  Object read;
  const bool accepted = Read(reader, read) && reader.AtEnd();
  if (accepted) RC_ASSERT(Write(read) == text);
  RC_CLASSIFY(accepted, "accepted");
}

RC_GTEST_PROP(Json, EveryWellFormedTextIsAString, (const std::string& bytes)) {
  std::string text = "\"" + bytes + "\"";
  JsonReader reader(text);
  std::string value;
  const bool accepted = reader.ReadString(value) && reader.AtEnd();
  if (accepted) {
    RC_ASSERT(IsValidUtf8(value));
    RC_ASSERT(WriteString(value) == text);
  }
}

}  // namespace
}  // namespace lims
