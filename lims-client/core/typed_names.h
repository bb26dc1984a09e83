// The fields that a refusal names, as a person types them: the API has entries[3].value, the
// command line has --input.
#ifndef LIMS_CLIENT_CORE_TYPED_NAMES_H_
#define LIMS_CLIENT_CORE_TYPED_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lims::client {

// What a command takes: an option, an argument, or a column of its table.
struct TypedOption {
  std::string name;                // "--setup", "LOT", "line"
  std::vector<std::string> texts;  // as they were given
  bool several = false;            // takes more than one text
};

// "--late-reason" for late_reason, "--setup image_kept" for the second of the setup values given,
// "--map, row 3, role" for positions[2].role; the field itself where no option is known to fill it.
std::string TypedName(const std::string& field, const std::vector<TypedOption>& options);

// The refusal with its fields named so.
Error WithTypedNames(Error error, const std::vector<TypedOption>& options);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_TYPED_NAMES_H_
