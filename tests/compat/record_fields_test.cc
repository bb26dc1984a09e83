// Recorded events are read for ever: what stands in them keeps its name, number and type.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "lims/v1/event.pb.h"
#include "lims/v1/release.pb.h"

namespace lims {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr char kList[] = LIMS_SOURCE_DIR "/tests/compat/record_fields.txt";

std::string TypeOf(const FieldDescriptor& field) {
  std::string type = field.is_repeated() ? "repeated " : "";
  // Members of a oneof and messages are written when they are set, however empty.
  if (field.has_presence() && field.message_type() == nullptr) type = "optional ";
  if (field.message_type() != nullptr) return type + field.message_type()->name();
  if (field.enum_type() != nullptr) return type + field.enum_type()->name();
  return type + field.type_name();
}

// A line for each field and enum value that canonical JSON of a recorded message may hold:
// "Lot.parents = 5 repeated LotParent", "Act.ACT_INIT_SITE = 1".
class Lines {
 public:
  void Add(const Descriptor& message) {
    if (!seen_.insert(message.full_name()).second) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      lines.insert(message.name() + "." + field.name() + " = " + std::to_string(field.number()) +
                   " " + TypeOf(field));
      if (field.message_type() != nullptr) Add(*field.message_type());
      if (field.enum_type() != nullptr) Add(*field.enum_type());
    }
    for (int i = 0; i < message.reserved_range_count(); ++i) {
      for (int n = message.reserved_range(i)->start; n < message.reserved_range(i)->end; ++n) {
        lines.insert(message.name() + " = " + std::to_string(n) + " reserved");
      }
    }
  }

  std::set<std::string> lines;

 private:
  void Add(const EnumDescriptor& type) {
    if (!seen_.insert(type.full_name()).second) return;
    for (int i = 0; i < type.value_count(); ++i) {
      lines.insert(type.name() + "." + type.value(i)->name() + " = " +
                   std::to_string(type.value(i)->number()));
    }
  }

  std::set<std::string> seen_;
};

std::set<std::string> Listed() {
  std::ifstream file(kList);
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);
  return lines;
}

TEST(RecordFields, KeepTheirNamesNumbersAndTypes) {
  Lines now;
  now.Add(*v1::Event::descriptor());
  now.Add(*v1::Manifest::descriptor());
  std::set<std::string> listed = Listed();
  if (std::getenv("LIMS_ADD_RECORD_FIELDS") != nullptr) {
    listed.insert(now.lines.begin(), now.lines.end());
    std::ofstream file(kList);
    for (const std::string& line : listed) file << line << "\n";
  }
  ASSERT_GT(listed.size(), 500u) << kList;
  for (const std::string& line : listed) {
    EXPECT_TRUE(now.lines.contains(line))
        << line << ": is no longer so, but events that were recorded say it: put it back and add "
        << "a new field or value beside it";
  }
  for (const std::string& line : now.lines) {
    EXPECT_TRUE(listed.contains(line))
        << line << ": is new. Once it is as it shall stay for ever, add it to " << kList
        << " with LIMS_ADD_RECORD_FIELDS=1 lims_compat_test --gtest_filter='RecordFields.*'";
  }
}

}  // namespace
}  // namespace lims
