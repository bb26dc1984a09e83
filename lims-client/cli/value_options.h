// Values that a person types: one by options, or a table of them.
#ifndef LIMS_CLIENT_CLI_VALUE_OPTIONS_H_
#define LIMS_CLIENT_CLI_VALUE_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.h"
#include "lims/v1/run.pb.h"

namespace lims::client {

struct ValueOptions {
  std::string value;
  std::string unit;
  std::string description;
  int replicate = 1;
  std::string input;
};

// --value, --unit, --description and --input; --replicate only where one of many may be typed.
void AddValueOptions(CLI::App* verb, ValueOptions* options, bool with_replicate);

// The value of `line`, or what the table holds. INVALID_ARGUMENT when both or none are given.
Result<google::protobuf::RepeatedPtrField<v1::TypedEntry>> EntriesOf(const ValueOptions& options,
                                                                     const std::string& line);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_VALUE_OPTIONS_H_
