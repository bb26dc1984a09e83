// What people and scripts see: aligned tables, blocks of fields, JSON, errors.
#ifndef LIMS_CLIENT_CORE_RENDER_H_
#define LIMS_CLIENT_CORE_RENDER_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lims::client {

// Columns that the text takes on a terminal: 2 for an East Asian wide character, 0 for a combining
// mark. Malformed bytes count 1 each.
std::size_t DisplayWidth(std::string_view utf8);

// The text on one line and without anything that a terminal would obey: control characters become
// blanks, malformed bytes '?'.
std::string Printable(std::string_view text);

// Columns of the terminal that standard output is; 0 when it is none.
std::size_t OutputWidth();

// Two blanks between columns, no lines, no blanks at the end of a row. Every row has as many cells
// as the header. Beyond `width` the widest columns are folded, at blanks and between wide
// characters; a table that cannot be folded so far is shown cell by cell, without the empty ones.
// One without rows says so. Width 0, of files and pipes, changes nothing.
std::string RenderTable(const std::vector<std::string>& header,
                        const std::vector<std::vector<std::string>>& rows,
                        std::size_t width = OutputWidth());

// The table below a blank line; nothing without rows.
std::string RenderSection(const std::vector<std::string>& header,
                          const std::vector<std::vector<std::string>>& rows);

// "PH, OSM": the text that `text_of` makes of each item. Empty texts before the first other one
// leave no comma.
template <typename Items, typename TextOf = std::identity>
std::string Joined(const Items& items, TextOf text_of = {}) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + text_of(item);
  return out;
}

// v1::EnumWord(), but the zero value as "".
std::string EnumName(const google::protobuf::EnumDescriptor& type, int number);
template <typename Enum>
std::string EnumName(Enum value) {
  return EnumName(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}
// The value of a name without prefix, in any case; false when there is none. Never the zero value.
bool ParseEnumName(const google::protobuf::EnumDescriptor& type, std::string_view name,
                   int* number);
template <typename Enum>
bool ParseEnumName(std::string_view name, Enum* value) {
  int number = 0;
  if (!ParseEnumName(*google::protobuf::GetEnumDescriptor<Enum>(), name, &number)) return false;
  *value = static_cast<Enum>(number);
  return true;
}
// "TECHNICIAN, REVIEWER, …", for messages; without the zero value and `except`.
std::string EnumNames(const google::protobuf::EnumDescriptor& type, int except = 0);

// Every field under its proto name, in order of number, enums without prefix, bytes as base64;
// messages that are not set are left out.
nlohmann::ordered_json ToJson(const google::protobuf::Message& message);

// The fields that are set, one per line as "name: value"; nested messages and the lines of a text
// that has several are indented.
std::string RenderMessage(const google::protobuf::Message& message);

// {error:{reason, message, violations:[{field, description}]}}
nlohmann::ordered_json ErrorJson(const Error& error);
// One line for the error and one for each violation.
std::string RenderError(const Error& error);

// Exit code of the program: 2 bad input, 3 refused, 4 no answer, 5 verification failed, 1 a fault
// of the program on either side.
int ExitCode(ErrorReason reason);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_RENDER_H_
