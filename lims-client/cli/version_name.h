// "M-PH" or "M-PH/2": a record with versions, and which of them.
#ifndef LIMS_CLIENT_CLI_VERSION_NAME_H_
#define LIMS_CLIENT_CLI_VERSION_NAME_H_

#include <cstdint>
#include <string>

#include "base/result.h"

namespace lims::client {

struct VersionName {
  std::string id;
  std::int32_t version = 0;  // 0 for the newest
};

Result<VersionName> ParseVersionName(const std::string& text);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_VERSION_NAME_H_
