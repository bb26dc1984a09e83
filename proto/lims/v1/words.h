// How values of enums are written: in texts that are shown, signed and recorded, and in what people
// type.
#ifndef LIMS_PROTO_LIMS_V1_WORDS_H_
#define LIMS_PROTO_LIMS_V1_WORDS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <string_view>

#include "lims/v1/common.pb.h"

namespace lims::v1 {

// "VERDICT_", with which every name of the enum begins: its zero value is VERDICT_UNSPECIFIED.
inline std::string_view EnumPrefix(const google::protobuf::EnumDescriptor& type) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  std::string_view name = type.FindValueByNumber(0)->name();
  name.remove_suffix(kZero.size());
  return name;
}

// "PASS" for VERDICT_PASS, "UNSPECIFIED" for the zero value; the number of a value that this build
// does not know.
inline std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number) {
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) return std::to_string(number);
  return value->name().substr(EnumPrefix(type).size());
}
template <typename Enum>
std::string EnumWord(Enum value) {
  return EnumWord(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// What a check has observed of a control that nobody read. Where such a check holds, the outcome
// did not need the control: it says nothing about it.
inline constexpr std::string_view kNotRead = "not read";

// What stands before a number: "<", ">" or nothing.
inline const char* QualifierSign(Qualifier qualifier) {
  if (qualifier == QUALIFIER_LESS_THAN) return "<";
  return qualifier == QUALIFIER_GREATER_THAN ? ">" : "";
}

}  // namespace lims::v1

#endif  // LIMS_PROTO_LIMS_V1_WORDS_H_
