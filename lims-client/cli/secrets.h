// Passwords and codes: typed without echo or read from a file, never an argument.
#ifndef LIMS_CLIENT_CLI_SECRETS_H_
#define LIMS_CLIENT_CLI_SECRETS_H_

#include <string>

#include "base/result.h"

namespace lims::client {

// Whether a person sits at a terminal who can be asked.
bool AtTerminal();

// From `file` when it is named, else asked with `prompt` and no echo. INVALID_ARGUMENT names
// `option` when there is neither file nor terminal.
Result<std::string> ReadSecret(const std::string& option, const std::string& file,
                               const std::string& prompt);

// A new password: asked twice, both must agree.
Result<std::string> ReadNewPassword(const std::string& file);

// Asks for "y"; everything else is no. Never asks without a terminal.
bool AskYes(const std::string& question);

// Makes a one-time code and keeps it in `file`, which must not exist or be empty.
Result<std::string> MakeCodeFile(const std::string& file);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_SECRETS_H_
