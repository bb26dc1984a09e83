// Documents that go with a command: scans, evidence.
#ifndef LIMS_CLIENT_CLI_ATTACH_H_
#define LIMS_CLIENT_CLI_ATTACH_H_

#include <string>

#include "core/client.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {

// Puts the file that `option` names into a request: a small one travels inside, a large one before.
Result<void> Attach(const std::string& option, const std::string& path, const Client& client,
                    v1::RawFileContent* content);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_ATTACH_H_
