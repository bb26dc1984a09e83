// A TLS connection under the test's own control, for what a gRPC client does not let one see.
#ifndef LIMS_TESTS_RPC_RAW_CONNECTION_H_
#define LIMS_TESTS_RPC_RAW_CONNECTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/site.h"

namespace lims::rpc {

// The version that a handshake of at most `highest_version` (TLS1_2_VERSION, …) agreed on; nullopt
// when the server refused it.
std::optional<int> Handshake(const client::TerminalIdentity& terminal, int port,
                             int highest_version);

// The settings that the server sends first on a new HTTP/2 connection, by their identifiers.
std::map<int, std::uint32_t> Http2Settings(const client::TerminalIdentity& terminal, int port);

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_RAW_CONNECTION_H_
