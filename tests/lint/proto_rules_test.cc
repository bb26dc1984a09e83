// Rules of the API and of the data dictionary, read from the compiled descriptors with comments.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lims/v1/event.pb.h"
#include "lims/v1/options.pb.h"
#include "lint/source_tree.h"
#include "tlog/record.h"

namespace lims {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using google::protobuf::SourceLocation;

// Every file of proto/lims, built from what protoc wrote beside the generated code.
class ProtoRules : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in(LIMS_BINARY_DIR "/proto/lims.binpb", std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    ASSERT_TRUE(set.ParseFromIstream(&in)) << "build the target lims_descriptors";
    for (const auto& file : set.file()) {
      const FileDescriptor* built = pool_.BuildFile(file);
      ASSERT_NE(built, nullptr) << file.name();
      if (file.name().starts_with("lims/")) files_.push_back(built);
    }
    ASSERT_GT(files_.size(), 10u);
  }

  void ForEachMessage(const std::function<void(const Descriptor&)>& visit) const {
    const std::function<void(const Descriptor&)> descend = [&](const Descriptor& message) {
      visit(message);
      for (int i = 0; i < message.nested_type_count(); ++i) descend(*message.nested_type(i));
    };
    for (const FileDescriptor* file : files_) {
      for (int i = 0; i < file->message_type_count(); ++i) descend(*file->message_type(i));
    }
  }

  void ForEachEnum(const std::function<void(const EnumDescriptor&)>& visit) const {
    for (const FileDescriptor* file : files_) {
      for (int i = 0; i < file->enum_type_count(); ++i) visit(*file->enum_type(i));
    }
    ForEachMessage([&](const Descriptor& message) {
      for (int i = 0; i < message.enum_type_count(); ++i) visit(*message.enum_type(i));
    });
  }

  void ForEachService(const std::function<void(const ServiceDescriptor&)>& visit) const {
    for (const FileDescriptor* file : files_) {
      for (int i = 0; i < file->service_count(); ++i) visit(*file->service(i));
    }
  }

  void ForEachRpc(const std::function<void(const MethodDescriptor&)>& visit) const {
    ForEachService([&](const ServiceDescriptor& service) {
      for (int i = 0; i < service.method_count(); ++i) visit(*service.method(i));
    });
  }

  DescriptorPool pool_;
  std::vector<const FileDescriptor*> files_;
};

template <typename Element>
void ExpectComment(const Element& element) {
  SourceLocation location;
  const bool found = element.GetSourceLocation(&location);
  EXPECT_TRUE(found && (!location.leading_comments.empty() || !location.trailing_comments.empty()))
      << element.full_name() << ": say what it is, with unit or shape";
}

// VERSION_STATE for VersionState.
std::string UpperSnake(std::string_view name) {
  std::string upper;
  for (const char c : name) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isupper(letter) != 0 && !upper.empty()) upper += '_';
    upper += static_cast<char>(std::toupper(letter));
  }
  return upper;
}

bool HasField(const Descriptor& message, const std::string& name, FieldDescriptor::Type type) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  return field != nullptr && field->type() == type && !field->is_repeated();
}

TEST_F(ProtoRules, EveryFileIsInThePackageOfItsFolder) {
  for (const FileDescriptor* file : files_) {
    EXPECT_EQ(file->package(), "lims.v1") << file->name();
    EXPECT_TRUE(file->name().starts_with("lims/v1/")) << file->name();
  }
}

TEST_F(ProtoRules, EverythingHasAComment) {
  ForEachMessage([](const Descriptor& message) {
    ExpectComment(message);
    for (int i = 0; i < message.field_count(); ++i) ExpectComment(*message.field(i));
  });
  ForEachEnum([](const EnumDescriptor& type) {
    ExpectComment(type);
    for (int i = 0; i < type.value_count(); ++i) ExpectComment(*type.value(i));
  });
  ForEachService([](const ServiceDescriptor& service) { ExpectComment(service); });
  ForEachRpc([](const MethodDescriptor& rpc) { ExpectComment(rpc); });
}

TEST_F(ProtoRules, RequestsAndResponsesAreNamedAfterTheirOneRpc) {
  std::set<std::string> names;
  ForEachService([](const ServiceDescriptor& service) {
    EXPECT_TRUE(service.name().ends_with("Service")) << service.full_name();
  });
  ForEachRpc([&](const MethodDescriptor& rpc) {
    EXPECT_TRUE(names.insert(rpc.name()).second) << rpc.full_name() << ": the name is taken";
    EXPECT_EQ(rpc.input_type()->full_name(), "lims.v1." + rpc.name() + "Request");
    EXPECT_EQ(rpc.output_type()->full_name(), "lims.v1." + rpc.name() + "Response");
  });
}

TEST_F(ProtoRules, EnumValuesCarryTheEnumsNameAndStartUnspecified) {
  ForEachEnum([](const EnumDescriptor& type) {
    const std::string prefix = UpperSnake(type.name()) + "_";
    ASSERT_GT(type.value_count(), 0);
    EXPECT_EQ(type.value(0)->number(), 0) << type.full_name();
    EXPECT_EQ(type.value(0)->name(), prefix + "UNSPECIFIED");
    for (int i = 0; i < type.value_count(); ++i) {
      EXPECT_TRUE(type.value(i)->name().starts_with(prefix)) << type.value(i)->full_name();
    }
  });
}

TEST_F(ProtoRules, FieldsAreSnakeCaseAndNeverFloating) {
  ForEachMessage([](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      for (const char c : field.name()) {
        const auto letter = static_cast<unsigned char>(c);
        EXPECT_TRUE(std::islower(letter) != 0 || std::isdigit(letter) != 0 || c == '_')
            << field.full_name();
      }
      EXPECT_NE(field.cpp_type(), FieldDescriptor::CPPTYPE_DOUBLE) << field.full_name();
      EXPECT_NE(field.cpp_type(), FieldDescriptor::CPPTYPE_FLOAT) << field.full_name();
      EXPECT_TRUE(field.message_type() == nullptr ||
                  field.message_type()->full_name() != "google.protobuf.Empty")
          << field.full_name();
    }
  });
}

TEST_F(ProtoRules, ListsArePaged) {
  ForEachRpc([](const MethodDescriptor& rpc) {
    if (!rpc.name().starts_with("List")) return;
    EXPECT_TRUE(HasField(*rpc.input_type(), "page_size", FieldDescriptor::TYPE_INT32))
        << rpc.full_name();
    EXPECT_TRUE(HasField(*rpc.input_type(), "page_token", FieldDescriptor::TYPE_STRING))
        << rpc.full_name();
    EXPECT_TRUE(HasField(*rpc.output_type(), "next_page_token", FieldDescriptor::TYPE_STRING))
        << rpc.full_name();
  });
}

TEST_F(ProtoRules, WhatGivesAReceiptTakesARequestId) {
  int receipts = 0;
  ForEachRpc([&](const MethodDescriptor& rpc) {
    for (int i = 0; i < rpc.output_type()->field_count(); ++i) {
      const Descriptor* type = rpc.output_type()->field(i)->message_type();
      if (type == nullptr || type->full_name() != "lims.v1.Receipt") continue;
      ++receipts;
      EXPECT_TRUE(HasField(*rpc.input_type(), "request_id", FieldDescriptor::TYPE_STRING))
          << rpc.full_name();
    }
  });
  EXPECT_GT(receipts, 10);
}

TEST_F(ProtoRules, WhatIsNamedAsASecretIsMarkedAsOne) {
  int secrets = 0;
  ForEachMessage([&](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      const std::string& name = field.name();
      const bool secret = field.type() == FieldDescriptor::TYPE_STRING &&
                          (name.ends_with("password") || name.ends_with("one_time_code") ||
                           name.find("secret") != std::string::npos);
      EXPECT_EQ(field.options().GetExtension(v1::secret), secret) << field.full_name();
      secrets += secret;
    }
  });
  EXPECT_GE(secrets, 6);
}

// Canonical JSON writes neither maps nor bytes nor floating numbers.
TEST_F(ProtoRules, EventsHoldOnlyWhatCanonicalJsonCanWrite) {
  std::set<const Descriptor*> seen;
  const std::function<void(const Descriptor&)> descend = [&](const Descriptor& message) {
    if (!seen.insert(&message).second) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      EXPECT_FALSE(field.is_map()) << field.full_name();
      EXPECT_NE(field.type(), FieldDescriptor::TYPE_BYTES) << field.full_name();
      if (field.message_type() != nullptr) descend(*field.message_type());
    }
  };
  const Descriptor* event = pool_.FindMessageTypeByName("lims.v1.Event");
  ASSERT_NE(event, nullptr);
  descend(*event);
  EXPECT_GT(seen.size(), 22u);
}

// The type of a record's column; "" for a field that cannot be one.
std::string ColumnType(const FieldDescriptor& field) {
  if (field.is_repeated()) return "";
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return "TEXT";
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_ENUM:
      return "INTEGER";
    default:
      return "";
  }
}

TEST(RecordOptions, NameFieldsThatExistAndCanBeColumns) {
  std::set<std::string> tables;
  const Descriptor* record = v1::Record::descriptor();
  for (int i = 0; i < record->field_count(); ++i) {
    const FieldDescriptor& kind = *record->field(i);
    ASSERT_NE(kind.message_type(), nullptr) << kind.full_name();
    const Descriptor& message = *kind.message_type();
    ASSERT_TRUE(message.options().HasExtension(v1::record)) << message.full_name();
    const v1::RecordOptions& options = message.options().GetExtension(v1::record);
    EXPECT_EQ(options.table(), kind.name());
    EXPECT_TRUE(tables.insert(options.table()).second) << options.table();
    EXPECT_GT(options.key_size(), 0) << message.full_name();
    std::set<std::string> columns;
    const auto expect_column = [&](const std::string& name, bool key) {
      EXPECT_TRUE(columns.insert(name).second) << message.full_name() << "." << name;
      const FieldDescriptor* field = message.FindFieldByName(name);
      ASSERT_NE(field, nullptr) << message.full_name() << "." << name;
      EXPECT_NE(ColumnType(*field), "") << field->full_name();
      EXPECT_FALSE(key && field->type() == FieldDescriptor::TYPE_ENUM) << field->full_name();
    };
    for (const std::string& name : options.key()) expect_column(name, true);
    for (const std::string& name : options.columns()) expect_column(name, false);
    const std::string& stream = options.stream();
    EXPECT_FALSE(stream.empty()) << message.full_name();
    for (std::size_t open = stream.find('{'); open != std::string::npos;
         open = stream.find('{', open + 1)) {
      const std::size_t close = stream.find('}', open);
      ASSERT_NE(close, std::string::npos) << stream;
      EXPECT_NE(message.FindFieldByName(stream.substr(open + 1, close - open - 1)), nullptr)
          << message.full_name() << ": " << stream;
    }
  }
}

// "lot_id TEXT PRIMARY KEY, disposition INTEGER NOT NULL, …" of a record kind, as the schema writes
// it: the key, the query columns, the etag, the message.
std::string ColumnsOf(const tlog::RecordKind& kind) {
  const bool single = kind.key.size() == 1;
  std::string columns;
  for (const FieldDescriptor* field : kind.key) {
    columns +=
        field->name() + " " + ColumnType(*field) + (single ? " PRIMARY KEY, " : " NOT NULL, ");
  }
  for (const FieldDescriptor* field : kind.columns) {
    columns += field->name() + " " + ColumnType(*field) + " NOT NULL, ";
  }
  columns += "etag INTEGER NOT NULL, record BLOB NOT NULL";
  if (single) return columns;
  columns += ", PRIMARY KEY (";
  for (std::size_t i = 0; i < kind.key.size(); ++i) {
    columns += (i == 0 ? "" : ", ") + kind.key[i]->name();
  }
  return columns + ")";
}

TEST(RecordOptions, EqualTheColumnsOfTheSchema) {
  std::map<std::string, std::string> tables;  // by name: what stands in the parentheses
  for (const SourceFile& file : SourceFiles({"schemas/sqlite"}, {".sql"})) {
    for (const std::string& line : file.lines) {
      constexpr std::string_view kCreate = "CREATE TABLE ";
      constexpr std::string_view kEnd = ") STRICT, WITHOUT ROWID;";
      const std::size_t open = line.find(" (");
      if (!line.starts_with(kCreate) || !line.ends_with(kEnd)) continue;
      tables[line.substr(kCreate.size(), open - kCreate.size())] =
          line.substr(open + 2, line.size() - open - 2 - kEnd.size());
    }
  }
  for (const tlog::RecordKind& kind : tlog::RecordKinds()) {
    EXPECT_EQ(tables[kind.table], ColumnsOf(kind)) << kind.table;
    tables.erase(kind.table);
  }
  for (const auto& [table, columns] : tables) {
    ADD_FAILURE() << table << " looks like a record's table and no message names it: " << columns;
  }
}

}  // namespace
}  // namespace lims
